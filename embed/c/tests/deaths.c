/* Tests what a peer in another process reads when a C program dies, with a guard and without.
 *
 *     deaths [trials]          every cell of the matrix, as tests
 *     deaths --json [trials]   one line of JSON for each cell, for the column of C in the table
 *
 * 1. The program that dies is this one, started anew; the peer is a plain socket, here.
 * 2. It dies once its peer has read what it wrote, so that nothing is under way: `half` has sent the half of what it
 *    promised, `complete` all of it, and with a guard it has declared so.
 */
#define _DEFAULT_SOURCE 1
#define _DARWIN_C_SOURCE 1
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support.h"

#define ANSWER 100000
#define TRIALS 20

static const char *const deaths[] = {"exit", "return", "_exit", "abort", "SIGKILL", "SIGSEGV", "SIGTERM"};
static const char *const situations[] = {"half", "complete"};
enum { DEATHS = sizeof deaths / sizeof *deaths };

/* How the program that dies guards its connection, and what the peer must read by death: f (fin) or r (reset). */
struct guarding {
  const char *name;
  const char *expected[2]; /* half, complete; in the order of `deaths` */
};
static const struct guarding guardings[] = {
    /* What the system does on its own: so it is on Linux. */
    {"none", {"fffffff", "fffffff"}},
    {"compatible", {"rrrrrrr", "fffffff"}},
    {"strict", {"rrrrrrr", "fffffff"}},
    {"manual", {"fffffff", "fffffff"}},
    /* exit() asks the policy; _exit() and signals run no code, so that what is armed is reset. */
    {"on_exit=close", {"ffrrrrr", "fffffff"}},
    {"on_crash=leave", {"rrfffff", "fffffff"}},
    /* Between two messages all is complete; in the middle of the second nothing is. */
    {"message=complete", {"fffffff", "fffffff"}},
    {"message=begun", {"rrrrrrr", "fffffff"}},
};
enum { GUARDINGS = sizeof guardings / sizeof *guardings };

/* ---- The program that dies --------------------------------------------------------------------------------------- */

static int die(const char *how) {
  static const struct {
    const char *name;
    int number;
  } signals[] = {{"SIGKILL", SIGKILL}, {"SIGSEGV", SIGSEGV}, {"SIGTERM", SIGTERM}};
  struct rlimit no_core = {0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  if (strcmp(how, "return") == 0) return 0;
  if (strcmp(how, "exit") == 0) exit(0);
  if (strcmp(how, "_exit") == 0) _exit(0);
  if (strcmp(how, "abort") == 0) abort();
  for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
    if (strcmp(signals[i].name, how) != 0) continue;
    signal(signals[i].number, SIG_DFL); /* a sanitizer may have one of its own */
    kill(getpid(), signals[i].number);
  }
  sleep(PATIENCE_MS / 1000);
  return 9;
}

static int serve_and_die(const char *how, const char *situation, const char *guarding, int port) {
  int fd = connect_to(port);
  size_t size = strcmp(situation, "half") == 0 ? ANSWER / 2 : ANSWER;
  unsigned char *bytes = counted_bytes(size);
  finrst_policy policy = {.preset = strchr(guarding, '=') == NULL ? guarding : NULL};
  if (strcmp(guarding, "on_exit=close") == 0) policy.on_exit = "close";
  if (strcmp(guarding, "on_crash=leave") == 0) policy.on_crash = "leave";
  finrst *guard = NULL;
  char byte;
  if (strcmp(guarding, "none") == 0) {
    write_all(fd, bytes, size);
  } else {
    if (finrst_guard(fd, &policy, &guard) != 0 || finrst_write(guard, bytes, size) != (ssize_t)size) return 8;
    if (strncmp(guarding, "message=", 8) == 0) finrst_complete_message(guard);
    if (strcmp(guarding, "message=begun") == 0) finrst_begin_message(guard);
    if (size == ANSWER && finrst_finish_sending(guard, -1) != 0) return 7;
  }
  if ((guard == NULL ? recv(fd, &byte, 1, 0) : finrst_read(guard, &byte, 1)) != 1) return 6;
  free(bytes);
  return die(how);
}

/* ---- The peer ---------------------------------------------------------------------------------------------------- */

static const char *self;

