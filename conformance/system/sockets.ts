// The sockets of a system testee by their names, and what each verb of a row script does with them.
//
// 1. An answer is one word, or several joined by `+`: 0, the name of an errno, a number of bytes, `eof`, `nothing`.
// 2. Nothing here waits without a bound, but a close() that lingers: that wait is what its rows are about.
import { closeSync, openSync } from 'node:fs'
import { addressOf } from '../../adapters/core/address.js'
import { Calls, type Place } from './calls.js'
import { type Ends, listed } from './listing.js'
import { errorName, type Kind } from './numbers.js'
import { usualWaitMs } from './verbs.js'

/** What a call came to. */
export interface Answer {
  is: string
  /** Whether a line that keeps no result goes on. */
  good: boolean
  /** Where a new listener can be connected to. */
  place?: Place
  /** Whose network the other side is to join. */
  pid?: number
}

/** A request, as it came over the pipe. */
export interface Fields {
  do: string
  [field: string]: unknown
}

/** A name's socket; its ends are remembered, so that the kernel can be asked about it after its close. */
export interface Held {
  fd: number
  open: boolean
  ends?: Ends
}

export type Handler = (request: Fields) => Answer | Promise<Answer>

const chunkBytes = 65_536
const mostFilled = 64 * 1024 * 1024
const settleMs = 20
const sliceMs = 20

const pause = (ms: number): void => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}

/** An answer that is no failure. */
export const good = (is: string | number): Answer => ({ is: String(is), good: true })
/** 0 or the name of the errno. */
export const plain = (answer: number): Answer => (answer < 0 ? { is: errorName(-answer), good: false } : good(0))
/** A number, or the name of the errno. */
export const counted = (answer: number): Answer => (answer < 0 ? plain(answer) : good(answer))

/** How long a request may wait. */
export const within = (request: Fields): number => Number(request.within ?? usualWaitMs)
const name = (request: Fields, field: 'on' | 'as'): string => String(request[field])

/** The sockets of one process. */
export class Sockets {
  readonly calls = new Calls()
  #held = new Map<string, Held>()

