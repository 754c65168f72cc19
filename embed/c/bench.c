/* Measures what the library costs: bytes, the first load, a decision, and a guarded connection against a bare one. One
 * line of JSON; times are in nanoseconds, each the best or the median of many.
 *
 *     bench BARE GUARDED    the two programs that size.c makes, whose sizes are compared
 */
#define _DEFAULT_SOURCE 1
#define _DARWIN_C_SOURCE 1
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "src/engine.h"
#include "src/spec.h"
#include "tests/support.h"

#define CALLS 20000 /* short, because a busy machine leaves few long moments alone */
#define REPEATS 350
#define CONNECTIONS 501
#define WRITES 20000

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static volatile int32_t kept;
static int32_t context;

static void empty(int32_t i) {
  (void)i;
  kept = finrst_version();
}

static void decide(int32_t i) {
  kept = finrst_decide(context, PHASE_OPEN | FLAG_ARMED, EVENT_CLOSE, i & FACT_UNFLUSHED);
}

/* What one event of a close costs besides its system calls: the decision, the state, and the results of two steps. */
static void walk(int32_t i) {
  int32_t state = PHASE_OPEN | FLAG_ARMED, facts = i & FACT_UNFLUSHED;
  int32_t plan = finrst_decide(context, state, EVENT_CLOSE, facts) & PLAN_ALL_STEPS;
  state = finrst_enter(context, state, EVENT_CLOSE, facts);
  for (; plan != 0; plan >>= PLAN_STEP_BITS) state = finrst_settle(state, plan & PLAN_STEP_MASK, RESULT_DONE);
  kept = state;
}

static double best_of(void (*call)(int32_t)) {
  double best = 1e18;
  for (int repeat = 0; repeat < REPEATS; repeat++) {
    double begun = now();
    for (int32_t i = 0; i < CALLS; i++) call(i);
    double each = (now() - begun) / CALLS;
    if (each < best) best = each;
  }
  return best;
}

static int by_size(const void *one, const void *other) {
  double difference = *(const double *)one - *(const double *)other;
  return (difference > 0) - (difference < 0);
}

/* Accepted, answered, ended; the peer reads to the end and closes. */
static double connection(int guarded) {
  static double times[CONNECTIONS];
  for (int i = 0; i < CONNECTIONS; i++) {
    int ours, peer;
    struct reader reader;
    finrst *guard = NULL;
    connect_pair(&ours, &peer);
    start_reader(&reader, peer);
    double begun = now();
    if (guarded) {
      finrst_guard(ours, NULL, &guard);
      finrst_write(guard, "answer", 6);
      finrst_close_confirmed(guard, -1, "kernel", NULL);
    } else {
      write_all(ours, "answer", 6);
      close(ours);
    }
    times[i] = now() - begun;
    finrst_release(&guard);
    pthread_join(reader.thread, NULL);
  }
  qsort(times, CONNECTIONS, sizeof *times, by_size);
  return times[CONNECTIONS / 2];
}

static double write_of_a_kilobyte(int guarded) {
  int ours, peer;
  struct reader reader;
  finrst *guard = NULL;
  unsigned char *bytes = counted_bytes(1024);
  connect_pair(&ours, &peer);
  start_reader(&reader, peer);
  if (guarded) finrst_guard(ours, NULL, &guard);
  double begun = now();
  for (int i = 0; i < WRITES; i++) {
    if (guarded) finrst_write(guard, bytes, 1024);
    else write_all(ours, bytes, 1024);
  }
  double each = (now() - begun) / WRITES;
  if (guarded) finrst_close(guard, -1, NULL);
  else close(ours);
  finrst_release(&guard);
  pthread_join(reader.thread, NULL);
  free(bytes);
  return each;
}

int main(int count, char **words) {
  struct stat bare, with;
  if (count != 3 || stat(words[1], &bare) != 0 || stat(words[2], &with) != 0) {
    fprintf(stderr, "usage: bench BARE GUARDED, both of them programs\n");
    return 2;
  }
  double begun = now();
  if (!finrst_engine_load()) return 1;
  double load = now() - begun;
  context = finrst_column(1, COLUMN_SOCKET_LEVEL) > 0
                ? 1 | CAN_ARM | CAN_DISCONNECT | CAN_HOLD | CAN_DRAIN | CAN_SEE_ACKED
                : 0;
  printf("{\"emptyCall\":%.1f,\"decide\":%.1f,\"on\":%.1f,\"load\":%.0f,\"bytesAdded\":%lld,", best_of(empty), best_of(decide),
         best_of(walk), load, (long long)(with.st_size - bare.st_size));
  printf("\"connectionBare\":%.0f,\"connectionGuarded\":%.0f,", connection(0), connection(1));
  printf("\"writeBare\":%.0f,\"writeGuarded\":%.0f}\n", write_of_a_kilobyte(0), write_of_a_kilobyte(1));
  return 0;
}
