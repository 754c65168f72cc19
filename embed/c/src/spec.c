/* Generated from spec by scripts/generate/c.ts; do not edit. */
/* The rules, the platforms and the words. */
#include "spec.h"

#include <stddef.h>

/* In the order of their numbers, which begin at 1. */
const finrst_explanation finrst_rules[RULE_COUNT] = {
  {"open-arms", "an open connection is armed", "Death runs none of our code, so the kernel is told beforehand: linger {1,0} makes the last close a reset. Without it the peer would take the part for the whole.", "RFC 9293 3.10.5", "exit.armed"},
  {"open-unarmed", "an open connection is left unarmed", "The policy leaves a crash to the OS.", NULL, "exit.default"},
  {"open-cannot-arm", "an open connection cannot be armed here", "The host cannot set SO_LINGER: a crash that runs no code of ours ends with what the OS does, and the capabilities say so.", NULL, "exit.default"},
  {"close-flushes", "a close flushes first", "Completion is declared; what the runtime still buffers must be in the kernel before the FIN.", "RFC 9293 3.10.4", "shutdown.write"},
  {"finish-flushes", "finish sending flushes first", "Our direction is declared complete; receiving goes on, and so do the owner's own bounds.", "RFC 9293 3.6", "shutdown.write"},
  {"drop-flushes", "a drop that discards nothing closes", "The owner let go without deciding and the policy closes; nothing is thrown away, so the stream can still be finished.", "RFC 9293 3.6", "shutdown.write"},
  {"peer-fin-flushes", "the peer's FIN ends our side too", "The policy does not keep half-open connections: what was written so far is flushed, then our FIN follows.", "RFC 9293 3.6", "shutdown.after-peer-fin"},
  {"failure-flushes", "a failure that the policy closes", "The owner failed, nothing is thrown away, and the policy prefers a FIN.", "RFC 9293 3.6", "shutdown.write"},
  {"close-after-finish", "a close after finish sending waits for the same flush", "The flush is under way; only what happens after the FIN changes.", "RFC 9293 3.10.4", "shutdown.write"},
  {"abort-resets", "an abort resets", "The owner asked for a reset. Linger {1,0} comes first, before anything could send a FIN.", "RFC 9293 3.10.5", "close.linger-zero.established"},
  {"failure-resets", "a failure resets", "The stream is incomplete because its owner failed; end of file would be a lie.", "RFC 9293 3.10.5", "close.linger-zero.established"},
  {"drop-resets", "a drop resets", "The policy takes a drop without a decision for a failure.", "RFC 9293 3.10.5", "close.linger-zero.established"},
  {"discard-resets", "a drop that discards bytes resets", "Bytes that the runtime still held are thrown away with its socket: the stream is truncated, whatever the policy says of drops.", "RFC 9293 3.10.5", "close.linger-zero.established"},
  {"exit-resets", "leaving the process resets what is incomplete", "The process ends on purpose and nobody declared this stream complete.", "RFC 9293 3.10.5", "exit.armed"},
  {"deadline-resets", "a close that ran out of time resets", "What did not leave in time is lost; the peer must not take the rest for the whole.", "RFC 9293 3.10.5", "close.linger-zero.established"},
  {"limit-resets", "a drain over its limit resets", "The peer sends more than we are willing to throw away.", "RFC 9112 9.6", "close.linger-zero.established"},
  {"refuse-resets", "data after a refusal resets", "The owner refuses what the peer still sends, and more arrived.", "RFC 9293 3.6.1", "shut-rd.late-data"},
  {"unread-resets", "unread bytes reset", "Bytes arrived that nobody read, and the policy tells the peer so.", "RFC 2525 2.17", "close.unread"},
  {"error-resets", "an error of the OS ends without a FIN", "The OS reports an error on the connection; whether a reset leaves is the kernel's to decide, but a FIN must not.", "RFC 9293 3.10.5", "reset.errno"},
  {"flushed-sends-fin", "everything is flushed, so the FIN goes out", "The order is: flush, disarm, FIN. Disarmed before the FIN, because some platforms refuse the option afterwards; death in between ends with the same FIN.", "RFC 9293 3.10.4", "linger.set-after-shutdown"},
  {"fin-sent-receives", "our FIN is out and receiving goes on", "Half-closed by us: the peer may send as long as it likes.", "RFC 9293 3.6", "shutdown.write"},
  {"fin-sent-drains", "our FIN is out and the peer's bytes are drained", "Closing with bytes unread or still coming would make the kernel reset, which can destroy our own last bytes at the peer.", "RFC 9112 9.6", "close.unread"},
  {"fin-sent-ends", "our FIN is out and there is nothing to wait for", "Both sides are done, or the policy does not drain and does not ask for confirmation.", "RFC 9293 3.6", "close.plain"},
  {"fin-sent-waits", "our FIN is out and its acknowledgement is awaited", "The verdict promises that the peer's stack has everything.", "RFC 9293 3.10.4", "unacked.query"},
  {"drop-sends-fin", "a drop with nothing lost sends our FIN", "The runtime lets go of its socket, the kernel has every byte, and the last close is ours.", "RFC 9293 3.6", "shutdown.write"},
  {"drop-leaves-fin", "a drop with nothing lost leaves the FIN to the runtime", "The kernel has every byte and the runtime's own close is the last one.", "RFC 9293 3.6", "close.plain"},
  {"exit-sends-fin", "leaving the process sends the FIN of a complete stream", "Everything is in the kernel and complete by declaration, by policy or by its protocol.", "RFC 9293 3.6", "exit.default"},
  {"fin-unasked", "a FIN is out that nobody declared", "Somebody sent the FIN behind our back; it cannot be called back, only told.", "RFC 9293 3.6", "reset.after-fin"},
  {"os-decides", "the OS decides", "The preset manual keeps its hands off everything but a command.", NULL, "close.plain"},
  {"peer-fin-noted", "the peer's FIN is noted", "Our direction goes on.", "RFC 9293 3.6", NULL},
  {"peer-fin-ends", "both FINs are in, so the connection is released", "Nothing can arrive any more and nothing is awaited.", "RFC 9293 3.6", "close.plain"},
  {"peer-reset-ends", "the peer's reset ends the connection", "There is no connection left to end; our descriptor is released.", "RFC 9293 3.10.7.4", "reset.errno"},
  {"acked-noted", "the peer's stack has everything", "Every byte and the FIN are acknowledged; the peer's program may still not have read them.", "RFC 9293 3.10.4", "unacked.query"},
  {"acked-ends", "everything is acknowledged and nothing else is awaited", "Both sides are done, or the policy does not drain.", "RFC 9293 3.6", "unacked.query"},
  {"deadline-detaches", "a close that ran out of time is left to the kernel", "Every byte and the FIN are in the kernel, which goes on delivering them.", "RFC 9293 3.6", "linger.timeout"},
  {"closed-drains", "the runtime let go, so the duplicate drains", "The peer has not finished; a last close now could reset and destroy our own bytes at the peer.", "RFC 9112 9.6", "close.late-data"},
  {"closed-ends", "the runtime let go and nothing is awaited", "Our FIN is out, so the last close adds nothing.", "RFC 9293 3.6", "close.plain"},
  {"exit-after-fin", "leaving the process after our FIN changes nothing", "The stream is complete and disarmed.", "RFC 9293 3.6", "exit.default"},
  {"peer-fin-waits", "the peer's FIN is in, the acknowledgement of ours is awaited", "The verdict promises that the peer's stack has everything.", "RFC 9293 3.10.4", "unacked.query"},
  {"receive-discards", "what the peer sends from now on is thrown away", "The same on every platform: read and discard, so that the peer never stalls.", "RFC 9293 3.6.1", "shut-rd.late-data"},
  {"receive-holds", "what the peer sends from now on is not read", "The peer's window closes; flow control tells it.", "RFC 9293 3.8.6", "shut-rd.late-data"},
  {"receive-refuses", "what the peer sends from now on will reset", "Nothing happens until more data arrives.", "RFC 9293 3.6.1", "shut-rd.late-data"},
  {"data-noted", "arriving data is noted", "It changes no decision; thrown away, it is told in the verdict.", "RFC 9293 3.10.7.4", NULL},
  {"not-open", "an event before open is nothing", "There is no connection to end yet.", "RFC 9293 3.10.4", NULL},
  {"stale", "an event that no longer matters is nothing", "Its moment has passed, or it contradicts the facts that came with it.", "RFC 9293 3.10.7.4", NULL},
  {"already-so", "a repeated command is nothing", "What it asks for is already so, or already under way.", "RFC 9293 3.10.4", NULL},
  {"after-the-end", "an event after the end is nothing", "The verdict is final and nothing is left to call.", "RFC 9293 3.10.5", NULL},
};

