// Turns the options of a guard into the bits of the engine's context and the numbers that stay with the host.
package finrst

import (
	"fmt"
	"strings"
	"time"

	"finrst.dev/go/engine"
)

// A Preset is a whole policy by name. Options override its single answers, in whatever order they are given.
type Preset string

const (
	// Compatible is the default: what is declared complete ends with a FIN, a failure or a crash with a reset.
	Compatible Preset = "compatible"
	// Strict takes a Close that nobody declared for a failure too.
	Strict Preset = "strict"
	// Manual leaves everything but a command to the OS, and arms nothing.
	Manual Preset = "manual"
)

// An Answer is what a policy says to one question; each option tells which answers it takes.
type Answer string

// The answers.
const (
	Close  Answer = "close"
	Abort  Answer = "abort"
	Leave  Answer = "leave"
	Keep   Answer = "keep"
	Drain  Answer = "drain"
	Detach Answer = "detach"
)

// Confirm is what a close waits for before it gives its verdict.
type Confirm string

const (
	// ConfirmNone does not even wait for our FIN.
	ConfirmNone Confirm = "none"
	// ConfirmKernel waits until the kernel has every byte and the FIN.
	ConfirmKernel Confirm = "kernel"
	// ConfirmAcked waits until the peer's stack has acknowledged everything; as kernel where that cannot be known.
	ConfirmAcked Confirm = "acked"
	// ConfirmPeer waits for the peer's own FIN.
	ConfirmPeer Confirm = "peer"
)

// Receiving is what becomes of the bytes that the peer still sends.
type Receiving string

const (
	// Discard throws them away, so that the peer never stalls.
	Discard Receiving = "discard"
	// Hold leaves them unread, so that the peer's window closes.
	Hold Receiving = "hold"
	// Refuse resets the connection when more arrive.
	Refuse Receiving = "refuse"
)

// An Option changes one answer of a policy. A value that it does not take is the error of Guard, which names it.
type Option func(*policy) error

type policy struct {
	preset                                                Preset
	drop, failure, exit, crash, peerFin, unread, deadline Answer
	confirm                                               Confirm
	flush, drainIdle, drainAll                            time.Duration
	drainBytes                                            int64
	trace                                                 func(line string)
}

// oneOf answers the place of the value among those allowed.
func oneOf[T ~string](name string, value T, allowed ...T) (int, error) {
	words := make([]string, len(allowed))
	for index, each := range allowed {
		if value == each {
			return index, nil
		}
		words[index] = string(each)
	}
	return 0, fmt.Errorf("finrst: %s is %q; expected one of %s", name, string(value), strings.Join(words, ", "))
}

func answer(name string, field func(*policy) *Answer, value Answer, allowed ...Answer) Option {
	return func(p *policy) error {
		_, err := oneOf(name, value, allowed...)
		*field(p) = value
		return err
	}
}

// WithPreset chooses the preset that the other options override. Default Compatible.
func WithPreset(preset Preset) Option {
	return func(p *policy) error {
		_, err := oneOf("preset", preset, Compatible, Strict, Manual)
		p.preset = preset
		return err
	}
}

// OnDrop answers what Close does when nobody declared the stream complete: Close or Abort.
func OnDrop(a Answer) Option {
	return answer("onDrop", func(p *policy) *Answer { return &p.drop }, a, Close, Abort)
}

// OnFailure answers what Fail does, a Done with an error, and a panic: Abort or Close.
func OnFailure(a Answer) Option {
	return answer("onFailure", func(p *policy) *Answer { return &p.failure }, a, Abort, Close)
}

// OnExit answers what [Conn.Exiting] does with a stream that is not declared complete: Abort or Close. Go runs no
// code at os.Exit, so without Exiting an armed connection is reset whatever the answer.
func OnExit(a Answer) Option {
	return answer("onExit", func(p *policy) *Answer { return &p.exit }, a, Abort, Close)
}

// OnCrash answers whether the death of the process resets: Abort arms the connection at once, Leave does not.
func OnCrash(a Answer) Option {
	return answer("onCrash", func(p *policy) *Answer { return &p.crash }, a, Abort, Leave)
}

// OnPeerFIN answers whether our direction outlives the peer's FIN: Keep, the default and Go's own way, or Close.
func OnPeerFIN(a Answer) Option {
	return answer("onPeerFin", func(p *policy) *Answer { return &p.peerFin }, a, Keep, Close)
}