  /** The verbs; other files add theirs. */
  readonly handlers: Record<string, Handler> = {
    socket: (request) => this.#socket(request),
    socketpair: (request) => this.#socketpair(request),
    listen: (request) => this.#listen(request),
    connect: (request) => this.#connect(request),
    accept: (request) => this.#accept(request),
    dup: (request) => this.adopt(name(request, 'as'), this.calls.libc.duplicate(this.fd(request)), this.held(request)),
    file: (request) => this.adopt(name(request, 'as'), openSync(process.execPath, 'r')),
    closed: (request) => this.#closed(request),
    shutdown: (request) => plain(this.calls.libc.shutdown(this.fd(request), Number(request.how))),
    linger: (request) => plain(this.#setLinger(this.fd(request), Number(request.onoff), Number(request.seconds))),
    'get-linger': (request) => this.#getLinger(this.fd(request)),
    send: (request) => this.#send(this.fd(request), Number(request.bytes)),
    fill: (request) => this.#fill(this.fd(request)),
    recv: (request) => this.#receive(request, false),
    peek: (request) => this.#receive(request, true),
    'read-all': (request) => this.#readAll(request),
    getpeername: (request) => plain(this.calls.libc.name(this.fd(request), 'getpeername', new Uint8Array(128))),
    nonblocking: (request) => plain(this.calls.setNonblocking(this.fd(request), true)),
    blocking: (request) => plain(this.calls.setNonblocking(this.fd(request), false)),
    'listen-again': (request) => this.#listenAgain(request),
    close: (request) => this.#close(request),
    disconnect: (request) => plain(this.calls.libc.disconnect(this.fd(request))),
    silence: (request) => plain(this.calls.silence(this.fd(request))),
    speak: (request) => plain(this.calls.speak(this.fd(request))),
    error: (request) => this.#error(this.fd(request)),
    state: (request) => good(this.#state(this.held(request))),
    listed: (request) => good(this.#listed(this.held(request).ends)),
    timer: (request) => this.#timer(this.held(request).ends),
    unacked: (request) => counted(this.#query(request, this.calls.numbers.platform.query?.number)),
    unsent: (request) => counted(this.#query(request, this.calls.numbers.platform.untransmittedRequest)),
    unread: (request) => counted(this.#query(request, this.calls.numbers.platform.unreadRequest)),
    poll: (request) => good(this.#poll(this.fd(request))),
    await: (request) => this.#await(request),
  }

  /** The socket that a request is about. */
  held(request: Fields): Held {
    const held = this.#held.get(name(request, 'on'))
    if (!held) throw new Error(`there is no descriptor "${name(request, 'on')}"`)
    return held
  }

  /** Its descriptor, which must be open. */
  fd(request: Fields): number {
    const held = this.held(request)
    if (!held.open) throw new Error(`the descriptor "${name(request, 'on')}" is closed`)
    return held.fd
  }

  /** Keeps a new descriptor under its name. One that could not be made is -1, as in C: every call on it fails. */
  adopt(as: string, fd: number, like?: Held): Answer {
    const before = this.#held.get(as)
    if (before?.open && before.fd >= 0) {
      if (fd < 0) return plain(fd)
      this.calls.libc.close(fd)
      throw new Error(`the descriptor "${as}" is still open`)
    }
    this.#held.set(as, { fd: Math.max(fd, -1), open: true, ...(fd >= 0 && like?.ends ? { ends: like.ends } : {}) })
    return fd < 0 ? plain(fd) : good(0)
  }

  /** Forgets every name, and closes what is open; a close that could wait aborts instead. */
  closeAll(): void {
    for (const { fd, open } of this.#held.values()) {
      if (!open || fd < 0) continue
      this.#setLinger(fd, 1, 0)
      this.calls.libc.close(fd)
    }
    this.#held.clear()
  }

  #socket(request: Fields): Answer {
    const kind = (request.kind ?? 'tcp') as Kind
    const fd = this.calls.socket(kind)
    const made = this.adopt(name(request, 'as'), fd)
    if (!made.good || request.bound === undefined) return made
    const place = this.calls.bindAnywhere(fd, kind)
    return typeof place === 'number' ? plain(place) : made
  }

  /** The number of a descriptor that was closed. Nothing else gets it: the runtime opens no files meanwhile. */
  #closed(request: Fields): Answer {
    const fd = openSync(process.execPath, 'r')
    closeSync(fd)
    return this.adopt(name(request, 'as'), fd)
  }

  #socketpair(request: Fields): Answer {
    const both = this.calls.socketpair((request.kind ?? 'unix') as Kind)
    if (typeof both === 'number') return plain(both)
    this.adopt('s', both[0])
    return this.adopt('t', both[1])
  }

  #listen(request: Fields): Answer {
    const kind = (request.kind ?? 'tcp') as Kind
    const fd = this.calls.socket(kind)
    const made = this.adopt(name(request, 'as'), fd)
    if (!made.good) return made
    const beside = request.beside === undefined ? undefined : this.held({ do: 'listen', on: request.beside })
    if (beside || request.shares) {
      const [level, option] = this.calls.numbers.options.SO_REUSEPORT
      const answer = this.calls.setInt(fd, level, option, 1)
      if (answer < 0) return plain(answer)
    }
    const place = this.#place(fd, kind, beside && this.#port(beside.fd, 'getsockname'))
    if (typeof place === 'number') return plain(place)
    return { ...plain(this.calls.listen(fd, Number(request.backlog ?? 16))), place }
  }

  /** Listens on a socket that was a listener before; the system may have given it another port. */
  #listenAgain(request: Fields): Answer {
    const fd = this.fd(request)
    const answer = plain(this.calls.listen(fd, Number(request.backlog ?? 16)))
    const port = this.#port(fd, 'getsockname')
    return answer.good && port !== undefined ? { ...answer, place: { kind: 'tcp', port } } : answer
  }

  #place(fd: number, kind: Kind, port?: number): Place | number {
    if (port !== undefined) return Math.min(this.calls.bindTo(fd, { kind, port }), 0) || { kind, port }
    const place = this.calls.bindAnywhere(fd, kind)
    if (typeof place === 'number' || place.path !== undefined) return place
    return { kind, port: this.#port(fd, 'getsockname') ?? 0 }
  }

  #port(fd: number, side: 'getsockname' | 'getpeername'): number | undefined {
    const address = addressOf(this.calls.libc, this.calls.numbers.system, fd, side)
    return typeof address === 'object' ? address.port : undefined
  }

  #remember(as: string, remote?: number): void {
    const held = this.#held.get(as)
    const local = held && this.#port(held.fd, 'getsockname')
    const other = remote ?? (held && this.#port(held.fd, 'getpeername'))
    if (held && local !== undefined && other !== undefined) held.ends = { local, remote: other }
  }

  /** Connects without blocking and waits with a bound, so that a silent listener does not hold us for minutes. */
  #connect(request: Fields): Answer {
    const as = name(request, 'as')
    const { how } = request
    const helper = how === 'refused' || how === 'silent' ? this.#nobody(how === 'silent') : undefined
    if (typeof helper === 'number') return plain(helper)
    const place = helper?.place ?? (request.to as Place)
    const fd = this.calls.socket((request.kind ?? place.kind) as Kind)
    const made = this.adopt(as, fd)
    if (!made.good) return made
    const silenced = how === 'deaf' ? this.calls.silence(fd) : 0
    if (silenced < 0) return plain(silenced)
    this.calls.setNonblocking(fd, true)
    let answer = this.calls.connect(fd, place)
    const pending = answer < 0 && errorName(-answer) === 'EINPROGRESS'
    const stays = how === 'silent' || how === 'deaf'
    if (pending && !stays) {
      this.calls.poll(fd, this.calls.numbers.poll.out ?? 0, within(request))
      answer = this.calls.connect(fd, place)
    }
    this.calls.setNonblocking(fd, false)
    this.#remember(as, place.port)
    if (helper && how === 'refused') this.calls.libc.close(helper.fd)
    if (helper && how === 'silent') this.adopt('silent', helper.fd)
    return pending && stays ? good('EINPROGRESS') : plain(answer)
  }

