// One net.Socket as the engine sees it: its events in, the engine's steps as calls on the runtime and the kernel.
//
// 1. Everything after open goes through our own close-on-exec duplicate of the descriptor, never through the runtime's:
//    the runtime closes its own behind our back, and numbers are reused at once.
// 2. The hooks are the methods that Node documents for stream implementers, and Deno and Bun follow: `_final` runs when
//    everything written is in the kernel and before the FIN, `_destroy` when the runtime lets go, `push` when bytes
//    arrive.
// 3. The runtime's own reset is asked for only where no system call can be made, and never with a shutdown pending:
//    Node then leaks the descriptor for ever.
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
  PHASE_MASK,
  FLAG_FIN_OUT,
  PHASE_CLOSING,
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
import { capabilitiesOf, contextOf } from '../core/capabilities.js'
import type { Descriptor } from '../core/descriptor.js'
import { forget, isExiting } from '../core/exit.js'
import { Facts } from '../core/facts.js'
import type { ConnectionGuard } from '../core/guard.js'
import type { Capabilities } from '../core/types.js'
import { notSupported, type Reading, type Wire } from '../core/wire.js'
import { Backlog } from './backlog.js'
import { Farewell } from './farewell.js'
import type { NetHost, Past } from './host.js'
import { bypassed, brokenBeforeFin, eventOf, type Internals, resetError, takeBuffered, whenever } from './stream.js'

const nothing = new Uint8Array(0)
const hooked = ['end', 'resetAndDestroy', '_final', '_destroy', 'push'] as const

/** The wire of one guarded net.Socket. */
export class SocketWire implements Wire {
  readonly capabilities: Capabilities
  readonly contextBits: number
  #guard: ConnectionGuard | undefined
  #reading: Reading = 'owner'
  #leaving = false
  #closed = false
  #flushing = false
  #finishing = false
  #endArguments: unknown[] = []
  #stopDraining: (() => void) | undefined
  #awaited = false
  #unwatch: () => void = () => {}
  readonly #socket: Internals
  readonly #descriptor: Descriptor | undefined
  readonly #host: NetHost
  readonly #backlog: Backlog
  readonly #farewell: Farewell
  readonly #facts: Facts
  readonly #past: Past | undefined
  readonly #own: ReadonlySet<string>
  readonly #original: Record<(typeof hooked)[number], (...values: never[]) => unknown>

  constructor(socket: Socket, host: NetHost, descriptor: Descriptor | undefined) {
    const platform = host.platform()
    this.#socket = socket as Internals
    this.#host = host
    this.#past = host.past?.is(this.#socket) ? host.past : undefined
    this.#descriptor = descriptor
    this.#facts = new Facts(descriptor, platform)
    this.#backlog = new Backlog(this.#socket, host, descriptor)
    this.capabilities = capabilitiesOf(platform, host.kind, descriptor !== undefined)
    this.contextBits = contextOf(platform, host.kind, descriptor !== undefined)
    const it = this.#socket
    const { end, resetAndDestroy, _final, _destroy, push } = it
    this.#original = { end, resetAndDestroy, _final, _destroy, push }
    const peerIsGone = (): boolean => descriptor?.peerIsGone() ?? host.tls?.peerIsGone(it) ?? false
    this.#farewell = new Farewell(it, host.tls, peerIsGone, (done) => this.#call('_final', done))
    this.#own = new Set(hooked.filter((name) => Object.hasOwn(it, name)))
    if (platform.trace) this.trace = platform.trace
  }

  readonly trace?: (line: string) => void

  get socket(): Socket {
    return this.#socket
  }

  // ---- The runtime's events, as the engine's ------------------------------------------------------------------------

  /** Puts the hooks in place and opens the guard. Everything that can refuse the socket has happened before. */
  attach(guard: ConnectionGuard): void {
    this.#guard = guard
    const socket = this.#socket
    // Whether the peer's FIN ends our side is the policy's to decide, not the runtime's.
    socket.allowHalfOpen = true
    Object.assign(socket, {
      end: (...values: unknown[]) => this.#end(values),
      resetAndDestroy: () => this.#resetAndDestroy(),
      _final: (done: (error?: Error | null) => void) => this.#final(done),
      _destroy: (error: Error | null, done: (error?: Error | null) => void) => this.#destroy(error, done),
      push: (chunk: Uint8Array | null) => this.#push(chunk),
    })
    this.#unwatch = this.#host.whenSent(socket, () => {
      if (!this.#leaving && !socket.destroyed) guard.letGo()
    })
    socket.prependListener('end', this.#onEnd)
    socket.prependOnceListener('close', this.#onClose)
    guard.open()
    if (this.#descriptor?.peerWasGone) guard.emit(EVENT_PEER_RESET)
    else if (socket.readableEnded) {
      if (this.#host.tls !== undefined) guard.truncated()
      guard.emit(EVENT_PEER_FIN)
    }
  }

  #emit(event: number): void {
    this.#guard?.emit(event)
  }

  get #state(): number {
    return this.#guard?.state ?? 0
  }

  get #phase(): number {
    return this.#state & PHASE_MASK
  }

