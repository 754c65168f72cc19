// Generated from spec/rules.json: the number and the effect of every rule. Do not edit.
// an open connection is armed
export const RULE_OPEN_ARMS = 1;
// an open connection is left unarmed
export const RULE_OPEN_UNARMED = 2;
// an open connection cannot be armed here
export const RULE_OPEN_CANNOT_ARM = 3;
// a close flushes first
export const RULE_CLOSE_FLUSHES = 10;
// finish sending flushes first
export const RULE_FINISH_FLUSHES = 11;
// a drop that discards nothing closes
export const RULE_DROP_FLUSHES = 12;
// the peer's FIN ends our side too
export const RULE_PEER_FIN_FLUSHES = 13;
// a failure that the policy closes
export const RULE_FAILURE_FLUSHES = 14;
// a close after finish sending waits for the same flush
export const RULE_CLOSE_AFTER_FINISH = 15;
// an abort resets
export const RULE_ABORT_RESETS = 20;
// a failure resets
export const RULE_FAILURE_RESETS = 21;
// a drop resets
export const RULE_DROP_RESETS = 22;
// a drop that discards bytes resets
export const RULE_DISCARD_RESETS = 23;
// leaving the process resets what is incomplete
export const RULE_EXIT_RESETS = 24;
// a close that ran out of time resets
export const RULE_DEADLINE_RESETS = 25;
// a drain over its limit resets
export const RULE_LIMIT_RESETS = 26;
// data after a refusal resets
export const RULE_REFUSE_RESETS = 27;
// unread bytes reset
export const RULE_UNREAD_RESETS = 28;
// an error of the OS ends without a FIN
export const RULE_ERROR_RESETS = 29;
// everything is flushed, so the FIN goes out
export const RULE_FLUSHED_SENDS_FIN = 30;
// our FIN is out and receiving goes on
export const RULE_FIN_SENT_RECEIVES = 31;
// our FIN is out and the peer's bytes are drained
export const RULE_FIN_SENT_DRAINS = 32;
// our FIN is out and there is nothing to wait for
export const RULE_FIN_SENT_ENDS = 33;
// our FIN is out and its acknowledgement is awaited
export const RULE_FIN_SENT_WAITS = 34;
// a drop with nothing lost sends our FIN
export const RULE_DROP_SENDS_FIN = 35;
// a drop with nothing lost leaves the FIN to the runtime
export const RULE_DROP_LEAVES_FIN = 36;
// leaving the process sends the FIN of a complete stream
export const RULE_EXIT_SENDS_FIN = 37;
// a FIN is out that nobody declared
export const RULE_FIN_UNASKED = 38;
// the OS decides
export const RULE_OS_DECIDES = 39;
// the peer's FIN is noted
export const RULE_PEER_FIN_NOTED = 40;
// both FINs are in, so the connection is released
export const RULE_PEER_FIN_ENDS = 41;
// the peer's reset ends the connection
export const RULE_PEER_RESET_ENDS = 42;
// the peer's stack has everything
export const RULE_ACKED_NOTED = 43;
// everything is acknowledged and nothing else is awaited
export const RULE_ACKED_ENDS = 44;
// a close that ran out of time is left to the kernel
export const RULE_DEADLINE_DETACHES = 45;
// the runtime let go, so the duplicate drains
export const RULE_CLOSED_DRAINS = 46;
// the runtime let go and nothing is awaited
export const RULE_CLOSED_ENDS = 47;
// leaving the process after our FIN changes nothing
export const RULE_EXIT_AFTER_FIN = 48;
// the peer's FIN is in, the acknowledgement of ours is awaited
export const RULE_PEER_FIN_WAITS = 49;
// what the peer sends from now on is thrown away
export const RULE_RECEIVE_DISCARDS = 50;
// what the peer sends from now on is not read
export const RULE_RECEIVE_HOLDS = 51;
// what the peer sends from now on will reset
export const RULE_RECEIVE_REFUSES = 52;
// arriving data is noted
export const RULE_DATA_NOTED = 53;
// an event before open is nothing
export const RULE_NOT_OPEN = 60;
// an event that no longer matters is nothing
export const RULE_STALE = 61;
// a repeated command is nothing
export const RULE_ALREADY_SO = 62;
// an event after the end is nothing
export const RULE_AFTER_THE_END = 63;

// By the number of the rule; the words above the last are not stored, because those rules do nothing.
const BOOK: usize = memory.data<i32>([
  0, 1048577, 1048576, 1048576, 0, 0, 0, 0, 0, 0, 11536106, 10485770, 11536106, 10485770, 11536106,
  11534446, 0, 0, 0, 0, 23480369, 0, 0, 0, 0, 0, 0, 0, 0, 0, 114, 4194304, 5268987, 6293064, 5242975,
  11534450, 14680162, 23070322, 12582912, 14680164, 0, 6293064, 6291556, 6, 6293064, 23094402, 11,
  6291556, 6291462, 5242975, 12, 13, 12,
]);

/** What a rule does, in one word: five steps, and above them the phase (3 bits) and the cause (2 bits). */
export function entry(rule: i32): i32 {
  if (rule >= 53) return 0;
  return load<i32>(BOOK + ((isReset(rule) ? RULE_ABORT_RESETS : rule) << 2));
}

/** Whether a rule resets: abort-resets and those like it. */
export function isReset(rule: i32): bool {
  return rule >= RULE_ABORT_RESETS && rule <= RULE_ERROR_RESETS;
}

const TRANSITIONS: usize = memory.data<i32>([
  1056698302, // OPEN
  1049093066, // CLOSE
  340870420, // ABORT
  1056698251, // FINISH_SENDING
  1049093068, // DROPPED
  1048925525, // FAILED
  818043224, // EXITING
  435527549, // DEADLINE
  452452221, // OVER_LIMIT
  698780200, // PEER_FIN
  715827882, // PEER_RESET
  494262109, // OS_ERROR
  797434828, // RUNTIME_CLOSED
  903306613, // DATA
  1056577510, // FIN_SENT
  1039525821, // FLUSHED
  749723517, // ACKED
  1053502642, // STOP_RECEIVING
]);

/** The rule of an event, 1 … 18, in a phase before conditions refine it. */
export function transition(event: i32, phase: i32): i32 {
  return (load<i32>(TRANSITIONS + ((event - 1) << 2)) >> (6 * (phase - 1))) & 63;
}
