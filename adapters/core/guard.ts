// The life cycle of one guarded connection: events in, the engine's steps out, clocks, and the one verdict.
//
// 1. It has no opinion about FIN or RST: every decision is the engine's, every system call the adapter's.
// 2. Events that a runtime fires while the engine is at work are queued and fed in order.
// 3. Every clock is stopped when the connection ends; a clock that nobody awaits keeps no process alive.
import {
  ARGUMENT_SHIFT,
  EVENT_ABORT,
  EVENT_ACKED,
  EVENT_CLOSE,
  EVENT_DATA,
  EVENT_DEADLINE,
  EVENT_DROPPED,
  EVENT_EXITING,
  EVENT_FAILED,
  EVENT_FINISH_SENDING,
  EVENT_OPEN,
  EVENT_OVER_LIMIT,
  EVENT_STOP_RECEIVING,
  FACT_COMPLETE,
  FACT_LEAVING,
  FACT_SHARED,
  FLAG_ARMED,
  FLAG_FIN_OUT,
  FLAG_REPORTED,
  PHASE_ENDED,
  PHASE_MASK,
  PHASE_OPEN,
  POLICY_CRASH_LEAVES,
  POLICY_DROP_ABORTS,
  POLICY_EXIT_CLOSES,
  POLICY_HANDS_OFF,
  POLICY_PEER_FIN_CLOSES,
  STEP_ARM,
  STEP_DISARM,
  STEP_DRAIN,
  STEP_DRAIN_DEADLINE,
  STEP_FLUSH_DEADLINE,
  STEP_WATCH_ACKED,
  RESULT_DONE,
} from '../../assembly/abi.js'
import { joined } from './bytes.js'
import { record, wholeNumber } from './check.js'
import { Clocks } from './clocks.js'
import { tellEnding } from './endings.js'
import type { Observer } from './observer.js'
import { readLinger, writeLinger } from './linger.js'
import { longestMs, type ParsedPolicy, receiveMode, withConfirm } from './policy.js'
import { traceLine } from './trace.js'
import type { Capabilities, CloseOptions, FinaliseOptions, Guard, StopReceiving, Verdict } from './types.js'
import { verdictOf } from './verdict.js'
import { engine, register, unregister } from './wasm.js'
import type { Wire } from './wire.js'

interface Waiter {
  resolve: () => void
  reject: (error: Error) => void
}

/** The guard of one connection; adapters construct it and feed it with events. */
export class ConnectionGuard implements Guard {
  readonly verdict: Promise<Verdict>
  /** Who wants to know more of it than its verdict. */
  observer: Observer | undefined
  #context: number
  #state = 0
  #error: Error | undefined
  #lost: number | undefined
  #busy = false
  #draining = false
  /** Bytes that were drained. */
  drainedBytes = 0
  #kept = 0
  #truncated = false
  #limit: number
  readonly #onDrop: number
  #rest: Uint8Array[] | undefined
  #finWaiters: Waiter[] = []
  // The last word about messages, if it was that all is whole.
  #whole: object | undefined
  #complete = false
  #handed = 0
  #give: (verdict: Verdict) => void = () => {}
  readonly #queue: { event: number; argument: number; fed: (() => void) | undefined }[] = []
  readonly #token: number
  readonly #wire: Wire
  readonly #clocks: Clocks

