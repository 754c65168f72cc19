// What the wires of a runtime's own sockets share: facts, calls on the duplicate, and what the runtime tells.
//
// 1. Everything goes through our close-on-exec duplicate: the runtime closes its own when it likes, and late.
// 2. The FIN is the duplicate's shutdown(2), so that it leaves in order also while the runtime closes or has gone.
// 3. Without system calls the runtime's own methods are all there is.
import {
  ERROR_BROKEN_PIPE,
  ERROR_RESET,
  EVENT_FIN_SENT,
  EVENT_FLUSHED,
  EVENT_OS_ERROR,
  EVENT_PEER_FIN,
  EVENT_PEER_RESET,
  EVENT_RUNTIME_CLOSED,
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
import { capabilitiesOf, contextOf, type SocketKind } from './capabilities.js'
import { type Descriptor, type Handles, kernelErrors } from './descriptor.js'
import { drainedFor } from './drained.js'
import { Facts } from './facts.js'
import type { ConnectionGuard } from './guard.js'
import type { Platform } from './platform.js'
import type { Capabilities } from './types.js'
import { notSupported, type Reading, type Wire } from './wire.js'

/** A runtime, as the guard of one of its own sockets sees it. */
export interface NativeHost extends Handles {
  readonly kind: SocketKind
  /** Of sockets with TLS: close_notify is a part of the stream, and the runtime's own shutdown sends both. */
  readonly secure?: boolean
  platform(): Platform
  /** The end of the process concerns its guards from now on. */
  watchExit(): void
}

/** The wire of one guarded socket of a runtime. */
export abstract class NativeWire implements Wire {
  readonly capabilities: Capabilities
  readonly contextBits: number
  readonly trace?: (line: string) => void
  protected guard: ConnectionGuard | undefined
  /** The runtime lets go of its socket, by whoever's order. */
  protected leaving = false
  /** It has let go. */
  protected closed = false
  /** Our direction is declared complete: nothing more is written. */
  protected finishing = false
  protected reading: Reading = 'owner'
  /** The runtime has sent its close_notify and our FIN, behind everything that TLS held. */
  protected saidGoodbye = false
  protected readonly secure: boolean
  #awaited = false
  #stopDraining: (() => void) | undefined
  #whenFlushed: (() => void)[] = []
  protected readonly descriptor: Descriptor | undefined
  readonly #facts: Facts

  constructor(
    readonly socket: object,
    host: NativeHost,
    descriptor: Descriptor | undefined,
  ) {
    const platform = host.platform()
    this.descriptor = descriptor
    this.secure = host.secure === true
    this.#facts = new Facts(descriptor, platform)
    this.capabilities = capabilitiesOf(platform, host.kind, descriptor !== undefined)
    this.contextBits = contextOf(platform, host.kind, descriptor !== undefined)
    if (platform.trace) this.trace = platform.trace
  }

  // ---- What each runtime does in its own way ------------------------------------------------------------------------

  /** Bytes that would die with the runtime's socket; undefined: there are some, and their number is not known. */
  protected abstract unflushed(): number | undefined
  /** Puts the hooks in place. */
  protected abstract hook(): void
  /** Takes them away. */
  protected abstract unhook(): void
  /** Brings what is unflushed into the kernel and then calls {@link flushed}. */
  protected abstract flush(): void
  /** The runtime's own FIN; EVENT_FIN_SENT follows. */
  protected abstract finishByRuntime(): void
  /** The runtime's own close, which {@link runtimeClosed} follows. */
  protected abstract closeByRuntime(): void
  /** The runtime's own reset; answers whether there is one. */
  protected abstract resetByRuntime(): boolean
  /** Reads on, now only to throw away. */
  protected abstract discard(): void
  /** Reads no more. */
  protected abstract hold(): void

  // ---- The runtime's events, as the engine's ------------------------------------------------------------------------

  /** Puts the hooks in place and opens the guard. Everything that can refuse the socket has happened before. */
  attach(guard: ConnectionGuard): void {
    this.guard = guard
    this.hook()
    guard.open()
    if (this.descriptor?.peerWasGone) guard.emit(EVENT_PEER_RESET)
  }

  protected emit(event: number): void {
    this.guard?.emit(event)
  }

  /** Nothing is declared yet. */
  protected get open(): boolean {
    return ((this.guard?.state ?? 0) & PHASE_MASK) === PHASE_OPEN
  }

  /** The runtime has told an end of file; a reset may hide behind it. Answers whether it was the peer's FIN. */
  protected peerEnded(): boolean {
    const error = this.descriptor?.pendingError()
    // A broken pipe is a reset that came after the peer's FIN.
    if (error !== ERROR_RESET) this.emit(EVENT_PEER_FIN)
    if (error !== ERROR_RESET && error !== ERROR_BROKEN_PIPE) return true
    this.emit(EVENT_PEER_RESET)
    return false
  }

  /** The runtime has told an error. Only one of the kernel is about the connection, and only if the kernel agrees. */
  protected failed(error: Error & { code?: string | undefined }): void {
    const { code = '' } = error
    const reset = code === 'ECONNRESET'
    if (this.leaving || !(reset || kernelErrors.has(code)) || this.descriptor?.peerIsGone() === false) return
    this.guard?.seen(error)
    this.descriptor?.told(code)
    this.emit(reset ? EVENT_PEER_RESET : EVENT_OS_ERROR)
  }

  whenFlushed(then: () => void): void {
    if (this.unflushed() === 0) then()
    else this.#whenFlushed.push(then)
  }

  /** Nothing that was written is in the runtime any more. */
  protected written(): void {
    for (const then of this.#whenFlushed.splice(0)) then()
  }

  protected flushed(): void {
    this.emit(EVENT_FLUSHED)
  }

  protected finSent(): void {
    this.emit(EVENT_FIN_SENT)
  }

  protected runtimeClosed(): void {
    if (this.closed) return
    this.leaving = true
    this.closed = true
    this.descriptor?.hold()
    this.emit(EVENT_RUNTIME_CLOSED)
  }

  protected get awaitedNow(): boolean {
    return this.#awaited
  }

  // ---- What is true now ---------------------------------------------------------------------------------------------

  facts(event: number, context: number): number {
    const known = { leaving: this.leaving, unflushed: this.unflushed() !== 0, unread: false }
    return this.#facts.of(event, this.guard?.state ?? 0, context, known)
  }

  lastUnsent(): number | undefined {
    return this.#facts.unsent(this.unflushed(), this.guard?.state ?? 0)
  }

  unsent(): number | undefined {
    this.#facts.ask()
    return this.lastUnsent()
  }

  acked(): boolean {
    return this.#facts.acked
  }

  unheard(): number | undefined {
    return this.#facts.unheard
  }

  // ---- The engine's steps -------------------------------------------------------------------------------------------

  setsockopt(level: number, option: number, value: Uint8Array): number {
    return this.descriptor?.setsockopt(level, option, value) ?? notSupported
  }

  getsockopt(level: number, option: number, value: Uint8Array): number {
    return this.descriptor?.getsockopt(level, option, value) ?? notSupported
  }

  shutdown(how: number): number {
    if (this.saidGoodbye) return RESULT_DONE
    if (this.descriptor === undefined) {
      if (!this.leaving) this.finishByRuntime()
      return RESULT_PENDING
    }
    const result = this.descriptor.shutdown(how)
    // A reset that nobody has read yet would pass for an error of our own call.
    if (result < 0 && this.descriptor.peerIsGone() && this.descriptor.pendingError() === ERROR_RESET) {
      this.emit(EVENT_PEER_RESET)
      return RESULT_PENDING
    }
    return result
  }

  disconnect(): number {
    return this.descriptor?.disconnect() ?? notSupported
  }

  close(): number {
    this.#stopDraining?.()
    return this.descriptor?.close() ?? RESULT_DONE
  }

  request(step: number): number {
    switch (step) {
      case STEP_FLUSH:
        this.finishing = true
        this.flush()
        return RESULT_DONE
      case STEP_RELEASE:
        this.release()
        return RESULT_DONE
      case STEP_RESET:
        return !this.closed && this.resetByRuntime() ? RESULT_DONE : RESULT_PENDING
      case STEP_DRAIN:
        this.#drain()
        return RESULT_DONE
      case STEP_DISCARD:
        this.#discard()
        return RESULT_DONE
      case STEP_HOLD:
        this.reading = 'hold'
        this.hold()
        return RESULT_DONE
      default:
        return notSupported
    }
  }

  protected release(): void {
    if (this.closed) return
    this.leaving = true
    this.descriptor?.hold()
    this.closeByRuntime()
    this.runtimeClosed()
  }

  #discard(): void {
    if (this.reading === 'discard') return
    this.reading = 'discard'
    this.discard()
  }

  #drain(): void {
    if (!this.leaving) return this.#discard()
    if (this.descriptor !== undefined && this.#stopDraining === undefined && this.closed) this.drainBare()
  }

  /** Reads what still comes, after the runtime has closed. */
  protected drainBare(): void {
    const drained = drainedFor(this.guard, this.secure, () => this.peerEnded())
    this.#stopDraining = this.descriptor?.drain(drained, this.#awaited)
  }

  awaited(yes: boolean): void {
    this.#awaited = yes
  }

  over(): void {
    this.unhook()
    this.#stopDraining?.()
    this.descriptor?.close()
  }
}