  /** A port where nobody listens, or somebody who never answers. It is held, so that nobody else gets it. */
  #nobody(silent: boolean): { fd: number; place: Place } | number {
    const fd = this.calls.socket('tcp')
    if (fd < 0) return fd
    const place = this.#place(fd, 'tcp')
    if (typeof place === 'number') return place
    if (silent) {
      const answer = Math.min(this.calls.silence(fd), this.calls.listen(fd, 1))
      if (answer < 0) return answer
    }
    return { fd, place }
  }

  #accept(request: Fields): Answer {
    const listener = this.fd(request)
    const seen = this.calls.poll(listener, this.calls.numbers.poll.in ?? 0, within(request))
    if (seen === 0) return { is: 'nothing', good: false }
    const made = this.adopt(name(request, 'as'), this.calls.accept(listener))
    if (made.good) this.#remember(name(request, 'as'))
    return made
  }

  #close(request: Fields): Answer {
    const fd = this.fd(request)
    this.held(request).open = false
    return plain(this.calls.libc.close(fd))
  }

  #setLinger(fd: number, onoff: number, seconds: number): number {
    const value = new Uint8Array(Int32Array.of(onoff, seconds).buffer)
    return this.calls.libc.setsockopt(fd, this.calls.numbers.socketLevel, this.calls.numbers.lingerOption, value)
  }

  #getLinger(fd: number): Answer {
    const value = new Int32Array(2)
    const { socketLevel, lingerOption } = this.calls.numbers
    const answer = this.calls.libc.getsockopt(fd, socketLevel, lingerOption, new Uint8Array(value.buffer))
    return answer < 0 ? plain(answer) : good(value.join(','))
  }

  #send(fd: number, bytes: number): Answer {
    const answer = this.calls.send(fd, new Uint8Array(bytes))
    return { ...counted(answer), good: answer === bytes }
  }

  /** Sends until the kernel takes no more, not even a moment later. */
  #fill(fd: number): Answer {
    const bytes = new Uint8Array(chunkBytes)
    let sent = 0
    let full = false
    while (sent < mostFilled) {
      const answer = this.calls.send(fd, bytes)
      if (answer >= 0) {
        sent += answer
        full = false
      } else if (errorName(-answer) !== 'EAGAIN') {
        return plain(answer)
      } else if (full) {
        return good(sent)
      } else {
        full = true
        pause(settleMs)
      }
    }
    throw new Error(`the kernel took ${sent} bytes and was still not full`)
  }

  /** One recv() that finds something: bytes, the end or an error; `nothing` if none comes in time. */
  #receiveOnce(fd: number, size: number, peek: boolean, end: number): number | 'nothing' {
    const bytes = new Uint8Array(size)
    for (;;) {
      const answer = this.calls.recv(fd, bytes, peek)
      if (answer >= 0 || errorName(-answer) !== 'EAGAIN') return answer
      const left = Math.ceil(end - performance.now())
      if (left <= 0) return 'nothing'
      if (this.calls.poll(fd, this.calls.numbers.poll.in ?? 0, Math.min(left, sliceMs)) !== 0) pause(1)
    }
  }

  #receive(request: Fields, peek: boolean): Answer {
    const end = performance.now() + within(request)
    const got = this.#receiveOnce(this.fd(request), Number(request.bytes ?? chunkBytes), peek, end)
    if (got === 'nothing') return { is: got, good: false }
    return got === 0 ? { is: 'eof', good: false } : counted(got)
  }

  /** Reads to the end: how many bytes, and what came then. */
  #readAll(request: Fields): Answer {
    const fd = this.fd(request)
    const end = performance.now() + within(request)
    let bytes = 0
    for (;;) {
      const got = this.#receiveOnce(fd, chunkBytes, false, end)
      if (typeof got === 'number' && got > 0) {
        bytes += got
        continue
      }
      const last = got === 0 ? 'eof' : got === 'nothing' ? got : errorName(-got)
      return { is: bytes > 0 ? `${bytes}+${last}` : last, good: got === 0 }
    }
  }

  #error(fd: number): Answer {
    const value = new Int32Array(1)
    const { socketLevel, platform } = this.calls.numbers
    const answer = this.calls.libc.getsockopt(fd, socketLevel, platform.errorOption, new Uint8Array(value.buffer))
    return answer < 0 ? plain(answer) : plain(-(value[0] ?? 0))
  }

  #query(request: Fields, number: number | undefined): number {
    if (number === undefined) throw new Error(`this system cannot be asked for ${request.do}`)
    return this.calls.libc.ioctl(this.fd(request), number)
  }

  #poll(fd: number): string {
    const { poll } = this.calls.numbers
    const all = Object.values(poll).reduce((sum, bit) => sum | bit, 0)
    const seen = this.calls.poll(fd, all, 0)
    if (seen < 0) return errorName(-seen)
    const words = Object.keys(poll).filter((word) => (seen & (poll[word] ?? 0)) !== 0)
    return words.length > 0 ? words.join('+') : 'nothing'
  }

  /** The state of the connection; after the close of its descriptor as the kernel lists it, or `gone`. */
  #state({ fd, open, ends }: Held): string {
    const { level, option, states } = this.calls.numbers.info
    if (!open) return this.#listed(ends)
    const value = new Uint8Array(1)
    const answer = this.calls.libc.getsockopt(fd, level, option, value)
    return answer < 0 ? errorName(-answer) : (states[(value[0] ?? 0) - 1] ?? `state-${value[0]}`)
  }

  /** The state that the kernel lists, whoever has a descriptor of it. */
  #listed(ends: Ends | undefined): string {
    const line = ends && listed(ends)
    return (line && this.calls.numbers.info.states[line.state - 1]) ?? 'gone'
  }

  /** The milliseconds until the kernel's timer of the connection runs out. */
  #timer(ends: Ends | undefined): Answer {
    const ms = ends && listed(ends)?.timerMs
    return ms === undefined ? { is: 'nothing', good: false } : good(ms)
  }

  /** Asks again and again until the answer is the one that was asked for, or has it among its words. */
  async #await(request: Fields): Promise<Answer> {
    const end = performance.now() + within(request)
    const ask = this.handlers[String(request.query)]
    if (!ask) throw new Error(`"${String(request.query)}" cannot be asked`)
    for (;;) {
      const { is } = await ask({ ...request, do: String(request.query) })
      if (is.split('+').includes(String(request.until))) return good(is)
      if (performance.now() >= end) return { is, good: false }
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
  }
}
