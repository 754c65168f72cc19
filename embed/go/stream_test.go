// Tests what carries a stream besides plain TCP: MPTCP, which Go listens for by default, and TLS.
package finrst_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"net"
	"syscall"
	"testing"
	"time"

	finrst "finrst.dev/go"
)

// multipath is a connection that really speaks MPTCP, on both sides.
func multipath(t *testing.T, options ...finrst.Option) (*finrst.Conn, *net.TCPConn) {
	t.Helper()
	var config net.ListenConfig
	config.SetMultipathTCP(true)
	listener, err := config.Listen(context.Background(), "tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	var dialer net.Dialer
	dialer.SetMultipathTCP(true)
	dialled, err := dialer.Dial("tcp4", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	accepted, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { dialled.Close(); accepted.Close() })
	_ = dialled.SetDeadline(time.Now().Add(patience))
	if is, err := accepted.(*net.TCPConn).MultipathTCP(); err != nil || !is {
		t.Skip("this system does not speak MPTCP")
	}
	guard, err := finrst.Guard(accepted, options...)
	if err != nil {
		t.Fatal(err)
	}
	return guard, dialled.(*net.TCPConn)
}

func TestAGuardOverMPTCPClosesAndIsConfirmed(t *testing.T) {
	guard, peer := multipath(t)
	write(t, guard, "whole")
	v, err := guard.CloseGracefully(within(t))
	if err != nil || v.Ended != "fin" || v.Delivery != "acked" {
		t.Errorf("%v, %v", v, err)
	}
	expect(t, peer, 5, nil)
}

func TestAnAbortOverMPTCPResets(t *testing.T) {
	guard, peer := multipath(t)
	write(t, guard, "part")
	if _, err := io.ReadFull(peer, make([]byte, 4)); err != nil {
		t.Fatal(err)
	}
	if v := guard.Abort(); v.Ended != "reset" {
		t.Error(v)
	}
	expect(t, peer, 0, syscall.ECONNRESET)
}

func TestAnArmedMPTCPConnectionThatIsClosedBehindTheGuardsBackIsReset(t *testing.T) {
	guard, peer := multipath(t)
	guard.NetConn().Close()
	expect(t, peer, 0, syscall.ECONNRESET)
	if _, err := guard.Read(make([]byte, 1)); err == nil || err == io.EOF {
		t.Errorf("read says %v", err)
	}
	if v := verdict(t, guard); v.Ended != "unknown" {
		t.Error(v)
	}
}

func TestADropOverMPTCPWithBytesUnreadEndsWithAFIN(t *testing.T) {
	guard, peer := multipath(t)
	write(t, peer, "nobody reads this")
	write(t, guard, "part")
	guard.Close()
	expect(t, peer, 4, nil)
}

func TestAPlainClientOfADefaultListenerIsPlainTCP(t *testing.T) {
	guard, _ := pair(t)
	if why := guard.Capabilities().Arm.Why; why[len(why)-3:] != "TCP" || why[len(why)-5:] == "MPTCP" {
		t.Error(why)
	}
}

func certificate(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	signed, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{signed}, PrivateKey: key}
}

// secure is a guard over TLS, and its peer's TLS.
func secure(t *testing.T) (*finrst.Conn, *tls.Conn) {
	t.Helper()
	ours, theirs := plainPair(t)
	server := tls.Server(ours, &tls.Config{Certificates: []tls.Certificate{certificate(t)}})
	client := tls.Client(theirs, &tls.Config{InsecureSkipVerify: true})
	shaken := make(chan error, 1)
	go func() { shaken <- client.Handshake() }()
	if err := errors.Join(server.Handshake(), <-shaken); err != nil {
		t.Fatal(err)
	}
	guard, err := finrst.Guard(server)
	if err != nil {
		t.Fatal(err)
	}
	return guard, client
}

func TestTLSEndsWithCloseNotifyAndThenOurFIN(t *testing.T) {
	guard, client := secure(t)
	write(t, guard, "whole")
	read := make(chan struct{})
	go func() {
		defer close(read)
		if text, err := io.ReadAll(client); string(text) != "whole" || err != nil {
			t.Errorf("%q, %v", text, err)
		}
		client.Close()
	}()
	v, err := guard.CloseGracefully(within(t), finrst.ConfirmPeer)
	if err != nil || v.Ended != "fin" || v.Delivery != "confirmed" {
		t.Errorf("%v, %v", v, err)
	}
	<-read
}

func TestAnAbortOfTLSSendsNoCloseNotify(t *testing.T) {
	guard, client := secure(t)
	write(t, guard, "part")
	if _, err := io.ReadFull(client, make([]byte, 4)); err != nil {
		t.Fatal(err)
	}
	guard.Abort()
	if _, err := client.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("the client reads %v", err)
	}
}

func TestTLSThatWasCutOffIsNotComplete(t *testing.T) {
	guard, client := secure(t)
	_ = client.NetConn().(*net.TCPConn).CloseWrite()
	// This is what crypto/tls tells of it, so a verdict must not take it for complete.
	if _, err := guard.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("read says %v", err)
	}
	v, err := guard.CloseGracefully(within(t), finrst.ConfirmPeer)
	if err != nil || v.Received != "unknown" {
		t.Errorf("%v, %v", v, err)
	}
}

func TestFinaliseOverTLSHandsBackWhatTLSVouchesFor(t *testing.T) {
	for name, each := range map[string]struct {
		ends func(*tls.Conn) error
		rest string
		good bool
	}{
		"close_notify": {func(client *tls.Conn) error { return client.Close() }, "last words", true},
		"bytes behind close_notify": {func(client *tls.Conn) error {
			_ = client.CloseWrite()
			_ = client.NetConn().SetWriteDeadline(noDeadline) // close_notify leaves one behind
			// More than crypto/tls has read ahead.
			_, err := client.NetConn().Write(make([]byte, 100_000))
			return errors.Join(err, client.NetConn().Close())
		}, "last words", true},
		"a record that breaks off": {func(client *tls.Conn) error {
			_, err := client.NetConn().Write([]byte{23, 3, 3, 0, 100, 1, 2, 3})
			return errors.Join(err, client.NetConn().Close())
		}, "last words", false},
	} {
		t.Run(name, func(t *testing.T) {
			guard, client := secure(t)
			ended := make(chan error, 1)
			go func() {
				_, read := io.ReadAll(client)
				_, wrote := io.WriteString(client, "last words")
				ended <- errors.Join(read, wrote, each.ends(client))
			}()
			rest, v, err := guard.Finalise(within(t), 1_000_000)
			if string(rest) != each.rest || (err == nil) != each.good {
				t.Errorf("%d bytes, %v, %v", len(rest), v, err)
			}
			if err := <-ended; err != nil {
				t.Error(err)
			}
		})
	}
}
