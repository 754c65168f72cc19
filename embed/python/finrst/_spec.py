# Generated from spec and embed/finrst-pure.wasm by scripts/generate/python.ts; do not edit.
"""The numbers of the ABI, the rules, the platforms and the Wasm."""
from typing import Any, Dict, Tuple

ABI_VERSION = 1
EVENT_OPEN = 1
EVENT_CLOSE = 2
EVENT_ABORT = 3
EVENT_FINISH_SENDING = 4
EVENT_DROPPED = 5
EVENT_FAILED = 6
EVENT_EXITING = 7
EVENT_DEADLINE = 8
EVENT_OVER_LIMIT = 9
EVENT_PEER_FIN = 10
EVENT_PEER_RESET = 11
EVENT_OS_ERROR = 12
EVENT_RUNTIME_CLOSED = 13
EVENT_DATA = 14
EVENT_FIN_SENT = 15
EVENT_FLUSHED = 16
EVENT_ACKED = 17
EVENT_STOP_RECEIVING = 18
FACT_UNFLUSHED = 1
FACT_UNSENT = 2
FACT_UNACKED = 4
FACT_UNREAD = 8
FACT_LATE = 16
FACT_LEAVING = 32
FACT_COMPLETE = 64
FACT_BUDGET = 128
FACT_SHARED = 1024
ARGUMENT_SHIFT = 12
ARGUMENT_MASK = 15
RECEIVE_MASK = 3
RECEIVE_NORMAL = 0
RECEIVE_DISCARD = 1
RECEIVE_HOLD = 2
RECEIVE_REFUSE = 3
STEP_NONE = 0
STEP_ARM = 1
STEP_DISARM = 2
STEP_DISCONNECT = 3
STEP_CLOSE = 4
STEP_WATCH_ACKED = 5
STEP_REPORT = 6
STEP_SHUT_WRITE = 7
STEP_RELEASE = 8
STEP_RESET = 9
STEP_FLUSH = 10
STEP_DRAIN = 11
STEP_DISCARD = 12
STEP_HOLD = 13
STEP_FLUSH_DEADLINE = 14
STEP_DRAIN_DEADLINE = 15
PLAN_STEP_BITS = 4
PLAN_STEP_MASK = 15
PLAN_STEPS = 5
PLAN_ALL_STEPS = 1048575
PLAN_RULE_SHIFT = 20
PLAN_RULE_MASK = 63
BOOK_CAUSE_FIRST = 8
BOOK_CAUSE_WINS = 16
CAN_ARM = 64
CAN_DISCONNECT = 128
CAN_RESET = 256
CAN_HOLD = 512
CAN_DRAIN = 1024
CAN_SEE_ACKED = 2048
POLICY_DROP_ABORTS = 65536
POLICY_FAILURE_CLOSES = 131072
POLICY_EXIT_CLOSES = 262144
POLICY_CRASH_LEAVES = 524288
POLICY_PEER_FIN_CLOSES = 1048576
POLICY_UNREAD_ABORTS = 2097152
POLICY_DEADLINE_DETACHES = 4194304
POLICY_HANDS_OFF = 8388608
CONFIRM_SHIFT = 24
CONFIRM_MASK = 3
CONFIRM_NONE = 0
CONFIRM_KERNEL = 1
CONFIRM_ACKED = 2
CONFIRM_PEER = 3
CONTEXT_PLATFORM_MASK = 63
CONTEXT_BIG_ENDIAN = 67108864
PHASE_MASK = 7
PHASE_NEW = 0
PHASE_OPEN = 1
PHASE_FINISHING = 2
PHASE_CLOSING = 3
PHASE_FINISHED = 4
PHASE_DRAINING = 5
PHASE_ENDED = 6
FLAG_ARMED = 8
FLAG_FIN_OUT = 16
FLAG_PEER_FIN = 32
FLAG_ACKED = 64
FLAG_FIN_ASKED = 128
FLAG_SHARED = 1024
FLAG_REPORTED = 1073741824
FIELD_RECEIVE_SHIFT = 8
FIELD_CAUSE_SHIFT = 11
FIELD_ENDED_SHIFT = 15
FIELD_BY_SHIFT = 17
FIELD_DELIVERY_SHIFT = 19
FIELD_RECEIVED_SHIFT = 22
FIELD_RULE_SHIFT = 24
FIELD_RULE_MASK = 63
CAUSE_MASK = 15
CAUSE_NONE = 0
ENDED_MASK = 3
ENDED_UNKNOWN = 0
ENDED_FIN = 1
ENDED_RESET = 2
ENDED_SILENT = 3
BY_MASK = 3
BY_UNKNOWN = 0
BY_US = 1
BY_PEER = 2
BY_KERNEL = 3
DELIVERY_MASK = 7
DELIVERY_UNKNOWN = 0
DELIVERY_HANDED = 1
DELIVERY_ACKED = 2
DELIVERY_CONFIRMED = 3
DELIVERY_LOST = 4
RECEIVED_MASK = 3
RECEIVED_UNKNOWN = 0
RECEIVED_COMPLETE = 1
RECEIVED_RESET = 2
RECEIVED_DISCARDED = 3
RESULT_DONE = 0
RESULT_PENDING = 1
ERROR_NONE = 0
ERROR_NOT_CONNECTED = 1
ERROR_RESET = 2
ERROR_BROKEN_PIPE = 3
ERROR_INVALID = 4
ERROR_BAD_DESCRIPTOR = 5
ERROR_NOT_SOCKET = 6
ERROR_ABORTED = 7
ERROR_TIMED_OUT = 8
ERROR_WOULD_BLOCK = 9
ERROR_SHUT_DOWN = 10
ERROR_OUT_OF_RANGE = 11
ERROR_NOT_SUPPORTED = 12
ERROR_OTHER = 13
COLUMN_TRAITS = 0
COLUMN_SOCKET_LEVEL = 1
COLUMN_LINGER_OPTION = 2
COLUMN_LINGER_MOST = 3
COLUMN_LINGER_BYTES = 4
COLUMN_LINGER_TICKS_OPTION = 5
COLUMN_ERRNO = 5
TRAIT_DEATH_RESETS = 1
TRAIT_DISCONNECTS = 2
TRAIT_UNREAD_RESETS = 4
TRAIT_SEES_ACKED = 8
TRAIT_SEES_FIN_ACKED = 16
TRAIT_RESET_MAY_BE_LOST = 32
TRAIT_RESET_CERTAINTY_SHIFT = 6
TRAIT_FIN_CERTAINTY_SHIFT = 8
TRAIT_DISCONNECT_CERTAINTY_SHIFT = 10
CERTAINTY_MASK = 3
CERTAINTY_ASSUMED = 0
CERTAINTY_DOCUMENTED = 1
CERTAINTY_MEASURED = 2

