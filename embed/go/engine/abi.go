// Generated from spec/abi.json by generated_test.go: go generate ./engine writes it.

// Code generated from spec/abi.json. DO NOT EDIT.

package engine

// What an event carries, in facts above this bit.
const (
	ArgumentShift int32 = 12
	ArgumentMask  int32 = 15
)

// What the rule book says of a rule above its steps, shifted down by PLAN_RULE_SHIFT; the phase is in PHASE_MASK.
const (
	BookCauseFirst int32 = 8
	BookCauseWins  int32 = 16
)

// Who ended it.
const (
	ByUnknown int32 = 0
	ByUs      int32 = 1
	ByPeer    int32 = 2
	ByKernel  int32 = 3
	ByMask    int32 = 3
)

// What this host can really do; bits of the context.
const (
	CanArm        int32 = 64   // SO_LINGER can be set
	CanDisconnect int32 = 128  // the host has an abort that keeps the descriptor (the platform must have one too)
	CanReset      int32 = 256  // the runtime itself can reset its socket
	CanHold       int32 = 512  // a duplicate of the descriptor is held, so the last close is ours
	CanDrain      int32 = 1024 // the host can read and throw away after our FIN
	CanSeeAcked   int32 = 2048 // the host can ask for the send queue (the platform must have the query too)
)

// What made the connection end: the number of the event. The first wins, but for a reset, which is its own cause.
const (
	CauseNone int32 = 0
	CauseMask int32 = 15
)

// The strength of the evidence behind a cell.
const (
	CertaintyAssumed    int32 = 0
	CertaintyDocumented int32 = 1
	CertaintyMeasured   int32 = 2
	CertaintyMask       int32 = 3
)

// The columns of the platform table inside the Wasm. COLUMN_ERRNO + ERROR_x is the platform's number for that error, 0 if it has none; x is at least 1.
const (
	ColumnTraits            int32 = 0
	ColumnSocketLevel       int32 = 1
	ColumnLingerOption      int32 = 2 // the option that counts in seconds
	ColumnLingerMost        int32 = 3 // the largest number of seconds that the platform stores without wrapping or refusing
	ColumnLingerBytes       int32 = 4 // the size of struct linger: 8 = two int, 4 = two u_short
	ColumnErrno             int32 = 5
	ColumnLingerTicksOption int32 = 5 // an option of the same name that counts in 10 ms ticks instead; 0 where there is none
)

// What a close waits for; a field of the context.
const (
	ConfirmNone   int32 = 0
	ConfirmKernel int32 = 1
	ConfirmAcked  int32 = 2
	ConfirmMask   int32 = 3
	ConfirmPeer   int32 = 3
	ConfirmShift  int32 = 24
)

// Where the fields of a context lie.
const (
	ContextPlatformMask int32 = 63
	ContextBigEndian    int32 = 67108864 // this machine stores the high byte first, which struct linger must follow
)

// What became of our bytes.
const (
	DeliveryUnknown   int32 = 0
	DeliveryHanded    int32 = 1
	DeliveryAcked     int32 = 2
	DeliveryConfirmed int32 = 3
	DeliveryLost      int32 = 4
	DeliveryMask      int32 = 7
)

// How it ended.
const (
	EndedUnknown int32 = 0
	EndedFin     int32 = 1
	EndedReset   int32 = 2
	EndedMask    int32 = 3
	EndedSilent  int32 = 3
)

// What an errno means here, the same on every platform.
const (
	ErrorNone          int32 = 0
	ErrorNotConnected  int32 = 1
	ErrorReset         int32 = 2
	ErrorBrokenPipe    int32 = 3
	ErrorInvalid       int32 = 4
	ErrorBadDescriptor int32 = 5
	ErrorNotSocket     int32 = 6
	ErrorAborted       int32 = 7
	ErrorTimedOut      int32 = 8
	ErrorWouldBlock    int32 = 9
	ErrorShutDown      int32 = 10
	ErrorOutOfRange    int32 = 11
	ErrorNotSupported  int32 = 12
	ErrorOther         int32 = 13
)

