// Generated from spec by scripts/generate/java.ts; do not edit.
package dev.finrst.engine;

import java.util.Map;

/** The numbers of the ABI, the rules and the rows of the platforms. */
public final class Spec {
    public static final int ABI_VERSION = 1;
    public static final int EVENT_OPEN = 1;
    public static final int EVENT_CLOSE = 2;
    public static final int EVENT_ABORT = 3;
    public static final int EVENT_FINISH_SENDING = 4;
    public static final int EVENT_DROPPED = 5;
    public static final int EVENT_FAILED = 6;
    public static final int EVENT_EXITING = 7;
    public static final int EVENT_DEADLINE = 8;
    public static final int EVENT_OVER_LIMIT = 9;
    public static final int EVENT_PEER_FIN = 10;
    public static final int EVENT_PEER_RESET = 11;
    public static final int EVENT_OS_ERROR = 12;
    public static final int EVENT_RUNTIME_CLOSED = 13;
    public static final int EVENT_DATA = 14;
    public static final int EVENT_FIN_SENT = 15;
    public static final int EVENT_FLUSHED = 16;
    public static final int EVENT_ACKED = 17;
    public static final int EVENT_STOP_RECEIVING = 18;
    public static final int FACT_UNFLUSHED = 1;
    public static final int FACT_UNSENT = 2;
    public static final int FACT_UNACKED = 4;
    public static final int FACT_UNREAD = 8;
    public static final int FACT_LATE = 16;
    public static final int FACT_LEAVING = 32;
    public static final int FACT_COMPLETE = 64;
    public static final int FACT_BUDGET = 128;
    public static final int FACT_SHARED = 1024;
    public static final int ARGUMENT_SHIFT = 12;
    public static final int ARGUMENT_MASK = 15;
    public static final int RECEIVE_MASK = 3;
    public static final int RECEIVE_NORMAL = 0;
    public static final int RECEIVE_DISCARD = 1;
    public static final int RECEIVE_HOLD = 2;
    public static final int RECEIVE_REFUSE = 3;
    public static final int STEP_NONE = 0;
    public static final int STEP_ARM = 1;
    public static final int STEP_DISARM = 2;
    public static final int STEP_DISCONNECT = 3;
    public static final int STEP_CLOSE = 4;
    public static final int STEP_WATCH_ACKED = 5;
    public static final int STEP_REPORT = 6;
    public static final int STEP_SHUT_WRITE = 7;
    public static final int STEP_RELEASE = 8;
    public static final int STEP_RESET = 9;
    public static final int STEP_FLUSH = 10;
    public static final int STEP_DRAIN = 11;
    public static final int STEP_DISCARD = 12;
    public static final int STEP_HOLD = 13;
    public static final int STEP_FLUSH_DEADLINE = 14;
    public static final int STEP_DRAIN_DEADLINE = 15;
    public static final int PLAN_STEP_BITS = 4;
    public static final int PLAN_STEP_MASK = 15;
    public static final int PLAN_STEPS = 5;
    public static final int PLAN_ALL_STEPS = 1048575;
    public static final int PLAN_RULE_SHIFT = 20;
    public static final int PLAN_RULE_MASK = 63;
    public static final int BOOK_CAUSE_FIRST = 8;
    public static final int BOOK_CAUSE_WINS = 16;
    public static final int CAN_ARM = 64;
    public static final int CAN_DISCONNECT = 128;
    public static final int CAN_RESET = 256;
    public static final int CAN_HOLD = 512;
    public static final int CAN_DRAIN = 1024;
    public static final int CAN_SEE_ACKED = 2048;
    public static final int POLICY_DROP_ABORTS = 65536;
    public static final int POLICY_FAILURE_CLOSES = 131072;
    public static final int POLICY_EXIT_CLOSES = 262144;
    public static final int POLICY_CRASH_LEAVES = 524288;
    public static final int POLICY_PEER_FIN_CLOSES = 1048576;
    public static final int POLICY_UNREAD_ABORTS = 2097152;
    public static final int POLICY_DEADLINE_DETACHES = 4194304;
    public static final int POLICY_HANDS_OFF = 8388608;
    public static final int CONFIRM_SHIFT = 24;
    public static final int CONFIRM_MASK = 3;
    public static final int CONFIRM_NONE = 0;
    public static final int CONFIRM_KERNEL = 1;
    public static final int CONFIRM_ACKED = 2;
    public static final int CONFIRM_PEER = 3;
    public static final int CONTEXT_PLATFORM_MASK = 63;
    public static final int CONTEXT_BIG_ENDIAN = 67108864;
    public static final int PHASE_MASK = 7;
    public static final int PHASE_NEW = 0;
    public static final int PHASE_OPEN = 1;
    public static final int PHASE_FINISHING = 2;
    public static final int PHASE_CLOSING = 3;
    public static final int PHASE_FINISHED = 4;
    public static final int PHASE_DRAINING = 5;
    public static final int PHASE_ENDED = 6;
    public static final int FLAG_ARMED = 8;
    public static final int FLAG_FIN_OUT = 16;
    public static final int FLAG_PEER_FIN = 32;
    public static final int FLAG_ACKED = 64;
    public static final int FLAG_FIN_ASKED = 128;
    public static final int FLAG_SHARED = 1024;
    public static final int FLAG_REPORTED = 1073741824;
    public static final int FIELD_RECEIVE_SHIFT = 8;
    public static final int FIELD_CAUSE_SHIFT = 11;
    public static final int FIELD_ENDED_SHIFT = 15;
    public static final int FIELD_BY_SHIFT = 17;
    public static final int FIELD_DELIVERY_SHIFT = 19;
    public static final int FIELD_RECEIVED_SHIFT = 22;
    public static final int FIELD_RULE_SHIFT = 24;
    public static final int FIELD_RULE_MASK = 63;
    public static final int CAUSE_MASK = 15;
    public static final int CAUSE_NONE = 0;
    public static final int ENDED_MASK = 3;
    public static final int ENDED_UNKNOWN = 0;
    public static final int ENDED_FIN = 1;
    public static final int ENDED_RESET = 2;
    public static final int ENDED_SILENT = 3;
    public static final int BY_MASK = 3;
    public static final int BY_UNKNOWN = 0;
    public static final int BY_US = 1;
    public static final int BY_PEER = 2;
    public static final int BY_KERNEL = 3;
    public static final int DELIVERY_MASK = 7;
    public static final int DELIVERY_UNKNOWN = 0;
    public static final int DELIVERY_HANDED = 1;
    public static final int DELIVERY_ACKED = 2;
    public static final int DELIVERY_CONFIRMED = 3;
    public static final int DELIVERY_LOST = 4;
    public static final int RECEIVED_MASK = 3;
    public static final int RECEIVED_UNKNOWN = 0;
    public static final int RECEIVED_COMPLETE = 1;
    public static final int RECEIVED_RESET = 2;
    public static final int RECEIVED_DISCARDED = 3;
    public static final int RESULT_DONE = 0;
    public static final int RESULT_PENDING = 1;
    public static final int ERROR_NONE = 0;
    public static final int ERROR_NOT_CONNECTED = 1;
    public static final int ERROR_RESET = 2;
    public static final int ERROR_BROKEN_PIPE = 3;
    public static final int ERROR_INVALID = 4;
    public static final int ERROR_BAD_DESCRIPTOR = 5;
    public static final int ERROR_NOT_SOCKET = 6;
    public static final int ERROR_ABORTED = 7;
    public static final int ERROR_TIMED_OUT = 8;
    public static final int ERROR_WOULD_BLOCK = 9;
    public static final int ERROR_SHUT_DOWN = 10;
    public static final int ERROR_OUT_OF_RANGE = 11;
    public static final int ERROR_NOT_SUPPORTED = 12;
    public static final int ERROR_OTHER = 13;
    public static final int COLUMN_TRAITS = 0;
    public static final int COLUMN_SOCKET_LEVEL = 1;
    public static final int COLUMN_LINGER_OPTION = 2;
    public static final int COLUMN_LINGER_MOST = 3;
    public static final int COLUMN_LINGER_BYTES = 4;
    public static final int COLUMN_LINGER_TICKS_OPTION = 5;
    public static final int COLUMN_ERRNO = 5;
    public static final int TRAIT_DEATH_RESETS = 1;
    public static final int TRAIT_DISCONNECTS = 2;
    public static final int TRAIT_UNREAD_RESETS = 4;
    public static final int TRAIT_SEES_ACKED = 8;
    public static final int TRAIT_SEES_FIN_ACKED = 16;
    public static final int TRAIT_RESET_MAY_BE_LOST = 32;
    public static final int TRAIT_RESET_CERTAINTY_SHIFT = 6;
    public static final int TRAIT_FIN_CERTAINTY_SHIFT = 8;
    public static final int TRAIT_DISCONNECT_CERTAINTY_SHIFT = 10;
    public static final int CERTAINTY_MASK = 3;
    public static final int CERTAINTY_ASSUMED = 0;
    public static final int CERTAINTY_DOCUMENTED = 1;
    public static final int CERTAINTY_MEASURED = 2;

