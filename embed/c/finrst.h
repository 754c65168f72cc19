/* finrst decides how a TCP connection ends: with a FIN when the stream is complete, with a reset when it is not.
 *
 * 1. finrst_guard() takes a connected socket into its hold, as fdopen() takes a descriptor: from then on it is read,
 *    written and ended through the guard alone. It is armed at once: if the process dies, or somebody closes the
 *    descriptor, the peer reads a reset and never the end of a part.
 * 2. A call that can fail answers 0, or a negative FINRST_* number; finrst_message() then names the argument, its value
 *    and what is allowed. finrst_read() and finrst_write() answer as read(2) and write(2) do: -1 and errno.
 * 3. Threads: different guards are independent of each other, and one guard may be used from several threads at once,
 *    but for finrst_release(), which must be the last call. No call is safe in a signal handler. No thread is started.
 * 4. Calls that wait say so. Those that end a connection wait no longer than the policy says; the others, as long as
 *    they are told. For event loops: finrst_begin_close(), finrst_drop(), finrst_poll_events() and finrst_process(),
 *    which never wait.
 * 5. fork: a child lets go of every guard of its parent and closes its copies of their descriptors; its end ends no
 *    connection. A child that is to serve a connection guards it itself, after the fork. exec: a guarded descriptor is
 *    close-on-exec. exit() and a return from main do what `on_exit` says; _exit(), abort() and signals run no code, so
 *    what is armed is reset.
 */
#ifndef FINRST_H
#define FINRST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The hold on one connection. */
typedef struct finrst finrst;

/** What calls answer. */
enum {
  FINRST_OK = 0,
  FINRST_BAD_ARGUMENT = -1,  /**< an argument, or a word of a policy, is none that is allowed */
  FINRST_BAD_SOCKET = -2,    /**< not a connected TCP socket */
  FINRST_SYSTEM = -3,        /**< the system refused a call; errno says why */
  FINRST_NO_MEMORY = -4,     /**< there is no memory for a guard */
  FINRST_NOT_IN_TIME = -5,   /**< what was waited for has not come; it still may */
  FINRST_OTHERWISE = -6,     /**< the connection ended, and not as it was asked to: the verdict tells how */
  FINRST_ENDED = -7,         /**< the connection has ended, and there is nothing left to set or to read */
  FINRST_FORKED = -8,        /**< the guard is the parent's; guard the descriptor in the child, after the fork */
  FINRST_NOT_SUPPORTED = -9, /**< this system has no way to do it */
};

/** What a call that failed in this thread last said: one line that names the argument, its value and what is allowed.
 */
const char *finrst_message(void);

/** What a FINRST_* number means, in general. */
const char *finrst_strerror(int code);

/** The answers of a policy that differ from its preset. What is NULL or 0 is as the preset says.
 *
 *     finrst_policy policy = {.preset = "strict", .on_exit = "close", .drain_idle_ms = 1000};
 */
typedef struct finrst_policy {
  const char *preset;      /**< compatible (default): a drop closes; strict: it aborts; manual: the OS decides */
  const char *on_drop;     /**< close | abort: finrst_drop() and finrst_release() before anything was declared */
  const char *on_failure;  /**< abort | close: finrst_fail() */
  const char *on_exit;     /**< abort | close: exit() before the stream was declared complete */
  const char *on_crash;    /**< abort | leave: death without code of ours; abort arms the socket at once */
  const char *on_peer_fin; /**< keep | close: whether our direction outlives the peer's FIN */
  const char *on_unread;   /**< drain | abort: what a close does with bytes that have arrived and nobody read */
  const char *on_deadline; /**< abort | detach: what becomes of a close that did not finish in time */
  const char *confirm;     /**< none | kernel | acked (default) | peer: what a close waits for */
  int flush_ms;            /**< time for our data to leave; default 30000 */
  int drain_idle_ms;       /**< longest silence while draining; default 5000 */
  int drain_ms;            /**< whole time of draining; default 30000 */
  int64_t drain_bytes;     /**< most that is read only to be thrown away; default 2 MiB; FINRST_NO_BYTES: nothing */
  /** Gets a line for each decision, which `npx finrst explain '<line>'` turns into its reason. It is called with the
   *  guard locked and must not call it. */
  void (*trace)(const char *line, void *trace_context);
  void *trace_context;
} finrst_policy;

