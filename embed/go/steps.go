// The steps that the engine asks for, taken on the connection that was guarded.
package finrst

import (
	"errors"
	"net"
	"syscall"

	"finrst.dev/go/engine"
)

// host gives the engine the methods that a Conn must not show to its owner.
type host struct{ *Conn }

// result is 0, or the errno negative. What is no errno was refused by the runtime: the descriptor is gone.
func result(err error) int32 {
	var errno syscall.Errno
	switch {
	case err == nil:
		return engine.ResultDone
	case errors.As(err, &errno):
		return -int32(errno)
	case errors.Is(err, net.ErrClosed):
		return -int32(syscall.EBADF)
	default:
		return -int32(syscall.EINVAL)
	}
}

// Setsockopt takes ARM and DISARM, and sets what SetLinger wants.
func (h host) Setsockopt(level, option int32, value []byte) int32 {
	var failed error
	err := h.control.Control(func(fd uintptr) { failed = setsockopt(fd, level, option, value) })
	h.refused = errors.Join(err, failed)
	// The second half of struct linger: not 0 means that a close would wait, and Linux waits even where nothing blocks.
	h.lingers = false
	for _, each := range value[len(value)/2:] {
		h.lingers = h.lingers || each != 0
	}
	return result(h.refused)
}

// Shutdown takes SHUT_WRITE.
func (h host) Shutdown() int32 {
	err := h.raw.CloseWrite()
	if !errors.Is(err, syscall.ENOTCONN) {
		return result(err)
	}
	// A reset that was not read yet: the kernel holds it as the error of the connection.
	var pending error
	_ = h.control.Control(func(fd uintptr) { pending = pendingError(fd) })
	if pending == nil {
		return result(err)
	}
	h.seen(pending)
	if errors.Is(pending, syscall.ECONNRESET) {
		h.post(engine.EventPeerReset)
	} else {
		h.post(engine.EventOsError)
	}
	return engine.ResultPending
}

// Disconnect takes DISCONNECT.
func (h host) Disconnect() int32 {
	var failed error
	err := h.control.Control(func(fd uintptr) { failed = disconnect(fd) })
	return result(errors.Join(err, failed))
}

// Close takes CLOSE. It never waits: a linger time that the owner set is turned off first.
func (h host) Close() int32 {
	if h.lingers {
		h.engine.SetLinger(h, h.context, -1)
	}
	err := h.raw.Close()
	closeOnce(h.released)
	return result(err)
}

// Request takes every other step.
func (h host) Request(step, state int32) int32 {
	switch step {
	case engine.StepReport:
		h.report(state)
	case engine.StepFlush:
		h.flushing = true
		h.flushed()
	case engine.StepFlushDeadline:
		h.clocks.startFlush(h.policy.flush, h.outOfTime)
	case engine.StepDrainDeadline:
		h.clocks.startDrain(h.policy.drainIdle, h.policy.drainAll, h.outOfTime)
	case engine.StepWatchAcked:
		h.clocks.startWatch(h.watch)
	case engine.StepDrain:
		h.draining = true
		h.startDrain()
	case engine.StepDiscard:
		h.startDrain()
	case engine.StepHold, engine.StepRelease:
		h.silenceOwner(held)
	default:
		return -int32(syscall.ENOSYS)
	}
	return engine.ResultDone
}

func (c *Conn) report(state int32) {
	verdict := verdictOf(c.engine, c.context, state)
	// crypto/tls takes a bare FIN between two records for the end of the stream, so under TLS nobody knows; and what
	// Finalise hands back was not thrown away.
	if verdict.Received == "complete" && c.secure != nil || verdict.Received == "discarded" && c.collecting {
		verdict.Received = "unknown"
	}
	unsent := c.lost
	if verdict.Delivery == "acked" || verdict.Delivery == "confirmed" {
		unsent = 0
	}
	if unsent >= 0 {
		verdict.Unsent = &unsent
	}
	verdict.Err = c.err
	c.verdict = verdict
	closeOnce(c.ended)
}
