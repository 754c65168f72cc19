//! Bad input: each error names the argument, its value and what is allowed.

mod support;

use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use finrst::*;
use support::*;

fn refused(stream: TcpStream) -> String {
    Guard::new(stream).expect_err("it is guarded").to_string()
}

#[test]
fn a_stream_that_is_none_is_named() {
    let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
    let number = udp.as_raw_fd();
    let error = refused(TcpStream::from(OwnedFd::from(udp)));
    let expected = format!(
        "finrst: the stream is descriptor {number}, a datagram socket; expected a connected TCP stream"
    );
    assert_eq!(error, expected);

    let (one, _other) = UnixStream::pair().unwrap();
    assert!(refused(TcpStream::from(OwnedFd::from(one))).contains("a stream that is not of IP"));

    let file = std::fs::File::open("/dev/null").unwrap();
    assert!(refused(TcpStream::from(OwnedFd::from(file))).contains("which is no socket"));

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    assert!(refused(TcpStream::from(OwnedFd::from(listener))).contains("a stream without a peer"));

    // SAFETY: the socket is new and nobody else's.
    let unconnected = unsafe {
        OwnedFd::from_raw_fd(libc::socket(libc::AF_INET, libc::SOCK_STREAM | libc::SOCK_CLOEXEC, 0))
    };
    assert!(refused(TcpStream::from(unconnected)).contains("a stream without a peer"));
}

#[test]
fn a_descriptor_that_is_closed_is_named_and_left_alone() {
    let closed = raw::closed_stream();
    let number = closed.as_raw_fd();
    assert!(refused(closed).contains(&format!("descriptor {number}, which is closed")));
}

#[test]
fn what_is_refused_leaves_no_descriptor() {
    let refuse = || {
        let (one, _other) = UnixStream::pair().unwrap();
        let number = one.as_raw_fd();
        refused(TcpStream::from(OwnedFd::from(one)));
        number
    };
    let number = refuse();
    assert!((0..20).all(|_| refuse() <= number + 8), "the numbers grow");
}

#[test]
fn a_word_that_is_none_is_named() {
    let error = "lax".parse::<Policy>().unwrap_err();
    assert_eq!(error.to_string(), "finrst: policy is \"lax\"; expected one of compatible, strict, manual");
    assert!(matches!(error, Error::UnknownWord { name: "policy", .. }));
    let error = "abrot".parse::<OnDrop>().unwrap_err();
    assert_eq!(error.to_string(), "finrst: on_drop is \"abrot\"; expected one of close, abort");
    assert!("sure".parse::<Confirm>().is_err() && "later".parse::<Receiving>().is_err());
    for preset in ["compatible", "strict", "manual"] {
        assert_eq!(preset.parse::<Preset>().unwrap().to_string(), preset);
        assert!(preset.parse::<Policy>().is_ok());
    }
}

#[test]
fn a_time_that_no_clock_takes_is_named() {
    for (policy, name) in [
        (Policy::default().flush_within(Duration::ZERO), "flush is 0ns"),
        (Policy::default().drain_idle(Duration::from_secs(u64::MAX)), "drain_idle is 1844674"),
        (Policy::default().drain_within(Duration::from_micros(999)), "drain is 999µs"),
    ] {
        let error = Guard::with(plain_pair().0, &policy).unwrap_err().to_string();
        assert!(error.contains(name) && error.contains("expected 1 ms … 2147483647 ms"), "{error}");
    }
}

#[test]
fn an_error_is_an_error_of_io_too() {
    let error: std::io::Error = "lax".parse::<Policy>().unwrap_err().into();
    assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput);
    assert!(error.to_string().contains("lax"));
}
