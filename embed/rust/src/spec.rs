// Generated from spec and embed/finrst-pure.wasm by scripts/generate/rust.ts; do not edit.
//! The numbers of the ABI, the rules, the platforms and the Wasm.

use crate::engine::{Platform, Rule};

/// The version of the interface of the Wasm.
pub const ABI_VERSION: i32 = 1;

/// What happened. Given to decide() and on().
pub const EVENT_OPEN: i32 = 1;
/// What happened. Given to decide() and on().
pub const EVENT_CLOSE: i32 = 2;
/// What happened. Given to decide() and on().
pub const EVENT_ABORT: i32 = 3;
/// What happened. Given to decide() and on().
pub const EVENT_FINISH_SENDING: i32 = 4;
/// What happened. Given to decide() and on().
pub const EVENT_DROPPED: i32 = 5;
/// What happened. Given to decide() and on().
pub const EVENT_FAILED: i32 = 6;
/// What happened. Given to decide() and on().
pub const EVENT_EXITING: i32 = 7;
/// What happened. Given to decide() and on().
pub const EVENT_DEADLINE: i32 = 8;
/// What happened. Given to decide() and on().
pub const EVENT_OVER_LIMIT: i32 = 9;
/// What happened. Given to decide() and on().
pub const EVENT_PEER_FIN: i32 = 10;
/// What happened. Given to decide() and on().
pub const EVENT_PEER_RESET: i32 = 11;
/// What happened. Given to decide() and on().
pub const EVENT_OS_ERROR: i32 = 12;
/// What happened. Given to decide() and on().
pub const EVENT_RUNTIME_CLOSED: i32 = 13;
/// bytes arrived and nobody will read them: they were thrown away
pub const EVENT_DATA: i32 = 14;
/// What happened. Given to decide() and on().
pub const EVENT_FIN_SENT: i32 = 15;
/// What happened. Given to decide() and on().
pub const EVENT_FLUSHED: i32 = 16;
/// What happened. Given to decide() and on().
pub const EVENT_ACKED: i32 = 17;
/// What happened. Given to decide() and on().
pub const EVENT_STOP_RECEIVING: i32 = 18;

/// the runtime holds bytes that are not in the kernel; they die with the runtime's socket
pub const FACT_UNFLUSHED: i32 = 1;
/// the kernel holds bytes, or the FIN, that it has not transmitted yet
pub const FACT_UNSENT: i32 = 2;
/// the peer's stack has not confirmed everything; includes UNSENT
pub const FACT_UNACKED: i32 = 4;
/// bytes have arrived that nobody read
pub const FACT_UNREAD: i32 = 8;
/// the FIN is out although nobody asked us for it
pub const FACT_LATE: i32 = 16;
/// the runtime is letting go of its socket: what it buffers is lost and it can send no FIN for us
pub const FACT_LEAVING: i32 = 32;
/// a protocol that knows says the message is whole, although nobody declared the stream complete
pub const FACT_COMPLETE: i32 = 64;
/// the host's budget for draining is exhausted
pub const FACT_BUDGET: i32 = 128;
/// another process or descriptor holds the socket, so our close is not the last
pub const FACT_SHARED: i32 = 1024;

/// What an event carries, in facts above this bit.
pub const ARGUMENT_SHIFT: i32 = 12;
/// What an event carries, in facts above this bit.
pub const ARGUMENT_MASK: i32 = 15;

/// The receiving side: argument of EVENT_STOP_RECEIVING and field of the state.
pub const RECEIVE_MASK: i32 = 3;
/// The receiving side: argument of EVENT_STOP_RECEIVING and field of the state.
pub const RECEIVE_NORMAL: i32 = 0;
/// The receiving side: argument of EVENT_STOP_RECEIVING and field of the state.
pub const RECEIVE_DISCARD: i32 = 1;
/// The receiving side: argument of EVENT_STOP_RECEIVING and field of the state.
pub const RECEIVE_HOLD: i32 = 2;
/// The receiving side: argument of EVENT_STOP_RECEIVING and field of the state.
pub const RECEIVE_REFUSE: i32 = 3;

/// What the host is to do, in order; 4 bits each in a plan.
pub const STEP_NONE: i32 = 0;
/// SO_LINGER {1,0}: from now on the last close, or death, sends a reset
pub const STEP_ARM: i32 = 1;
/// SO_LINGER {0,0}: from now on the last close, or death, sends a FIN
pub const STEP_DISARM: i32 = 2;
/// abort that keeps the descriptor, where the platform has one
pub const STEP_DISCONNECT: i32 = 3;
/// close our own descriptor, the guard's duplicate
pub const STEP_CLOSE: i32 = 4;
/// watch the kernel's send queue; EVENT_ACKED follows when it is empty
pub const STEP_WATCH_ACKED: i32 = 5;
/// the verdict is final: give it out
pub const STEP_REPORT: i32 = 6;
/// shutdown(SHUT_WR): our FIN, once
pub const STEP_SHUT_WRITE: i32 = 7;
/// let the runtime close its own socket
pub const STEP_RELEASE: i32 = 8;
/// let the runtime reset its own socket, where nothing better is at hand
pub const STEP_RESET: i32 = 9;
/// end the runtime's writing; EVENT_FLUSHED follows when its buffers are in the kernel
pub const STEP_FLUSH: i32 = 10;
/// read and throw away until the peer's FIN; EVENT_PEER_FIN, EVENT_PEER_RESET or EVENT_OVER_LIMIT follows
pub const STEP_DRAIN: i32 = 11;
/// read and throw away from now on, without a bound
pub const STEP_DISCARD: i32 = 12;
/// stop reading, so that the peer's window closes
pub const STEP_HOLD: i32 = 13;
/// start the clock of the flush; EVENT_DEADLINE follows if it runs out
pub const STEP_FLUSH_DEADLINE: i32 = 14;
/// start the clocks of the drain; EVENT_DEADLINE follows if one runs out
pub const STEP_DRAIN_DEADLINE: i32 = 15;

/// A plan is one word: up to five steps, the first in the lowest bits, and above them the rule.
pub const PLAN_STEP_BITS: i32 = 4;
/// A plan is one word: up to five steps, the first in the lowest bits, and above them the rule.
pub const PLAN_STEP_MASK: i32 = 15;
/// A plan is one word: up to five steps, the first in the lowest bits, and above them the rule.
pub const PLAN_STEPS: i32 = 5;
/// A plan is one word: up to five steps, the first in the lowest bits, and above them the rule.
pub const PLAN_ALL_STEPS: i32 = 1048575;
/// A plan is one word: up to five steps, the first in the lowest bits, and above them the rule.
pub const PLAN_RULE_SHIFT: i32 = 20;
/// A plan is one word: up to five steps, the first in the lowest bits, and above them the rule.
pub const PLAN_RULE_MASK: i32 = 63;

/// What the rule book says of a rule above its steps, shifted down by PLAN_RULE_SHIFT; the phase is in PHASE_MASK.
pub const BOOK_CAUSE_FIRST: i32 = 8;
/// What the rule book says of a rule above its steps, shifted down by PLAN_RULE_SHIFT; the phase is in PHASE_MASK.
pub const BOOK_CAUSE_WINS: i32 = 16;

/// SO_LINGER can be set
pub const CAN_ARM: i32 = 64;
/// the host has an abort that keeps the descriptor (the platform must have one too)
pub const CAN_DISCONNECT: i32 = 128;
/// the runtime itself can reset its socket
pub const CAN_RESET: i32 = 256;
/// a duplicate of the descriptor is held, so the last close is ours
pub const CAN_HOLD: i32 = 512;
/// the host can read and throw away after our FIN
pub const CAN_DRAIN: i32 = 1024;
/// the host can ask for the send queue (the platform must have the query too)
pub const CAN_SEE_ACKED: i32 = 2048;

/// The answers of the policy; bits of the context. A clear bit is the other answer.
pub const POLICY_DROP_ABORTS: i32 = 65536;
/// The answers of the policy; bits of the context. A clear bit is the other answer.
pub const POLICY_FAILURE_CLOSES: i32 = 131072;
/// The answers of the policy; bits of the context. A clear bit is the other answer.
pub const POLICY_EXIT_CLOSES: i32 = 262144;
/// The answers of the policy; bits of the context. A clear bit is the other answer.
pub const POLICY_CRASH_LEAVES: i32 = 524288;
/// The answers of the policy; bits of the context. A clear bit is the other answer.
pub const POLICY_PEER_FIN_CLOSES: i32 = 1048576;
/// The answers of the policy; bits of the context. A clear bit is the other answer.
pub const POLICY_UNREAD_ABORTS: i32 = 2097152;
/// The answers of the policy; bits of the context. A clear bit is the other answer.
pub const POLICY_DEADLINE_DETACHES: i32 = 4194304;
/// the preset manual: without a command the OS decides
pub const POLICY_HANDS_OFF: i32 = 8388608;

