/* What the files of the library know of each other. It comes first in each of them, because it says what the headers of
 * the system must show of themselves. */
#ifndef FINRST_INTERNAL_H
#define FINRST_INTERNAL_H

#if defined(__APPLE__)
#define _DARWIN_C_SOURCE 1
#elif defined(__sun)
#define __EXTENSIONS__ 1
#define BSD_COMP 1
#else
#define _DEFAULT_SOURCE 1 /* the BSDs show everything without it */
#endif

#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>

#include "../finrst.h"
#include "engine.h"
#include "spec.h"

#define EVENTS_MOST 16
#define NEVER INT64_MAX

/* What happens to bytes that arrive: given to the owner, thrown away, or left in the kernel. */
enum incoming { TO_OWNER, DISCARDED, HELD };

/* A policy, checked: POLICY_* and CONFIRM_* for the engine, how long and how much for the host. */
struct policy {
  int32_t bits;
  int flush_ms, drain_idle_ms, drain_ms;
  int64_t drain_bytes;
  void (*trace)(const char *line, void *trace_context);
  void *trace_context;
};

struct event {
  int32_t number, argument;
};

/* The clocks of a connection: when each of them is due, in milliseconds of the monotonic clock, or NEVER. */
struct clocks {
  int64_t within, flush, idle, total, watch;
  int watch_ms;
};

struct finrst {
  pthread_mutex_t mutex;
  atomic_bool forked; /* set in a child, which must not touch the mutex */
  int number;         /* the descriptor that was given */
  atomic_int fd;      /* the same, -1 once it is closed */
  dev_t device;
  ino_t inode;
  struct policy policy;
  int32_t context, state;
  struct event events[EVENTS_MOST]; /* those to be fed, in order */
  int event_count;
  struct clocks clocks;
  enum incoming incoming;
  finrst_verdict verdict;
  int error; /* the first errno that was seen or given */

  int writing;        /* writes under way */
  size_t untaken;     /* bytes of theirs that the kernel has not taken */
  size_t owed;        /* bytes that the kernel did not take and nobody is writing */
  int64_t send_queue; /* the send queue at the last look; negative: not known */
  int64_t lost;       /* what a reset would throw away; negative: not known */
  int64_t drained, limit;
  unsigned char *rest; /* where finalising puts what arrives */
  size_t rest_size, rest_count;

  bool busy, leaving, draining, flushing, lingers;
  bool reported, fin_out, peer_finished;
  bool complete, completing; /* between two messages, or so once all is flushed */
};

/* error.c: remembers the line of finrst_message(), and answers `code`. */
int finrst_refuse(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* policy.c */
int finrst_parse_policy(const finrst_policy *given, struct policy *policy);
int finrst_confirm_bits(const char *confirm, int32_t *bits);
int finrst_one_of(const char *name, const char *value, int count, const char *const *allowed, int *place);
int finrst_check_within(const char *name, int value, int least);

/* platform.c: this machine, and the calls that differ between systems. They answer 0 or more, or a negative errno. */
const struct platform_row *finrst_platform(void);
int32_t finrst_context_bits(void);
int32_t finrst_row(void);
int finrst_disconnect(int fd);
int64_t finrst_unacked(int fd);
int64_t finrst_untransmitted(int fd);
bool finrst_has_unread(int fd);
int finrst_pending_error(int fd);

/* verdict.c */
finrst_verdict finrst_verdict_of(int32_t context, int32_t state);
const char *finrst_rule_name(int32_t number);
void finrst_trace_decision(const finrst *guard, struct event event, int32_t facts, int32_t before);

/* connection.c: events in, steps out. All of it runs with the guard locked. */
bool finrst_over(const finrst *guard);
void finrst_post(finrst *guard, int32_t event);
void finrst_run(finrst *guard);
void finrst_emit(finrst *guard, int32_t event, int32_t argument);
void finrst_seen(finrst *guard, int error);
void finrst_saw_error(finrst *guard, int error);
void finrst_look_at_queue(finrst *guard);
bool finrst_still_ours(finrst *guard);

/* steps.c */
int32_t finrst_perform(finrst *guard, int32_t step);
int32_t finrst_put_linger(finrst *guard, int32_t seconds);
void finrst_close_descriptor(finrst *guard);
void finrst_flushed(finrst *guard);

/* message.c */
void finrst_complete_if_flushed(finrst *guard);

/* process.c: what is due, and waiting for it. */
int64_t finrst_now(void);
/* What had arrived to be discarded when a close begins is no part of what the drain is bounded by. */
void finrst_catch_up(finrst *guard);
bool finrst_wait_until(finrst *guard, bool (*done)(const finrst *), int timeout_ms);

/* io.c */
void finrst_saw_peer_fin(finrst *guard);

/* registry.c: the guards of the process, by descriptor, for its exit and its forks. */
int finrst_register(finrst *guard);
void finrst_unregister(finrst *guard);
/* Locks a guard: FINRST_OK, or FINRST_BAD_ARGUMENT for NULL, or FINRST_FORKED in a child. */
int finrst_lock(finrst *guard);
void finrst_unlock(finrst *guard);

#endif
