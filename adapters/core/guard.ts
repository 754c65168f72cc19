// The life cycle of one guarded connection: events in, the engine's steps out, clocks, and the one verdict.
//
// 1. It has no opinion about FIN or RST: every decision is the engine's, every system call the adapter's.
// 2. Every clock is stopped when the connection ends; a clock that nobody awaits keeps no process alive.
import {
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
  FLAG_FIN_OUT,
  FLAG_REPORTED,
  POLICY_CRASH_LEAVES,
  POLICY_DROP_ABORTS,
  POLICY_EXIT_CLOSES,
  POLICY_HANDS_OFF,
  POLICY_PEER_FIN_CLOSES,
  STEP_DRAIN,
  STEP_DRAIN_DEADLINE,
  STEP_FLUSH_DEADLINE,
  STEP_WATCH_ACKED,
  RESULT_DONE,
} from '../../assembly/abi.js'
import { record, wholeNumber } from './check.js'
import { armsInVain, withoutArm } from './capabilities.js'
import { Clocks } from './clocks.js'
import { tellEnding } from './endings.js'
import type { Observer } from './observer.js'
import { Feed } from './feed.js'
import { Judgement } from './judgement.js'
import { Leftover } from './leftover.js'
import { lingerError, readLinger, writeLinger } from './linger.js'
import type { Looked } from './looks.js'
import { longestMs, type ParsedPolicy, receiveMode, withConfirm } from './policy.js'
import { whenQuiet } from './quiet.js'
import type { Capabilities, CloseOptions, FinaliseOptions, Guard, StopReceiving, Verdict } from './types.js'
import { fullVerdict } from './verdict.js'
import type { Wire } from './wire.js'

/** The guard of one connection; adapters construct it and feed it with events. */
export class ConnectionGuard extends Feed implements Guard, Looked {
  /** Who wants to know more of it than its verdict. */
  observer: Observer | undefined
  #error: Error | undefined
  #armRefused = false
  #truncated = false
  // Counts the words about messages: a later one is right.
  #message = 0
  // The count when it was looked at last, of a connection that waits to be disarmed.
  #quietSince: number | undefined
  // Whether the last of them was that all is whole.
  #whole = false
  #complete = false
  #handed = 0
  #policy: ParsedPolicy
  // Most connections never need these: they are made when they are asked for.
  #judgement: Judgement | undefined
  #leftover: Leftover | undefined
  #clocks: Clocks | undefined
  #verdict: Verdict | undefined

  constructor(wire: Wire, policy: ParsedPolicy) {
    super(wire, policy.bits)
    this.#policy = policy
  }

  /** Tells the engine that the connection is open. Call it once, when the adapter's hooks are in place. */
  open(): void {
    this.emit(EVENT_OPEN)
    this.#armRefused = armsInVain(this.context, this.state)
  }

  get capabilities(): Capabilities {
    return this.#armRefused && !this.armed ? withoutArm(this.wire.capabilities) : this.wire.capabilities
  }

  get verdict(): Promise<Verdict> {
    return this.#judge.verdict
  }

  /** Whether everything written so far is whole, says its owner or its protocol; perhaps not yet in the kernel. */
  get declared(): boolean {
    return this.#whole
  }

  close(options: CloseOptions = {}): Promise<Verdict> {
    const { within, confirm } = record('options', options)
    if (within !== undefined) wholeNumber('within', within, 1, longestMs, 'milliseconds')
    if (confirm !== undefined) this.context = withConfirm(this.context, confirm)
    if (within !== undefined && !this.over) this.#clock.startWithin(within)
    this.closeUnawaited()
    return this.verdict
  }

  /** As {@link close}, where nobody wants to hear of the verdict. */
  closeUnawaited(): void {
    this.#await()
    this.emit(EVENT_CLOSE)
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
    const sent = this.#judge.fin()
    this.#settleFin()
    return sent
  }

  stopReceiving(how: StopReceiving = 'discard'): void {
    this.emit(EVENT_STOP_RECEIVING, receiveMode(how))
  }

