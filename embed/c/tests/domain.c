/* Writes what decide or enter answers over its whole domain, for sha256sum; spec/README.md tells the order.
 *
 * Its input is what tests/vectors.mjs writes of spec/domain.json, its output the words, the lowest byte first, and how
 * many there were on standard error.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../src/engine.h"
#include "../src/spec.h"

#define VALUES_MOST 64
#define WORDS_MOST (1 << 20)

struct list {
  int count;
  int32_t words[WORDS_MOST];
};

static struct list lists[3], longer;
static long written;

static void put(int32_t answer) {
  for (int byte = 0; byte < 4; byte++) putchar((int)((uint32_t)answer >> (8 * byte) & 255));
  written++;
}

static int number(void) {
  int value;
  if (scanf("%d", &value) == 1) return value;
  fprintf(stderr, "the domain ends too early\n");
  exit(2);
}

/* The first row of each kind of traits. */
static int platforms(int mask, int32_t values[VALUES_MOST]) {
  int count = 0;
  int32_t seen[VALUES_MOST];
  for (int32_t row = 0; row < 64; row++) {
    int32_t traits = finrst_column(row, COLUMN_TRAITS) & mask;
    int at = 0;
    while (at < count && seen[at] != traits) at++;
    if (at < count) continue;
    seen[count] = traits;
    values[count++] = row;
  }
  return count;
}

/* Reads one input, joins each of its values to each word of its list; answers its mask if it is the state's. */
static int32_t read_input(int traits_mask) {
  int32_t values[VALUES_MOST];
  int place = number(), mask = number(), count = number();
  if (count < 0) count = platforms(traits_mask, values);
  else
    for (int i = 0; i < count; i++) values[i] = number();
  struct list *list = &lists[place];
  longer.count = 0;
  for (int i = 0; i < list->count; i++) {
    for (int j = 0; j < count; j++) longer.words[longer.count++] = list->words[i] | values[j];
  }
  memcpy(list->words, longer.words, (size_t)longer.count * sizeof *longer.words);
  list->count = longer.count;
  return place == 1 ? mask : 0;
}

static void walk(int event, int phase, int32_t untouched, bool enters) {
  for (int c = 0; c < lists[0].count; c++) {
    for (int s = 0; s < lists[1].count; s++) {
      for (int f = 0; f < lists[2].count; f++) {
        int32_t context = lists[0].words[c], state = lists[1].words[s] | phase, facts = lists[2].words[f];
        if (!enters) put(finrst_decide(context, state, event, facts));
        if (enters) put(finrst_enter(context, state, event, facts));
        if (enters) put(finrst_enter(context, state | untouched, event, facts));
      }
    }
  }
}

int main(int argc, char **argv) {
  bool enters = argc > 1 && strcmp(argv[1], "enter") == 0;
  if (!finrst_engine_load()) return 2;
  int traits_mask = number(), event;
  while (scanf("%d", &event) == 1) {
    int phase = number(), inputs = number();
    int32_t read = PHASE_MASK;
    for (int i = 0; i < 3; i++) lists[i] = (struct list){1, {0}};
    for (int i = 0; i < inputs; i++) read |= read_input(traits_mask);
    walk(event, phase, ~read, enters);
  }
  fprintf(stderr, "%ld\n", written);
  return 0;
}
