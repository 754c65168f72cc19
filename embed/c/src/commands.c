/* The commands of a guard, and the questions that it answers. */
#include "internal.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

static bool has_verdict(const finrst *guard) {
  return guard->reported || finrst_over(guard);
}

static bool fin_is_out(const finrst *guard) {
  return guard->fin_out || finrst_over(guard);
}

static bool peer_is_done(const finrst *guard) {
  return guard->peer_finished || finrst_over(guard);
}

static void copy_verdict(finrst *guard, finrst_verdict *verdict) {
  if (verdict == NULL) return;
  pthread_mutex_lock(&guard->mutex);
  *verdict = guard->verdict;
  pthread_mutex_unlock(&guard->mutex);
}

/* Answers what is otherwise than it was asked for. */
static int otherwise(const finrst_verdict *verdict) {
  char line[200];
  finrst_format_verdict(verdict, line, sizeof line);
  return finrst_refuse(FINRST_OTHERWISE, "the connection ended with %s%s%s", line, verdict->error != 0 ? ": " : "",
                       verdict->error != 0 ? strerror(verdict->error) : "");
}

/* Whether our FIN ended it and nothing was lost. */
static int as_asked(const finrst_verdict *verdict) {
  bool fin = verdict->ended == finrst_words_ended.list[ENDED_FIN];
  bool lost = verdict->delivery == finrst_words_delivery.list[DELIVERY_LOST];
  return fin && !lost ? FINRST_OK : otherwise(verdict);
}

static int wait_and_judge(finrst *guard, finrst_verdict *verdict) {
  finrst_verdict found;
  finrst_wait_until(guard, has_verdict, -1);
  copy_verdict(guard, &found);
  if (verdict != NULL) *verdict = found;
  return as_asked(&found);
}

/* Declares the stream complete. If `alone`, nobody will write what is owed, so that it cannot be. */
static int begin_close(finrst *guard, int within_ms, const char *confirm, bool alone) {
  int32_t bits = 0;
  int refused = finrst_check_within("within_ms", within_ms, 1);
  if (refused == 0 && confirm != NULL) refused = finrst_confirm_bits(confirm, &bits);
  if (refused == 0) refused = finrst_lock(guard);
  if (refused != 0) return refused;
  if (confirm != NULL) guard->context = (guard->context & ~(CONFIRM_MASK << CONFIRM_SHIFT)) | bits;
  if (within_ms > 0 && !has_verdict(guard)) guard->clocks.within = finrst_now() + within_ms;
  finrst_catch_up(guard);
  bool torn = alone && guard->owed > 0 && guard->writing == 0 && !guard->flushing;
  finrst_emit(guard, torn ? EVENT_FAILED : EVENT_CLOSE, 0);
  finrst_unlock(guard);
  return FINRST_OK;
}

int finrst_begin_close(finrst *guard, int within_ms, const char *confirm) {
  return begin_close(guard, within_ms, confirm, false);
}

int finrst_close_confirmed(finrst *guard, int within_ms, const char *confirm, finrst_verdict *verdict) {
  int refused = begin_close(guard, within_ms, confirm, true);
  return refused != 0 ? refused : wait_and_judge(guard, verdict);
}

int finrst_close(finrst *guard, int within_ms, finrst_verdict *verdict) {
  return finrst_close_confirmed(guard, within_ms, NULL, verdict);
}

static int command(finrst *guard, int32_t event) {
  int refused = finrst_lock(guard);
  if (refused != 0) return refused;
  finrst_emit(guard, event, 0);
  finrst_unlock(guard);
  return FINRST_OK;
}

int finrst_abort(finrst *guard, finrst_verdict *verdict) {
  int refused = command(guard, EVENT_ABORT);
  if (refused != 0) return refused;
  finrst_wait_until(guard, has_verdict, -1);
  copy_verdict(guard, verdict);
  return FINRST_OK;
}

int finrst_fail(finrst *guard, int error, finrst_verdict *verdict) {
  int refused = finrst_lock(guard);
  if (refused != 0) return refused;
  if (!has_verdict(guard)) finrst_seen(guard, error);
  finrst_emit(guard, EVENT_FAILED, 0);
  finrst_unlock(guard);
  finrst_wait_until(guard, has_verdict, -1);
  copy_verdict(guard, verdict);
  return FINRST_OK;
}

