/* The steps that the engine asks for, taken on the descriptor. Each answers RESULT_*, or a negative errno. */
#include "internal.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#define WATCH_FIRST_MS 1

/* ARM and DISARM, and what finrst_set_linger() wants; -1 is off. */
int32_t finrst_put_linger(finrst *guard, int32_t seconds) {
  unsigned char bytes[LINGER_MOST_BYTES];
  int32_t size = finrst_encode_linger(guard->context, seconds, bytes);
  if (size < 0 || guard->fd < 0) return guard->fd < 0 ? -EBADF : -EINVAL;
  int level = finrst_column(finrst_row(), COLUMN_SOCKET_LEVEL);
  int option = finrst_column(finrst_row(), COLUMN_LINGER_OPTION);
  if (setsockopt(guard->fd, level, option, bytes, (socklen_t)size) != 0) return -errno;
  guard->lingers = seconds > 0;
  return RESULT_DONE;
}

static int32_t shut_write(finrst *guard) {
  if (guard->fd < 0) return -EBADF;
  if (shutdown(guard->fd, SHUT_WR) == 0) return RESULT_DONE;
  if (errno != ENOTCONN) return -errno;
  /* A reset that was not read yet: the kernel holds it as the error of the connection. */
  int pending = finrst_pending_error(guard->fd);
  if (pending == 0) return -ENOTCONN;
  finrst_seen(guard, pending);
  finrst_post(guard, pending == ECONNRESET ? EVENT_PEER_RESET : EVENT_OS_ERROR);
  return RESULT_PENDING;
}

/* The last close, once. A linger time that the owner set is turned off first, because Linux waits it out here. */
static int32_t close_descriptor(finrst *guard) {
  int fd = guard->fd;
  if (fd < 0) return RESULT_DONE;
  if (guard->lingers) finrst_put_linger(guard, -1);
  guard->fd = -1;
  /* Interrupted or not, the number is free afterwards: to close it again could hit another file. */
  return close(fd) == 0 || errno == EINTR ? RESULT_DONE : -errno;
}

void finrst_close_descriptor(finrst *guard) {
  close_descriptor(guard);
}

static int32_t report(finrst *guard) {
  if (guard->reported) return RESULT_DONE;
  finrst_verdict verdict = finrst_verdict_of(guard->context, guard->state);
  /* What finalising hands back was not thrown away. */
  if (guard->rest != NULL && verdict.received == finrst_words_received.list[RECEIVED_DISCARDED]) {
    verdict.received = finrst_words_received.list[RECEIVED_UNKNOWN];
  }
  bool all = verdict.delivery == finrst_words_delivery.list[DELIVERY_ACKED] ||
             verdict.delivery == finrst_words_delivery.list[DELIVERY_CONFIRMED];
  verdict.unsent = all ? 0 : guard->lost;
  verdict.error = guard->error;
  guard->verdict = verdict;
  guard->reported = true;
  guard->clocks.within = NEVER;
  return RESULT_DONE;
}

/* Posts FLUSHED once nothing is being written and nothing is owed. */
void finrst_flushed(finrst *guard) {
  finrst_complete_if_flushed(guard);
  if (!guard->flushing || guard->writing > 0 || guard->owed > 0) return;
  guard->flushing = false;
  finrst_post(guard, EVENT_FLUSHED);
}

static void start_drain_clocks(finrst *guard) {
  int64_t now = finrst_now();
  guard->clocks.flush = NEVER;
  if (guard->clocks.total == NEVER) guard->clocks.total = now + guard->policy.drain_ms;
  guard->clocks.idle = now + guard->policy.drain_idle_ms;
}

int32_t finrst_perform(finrst *guard, int32_t step) {
  switch (step) {
    case STEP_ARM: return finrst_put_linger(guard, 0);
    case STEP_DISARM: return finrst_put_linger(guard, -1);
    case STEP_SHUT_WRITE: return shut_write(guard);
    case STEP_DISCONNECT: return guard->fd < 0 ? -EBADF : finrst_disconnect(guard->fd);
    case STEP_CLOSE: return close_descriptor(guard);
    case STEP_REPORT: return report(guard);
    case STEP_FLUSH:
      guard->flushing = true;
      finrst_flushed(guard);
      return RESULT_DONE;
    case STEP_FLUSH_DEADLINE: guard->clocks.flush = finrst_now() + guard->policy.flush_ms; return RESULT_DONE;
    case STEP_DRAIN_DEADLINE: start_drain_clocks(guard); return RESULT_DONE;
    case STEP_WATCH_ACKED:
      guard->clocks.watch_ms = WATCH_FIRST_MS;
      guard->clocks.watch = finrst_now() + WATCH_FIRST_MS;
      return RESULT_DONE;
    case STEP_DRAIN:
      guard->draining = true;
      guard->incoming = DISCARDED;
      return RESULT_DONE;
    case STEP_DISCARD: guard->incoming = DISCARDED; return RESULT_DONE;
    case STEP_HOLD:
    case STEP_RELEASE:
      if (guard->incoming == TO_OWNER || step == STEP_HOLD) guard->incoming = HELD;
      return RESULT_DONE;
    default: return -ENOSYS;
  }
}
