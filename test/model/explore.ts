// Explores every world that one connection can come to, breadth first, so that the trace of a broken promise is a
// shortest one.
//
// 1. A state is the engine's word and the two words of the world, each without what can make no difference any more.
// 2. Each move is tried with every pick that it makes: which answer of the table, which call fails, now or later.
// 3. After each step of a move the process may die.
// 4. What comes after the end does not depend on the policy: the settings of one group explore it once.
import {
  EVENT_ABORT,
  EVENT_CLOSE,
  FIELD_BY_SHIFT,
  FIELD_CAUSE_SHIFT,
  FIELD_DELIVERY_SHIFT,
  FIELD_ENDED_SHIFT,
  FIELD_RECEIVED_SHIFT,
  FIELD_RULE_MASK,
  FIELD_RULE_SHIFT,
  PHASE_ENDED,
  PHASE_MASK,
  RECEIVED_MASK,
} from '../../assembly/abi.ts'
import type { Host } from '../../simulation/host.ts'
import { KernelAtWork } from '../../simulation/kernel.ts'
import { type Move, moves } from '../../simulation/moves.ts'
import { checkWorld, isOver } from '../../simulation/promises.ts'
import type { Setting } from '../../simulation/setting.ts'
import { newWorld, tellWorld, type World } from '../../simulation/world.ts'
import { Oracle } from './oracle.ts'
import { packFirst, packSecond, unpackFirst, unpackSecond } from './packing.ts'
import { States } from './states.ts'

/** What an exploration came to. */
export interface Explored {
  states: number
  transitions: number
  /** By promise and unknown cell: what nobody can promise before that cell is known, and how often it was met. */
  unknown: Map<string, number>
}

/** A promise that was broken, and the shortest way there, for {@link replay}. */
export class Broken extends Error {
  constructor(
    readonly promise: string,
    readonly setting: Setting,
    readonly path: readonly number[],
  ) {
    super(`${setting.id}: ${promise}`)
  }
}

const causeMask = 15 << FIELD_CAUSE_SHIFT
const closeCause = EVENT_CLOSE << FIELD_CAUSE_SHIFT
const otherCause = EVENT_ABORT << FIELD_CAUSE_SHIFT
// The rule that fired and how the other direction ended: no decision reads them.
const unreadMask = (FIELD_RULE_MASK << FIELD_RULE_SHIFT) | (RECEIVED_MASK << FIELD_RECEIVED_SHIFT)
const verdictMask = PHASE_MASK | (3 << FIELD_ENDED_SHIFT) | (3 << FIELD_BY_SHIFT) | (7 << FIELD_DELIVERY_SHIFT)

// Of the causes a decision asks only whether it was CLOSE; after the end only the verdict counts.
function normal(state: number): number {
  if ((state & PHASE_MASK) === PHASE_ENDED) return state & verdictMask
  const cause = state & causeMask
  const told = cause === 0 || cause === closeCause ? cause : otherCause
  return (state & ~causeMask & ~unreadMask) | told
}

const acts = moves.map(([, move]) => move)

// A way in one number: the picks, the place of the death from 1 (0: none), the move.
const wayOf = (move: number, death: number, picks: number): number => (picks << 10) | (death << 6) | move

/** One host at one connection of one setting. */
class Play {
  readonly world: World = newWorld()
  readonly oracle = new Oracle()
  /** The world after each step, packed in two words each: where the process may die. */
  readonly between = new Int32Array(64)

  constructor(
    readonly host: Host,
    setting: Setting,
  ) {
    host.afterStep = () => {
      this.between[2 * host.steps] = packFirst(host.world)
      this.between[2 * host.steps + 1] = packSecond(host.world)
    }
    host.work = new KernelAtWork(setting.kernel, this.world, this.oracle.pick)
    host.setting = setting
  }

  begin(engine: number, first: number, second: number): void {
    const { host } = this
    unpackFirst(this.world, first)
    unpackSecond(this.world, second)
    host.state = engine
    host.steps = 0
    if (host.tells) host.calls.length = 0
    host.reported = -1
    host.broken = undefined
  }

  /** Checks the world, and takes away what can make no difference any more. Answers the promise that it breaks. */
  arrive(): string | undefined {
    const { host, world } = this
    // What is over needs no clock.
    if (host.phase === PHASE_ENDED) {
      world.clock = 0
      world.watch = 0
      world.flush = 0
      world.shut = 0
    }
    const broken = checkWorld(host)
    if (isOver(host) || !world.alive) this.#bury()
    return broken
  }

