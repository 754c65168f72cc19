// Generated from spec/abi.json by scripts/generate/abi.ts; do not edit.
// Every number that crosses the boundary of the finrst Wasm. Append-only: a number is never changed or
// reused.

export const ABI_VERSION = 1;

// EVENT: What happened. Given to decide() and on().
export const EVENT_OPEN = 1;
export const EVENT_CLOSE = 2;
export const EVENT_ABORT = 3;
export const EVENT_FINISH_SENDING = 4;
export const EVENT_DROPPED = 5;
export const EVENT_FAILED = 6;
export const EVENT_EXITING = 7;
export const EVENT_DEADLINE = 8;
export const EVENT_OVER_LIMIT = 9;
export const EVENT_PEER_FIN = 10;
export const EVENT_PEER_RESET = 11;
export const EVENT_OS_ERROR = 12;
export const EVENT_RUNTIME_CLOSED = 13;
/** bytes arrived and nobody will read them: they were thrown away */
export const EVENT_DATA = 14;
export const EVENT_FIN_SENT = 15;
export const EVENT_FLUSHED = 16;
export const EVENT_ACKED = 17;
export const EVENT_STOP_RECEIVING = 18;

// FACT: What is true at the moment of the event; bits, given anew each time. LATE and SHARED stay true, and
// have the bits of FLAG_FIN_OUT and FLAG_SHARED.
/** the runtime holds bytes that are not in the kernel; they die with the runtime's socket */
export const FACT_UNFLUSHED = 1;
/** the kernel holds bytes, or the FIN, that it has not transmitted yet */
export const FACT_UNSENT = 2;
/** the peer's stack has not confirmed everything; includes UNSENT */
export const FACT_UNACKED = 4;
/** bytes have arrived that nobody read */
export const FACT_UNREAD = 8;
/** the FIN is out although nobody asked us for it */
export const FACT_LATE = 16;
/** the runtime is letting go of its socket: what it buffers is lost and it can send no FIN for us */
export const FACT_LEAVING = 32;
/** a protocol that knows says the message is whole, although nobody declared the stream complete */
export const FACT_COMPLETE = 64;
/** the host's budget for draining is exhausted */
export const FACT_BUDGET = 128;
/** another process or descriptor holds the socket, so our close is not the last */
export const FACT_SHARED = 1024;

// ARGUMENT: What an event carries, in facts above this bit.
export const ARGUMENT_SHIFT = 12;
export const ARGUMENT_MASK = 15;

// RECEIVE: The receiving side: argument of EVENT_STOP_RECEIVING and field of the state.
export const RECEIVE_MASK = 3;
export const RECEIVE_NORMAL = 0;
export const RECEIVE_DISCARD = 1;
export const RECEIVE_HOLD = 2;
export const RECEIVE_REFUSE = 3;

// STEP: What the host is to do, in order; 4 bits each in a plan.
export const STEP_NONE = 0;
/** SO_LINGER {1,0}: from now on the last close, or death, sends a reset */
export const STEP_ARM = 1;
/** SO_LINGER {0,0}: from now on the last close, or death, sends a FIN */
export const STEP_DISARM = 2;
/** abort that keeps the descriptor, where the platform has one */
export const STEP_DISCONNECT = 3;
/** close our own descriptor, the guard's duplicate */
export const STEP_CLOSE = 4;
/** watch the kernel's send queue; EVENT_ACKED follows when it is empty */
export const STEP_WATCH_ACKED = 5;
/** the verdict is final: give it out */
export const STEP_REPORT = 6;
/** shutdown(SHUT_WR): our FIN, once */
export const STEP_SHUT_WRITE = 7;
/** let the runtime close its own socket */
export const STEP_RELEASE = 8;
/** let the runtime reset its own socket, where nothing better is at hand */
export const STEP_RESET = 9;
/** end the runtime's writing; EVENT_FLUSHED follows when its buffers are in the kernel */
export const STEP_FLUSH = 10;
/** read and throw away until the peer's FIN; EVENT_PEER_FIN, EVENT_PEER_RESET or EVENT_OVER_LIMIT follows */
export const STEP_DRAIN = 11;
/** read and throw away from now on, without a bound */
export const STEP_DISCARD = 12;
/** stop reading, so that the peer's window closes */
export const STEP_HOLD = 13;
/** start the clock of the flush; EVENT_DEADLINE follows if it runs out */
export const STEP_FLUSH_DEADLINE = 14;
/** start the clocks of the drain; EVENT_DEADLINE follows if one runs out */
export const STEP_DRAIN_DEADLINE = 15;