// OnUnread answers what a close does with bytes that have arrived and nobody read: Drain or Abort.
func OnUnread(a Answer) Option {
	return answer("onUnread", func(p *policy) *Answer { return &p.unread }, a, Drain, Abort)
}

// OnDeadline answers what becomes of a close that did not finish in time: Abort, or Detach, which leaves it to the
// kernel.
func OnDeadline(a Answer) Option {
	return answer("onDeadline", func(p *policy) *Answer { return &p.deadline }, a, Abort, Detach)
}

// WithConfirm chooses what a close waits for. Default ConfirmAcked.
func WithConfirm(confirm Confirm) Option {
	return func(p *policy) error {
		_, err := confirmBits(confirm)
		p.confirm = confirm
		return err
	}
}

const longest = 2_147_483_647 * time.Millisecond

func duration(name string, field func(*policy) *time.Duration, value time.Duration) Option {
	return func(p *policy) error {
		if value < time.Millisecond || value > longest {
			return fmt.Errorf("finrst: %s is %v; expected %v … %v", name, value, time.Millisecond, longest)
		}
		*field(p) = value
		return nil
	}
}

// FlushWithin bounds the time for our data to leave, 1 ms … 2147483647 ms. Default 30 s.
func FlushWithin(d time.Duration) Option {
	return duration("flushMs", func(p *policy) *time.Duration { return &p.flush }, d)
}

// DrainIdle bounds the longest silence while draining, 1 ms … 2147483647 ms. Default 5 s.
func DrainIdle(d time.Duration) Option {
	return duration("drainIdleMs", func(p *policy) *time.Duration { return &p.drainIdle }, d)
}

// DrainWithin bounds the whole time of draining, 1 ms … 2147483647 ms. Default 30 s.
func DrainWithin(d time.Duration) Option {
	return duration("drainMs", func(p *policy) *time.Duration { return &p.drainAll }, d)
}

// DrainBytes bounds how much is read only to be thrown away, 0 or more bytes. Default 2 MiB.
func DrainBytes(bytes int64) Option {
	return func(p *policy) error {
		if bytes < 0 {
			return fmt.Errorf("finrst: drainBytes is %d; expected 0 or more bytes", bytes)
		}
		p.drainBytes = bytes
		return nil
	}
}

// WithTrace gets one line for each decision, which `npx finrst explain '<that line>'` turns into its reason. It is
// called with the guard locked: it must not call the guard.
func WithTrace(trace func(line string)) Option {
	return func(p *policy) error {
		p.trace = trace
		return nil
	}
}

func parsePolicy(options []Option) (policy, error) {
	given := policy{
		preset: Compatible, confirm: ConfirmAcked, flush: 30 * time.Second, drainIdle: 5 * time.Second,
		drainAll: 30 * time.Second, drainBytes: 2 << 20,
	}
	for _, option := range options {
		if option == nil {
			continue
		}
		if err := option(&given); err != nil {
			return policy{}, err
		}
	}
	return given, nil
}

// is tells whether the answer is `other`, which is not the one that the presets give unless `preset` says so.
func is(given, other Answer, preset bool) bool {
	if given == "" {
		return preset
	}
	return given == other
}

// bits are the policy's part of the context.
func (p policy) bits() int32 {
	manual := p.preset == Manual
	bits, _ := confirmBits(p.confirm)
	for _, each := range []struct {
		bit int32
		set bool
	}{
		{engine.PolicyDropAborts, is(p.drop, Abort, p.preset == Strict)},
		{engine.PolicyFailureCloses, is(p.failure, Close, manual)},
		{engine.PolicyExitCloses, is(p.exit, Close, manual)},
		{engine.PolicyCrashLeaves, is(p.crash, Leave, manual)},
		{engine.PolicyPeerFinCloses, is(p.peerFin, Close, false)},
		{engine.PolicyUnreadAborts, is(p.unread, Abort, false)},
		{engine.PolicyDeadlineDetaches, is(p.deadline, Detach, manual)},
		{engine.PolicyHandsOff, manual},
	} {
		if each.set {
			bits |= each.bit
		}
	}
	return bits
}

func confirmBits(confirm Confirm) (int32, error) {
	place, err := oneOf("confirm", confirm, ConfirmNone, ConfirmKernel, ConfirmAcked, ConfirmPeer)
	return int32(place) << engine.ConfirmShift, err
}
