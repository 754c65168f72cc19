// What this process runs on: its row of the table, what it can do, and the same in words.
package finrst

import (
	"runtime"
	"unsafe"

	"finrst.dev/go/engine"
)

// A Capability is one thing that this system can or cannot do for a guard, and the reason in words.
type Capability struct {
	Can bool   `json:"can"`
	Why string `json:"why"`
}

// Capabilities tell what this system can really do for a connection, and why not.
type Capabilities struct {
	// Arm: the death of the process, by any signal, resets the connection.
	Arm Capability `json:"arm"`
	// Abort: a reset can be sent on purpose.
	Abort Capability `json:"abort"`
	// Hold: the moment of the last close is the guard's.
	Hold Capability `json:"hold"`
	// HalfClose: our FIN can be sent while receiving goes on.
	HalfClose Capability `json:"halfClose"`
	// SendAfterPeerFIN: our direction outlives the peer's FIN.
	SendAfterPeerFIN Capability `json:"sendAfterPeerFin"`
	// Drain: what the peer still sends can be read and thrown away.
	Drain Capability `json:"drain"`
	// Acked: whether the peer's stack has acknowledged everything can be known.
	Acked Capability `json:"acked"`
	// Linger: SO_LINGER can be read and set.
	Linger Capability `json:"linger"`
	// Platform is the row of the table that is consulted, such as linux.
	Platform string `json:"platform"`
	// Backend is the way to the system calls.
	Backend string `json:"backend"`
}

// platform is this machine as every guard of the process sees it.
var platform = func() (here struct {
	id string
	engine.Platform
}) {
	ids := map[string]string{"darwin": "macos", "ios": "macos", "solaris": "illumos", "android": "linux"}
	here.id = runtime.GOOS
	if id, known := ids[here.id]; known {
		here.id = id
	}
	here.Platform = engine.Platforms[here.id]
	if machine, known := map[string]string{
		"mips": "mips", "mipsle": "mips", "mips64": "mips", "mips64le": "mips", "sparc64": "sparc",
	}[runtime.GOARCH]; known && here.id == "linux" {
		here.Platform.Row = engine.Platforms["linux-"+machine].Row
	}
	return here
}()

// seesAcked: the table has a query for the send queue, and this package has the call for it.
func seesAcked() bool { return platform.Query != 0 && canQuery }

// contextBits are the platform row and what this host can do.
func contextBits() int32 {
	bits := platform.Row | engine.CanArm | engine.CanHold | engine.CanDrain
	if canDisconnect {
		bits |= engine.CanDisconnect
	}
	if seesAcked() {
		bits |= engine.CanSeeAcked
	}
	if one := uint16(1); *(*byte)(unsafe.Pointer(&one)) == 0 {
		bits |= engine.ContextBigEndian
	}
	return bits
}

func capabilitiesOf(kind string) Capabilities {
	yes := func(why string) Capability { return Capability{true, why} }
	abort := "linger {1,0} and the last close"
	if canDisconnect {
		abort = "connect(AF_UNSPEC) resets at once, whoever else holds the socket; then the last close of an armed socket"
	}
	acked := Capability{false, platform.id + " has no query for the send queue that this package can make"}
	if seesAcked() {
		acked = yes(platform.Through + " of the send queue")
	}
	return Capabilities{
		Arm:              yes("SO_LINGER {1,0} from the moment the connection is guarded, on " + kind),
		Abort:            yes(abort),
		Hold:             yes("the guard keeps the connection that it was given, without a duplicate: only it closes"),
		HalfClose:        yes("shutdown(SHUT_WR)"),
		SendAfterPeerFIN: yes("Go keeps half-open connections"),
		Drain:            yes("a goroutine reads to the peer's FIN"),
		Acked:            acked,
		Linger:           yes("SO_LINGER in seconds"),
		Platform:         platform.id,
		Backend:          "syscall",
	}
}
