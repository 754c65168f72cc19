/* Generated from spec/abi.json by scripts/generate/c.ts; do not edit. */
/* The numbers of the ABI, and the tables of spec.c. */
#ifndef FINRST_SPEC_H
#define FINRST_SPEC_H

#include "../finrst.h"

enum {
  ABI_VERSION = 1,
  EVENT_OPEN = 1,
  EVENT_CLOSE = 2,
  EVENT_ABORT = 3,
  EVENT_FINISH_SENDING = 4,
  EVENT_DROPPED = 5,
  EVENT_FAILED = 6,
  EVENT_EXITING = 7,
  EVENT_DEADLINE = 8,
  EVENT_OVER_LIMIT = 9,
  EVENT_PEER_FIN = 10,
  EVENT_PEER_RESET = 11,
  EVENT_OS_ERROR = 12,
  EVENT_RUNTIME_CLOSED = 13,
  EVENT_DATA = 14,
  EVENT_FIN_SENT = 15,
  EVENT_FLUSHED = 16,
  EVENT_ACKED = 17,
  EVENT_STOP_RECEIVING = 18,
  FACT_UNFLUSHED = 1,
  FACT_UNSENT = 2,
  FACT_UNACKED = 4,
  FACT_UNREAD = 8,
  FACT_LATE = 16,
  FACT_LEAVING = 32,
  FACT_COMPLETE = 64,
  FACT_BUDGET = 128,
  FACT_SHARED = 1024,
  ARGUMENT_SHIFT = 12,
  ARGUMENT_MASK = 15,
  RECEIVE_MASK = 3,
  RECEIVE_NORMAL = 0,
  RECEIVE_DISCARD = 1,
  RECEIVE_HOLD = 2,
  RECEIVE_REFUSE = 3,
  STEP_NONE = 0,
  STEP_ARM = 1,
  STEP_DISARM = 2,
  STEP_DISCONNECT = 3,
  STEP_CLOSE = 4,
  STEP_WATCH_ACKED = 5,
  STEP_REPORT = 6,
  STEP_SHUT_WRITE = 7,
  STEP_RELEASE = 8,
  STEP_RESET = 9,
  STEP_FLUSH = 10,
  STEP_DRAIN = 11,
  STEP_DISCARD = 12,
  STEP_HOLD = 13,
  STEP_FLUSH_DEADLINE = 14,
  STEP_DRAIN_DEADLINE = 15,
  PLAN_STEP_BITS = 4,
  PLAN_STEP_MASK = 15,
  PLAN_STEPS = 5,
  PLAN_ALL_STEPS = 1048575,
  PLAN_RULE_SHIFT = 20,
  PLAN_RULE_MASK = 63,
  BOOK_CAUSE_FIRST = 8,
  BOOK_CAUSE_WINS = 16,
  CAN_ARM = 64,
  CAN_DISCONNECT = 128,
  CAN_RESET = 256,
  CAN_HOLD = 512,
  CAN_DRAIN = 1024,
  CAN_SEE_ACKED = 2048,
  POLICY_DROP_ABORTS = 65536,
  POLICY_FAILURE_CLOSES = 131072,
  POLICY_EXIT_CLOSES = 262144,
  POLICY_CRASH_LEAVES = 524288,
  POLICY_PEER_FIN_CLOSES = 1048576,
  POLICY_UNREAD_ABORTS = 2097152,
  POLICY_DEADLINE_DETACHES = 4194304,
  POLICY_HANDS_OFF = 8388608,
  CONFIRM_SHIFT = 24,
  CONFIRM_MASK = 3,
  CONFIRM_NONE = 0,
  CONFIRM_KERNEL = 1,
  CONFIRM_ACKED = 2,
  CONFIRM_PEER = 3,
  CONTEXT_PLATFORM_MASK = 63,
  CONTEXT_BIG_ENDIAN = 67108864,
  PHASE_MASK = 7,
  PHASE_NEW = 0,
  PHASE_OPEN = 1,
  PHASE_FINISHING = 2,
  PHASE_CLOSING = 3,
  PHASE_FINISHED = 4,
  PHASE_DRAINING = 5,
  PHASE_ENDED = 6,
  FLAG_ARMED = 8,
  FLAG_FIN_OUT = 16,
  FLAG_PEER_FIN = 32,
  FLAG_ACKED = 64,
  FLAG_FIN_ASKED = 128,
  FLAG_SHARED = 1024,
  FLAG_REPORTED = 1073741824,
  FIELD_RECEIVE_SHIFT = 8,
  FIELD_CAUSE_SHIFT = 11,
  FIELD_ENDED_SHIFT = 15,
  FIELD_BY_SHIFT = 17,
  FIELD_DELIVERY_SHIFT = 19,
  FIELD_RECEIVED_SHIFT = 22,
  FIELD_RULE_SHIFT = 24,
  FIELD_RULE_MASK = 63,
  CAUSE_MASK = 15,
  CAUSE_NONE = 0,
  ENDED_MASK = 3,
  ENDED_UNKNOWN = 0,
  ENDED_FIN = 1,
  ENDED_RESET = 2,
  ENDED_SILENT = 3,
  BY_MASK = 3,
  BY_UNKNOWN = 0,
  BY_US = 1,
  BY_PEER = 2,
  BY_KERNEL = 3,
  DELIVERY_MASK = 7,
  DELIVERY_UNKNOWN = 0,
  DELIVERY_HANDED = 1,
  DELIVERY_ACKED = 2,
  DELIVERY_CONFIRMED = 3,
  DELIVERY_LOST = 4,
  RECEIVED_MASK = 3,
  RECEIVED_UNKNOWN = 0,
  RECEIVED_COMPLETE = 1,
  RECEIVED_RESET = 2,
  RECEIVED_DISCARDED = 3,
  RESULT_DONE = 0,
  RESULT_PENDING = 1,
  ERROR_NONE = 0,
  ERROR_NOT_CONNECTED = 1,
  ERROR_RESET = 2,
  ERROR_BROKEN_PIPE = 3,
  ERROR_INVALID = 4,
  ERROR_BAD_DESCRIPTOR = 5,
  ERROR_NOT_SOCKET = 6,
  ERROR_ABORTED = 7,
  ERROR_TIMED_OUT = 8,
  ERROR_WOULD_BLOCK = 9,
  ERROR_SHUT_DOWN = 10,
  ERROR_OUT_OF_RANGE = 11,
  ERROR_NOT_SUPPORTED = 12,
  ERROR_OTHER = 13,
  COLUMN_TRAITS = 0,
  COLUMN_SOCKET_LEVEL = 1,
  COLUMN_LINGER_OPTION = 2,
  COLUMN_LINGER_MOST = 3,
  COLUMN_LINGER_BYTES = 4,
  COLUMN_LINGER_TICKS_OPTION = 5,
  COLUMN_ERRNO = 5,
  TRAIT_DEATH_RESETS = 1,
  TRAIT_DISCONNECTS = 2,
  TRAIT_UNREAD_RESETS = 4,
  TRAIT_SEES_ACKED = 8,
  TRAIT_SEES_FIN_ACKED = 16,
  TRAIT_RESET_MAY_BE_LOST = 32,
  TRAIT_RESET_CERTAINTY_SHIFT = 6,
  TRAIT_FIN_CERTAINTY_SHIFT = 8,
  TRAIT_DISCONNECT_CERTAINTY_SHIFT = 10,
  CERTAINTY_MASK = 3,
  CERTAINTY_ASSUMED = 0,
  CERTAINTY_DOCUMENTED = 1,
  CERTAINTY_MEASURED = 2,
};

#define RULE_COUNT 47
extern const finrst_explanation finrst_rules[RULE_COUNT];

/* One system of the table, or one of its machines; the last one has no id. Numbers that are not known are 0. */
struct platform_row {
  const char *id, *arch;
  int row;
  bool by_ioctl, counts_fin;
  unsigned long query, untransmitted;
};
extern const struct platform_row finrst_platform_rows[];

/* The words of a group of numbers, by number. */
struct words {
  int count;
  const char *const *list;
};
extern const struct words finrst_words_ended;
extern const struct words finrst_words_by;
extern const struct words finrst_words_delivery;
extern const struct words finrst_words_received;
extern const struct words finrst_words_certainty;
extern const struct words finrst_words_event;
extern const struct words finrst_words_step;
extern const struct words finrst_words_error;

/* The facts, by bit. */
struct fact_word {
  int bit;
  const char *word;
};
#define FACT_COUNT 9
extern const struct fact_word finrst_fact_words[FACT_COUNT];

#endif