// PLAN: A plan is one word: up to five steps, the first in the lowest bits, and above them the rule.
export const PLAN_STEP_BITS = 4;
export const PLAN_STEP_MASK = 15;
export const PLAN_STEPS = 5;
export const PLAN_ALL_STEPS = 1048575;
export const PLAN_RULE_SHIFT = 20;
export const PLAN_RULE_MASK = 63;

// BOOK: What the rule book says of a rule above its steps, shifted down by PLAN_RULE_SHIFT; the phase is in
// PHASE_MASK.
export const BOOK_CAUSE_FIRST = 8;
export const BOOK_CAUSE_WINS = 16;

// CAN: What this host can really do; bits of the context.
/** SO_LINGER can be set */
export const CAN_ARM = 64;
/** the host has an abort that keeps the descriptor (the platform must have one too) */
export const CAN_DISCONNECT = 128;
/** the runtime itself can reset its socket */
export const CAN_RESET = 256;
/** a duplicate of the descriptor is held, so the last close is ours */
export const CAN_HOLD = 512;
/** the host can read and throw away after our FIN */
export const CAN_DRAIN = 1024;
/** the host can ask for the send queue (the platform must have the query too) */
export const CAN_SEE_ACKED = 2048;

// POLICY: The answers of the policy; bits of the context. A clear bit is the other answer.
export const POLICY_DROP_ABORTS = 65536;
export const POLICY_FAILURE_CLOSES = 131072;
export const POLICY_EXIT_CLOSES = 262144;
export const POLICY_CRASH_LEAVES = 524288;
export const POLICY_PEER_FIN_CLOSES = 1048576;
export const POLICY_UNREAD_ABORTS = 2097152;
export const POLICY_DEADLINE_DETACHES = 4194304;
/** the preset manual: without a command the OS decides */
export const POLICY_HANDS_OFF = 8388608;

// CONFIRM: What a close waits for; a field of the context.
export const CONFIRM_SHIFT = 24;
export const CONFIRM_MASK = 3;
export const CONFIRM_NONE = 0;
export const CONFIRM_KERNEL = 1;
export const CONFIRM_ACKED = 2;
export const CONFIRM_PEER = 3;

// CONTEXT: Where the fields of a context lie.
export const CONTEXT_PLATFORM_MASK = 63;
/** this machine stores the high byte first, which struct linger must follow */
export const CONTEXT_BIG_ENDIAN = 67108864;

// PHASE: How far the ending of the connection has come; a field of the state.
export const PHASE_MASK = 7;
/** nothing is known yet */
export const PHASE_NEW = 0;
/** nothing is declared: our stream is incomplete */
export const PHASE_OPEN = 1;
/** finish sending is declared, the FIN is not out */
export const PHASE_FINISHING = 2;
/** close is declared, the FIN is not out */
export const PHASE_CLOSING = 3;
/** our FIN is out, receiving goes on */
export const PHASE_FINISHED = 4;
/** close is declared and our FIN is out */
export const PHASE_DRAINING = 5;
/** nothing is left to do; the verdict is final */
export const PHASE_ENDED = 6;

// FLAG: What has been observed; bits of the state.
/** SO_LINGER is {1,0} */
export const FLAG_ARMED = 8;
/** our FIN is in the kernel's send queue or beyond */
export const FLAG_FIN_OUT = 16;
/** the peer's FIN was read */
export const FLAG_PEER_FIN = 32;
/** the peer's stack has confirmed everything, our FIN included */
export const FLAG_ACKED = 64;
/** SHUT_WRITE was planned; never a second time while the runtime lives */
export const FLAG_FIN_ASKED = 128;
/** somebody else holds the socket too */
export const FLAG_SHARED = 1024;
/** the verdict was given out */
export const FLAG_REPORTED = 1073741824;

