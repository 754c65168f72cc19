// A connection of an HTTP/1 server as long as it needs no guard: each of its answers was whole, and in the kernel, when
// its handler returned.
//
// 1. It is armed while a handler runs, and through busy keep-alive, so that a death of the process is a reset.
// 2. It gets its guard when a handler has returned and the answer is not whole, at every call that is not the runtime's
//    own ordinary end, and when somebody wants to hear of it. What is decided about it here is when to call one.
// 3. After its last answer the runtime ends it, as without us. Where the client may still send, the guard does, and
//    lingers: what arrived after a close would reset, and take an answer that the client has not read with it.
import type { Socket } from 'node:net'
import type { Descriptor, Live } from '../core/descriptor.js'
import { areEndingsHeard } from '../core/endings.js'
import type { Linked } from '../core/list.js'
import type { Looked } from '../core/looks.js'
import type { Ending } from '../core/played.js'
import { whenQuiet } from '../core/quiet.js'
import { type Answer, lacking, tooShort } from './body.js'
import type { Held, Lent, Past } from './host.js'
import type { Internals } from './stream.js'

/** Gives a connection its guard, with the answer that is under way and how many bytes were written before it. */
export type Accept = (socket: Socket, answer: Answer | undefined, writtenBefore: number) => boolean

const key = Symbol('finrst brief')

type Carrier = Socket & { [key]: Brief; _handle: unknown }

const classOf = (socket: Socket): Socket => Object.getPrototypeOf(socket) as Socket

// Properties of the socket, the same functions for all sockets (hooks.ts tells why). They stay when it has its guard,
// whose own lie over them.
const methods = {
  destroy(this: Carrier, error?: Error): Socket {
    if (this[key].takeUp()) return this.destroy(error)
    return Reflect.apply(classOf(this).destroy, this, [error]) as Socket
  },
  destroySoon(this: Carrier): void {
    const brief = this[key]
    if (brief.endsSoon()) brief.past ? close(this) : setImmediate(close, this)
    else if (brief.takeUp()) this.destroySoon()
    else Reflect.apply(classOf(this).destroySoon, this, [])
  },
  end(this: Carrier, ...values: []): Socket {
    if (this[key].takeUp()) return this.end(...values)
    return Reflect.apply(classOf(this).end, this, values) as Socket
  },
  resetAndDestroy(this: Carrier): Socket {
    if (this[key].takeUp()) return this.resetAndDestroy()
    return Reflect.apply(classOf(this).resetAndDestroy, this, []) as Socket
  },
  // Whoever sends a socket to another process takes its handle away, and then its clock.
  setTimeout(this: Carrier, ...values: Parameters<Socket['setTimeout']>): Socket {
    if (this._handle === null) this[key].handedOn()
    return Reflect.apply(classOf(this).setTimeout, this, values) as Socket
  },
}

// Behind all that this turn of the event loop has answered: to send the FINs one by one between the answers costs more.
// But at once where the runtime may close by itself before.
function close(socket: Carrier): void {
  if (socket[key].closes()) Reflect.apply(classOf(socket).destroy, socket, [])
  else if (socket[key].takeUp()) socket.destroySoon()
}

/** What the brief connections of one server share. */
export interface Shared {
  readonly accept: Accept
  /** The descriptor of one of them, for a call. */
  of(brief: Brief): Descriptor
  left(brief: Brief, ending: Ending | undefined): void
  /** Set where the runtime writes past its sockets. */
  readonly past: Past | undefined
}

/** One such connection. */
export class Brief implements Linked<Brief>, Looked {
  previous: Brief | undefined
  next: Brief | undefined
  /** Stops to watch whether it is sent to another process. */
  unwatch: (() => void) | undefined
  #armed = false
  /** Its handler is running. */
  #answer: Answer | undefined
  /** It was whole, and the runtime will end the connection. */
  #last: Answer | undefined
  #writtenBefore = 0
  #requests = 0
  /** How many there were at the last look, of a connection that waits to be disarmed. */
  #before: number | undefined
  #over = false
  readonly #socket: Socket
  readonly #shared: Shared

  constructor(
    socket: Socket,
    /** It tells the descriptor as long as that is open. */
    readonly handle: Live & Partial<Held> & Partial<Lent>,
    shared: Shared,
  ) {
    this.#socket = socket
    this.#shared = shared
    const it = socket as object as Record<keyof typeof methods, unknown> & { [key]: Brief }
    it[key] = this
    it.destroy = methods.destroy
    it.destroySoon = methods.destroySoon
    it.end = methods.end
    it.resetAndDestroy = methods.resetAndDestroy
    if (shared.past === undefined) it.setTimeout = methods.setTimeout
  }

  /** Whether the runtime writes past the socket: it may close by itself, and be told of no FIN but its own. */
  get past(): boolean {
    return this.#shared.past !== undefined
  }

