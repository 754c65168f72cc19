/* Takes a descriptor into its hold, and lets go of it. */
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define ALLOWED "expected a connected TCP socket"

static int option_of(int fd, int option, int otherwise) {
  int value = otherwise;
  socklen_t size = sizeof value;
  return getsockopt(fd, SOL_SOCKET, option, &value, &size) == 0 ? value : otherwise;
}

static int check_kind(int fd) {
  int type;
  socklen_t size = sizeof type;
  if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) != 0) {
    const char *is = errno == EBADF ? "closed" : "no socket";
    return finrst_refuse(FINRST_BAD_SOCKET, "fd is %d, which is %s; " ALLOWED, fd, is);
  }
  if (type != SOCK_STREAM) {
    const char *is = type == SOCK_DGRAM ? " (SOCK_DGRAM)" : "";
    return finrst_refuse(FINRST_BAD_SOCKET, "fd is %d, a socket of type %d%s; " ALLOWED, fd, type, is);
  }
  struct sockaddr_storage address;
  memset(&address, 0, sizeof address);
  size = sizeof address;
  if (getsockname(fd, (struct sockaddr *)&address, &size) != 0) {
    return finrst_refuse(FINRST_SYSTEM, "fd is %d, and getsockname() says: %s", fd, strerror(errno));
  }
  if (address.ss_family != AF_INET && address.ss_family != AF_INET6) {
    const char *is = address.ss_family == AF_UNIX ? " (AF_UNIX)" : "";
    return finrst_refuse(FINRST_BAD_SOCKET, "fd is %d, a socket of family %d%s; " ALLOWED, fd, address.ss_family, is);
  }
  return FINRST_OK;
}

static int check_protocol(int fd) {
#if defined(SO_PROTOCOL)
  const int mptcp = 262;
  int protocol = option_of(fd, SO_PROTOCOL, IPPROTO_TCP);
  if (protocol != IPPROTO_TCP && protocol != mptcp) {
    return finrst_refuse(FINRST_BAD_SOCKET, "fd is %d, a socket of protocol %d; " ALLOWED, fd, protocol);
  }
#endif
  struct sockaddr_storage address;
  socklen_t size = sizeof address;
  if (getpeername(fd, (struct sockaddr *)&address, &size) == 0) return FINRST_OK;
  int pending = option_of(fd, SO_ERROR, 0);
  if (pending == 0) return finrst_refuse(FINRST_BAD_SOCKET, "fd is %d, which is not connected; " ALLOWED, fd);
  errno = pending;
  return finrst_refuse(FINRST_BAD_SOCKET, "fd is %d, and its connection has ended: %s; " ALLOWED, fd,
                       strerror(pending));
}

/* What every guarded descriptor is: gone after exec, and silent when its peer is. */
static int prepare(int fd) {
  int flags = fcntl(fd, F_GETFD);
  if (flags < 0 || fcntl(fd, F_SETFD, flags | FD_CLOEXEC) < 0) {
    return finrst_refuse(FINRST_SYSTEM, "fd is %d, and fcntl() says: %s", fd, strerror(errno));
  }
#if defined(SO_NOSIGPIPE)
  const int yes = 1;
  setsockopt(fd, SOL_SOCKET, SO_NOSIGPIPE, &yes, sizeof yes);
#endif
  return FINRST_OK;
}

static finrst *make(int fd, const struct policy *policy) {
  struct stat file;
  finrst *guard = calloc(1, sizeof *guard);
  if (guard == NULL || fstat(fd, &file) != 0 || pthread_mutex_init(&guard->mutex, NULL) != 0) {
    free(guard);
    return NULL;
  }
  guard->number = fd;
  guard->fd = fd;
  guard->device = file.st_dev;
  guard->inode = file.st_ino;
  guard->policy = *policy;
  guard->context = finrst_context_bits() | policy->bits;
  guard->clocks = (struct clocks){NEVER, NEVER, NEVER, NEVER, NEVER, 0};
  guard->limit = policy->drain_bytes;
  guard->send_queue = guard->lost = -1;
  return guard;
}

static void forget(finrst *guard) {
  pthread_mutex_destroy(&guard->mutex);
  free(guard);
}

int finrst_guard(int fd, const finrst_policy *given, finrst **guard) {
  if (guard == NULL) return finrst_refuse(FINRST_BAD_ARGUMENT, "guard is NULL; expected where to put the guard");
  *guard = NULL;
  struct policy policy;
  int refused = finrst_parse_policy(given, &policy);
  if (refused == 0) refused = check_kind(fd);
  if (refused == 0) refused = check_protocol(fd);
  if (refused != 0) return refused;
  finrst *made = finrst_engine_load() ? make(fd, &policy) : NULL;
  if (made == NULL) return finrst_refuse(FINRST_NO_MEMORY, "there is no memory for a guard of descriptor %d", fd);
  refused = finrst_register(made);
  if (refused == 0 && (refused = prepare(fd)) != 0) finrst_unregister(made);
  if (refused != 0) {
    forget(made);
    return refused;
  }
  finrst_lock(made);
  finrst_emit(made, EVENT_OPEN, 0);
  finrst_unlock(made);
  *guard = made;
  return FINRST_OK;
}

static bool is_over(const finrst *guard) {
  return finrst_over(guard);
}

void finrst_release(finrst **guard) {
  if (guard == NULL || *guard == NULL) return;
  finrst *it = *guard;
  *guard = NULL;
  if (atomic_load(&it->forked)) {
    free(it);
    return;
  }
  int kept = errno;
  finrst_drop(it);
  finrst_wait_until(it, is_over, -1);
  finrst_unregister(it);
  forget(it);
  errno = kept;
}

int finrst_fd(const finrst *guard) {
  return guard == NULL ? -1 : guard->fd;
}
