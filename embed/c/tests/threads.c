/* Tests guards that several threads use, and what a fork is for them. */
#define _DEFAULT_SOURCE 1
#define _DARWIN_C_SOURCE 1
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support.h"

/* ---- Threads ----------------------------------------------------------------------------------------------------- */

struct call {
  finrst *guard;
  const unsigned char *bytes;
  ssize_t result;
  int error;
  atomic_bool done;
};

static void *write_in_thread(void *argument) {
  struct call *call = argument;
  call->result = finrst_write(call->guard, call->bytes, BIG);
  call->error = errno;
  return NULL;
}

static void *read_in_thread(void *argument) {
  struct call *call = argument;
  char byte;
  call->result = finrst_read(call->guard, &byte, 1);
  call->error = errno;
  return NULL;
}

static bool has_unsent(void *guard) {
  return finrst_unsent(guard) > BIG / 2;
}

static void a_close_waits_for_the_write_of_another_thread(void) {
  int peer;
  pthread_t thread;
  struct reader reader;
  finrst_verdict v;
  finrst *guard = guarded_pair(NULL, &peer);
  unsigned char *bytes = counted_bytes(BIG);
  struct call call = {.guard = guard, .bytes = bytes};
  pthread_create(&thread, NULL, write_in_thread, &call);
  UNTIL(has_unsent, guard);
  start_reader(&reader, peer);
  CHECK_NUMBER(finrst_close(guard, PATIENCE_MS, &v), 0);
  pthread_join(thread, NULL);
  pthread_join(reader.thread, NULL);
  CHECK_NUMBER(call.result, BIG);
  CHECK_NUMBER(reader.ending.bytes, BIG);
  CHECK_WORD(reader.ending.how, "eof");
  finrst_release(&guard);
  free(bytes);
}

static void a_drop_that_overtakes_a_write_resets(void) {
  int peer;
  pthread_t thread;
  finrst_verdict v;
  finrst *guard = guarded_pair(NULL, &peer);
  unsigned char *bytes = counted_bytes(BIG);
  struct call call = {.guard = guard, .bytes = bytes};
  pthread_create(&thread, NULL, write_in_thread, &call);
  UNTIL(has_unsent, guard);
  finrst_drop(guard);
  pthread_join(thread, NULL);
  CHECK(call.result < BIG);
  CHECK(finrst_ended(guard, &v));
  CHECK_WORD(v.rule, "discard-resets");
  CHECK_WORD(v.delivery, "lost");
  CHECK_ENDING(peer, -1, "reset");
  finrst_release(&guard);
  close(peer);
  free(bytes);
}

static void an_abort_wakes_a_reader(void) {
  int peer;
  pthread_t thread;
  finrst *guard = guarded_pair(NULL, &peer);
  struct call call = {.guard = guard};
  pthread_create(&thread, NULL, read_in_thread, &call);
  poll(NULL, 0, 20); /* so that it most likely waits by then; it must be woken in either case */
  finrst_abort(guard, NULL);
  pthread_join(thread, NULL);
  CHECK_NUMBER(call.result, -1);
  CHECK_NUMBER(call.error, EBADF);
  CHECK_ENDING(peer, 0, "reset");
  finrst_release(&guard);
  close(peer);
}

static void nothing(int signal) {
  (void)signal;
}

static void *read_and_tell(void *argument) {
  struct call *call = argument;
  read_in_thread(call);
  atomic_store(&call->done, true);
  return NULL;
}

static void a_signal_ends_the_waiting_of_a_read_and_nothing_else(void) {
  int peer;
  pthread_t thread;
  finrst *guard = guarded_pair(NULL, &peer);
  struct call call = {.guard = guard};
  struct sigaction handler = {.sa_handler = nothing, .sa_flags = SA_RESTART};
  sigaction(SIGUSR1, &handler, NULL);
  pthread_create(&thread, NULL, read_and_tell, &call);
  while (!atomic_load(&call.done)) {
    pthread_kill(thread, SIGUSR1);
    poll(NULL, 0, 1);
  }
  pthread_join(thread, NULL);
  CHECK_NUMBER(call.result, -1);
  CHECK_NUMBER(call.error, EINTR);
  CHECK(finrst_armed(guard));
  finrst_abort(guard, NULL);
  finrst_release(&guard);
  close(peer);
}

static void *end_many(void *unused) {
  for (int i = 0; i < 30; i++) {
    int peer, seconds = 9;
    finrst *guard = guarded_pair(NULL, &peer);
    finrst_linger(guard, &seconds);
    CHECK_NUMBER(seconds, 0);
    finrst_set_linger(guard, -1);
    finrst_linger(guard, &seconds);
    CHECK_NUMBER(seconds, -1);
    finrst_write(guard, "x", 1);
    if (i % 2 == 0) {
      finrst_close(guard, PATIENCE_MS, NULL);
      CHECK_ENDING(peer, 1, "eof");
    } else {
      finrst_abort(guard, NULL);
      CHECK_ENDING(peer, -1, "reset");
    }
    close(peer);
    finrst_release(&guard);
  }
  return unused;
}

