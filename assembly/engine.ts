// The one file that knows when FIN and when RST: which rule an event fires, what that rule does, and what it records.
//
// 1. Everything here is pure: no memory, no clock, no I/O. What is known comes in, what is to be done goes out.
// 2. choose() holds every opinion. steps() and enter() only carry out what the number of the rule says.
// 3. No platform is named. What differs between platforms is a trait, read from the table by column().
// 4. The source is both AssemblyScript and erasable TypeScript: i32, functions and switch; nothing else.
import {
  ARGUMENT_SHIFT, BOOK_CAUSE_FIRST, BOOK_CAUSE_WINS, BY_KERNEL, BY_MASK, BY_PEER, BY_US, CAN_ARM, CAN_DISCONNECT,
  CAN_DRAIN, CAN_HOLD, CAN_RESET, CAN_SEE_ACKED, CAUSE_MASK, CAUSE_NONE, CERTAINTY_ASSUMED, CERTAINTY_MASK,
  CERTAINTY_MEASURED, CONFIRM_ACKED, CONFIRM_MASK, CONFIRM_NONE, CONFIRM_PEER, CONFIRM_SHIFT, CONTEXT_PLATFORM_MASK,
  DELIVERY_ACKED, DELIVERY_CONFIRMED, DELIVERY_HANDED, DELIVERY_LOST, DELIVERY_MASK, DELIVERY_UNKNOWN, ENDED_FIN,
  ENDED_MASK, ENDED_RESET, ENDED_UNKNOWN, EVENT_ACKED, EVENT_CLOSE, EVENT_DATA, EVENT_DEADLINE, EVENT_DROPPED,
  EVENT_EXITING, EVENT_FAILED, EVENT_FIN_SENT, EVENT_FLUSHED, EVENT_OPEN, EVENT_OVER_LIMIT, EVENT_PEER_FIN,
  EVENT_PEER_RESET, EVENT_RUNTIME_CLOSED, EVENT_STOP_RECEIVING, FACT_BUDGET, FACT_COMPLETE, FACT_LATE, FACT_LEAVING,
  FACT_SHARED, FACT_UNACKED, FACT_UNFLUSHED, FACT_UNREAD, FACT_UNSENT, FIELD_BY_SHIFT, FIELD_CAUSE_SHIFT,
  FIELD_DELIVERY_SHIFT, FIELD_ENDED_SHIFT, FIELD_RECEIVED_SHIFT, FIELD_RECEIVE_SHIFT, FIELD_RULE_MASK,
  FIELD_RULE_SHIFT, FLAG_ACKED, FLAG_ARMED, FLAG_FIN_ASKED, FLAG_FIN_OUT, FLAG_PEER_FIN, FLAG_REPORTED, FLAG_SHARED,
  PHASE_DRAINING, PHASE_ENDED, PHASE_FINISHED, PHASE_FINISHING, PHASE_MASK, PHASE_NEW, PLAN_ALL_STEPS,
  PLAN_RULE_SHIFT, PLAN_STEP_BITS, PLAN_STEP_MASK, POLICY_CRASH_LEAVES, POLICY_DEADLINE_DETACHES, POLICY_DROP_ABORTS,
  POLICY_EXIT_CLOSES, POLICY_FAILURE_CLOSES, POLICY_HANDS_OFF, POLICY_PEER_FIN_CLOSES, POLICY_UNREAD_ABORTS,
  RECEIVED_COMPLETE, RECEIVED_DISCARDED, RECEIVED_MASK, RECEIVED_RESET, RECEIVE_DISCARD, RECEIVE_MASK, RECEIVE_REFUSE,
  RESULT_DONE, STEP_ARM, STEP_CLOSE, STEP_DISARM, STEP_DISCONNECT, STEP_RELEASE, STEP_REPORT, STEP_RESET,
  STEP_WATCH_ACKED, TRAIT_DEATH_RESETS, TRAIT_DISCONNECTS, TRAIT_DISCONNECT_CERTAINTY_SHIFT,
  TRAIT_FIN_CERTAINTY_SHIFT, TRAIT_RESET_CERTAINTY_SHIFT, TRAIT_SEES_ACKED, TRAIT_SEES_FIN_ACKED, TRAIT_UNREAD_RESETS,
} from "./abi";
import {
  RULE_ABORT_RESETS, RULE_ACKED_ENDS, RULE_ACKED_NOTED, RULE_AFTER_THE_END, RULE_ALREADY_SO, RULE_CLOSED_DRAINS,
  RULE_CLOSED_ENDS, RULE_DATA_NOTED, RULE_DEADLINE_DETACHES, RULE_DISCARD_RESETS, RULE_DROP_FLUSHES,
  RULE_DROP_LEAVES_FIN, RULE_DROP_RESETS, RULE_DROP_SENDS_FIN, RULE_ERROR_RESETS, RULE_EXIT_AFTER_FIN,
  RULE_EXIT_RESETS, RULE_EXIT_SENDS_FIN, RULE_FAILURE_FLUSHES, RULE_FAILURE_RESETS, RULE_FIN_SENT_DRAINS,
  RULE_FIN_SENT_ENDS, RULE_FIN_SENT_RECEIVES, RULE_FIN_SENT_WAITS, RULE_FLUSHED_SENDS_FIN, RULE_LIMIT_RESETS,
  RULE_NOT_OPEN, RULE_OPEN_ARMS, RULE_OPEN_CANNOT_ARM, RULE_OPEN_UNARMED, RULE_OS_DECIDES, RULE_PEER_FIN_ENDS,
  RULE_PEER_FIN_FLUSHES, RULE_PEER_FIN_WAITS, RULE_RECEIVE_DISCARDS, RULE_REFUSE_RESETS, RULE_STALE,
  RULE_UNREAD_RESETS, entry, isReset, transition,
} from "./rules";
import { row } from "./table";

