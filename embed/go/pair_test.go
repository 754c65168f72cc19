// Makes the pairs of connections that the tests are about, and tests what Guard refuses.
package finrst_test

import (
	"context"
	"errors"
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	finrst "finrst.dev/go"
)

const patience = 10 * time.Second

var noDeadline time.Time

// pair is a guarded connection of ours and the plain socket of its peer.
func pair(t testing.TB, options ...finrst.Option) (*finrst.Conn, *net.TCPConn) {
	t.Helper()
	ours, theirs := plainPair(t)
	guard, err := finrst.Guard(ours, options...)
	if err != nil {
		t.Fatal(err)
	}
	return guard, theirs
}

func plainPair(t testing.TB) (ours, theirs *net.TCPConn) {
	t.Helper()
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	dialled, err := net.Dial("tcp4", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	accepted, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { dialled.Close(); accepted.Close() })
	_ = dialled.SetDeadline(time.Now().Add(patience))
	return accepted.(*net.TCPConn), dialled.(*net.TCPConn)
}

func within(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return ctx
}

// expect reads the peer's side to its end.
func expect(t *testing.T, peer net.Conn, bytes int, ending error) {
	t.Helper()
	read, err := io.ReadAll(peer)
	if len(read) != bytes && bytes >= 0 {
		t.Errorf("the peer reads %d bytes; expected %d", len(read), bytes)
	}
	if !errors.Is(err, ending) {
		t.Errorf("the peer reads the ending %v; expected %v", err, ending)
	}
}

func verdict(t *testing.T, c *finrst.Conn) finrst.Verdict {
	t.Helper()
	select {
	case <-c.Ended():
	case <-time.After(patience):
		t.Fatal("there is no verdict")
	}
	v, _ := c.Verdict()
	return v
}

func write(t *testing.T, w io.Writer, text string) {
	t.Helper()
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
}

func TestBadInputIsNamed(t *testing.T) {
	udp, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer udp.Close()
	one, other := net.Pipe()
	defer one.Close()
	defer other.Close()
	unixListener, err := net.Listen("unix", filepath.Join(t.TempDir(), "s"))
	if err != nil {
		t.Fatal(err)
	}
	defer unixListener.Close()
	unixConn, err := net.Dial("unix", unixListener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer unixConn.Close()
	closed, _ := plainPair(t)
	closed.Close()
	ours, _ := plainPair(t)
	for _, each := range []struct {
		conn   net.Conn
		option finrst.Option
		says   string
	}{
		{nil, nil, "expected *net.TCPConn"},
		{(*net.TCPConn)(nil), nil, "expected *net.TCPConn"},
		{udp.(*net.UDPConn), nil, "*net.UDPConn"},
		{unixConn, nil, "*net.UnixConn"},
		{one, nil, "*net.pipe"},
		{closed, nil, "closed network connection"},
		{ours, finrst.OnDrop("abrot"), `onDrop is "abrot"; expected one of close, abort`},
		{ours, finrst.WithPreset("lax"), `preset is "lax"; expected one of compatible, strict, manual`},
		{ours, finrst.WithConfirm("sure"), `confirm is "sure"`},
		{ours, finrst.FlushWithin(0), "flushMs is 0s"},
		{ours, finrst.DrainBytes(-1), "drainBytes is -1"},
	} {
		if _, err := finrst.Guard(each.conn, each.option); err == nil || !strings.Contains(err.Error(), each.says) {
			t.Errorf("%T says %v; expected %q", each.conn, err, each.says)
		}
	}
	guard, _ := pair(t)
	if again, err := finrst.Guard(guard); again != guard || err != nil {
		t.Errorf("a guard is guarded anew: %v", err)
	}
	if _, err := finrst.Guard(guard, finrst.OnDrop(finrst.Abort)); err == nil {
		t.Error("a guard takes another policy")
	}
	if err := guard.StopReceiving("later"); err == nil || !strings.Contains(err.Error(), `how is "later"`) {
		t.Errorf("StopReceiving says %v", err)
	}
}
