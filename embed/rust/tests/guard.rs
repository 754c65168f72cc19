//! Guards over real loopback connections: every way to end one, and what its peer reads.

mod support;

use std::io::{self, Read, Write};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::thread;
use std::time::Duration;

use finrst::*;
use support::*;

#[test]
fn a_close_sends_everything_and_then_our_fin() {
    let (mut guard, mut peer) = pair(&Policy::default());
    assert!(guard.armed());
    guard.write_all(b"whole").unwrap();
    let verdict = guard.close(None).complete().unwrap();
    assert_eq!((verdict.ended, verdict.by, verdict.cause), ("fin", "us", "close"));
    assert_eq!((verdict.delivery, verdict.unsent), ("acked", Some(0)));
    assert!(!guard.armed());
    assert_eq!(read_all(&mut peer), (5, End::Fin));
    assert_eq!(guard.close(None).rule, verdict.rule);
}

#[test]
fn a_slow_reader_gets_twelve_megabytes_and_the_end() {
    let (guard, mut peer) = pair(&Policy::default());
    thread::scope(|scope| {
        let writer = stuck_write(scope, &guard, &mut peer);
        let closer = scope.spawn(|| guard.close(None));
        assert_eq!(read_all(&mut peer), (11_999_999, End::Fin));
        writer.join().unwrap().unwrap();
        closer.join().unwrap().complete().unwrap();
    });
}

#[test]
fn an_abort_resets_at_once_and_wakes_the_reader() {
    let (guard, mut peer) = pair(&Policy::default());
    thread::scope(|scope| {
        let reader = scope.spawn(|| (&guard).read(&mut [0; 1]));
        (&guard).write_all(b"part").unwrap();
        let verdict = guard.abort();
        assert_eq!((verdict.ended, verdict.by, verdict.cause), ("reset", "us", "abort"));
        assert_eq!(read_all(&mut peer).1, End::Reset);
        assert!(reader.join().unwrap().is_err());
        assert_eq!(guard.abort().rule, verdict.rule);
        assert_eq!(guard.state(), State::Ended);
    });
}

#[test]
fn a_drop_follows_the_policy() {
    for (policy, ending) in [
        (Policy::compatible(), End::Fin),
        (Policy::compatible().on_drop(OnDrop::Abort), End::Reset),
        (Policy::strict(), End::Reset),
        (Policy::strict().on_drop(OnDrop::Close), End::Fin),
        (Policy::manual(), End::Fin),
    ] {
        let (mut guard, mut peer) = pair(&policy);
        guard.write_all(b"part").unwrap();
        read_some(&mut peer, 4);
        drop(guard);
        assert_eq!(read_all(&mut peer), (0, ending), "{policy:?}");
    }
}

#[test]
fn abort_on_drop_is_said_later() {
    let (guard, mut peer) = pair(&Policy::default());
    guard.abort_on_drop();
    drop(guard);
    assert_eq!(read_all(&mut peer), (0, End::Reset));
}

#[test]
fn a_panic_resets_although_a_drop_would_close() {
    for (policy, ending) in [
        (Policy::compatible(), End::Reset),
        (Policy::compatible().on_failure(OnFailure::Close), End::Fin),
        (Policy::manual(), End::Fin),
    ] {
        let (mut guard, mut peer) = pair(&policy);
        let panicked = catch_unwind(AssertUnwindSafe(move || {
            guard.write_all(b"part").unwrap();
            std::panic::resume_unwind(Box::new("the owner failed"));
        }));
        assert!(panicked.is_err());
        read_some_or_none(&mut peer);
        assert_eq!(read_all(&mut peer).1, ending, "{policy:?}");
    }
}

#[test]
fn a_panic_of_a_thread_resets_the_connection_that_it_owned() {
    let (mut guard, mut peer) = pair(&Policy::default());
    let thread = thread::spawn(move || {
        guard.write_all(b"part").unwrap();
        std::panic::resume_unwind(Box::new("the owner failed"));
    });
    assert!(thread.join().is_err());
    read_some_or_none(&mut peer);
    assert_eq!(read_all(&mut peer).1, End::Reset);
}

