// A testee of bare system calls, in C: what the operating system does with a connection that nobody guards.
//
// 1. The protocol is that of spec/testee.md. What bare calls do not have, such as a guard, is not supported.
// 2. Nothing blocks: one loop waits for requests, the listener and the connection; what is not sent is a number of bytes.
// 3. A close does not wait for those bytes, as close() does not: they are lost.
// Build: cc -O1 -o raw raw.c (on illumos with -lsocket -lnsl)
#define _DEFAULT_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <unistd.h>

enum { BLOCK = 65536, LINE = 65536 };

static int listener = -1, conn = -1;
static int reading, ending;
static long written, sent, received;
static unsigned char block[BLOCK];

static void say(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vprintf(format, arguments);
  va_end(arguments);
  putchar('\n');
  fflush(stdout);
}

// Byte i of a direction.
static unsigned char pattern(long i) { return (unsigned char)(i ^ i >> 8 ^ i >> 16); }

static int fail(void) {
  say("{\"ok\":false,\"error\":\"%s\"}", strerror(errno));
  return 0;
}

static int unsupported(const char *what) {
  say("{\"ok\":false,\"unsupported\":true,\"why\":\"bare system calls have no %s\"}", what);
  return 0;
}

// What stands behind "key": in a request, or NULL. The runner writes JSON without blanks.
static const char *value(const char *request, const char *key) {
  char quoted[64];
  snprintf(quoted, sizeof quoted, "\"%s\":", key);
  const char *found = strstr(request, quoted);
  return found ? found + strlen(quoted) : NULL;
}

static int is(const char *at, const char *text) { return at && strncmp(at, text, strlen(text)) == 0; }
static long number(const char *at) { return at ? strtol(at, NULL, 10) : 0; }

static const char *platform(void) {
  static struct utsname name;
  uname(&name);
  if (strcmp(name.sysname, "Darwin") == 0) return "macos";
  if (strcmp(name.sysname, "SunOS") == 0) return "illumos";
  for (char *at = name.sysname; *at; at++)
    if (*at >= 'A' && *at <= 'Z') *at += 'a' - 'A';
  return name.sysname;
}

static int hello(void) {
  say("{\"ok\":true,\"protocol\":1,\"testee\":\"raw-c\",\"version\":\"1\",\"platform\":\"%s\",\"runtime\":\"c\","
      "\"capabilities\":{}}", platform());
  return 0;
}

static int open_listener(const char *request) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  if (!is(value(request, "guard"), "\"none\"")) return unsupported("guard");
  reading = !is(value(request, "unread"), "true");
  listener = socket(AF_INET, SOCK_STREAM, 0);
  if (listener < 0 || bind(listener, (struct sockaddr *)&address, size) < 0 || listen(listener, 1) < 0 ||
      getsockname(listener, (struct sockaddr *)&address, &size) < 0)
    return fail();
  say("{\"ok\":true,\"host\":\"127.0.0.1\",\"port\":%d}", ntohs(address.sin_port));
  return 0;
}

static void accept_peer(void) {
  conn = accept(listener, NULL, NULL);
  fcntl(conn, F_SETFL, fcntl(conn, F_GETFL) | O_NONBLOCK);
  close(listener);
  listener = -1;
  say("{\"event\":\"open\"}");
}

static void lose(void) {
  reading = 0;
  sent = written;
  if (errno == ECONNRESET || errno == EPIPE) say("{\"event\":\"reset\"}");
  else say("{\"event\":\"error\",\"error\":\"%s\"}", strerror(errno));
}

static void receive(void) {
  ssize_t count = recv(conn, block, BLOCK, 0);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (count < 0) { lose(); return; }
  if (count == 0) {
    reading = 0;
    say("{\"event\":\"eof\"}");
    return;
  }
  int good = 1;
  for (ssize_t i = 0; i < count; i++) good &= block[i] == pattern(received + i);
  received += count;
  say("{\"event\":\"read\",\"bytes\":%ld,\"ok\":%s}", (long)count, good ? "true" : "false");
}

// Our FIN, once all before it is in the kernel.
static void finish(void) {
  if (!ending || sent < written) return;
  ending = 0;
  shutdown(conn, SHUT_WR);
  say("{\"event\":\"finished\"}");
}

static void flush(void) {
  while (sent < written) {
    long size = written - sent < BLOCK ? written - sent : BLOCK;
    for (long i = 0; i < size; i++) block[i] = pattern(sent + i);
    ssize_t count = send(conn, block, (size_t)size, 0);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (count < 0) { lose(); return; }
    sent += count;
  }
  finish();
}

static void let_go(void) {
  close(conn);
  conn = -1;
  reading = 0;
  sent = written;
  say("{\"event\":\"closed\"}");
}

// One call; answers whether it is to be told that all is well.
static int call(const char *request) {
  const char *what = value(request, "do");
  if (is(what, "\"hello\"")) return hello();
  if (is(what, "\"open\"")) return open_listener(request);
  if (is(what, "\"exit\"")) _exit((int)number(value(request, "code")));
  if (is(what, "\"abort-process\"")) abort();
  if (is(what, "\"signal\"")) {
    const char *name = value(request, "name");
    int number = is(name, "\"SIGKILL") ? SIGKILL : is(name, "\"SIGTERM") ? SIGTERM : is(name, "\"SIGINT") ? SIGINT : SIGHUP;
    kill(getpid(), number);
    pause();
  }
  if (conn < 0) { errno = ENOTCONN; return fail(); }
  if (is(what, "\"write\"")) { written += number(value(request, "bytes")); flush(); return 1; }
  if (is(what, "\"read\"")) return reading = 1;
  if (is(what, "\"end\"")) { ending = 1; finish(); return 1; }
  if (is(what, "\"destroy\"")) { let_go(); return 1; }
  if (is(what, "\"reset-and-destroy\"")) {
    struct linger now = {1, 0};
    if (setsockopt(conn, SOL_SOCKET, SO_LINGER, &now, sizeof now) < 0) return fail();
    let_go();
    return 1;
  }
  return unsupported("such call");
}

static void obey(const char *request) {
  const char *calls = value(request, "calls");
  if (!calls) {
    if (call(request)) say("{\"ok\":true}");
    return;
  }
  // Each call begins with its "do": the next one ends it.
  int good = 1;
  for (const char *at = strstr(calls, "{\"do\":"); at && good; at = strstr(at + 1, "{\"do\":")) good = call(at);
  if (good) say("{\"ok\":true}");
}

// Takes what came on the standard input; answers 0 at its end.
static int take_requests(void) {
  static char line[LINE];
  static size_t used;
  ssize_t count = read(0, line + used, LINE - 1 - used);
  if (count <= 0) return 0;
  used += (size_t)count;
  for (char *end; (end = memchr(line, '\n', used)) != NULL;) {
    *end = 0;
    obey(line);
    used -= (size_t)(end + 1 - line);
    memmove(line, end + 1, used);
  }
  return 1;
}

int main(void) {
  signal(SIGPIPE, SIG_IGN);
  for (;;) {
    short wanted = (short)((reading ? POLLIN : 0) | (sent < written ? POLLOUT : 0));
    struct pollfd waits[] = {{0, POLLIN, 0}, {listener, POLLIN, 0}, {wanted ? conn : -1, wanted, 0}};
    if (poll(waits, 3, -1) < 0) continue;
    if (waits[0].revents && !take_requests()) return 0;
    if (listener >= 0 && waits[1].revents) accept_peer();
    if (conn < 0 || !waits[2].revents) continue;
    if (reading) receive();
    if (conn >= 0 && sent < written) flush();
  }
}
