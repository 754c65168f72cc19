// Generated from spec/abi.json by scripts/generate/abi.ts; do not edit.
// The numbers of the ABI by name.

// What happened. Given to decide() and on().
export const EVENT: Readonly<Record<string, number>> = {
  OPEN: 1,
  CLOSE: 2,
  ABORT: 3,
  FINISH_SENDING: 4,
  DROPPED: 5,
  FAILED: 6,
  EXITING: 7,
  DEADLINE: 8,
  OVER_LIMIT: 9,
  PEER_FIN: 10,
  PEER_RESET: 11,
  OS_ERROR: 12,
  RUNTIME_CLOSED: 13,
  DATA: 14,
  FIN_SENT: 15,
  FLUSHED: 16,
  ACKED: 17,
  STOP_RECEIVING: 18,
}

// What is true at the moment of the event; bits, given anew each time. LATE and SHARED stay true, and have
// the bits of FLAG_FIN_OUT and FLAG_SHARED.
export const FACT: Readonly<Record<string, number>> = {
  UNFLUSHED: 1,
  UNSENT: 2,
  UNACKED: 4,
  UNREAD: 8,
  LATE: 16,
  LEAVING: 32,
  COMPLETE: 64,
  BUDGET: 128,
  SHARED: 1024,
}

// What an event carries, in facts above this bit.
export const ARGUMENT: Readonly<Record<string, number>> = {
  SHIFT: 12,
  MASK: 15,
}

// The receiving side: argument of EVENT_STOP_RECEIVING and field of the state.
export const RECEIVE: Readonly<Record<string, number>> = {
  MASK: 3,
  NORMAL: 0,
  DISCARD: 1,
  HOLD: 2,
  REFUSE: 3,
}

// What the host is to do, in order; 4 bits each in a plan.
export const STEP: Readonly<Record<string, number>> = {
  NONE: 0,
  ARM: 1,
  DISARM: 2,
  DISCONNECT: 3,
  CLOSE: 4,
  WATCH_ACKED: 5,
  REPORT: 6,
  SHUT_WRITE: 7,
  RELEASE: 8,
  RESET: 9,
  FLUSH: 10,
  DRAIN: 11,
  DISCARD: 12,
  HOLD: 13,
  FLUSH_DEADLINE: 14,
  DRAIN_DEADLINE: 15,
}

// A plan is one word: up to five steps, the first in the lowest bits, and above them the rule.
export const PLAN: Readonly<Record<string, number>> = {
  STEP_BITS: 4,
  STEP_MASK: 15,
  STEPS: 5,
  ALL_STEPS: 1048575,
  RULE_SHIFT: 20,
  RULE_MASK: 63,
}

// What the rule book says of a rule above its steps, shifted down by PLAN_RULE_SHIFT; the phase is in
// PHASE_MASK.
export const BOOK: Readonly<Record<string, number>> = {
  CAUSE_FIRST: 8,
  CAUSE_WINS: 16,
}

// What this host can really do; bits of the context.
export const CAN: Readonly<Record<string, number>> = {
  ARM: 64,
  DISCONNECT: 128,
  RESET: 256,
  HOLD: 512,
  DRAIN: 1024,
  SEE_ACKED: 2048,
}

// The answers of the policy; bits of the context. A clear bit is the other answer.
export const POLICY: Readonly<Record<string, number>> = {
  DROP_ABORTS: 65536,
  FAILURE_CLOSES: 131072,
  EXIT_CLOSES: 262144,
  CRASH_LEAVES: 524288,
  PEER_FIN_CLOSES: 1048576,
  UNREAD_ABORTS: 2097152,
  DEADLINE_DETACHES: 4194304,
  HANDS_OFF: 8388608,
}

// What a close waits for; a field of the context.
export const CONFIRM: Readonly<Record<string, number>> = {
  SHIFT: 24,
  MASK: 3,
  NONE: 0,
  KERNEL: 1,
  ACKED: 2,
  PEER: 3,
}

// Where the fields of a context lie.
export const CONTEXT: Readonly<Record<string, number>> = {
  PLATFORM_MASK: 63,
  BIG_ENDIAN: 67108864,
}

