/* The testee of the C library: one guarded connection in an event loop, driven by the line protocol of spec/testee.md.
 *
 * 1. One thread, one poll(): a request is served at once, and what it began goes on between requests.
 * 2. A write is taken as far as the kernel takes it; the rest is owed, and written when poll() says so.
 * 3. What C has no call for is declared unsupported: exceptions, and a runtime's own reset.
 */
#define _DEFAULT_SOURCE 1
#define _DARWIN_C_SOURCE 1
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "finrst.h"
#include "tests/request.h"

#if defined(__clang__)
static const char compiler[] = "clang " __clang_version__;
#else
static const char compiler[] = "gcc " __VERSION__;
#endif

static FILE *out; /* the reply, before it is said */

/* ---- The connection ---------------------------------------------------------------------------------------------- */

static struct {
  int listener, fd;
  bool guarded, unread, reading, finish_asked, closed_told;
  finrst *guard;
  finrst_policy policy;
  unsigned char *out; /* what is still to be written: out_size bytes from out_at on */
  size_t out_at, out_size;
  long written, received;
  unsigned char *rest;
  long rest_from;
} t = {.listener = -1, .fd = -1};

static unsigned char pattern(long i) {
  return (unsigned char)(i ^ i >> 8 ^ i >> 16);
}

static bool matches(const unsigned char *bytes, size_t count, long from) {
  for (size_t i = 0; i < count; i++) {
    if (bytes[i] != pattern(from + (long)i)) return false;
  }
  return true;
}

static void said(void) {
  putchar('\n');
  fflush(stdout);
}

static void tell(const char *event) {
  printf("{\"event\":\"%s\"}", event);
  said();
}

static void fail_with(const char *why) {
  fprintf(out, "{\"ok\":false,\"error\":\"");
  for (; *why != 0; why++) {
    if (*why == '"' || *why == '\\') fputc('\\', out);
    fputc(*why, out);
  }
  fprintf(out, "\"}");
}

static void unsupported(const char *why, const char *what) {
  fprintf(out, "{\"ok\":false,\"unsupported\":true,\"why\":\"%s%s\"}", why, what);
}

/* Replies what a call of the library came to. */
static void reply(int code) {
  if (code == FINRST_OK || code == FINRST_OTHERWISE || code == FINRST_NOT_IN_TIME) fprintf(out, "{\"ok\":true}");
  else fail_with(finrst_message());
}

static void trace(const char *decision, void *context) {
  (void)context;
  fprintf(stderr, "%s\n", decision);
}

static void accept_peer(void) {
  t.fd = accept(t.listener, NULL, NULL);
  close(t.listener);
  t.listener = -1;
  fcntl(t.fd, F_SETFL, fcntl(t.fd, F_GETFL) | O_NONBLOCK);
  if (t.guarded && finrst_guard(t.fd, &t.policy, &t.guard) != 0) {
    printf("{\"event\":\"error\",\"error\":\"%s\"}", finrst_message());
    said();
    return;
  }
  t.reading = !t.unread;
  tell("open");
}

static void read_some(void) {
  static unsigned char buffer[1 << 16];
  ssize_t count = t.guard ? finrst_read(t.guard, buffer, sizeof buffer) : recv(t.fd, buffer, sizeof buffer, 0);
  if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
  if (count <= 0) t.reading = false;
  if (count > 0) {
    const char *right = matches(buffer, (size_t)count, t.received) ? "true" : "false";
    printf("{\"event\":\"read\",\"bytes\":%zd,\"ok\":%s}", count, right);
    said();
    t.received += count;
  } else if (count == 0 || errno == ECONNRESET) {
    tell(count == 0 ? "eof" : "reset");
  }
}

static void write_some(void) {
  if (t.out_size == 0) return;
  ssize_t count = t.guard ? finrst_write(t.guard, t.out + t.out_at, t.out_size)
                          : send(t.fd, t.out + t.out_at, t.out_size, MSG_NOSIGNAL);
  if (count < 0 && errno != EAGAIN && errno != EWOULDBLOCK) t.out_size = 0;
  if (count <= 0) return;
  t.out_at += (size_t)count;
  t.out_size -= (size_t)count;
}

