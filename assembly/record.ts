// What is written down: the state after an event and after each step, and the verdict in it.
//
// 1. It decides nothing: the rule is chosen in engine.ts.
// 2. Nothing is claimed before it was observed: an abort is a reset once a step that resets has succeeded.
// 3. Pure, and both AssemblyScript and erasable TypeScript, as engine.ts.
import {
  ARGUMENT_SHIFT, BOOK_CAUSE_FIRST, BOOK_CAUSE_WINS, BY_KERNEL, BY_MASK, BY_PEER, BY_US, CAN_HOLD, CAUSE_MASK,
  CAUSE_NONE, CERTAINTY_ASSUMED, CERTAINTY_MASK, CERTAINTY_MEASURED, DELIVERY_ACKED,
  DELIVERY_CONFIRMED, DELIVERY_HANDED, DELIVERY_LOST, DELIVERY_MASK, DELIVERY_UNKNOWN, ENDED_FIN, ENDED_MASK,
  ENDED_RESET, ENDED_UNKNOWN, EVENT_ACKED, EVENT_CLOSE, EVENT_FIN_SENT, EVENT_PEER_FIN, EVENT_PEER_RESET,
  EVENT_STOP_RECEIVING, FACT_LATE, FACT_SHARED, FACT_UNFLUSHED, FACT_UNREAD, FACT_UNSENT, FIELD_BY_SHIFT,
  FIELD_CAUSE_SHIFT,
  FIELD_DELIVERY_SHIFT, FIELD_ENDED_SHIFT, FIELD_RECEIVED_SHIFT, FIELD_RECEIVE_SHIFT, FIELD_RULE_MASK,
  FIELD_RULE_SHIFT, FLAG_ACKED, FLAG_ARMED, FLAG_FIN_ASKED, FLAG_FIN_OUT, FLAG_PEER_FIN, FLAG_REPORTED, FLAG_SHARED,
  PHASE_ENDED, PHASE_MASK, PLAN_RULE_SHIFT, RECEIVED_COMPLETE, RECEIVED_DISCARDED, RECEIVED_MASK, RECEIVED_RESET,
  RECEIVE_MASK, RESULT_DONE, STEP_ARM, STEP_CLOSE, STEP_DISARM, STEP_DISCONNECT, STEP_RELEASE, STEP_REPORT,
  STEP_RESET, STEP_SHUT_WRITE, TRAIT_DEATH_RESETS, TRAIT_DISCONNECT_CERTAINTY_SHIFT, TRAIT_FIN_CERTAINTY_SHIFT,
  TRAIT_RESET_CERTAINTY_SHIFT,
  TRAIT_SEES_FIN_ACKED,
} from "./abi";
import { choose } from "./engine";
import { acked, cause, disconnects, has, trait, unreadResets } from "./known";
import {
  RULE_DATA_NOTED, RULE_DROP_LEAVES_FIN, RULE_DROP_SENDS_FIN, RULE_ERROR_RESETS, RULE_EXIT_SENDS_FIN,
  RULE_FLUSHED_SENDS_FIN, RULE_NOT_OPEN, RULE_OS_DECIDES, entry, isReset,
} from "./rules";
import { row } from "./table";

const ACCOUNT_MASK = (ENDED_MASK << FIELD_ENDED_SHIFT) | (BY_MASK << FIELD_BY_SHIFT);
// Steps without which nothing is claimed, and what is a claim.
const CLAIMING = (1 << STEP_DISARM) | (1 << STEP_SHUT_WRITE) | (1 << STEP_DISCONNECT);
const CLAIM_MASK = (ENDED_MASK << FIELD_ENDED_SHIFT) | (DELIVERY_MASK << FIELD_DELIVERY_SHIFT);
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

// How it ended and by whom, together.
function ended(state: i32, account: i32): i32 {
  return (state & ~ACCOUNT_MASK) | account;
}

function delivered(state: i32, delivery: i32): i32 {
  return put(state, FIELD_DELIVERY_SHIFT, DELIVERY_MASK, delivery);
}

