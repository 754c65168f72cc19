/* What this machine is and can: its row of the table, the queries of its kernel, and the abort that keeps a descriptor.
 *
 * 1. Numbers come from the Wasm and from spec/platforms; a query is made only if the headers of this system do not say
 *    another number than the table does.
 * 2. What is not known is answered so, and never guessed: the engine then claims less.
 */
#include "internal.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#if defined(__linux__)
#define PLATFORM "linux"
#define DISCONNECT_BY "connect(AF_UNSPEC)"
#elif defined(__APPLE__)
#define PLATFORM "macos"
#define DISCONNECT_BY "disconnectx()"
#elif defined(__FreeBSD__)
#define PLATFORM "freebsd"
#elif defined(__OpenBSD__)
#define PLATFORM "openbsd"
#elif defined(__NetBSD__)
#define PLATFORM "netbsd"
#elif defined(__sun)
#define PLATFORM "illumos"
#else
#error "finrst knows Linux, macOS, FreeBSD, OpenBSD, NetBSD and illumos; on Windows a descriptor is no socket"
#endif

#if defined(__mips__)
#define ARCH "mips"
#elif defined(__sparc__)
#define ARCH "sparc"
#elif defined(__alpha__)
#define ARCH "alpha"
#elif defined(__hppa__)
#define ARCH "parisc"
#else
#define ARCH ""
#endif

const struct platform_row *finrst_platform(void) {
  static _Atomic(const struct platform_row *) known;
  const struct platform_row *found = atomic_load_explicit(&known, memory_order_relaxed);
  if (found != NULL) return found;
  for (const struct platform_row *row = finrst_platform_rows; row->id != NULL; row++) {
    if (strcmp(row->id, PLATFORM) != 0) continue;
    /* The row without a machine comes first, and is that of all machines without one of their own. */
    if (row->arch == NULL || strcmp(row->arch, ARCH) == 0) found = row;
  }
  atomic_store_explicit(&known, found, memory_order_relaxed);
  return found;
}

/* Whether the table knows how to ask for the send queue, and the headers do not contradict it. */
static bool can_ask(void) {
#if defined(__linux__) && defined(TIOCOUTQ) /* SIOCOUTQ is the same number by another name */
  if (finrst_platform()->query != (unsigned long)TIOCOUTQ) return false;
#elif defined(FIONWRITE)
  if (finrst_platform()->query != (unsigned long)FIONWRITE) return false;
#endif
  return finrst_platform()->query != 0;
}

int32_t finrst_row(void) {
  return finrst_platform()->row;
}

static bool can_disconnect(void) {
#if defined(DISCONNECT_BY)
  return (finrst_column(finrst_row(), COLUMN_TRAITS) & TRAIT_DISCONNECTS) != 0;
#else
  return false;
#endif
}

int32_t finrst_context_bits(void) {
  int32_t bits = finrst_row() | CAN_ARM | CAN_HOLD | CAN_DRAIN;
  if (can_disconnect()) bits |= CAN_DISCONNECT;
  if (can_ask()) bits |= CAN_SEE_ACKED;
  const uint16_t one = 1;
  if (*(const unsigned char *)&one == 0) bits |= CONTEXT_BIG_ENDIAN;
  return bits;
}

int finrst_disconnect(int fd) {
#if defined(__linux__)
  struct sockaddr nowhere;
  memset(&nowhere, 0, sizeof nowhere);
  nowhere.sa_family = AF_UNSPEC;
  return connect(fd, &nowhere, sizeof nowhere) == 0 ? 0 : -errno;
#elif defined(__APPLE__)
  return disconnectx(fd, SAE_ASSOCID_ANY, SAE_CONNID_ANY) == 0 ? 0 : -errno;
#else
  (void)fd;
  return -ENOSYS;
#endif
}

static int64_t ask(int fd, unsigned long request) {
  int answer = 0;
  return ioctl(fd, request, &answer) == 0 ? answer : -1;
}

int64_t finrst_unacked(int fd) {
  if (!can_ask()) return -1;
  if (finrst_platform()->by_ioctl) return ask(fd, finrst_platform()->query);
  int answer = 0;
  socklen_t size = sizeof answer;
  return getsockopt(fd, SOL_SOCKET, (int)finrst_platform()->query, &answer, &size) == 0 ? answer : -1;
}

int64_t finrst_untransmitted(int fd) {
  int64_t answer = finrst_platform()->untransmitted == 0 ? 0 : ask(fd, finrst_platform()->untransmitted);
  return answer < 0 ? 0 : answer;
}

bool finrst_has_unread(int fd) {
  return ask(fd, FIONREAD) > 0;
}

int finrst_pending_error(int fd) {
  int answer = 0;
  socklen_t size = sizeof answer;
  return getsockopt(fd, SOL_SOCKET, SO_ERROR, &answer, &size) == 0 ? answer : 0;
}

finrst_capabilities finrst_get_capabilities(void) {
  static const finrst_capability yes_queue = {true, "the send queue is asked"};
  static const finrst_capability no_queue = {false,
                                             PLATFORM " has no query for the send queue that is known to hold here"};
  finrst_capabilities all = {
      .arm = {true, "SO_LINGER {1,0} from the moment the descriptor is guarded"},
      .abort = {true, "linger {1,0} and the last close"},
      .hold = {true, "the guard owns the descriptor: only it closes"},
      .half_close = {true, "shutdown(SHUT_WR), and receiving goes on"},
      .send_after_peer_fin = {true, "a socket goes on sending after the peer's FIN"},
      .drain = {true, "the descriptor is read to the peer's FIN whenever the guard is processed"},
      .acked = no_queue,
      .linger = {true, "SO_LINGER in seconds"},
      .platform = PLATFORM,
  };
  if (!finrst_engine_load()) return all;
#if defined(DISCONNECT_BY)
  if (can_disconnect())
    all.abort.why = DISCONNECT_BY " resets at once, whoever else holds the socket; then the last close";
#endif
  if (can_ask()) all.acked = yes_queue;
  return all;
}
