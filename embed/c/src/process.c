/* What is due: clocks, the drain, the look at the send queue; and the loop of those calls that wait for it.
 *
 * 1. Whoever waits polls for a slice at a time: another thread may move the guard on, and poll() cannot see that.
 * 2. The guard is never locked while somebody waits.
 */
#include "internal.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define SLICE_MS 50
#define PAUSE_MS 5
#define WATCH_LONGEST_MS 50
#define BLOCK 32768
#define READS 16           /* so many blocks for one connection before the others have their turn */
#define BACKLOG_BLOCKS 512 /* 16 MiB, more than kernels keep of what has arrived */

int64_t finrst_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t earlier(int64_t one, int64_t other) {
  return one < other ? one : other;
}

static int64_t deadline(const struct clocks *clocks) {
  return earlier(earlier(clocks->within, clocks->flush), earlier(clocks->idle, clocks->total));
}

/* In how many milliseconds a clock is due; -1: none runs. */
static int due_in(const finrst *guard, int64_t now) {
  int64_t at = earlier(deadline(&guard->clocks), guard->clocks.watch);
  if (at == NEVER) return -1;
  return at <= now ? 0 : (int)earlier(at - now, INT_MAX);
}

static void progress(finrst *guard, int64_t now) {
  if (guard->clocks.idle != NEVER) guard->clocks.idle = now + guard->policy.drain_idle_ms;
}

/* Looks at the send queue, less and less often; progress there is progress of the close. */
static void watch(finrst *guard, int64_t now) {
  int64_t before = guard->send_queue;
  finrst_look_at_queue(guard);
  if (guard->send_queue < before) progress(guard, now);
  if (guard->send_queue == 0) {
    guard->clocks.watch = NEVER;
    finrst_emit(guard, EVENT_ACKED, 0);
    return;
  }
  guard->clocks.watch_ms = (int)earlier((int64_t)guard->clocks.watch_ms * 2, WATCH_LONGEST_MS);
  guard->clocks.watch = now + guard->clocks.watch_ms;
}

/* Bytes arrived that the owner will not read. Finalising keeps them; while draining they are bounded. */
static void throw_away(finrst *guard, const unsigned char *data, size_t count, int64_t now) {
  if (guard->rest != NULL) {
    size_t room = guard->rest_size - guard->rest_count;
    size_t kept = count < room ? count : room;
    memcpy(guard->rest + guard->rest_count, data, kept);
    guard->rest_count += kept;
  }
  if (guard->draining) {
    guard->drained += (int64_t)count;
    progress(guard, now);
  }
  if (!guard->draining || guard->rest == NULL) finrst_post(guard, EVENT_DATA);
  if (guard->draining && guard->drained > guard->limit) finrst_post(guard, EVENT_OVER_LIMIT);
  finrst_run(guard);
}

static void read_what_nobody_reads(finrst *guard, int blocks, int64_t now) {
  unsigned char buffer[BLOCK];
  for (int i = 0; i < blocks; i++) {
    if (guard->incoming != DISCARDED || guard->peer_finished || guard->fd < 0) return;
    ssize_t count = recv(guard->fd, buffer, sizeof buffer, MSG_DONTWAIT);
    if (count > 0) {
      throw_away(guard, buffer, (size_t)count, now);
      continue;
    }
    if (count == 0) finrst_saw_peer_fin(guard);
    if (count < 0) finrst_saw_error(guard, errno);
    finrst_run(guard);
    return;
  }
}

void finrst_catch_up(finrst *guard) {
  if (finrst_over(guard) || !finrst_still_ours(guard)) return;
  read_what_nobody_reads(guard, BACKLOG_BLOCKS, finrst_now());
}

/* Once the owner has stopped reading, an error of the connection is nobody's to read but ours. */
static void look_for_error(finrst *guard, short revents) {
  bool open = (guard->state & PHASE_MASK) == PHASE_OPEN && guard->incoming == TO_OWNER;
  if (open || (revents & (POLLERR | POLLHUP)) == 0 || guard->fd < 0) return;
  finrst_saw_error(guard, finrst_pending_error(guard->fd));
  finrst_run(guard);
}

static void do_due(finrst *guard, short revents) {
  if (finrst_over(guard)) return;
  if (!finrst_still_ours(guard)) finrst_emit(guard, EVENT_RUNTIME_CLOSED, 0);
  int64_t now = finrst_now();
  read_what_nobody_reads(guard, READS, now);
  look_for_error(guard, revents);
  if (!finrst_over(guard) && now >= guard->clocks.watch) watch(guard, now);
  if (!finrst_over(guard) && now >= deadline(&guard->clocks)) {
    guard->clocks.within = guard->clocks.flush = guard->clocks.idle = guard->clocks.total = NEVER;
    finrst_emit(guard, EVENT_DEADLINE, 0);
  }
}

static short wanted_events(const finrst *guard) {
  return guard->incoming == DISCARDED && !guard->peer_finished ? POLLIN : 0;
}

static int state_of(const finrst *guard) {
  if (finrst_over(guard)) return FINRST_STATE_ENDED;
  if (guard->reported) return FINRST_STATE_VERDICT;
  return (guard->state & PHASE_MASK) == PHASE_OPEN ? FINRST_STATE_OPEN : FINRST_STATE_ENDING;
}

short finrst_poll_events(finrst *guard, int *timeout_ms) {
  if (timeout_ms != NULL) *timeout_ms = -1;
  if (finrst_lock(guard) != 0) return 0;
  short events = wanted_events(guard);
  if (timeout_ms != NULL) *timeout_ms = finrst_over(guard) ? 0 : due_in(guard, finrst_now());
  finrst_unlock(guard);
  return events;
}

int finrst_process(finrst *guard, short revents) {
  int refused = finrst_lock(guard);
  if (refused != 0) return refused;
  do_due(guard, revents);
  int state = state_of(guard);
  finrst_unlock(guard);
  return state;
}

/* One slice of waiting. */
static void wait_a_slice(struct pollfd *ready, int timeout_ms) {
  int64_t begun = finrst_now();
  /* What is always reported, such as POLLHUP, would make a busy loop of a wait for something else. */
  if (poll(ready, 1, timeout_ms) > 0 && (ready->revents & ready->events) == 0 && finrst_now() - begun < PAUSE_MS) {
    short seen = ready->revents;
    poll(NULL, 0, timeout_ms < PAUSE_MS ? timeout_ms : PAUSE_MS);
    ready->revents = seen;
  }
}

bool finrst_wait_until(finrst *guard, bool (*done)(const finrst *), int timeout_ms) {
  int64_t until = timeout_ms < 0 ? NEVER : finrst_now() + timeout_ms;
  struct pollfd ready = {-1, 0, 0};
  for (;;) {
    pthread_mutex_lock(&guard->mutex);
    do_due(guard, ready.revents);
    bool came = done(guard);
    int64_t now = finrst_now();
    int due = due_in(guard, now);
    ready = (struct pollfd){guard->fd, wanted_events(guard), 0};
    pthread_mutex_unlock(&guard->mutex);
    if (came || now >= until) return came;
    int slice = (int)earlier(until - now, SLICE_MS);
    wait_a_slice(&ready, due >= 0 && due < slice ? due : slice);
  }
}
