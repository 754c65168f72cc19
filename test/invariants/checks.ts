// What must hold at every moment: the invariants of spec/README.md, against what was really declared, sent and seen.
import {
  BY_KERNEL,
  BY_PEER,
  BY_US,
  CAN_ARM,
  DELIVERY_ACKED,
  DELIVERY_CONFIRMED,
  DELIVERY_HANDED,
  ENDED_FIN,
  ENDED_RESET,
  EVENT_ABORT,
  EVENT_ACKED,
  EVENT_CLOSE,
  EVENT_DROPPED,
  EVENT_EXITING,
  EVENT_FAILED,
  EVENT_FINISH_SENDING,
  EVENT_FIN_SENT,
  EVENT_PEER_FIN,
  EVENT_PEER_RESET,
  EVENT_RUNTIME_CLOSED,
  FACT_COMPLETE,
  FACT_LEAVING,
  FACT_UNACKED,
  FACT_UNFLUSHED,
  FACT_UNREAD,
  FACT_UNSENT,
  FIELD_BY_SHIFT,
  FIELD_DELIVERY_SHIFT,
  FIELD_ENDED_SHIFT,
  FIELD_RULE_SHIFT,
  FLAG_ARMED,
  FLAG_FIN_OUT,
  FLAG_PEER_FIN,
  FLAG_SHARED,
  PHASE_CLOSING,
  PHASE_DRAINING,
  PHASE_ENDED,
  PHASE_MASK,
  PHASE_NEW,
  POLICY_DROP_ABORTS,
  POLICY_EXIT_CLOSES,
  POLICY_FAILURE_CLOSES,
  POLICY_HANDS_OFF,
  POLICY_PEER_FIN_CLOSES,
  STEP_ARM,
  STEP_CLOSE,
  STEP_DISARM,
  STEP_DISCONNECT,
  STEP_DRAIN_DEADLINE,
  STEP_FLUSH_DEADLINE,
  STEP_RELEASE,
  STEP_REPORT,
  STEP_RESET,
  STEP_SHUT_WRITE,
  TRAIT_UNREAD_RESETS,
} from '../../assembly/abi.ts'
import { rules } from '../../adapters/core/rules.js'
import type { Machine } from './machine.ts'

/** What really happened so far; bits. */
export const History = {
  /** completion was declared, by the owner or by the policy */
  Declared: 1,
  /** a clock runs */
  Clock: 2,
  /** the runtime let go of its socket */
  Gone: 4,
  /** our FIN was handed over, or may have been */
  FinOut: 8,
  /** everything was seen to be confirmed */
  Acked: 16,
  /** SHUT_WRITE was called while the runtime lived */
  Asked: 32,
  /** the verdict was given out */
  Told: 64,
  Size: 128,
} as const

/** One event, before and after. */
export interface Moment {
  context: number
  traits: number
  /** Whether the send queue can be asked. */
  sees: boolean
  before: number
  history: number
  event: number
  facts: number
  after: number
}

const steps = {
  arm: STEP_ARM,
  disarm: STEP_DISARM,
  disconnect: STEP_DISCONNECT,
  close: STEP_CLOSE,
  shut: STEP_SHUT_WRITE,
  release: STEP_RELEASE,
  reset: STEP_RESET,
  report: STEP_REPORT,
  flushClock: STEP_FLUSH_DEADLINE,
  drainClock: STEP_DRAIN_DEADLINE,
}
const numbers = new Map(rules.map(({ rule, number }) => [rule, number]))
const rule = (id: string): number => numbers.get(id) ?? -1
const [firstReset, lastReset] = [rule('abort-resets'), rule('error-resets')]
const finalPhase = PHASE_ENDED

const phaseOf = (state: number): number => state & PHASE_MASK
const ruleOf = (state: number): number => (state >> FIELD_RULE_SHIFT) & 63
const endedOf = (state: number): number => (state >> FIELD_ENDED_SHIFT) & 3
const byOf = (state: number): number => (state >> FIELD_BY_SHIFT) & 3
const deliveryOf = (state: number): number => (state >> FIELD_DELIVERY_SHIFT) & 7

// Whether this event declares our stream complete, by itself or by the policy.
function declares({ context, event, facts }: Moment): boolean {
  switch (event) {
    case EVENT_CLOSE:
    case EVENT_FINISH_SENDING:
      return true
    case EVENT_PEER_FIN:
      return (context & POLICY_PEER_FIN_CLOSES) !== 0
    case EVENT_DROPPED:
    case EVENT_RUNTIME_CLOSED:
      return (context & POLICY_DROP_ABORTS) === 0
    case EVENT_FAILED:
      return (context & POLICY_FAILURE_CLOSES) !== 0
    case EVENT_EXITING:
      return (context & POLICY_EXIT_CLOSES) !== 0 || (facts & FACT_COMPLETE) !== 0
    default:
      return false
  }
}

