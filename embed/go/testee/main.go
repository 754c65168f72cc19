// Command testee holds the side under test for `finrst test --testee`, by the line protocol of spec/testee.md.
//
//  1. Every request has exactly one reply, given when the call has returned; what comes later is an event.
//  2. It reads eagerly, unless it was opened with unread.
//  3. Without a guard the same calls are made on the bare connection.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	finrst "finrst.dev/go"
)

type message = map[string]any

var speaking sync.Mutex

func say(m message) {
	line, err := json.Marshal(m)
	if err != nil {
		panic(err)
	}
	speaking.Lock()
	defer speaking.Unlock()
	os.Stdout.Write(append(line, '\n'))
}

func pattern(i int64) byte { return byte(i ^ i>>8 ^ i>>16) }

func matches(b []byte, at int64) bool {
	for index, each := range b {
		if each != pattern(at+int64(index)) {
			return false
		}
	}
	return true
}

// unsupported is what this testee does not have: the script is skipped and says why.
type unsupported string

func (u unsupported) Error() string { return string(u) }

// request is a line of the runner.
type request struct {
	Do, Guard, How, Name, Confirm string
	Policy                        map[string]json.RawMessage
	HalfOpen, Unread              bool
	Bytes, Limit                  *int64
	Within, Code                  int
	Seconds                       *int
	Calls                         []request
	together                      bool
}

// testee is one connection. A request is served by one goroutine; only reading and writing have their own.
type testee struct {
	raw      *net.TCPConn
	conn     net.Conn // the guard, or the bare connection
	guard    *finrst.Conn
	reading  sync.Once
	received atomic.Int64
	written  int64
	last     chan struct{} // closed when the write before is done
	rest     chan message
	opened   chan struct{}
}

func main() {
	t := &testee{rest: make(chan message, 1), opened: make(chan struct{})}
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var r request
		reply, err := message{}, json.Unmarshal(lines.Bytes(), &r)
		if err == nil {
			reply, err = t.obey(r)
		}
		var lacks unsupported
		switch {
		case errors.As(err, &lacks):
			reply = message{"ok": false, "unsupported": true, "why": err.Error()}
		case err != nil:
			reply = message{"ok": false, "error": err.Error()}
		default:
			if reply == nil {
				reply = message{}
			}
			reply["ok"] = true
		}
		say(reply)
	}
}

func (t *testee) obey(r request) (message, error) {
	switch r.Do {
	case "hello":
		return hello()
	case "open":
		return t.open(r)
	}
	select {
	case <-t.opened:
	default:
		return nil, errors.New("there is no connection yet")
	}
	switch r.Do {
	case "write":
		return t.write(r)
	case "read":
		t.read()
		return nil, nil
	case "together":
		for _, call := range r.Calls {
			call.together = true
			if _, err := t.obey(call); err != nil {
				return nil, err
			}
		}
		return nil, nil
	case "end", "destroy", "destroy-error", "reset-and-destroy":
		return nil, t.runtimeCall(r.Do)
	case "throw", "reject", "exit", "abort-process", "signal":
		return t.die(r)
	}
	if t.guard == nil {
		return nil, unsupported("the connection is not guarded")
	}
	return t.guardCall(r)
}

func hello() (message, error) {
	// The capabilities are those of a connection, so one is made.
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	defer listener.Close()
	conn, err := net.Dial("tcp4", listener.Addr().String())
	if err != nil {
		return nil, err
	}
	guard, err := finrst.Guard(conn)
	if err != nil {
		return nil, err
	}
	defer guard.Abort()
	capabilities := guard.Capabilities()
	return message{
		"protocol": 1, "testee": "finrst-go", "version": "0.1.0", "platform": capabilities.Platform,
		"runtime": runtime.Version(), "capabilities": capabilities,
	}, nil
}

