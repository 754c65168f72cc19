// One HTTP/1 connection of a server: which answers are under way, and how the connection ends between two of them.
//
// 1. An answer begins with its request, and is whole when it has finished and the kernel has it. The connection is
//    complete while no answer is under way.
// 2. The server ends the connection when the client has half-closed, in the middle of an answer if need be: if all of
//    the answer is written already the end waits for it, otherwise the connection fails.
// 3. What the runtime answers to a request that it cannot read is an answer: the error after it does not destroy it.
// 4. A server that closes gives a kept-alive connection time to bring one more request, so that none meets our FIN.
import type { Socket } from 'node:net'
import type { ConnectionGuard } from '../core/guard.js'
import type { Member } from '../core/server.js'
import { type Answer, lacking, measure, tooShort } from './body.js'
import { places } from './places.js'

type End = Socket['end']
type Destroy = Socket['destroy']

const key = Symbol('finrst exchanges')

type Carrier = Socket & { [key]: Exchanges }

// Properties of the socket, the same functions for all sockets (hooks.ts tells why). They stay when it is over.
const methods = {
  end(this: Carrier, ...values: Parameters<End>): Socket {
    return this[key].ended(values)
  },
  // The runtime would destroy it when the FIN is out: what still comes would cost another socket, for the duplicate.
  destroySoon(this: Carrier): void {
    this[key].destroySoon()
  },
  destroy(this: Carrier, error?: Error): Socket {
    return this[key].destroyed(error)
  },
}

/** So few bytes find room in the kernel, unless the client does not read at all. */
const surelyTaken = 65_536

/** The answers of one guarded connection. */
export class Exchanges implements Member {
  readonly #answers: Answer[] = []
  /** How many bytes were written to the socket before the answer that is under way. */
  #writtenBefore: number
  #idleMs: number | undefined
  #idle: ReturnType<typeof setTimeout> | undefined
  #refused: { error: unknown; writtenBefore: number } | undefined
  #handedOver = false
  /** The runtime has ended the connection: the last answer is the last thing. */
  #ending = false
  readonly #end: End
  readonly #destroy: Destroy

  constructor(
    readonly guard: ConnectionGuard,
    readonly socket: Socket,
    /** The runtime writes past the socket: neither an answer nor a refusal of its own is seen there. */
    readonly past: boolean,
    writtenBefore: number = socket.bytesWritten,
  ) {
    this.#end = socket.end
    this.#destroy = socket.destroy
    const it = socket as Carrier
    it[key] = this
    it.end = methods.end as Carrier['end']
    it.destroySoon = methods.destroySoon
    it.destroy = methods.destroy as Carrier['destroy']
    this.#writtenBefore = writtenBefore
    // Nothing was asked yet, so nothing is missing.
    guard.restAfterMessage()
  }