// What happened. Given to decide() and on().
const (
	EventOpen          int32 = 1
	EventClose         int32 = 2
	EventAbort         int32 = 3
	EventFinishSending int32 = 4
	EventDropped       int32 = 5
	EventFailed        int32 = 6
	EventExiting       int32 = 7
	EventDeadline      int32 = 8
	EventOverLimit     int32 = 9
	EventPeerFin       int32 = 10
	EventPeerReset     int32 = 11
	EventOsError       int32 = 12
	EventRuntimeClosed int32 = 13
	EventData          int32 = 14 // bytes arrived and nobody will read them: they were thrown away
	EventFinSent       int32 = 15
	EventFlushed       int32 = 16
	EventAcked         int32 = 17
	EventStopReceiving int32 = 18
)

// What is true at the moment of the event; bits, given anew each time. LATE and SHARED stay true, and have the bits of FLAG_FIN_OUT and FLAG_SHARED.
const (
	FactUnflushed int32 = 1    // the runtime holds bytes that are not in the kernel; they die with the runtime's socket
	FactUnsent    int32 = 2    // the kernel holds bytes, or the FIN, that it has not transmitted yet
	FactUnacked   int32 = 4    // the peer's stack has not confirmed everything; includes UNSENT
	FactUnread    int32 = 8    // bytes have arrived that nobody read
	FactLate      int32 = 16   // the FIN is out although nobody asked us for it
	FactLeaving   int32 = 32   // the runtime is letting go of its socket: what it buffers is lost and it can send no FIN for us
	FactComplete  int32 = 64   // a protocol that knows says the message is whole, although nobody declared the stream complete
	FactBudget    int32 = 128  // the host's budget for draining is exhausted
	FactShared    int32 = 1024 // another process or descriptor holds the socket, so our close is not the last
)

// Where the fields of a state lie.
const (
	FieldReceiveShift  int32 = 8
	FieldCauseShift    int32 = 11
	FieldEndedShift    int32 = 15
	FieldByShift       int32 = 17
	FieldDeliveryShift int32 = 19
	FieldReceivedShift int32 = 22
	FieldRuleShift     int32 = 24
	FieldRuleMask      int32 = 63
)

// What has been observed; bits of the state.
const (
	FlagArmed    int32 = 8          // SO_LINGER is {1,0}
	FlagFinOut   int32 = 16         // our FIN is in the kernel's send queue or beyond
	FlagPeerFin  int32 = 32         // the peer's FIN was read
	FlagAcked    int32 = 64         // the peer's stack has confirmed everything, our FIN included
	FlagFinAsked int32 = 128        // SHUT_WRITE was planned; never a second time while the runtime lives
	FlagShared   int32 = 1024       // somebody else holds the socket too
	FlagReported int32 = 1073741824 // the verdict was given out
)

// How far the ending of the connection has come; a field of the state.
const (
	PhaseNew       int32 = 0 // nothing is known yet
	PhaseOpen      int32 = 1 // nothing is declared: our stream is incomplete
	PhaseFinishing int32 = 2 // finish sending is declared, the FIN is not out
	PhaseClosing   int32 = 3 // close is declared, the FIN is not out
	PhaseFinished  int32 = 4 // our FIN is out, receiving goes on
	PhaseDraining  int32 = 5 // close is declared and our FIN is out
	PhaseEnded     int32 = 6 // nothing is left to do; the verdict is final
	PhaseMask      int32 = 7
)

// A plan is one word: up to five steps, the first in the lowest bits, and above them the rule.
const (
	PlanStepBits  int32 = 4
	PlanSteps     int32 = 5
	PlanStepMask  int32 = 15
	PlanRuleShift int32 = 20
	PlanRuleMask  int32 = 63
	PlanAllSteps  int32 = 1048575
)

// The answers of the policy; bits of the context. A clear bit is the other answer.
const (
	PolicyDropAborts       int32 = 65536
	PolicyFailureCloses    int32 = 131072
	PolicyExitCloses       int32 = 262144
	PolicyCrashLeaves      int32 = 524288
	PolicyPeerFinCloses    int32 = 1048576
	PolicyUnreadAborts     int32 = 2097152
	PolicyDeadlineDetaches int32 = 4194304
	PolicyHandsOff         int32 = 8388608 // the preset manual: without a command the OS decides
)

