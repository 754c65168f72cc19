/* Turns a caller's policy into the bits of the engine's context and the numbers that stay with the host. */
#include "internal.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

int finrst_one_of(const char *name, const char *value, int count, const char *const *allowed, int *place) {
  char words[160] = "";
  for (int i = 0; i < count; i++) {
    if (value != NULL && strcmp(value, allowed[i]) == 0) {
      *place = i;
      return FINRST_OK;
    }
    size_t at = strlen(words);
    snprintf(words + at, sizeof words - at, "%s%s", i > 0 ? ", " : "", allowed[i]);
  }
  if (value == NULL) return finrst_refuse(FINRST_BAD_ARGUMENT, "%s is NULL; expected one of %s", name, words);
  return finrst_refuse(FINRST_BAD_ARGUMENT, "%s is \"%.40s\"; expected one of %s", name, value, words);
}

int finrst_confirm_bits(const char *confirm, int32_t *bits) {
  static const char *const words[] = {"none", "kernel", "acked", "peer"};
  static const int32_t numbers[] = {CONFIRM_NONE, CONFIRM_KERNEL, CONFIRM_ACKED, CONFIRM_PEER};
  int place;
  int refused = finrst_one_of("confirm", confirm, 4, words, &place);
  if (refused == 0) *bits = numbers[place] << CONFIRM_SHIFT;
  return refused;
}

int finrst_check_within(const char *name, int value, int least) {
  if (value == -1 || value >= least) return FINRST_OK;
  return finrst_refuse(FINRST_BAD_ARGUMENT, "%s is %d; expected -1 or milliseconds, %d ... %d", name, value, least,
                       INT_MAX);
}

/* One question of a policy: the answers, the bit that the second one sets, and what is given. */
struct question {
  const char *name;
  const char *answers[2];
  int32_t bit;
  const char *given;
};

static int answer(const struct question *question, int32_t *bits) {
  if (question->given == NULL) return FINRST_OK;
  int place;
  int refused = finrst_one_of(question->name, question->given, 2, question->answers, &place);
  if (refused == 0) *bits = place == 1 ? *bits | question->bit : *bits & ~question->bit;
  return refused;
}

static int duration(const char *name, int given, int otherwise, int *milliseconds) {
  *milliseconds = given == 0 ? otherwise : given;
  if (given >= 0) return FINRST_OK;
  return finrst_refuse(FINRST_BAD_ARGUMENT, "%s is %d; expected milliseconds, 1 ... %d, or 0 for %d", name, given,
                       INT_MAX, otherwise);
}

static int numbers(const finrst_policy *given, struct policy *policy) {
  int refused = duration("flush_ms", given->flush_ms, 30000, &policy->flush_ms);
  if (refused == 0) refused = duration("drain_idle_ms", given->drain_idle_ms, 5000, &policy->drain_idle_ms);
  if (refused == 0) refused = duration("drain_ms", given->drain_ms, 30000, &policy->drain_ms);
  if (refused != 0) return refused;
  if (given->drain_bytes < FINRST_NO_BYTES) {
    return finrst_refuse(FINRST_BAD_ARGUMENT,
                         "drain_bytes is %lld; expected 1 or more bytes, 0 for the default, or FINRST_NO_BYTES",
                         (long long)given->drain_bytes);
  }
  policy->drain_bytes = given->drain_bytes == 0                 ? 2 << 20
                        : given->drain_bytes == FINRST_NO_BYTES ? 0
                                                                : given->drain_bytes;
  policy->trace = given->trace;
  policy->trace_context = given->trace_context;
  return FINRST_OK;
}

int finrst_parse_policy(const finrst_policy *given, struct policy *policy) {
  static const char *const presets[] = {"compatible", "strict", "manual"};
  static const int32_t of_preset[] = {
      0,
      POLICY_DROP_ABORTS,
      POLICY_FAILURE_CLOSES | POLICY_EXIT_CLOSES | POLICY_CRASH_LEAVES | POLICY_DEADLINE_DETACHES | POLICY_HANDS_OFF,
  };
  static const finrst_policy defaults = {0};
  if (given == NULL) given = &defaults;
  int preset = 0;
  int refused = given->preset == NULL ? 0 : finrst_one_of("preset", given->preset, 3, presets, &preset);
  if (refused != 0) return refused;
  int32_t bits = of_preset[preset];
  const struct question questions[] = {
      {"on_drop", {"close", "abort"}, POLICY_DROP_ABORTS, given->on_drop},
      {"on_failure", {"abort", "close"}, POLICY_FAILURE_CLOSES, given->on_failure},
      {"on_exit", {"abort", "close"}, POLICY_EXIT_CLOSES, given->on_exit},
      {"on_crash", {"abort", "leave"}, POLICY_CRASH_LEAVES, given->on_crash},
      {"on_peer_fin", {"keep", "close"}, POLICY_PEER_FIN_CLOSES, given->on_peer_fin},
      {"on_unread", {"drain", "abort"}, POLICY_UNREAD_ABORTS, given->on_unread},
      {"on_deadline", {"abort", "detach"}, POLICY_DEADLINE_DETACHES, given->on_deadline},
  };
  for (size_t i = 0; i < sizeof questions / sizeof *questions; i++) {
    if ((refused = answer(&questions[i], &bits)) != 0) return refused;
  }
  int32_t confirm = CONFIRM_ACKED << CONFIRM_SHIFT;
  if (given->confirm != NULL && (refused = finrst_confirm_bits(given->confirm, &confirm)) != 0) return refused;
  policy->bits = bits | confirm;
  return numbers(given, policy);
}