  async finalise(options: FinaliseOptions = {}): Promise<{ rest: Uint8Array; verdict: Verdict }> {
    const { within, limit } = record('options', options)
    if (within !== undefined) wholeNumber('within', within, 1, longestMs, 'milliseconds')
    if (limit !== undefined) wholeNumber('limit', limit, 0, Number.MAX_SAFE_INTEGER, 'bytes')
    const left = this.#left
    if (limit !== undefined) left.limit = limit
    left.keep()
    const verdict = await this.close(within === undefined ? { confirm: 'peer' } : { within, confirm: 'peer' })
    return { rest: left.rest(), verdict }
  }

  setLinger(seconds: number | null): void {
    const set = !this.over && writeLinger(this.token, this.context, seconds)
    if (!set) throw lingerError('set', this.over, this.capabilities)
    this.noteArmed(seconds === 0)
  }

  linger(): number | null {
    const seconds = this.over ? undefined : readLinger(this.wire, this.context)
    if (seconds === undefined) throw lingerError('read', this.over, this.capabilities)
    return seconds
  }

  beginMessage(): void {
    this.#message += 1
    this.#whole = false
    this.#between(false)
  }

  completeMessage(): void {
    this.#whenComplete(() => this.#between(true))
  }

  /** As {@link completeMessage}, of a protocol whose next message may follow at once: disarmed once it is quiet. */
  restAfterMessage(): void {
    this.#whenComplete(() => this.#between(true, true))
  }

  #whenComplete(then: () => void): void {
    const message = ++this.#message
    this.#whole = true
    this.observer?.declared()
    this.wire.whenFlushed(() => {
      if (message !== this.#message) return
      then()
      this.observer?.completed()
    })
  }