#define FINRST_NO_BYTES ((int64_t)-1)

/** How one connection ended. It never claims more than was observed. The words live as long as the program. */
typedef struct finrst_verdict {
  const char *ended;    /**< fin (ours) | reset (ours or the peer's) | silent | unknown */
  const char *by;       /**< us | peer | kernel | unknown */
  const char *cause;    /**< close | abort | drop | failure | exit | deadline | limit | peer | error */
  const char *delivery; /**< confirmed (the peer ended its side after all was acknowledged) | acked (its stack has all)
                             | handed (our kernel has all) | lost | unknown */
  const char *received; /**< how the other direction ended: complete (the peer's FIN) | reset | discarded | unknown */
  const char
      *certainty;   /**< of the cell of the platform table that `ended` rests on: measured | documented | assumed */
  const char *rule; /**< the rule that decided; finrst_explain() says why */
  int64_t unsent;   /**< bytes that the peer's stack did not take; -1: it cannot be known */
  int error;        /**< the errno that was seen or given first; 0: none */
} finrst_verdict;

/** What a rule says, why, and the RFC clause and the table row that it rests on (either may be NULL). */
typedef struct finrst_explanation {
  const char *rule, *title, *why, *clause, *row;
} finrst_explanation;

/** One thing that this system can or cannot do for a guard, and the reason in words. */
typedef struct finrst_capability {
  bool can;
  const char *why;
} finrst_capability;

/** What this system can really do for a connection, and why not. */
typedef struct finrst_capabilities {
  finrst_capability arm;                 /**< the death of the process resets */
  finrst_capability abort;               /**< a reset can be sent on purpose */
  finrst_capability hold;                /**< the moment of the last close is the guard's */
  finrst_capability half_close;          /**< our FIN can be sent while receiving goes on */
  finrst_capability send_after_peer_fin; /**< our direction outlives the peer's FIN */
  finrst_capability drain;               /**< what the peer still sends can be read and thrown away */
  finrst_capability acked;               /**< whether the peer's stack has everything can be known */
  finrst_capability linger;              /**< SO_LINGER can be read and set, in seconds */
  const char *platform;                  /**< the row of the table that is consulted, such as linux */
} finrst_capabilities;

/* ---- Guards ------------------------------------------------------------------------------------------------------ */

/** Takes a connected TCP socket into its hold, blocking or not, and arms it unless the policy says otherwise.
 *
 *  The guard owns the descriptor from here on, and makes it close-on-exec: do not close, shut down or dup it, and do
 * not leave a copy in another process. Closed behind the guard's back, an armed connection is reset, and the guard
 * makes no further call on the number if another file has it (as far as fstat() can tell).
 *
 *  `policy`: NULL is compatible. FINRST_BAD_SOCKET for what is closed, no TCP socket or not connected,
 *  FINRST_BAD_ARGUMENT for a policy with a word or a number that is not allowed; the descriptor is then left alone and
 *  *guard is NULL.
 *
 *     finrst *guard;
 *     if (finrst_guard(fd, NULL, &guard) != 0) fprintf(stderr, "%s\n", finrst_message());
 */
int finrst_guard(int fd, const finrst_policy *policy, finrst **guard);

/** Lets go of a guard and frees it; *guard becomes NULL, and NULL does nothing. It must be the guard's last call.
 *
 *  If nothing was declared this is a drop: `on_drop` decides. It WAITS until the descriptor is closed, that is until
 * the peer has finished, within drain_idle_ms of silence and drain_ms in all. After finrst_drop() or
 * finrst_begin_close() and finrst_process() up to FINRST_STATE_ENDED there is nothing left to wait for. */
void finrst_release(finrst **guard);

#if defined(__GNUC__) || defined(__clang__)
/** Releases a guard when its scope is left: `FINRST_SCOPED finrst *guard = NULL;`. To leave it by an error without
 *  finrst_fail() is a drop. longjmp() leaves without it. */
#define FINRST_SCOPED __attribute__((cleanup(finrst_release)))
#endif