// FIELD: Where the fields of a state lie.
export const FIELD_RECEIVE_SHIFT = 8;
export const FIELD_CAUSE_SHIFT = 11;
export const FIELD_ENDED_SHIFT = 15;
export const FIELD_BY_SHIFT = 17;
export const FIELD_DELIVERY_SHIFT = 19;
export const FIELD_RECEIVED_SHIFT = 22;
export const FIELD_RULE_SHIFT = 24;
export const FIELD_RULE_MASK = 63;

// CAUSE: What made the connection end: the number of the event. The first wins, but for a reset, which is its
// own cause.
export const CAUSE_MASK = 15;
export const CAUSE_NONE = 0;

// ENDED: How it ended.
export const ENDED_MASK = 3;
export const ENDED_UNKNOWN = 0;
export const ENDED_FIN = 1;
export const ENDED_RESET = 2;
export const ENDED_SILENT = 3;

// BY: Who ended it.
export const BY_MASK = 3;
export const BY_UNKNOWN = 0;
export const BY_US = 1;
export const BY_PEER = 2;
export const BY_KERNEL = 3;

// DELIVERY: What became of our bytes.
export const DELIVERY_MASK = 7;
export const DELIVERY_UNKNOWN = 0;
export const DELIVERY_HANDED = 1;
export const DELIVERY_ACKED = 2;
export const DELIVERY_CONFIRMED = 3;
export const DELIVERY_LOST = 4;

// RECEIVED: How the other direction ended.
export const RECEIVED_MASK = 3;
export const RECEIVED_UNKNOWN = 0;
export const RECEIVED_COMPLETE = 1;
export const RECEIVED_RESET = 2;
export const RECEIVED_DISCARDED = 3;

// RESULT: What an import answers besides a negative errno.
export const RESULT_DONE = 0;
export const RESULT_PENDING = 1;

// ERROR: What an errno means here, the same on every platform.
export const ERROR_NONE = 0;
export const ERROR_NOT_CONNECTED = 1;
export const ERROR_RESET = 2;
export const ERROR_BROKEN_PIPE = 3;
export const ERROR_INVALID = 4;
export const ERROR_BAD_DESCRIPTOR = 5;
export const ERROR_NOT_SOCKET = 6;
export const ERROR_ABORTED = 7;
export const ERROR_TIMED_OUT = 8;
export const ERROR_WOULD_BLOCK = 9;
export const ERROR_SHUT_DOWN = 10;
export const ERROR_OUT_OF_RANGE = 11;
export const ERROR_NOT_SUPPORTED = 12;
export const ERROR_OTHER = 13;

// COLUMN: The columns of the platform table inside the Wasm. COLUMN_ERRNO + ERROR_x is the platform's number
// for that error, 0 if it has none; x is at least 1.
export const COLUMN_TRAITS = 0;
export const COLUMN_SOCKET_LEVEL = 1;
/** the option that counts in seconds */
export const COLUMN_LINGER_OPTION = 2;
/** the largest number of seconds that the platform stores without wrapping or refusing */
export const COLUMN_LINGER_MOST = 3;
/** the size of struct linger: 8 = two int, 4 = two u_short */
export const COLUMN_LINGER_BYTES = 4;
/** an option of the same name that counts in 10 ms ticks instead; 0 where there is none */
export const COLUMN_LINGER_TICKS_OPTION = 5;
export const COLUMN_ERRNO = 5;

// TRAIT: Answers of the behaviour table that a decision or a verdict rests on; bits and fields of
// COLUMN_TRAITS.
export const TRAIT_DEATH_RESETS = 1;
export const TRAIT_DISCONNECTS = 2;
export const TRAIT_UNREAD_RESETS = 4;
export const TRAIT_SEES_ACKED = 8;
export const TRAIT_SEES_FIN_ACKED = 16;
export const TRAIT_RESET_MAY_BE_LOST = 32;
export const TRAIT_RESET_CERTAINTY_SHIFT = 6;
export const TRAIT_FIN_CERTAINTY_SHIFT = 8;
export const TRAIT_DISCONNECT_CERTAINTY_SHIFT = 10;

// CERTAINTY: The strength of the evidence behind a cell.
export const CERTAINTY_MASK = 3;
export const CERTAINTY_ASSUMED = 0;
export const CERTAINTY_DOCUMENTED = 1;
export const CERTAINTY_MEASURED = 2;