  // The runtime takes a reset that arrives together with data for end of file: the pending error tells them apart.
  readonly #onEnd = (): void => {
    let error = this.#descriptor?.pendingError() ?? (this.#host.hidesReset(this.#socket) ? ERROR_RESET : ERROR_NONE)
    const finOut = (this.#state & FLAG_FIN_OUT) !== 0
    if (!finOut && this.#farewell.lostPeer()) error = ERROR_RESET
    if (error === ERROR_RESET || error === ERROR_BROKEN_PIPE) {
      // A broken pipe is a reset that came after the peer's FIN.
      if (error === ERROR_BROKEN_PIPE) this.#emit(EVENT_PEER_FIN)
      this.#guard?.seen(resetError())
      // The runtime believes in an end of file and waits for ours: nobody else would let go of the socket.
      process.nextTick(() => this.#socket.destroy())
      return this.#emit(EVENT_PEER_RESET)
    }
    // The runtime would end our side only after the listeners of 'end' have run: they may still write an answer.
    if (this.#phase !== PHASE_OPEN) return this.#emit(EVENT_PEER_FIN)
    process.nextTick(() => this.#emit(EVENT_PEER_FIN))
  }

  readonly #onClose = (): void => {
    this.#leaving = true
    this.#closed = true
    this.#emit(EVENT_RUNTIME_CLOSED)
  }

  #end(values: unknown[]): Socket {
    this.#endArguments = values
    this.#flushing = false
    this.#emit(EVENT_FINISH_SENDING)
    // Nothing was flushed: it is under way, or over. What the call means then is the runtime's to say.
    if (!this.#flushing) this.#call('end', ...values)
    this.#endArguments = []
    return this.#socket
  }

  #resetAndDestroy(): Socket {
    this.#emit(EVENT_ABORT)
    if (!this.#socket.destroyed) this.#socket.destroy()
    return this.#socket
  }

  #final(done: (error?: Error | null) => void): void {
    // Somebody ended the stream without our end(): it is a declaration all the same.
    if (this.#phase === PHASE_OPEN) this.#emit(EVENT_FINISH_SENDING)
    this.#done = done
    this.#farewell.flush((error) => {
      if (error) return done(error)
      // Without a FIN from the engine there is nothing to wait for.
      this.#guard?.emit(EVENT_FLUSHED, 0, () => {
        if (!this.#finishing) done()
      })
    })
  }

  #done: (error?: Error | null) => void = () => {}