/* Our FIN, once everything is written. */
static void finish_if_asked(void) {
  if (!t.finish_asked) return;
  if (t.guard == NULL && t.out_size > 0) return;
  int code = t.guard ? finrst_finish_sending(t.guard, 0) : shutdown(t.fd, SHUT_WR);
  if (code == FINRST_NOT_IN_TIME) return;
  t.finish_asked = false;
  if (code != 0) return;
  tell("finished");
}

static void tell_closed(void) {
  if (t.closed_told || t.guard == NULL || finrst_fd(t.guard) >= 0) return;
  t.closed_told = true;
  if (t.reading) read_some(); /* how it ended, if the peer ended it */
  tell("closed");
}

/* Tells what has happened to the connection. */
static void tell_changes(void) {
  if (t.fd < 0) return;
  finish_if_asked();
  tell_closed();
}

/* Waits once for the connection, and for a request if `also_input`; answers whether there is one. */
static bool pump(bool also_input) {
  int timeout = -1;
  short guards = t.guard ? finrst_poll_events(t.guard, &timeout) : 0;
  if (t.guard != NULL && finrst_fd(t.guard) < 0) timeout = -1;
  short ours = (short)((t.reading ? POLLIN : 0) | (t.out_size > 0 ? POLLOUT : 0));
  int fd = t.listener >= 0 ? t.listener : t.guard ? finrst_fd(t.guard) : ours != 0 ? t.fd : -1;
  struct pollfd ready[2] = {
      {fd, t.listener >= 0 ? POLLIN : (short)(ours | guards), 0},
      {also_input ? STDIN_FILENO : -1, POLLIN, 0},
  };
  /* What poll() tells of the ending of a connection that nobody reads now would only spin. */
  bool quiet = t.listener < 0 && ready[0].events == 0;
  if (quiet && t.guard == NULL) ready[0].fd = -1;
  poll(ready, 2, timeout);
  if (t.listener >= 0) {
    if (ready[0].revents != 0) accept_peer();
  } else if (t.guard != NULL || t.fd >= 0) {
    if (ready[0].revents & (POLLOUT | POLLERR | POLLHUP)) write_some();
    if (t.reading && ready[0].revents & (POLLIN | POLLERR | POLLHUP)) read_some();
    if (t.guard != NULL) finrst_process(t.guard, ready[0].revents);
    tell_changes();
  }
  if (quiet && ready[0].revents != 0) poll(NULL, 0, 5);
  return ready[1].revents != 0;
}

/* ---- Requests ---------------------------------------------------------------------------------------------------- */

static void hello(void) {
  finrst_capabilities all = finrst_get_capabilities();
  static const char *const names[] = {"arm",   "abort", "hold",  "halfClose", "sendAfterPeerFin",
                                      "drain", "acked", "linger"};
  const finrst_capability list[] = {all.arm,   all.abort, all.hold,  all.half_close, all.send_after_peer_fin,
                                    all.drain, all.acked, all.linger};
  fprintf(out, "{\"ok\":true,\"protocol\":1,\"testee\":\"finrst-c\",\"version\":\"0.1.0\",\"platform\":\"%s\",",
          all.platform);
  fprintf(out, "\"runtime\":\"%s\",\"capabilities\":{", compiler);
  for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
    const char *can = list[i].can ? "true" : "false";
    fprintf(out, "%s\"%s\":{\"can\":%s,\"why\":\"%s\"}", i > 0 ? "," : "", names[i], can, list[i].why);
  }
  fprintf(out, "}}");
}

