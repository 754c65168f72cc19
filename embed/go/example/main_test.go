// Tests the example as its clients see it.
package main

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

func TestWhatIsNotWholeIsReset(t *testing.T) {
	log.SetOutput(io.Discard)
	root := t.TempDir()
	if err := os.WriteFile(filepath.Join(root, "file"), make([]byte, 100_000), 0o600); err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { serve(ctx, listener, root); close(done) }()
	for name, want := range map[string]error{
		"file": nil, "missing": syscall.ECONNRESET, "../file": syscall.ECONNRESET, ".": syscall.ECONNRESET,
	} {
		conn, err := net.Dial("tcp4", listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
		_, _ = io.WriteString(conn, name+"\n")
		bytes, err := io.ReadAll(conn)
		conn.Close()
		if !errors.Is(err, want) || (want == nil && len(bytes) != 100_000) {
			t.Errorf("%s: %d bytes, %v; expected %v", name, len(bytes), err, want)
		}
	}
	cancel()
	<-done
}