const letsGo = ({ event, facts }: Moment): boolean => (facts & FACT_LEAVING) !== 0 || event === EVENT_RUNTIME_CLOSED

function historyAfter(moment: Moment, machine: Machine): number {
  let history = moment.history
  if (declares(moment)) history |= History.Declared
  if (letsGo(moment)) history |= History.Gone
  if ((moment.after & FLAG_FIN_OUT) !== 0 || moment.event === EVENT_FIN_SENT) history |= History.FinOut
  const fresh = moment.sees && (moment.facts & FACT_UNACKED) === 0
  if (moment.event === EVENT_ACKED || fresh) history |= History.Acked
  machine.calls.forEach((step, index) => {
    const outcome = machine.results[index] ?? 0
    if (step === steps.shut && outcome < 2) history |= History.FinOut
    if (step === steps.shut && !letsGo(moment) && moment.event !== EVENT_EXITING) history |= History.Asked
    if (step === steps.flushClock || step === steps.drainClock) history |= History.Clock
    if (step === steps.report) history |= History.Told
  })
  // A queue that was empty before our FIN says nothing of the FIN.
  const first = (moment.history & History.FinOut) === 0 && (moment.before & FLAG_FIN_OUT) === 0
  return first && doneAt(machine, steps.shut) >= 0 ? history & ~History.Acked : history
}

// Whether a step was done in this event, and at which place.
const doneAt = (machine: Machine, step: number): number =>
  machine.calls.findIndex((call, index) => call === step && machine.results[index] === 0)

// Whether the end of the connection put a reset on the wire. A disconnect with linger refused is a FIN on one system.
function resets(moment: Moment, machine: Machine): boolean {
  if (doneAt(machine, steps.reset) >= 0) return true
  if ((moment.after & FLAG_ARMED) === 0) return false
  if (doneAt(machine, steps.disconnect) >= 0) return true
  if ((moment.after & FLAG_SHARED) !== 0) return false
  return doneAt(machine, steps.release) >= 0 || doneAt(machine, steps.close) >= 0
}

function checkSteps(moment: Moment, machine: Machine): string | undefined {
  const { calls } = machine
  const shut = calls.indexOf(steps.shut)
  if (phaseOf(moment.before) === finalPhase) {
    return calls.length > 0 || moment.after !== moment.before ? '5 once: something happens after the end' : undefined
  }
  const plan = machine.engine.decide(moment.context, moment.before, moment.event, moment.facts)
  const planned = (plan >> 20) & 63
  if (shut >= 0) {
    if (planned >= firstReset && planned <= lastReset) return '2 abort means reset: SHUT_WRITE after an abort'
    const declared = (moment.history & History.Declared) !== 0 || declares(moment)
    if (!declared) return '1 EOF means complete: SHUT_WRITE, but nobody declared the stream complete'
    if ((moment.facts & FACT_UNFLUSHED) !== 0)
      return '1 EOF means complete: SHUT_WRITE, but the runtime still holds bytes'
    const disarm = calls.indexOf(steps.disarm)
    if ((moment.before & FLAG_ARMED) !== 0 && (disarm < 0 || disarm > shut)) return '3 no loss: SHUT_WRITE while armed'
    const lives = !letsGo(moment) && (moment.history & History.Gone) === 0 && moment.event !== EVENT_EXITING
    if (lives && (moment.history & History.Asked) !== 0) return '5 once: a second SHUT_WRITE'
  }
  if (doneAt(machine, steps.shut) >= 0 && (moment.after & FLAG_FIN_OUT) === 0 && phaseOf(moment.after) !== finalPhase) {
    return '6 bounded: our FIN went out and nobody noted it'
  }
  if (machine.reports + ((moment.history & History.Told) !== 0 ? 1 : 0) > 1) return '5 once: a second REPORT'
  return undefined
}

function checkBounded(moment: Moment, history: number): string | undefined {
  const phase = phaseOf(moment.after)
  const waits = phase === PHASE_CLOSING || phase === PHASE_DRAINING
  return waits && (history & History.Clock) === 0 ? '6 bounded: a wait without a clock' : undefined
}

const commands = new Set([EVENT_CLOSE, EVENT_FINISH_SENDING, EVENT_ABORT])

