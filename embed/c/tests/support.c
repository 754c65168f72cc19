/* Helpers of the tests. */
#define _DEFAULT_SOURCE 1
#define _DARWIN_C_SOURCE 1
#include "support.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static const char *running = "?";
static atomic_int contradictions;

void contradict(const char *file, int line, const char *format, ...) {
  va_list values;
  contradictions++;
  fprintf(stderr, "FAIL  %s\n      %s:%d: ", running, file, line);
  va_start(values, format);
  vfprintf(stderr, format, values);
  va_end(values);
  fputc('\n', stderr);
}

void check_number(const char *file, int line, const char *what, long long is, long long expected) {
  if (is != expected) contradict(file, line, "%s is %lld; expected %lld (%s)", what, is, expected, finrst_message());
}

void check_word(const char *file, int line, const char *what, const char *is, const char *expected) {
  if (is == NULL || strcmp(is, expected) != 0) contradict(file, line, "%s is %s; expected %s", what, is, expected);
}

int run_tests(int argc, char **argv, int count, const struct test *tests) {
  int passed = 0, failed = 0;
  alarm(ALARM_SECONDS);
  for (int i = 0; i < count; i++) {
    if (argc > 1 && strstr(tests[i].name, argv[1]) == NULL) continue;
    int before = contradictions, descriptors = open_descriptors();
    running = tests[i].name;
    tests[i].run();
    CHECK_NUMBER(open_descriptors(), descriptors);
    if (contradictions == before) passed++;
    else failed++;
  }
  printf("%d passed, %d failed\n", passed, failed);
  return failed > 0;
}

static void must(bool is, const char *what) {
  if (is) return;
  perror(what);
  exit(2);
}

int listen_on_loopback(int *port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  must(bind(listener, (struct sockaddr *)&address, size) == 0 && listen(listener, 16) == 0, "listen");
  must(getsockname(listener, (struct sockaddr *)&address, &size) == 0, "getsockname");
  *port = ntohs(address.sin_port);
  return listener;
}

int connect_to(int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  address.sin_port = htons((in_port_t)port);
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  must(connect(fd, (struct sockaddr *)&address, sizeof address) == 0, "connect");
  struct timeval patience = {PATIENCE_MS / 1000, 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  return fd;
}

void connect_pair(int *ours, int *theirs) {
  int port;
  int listener = listen_on_loopback(&port);
  *theirs = connect_to(port);
  *ours = accept(listener, NULL, NULL);
  must(*ours >= 0, "accept");
  close(listener);
}

finrst *guarded_pair(const finrst_policy *policy, int *theirs) {
  finrst *guard;
  int ours;
  connect_pair(&ours, theirs);
  if (finrst_guard(ours, policy, &guard) == 0) return guard;
  fprintf(stderr, "%s\n", finrst_message());
  exit(2);
}

struct ending read_to_end(int fd) {
  static _Thread_local unsigned char buffer[100000];
  struct ending ending = {0, "eof", true};
  ssize_t count;
  while ((count = recv(fd, buffer, sizeof buffer, 0)) > 0) {
    for (ssize_t i = 0; i < count; i++) ending.intact &= buffer[i] == (unsigned char)(ending.bytes + i);
    ending.bytes += count;
  }
  if (count < 0) ending.how = errno == ECONNRESET ? "reset" : "nothing";
  return ending;
}

void check_ending(const char *file, int line, int fd, long bytes, const char *how) {
  struct ending ending = read_to_end(fd);
  if (bytes >= 0 && ending.bytes != bytes)
    contradict(file, line, "the peer reads %ld bytes; expected %ld", ending.bytes, bytes);
  if (strcmp(ending.how, how) != 0) contradict(file, line, "the peer reads %s; expected %s", ending.how, how);
}

static void *read_in_thread(void *argument) {
  struct reader *reader = argument;
  reader->ending = read_to_end(reader->fd);
  close(reader->fd);
  return NULL;
}

void start_reader(struct reader *reader, int fd) {
  reader->fd = fd;
  must(pthread_create(&reader->thread, NULL, read_in_thread, reader) == 0, "pthread_create");
}

void unblock(int fd) {
  fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

void reset_bare(int fd) {
  struct linger at_once = {1, 0};
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close(fd);
}

void write_all(int fd, const void *data, size_t size) {
  must(send(fd, data, size, 0) == (ssize_t)size, "send");
}

unsigned char *counted_bytes(size_t size) {
  unsigned char *bytes = malloc(size);
  must(bytes != NULL, "malloc");
  for (size_t i = 0; i < size; i++) bytes[i] = (unsigned char)i;
  return bytes;
}

void until(const char *file, int line, bool (*is)(void *), void *of) {
  for (int waited = 0; waited < PATIENCE_MS; waited++) {
    if (is(of)) return;
    poll(NULL, 0, 1);
  }
  contradict(file, line, "it has not come to this in %d ms", PATIENCE_MS);
}

int open_descriptors(void) {
  int count = 0;
  for (int fd = 0; fd < 1024; fd++) count += fcntl(fd, F_GETFD) >= 0;
  return count;
}