/// What a close waits for; a field of the context.
pub const CONFIRM_SHIFT: i32 = 24;
/// What a close waits for; a field of the context.
pub const CONFIRM_MASK: i32 = 3;
/// What a close waits for; a field of the context.
pub const CONFIRM_NONE: i32 = 0;
/// What a close waits for; a field of the context.
pub const CONFIRM_KERNEL: i32 = 1;
/// What a close waits for; a field of the context.
pub const CONFIRM_ACKED: i32 = 2;
/// What a close waits for; a field of the context.
pub const CONFIRM_PEER: i32 = 3;

/// Where the fields of a context lie.
pub const CONTEXT_PLATFORM_MASK: i32 = 63;
/// this machine stores the high byte first, which struct linger must follow
pub const CONTEXT_BIG_ENDIAN: i32 = 67108864;

/// How far the ending of the connection has come; a field of the state.
pub const PHASE_MASK: i32 = 7;
/// nothing is known yet
pub const PHASE_NEW: i32 = 0;
/// nothing is declared: our stream is incomplete
pub const PHASE_OPEN: i32 = 1;
/// finish sending is declared, the FIN is not out
pub const PHASE_FINISHING: i32 = 2;
/// close is declared, the FIN is not out
pub const PHASE_CLOSING: i32 = 3;
/// our FIN is out, receiving goes on
pub const PHASE_FINISHED: i32 = 4;
/// close is declared and our FIN is out
pub const PHASE_DRAINING: i32 = 5;
/// nothing is left to do; the verdict is final
pub const PHASE_ENDED: i32 = 6;

/// SO_LINGER is {1,0}
pub const FLAG_ARMED: i32 = 8;
/// our FIN is in the kernel's send queue or beyond
pub const FLAG_FIN_OUT: i32 = 16;
/// the peer's FIN was read
pub const FLAG_PEER_FIN: i32 = 32;
/// the peer's stack has confirmed everything, our FIN included
pub const FLAG_ACKED: i32 = 64;
/// SHUT_WRITE was planned; never a second time while the runtime lives
pub const FLAG_FIN_ASKED: i32 = 128;
/// somebody else holds the socket too
pub const FLAG_SHARED: i32 = 1024;
/// the verdict was given out
pub const FLAG_REPORTED: i32 = 1073741824;

/// Where the fields of a state lie.
pub const FIELD_RECEIVE_SHIFT: i32 = 8;
/// Where the fields of a state lie.
pub const FIELD_CAUSE_SHIFT: i32 = 11;
/// Where the fields of a state lie.
pub const FIELD_ENDED_SHIFT: i32 = 15;
/// Where the fields of a state lie.
pub const FIELD_BY_SHIFT: i32 = 17;
/// Where the fields of a state lie.
pub const FIELD_DELIVERY_SHIFT: i32 = 19;
/// Where the fields of a state lie.
pub const FIELD_RECEIVED_SHIFT: i32 = 22;
/// Where the fields of a state lie.
pub const FIELD_RULE_SHIFT: i32 = 24;
/// Where the fields of a state lie.
pub const FIELD_RULE_MASK: i32 = 63;

/// What made the connection end: the number of the event. The first wins, but for a reset, which is its own cause.
pub const CAUSE_MASK: i32 = 15;
/// What made the connection end: the number of the event. The first wins, but for a reset, which is its own cause.
pub const CAUSE_NONE: i32 = 0;

/// How it ended.
pub const ENDED_MASK: i32 = 3;
/// How it ended.
pub const ENDED_UNKNOWN: i32 = 0;
/// How it ended.
pub const ENDED_FIN: i32 = 1;
/// How it ended.
pub const ENDED_RESET: i32 = 2;
/// How it ended.
pub const ENDED_SILENT: i32 = 3;

/// Who ended it.
pub const BY_MASK: i32 = 3;
/// Who ended it.
pub const BY_UNKNOWN: i32 = 0;
/// Who ended it.
pub const BY_US: i32 = 1;
/// Who ended it.
pub const BY_PEER: i32 = 2;
/// Who ended it.
pub const BY_KERNEL: i32 = 3;

/// What became of our bytes.
pub const DELIVERY_MASK: i32 = 7;
/// What became of our bytes.
pub const DELIVERY_UNKNOWN: i32 = 0;
/// What became of our bytes.
pub const DELIVERY_HANDED: i32 = 1;
/// What became of our bytes.
pub const DELIVERY_ACKED: i32 = 2;
/// What became of our bytes.
pub const DELIVERY_CONFIRMED: i32 = 3;
/// What became of our bytes.
pub const DELIVERY_LOST: i32 = 4;

/// How the other direction ended.
pub const RECEIVED_MASK: i32 = 3;
/// How the other direction ended.
pub const RECEIVED_UNKNOWN: i32 = 0;
/// How the other direction ended.
pub const RECEIVED_COMPLETE: i32 = 1;
/// How the other direction ended.
pub const RECEIVED_RESET: i32 = 2;
/// How the other direction ended.
pub const RECEIVED_DISCARDED: i32 = 3;

/// What an import answers besides a negative errno.
pub const RESULT_DONE: i32 = 0;
/// What an import answers besides a negative errno.
pub const RESULT_PENDING: i32 = 1;

/// What an errno means here, the same on every platform.
pub const ERROR_NONE: i32 = 0;
/// What an errno means here, the same on every platform.
pub const ERROR_NOT_CONNECTED: i32 = 1;
/// What an errno means here, the same on every platform.
pub const ERROR_RESET: i32 = 2;
/// What an errno means here, the same on every platform.
pub const ERROR_BROKEN_PIPE: i32 = 3;
/// What an errno means here, the same on every platform.
pub const ERROR_INVALID: i32 = 4;
/// What an errno means here, the same on every platform.
pub const ERROR_BAD_DESCRIPTOR: i32 = 5;
/// What an errno means here, the same on every platform.
pub const ERROR_NOT_SOCKET: i32 = 6;
/// What an errno means here, the same on every platform.
pub const ERROR_ABORTED: i32 = 7;
/// What an errno means here, the same on every platform.
pub const ERROR_TIMED_OUT: i32 = 8;
/// What an errno means here, the same on every platform.
pub const ERROR_WOULD_BLOCK: i32 = 9;
/// What an errno means here, the same on every platform.
pub const ERROR_SHUT_DOWN: i32 = 10;
/// What an errno means here, the same on every platform.
pub const ERROR_OUT_OF_RANGE: i32 = 11;
/// What an errno means here, the same on every platform.
pub const ERROR_NOT_SUPPORTED: i32 = 12;
/// What an errno means here, the same on every platform.
pub const ERROR_OTHER: i32 = 13;

/// The columns of the platform table inside the Wasm. COLUMN_ERRNO + ERROR_x is the platform's number for that error, 0 if it has none; x is at least 1.
pub const COLUMN_TRAITS: i32 = 0;
/// The columns of the platform table inside the Wasm. COLUMN_ERRNO + ERROR_x is the platform's number for that error, 0 if it has none; x is at least 1.
pub const COLUMN_SOCKET_LEVEL: i32 = 1;
/// the option that counts in seconds
pub const COLUMN_LINGER_OPTION: i32 = 2;
/// the largest number of seconds that the platform stores without wrapping or refusing
pub const COLUMN_LINGER_MOST: i32 = 3;
/// the size of struct linger: 8 = two int, 4 = two u_short
pub const COLUMN_LINGER_BYTES: i32 = 4;
/// an option of the same name that counts in 10 ms ticks instead; 0 where there is none
pub const COLUMN_LINGER_TICKS_OPTION: i32 = 5;
/// The columns of the platform table inside the Wasm. COLUMN_ERRNO + ERROR_x is the platform's number for that error, 0 if it has none; x is at least 1.
pub const COLUMN_ERRNO: i32 = 5;

