// The calls that a script makes: the guard's commands, those of Go itself, and the deaths of the process.
package main

import (
	"context"
	"errors"
	"os"
	"sync"
	"syscall"
	"time"

	finrst "finrst.dev/go"
)

// started lets a call go on while the reply is given; a refusal is told as an event.
func started(call string, wait func() error) {
	go func() {
		if err := wait(); err != nil {
			say(message{"event": "rejected", "call": call, "error": err.Error()})
		}
	}()
}

// arrival is a context that tells when it is waited for: the command has been given by then.
type arrival struct {
	context.Context
	once  sync.Once
	asked chan struct{}
}

func (a *arrival) Done() <-chan struct{} {
	a.once.Do(func() { close(a.asked) })
	return a.Context.Done()
}

// begun starts a call that waits, and returns when its command was given.
func begun(call string, within int, wait func(context.Context) error) {
	ctx, cancel := context.WithCancel(context.Background())
	if within > 0 {
		ctx, cancel = context.WithTimeout(context.Background(), time.Duration(within)*time.Millisecond)
	}
	it, done := &arrival{Context: ctx, asked: make(chan struct{})}, make(chan struct{})
	started(call, func() error {
		defer cancel()
		defer close(done)
		return wait(it)
	})
	select {
	case <-it.asked:
	case <-done:
	}
}

// ending passes over the errors that only say how the connection ended: that is the verdict's to tell.
func ending(err error) error {
	if end := (*finrst.EndError)(nil); errors.As(err, &end) {
		return nil
	}
	return err
}

func (t *testee) guardCall(r request) (message, error) {
	switch r.Do {
	case "close":
		begun("close", r.Within, func(ctx context.Context) error {
			var confirm []finrst.Confirm
			if r.Confirm != "" {
				confirm = append(confirm, finrst.Confirm(r.Confirm))
			}
			_, err := t.guard.CloseGracefully(ctx, confirm...)
			return ending(err)
		})
	case "abort":
		t.guard.Abort()
	case "fail":
		t.guard.Fail(errors.New("the script failed"))
	case "finish":
		t.finish()
	case "stop":
		return nil, t.guard.StopReceiving(finrst.Receiving(r.How))
	case "finalise":
		t.finalise(r)
	case "dispose":
		return nil, t.guard.Close()
	case "linger":
		seconds := -1
		if r.Seconds != nil {
			seconds = *r.Seconds
		}
		return nil, t.guard.SetLinger(seconds)
	case "run":
		started("run", func() error {
			err := finrst.Run(t.guard, func(*finrst.Conn) error {
				if r.How == "throw" {
					return errors.New("the script failed inside run")
				}
				return nil
			})
			if r.How == "throw" {
				return nil
			}
			return err
		})
	case "verdict":
		<-t.guard.Ended()
		verdict, _ := t.guard.Verdict()
		return message{"verdict": verdict}, nil
	case "state":
		return t.state()
	case "rest":
		return <-t.rest, nil
	default:
		return nil, unsupported("there is no call " + r.Do)
	}
	return nil, nil
}

func (t *testee) finish() {
	begun("finish", 0, func(ctx context.Context) error {
		err := t.guard.FinishSending(ctx)
		if err == nil {
			say(message{"event": "finished"})
		}
		return ending(err)
	})
}

func (t *testee) finalise(r request) {
	limit, at := int64(2<<20), t.received.Load()
	if r.Limit != nil {
		limit = *r.Limit
	}
	begun("finalise", r.Within, func(ctx context.Context) error {
		rest, _, err := t.guard.Finalise(ctx, limit)
		t.rest <- message{"bytes": len(rest), "intact": matches(rest, at)}
		return ending(err)
	})
}

func (t *testee) state() (message, error) {
	state := message{"armed": t.guard.Armed(), "linger": nil, "unsent": nil}
	seconds, err := t.guard.Linger()
	if err != nil {
		return nil, err
	}
	if seconds >= 0 {
		state["linger"] = seconds
	}
	if bytes, known := t.guard.Unsent(); known {
		state["unsent"] = bytes
	}
	return state, nil
}

// runtimeCall makes the calls that Go itself has.
func (t *testee) runtimeCall(do string) error {
	switch {
	case do == "destroy":
		return t.conn.Close()
	case do == "end" && t.guard != nil:
		t.finish()
		return nil
	case do == "end":
		<-t.last
		say(message{"event": "finished"})
		return t.raw.CloseWrite()
	default:
		return unsupported("Go has no call " + do)
	}
}

// die ends the process; its death is the reply.
func (t *testee) die(r request) (message, error) {
	names := map[string]syscall.Signal{
		"SIGKILL": syscall.SIGKILL, "SIGTERM": syscall.SIGTERM, "SIGINT": syscall.SIGINT, "SIGHUP": syscall.SIGHUP,
	}
	signal, known := names[r.Name]
	switch {
	case r.Do == "throw":
		go panic("the script panicked in another goroutine")
	case r.Do == "exit":
		if t.guard != nil {
			t.guard.Exiting()
		}
		os.Exit(r.Code)
	case r.Do == "abort-process":
		signal = syscall.SIGABRT
	case r.Do == "reject":
		return nil, unsupported("Go has no promise that could reject")
	case !known:
		return nil, unsupported("there is no signal " + r.Name)
	}
	if signal != 0 {
		self, err := os.FindProcess(os.Getpid())
		if err == nil {
			err = self.Signal(signal)
		}
		if err != nil {
			return nil, err
		}
	}
	time.Sleep(10 * time.Second) // the signal arrives meanwhile
	return nil, errors.New("the process is still alive")
}