// ---- What is known -------------------------------------------------------------------------------------------------

// Not 0 if any of the bits is set.
function has(word: i32, bits: i32): i32 {
  return word & bits;
}

function trait(context: i32, bits: i32): i32 {
  return row(context & CONTEXT_PLATFORM_MASK) & bits;
}

function confirm(context: i32): i32 {
  return (context >> CONFIRM_SHIFT) & CONFIRM_MASK;
}

// The platform has an abort that keeps the descriptor, and this host can call it (row abort.keep-descriptor).
function disconnects(context: i32): bool {
  return has(context, CAN_DISCONNECT) && trait(context, TRAIT_DISCONNECTS) != 0;
}

function seesAcked(context: i32): bool {
  return has(context, CAN_SEE_ACKED) && trait(context, TRAIT_SEES_ACKED);
}

// Everything that we sent is confirmed, as far as the last look at the send queue can tell (row unacked.query).
function acked(context: i32, state: i32, facts: i32): bool {
  return has(state, FLAG_ACKED) || (seesAcked(context) && !has(facts, FACT_UNACKED));
}

function awaitsAcked(context: i32, state: i32, facts: i32): bool {
  return confirm(context) >= CONFIRM_ACKED && seesAcked(context) && !acked(context, state, facts);
}

function before(state: i32, phase: i32): bool {
  return (state & PHASE_MASK) < phase;
}

function receiving(state: i32): i32 {
  return (state >> FIELD_RECEIVE_SHIFT) & RECEIVE_MASK;
}

function drains(context: i32, facts: i32): bool {
  return has(context, CAN_DRAIN) && !has(context, POLICY_UNREAD_ABORTS) && !has(facts, FACT_BUDGET);
}

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
  if (has(context, POLICY_CRASH_LEAVES) || trait(context, TRAIT_DEATH_RESETS)) return RULE_OPEN_UNARMED;
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
  if (refineUnread(context, facts, RULE_STALE) == RULE_UNREAD_RESETS) return RULE_UNREAD_RESETS;
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
  if (isReset(rule) && !has(context, CAN_ARM) && !disconnects(context) && has(context, CAN_RESET)) {
    return STEP_RESET | (STEP_REPORT << PLAN_STEP_BITS);
  }
  let plan = 0;
  let shift = 0;
  let rest = entry(rule) & PLAN_ALL_STEPS;
  while (rest != 0) {
    const step = rest & PLAN_STEP_MASK;
    rest >>= PLAN_STEP_BITS;
    if (!takes(context, state, facts, rule, step)) continue;
    plan |= step << shift;
    shift += PLAN_STEP_BITS;
  }
  return plan;
}

