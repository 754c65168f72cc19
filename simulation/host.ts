// The host of the simulation: a program, its runtime and the adapter, as spec/README.md asks of whoever embeds the
// engine.
//
// 1. Every step of the engine is an act on the simulated kernel. It is done, is pending, or fails without an effect.
// 2. After each step the process may die: `afterStep` is told, and sees the world as it was then.
// 3. A call that no host could make is noted in `broken`: on a descriptor that is closed, a second FIN, a second close.
import {
  CAN_ARM,
  CAN_HOLD,
  ERROR_NOT_CONNECTED,
  COLUMN_ERRNO,
  EVENT_EXITING,
  EVENT_FINISH_SENDING,
  EVENT_OPEN,
  EVENT_PEER_RESET,
  EVENT_RUNTIME_CLOSED,
  EVENT_STOP_RECEIVING,
  FACT_BUDGET,
  FACT_LEAVING,
  FACT_SHARED,
  FACT_UNACKED,
  FACT_UNFLUSHED,
  FACT_UNREAD,
  FACT_UNSENT,
  FLAG_REPORTED,
  PHASE_ENDED,
  PHASE_MASK,
  PLAN_ALL_STEPS,
  PLAN_RULE_SHIFT,
  POLICY_CRASH_LEAVES,
  RECEIVE_DISCARD,
  RECEIVE_HOLD,
  RESULT_DONE,
  RESULT_PENDING,
  STEP_DISCARD,
  STEP_DRAIN,
  STEP_DRAIN_DEADLINE,
  STEP_FLUSH,
  STEP_FLUSH_DEADLINE,
  STEP_HOLD,
  STEP_RELEASE,
  STEP_REPORT,
  STEP_RESET,
  STEP_WATCH_ACKED,
} from '../assembly/abi.ts'
import type { Exports, Imports, Loader } from './engine.ts'
import type { KernelAtWork } from './kernel.ts'
import { noteReset, noteRule } from './promises.ts'
import type { Setting } from './setting.ts'
import { Arrival, Fin, Rst, Unit, type World } from './world.ts'

/** The state and the world of one connection, and the engine that it is fed to. */
export class Host {
  state = 0
  /** The steps of the last event, for a trace. */
  readonly calls: string[] = []
  tells = false
  /** How many steps were taken since it was last set to 0, and what is told after each, before it is counted. */
  steps = 0
  afterStep: () => void = () => {}
  /** The state that was given out by the last event, or -1. */
  reported = -1
  /** What must never be, if it was. */
  broken: string | undefined
  setting!: Setting
  work!: KernelAtWork
  readonly engine: Exports
  /** Reads a word of the engine's memory. */
  readonly peek: (address: number) => number
  #exiting = false

  constructor(load: Loader) {
    const imports: Imports = {
      setsockopt: (_socket, _level, _option, value) => this.#setLinger(this.peek(value) === 0 ? 0 : 1),
      shutdown: (_socket, how) => this.#shutdown(how),
      disconnect: () => this.#call('disconnect', () => this.work.disconnect()),
      close: () => this.#close(),
      request: (_socket, what, argument) => this.#request(what, argument),
    }
    const { engine, peek } = load(imports)
    this.engine = engine
    this.peek = peek
  }

  get context(): number {
    return this.setting.context
  }

  get world(): World {
    return this.work.world
  }

  get phase(): number {
    return this.state & PHASE_MASK
  }

  // ---- Steps of the engine ------------------------------------------------------------------------------------------