/// Answers of the behaviour table that a decision or a verdict rests on; bits and fields of COLUMN_TRAITS.
pub const TRAIT_DEATH_RESETS: i32 = 1;
/// Answers of the behaviour table that a decision or a verdict rests on; bits and fields of COLUMN_TRAITS.
pub const TRAIT_DISCONNECTS: i32 = 2;
/// Answers of the behaviour table that a decision or a verdict rests on; bits and fields of COLUMN_TRAITS.
pub const TRAIT_UNREAD_RESETS: i32 = 4;
/// Answers of the behaviour table that a decision or a verdict rests on; bits and fields of COLUMN_TRAITS.
pub const TRAIT_SEES_ACKED: i32 = 8;
/// Answers of the behaviour table that a decision or a verdict rests on; bits and fields of COLUMN_TRAITS.
pub const TRAIT_SEES_FIN_ACKED: i32 = 16;
/// Answers of the behaviour table that a decision or a verdict rests on; bits and fields of COLUMN_TRAITS.
pub const TRAIT_RESET_MAY_BE_LOST: i32 = 32;
/// Answers of the behaviour table that a decision or a verdict rests on; bits and fields of COLUMN_TRAITS.
pub const TRAIT_RESET_CERTAINTY_SHIFT: i32 = 6;
/// Answers of the behaviour table that a decision or a verdict rests on; bits and fields of COLUMN_TRAITS.
pub const TRAIT_FIN_CERTAINTY_SHIFT: i32 = 8;
/// Answers of the behaviour table that a decision or a verdict rests on; bits and fields of COLUMN_TRAITS.
pub const TRAIT_DISCONNECT_CERTAINTY_SHIFT: i32 = 10;

/// The strength of the evidence behind a cell.
pub const CERTAINTY_MASK: i32 = 3;
/// The strength of the evidence behind a cell.
pub const CERTAINTY_ASSUMED: i32 = 0;
/// The strength of the evidence behind a cell.
pub const CERTAINTY_DOCUMENTED: i32 = 1;
/// The strength of the evidence behind a cell.
pub const CERTAINTY_MEASURED: i32 = 2;

/// Every number above by its name.
pub const WORDS: &[(&str, i32)] = &[
    ("EVENT_OPEN", EVENT_OPEN),
    ("EVENT_CLOSE", EVENT_CLOSE),
    ("EVENT_ABORT", EVENT_ABORT),
    ("EVENT_FINISH_SENDING", EVENT_FINISH_SENDING),
    ("EVENT_DROPPED", EVENT_DROPPED),
    ("EVENT_FAILED", EVENT_FAILED),
    ("EVENT_EXITING", EVENT_EXITING),
    ("EVENT_DEADLINE", EVENT_DEADLINE),
    ("EVENT_OVER_LIMIT", EVENT_OVER_LIMIT),
    ("EVENT_PEER_FIN", EVENT_PEER_FIN),
    ("EVENT_PEER_RESET", EVENT_PEER_RESET),
    ("EVENT_OS_ERROR", EVENT_OS_ERROR),
    ("EVENT_RUNTIME_CLOSED", EVENT_RUNTIME_CLOSED),
    ("EVENT_DATA", EVENT_DATA),
    ("EVENT_FIN_SENT", EVENT_FIN_SENT),
    ("EVENT_FLUSHED", EVENT_FLUSHED),
    ("EVENT_ACKED", EVENT_ACKED),
    ("EVENT_STOP_RECEIVING", EVENT_STOP_RECEIVING),
    ("FACT_UNFLUSHED", FACT_UNFLUSHED),
    ("FACT_UNSENT", FACT_UNSENT),
    ("FACT_UNACKED", FACT_UNACKED),
    ("FACT_UNREAD", FACT_UNREAD),
    ("FACT_LATE", FACT_LATE),
    ("FACT_LEAVING", FACT_LEAVING),
    ("FACT_COMPLETE", FACT_COMPLETE),
    ("FACT_BUDGET", FACT_BUDGET),
    ("FACT_SHARED", FACT_SHARED),
    ("ARGUMENT_SHIFT", ARGUMENT_SHIFT),
    ("ARGUMENT_MASK", ARGUMENT_MASK),
    ("RECEIVE_MASK", RECEIVE_MASK),
    ("RECEIVE_NORMAL", RECEIVE_NORMAL),
    ("RECEIVE_DISCARD", RECEIVE_DISCARD),
    ("RECEIVE_HOLD", RECEIVE_HOLD),
    ("RECEIVE_REFUSE", RECEIVE_REFUSE),
    ("STEP_NONE", STEP_NONE),
    ("STEP_ARM", STEP_ARM),
    ("STEP_DISARM", STEP_DISARM),
    ("STEP_DISCONNECT", STEP_DISCONNECT),
    ("STEP_CLOSE", STEP_CLOSE),
    ("STEP_WATCH_ACKED", STEP_WATCH_ACKED),
    ("STEP_REPORT", STEP_REPORT),
    ("STEP_SHUT_WRITE", STEP_SHUT_WRITE),
    ("STEP_RELEASE", STEP_RELEASE),
    ("STEP_RESET", STEP_RESET),
    ("STEP_FLUSH", STEP_FLUSH),
    ("STEP_DRAIN", STEP_DRAIN),
    ("STEP_DISCARD", STEP_DISCARD),
    ("STEP_HOLD", STEP_HOLD),
    ("STEP_FLUSH_DEADLINE", STEP_FLUSH_DEADLINE),
    ("STEP_DRAIN_DEADLINE", STEP_DRAIN_DEADLINE),
    ("PLAN_STEP_BITS", PLAN_STEP_BITS),
    ("PLAN_STEP_MASK", PLAN_STEP_MASK),
    ("PLAN_STEPS", PLAN_STEPS),
    ("PLAN_ALL_STEPS", PLAN_ALL_STEPS),
    ("PLAN_RULE_SHIFT", PLAN_RULE_SHIFT),
    ("PLAN_RULE_MASK", PLAN_RULE_MASK),
    ("BOOK_CAUSE_FIRST", BOOK_CAUSE_FIRST),
    ("BOOK_CAUSE_WINS", BOOK_CAUSE_WINS),
    ("CAN_ARM", CAN_ARM),
    ("CAN_DISCONNECT", CAN_DISCONNECT),
    ("CAN_RESET", CAN_RESET),
    ("CAN_HOLD", CAN_HOLD),
    ("CAN_DRAIN", CAN_DRAIN),
    ("CAN_SEE_ACKED", CAN_SEE_ACKED),
    ("POLICY_DROP_ABORTS", POLICY_DROP_ABORTS),
    ("POLICY_FAILURE_CLOSES", POLICY_FAILURE_CLOSES),
    ("POLICY_EXIT_CLOSES", POLICY_EXIT_CLOSES),
    ("POLICY_CRASH_LEAVES", POLICY_CRASH_LEAVES),
    ("POLICY_PEER_FIN_CLOSES", POLICY_PEER_FIN_CLOSES),
    ("POLICY_UNREAD_ABORTS", POLICY_UNREAD_ABORTS),
    ("POLICY_DEADLINE_DETACHES", POLICY_DEADLINE_DETACHES),
    ("POLICY_HANDS_OFF", POLICY_HANDS_OFF),
    ("CONFIRM_SHIFT", CONFIRM_SHIFT),
    ("CONFIRM_MASK", CONFIRM_MASK),
    ("CONFIRM_NONE", CONFIRM_NONE),
    ("CONFIRM_KERNEL", CONFIRM_KERNEL),
    ("CONFIRM_ACKED", CONFIRM_ACKED),
    ("CONFIRM_PEER", CONFIRM_PEER),
    ("CONTEXT_PLATFORM_MASK", CONTEXT_PLATFORM_MASK),
    ("CONTEXT_BIG_ENDIAN", CONTEXT_BIG_ENDIAN),
    ("PHASE_MASK", PHASE_MASK),
    ("PHASE_NEW", PHASE_NEW),
    ("PHASE_OPEN", PHASE_OPEN),
    ("PHASE_FINISHING", PHASE_FINISHING),
    ("PHASE_CLOSING", PHASE_CLOSING),
    ("PHASE_FINISHED", PHASE_FINISHED),
    ("PHASE_DRAINING", PHASE_DRAINING),
    ("PHASE_ENDED", PHASE_ENDED),
    ("FLAG_ARMED", FLAG_ARMED),
    ("FLAG_FIN_OUT", FLAG_FIN_OUT),
    ("FLAG_PEER_FIN", FLAG_PEER_FIN),
    ("FLAG_ACKED", FLAG_ACKED),
    ("FLAG_FIN_ASKED", FLAG_FIN_ASKED),
    ("FLAG_SHARED", FLAG_SHARED),
    ("FLAG_REPORTED", FLAG_REPORTED),
    ("FIELD_RECEIVE_SHIFT", FIELD_RECEIVE_SHIFT),
    ("FIELD_CAUSE_SHIFT", FIELD_CAUSE_SHIFT),
    ("FIELD_ENDED_SHIFT", FIELD_ENDED_SHIFT),
    ("FIELD_BY_SHIFT", FIELD_BY_SHIFT),
    ("FIELD_DELIVERY_SHIFT", FIELD_DELIVERY_SHIFT),
    ("FIELD_RECEIVED_SHIFT", FIELD_RECEIVED_SHIFT),
    ("FIELD_RULE_SHIFT", FIELD_RULE_SHIFT),
    ("FIELD_RULE_MASK", FIELD_RULE_MASK),
    ("CAUSE_MASK", CAUSE_MASK),
    ("CAUSE_NONE", CAUSE_NONE),
    ("ENDED_MASK", ENDED_MASK),
    ("ENDED_UNKNOWN", ENDED_UNKNOWN),
    ("ENDED_FIN", ENDED_FIN),
    ("ENDED_RESET", ENDED_RESET),
    ("ENDED_SILENT", ENDED_SILENT),
    ("BY_MASK", BY_MASK),
    ("BY_UNKNOWN", BY_UNKNOWN),
    ("BY_US", BY_US),
    ("BY_PEER", BY_PEER),
    ("BY_KERNEL", BY_KERNEL),
    ("DELIVERY_MASK", DELIVERY_MASK),
    ("DELIVERY_UNKNOWN", DELIVERY_UNKNOWN),
    ("DELIVERY_HANDED", DELIVERY_HANDED),
    ("DELIVERY_ACKED", DELIVERY_ACKED),
    ("DELIVERY_CONFIRMED", DELIVERY_CONFIRMED),
    ("DELIVERY_LOST", DELIVERY_LOST),
    ("RECEIVED_MASK", RECEIVED_MASK),
    ("RECEIVED_UNKNOWN", RECEIVED_UNKNOWN),
    ("RECEIVED_COMPLETE", RECEIVED_COMPLETE),
    ("RECEIVED_RESET", RECEIVED_RESET),
    ("RECEIVED_DISCARDED", RECEIVED_DISCARDED),
    ("RESULT_DONE", RESULT_DONE),
    ("RESULT_PENDING", RESULT_PENDING),
    ("ERROR_NONE", ERROR_NONE),
    ("ERROR_NOT_CONNECTED", ERROR_NOT_CONNECTED),
    ("ERROR_RESET", ERROR_RESET),
    ("ERROR_BROKEN_PIPE", ERROR_BROKEN_PIPE),
    ("ERROR_INVALID", ERROR_INVALID),
    ("ERROR_BAD_DESCRIPTOR", ERROR_BAD_DESCRIPTOR),
    ("ERROR_NOT_SOCKET", ERROR_NOT_SOCKET),
    ("ERROR_ABORTED", ERROR_ABORTED),
    ("ERROR_TIMED_OUT", ERROR_TIMED_OUT),
    ("ERROR_WOULD_BLOCK", ERROR_WOULD_BLOCK),
    ("ERROR_SHUT_DOWN", ERROR_SHUT_DOWN),
    ("ERROR_OUT_OF_RANGE", ERROR_OUT_OF_RANGE),
    ("ERROR_NOT_SUPPORTED", ERROR_NOT_SUPPORTED),
    ("ERROR_OTHER", ERROR_OTHER),
    ("COLUMN_TRAITS", COLUMN_TRAITS),
    ("COLUMN_SOCKET_LEVEL", COLUMN_SOCKET_LEVEL),
    ("COLUMN_LINGER_OPTION", COLUMN_LINGER_OPTION),
    ("COLUMN_LINGER_MOST", COLUMN_LINGER_MOST),
    ("COLUMN_LINGER_BYTES", COLUMN_LINGER_BYTES),
    ("COLUMN_LINGER_TICKS_OPTION", COLUMN_LINGER_TICKS_OPTION),
    ("COLUMN_ERRNO", COLUMN_ERRNO),
    ("TRAIT_DEATH_RESETS", TRAIT_DEATH_RESETS),
    ("TRAIT_DISCONNECTS", TRAIT_DISCONNECTS),
    ("TRAIT_UNREAD_RESETS", TRAIT_UNREAD_RESETS),
    ("TRAIT_SEES_ACKED", TRAIT_SEES_ACKED),
    ("TRAIT_SEES_FIN_ACKED", TRAIT_SEES_FIN_ACKED),
    ("TRAIT_RESET_MAY_BE_LOST", TRAIT_RESET_MAY_BE_LOST),
    ("TRAIT_RESET_CERTAINTY_SHIFT", TRAIT_RESET_CERTAINTY_SHIFT),
    ("TRAIT_FIN_CERTAINTY_SHIFT", TRAIT_FIN_CERTAINTY_SHIFT),
    ("TRAIT_DISCONNECT_CERTAINTY_SHIFT", TRAIT_DISCONNECT_CERTAINTY_SHIFT),
    ("CERTAINTY_MASK", CERTAINTY_MASK),
    ("CERTAINTY_ASSUMED", CERTAINTY_ASSUMED),
    ("CERTAINTY_DOCUMENTED", CERTAINTY_DOCUMENTED),
    ("CERTAINTY_MEASURED", CERTAINTY_MEASURED),
];

