/* Tests guards in programs that wait: every way to end one over a real connection, and what its peer reads. */
#define _DEFAULT_SOURCE 1
#define _DARWIN_C_SOURCE 1
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "support.h"

static void a_close_sends_everything_and_then_our_fin(void) {
  int peer;
  finrst_verdict v;
  finrst *guard = guarded_pair(NULL, &peer);
  CHECK(finrst_armed(guard));
  CHECK_NUMBER(finrst_write(guard, "\0\1\2\3\4", 5), 5);
  CHECK_NUMBER(finrst_close(guard, PATIENCE_MS, &v), 0);
  CHECK_WORD(v.ended, "fin");
  CHECK_WORD(v.by, "us");
  CHECK_WORD(v.cause, "close");
  CHECK_WORD(v.delivery, "acked");
  CHECK_NUMBER(v.unsent, 0);
  CHECK(!finrst_armed(guard));
  CHECK_NUMBER(finrst_close(guard, -1, &v), 0);
  CHECK_ENDING(peer, 5, "eof");
  close(peer);
  finrst_release(&guard);
  CHECK(guard == NULL);
}

static void a_slow_reader_gets_ten_megabytes_and_the_end(void) {
  struct reader reader;
  int peer, ours, small = 65536;
  finrst *guard;
  unsigned char *bytes = counted_bytes(BIG);
  connect_pair(&ours, &peer);
  setsockopt(peer, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
  CHECK_NUMBER(finrst_guard(ours, NULL, &guard), 0);
  start_reader(&reader, peer);
  CHECK_NUMBER(finrst_write(guard, bytes, BIG), BIG);
  CHECK_NUMBER(finrst_close_confirmed(guard, -1, "peer", NULL), 0);
  finrst_release(&guard);
  pthread_join(reader.thread, NULL);
  CHECK_NUMBER(reader.ending.bytes, BIG);
  CHECK_WORD(reader.ending.how, "eof");
  CHECK(reader.ending.intact);
  free(bytes);
}

static void an_abort_resets_at_once(void) {
  int peer;
  finrst_verdict v, again;
  finrst *guard = guarded_pair(NULL, &peer);
  finrst_write(guard, "part", 4);
  CHECK_NUMBER(finrst_abort(guard, &v), 0);
  CHECK_NUMBER(finrst_fd(guard), -1);
  CHECK_WORD(v.ended, "reset");
  CHECK_WORD(v.by, "us");
  CHECK_WORD(v.cause, "abort");
  CHECK_ENDING(peer, -1, "reset");
  CHECK_NUMBER(finrst_abort(guard, &again), 0);
  CHECK_WORD(again.rule, v.rule);
  CHECK_NUMBER(finrst_close(guard, -1, &again), FINRST_OTHERWISE);
  CHECK_WORD(again.cause, "abort");
  CHECK_NUMBER(finrst_write(guard, "more", 4), -1);
  CHECK_NUMBER(errno, EBADF);
  finrst_release(&guard);
  close(peer);
}

static void a_drop_follows_the_policy(void) {
  static const struct {
    finrst_policy policy;
    const char *how;
  } cases[] = {
      {{.preset = NULL}, "eof"},       {{.on_drop = "abort"}, "reset"},
      {{.preset = "strict"}, "reset"}, {{.preset = "strict", .on_drop = "close"}, "eof"},
      {{.preset = "manual"}, "eof"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    int peer;
    finrst_verdict v;
    finrst *guard = guarded_pair(&cases[i].policy, &peer);
    finrst_write(guard, "part", 4);
    CHECK_NUMBER(finrst_drop(guard), 0);
    CHECK_ENDING(peer, cases[i].how[0] == 'e' ? 4 : -1, cases[i].how);
    CHECK_NUMBER(finrst_wait(guard, PATIENCE_MS, &v), 0);
    CHECK_WORD(v.cause, "drop");
    close(peer);
    finrst_release(&guard);
  }
}

static void a_scope_that_is_left_is_a_drop(void) {
#if defined(FINRST_SCOPED)
  static const finrst_policy strict = {.preset = "strict"};
  int peer;
  for (int i = 0; i < 2; i++) {
    FINRST_SCOPED finrst *guard = guarded_pair(&strict, &peer);
    if (i == 1) break;
    CHECK_NUMBER(finrst_fail(guard, ENOSPC, NULL), 0);
    CHECK_ENDING(peer, 0, "reset");
    close(peer);
  }
  CHECK_ENDING(peer, 0, "reset");
  close(peer);
#endif
}

static void a_failure_resets_unless_the_policy_closes(void) {
  static const finrst_policy closes = {.on_failure = "close"};
  int peer;
  finrst_verdict v;
  finrst *guard = guarded_pair(NULL, &peer);
  CHECK_NUMBER(finrst_fail(guard, ENOSPC, &v), 0);
  CHECK_WORD(v.cause, "failure");
  CHECK_NUMBER(v.error, ENOSPC);
  CHECK_ENDING(peer, 0, "reset");
  close(peer);
  finrst_release(&guard);
  guard = guarded_pair(&closes, &peer);
  CHECK_NUMBER(finrst_fail(guard, 0, &v), 0);
  CHECK_WORD(v.ended, "fin");
  CHECK_ENDING(peer, 0, "eof");
  close(peer);
  finrst_release(&guard);
}

static void finish_sending_goes_on_receiving(void) {
  int peer, seconds;
  char answer[16] = "";
  finrst_verdict v;
  finrst *guard = guarded_pair(NULL, &peer);
  finrst_write(guard, "question", 8);
  CHECK_NUMBER(finrst_finish_sending(guard, -1), 0);
  CHECK_NUMBER(finrst_finish_sending(guard, 0), 0);
  CHECK_NUMBER(finrst_linger(guard, &seconds), 0);
  CHECK_NUMBER(seconds, -1);
  CHECK_NUMBER(finrst_write(guard, "more", 4), -1);
  CHECK_NUMBER(errno, EPIPE);
  CHECK_ENDING(peer, 8, "eof");
  write_all(peer, "answer", 6);
  close(peer);
  CHECK_NUMBER(finrst_read(guard, answer, sizeof answer), 6);
  CHECK_WORD(answer, "answer");
  CHECK_NUMBER(finrst_read(guard, answer, sizeof answer), 0);
  CHECK_NUMBER(finrst_read(guard, answer, sizeof answer), 0);
  CHECK(finrst_ended(guard, &v));
  CHECK_WORD(v.ended, "fin");
  CHECK_WORD(v.delivery, "confirmed");
  CHECK_WORD(v.received, "complete");
  finrst_release(&guard);
}

static void finalise_hands_back_the_rest(void) {
  int peer;
  char rest[100];
  size_t size = sizeof rest;
  finrst_verdict v;
  finrst *guard = guarded_pair(NULL, &peer);
  finrst_write(guard, "bye", 3);
  write_all(peer, "last words", 10);
  shutdown(peer, SHUT_WR);
  CHECK_NUMBER(finrst_finalise(guard, PATIENCE_MS, rest, &size, &v), 0);
  CHECK(size == 10);
  CHECK(memcmp(rest, "last words", 10) == 0);
  CHECK_WORD(v.received, "complete");
  finrst_release(&guard);
  CHECK_ENDING(peer, 3, "eof");
  close(peer);
}

static void finalise_resets_a_peer_that_sends_more(void) {
  int peer;
  char rest[4];
  size_t size = sizeof rest;
  finrst_verdict v;
  finrst *guard = guarded_pair(NULL, &peer);
  write_all(peer, "too many words", 14);
  CHECK_NUMBER(finrst_finalise(guard, PATIENCE_MS, rest, &size, &v), FINRST_OTHERWISE);
  CHECK(size == 4);
  CHECK(memcmp(rest, "too ", 4) == 0);
  CHECK_WORD(v.cause, "limit");
  finrst_release(&guard);
  close(peer);
}

static void a_blocking_close_with_a_rest_owed_is_a_failure(void) {
  int peer;
  finrst_verdict v;
  finrst *guard = guarded_pair(NULL, &peer);
  unsigned char *bytes = counted_bytes(BIG);
  unblock(finrst_fd(guard));
  CHECK(finrst_write(guard, bytes, BIG) < BIG);
  CHECK(finrst_unsent(guard) > BIG / 10);
  CHECK_NUMBER(finrst_close(guard, PATIENCE_MS, &v), FINRST_OTHERWISE);
  CHECK(strstr(finrst_message(), "reset by us (cause failure") != NULL);
  CHECK_WORD(v.delivery, "lost");
  CHECK(v.unsent > BIG / 10);
  CHECK_ENDING(peer, -1, "reset");
  finrst_release(&guard);
  close(peer);
  free(bytes);
}

static void bytes_that_nobody_read_are_drained(void) {
  int peer;
  finrst_verdict v;
  finrst *guard = guarded_pair(NULL, &peer);
  write_all(peer, "nobody reads this", 17);
  finrst_write(guard, "answer", 6);
  CHECK_NUMBER(finrst_close(guard, -1, &v), 0);
  CHECK_ENDING(peer, 6, "eof");
  close(peer);
  finrst_release(&guard);
}

static void the_peers_reset_is_told(void) {
  int peer;
  char byte;
  finrst_verdict v;
  finrst *guard = guarded_pair(NULL, &peer);
  reset_bare(peer);
  for (int i = 0; i < 2; i++) {
    CHECK_NUMBER(finrst_read(guard, &byte, 1), -1);
    CHECK_NUMBER(errno, ECONNRESET);
  }
  CHECK(finrst_ended(guard, &v));
  CHECK_WORD(v.ended, "reset");
  CHECK_WORD(v.by, "peer");
  CHECK_NUMBER(v.error, ECONNRESET);
  finrst_release(&guard);
}

static void a_refusal_resets_when_more_arrives(void) {
  int peer;
  char byte;
  finrst_verdict v;
  finrst *guard = guarded_pair(NULL, &peer);
  CHECK_NUMBER(finrst_stop_receiving(guard, "refuse"), 0);
  CHECK_NUMBER(finrst_read(guard, &byte, 1), -1);
  CHECK_NUMBER(errno, ESHUTDOWN);
  write_all(peer, "more", 4);
  CHECK_NUMBER(finrst_wait(guard, PATIENCE_MS, &v), 0);
  CHECK_WORD(v.rule, "refuse-resets");
  CHECK_ENDING(peer, 0, "reset");
  finrst_release(&guard);
  close(peer);
}

static void holding_leaves_bytes_in_the_kernel_and_discarding_does_not(void) {
  for (int discards = 0; discards < 2; discards++) {
    int peer;
    struct timeval soon = {0, 200000};
    finrst *guard = guarded_pair(NULL, &peer);
    unsigned char *bytes = counted_bytes(BIG);
    CHECK_NUMBER(finrst_stop_receiving(guard, discards ? "discard" : "hold"), 0);
    setsockopt(peer, SOL_SOCKET, SO_SNDTIMEO, &soon, sizeof soon);
    ssize_t all = 0, count;
    do {
      count = send(peer, bytes, BIG, 0);
      all += count > 0 ? count : 0;
      finrst_wait(guard, 100, NULL); /* whoever discards must be processed */
    } while (discards && all < BIG);
    CHECK(discards ? all >= BIG : all < BIG);
    finrst_abort(guard, NULL);
    finrst_release(&guard);
    close(peer);
    free(bytes);
  }
}

static void a_drain_waits_for_the_peers_fin(void) {
  int peer;
  finrst *guard = guarded_pair(NULL, &peer);
  CHECK_NUMBER(finrst_drain(guard, 50), FINRST_NOT_IN_TIME);
  write_all(peer, "thrown away", 11);
  shutdown(peer, SHUT_WR);
  CHECK_NUMBER(finrst_drain(guard, PATIENCE_MS), 0);
  finrst_abort(guard, NULL);
  finrst_release(&guard);
  close(peer);
}

static void linger_is_in_seconds(void) {
  static const int values[] = {5, -1, 0};
  int peer, seconds;
  finrst *guard = guarded_pair(NULL, &peer);
  for (size_t i = 0; i < 3; i++) {
    CHECK_NUMBER(finrst_set_linger(guard, values[i]), 0);
    CHECK_NUMBER(finrst_linger(guard, &seconds), 0);
    CHECK_NUMBER(seconds, values[i]);
    CHECK_NUMBER(finrst_armed(guard), values[i] == 0);
  }
  CHECK_NUMBER(finrst_set_linger(guard, 2147483647), FINRST_BAD_ARGUMENT);
  CHECK(strstr(finrst_message(), "seconds is 2147483647; expected") != NULL);
  finrst_abort(guard, NULL);
  CHECK_NUMBER(finrst_set_linger(guard, 1), FINRST_ENDED);
  finrst_release(&guard);
  close(peer);
}

static void timeouts_of_the_socket_hold_for_reads_and_writes(void) {
  int peer;
  char byte;
  struct timeval soon = {0, 20000};
  finrst *guard = guarded_pair(NULL, &peer);
  unsigned char *bytes = counted_bytes(BIG);
  setsockopt(finrst_fd(guard), SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof soon);
  setsockopt(finrst_fd(guard), SOL_SOCKET, SO_SNDTIMEO, &soon, sizeof soon);
  CHECK_NUMBER(finrst_read(guard, &byte, 1), -1);
  CHECK_NUMBER(errno, EAGAIN);
  CHECK(finrst_write(guard, bytes, BIG) < BIG);
  CHECK(!finrst_ended(guard, NULL));
  CHECK_NUMBER(finrst_drop(guard), 0);
  CHECK_ENDING(peer, -1, "reset");
  finrst_release(&guard);
  close(peer);
  free(bytes);
}

static void closed_behind_the_guards_back_it_resets_and_touches_nothing_else(void) {
  int peer, ours, theirs;
  char byte;
  finrst_verdict v;
  finrst *guard = guarded_pair(NULL, &peer);
  int number = finrst_fd(guard);
  connect_pair(&ours, &theirs);
  close(number);
  CHECK_ENDING(peer, 0, "reset");
  /* The number is another connection's now. */
  CHECK_NUMBER(dup2(ours, number), number);
  close(ours);
  CHECK_NUMBER(finrst_write(guard, "x", 1), -1);
  CHECK_NUMBER(finrst_read(guard, &byte, 1), -1);
  CHECK_NUMBER(finrst_abort(guard, &v), 0);
  CHECK_WORD(v.ended, "unknown");
  CHECK_NUMBER(v.error, EBADF);
  finrst_release(&guard);
  write_all(number, "still there", 11);
  close(number);
  CHECK_ENDING(theirs, 11, "eof");
  close(theirs);
  close(peer);
}

int main(int argc, char **argv) {
  static const struct test tests[] = {
      TEST(a_close_sends_everything_and_then_our_fin),
      TEST(a_slow_reader_gets_ten_megabytes_and_the_end),
      TEST(an_abort_resets_at_once),
      TEST(a_drop_follows_the_policy),
      TEST(a_scope_that_is_left_is_a_drop),
      TEST(a_failure_resets_unless_the_policy_closes),
      TEST(finish_sending_goes_on_receiving),
      TEST(finalise_hands_back_the_rest),
      TEST(finalise_resets_a_peer_that_sends_more),
      TEST(a_blocking_close_with_a_rest_owed_is_a_failure),
      TEST(bytes_that_nobody_read_are_drained),
      TEST(the_peers_reset_is_told),
      TEST(a_refusal_resets_when_more_arrives),
      TEST(holding_leaves_bytes_in_the_kernel_and_discarding_does_not),
      TEST(a_drain_waits_for_the_peers_fin),
      TEST(linger_is_in_seconds),
      TEST(timeouts_of_the_socket_hold_for_reads_and_writes),
      TEST(closed_behind_the_guards_back_it_resets_and_touches_nothing_else),
  };
  return run_tests(argc, argv, sizeof tests / sizeof *tests, tests);
}
