// One net.Socket as the engine sees it: its events in, the engine's steps as calls on the runtime and the kernel.
//
// 1. Every call goes through a descriptor that is surely this connection: our own close-on-exec duplicate, or the one
//    that a live handle of the runtime tells at that moment. Before the runtime closes its own ours is taken, if the
//    connection has not ended by then.
// 2. The hooks are the methods that Node documents for stream implementers, and Deno and Bun follow: `_final` runs when
//    everything written is in the kernel and before the FIN, `_destroy` when the runtime lets go, `push` when bytes
//    arrive.
// 3. The runtime's own reset is asked for only where no system call can be made, and never with a shutdown pending:
//    Node then leaks the descriptor for ever.
// 4. Where a descriptor is at hand the FIN is our own shutdown(2): it tells at once what became of it, and the runtime
//    would take ENOTCONN for success. With TLS the runtime's goes first: it sends close_notify.
import type { Socket } from 'node:net'
import {
  ERROR_BROKEN_PIPE,
  ERROR_NONE,
  ERROR_RESET,
  EVENT_DATA,
  EVENT_DROPPED,
  EVENT_FIN_SENT,
  EVENT_FINISH_SENDING,
  EVENT_FLUSHED,
  EVENT_OS_ERROR,
  EVENT_PEER_FIN,
  EVENT_PEER_RESET,
  EVENT_RUNTIME_CLOSED,
  EVENT_ABORT,
  FLAG_FIN_OUT,
  FLAG_PEER_FIN,
  PHASE_CLOSING,
  PHASE_FINISHING,
  PHASE_MASK,
  PHASE_OPEN,
  RESULT_DONE,
  RESULT_PENDING,
  STEP_DISCARD,
  STEP_DRAIN,
  STEP_FLUSH,
  STEP_HOLD,
  STEP_RELEASE,
  STEP_RESET,
} from '../../assembly/abi.js'
import type { Descriptor } from '../core/descriptor.js'
import { isExiting } from '../core/exit.js'
import { ConnectionGuard } from '../core/guard.js'
import type { ParsedPolicy } from '../core/policy.js'
import { notSupported, type Wire } from '../core/wire.js'
import { callHooked, type Done, hearClose, hook, type Hooked, ignoreEnd } from './hooks.js'
import type { NetHost } from './host.js'
import { Inflow } from './inflow.js'
import { SocketTruth } from './truth.js'
import { bypassed, brokenBeforeFin, eventOf, resetError } from './stream.js'

/** The wire of one guarded net.Socket. */
export class SocketWire extends SocketTruth implements Wire, Hooked {
  readonly guard: ConnectionGuard
  #closed = false
  #finishing = false
  /** Our FIN is out, and the engine does not know yet. */
  #finUntold = false
  #endArguments: unknown[] | undefined
  #inflow: Inflow | undefined
  #awaited = false
  #unwatch: (() => void) | undefined
  #done: Done | undefined

  constructor(socket: Socket, host: NetHost, descriptor: Descriptor | undefined, policy: ParsedPolicy) {
    super(socket, host, descriptor)
    this.guard = new ConnectionGuard(this, policy)
  }

  // ---- The runtime's events, as the engine's ------------------------------------------------------------------------

  /** Puts the hooks in place and opens the guard. Everything that can refuse the socket has happened before. */
  attach(): void {
    const { guard } = this
    const socket = this.socket
    // Whether the peer's FIN ends our side is the policy's to decide, not the runtime's.
    socket.allowHalfOpen = true
    hook(socket, this)
    if (this.descriptor?.isLive !== true) hearClose(socket)
    this.#unwatch = this.host.whenSent?.(socket, () => socket.destroyed || this.#sent())
    guard.open()
    if (this.descriptor?.peerWasGone) guard.emit(EVENT_PEER_RESET)
    else if (socket.readableEnded) {
      if (this.host.tls !== undefined) guard.truncated()
      guard.emit(EVENT_PEER_FIN)
    }
  }

