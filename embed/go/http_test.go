// Tests http.Server with guards: what a client reads when a handler panics, finishes, is cut off, or keeps alive.
package finrst_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptrace"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	finrst "finrst.dev/go"
)

// serve starts a server with one handler and dials it.
func serve(t *testing.T, handler http.HandlerFunc, options ...finrst.Option) (*http.Server, net.Conn) {
	t.Helper()
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: handler, ErrorLog: log.New(io.Discard, "", 0), ReadHeaderTimeout: patience}
	go func() { _ = finrst.ServeHTTP(server, listener, options...) }()
	t.Cleanup(func() { server.Close() })
	conn, err := net.Dial("tcp4", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(patience))
	return server, conn
}

func flush(w http.ResponseWriter, text string) {
	_, _ = io.WriteString(w, text)
	_ = http.NewResponseController(w).Flush()
}

// The body of HTTP/1.0 ends with the connection: nothing but the ending tells whether it is whole.
const untilTheEnd = "GET / HTTP/1.0\r\n\r\n"

func TestAPanickingHandlerResets(t *testing.T) {
	for name, end := range map[string]func(){
		"panic":  func() { panic("handler") },
		"abort":  func() { panic(http.ErrAbortHandler) },
		"goexit": runtime.Goexit,
	} {
		_, conn := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			flush(w, "first half")
			end()
		})
		write(t, conn, untilTheEnd)
		if text, err := io.ReadAll(conn); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("%s: %q, %v", name, text, err)
		}
	}
}

func TestAFinishedAnswerEndsGracefully(t *testing.T) {
	_, conn := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		flush(w, strings.Repeat("x", 1_000_000))
	})
	write(t, conn, untilTheEnd)
	if text, err := io.ReadAll(conn); err != nil || len(text) < 1_000_000 {
		t.Errorf("%d bytes, %v", len(text), err)
	}
}

func TestServerCloseCutsOffAnAnswer(t *testing.T) {
	started := make(chan struct{})
	server, conn := serve(t, func(w http.ResponseWriter, r *http.Request) {
		flush(w, "first half")
		close(started)
		<-r.Context().Done()
	})
	write(t, conn, untilTheEnd)
	<-started
	server.Close()
	if _, err := io.ReadAll(conn); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("the client reads the ending %v", err)
	}
}

func TestKeepAliveGoesOnAndIsCompleteBetweenAnswers(t *testing.T) {
	guards := make(chan *finrst.Conn, 2)
	armed := make(chan bool, 2)
	server, conn := serve(t, func(w http.ResponseWriter, r *http.Request) {
		guard, _ := finrst.FromContext(r.Context())
		guards <- guard
		armed <- guard.Armed()
		_, _ = io.WriteString(w, "answer")
	})
	reader := bufio.NewReader(conn)
	for range 2 {
		write(t, conn, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
		response, err := http.ReadResponse(reader, nil)
		if err != nil {
			t.Fatal(err)
		}
		if text, err := io.ReadAll(response.Body); string(text) != "answer" || err != nil {
			t.Errorf("%q, %v", text, err)
		}
		if !<-armed {
			t.Error("a connection in the middle of an answer is not armed")
		}
	}
	first, second := <-guards, <-guards
	if first != second {
		t.Error("the second request came on another connection")
	}
	for deadline := time.Now().Add(patience); first.Armed(); runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatal("an idle connection is still armed")
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil {
		t.Error(err)
	}
	if _, err := reader.ReadByte(); err != io.EOF {
		t.Errorf("an idle client reads %v", err)
	}
}

func TestAHijackedConnectionIsAnOrdinaryGuard(t *testing.T) {
	for _, panics := range []bool{false, true} {
		_, conn := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			hijacked, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			_, _ = io.WriteString(hijacked, "raw")
			if panics {
				panic("hijacked")
			}
			hijacked.Close()
		})
		write(t, conn, untilTheEnd)
		if panics {
			expect(t, conn, -1, syscall.ECONNRESET)
		} else {
			expect(t, conn, 3, nil)
		}
	}
}

// serveTLS starts a server of TLS whose handler panics in the middle of /panic.
func serveTLS(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{
		ErrorLog: log.New(io.Discard, "", 0), ReadHeaderTimeout: patience,
		TLSConfig: &tls.Config{Certificates: []tls.Certificate{certificate(t)}},
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			flush(w, r.Proto)
			if r.URL.Path == "/panic" {
				panic("handler")
			}
		}),
	}
	go func() { _ = finrst.ServeHTTP(server, listener) }()
	t.Cleanup(func() { server.Close() })
	return listener.Addr().String()
}

func TestAPanickingHandlerResetsUnderTLSToo(t *testing.T) {
	for path, ending := range map[string]error{"/panic": syscall.ECONNRESET, "/": nil} {
		conn, err := tls.Dial("tcp4", serveTLS(t), &tls.Config{InsecureSkipVerify: true})
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		_ = conn.SetDeadline(time.Now().Add(patience))
		write(t, conn, "GET "+path+" HTTP/1.0\r\n\r\n")
		expect(t, conn, -1, ending)
	}
}

func TestAPanickingStreamOfHTTP2LeavesItsConnectionAlone(t *testing.T) {
	transport := &http.Transport{
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: true,
	}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, Timeout: patience}
	address, reused := serveTLS(t), false
	for _, path := range []string{"/", "/panic", "/"} {
		trace := &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) { reused = info.Reused }}
		request, err := http.NewRequest(http.MethodGet, "https://"+address+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		response, err := client.Do(request.WithContext(httptrace.WithClientTrace(context.Background(), trace)))
		if err != nil {
			t.Fatal(path, err)
		}
		text, err := io.ReadAll(response.Body)
		response.Body.Close()
		if string(text) != "HTTP/2.0" || (err != nil) != (path == "/panic") {
			t.Errorf("%s: %q, %v", path, text, err)
		}
	}
	if !reused {
		t.Error("the stream that was reset took the connection with it")
	}
}