const struct platform_row finrst_platform_rows[] = {
  {"freebsd", NULL, 2, true, false, 1074030199, 0},
  {"gvisor", NULL, 12, false, false, 0, 0},
  {"illumos", NULL, 5, false, false, 0, 0},
  {"linux", NULL, 1, true, true, 21521, 35147},
  {"linux", "mips", 8, true, true, 29810, 35147},
  {"linux", "sparc", 9, true, true, 1074033779, 35147},
  {"linux", "alpha", 10, true, true, 1074033779, 35147},
  {"linux", "parisc", 11, true, true, 0, 35147},
  {"macos", NULL, 6, false, false, 4132, 0},
  {"netbsd", NULL, 4, true, false, 1074030201, 0},
  {"openbsd", NULL, 3, false, false, 9, 0},
  {"windows", NULL, 7, false, false, 0, 0},
  {NULL, NULL, 0, false, false, 0, 0},
};

static const char *const ended[] = {"unknown", "fin", "reset", "silent"};
const struct words finrst_words_ended = {4, ended};

static const char *const by[] = {"unknown", "us", "peer", "kernel"};
const struct words finrst_words_by = {4, by};

static const char *const delivery[] = {"unknown", "handed", "acked", "confirmed", "lost"};
const struct words finrst_words_delivery = {5, delivery};

