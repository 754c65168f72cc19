// Tests that no descriptor and no goroutine is left of many connections in any mix of endings.

//go:build linux

package finrst_test

import (
	"context"
	"io"
	"net"
	"os"
	"runtime"
	"testing"
	"time"

	finrst "finrst.dev/go"
)

func descriptors(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

// connection is guarded, used, and ended in one of several ways; its peer reads to the end and closes.
func connection(t *testing.T, listener net.Listener, number int) {
	t.Helper()
	peer, err := net.Dial("tcp4", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	conn, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	guard, err := finrst.Guard(conn, finrst.DrainIdle(time.Second))
	if err != nil {
		t.Fatal(err)
	}
	go func() { _, _ = io.Copy(io.Discard, guard) }()
	write(t, guard, "some bytes")
	go func() {
		_, _ = io.Copy(io.Discard, peer)
		peer.Close()
	}()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	switch number % 6 {
	case 0:
		_, _ = guard.CloseGracefully(ctx)
	case 1:
		guard.Abort()
	case 2:
		guard.Close()
	case 3:
		_ = guard.FinishSending(ctx)
	case 4:
		guard.Fail(io.ErrShortWrite)
	case 5:
		_, _, _ = guard.Finalise(ctx, 100)
	}
	select {
	case <-guard.Released():
	case <-ctx.Done():
		t.Fatalf("connection %d is not released", number)
	}
}

func TestNothingIsLeftOfFiveHundredConnections(t *testing.T) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	connection(t, listener, 0)
	runtime.GC()
	fds, goroutines := descriptors(t), runtime.NumGoroutine()
	for number := range 500 {
		connection(t, listener, number)
	}
	for deadline := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		if descriptors(t) <= fds && runtime.NumGoroutine() <= goroutines {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d descriptors before and %d after; %d goroutines before and %d after", fds, descriptors(t),
				goroutines, runtime.NumGoroutine())
		}
	}
}
