/* Reads the verdict out of a state, and tells in words what was decided and why. */
#include "internal.h"

#include <stdio.h>
#include <string.h>

static const char *word(const struct words *words, int32_t number) {
  bool known = number >= 0 && number < words->count && words->list[number] != NULL;
  return known ? words->list[number] : words->list[0];
}

/* The state holds the event that was the cause; the verdict tells it in the words of the public interface. */
static const char *cause_of(int32_t event) {
  switch (event) {
    case EVENT_ABORT:
    case EVENT_DATA: return "abort";
    case EVENT_DROPPED:
    case EVENT_RUNTIME_CLOSED: return "drop";
    case EVENT_FAILED: return "failure";
    case EVENT_EXITING: return "exit";
    case EVENT_DEADLINE: return "deadline";
    case EVENT_OVER_LIMIT: return "limit";
    case EVENT_PEER_FIN:
    case EVENT_PEER_RESET: return "peer";
    case EVENT_OS_ERROR:
    case EVENT_FIN_SENT: return "error";
    default: return "close";
  }
}

const char *finrst_rule_name(int32_t number) {
  return number >= 1 && number <= RULE_COUNT ? finrst_rules[number - 1].rule : "unknown";
}

finrst_verdict finrst_verdict_of(int32_t context, int32_t state) {
  return (finrst_verdict){
      .ended = word(&finrst_words_ended, state >> FIELD_ENDED_SHIFT & ENDED_MASK),
      .by = word(&finrst_words_by, state >> FIELD_BY_SHIFT & BY_MASK),
      .cause = cause_of(state >> FIELD_CAUSE_SHIFT & CAUSE_MASK),
      .delivery = word(&finrst_words_delivery, state >> FIELD_DELIVERY_SHIFT & DELIVERY_MASK),
      .received = word(&finrst_words_received, state >> FIELD_RECEIVED_SHIFT & RECEIVED_MASK),
      .certainty = word(&finrst_words_certainty, finrst_certainty(context, state)),
      .rule = finrst_rule_name(state >> FIELD_RULE_SHIFT & FIELD_RULE_MASK),
      .unsent = -1,
  };
}

const finrst_explanation *finrst_explain(const char *rule) {
  for (int i = 0; rule != NULL && i < RULE_COUNT; i++) {
    if (strcmp(finrst_rules[i].rule, rule) == 0) return &finrst_rules[i];
  }
  return NULL;
}

int finrst_format_verdict(const finrst_verdict *verdict, char *buffer, size_t size) {
  char unsent[40] = "";
  if (verdict->unsent > 0) snprintf(unsent, sizeof unsent, ", %lld bytes unsent", (long long)verdict->unsent);
  return snprintf(buffer, size, "%s by %s (cause %s, rule %s), delivery %s%s, received %s", verdict->ended, verdict->by,
                  verdict->cause, verdict->rule, verdict->delivery, unsent, verdict->received);
}

/* A line that grows; what does not fit is cut. */
struct line {
  char text[512];
  size_t size;
};

static void add(struct line *line, const char *between, const char *what) {
  int count = snprintf(line->text + line->size, sizeof line->text - line->size, "%s%s", between, what);
  line->size += (size_t)count;
  if (line->size >= sizeof line->text) line->size = sizeof line->text - 1;
}

void finrst_trace_decision(const finrst *guard, struct event event, int32_t facts, int32_t before) {
  int32_t plan = finrst_decide(guard->context, before, event.number, facts);
  struct line line = {"", 0};
  char number[96];
  add(&line, "event=", word(&finrst_words_event, event.number));
  if (event.argument != 0) {
    snprintf(number, sizeof number, "%d", (int)event.argument);
    add(&line, ":", number);
  }
  const char *between = " facts=";
  for (int i = 0; i < FACT_COUNT; i++) {
    if ((facts & finrst_fact_words[i].bit) == 0) continue;
    add(&line, between, finrst_fact_words[i].word);
    between = "+";
  }
  if (between[0] == ' ') add(&line, between, "-");
  add(&line, " rule=", finrst_rule_name(plan >> PLAN_RULE_SHIFT & PLAN_RULE_MASK));
  between = " steps=";
  for (int32_t steps = plan & PLAN_ALL_STEPS; steps != 0; steps >>= PLAN_STEP_BITS) {
    add(&line, between, word(&finrst_words_step, steps & PLAN_STEP_MASK));
    between = ",";
  }
  if (between[0] == ' ') add(&line, between, "-");
  snprintf(number, sizeof number, " context=%d state=%d\xe2\x86\x92%d", (int)guard->context, (int)before,
           (int)guard->state);
  add(&line, number, "");
  guard->policy.trace(line.text, guard->policy.trace_context);
}