// How far the ending of the connection has come; a field of the state.
export const PHASE: Readonly<Record<string, number>> = {
  MASK: 7,
  NEW: 0,
  OPEN: 1,
  FINISHING: 2,
  CLOSING: 3,
  FINISHED: 4,
  DRAINING: 5,
  ENDED: 6,
}

// What has been observed; bits of the state.
export const FLAG: Readonly<Record<string, number>> = {
  ARMED: 8,
  FIN_OUT: 16,
  PEER_FIN: 32,
  ACKED: 64,
  FIN_ASKED: 128,
  SHARED: 1024,
  REPORTED: 1073741824,
}

// Where the fields of a state lie.
export const FIELD: Readonly<Record<string, number>> = {
  RECEIVE_SHIFT: 8,
  CAUSE_SHIFT: 11,
  ENDED_SHIFT: 15,
  BY_SHIFT: 17,
  DELIVERY_SHIFT: 19,
  RECEIVED_SHIFT: 22,
  RULE_SHIFT: 24,
  RULE_MASK: 63,
}

// What made the connection end: the number of the event. The first wins, but for a reset, which is its own
// cause.
export const CAUSE: Readonly<Record<string, number>> = {
  MASK: 15,
  NONE: 0,
}

// How it ended.
export const ENDED: Readonly<Record<string, number>> = {
  MASK: 3,
  UNKNOWN: 0,
  FIN: 1,
  RESET: 2,
  SILENT: 3,
}

// Who ended it.
export const BY: Readonly<Record<string, number>> = {
  MASK: 3,
  UNKNOWN: 0,
  US: 1,
  PEER: 2,
  KERNEL: 3,
}

// What became of our bytes.
export const DELIVERY: Readonly<Record<string, number>> = {
  MASK: 7,
  UNKNOWN: 0,
  HANDED: 1,
  ACKED: 2,
  CONFIRMED: 3,
  LOST: 4,
}

// How the other direction ended.
export const RECEIVED: Readonly<Record<string, number>> = {
  MASK: 3,
  UNKNOWN: 0,
  COMPLETE: 1,
  RESET: 2,
  DISCARDED: 3,
}

// What an import answers besides a negative errno.
export const RESULT: Readonly<Record<string, number>> = {
  DONE: 0,
  PENDING: 1,
}

// What an errno means here, the same on every platform.
export const ERROR: Readonly<Record<string, number>> = {
  NONE: 0,
  NOT_CONNECTED: 1,
  RESET: 2,
  BROKEN_PIPE: 3,
  INVALID: 4,
  BAD_DESCRIPTOR: 5,
  NOT_SOCKET: 6,
  ABORTED: 7,
  TIMED_OUT: 8,
  WOULD_BLOCK: 9,
  SHUT_DOWN: 10,
  OUT_OF_RANGE: 11,
  NOT_SUPPORTED: 12,
  OTHER: 13,
}

// The columns of the platform table inside the Wasm. COLUMN_ERRNO + ERROR_x is the platform's number for that
// error, 0 if it has none; x is at least 1.
export const COLUMN: Readonly<Record<string, number>> = {
  TRAITS: 0,
  SOCKET_LEVEL: 1,
  LINGER_OPTION: 2,
  LINGER_MOST: 3,
  LINGER_BYTES: 4,
  LINGER_TICKS_OPTION: 5,
  ERRNO: 5,
}

// Answers of the behaviour table that a decision or a verdict rests on; bits and fields of COLUMN_TRAITS.
export const TRAIT: Readonly<Record<string, number>> = {
  DEATH_RESETS: 1,
  DISCONNECTS: 2,
  UNREAD_RESETS: 4,
  SEES_ACKED: 8,
  SEES_FIN_ACKED: 16,
  RESET_MAY_BE_LOST: 32,
  RESET_CERTAINTY_SHIFT: 6,
  FIN_CERTAINTY_SHIFT: 8,
  DISCONNECT_CERTAINTY_SHIFT: 10,
}

// The strength of the evidence behind a cell.
export const CERTAINTY: Readonly<Record<string, number>> = {
  MASK: 3,
  ASSUMED: 0,
  DOCUMENTED: 1,
  MEASURED: 2,
}
