// What must hold in every world: the invariants of spec/README.md, against what the peer reads and what happened.
import {
  BY_PEER,
  BY_US,
  CAN_ARM,
  CAN_DRAIN,
  CAN_HOLD,
  DELIVERY_ACKED,
  DELIVERY_CONFIRMED,
  DELIVERY_HANDED,
  DELIVERY_LOST,
  ENDED_FIN,
  ENDED_RESET,
  FIELD_BY_SHIFT,
  FIELD_DELIVERY_SHIFT,
  FIELD_ENDED_SHIFT,
  PHASE_CLOSING,
  PHASE_DRAINING,
  PHASE_ENDED,
  PHASE_OPEN,
  POLICY_UNREAD_ABORTS,
} from '../assembly/abi.ts'
import { rules } from '../adapters/core/rules.js'
import type { Host } from './host.ts'
import { Arrival, Fin, Rst, Unit, type World } from './world.ts'

const numbers = new Map(rules.map(({ rule, number }) => [rule, number]))
const numberOf = (id: string): number => {
  const number = numbers.get(id)
  if (number === undefined) throw new Error(`spec/rules.json has no ${id}`)
  return number
}
const [firstReset, lastReset, osDecides] = ['abort-resets', 'error-resets', 'os-decides'].map(numberOf) as [
  number,
  number,
  number,
]
/** Rules by which the stream counts as complete: somebody said so, or the policy does. */
const declaring = new Set(
  [
    'close-flushes',
    'finish-flushes',
    'drop-flushes',
    'peer-fin-flushes',
    'failure-flushes',
    'close-after-finish',
    'drop-sends-fin',
    'drop-leaves-fin',
    'exit-sends-fin',
  ].map(numberOf),
)

/** Writes down what the rule of an event means, before its first step. */
export function noteRule({ rule, world }: Host): void {
  if (declaring.has(rule)) world.declared = 1
  if (rule === osDecides) world.left = 1
}

/** Writes down what became of a rule that resets, after its last step. `fin`: ours before it. */
export function noteReset(host: Host, fin: number): void {
  const { rule, world } = host
  if (rule < firstReset || rule > lastReset) return
  world.late = 1
  if (fin !== Fin.NONE) return
  // What this host has no means for, or what was refused to it, is not promised.
  const reset = world.rst !== Rst.NONE || world.linger === 1
  if (reset || (world.failures === 0 && (host.context & CAN_ARM) !== 0 && world.other === 0)) world.aborted = 1
  else world.left = 1
}

const either = ({ unitA, unitB }: World, fate: number): boolean => unitA === fate || unitB === fate
const discarded = (world: World): boolean => either(world, Unit.BUFFERED) || either(world, Unit.DISCARDED)
const truncated = (world: World): boolean => discarded(world) || either(world, Unit.LOST)

// What is delivered to the peer is read: its program has end of file as soon as our FIN has come.
function checkPeer({ world }: Host): string | undefined {
  if (world.fin < Fin.DELIVERED || world.left) return undefined
  if (!world.declared) return '1 EOF means complete: the peer read end of file, but nobody declared the stream complete'
  if (truncated(world)) return '1 EOF means complete: the peer read end of file of a truncated stream'
  return world.aborted ? '2 abort means reset: the peer read end of file after an abort' : undefined
}

function checkGraceful(host: Host): string | undefined {
  const { world, context } = host
  if (world.rst === Rst.NONE || !world.declared || !world.alive) return undefined
  const excused =
    world.aborted ||
    world.late ||
    world.left ||
    world.failures ||
    world.other ||
    world.peerRst !== Arrival.FLYING ||
    // An exhausted budget for draining is the price that this host has chosen.
    host.setting.host.budget
  if (excused || (context & (CAN_HOLD | CAN_DRAIN)) !== (CAN_HOLD | CAN_DRAIN)) return undefined
  return context & POLICY_UNREAD_ABORTS ? undefined : '3 no loss by us: a close that was in time provoked a reset'
}

function checkBounds(host: Host): string | undefined {
  const { world, phase, context } = host
  if (!world.alive) return undefined
  if ((phase === PHASE_CLOSING || phase === PHASE_DRAINING) && !world.clock) return '6 bounded: a wait without a clock'
  if (phase === PHASE_ENDED) {
    return world.duplicate ? '5 once: the connection has ended and our descriptor is still open' : undefined
  }
  const held = (context & CAN_HOLD) !== 0 && phase >= PHASE_OPEN && phase !== PHASE_CLOSING && phase !== PHASE_DRAINING
  return held && !world.runtime ? '6 bounded: the runtime is gone and nobody ends the connection' : undefined
}

const field = (state: number, shift: number, mask: number): number => (state >> shift) & mask

/** Whether a verdict is true of the world; `over`: every descriptor of ours is closed. */
function checkVerdict({ world }: Host, state: number, over: boolean): string | undefined {
  const ended = field(state, FIELD_ENDED_SHIFT, 3)
  const by = field(state, FIELD_BY_SHIFT, 3)
  const delivery = field(state, FIELD_DELIVERY_SHIFT, 7)
  const arrived = (unit: number): boolean => unit === Unit.NONE || unit === Unit.ACKED
  const all = arrived(world.unitA) && arrived(world.unitB)
  if (ended === ENDED_FIN && over && by !== BY_PEER) {
    // A kernel that was left to deliver it may have thrown it away, and a reset of the peer may be there unread.
    if (world.fin === Fin.NONE && !world.behind && world.peerRst < Arrival.HERE)
      return '8 honest: the verdict says fin, and there was none'
  }
  if (ended === ENDED_RESET && over && by !== BY_PEER) {
    if (world.rst === Rst.NONE && world.peerRst === Arrival.FLYING)
      return '8 honest: the verdict says reset, and there was none'
    if (by === BY_US && world.behind) return '8 honest: the verdict says reset, behind a FIN that was sent'
  }
  if (ended === ENDED_RESET && by === BY_PEER && world.peerRst === Arrival.FLYING)
    return "8 honest: the verdict says the peer's reset, and there was none"
  if (delivery >= DELIVERY_ACKED && delivery < DELIVERY_LOST && !all)
    return '8 honest: the verdict says acked too early'
  if (delivery === DELIVERY_CONFIRMED && world.peerFin < Arrival.HERE)
    return '8 honest: the verdict says confirmed, and the peer did not finish'
  if (delivery === DELIVERY_HANDED && discarded(world))
    return '8 honest: the verdict says handed over, and bytes were thrown away'
  // A FIN that was thrown away unsent is a loss too.
  if (delivery === DELIVERY_LOST && all && over && world.fin >= Fin.DELIVERED)
    return '8 honest: the verdict says lost, and nothing was'
  return undefined
}

/** The first promise that this world breaks. */
export function checkWorld(host: Host): string | undefined {
  const { world, state } = host
  const peer = host.broken ?? checkPeer(host) ?? checkGraceful(host) ?? checkBounds(host)
  if (peer !== undefined) return peer
  if (host.reported !== -1) {
    const told = checkVerdict(host, host.reported, !world.alive)
    if (told !== undefined) return told
  }
  return isOver(host) ? checkVerdict(host, state, true) : undefined
}

/** Whether the connection has ended for us: its verdict is final and no descriptor of it is left. */
export const isOver = ({ world, phase }: Host): boolean =>
  phase === PHASE_ENDED && world.alive === 1 && !world.runtime && !world.duplicate && !world.other
