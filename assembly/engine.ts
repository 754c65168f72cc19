// The one file that knows when FIN and when RST: which rule an event fires, and what that rule does.
//
// 1. Everything here is pure: no memory, no clock, no I/O. What is known comes in, what is to be done goes out.
// 2. choose() holds every opinion. steps() only carries out what the number of the rule says; record.ts writes it down.
// 3. No platform is named. What differs between platforms is a trait, read from the table by row().
// 4. The source is both AssemblyScript and erasable TypeScript: i32, functions and switch; nothing else.
import {
  ARGUMENT_SHIFT, CAN_ARM, CAN_HOLD, CAN_RESET, CONFIRM_NONE, CONFIRM_PEER, EVENT_ACKED, EVENT_CLOSE, EVENT_DATA,
  EVENT_DEADLINE, EVENT_DROPPED, EVENT_EXITING, EVENT_FAILED, EVENT_FIN_SENT, EVENT_FLUSHED, EVENT_OPEN,
  EVENT_OVER_LIMIT, EVENT_PEER_FIN, EVENT_RUNTIME_CLOSED, EVENT_STOP_RECEIVING, FACT_COMPLETE, FACT_LEAVING,
  FACT_UNFLUSHED, FACT_UNREAD, FLAG_ACKED, FLAG_ARMED, FLAG_FIN_ASKED, FLAG_PEER_FIN, FLAG_REPORTED, PHASE_DRAINING,
  PHASE_ENDED, PHASE_FINISHED, PHASE_FINISHING, PHASE_MASK, PHASE_NEW, PLAN_ALL_STEPS, PLAN_RULE_SHIFT,
  PLAN_STEP_BITS, PLAN_STEP_MASK, POLICY_CRASH_LEAVES, POLICY_DEADLINE_DETACHES, POLICY_DROP_ABORTS,
  POLICY_EXIT_CLOSES, POLICY_FAILURE_CLOSES, POLICY_HANDS_OFF, POLICY_PEER_FIN_CLOSES, POLICY_UNREAD_ABORTS,
  RECEIVE_DISCARD, RECEIVE_REFUSE, STEP_ARM, STEP_CLOSE, STEP_DISARM, STEP_DISCONNECT, STEP_RELEASE, STEP_REPORT,
  STEP_RESET, STEP_WATCH_ACKED,
} from "./abi";
import { awaitsAcked, before, cause, confirm, disconnects, drains, has, receiving, seesAcked } from "./known";
import {
  RULE_ABORT_RESETS, RULE_ACKED_ENDS, RULE_ACKED_NOTED, RULE_AFTER_THE_END, RULE_ALREADY_SO, RULE_CLOSED_DRAINS,
  RULE_CLOSED_ENDS, RULE_DEADLINE_DETACHES, RULE_DISCARD_RESETS, RULE_DROP_FLUSHES, RULE_DROP_LEAVES_FIN,
  RULE_DROP_RESETS, RULE_DROP_SENDS_FIN, RULE_EXIT_AFTER_FIN, RULE_EXIT_RESETS, RULE_EXIT_SENDS_FIN,
  RULE_FAILURE_FLUSHES, RULE_FAILURE_RESETS, RULE_FIN_SENT_DRAINS, RULE_FIN_SENT_ENDS, RULE_FIN_SENT_RECEIVES,
  RULE_FIN_SENT_WAITS, RULE_LIMIT_RESETS, RULE_NOT_OPEN, RULE_OPEN_ARMS, RULE_OPEN_CANNOT_ARM, RULE_OPEN_UNARMED,
  RULE_OS_DECIDES, RULE_PEER_FIN_ENDS, RULE_PEER_FIN_FLUSHES, RULE_PEER_FIN_WAITS, RULE_RECEIVE_DISCARDS,
  RULE_REFUSE_RESETS, RULE_STALE, RULE_UNREAD_RESETS, entry, isReset, transition,
} from "./rules";

// ---- Which rule fires: every opinion is here -----------------------------------------------------------------------

