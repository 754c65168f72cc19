// Package finrst decides how a TCP connection ends: with a FIN when the stream is complete, with a reset when it
// is not. The promise in five words: end of file means complete.
//
// Go closes a connection with a clean FIN when a handler returns early or panics, and when the process is killed; the
// peer takes half an answer for a whole one. A guarded connection is a net.Conn that does not:
//
//	guard, err := finrst.Guard(conn)
//	if err != nil {
//		return err
//	}
//	defer guard.Done(&err) // an error or a panic resets, a return closes gracefully
//	_, err = io.Copy(guard, answer)
//	return err
//
// From Guard on the connection is armed (SO_LINGER {1,0}): os.Exit, a panic in any goroutine, SIGKILL and every other
// death end it with a reset, until the stream was declared complete. What is done, in which order, on which system is
// decided by the policy engine in finrst.dev/go/engine; this package only takes its steps.
//
// A guard that is forgotten is closed by the garbage collector, as any connection, and being armed it is reset.
package finrst
