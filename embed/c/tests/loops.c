/* Tests guards in event loops: poll() and epoll, and calls that never wait. */
#define _DEFAULT_SOURCE 1
#define _DARWIN_C_SOURCE 1
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#if defined(__linux__)
#include <sys/epoll.h>
#endif

#include "support.h"

/* What a program of its own owes to a connection. */
struct output {
  const unsigned char *data;
  size_t left;
};

static void write_rest(finrst *guard, struct output *output) {
  ssize_t count = finrst_write(guard, output->data, output->left);
  if (count > 0) {
    output->data += count;
    output->left -= (size_t)count;
  } else if (errno != EAGAIN) {
    output->left = 0;
  }
}

/* Goes on until the guard has ended. */
static void loop(finrst *guard, struct output *output) {
  int state, timeout;
  do {
    short ours = output->left > 0 ? POLLOUT : 0;
    struct pollfd ready = {finrst_fd(guard), (short)(ours | finrst_poll_events(guard, &timeout)), 0};
    poll(&ready, 1, timeout);
    if (ready.revents & POLLOUT) write_rest(guard, output);
    state = finrst_process(guard, ready.revents);
    CHECK(state > 0);
  } while (state != FINRST_STATE_ENDED);
}

static void a_close_begun_in_a_loop_sends_what_is_owed_and_then_our_fin(void) {
  int peer;
  struct reader reader;
  finrst_verdict v;
  finrst *guard = guarded_pair(NULL, &peer);
  unsigned char *bytes = counted_bytes(BIG);
  struct output output = {bytes, BIG};
  unblock(finrst_fd(guard));
  CHECK_NUMBER(finrst_process(guard, 0), FINRST_STATE_OPEN);
  write_rest(guard, &output);
  CHECK(output.left > 0);
  CHECK_NUMBER(finrst_begin_close(guard, PATIENCE_MS, "acked"), 0);
  CHECK_NUMBER(finrst_process(guard, 0), FINRST_STATE_ENDING);
  CHECK_NUMBER(finrst_write(guard, bytes, output.left + 1), -1);
  CHECK_NUMBER(errno, EPIPE);
  start_reader(&reader, peer);
  loop(guard, &output);
  pthread_join(reader.thread, NULL);
  CHECK_NUMBER(reader.ending.bytes, BIG);
  CHECK_WORD(reader.ending.how, "eof");
  CHECK(reader.ending.intact);
  CHECK(finrst_ended(guard, &v));
  CHECK_WORD(v.ended, "fin");
  finrst_release(&guard);
  free(bytes);
}

static void a_close_out_of_time_follows_the_policy(void) {
  /* Without the time that the close itself is given they would wait for weeks. */
  const int long_ms = 2147483647;
  const finrst_policy aborts = {.flush_ms = long_ms, .drain_idle_ms = long_ms, .drain_ms = long_ms};
  finrst_policy detaches = aborts;
  detaches.on_deadline = "detach";
  for (int detached = 0; detached < 2; detached++) {
    int peer;
    finrst_verdict v;
    finrst *guard = guarded_pair(detached ? &detaches : &aborts, &peer);
    unsigned char *bytes = counted_bytes(BIG);
    struct output none = {bytes, 0}, output = {bytes, detached ? 5 : BIG};
    unblock(finrst_fd(guard));
    write_rest(guard, &output);
    finrst_begin_close(guard, 30, "peer");
    loop(guard, &none);
    CHECK(finrst_ended(guard, &v));
    if (!detached) CHECK_WORD(v.cause, "deadline");
    CHECK_WORD(v.ended, detached ? "fin" : "reset");
    CHECK_ENDING(peer, detached ? 5 : -1, detached ? "eof" : "reset");
    finrst_release(&guard);
    close(peer);
    free(bytes);
  }
}

static void a_silent_peer_is_drained_no_longer_than_the_policy_says(void) {
  static const finrst_policy brief = {.drain_idle_ms = 40};
  int peer;
  struct output none = {NULL, 0};
  finrst *guard = guarded_pair(&brief, &peer);
  finrst_begin_close(guard, -1, NULL);
  loop(guard, &none);
  CHECK_ENDING(peer, 0, "eof");
  finrst_release(&guard);
  close(peer);
}