static void open_listener(int request) {
  const char *preset = text(find(request, "guard"), "compatible");
  t.guarded = strcmp(preset, "none") != 0;
  t.unread = is_true(find(request, "unread"));
  t.policy = (finrst_policy){.preset = strdup(preset)};
  /* As a runtime that does not keep half-open connections, unless the script wants them or the preset does. */
  if (!is_true(find(request, "halfOpen")) && strcmp(preset, "strict") != 0) t.policy.on_peer_fin = "close";
  read_policy(find(request, "policy"), &t.policy);
  if (getenv("FINRST_TRACE") != NULL) t.policy.trace = trace;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  t.listener = socket(AF_INET, SOCK_STREAM, 0);
  if (bind(t.listener, (struct sockaddr *)&address, size) != 0 || listen(t.listener, 1) != 0 ||
      getsockname(t.listener, (struct sockaddr *)&address, &size) != 0)
    fail_with(strerror(errno));
  else fprintf(out, "{\"ok\":true,\"host\":\"127.0.0.1\",\"port\":%d}", ntohs(address.sin_port));
}

static void accept_write(long bytes) {
  unsigned char *all = malloc(t.out_size + (size_t)bytes + 1);
  if (all == NULL) abort();
  if (t.out_size > 0) memcpy(all, t.out + t.out_at, t.out_size);
  for (long i = 0; i < bytes; i++) all[t.out_size + (size_t)i] = pattern(t.written + i);
  free(t.out);
  t.out = all;
  t.out_at = 0;
  t.out_size += (size_t)bytes;
  t.written += bytes;
  write_some();
  fprintf(out, "{\"ok\":true}");
}

static void tell_verdict(void) {
  finrst_verdict v;
  while (!finrst_ended(t.guard, &v)) pump(false);
  fprintf(out,
          "{\"ok\":true,\"verdict\":{\"ended\":\"%s\",\"by\":\"%s\",\"cause\":\"%s\",\"delivery\":\"%s\",\"received\":"
          "\"%s\",",
          v.ended, v.by, v.cause, v.delivery, v.received);
  if (v.unsent >= 0) fprintf(out, "\"unsent\":%lld,", (long long)v.unsent);
  fprintf(out, "\"certainty\":\"%s\",\"rule\":\"%s\"}}", v.certainty, v.rule);
}

static void tell_state(void) {
  int seconds = -1;
  if (finrst_linger(t.guard, &seconds) != 0) {
    fail_with(finrst_message());
    return;
  }
  fprintf(out, "{\"ok\":true,\"armed\":%s,\"linger\":", finrst_armed(t.guard) ? "true" : "false");
  if (seconds < 0) fprintf(out, "null");
  else fprintf(out, "%d", seconds);
  int64_t unsent = finrst_unsent(t.guard);
  if (unsent < 0) fprintf(out, ",\"unsent\":null}");
  else fprintf(out, ",\"unsent\":%lld}", (long long)unsent);
}

static void finalise(int request) {
  long limit = number(find(request, "limit"), 2 << 20);
  t.reading = false;
  t.rest_from = t.received;
  t.rest = malloc((size_t)limit + 1);
  reply(finrst_begin_finalise(t.guard, (int)number(find(request, "within"), -1), t.rest, (size_t)limit));
}

static void tell_rest(void) {
  while (!finrst_ended(t.guard, NULL)) pump(false);
  size_t count = finrst_rest(t.guard);
  fprintf(out, "{\"ok\":true,\"bytes\":%zu,\"intact\":%s}", count,
          matches(t.rest, count, t.rest_from) ? "true" : "false");
}

/* The reply is the death of the process. */
static void die(const char *call, int request) {
  static const struct {
    const char *name;
    int signal;
  } signals[] = {
      {"SIGKILL", SIGKILL}, {"SIGTERM", SIGTERM}, {"SIGINT", SIGINT}, {"SIGHUP", SIGHUP}, {"SIGSEGV", SIGSEGV},
  };
  const char *name = text(find(request, "name"), "");
  if (strcmp(call, "exit") == 0) exit((int)number(find(request, "code"), 0));
  if (strcmp(call, "abort-process") == 0) abort();
  for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
    if (strcmp(signals[i].name, name) == 0) kill(getpid(), signals[i].signal);
  }
  unsupported("there is no signal ", name);
}