static pid_t start(const char *how, const char *situation, const char *guarding, int port) {
  char number[16];
  snprintf(number, sizeof number, "%d", port);
  pid_t child = fork();
  if (child == 0) {
    execl(self, self, "--die", how, situation, guarding, number, (char *)NULL);
    _exit(127);
  }
  return child;
}

/* What the peer reads: 'f' for the end of the stream behind all that was sent, 'r' for a reset, else '?'. */
static char peer_reads(const char *how, const char *situation, const char *guarding) {
  int port, listener = listen_on_loopback(&port), status;
  long sent = strcmp(situation, "half") == 0 ? ANSWER / 2 : ANSWER, count = 0;
  unsigned char buffer[65536];
  pid_t child = start(how, situation, guarding, port);
  struct pollfd ready = {listener, POLLIN, 0};
  int peer = poll(&ready, 1, PATIENCE_MS) == 1 ? accept(listener, NULL, NULL) : -1;
  close(listener);
  while (peer >= 0 && count < sent) {
    ssize_t more = recv(peer, buffer, sizeof buffer, 0);
    if (more <= 0) break;
    count += more;
  }
  struct ending ending = {0, "nothing", true};
  if (count == sent && send(peer, "!", 1, MSG_NOSIGNAL) == 1) ending = read_to_end(peer);
  if (peer < 0) kill(child, SIGKILL);
  waitpid(child, &status, 0);
  if (peer >= 0) close(peer);
  bool died = WIFSIGNALED(status) || WEXITSTATUS(status) == 0;
  if (!died || ending.bytes != 0) return '?';
  return ending.how[0] == 'e' ? 'f' : ending.how[0] == 'r' ? 'r' : '?';
}

/* The reading of all trials, or '?' if they differ. */
static char reading_of(const char *how, const char *situation, const char *guarding, int trials) {
  char first = peer_reads(how, situation, guarding);
  for (int trial = 1; trial < trials; trial++) {
    if (peer_reads(how, situation, guarding) != first) return '?';
  }
  return first;
}

static const char *word(char reading) {
  return reading == 'f' ? "fin" : reading == 'r' ? "reset" : "unknown";
}

static void tell(int guarding, int situation, int death, char reading, int trials) {
#if defined(__clang__)
  const char *compiler = "clang " __clang_version__;
#else
  const char *compiler = "gcc " __VERSION__;
#endif
  char version[80];
#if defined(__GLIBC__)
  snprintf(version, sizeof version, "%s, glibc %d.%d", compiler, __GLIBC__, __GLIBC_MINOR__);
#else
  snprintf(version, sizeof version, "%s", compiler);
#endif
  printf(
      "{\"language\":\"c\",\"version\":\"%s\",\"guard\":\"%s\",\"death\":\"%s\",\"situation\":\"%s\",\"read\":\"%s\","
      "\"trials\":%d}\n",
      version, guardings[guarding].name, deaths[death], situations[situation], word(reading), trials);
  fflush(stdout);
}

int main(int argc, char **argv) {
  self = argv[0];
  if (argc == 6 && strcmp(argv[1], "--die") == 0) return serve_and_die(argv[2], argv[3], argv[4], atoi(argv[5]));
  bool json = argc > 1 && strcmp(argv[1], "--json") == 0;
  int trials = argc > 1 + json ? atoi(argv[1 + json]) : TRIALS;
  int passed = 0, failed = 0, cells = GUARDINGS * 2 * DEATHS;
  for (int cell = 0; cell < cells; cell++) {
    int guarding = cell / (2 * DEATHS), situation = cell / DEATHS % 2, death = cell % DEATHS;
    char reading = reading_of(deaths[death], situations[situation], guardings[guarding].name, trials);
    char expected = guardings[guarding].expected[situation][death];
    if (json && guarding < 2) tell(guarding, situation, death, reading, trials);
    if (reading == expected) passed++;
    else failed++;
    if (reading != expected) {
      fprintf(stderr, "FAIL  guard %s, %s, %s: the peer reads %s; expected %s\n", guardings[guarding].name,
              deaths[death], situations[situation], word(reading), word(expected));
    }
  }
  if (!json) printf("%d passed, %d failed\n", passed, failed);
  return failed > 0;
}