static void a_peer_that_sends_without_end_is_reset(void) {
  static const finrst_policy little = {.drain_bytes = 1000};
  int peer;
  finrst_verdict v;
  struct output none = {NULL, 0};
  finrst *guard = guarded_pair(&little, &peer);
  unsigned char *bytes = counted_bytes(5000);
  write_all(peer, bytes, 5000);
  finrst_begin_close(guard, -1, "peer");
  loop(guard, &none);
  CHECK(finrst_ended(guard, &v));
  CHECK_WORD(v.rule, "limit-resets");
  finrst_release(&guard);
  close(peer);
  free(bytes);
}

static void what_was_discarded_before_the_close_does_not_count(void) {
  static const finrst_policy little = {.drain_bytes = 1000};
  int peer;
  finrst_verdict v;
  finrst *guard = guarded_pair(&little, &peer);
  unsigned char *bytes = counted_bytes(50000);
  finrst_stop_receiving(guard, "discard");
  write_all(peer, bytes, 50000);
  shutdown(peer, SHUT_WR);
  CHECK_NUMBER(finrst_close(guard, PATIENCE_MS, &v), 0);
  CHECK_WORD(v.cause, "close");
  CHECK_WORD(v.received, "discarded");
  CHECK_ENDING(peer, 0, "eof");
  finrst_release(&guard);
  close(peer);
  free(bytes);
}

static void a_drop_with_bytes_owed_is_a_reset(void) {
  int peer;
  finrst_verdict v;
  finrst *guard = guarded_pair(NULL, &peer);
  unsigned char *bytes = counted_bytes(BIG);
  struct output output = {bytes, BIG};
  unblock(finrst_fd(guard));
  write_rest(guard, &output);
  CHECK_NUMBER(finrst_drop(guard), 0);
  CHECK_NUMBER(finrst_process(guard, 0), FINRST_STATE_ENDED);
  CHECK(finrst_ended(guard, &v));
  CHECK_WORD(v.rule, "discard-resets");
  CHECK_WORD(v.delivery, "lost");
  CHECK_NUMBER(v.unsent > (int64_t)output.left, 1);
  CHECK_ENDING(peer, -1, "reset");
  finrst_release(&guard);
  close(peer);
  free(bytes);
}

static void a_rest_that_is_written_in_pieces_stays_owed(void) {
  int peer;
  finrst_verdict v;
  finrst *guard = guarded_pair(NULL, &peer);
  unsigned char *bytes = counted_bytes(BIG);
  struct output output = {bytes, BIG};
  unblock(finrst_fd(guard));
  write_rest(guard, &output);
  struct pollfd ready = {finrst_fd(guard), POLLOUT, 0};
  while (poll(&ready, 1, 0) == 0) CHECK(recv(peer, bytes, 100000, 0) > 0);
  CHECK_NUMBER(finrst_write(guard, output.data, 1000), 1000);
  finrst_drop(guard);
  CHECK(finrst_ended(guard, &v));
  CHECK_WORD(v.rule, "discard-resets");
  finrst_release(&guard);
  close(peer);
  free(bytes);
}

static void a_message_decides_about_a_drop(void) {
  static const finrst_policy strict = {.preset = "strict"};
  for (int begun = 0; begun < 2; begun++) {
    int peer;
    finrst *guard = guarded_pair(begun ? NULL : &strict, &peer);
    CHECK_NUMBER(finrst_begin_message(guard), 0);
    finrst_write(guard, "one", 3);
    CHECK(finrst_armed(guard));
    CHECK_NUMBER(finrst_complete_message(guard), 0);
    CHECK(!finrst_armed(guard));
    if (begun) finrst_begin_message(guard);
    CHECK_NUMBER(finrst_armed(guard), begun);
    finrst_drop(guard);
    CHECK_ENDING(peer, begun ? -1 : 3, begun ? "reset" : "eof");
    close(peer);
    finrst_release(&guard);
  }
}

static void a_message_is_complete_when_its_last_byte_is_in_the_kernel(void) {
  int peer;
  struct reader reader;
  finrst *guard = guarded_pair(NULL, &peer);
  unsigned char *bytes = counted_bytes(BIG);
  struct output output = {bytes, BIG};
  unblock(finrst_fd(guard));
  write_rest(guard, &output);
  finrst_complete_message(guard);
  start_reader(&reader, peer);
  while (output.left > 0) {
    CHECK(finrst_armed(guard));
    struct pollfd ready = {finrst_fd(guard), POLLOUT, 0};
    poll(&ready, 1, PATIENCE_MS);
    write_rest(guard, &output);
  }
  CHECK(!finrst_armed(guard));
  finrst_close(guard, PATIENCE_MS, NULL);
  finrst_release(&guard);
  pthread_join(reader.thread, NULL);
  CHECK_NUMBER(reader.ending.bytes, BIG);
  free(bytes);
}

