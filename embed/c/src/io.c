/* What the owner reads and writes, and what the guard learns of it.
 *
 * 1. Every call on the descriptor is one that does not block; a descriptor that blocks is waited for by poll(), so that
 *    the guard is never locked while somebody waits.
 * 2. Bytes that a write has not got rid of count as unflushed: while it runs a close waits for it, and a drop resets.
 */
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>

#if !defined(MSG_NOSIGNAL)
#define MSG_NOSIGNAL 0 /* where SO_NOSIGPIPE was set instead */
#endif

static ssize_t failed(int error) {
  errno = error;
  return -1;
}

/* Why a call comes too late: the peer's or the kernel's error if that ended it, else what is given. */
static int refusal(const finrst *guard, int otherwise) {
  if (!finrst_over(guard)) return otherwise;
  bool ours = (guard->state >> FIELD_BY_SHIFT & BY_MASK) == BY_US;
  return !ours && guard->error != 0 && !guard->leaving ? guard->error : EBADF;
}

/* Locks a guard for a call on its descriptor, which must be the one that was guarded; else tells why not, by errno. */
static bool enter(finrst *guard) {
  if (finrst_lock(guard) != 0) {
    errno = EBADF;
    return false;
  }
  if (guard->fd >= 0 && !finrst_still_ours(guard)) finrst_emit(guard, EVENT_RUNTIME_CLOSED, 0);
  return true;
}

/* Waits for the descriptor as long as its own timeout says. 0 if it is ready, or an errno. */
static int wait_for(int fd, short events, int option) {
  struct timeval limit = {0, 0};
  socklen_t size = sizeof limit;
  int timeout = -1;
  if (getsockopt(fd, SOL_SOCKET, option, &limit, &size) == 0 && (limit.tv_sec != 0 || limit.tv_usec != 0)) {
    timeout = limit.tv_sec > INT_MAX / 1000 - 1 ? INT_MAX : (int)(limit.tv_sec * 1000 + (limit.tv_usec + 999) / 1000);
  }
  struct pollfd ready = {fd, events, 0};
  int count = poll(&ready, 1, timeout);
  return count < 0 ? errno : count == 0 ? EAGAIN : 0;
}

static bool blocks(int fd) {
  int flags = fcntl(fd, F_GETFL);
  return flags >= 0 && (flags & O_NONBLOCK) == 0;
}

static bool passes(int error) {
  return error == EAGAIN || error == EWOULDBLOCK;
}

/* ---- Reading ----------------------------------------------------------------------------------------------------- */

void finrst_saw_peer_fin(finrst *guard) {
  if (guard->peer_finished) return;
  guard->peer_finished = true;
  finrst_post(guard, EVENT_PEER_FIN);
}

static void note_read(finrst *guard, ssize_t result) {
  if (finrst_over(guard)) return;
  if (result == 0) finrst_saw_peer_fin(guard);
  if (result < 0) finrst_saw_error(guard, (int)-result);
  finrst_run(guard);
}

/* One try, with the guard locked: bytes, or a negative errno. */
static ssize_t try_read(finrst *guard, void *buffer, size_t size) {
  if (guard->incoming != TO_OWNER) {
    if (guard->peer_finished && !guard->leaving) return 0;
    return -refusal(guard, ESHUTDOWN);
  }
  ssize_t count = recv(guard->fd, buffer, size, MSG_DONTWAIT);
  if (count < 0) count = -errno;
  if (count <= 0 && !passes((int)-count)) note_read(guard, count);
  return count;
}

ssize_t finrst_read(finrst *guard, void *buffer, size_t size) {
  if (size == 0) return 0;
  for (;;) {
    if (!enter(guard)) return -1;
    ssize_t count = try_read(guard, buffer, size);
    int fd = guard->fd;
    finrst_unlock(guard);
    if (count >= 0) return count;
    if (!passes((int)-count) || !blocks(fd)) return failed((int)-count);
    int error = wait_for(fd, POLLIN, SO_RCVTIMEO);
    if (error != 0) return failed(error);
  }
}

void finrst_note_read(finrst *guard, ssize_t result) {
  if (finrst_lock(guard) != 0) return;
  note_read(guard, result);
  finrst_unlock(guard);
}

/* ---- Writing ----------------------------------------------------------------------------------------------------- */

/* One write under way. */
struct write {
  const unsigned char *data;
  size_t left;
  size_t owed_after; /* what stays owed of earlier writes when all of this one is taken */
};

/* 0, or why nothing can be written. Once a close has begun only what is owed may follow. */
static int begin(finrst *guard, struct write *write) {
  bool open = (guard->state & PHASE_MASK) == PHASE_OPEN && !guard->flushing;
  if (!open && !(guard->flushing && write->left <= guard->owed)) return refusal(guard, EPIPE);
  write->owed_after = guard->owed > write->left ? guard->owed - write->left : 0;
  guard->owed = 0;
  guard->writing++;
  guard->untaken += write->left + write->owed_after;
  return 0;
}

static void finish(finrst *guard, const struct write *write, int error) {
  guard->writing--;
  guard->untaken -= write->left + write->owed_after;
  guard->owed += write->left + write->owed_after;
  if (finrst_over(guard)) return;
  if (error != 0) finrst_saw_error(guard, error);
  finrst_flushed(guard);
  finrst_run(guard);
}

/* Gives the kernel what it takes now: 0 if that was all, or an errno. */
static int give(finrst *guard, struct write *write) {
  while (write->left > 0) {
    if (finrst_over(guard)) return refusal(guard, EPIPE);
    ssize_t count = send(guard->fd, write->data, write->left, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count < 0) return errno;
    write->data += count;
    write->left -= (size_t)count;
    guard->untaken -= (size_t)count;
  }
  return 0;
}

ssize_t finrst_write(finrst *guard, const void *data, size_t size) {
  struct write write = {data, size, 0};
  if (!enter(guard)) return -1;
  int error = begin(guard, &write);
  if (error != 0) {
    finrst_unlock(guard);
    return failed(error);
  }
  while ((error = give(guard, &write)) != 0 && passes(error)) {
    int fd = guard->fd;
    if (!blocks(fd)) break;
    finrst_unlock(guard);
    int waited = wait_for(fd, POLLOUT, SO_SNDTIMEO);
    pthread_mutex_lock(&guard->mutex);
    if (!finrst_over(guard) && !finrst_still_ours(guard)) finrst_emit(guard, EVENT_RUNTIME_CLOSED, 0);
    if (waited != 0) {
      error = waited;
      break;
    }
  }
  finish(guard, &write, error);
  finrst_unlock(guard);
  return write.left == size && size > 0 ? failed(error) : (ssize_t)(size - write.left);
}

void finrst_note_write(finrst *guard, size_t wanted, ssize_t result) {
  struct write write = {NULL, wanted, 0};
  if (finrst_lock(guard) != 0) return;
  if (begin(guard, &write) == 0) {
    size_t taken = result > 0 ? (size_t)result : 0;
    write.left -= taken;
    guard->untaken -= taken;
    finish(guard, &write, result < 0 ? (int)-result : 0);
  }
  finrst_unlock(guard);
}
