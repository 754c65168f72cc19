/* Tests what the library refuses, and that each refusal names the argument, its value and what is allowed. */
#define _DEFAULT_SOURCE 1
#define _DARWIN_C_SOURCE 1
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support.h"

static void check_refusal(int line, int code, int expected, const char *says) {
  if (code != expected) contradict(__FILE__, line, "it answers %d; expected %d", code, expected);
  if (strstr(finrst_message(), says) == NULL)
    contradict(__FILE__, line, "it says: %s; expected: %s", finrst_message(), says);
}
#define REFUSED(call, expected, says) check_refusal(__LINE__, call, expected, says)

static void descriptors_that_are_no_connection(void) {
  int port, pair[2], closed = fcntl(0, F_DUPFD, 100);
  finrst *guard;
  close(closed);
  int null = open("/dev/null", O_RDWR), udp = socket(AF_INET, SOCK_DGRAM, 0), fresh = socket(AF_INET, SOCK_STREAM, 0);
  int listener = listen_on_loopback(&port);
  CHECK_NUMBER(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
  const struct {
    int fd;
    const char *says;
  } cases[] = {
      {-1, "fd is -1, which is closed; expected a connected TCP socket"},
      {closed, "which is closed; expected a connected TCP socket"},
      {null, "which is no socket; expected"},
      {udp, "(SOCK_DGRAM); expected"},
      {pair[0], "(AF_UNIX); expected"},
      {fresh, "which is not connected; expected"},
      {listener, "which is not connected; expected"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    guard = (finrst *)&port;
    REFUSED(finrst_guard(cases[i].fd, NULL, &guard), FINRST_BAD_SOCKET, cases[i].says);
    CHECK(guard == NULL);
  }
  int all[] = {null, udp, fresh, listener, pair[0], pair[1]};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) close(all[i]);
}

static void a_connection_that_the_peer_has_reset(void) {
  int ours, peer;
  finrst *guard;
  connect_pair(&ours, &peer);
  reset_bare(peer);
  char byte;
  CHECK_NUMBER(recv(ours, &byte, 1, MSG_PEEK), -1);
  CHECK(finrst_guard(ours, NULL, &guard) == FINRST_BAD_SOCKET);
  close(ours);
}

static void policies_that_are_none(void) {
  int ours, peer;
  finrst *guard;
  connect_pair(&ours, &peer);
  const struct {
    finrst_policy policy;
    const char *says;
  } cases[] = {
      {{.preset = "lax"}, "preset is \"lax\"; expected one of compatible, strict, manual"},
      {{.preset = ""}, "preset is \"\"; expected one of"},
      {{.on_drop = "abrot"}, "on_drop is \"abrot\"; expected one of close, abort"},
      {{.on_failure = "drain"}, "on_failure is \"drain\"; expected one of abort, close"},
      {{.on_exit = "leave"}, "on_exit is \"leave\"; expected one of abort, close"},
      {{.on_crash = "close"}, "on_crash is \"close\"; expected one of abort, leave"},
      {{.on_peer_fin = "abort"}, "on_peer_fin is \"abort\"; expected one of keep, close"},
      {{.on_unread = "keep"}, "on_unread is \"keep\"; expected one of drain, abort"},
      {{.on_deadline = "close"}, "on_deadline is \"close\"; expected one of abort, detach"},
      {{.confirm = "sure"}, "confirm is \"sure\"; expected one of none, kernel, acked, peer"},
      {{.flush_ms = -1}, "flush_ms is -1; expected milliseconds, 1 ... 2147483647, or 0 for 30000"},
      {{.drain_idle_ms = -5}, "drain_idle_ms is -5; expected"},
      {{.drain_ms = -5}, "drain_ms is -5; expected"},
      {{.drain_bytes = -2}, "drain_bytes is -2; expected"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    REFUSED(finrst_guard(ours, &cases[i].policy, &guard), FINRST_BAD_ARGUMENT, cases[i].says);
    CHECK(guard == NULL);
  }
  /* It was left alone: a bare close is a FIN. */
  close(ours);
  CHECK_ENDING(peer, 0, "eof");
  close(peer);
}

static void arguments_of_commands(void) {
  int peer;
  char byte;
  size_t size = 1;
  finrst *again, *guard = guarded_pair(NULL, &peer);
  REFUSED(finrst_guard(0, NULL, NULL), FINRST_BAD_ARGUMENT, "guard is NULL; expected where");
  REFUSED(finrst_guard(finrst_fd(guard), NULL, &again), FINRST_BAD_ARGUMENT,
          "which is guarded already; expected one guard");
  REFUSED(finrst_close(NULL, -1, NULL), FINRST_BAD_ARGUMENT, "guard is NULL; expected");
  REFUSED(finrst_close(guard, 0, NULL), FINRST_BAD_ARGUMENT,
          "within_ms is 0; expected -1 or milliseconds, 1 ... 2147483647");
  REFUSED(finrst_close(guard, -7, NULL), FINRST_BAD_ARGUMENT, "within_ms is -7; expected");
  REFUSED(finrst_close_confirmed(guard, -1, "sure", NULL), FINRST_BAD_ARGUMENT,
          "confirm is \"sure\"; expected one of none");
  REFUSED(finrst_finish_sending(guard, -2), FINRST_BAD_ARGUMENT, "within_ms is -2; expected");
  REFUSED(finrst_stop_receiving(guard, "later"), FINRST_BAD_ARGUMENT,
          "how is \"later\"; expected one of discard, hold, refuse");
  REFUSED(finrst_stop_receiving(guard, NULL), FINRST_BAD_ARGUMENT, "how is NULL; expected one of");
  REFUSED(finrst_drain(guard, 0), FINRST_BAD_ARGUMENT, "within_ms is 0; expected");
  REFUSED(finrst_finalise(guard, -1, NULL, &size, NULL), FINRST_BAD_ARGUMENT, "buffer is NULL; expected");
  REFUSED(finrst_finalise(guard, -1, &byte, NULL, NULL), FINRST_BAD_ARGUMENT, "size is NULL; expected");
  REFUSED(finrst_set_linger(guard, -2), FINRST_BAD_ARGUMENT, "seconds is -2; expected -1 (off) or seconds, 0 ...");
  REFUSED(finrst_wait(guard, -2, NULL), FINRST_BAD_ARGUMENT, "timeout_ms is -2; expected");
  REFUSED(finrst_wait(guard, 0, NULL), FINRST_NOT_IN_TIME, "there is no verdict within 0 ms");
  CHECK(finrst_armed(guard) && !finrst_ended(guard, NULL));
  finrst_abort(guard, NULL);
  finrst_release(&guard);
  finrst_release(&guard);
  finrst_release(NULL);
  close(peer);
}

static char traced[512];

static void keep_line(const char *line, void *context) {
  (void)context;
  snprintf(traced, sizeof traced, "%s", line);
}

static void words_are_told(void) {
  static const finrst_policy traces = {.trace = keep_line};
  int peer;
  finrst_verdict v;
  char line[200];
  finrst *guard = guarded_pair(&traces, &peer);
  CHECK(strstr(traced, "event=OPEN facts=- rule=open-arms steps=ARM context=") == traced);
  finrst_abort(guard, &v);
  CHECK(strstr(traced, "event=ABORT facts=- rule=abort-resets steps=DISCONNECT,RELEASE,CLOSE,REPORT") == traced);
  finrst_format_verdict(&v, line, sizeof line);
  CHECK_WORD(line, "reset by us (cause abort, rule abort-resets), delivery acked, received unknown");
  CHECK(strstr(finrst_explain(v.rule)->why, "reset") != NULL);
  CHECK(finrst_explain("nothing") == NULL && finrst_explain(NULL) == NULL);
  CHECK(strstr(finrst_strerror(FINRST_BAD_SOCKET), "TCP") != NULL);
  CHECK(finrst_get_capabilities().arm.can);
  finrst_release(&guard);
  close(peer);
}

int main(int argc, char **argv) {
  static const struct test tests[] = {
      TEST(descriptors_that_are_no_connection),
      TEST(a_connection_that_the_peer_has_reset),
      TEST(policies_that_are_none),
      TEST(arguments_of_commands),
      TEST(words_are_told),
  };
  return run_tests(argc, argv, sizeof tests / sizeof *tests, tests);
}