  // A call that may be refused for a reason that the model does not know; the world stays as it is.
  #fails(): boolean {
    const { world } = this
    if (world.failures >= this.setting.bounds.failures || this.work.pick(2) === 0) return false
    world.failures += 1
    return true
  }

  #usable(what: string): void {
    const { world, context } = this
    if (context & CAN_HOLD ? world.duplicate === 0 : world.runtime === 0)
      this.broken ??= `5 once: ${what} on a descriptor that is closed`
  }

  #done(what: string, result: number): number {
    if (this.tells)
      this.calls.push(`${what}${result === RESULT_DONE ? '' : result === RESULT_PENDING ? ' pending' : ' fails'}`)
    this.afterStep()
    this.steps += 1
    return result
  }

  #call(what: string, act: () => number): number {
    this.#usable(what)
    const failed = this.#fails() || act() !== 0
    return this.#done(what, failed ? -this.#errno() : RESULT_DONE)
  }

  #errno(): number {
    return this.engine.column(this.context & 63, COLUMN_ERRNO + ERROR_NOT_CONNECTED) || 57
  }

  #setLinger(armed: number): number {
    return this.#call(armed ? 'arm' : 'disarm', () => this.work.setLinger(armed))
  }

  // The runtime sends the FIN itself while it lives, and tells later; our own descriptor sends it at once.
  #shutdown(how: number): number {
    const { world } = this
    if (how !== 1) this.broken ??= `3 no loss: shutdown(${how})`
    const byRuntime = world.runtime && !world.going && !this.#exiting
    if (world.fin !== Fin.NONE || (world.shut && byRuntime)) this.broken ??= '5 once: a second FIN'
    if (byRuntime && this.work.pick(2) === 1) {
      world.shut = 1
      return this.#done('shut write', RESULT_PENDING)
    }
    if (!byRuntime && !(this.context & CAN_HOLD)) return this.#done('shut write', RESULT_PENDING)
    world.shut = 0
    return this.#call('shut write', () => this.work.shutdownWrite())
  }

  // The descriptor is gone even where close() answers an error.
  #close(): number {
    const { world } = this
    if (world.duplicate === 0) this.broken ??= '5 once: a second close'
    const failed = this.#fails()
    world.duplicate = 0
    this.work.closed(false)
    return this.#done('close', failed ? -this.#errno() : RESULT_DONE)
  }

  #request(step: number, argument: number): number {
    const { world } = this
    switch (step) {
      case STEP_FLUSH:
        world.flush = 1
        return this.#done('flush', RESULT_DONE)
      case STEP_FLUSH_DEADLINE:
      case STEP_DRAIN_DEADLINE:
        world.clock = 1
        return this.#done('clock', RESULT_DONE)
      case STEP_WATCH_ACKED:
        world.watch = 1
        return this.#done('watch', RESULT_DONE)
      case STEP_DRAIN:
        world.drain = 1
        world.reading = RECEIVE_DISCARD
        return this.#done('drain', RESULT_DONE)
      case STEP_DISCARD:
        world.reading = RECEIVE_DISCARD
        return this.#done('discard', RESULT_DONE)
      case STEP_HOLD:
        world.reading = RECEIVE_HOLD
        return this.#done('hold', RESULT_DONE)
      case STEP_RELEASE:
        return this.#release()
      case STEP_RESET:
        return this.#resetByRuntime()
      case STEP_REPORT:
        if (argument & FLAG_REPORTED) this.broken ??= '5 once: a second report'
        this.reported = argument
        return this.#done('report', RESULT_DONE)
      default:
        this.broken ??= `there is no step ${step}`
        return RESULT_DONE
    }
  }

  // A runtime may close its descriptor later. One that leaves us none of our own must close it at once.
  #release(): number {
    const { world } = this
    world.shut = 0
    if (this.context & CAN_HOLD) world.going = world.runtime
    else this.dropRuntime()
    return this.#done('release', RESULT_DONE)
  }

  // With its shutdown pending, or already closing, the runtime has no reset.
  #resetByRuntime(): number {
    const { world } = this
    if (world.shut || !world.runtime) {
      world.going = world.runtime
      return this.#done('reset', RESULT_PENDING)
    }
    if (!this.#fails()) world.linger = 1
    this.dropRuntime()
    return this.#done('reset', world.linger ? RESULT_DONE : -this.#errno())
  }

  // ---- Events -------------------------------------------------------------------------------------------------------

  /** Bytes in the runtime's buffer die with its socket. */
  discard(): void {
    const { world } = this
    if (world.unitA === Unit.BUFFERED) world.unitA = Unit.DISCARDED
    if (world.unitB === Unit.BUFFERED) world.unitB = Unit.DISCARDED
  }

  get buffered(): boolean {
    return this.world.unitA === Unit.BUFFERED || this.world.unitB === Unit.BUFFERED
  }

  /** Whether the peer's stack has confirmed everything that the send queue is asked about. */
  get confirmed(): boolean {
    const { world } = this
    // Nobody can ask a queue without a descriptor, and a reset throws it away.
    if (!world.runtime && !world.duplicate) return false
    if (world.rst !== Rst.NONE && world.fin !== Fin.ACKED) return false
    const open = (unit: number): boolean => unit >= Unit.QUEUED && unit !== Unit.ACKED && unit !== Unit.DISCARDED
    if (open(world.unitA) || open(world.unitB)) return false
    return !this.countsFin || world.fin === Fin.NONE || world.fin === Fin.ACKED
  }

  get countsFin(): boolean {
    return this.work.kernel.answers.sendQueue.of[0] === 'bytes-and-fin'
  }

  facts(event: number): number {
    if (event === EVENT_OPEN) return this.setting.host.shared ? FACT_SHARED : 0
    if (event === EVENT_FINISH_SENDING || event === EVENT_STOP_RECEIVING) return 0
    const { world } = this
    let facts = this.setting.host.budget ? FACT_BUDGET : 0
    if (this.buffered) facts |= FACT_UNFLUSHED
    if (world.data === Arrival.HERE && !world.dead) facts |= FACT_UNREAD
    if (event === EVENT_PEER_RESET || !this.setting.sees) return facts
    if (!this.confirmed) facts |= FACT_UNACKED
    const unsent = world.unitA === Unit.QUEUED || world.unitB === Unit.QUEUED || world.fin === Fin.QUEUED
    return unsent && this.countsFin ? facts | FACT_UNSENT : facts
  }

  /** The number of the rule that the last event fired. */
  rule = 0

  feed(event: number, more = 0): void {
    const facts = this.facts(event) | more
    this.rule = this.engine.decide(this.context, this.state, event, facts) >> PLAN_RULE_SHIFT
    const before = this.world.fin
    noteRule(this)
    this.state = this.engine.on(1, this.context, this.state, event, facts)
    noteReset(this, before)
  }

  /** Whether a command, given once more, would do nothing. */
  repeat(event: number): void {
    const facts = this.facts(event)
    const idle = (this.engine.decide(this.context, this.state, event, facts) & PLAN_ALL_STEPS) === 0
    if (idle && this.engine.enter(this.context, this.state, event, facts) === this.state) return
    this.broken ??= '7 idempotent: repeating the command does something'
  }

  open(): void {
    this.world.guarded = 1
    if (this.setting.host.shared) this.world.other = 1
    if (this.context & CAN_HOLD) this.world.duplicate = 1
    this.feed(EVENT_OPEN)
  }

  /** The process is gone: every descriptor of ours at once. */
  die(): void {
    const { world } = this
    this.discard()
    if (world.linger === 0 && (this.mayBeUnarmed || world.failures > 0)) world.left = 1
    world.runtime = 0
    world.duplicate = 0
    world.alive = 0
    world.flush = 0
    world.shut = 0
    world.going = 0
    world.clock = 0
    world.watch = 0
    world.drain = 0
    world.reading = 0
    this.work.closed(true)
    this.state = 0
  }

  /** The runtime's descriptor is closed, and what it held is thrown away. */
  dropRuntime(): void {
    const { world } = this
    this.discard()
    world.runtime = 0
    world.going = 0
    world.flush = 0
    world.shut = 0
    this.work.closed(false)
  }

  /** The runtime closes its own descriptor, whether it was told to or not. */
  closeRuntime(): void {
    const { world } = this
    const lost = this.buffered ? FACT_UNFLUSHED : 0
    const before = world.rst
    this.dropRuntime()
    // A runtime that closes late lets the kernel reset of itself when the verdict was given long ago.
    if (this.phase === PHASE_ENDED && world.rst !== before && !world.linger) world.behind = 1
    this.feed(EVENT_RUNTIME_CLOSED, FACT_LEAVING | lost)
  }

  /** Whether a death without SO_LINGER is what the policy or the host wants it to be. */
  get mayBeUnarmed(): boolean {
    return (this.context & POLICY_CRASH_LEAVES) !== 0 || (this.context & CAN_ARM) === 0
  }

  exit(more: number): void {
    this.#exiting = true
    this.feed(EVENT_EXITING, more)
    this.#exiting = false
    this.steps = 0
    this.die()
  }
}