  /** A request has come. Answers whether it goes on without a guard. */
  begin(answer: Answer): boolean {
    if (this.#over) return false
    const { past } = this.#shared
    // One that was not told yet, or one whose turn has not come.
    const waits = past === undefined ? this.#last !== undefined : !past.carries(this.#socket as Internals, answer)
    if (this.#answer !== undefined || waits || !this.#arm()) {
      this.takeUp()
      return false
    }
    if (past !== undefined) this.#writtenBefore = this.#socket.bytesWritten
    this.#last = undefined
    this.#answer = answer
    this.#requests += 1
    return true
  }

  /** The handler has returned. */
  handled(): void {
    const answer = this.#answer
    if (answer === undefined || this.#over) return
    const written = this.#socket.bytesWritten
    if (!this.#isWhole(answer, written)) return void this.takeUp()
    this.#writtenBefore = written
    this.#answer = undefined
    // Where the runtime may close by itself it must not be armed beyond the answer.
    if (this.past) this.#disarm()
    if (this.past || answer._last) this.#last = answer
    else if (this.#before === undefined) {
      this.#before = -1
      whenQuiet(this)
    }
  }

  /** Gives it its guard. Answers whether it had none. */
  takeUp(): boolean {
    if (this.#over) return false
    if (this.past && this.handle.closed === true) {
      this.#runtimeHasClosed()
      return false
    }
    this.unwatch?.()
    this.#leave()
    if (this.#shared.accept(this.#socket, this.#underWay, this.#writtenBefore)) return true
    this.#disarm()
    this.handle.rest?.()
    return true
  }

  /** Disarms it if no request came since the last look. */
  look(): void {
    const before = this.#before
    this.#before = undefined
    if (this.#over) return
    if (before === this.#requests) {
      this.#disarm()
      return this.handle.rest?.()
    }
    this.#before = this.#requests
    whenQuiet(this)
  }

  /** The process ends: what is whole ends with a FIN, and armed the rest is reset. */
  exit(): void {
    const { bytesWritten } = this.#socket
    if (this.#answer === undefined || this.#isWhole(this.#answer, bytesWritten)) this.#disarm()
  }

  // ---- What the runtime and the owner call --------------------------------------------------------------------------

  /** The last answer has finished. Answers whether nothing else is to be done but to close. */
  endsSoon(): boolean {
    const last = this.#last
    // It has finished, and nobody will tell so again.
    this.#last = undefined
    return !this.#over && last?.req.complete === true && this.#socket.listenerCount('finish') === 0
  }

  /** It is to be closed, and the kernel sends the FIN. Answers whether that is all. */
  closes(): boolean {
    if (this.#over || areEndingsHeard()) return false
    const left = this.#shared.of(this).left()
    if (left === undefined || left === 'bytes') return false
    this.#disarm()
    this.#leave(left === 'reset' ? 'reset' : 'closed')
    return true
  }

  /** It is another process's now. */
  handedOn(): void {
    if (this.#over) return
    this.#disarm()
    this.#leave('handed on')
  }

  // ---- Inside -------------------------------------------------------------------------------------------------------

  #leave(ending?: Ending): void {
    this.#over = true
    this.handle.leave?.()
    this.#shared.left(this, ending)
  }

  get #underWay(): Answer | undefined {
    const { past } = this.#shared
    const last = this.#last
    // Between two requests it has finished, and nobody will tell so again.
    const isTold = last !== undefined && past?.carries(this.#socket as Internals, last) === false
    return this.#answer ?? (isTold ? undefined : last)
  }

  // Behind the peer's FIN nothing was unread, and whole answers alone lie behind us: it was ended by a FIN.
  #runtimeHasClosed(): void {
    const { closedBy } = this.handle
    const isWhole = this.#answer === undefined
    this.#leave(closedBy === 'reset' ? 'reset' : closedBy === 'fin' && isWhole ? 'closed' : 'handed on')
  }

  // Ended by its handler, all of it in the kernel, and as long as its header has promised.
  #isWhole(answer: Answer, written: number): boolean {
    if (this.past) return answer.writableFinished && lacking(answer, written - this.#writtenBefore) === undefined
    if (!answer.writableEnded || answer.writableLength > 0) return false
    return tooShort(answer, written - this.#writtenBefore) === undefined
  }

  #arm(): boolean {
    this.#armed ||= this.#shared.of(this).setLinger(0) >= 0
    return this.#armed
  }

  #disarm(): void {
    if (this.#armed) this.#shared.of(this).setLinger(-1)
    this.#armed = false
  }
}

/** The brief connection that a socket is, or was before it got its guard. */
export function briefOf(socket: Socket | undefined): Brief | undefined {
  return (socket as Partial<Carrier> | undefined)?.[key]
}