# By its number: the id of a rule, what it says, and why.
RULES: Dict[int, Tuple[str, str, str]] = {
    1: ("open-arms", "an open connection is armed", "Death runs none of our code, so the kernel is told beforehand: linger {1,0} makes the last close a reset. Without it the peer would take the part for the whole."),
    2: ("open-unarmed", "an open connection is left unarmed", "The policy leaves a crash to the OS."),
    3: ("open-cannot-arm", "an open connection cannot be armed here", "The host cannot set SO_LINGER: a crash that runs no code of ours ends with what the OS does, and the capabilities say so."),
    4: ("close-flushes", "a close flushes first", "Completion is declared; what the runtime still buffers must be in the kernel before the FIN."),
    5: ("finish-flushes", "finish sending flushes first", "Our direction is declared complete; receiving goes on, and so do the owner's own bounds."),
    6: ("drop-flushes", "a drop that discards nothing closes", "The owner let go without deciding and the policy closes; nothing is thrown away, so the stream can still be finished."),
    7: ("peer-fin-flushes", "the peer's FIN ends our side too", "The policy does not keep half-open connections: what was written so far is flushed, then our FIN follows."),
    8: ("failure-flushes", "a failure that the policy closes", "The owner failed, nothing is thrown away, and the policy prefers a FIN."),
    9: ("close-after-finish", "a close after finish sending waits for the same flush", "The flush is under way; only what happens after the FIN changes."),
    10: ("abort-resets", "an abort resets", "The owner asked for a reset. Linger {1,0} comes first, before anything could send a FIN."),
    11: ("failure-resets", "a failure resets", "The stream is incomplete because its owner failed; end of file would be a lie."),
    12: ("drop-resets", "a drop resets", "The policy takes a drop without a decision for a failure."),
    13: ("discard-resets", "a drop that discards bytes resets", "Bytes that the runtime still held are thrown away with its socket: the stream is truncated, whatever the policy says of drops."),
    14: ("exit-resets", "leaving the process resets what is incomplete", "The process ends on purpose and nobody declared this stream complete."),
    15: ("deadline-resets", "a close that ran out of time resets", "What did not leave in time is lost; the peer must not take the rest for the whole."),
    16: ("limit-resets", "a drain over its limit resets", "The peer sends more than we are willing to throw away."),
    17: ("refuse-resets", "data after a refusal resets", "The owner refuses what the peer still sends, and more arrived."),
    18: ("unread-resets", "unread bytes reset", "Bytes arrived that nobody read, and the policy tells the peer so."),
    19: ("error-resets", "an error of the OS ends without a FIN", "The OS reports an error on the connection; whether a reset leaves is the kernel's to decide, but a FIN must not."),
    20: ("flushed-sends-fin", "everything is flushed, so the FIN goes out", "The order is: flush, disarm, FIN. Disarmed before the FIN, because some platforms refuse the option afterwards; death in between ends with the same FIN."),
    21: ("fin-sent-receives", "our FIN is out and receiving goes on", "Half-closed by us: the peer may send as long as it likes."),
    22: ("fin-sent-drains", "our FIN is out and the peer's bytes are drained", "Closing with bytes unread or still coming would make the kernel reset, which can destroy our own last bytes at the peer."),
    23: ("fin-sent-ends", "our FIN is out and there is nothing to wait for", "Both sides are done, or the policy does not drain and does not ask for confirmation."),
    24: ("fin-sent-waits", "our FIN is out and its acknowledgement is awaited", "The verdict promises that the peer's stack has everything."),
    25: ("drop-sends-fin", "a drop with nothing lost sends our FIN", "The runtime lets go of its socket, the kernel has every byte, and the last close is ours."),
    26: ("drop-leaves-fin", "a drop with nothing lost leaves the FIN to the runtime", "The kernel has every byte and the runtime's own close is the last one."),
    27: ("exit-sends-fin", "leaving the process sends the FIN of a complete stream", "Everything is in the kernel and complete by declaration, by policy or by its protocol."),
    28: ("fin-unasked", "a FIN is out that nobody declared", "Somebody sent the FIN behind our back; it cannot be called back, only told."),
    29: ("os-decides", "the OS decides", "The preset manual keeps its hands off everything but a command."),
    30: ("peer-fin-noted", "the peer's FIN is noted", "Our direction goes on."),
    31: ("peer-fin-ends", "both FINs are in, so the connection is released", "Nothing can arrive any more and nothing is awaited."),
    32: ("peer-reset-ends", "the peer's reset ends the connection", "There is no connection left to end; our descriptor is released."),
    33: ("acked-noted", "the peer's stack has everything", "Every byte and the FIN are acknowledged; the peer's program may still not have read them."),
    34: ("acked-ends", "everything is acknowledged and nothing else is awaited", "Both sides are done, or the policy does not drain."),
    35: ("deadline-detaches", "a close that ran out of time is left to the kernel", "Every byte and the FIN are in the kernel, which goes on delivering them."),
    36: ("closed-drains", "the runtime let go, so the duplicate drains", "The peer has not finished; a last close now could reset and destroy our own bytes at the peer."),
    37: ("closed-ends", "the runtime let go and nothing is awaited", "Our FIN is out, so the last close adds nothing."),
    38: ("exit-after-fin", "leaving the process after our FIN changes nothing", "The stream is complete and disarmed."),
    39: ("peer-fin-waits", "the peer's FIN is in, the acknowledgement of ours is awaited", "The verdict promises that the peer's stack has everything."),
    40: ("receive-discards", "what the peer sends from now on is thrown away", "The same on every platform: read and discard, so that the peer never stalls."),
    41: ("receive-holds", "what the peer sends from now on is not read", "The peer's window closes; flow control tells it."),
    42: ("receive-refuses", "what the peer sends from now on will reset", "Nothing happens until more data arrives."),
    43: ("data-noted", "arriving data is noted", "It changes no decision; thrown away, it is told in the verdict."),
    44: ("not-open", "an event before open is nothing", "There is no connection to end yet."),
    45: ("stale", "an event that no longer matters is nothing", "Its moment has passed, or it contradicts the facts that came with it."),
    46: ("already-so", "a repeated command is nothing", "What it asks for is already so, or already under way."),
    47: ("after-the-end", "an event after the end is nothing", "The verdict is final and nothing is left to call."),
}

