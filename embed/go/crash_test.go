// Tests what a peer in another process reads when the process of a connection dies, in every way that it can.

//go:build unix

package finrst_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	finrst "finrst.dev/go"
)

const dying = "FINRST_TEST_DIES_BY"

func TestMain(m *testing.M) {
	if how := os.Getenv(dying); how != "" {
		if err := serveAndDie(how); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
		os.Exit(3)
	}
	os.Exit(m.Run())
}

// serveAndDie promises an answer, sends half of it, and dies once its peer has read that half.
func serveAndDie(how string) error {
	how, guarded := strings.CutPrefix(how, "guarded ")
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(listener.Addr())
	conn, err := listener.Accept()
	if err != nil {
		return err
	}
	if guarded {
		if conn, err = finrst.Guard(conn); err != nil {
			return err
		}
	}
	if _, err := conn.Write(make([]byte, 100_000)); err != nil {
		return err
	}
	if _, err := io.ReadFull(conn, make([]byte, 1)); err != nil {
		return err
	}
	switch how {
	case "panic":
		go panic("in another goroutine")
	case "os.Exit":
		os.Exit(0)
	default:
		signals := map[string]syscall.Signal{
			"SIGKILL": syscall.SIGKILL, "SIGTERM": syscall.SIGTERM, "SIGABRT": syscall.SIGABRT,
		}
		if err := syscall.Kill(os.Getpid(), signals[how]); err != nil {
			return err
		}
	}
	time.Sleep(patience)
	return errors.New("the process did not die")
}

func TestDeathResetsWhatIsGuarded(t *testing.T) {
	for _, how := range []string{"panic", "os.Exit", "SIGKILL", "SIGTERM", "SIGABRT"} {
		for _, guarded := range []bool{true, false} {
			name := how
			if guarded {
				name = "guarded " + how
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				child := exec.Command(os.Args[0])
				child.Env = append(os.Environ(), dying+"="+name)
				lines, err := child.StdoutPipe()
				if err != nil {
					t.Fatal(err)
				}
				if err := child.Start(); err != nil {
					t.Fatal(err)
				}
				defer func() { _ = child.Process.Kill(); _ = child.Wait() }()
				address, err := bufio.NewReader(lines).ReadString('\n')
				if err != nil {
					t.Fatal(err)
				}
				peer, err := net.DialTimeout("tcp4", strings.TrimSpace(address), patience)
				if err != nil {
					t.Fatal(err)
				}
				defer peer.Close()
				_ = peer.SetDeadline(time.Now().Add(patience))
				if _, err := io.ReadFull(peer, make([]byte, 100_000)); err != nil {
					t.Fatal(err)
				}
				write(t, peer, "!")
				if guarded {
					expect(t, peer, 0, syscall.ECONNRESET)
				} else {
					expect(t, peer, 0, nil)
				}
			})
		}
	}
}