/** The descriptor, for poll(2) and epoll; -1 once it is closed. */
int finrst_fd(const finrst *guard);

/* ---- Data -------------------------------------------------------------------------------------------------------- */

/** As read(2): bytes, 0 at the peer's FIN, or -1 and errno. WAITS if the descriptor is blocking, no longer than
 *  SO_RCVTIMEO. ESHUTDOWN: receiving was stopped, or a close has begun to drain; EBADF: the connection has ended. A
 * thread that waits in it is woken by what arrives and by an abort, but not by a close of another thread. */
ssize_t finrst_read(finrst *guard, void *buffer, size_t size);

/** As write(2), and never SIGPIPE. WAITS if the descriptor is blocking until every byte is in the kernel, no longer
 * than SO_SNDTIMEO at a time: fewer bytes mean that it gave up. Where it does not block, fewer bytes are what the
 * kernel took; the guard knows that the rest is owed: a drop is then a reset, and after finrst_begin_close() that rest,
 * and no more, may still be written. EPIPE: the stream was declared complete; EBADF: the connection has ended. */
ssize_t finrst_write(finrst *guard, const void *data, size_t size);

/** Tells what a read of your own came to (readv, recvmsg, io_uring): its result, or a negative errno. */
void finrst_note_read(finrst *guard, ssize_t result);

/** Tells what a write of your own came to (writev, sendfile): how much was wanted, and its result or a negative errno.
 */
void finrst_note_write(finrst *guard, size_t wanted, ssize_t result);

/* ---- Commands ---------------------------------------------------------------------------------------------------- */

/** Declares the stream complete: flush, our FIN, drain. WAITS for the verdict that `confirm` asks for, `within_ms` at
 *  most (1 … 2147483647; -1: the policy's own bounds); out of time `on_deadline` decides.
 *
 *  0 if our FIN ended it and nothing was lost, else FINRST_OTHERWISE; the verdict is filled in both cases (it may be
 *  NULL). What the peer still sends is drained by finrst_release(). A rest that the kernel did not take and that nobody
 * is writing makes it a failure. To repeat it changes nothing. */
int finrst_close(finrst *guard, int within_ms, finrst_verdict *verdict);

/** The same with another confirmation than the policy's: none, kernel, acked or peer. NULL is the policy's. */
int finrst_close_confirmed(finrst *guard, int within_ms, const char *confirm, finrst_verdict *verdict);

/** The same without waiting, for event loops; finrst_process() goes on. What is owed may still be written. */
int finrst_begin_close(finrst *guard, int within_ms, const char *confirm);

/** Resets. The reset has left when it returns, and the descriptor is closed; what was not acknowledged is lost. */
int finrst_abort(finrst *guard, finrst_verdict *verdict);

/** Says that the owner failed, with an errno or 0: `on_failure` decides. WAITS for the verdict, which is at once unless
 *  the answer is close. */
int finrst_fail(finrst *guard, int error, finrst_verdict *verdict);

/** Lets go without deciding: `on_drop` decides, and bytes that are owed or being written make it a reset. Does not
 * wait. */
int finrst_drop(finrst *guard);

/** Sends our FIN after everything written; receiving goes on. WAITS until it is out, `within_ms` at most (0: not at
 * all; -1: as long as it takes). FINRST_NOT_IN_TIME: it still goes out later. */
int finrst_finish_sending(finrst *guard, int within_ms);

/** For protocols that send several messages over one connection. A message has begun: until finrst_complete_message() a
 *  death, an exit or a drop resets, whatever `on_drop` says. */
int finrst_begin_message(finrst *guard);

/** Everything written so far is whole, although more may follow. Once it is in the kernel, and until
 *  finrst_begin_message(), a death, an exit or a drop ends it with a FIN, whatever `on_drop` and `on_exit` say. */
int finrst_complete_message(finrst *guard);

/** What SHUT_RD should have been, the same on every platform. `how`: "discard" throws away what arrives, so that the
 * peer never stalls; "hold" leaves it unread, so that its window closes; "refuse" resets when more arrives. Nothing
 * goes on the wire at the call. It takes effect whenever the guard is processed: in finrst_process(), and in every call
 * that waits. Do not read any more. */
