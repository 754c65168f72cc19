// The commands of a guard.
package finrst

import (
	"context"
	"errors"
	"fmt"
	"net"
	"runtime/debug"

	"finrst.dev/go/engine"
)

// CloseGracefully declares the stream complete and ends it: it flushes, sends our FIN, drains what the peer still
// sends and releases the connection. It answers once the verdict is final, which depends on the policy's confirm,
// or on the one given here. Without a deadline of ctx the policy's own bounds hold; when ctx ends first,
// onDeadline decides.
//
// The error is nil if the connection ended with a FIN of ours and nothing was lost, else an *EndError. Repeating it
// changes nothing.
func (c *Conn) CloseGracefully(ctx context.Context, confirm ...Confirm) (Verdict, error) {
	for _, each := range confirm {
		bits, err := confirmBits(each)
		if err != nil {
			return Verdict{}, err
		}
		c.mu.Lock()
		c.context = c.context&^(engine.ConfirmMask<<engine.ConfirmShift) | bits
		c.mu.Unlock()
	}
	c.emit(engine.EventClose)
	var late error
	select {
	case <-c.ended:
	case <-ctx.Done():
		late = context.Cause(ctx)
		c.emit(engine.EventDeadline)
		<-c.ended
	}
	return c.verdict, asked(c.verdict, late)
}

func asked(v Verdict, late error) error {
	if v.Ended == "fin" && v.Delivery != "lost" && late == nil {
		return nil
	}
	if late == nil {
		late = v.Err
	}
	return &EndError{v, late}
}

// Abort resets the connection on purpose. The reset has left when it returns. Under TLS no close_notify is sent.
func (c *Conn) Abort() Verdict {
	c.emit(engine.EventAbort)
	<-c.ended
	return c.verdict
}

// Fail says that the owner failed: onFailure decides. The error is told in the verdict.
func (c *Conn) Fail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seen(err)
	c.post(engine.EventFailed)
	c.run()
}

// Close lets the connection go without a decision, as net.Conn's Close: onDrop decides. It does not wait. A write
// that is under way is thrown away, and so the connection is reset, whatever the policy says of drops. After a
// close or an abort it changes nothing.
func (c *Conn) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return c.failed("close", net.ErrClosed)
	}
	c.closed, c.leaving = true, true
	if c.message == begun {
		c.seen(errors.New("finrst: closed in the middle of a message"))
		c.post(engine.EventFailed)
	} else {
		c.post(engine.EventDropped)
	}
	c.run()
	c.silenceOwner(held)
	return nil
}

// Done ends the guard of a function: `defer guard.Done(&err)`. If the function panics or returns an error the
// connection fails, and a panic goes on; else it is closed gracefully, within the policy's own bounds, and if that
// fails err tells so. The pointer may be nil. A function that ends by runtime.Goexit looks like one that returned;
// [Run] sees it.
func (c *Conn) Done(err *error) {
	if panicked := recover(); panicked != nil {
		c.Fail(&PanicError{panicked, debug.Stack()})
		panic(panicked)
	}
	if err != nil && *err != nil {
		c.Fail(*err)
		return
	}
	if _, failed := c.CloseGracefully(context.Background()); failed != nil && err != nil {
		*err = failed
	}
}

// A PanicError is what the verdict of a connection tells whose owner panicked.
type PanicError struct {
	Value any
	Stack []byte
}

func (e *PanicError) Error() string { return fmt.Sprintf("finrst: the owner panicked: %v", e.Value) }

// Run guards a connection for a function: it is closed gracefully if the function returns nil, and fails if it
// returns an error, panics, or ends its goroutine.
func Run(conn net.Conn, function func(*Conn) error, options ...Option) (err error) {
	c, err := Guard(conn, options...)
	if err != nil {
		return err
	}
	returned := false
	defer c.failUnless(&returned, "the owner")
	err = function(c)
	returned = true
	c.Done(&err)
	return err
}

// failUnless is to be deferred: who has not returned has panicked, or ended its goroutine.
func (c *Conn) failUnless(returned *bool, who string) {
	if panicked := recover(); panicked != nil {
		c.Fail(&PanicError{panicked, debug.Stack()})
		panic(panicked)
	}
	if !*returned {
		c.Fail(errors.New("finrst: " + who + " ended its goroutine"))
	}
}

