/* One connection as the engine sees it: events in, the facts that come with them, and the walk over a plan.
 *
 * 1. It has no opinion about FIN or RST: every decision is the engine's.
 * 2. Everything here runs with the guard locked, and nothing here waits.
 * 3. An event that a step posts is fed after the one whose step it was.
 */
#include "internal.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

bool finrst_over(const finrst *guard) {
  return (guard->state & PHASE_MASK) == PHASE_ENDED;
}

/* Whether the descriptor is still the socket that was guarded: somebody may have closed it, and numbers are reused at
 * once. A system that tells no inode of a socket can only see that it is a socket. */
bool finrst_still_ours(finrst *guard) {
  struct stat now;
  return guard->fd >= 0 && fstat(guard->fd, &now) == 0 && S_ISSOCK(now.st_mode) && now.st_dev == guard->device &&
         now.st_ino == guard->inode;
}

void finrst_seen(finrst *guard, int error) {
  if (guard->error == 0) guard->error = error;
}

/* ---- What is true now -------------------------------------------------------------------------------------------- */

void finrst_look_at_queue(finrst *guard) {
  guard->send_queue = guard->fd < 0 ? -1 : finrst_unacked(guard->fd);
  guard->lost = guard->send_queue;
  if (guard->send_queue < 0) return;
  if (finrst_platform()->counts_fin && (guard->state & FLAG_FIN_OUT) != 0 && guard->lost > 0) guard->lost--;
  guard->lost += (int64_t)(guard->untaken + guard->owed);
}

/* Asks the kernel only for the events that the answer can change. */
static int32_t facts_of(finrst *guard, int32_t event) {
  switch (event) {
    case EVENT_OPEN:
    case EVENT_DATA:
    case EVENT_FINISH_SENDING:
    case EVENT_STOP_RECEIVING: return 0;
    default: break;
  }
  int32_t facts = (guard->leaving ? FACT_LEAVING : 0) | (guard->complete ? FACT_COMPLETE : 0);
  if (guard->writing > 0 || guard->owed > 0) facts |= FACT_UNFLUSHED;
  if (event == EVENT_FLUSHED) return facts;
  bool ends = event == EVENT_CLOSE || event == EVENT_DROPPED || event == EVENT_FAILED || event == EVENT_EXITING ||
              event == EVENT_RUNTIME_CLOSED;
  if (guard->fd < 0) return facts | FACT_UNACKED;
  if (ends && finrst_has_unread(guard->fd)) facts |= FACT_UNREAD;
  /* A reset has thrown the queue away: what was unsent is known from before. */
  if (event == EVENT_PEER_RESET) return facts;
  finrst_look_at_queue(guard);
  /* A queue that cannot be asked is not confirmed. */
  if (guard->send_queue == 0) return facts;
  if (guard->send_queue > 0 && finrst_untransmitted(guard->fd) > 0) facts |= FACT_UNSENT;
  return facts | FACT_UNACKED;
}

/* ---- The walk ---------------------------------------------------------------------------------------------------- */

/* Decides one event and takes the steps; answers what SHUT_WRITE came to, RESULT_PENDING if it was none of them. */
static int32_t take(finrst *guard, struct event event, int32_t facts) {
  int32_t before = guard->state, shut = RESULT_PENDING;
  int32_t plan = finrst_decide(guard->context, before, event.number, facts) & PLAN_ALL_STEPS;
  guard->state = finrst_enter(guard->context, before, event.number, facts);
  for (; plan != 0; plan >>= PLAN_STEP_BITS) {
    int32_t step = plan & PLAN_STEP_MASK;
    int32_t result = finrst_perform(guard, step);
    if (result < 0) result = -finrst_normalise(guard->context, -result);
    guard->state = finrst_settle(guard->state, step, result);
    if (step == STEP_SHUT_WRITE) shut = result;
  }
  if (guard->policy.trace != NULL) finrst_trace_decision(guard, event, facts, before);
  return shut;
}

/* A shutdown that completed at once is followed by its event; what was seen before says nothing of a FIN just queued.
 */
static void feed(finrst *guard, struct event event) {
  int32_t facts = facts_of(guard, event.number) | event.argument << ARGUMENT_SHIFT;
  int32_t shut = take(guard, event, facts);
  if (shut == RESULT_PENDING) return;
  struct event follows = {shut == RESULT_DONE ? EVENT_FIN_SENT : EVENT_OS_ERROR, 0};
  take(guard, follows, facts | FACT_UNACKED);
}

static void end(finrst *guard) {
  guard->clocks = (struct clocks){NEVER, NEVER, NEVER, NEVER, NEVER, 0};
  if (guard->incoming == TO_OWNER) guard->incoming = HELD;
  finrst_close_descriptor(guard);
  if (!guard->reported) finrst_perform(guard, STEP_REPORT);
}

void finrst_post(finrst *guard, int32_t event) {
  assert(guard->event_count < EVENTS_MOST);
  guard->events[guard->event_count++] = (struct event){event, 0};
}

void finrst_run(finrst *guard) {
  if (guard->busy) return;
  guard->busy = true;
  while (guard->event_count > 0 && !finrst_over(guard)) {
    struct event next = guard->events[0];
    guard->event_count--;
    memmove(guard->events, guard->events + 1, (size_t)guard->event_count * sizeof next);
    feed(guard, next);
  }
  guard->event_count = 0;
  guard->busy = false;
  if ((guard->state & FLAG_FIN_OUT) != 0) guard->fin_out = true;
  if (finrst_over(guard)) end(guard);
}

void finrst_emit(finrst *guard, int32_t event, int32_t argument) {
  if (finrst_over(guard)) return;
  bool opened = (guard->state & PHASE_MASK) != PHASE_NEW;
  if (opened && !finrst_still_ours(guard)) {
    /* Somebody closed the descriptor: an armed connection was reset by that, and there is nothing left to call. */
    guard->fd = -1;
    guard->leaving = true;
    finrst_seen(guard, EBADF);
    finrst_post(guard, EVENT_RUNTIME_CLOSED);
  }
  finrst_post(guard, event);
  guard->events[guard->event_count - 1].argument = argument;
  finrst_run(guard);
}

/* What an error of the connection means. One that passes, such as EAGAIN, means nothing. */
void finrst_saw_error(finrst *guard, int error) {
  switch (error) {
    case ECONNRESET:
      finrst_seen(guard, error);
      finrst_post(guard, EVENT_PEER_RESET);
      break;
    case EPIPE:
    case ETIMEDOUT:
    case ENOTCONN:
    case ECONNABORTED:
    case EHOSTUNREACH:
    case ENETUNREACH:
      finrst_seen(guard, error);
      finrst_post(guard, EVENT_OS_ERROR);
      break;
    default: break;
  }
}