#[test]
fn a_guard_that_a_destructor_makes_during_a_panic_is_not_the_one_that_panicked() {
    struct Farewell(Option<std::net::TcpStream>);
    impl Drop for Farewell {
        fn drop(&mut self) {
            let mut guard = Guard::new(self.0.take().unwrap()).unwrap();
            guard.write_all(b"bye").unwrap();
        }
    }
    let (ours, mut peer) = plain_pair();
    let farewell = Farewell(Some(ours));
    let panicked = catch_unwind(AssertUnwindSafe(move || {
        let _farewell = farewell;
        std::panic::resume_unwind(Box::new("somebody failed"));
    }));
    assert!(panicked.is_err());
    assert_eq!(read_all(&mut peer), (3, End::Fin));
}

#[test]
fn a_drop_after_a_write_that_was_not_taken_whole_resets() {
    let (guard, mut peer) = pair(&Policy::default());
    guard.set_nonblocking(true).unwrap();
    let chunk = vec![7; 1 << 20];
    let mut sent = 0;
    // Until the kernel takes a part of a chunk, or none of it.
    while (&guard).write(&chunk).is_ok_and(|count| {
        sent += count;
        count == chunk.len()
    }) {}
    drop(guard);
    let (bytes, ending) = read_all(&mut peer);
    assert_eq!(ending, End::Reset);
    assert!(bytes <= sent);
}

#[test]
fn after_a_write_all_that_failed_in_the_middle_a_close_is_a_failure() {
    let (guard, mut peer) = pair(&Policy::default());
    guard.set_write_timeout(Some(Duration::from_millis(20))).unwrap();
    let error = (&guard).write_all(&vec![7; 12_000_000]).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
    let verdict = guard.close(None);
    assert_eq!((verdict.ended, verdict.cause), ("reset", "failure"));
    assert!(verdict.unsent.unwrap() > 1_000_000);
    assert_eq!(verdict.complete().unwrap_err().to_string().matches("failed in the middle").count(), 1);
    assert_eq!(read_all(&mut peer).1, End::Reset);
}

#[test]
fn a_failure_resets_and_is_told() {
    let (guard, mut peer) = pair(&Policy::default());
    guard.fail("the disk is gone");
    assert_eq!(read_all(&mut peer), (0, End::Reset));
    let told = verdict(&guard);
    assert_eq!((told.cause, told.error.unwrap().to_string().as_str()), ("failure", "the disk is gone"));
}

#[test]
fn run_closes_after_ok_and_resets_after_an_error_or_a_panic() {
    for how in ["ok", "error", "panic"] {
        let (ours, mut peer) = plain_pair();
        let answered = catch_unwind(AssertUnwindSafe(|| {
            Guard::run(ours, &Policy::default(), |mut guard| {
                guard.write_all(b"answer")?;
                match how {
                    "error" => Err(io::Error::other("no more")),
                    "panic" => std::panic::resume_unwind(Box::new("no more")),
                    _ => Ok(()),
                }
            })
        }));
        let expected = if how == "ok" { End::Fin } else { End::Reset };
        assert_eq!(read_all(&mut peer).1, expected, "{how}");
        assert_eq!(answered.is_err(), how == "panic");
        assert_eq!(answered.is_ok_and(|answer| answer.is_ok()), how == "ok");
    }
}

#[test]
fn a_close_out_of_time_resets() {
    // Nothing but the time that was given ends this one within a test's patience.
    let (guard, mut peer) = pair(&Policy::default().flush_within(Duration::from_secs(7200)));
    thread::scope(|scope| {
        let writer = stuck_write(scope, &guard, &mut peer);
        guard.begin_close(Some(Duration::from_millis(20)));
        let verdict = guard.ending().wait(Some(PATIENCE));
        guard.abort();
        let verdict = verdict.expect("the time does not run out");
        assert_eq!((verdict.ended, verdict.cause), ("reset", "deadline"));
        assert!(verdict.complete().is_err());
        assert!(writer.join().unwrap().is_err());
    });
    assert_eq!(read_all(&mut peer).1, End::Reset);
}

