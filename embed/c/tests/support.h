/* What the tests share: a count of what passed, connected sockets, and a peer that tells a FIN from a reset. */
#ifndef FINRST_SUPPORT_H
#define FINRST_SUPPORT_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "../finrst.h"

#define PATIENCE_MS 20000
#define ALARM_SECONDS 240 /* what still runs by then hangs, and is ended by a signal */
#define BIG 10000000

struct test {
  const char *name;
  void (*run)(void);
};
#define TEST(name) \
  { #name, name }

/* Runs the tests, those whose name contains argv[1] if it is there, and ends with the line `N passed, N failed`. The
 * exit code is 1 if one failed. */
int run_tests(int argc, char **argv, int count, const struct test *tests);

/* Tells a contradiction, and lets the test that runs fail. */
void contradict(const char *file, int line, const char *format, ...) __attribute__((format(printf, 3, 4)));
#define CHECK(condition)                                                \
  do {                                                                  \
    if (!(condition)) contradict(__FILE__, __LINE__, "%s", #condition); \
  } while (0)

/* A number, or a word, that must be another one. */
void check_number(const char *file, int line, const char *what, long long is, long long expected);
void check_word(const char *file, int line, const char *what, const char *is, const char *expected);
#define CHECK_NUMBER(is, expected) check_number(__FILE__, __LINE__, #is, (is), (expected))
#define CHECK_WORD(is, expected) check_word(__FILE__, __LINE__, #is, (is), (expected))

/* Our end and the peer's, over loopback. */
void connect_pair(int *ours, int *theirs);

/* The same with our end guarded. */
finrst *guarded_pair(const finrst_policy *policy, int *theirs);

/* A listener on loopback, at a port that the system chooses. */
int listen_on_loopback(int *port);
int connect_to(int port);

/* How many bytes a plain socket reads, and what behind them: "eof", "reset", or "nothing" in time. */
struct ending {
  long bytes;
  const char *how;
  bool intact; /* byte i was (unsigned char)i */
};
struct ending read_to_end(int fd);
void check_ending(const char *file, int line, int fd, long bytes, const char *how);
#define CHECK_ENDING(fd, bytes, how) check_ending(__FILE__, __LINE__, fd, bytes, how)

/* A thread that reads to the end and closes; join it for what it saw. */
struct reader {
  pthread_t thread;
  int fd;
  struct ending ending;
};
void start_reader(struct reader *reader, int fd);

void unblock(int fd);
void reset_bare(int fd);
void write_all(int fd, const void *data, size_t size);

/* Bytes whose number i is (unsigned char)i, to be freed. */
unsigned char *counted_bytes(size_t size);

/* Waits until something is so, or contradicts. */
void until(const char *file, int line, bool (*is)(void *), void *of);
#define UNTIL(is, of) until(__FILE__, __LINE__, is, of)

int open_descriptors(void);

#endif