/// The rules of the engine in the order of their numbers, which begin at 1.
pub const RULES: &[Rule] = &[
    Rule { number: 1, id: "open-arms", title: "an open connection is armed", why: "Death runs none of our code, so the kernel is told beforehand: linger {1,0} makes the last close a reset. Without it the peer would take the part for the whole.", clause: "RFC 9293 3.10.5", row: "exit.armed" },
    Rule { number: 2, id: "open-unarmed", title: "an open connection is left unarmed", why: "The policy leaves a crash to the OS.", clause: "", row: "exit.default" },
    Rule { number: 3, id: "open-cannot-arm", title: "an open connection cannot be armed here", why: "The host cannot set SO_LINGER: a crash that runs no code of ours ends with what the OS does, and the capabilities say so.", clause: "", row: "exit.default" },
    Rule { number: 4, id: "close-flushes", title: "a close flushes first", why: "Completion is declared; what the runtime still buffers must be in the kernel before the FIN.", clause: "RFC 9293 3.10.4", row: "shutdown.write" },
    Rule { number: 5, id: "finish-flushes", title: "finish sending flushes first", why: "Our direction is declared complete; receiving goes on, and so do the owner's own bounds.", clause: "RFC 9293 3.6", row: "shutdown.write" },
    Rule { number: 6, id: "drop-flushes", title: "a drop that discards nothing closes", why: "The owner let go without deciding and the policy closes; nothing is thrown away, so the stream can still be finished.", clause: "RFC 9293 3.6", row: "shutdown.write" },
    Rule { number: 7, id: "peer-fin-flushes", title: "the peer's FIN ends our side too", why: "The policy does not keep half-open connections: what was written so far is flushed, then our FIN follows.", clause: "RFC 9293 3.6", row: "shutdown.after-peer-fin" },
    Rule { number: 8, id: "failure-flushes", title: "a failure that the policy closes", why: "The owner failed, nothing is thrown away, and the policy prefers a FIN.", clause: "RFC 9293 3.6", row: "shutdown.write" },
    Rule { number: 9, id: "close-after-finish", title: "a close after finish sending waits for the same flush", why: "The flush is under way; only what happens after the FIN changes.", clause: "RFC 9293 3.10.4", row: "shutdown.write" },
    Rule { number: 10, id: "abort-resets", title: "an abort resets", why: "The owner asked for a reset. Linger {1,0} comes first, before anything could send a FIN.", clause: "RFC 9293 3.10.5", row: "close.linger-zero.established" },
    Rule { number: 11, id: "failure-resets", title: "a failure resets", why: "The stream is incomplete because its owner failed; end of file would be a lie.", clause: "RFC 9293 3.10.5", row: "close.linger-zero.established" },
    Rule { number: 12, id: "drop-resets", title: "a drop resets", why: "The policy takes a drop without a decision for a failure.", clause: "RFC 9293 3.10.5", row: "close.linger-zero.established" },
    Rule { number: 13, id: "discard-resets", title: "a drop that discards bytes resets", why: "Bytes that the runtime still held are thrown away with its socket: the stream is truncated, whatever the policy says of drops.", clause: "RFC 9293 3.10.5", row: "close.linger-zero.established" },
    Rule { number: 14, id: "exit-resets", title: "leaving the process resets what is incomplete", why: "The process ends on purpose and nobody declared this stream complete.", clause: "RFC 9293 3.10.5", row: "exit.armed" },
    Rule { number: 15, id: "deadline-resets", title: "a close that ran out of time resets", why: "What did not leave in time is lost; the peer must not take the rest for the whole.", clause: "RFC 9293 3.10.5", row: "close.linger-zero.established" },
    Rule { number: 16, id: "limit-resets", title: "a drain over its limit resets", why: "The peer sends more than we are willing to throw away.", clause: "RFC 9112 9.6", row: "close.linger-zero.established" },
    Rule { number: 17, id: "refuse-resets", title: "data after a refusal resets", why: "The owner refuses what the peer still sends, and more arrived.", clause: "RFC 9293 3.6.1", row: "shut-rd.late-data" },
    Rule { number: 18, id: "unread-resets", title: "unread bytes reset", why: "Bytes arrived that nobody read, and the policy tells the peer so.", clause: "RFC 2525 2.17", row: "close.unread" },
    Rule { number: 19, id: "error-resets", title: "an error of the OS ends without a FIN", why: "The OS reports an error on the connection; whether a reset leaves is the kernel's to decide, but a FIN must not.", clause: "RFC 9293 3.10.5", row: "reset.errno" },
    Rule { number: 20, id: "flushed-sends-fin", title: "everything is flushed, so the FIN goes out", why: "The order is: flush, disarm, FIN. Disarmed before the FIN, because some platforms refuse the option afterwards; death in between ends with the same FIN.", clause: "RFC 9293 3.10.4", row: "linger.set-after-shutdown" },
    Rule { number: 21, id: "fin-sent-receives", title: "our FIN is out and receiving goes on", why: "Half-closed by us: the peer may send as long as it likes.", clause: "RFC 9293 3.6", row: "shutdown.write" },
    Rule { number: 22, id: "fin-sent-drains", title: "our FIN is out and the peer's bytes are drained", why: "Closing with bytes unread or still coming would make the kernel reset, which can destroy our own last bytes at the peer.", clause: "RFC 9112 9.6", row: "close.unread" },
    Rule { number: 23, id: "fin-sent-ends", title: "our FIN is out and there is nothing to wait for", why: "Both sides are done, or the policy does not drain and does not ask for confirmation.", clause: "RFC 9293 3.6", row: "close.plain" },
    Rule { number: 24, id: "fin-sent-waits", title: "our FIN is out and its acknowledgement is awaited", why: "The verdict promises that the peer's stack has everything.", clause: "RFC 9293 3.10.4", row: "unacked.query" },
    Rule { number: 25, id: "drop-sends-fin", title: "a drop with nothing lost sends our FIN", why: "The runtime lets go of its socket, the kernel has every byte, and the last close is ours.", clause: "RFC 9293 3.6", row: "shutdown.write" },
    Rule { number: 26, id: "drop-leaves-fin", title: "a drop with nothing lost leaves the FIN to the runtime", why: "The kernel has every byte and the runtime's own close is the last one.", clause: "RFC 9293 3.6", row: "close.plain" },
    Rule { number: 27, id: "exit-sends-fin", title: "leaving the process sends the FIN of a complete stream", why: "Everything is in the kernel and complete by declaration, by policy or by its protocol.", clause: "RFC 9293 3.6", row: "exit.default" },
    Rule { number: 28, id: "fin-unasked", title: "a FIN is out that nobody declared", why: "Somebody sent the FIN behind our back; it cannot be called back, only told.", clause: "RFC 9293 3.6", row: "reset.after-fin" },
    Rule { number: 29, id: "os-decides", title: "the OS decides", why: "The preset manual keeps its hands off everything but a command.", clause: "", row: "close.plain" },
    Rule { number: 30, id: "peer-fin-noted", title: "the peer's FIN is noted", why: "Our direction goes on.", clause: "RFC 9293 3.6", row: "" },
    Rule { number: 31, id: "peer-fin-ends", title: "both FINs are in, so the connection is released", why: "Nothing can arrive any more and nothing is awaited.", clause: "RFC 9293 3.6", row: "close.plain" },
    Rule { number: 32, id: "peer-reset-ends", title: "the peer's reset ends the connection", why: "There is no connection left to end; our descriptor is released.", clause: "RFC 9293 3.10.7.4", row: "reset.errno" },
    Rule { number: 33, id: "acked-noted", title: "the peer's stack has everything", why: "Every byte and the FIN are acknowledged; the peer's program may still not have read them.", clause: "RFC 9293 3.10.4", row: "unacked.query" },
    Rule { number: 34, id: "acked-ends", title: "everything is acknowledged and nothing else is awaited", why: "Both sides are done, or the policy does not drain.", clause: "RFC 9293 3.6", row: "unacked.query" },
    Rule { number: 35, id: "deadline-detaches", title: "a close that ran out of time is left to the kernel", why: "Every byte and the FIN are in the kernel, which goes on delivering them.", clause: "RFC 9293 3.6", row: "linger.timeout" },
    Rule { number: 36, id: "closed-drains", title: "the runtime let go, so the duplicate drains", why: "The peer has not finished; a last close now could reset and destroy our own bytes at the peer.", clause: "RFC 9112 9.6", row: "close.late-data" },
    Rule { number: 37, id: "closed-ends", title: "the runtime let go and nothing is awaited", why: "Our FIN is out, so the last close adds nothing.", clause: "RFC 9293 3.6", row: "close.plain" },
    Rule { number: 38, id: "exit-after-fin", title: "leaving the process after our FIN changes nothing", why: "The stream is complete and disarmed.", clause: "RFC 9293 3.6", row: "exit.default" },
    Rule { number: 39, id: "peer-fin-waits", title: "the peer's FIN is in, the acknowledgement of ours is awaited", why: "The verdict promises that the peer's stack has everything.", clause: "RFC 9293 3.10.4", row: "unacked.query" },
    Rule { number: 40, id: "receive-discards", title: "what the peer sends from now on is thrown away", why: "The same on every platform: read and discard, so that the peer never stalls.", clause: "RFC 9293 3.6.1", row: "shut-rd.late-data" },
    Rule { number: 41, id: "receive-holds", title: "what the peer sends from now on is not read", why: "The peer's window closes; flow control tells it.", clause: "RFC 9293 3.8.6", row: "shut-rd.late-data" },
    Rule { number: 42, id: "receive-refuses", title: "what the peer sends from now on will reset", why: "Nothing happens until more data arrives.", clause: "RFC 9293 3.6.1", row: "shut-rd.late-data" },
    Rule { number: 43, id: "data-noted", title: "arriving data is noted", why: "It changes no decision; thrown away, it is told in the verdict.", clause: "RFC 9293 3.10.7.4", row: "" },
    Rule { number: 44, id: "not-open", title: "an event before open is nothing", why: "There is no connection to end yet.", clause: "RFC 9293 3.10.4", row: "" },
    Rule { number: 45, id: "stale", title: "an event that no longer matters is nothing", why: "Its moment has passed, or it contradicts the facts that came with it.", clause: "RFC 9293 3.10.7.4", row: "" },
    Rule { number: 46, id: "already-so", title: "a repeated command is nothing", why: "What it asks for is already so, or already under way.", clause: "RFC 9293 3.10.4", row: "" },
    Rule { number: 47, id: "after-the-end", title: "an event after the end is nothing", why: "The verdict is final and nothing is left to call.", clause: "RFC 9293 3.10.5", row: "" },
];

