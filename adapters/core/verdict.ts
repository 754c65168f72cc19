// Reads the verdict out of a state.
import {
  BY_MASK,
  CAUSE_MASK,
  DELIVERY_MASK,
  ENDED_MASK,
  EVENT_ABORT,
  EVENT_CLOSE,
  EVENT_DATA,
  EVENT_DEADLINE,
  EVENT_DROPPED,
  EVENT_EXITING,
  EVENT_FAILED,
  EVENT_FINISH_SENDING,
  EVENT_FIN_SENT,
  EVENT_OS_ERROR,
  EVENT_OVER_LIMIT,
  EVENT_PEER_FIN,
  EVENT_PEER_RESET,
  EVENT_RUNTIME_CLOSED,
  FIELD_BY_SHIFT,
  FIELD_CAUSE_SHIFT,
  FIELD_DELIVERY_SHIFT,
  FIELD_ENDED_SHIFT,
  FIELD_RECEIVED_SHIFT,
  FIELD_RULE_MASK,
  FIELD_RULE_SHIFT,
  RECEIVED_MASK,
} from '../../assembly/abi.js'
import { rules } from './rules.js'
import type { Verdict } from './types.js'
import { engine } from './wasm.js'

const endedWords = ['unknown', 'fin', 'reset', 'silent'] as const
const byWords = ['unknown', 'us', 'peer', 'kernel'] as const
const deliveryWords = ['unknown', 'handed', 'acked', 'confirmed', 'lost'] as const
const receivedWords = ['unknown', 'complete', 'reset', 'discarded'] as const
const certaintyWords = ['assumed', 'documented', 'measured'] as const

// The state holds the event that was the cause; the verdict tells it in the words of the public interface.
const causeWords = new Map<number, Verdict['cause']>([
  [EVENT_CLOSE, 'close'],
  [EVENT_FINISH_SENDING, 'close'],
  [EVENT_ABORT, 'abort'],
  [EVENT_DATA, 'abort'],
  [EVENT_DROPPED, 'drop'],
  [EVENT_RUNTIME_CLOSED, 'drop'],
  [EVENT_FAILED, 'failure'],
  [EVENT_EXITING, 'exit'],
  [EVENT_DEADLINE, 'deadline'],
  [EVENT_OVER_LIMIT, 'limit'],
  [EVENT_PEER_FIN, 'peer'],
  [EVENT_PEER_RESET, 'peer'],
  [EVENT_OS_ERROR, 'error'],
  [EVENT_FIN_SENT, 'error'],
])

const ruleNames: string[] = []
for (const { number, rule } of rules) ruleNames[number] = rule

/** The rule with this number, by its id. */
export function ruleName(number: number): string {
  return ruleNames[number] ?? `rule ${number}`
}

/** The verdict of a state, without what only the host knows (`unsent`, `error`). */
export function verdictOf(context: number, state: number): Verdict {
  return verdictIn(state, engine().certainty(context, state))
}

/** What only the host knows of an ending. */
export interface Told {
  unsent: number | undefined
  error: Error | undefined
  /** The peer's FIN is no proof that all it sent was read. */
  cut: boolean
  /** What was not read is kept for its owner. */
  kept: boolean
  /** It went on in other hands, whole. */
  handedWhole: boolean
}

/** The verdict of a state, with what only the host knows. */
export function fullVerdict(context: number, state: number, told: Told): Verdict {
  const verdict = verdictOf(context, state)
  if (told.kept && verdict.received === 'discarded') verdict.received = 'unknown'
  if (told.cut && verdict.received === 'complete') verdict.received = 'unknown'
  const settled = verdict.delivery === 'acked' || verdict.delivery === 'confirmed'
  const unsent = settled ? 0 : told.unsent
  if (unsent !== undefined) verdict.unsent = unsent
  if (told.error !== undefined) verdict.error = told.error
  if (told.handedWhole && verdict.cause === 'drop') verdict.cause = 'close'
  return verdict
}

/** The same with a CERTAINTY_* that is known already. */
export function verdictIn(state: number, certainty: number): Verdict {
  return {
    ended: endedWords[(state >> FIELD_ENDED_SHIFT) & ENDED_MASK] ?? 'unknown',
    by: byWords[(state >> FIELD_BY_SHIFT) & BY_MASK] ?? 'unknown',
    cause: causeWords.get((state >> FIELD_CAUSE_SHIFT) & CAUSE_MASK) ?? 'close',
    delivery: deliveryWords[(state >> FIELD_DELIVERY_SHIFT) & DELIVERY_MASK] ?? 'unknown',
    received: receivedWords[(state >> FIELD_RECEIVED_SHIFT) & RECEIVED_MASK] ?? 'unknown',
    certainty: certaintyWords[certainty] ?? 'assumed',
    rule: ruleName((state >> FIELD_RULE_SHIFT) & FIELD_RULE_MASK),
  }
}