// Whether a step is left to do and can be done.
function takes(context: i32, state: i32, facts: i32, rule: i32, step: i32): bool {
  switch (step) {
    case STEP_ARM: return has(context, CAN_ARM) && !has(state, FLAG_ARMED);
    case STEP_DISARM: return has(state, FLAG_ARMED) != 0;
    case STEP_DISCONNECT: return disconnects(context);
    case STEP_CLOSE: return has(context, CAN_HOLD) != 0;
    case STEP_WATCH_ACKED:
      return seesAcked(context) && !has(state, FLAG_ACKED) &&
        (confirm(context) == CONFIRM_PEER || awaitsAcked(context, state, facts));
    case STEP_REPORT: return !has(state, FLAG_REPORTED) && reports(context, state, facts, rule);
    default: return true;
  }
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

// ---- What a rule records -------------------------------------------------------------------------------------------

const ACCOUNT_MASK = (ENDED_MASK << FIELD_ENDED_SHIFT) | (BY_MASK << FIELD_BY_SHIFT);
const UNKNOWN_BY_US = BY_US << FIELD_BY_SHIFT;
const UNKNOWN_BY_KERNEL = BY_KERNEL << FIELD_BY_SHIFT;
const FIN_BY_US = (ENDED_FIN << FIELD_ENDED_SHIFT) | (BY_US << FIELD_BY_SHIFT);
const FIN_BY_KERNEL = (ENDED_FIN << FIELD_ENDED_SHIFT) | (BY_KERNEL << FIELD_BY_SHIFT);
const RESET_BY_PEER = (ENDED_RESET << FIELD_ENDED_SHIFT) | (BY_PEER << FIELD_BY_SHIFT);
const RESET_BY_KERNEL = (ENDED_RESET << FIELD_ENDED_SHIFT) | (BY_KERNEL << FIELD_BY_SHIFT);

function put(state: i32, shift: i32, mask: i32, value: i32): i32 {
  return (state & ~(mask << shift)) | (value << shift);
}

function caused(state: i32, cause: i32): i32 {
  return put(state, FIELD_CAUSE_SHIFT, CAUSE_MASK, cause);
}

function cause(state: i32): i32 {
  return (state >> FIELD_CAUSE_SHIFT) & CAUSE_MASK;
}

// How it ended and by whom, together.
function ended(state: i32, account: i32): i32 {
  return (state & ~ACCOUNT_MASK) | account;
}

function delivered(state: i32, delivery: i32): i32 {
  return put(state, FIELD_DELIVERY_SHIFT, DELIVERY_MASK, delivery);
}

function delivery(state: i32): i32 {
  return (state >> FIELD_DELIVERY_SHIFT) & DELIVERY_MASK;
}

// The first account of the receiving side stays.
function received(state: i32, how: i32): i32 {
  return has(state, RECEIVED_MASK << FIELD_RECEIVED_SHIFT) ? state : state | (how << FIELD_RECEIVED_SHIFT);
}

/** The state that an event leaves behind before any step is taken; commit it first. Pure. */
export function enter(context: i32, state: i32, event: i32, facts: i32): i32 {
  return enterRule(context, state, event, facts, choose(context, state, event, facts));
}

/** enter() for a rule already chosen. Pure. */
export function enterRule(context: i32, state: i32, event: i32, facts: i32, rule: i32): i32 {
  return rule >= RULE_NOT_OPEN ? state : note(context, follow(state, event, rule), event, facts, rule);
}

// What the rule book says: the phase that the rule leads to, and whether its event is the cause.
function follow(state: i32, event: i32, rule: i32): i32 {
  const book = entry(rule) >> PLAN_RULE_SHIFT;
  let next = put(state, FIELD_RULE_SHIFT, FIELD_RULE_MASK, rule);
  if (has(book, PHASE_MASK)) next = (next & ~PHASE_MASK) | (book & PHASE_MASK);
  const first = cause(state) == CAUSE_NONE && has(book, BOOK_CAUSE_FIRST);
  return event == EVENT_CLOSE || first || has(book, BOOK_CAUSE_WINS) ? caused(next, event) : next;
}

// What was observed: by the event itself, and by what the rule means for the verdict.
function note(context: i32, state: i32, event: i32, facts: i32, rule: i32): i32 {
  // These two facts stay true: they have the bits of FLAG_SHARED and FLAG_FIN_OUT.
  let next = state | (facts & (FACT_SHARED | FACT_LATE));
  switch (event) {
    case EVENT_PEER_FIN: next = notePeerFin(context, next, facts); break;
    case EVENT_PEER_RESET: return notePeerReset(next, facts);
    case EVENT_FIN_SENT: next = delivered(ended(next | FLAG_FIN_OUT, FIN_BY_US), DELIVERY_HANDED); break;
    case EVENT_ACKED: next = noteAcked(next); break;
    case EVENT_STOP_RECEIVING:
      return put(next, FIELD_RECEIVE_SHIFT, RECEIVE_MASK, facts >> ARGUMENT_SHIFT);
    default:
  }
  if (isReset(rule)) return noteReset(context, next, facts, rule);
  switch (rule) {
    case RULE_FLUSHED_SENDS_FIN:
    case RULE_DROP_SENDS_FIN: return next | FLAG_FIN_ASKED;
    case RULE_DATA_NOTED: return noteData(next);
    case RULE_OS_DECIDES:
    case RULE_DROP_LEAVES_FIN:
    case RULE_EXIT_SENDS_FIN: return noteLeft(context, next, facts, rule);
    default: return (next & PHASE_MASK) == PHASE_ENDED ? noteEnd(context, next, facts) : next;
  }
}

// The peer ended its side after our FIN was out and everything was acknowledged: it closed in answer to us, as far as
// a socket can tell. A simultaneous close looks the same.
function notePeerFin(context: i32, state: i32, facts: i32): i32 {
  const next = received(state | FLAG_PEER_FIN, RECEIVED_COMPLETE);
  if (!has(state, FLAG_FIN_OUT) || !acked(context, state, facts)) return next;
  return delivered(next | FLAG_ACKED, DELIVERY_CONFIRMED);
}

function noteAcked(state: i32): i32 {
  const next = state | FLAG_ACKED;
  return delivery(state) < DELIVERY_ACKED ? delivered(next, DELIVERY_ACKED) : next;
}

function noteData(state: i32): i32 {
  const discards = receiving(state) == RECEIVE_DISCARD;
  return discards || (state & PHASE_MASK) == PHASE_DRAINING ? received(state, RECEIVED_DISCARDED) : state;
}

// An abort decided. What the peer will read is known only once a step has succeeded: settle() writes it down.
function noteReset(context: i32, state: i32, facts: i32, rule: i32): i32 {
  const all = acked(context, state, facts);
  const lost = has(facts, FACT_UNFLUSHED | FACT_UNSENT);
  const next = delivered(
    ended(state, rule == RULE_ERROR_RESETS ? UNKNOWN_BY_KERNEL : UNKNOWN_BY_US),
    lost ? DELIVERY_LOST : all ? DELIVERY_ACKED : DELIVERY_UNKNOWN,
  );
  // A FIN that is still queued is thrown away with the queue, so a reader sees the reset. A FIN that was confirmed
  // was there first, so a reader sees end of file (row reset.after-fin). In between nobody here can know.
  if (has(facts, FACT_UNSENT)) return next & ~FLAG_FIN_OUT;
  const seen = has(next, FLAG_FIN_OUT) && all && trait(context, TRAIT_SEES_FIN_ACKED);
  return seen ? ended(next, FIN_BY_US) : next;
}

function notePeerReset(state: i32, facts: i32): i32 {
  const next = received(state, RECEIVED_RESET);
  // Our FIN was confirmed first: the account of it stands.
  if (has(next, FLAG_FIN_OUT) && has(next, FLAG_ACKED)) return next;
  const lost = has(facts, FACT_UNFLUSHED) ? DELIVERY_LOST : DELIVERY_UNKNOWN;
  return caused(delivered(ended(next, RESET_BY_PEER), lost), EVENT_PEER_RESET);
}

// No step of ours but perhaps a last FIN: the runtime's or the kernel's own close ends it (row close.unread).
function noteLeft(context: i32, state: i32, facts: i32, rule: i32): i32 {
  const next = delivered(state, has(facts, FACT_UNFLUSHED) ? DELIVERY_LOST : DELIVERY_HANDED);
  if (rule == RULE_EXIT_SENDS_FIN && has(context, CAN_HOLD)) return ended(next, FIN_BY_US);
  if (has(facts, FACT_UNREAD) && trait(context, TRAIT_UNREAD_RESETS)) return ended(next, RESET_BY_KERNEL);
  if (has(next, FLAG_SHARED)) return ended(next, UNKNOWN_BY_KERNEL);
  return ended(next, rule == RULE_OS_DECIDES ? FIN_BY_KERNEL : FIN_BY_US);
}

// Our FIN is out, or everything that is left to send it is in the kernel.
function noteEnd(context: i32, state: i32, facts: i32): i32 {
  const all = acked(context, state, facts);
  const known = delivery(state) >= DELIVERY_ACKED;
  const next = known ? state : delivered(state, all ? DELIVERY_ACKED : DELIVERY_HANDED);
  // Still armed, the last close may reset before the FIN is confirmed.
  return ended(next, has(state, FLAG_ARMED) && !all ? UNKNOWN_BY_US : FIN_BY_US);
}

/**
 * Folds the result of one step back into the state. Pure.
 * result: RESULT_DONE, RESULT_PENDING or a negative ERROR_*. An error leaves the state as it is: what was not done is
 * not claimed.
 */
export function settle(state: i32, step: i32, result: i32): i32 {
  if (result != RESULT_DONE) return state;
  switch (step) {
    case STEP_ARM: return state | FLAG_ARMED;
    case STEP_DISARM: return state & ~FLAG_ARMED;
    case STEP_REPORT: return state | FLAG_REPORTED;
    case STEP_DISCONNECT:
    case STEP_RESET: return settleReset(state);
    case STEP_RELEASE:
    case STEP_CLOSE: return has(state, FLAG_ARMED) && !has(state, FLAG_SHARED) ? settleReset(state) : state;
    default: return state;
  }
}

// A reset left. Behind a FIN that may have arrived it proves nothing.
function settleReset(state: i32): i32 {
  if ((state & PHASE_MASK) != PHASE_ENDED || has(state, FLAG_FIN_OUT)) return state;
  return has(state, ENDED_MASK << FIELD_ENDED_SHIFT) ? state : state | (ENDED_RESET << FIELD_ENDED_SHIFT);
}

/** CERTAINTY_* of the platform cell that the verdict of this state rests on. Pure. */
export function certainty(context: i32, state: i32): i32 {
  const how = (state >> FIELD_ENDED_SHIFT) & ENDED_MASK;
  if (how == ENDED_UNKNOWN) return CERTAINTY_ASSUMED;
  if (((state >> FIELD_BY_SHIFT) & BY_MASK) == BY_PEER) return CERTAINTY_MEASURED;
  const aborts = disconnects(context) ? TRAIT_DISCONNECT_CERTAINTY_SHIFT : TRAIT_RESET_CERTAINTY_SHIFT;
  const shift = how == ENDED_FIN ? TRAIT_FIN_CERTAINTY_SHIFT : aborts;
  return (row(context & CONTEXT_PLATFORM_MASK) >> shift) & CERTAINTY_MASK;
}
