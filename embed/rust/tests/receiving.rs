//! The other direction: what the peer still sends, and how it ends.

mod support;

use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::thread;
use std::time::Duration;

use finrst::*;
use support::*;

#[test]
fn finish_sending_goes_on_receiving() {
    let (mut guard, mut peer) = pair(&Policy::default());
    guard.write_all(b"question").unwrap();
    guard.finish_sending().unwrap();
    let late = guard.write(b"more").unwrap_err();
    assert!(late.to_string().contains("sending was finished"), "{late}");
    assert_eq!(read_all(&mut peer), (8, End::Fin));
    peer.write_all(b"answer").unwrap();
    drop(peer);
    let mut answer = String::new();
    guard.read_to_string(&mut answer).unwrap();
    assert_eq!(answer, "answer");
    let verdict = verdict(&guard);
    assert_eq!((verdict.ended, verdict.delivery, verdict.received), ("fin", "confirmed", "complete"));
    assert!(guard.ending().wait_released(Some(PATIENCE)));
}

#[test]
fn finalise_hands_back_the_rest() {
    let (mut guard, mut peer) = pair(&Policy::default());
    guard.write_all(b"bye").unwrap();
    peer.write_all(b"last words").unwrap();
    thread::scope(|scope| {
        scope.spawn(|| {
            assert_eq!(read_all(&mut peer), (3, End::Fin));
            peer.shutdown(Shutdown::Write).unwrap();
        });
        let (rest, verdict) = guard.finalise(None, 100);
        assert_eq!((rest.as_slice(), verdict.received), (&b"last words"[..], "complete"));
    });
}

#[test]
fn finalise_resets_a_peer_that_sends_more_than_the_limit() {
    let (guard, mut peer) = pair(&Policy::default());
    peer.write_all(b"far too much").unwrap();
    let (rest, verdict) = guard.finalise(None, 3);
    assert_eq!((rest.as_slice(), verdict.cause), (&b"far"[..], "limit"));
    read_some_or_none(&mut peer);
    assert!(matches!(peer.write(b"x"), Ok(_) | Err(_)));
}

#[test]
fn a_rest_that_is_not_whole_is_not_told_as_complete() {
    // The peer has acknowledged our FIN, and everything before it, when it sends too much.
    let (mut guard, mut peer) = pair(&Policy::default());
    guard.write_all(b"bye").unwrap();
    thread::scope(|scope| {
        scope.spawn(|| {
            assert_eq!(read_all(&mut peer), (3, End::Fin));
            peer.write_all(b"too much").unwrap();
        });
        let (rest, verdict) = guard.finalise(None, 3);
        assert_eq!((rest.as_slice(), verdict.ended, verdict.received), (&b"too"[..], "fin", "unknown"));
        assert!(verdict.complete().is_err());
    });
}

#[test]
fn bytes_that_nobody_read_are_drained() {
    let (mut guard, mut peer) = pair(&Policy::default());
    peer.write_all(b"nobody reads this").unwrap();
    guard.write_all(b"answer").unwrap();
    guard.close(None).complete().unwrap();
    assert_eq!(read_all(&mut peer), (6, End::Fin));
    assert!(!guard.released());
    drop(peer);
    assert!(guard.ending().wait_released(Some(PATIENCE)));
}

#[test]
fn the_peers_reset_is_told() {
    let (mut guard, peer) = pair(&Policy::default());
    raw::arm(&peer);
    drop(peer);
    for _ in 0..2 {
        assert_eq!(guard.read(&mut [0; 1]).unwrap_err().kind(), io::ErrorKind::ConnectionReset);
    }
    let verdict = verdict(&guard);
    assert_eq!((verdict.ended, verdict.by), ("reset", "peer"));
}

#[test]
fn a_reset_that_nobody_read_is_told_by_the_close() {
    let (guard, peer) = pair(&Policy::default());
    raw::arm(&peer);
    drop(peer);
    let verdict = guard.close(None);
    assert_eq!((verdict.ended, verdict.by), ("reset", "peer"));
}

#[test]
fn stop_receiving_refuses_discards_or_holds() {
    let (mut guard, mut peer) = pair(&Policy::default());
    guard.set_read_timeout(Some(PATIENCE)).unwrap();
    guard.stop_receiving(Receiving::Refuse);
    assert!(guard.read(&mut [0; 1]).unwrap_err().to_string().contains("receiving was stopped"));
    peer.write_all(b"more").unwrap();
    assert_eq!(read_all(&mut peer), (0, End::Reset));
    assert_eq!(verdict(&guard).rule, "refuse-resets");

    let (guard, mut peer) = pair(&Policy::default());
    guard.stop_receiving(Receiving::Discard);
    // More than both kernels hold: it only leaves because somebody reads it.
    peer.write_all(&vec![7; 20_000_000]).unwrap();
    drop(peer);
    assert_eq!(guard.close(None).received, "discarded");

    let (guard, peer) = pair(&Policy::default());
    guard.stop_receiving(Receiving::Hold);
    peer.set_nonblocking(true).unwrap();
    let chunk = vec![7; 1 << 20];
    let taken = std::iter::from_fn(|| (&peer).write(&chunk).ok()).take(1000).sum::<usize>();
    assert!(taken < 1000 << 20, "the peer never stalls");
}

#[test]
fn a_held_reader_in_another_thread_consumes_nothing() {
    let (guard, mut peer) = pair(&Policy::default());
    thread::scope(|scope| {
        let reader = scope.spawn(|| (&guard).read(&mut [0; 1]));
        guard.stop_receiving(Receiving::Hold);
        peer.write_all(b"x").unwrap();
        // It may have come before: then it was told the byte.
        if let Err(error) = reader.join().unwrap() {
            assert!(error.to_string().contains("receiving was stopped"), "{error}");
        }
    });
    guard.abort();
}

#[test]
fn a_peer_that_never_finishes_is_reset_after_the_silence() {
    let long = Duration::from_secs(7200);
    let policy =
        Policy::default().drain_idle(Duration::from_millis(20)).drain_within(long).flush_within(long);
    let (guard, mut peer) = pair(&policy);
    guard.confirm(Confirm::Peer);
    guard.begin_close(None);
    assert_eq!(verdict(&guard).cause, "deadline");
    assert!(guard.ending().wait_released(Some(PATIENCE)));
    assert_eq!(read_all(&mut peer), (0, End::Fin));
    // Our FIN came first. What follows it is a reset, which a write tells, sooner or later.
    while peer.write(b"x").is_ok() {}
}

#[test]
fn the_peers_fin_ends_our_side_if_the_policy_says_so() {
    let (mut guard, mut peer) = pair(&Policy::default().on_peer_fin(OnPeerFin::Close));
    guard.write_all(b"so far").unwrap();
    peer.shutdown(Shutdown::Write).unwrap();
    assert_eq!(guard.read(&mut [0; 1]).unwrap(), 0);
    assert_eq!(read_all(&mut peer), (6, End::Fin));
    assert_eq!(verdict(&guard).cause, "peer");
}
