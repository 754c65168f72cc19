//! Connections that carry several messages: between two of them an ending is a FIN, in the middle of one a reset.

mod support;

use std::io::Write;
use std::time::Duration;

use finrst::*;
use support::*;

#[test]
fn between_two_messages_a_drop_and_an_exit_are_a_fin() {
    for policy in [Policy::compatible(), Policy::strict()] {
        for exits in [false, true] {
            let (mut guard, mut peer) = pair(&policy);
            guard.begin_message();
            guard.write_all(b"whole").unwrap();
            assert!(guard.armed());
            guard.complete_message();
            assert!(!guard.armed());
            assert_eq!(guard.linger().unwrap(), None);
            if exits {
                guard.exiting();
            }
            drop(guard);
            assert_eq!(read_all(&mut peer), (5, End::Fin), "{policy:?}, {exits}");
        }
    }
}

#[test]
fn in_the_middle_of_a_message_a_drop_is_a_reset() {
    let (mut guard, mut peer) = pair(&Policy::compatible());
    guard.complete_message();
    guard.begin_message();
    assert!(guard.armed());
    guard.write_all(b"part").unwrap();
    drop(guard);
    read_some_or_none(&mut peer);
    assert_eq!(read_all(&mut peer).1, End::Reset);
}

#[test]
fn a_message_is_complete_when_its_bytes_are_in_the_kernel() {
    let (guard, mut peer) = pair(&Policy::compatible());
    std::thread::scope(|scope| {
        let writer = stuck_write(scope, &guard, &mut peer);
        guard.complete_message();
        assert!(guard.armed());
        read_some(&mut peer, 11_999_999);
        writer.join().unwrap().unwrap();
        assert!(!guard.armed());
    });
    let sending = guard.sending();
    guard.begin_message();
    guard.complete_message();
    assert!(guard.armed());
    sending.done();
    assert!(!guard.armed());
}

#[test]
fn a_message_that_was_cut_short_never_completes() {
    let (guard, _peer) = pair(&Policy::compatible());
    guard.set_write_timeout(Some(Duration::from_millis(20))).unwrap();
    (&guard).write_all(&vec![7; 12_000_000]).unwrap_err();
    guard.complete_message();
    assert!(guard.armed());
}