// The receiving side: argument of EVENT_STOP_RECEIVING and field of the state.
const (
	ReceiveNormal  int32 = 0
	ReceiveDiscard int32 = 1
	ReceiveHold    int32 = 2
	ReceiveMask    int32 = 3
	ReceiveRefuse  int32 = 3
)

// How the other direction ended.
const (
	ReceivedUnknown   int32 = 0
	ReceivedComplete  int32 = 1
	ReceivedReset     int32 = 2
	ReceivedDiscarded int32 = 3
	ReceivedMask      int32 = 3
)

// What an import answers besides a negative errno.
const (
	ResultDone    int32 = 0
	ResultPending int32 = 1
)

// What the host is to do, in order; 4 bits each in a plan.
const (
	StepNone          int32 = 0
	StepArm           int32 = 1  // SO_LINGER {1,0}: from now on the last close, or death, sends a reset
	StepDisarm        int32 = 2  // SO_LINGER {0,0}: from now on the last close, or death, sends a FIN
	StepDisconnect    int32 = 3  // abort that keeps the descriptor, where the platform has one
	StepClose         int32 = 4  // close our own descriptor, the guard's duplicate
	StepWatchAcked    int32 = 5  // watch the kernel's send queue; EVENT_ACKED follows when it is empty
	StepReport        int32 = 6  // the verdict is final: give it out
	StepShutWrite     int32 = 7  // shutdown(SHUT_WR): our FIN, once
	StepRelease       int32 = 8  // let the runtime close its own socket
	StepReset         int32 = 9  // let the runtime reset its own socket, where nothing better is at hand
	StepFlush         int32 = 10 // end the runtime's writing; EVENT_FLUSHED follows when its buffers are in the kernel
	StepDrain         int32 = 11 // read and throw away until the peer's FIN; EVENT_PEER_FIN, EVENT_PEER_RESET or EVENT_OVER_LIMIT follows
	StepDiscard       int32 = 12 // read and throw away from now on, without a bound
	StepHold          int32 = 13 // stop reading, so that the peer's window closes
	StepFlushDeadline int32 = 14 // start the clock of the flush; EVENT_DEADLINE follows if it runs out
	StepDrainDeadline int32 = 15 // start the clocks of the drain; EVENT_DEADLINE follows if one runs out
)

// Answers of the behaviour table that a decision or a verdict rests on; bits and fields of COLUMN_TRAITS.
const (
	TraitDeathResets              int32 = 1
	TraitDisconnects              int32 = 2
	TraitUnreadResets             int32 = 4
	TraitResetCertaintyShift      int32 = 6
	TraitFinCertaintyShift        int32 = 8
	TraitSeesAcked                int32 = 8
	TraitDisconnectCertaintyShift int32 = 10
	TraitSeesFinAcked             int32 = 16
	TraitResetMayBeLost           int32 = 32
)