static const char *const received[] = {"unknown", "complete", "reset", "discarded"};
const struct words finrst_words_received = {4, received};

static const char *const certainty[] = {"assumed", "documented", "measured"};
const struct words finrst_words_certainty = {3, certainty};

static const char *const event[] = {NULL, "OPEN", "CLOSE", "ABORT", "FINISH_SENDING", "DROPPED", "FAILED", "EXITING", "DEADLINE", "OVER_LIMIT", "PEER_FIN", "PEER_RESET", "OS_ERROR", "RUNTIME_CLOSED", "DATA", "FIN_SENT", "FLUSHED", "ACKED", "STOP_RECEIVING"};
const struct words finrst_words_event = {19, event};

static const char *const step[] = {"NONE", "ARM", "DISARM", "DISCONNECT", "CLOSE", "WATCH_ACKED", "REPORT", "SHUT_WRITE", "RELEASE", "RESET", "FLUSH", "DRAIN", "DISCARD", "HOLD", "FLUSH_DEADLINE", "DRAIN_DEADLINE"};
const struct words finrst_words_step = {16, step};

static const char *const error[] = {"NONE", "NOT_CONNECTED", "RESET", "BROKEN_PIPE", "INVALID", "BAD_DESCRIPTOR", "NOT_SOCKET", "ABORTED", "TIMED_OUT", "WOULD_BLOCK", "SHUT_DOWN", "OUT_OF_RANGE", "NOT_SUPPORTED", "OTHER"};
const struct words finrst_words_error = {14, error};

const struct fact_word finrst_fact_words[FACT_COUNT] = {
  {1, "UNFLUSHED"},
  {2, "UNSENT"},
  {4, "UNACKED"},
  {8, "UNREAD"},
  {16, "LATE"},
  {32, "LEAVING"},
  {64, "COMPLETE"},
  {128, "BUDGET"},
  {1024, "SHARED"},
};