  // Nothing of ours is left: only what is on the way, and what the peer may still read, goes on.
  #bury(): void {
    const { host, world } = this
    host.state = 0
    world.alive = 0
    world.reading = 0
    world.drain = 0
    world.late = 0
    world.behind = 0
    world.failures = 0
    if (!world.other) world.linger = 0
    if (!world.dead) return
    world.data = 0
    world.peerFin = 0
    world.peerRst = 0
  }
}

/** Explores one setting. Throws {@link Broken} at the first promise that is broken. */
export function explore(host: Host, setting: Setting, afterlife = new States()): Explored {
  const play = new Play(host, setting)
  const { world, oracle, between } = play
  const states = new States()
  const unknown = new Map<string, number>()
  let transitions = 0

  const arrive = (from: number, way: number): void => {
    transitions += 1
    const broken = play.arrive()
    if (broken === undefined) {
      const first = packFirst(world)
      const second = packSecond(world)
      if (host.state === 0 && !afterlife.add(0, first, second, -1, 0)) return
      states.add(normal(host.state), first, second, from, way)
    } else if (world.guess === 0) {
      throw new Broken(broken, setting, pathTo(states, from, way))
    } else {
      const about = `${broken}, unless ${host.work.guessed} is as hoped`
      unknown.set(about, (unknown.get(about) ?? 0) + 1)
    }
  }

  const second = new Oracle()
  const living = host.work
  const dying = new KernelAtWork(setting.kernel, world, second.pick)
  // The last step needs none: the crash is a move of its own.
  const dieBetween = (from: number, move: number, picks: number): void => {
    const steps = host.steps
    for (let step = 0; step < steps - 1; step += 1) {
      second.clear()
      do {
        second.again()
        play.begin(0, between[2 * step] as number, between[2 * step + 1] as number)
        if (!world.alive) break
        host.work = dying
        host.die()
        arrive(from, wayOf(move, step + 1, picks))
      } while (second.advance())
    }
    host.work = living
  }

  const begin = (at: number): void =>
    play.begin(states.engine[at] as number, states.first[at] as number, states.second[at] as number)

  states.add(0, packFirst(world), packSecond(world), -1, 0)
  for (let at = 0; at < states.count; at += 1) {
    begin(at)
    for (let number = 0; number < acts.length; number += 1) {
      const move = acts[number] as Move
      oracle.clear()
      // A move that is not possible now has changed nothing.
      let possible = move(host)
      while (possible) {
        const picks = oracle.code()
        arrive(at, wayOf(number, 0, picks))
        if (host.steps > 1) dieBetween(at, number, picks)
        const more = oracle.advance()
        begin(at)
        oracle.again()
        possible = more && move(host)
      }
    }
  }
  return { states: states.count, transitions, unknown }
}

function pathTo(states: States, from: number, way: number): number[] {
  const path = [way]
  for (let at = from; at > 0; at = states.parent[at] as number) path.push(states.way[at] as number)
  return path.reverse()
}

/** Plays a path once more and answers lines that tell it. */
export function replay(
  host: Host,
  setting: Setting,
  path: readonly number[],
  tell: (state: number) => string,
): string[] {
  const play = new Play(host, setting)
  const { world, oracle } = play
  const lines: string[] = []
  host.state = 0
  host.tells = true
  for (const way of path) {
    play.begin(host.state, packFirst(world), packSecond(world))
    oracle.dictate(way >>> 10)
    const death = (way >> 6) & 15
    const [name, move] = moves[way & 63] ?? ['a move that is unknown', () => false]
    if (!move(host)) return [...lines, `${name}: is not possible here; the path is of another version`]
    const calls = death === 0 ? host.calls : [...host.calls.slice(0, death), 'the process dies']
    lines.push(calls.length === 0 ? name : `${name}: ${calls.join(', ')}`)
    if (death > 0) {
      const at = 2 * (death - 1)
      play.begin(0, play.between[at] as number, play.between[at + 1] as number)
      host.die()
    }
    const told = host.state
    const broken = play.arrive()
    lines.push(`    ${world.alive ? `${tell(told)} | ` : ''}${tellWorld(world)}`)
    if (broken !== undefined) return [...lines, `  ! ${broken}`]
    host.state = normal(host.state)
  }
  return lines
}