  // It is another process's now.
  #sent(): void {
    if (!this.leaving) this.guard.letGo()
  }

  handleGone(): void {
    if (this.host.whenSent === undefined) this.#sent()
  }

  get #phase(): number {
    return this.guard.state & PHASE_MASK
  }

  // The runtime takes a reset that arrives together with data for end of file: the kernel tells them apart.
  ended(): void {
    if (this.guard.over) return
    this.#tellFin()
    const error = this.#errorAtEnd()
    if (error === ERROR_RESET || error === ERROR_BROKEN_PIPE) {
      // A broken pipe is a reset that came after the peer's FIN.
      if (error === ERROR_BROKEN_PIPE) this.guard.emit(EVENT_PEER_FIN)
      this.guard.seen(resetError())
      // The runtime believes in an end of file and waits for ours: nobody else would let go of the socket.
      process.nextTick(() => this.socket.destroy())
      return this.guard.emit(EVENT_PEER_RESET)
    }
    // The runtime would end our side only after the listeners of 'end' have run: they may still write an answer.
    if (this.#phase !== PHASE_OPEN) return this.guard.emit(EVENT_PEER_FIN)
    process.nextTick(() => this.guard.emit(EVENT_PEER_FIN))
  }

  #errorAtEnd(): number {
    const finOut = (this.guard.state & FLAG_FIN_OUT) !== 0
    if (!finOut && this.descriptor?.peerHasFinished()) return ERROR_NONE
    const error = this.descriptor?.pendingError() ?? (this.host.hidesReset(this.socket) ? ERROR_RESET : ERROR_NONE)
    return !finOut && this.bye.lostPeer() ? ERROR_RESET : error
  }

  closed(): void {
    this.leaving = true
    this.#closed = true
    this.guard.emit(EVENT_RUNTIME_CLOSED)
  }

  end(values: unknown[]): Socket {
    this.#endArguments = values
    this.guard.emit(EVENT_FINISH_SENDING)
    // Nothing was flushed: it is under way, or over. What the call means then is the runtime's to say.
    if (this.#endArguments === values) callHooked(this.socket, 'end', ...values)
    this.#endArguments = undefined
    return this.socket
  }

  resetAndDestroy(): Socket {
    this.guard.emit(EVENT_ABORT)
    if (!this.socket.destroyed) this.socket.destroy()
    return this.socket
  }

  final(done: Done): void {
    // Somebody ended the stream without our end(): it is a declaration all the same.
    if (this.#phase === PHASE_OPEN) this.guard.emit(EVENT_FINISH_SENDING)
    this.#done = done
    if (this.host.tls === undefined) return this.#flushed(done)
    this.bye.flush((error) => (error ? done(error) : this.#flushed(done)))
  }

  // Without a FIN from the engine there is nothing to wait for.
  #flushed(done: Done): void {
    this.guard.emit(EVENT_FLUSHED, 0, () => {
      if (!this.#finishing) done()
    })
  }

  // The FIN by our own call.
  #shutdownHere(descriptor: Descriptor, how: number): number {
    const result = descriptor.shutdown(how)
    if (result < 0) {
      const broken = brokenBeforeFin(descriptor)
      if (broken === undefined) return result
      this.#finishing = true
      this.guard.seen(broken)
      this.guard.emit(EVENT_PEER_RESET, 0, () => this.#done?.(broken))
      return RESULT_PENDING
    }
    this.#finishing = true
    // As late as the runtime's own would be over: a program is to see the same, and what follows would get in its way.
    setImmediate(() => {
      this.#tellFin()
      this.#done?.()
    })
    const awaits = this.#phase !== PHASE_FINISHING || (this.guard.state & FLAG_PEER_FIN) !== 0
    if (!awaits) return RESULT_DONE
    this.#finUntold = true
    return RESULT_PENDING
  }

  #tellFin(): void {
    if (this.#finUntold) this.guard.emit(EVENT_FIN_SENT)
    this.#finUntold = false
  }

  // The engine's FIN: the runtime's own shutdown, whose completion the stream is waiting for.
  #shutdownByRuntime(): number {
    this.#finishing = true
    this.bye.whenOver((error) => {
      const broken = error ? undefined : this.bye.lost ? resetError() : brokenBeforeFin(this.descriptor)
      if (broken !== undefined) this.guard.seen(broken)
      const closing = this.#phase === PHASE_CLOSING
      if (!error) this.guard.emit(broken === undefined ? EVENT_FIN_SENT : EVENT_PEER_RESET)
      // A peer that has closed answers close_notify with a reset, which is ordinary: only the verdict tells it.
      this.#done?.(error ?? (this.host.tls ? undefined : broken))
      // But then a runtime that nobody lets read does not learn that there is no connection any more.
      if (broken !== undefined && closing) process.nextTick(() => this.socket.destroy())
    })
    return RESULT_PENDING
  }

  destroy(error: Error | null, done: Done): void {
    if (this.socket._handle === null) this.handleGone()
    this.#tellFin()
    this.leaving = true
    if (error) this.guard.seen(error)
    const unread = this.socket.readableLength > 0
    this.guard.emit(error ? eventOf(error, this.descriptor) : EVENT_DROPPED)
    // What the runtime has read and nobody took goes with the stream.
    if (unread) this.guard.emit(EVENT_DATA)
    this.#hold()
    callHooked(this.socket, '_destroy', error, done)
  }

  // The runtime closes its descriptor now: what the connection still needs goes on through ours.
  #hold(): void {
    if (this.guard.over || this.descriptor?.isLive !== true) return
    hearClose(this.socket)
    const error = this.descriptor.hold()
    if (error === undefined) return
    this.guard.seen(error)
    this.guard.emit(EVENT_OS_ERROR)
  }

  push(chunk: Uint8Array | null): boolean {
    // Bun tells an end also of what it closes itself: that one says nothing of the peer.
    if (chunk === null && this.leaving) ignoreEnd(this.socket)
    else if (chunk === null && this.host.tls?.notified(this.socket) === false) this.guard.truncated()
    const push = (): boolean => callHooked(this.socket, 'push', chunk) as boolean
    if (chunk === null || this.#inflow === undefined || this.guard.over) return push()
    return this.#inflow.take(chunk, push)
  }

  // ---- The engine's steps -------------------------------------------------------------------------------------------

  setsockopt(level: number, option: number, value: Uint8Array): number {
    return this.descriptor?.setsockopt(level, option, value) ?? notSupported
  }

  getsockopt(level: number, option: number, value: Uint8Array): number {
    return this.descriptor?.getsockopt(level, option, value) ?? notSupported
  }

  shutdown(how: number): number {
    const descriptor = this.descriptor
    if (this.leaving || isExiting()) {
      // Where close_notify finds no way, every byte is in the kernel all the same, and a FIN is better than a reset.
      this.bye.sayNow()
      return descriptor?.shutdown(how) ?? RESULT_PENDING
    }
    const past = this.host.tls !== undefined || this.socket[bypassed] === true
    return descriptor?.isLive && !past ? this.#shutdownHere(descriptor, how) : this.#shutdownByRuntime()
  }

  disconnect(): number {
    return this.descriptor?.disconnect() ?? notSupported
  }

  close(): number {
    this.#inflow?.stop()
    return this.descriptor?.close() ?? RESULT_DONE
  }

  request(step: number): number {
    switch (step) {
      case STEP_FLUSH:
        this.#flush()
        return RESULT_DONE
      case STEP_RELEASE:
        this.#release()
        return RESULT_DONE
      case STEP_RESET:
        return this.#resetByRuntime()
      case STEP_DRAIN:
        this.#drain()
        return RESULT_DONE
      case STEP_DISCARD:
        this.#flow.discard()
        return RESULT_DONE
      case STEP_HOLD:
        this.#flow.hold()
        return RESULT_DONE
      default:
        return notSupported
    }
  }

  #flush(): void {
    const values = this.#endArguments ?? []
    this.#endArguments = undefined
    if (!this.socket.writableEnded) callHooked(this.socket, 'end', ...values)
  }

  // A stream whose both sides have ended destroys itself once 'finish' and 'end' were told; it is not hurried.
  #release(): void {
    const socket = this.socket
    const leavesByItself = socket.writableEnded && socket.writableLength === 0 && socket.readableEnded
    if (!socket.destroyed && !leavesByItself) socket.destroy()
  }

  // Without a system call the runtime's own reset is all there is. With its shutdown pending it would leak the
  // descriptor, and the FIN is as good as out: then the runtime only closes, and the verdict says unknown.
  #resetByRuntime(): number {
    if (this.#finishing || this.#closed) {
      this.#release()
      return RESULT_PENDING
    }
    // resetAndDestroy() does the same, but is of no use inside destroy().
    this.host.resetWhenDestroyed(this.socket)
    if (!this.leaving) this.socket.destroy()
    return RESULT_DONE
  }

  get #flow(): Inflow {
    this.#inflow ??= new Inflow(this.socket, this.guard)
    return this.#inflow
  }

  #drain(): void {
    if (!this.leaving) return this.#flow.discard()
    if (this.descriptor === undefined || !this.#closed) return
    this.#flow.drain(this.descriptor, {
      secure: this.host.tls !== undefined,
      awaited: this.#awaited,
      end: () => this.ended(),
      error: (error) => {
        this.guard.seen(error)
        this.guard.emit(error.code === 'ECONNRESET' ? EVENT_PEER_RESET : EVENT_OS_ERROR)
      },
    })
  }

  awaited(yes: boolean): void {
    this.#awaited = yes
  }

  over(): void {
    this.#unwatch?.()
    this.#inflow?.stop()
    this.descriptor?.close()
  }
}