// FinishSending sends our FIN after everything written so far; receiving goes on. It waits until the FIN is out.
// If ctx ends first the FIN still goes out later.
func (c *Conn) FinishSending(ctx context.Context) error {
	c.emit(engine.EventFinishSending)
	select {
	case <-c.finished:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	c.mu.Lock()
	out := c.finOut
	c.mu.Unlock()
	if out {
		return nil
	}
	<-c.ended
	return &EndError{c.verdict, c.verdict.Err}
}

// StopReceiving is what SHUT_RD should have been, the same on every platform: what the peer sends from now on is
// thrown away (Discard), left unread so that its window closes (Hold), or answered with a reset (Refuse). Nothing
// goes on the wire at the call. A Read that waits is woken.
func (c *Conn) StopReceiving(how Receiving) error {
	place, err := oneOf("how", how, Discard, Hold, Refuse)
	if err != nil {
		return err
	}
	c.emitWith(engine.EventStopReceiving, engine.ReceiveDiscard+int32(place))
	return nil
}

// Finalise closes and hands back what the peer still sends until its FIN, at most limit bytes; a peer that sends
// more is reset. It waits for the peer, within the bounds of ctx and of the policy.
//
// The error is nil if [Conn.CloseGracefully] would answer none and the bytes are all that the peer had to send, else an
// *EndError: our stream may have arrived whole, and the peer's be cut.
func (c *Conn) Finalise(ctx context.Context, limit int64) ([]byte, Verdict, error) {
	if limit < 0 {
		return nil, Verdict{}, fmt.Errorf("finrst: limit is %d; expected 0 or more bytes", limit)
	}
	c.mu.Lock()
	c.limit, c.collecting = limit, true
	c.mu.Unlock()
	verdict, err := c.CloseGracefully(ctx, ConfirmPeer)
	c.mu.Lock()
	defer c.mu.Unlock()
	if err == nil && !c.heardAll() {
		err = &EndError{verdict, verdict.Err}
	}
	return c.rest, verdict, err
}

// Exiting says that the process is about to end on purpose: onExit decides for a stream that is not declared
// complete. Call it before os.Exit where the answer is Close; Go runs nothing of ours by itself then, and an armed
// connection is reset.
func (c *Conn) Exiting() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.post(engine.EventExiting)
	c.run()
}

// SetLinger sets SO_LINGER in seconds, the same on every platform; negative turns it off, and 0 arms. A number
// that the platform would refuse, wrap or cut is an error, and nothing is set.
func (c *Conn) SetLinger(seconds int) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over() {
		return c.failed("set", net.ErrClosed)
	}
	most := c.engine.Column(platform.Row, engine.ColumnLingerMost)
	if seconds > int(most) {
		return fmt.Errorf("finrst: seconds is %d; expected at most %d", seconds, most)
	}
	seconds = max(seconds, -1)
	if result := c.engine.SetLinger(host{c}, c.context, int32(seconds)); result < 0 {
		return fmt.Errorf("finrst: SO_LINGER cannot be set: %w", c.refused)
	}
	step := engine.StepDisarm
	if seconds == 0 {
		step = engine.StepArm
	}
	c.state = c.engine.Settle(c.state, step, engine.ResultDone)
	return nil
}

// Linger reads SO_LINGER in seconds; -1: it is off.
func (c *Conn) Linger() (seconds int, err error) {
	level := c.engine.Column(platform.Row, engine.ColumnSocketLevel)
	option := c.engine.Column(platform.Row, engine.ColumnLingerOption)
	var on bool
	var value int32
	failed := c.control.Control(func(fd uintptr) { on, value, err = lingerOf(fd, level, option) })
	if err = errors.Join(failed, err); err != nil {
		return 0, fmt.Errorf("finrst: SO_LINGER cannot be read: %w", err)
	}
	if !on {
		return -1, nil
	}
	return int(value), nil
}

// Unsent is how many bytes the peer's stack has not acknowledged, those of a Write under way included. The second
// result is false where it cannot be known.
func (c *Conn) Unsent() (bytes int64, known bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.over() {
		c.lookAtQueue()
		c.lost = c.lastUnsent()
	}
	return max(c.lost, 0), c.lost >= 0
}

// Armed tells whether the death of the process would reset this connection.
func (c *Conn) Armed() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.over() && c.state&engine.FlagArmed != 0
}

// Verdict is how the connection ended; the second result is false as long as that is not final.
func (c *Conn) Verdict() (Verdict, bool) {
	select {
	case <-c.ended:
		return c.verdict, true
	default:
		return Verdict{}, false
	}
}

// Ended is closed when the verdict is final.
func (c *Conn) Ended() <-chan struct{} { return c.ended }

// Released is closed when the descriptor is: after the verdict where the peer's last bytes are still drained.
func (c *Conn) Released() <-chan struct{} { return c.released }

// Capabilities tell what this system can really do for this connection, and why not.
func (c *Conn) Capabilities() Capabilities { return capabilitiesOf(c.kind) }
