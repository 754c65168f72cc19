// Guards for http.Server: a handler that panics resets, a finished answer ends gracefully, keep-alive is left alone.
package finrst

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"

	"finrst.dev/go/engine"
)

// Listener guards every connection that it accepts, with the same policy. The options are checked at once.
func Listener(listener net.Listener, options ...Option) (net.Listener, error) {
	if listener == nil {
		return nil, errors.New("finrst: the listener is nil; expected a net.Listener of TCP")
	}
	if _, err := parsePolicy(options); err != nil {
		return nil, err
	}
	if _, err := engine.Shared(); err != nil {
		return nil, err
	}
	return guarding{listener, options}, nil
}

type guarding struct {
	net.Listener
	options []Option
}

func (g guarding) Accept() (net.Conn, error) {
	for {
		conn, err := g.Listener.Accept()
		if err != nil {
			return nil, err
		}
		guard, err := Guard(conn, g.options...)
		if err == nil {
			return guard, nil
		}
		// It was accepted and is no TCP connection, or was closed since: a server would end over an error of Accept.
		_ = conn.Close()
		if _, tcp := conn.(*net.TCPConn); !tcp {
			return nil, err
		}
	}
}

// ServeHTTP serves on a listener whose connections it guards; it takes the place of server.Serve, and of
// server.ServeTLS where server.TLSConfig has certificates. Of HTTP/1 connections,
//
//   - one whose handler panics or calls runtime.Goexit is reset, hijacked or not, and with http.ErrAbortHandler too;
//   - one that is closed in the middle of an answer, as by server.Close, is reset;
//   - one that ends after an answer ends with a FIN, and what the client still sends is drained;
//   - one that waits for the next request is complete: the death of the process ends it with a FIN;
//   - one that was hijacked is an ordinary guard: its Close is a drop.
//
// HTTP/2 resets the stream of a handler that panics itself, and the connection goes on; it is complete while no
// stream is open.
//
// It sets server.Handler, server.ConnContext and server.ConnState, which call those that were there.
func ServeHTTP(server *http.Server, listener net.Listener, options ...Option) error {
	guarded, err := Listener(listener, options...)
	if err != nil {
		return err
	}
	hook(server)
	if server.TLSConfig != nil {
		return server.ServeTLS(guarded, "", "")
	}
	return server.Serve(guarded)
}

func hook(server *http.Server) {
	contextBefore, stateBefore, handler := server.ConnContext, server.ConnState, server.Handler
	if handler == nil {
		handler = http.DefaultServeMux
	}
	server.Handler = Handler(handler)
	server.ConnContext = func(ctx context.Context, conn net.Conn) context.Context {
		ctx = ConnContext(ctx, conn)
		if contextBefore != nil {
			ctx = contextBefore(ctx, conn)
		}
		return ctx
	}
	server.ConnState = func(conn net.Conn, state http.ConnState) {
		ConnState(conn, state)
		if stateBefore != nil {
			stateBefore(conn, state)
		}
	}
}

type contextKey struct{}

// ConnContext is for http.Server.ConnContext: it makes the guard of a connection known to its handlers.
func ConnContext(ctx context.Context, conn net.Conn) context.Context {
	if guard := below(conn); guard != nil {
		return context.WithValue(ctx, contextKey{}, guard)
	}
	return ctx
}

// FromContext is the guard of the connection of a request, if its listener guards.
func FromContext(ctx context.Context) (*Conn, bool) {
	guard, is := ctx.Value(contextKey{}).(*Conn)
	return guard, is
}

// below finds the guard that carries a connection of a server.
func below(conn net.Conn) *Conn {
	switch it := conn.(type) {
	case *Conn:
		return it
	case *tls.Conn:
		guard, _ := it.NetConn().(*Conn)
		return guard
	}
	return nil
}

// ConnState is for http.Server.ConnState: between two answers a connection is complete.
func ConnState(conn net.Conn, state http.ConnState) {
	guard := below(conn)
	if guard == nil {
		return
	}
	switch state {
	case http.StateActive:
		guard.BeginMessage()
	case http.StateIdle:
		guard.CompleteMessage()
	case http.StateHijacked:
		guard.forgetMessages()
	}
}

// Handler lets a connection fail whose handler panics, ends its goroutine, or aborts by http.ErrAbortHandler. The
// panic goes on to the server. Put it outside of whatever recovers panics only if that should still answer: a
// panic that was recovered further in is none here.
func Handler(handler http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		guard, guarded := FromContext(r.Context())
		if !guarded || r.ProtoMajor != 1 {
			handler.ServeHTTP(w, r)
			return
		}
		returned := false
		defer guard.failUnless(&returned, "the handler")
		handler.ServeHTTP(w, r)
		returned = true
		guard.answered()
	})
}
