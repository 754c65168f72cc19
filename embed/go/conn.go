// A guarded connection as a net.Conn: what its owner reads and writes, and what the guard learns of it.
package finrst

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"finrst.dev/go/engine"
)

// ErrReceivingStopped is what Read answers after StopReceiving, or once a close has begun to drain.
var ErrReceivingStopped = errors.New("finrst: receiving was stopped")

// ErrSendingFinished is what Write answers after the stream was declared complete.
var ErrSendingFinished = errors.New("finrst: sending was finished")

// What happens to bytes that arrive: given to the owner, thrown away, or left in the kernel.
const (
	toOwner int32 = iota
	discarded
	held
)

// A Conn is a guarded connection. It is a net.Conn: Read, Write and the deadlines are those of the connection that
// was guarded, which nobody else may use any more. All methods are safe for concurrent use.
type Conn struct {
	stream  net.Conn // what was guarded: a *net.TCPConn, or a *tls.Conn over one
	raw     *net.TCPConn
	control syscall.RawConn
	secure  *tls.Conn // nil without TLS
	engine  *engine.Engine
	policy  policy
	kind    string

	reading  sync.Mutex   // held by whoever reads from the stream
	incoming atomic.Int32 // toOwner, discarded or held; written with mu held
	ended    chan struct{}
	finished chan struct{} // closed when our FIN is out, or the connection is over
	released chan struct{} // closed when the descriptor is

	mu             sync.Mutex
	context, state int32
	queue          []event
	clocks         clocks
	verdict        Verdict
	err            error // the first that was seen or given
	peerEnd        error // what Read tells since the peer's FIN
	secureEnd      error // how TLS ended while it was drained
	refused        error // what the kernel said last to SO_LINGER

	writes, copies int   // calls under way
	written, base  int64 // what the owner wrote; what the kernel had taken before; base < 0: not known
	queued         int64 // the send queue at the last look; negative: not known
	lost           int64 // what a reset would throw away; negative: not known
	limit          int64
	drained        int64
	rest           []byte

	flushing, draining, leaving, closed bool
	collecting                          bool
	finOut, busy                        bool
	lingers                             bool
	message                             message
}

type event struct{ number, argument int32 }

// Guard takes a connection into its hold, a *net.TCPConn or a *tls.Conn over one, and arms it unless the policy says
// otherwise: from now on an incomplete stream ends with a reset, whatever happens to the process. The connection
// itself must not be used any more, only the guard: closed behind the guard's back it is reset.
//
// A *Conn is answered as it is. The errors name what was given and what is expected.
func Guard(conn net.Conn, options ...Option) (*Conn, error) {
	if guarded, is := conn.(*Conn); is && guarded != nil {
		if len(options) > 0 {
			return nil, errors.New("finrst: the connection is guarded already; its policy cannot be changed")
		}
		return guarded, nil
	}
	policy, err := parsePolicy(options)
	if err != nil {
		return nil, err
	}
	c := &Conn{stream: conn, policy: policy, limit: policy.drainBytes, ended: make(chan struct{})}
	c.finished, c.released = make(chan struct{}), make(chan struct{})
	if err := c.unwrap(conn); err != nil {
		return nil, err
	}
	if c.engine, err = engine.Shared(); err != nil {
		return nil, err
	}
	c.context = contextBits() | policy.bits()
	c.base = -1
	if err := c.control.Control(func(fd uintptr) { c.look(fd) }); err != nil {
		return nil, fmt.Errorf("finrst: the connection cannot be guarded: %w", err)
	}
	c.emit(engine.EventOpen)
	return c, nil
}

// unwrap finds the TCP connection that carries the stream.
func (c *Conn) unwrap(conn net.Conn) (err error) {
	c.kind = "TCP"
	switch it := conn.(type) {
	case *net.TCPConn:
		c.raw = it // nil stays nil
	case *tls.Conn:
		if it == nil {
			break
		}
		c.kind, c.secure = "TLS", it
		switch below := it.NetConn().(type) {
		case *net.TCPConn:
			c.raw = below
		case *Conn:
			return errors.New("finrst: the connection below this *tls.Conn is guarded already")
		}
	}
	if c.raw == nil {
		return fmt.Errorf("finrst: the connection is %T; expected *net.TCPConn, or *tls.Conn over one", conn)
	}
	c.control, err = c.raw.SyscallConn()
	if err != nil {
		return fmt.Errorf("finrst: the connection cannot be guarded: %w", err)
	}
	if multipath, err := c.raw.MultipathTCP(); err == nil && multipath {
		c.kind = "MPTCP"
	}
	return nil
}

// look learns what the kernel had taken before the guard. The subflows of MPTCP count for themselves, and TLS writes
// more than its owner does.
func (c *Conn) look(fd uintptr) {
	if acked, queue := ackedSoFar(fd), unacked(fd); acked >= 0 && queue >= 0 && c.kind == "TCP" {
		c.base = acked + queue
	}
}

// NetConn is the connection that was guarded.
func (c *Conn) NetConn() net.Conn { return c.stream }

