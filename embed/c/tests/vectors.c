/* Runs the vectors that tests/vectors.mjs writes: decisions, struct linger, and errno; and whether each rule is hit. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "../src/engine.h"
#include "../src/spec.h"

static int passed, failed;
static bool hit[RULE_COUNT + 1];

static void judge(const char *id, const char *what, long is, long expected, bool *right) {
  if (is == expected) return;
  *right = false;
  printf("FAIL  %s: %s is %#lx; expected %#lx\n", id, what, is, expected);
}

/* Rules from `not-open` on do nothing and are not recorded. */
static int first_unrecorded(void) {
  return (int)(finrst_explain("not-open") - finrst_rules) + 1;
}

static bool decision(const char *id) {
  int context, state, event, facts, rule, plan, becomes;
  if (scanf("%d %d %d %d %d %d %d", &context, &state, &event, &facts, &rule, &plan, &becomes) != 7) return false;
  bool right = true;
  int32_t decided = finrst_decide(context, state, event, facts);
  int32_t after = finrst_enter(context, state, event, facts);
  for (int32_t steps = decided & PLAN_ALL_STEPS; steps != 0; steps >>= PLAN_STEP_BITS) {
    after = finrst_settle(after, steps & PLAN_STEP_MASK, RESULT_DONE);
  }
  int32_t recorded = after >> FIELD_RULE_SHIFT & FIELD_RULE_MASK;
  judge(id, "the rule", decided >> PLAN_RULE_SHIFT & PLAN_RULE_MASK, rule, &right);
  judge(id, "the plan", decided & PLAN_ALL_STEPS, plan, &right);
  judge(id, "the state", after & ~(FIELD_RULE_MASK << FIELD_RULE_SHIFT), becomes, &right);
  if (rule < first_unrecorded()) judge(id, "the recorded rule", recorded, rule, &right);
  hit[rule] = true;
  return right;
}

static bool linger(const char *id) {
  int context, seconds, level, option;
  char expected[64], text[64] = "-";
  if (scanf("%d %d %63s %d %d", &context, &seconds, expected, &level, &option) != 5) return false;
  bool right = true;
  unsigned char bytes[LINGER_MOST_BYTES];
  int32_t size = finrst_encode_linger(context, seconds, bytes);
  for (int i = 0; i < size; i++) snprintf(text + 2 * i, 3, "%02x", bytes[i]);
  if (strcmp(text, expected) != 0) {
    right = false;
    printf("FAIL  %s: struct linger is %s; expected %s\n", id, text, expected);
  }
  if (size > 0) judge(id, "read back", finrst_decode_linger(context, bytes, (size_t)size), seconds, &right);
  else judge(id, "the refusal", size, -ERROR_OUT_OF_RANGE, &right);
  judge(id, "the level", finrst_column(context & CONTEXT_PLATFORM_MASK, COLUMN_SOCKET_LEVEL), level, &right);
  judge(id, "the option", finrst_column(context & CONTEXT_PLATFORM_MASK, COLUMN_LINGER_OPTION), option, &right);
  return right;
}

static bool number(const char *id) {
  int context, given, expected;
  bool right = true;
  if (scanf("%d %d %d", &context, &given, &expected) != 3) return false;
  judge(id, "the error", finrst_normalise(context, given), expected, &right);
  return right;
}

int main(void) {
  char kind[16], id[80];
  if (!finrst_engine_load() || finrst_version() != ABI_VERSION) return 2;
  while (scanf("%15s %79s", kind, id) == 2) {
    bool right = strcmp(kind, "decision") == 0 ? decision(id) : strcmp(kind, "linger") == 0 ? linger(id) : number(id);
    if (right) passed++;
    else failed++;
  }
  for (int rule = 1; rule <= RULE_COUNT; rule++) {
    if (hit[rule]) continue;
    failed++;
    printf("FAIL  no vector hits the rule %s\n", finrst_rules[rule - 1].rule);
  }
  printf("%d passed, %d failed\n", passed, failed);
  return failed > 0 || passed == 0;
}
