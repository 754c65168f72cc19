//! Guards of tokio's streams: reading, writing, closing, and the tasks that are cancelled or panic.
#![cfg(feature = "tokio")]

mod support;

use std::future::pending;
use std::time::Duration;

use finrst::{Confirm, Error, OnDrop, OnPeerFin, Policy, Receiving};
use support::{raw, read_all, End, PATIENCE};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;

type Guard = finrst::Guard<TcpStream>;

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// A stream of tokio's, and the plain socket of its peer.
fn plain_pair() -> (TcpStream, std::net::TcpStream) {
    let (ours, theirs) = support::plain_pair();
    ours.set_nonblocking(true).unwrap();
    (TcpStream::from_std(ours).unwrap(), theirs)
}

fn pair(policy: &Policy) -> (Guard, std::net::TcpStream) {
    let (ours, theirs) = plain_pair();
    (Guard::with(ours, policy).unwrap(), theirs)
}

/// Reads on a thread of its own, so that the runtime goes on.
async fn ending(mut peer: std::net::TcpStream) -> (usize, End) {
    let (tell, told) = oneshot::channel();
    std::thread::spawn(move || tell.send(read_all(&mut peer)));
    told.await.unwrap()
}

async fn soon<T>(future: impl std::future::Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.expect("it hangs")
}

#[test]
fn a_close_sends_everything_and_then_our_fin() {
    runtime().block_on(async {
        let (mut guard, peer) = pair(&Policy::default());
        assert!(guard.armed());
        let reader = tokio::spawn(ending(peer));
        guard.write_all(&vec![7; 5_000_000]).await.unwrap();
        let verdict = soon(guard.close(None)).await.complete().unwrap();
        // The peer may have closed its side by then.
        assert_eq!(verdict.ended, "fin");
        assert!(matches!(verdict.delivery, "acked" | "confirmed"), "{verdict}");
        assert_eq!(reader.await.unwrap(), (5_000_000, End::Fin));
    });
}

#[test]
fn a_cancelled_task_drops_its_guard_and_the_policy_decides() {
    runtime().block_on(async {
        for (policy, expected) in [
            (Policy::compatible(), End::Fin),
            (Policy::compatible().on_drop(OnDrop::Abort), End::Reset),
            (Policy::strict(), End::Reset),
            (Policy::manual(), End::Fin),
        ] {
            let (mut guard, peer) = pair(&policy);
            let (begun, begins) = oneshot::channel();
            let task = tokio::spawn(async move {
                guard.write_all(b"part").await.unwrap();
                begun.send(()).unwrap();
                pending::<()>().await;
                drop(guard);
            });
            begins.await.unwrap();
            task.abort();
            assert!(task.await.unwrap_err().is_cancelled());
            assert_eq!(soon(ending(peer)).await.1, expected, "{policy:?}");
        }
    });
}

#[test]
fn a_task_that_is_cancelled_in_the_middle_of_a_write_resets() {
    runtime().block_on(async {
        let (mut guard, mut peer) = pair(&Policy::compatible());
        let ending_of_it = guard.ending();
        let task = tokio::spawn(async move {
            guard.write_all(&vec![7; 12_000_000]).await.unwrap();
        });
        let first = std::thread::spawn(move || {
            support::read_some(&mut peer, 1);
            peer
        });
        while !first.is_finished() {
            tokio::task::yield_now().await;
        }
        task.abort();
        assert!(task.await.unwrap_err().is_cancelled());
        assert_eq!(soon(ending(first.join().unwrap())).await.1, End::Reset);
        assert_eq!(ending_of_it.verdict().unwrap().delivery, "lost");
    });
}

#[test]
fn run_async_closes_after_ok_and_resets_after_an_error_a_panic_or_a_cancellation() {
    runtime().block_on(async {
        for how in ["ok", "error", "panic", "cancelled"] {
            let (ours, peer) = plain_pair();
            let (begun, begins) = oneshot::channel();
            let task = tokio::spawn(async move {
                Guard::run_async(ours, &Policy::compatible(), async move |guard: &mut Guard| {
                    guard.write_all(b"answer").await.map_err(|_| Error::AlreadyEnded)?;
                    begun.send(()).unwrap();
                    match how {
                        "error" => Err(Error::AlreadyEnded),
                        "panic" => std::panic::resume_unwind(Box::new("no more")),
                        "cancelled" => pending().await,
                        _ => Ok(()),
                    }
                })
                .await
            });
            begins.await.unwrap();
            if how == "cancelled" {
                task.abort();
            }
            let reader = tokio::spawn(ending(peer));
            let answer = soon(task).await;
            assert_eq!(matches!(answer, Ok(Ok(()))), how == "ok");
            assert_eq!(reader.await.unwrap().1, if how == "ok" { End::Fin } else { End::Reset }, "{how}");
        }
    });
}