func options(r request) ([]finrst.Option, error) {
	list := []finrst.Option{finrst.WithPreset(finrst.Preset(r.Guard))}
	// As a runtime that does not keep half-open connections, unless the script wants them or the preset does.
	if !r.HalfOpen && r.Guard != string(finrst.Strict) {
		list = append(list, finrst.OnPeerFIN(finrst.Close))
	}
	answers := map[string]func(finrst.Answer) finrst.Option{
		"onDrop": finrst.OnDrop, "onFailure": finrst.OnFailure, "onExit": finrst.OnExit, "onCrash": finrst.OnCrash,
		"onPeerFin": finrst.OnPeerFIN, "onUnread": finrst.OnUnread, "onDeadline": finrst.OnDeadline,
		"confirm": func(a finrst.Answer) finrst.Option { return finrst.WithConfirm(finrst.Confirm(a)) },
	}
	times := map[string]func(time.Duration) finrst.Option{
		"flushMs": finrst.FlushWithin, "drainIdleMs": finrst.DrainIdle, "drainMs": finrst.DrainWithin,
	}
	for name, raw := range r.Policy {
		var word finrst.Answer
		var number int64
		if answers[name] != nil && json.Unmarshal(raw, &word) == nil {
			list = append(list, answers[name](word))
		} else if err := json.Unmarshal(raw, &number); err != nil {
			return nil, unsupported("there is no policy " + name)
		} else if name == "drainBytes" {
			list = append(list, finrst.DrainBytes(number))
		} else if times[name] != nil {
			list = append(list, times[name](time.Duration(number)*time.Millisecond))
		} else {
			return nil, unsupported("there is no policy " + name)
		}
	}
	if os.Getenv("FINRST_TRACE") != "" {
		list = append(list, finrst.WithTrace(func(line string) { fmt.Fprintln(os.Stderr, line) }))
	}
	return list, nil
}

func (t *testee) open(r request) (message, error) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	list, err := options(r)
	if err != nil {
		return nil, err
	}
	go func() {
		conn, err := listener.Accept()
		listener.Close()
		if err != nil {
			say(message{"event": "error", "error": err.Error()})
			return
		}
		t.raw, t.conn = conn.(*net.TCPConn), conn
		if r.Guard != "none" {
			if t.guard, err = finrst.Guard(conn, list...); err != nil {
				say(message{"event": "error", "error": err.Error()})
				return
			}
			t.conn = t.guard
			go func() {
				<-t.guard.Released()
				say(message{"event": "closed"})
			}()
		}
		close(t.opened)
		if !r.Unread {
			t.read()
		}
		say(message{"event": "open"})
	}()
	address := listener.Addr().(*net.TCPAddr)
	return message{"host": "127.0.0.1", "port": address.Port}, nil
}

func (t *testee) read() {
	t.reading.Do(func() {
		go func() {
			buffer := make([]byte, 64<<10)
			for {
				n, err := t.conn.Read(buffer)
				if n > 0 {
					at := t.received.Add(int64(n)) - int64(n)
					say(message{"event": "read", "bytes": n, "ok": matches(buffer[:n], at)})
				}
				switch {
				case err == nil:
					continue
				case err == io.EOF:
					say(message{"event": "eof"})
				case errors.Is(err, syscall.ECONNRESET):
					say(message{"event": "reset"})
				}
				return
			}
		}()
	})
}

// source gives the pattern, after the write before is done. That it is asked tells that the guard counts the write.
type source struct {
	at, end int64
	asked   chan struct{}
	once    sync.Once
	before  chan struct{}
}

func (s *source) Read(b []byte) (int, error) {
	s.once.Do(func() { close(s.asked) })
	<-s.before
	if s.at == s.end {
		return 0, io.EOF
	}
	n := int(min(int64(len(b)), s.end-s.at))
	for index := range b[:n] {
		b[index] = pattern(s.at + int64(index))
	}
	s.at += int64(n)
	return n, nil
}

func (t *testee) write(r request) (message, error) {
	if t.last == nil {
		t.last = make(chan struct{})
		close(t.last)
	}
	from := &source{at: t.written, end: t.written + *r.Bytes, asked: make(chan struct{}), before: t.last}
	t.written = from.end
	done, failed := make(chan struct{}), make(chan error, 1)
	t.last = done
	go func() {
		defer close(done)
		_, err := t.conn.(io.ReaderFrom).ReadFrom(from)
		if err != nil {
			failed <- err
			say(message{"event": "error", "error": err.Error()})
		}
	}()
	select {
	case <-from.asked:
	case err := <-failed:
		return nil, err
	}
	if r.together {
		return nil, nil
	}
	// A Write of Go returns when the kernel has every byte: what is not taken soon waits for the peer.
	select {
	case <-done:
	case <-time.After(50 * time.Millisecond):
	}
	return nil, nil
}