static void guards_of_different_threads_are_independent(void) {
  pthread_t threads[8];
  for (size_t i = 0; i < 8; i++) pthread_create(&threads[i], NULL, end_many, NULL);
  for (size_t i = 0; i < 8; i++) pthread_join(threads[i], NULL);
}

/* One connection, ended in one of several ways; its peer reads to the end and closes. */
static void connection(int number) {
  int peer;
  char rest[100];
  size_t size = sizeof rest;
  struct reader reader;
  finrst *guard = guarded_pair(NULL, &peer);
  start_reader(&reader, peer);
  finrst_write(guard, "some bytes", 10);
  switch (number % 6) {
    case 0: finrst_close(guard, PATIENCE_MS, NULL); break;
    case 1: finrst_abort(guard, NULL); break;
    case 2: finrst_drop(guard); break;
    case 3: finrst_finish_sending(guard, PATIENCE_MS); break;
    case 4: finrst_fail(guard, EIO, NULL); break;
    case 5: finrst_finalise(guard, PATIENCE_MS, rest, &size, NULL); break;
    default: break;
  }
  finrst_release(&guard);
  pthread_join(reader.thread, NULL);
}

static void nothing_is_left_of_many_connections(void) {
  const char *wanted = getenv("FINRST_CONNECTIONS");
  int before = open_descriptors(), connections = wanted == NULL ? 500 : atoi(wanted);
  for (int i = 0; i < connections; i++) connection(i);
  CHECK_NUMBER(open_descriptors(), before);
}

/* ---- fork -------------------------------------------------------------------------------------------------------- */

static void a_child_lets_go_of_its_parents_guards(void) {
  int peer;
  finrst *guard = guarded_pair(NULL, &peer);
  finrst_write(guard, "first", 5);
  pid_t child = fork();
  if (child == 0) {
    int code = finrst_write(guard, "no", 2) == -1 && finrst_close(guard, -1, NULL) == FINRST_FORKED ? 0 : 9;
    if (finrst_fd(guard) != -1) code = 8;
    finrst_release(&guard);
    exit(code); /* runs the handler of the library too */
  }
  int status;
  waitpid(child, &status, 0);
  CHECK_NUMBER(WEXITSTATUS(status), 0);
  CHECK_NUMBER(finrst_write(guard, "second", 6), 6);
  CHECK_NUMBER(finrst_close(guard, PATIENCE_MS, NULL), 0);
  CHECK_ENDING(peer, 11, "eof");
  close(peer);
  finrst_release(&guard);
}

static void the_parents_abort_is_not_held_up_by_a_child(void) {
  int peer, ready[2];
  finrst *guard = guarded_pair(NULL, &peer);
  CHECK_NUMBER(pipe(ready), 0);
  pid_t child = fork();
  if (child == 0) {
    close(peer);
    CHECK_NUMBER(write(ready[1], "!", 1), 1);
    pause();
    _exit(0);
  }
  CHECK_NUMBER(read(ready[0], (char[1]){0}, 1), 1);
  close(finrst_fd(guard)); /* the last close, although the child lives */
  CHECK_ENDING(peer, 0, "reset");
  kill(child, SIGKILL);
  waitpid(child, NULL, 0);
  finrst_release(&guard);
  close(peer);
  close(ready[0]);
  close(ready[1]);
}

static void a_guarded_descriptor_is_gone_after_exec(void) {
  int peer;
  finrst *guard = guarded_pair(NULL, &peer);
  CHECK((fcntl(finrst_fd(guard), F_GETFD) & FD_CLOEXEC) != 0);
  finrst_abort(guard, NULL);
  finrst_release(&guard);
  close(peer);
}

int main(int argc, char **argv) {
  static const struct test tests[] = {
      TEST(a_close_waits_for_the_write_of_another_thread),
      TEST(a_drop_that_overtakes_a_write_resets),
      TEST(an_abort_wakes_a_reader),
      TEST(a_signal_ends_the_waiting_of_a_read_and_nothing_else),
      TEST(guards_of_different_threads_are_independent),
      TEST(nothing_is_left_of_many_connections),
      TEST(a_child_lets_go_of_its_parents_guards),
      TEST(the_parents_abort_is_not_held_up_by_a_child),
      TEST(a_guarded_descriptor_is_gone_after_exec),
  };
  return run_tests(argc, argv, sizeof tests / sizeof *tests, tests);
}