static void calls_of_ones_own_are_noted(void) {
  int peer;
  finrst_verdict v;
  finrst *guard = guarded_pair(NULL, &peer);
  CHECK_NUMBER(send(finrst_fd(guard), "0123456789", 6, 0), 6);
  finrst_note_write(guard, 10, 6);
  CHECK(finrst_unsent(guard) >= 4);
  CHECK_NUMBER(send(finrst_fd(guard), "6789", 4, 0), 4);
  finrst_note_write(guard, 4, 4);
  finrst_finish_sending(guard, -1);
  CHECK_ENDING(peer, 10, "eof");
  close(peer);
  finrst_note_read(guard, read(finrst_fd(guard), (char[1]){0}, 1));
  CHECK(finrst_ended(guard, &v));
  CHECK_WORD(v.delivery, "confirmed");
  finrst_release(&guard);
}

#if defined(__linux__)
static void a_guard_works_with_epoll(void) {
  int peer, timeout, state = FINRST_STATE_OPEN, set = epoll_create1(EPOLL_CLOEXEC);
  struct reader reader;
  finrst *guard = guarded_pair(NULL, &peer);
  unsigned char *bytes = counted_bytes(BIG);
  struct output output = {bytes, BIG};
  struct epoll_event event = {.events = EPOLLOUT}, came;
  char rest[8];
  unblock(finrst_fd(guard));
  write_rest(guard, &output);
  write_all(peer, "last", 4);
  start_reader(&reader, peer);
  CHECK_NUMBER(epoll_ctl(set, EPOLL_CTL_ADD, finrst_fd(guard), &event), 0);
  finrst_begin_finalise(guard, PATIENCE_MS, rest, sizeof rest);
  while (state != FINRST_STATE_ENDED) {
    short events = (short)((output.left > 0 ? POLLOUT : 0) | finrst_poll_events(guard, &timeout));
    event.events = (uint32_t)events;
    if (finrst_fd(guard) >= 0) epoll_ctl(set, EPOLL_CTL_MOD, finrst_fd(guard), &event);
    came.events = 0;
    epoll_wait(set, &came, 1, timeout);
    if (came.events & EPOLLOUT) write_rest(guard, &output);
    state = finrst_process(guard, (short)came.events);
  }
  pthread_join(reader.thread, NULL);
  CHECK_NUMBER(reader.ending.bytes, BIG);
  CHECK_WORD(reader.ending.how, "eof");
  CHECK(finrst_rest(guard) == 4);
  CHECK(memcmp(rest, "last", 4) == 0);
  finrst_release(&guard);
  close(set);
  free(bytes);
}
#endif

static void an_owners_linger_time_holds_up_no_last_close(void) {
  static const finrst_policy manual = {.preset = "manual"};
  int peer;
  finrst *guard = guarded_pair(&manual, &peer);
  unsigned char *bytes = counted_bytes(BIG);
  unblock(finrst_fd(guard));
  while (finrst_write(guard, bytes, 1000) == 1000) continue;
  CHECK_NUMBER(finrst_set_linger(guard, 3000), 0);
  finrst_drop(guard); /* would wait for an hour, and the alarm of the tests would end it */
  CHECK_NUMBER(finrst_fd(guard), -1);
  finrst_release(&guard);
  close(peer);
  free(bytes);
}

int main(int argc, char **argv) {
  static const struct test tests[] = {
    TEST(a_close_begun_in_a_loop_sends_what_is_owed_and_then_our_fin),
    TEST(a_close_out_of_time_follows_the_policy),
    TEST(a_silent_peer_is_drained_no_longer_than_the_policy_says),
    TEST(a_peer_that_sends_without_end_is_reset),
    TEST(what_was_discarded_before_the_close_does_not_count),
    TEST(a_drop_with_bytes_owed_is_a_reset),
    TEST(a_rest_that_is_written_in_pieces_stays_owed),
    TEST(a_message_decides_about_a_drop),
    TEST(a_message_is_complete_when_its_last_byte_is_in_the_kernel),
    TEST(calls_of_ones_own_are_noted),
#if defined(__linux__)
    TEST(a_guard_works_with_epoll),
#endif
    TEST(an_owners_linger_time_holds_up_no_last_close),
  };
  return run_tests(argc, argv, sizeof tests / sizeof *tests, tests);
}