/** The number of the rule that this event fires: the one of the table, refined by policy, facts and host. Pure. */
export function choose(context: i32, state: i32, event: i32, facts: i32): i32 {
  const phase = state & PHASE_MASK;
  if (phase == PHASE_NEW) return event == EVENT_OPEN ? chooseOpen(context) : RULE_NOT_OPEN;
  if (phase == PHASE_ENDED) return RULE_AFTER_THE_END;
  const rule = event < EVENT_OPEN || event > EVENT_STOP_RECEIVING ? RULE_STALE : transition(event, phase);
  if (rule == RULE_FIN_SENT_ENDS) return afterFin(context, state, facts);
  switch (event) {
    case EVENT_CLOSE: return refineUnread(context, facts, rule);
    case EVENT_STOP_RECEIVING: return refineStopReceiving(facts, rule);
    case EVENT_DROPPED: return refineDropped(context, state, facts, rule);
    case EVENT_FAILED: return refineFailed(context, state, facts, rule);
    case EVENT_EXITING: return refineExiting(context, facts, rule);
    case EVENT_FLUSHED: return has(facts, FACT_UNFLUSHED) || has(state, FLAG_FIN_ASKED) ? RULE_STALE : rule;
    case EVENT_FIN_SENT:
      return rule == RULE_FIN_SENT_RECEIVES && has(state, FLAG_PEER_FIN) ? afterFin(context, state, facts) : rule;
    case EVENT_ACKED:
      return rule == RULE_ACKED_ENDS && !has(state, FLAG_PEER_FIN) && drains(context, facts) ? RULE_ACKED_NOTED : rule;
    case EVENT_DATA: return refineData(state, rule);
    case EVENT_PEER_FIN: return refinePeerFin(context, state, facts, rule);
    case EVENT_DEADLINE:
    case EVENT_OVER_LIMIT: return refineDeadline(context, state, facts, rule);
    case EVENT_RUNTIME_CLOSED: return refineRuntimeClosed(context, state, facts, rule);
    default: return rule;
  }
}

function chooseOpen(context: i32): i32 {
  if (has(context, POLICY_CRASH_LEAVES)) return RULE_OPEN_UNARMED;
  return has(context, CAN_ARM) ? RULE_OPEN_ARMS : RULE_OPEN_CANNOT_ARM;
}

// Our FIN is out and nobody wants to go on: end, drain or wait.
function afterFin(context: i32, state: i32, facts: i32): i32 {
  if (!has(state, FLAG_PEER_FIN) && drains(context, facts)) return RULE_FIN_SENT_DRAINS;
  return awaitsAcked(context, state, facts) ? RULE_FIN_SENT_WAITS : RULE_FIN_SENT_ENDS;
}

// A command that is already so stays so; otherwise bytes that nobody read may forbid a FIN.
function refineUnread(context: i32, facts: i32, rule: i32): i32 {
  const resets = has(facts, FACT_UNREAD) && has(context, POLICY_UNREAD_ABORTS);
  return resets && rule != RULE_ALREADY_SO ? RULE_UNREAD_RESETS : rule;
}

function refineStopReceiving(facts: i32, rule: i32): i32 {
  const how = facts >> ARGUMENT_SHIFT;
  if (how < RECEIVE_DISCARD || how > RECEIVE_REFUSE) return RULE_STALE;
  return rule == RULE_ALREADY_SO ? rule : RULE_RECEIVE_DISCARDS - RECEIVE_DISCARD + how;
}

function refineDropped(context: i32, state: i32, facts: i32, rule: i32): i32 {
  if (!before(state, PHASE_FINISHED)) return rule;
  const leaving = has(facts, FACT_LEAVING);
  if (leaving && has(context, POLICY_HANDS_OFF)) return RULE_OS_DECIDES;
  // Whatever the policy says of drops: bytes thrown away are a truncated stream.
  if (leaving && has(facts, FACT_UNFLUSHED)) return RULE_DISCARD_RESETS;
  if (refineUnread(context, facts, rule) == RULE_UNREAD_RESETS) return RULE_UNREAD_RESETS;
  if (rule == RULE_DROP_FLUSHES && has(context, POLICY_DROP_ABORTS)) return RULE_DROP_RESETS;
  if (!leaving) return rule;
  return has(context, CAN_HOLD) ? RULE_DROP_SENDS_FIN : RULE_DROP_LEAVES_FIN;
}

// After our FIN the stream is complete, and the table has no reset for it: it could only destroy what was promised.
function refineFailed(context: i32, state: i32, facts: i32, rule: i32): i32 {
  if (rule != RULE_FAILURE_RESETS) return rule;
  if (has(facts, FACT_LEAVING) && has(context, POLICY_HANDS_OFF)) return RULE_OS_DECIDES;
  if (!has(context, POLICY_FAILURE_CLOSES)) return rule;
  const closing = before(state, PHASE_FINISHING) ? RULE_FAILURE_FLUSHES : RULE_ALREADY_SO;
  return refineDropped(context, state, facts, closing);
}

function refineExiting(context: i32, facts: i32, rule: i32): i32 {
  if (rule == RULE_EXIT_AFTER_FIN) return rule;
  if (has(context, POLICY_HANDS_OFF)) return RULE_OS_DECIDES;
  if (has(facts, FACT_UNFLUSHED)) return RULE_EXIT_RESETS;
  return has(context, POLICY_EXIT_CLOSES) || has(facts, FACT_COMPLETE) ? RULE_EXIT_SENDS_FIN : rule;
}