/// The systems of the table, and the machines that have a row of their own.
pub const PLATFORMS: &[Platform] = &[
    Platform { id: "freebsd", row: 2, by_ioctl: true, query: 1074030199, counts_fin: false, untransmitted: 0 },
    Platform { id: "gvisor", row: 12, by_ioctl: false, query: 0, counts_fin: false, untransmitted: 0 },
    Platform { id: "illumos", row: 5, by_ioctl: false, query: 0, counts_fin: false, untransmitted: 0 },
    Platform { id: "linux", row: 1, by_ioctl: true, query: 21521, counts_fin: true, untransmitted: 35147 },
    Platform { id: "linux-mips", row: 8, by_ioctl: true, query: 29810, counts_fin: true, untransmitted: 0 },
    Platform { id: "linux-sparc", row: 9, by_ioctl: true, query: 1074033779, counts_fin: true, untransmitted: 0 },
    Platform { id: "linux-alpha", row: 10, by_ioctl: true, query: 1074033779, counts_fin: true, untransmitted: 0 },
    Platform { id: "linux-parisc", row: 11, by_ioctl: true, query: 0, counts_fin: true, untransmitted: 0 },
    Platform { id: "macos", row: 6, by_ioctl: false, query: 4132, counts_fin: false, untransmitted: 0 },
    Platform { id: "netbsd", row: 4, by_ioctl: true, query: 1074030201, counts_fin: false, untransmitted: 0 },
    Platform { id: "openbsd", row: 3, by_ioctl: false, query: 9, counts_fin: false, untransmitted: 0 },
    Platform { id: "windows", row: 7, by_ioctl: false, query: 0, counts_fin: false, untransmitted: 0 },
];