  unsent(): number | undefined {
    return this.over ? this.lost : this.wire.unsent()
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

  /**
   * The process ends. Of an error that nobody caught: armed, the kernel resets. Otherwise that is an exit to which no
   * policy agreed: what is not declared complete is reset while the runtime still can.
   */
  exit(crashed: boolean): void {
    if (crashed) {
      const resets = this.armed && !this.#complete && this.wire.finAtDeath !== true
      if (resets || (this.context & POLICY_CRASH_LEAVES) !== 0) return
      this.context &= ~POLICY_EXIT_CLOSES
    }
    this.emit(EVENT_EXITING)
  }

  /** Whether the peer's FIN ends our side, whatever the policy says. */
  peerFinCloses(yes: boolean): void {
    this.context = yes ? this.context | POLICY_PEER_FIN_CLOSES : this.context & ~POLICY_PEER_FIN_CLOSES
  }

  /** From now on another policy is right: this guard was there before its owner could say one. */
  obey(parse: (keepsHalfOpen: boolean) => ParsedPolicy): void {
    const policy = parse((this.context & POLICY_PEER_FIN_CLOSES) === 0)
    this.#policy = policy
    if (this.#leftover !== undefined) this.#leftover.limit = policy.drainBytes
    if (this.#clocks !== undefined) this.#clocks.bounds = policy
    this.context = this.wire.contextBits | policy.bits
    if (this.#message > 0) this.#between(this.#complete)
    const leaves = (policy.bits & POLICY_CRASH_LEAVES) !== 0
    if (leaves || this.#message === 0) this.arm(!leaves)
  }

  /** Nothing more is told of messages: another protocol goes on. */
  forgetMessages(): void {
    this.beginMessage()
    this.context = (this.context & ~POLICY_DROP_ABORTS) | (this.#policy.bits & POLICY_DROP_ABORTS)
  }

  /** The connection goes on in other hands, disarmed: nothing is done to it any more, and its end will not be known. */
  letGo(): void {
    const complete = this.#complete
    this.#between(true)
    this.#complete = complete
    this.context |= POLICY_HANDS_OFF
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
    const left = this.#left
    left.add(chunk)
    if (!left.draining || !left.isKept) this.emit(EVENT_DATA)
    if (left.draining) this.drained(chunk.length)
  }

  /** Bytes were drained, whatever was in them. */
  drained(bytes: number): void {
    const left = this.#left
    left.drained += bytes
    this.#clocks?.progress()
    this.observer?.drained(bytes)
    if (left.drained > left.limit) this.emit(EVENT_OVER_LIMIT)
  }

  /** How many bytes were drained. */
  get drainedBytes(): number {
    return this.#leftover?.drained ?? 0
  }

  /** The peer's FIN is no proof that all it sent was read: the end of file that its protocol has was not seen. */
  truncated(): void {
    this.#truncated = true
  }

  /** Whether {@link truncated} was told. */
  get isTruncated(): boolean {
    return this.#truncated
  }

  // ---- What the engine asks -------------------------------------------------------------------------------------

  request(step: number): number {
    switch (step) {
      case STEP_FLUSH_DEADLINE:
        this.#clock.startFlush()
        return RESULT_DONE
      case STEP_DRAIN_DEADLINE:
        this.#clock.startDrain()
        return RESULT_DONE
      case STEP_DRAIN:
        this.#left.draining = true
        this.observer?.draining()
        return this.wire.request(step)
      case STEP_WATCH_ACKED:
        this.#clock.watch(() => this.#watch())
        return RESULT_DONE
      default:
        return this.wire.request(step)
    }
  }

  report(state: number): void {
    const verdict = fullVerdict(this.context, state, {
      unsent: this.lost,
      error: this.#error,
      cut: this.#truncated,
      kept: this.#leftover?.isKept === true,
      handedWhole: this.#handed !== 0 && this.#complete,
    })
    this.#verdict = verdict
    // First, so that who waits for the verdict finds it counted.
    this.observer?.judged(verdict)
    this.#judgement?.give(verdict)
    if (!this.wire.isPlayed) tellEnding(this, this.wire.socket, verdict, this.context)
    this.wire.awaited(false)
    if (this.#clocks !== undefined) this.#clocks.awaited = false
  }

  /** Disarms it if no word about messages came since the last look. */
  look(): void {
    const before = this.#quietSince
    this.#quietSince = undefined
    if (this.over || !this.#complete) return
    if (before === this.#message) return this.setArmed(false)
    this.#quietSince = this.#message
    whenQuiet(this)
  }

  // ---- Inside ---------------------------------------------------------------------------------------------------

  protected get ownFacts(): number {
    return (this.#complete ? FACT_COMPLETE : 0) | this.#handed
  }

  protected settled(): void {
    this.#settleFin()
    if (this.over) this.#end()
  }

  // Between two messages a death, an exit and a drop are a FIN; in the middle of one they are a reset.
  #between(complete: boolean, later = false): void {
    this.#complete = complete
    this.context = complete ? this.context & ~POLICY_DROP_ABORTS : this.context | POLICY_DROP_ABORTS
    if (!later) return this.setArmed(!complete)
    if (!this.armed || this.#quietSince !== undefined) return
    this.#quietSince = -1
    whenQuiet(this)
  }

  get #judge(): Judgement {
    this.#judgement ??= new Judgement(this.#verdict)
    return this.#judgement
  }

  get #clock(): Clocks {
    this.#clocks ??= new Clocks(this.#policy, () => this.emit(this.wire.unheard() ?? EVENT_DEADLINE))
    return this.#clocks
  }

  get #left(): Leftover {
    this.#leftover ??= new Leftover(this.#policy.drainBytes)
    return this.#leftover
  }

  #await(): void {
    if (this.over) return
    this.#clock.awaited = true
    this.wire.awaited(true)
  }

  // Looks at the send queue; progress there is progress of the close.
  #watch(): boolean {
    const before = this.lost
    this.lost = this.wire.unsent()
    if (this.lost !== undefined && before !== undefined && this.lost < before) this.#clock.progress()
    const unheard = this.wire.acked() ? undefined : this.wire.unheard()
    if (unheard === undefined && !this.wire.acked()) return false
    this.emit(unheard ?? EVENT_ACKED)
    return true
  }

  #settleFin(): void {
    if (this.#judgement === undefined) return
    const out = (this.state & FLAG_FIN_OUT) !== 0
    if (out || this.over) this.#judgement.settleFin(out)
  }

  #end(): void {
    this.#clocks?.stop()
    if ((this.state & FLAG_REPORTED) === 0) this.report(this.state)
    this.forget()
    this.wire.over()
    this.observer?.over()
  }
}
