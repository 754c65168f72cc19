// Measures a guarded connection next to a bare one, and a program with a guard next to one without.
package finrst_test

import (
	"context"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	finrst "finrst.dev/go"
)

func connections(b *testing.B, end func(net.Conn)) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer listener.Close()
	b.ReportAllocs()
	for range b.N {
		peer, err := net.Dial("tcp4", listener.Addr().String())
		if err != nil {
			b.Fatal(err)
		}
		conn, err := listener.Accept()
		if err != nil {
			b.Fatal(err)
		}
		end(conn)
		_, _ = io.Copy(io.Discard, peer)
		peer.Close()
	}
}

func BenchmarkConnectionBare(b *testing.B) {
	connections(b, func(conn net.Conn) {
		_, _ = conn.Write([]byte("answer"))
		conn.Close()
	})
}

func BenchmarkConnectionGuarded(b *testing.B) {
	connections(b, func(conn net.Conn) {
		guard, err := finrst.Guard(conn)
		if err != nil {
			b.Fatal(err)
		}
		_, _ = guard.Write([]byte("answer"))
		_, _ = guard.CloseGracefully(context.Background(), finrst.ConfirmKernel)
	})
}

// BenchmarkBytesAdded compares two stripped programs of testdata.
func BenchmarkBytesAdded(b *testing.B) {
	size := func(tags string) int64 {
		program := filepath.Join(b.TempDir(), "program")
		build := exec.Command("go", "build", "-tags", tags, "-ldflags", "-s -w", "-o", program, "./testdata")
		if output, err := build.CombinedOutput(); err != nil {
			b.Fatalf("%v: %s", err, output)
		}
		found, err := os.Stat(program)
		if err != nil {
			b.Fatal(err)
		}
		return found.Size()
	}
	b.ReportMetric(float64(size("guarded")-size("bare")), "bytes")
	b.ReportMetric(0, "ns/op") // which is not printed then
}

func BenchmarkWriteBare(b *testing.B)    { writes(b, func(c net.Conn) net.Conn { return c }) }
func BenchmarkWriteGuarded(b *testing.B) { writes(b, guarded) }

func guarded(conn net.Conn) net.Conn {
	guard, err := finrst.Guard(conn)
	if err != nil {
		panic(err)
	}
	return guard
}

func writes(b *testing.B, wrap func(net.Conn) net.Conn) {
	ours, theirs := plainPair(b)
	_ = theirs.SetDeadline(noDeadline)
	go func() { _, _ = io.Copy(io.Discard, theirs) }()
	conn := wrap(ours)
	chunk := make([]byte, 1024)
	b.ResetTimer()
	for range b.N {
		if _, err := conn.Write(chunk); err != nil {
			b.Fatal(err)
		}
	}
}