/// The module without imports, byte for byte embed/finrst-pure.wasm of the repository.
pub const WASM: &[u8] = b"\
\x00asm\x01\x00\x00\x00\x01\x28\x06\x60\x02\x7f\x7f\x01\x7f\x60\x01\x7f\x01\x7f\x60\x03\x7f\x7f\x7f\x01\x7f\
\x60\x04\x7f\x7f\x7f\x7f\x01\x7f\x60\x00\x01\x7f\x60\x05\x7f\x7f\x7f\x7f\x7f\x01\x7f\x03\x28\x27\x00\x00\x00\
\x00\x01\x00\x02\x03\x01\x02\x01\x01\x00\x02\x01\x00\x03\x01\x01\x01\x00\x01\x00\x02\x01\x02\x03\x02\x02\x05\
\x03\x00\x04\x00\x03\x03\x00\x01\x04\x05\x04\x01\x01\x01\x01\x07v\x0b\x07version\x00\x20\x06buffer\x00\x26\x0c\
decodeLinger\x00\x25\x0cencodeLinger\x00\x24\x06decide\x00\x23\x09normalise\x00\x21\x09certainty\x00\x1f\x05en\
ter\x00\x1e\x06settle\x00\x1c\x06column\x00\x02\x06memory\x02\x00\x0a\xfe\x17\x27\x0c\x00\x20\x00A\xff\xffaq\
\x20\x01r\x0b\x09\x00\x20\x00\x10\x0a\x20\x01q\x0b\xc3\x01\x01\x01\x7f\x20\x00\x10\x0a\x22\x02E\x20\x01A\x11Jr\
\x04\x40A\x00\x0f\x0b\x20\x02A\x10uA\x0fqA\x03tA\x80\x08j\x21\x00\x02\x40\x02\x40\x02\x40\x02\x40\x02\x40\x02\
\x40\x02\x40\x20\x01\x0e\x06\x00\x01\x02\x03\x04\x05\x06\x0b\x20\x02A\xff\xff\x00q\x0f\x0b\x20\x00\x28\x02\x00\
A\xff\xff\x03q\x0f\x0b\x20\x00\x28\x02\x00A\x10v\x0f\x0b\x20\x00\x28\x02\x04\x0f\x0bA\x04A\x08\x20\x02A\x80\
\x80\x01q\x1b\x0f\x0bA\x80\x01A\x00\x20\x02A\x80\x80\x02q\x1b\x0f\x0b\x20\x01A\x06k\x20\x02A\x14u\x22\x00A\x0c\
lj\x22\x01A\x7cqA\xa8\x08j\x28\x02\x00\x20\x01A\x03qA\x03tuA\xff\x01q\x22\x01A\x90\xce\x00j\x20\x01\x20\x00A\
\x03F\x20\x01A\x00Gq\x1b\x0b\x0c\x00\x20\x00A\x13A\x07\x20\x01\x10\x07\x0b\x0a\x00\x20\x00A\x18uA\x03q\x0b\x0a\
\x00\x20\x00A\x07q\x20\x01H\x0b\x22\x00\x20\x00\x10\x04A\x02N\x04\x7f\x20\x00\x10\x0e\x05A\x00\x0b\x04\x7f\x20\
\x00\x20\x01\x20\x02\x10\x09\x05A\x01\x0bE\x0b\x13\x00\x20\x00\x20\x02\x20\x01tA\x7fsq\x20\x03\x20\x01tr\x0b\
\x17\x00\x20\x00A\x80\x01q\x04\x7f\x20\x00A\x02\x10\x01A\x00G\x05A\x00\x0b\x0b\x1d\x00\x20\x01A\xc0\x00q\x04\
\x7fA\x01\x05\x20\x02A\x04qE\x20\x00\x10\x0e\x22\x00\x20\x00\x1b\x0b\x0b\x11\x00\x20\x00A\x3fqA\x02tA\xf0\x08j\
\x28\x02\x00\x0b\x0d\x00\x20\x00A\x13L\x20\x00A\x0aNq\x0b\x15\x00\x20\x00\x20\x00\x20\x01A\x16tr\x20\x00A\x80\
\x80\x80\x06q\x1b\x0b\x20\x00\x20\x01\x10\x13A\x02N\x04\x40\x20\x01\x0f\x0b\x20\x01A\x02A\x01\x20\x00\x20\x01\
\x20\x02\x10\x09\x1b\x10\x03\x0b\x14\x00\x20\x00A\x80\x10q\x04\x7f\x20\x00A\x08\x10\x01\x05A\x00\x0b\x0b\x18\
\x00A\x01\x20\x01A\x80\x01q\x20\x00A\x80\x88\x80\x01qA\x80\x08G\x1bE\x0bq\x00\x20\x01A\x04\x10\x05E\x04\x40\
\x20\x03\x0f\x0b\x20\x00A\x80\x80\x80\x04qA\x00\x20\x02A\x20q\x22\x01\x1b\x04\x40A\x1d\x0f\x0b\x20\x02A\x01qA\
\x00\x20\x01\x1b\x04\x40A\x0d\x0f\x0b\x20\x00\x20\x02\x20\x03\x10\x19A\x12F\x04\x40A\x12\x0f\x0b\x20\x00A\x80\
\x80\x04qA\x00\x20\x03A\x06F\x1b\x04\x40A\x0c\x0f\x0b\x20\x01E\x04\x40\x20\x03\x0f\x0bA\x19A\x1a\x20\x00A\x80\
\x04q\x1b\x0b\x15\x00A\x0a\x20\x00\x20\x00\x10\x0b\x1bA\x02tA\xc0\x0bj\x28\x02\x00\x0b\x2a\x00A\x01\x20\x00A\
\x90\x01q\x20\x00A\x07qA\x06G\x1b\x04\x40\x20\x00\x0f\x0b\x20\x00\x20\x00A\x80\x80\x04r\x20\x00A\x80\x80\x06q\
\x1b\x0b\x0a\x00\x20\x00A\x13uA\x07q\x0b\x0c\x00\x20\x00A\x0bA\x0f\x20\x01\x10\x07\x0b\x0b\x00\x20\x00A\x04\
\x10\x02A\x04F\x0b2\x00\x20\x00A\x80\x80\x80\x20qE\x04\x40\x20\x01\x0f\x0b\x20\x01A\x08vA\x80\xfe\x03q\x20\x01\
A\x18t\x20\x01A\x80\xfe\x03qA\x08trr\x20\x01A\x18vr\x0b\x2d\x01\x01\x7f\x20\x01A\x00\x20\x01A\x7fG\x22\x03\x1b\
\x21\x01\x20\x00\x10\x15\x04\x40\x20\x03\x20\x01A\x10tr\x0f\x0b\x20\x00\x20\x01\x20\x03\x20\x02\x1b\x10\x16\
\x0b\x0a\x00\x20\x00A\x0buA\x0fq\x0b\x21\x00A\x12\x20\x02\x20\x02A\x2eGA\x00\x20\x00A\x80\x80\x80\x01q\x20\x01\
A\x08q\x22\x00\x20\x00\x1b\x1b\x1b\x0b\xa6\x05\x01\x01\x7f\x20\x01A\x07q\x22\x04E\x04\x40A\x2cA\x02A\x01A\x03\
\x20\x00A\xc0\x00q\x1b\x20\x00A\x80\x80\x20q\x1b\x20\x02A\x01G\x1b\x0f\x0b\x20\x04A\x06F\x04\x40A\x2f\x0f\x0b\
\x20\x02A\x00L\x20\x02A\x12Jr\x04\x7fA\x2d\x05\x20\x02A\x02tA\xf4\x0aj\x28\x02\x00\x20\x04A\x01kA\x06luA\x3fq\
\x0b\x22\x04A\x17F\x04\x40\x20\x00\x20\x01\x20\x03\x10\x1b\x0f\x0b\x02\x40\x02\x40\x02\x40\x02\x40\x02\x40\x02\
\x40\x02\x40\x02\x40\x02\x40\x02\x40\x02\x40\x02\x40\x02\x40\x02\x40\x20\x02A\x02k\x0e\x11\x01\x00\x00\x03\x04\
\x05\x00\x00\x0a\x00\x00\x00\x09\x07\x06\x08\x02\x00\x0b\x20\x02A\x08F\x20\x02A\x09Fr\x0d\x0a\x20\x02A\x0dF\
\x0d\x0b\x0c\x0c\x0b\x20\x00\x20\x03\x20\x04\x10\x19\x0f\x0bA\x2d\x20\x04\x20\x03A\x0cu\x22\x00A\x27j\x20\x04A\
\x2eF\x1b\x20\x00A\x00L\x20\x00A\x03Jr\x1b\x0f\x0b\x20\x00\x20\x01\x20\x03\x20\x04\x10\x10\x0f\x0b\x02\x7f\x20\
\x04\x20\x04A\x0bG\x0d\x00\x1aA\x1d\x20\x00A\x80\x80\x80\x04qA\x00\x20\x03A\x20q\x1b\x0d\x00\x1a\x20\x04\x20\
\x00A\x80\x80\x08qE\x0d\x00\x1a\x20\x00\x20\x01\x20\x03A\x08A\x2e\x20\x01A\x02\x10\x05\x1b\x10\x10\x0b\x0f\x0b\
\x02\x7f\x20\x04\x20\x04A\x26F\x0d\x00\x1aA\x1d\x20\x00A\x80\x80\x80\x04q\x0d\x00\x1aA\x0e\x20\x03A\x01q\x0d\
\x00\x1aA\x1b\x20\x04A\x01\x20\x03A\xc0\x00q\x20\x00A\x80\x80\x10q\x1b\x1b\x0b\x0f\x0bA\x2d\x20\x04A\x01\x20\
\x01A\x80\x01q\x20\x03A\x01q\x1b\x1b\x0f\x0b\x20\x01A\x20qA\x00\x20\x04A\x15F\x1b\x04\x7f\x20\x00\x20\x01\x20\
\x03\x10\x1b\x05\x20\x04\x0b\x0f\x0bA\x21\x20\x04A\x00\x20\x00\x20\x03\x10\x0fA\x01\x20\x01A\x20q\x20\x04A\x22\
G\x1b\x1b\x1b\x0f\x0bA\x11\x20\x04\x20\x01A\x05\x10\x05A\x00\x20\x01A\x08uA\x03qA\x03F\x1b\x1b\x0f\x0b\x02\x7f\
A\x2e\x20\x01A\x20q\x0d\x00\x1a\x20\x04A\x1fF\x04\x40A\x27\x20\x04\x20\x00\x20\x01\x20\x03\x10\x06\x1b\x0c\x01\
\x0bA\x07\x20\x04\x20\x00A\x80\x80\xc0\x00qA\x00\x20\x01A\x02\x10\x05\x1b\x1b\x0b\x0f\x0b\x20\x03A\x01q\x20\
\x04A\x2dFr\x04\x7f\x20\x04\x05\x20\x01A\x05\x10\x05\x22\x02E\x04\x40\x20\x04A\x10F\x21\x02\x0b\x20\x04A\x23A\
\x00\x20\x02\x20\x01\x10\x18A\x02F\x20\x02\x1b\x20\x00A\x80\x80\x80\x02q\x1b\x1b\x0b\x0f\x0b\x02\x7f\x20\x00\
\x20\x01\x20\x03A\x20r\x20\x04\x10\x10\x20\x04A\x25G\x0d\x00\x1a\x20\x04\x20\x00A\x80\x04qE\x0d\x00\x1aA\x24A\
\x00\x20\x00\x20\x03\x10\x0f\x20\x01A\x20q\x1b\x0d\x00\x1aA\x2e\x20\x04\x20\x00\x20\x01\x20\x03\x10\x06\x1b\
\x0b\x0f\x0b\x20\x04\x0b\x23\x00A\x00\x20\x00\x20\x02\x10\x0f\x20\x01A\x20q\x1b\x04\x40A\x16\x0f\x0bA\x18A\x17\
\x20\x00\x20\x01\x20\x02\x10\x06\x1b\x0b\x91\x01\x00\x20\x02\x04\x40\x20\x00A\xff\xff\x99\x7eqA\x80\x01r\x20\
\x00A\x8c\x01\x20\x01uA\x01q\x1b\x0f\x0b\x02\x40\x02\x40\x02\x40\x02\x40\x02\x40\x02\x40\x02\x40\x20\x01A\x01k\
\x0e\x09\x01\x02\x00\x00\x00\x03\x00\x00\x04\x00\x0b\x20\x01A\x03F\x20\x01A\x08Fr\x20\x01A\x04Fr\x0d\x04\x0c\
\x05\x0b\x20\x00A\x08r\x0f\x0b\x20\x00Awq\x0f\x0b\x20\x00A\x80\x80\x80\x80\x04r\x0f\x0b\x20\x00\x10\x12\x0f\
\x0b\x20\x00\x10\x12\x20\x00\x20\x00A\x88\x08A\x08\x20\x01A\x03G\x1bqA\x08F\x1b\x0f\x0b\x20\x00\x0b\xfe\x04\
\x01\x01\x7f\x20\x01\x20\x03A\x90\x08qr\x21\x01\x02\x40\x02\x40\x02\x40\x02\x40\x02\x40\x02\x40\x20\x02A\x0ak\
\x0e\x09\x00\x01\x05\x05\x05\x02\x05\x03\x04\x05\x0b\x20\x01A\x20rA\x01\x10\x0c\x22\x02A\xc0\x00rA\x03\x10\x03\
\x20\x02\x20\x01A\x10q\x04\x7f\x20\x00\x20\x01\x20\x03\x10\x09\x05A\x00\x0b\x1b\x21\x01\x0c\x04\x0b\x20\x01A\
\x02\x10\x0c\x22\x00\x20\x00A\x80\x80\x14\x10\x00A\x04A\x00\x20\x03A\x01q\x1b\x10\x03A\x0b\x10\x14\x20\x00A\
\xc0\x00qA\x00\x20\x00A\x10q\x1b\x1b\x0f\x0b\x20\x00\x20\x01A\x10rA\x80\x80\x0a\x10\x00\x20\x03\x10\x0d\x21\
\x01\x0c\x02\x0b\x20\x00\x20\x01A\xc0\x00r\x20\x03\x10\x0d\x21\x01\x0c\x01\x0b\x20\x01A\x08A\x03\x20\x03A\x0cu\
\x10\x07\x0f\x0b\x20\x04\x10\x0b\x04\x40\x20\x01A\x80\x80\x18A\x80\x80\x08\x20\x04A\x13F\x1b\x10\x00A\x04A\x02\
A\x00\x20\x00\x20\x01\x20\x03\x10\x09\x22\x02\x1b\x20\x03\x20\x03A\x7dq\x20\x00\x10\x08\x1b\x22\x01A\x03q\x1b\
\x10\x03\x22\x03A\xef\x7eq\x21\x04\x20\x01A\x02q\x04\x7f\x20\x04\x05\x20\x03A\x10q\x22\x01\x04\x40\x20\x02A\
\x00G\x21\x01\x0b\x20\x03A\x80\x80\x0a\x10\x00\x20\x03\x20\x01\x04\x7f\x20\x00A\x10\x10\x01\x05\x20\x01\x0b\
\x1b\x0b\x0f\x0b\x02\x40\x02\x40\x02\x40\x20\x04A\x14F\x20\x04A\x19FrE\x04\x40\x20\x04A\x2bF\x0d\x01\x20\x04A\
\x1dF\x20\x04A\x1aFr\x20\x04A\x1bFr\x0d\x02\x0c\x03\x0b\x20\x01A\x80\x01r\x0f\x0b\x20\x01A\x03\x10\x0c\x0f\x0b\
\x20\x01A\x04A\x01\x20\x03A\x01q\x1b\x10\x03\x21\x01\x20\x04A\x1dF\x21\x05\x02\x40\x20\x00A\x80\x04qA\x00\x20\
\x04A\x1bF\x1bE\x04\x40\x20\x01A\x80\x80\x18\x10\x00\x21\x02\x20\x01A\x80\x08q\x0d\x01\x20\x01A\x80\x80\x1c\
\x10\x00\x21\x02A\x01\x20\x01A\x08qA\x00\x20\x05\x1b\x20\x03A\x08q\x04\x7f\x20\x00A\x04\x10\x01\x05A\x00\x0b\
\x1b\x0d\x01\x0b\x20\x01A\x80\x80\x18\x10\x00\x21\x02\x20\x00A\x01\x10\x01\x20\x03A\x08qr\x0d\x00\x20\x01A\x80\
\x80\x1aA\x80\x80\x0a\x20\x05\x1b\x10\x00\x21\x02\x0b\x20\x02\x0f\x0b\x20\x01A\x07qA\x06F\x04\x7f\x20\x00\x20\
\x01\x20\x03\x10\x0d\x22\x02\x10\x13A\x02N\x20\x01A\x10q\x22\x04\x20\x04\x1b\x22\x05\x04\x7f\x20\x00A\x10\x10\
\x01\x05\x20\x05\x0bE\x22\x00\x04\x40A\x01\x20\x03A\x08q\x20\x01A\x08q\x1b\x21\x00\x0b\x20\x02A\x80\x80\x08A\
\x80\x80\x0aA\x01\x20\x01A\x80\x08q\x20\x04E\x22\x01\x20\x01\x1b\x20\x00\x1b\x1b\x10\x00\x05\x20\x01\x0b\x0bn\
\x01\x03\x7f\x20\x00\x20\x01\x20\x02\x20\x03\x10\x1a\x22\x04A\x2cH\x04\x7f\x20\x00\x20\x04\x10\x11A\x14u\x22\
\x00A\x07q\x22\x05\x20\x01A\x18A\x3f\x20\x04\x10\x07\x22\x06Axqr\x20\x06\x20\x05\x1b\x22\x05\x20\x02\x10\x14\
\x20\x05A\x01\x20\x00A\x10qA\x01\x20\x00A\x08q\x20\x01\x10\x18E\x22\x00\x20\x00\x1b\x20\x02A\x02F\x1b\x1b\x1b\
\x20\x02\x20\x03\x20\x04\x10\x1d\x05\x20\x01\x0b\x0b\x3f\x01\x01\x7f\x20\x01A\x0fuA\x03q\x22\x02E\x04\x40A\x00\
\x0f\x0b\x20\x01A\x11uA\x03qA\x02F\x04\x40A\x02\x0f\x0b\x20\x00\x10\x0aA\x08A\x0aA\x06\x20\x00\x10\x08\x1b\x20\
\x02A\x01F\x1buA\x03q\x0b\x04\x00A\x01\x0b9\x01\x01\x7f\x20\x01E\x04\x40A\x00\x0f\x0bA\x01\x21\x02\x03\x40\x20\
\x02A\x0dH\x04\x40\x20\x00\x20\x02A\x05j\x10\x02\x20\x01F\x04\x40\x20\x02\x0f\x0b\x20\x02A\x01j\x21\x02\x0c\
\x01\x0b\x0bA\x0d\x0b\xc8\x02\x01\x05\x7f\x20\x03\x10\x0b\x22\x04\x04\x40\x20\x00A\xc0\x02qA\x80\x02F\x21\x04\
\x0b\x20\x04\x04\x40\x20\x00\x10\x08E\x21\x04\x0b\x20\x03\x10\x11A\xff\xff\x3fq\x21\x05\x03\x40\x20\x05\x04\
\x40\x20\x05A\x0fq\x21\x06\x20\x05A\x04u\x21\x05\x02\x40\x02\x40\x02\x40\x02\x40\x02\x40\x02\x40\x02\x40\x20\
\x06A\x01k\x0e\x06\x00\x01\x02\x03\x04\x05\x06\x0bA\x00\x20\x00A\xc0\x00q\x20\x01A\x08q\x1bE\x0d\x07\x0c\x05\
\x0b\x20\x01A\x08qE\x0d\x06\x0c\x04\x0b\x20\x00\x10\x08E\x0d\x05\x0c\x03\x0b\x20\x00A\x80\x04qE\x0d\x04\x0c\
\x02\x0b\x20\x01A\xc0\x00q\x04\x7fA\x00\x05\x20\x00\x10\x0e\x0b\x04\x7f\x20\x00\x10\x04A\x03F\x04\x7fA\x01\x05\
\x20\x00\x20\x01\x20\x02\x10\x06\x0b\x05A\x00\x0bE\x0d\x03\x0c\x01\x0b\x20\x01A\x80\x80\x80\x80\x04q\x04\x7fA\
\x00\x05\x02\x7f\x20\x00\x10\x04E\x20\x03A\x0aH\x0d\x00\x1a\x20\x03A\x16F\x04\x40\x20\x00\x10\x04A\x03G\x04\
\x7f\x20\x00\x20\x01\x20\x02\x10\x06\x05A\x01\x0bE\x0c\x01\x0b\x20\x01A\x07qA\x05F\x20\x00\x10\x04A\x03Gq\x20\
\x03A\x21F\x0d\x00\x1aA\x01\x0b\x0bE\x0d\x02\x0b\x20\x08A\x09\x20\x06\x20\x06A\x08FA\x00\x20\x04\x1b\x1b\x20\
\x07tr\x21\x08\x20\x07A\x04j\x21\x07\x0c\x01\x0b\x0b\x20\x08\x0b\x1c\x00\x20\x00\x20\x01\x20\x03\x20\x00\x20\
\x01\x20\x02\x20\x03\x10\x1a\x22\x00\x10\x22\x20\x00A\x14tr\x0b\x3e\x00A\xf0\x0a\x20\x00\x20\x01A\x00\x10\x176\
\x02\x00A\xf4\x0a\x20\x00\x20\x01A\x01\x10\x176\x02\x00\x20\x01A\x7fH\x04\x7fA\x01\x05\x20\x00A\x03\x10\x02\
\x20\x01H\x0b\x04\x7fAu\x05\x20\x00A\x04\x10\x02\x0b\x0b\x2d\x01\x01\x7fA\xf0\x0a\x28\x02\x00\x22\x01A\x10vA\
\x7f\x20\x01A\xff\xff\x03q\x1b\x20\x00A\xf4\x0a\x28\x02\x00\x10\x16A\x7f\x20\x01\x1b\x20\x00\x10\x15\x1b\x0b\
\x05\x00A\xf0\x0a\x0b\x0b\x83\x03\x03\x00A\x80\x08\x0b\xa2\x01\x01\x00\x0d\x00\x9a\xc4\x20\x00\xff\xff\x80\x00\
\xff\xff\x00\x00\xff\xff\x80\x00\xff\x7f\x00\x00\xff\xff\x80\x00\x9a\xc4\x20\x00\xff\xff\x80\x10G\x01\x00\x00k\
h\x20\x16\x09Xgn\x0bl\x21\x5c96\x20\x16\x09\x265\x3c\x23\x3a\x21\x2a\x86\x83\x20\x16\x09\x5f\x82\x91\x0b\x8f\
\x21c96\x00\x16\x09\x265\x3c\x23\x3a\x00\x2a96\x20\x16\x09\x265\x3c\x0b\x3a\x21\x2a\xeb\xe8\x20\x16\x09\xd8\
\xe7\xee\x0b\xec\x21\xdc\x00\x00\x00\x00\x9e\x0a\x00\x00\x88\x06\x11\x00\x80\x06\x12\x00\x88\x06\x11\x00\x60\
\x01\x23\x00\xaa\x86\x14\x00aE1\x00\x9e\x0a\x23\x00\x9e\x0aC\x00\x9e\x0a\x13\x00\x9e\x0aS\x00\x84\x02\x00A\xf8\
\x0a\x0bt\xae\xeb\xba\x2eD\xe2\x5e\x2e\x8a\xa2\x28\x0a\x85\xeb\xba\x2eF\xe2\x5e\x2e\xcb\xb2\x5c\x2e\xce\xb6\
\x99\x26m\xfb\xb4\x0fm\xdb\xb6\x10\x9e\xe7\x7d\x1f\x20\x08\x82\x20\xd34M\x13F\xe2\x5e\x25\xeb\xba\xae\x2b\x5cu\
\xb9\x2e\x2dE\xb5\x2dm\xdb\x86\x22\x28\x8a\xa2\x2e\x00\x00\x00\x00\x01\x00\x10\x00\x00\x00\x10\x00\x00\x00\x10\
\x00\xea\x06\xb0\x00\x0a\x00\xa0\x00\xea\x06\xb0\x00\x0a\x00\xa0\x00\xea\x06\xb0\x00n\x00\xb0\x001Hf\x01\x00A\
\x90\x0c\x0bYr\x00\x00\x00\x00\x00\x40\x00\xfbeP\x00H\x06\x60\x00\x5f\x00P\x00r\x0e\xb0\x00b\x00\xe0\x00r\x06\
\x60\x01\x00\x00\xc0\x00d\x00\xe0\x00\x00\x00\x00\x00H\x06\x60\x00d\x00\x60\x00\x06\x00\x00\x00H\x06\x60\x00\
\x82d\x60\x01\x0b\x00\x00\x00d\x00\x60\x00\x06\x00\x60\x00\x5f\x00P\x00\x0c\x00\x00\x00\x0d\x00\x00\x00\x0c\
";