function checkRepeat({ context, event, facts, before, after }: Moment, { engine }: Machine): string | undefined {
  if (!commands.has(event) || phaseOf(before) === PHASE_NEW) return undefined
  const plan = engine.decide(context, after, event, facts)
  const idle = (plan & 0xfffff) === 0 && engine.enter(context, after, event, facts) === after
  return idle ? undefined : '7 idempotent: repeating the command does something'
}

// The end that nobody made by a step: the last close does it.
function checkLeft(moment: Moment, machine: Machine, history: number): string | undefined {
  const { after } = moment
  const fired = ruleOf(after)
  if (phaseOf(after) !== finalPhase || fired === rule('peer-reset-ends') || (history & History.FinOut) !== 0)
    return undefined
  if (resets(moment, machine)) return undefined
  if (fired >= firstReset && fired <= lastReset) {
    const could = (moment.context & CAN_ARM) !== 0 && (after & FLAG_ARMED) !== 0 && (after & FLAG_SHARED) === 0
    const open = doneAt(machine, steps.release) < 0 && doneAt(machine, steps.close) < 0
    return could && !open ? '2 abort means reset: an armed close that does not reset' : undefined
  }
  if (fired === rule('os-decides')) {
    return (moment.context & POLICY_HANDS_OFF) !== 0
      ? undefined
      : '1 EOF means complete: the OS decides without the policy manual'
  }
  if ((history & History.Declared) === 0)
    return '1 EOF means complete: a release that sends a FIN, but nobody declared the stream complete'
  return (moment.facts & FACT_UNFLUSHED) !== 0
    ? '1 EOF means complete: a release that sends a FIN of a truncated stream'
    : undefined
}

// What the verdict says, against what happened.
function checkVerdict(state: number, moment: Moment, machine: Machine, history: number): string | undefined {
  const [ended, by, delivery] = [endedOf(state), byOf(state), deliveryOf(state)]
  const over = phaseOf(state) === finalPhase
  const finOut = (history & History.FinOut) !== 0
  const armed = (state & FLAG_ARMED) !== 0
  const acked = (history & History.Acked) !== 0
  const unread = (moment.facts & FACT_UNREAD) !== 0 && (moment.traits & TRAIT_UNREAD_RESETS) !== 0
  if (ended === ENDED_FIN) {
    if (!over && !finOut) return '8 honest: a FIN that is not out'
    if (over && !finOut && (armed || (state & FLAG_SHARED) !== 0))
      return '8 honest: a FIN of a last close that sends none'
    if (over && !acked && (armed || unread)) return '8 honest: a FIN that the last close may have reset'
  }
  if (ended === ENDED_RESET) {
    if (by === BY_PEER && moment.event !== EVENT_PEER_RESET) return '8 honest: a reset of the peer that did not come'
    const byKernel = (by === BY_KERNEL && unread) || (ruleOf(state) === rule('os-decides') && armed)
    if (by !== BY_PEER && !byKernel && !resets(moment, machine)) return '8 honest: a reset that did not leave'
    if (by === BY_US && finOut && (moment.facts & FACT_UNSENT) === 0)
      return '8 honest: a reset although our FIN may have arrived'
  }
  if (delivery === DELIVERY_ACKED && !acked) return '8 honest: acked, but no acknowledgement was seen'
  if (delivery === DELIVERY_CONFIRMED && !(acked && (state & FLAG_PEER_FIN) !== 0))
    return '8 honest: confirmed, but the peer did not'
  if (delivery === DELIVERY_HANDED && (moment.facts & FACT_UNFLUSHED) !== 0)
    return '8 honest: handed over, but the runtime still holds bytes'
  return undefined
}

function checkVerdicts(moment: Moment, machine: Machine, history: number): string | undefined {
  // What a report gave out may improve later, but must be true by then.
  const told = machine.reported === -1 ? undefined : checkVerdict(machine.reported, moment, machine, history)
  if (told !== undefined) return told
  return phaseOf(moment.after) === finalPhase && phaseOf(moment.before) !== finalPhase
    ? checkVerdict(moment.after, moment, machine, history)
    : undefined
}

/** The history after this moment, and which invariant it breaks, if any. */
export function check(moment: Moment, machine: Machine): { history: number; broken: string | undefined } {
  const first = checkSteps(moment, machine)
  if (phaseOf(moment.before) === finalPhase) return { history: moment.history, broken: first }
  const history = historyAfter(moment, machine)
  const broken =
    first ??
    checkBounded(moment, history) ??
    checkLeft(moment, machine, history) ??
    checkVerdicts(moment, machine, history) ??
    checkRepeat(moment, machine)
  return { history, broken }
}
