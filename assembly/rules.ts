// Generated from spec/rules.json: the number and the effect of every rule. Do not edit.
// an open connection is armed
export const RULE_OPEN_ARMS = 1;
// an open connection is left unarmed
export const RULE_OPEN_UNARMED = 2;
// an open connection cannot be armed here
export const RULE_OPEN_CANNOT_ARM = 3;
// a close flushes first
export const RULE_CLOSE_FLUSHES = 4;
// finish sending flushes first
export const RULE_FINISH_FLUSHES = 5;
// a drop that discards nothing closes
export const RULE_DROP_FLUSHES = 6;
// the peer's FIN ends our side too
export const RULE_PEER_FIN_FLUSHES = 7;
// a failure that the policy closes
export const RULE_FAILURE_FLUSHES = 8;
// a close after finish sending waits for the same flush
export const RULE_CLOSE_AFTER_FINISH = 9;
// an abort resets
export const RULE_ABORT_RESETS = 10;
// a failure resets
export const RULE_FAILURE_RESETS = 11;
// a drop resets
export const RULE_DROP_RESETS = 12;
// a drop that discards bytes resets
export const RULE_DISCARD_RESETS = 13;
// leaving the process resets what is incomplete
export const RULE_EXIT_RESETS = 14;
// a close that ran out of time resets
export const RULE_DEADLINE_RESETS = 15;
// a drain over its limit resets
export const RULE_LIMIT_RESETS = 16;
// data after a refusal resets
export const RULE_REFUSE_RESETS = 17;
// unread bytes reset
export const RULE_UNREAD_RESETS = 18;
// an error of the OS ends without a FIN
export const RULE_ERROR_RESETS = 19;
// everything is flushed, so the FIN goes out
export const RULE_FLUSHED_SENDS_FIN = 20;
// our FIN is out and receiving goes on
export const RULE_FIN_SENT_RECEIVES = 21;
// our FIN is out and the peer's bytes are drained
export const RULE_FIN_SENT_DRAINS = 22;
// our FIN is out and there is nothing to wait for
export const RULE_FIN_SENT_ENDS = 23;
// our FIN is out and its acknowledgement is awaited
export const RULE_FIN_SENT_WAITS = 24;
// a drop with nothing lost sends our FIN
export const RULE_DROP_SENDS_FIN = 25;
// a drop with nothing lost leaves the FIN to the runtime
export const RULE_DROP_LEAVES_FIN = 26;
// leaving the process sends the FIN of a complete stream
export const RULE_EXIT_SENDS_FIN = 27;
// a FIN is out that nobody declared
export const RULE_FIN_UNASKED = 28;
// the OS decides
export const RULE_OS_DECIDES = 29;
// the peer's FIN is noted
export const RULE_PEER_FIN_NOTED = 30;
// both FINs are in, so the connection is released
export const RULE_PEER_FIN_ENDS = 31;
// the peer's reset ends the connection
export const RULE_PEER_RESET_ENDS = 32;
// the peer's stack has everything
export const RULE_ACKED_NOTED = 33;
// everything is acknowledged and nothing else is awaited
export const RULE_ACKED_ENDS = 34;
// a close that ran out of time is left to the kernel
export const RULE_DEADLINE_DETACHES = 35;
// the runtime let go, so the duplicate drains
export const RULE_CLOSED_DRAINS = 36;
// the runtime let go and nothing is awaited
export const RULE_CLOSED_ENDS = 37;
// leaving the process after our FIN changes nothing
export const RULE_EXIT_AFTER_FIN = 38;
// the peer's FIN is in, the acknowledgement of ours is awaited
export const RULE_PEER_FIN_WAITS = 39;
// what the peer sends from now on is thrown away
export const RULE_RECEIVE_DISCARDS = 40;
// what the peer sends from now on is not read
export const RULE_RECEIVE_HOLDS = 41;
// what the peer sends from now on will reset
export const RULE_RECEIVE_REFUSES = 42;
// arriving data is noted
export const RULE_DATA_NOTED = 43;
// an event before open is nothing
export const RULE_NOT_OPEN = 44;
// an event that no longer matters is nothing
export const RULE_STALE = 45;
// a repeated command is nothing
export const RULE_ALREADY_SO = 46;
// an event after the end is nothing
export const RULE_AFTER_THE_END = 47;

// One word an event, then one word for each number of a rule. The zeros at the end take no room in
// the module.
const TRANSITIONS: usize = memory.data<i32>([
  784001966, // OPEN
  777970244, // CLOSE
  170435210, // ABORT
  784001925, // FINISH_SENDING
  777970246, // DROPPED
  777827019, // FAILED
  647608014, // EXITING
  263519085, // DEADLINE
  280419181, // OVER_LIMIT
  528344990, // PEER_FIN
  545392672, // PEER_RESET
  323826899, // OS_ERROR
  626975302, // RUNTIME_CLOSED
  732871403, // DATA
  783906140, // FIN_SENT
  766854445, // FLUSHED
  579263341, // ACKED
  782404136, // STOP_RECEIVING
  // The rule book:
  0, 1048577, 1048576, 1048576, 11536106, 10485770, 11536106, 10485770, 11536106, 11534446, 23480369,
  0, 0, 0, 0, 0, 0, 0, 0, 0, 114, 4194304, 5268987, 6293064, 5242975, 11538034, 14680162, 23070322,
  12582912, 14680164, 0, 6293064, 6291556, 6, 6293064, 23094402, 11, 6291556, 6291462, 5242975, 12,
  13, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
]);
const BOOK: usize = TRANSITIONS + 72;

/** The rule of an event, 1 … 18, in a phase before conditions refine it. */
export function transition(event: i32, phase: i32): i32 {
  return (load<i32>(TRANSITIONS + ((event - 1) << 2)) >> (6 * (phase - 1))) & 63;
}

/** What a rule does, in one word: five steps, and above them the phase (3 bits) and the cause (2 bits). */
export function entry(rule: i32): i32 {
  return load<i32>(BOOK + ((isReset(rule) ? RULE_ABORT_RESETS : rule) << 2));
}

/** Whether a rule resets: abort-resets and those like it. */
export function isReset(rule: i32): bool {
  return rule >= RULE_ABORT_RESETS && rule <= RULE_ERROR_RESETS;
}
