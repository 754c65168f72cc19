// The peer's side of each ending: plain sockets that ask, do their part, compare what they read, and see how it ends.
//
// 1. An end of file is believed only after asking the kernel: some versions of libuv take a reset for one.
// 2. A visit that has not ended in its time is told as open, and its socket goes.
import net from 'node:net'
import tls from 'node:tls'
import { answer, Comparison, type Ending, type Request, restBytes } from './endings.js'
import { hiddenReset } from '../support/descriptors.js'
import { shrinkReceiveBuffer } from '../support/receive-buffer.js'

/** Where the guarded program is, and what is asked of it. */
export interface Visit extends Request {
  host: string
  port: number
  secure: boolean
  /** Takes 64 KiB at a time, in small steps. */
  slow?: boolean
  /** Reads nothing until it is told to. */
  paused?: boolean
  /** Stops reading when it has so many bytes, until it is told to go on. */
  stopsAt?: number
  /** Writes now and then when nothing comes any more, so that it meets a reset that was lost on its way. */
  probes?: boolean
  /** Asks only when it is told to. */
  asksLater?: boolean
  /** Does not end its side when the program has. */
  keeps?: boolean
  /** Milliseconds. */
  deadline: number
}

/** What became of a visit. `left`: the peer has reset it itself. */
export interface Sight {
  id: number
  saw: 'eof' | 'reset' | 'left' | 'refused' | 'open'
  bytes: number
  /** All bytes were those of the answer. */
  same: boolean
  error?: string
}

/** What a peer does beyond reading, from the moment at which it is connected. */
const parts: Partial<Record<Ending, (socket: net.Socket, visitor: Visitor) => void>> = {
  'half-closed': (socket) => void socket.end(),
  finalised: (socket) => void socket.end(answer(restBytes)),
  // As soon as all of it is there: nothing else says that the program waits.
  idle: (socket, visitor) => visitor.onceRead(visitor.visit.bytes, () => socket.end()),
  'peer-resets': (_, visitor) => visitor.onceRead(1, () => visitor.leave()),
  late: (socket, visitor) => visitor.probe(socket, 0),
}

const probeMs = 20
/** Whoever sends to a program that has gone is reset: an end of file that is still under way must come first. */
const quietMs = 2000

/** One connection of the peer. */
export class Visitor {
  readonly seen: Promise<Sight>
  readonly visit: Visit
  readonly #socket: net.Socket
  readonly #read = new Comparison()
  #settle: (saw: Sight['saw'], error?: Error) => void = () => undefined
  #connected = false
  #asked = false
  #heardAt = performance.now()
  #waits: { bytes: number; then: () => void }[] = []

  constructor(visit: Visit) {
    this.visit = visit
    const { host, port, secure } = visit
    this.seen = new Promise((resolve) => {
      this.#settle = (saw, error) => {
        clearTimeout(timer)
        const { bytes, same } = this.#read
        resolve({ id: visit.id, saw, bytes, same, ...(error === undefined ? {} : { error: error.message }) })
      }
    })
    const timer = setTimeout(() => {
      this.#settle('open')
      this.#socket.destroy()
    }, visit.deadline)
    const to = { host, port, allowHalfOpen: true }
    const socket = secure ? tls.connect({ ...to, rejectUnauthorized: false }) : net.connect(to)
    this.#socket = socket
    if (visit.paused || visit.ending === 'late') socket.pause()
    socket.once(secure ? 'secureConnect' : 'connect', () => {
      this.#connected = true
      if (!visit.asksLater) this.#ask()
      this.#look()
    })
    socket.on('data', (chunk: Buffer) => this.#take(chunk))
    socket.on('end', () => {
      this.#settle(hiddenReset(socket) ? 'reset' : 'eof')
      if (!visit.keeps) socket.end()
    })
    socket.on('error', (error) => {
      this.#settle(this.#connected ? 'reset' : 'refused', error)
      socket.destroy()
    })
    if (visit.ending === 'late') socket.on('close', () => this.#settle('reset'))
  }

  #ask(): void {
    this.#asked = true
    if (this.visit.slow) shrinkReceiveBuffer(this.#socket)
    const { ending, bytes, id, within } = this.visit
    this.#socket.write(`${JSON.stringify({ ending, bytes, id, within } satisfies Request)}\n`)
    parts[ending]?.(this.#socket, this)
    if (this.visit.probes) this.probe(this.#socket, quietMs)
    const { stopsAt } = this.visit
    if (stopsAt !== undefined) this.onceRead(stopsAt, () => this.#socket.pause())
  }

  #take(chunk: Buffer): void {
    this.#heardAt = performance.now()
    this.#read.take(chunk)
    this.#look()
    if (!this.visit.slow) return
    // Whoever has stopped goes on when told to.
    if (this.#socket.isPaused()) return
    this.#socket.pause()
    setTimeout(() => this.#socket.resume(), 1)
  }

  #look(): void {
    this.#waits = this.#waits.filter(({ bytes, then }) => {
      if (!this.#connected || this.#read.bytes < bytes) return true
      then()
      return false
    })
  }

  /** Calls back when it is connected and so many bytes have been read. */
  onceRead(bytes: number, then: () => void): void {
    this.#waits.push({ bytes, then })
    this.#look()
  }

  /** Whoever does not read, or whom a reset has missed, learns of it only by writing. */
  probe(socket: net.Socket, quiet: number): void {
    const timer = setInterval(() => {
      if (performance.now() - this.#heardAt >= quiet) socket.write('?')
    }, probeMs)
    socket.once('close', () => clearInterval(timer))
  }

  /** Resets its own connection. */
  leave(): void {
    this.#settle('left')
    this.#socket.resetAndDestroy()
  }

  /** Goes on with what it has been waiting for. */
  resume(): void {
    if (!this.#asked) this.#ask()
    this.#socket.resume()
  }

  /** How much it has read so far. */
  get bytes(): number {
    return this.#read.bytes
  }
}