static bool is(const char *call, const char *name) {
  return strcmp(call, name) == 0;
}

static void guard_call(const char *call, int request) {
  int within = (int)number(find(request, "within"), -1);
  if (t.guard == NULL) unsupported("the connection is not guarded", "");
  else if (is(call, "close")) reply(finrst_begin_close(t.guard, within, text(find(request, "confirm"), NULL)));
  else if (is(call, "abort")) reply(finrst_abort(t.guard, NULL));
  else if (is(call, "fail")) reply(finrst_fail(t.guard, 0, NULL));
  else if (is(call, "stop")) reply(finrst_stop_receiving(t.guard, text(find(request, "how"), "")));
  else if (is(call, "finalise")) finalise(request);
  else if (is(call, "dispose")) reply(finrst_drop(t.guard));
  else if (is(call, "linger")) reply(finrst_set_linger(t.guard, (int)number(find(request, "seconds"), -1)));
  else if (is(call, "verdict")) tell_verdict();
  else if (is(call, "state")) tell_state();
  else if (is(call, "rest")) tell_rest();
  else unsupported("C has no exceptions and nothing that would make the call ", call);
}

/* The calls that are made on the descriptor itself where there is no guard. */
static void bare_call(const char *call) {
  if (is(call, "destroy") && t.guard != NULL) {
    finrst_drop(t.guard);
  } else if (is(call, "destroy")) {
    close(t.fd);
    t.fd = -1;
    t.reading = false;
    tell("closed");
  } else {
    t.finish_asked = true;
    if (t.guard != NULL) finrst_finish_sending(t.guard, 0);
  }
  reply(FINRST_OK);
}

static void obey(int request);

/* One reply for all of them, with nothing between. */
static void together(int request) {
  int calls = find(request, "calls");
  for (int i = calls + 1; calls >= 0 && i < token_count; i++) {
    if (tokens[i].parent != calls) continue;
    rewind(out);
    obey(i);
  }
}

static void obey(int request) {
  const char *call = text(find(request, "do"), "");
  if (is(call, "hello")) {
    hello();
  } else if (is(call, "open")) {
    open_listener(request);
  } else if (t.fd < 0 && t.guard == NULL) {
    fail_with("there is no connection");
  } else if (is(call, "together")) {
    together(request);
  } else if (is(call, "write")) {
    accept_write(number(find(request, "bytes"), 0));
  } else if (is(call, "read")) {
    t.reading = true;
    reply(FINRST_OK);
  } else if (is(call, "end") || is(call, "destroy") || (is(call, "finish") && t.guard != NULL)) {
    bare_call(call);
  } else if (is(call, "exit") || is(call, "abort-process") || is(call, "signal")) {
    die(call, request);
  } else {
    guard_call(call, request);
  }
}

static void serve(void) {
  char *answer = NULL;
  size_t size = 0;
  out = open_memstream(&answer, &size);
  if (parse_line()) obey(0);
  else fail_with("the line is no JSON");
  fclose(out);
  fputs(answer, stdout);
  free(answer);
  said();
  tell_changes();
}

/* Serves the requests that have come, one line each; false at the end of the input. */
static bool serve_input(void) {
  static char input[LINE_MOST];
  static size_t count;
  ssize_t more = read(STDIN_FILENO, input + count, sizeof input - count);
  if (more <= 0) return false;
  count += (size_t)more;
  for (char *end; (end = memchr(input, '\n', count)) != NULL;) {
    size_t size = (size_t)(end - input);
    memcpy(line, input, size);
    line[size] = 0;
    count -= size + 1;
    memmove(input, end + 1, count);
    serve();
  }
  return true;
}

int main(void) {
  do {
    while (!pump(true)) continue;
  } while (serve_input());
  _exit(0);
}