  /** Of the socket, by whatever it was written. */
  get #written(): number {
    return this.socket.bytesWritten
  }

  /** A request has come, to which so much of an answer was written already. */
  begin(answer: Answer, written = 0): void {
    if (this.#answers.includes(answer)) return
    clearTimeout(this.#idle)
    if (this.#answers.push(answer) === 1) this.guard.beginMessage()
    if (this.past) measure(answer, written)
    // Before the runtime's own listener, which may end the connection.
    answer.prependListener('finish', onFinish)
    if (this.#idleMs !== undefined) answer.shouldKeepAlive = false
  }

  /** The handler of a request has failed. An answer that was ended is whole all the same. */
  failed(error: unknown, answer: Answer | undefined): void {
    if (answer?.writableEnded !== true) void this.guard.fail(error)
  }

  /** Another protocol goes on: an upgrade, or a tunnel. */
  handOver(): void {
    this.#handedOver = true
    clearTimeout(this.#idle)
    this.guard.forgetMessages()
  }

  /** The runtime cannot read what the client sends, and may say so. */
  refused(error: unknown): void {
    this.#refused = { error, writtenBefore: this.#written }
  }

  // ---- The server closes --------------------------------------------------------------------------------------------

  finish(idleMs: number): void {
    if (this.#handedOver) return
    this.#idleMs = idleMs
    for (const answer of this.#answers) if (!answer.headersSent) answer.shouldKeepAlive = false
    if (this.#answers.length === 0) this.#awaitOneMore(idleMs)
  }

  completed(): void {
    if (this.#handedOver) {
      if (this.#idleMs !== undefined) this.guard.closeUnawaited()
    } else if (this.#ending) this.guard.closeUnawaited()
    else if (this.#idleMs !== undefined && this.#answers.length === 0) this.#awaitOneMore(this.#idleMs)
  }

  #awaitOneMore(idleMs: number): void {
    clearTimeout(this.#idle)
    const before = this.socket.bytesRead
    // What lies in the kernel is read before setImmediate() calls: it may be the next request. The clock of close()
    // keeps the process alive, and this one goes on when the connection has ended before.
    this.#idle = setTimeout(() => setImmediate(() => this.#closeUnlessAsked(before)), idleMs).unref()
  }

  #closeUnlessAsked(before: number): void {
    if (this.#answers.length > 0 || this.#handedOver) return
    // Half a request: its answer ends the connection, or the deadline does.
    if (this.socket.bytesRead === before || this.socket.destroyed) this.guard.closeUnawaited()
  }

  // ---- What the runtime and the owner do ----------------------------------------------------------------------------

  /** An answer is in the kernel. */
  finished(answer: Answer): void {
    const at = this.#answers.indexOf(answer)
    if (at < 0) return
    // What was asked after the last answer is answered by nobody.
    this.#answers.splice(at, answer._last ? this.#answers.length : 1)
    const written = this.#written
    const missing = this.past ? lacking(answer) : tooShort(answer, written - this.#writtenBefore)
    this.#writtenBefore = written
    if (missing !== undefined) void this.guard.fail(missing)
    else if (this.#answers.length === 0) this.guard.restAfterMessage()
  }

  /** `end()` of the socket. */
  ended(values: Parameters<End>): Socket {
    // The runtime's own end, at the client's, comes after ours: it would only make an error that nobody sees.
    if ((values as unknown[]).length === 0 && this.socket.writableEnded) return this.socket
    const end = (): Socket => Reflect.apply(this.#end, this.socket, values) as Socket
    if (this.#isOver) return end()
    if (this.#answers.length === 0) return end()
    // The owner's own answer to a request that cannot be read.
    if (this.#refused !== undefined && !this.#answers.some(({ headersSent }) => headersSent)) {
      this.#forgetAnswers()
      return end()
    }
    if (this.#answers.every(({ writableEnded }) => writableEnded)) this.#ending = true
    else void this.guard.fail(new Error('finrst: the connection was ended in the middle of an answer'))
    return this.socket
  }

  /** `destroySoon()` of the socket. Where the runtime writes past it, it is called before the answer has finished. */
  destroySoon(): void {
    if (this.#isOver) {
      Reflect.apply((Object.getPrototypeOf(this.socket) as Socket).destroySoon, this.socket, [])
      return
    }
    const missing = this.past
      ? this.#answers.map((answer) => lacking(answer)).find((error) => error !== undefined)
      : undefined
    if (missing === undefined) this.guard.closeUnawaited()
    else void this.guard.fail(missing)
  }

  /** `destroy()` of the socket. */
  destroyed(error: Error | null | undefined): Socket {
    const { socket } = this
    if (this.#isOver) return Reflect.apply(this.#destroy, socket, [error ?? undefined]) as Socket
    const refused = this.#refused
    // What is asked behind the last answer cannot be read either.
    const answered = refused !== undefined && (this.past || this.#written > refused.writtenBefore || this.#isWhole)
    if (answered && refused.error === error) {
      this.#refused = undefined
      this.#forgetAnswers()
      this.guard.closeUnawaited()
      return socket
    }
    // Ended and in the kernel, an answer is whole, although nobody was told yet.
    if (this.#answers.every(({ writableEnded }) => writableEnded)) {
      const { writableLength } = socket
      if (writableLength === 0) this.#forgetAnswers()
      else if (!error && 'encrypted' in socket && writableLength <= surelyTaken) {
        // TLS is told late that the kernel has its bytes.
        this.guard.closeUnawaited()
        return socket
      }
    }
    return Reflect.apply(this.#destroy, socket, [error ?? undefined]) as Socket
  }

  // There are answers, and all of them are in the kernel.
  get #isWhole(): boolean {
    const ended = this.#answers.length > 0 && this.#answers.every(({ writableEnded }) => writableEnded)
    return ended && this.socket.writableLength === 0
  }

  #forgetAnswers(): void {
    if (this.#answers.length === 0) return
    this.#answers.length = 0
    this.guard.restAfterMessage()
  }

  /** Another protocol goes on, or nothing does. */
  get #isOver(): boolean {
    return this.#handedOver || this.guard.over
  }
}

function onFinish(this: Answer): void {
  // Not its own socket, in whose place Bun has put another by now.
  places.of(this.req.socket)?.exchanges?.finished(this)
}