  constructor(wire: Wire, policy: ParsedPolicy) {
    this.#wire = wire
    this.#context = wire.contextBits | policy.bits
    this.#limit = policy.drainBytes
    this.#onDrop = policy.bits & POLICY_DROP_ABORTS
    this.#clocks = new Clocks(policy, () => this.emit(EVENT_DEADLINE))
    this.verdict = new Promise((resolve) => {
      this.#give = resolve
    })
    this.#token = register({
      setsockopt: (level, option, value) => wire.setsockopt(level, option, value),
      shutdown: (how) => wire.shutdown(how),
      disconnect: () => wire.disconnect(),
      close: () => wire.close(),
      request: (step) => this.#request(step),
      report: (state) => this.#report(state),
    })
  }

  /** Tells the engine that the connection is open. Call it once, when the adapter's hooks are in place. */
  open(): void {
    this.emit(EVENT_OPEN)
  }

  get armed(): boolean {
    return !this.over && (this.#state & FLAG_ARMED) !== 0
  }

  get capabilities(): Capabilities {
    return this.#wire.capabilities
  }

  /** Whether the connection has ended and every event is too late. */
  get over(): boolean {
    return (this.#state & PHASE_MASK) === PHASE_ENDED
  }

  /** Whether everything written so far is whole, says its owner or its protocol; perhaps not yet in the kernel. */
  get declared(): boolean {
    return this.#whole !== undefined
  }

  /** The state word, for adapters that must know the phase. */
  get state(): number {
    return this.#state
  }

  close(options: CloseOptions = {}): Promise<Verdict> {
    const { within, confirm } = record('options', options)
    if (within !== undefined) wholeNumber('within', within, 1, longestMs, 'milliseconds')
    if (confirm !== undefined) this.#context = withConfirm(this.#context, confirm)
    if (within !== undefined && !this.over) this.#clocks.startWithin(within)
    this.#await()
    this.emit(EVENT_CLOSE)
    return this.verdict
  }

  abort(reason?: unknown): Promise<Verdict> {
    this.seen(reason)
    this.emit(EVENT_ABORT)
    return this.verdict
  }

  fail(error: unknown): Promise<Verdict> {
    this.seen(error)
    this.emit(EVENT_FAILED)
    return this.verdict
  }

  finishSending(): Promise<void> {
    this.#await()
    this.emit(EVENT_FINISH_SENDING)
    return new Promise((resolve, reject) => {
      this.#finWaiters.push({ resolve, reject })
      this.#settleFin()
    })
  }

  stopReceiving(how: StopReceiving = 'discard'): void {
    this.emit(EVENT_STOP_RECEIVING, receiveMode(how))
  }

  async finalise(options: FinaliseOptions = {}): Promise<{ rest: Uint8Array; verdict: Verdict }> {
    const { within, limit } = record('options', options)
    if (within !== undefined) wholeNumber('within', within, 1, longestMs, 'milliseconds')
    if (limit !== undefined) this.#limit = wholeNumber('limit', limit, 0, Number.MAX_SAFE_INTEGER, 'bytes')
    this.#rest ??= []
    const verdict = await this.close(within === undefined ? { confirm: 'peer' } : { within, confirm: 'peer' })
    return { rest: joined(this.#rest), verdict }
  }

  setLinger(seconds: number | null): void {
    if (this.over || !writeLinger(this.#token, this.#context, seconds)) throw this.#noLinger('set')
    this.#state = engine().settle(this.#state, seconds === 0 ? STEP_ARM : STEP_DISARM, RESULT_DONE)
  }

  linger(): number | null {
    const seconds = this.over ? undefined : readLinger(this.#wire, this.#context)
    if (seconds === undefined) throw this.#noLinger('read')
    return seconds
  }

  #noLinger(what: string): Error {
    const why = this.over ? 'the connection has ended' : this.capabilities.linger.why
    return new Error(`finrst: SO_LINGER cannot be ${what}: ${why}`)
  }

  beginMessage(): void {
    this.#whole = undefined
    this.#between(false)
  }

  completeMessage(): void {
    const whole = {}
    this.#whole = whole
    this.observer?.declared()
    this.#wire.whenFlushed(() => {
      if (whole !== this.#whole) return
      this.#between(true)
      this.observer?.completed()
    })
  }

  unsent(): number | undefined {
    return this.over ? this.#lost : this.#wire.unsent()
  }

  [Symbol.dispose](): void {
    this.emit(EVENT_DROPPED)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#await()
    this.emit(EVENT_DROPPED)
    await this.verdict
  }

  // ---- What the adapter tells -----------------------------------------------------------------------------------

  /** Feeds one event to the engine, after those that are already under way; `fed` is called once it was decided. */
  emit(event: number, argument = 0, fed?: () => void): void {
    if (this.over) return fed?.()
    this.#queue.push({ event, argument, fed })
    if (this.#busy) return
    this.#busy = true
    try {
      for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
        this.#feed(next.event, next.argument)
        next.fed?.()
      }
    } finally {
      this.#busy = false
    }
    this.#settleFin()
    if (this.over) this.#end()
  }

  /**
   * The process dies of an error that nobody caught. Armed, the kernel resets. Otherwise it is an exit to which no
   * policy agreed: what is not declared complete is reset while the runtime still can.
   */
  crash(): void {
    if ((this.armed && this.#wire.finAtDeath !== true) || (this.#context & POLICY_CRASH_LEAVES) !== 0) return
    this.#context &= ~POLICY_EXIT_CLOSES
    this.emit(EVENT_EXITING)
  }

  /** Whether the peer's FIN ends our side, whatever the policy says. */
  peerFinCloses(yes: boolean): void {
    this.#context = yes ? this.#context | POLICY_PEER_FIN_CLOSES : this.#context & ~POLICY_PEER_FIN_CLOSES
  }

  /** Nothing more is told of messages: another protocol goes on. */
  forgetMessages(): void {
    this.beginMessage()
    this.#context = (this.#context & ~POLICY_DROP_ABORTS) | this.#onDrop
  }

  /** The connection goes on in other hands, disarmed: nothing is done to it any more, and its end will not be known. */
  letGo(): void {
    const complete = this.#complete
    this.#between(true)
    this.#complete = complete
    this.#context |= POLICY_HANDS_OFF
    this.#handed = FACT_LEAVING | FACT_SHARED
    this.emit(EVENT_DROPPED)
  }

  /** The error that came with the next event; the first one is told in the verdict. */
  seen(error: unknown): void {
    if (this.#error !== undefined || error === undefined || error === null) return
    this.#error = error instanceof Error ? error : new Error(String(error))
  }

  /** Bytes arrived that the owner will not read: kept for finalise(), and bounded while draining. */
  thrownAway(chunk: Uint8Array): void {
    const kept = this.#rest === undefined ? undefined : chunk.slice(0, this.#limit - this.#kept)
    if (kept !== undefined) this.#rest?.push(kept)
    this.#kept += kept?.length ?? 0
    if (!this.#draining || this.#rest === undefined) this.emit(EVENT_DATA)
    if (this.#draining) this.drained(chunk.length)
  }

  /** Bytes were drained, whatever was in them. */
  drained(bytes: number): void {
    this.drainedBytes += bytes
    this.#clocks.progress()
    this.observer?.drained(bytes)
    if (this.drainedBytes > this.#limit) this.emit(EVENT_OVER_LIMIT)
  }

  /** The peer's FIN is no proof that all it sent was read: the end of file that its protocol has was not seen. */
  truncated(): void {
    this.#truncated = true
  }

  /** Whether {@link truncated} was told. */
  get isTruncated(): boolean {
    return this.#truncated
  }

  // ---- Inside ---------------------------------------------------------------------------------------------------

  #feed(event: number, argument: number): void {
    const complete = this.#complete ? FACT_COMPLETE : 0
    const facts = this.#wire.facts(event) | (argument << ARGUMENT_SHIFT) | complete | this.#handed
    const before = this.#state
    this.#lost = this.#wire.lastUnsent()
    this.#state = engine().on(this.#token, this.#context, before, event, facts)
    this.#wire.trace?.(traceLine(this.#context, before, event, facts, this.#state))
  }

  // Between two messages a death, an exit and a drop are a FIN; in the middle of one they are a reset.
  #between(complete: boolean): void {
    this.#complete = complete
    this.#context = complete ? this.#context & ~POLICY_DROP_ABORTS : this.#context | POLICY_DROP_ABORTS
    const open = (this.#state & PHASE_MASK) === PHASE_OPEN
    if (!open || this.armed === !complete || (this.#context & POLICY_CRASH_LEAVES) !== 0) return
    const result = engine().setLinger(this.#token, this.#context, complete ? -1 : 0)
    if (result >= 0) this.#state = engine().settle(this.#state, complete ? STEP_DISARM : STEP_ARM, RESULT_DONE)
  }

  #await(): void {
    if (this.over) return
    this.#clocks.awaited = true
    this.#wire.awaited(true)
  }

  #request(step: number): number {
    switch (step) {
      case STEP_FLUSH_DEADLINE:
        this.#clocks.startFlush()
        return RESULT_DONE
      case STEP_DRAIN_DEADLINE:
        this.#clocks.startDrain()
        return RESULT_DONE
      case STEP_DRAIN:
        this.#draining = true
        this.observer?.draining()
        return this.#wire.request(step)
      case STEP_WATCH_ACKED:
        this.#clocks.watch(() => this.#watch())
        return RESULT_DONE
      default:
        return this.#wire.request(step)
    }
  }

  // Looks at the send queue; progress there is progress of the close.
  #watch(): boolean {
    const before = this.#lost
    this.#lost = this.#wire.unsent()
    if (this.#lost !== undefined && before !== undefined && this.#lost < before) this.#clocks.progress()
    if (!this.#wire.acked()) return false
    this.emit(EVENT_ACKED)
    return true
  }

  #report(state: number): void {
    const verdict = verdictOf(this.#context, state)
    if (this.#rest !== undefined && verdict.received === 'discarded') verdict.received = 'unknown'
    if (this.#truncated && verdict.received === 'complete') verdict.received = 'unknown'
    const unsent = ['acked', 'confirmed'].includes(verdict.delivery) ? 0 : this.#lost
    if (unsent !== undefined) verdict.unsent = unsent
    if (this.#error !== undefined) verdict.error = this.#error
    if (this.#handed !== 0 && this.#complete && verdict.cause === 'drop') verdict.cause = 'close'
    this.#give(verdict)
    tellEnding(this, this.#wire.socket, verdict, this.#context)
    this.#wire.awaited(false)
    this.#clocks.awaited = false
  }

  #settleFin(): void {
    const out = (this.#state & FLAG_FIN_OUT) !== 0
    if (!out && !this.over) return
    for (const { resolve, reject } of this.#finWaiters.splice(0)) {
      if (out) resolve()
      else
        void this.verdict.then(({ cause }) =>
          reject(new Error(`finrst: our FIN was not sent: the connection ended by ${cause}`)),
        )
    }
  }

  #end(): void {
    this.#clocks.stop()
    if ((this.#state & FLAG_REPORTED) === 0) this.#report(this.#state)
    unregister(this.#token)
    this.#wire.ended()
    this.observer?.over()
  }
}