int finrst_stop_receiving(finrst *guard, const char *how);

/** Reads and throws away until the peer's FIN. WAITS, `within_ms` at most. 0: the peer has finished;
 *  FINRST_NOT_IN_TIME; FINRST_OTHERWISE: the connection ended before. */
int finrst_drain(finrst *guard, int within_ms);

/** Closes, and hands back what the peer still sends until its FIN: at most *size bytes, whose number *size becomes. A
 *  peer that sends more is reset. WAITS for the peer as finrst_close() with "peer" does. 0 if our FIN ended it, nothing
 * was lost, and what was handed back is all that the peer sent. */
int finrst_finalise(finrst *guard, int within_ms, void *buffer, size_t *size, finrst_verdict *verdict);

/** The same without waiting. The buffer must stay until the guard has ended; finrst_rest() tells how much is in it. */
int finrst_begin_finalise(finrst *guard, int within_ms, void *buffer, size_t size);

/** How many bytes finalising has put into its buffer. */
size_t finrst_rest(finrst *guard);

/* ---- Event loops ------------------------------------------------------------------------------------------------- */

/** Where a guard is. */
enum {
  FINRST_STATE_OPEN = 1,    /**< nobody has ended it */
  FINRST_STATE_ENDING = 2,  /**< it is being ended, or our FIN is out: go on processing */
  FINRST_STATE_VERDICT = 3, /**< the verdict is final, the peer's last bytes are still drained: go on processing */
  FINRST_STATE_ENDED = 4,   /**< the descriptor is closed: release it */
};

/** Which events of poll(2) the guard itself waits for (0 or POLLIN), besides those that the owner does, and after how
 *  many milliseconds finrst_process() must be called at the latest (-1: no matter when).
 *
 *     struct pollfd p = {finrst_fd(guard), owner_wants | finrst_poll_events(guard, &timeout_ms), 0};
 *     poll(&p, 1, timeout_ms);
 *     if (p.revents & owner_wants) ... finrst_read(), finrst_write() ...
 *     if (finrst_process(guard, p.revents) == FINRST_STATE_ENDED) finrst_release(&guard);
 *
 *  With epoll: the same bits (EPOLLIN is POLLIN), level-triggered, to be set anew when they have changed; the
 * descriptor leaves the epoll set when the guard closes it. */
short finrst_poll_events(finrst *guard, int *timeout_ms);

/** Does what is due: clocks, the drain, and the look at the send queue. Never waits. Answers a FINRST_STATE_* number.
 */
int finrst_process(finrst *guard, short revents);

/** WAITS for the verdict, `timeout_ms` at most (-1: until there is one). 0, or FINRST_NOT_IN_TIME. */
int finrst_wait(finrst *guard, int timeout_ms, finrst_verdict *verdict);

/** Whether the verdict is final, and the verdict (which may be NULL) if so. */
bool finrst_ended(finrst *guard, finrst_verdict *verdict);

/* ---- Questions --------------------------------------------------------------------------------------------------- */

/** Sets SO_LINGER in seconds on every platform; -1 turns it off, 0 arms. FINRST_BAD_ARGUMENT for a number that the
 *  platform would refuse, wrap or cut; nothing is set then. The guard never waits in its last close, whatever is set.
 */
int finrst_set_linger(finrst *guard, int seconds);

/** Reads SO_LINGER in seconds; -1: it is off. */
int finrst_linger(finrst *guard, int *seconds);

/** How many bytes the peer's stack has not acknowledged, those owed included; -1: it cannot be known. */
int64_t finrst_unsent(finrst *guard);

/** Whether a reset follows if the process dies now. */
bool finrst_armed(finrst *guard);

/** What this system can do for a guard. */
finrst_capabilities finrst_get_capabilities(void);

/** Why a rule decides as it does, by the id that a verdict names; NULL if there is none of that name. */
const finrst_explanation *finrst_explain(const char *rule);

/** The verdict on one line, as snprintf(3). */
int finrst_format_verdict(const finrst_verdict *verdict, char *buffer, size_t size);

#ifdef __cplusplus
}
#endif

#endif