// Everything is in the kernel, and perhaps already confirmed. What is known better stays.
function handedOver(context: i32, state: i32, facts: i32): i32 {
  if (delivery(state) >= DELIVERY_ACKED) return state;
  return delivered(state, acked(context, state, facts) ? DELIVERY_ACKED : DELIVERY_HANDED);
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
    case EVENT_FIN_SENT: next = handedOver(context, ended(next | FLAG_FIN_OUT, FIN_BY_US), facts); break;
    case EVENT_ACKED: next = handedOver(context, next | FLAG_ACKED, facts); break;
    case EVENT_STOP_RECEIVING:
      return put(next, FIELD_RECEIVE_SHIFT, RECEIVE_MASK, facts >> ARGUMENT_SHIFT);
    default:
  }
  if (isReset(rule)) return noteReset(context, next, facts, rule);
  switch (rule) {
    case RULE_FLUSHED_SENDS_FIN:
    case RULE_DROP_SENDS_FIN: return next | FLAG_FIN_ASKED;
    case RULE_DATA_NOTED: return received(next, RECEIVED_DISCARDED);
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

// An abort decided. What the peer will read is known only once a step has succeeded: settle() writes it down.
function noteReset(context: i32, state: i32, facts: i32, rule: i32): i32 {
  const all = acked(context, state, facts);
  // What the kernel has not transmitted is surely thrown away only by an abort that acts at once.
  const gone = disconnects(context) ? facts : facts & ~FACT_UNSENT;
  const next = delivered(
    ended(state, rule == RULE_ERROR_RESETS ? UNKNOWN_BY_KERNEL : UNKNOWN_BY_US),
    has(gone, FACT_UNFLUSHED | FACT_UNSENT) ? DELIVERY_LOST : all ? DELIVERY_ACKED : DELIVERY_UNKNOWN,
  );
  // A FIN that is still queued is thrown away with the queue, so a reader sees the reset. A FIN that was confirmed
  // was there first, so a reader sees end of file (row reset.after-fin). In between nobody here can know.
  if (has(gone, FACT_UNSENT)) return next & ~(FLAG_FIN_OUT | FLAG_FIN_ASKED);
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

// No step of ours but perhaps a last FIN: the runtime's or the kernel's own close ends it (row close.unread). Bytes
// that nobody read may make the kernel reset, sooner or later, and so may a death where deaths reset (row
// exit.default); a socket that somebody else holds is theirs to end.
function noteLeft(context: i32, state: i32, facts: i32, rule: i32): i32 {
  const next = delivered(state, has(facts, FACT_UNFLUSHED) ? DELIVERY_LOST : DELIVERY_HANDED);
  const byOs = rule == RULE_OS_DECIDES;
  if (rule != RULE_EXIT_SENDS_FIN || !has(context, CAN_HOLD)) {
    if (has(next, FLAG_SHARED)) return ended(next, UNKNOWN_BY_KERNEL);
    if (unreadResets(context, facts) || (byOs && has(next, FLAG_ARMED))) return ended(next, RESET_BY_KERNEL);
  }
  if (has(facts, FACT_UNREAD) | trait(context, TRAIT_DEATH_RESETS)) return ended(next, UNKNOWN_BY_KERNEL);
  return ended(next, byOs ? FIN_BY_KERNEL : FIN_BY_US);
}

// Our FIN is out, or everything that is left to send it is in the kernel.
function noteEnd(context: i32, state: i32, facts: i32): i32 {
  const next = handedOver(context, state, facts);
  // Still armed, or with bytes unread, the last close may reset before the FIN is confirmed. Without a FIN of ours the
  // last close sends one, unless somebody else holds the socket.
  const out = has(state, FLAG_FIN_OUT);
  const confirmed = out && delivery(next) >= DELIVERY_ACKED && trait(context, TRAIT_SEES_FIN_ACKED);
  const resets = !confirmed && (has(state, FLAG_ARMED) || has(facts, FACT_UNREAD));
  const held = !out && has(state, FLAG_SHARED);
  return ended(next, resets || held ? UNKNOWN_BY_US : FIN_BY_US);
}

/**
 * Folds the result of one step back into the state. Pure.
 * result: RESULT_DONE, RESULT_PENDING or a negative ERROR_*. What was not done is not claimed.
 */
export function settle(state: i32, step: i32, result: i32): i32 {
  // Not disarmed, the last close may be a reset after all; without the FIN that was asked for it may be anything; not
  // disconnected, what was queued may still leave before the last close. Nothing is claimed then, and no reset later.
  if (result != RESULT_DONE) return (CLAIMING >> step) & 1 ? (state & ~CLAIM_MASK) | FLAG_FIN_ASKED : state;
  switch (step) {
    case STEP_ARM: return state | FLAG_ARMED;
    case STEP_DISARM: return state & ~FLAG_ARMED;
    case STEP_REPORT: return state | FLAG_REPORTED;
    case STEP_RESET: return settleReset(state);
    case STEP_DISCONNECT:
    case STEP_RELEASE:
    case STEP_CLOSE: {
      // A last close needs to be ours; a disconnect does not, but without the option it is a FIN (row
      // abort.keep-descriptor).
      const shared = step == STEP_DISCONNECT ? 0 : FLAG_SHARED;
      return (state & (FLAG_ARMED | shared)) == FLAG_ARMED ? settleReset(state) : state;
    }
    default: return state;
  }
}

// A reset left. Behind a FIN that was asked for, and may have arrived, it proves nothing.
function settleReset(state: i32): i32 {
  if ((state & PHASE_MASK) != PHASE_ENDED || has(state, FLAG_FIN_OUT | FLAG_FIN_ASKED)) return state;
  return has(state, ENDED_MASK << FIELD_ENDED_SHIFT) ? state : state | (ENDED_RESET << FIELD_ENDED_SHIFT);
}

/** CERTAINTY_* of the platform cell that the verdict of this state rests on. Pure. */
export function certainty(context: i32, state: i32): i32 {
  const how = (state >> FIELD_ENDED_SHIFT) & ENDED_MASK;
  if (how == ENDED_UNKNOWN) return CERTAINTY_ASSUMED;
  if (((state >> FIELD_BY_SHIFT) & BY_MASK) == BY_PEER) return CERTAINTY_MEASURED;
  const aborts = disconnects(context) ? TRAIT_DISCONNECT_CERTAINTY_SHIFT : TRAIT_RESET_CERTAINTY_SHIFT;
  const shift = how == ENDED_FIN ? TRAIT_FIN_CERTAINTY_SHIFT : aborts;
  return (row(context) >> shift) & CERTAINTY_MASK;
}