  // The engine's FIN: the runtime's own shutdown, whose completion the stream is waiting for.
  #shutdownByRuntime(): number {
    this.#finishing = true
    this.#farewell.whenOver((error) => {
      const broken = error ? undefined : this.#farewell.lost ? resetError() : brokenBeforeFin(this.#descriptor)
      if (broken !== undefined) this.#guard?.seen(broken)
      const closing = this.#phase === PHASE_CLOSING
      if (!error) this.#emit(broken === undefined ? EVENT_FIN_SENT : EVENT_PEER_RESET)
      // A peer that has closed answers close_notify with a reset, which is ordinary: only the verdict tells it.
      this.#done(error ?? (this.#host.tls ? undefined : broken))
      // But then a runtime that nobody lets read does not learn that there is no connection any more.
      if (broken !== undefined && closing) process.nextTick(() => this.#socket.destroy())
    })
    return RESULT_PENDING
  }

  #destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#leaving = true
    if (error) this.#guard?.seen(error)
    const unread = this.#socket.readableLength > 0
    this.#emit(error ? eventOf(error, this.#descriptor) : EVENT_DROPPED)
    // What the runtime has read and nobody took goes with the stream.
    if (unread) this.#emit(EVENT_DATA)
    this.#call('_destroy', error, done)
  }

  #push(chunk: Uint8Array | null): boolean {
    // Bun tells an end also of what it closes itself: that one says nothing of the peer.
    if (chunk === null && this.#leaving) this.#socket.off('end', this.#onEnd)
    else if (chunk === null && this.#host.tls?.notified(this.#socket) === false) this.#guard?.truncated()
    if (chunk === null || this.#reading === 'owner') return this.#call('push', chunk) as boolean
    if (this.#reading === 'hold') {
      this.#call('push', chunk)
      return false
    }
    this.#guard?.thrownAway(chunk)
    return true
  }

  #call(name: (typeof hooked)[number], ...values: unknown[]): unknown {
    return Reflect.apply(this.#original[name], this.#socket, values)
  }

  // ---- What is true now ---------------------------------------------------------------------------------------------

  facts(event: number): number {
    const known = { leaving: this.#leaving, unflushed: this.#unflushed, unread: this.#socket.readableLength > 0 }
    return this.#facts.of(event, this.#state, known)
  }

  get #unflushed(): boolean {
    if (this.#past?.holds(this.#socket)) return true
    const past = this.#socket[bypassed] ? (this.#host.queued(this.#socket) ?? 0) : 0
    return this.#socket.writableLength > 0 || past > 0 || this.#farewell.unflushed
  }

  lastUnsent(): number | undefined {
    return this.#facts.unsent(this.#backlog.count(), this.#state)
  }

  unsent(): number | undefined {
    this.#facts.ask()
    return this.lastUnsent()
  }

  acked(): boolean {
    return this.#descriptor?.unacked() === 0
  }

  whenFlushed(then: () => void): void {
    if (!this.#unflushed) return then()
    if (this.#past?.holds(this.#socket)) return this.#past.whenWritten(this.#socket, () => this.whenFlushed(then))
    // Where the stream is ended, broken or gone its end decides, and nothing waits for this.
    if (!this.#socket.writable) return
    if (this.#host.refusesEmptyWrite || this.#socket[bypassed]) {
      return whenever(
        this.#socket,
        () => !this.#unflushed,
        () => this.#unflushed || then(),
      )
    }
    this.#socket.write(nothing, (error) => {
      if (!error) this.whenFlushed(then)
    })
  }

  // ---- The engine's steps -------------------------------------------------------------------------------------------

  setsockopt(level: number, option: number, value: Uint8Array): number {
    return this.#descriptor?.setsockopt(level, option, value) ?? notSupported
  }

  getsockopt(level: number, option: number, value: Uint8Array): number {
    return this.#descriptor?.getsockopt(level, option, value) ?? notSupported
  }

  shutdown(how: number): number {
    if (!this.#leaving && !isExiting()) return this.#shutdownByRuntime()
    // Where close_notify finds no way, every byte is in the kernel all the same, and a FIN is better than a reset.
    this.#farewell.sayNow()
    return this.#descriptor?.shutdown(how) ?? RESULT_PENDING
  }

  disconnect(): number {
    return this.#descriptor?.disconnect() ?? notSupported
  }

  close(): number {
    this.#stopDraining?.()
    return this.#descriptor?.close() ?? RESULT_DONE
  }

  request(step: number): number {
    switch (step) {
      case STEP_FLUSH:
        this.#flushing = true
        if (!this.#socket.writableEnded) this.#call('end', ...this.#endArguments)
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
        this.#discard()
        return RESULT_DONE
      case STEP_HOLD:
        this.#reading = 'hold'
        this.#socket.pause()
        return RESULT_DONE
      default:
        return notSupported
    }
  }

  // A stream whose both sides have ended destroys itself once 'finish' and 'end' were told; it is not hurried.
  #release(): void {
    const socket = this.#socket
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
    this.#host.resetWhenDestroyed(this.#socket)
    if (!this.#leaving) this.#socket.destroy()
    return RESULT_DONE
  }

  #drain(): void {
    if (!this.#leaving) return this.#discard()
    if (this.#descriptor === undefined || this.#stopDraining !== undefined || !this.#closed) return
    // What the duplicate reads of TLS is cipher text: no byte of the stream, and no proof of its end.
    const secure = this.#host.tls !== undefined
    if (secure) this.#guard?.truncated()
    this.#stopDraining = this.#descriptor.drain(
      {
        data: (chunk) => (secure ? this.#guard?.drained(chunk.length) : this.#guard?.thrownAway(chunk)),
        end: this.#onEnd,
        error: (error) => {
          this.#guard?.seen(error)
          this.#emit(error.code === 'ECONNRESET' ? EVENT_PEER_RESET : EVENT_OS_ERROR)
        },
      },
      this.#awaited,
    )
  }

  // What the runtime already holds goes too; then it keeps reading, and push() gets the rest.
  #discard(): void {
    if (this.#reading === 'discard') return
    this.#reading = 'discard'
    const buffered = takeBuffered(this.#socket)
    this.#socket.resume()
    for (const chunk of buffered) this.#guard?.thrownAway(chunk)
  }

  awaited(yes: boolean): void {
    this.#awaited = yes
  }

  ended(): void {
    const socket = this.#socket
    socket.off('end', this.#onEnd)
    socket.off('close', this.#onClose)
    this.#unwatch()
    for (const name of hooked) {
      if (this.#own.has(name)) Object.assign(socket, { [name]: this.#original[name] })
      else Reflect.deleteProperty(socket, name)
    }
    this.#stopDraining?.()
    this.#descriptor?.close()
    if (this.#guard !== undefined) forget(this.#guard)
  }
}
