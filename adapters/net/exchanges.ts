// One HTTP/1 connection of a server: which answers are under way, and how the connection ends between two of them.
//
// 1. An answer begins with its request, and is whole when it has finished and the kernel has it. The connection is
//    complete while no answer is under way.
// 2. The server ends the connection when the client has half-closed, in the middle of an answer if need be: if all of
//    the answer is written already the end waits for it, otherwise the connection fails.
// 3. What the runtime answers to a request that it cannot read is an answer: the error after it does not destroy it.
// 4. A server that closes gives a kept-alive connection time to bring one more request, so that none meets our FIN.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { ConnectionGuard } from '../core/guard.js'
import type { Member } from '../core/server.js'
import { lacking, lengthOf, measure, tooShort } from './body.js'
import { places } from './places.js'

/** What the runtime keeps of an answer and its types leave out. */
interface Answer extends ServerResponse<IncomingMessage> {
  /** The connection ends with it. */
  readonly _last?: boolean
}

type Write = Socket['write']
type End = Socket['end']
type Destroy = Socket['destroy']

/** So few bytes find room in the kernel, unless the client does not read at all. */
const surelyTaken = 65_536

/** The answers of one guarded connection. */
export class Exchanges implements Member {
  readonly #answers: Answer[] = []
  /** Bytes that were written to the socket, and how many there were before the answer that is under way. */
  #written = 0
  #writtenBefore = 0
  #idleMs: number | undefined
  #idle: ReturnType<typeof setTimeout> | undefined
  #refused: { error: unknown; writtenBefore: number } | undefined
  #handedOver = false
  /** The runtime has ended the connection: the last answer is the last thing. */
  #ending = false
  readonly #write: Write
  readonly #end: End
  readonly #destroy: Destroy

  constructor(
    readonly guard: ConnectionGuard,
    readonly socket: Socket,
    /** The runtime writes past the socket: neither an answer nor a refusal of its own is seen there. */
    readonly past: boolean,
  ) {
    this.#write = socket.write
    this.#end = socket.end
    this.#destroy = socket.destroy
    socket.write = ((...values: Parameters<Write>) => {
      this.#written += lengthOf(values[0], values[1])
      return Reflect.apply(this.#write, socket, values)
    }) as Write
    socket.end = ((...values: Parameters<End>) => this.#ended(values)) as End
    // The runtime would destroy it when the FIN is out: what still comes would cost another socket, for the duplicate.
    socket.destroySoon = () => this.#destroyedSoon()
    socket.destroy = ((error?: Error) => this.#destroyed(error)) as Destroy
    // Nothing was asked yet, so nothing is missing.
    guard.completeMessage()
    void guard.verdict.then(() => this.#letGo())
  }

  /** A request has come. */
  begin(answer: Answer): void {
    if (this.#answers.includes(answer)) return
    clearTimeout(this.#idle)
    if (this.#answers.push(answer) === 1) this.guard.beginMessage()
    if (this.past) measure(answer)
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
    this.#letGo()
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
      if (this.#idleMs !== undefined) void this.guard.close()
    } else if (this.#ending) void this.guard.close()
    else if (this.#idleMs !== undefined && this.#answers.length === 0) this.#awaitOneMore(this.#idleMs)
  }

  #awaitOneMore(idleMs: number): void {
    clearTimeout(this.#idle)
    const before = this.socket.bytesRead
    // What lies in the kernel is read before setImmediate() calls: it may be the next request.
    this.#idle = setTimeout(() => setImmediate(() => this.#closeUnlessAsked(before)), idleMs)
  }

  #closeUnlessAsked(before: number): void {
    if (this.#answers.length > 0 || this.#handedOver) return
    // Half a request: its answer ends the connection, or the deadline does.
    if (this.socket.bytesRead === before || this.socket.destroyed) void this.guard.close()
  }

  // ---- What the runtime and the owner do ----------------------------------------------------------------------------

  /** An answer is in the kernel. */
  finished(answer: Answer): void {
    const at = this.#answers.indexOf(answer)
    if (at < 0) return
    // What was asked after the last answer is answered by nobody.
    this.#answers.splice(at, answer._last ? this.#answers.length : 1)
    const missing = this.past ? lacking(answer) : tooShort(answer, this.#written - this.#writtenBefore)
    this.#writtenBefore = this.#written
    if (missing !== undefined) void this.guard.fail(missing)
    else if (this.#answers.length === 0) this.guard.completeMessage()
  }

  #ended(values: Parameters<End>): Socket {
    // The runtime's own end, at the client's, comes after ours: it would only make an error that nobody sees.
    if ((values as unknown[]).length === 0 && this.socket.writableEnded) return this.socket
    const end = (): Socket => Reflect.apply(this.#end, this.socket, values) as Socket
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

  // Where the runtime writes past the socket it is told before the answer has finished.
  #destroyedSoon(): void {
    const missing = this.past ? this.#answers.map(lacking).find((error) => error !== undefined) : undefined
    if (missing === undefined) void this.guard.close()
    else void this.guard.fail(missing)
  }

  #destroyed(error: Error | null | undefined): Socket {
    const { socket } = this
    const refused = this.#refused
    const answered = refused !== undefined && (this.past || this.#written > refused.writtenBefore)
    if (answered && refused.error === error) {
      this.#refused = undefined
      this.#forgetAnswers()
      void this.guard.close()
      return socket
    }
    // Ended and in the kernel, an answer is whole, although nobody was told yet.
    if (this.#answers.every(({ writableEnded }) => writableEnded)) {
      const { writableLength } = socket
      if (writableLength === 0) this.#forgetAnswers()
      else if (!error && 'encrypted' in socket && writableLength <= surelyTaken) {
        // TLS is told late that the kernel has its bytes.
        void this.guard.close()
        return socket
      }
    }
    return Reflect.apply(this.#destroy, socket, [error ?? undefined]) as Socket
  }

  #forgetAnswers(): void {
    if (this.#answers.length === 0) return
    this.#answers.length = 0
    this.guard.completeMessage()
  }

  #letGo(): void {
    clearTimeout(this.#idle)
    const { socket } = this
    // The guard may have taken its own hook away before, which lies below ours.
    if (this.guard.over) Reflect.deleteProperty(socket, 'end')
    else socket.end = this.#end
    restore(socket, 'write', this.#write)
    restore(socket, 'destroy', this.#destroy)
    Reflect.deleteProperty(socket, 'destroySoon')
  }
}

function restore<Name extends 'write' | 'destroy'>(socket: Socket, name: Name, method: Socket[Name]): void {
  if (Object.getPrototypeOf(socket)[name] === method) Reflect.deleteProperty(socket, name)
  else socket[name] = method
}

function onFinish(this: Answer): void {
  // Not its own socket, in whose place Bun has put another by now.
  places.of(this.req.socket)?.exchanges?.finished(this)
}
