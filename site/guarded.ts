// One connection with a guard: the engine, the host and the kernel of the simulation, and a tape of what they do.
import {
  CAN_HOLD,
  EVENT_FIN_SENT,
  FACT_UNACKED,
  PLAN_RULE_MASK,
  PLAN_RULE_SHIFT,
  RESULT_DONE,
  RESULT_PENDING,
} from '../assembly/abi.ts'
import { EVENT, STEP } from '../adapters/core/names.js'
import type { Exports, Loader } from '../simulation/engine.ts'
import { Host } from '../simulation/host.ts'
import { type Move, moves } from '../simulation/moves.ts'
import type { RawKernel } from '../simulation/raw-kernel.ts'
import type { Setting } from '../simulation/setting.ts'
import { Arrival } from '../simulation/world.ts'
import type { Link } from './link.ts'
import type { Decision, Tape } from './trace.ts'

// The words of the host for its steps, and what they are in the table of steps.
const stepOf: Readonly<Record<string, string>> = {
  arm: 'ARM',
  disarm: 'DISARM',
  disconnect: 'DISCONNECT',
  close: 'CLOSE',
  'shut write': 'SHUT_WRITE',
  flush: 'FLUSH',
  watch: 'WATCH_ACKED',
  drain: 'DRAIN',
  discard: 'DISCARD',
  hold: 'HOLD',
  release: 'RELEASE',
  reset: 'RESET',
  report: 'REPORT',
}

const eventNames = new Map(Object.entries(EVENT).map(([name, number]) => [number, name]))

/** The host of the simulation, telling a tape what it decides and calls. */
class TellingHost extends Host {
  tape!: Tape
  /** The last state that was not thrown away with a dead process. */
  verdictState = 0
  /** False: the decisions that were told are not those of the engine. */
  followed = true
  // The state that the engine has inside one event, followed step by step.
  #inner = 0
  #facts = 0
  #told: Decision | undefined

  constructor(load: Loader) {
    super(load)
    this.tells = true
    this.afterStep = () => this.#step()
  }

  override feed(event: number, more = 0): void {
    this.#facts = this.facts(event) | more
    this.calls.length = 0
    this.#decide(this.state, event, this.#facts)
    super.feed(event, more)
    // What was followed step by step must be what the engine has come to.
    if (this.#inner !== this.state) this.followed = false
    if (this.#told !== undefined) this.#told.after = this.state
    this.verdictState = this.state
    this.tape.see()
  }

  override die(): void {
    this.tape.add({ kind: 'note', side: 'us', text: 'the process is gone', bad: true })
    super.die()
  }

  #decide(state: number, event: number, facts: number): void {
    const { engine, context } = this
    const rule = (engine.decide(context, state, event, facts) >> PLAN_RULE_SHIFT) & PLAN_RULE_MASK
    this.#inner = engine.enter(context, state, event, facts)
    this.#told = { kind: 'decision', event: eventNames.get(event) ?? '', rule, before: state, after: this.#inner }
    this.tape.add(this.#told)
  }

  // A shutdown that is done at once is followed by its event inside the engine.
  #step(): void {
    const [, words = '', outcome] = /^(.*?)( pending| fails)?$/.exec(this.calls.at(-1) ?? '') ?? []
    const result = outcome === undefined ? RESULT_DONE : outcome === ' pending' ? RESULT_PENDING : -1
    this.tape.add({ kind: 'call', text: words, ...(outcome === undefined ? {} : { returned: outcome.trim() }) })
    this.tape.see()
    const step = STEP[stepOf[words] ?? '']
    if (step === undefined) return
    this.#inner = this.engine.settle(this.#inner, step, result)
    if (this.#told !== undefined) this.#told.after = this.#inner
    if (words === 'shut write' && result === RESULT_DONE)
      this.#decide(this.#inner, EVENT_FIN_SENT, this.#facts | FACT_UNACKED)
  }
}

const moveOf = new Map(moves)
const program: Readonly<Record<string, readonly string[]>> = {
  write: ['we write a unit'],
  close: ['close()'],
  finish: ['finishSending()'],
  throw: ['destroy(error)', 'fail()'],
  drop: ['destroy()', 'the guard is disposed'],
  abort: ['abort()'],
  exit: ['the process exits', 'the process crashes'],
  kill: ['the process crashes'],
  read: ['we read a unit'],
  stop: ["stopReceiving('discard')"],
  hold: ["stopReceiving('hold')"],
  refuse: ["stopReceiving('refuse')"],
  deadline: ['a clock runs out'],
}
const runtime = ['the runtime has flushed', 'the runtime sends our FIN', 'the runtime closes']

/** Plays events on a guarded connection. */
export class Guarded {
  readonly host: TellingHost

  constructor(
    load: Loader,
    settingFor: (engine: Exports) => Setting,
    readonly kernel: RawKernel,
    readonly tape: Tape,
    readonly link: Link,
  ) {
    this.host = new TellingHost(load)
    Object.assign(this.host, { setting: settingFor(this.host.engine), work: kernel, tape })
    this.#move('we open')
  }

  #move(name: string): boolean {
    this.host.steps = 0
    const move = moveOf.get(name) as Move
    const moved = move(this.host)
    if (moved) this.tape.see()
    return moved
  }

  play(event: string): boolean {
    if (event === 'linger') return this.#linger()
    return program[event]?.some((name) => this.#move(name)) ?? false
  }

  // The number goes through the encoder of the engine; the option is the one that counts seconds.
  #linger(): boolean {
    const { host, tape } = this
    const { engine, context } = host
    // Without a descriptor there is nothing to set it on.
    if (!host.world.alive || !host.world.runtime || host.world.dead || (context & CAN_HOLD) === 0) return false
    const size = engine.encodeLinger(context, 5)
    const words = [engine.buffer(), engine.buffer() + 4].map((at) => host.peek(at))
    const bytes = words
      .flatMap((word) => [0, 8, 16, 24].map((shift) => ((word >>> shift) & 255).toString(16).padStart(2, '0')))
      .slice(0, size)
    const [level, option] = [1, 2].map((column) => `0x${engine.column(context, column).toString(16)}`)
    tape.add({ kind: 'call', text: `linger ${level} ${option} ${bytes.join(' ')}` })
    tape.add({ kind: 'note', side: 'us', text: 'five seconds, on every platform' })
    // The option is the owner's from here on, and with it what a death comes to.
    if (host.world.linger) tape.add({ kind: 'note', side: 'us', text: 'disarmed: a death is no reset any more' })
    host.state = engine.settle(host.state, STEP.DISARM ?? 0, RESULT_DONE)
    host.world.linger = 0
    host.world.left = 1
    return true
  }

  /** Lets the runtime, the reader and the clocks of the send queue go on; true if something happened. */
  carry(): boolean {
    const { host, link } = this
    const { world } = host
    if (link.takes && this.#move('the runtime flushes a unit')) return true
    if (runtime.some((name) => this.#move(name))) return true
    if (link.carry()) return true
    const drains = world.drain === 1 || world.reading === 1
    if (drains && this.#move('we read a unit')) return true
    if (world.data !== Arrival.HERE && this.#move("we read the peer's FIN")) return true
    return this.#move("we read the peer's reset") || this.#move('the send queue is seen empty')
  }
}