// LocalAddr is the local address.
func (c *Conn) LocalAddr() net.Addr { return c.raw.LocalAddr() }

// RemoteAddr is the peer's address.
func (c *Conn) RemoteAddr() net.Addr { return c.raw.RemoteAddr() }

func (c *Conn) failed(op string, err error) error {
	return &net.OpError{Op: op, Net: "tcp", Source: c.LocalAddr(), Addr: c.RemoteAddr(), Err: err}
}

// Read reads as the guarded connection does. io.EOF is the peer's FIN, or its close_notify under TLS.
func (c *Conn) Read(b []byte) (int, error) {
	c.reading.Lock()
	if c.incoming.Load() != toOwner {
		c.reading.Unlock()
		return 0, c.noRead()
	}
	n, err := c.stream.Read(b)
	c.reading.Unlock()
	if c.incoming.Load() != toOwner {
		c.throwAway(b[:n])
		_ = c.sawReadError(err)
		return 0, c.noRead()
	}
	if err != nil {
		err = c.sawReadError(err)
	}
	return n, err
}

func (c *Conn) noRead() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.peerEnd != nil && !c.closed {
		return c.peerEnd
	}
	return c.failed("read", c.refusal(ErrReceivingStopped))
}

// refusal is why a call comes too late: closed by the owner, ended by the peer, or else what is given.
func (c *Conn) refusal(otherwise error) error {
	switch {
	case c.over() && c.by() != engine.ByUs && c.err != nil && !c.closed:
		return c.err
	case c.closed || c.over():
		return net.ErrClosed
	default:
		return otherwise
	}
}

// Write writes as the guarded connection does. While it runs its bytes count as unflushed: a close waits for it,
// and a Close that overtakes it resets.
func (c *Conn) Write(b []byte) (int, error) {
	if err := c.beginWrite(int64(len(b)), 0); err != nil {
		return 0, err
	}
	n, err := c.stream.Write(b)
	return n, c.endWrite(int64(n-len(b)), 0, err)
}

// ReadFrom copies until r ends, with sendfile or splice where net can. Everything that r has not given yet is
// unflushed.
func (c *Conn) ReadFrom(r io.Reader) (int64, error) {
	if err := c.beginWrite(0, 1); err != nil {
		return 0, err
	}
	source := &failing{Reader: r}
	var n int64
	var err error
	switch {
	case c.secure != nil:
		n, err = io.Copy(struct{ io.Writer }{c.stream}, source)
	case isFile(r):
		n, err = c.raw.ReadFrom(r)
	default:
		n, err = c.raw.ReadFrom(source)
	}
	if source.err != nil {
		_ = c.endWrite(n, 1, nil)
		return n, err
	}
	return n, c.endWrite(n, 1, err)
}

// isFile: what sendfile takes. A file gives no error that a connection could give.
func isFile(r io.Reader) bool {
	if limited, is := r.(*io.LimitedReader); is {
		r = limited.R
	}
	_, is := r.(*os.File)
	return is
}

// failing remembers the error of a source: another connection's reset is not ours.
type failing struct {
	io.Reader
	err error
}

func (f *failing) Read(b []byte) (int, error) {
	n, err := f.Reader.Read(b)
	if err != nil && err != io.EOF {
		f.err = err
	}
	return n, err
}

func (c *Conn) beginWrite(bytes int64, copies int) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state&engine.PhaseMask != engine.PhaseOpen || c.flushing {
		return c.failed("write", c.refusal(ErrSendingFinished))
	}
	c.writes++
	c.copies += copies
	c.written += bytes
	return nil
}

// endWrite answers the error that the owner is told: what came of our own abort is the kernel's word for "closed".
func (c *Conn) endWrite(bytes int64, copies int, err error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.writes--
	c.copies -= copies
	c.written += bytes
	if err != nil && c.over() {
		return c.failed("write", c.refusal(err))
	}
	if err != nil {
		c.sawError(err)
	}
	c.flushed()
	c.run()
	return err
}

// SetDeadline sets both deadlines.
func (c *Conn) SetDeadline(t time.Time) error {
	if err := c.SetReadDeadline(t); err != nil {
		return err
	}
	return c.SetWriteDeadline(t)
}

// SetReadDeadline sets the deadline of Read. Once receiving was stopped it does nothing.
func (c *Conn) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return c.failed("set", net.ErrClosed)
	}
	if c.incoming.Load() != toOwner {
		return nil
	}
	return c.stream.SetReadDeadline(t)
}

// SetWriteDeadline sets the deadline of Write.
func (c *Conn) SetWriteDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return c.failed("set", net.ErrClosed)
	}
	return c.stream.SetWriteDeadline(t)
}

// CloseWrite is [Conn.FinishSending] that does not wait: the FIN goes out after the writes that are under way.
func (c *Conn) CloseWrite() error {
	c.emit(engine.EventFinishSending)
	return nil
}

// CloseRead is [Conn.StopReceiving] with Discard.
func (c *Conn) CloseRead() error { return c.StopReceiving(Discard) }