#[test]
fn bare_tokio_sends_a_fin_for_a_task_that_panics_or_is_cancelled() {
    runtime().block_on(async {
        for how in ["panic", "cancelled"] {
            let (mut ours, peer) = plain_pair();
            let (begun, begins) = oneshot::channel();
            let task = tokio::spawn(async move {
                ours.write_all(b"part").await.unwrap();
                begun.send(()).unwrap();
                if how == "panic" {
                    std::panic::resume_unwind(Box::new("no more"));
                }
                pending::<()>().await;
                drop(ours);
            });
            begins.await.unwrap();
            if how == "cancelled" {
                task.abort();
            }
            assert!(task.await.is_err());
            assert_eq!(soon(ending(peer)).await, (4, End::Fin), "{how}");
        }
    });
}

#[test]
fn shutdown_is_finish_sending_and_receiving_goes_on() {
    runtime().block_on(async {
        let (mut guard, mut peer) = pair(&Policy::default());
        guard.write_all(b"question").await.unwrap();
        guard.shutdown().await.unwrap();
        assert!(guard.write_all(b"more").await.unwrap_err().to_string().contains("sending was finished"));
        assert_eq!(read_all(&mut peer), (8, End::Fin));
        std::io::Write::write_all(&mut peer, b"answer").unwrap();
        drop(peer);
        let mut answer = String::new();
        soon(guard.read_to_string(&mut answer)).await.unwrap();
        assert_eq!(answer, "answer");
        let verdict = soon(guard.ending().ended()).await;
        assert_eq!((verdict.delivery, verdict.received), ("confirmed", "complete"));
    });
}

#[test]
fn finalise_hands_back_the_rest() {
    runtime().block_on(async {
        let (guard, mut peer) = pair(&Policy::default());
        std::io::Write::write_all(&mut peer, b"last words").unwrap();
        peer.shutdown(std::net::Shutdown::Write).unwrap();
        let (rest, verdict) = soon(guard.finalise(None, 100)).await;
        assert_eq!((rest.as_slice(), verdict.received), (&b"last words"[..], "complete"));
    });
}

#[test]
fn a_close_out_of_time_resets_without_tokios_timers() {
    let runtime = Builder::new_current_thread().enable_io().build().unwrap();
    runtime.block_on(async {
        let (guard, _peer) = pair(&Policy::default());
        guard.confirm(Confirm::Peer);
        let verdict = guard.close(Some(Duration::from_millis(20))).await;
        assert_eq!(verdict.cause, "deadline");
    });
}

#[test]
fn a_reader_is_woken_when_the_connection_ends_elsewhere() {
    runtime().block_on(async {
        let (guard, peer) = pair(&Policy::default().drain_idle(Duration::from_millis(20)));
        let ending_of_it = guard.ending();
        let (mut reader, writer) = tokio::io::split(guard);
        let task = tokio::spawn(async move { reader.read(&mut [0; 1]).await });
        tokio::task::yield_now().await;
        raw::arm(&peer);
        drop(peer);
        assert!(soon(task).await.unwrap().is_err());
        assert_eq!(soon(ending_of_it.ended()).await.by, "peer");
        drop(writer);
    });
}

#[test]
fn the_peers_fin_ends_our_side_if_the_policy_says_so() {
    runtime().block_on(async {
        let (mut guard, peer) = pair(&Policy::default().on_peer_fin(OnPeerFin::Close));
        guard.write_all(b"so far").await.unwrap();
        peer.shutdown(std::net::Shutdown::Write).unwrap();
        assert_eq!(soon(guard.read(&mut [0; 1])).await.unwrap(), 0);
        assert_eq!(soon(ending(peer)).await, (6, End::Fin));
    });
}

#[test]
fn a_refusal_resets_and_an_abort_does_too() {
    runtime().block_on(async {
        let (guard, mut peer) = pair(&Policy::default());
        guard.stop_receiving(Receiving::Refuse);
        std::io::Write::write_all(&mut peer, b"more").unwrap();
        assert_eq!(soon(ending(peer)).await, (0, End::Reset));
        let (guard, peer) = pair(&Policy::default());
        assert_eq!(guard.abort().ended, "reset");
        assert_eq!(soon(ending(peer)).await, (0, End::Reset));
    });
}

#[test]
fn a_connection_that_drains_outlives_its_runtime() {
    let runtime = runtime();
    let (ending, mut peer) = runtime.block_on(async {
        let (mut guard, peer) = pair(&Policy::default());
        guard.write_all(b"whole").await.unwrap();
        (guard.ending(), peer)
    });
    drop(runtime);
    assert_eq!(read_all(&mut peer), (5, End::Fin));
    assert!(!ending.released());
    drop(peer);
    assert!(ending.wait_released(Some(PATIENCE)));
}