# What a host must know of its system besides the columns of the Wasm.
PLATFORMS: Dict[str, Dict[str, Any]] = {
    "freebsd": {"row": 2, "arch": {}, "query": {"through": "ioctl", "number": 1074030199, "countsFin": False}, "untransmitted": None},
    "gvisor": {"row": 12, "arch": {}, "query": None, "untransmitted": None},
    "illumos": {"row": 5, "arch": {}, "query": None, "untransmitted": None},
    "linux": {"row": 1, "arch": {"mips": {"row": 8, "query": 29810}, "sparc": {"row": 9, "query": 1074033779}, "alpha": {"row": 10, "query": 1074033779}, "parisc": {"row": 11, "query": None}}, "query": {"through": "ioctl", "number": 21521, "countsFin": True}, "untransmitted": 35147},
    "macos": {"row": 6, "arch": {}, "query": {"through": "getsockopt", "number": 4132, "countsFin": False}, "untransmitted": None},
    "netbsd": {"row": 4, "arch": {}, "query": {"through": "ioctl", "number": 1074030201, "countsFin": False}, "untransmitted": None},
    "openbsd": {"row": 3, "arch": {}, "query": {"through": "getsockopt", "number": 9, "countsFin": False}, "untransmitted": None},
    "windows": {"row": 7, "arch": {}, "query": None, "untransmitted": None},
}