    /** The id of a rule, what it says, and why, at the place of its number less 1. */
    static final String[][] RULES = {
        {"open-arms", "an open connection is armed", "Death runs none of our code, so the kernel is told beforehand: linger {1,0} makes the last close a reset. Without it the peer would take the part for the whole."},
        {"open-unarmed", "an open connection is left unarmed", "The policy leaves a crash to the OS."},
        {"open-cannot-arm", "an open connection cannot be armed here", "The host cannot set SO_LINGER: a crash that runs no code of ours ends with what the OS does, and the capabilities say so."},
        {"close-flushes", "a close flushes first", "Completion is declared; what the runtime still buffers must be in the kernel before the FIN."},
        {"finish-flushes", "finish sending flushes first", "Our direction is declared complete; receiving goes on, and so do the owner's own bounds."},
        {"drop-flushes", "a drop that discards nothing closes", "The owner let go without deciding and the policy closes; nothing is thrown away, so the stream can still be finished."},
        {"peer-fin-flushes", "the peer's FIN ends our side too", "The policy does not keep half-open connections: what was written so far is flushed, then our FIN follows."},
        {"failure-flushes", "a failure that the policy closes", "The owner failed, nothing is thrown away, and the policy prefers a FIN."},
        {"close-after-finish", "a close after finish sending waits for the same flush", "The flush is under way; only what happens after the FIN changes."},
        {"abort-resets", "an abort resets", "The owner asked for a reset. Linger {1,0} comes first, before anything could send a FIN."},
        {"failure-resets", "a failure resets", "The stream is incomplete because its owner failed; end of file would be a lie."},
        {"drop-resets", "a drop resets", "The policy takes a drop without a decision for a failure."},
        {"discard-resets", "a drop that discards bytes resets", "Bytes that the runtime still held are thrown away with its socket: the stream is truncated, whatever the policy says of drops."},
        {"exit-resets", "leaving the process resets what is incomplete", "The process ends on purpose and nobody declared this stream complete."},
        {"deadline-resets", "a close that ran out of time resets", "What did not leave in time is lost; the peer must not take the rest for the whole."},
        {"limit-resets", "a drain over its limit resets", "The peer sends more than we are willing to throw away."},
        {"refuse-resets", "data after a refusal resets", "The owner refuses what the peer still sends, and more arrived."},
        {"unread-resets", "unread bytes reset", "Bytes arrived that nobody read, and the policy tells the peer so."},
        {"error-resets", "an error of the OS ends without a FIN", "The OS reports an error on the connection; whether a reset leaves is the kernel's to decide, but a FIN must not."},
        {"flushed-sends-fin", "everything is flushed, so the FIN goes out", "The order is: flush, disarm, FIN. Disarmed before the FIN, because some platforms refuse the option afterwards; death in between ends with the same FIN."},
        {"fin-sent-receives", "our FIN is out and receiving goes on", "Half-closed by us: the peer may send as long as it likes."},
        {"fin-sent-drains", "our FIN is out and the peer's bytes are drained", "Closing with bytes unread or still coming would make the kernel reset, which can destroy our own last bytes at the peer."},
        {"fin-sent-ends", "our FIN is out and there is nothing to wait for", "Both sides are done, or the policy does not drain and does not ask for confirmation."},
        {"fin-sent-waits", "our FIN is out and its acknowledgement is awaited", "The verdict promises that the peer's stack has everything."},
        {"drop-sends-fin", "a drop with nothing lost sends our FIN", "The runtime lets go of its socket, the kernel has every byte, and the last close is ours."},
        {"drop-leaves-fin", "a drop with nothing lost leaves the FIN to the runtime", "The kernel has every byte and the runtime's own close is the last one."},
        {"exit-sends-fin", "leaving the process sends the FIN of a complete stream", "Everything is in the kernel and complete by declaration, by policy or by its protocol."},
        {"fin-unasked", "a FIN is out that nobody declared", "Somebody sent the FIN behind our back; it cannot be called back, only told."},
        {"os-decides", "the OS decides", "The preset manual keeps its hands off everything but a command."},
        {"peer-fin-noted", "the peer's FIN is noted", "Our direction goes on."},
        {"peer-fin-ends", "both FINs are in, so the connection is released", "Nothing can arrive any more and nothing is awaited."},
        {"peer-reset-ends", "the peer's reset ends the connection", "There is no connection left to end; our descriptor is released."},
        {"acked-noted", "the peer's stack has everything", "Every byte and the FIN are acknowledged; the peer's program may still not have read them."},
        {"acked-ends", "everything is acknowledged and nothing else is awaited", "Both sides are done, or the policy does not drain."},
        {"deadline-detaches", "a close that ran out of time is left to the kernel", "Every byte and the FIN are in the kernel, which goes on delivering them."},
        {"closed-drains", "the runtime let go, so the duplicate drains", "The peer has not finished; a last close now could reset and destroy our own bytes at the peer."},
        {"closed-ends", "the runtime let go and nothing is awaited", "Our FIN is out, so the last close adds nothing."},
        {"exit-after-fin", "leaving the process after our FIN changes nothing", "The stream is complete and disarmed."},
        {"peer-fin-waits", "the peer's FIN is in, the acknowledgement of ours is awaited", "The verdict promises that the peer's stack has everything."},
        {"receive-discards", "what the peer sends from now on is thrown away", "The same on every platform: read and discard, so that the peer never stalls."},
        {"receive-holds", "what the peer sends from now on is not read", "The peer's window closes; flow control tells it."},
        {"receive-refuses", "what the peer sends from now on will reset", "Nothing happens until more data arrives."},
        {"data-noted", "arriving data is noted", "It changes no decision; thrown away, it is told in the verdict."},
        {"not-open", "an event before open is nothing", "There is no connection to end yet."},
        {"stale", "an event that no longer matters is nothing", "Its moment has passed, or it contradicts the facts that came with it."},
        {"already-so", "a repeated command is nothing", "What it asks for is already so, or already under way."},
        {"after-the-end", "an event after the end is nothing", "The verdict is final and nothing is left to call."},
    };

    /** The row of a system, and of a machine on which it has numbers of its own. */
    static final Map<String, Integer> ROWS = Map.ofEntries(
        Map.entry("linux", 1),
        Map.entry("linux-mips", 8),
        Map.entry("linux-sparc", 9),
        Map.entry("linux-alpha", 10),
        Map.entry("linux-parisc", 11),
        Map.entry("freebsd", 2),
        Map.entry("openbsd", 3),
        Map.entry("netbsd", 4),
        Map.entry("illumos", 5),
        Map.entry("macos", 6),
        Map.entry("windows", 7),
        Map.entry("gvisor", 12)
    );

    private Spec() {}
}
