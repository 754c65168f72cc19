// One connection as the engine sees it: events in, facts, and the engine's steps as calls on the kernel.
//
//  1. It has no opinion about FIN or RST: every decision is the engine's.
//  2. The connection is the guard's alone, so it is its own duplicate: the owner lets go of the guard, and only the
//     step CLOSE closes what is below. No second descriptor is needed for the last close to be ours.
//  3. Everything here runs with the guard locked, and nothing here waits for the network.
package finrst

import (
	"errors"
	"io"
	"net"
	"sync"
	"syscall"
	"time"

	"finrst.dev/go/engine"
)

func (c *Conn) over() bool { return c.state&engine.PhaseMask == engine.PhaseEnded }

func (c *Conn) by() int32 { return c.state >> engine.FieldByShift & engine.ByMask }

// emit feeds one event to the engine, and those that follow from it.
func (c *Conn) emit(number int32) { c.emitWith(number, 0) }

func (c *Conn) emitWith(number, argument int32) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.queue = append(c.queue, event{number, argument})
	c.run()
}

// post adds an event to those that run will feed.
func (c *Conn) post(number int32) { c.queue = append(c.queue, event{number, 0}) }

// run feeds what was posted. A step that posts is served by the run that took it.
func (c *Conn) run() {
	if c.busy || len(c.queue) == 0 {
		return
	}
	c.busy = true
	for len(c.queue) > 0 && !c.over() {
		next := c.queue[0]
		c.queue = c.queue[1:]
		c.feed(next)
	}
	c.busy = false
	c.queue = nil
	if c.state&engine.FlagFinOut != 0 {
		c.finOut = true
	}
	if c.finOut || c.over() {
		closeOnce(c.finished)
	}
	if c.over() {
		c.end()
	}
}

func closeOnce(done chan struct{}) {
	select {
	case <-done:
	default:
		close(done)
	}
}

func (c *Conn) feed(next event) {
	facts := c.facts(next.number) | next.argument<<engine.ArgumentShift
	before := c.state
	c.lost = c.lastUnsent()
	c.state = c.engine.On(host{c}, c.context, before, next.number, facts)
	if c.policy.trace != nil {
		c.policy.trace(traceLine(c.engine, c.context, before, next.number, facts, c.state))
	}
}

func (c *Conn) end() {
	c.clocks.stop()
	c.silenceOwner(held)
	if c.state&engine.FlagReported == 0 {
		c.report(c.state)
	}
}

// seen keeps the first error for the verdict.
func (c *Conn) seen(err error) {
	if c.err == nil {
		c.err = err
	}
}

// ---- What is true now ----------------------------------------------------------------------------------------------

// facts asks the kernel only for the events that the answer can change.
func (c *Conn) facts(number int32) int32 {
	switch number {
	case engine.EventOpen, engine.EventData, engine.EventFinishSending, engine.EventStopReceiving:
		return 0
	}
	var facts int32
	if c.leaving {
		facts |= engine.FactLeaving
	}
	if c.writes > 0 {
		facts |= engine.FactUnflushed
	}
	if c.message == complete {
		facts |= engine.FactComplete
	}
	if number == engine.EventFlushed {
		return facts
	}
	var lying, waiting int64
	_ = c.control.Control(func(fd uintptr) {
		switch number {
		case engine.EventClose, engine.EventDropped, engine.EventFailed, engine.EventExiting, engine.EventRuntimeClosed:
			lying = unread(fd)
		}
		if c.queued = unacked(fd); c.queued > 0 {
			waiting = untransmitted(fd)
		}
	})
	if lying > 0 {
		facts |= engine.FactUnread
	}
	// A queue that cannot be asked is not confirmed.
	if number == engine.EventPeerReset || c.queued == 0 {
		return facts
	}
	if waiting > 0 {
		facts |= engine.FactUnsent
	}
	return facts | engine.FactUnacked
}

func (c *Conn) lookAtQueue() {
	c.queued = -1
	_ = c.control.Control(func(fd uintptr) { c.queued = unacked(fd) })
}

// lastUnsent is what was not acknowledged at the last look, or negative: a reset throws the queue away, so it is
// remembered from before.
func (c *Conn) lastUnsent() int64 {
	if c.queued < 0 {
		return -1
	}
	count := c.queued
	if platform.CountsFin && c.state&engine.FlagFinOut != 0 && count > 0 {
		count--
	}
	if c.writes == 0 {
		return count
	}
	// What a write under way has left of its bytes: all that was written, less what the kernel has taken.
	acked := int64(-1)
	_ = c.control.Control(func(fd uintptr) { acked, c.queued = ackedSoFar(fd), unacked(fd) })
	if c.base < 0 || c.copies > 0 || acked < 0 || c.queued < 0 {
		return -1
	}
	return max(c.written-(acked-c.base), 0)
}

// ---- What the runtime tells ----------------------------------------------------------------------------------------

var broken = []error{
	syscall.EPIPE, syscall.ETIMEDOUT, syscall.ENOTCONN, syscall.ECONNABORTED, syscall.EHOSTUNREACH, syscall.ENETUNREACH,
}

