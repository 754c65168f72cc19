//! No descriptor is left of many connections in any mix of endings, and none is held by what is only told.
#![cfg(target_os = "linux")]

mod support;

use std::io::Write;
use std::thread;
use std::time::{Duration, Instant};

use finrst::*;
use support::*;

/// A connection is guarded, used, and ended in one of several ways; its peer reads to the end and closes.
fn connection(number: usize) -> Ending {
    let (mut guard, mut peer) = pair(&Policy::default().drain_idle(Duration::from_secs(10)));
    let ending = guard.ending();
    guard.write_all(b"some bytes").unwrap();
    let reader = thread::spawn(move || read_all(&mut peer));
    match number % 8 {
        0 => drop(guard.close(None)),
        1 => drop(guard.abort()),
        2 => {}
        3 => guard.finish_sending().unwrap(),
        4 => guard.fail("no more"),
        5 => drop(guard.finalise(None, 100)),
        6 => guard.abort_on_drop(),
        _ => guard.begin_close(Some(Duration::from_secs(10))),
    }
    drop(guard);
    reader.join().unwrap();
    ending
}

#[test]
fn nothing_is_left_of_five_hundred_connections() {
    let count = std::env::var("FINRST_CONNECTIONS").ok().and_then(|count| count.parse().ok()).unwrap_or(500);
    // The keeper and its bell begin with the first and stay.
    assert!(connection(0).wait_released(Some(PATIENCE)));
    let before = descriptors();
    let endings: Vec<Ending> = (0..count).map(connection).collect();
    for (number, ending) in endings.iter().enumerate() {
        assert!(ending.wait_released(Some(PATIENCE)), "connection {number} is not released");
        assert!(ending.verdict().is_some(), "connection {number} has no verdict");
    }
    // The threads of the peers have closed theirs when they were joined.
    let until = Instant::now() + PATIENCE;
    while descriptors() > before && Instant::now() < until {
        thread::yield_now();
    }
    assert_eq!(descriptors(), before);
}
