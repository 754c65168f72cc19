//! Makes the pairs of connections that the tests are about, and reads what peers read.
#![allow(dead_code)]

pub mod raw;

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use finrst::{Guard, Policy, Verdict};

/// So long a test waits for what happens at once on an idle machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Two ends of one connection; the second has time limits.
pub fn plain_pair() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let theirs = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    theirs.set_read_timeout(Some(PATIENCE)).unwrap();
    theirs.set_write_timeout(Some(PATIENCE)).unwrap();
    (listener.accept().unwrap().0, theirs)
}

/// A guarded connection of ours, and the plain socket of its peer.
pub fn pair(policy: &Policy) -> (Guard, TcpStream) {
    let (ours, theirs) = plain_pair();
    (Guard::with(ours, policy).unwrap(), theirs)
}

/// How a direction ends, as its reader sees it.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub enum End {
    Fin,
    Reset,
}

/// Reads to the end: how many bytes, and which end.
pub fn read_all(peer: &mut impl Read) -> (usize, End) {
    let mut bytes = 0;
    let mut buffer = vec![0; 64 << 10];
    loop {
        match peer.read(&mut buffer) {
            Ok(0) => return (bytes, End::Fin),
            Ok(count) => bytes += count,
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => return (bytes, End::Reset),
            Err(error) => panic!("the peer reads neither a FIN nor a reset: {error}"),
        }
    }
}

/// Reads the beginning of what a guard sends.
pub fn read_some(peer: &mut TcpStream, bytes: usize) {
    peer.read_exact(&mut vec![0; bytes]).unwrap();
}

/// Reads a byte, if a reset has not thrown it away.
pub fn read_some_or_none(peer: &mut impl Read) {
    let _ = peer.read(&mut [0; 1]);
}

/// The verdict, which has to come.
pub fn verdict(guard: &Guard) -> Verdict {
    guard.ending().wait(Some(PATIENCE)).expect("there is no verdict")
}

/// A write of more than the kernel takes, in a thread; it is under way when this returns.
pub fn stuck_write<'scope, 'env>(
    scope: &'scope std::thread::Scope<'scope, 'env>,
    guard: &'env Guard,
    peer: &mut TcpStream,
) -> std::thread::ScopedJoinHandle<'scope, io::Result<()>> {
    let writer = scope.spawn(move || {
        let mut guard = guard;
        guard.write_all(&vec![7; 12_000_000])
    });
    read_some(peer, 1);
    writer
}

/// How many descriptors this process has.
pub fn descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}