// sawError posts what an error of the connection means. A deadline of the owner means nothing.
func (c *Conn) sawError(err error) {
	if errors.Is(err, syscall.ECONNRESET) {
		c.seen(err)
		c.post(engine.EventPeerReset)
		return
	}
	if errors.Is(err, net.ErrClosed) && !c.over() {
		// Only the step CLOSE closes, and it ends the connection: somebody closed it behind our back.
		c.leaving = true
		c.seen(errors.New("finrst: the connection was closed behind the guard's back"))
		c.post(engine.EventRuntimeClosed)
		return
	}
	for _, each := range broken {
		if errors.Is(err, each) {
			c.seen(err)
			c.post(engine.EventOsError)
			return
		}
	}
}

// sawReadError answers the error that the owner is told. What a read is told after our own abort, which may look like
// an end of file, is not the peer's word.
func (c *Conn) sawReadError(err error) error {
	if err == nil {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.over():
		return c.failed("read", c.refusal(err))
	case err == io.EOF || c.secure != nil && errors.Is(err, io.ErrUnexpectedEOF):
		if c.peerEnd == nil {
			c.peerEnd = err
			c.post(engine.EventPeerFin)
		}
	default:
		c.sawError(err)
	}
	c.run()
	return err
}

// ---- The clocks and the drain --------------------------------------------------------------------------------------

func (c *Conn) outOfTime() { c.emit(engine.EventDeadline) }

// watch looks at the send queue; progress there is progress of the close.
func (c *Conn) watch() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over() {
		return true
	}
	before := c.queued
	c.lookAtQueue()
	c.lost = c.lastUnsent()
	if c.queued < before {
		c.clocks.progress()
	}
	if c.queued != 0 {
		return false
	}
	c.post(engine.EventAcked)
	c.run()
	return true
}

// silenceOwner takes the incoming bytes from the owner and wakes its Read, by a deadline that has passed.
func (c *Conn) silenceOwner(how int32) {
	if was := c.incoming.Load(); was == toOwner {
		_ = c.raw.SetReadDeadline(time.Unix(1, 0))
	} else if how == held {
		return
	}
	c.incoming.Store(how)
}

// startDrain reads to the peer's end in a goroutine of its own, once.
func (c *Conn) startDrain() {
	if c.incoming.Load() == discarded {
		return
	}
	c.silenceOwner(discarded)
	go c.drain()
}

var buffers = sync.Pool{New: func() any { return new([64 << 10]byte) }}

func (c *Conn) drain() {
	c.reading.Lock()
	defer c.reading.Unlock()
	c.mu.Lock()
	if !c.over() {
		_ = c.raw.SetReadDeadline(time.Time{})
	}
	c.mu.Unlock()
	pooled := buffers.Get().(*[64 << 10]byte)
	defer buffers.Put(pooled)
	buffer := pooled[:]
	var from net.Conn = c.stream
	for {
		n, err := from.Read(buffer)
		c.throwAway(buffer[:n])
		switch {
		case err == nil:
		case from == c.stream && c.secure != nil && !errors.Is(err, syscall.ECONNRESET):
			// The end of TLS is not the end of TCP: what follows close_notify is only waited out.
			c.mu.Lock()
			c.secureEnd = err
			c.mu.Unlock()
			from = c.raw
		default:
			_ = c.sawReadError(err)
			return
		}
	}
}

// throwAway: bytes arrived that the owner will not read. They are kept for Finalise, and bounded while draining.
func (c *Conn) throwAway(chunk []byte) {
	if len(chunk) == 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	// What follows the end of TLS nobody vouches for.
	if c.collecting && c.secureEnd == nil {
		c.rest = append(c.rest, chunk[:min(int64(len(chunk)), c.limit-int64(len(c.rest)))]...)
	}
	if c.draining {
		c.drained += int64(len(chunk))
		c.clocks.progress()
	}
	if !c.draining || !c.collecting {
		c.post(engine.EventData)
	}
	if c.draining && c.drained > c.limit {
		c.post(engine.EventOverLimit)
	}
	c.run()
}

// heardAll tells whether the peer's stream was read to its end. Of TLS the verdict does not say so: a FIN without
// close_notify between two records is an end too.
func (c *Conn) heardAll() bool {
	if c.secure == nil {
		return c.verdict.Received == receivedWords[engine.ReceivedComplete]
	}
	return c.peerEnd == io.EOF && (c.secureEnd == nil || c.secureEnd == io.EOF)
}

// flushed posts FLUSHED once no write is under way.
func (c *Conn) flushed() {
	if !c.flushing || c.writes > 0 {
		return
	}
	c.flushing = false
	if c.secure == nil {
		c.post(engine.EventFlushed)
		return
	}
	go c.closeNotify()
}

// closeNotify ends TLS before TCP. It waits until a few bytes would be taken: crypto/tls gives its own write five
// seconds and no second try, whereas the flush has the policy's time.
func (c *Conn) closeNotify() {
	if under, err := c.raw.SyscallConn(); err == nil {
		_ = under.Write(writable)
	}
	err := c.secure.CloseWrite()
	c.mu.Lock()
	defer c.mu.Unlock()
	// Before the handshake is over there is no close_notify, and nothing was sent.
	if network := net.Error(nil); errors.As(err, &network) {
		c.seen(err)
		c.post(engine.EventFailed)
	}
	c.post(engine.EventFlushed)
	c.run()
}
