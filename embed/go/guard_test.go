// Tests guards over real loopback connections: every way to end one, and what its peer reads.
package finrst_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	finrst "finrst.dev/go"
)

func TestACloseSendsEverythingAndThenOurFIN(t *testing.T) {
	guard, peer := pair(t)
	if !guard.Armed() {
		t.Error("an open guard is not armed")
	}
	write(t, guard, "whole")
	v, err := guard.CloseGracefully(within(t))
	if err != nil || v.Ended != "fin" || v.By != "us" || v.Delivery != "acked" || guard.Armed() {
		t.Errorf("%v, %v", v, err)
	}
	expect(t, peer, 5, nil)
}

func TestASlowReaderGetsTenMegabytesAndTheEnd(t *testing.T) {
	guard, peer := pair(t)
	_ = peer.SetReadBuffer(64 << 10)
	sent := bytes.Repeat([]byte("0123456789"), 1_000_000)
	go func() {
		_, _ = guard.Write(sent)
	}()
	first := make([]byte, 1)
	if _, err := io.ReadFull(peer, first); err != nil {
		t.Fatal(err)
	}
	closed := make(chan error, 1)
	go func() {
		_, err := guard.CloseGracefully(within(t))
		closed <- err
	}()
	hash := sha256.New()
	hash.Write(first)
	buffer := make([]byte, 100_000)
	for {
		n, err := peer.Read(buffer)
		hash.Write(buffer[:n])
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	peer.Close()
	if err := <-closed; err != nil {
		t.Error(err)
	}
	if want := sha256.Sum256(sent); !bytes.Equal(hash.Sum(nil), want[:]) {
		t.Error("the bytes are others")
	}
}

func TestAnAbortResetsAtOnceAndWakesTheReader(t *testing.T) {
	guard, peer := pair(t)
	woken := make(chan error, 1)
	go func() {
		_, err := guard.Read(make([]byte, 1))
		woken <- err
	}()
	write(t, guard, "part")
	v := guard.Abort()
	if v.Ended != "reset" || v.By != "us" || v.Cause != "abort" {
		t.Error(v)
	}
	expect(t, peer, -1, syscall.ECONNRESET)
	if err := <-woken; err == nil || err == io.EOF {
		t.Errorf("the reader was told %v", err)
	}
	if again := guard.Abort(); again.Rule != v.Rule {
		t.Error("a second abort changed the verdict")
	}
}

func TestADropFollowsThePolicy(t *testing.T) {
	for _, each := range []struct {
		options []finrst.Option
		ending  error
	}{
		{nil, nil},
		{[]finrst.Option{finrst.OnDrop(finrst.Abort)}, syscall.ECONNRESET},
		{[]finrst.Option{finrst.WithPreset(finrst.Strict)}, syscall.ECONNRESET},
		{[]finrst.Option{finrst.OnDrop(finrst.Close), finrst.WithPreset(finrst.Strict)}, nil},
		{[]finrst.Option{finrst.WithPreset(finrst.Manual)}, nil},
	} {
		guard, peer := pair(t, each.options...)
		write(t, guard, "part")
		if err := guard.Close(); err != nil {
			t.Error(err)
		}
		if each.ending == nil {
			expect(t, peer, 4, nil)
		} else {
			expect(t, peer, -1, each.ending)
		}
		if err := guard.Close(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("a second Close says %v", err)
		}
	}
}

func TestACloseThatOvertakesAWriteResets(t *testing.T) {
	guard, peer := pair(t)
	stuck := make(chan error, 1)
	go func() {
		_, err := guard.Write(make([]byte, 12_000_000))
		stuck <- err
	}()
	if _, err := io.ReadFull(peer, make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	guard.Close()
	if err := <-stuck; !errors.Is(err, net.ErrClosed) && !errors.Is(err, syscall.EPIPE) {
		t.Errorf("the write says %v", err)
	}
	expect(t, peer, -1, syscall.ECONNRESET)
	if v := verdict(t, guard); v.Delivery != "lost" || v.Unsent == nil || *v.Unsent < 1_000_000 {
		t.Errorf("%v, unsent %v", v, v.Unsent)
	}
}

// answer is a function as a program would write it.
func answer(conn net.Conn, how string) (err error) {
	guard, err := finrst.Guard(conn)
	if err != nil {
		return err
	}
	defer guard.Done(&err)
	if _, err := io.WriteString(guard, "first half"); err != nil {
		return err
	}
	switch how {
	case "panic":
		panic(how)
	case "error":
		return errors.New(how)
	}
	return nil
}

func TestDoneResetsAfterAPanicOrAnError(t *testing.T) {
	for _, how := range []string{"return", "error", "panic"} {
		ours, peer := plainPair(t)
		panicked, err := any(nil), error(nil)
		func() {
			defer func() { panicked = recover() }()
			err = answer(ours, how)
		}()
		if how == "return" {
			expect(t, peer, 10, nil)
		} else {
			expect(t, peer, -1, syscall.ECONNRESET)
		}
		if (panicked != nil) != (how == "panic") || (err != nil) != (how == "error") {
			t.Errorf("%s: panic %v, error %v", how, panicked, err)
		}
	}
}

func TestRunSeesAGoroutineThatEnds(t *testing.T) {
	ours, peer := plainPair(t)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = finrst.Run(ours, func(*finrst.Conn) error {
			runtime.Goexit()
			return nil
		})
	}()
	<-done
	expect(t, peer, 0, syscall.ECONNRESET)
}

func TestFinishSendingGoesOnReceiving(t *testing.T) {
	guard, peer := pair(t)
	write(t, guard, "question")
	if err := guard.FinishSending(within(t)); err != nil {
		t.Fatal(err)
	}
	if _, err := guard.Write([]byte("more")); !errors.Is(err, finrst.ErrSendingFinished) {
		t.Errorf("a write after the FIN says %v", err)
	}
	expect(t, peer, 8, nil)
	write(t, peer, "answer")
	peer.Close()
	if text, err := io.ReadAll(guard); err != nil || string(text) != "answer" {
		t.Errorf("%q, %v", text, err)
	}
	if v := verdict(t, guard); v.Ended != "fin" || v.Delivery != "confirmed" || v.Received != "complete" {
		t.Error(v)
	}
}

func TestFinaliseHandsBackTheRest(t *testing.T) {
	guard, peer := pair(t)
	write(t, guard, "bye")
	write(t, peer, "last words")
	go func() {
		_, _ = io.ReadAll(peer)
		peer.Close()
	}()
	rest, v, err := guard.Finalise(within(t), 100)
	if err != nil || string(rest) != "last words" || v.Received != "complete" {
		t.Errorf("%q, %v, %v", rest, v, err)
	}
}

// The peer has acknowledged our FIN and everything before it: only what is handed back is not whole.
func TestFinaliseSaysThatItsRestIsNotWhole(t *testing.T) {
	for name, each := range map[string]struct {
		sends  int
		ends   func(*net.TCPConn)
		within time.Duration
		rest   int
	}{
		"more than the limit": {100_001, func(*net.TCPConn) {}, patience, 100_000},
		"then a reset":        {0, func(peer *net.TCPConn) { _ = peer.SetLinger(0); peer.Close() }, patience, 0},
		"and never ends":      {5, func(*net.TCPConn) {}, 200 * time.Millisecond, 5},
	} {
		t.Run(name, func(t *testing.T) {
			guard, peer := pair(t)
			write(t, guard, "bye")
			told := make(chan error, 1)
			go func() {
				_, err := io.ReadAll(peer)
				_, _ = peer.Write(make([]byte, each.sends))
				each.ends(peer)
				told <- err
			}()
			ctx, cancel := context.WithTimeout(context.Background(), each.within)
			defer cancel()
			rest, v, err := guard.Finalise(ctx, 100_000)
			var end *finrst.EndError
			if !errors.As(err, &end) || end.Verdict.Rule != v.Rule || len(rest) != each.rest {
				t.Errorf("%d bytes, %v, %v", len(rest), v, err)
			}
			if err := <-told; err != nil {
				t.Errorf("the peer is told %v of our stream", err)
			}
		})
	}
}

func TestACloseOutOfTimeResets(t *testing.T) {
	guard, peer := pair(t)
	go func() { _, _ = guard.Write(make([]byte, 12_000_000)) }()
	if _, err := io.ReadFull(peer, make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	v, err := guard.CloseGracefully(ctx)
	var end *finrst.EndError
	if !errors.As(err, &end) || !errors.Is(err, context.DeadlineExceeded) || v.Cause != "deadline" {
		t.Errorf("%v, %v", v, err)
	}
	expect(t, peer, -1, syscall.ECONNRESET)
}

func TestBytesThatNobodyReadAreDrained(t *testing.T) {
	guard, peer := pair(t)
	write(t, peer, "nobody reads this")
	write(t, guard, "answer")
	v, err := guard.CloseGracefully(within(t))
	if err != nil || v.Ended != "fin" {
		t.Errorf("%v, %v", v, err)
	}
	expect(t, peer, 6, nil)
	peer.Close()
	select {
	case <-guard.Released():
	case <-time.After(patience):
		t.Error("the descriptor is still held")
	}
}

func TestThePeersResetIsTold(t *testing.T) {
	guard, peer := pair(t)
	_ = peer.SetLinger(0)
	peer.Close()
	if _, err := guard.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("read says %v", err)
	}
	if v := verdict(t, guard); v.Ended != "reset" || v.By != "peer" || !errors.Is(v.Err, syscall.ECONNRESET) {
		t.Error(v)
	}
	if _, err := guard.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("a second read says %v", err)
	}
}

