// Plays a list of events on one connection: a platform, a runtime, a policy; answers what happened, step by step.
import { FLAG_REPORTED, PHASE_ENDED, PHASE_MASK } from '../assembly/abi.ts'
import { parsePolicy } from '../adapters/core/policy.js'
import type { PolicyOptions, Verdict } from '../adapters/core/types.js'
import { verdictIn } from '../adapters/core/verdict.js'
import type { Exports, Loader } from '../simulation/engine.ts'
import { type AskedAnswer, type Choose, RawKernel } from '../simulation/raw-kernel.ts'
import { checkWorld } from '../simulation/promises.ts'
import { type Setting, settingOf } from '../simulation/setting.ts'
import { Arrival, Fin, newWorld, type World } from '../simulation/world.ts'
import { Guarded } from './guarded.ts'
import { kernelOf } from './kernels.ts'
import { Link } from './link.ts'
import { type Outcome, outcomeOf } from './outcome.ts'
import { canOf, runtimeOf } from './runtimes.ts'
import { type States, statesOf } from './states.ts'
import { type Item, type PeerView, Tape } from './trace.ts'
import { Unguarded } from './unguarded.ts'

/** What one column of the page is about. */
export interface LaneConfig {
  /** A platform and a release of it: `linux-6.18`. */
  platform: string
  runtime: string
  /** None: nobody guards the connection. */
  policy: PolicyOptions | undefined
}

/** What one event led to. */
export interface Step {
  event: string
  /** False: it was not possible, and nothing happened. */
  happened: boolean
  items: Item[]
  states: States
  outcome: Outcome
}

/** What became of a connection. */
export interface LaneResult {
  steps: Step[]
  outcome: Outcome
  verdict: Verdict | undefined
  world: World
  peer: PeerView
  /** The answers of the table that were needed; those with several possibilities decide what is shown. */
  asked: AskedAnswer[]
  /** A promise that the host has broken. */
  broken: string | undefined
  /** The decisions that are told are those of the engine. */
  followed: boolean
}

const mostCarried = 64

interface Player {
  play(event: string): boolean
  carry(): boolean
}

/** One connection, played from its beginning. */
class Lane {
  readonly world = newWorld()
  readonly kernel: RawKernel
  readonly tape: Tape
  readonly link: Link
  readonly player: Guarded | Unguarded
  /** The first promise that was broken, but for what rests on an unknown cell. */
  broken: string | undefined
  #peerFirst = false

  constructor(load: Loader, config: LaneConfig, choose: Choose) {
    const { kernel: data } = kernelOf(config.platform)
    const runtime = runtimeOf(config.runtime)
    this.kernel = new RawKernel(data, this.world, choose)
    this.tape = new Tape(this.world, this.kernel.asked)
    this.link = new Link(this.kernel, this.tape)
    if (config.policy === undefined) {
      this.player = new Unguarded(this.kernel, runtime.blocking, this.tape, this.link)
      return
    }
    const host = { title: runtime.name, can: canOf(runtime, data) }
    const { bits } = parsePolicy(config.policy, true)
    const setting = (engine: Exports): Setting => settingOf(engine, '', data, host, bits, { units: 2, failures: 0 })
    this.player = new Guarded(load, setting, this.kernel, this.tape, this.link)
  }

  step(event: string): Step {
    const { tape, player, link } = this
    tape.items = []
    const happened = event === 'open' || (link.play(event) ?? (player as Player).play(event))
    for (let turn = 0; turn < mostCarried && player.carry(); turn += 1) tape.see()
    if (player instanceof Guarded && this.world.guess === 0) this.broken ??= checkWorld(player.host)
    return { event, happened, items: tape.items, states: this.states(), outcome: this.outcome() }
  }

  states(): States {
    const { player, world, tape } = this
    if (world.peerFin !== Arrival.FLYING && world.fin === Fin.NONE) this.#peerFirst = true
    // A process that is gone has no guard any more.
    const phase = player instanceof Guarded && world.alive ? player.host.state & PHASE_MASK : -1
    return statesOf(world, tape.peer, this.#peerFirst, phase)
  }

  outcome(): Outcome {
    const { player, world, tape } = this
    const guarded = player instanceof Guarded
    const declared = guarded ? world.declared === 1 : player.declared
    const aborted = guarded ? world.aborted === 1 : player.aborted
    return outcomeOf(world, tape.peer, declared, aborted)
  }

  verdict(): Verdict | undefined {
    const { player, world } = this
    if (player instanceof Unguarded) return undefined
    const { host } = player
    const state = world.alive ? host.state : host.verdictState
    const final = (state & PHASE_MASK) === PHASE_ENDED || (state & FLAG_REPORTED) !== 0
    return final ? verdictIn(state, host.engine.certainty(host.context, state)) : undefined
  }
}

/** Plays the events, after an `open`. */
export function playLane(load: Loader, config: LaneConfig, events: readonly string[], choose: Choose): LaneResult {
  const lane = new Lane(load, config, choose)
  const steps = ['open', ...events].map((event) => lane.step(event))
  const { world, tape, kernel, player } = lane
  return {
    steps,
    outcome: lane.outcome(),
    verdict: lane.verdict(),
    world,
    peer: tape.peer,
    asked: kernel.asked,
    broken: lane.broken,
    followed: player instanceof Guarded ? player.host.followed : true,
  }
}