#[test]
fn the_owners_time_limits_end_nothing() {
    let (mut guard, mut peer) = pair(&Policy::default());
    guard.set_read_timeout(Some(Duration::from_millis(1))).unwrap();
    assert_eq!(guard.read(&mut [0; 1]).unwrap_err().kind(), io::ErrorKind::WouldBlock);
    guard.set_read_timeout(None).unwrap();
    peer.write_all(b"x").unwrap();
    assert_eq!(guard.read(&mut [0; 1]).unwrap(), 1);
    guard.set_nonblocking(true).unwrap();
    assert_eq!(guard.read(&mut [0; 1]).unwrap_err().kind(), io::ErrorKind::WouldBlock);
    assert_eq!(guard.state(), State::Open);
}

#[test]
fn linger_is_in_seconds() {
    let (guard, _peer) = pair(&Policy::default());
    for seconds in [Some(5), None, Some(0)] {
        guard.set_linger(seconds).unwrap();
        assert_eq!((guard.linger().unwrap(), guard.armed()), (seconds, seconds == Some(0)));
    }
    let error = guard.set_linger(Some(u32::MAX)).unwrap_err().to_string();
    assert!(error.contains("seconds is 4294967295; expected 0 … "), "{error}");
    guard.abort();
    assert!(guard.set_linger(Some(1)).is_err());
    assert!(guard.linger().is_err());
}

#[test]
fn a_linger_time_of_the_owner_makes_no_close_wait() {
    let (guard, mut peer) = pair(&Policy::default());
    guard.set_linger(Some(3600)).unwrap();
    guard.close(None).complete().unwrap();
    assert_eq!(read_all(&mut peer), (0, End::Fin));
    drop(peer);
    assert!(guard.ending().wait_released(Some(PATIENCE)));
}

#[test]
fn an_exit_follows_the_policy() {
    for (answer, ending) in [(OnExit::Abort, End::Reset), (OnExit::Close, End::Fin)] {
        let (guard, mut peer) = pair(&Policy::default().on_exit(answer));
        guard.exiting();
        assert_eq!(read_all(&mut peer), (0, ending));
    }
}

#[test]
fn each_decision_has_a_line() {
    let lines = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let kept = lines.clone();
    let policy = Policy::default().trace(move |line| kept.lock().unwrap().push(line.to_string()));
    let (guard, _peer) = pair(&policy);
    guard.abort();
    let lines = lines.lock().unwrap();
    assert!(lines[0].starts_with("event=OPEN facts=- rule=open-arms steps=ARM context="), "{lines:?}");
    assert!(lines[1].starts_with("event=ABORT facts="), "{lines:?}");
    assert!(lines[1].contains("rule=abort-resets steps=DISCONNECT,"), "{lines:?}");
}

#[test]
fn a_close_waits_for_a_promise_that_is_kept() {
    let (mut guard, mut peer) = pair(&Policy::default());
    let sending = guard.sending();
    guard.write_all(b"first, ").unwrap();
    guard.begin_close(None);
    assert_eq!((guard.state(), guard.unsent()), (State::Closing, None));
    guard.write_all(b"second").unwrap();
    sending.done();
    assert_eq!(read_all(&mut peer), (13, End::Fin));
    verdict(&guard).complete().unwrap();
}

#[test]
fn a_promise_that_is_broken_resets() {
    for how in ["closing", "close", "drop", "drop first"] {
        let (guard, mut peer) = pair(&Policy::default());
        let ending = guard.ending();
        let mut sending = Some(guard.sending());
        match how {
            "closing" => guard.begin_close(None),
            "close" => {
                sending = None;
                guard.begin_close(None);
            }
            "drop" => sending = None,
            _ => {}
        }
        drop(guard);
        drop(sending);
        assert_eq!(read_all(&mut peer), (0, End::Reset), "{how}");
        let verdict = ending.wait(Some(PATIENCE)).unwrap();
        assert_eq!((verdict.ended, verdict.delivery, verdict.unsent), ("reset", "lost", None), "{how}");
    }
}