int finrst_drop(finrst *guard) {
  int refused = finrst_lock(guard);
  if (refused != 0) return refused;
  finrst_catch_up(guard);
  guard->leaving = true;
  finrst_emit(guard, EVENT_DROPPED, 0);
  if (guard->incoming == TO_OWNER) guard->incoming = HELD;
  finrst_unlock(guard);
  return FINRST_OK;
}

int finrst_finish_sending(finrst *guard, int within_ms) {
  int refused = finrst_check_within("within_ms", within_ms, 0);
  if (refused == 0) refused = command(guard, EVENT_FINISH_SENDING);
  if (refused != 0) return refused;
  if (!finrst_wait_until(guard, fin_is_out, within_ms)) {
    return finrst_refuse(FINRST_NOT_IN_TIME, "our FIN was not sent within %d ms: bytes are being written or owed",
                         within_ms);
  }
  pthread_mutex_lock(&guard->mutex);
  bool out = guard->fin_out;
  finrst_verdict verdict = guard->verdict;
  pthread_mutex_unlock(&guard->mutex);
  return out ? FINRST_OK : as_asked(&verdict);
}

int finrst_stop_receiving(finrst *guard, const char *how) {
  static const char *const words[] = {"discard", "hold", "refuse"};
  static const int32_t numbers[] = {RECEIVE_DISCARD, RECEIVE_HOLD, RECEIVE_REFUSE};
  int place;
  int refused = finrst_one_of("how", how, 3, words, &place);
  if (refused == 0) refused = finrst_lock(guard);
  if (refused != 0) return refused;
  finrst_emit(guard, EVENT_STOP_RECEIVING, numbers[place]);
  finrst_unlock(guard);
  return FINRST_OK;
}

int finrst_drain(finrst *guard, int within_ms) {
  int refused = finrst_check_within("within_ms", within_ms, 1);
  if (refused == 0) refused = finrst_stop_receiving(guard, "discard");
  if (refused != 0) return refused;
  if (!finrst_wait_until(guard, peer_is_done, within_ms)) {
    return finrst_refuse(FINRST_NOT_IN_TIME, "the peer has not finished within %d ms", within_ms);
  }
  pthread_mutex_lock(&guard->mutex);
  bool finished = guard->peer_finished;
  pthread_mutex_unlock(&guard->mutex);
  return finished ? FINRST_OK : finrst_refuse(FINRST_OTHERWISE, "the connection ended before the peer's FIN");
}

static int begin_finalise(finrst *guard, int within_ms, void *buffer, size_t size, bool alone) {
  if (buffer == NULL)
    return finrst_refuse(FINRST_BAD_ARGUMENT, "buffer is NULL; expected where to put what still comes");
  int refused = finrst_check_within("within_ms", within_ms, 1);
  if (refused == 0) refused = finrst_lock(guard);
  if (refused != 0) return refused;
  if (guard->rest == NULL) {
    guard->rest = buffer;
    guard->rest_size = size;
    guard->limit = (int64_t)size;
  }
  finrst_unlock(guard);
  return begin_close(guard, within_ms, "peer", alone);
}

int finrst_begin_finalise(finrst *guard, int within_ms, void *buffer, size_t size) {
  return begin_finalise(guard, within_ms, buffer, size, false);
}

int finrst_finalise(finrst *guard, int within_ms, void *buffer, size_t *size, finrst_verdict *verdict) {
  if (size == NULL) return finrst_refuse(FINRST_BAD_ARGUMENT, "size is NULL; expected the size of the buffer");
  int refused = begin_finalise(guard, within_ms, buffer, *size, true);
  if (refused != 0) return refused;
  finrst_verdict found;
  int judged = wait_and_judge(guard, &found);
  /* Our FIN may have been confirmed, and the peer sent more all the same, or did not come to an end. */
  if (judged == 0 && found.received != finrst_words_received.list[RECEIVED_COMPLETE]) judged = otherwise(&found);
  if (verdict != NULL) *verdict = found;
  *size = finrst_rest(guard);
  /* The buffer is the caller's again. */
  pthread_mutex_lock(&guard->mutex);
  guard->rest_size = guard->rest_count;
  pthread_mutex_unlock(&guard->mutex);
  return judged;
}