function refineData(state: i32, rule: i32): i32 {
  return receiving(state) == RECEIVE_REFUSE && before(state, PHASE_DRAINING) ? RULE_REFUSE_RESETS : rule;
}

function refinePeerFin(context: i32, state: i32, facts: i32, rule: i32): i32 {
  if (has(state, FLAG_PEER_FIN)) return RULE_ALREADY_SO;
  if (rule == RULE_PEER_FIN_ENDS) return awaitsAcked(context, state, facts) ? RULE_PEER_FIN_WAITS : rule;
  return before(state, PHASE_FINISHING) && has(context, POLICY_PEER_FIN_CLOSES) ? RULE_PEER_FIN_FLUSHES : rule;
}

function refineDeadline(context: i32, state: i32, facts: i32, rule: i32): i32 {
  // Detached with bytes in the runtime's buffers, the FIN would end a truncated stream.
  if (rule == RULE_STALE || has(facts, FACT_UNFLUSHED)) return rule;
  // Nobody asked for a close in time: our FIN is out, and the kernel may take as long as it would without us.
  const asked = before(state, PHASE_DRAINING) || rule == RULE_LIMIT_RESETS || cause(state) == EVENT_CLOSE;
  return has(context, POLICY_DEADLINE_DETACHES) || !asked ? RULE_DEADLINE_DETACHES : rule;
}

function refineRuntimeClosed(context: i32, state: i32, facts: i32, rule: i32): i32 {
  if (rule != RULE_CLOSED_ENDS) return refineDropped(context, state, facts | FACT_LEAVING, rule);
  if (!has(context, CAN_HOLD)) return rule;
  if (!has(state, FLAG_PEER_FIN) && drains(context, facts)) return RULE_CLOSED_DRAINS;
  return awaitsAcked(context, state, facts) ? RULE_ALREADY_SO : rule;
}

// ---- What a rule does ----------------------------------------------------------------------------------------------

/** The steps of a rule, packed from the lowest bits up: those of the rule book that this host can take. Pure. */
export function steps(context: i32, state: i32, facts: i32, rule: i32): i32 {
  const last = isReset(rule) && has(context, CAN_ARM | CAN_RESET) == CAN_RESET && !disconnects(context);
  let plan = 0;
  let shift = 0;
  let rest = entry(rule) & PLAN_ALL_STEPS;
  while (rest != 0) {
    const step = rest & PLAN_STEP_MASK;
    rest >>= PLAN_STEP_BITS;
    // Left out is what is so already, and what this host cannot do.
    switch (step) {
      case STEP_ARM: if (has(state, FLAG_ARMED) || !has(context, CAN_ARM)) continue; break;
      case STEP_DISARM: if (!has(state, FLAG_ARMED)) continue; break;
      case STEP_DISCONNECT: if (!disconnects(context)) continue; break;
      case STEP_CLOSE: if (!has(context, CAN_HOLD)) continue; break;
      case STEP_WATCH_ACKED: if (!watches(context, state, facts)) continue; break;
      case STEP_REPORT: if (has(state, FLAG_REPORTED) || !reports(context, state, facts, rule)) continue; break;
      default:
    }
    plan |= (last && step == STEP_RELEASE ? STEP_RESET : step) << shift;
    shift += PLAN_STEP_BITS;
  }
  return plan;
}

// Whether a confirmation of our FIN is still to come and somebody wants to know of it.
function watches(context: i32, state: i32, facts: i32): bool {
  if (has(state, FLAG_ACKED) || !seesAcked(context)) return false;
  return confirm(context) == CONFIRM_PEER || awaitsAcked(context, state, facts);
}

// Whether the verdict is final with this rule, or a confirmation is still awaited.
function reports(context: i32, state: i32, facts: i32, rule: i32): bool {
  if (rule < RULE_ABORT_RESETS) return confirm(context) == CONFIRM_NONE;
  if (rule == RULE_FIN_SENT_DRAINS) return confirm(context) != CONFIRM_PEER && !awaitsAcked(context, state, facts);
  if (rule == RULE_ACKED_NOTED) return confirm(context) != CONFIRM_PEER && (state & PHASE_MASK) == PHASE_DRAINING;
  return true;
}

/** A plan in one word: the steps, and above them the number of the rule. Pure: no memory, no clock, no I/O. */
export function decide(context: i32, state: i32, event: i32, facts: i32): i32 {
  const rule = choose(context, state, event, facts);
  return (rule << PLAN_RULE_SHIFT) | steps(context, state, facts, rule);
}