// Words holds every number of spec/abi.json by its group and its name, such as EVENT and CLOSE.
var Words = map[string]map[string]int32{
	"ARGUMENT":  {"MASK": 15, "SHIFT": 12},
	"BOOK":      {"CAUSE_FIRST": 8, "CAUSE_WINS": 16},
	"BY":        {"KERNEL": 3, "MASK": 3, "PEER": 2, "UNKNOWN": 0, "US": 1},
	"CAN":       {"ARM": 64, "DISCONNECT": 128, "DRAIN": 1024, "HOLD": 512, "RESET": 256, "SEE_ACKED": 2048},
	"CAUSE":     {"MASK": 15, "NONE": 0},
	"CERTAINTY": {"ASSUMED": 0, "DOCUMENTED": 1, "MASK": 3, "MEASURED": 2},
	"COLUMN":    {"ERRNO": 5, "LINGER_BYTES": 4, "LINGER_MOST": 3, "LINGER_OPTION": 2, "LINGER_TICKS_OPTION": 5, "SOCKET_LEVEL": 1, "TRAITS": 0},
	"CONFIRM":   {"ACKED": 2, "KERNEL": 1, "MASK": 3, "NONE": 0, "PEER": 3, "SHIFT": 24},
	"CONTEXT":   {"BIG_ENDIAN": 67108864, "PLATFORM_MASK": 63},
	"DELIVERY":  {"ACKED": 2, "CONFIRMED": 3, "HANDED": 1, "LOST": 4, "MASK": 7, "UNKNOWN": 0},
	"ENDED":     {"FIN": 1, "MASK": 3, "RESET": 2, "SILENT": 3, "UNKNOWN": 0},
	"ERROR":     {"ABORTED": 7, "BAD_DESCRIPTOR": 5, "BROKEN_PIPE": 3, "INVALID": 4, "NONE": 0, "NOT_CONNECTED": 1, "NOT_SOCKET": 6, "NOT_SUPPORTED": 12, "OTHER": 13, "OUT_OF_RANGE": 11, "RESET": 2, "SHUT_DOWN": 10, "TIMED_OUT": 8, "WOULD_BLOCK": 9},
	"EVENT":     {"ABORT": 3, "ACKED": 17, "CLOSE": 2, "DATA": 14, "DEADLINE": 8, "DROPPED": 5, "EXITING": 7, "FAILED": 6, "FINISH_SENDING": 4, "FIN_SENT": 15, "FLUSHED": 16, "OPEN": 1, "OS_ERROR": 12, "OVER_LIMIT": 9, "PEER_FIN": 10, "PEER_RESET": 11, "RUNTIME_CLOSED": 13, "STOP_RECEIVING": 18},
	"FACT":      {"BUDGET": 128, "COMPLETE": 64, "LATE": 16, "LEAVING": 32, "SHARED": 1024, "UNACKED": 4, "UNFLUSHED": 1, "UNREAD": 8, "UNSENT": 2},
	"FIELD":     {"BY_SHIFT": 17, "CAUSE_SHIFT": 11, "DELIVERY_SHIFT": 19, "ENDED_SHIFT": 15, "RECEIVED_SHIFT": 22, "RECEIVE_SHIFT": 8, "RULE_MASK": 63, "RULE_SHIFT": 24},
	"FLAG":      {"ACKED": 64, "ARMED": 8, "FIN_ASKED": 128, "FIN_OUT": 16, "PEER_FIN": 32, "REPORTED": 1073741824, "SHARED": 1024},
	"PHASE":     {"CLOSING": 3, "DRAINING": 5, "ENDED": 6, "FINISHED": 4, "FINISHING": 2, "MASK": 7, "NEW": 0, "OPEN": 1},
	"PLAN":      {"ALL_STEPS": 1048575, "RULE_MASK": 63, "RULE_SHIFT": 20, "STEPS": 5, "STEP_BITS": 4, "STEP_MASK": 15},
	"POLICY":    {"CRASH_LEAVES": 524288, "DEADLINE_DETACHES": 4194304, "DROP_ABORTS": 65536, "EXIT_CLOSES": 262144, "FAILURE_CLOSES": 131072, "HANDS_OFF": 8388608, "PEER_FIN_CLOSES": 1048576, "UNREAD_ABORTS": 2097152},
	"RECEIVE":   {"DISCARD": 1, "HOLD": 2, "MASK": 3, "NORMAL": 0, "REFUSE": 3},
	"RECEIVED":  {"COMPLETE": 1, "DISCARDED": 3, "MASK": 3, "RESET": 2, "UNKNOWN": 0},
	"RESULT":    {"DONE": 0, "PENDING": 1},
	"STEP":      {"ARM": 1, "CLOSE": 4, "DISARM": 2, "DISCARD": 12, "DISCONNECT": 3, "DRAIN": 11, "DRAIN_DEADLINE": 15, "FLUSH": 10, "FLUSH_DEADLINE": 14, "HOLD": 13, "NONE": 0, "RELEASE": 8, "REPORT": 6, "RESET": 9, "SHUT_WRITE": 7, "WATCH_ACKED": 5},
	"TRAIT":     {"DEATH_RESETS": 1, "DISCONNECTS": 2, "DISCONNECT_CERTAINTY_SHIFT": 10, "FIN_CERTAINTY_SHIFT": 8, "RESET_CERTAINTY_SHIFT": 6, "RESET_MAY_BE_LOST": 32, "SEES_ACKED": 8, "SEES_FIN_ACKED": 16, "UNREAD_RESETS": 4},
}