func TestStopReceiving(t *testing.T) {
	guard, peer := pair(t)
	if err := guard.StopReceiving(finrst.Refuse); err != nil {
		t.Fatal(err)
	}
	if _, err := guard.Read(make([]byte, 1)); !errors.Is(err, finrst.ErrReceivingStopped) {
		t.Errorf("read says %v", err)
	}
	write(t, peer, "more")
	expect(t, peer, 0, syscall.ECONNRESET)
	if v := verdict(t, guard); v.Rule != "refuse-resets" {
		t.Error(v)
	}
}

func TestDeadlinesOfTheOwnerEndNothing(t *testing.T) {
	guard, peer := pair(t)
	_ = guard.SetReadDeadline(time.Now().Add(-time.Second))
	if _, err := guard.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("read says %v", err)
	}
	_ = guard.SetDeadline(time.Time{})
	write(t, peer, "x")
	if n, err := guard.Read(make([]byte, 1)); n != 1 || err != nil {
		t.Errorf("read says %d, %v", n, err)
	}
}

func TestLingerIsInSeconds(t *testing.T) {
	guard, _ := pair(t)
	for _, seconds := range []int{5, -1, 0} {
		if err := guard.SetLinger(seconds); err != nil {
			t.Fatal(err)
		}
		if got, err := guard.Linger(); got != seconds || err != nil || guard.Armed() != (seconds == 0) {
			t.Errorf("%d seconds are read as %d, armed %v, %v", seconds, got, guard.Armed(), err)
		}
	}
	if err := guard.SetLinger(2147483647); err == nil || !strings.Contains(err.Error(), "2147482") {
		t.Errorf("out of range says %v", err)
	}
	if guard.Abort(); guard.SetLinger(1) == nil {
		t.Error("a connection that has ended takes linger")
	}
}

func TestAFileIsSent(t *testing.T) {
	guard, peer := pair(t)
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, make([]byte, 300_000), 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	go func() {
		if n, err := io.Copy(guard, file); n != 300_000 || err != nil {
			t.Errorf("%d bytes, %v", n, err)
		}
		_, _ = guard.CloseGracefully(within(t))
	}()
	expect(t, peer, 300_000, nil)
}