size_t finrst_rest(finrst *guard) {
  if (finrst_lock(guard) != 0) return 0;
  size_t count = guard->rest_count;
  finrst_unlock(guard);
  return count;
}

int finrst_wait(finrst *guard, int timeout_ms, finrst_verdict *verdict) {
  int refused = finrst_check_within("timeout_ms", timeout_ms, 0);
  if (refused == 0) refused = finrst_lock(guard);
  if (refused != 0) return refused;
  finrst_unlock(guard);
  if (!finrst_wait_until(guard, has_verdict, timeout_ms)) {
    return finrst_refuse(FINRST_NOT_IN_TIME, "there is no verdict within %d ms", timeout_ms);
  }
  copy_verdict(guard, verdict);
  return FINRST_OK;
}

bool finrst_ended(finrst *guard, finrst_verdict *verdict) {
  if (finrst_lock(guard) != 0) return false;
  bool is = guard->reported;
  if (is && verdict != NULL) *verdict = guard->verdict;
  finrst_unlock(guard);
  return is;
}

/* ---- SO_LINGER and the send queue -------------------------------------------------------------------------------- */

/* Locks a guard whose descriptor is open. */
static int lock_open(finrst *guard) {
  int refused = finrst_lock(guard);
  if (refused != 0) return refused;
  if (!finrst_over(guard) && finrst_still_ours(guard)) return FINRST_OK;
  finrst_unlock(guard);
  return finrst_refuse(FINRST_ENDED, "the connection has ended, and SO_LINGER with it");
}

int finrst_set_linger(finrst *guard, int seconds) {
  int refused = lock_open(guard);
  if (refused != 0) return refused;
  int32_t most = finrst_column(finrst_row(), COLUMN_LINGER_MOST);
  if (seconds < -1 || seconds > most) {
    finrst_unlock(guard);
    return finrst_refuse(FINRST_BAD_ARGUMENT, "seconds is %d; expected -1 (off) or seconds, 0 ... %d", seconds,
                         (int)most);
  }
  int32_t result = finrst_put_linger(guard, seconds);
  if (result == RESULT_DONE)
    guard->state = finrst_settle(guard->state, seconds == 0 ? STEP_ARM : STEP_DISARM, RESULT_DONE);
  finrst_unlock(guard);
  if (result == RESULT_DONE) return FINRST_OK;
  errno = -result;
  return finrst_refuse(FINRST_SYSTEM, "SO_LINGER cannot be set to %d seconds: %s", seconds, strerror(-result));
}

int finrst_linger(finrst *guard, int *seconds) {
  int refused = lock_open(guard);
  if (refused != 0) return refused;
  unsigned char bytes[LINGER_MOST_BYTES] = {0};
  socklen_t size = (socklen_t)finrst_column(finrst_row(), COLUMN_LINGER_BYTES);
  int level = finrst_column(finrst_row(), COLUMN_SOCKET_LEVEL);
  int option = finrst_column(finrst_row(), COLUMN_LINGER_OPTION);
  int failed = getsockopt(guard->fd, level, option, bytes, &size) == 0 ? 0 : errno;
  if (failed == 0) *seconds = finrst_decode_linger(guard->context, bytes, size);
  finrst_unlock(guard);
  errno = failed;
  return failed == 0 ? FINRST_OK : finrst_refuse(FINRST_SYSTEM, "SO_LINGER cannot be read: %s", strerror(failed));
}

int64_t finrst_unsent(finrst *guard) {
  if (finrst_lock(guard) != 0) return -1;
  if (!finrst_over(guard) && finrst_still_ours(guard)) finrst_look_at_queue(guard);
  int64_t lost = guard->lost;
  finrst_unlock(guard);
  return lost;
}

bool finrst_armed(finrst *guard) {
  if (finrst_lock(guard) != 0) return false;
  bool armed = !finrst_over(guard) && (guard->state & FLAG_ARMED) != 0;
  finrst_unlock(guard);
  return armed;
}
