// What the engine knows when it decides: the fields of its words, and what this host and platform can do.
//
// Pure, and both AssemblyScript and erasable TypeScript, as engine.ts.
import {
  CAN_DISCONNECT, CAN_DRAIN, CAN_SEE_ACKED, CAUSE_MASK, CONFIRM_ACKED, CONFIRM_MASK, CONFIRM_SHIFT,
  FIELD_CAUSE_SHIFT,
  FACT_BUDGET, FACT_UNACKED, FACT_UNREAD, FIELD_RECEIVE_SHIFT, FLAG_ACKED, PHASE_MASK, POLICY_UNREAD_ABORTS,
  RECEIVE_MASK, TRAIT_DISCONNECTS, TRAIT_SEES_ACKED, TRAIT_UNREAD_RESETS,
} from "./abi";
import { row } from "./table";

// Not 0 if any of the bits is set.
export function has(word: i32, bits: i32): i32 {
  return word & bits;
}

export function trait(context: i32, bits: i32): i32 {
  return row(context) & bits;
}

export function confirm(context: i32): i32 {
  return (context >> CONFIRM_SHIFT) & CONFIRM_MASK;
}

// The platform has an abort that keeps the descriptor, and this host can call it (row abort.keep-descriptor).
export function disconnects(context: i32): bool {
  return has(context, CAN_DISCONNECT) && trait(context, TRAIT_DISCONNECTS) != 0;
}

export function seesAcked(context: i32): bool {
  return has(context, CAN_SEE_ACKED) && trait(context, TRAIT_SEES_ACKED);
}

// Everything that we sent is confirmed, as far as the last look at the send queue can tell (row unacked.query).
export function acked(context: i32, state: i32, facts: i32): bool {
  return has(state, FLAG_ACKED) || (seesAcked(context) && !has(facts, FACT_UNACKED));
}

export function awaitsAcked(context: i32, state: i32, facts: i32): bool {
  return confirm(context) >= CONFIRM_ACKED && seesAcked(context) && !acked(context, state, facts);
}

// Bytes lie unread that make the kernel reset at the last close (row close.unread).
export function unreadResets(context: i32, facts: i32): bool {
  return has(facts, FACT_UNREAD) && trait(context, TRAIT_UNREAD_RESETS);
}

export function before(state: i32, phase: i32): bool {
  return (state & PHASE_MASK) < phase;
}

export function receiving(state: i32): i32 {
  return (state >> FIELD_RECEIVE_SHIFT) & RECEIVE_MASK;
}

export function drains(context: i32, facts: i32): bool {
  return has(context, CAN_DRAIN | POLICY_UNREAD_ABORTS) == CAN_DRAIN && !has(facts, FACT_BUDGET);
}

/** What made the connection end so far: the number of an event. */
export function cause(state: i32): i32 {
  return (state >> FIELD_CAUSE_SHIFT) & CAUSE_MASK;
}