WASM = (
    "AGFzbQEAAAABKAZgAn9/AX9gAX8Bf2ADf39/AX9gBH9/f38Bf2AAAX9gBX9/f39/AX8DKCcAAAAAAQACAwECAQEAAgEAAwEBAQAB"
    "AAIBAgMCAgUDAAQAAwMAAQQFBAEBAQEHdgsHdmVyc2lvbgAgBmJ1ZmZlcgAmDGRlY29kZUxpbmdlcgAlDGVuY29kZUxpbmdlcgAk"
    "BmRlY2lkZQAjCW5vcm1hbGlzZQAhCWNlcnRhaW50eQAfBWVudGVyAB4Gc2V0dGxlABwGY29sdW1uAAIGbWVtb3J5AgAK/hcnDAAg"
    "AEH//2FxIAFyCwkAIAAQCiABcQvDAQEBfyAAEAoiAkUgAUERSnIEQEEADwsgAkEQdUEPcUEDdEGACGohAAJAAkACQAJAAkACQAJA"
    "IAEOBgABAgMEBQYLIAJB//8AcQ8LIAAoAgBB//8DcQ8LIAAoAgBBEHYPCyAAKAIEDwtBBEEIIAJBgIABcRsPC0GAAUEAIAJBgIAC"
    "cRsPCyABQQZrIAJBFHUiAEEMbGoiAUF8cUGoCGooAgAgAUEDcUEDdHVB/wFxIgFBkM4AaiABIABBA0YgAUEAR3EbCwwAIABBE0EH"
    "IAEQBwsKACAAQRh1QQNxCwoAIABBB3EgAUgLIgAgABAEQQJOBH8gABAOBUEACwR/IAAgASACEAkFQQELRQsTACAAIAIgAXRBf3Nx"
    "IAMgAXRyCxcAIABBgAFxBH8gAEECEAFBAEcFQQALCx0AIAFBwABxBH9BAQUgAkEEcUUgABAOIgAgABsLCxEAIABBP3FBAnRB8Ahq"
    "KAIACw0AIABBE0wgAEEKTnELFQAgACAAIAFBFnRyIABBgICABnEbCyAAIAEQE0ECTgRAIAEPCyABQQJBASAAIAEgAhAJGxADCxQA"
    "IABBgBBxBH8gAEEIEAEFQQALCxgAQQEgAUGAAXEgAEGAiIABcUGACEcbRQtxACABQQQQBUUEQCADDwsgAEGAgIAEcUEAIAJBIHEi"
    "ARsEQEEdDwsgAkEBcUEAIAEbBEBBDQ8LIAAgAiADEBlBEkYEQEESDwsgAEGAgARxQQAgA0EGRhsEQEEMDwsgAUUEQCADDwtBGUEa"
    "IABBgARxGwsVAEEKIAAgABALG0ECdEHAC2ooAgALKgBBASAAQZABcSAAQQdxQQZHGwRAIAAPCyAAIABBgIAEciAAQYCABnEbCwoA"
    "IABBE3VBB3ELDAAgAEELQQ8gARAHCwsAIABBBBACQQRGCzIAIABBgICAIHFFBEAgAQ8LIAFBCHZBgP4DcSABQRh0IAFBgP4DcUEI"
    "dHJyIAFBGHZyCy0BAX8gAUEAIAFBf0ciAxshASAAEBUEQCADIAFBEHRyDwsgACABIAMgAhsQFgsKACAAQQt1QQ9xCyEAQRIgAiAC"
    "QS5HQQAgAEGAgIABcSABQQhxIgAgABsbGwumBQEBfyABQQdxIgRFBEBBLEECQQFBAyAAQcAAcRsgAEGAgCBxGyACQQFHGw8LIARB"
    "BkYEQEEvDwsgAkEATCACQRJKcgR/QS0FIAJBAnRB9ApqKAIAIARBAWtBBmx1QT9xCyIEQRdGBEAgACABIAMQGw8LAkACQAJAAkAC"
    "QAJAAkACQAJAAkACQAJAAkACQCACQQJrDhEBAAADBAUAAAoAAAAJBwYIAgALIAJBCEYgAkEJRnINCiACQQ1GDQsMDAsgACADIAQQ"
    "GQ8LQS0gBCADQQx1IgBBJ2ogBEEuRhsgAEEATCAAQQNKchsPCyAAIAEgAyAEEBAPCwJ/IAQgBEELRw0AGkEdIABBgICABHFBACAD"
    "QSBxGw0AGiAEIABBgIAIcUUNABogACABIANBCEEuIAFBAhAFGxAQCw8LAn8gBCAEQSZGDQAaQR0gAEGAgIAEcQ0AGkEOIANBAXEN"
    "ABpBGyAEQQEgA0HAAHEgAEGAgBBxGxsLDwtBLSAEQQEgAUGAAXEgA0EBcRsbDwsgAUEgcUEAIARBFUYbBH8gACABIAMQGwUgBAsP"
    "C0EhIARBACAAIAMQD0EBIAFBIHEgBEEiRxsbGw8LQREgBCABQQUQBUEAIAFBCHVBA3FBA0YbGw8LAn9BLiABQSBxDQAaIARBH0YE"
    "QEEnIAQgACABIAMQBhsMAQtBByAEIABBgIDAAHFBACABQQIQBRsbCw8LIANBAXEgBEEtRnIEfyAEBSABQQUQBSICRQRAIARBEEYh"
    "AgsgBEEjQQAgAiABEBhBAkYgAhsgAEGAgIACcRsbCw8LAn8gACABIANBIHIgBBAQIARBJUcNABogBCAAQYAEcUUNABpBJEEAIAAg"
    "AxAPIAFBIHEbDQAaQS4gBCAAIAEgAxAGGwsPCyAECyMAQQAgACACEA8gAUEgcRsEQEEWDwtBGEEXIAAgASACEAYbC5EBACACBEAg"
    "AEH//5l+cUGAAXIgAEGMASABdUEBcRsPCwJAAkACQAJAAkACQAJAIAFBAWsOCQECAAAAAwAABAALIAFBA0YgAUEIRnIgAUEERnIN"
    "BAwFCyAAQQhyDwsgAEF3cQ8LIABBgICAgARyDwsgABASDwsgABASIAAgAEGICEEIIAFBA0cbcUEIRhsPCyAAC/4EAQF/IAEgA0GQ"
    "CHFyIQECQAJAAkACQAJAAkAgAkEKaw4JAAEFBQUCBQMEBQsgAUEgckEBEAwiAkHAAHJBAxADIAIgAUEQcQR/IAAgASADEAkFQQAL"
    "GyEBDAQLIAFBAhAMIgAgAEGAgBQQAEEEQQAgA0EBcRsQA0ELEBQgAEHAAHFBACAAQRBxGxsPCyAAIAFBEHJBgIAKEAAgAxANIQEM"
    "AgsgACABQcAAciADEA0hAQwBCyABQQhBAyADQQx1EAcPCyAEEAsEQCABQYCAGEGAgAggBEETRhsQAEEEQQJBACAAIAEgAxAJIgIb"
    "IAMgA0F9cSAAEAgbIgFBA3EbEAMiA0HvfnEhBCABQQJxBH8gBAUgA0EQcSIBBEAgAkEARyEBCyADQYCAChAAIAMgAQR/IABBEBAB"
    "BSABCxsLDwsCQAJAAkAgBEEURiAEQRlGckUEQCAEQStGDQEgBEEdRiAEQRpGciAEQRtGcg0CDAMLIAFBgAFyDwsgAUEDEAwPCyAB"
    "QQRBASADQQFxGxADIQEgBEEdRiEFAkAgAEGABHFBACAEQRtGG0UEQCABQYCAGBAAIQIgAUGACHENASABQYCAHBAAIQJBASABQQhx"
    "QQAgBRsgA0EIcQR/IABBBBABBUEACxsNAQsgAUGAgBgQACECIABBARABIANBCHFyDQAgAUGAgBpBgIAKIAUbEAAhAgsgAg8LIAFB"
    "B3FBBkYEfyAAIAEgAxANIgIQE0ECTiABQRBxIgQgBBsiBQR/IABBEBABBSAFC0UiAARAQQEgA0EIcSABQQhxGyEACyACQYCACEGA"
    "gApBASABQYAIcSAERSIBIAEbIAAbGxAABSABCwtuAQN/IAAgASACIAMQGiIEQSxIBH8gACAEEBFBFHUiAEEHcSIFIAFBGEE/IAQQ"
    "ByIGQXhxciAGIAUbIgUgAhAUIAVBASAAQRBxQQEgAEEIcSABEBhFIgAgABsgAkECRhsbGyACIAMgBBAdBSABCws/AQF/IAFBD3VB"
    "A3EiAkUEQEEADwsgAUERdUEDcUECRgRAQQIPCyAAEApBCEEKQQYgABAIGyACQQFGG3VBA3ELBABBAQs5AQF/IAFFBEBBAA8LQQEh"
    "AgNAIAJBDUgEQCAAIAJBBWoQAiABRgRAIAIPCyACQQFqIQIMAQsLQQ0LyAIBBX8gAxALIgQEQCAAQcACcUGAAkYhBAsgBARAIAAQ"
    "CEUhBAsgAxARQf//P3EhBQNAIAUEQCAFQQ9xIQYgBUEEdSEFAkACQAJAAkACQAJAAkAgBkEBaw4GAAECAwQFBgtBACAAQcAAcSAB"
    "QQhxG0UNBwwFCyABQQhxRQ0GDAQLIAAQCEUNBQwDCyAAQYAEcUUNBAwCCyABQcAAcQR/QQAFIAAQDgsEfyAAEARBA0YEf0EBBSAA"
    "IAEgAhAGCwVBAAtFDQMMAQsgAUGAgICABHEEf0EABQJ/IAAQBEUgA0EKSA0AGiADQRZGBEAgABAEQQNHBH8gACABIAIQBgVBAQtF"
    "DAELIAFBB3FBBUYgABAEQQNHcSADQSFGDQAaQQELC0UNAgsgCEEJIAYgBkEIRkEAIAQbGyAHdHIhCCAHQQRqIQcMAQsLIAgLHAAg"
    "ACABIAMgACABIAIgAxAaIgAQIiAAQRR0cgs+AEHwCiAAIAFBABAXNgIAQfQKIAAgAUEBEBc2AgAgAUF/SAR/QQEFIABBAxACIAFI"
    "CwR/QXUFIABBBBACCwstAQF/QfAKKAIAIgFBEHZBfyABQf//A3EbIABB9AooAgAQFkF/IAEbIAAQFRsLBQBB8AoLC4MDAwBBgAgL"
    "ogEBAA0AmsQgAP//gAD//wAA//+AAP9/AAD//4AAmsQgAP//gBBHAQAAa2ggFglYZ24LbCFcOTYgFgkmNTwjOiEqhoMgFglfgpEL"
    "jyFjOTYAFgkmNTwjOgAqOTYgFgkmNTwLOiEq6+ggFgnY5+4L7CHcAAAAAJ4KAACIBhEAgAYSAIgGEQBgASMAqoYUAGFFMQCeCiMA"
    "ngpDAJ4KEwCeClMAhAIAQfgKC3Su67ouROJeLoqiKAqF67ouRuJeLsuyXC7Otpkmbfu0D23bthCe530fIAiCINM0TRNG4l4l67qu"
    "K1x1uS4tRbUtbduGIiiKoi4AAAAAAQAQAAAAEAAAABAA6gawAAoAoADqBrAACgCgAOoGsABuALAAMUhmAQBBkAwLWXIAAAAAAEAA"
    "+2VQAEgGYABfAFAAcg6wAGIA4AByBmABAADAAGQA4AAAAAAASAZgAGQAYAAGAAAASAZgAIJkYAELAAAAZABgAAYAYABfAFAADAAA"
    "AA0AAAAM"
)
