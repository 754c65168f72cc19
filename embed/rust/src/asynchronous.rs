//! The guard of a `tokio::net::TcpStream`: reading, writing, and the commands that wait, as futures.
//!
//! Nothing here needs tokio's timers: the clocks of a close are the keeper's. A future that is dropped leaves what it
//! asked for under way.

use std::future::{poll_fn, Future};
use std::io;
use std::ops::AsyncFnOnce;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{ready, Context, Poll, Waker};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use crate::connection::Inner;
use crate::ending::{finished, verdict, Ending};
use crate::guard::{sealed, Guard, Socket};
use crate::policy::{Confirm, Policy};
use crate::spec::*;
use crate::stream::Step;
use crate::verdict::Verdict;
use crate::Error;

impl sealed::Sealed for TcpStream {}
impl Socket for TcpStream {
    fn receive(&self, buffer: &mut [u8]) -> io::Result<usize> {
        self.try_read(buffer)
    }

    fn send(&self, buffer: &[u8]) -> io::Result<usize> {
        self.try_write(buffer)
    }
}

impl Inner<TcpStream> {
    /// Wakes a task whenever something was decided.
    fn wake(&mut self, waker: &Waker) {
        if !self.wakers.iter().any(|each| each.will_wake(waker)) {
            self.wakers.push(waker.clone());
        }
    }

    /// Offers the kernel a write, of which it may take a part.
    fn offer(&mut self, buffer: &[u8]) -> io::Result<Step<TcpStream>> {
        let socket = self.may_write()?;
        self.pending = buffer.len() as u64;
        match socket.send(buffer) {
            Ok(count) => {
                self.pending -= count as u64;
                self.messages_flushed();
                Ok(Step::Done(count))
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(Step::Wait(socket)),
            Err(error) => {
                self.saw_error(&error);
                Err(error)
            }
        }
    }
}

impl Ending<TcpStream> {
    /// Waits until `done` answers something.
    async fn until<R>(&self, done: impl Fn(&Inner<TcpStream>) -> Option<R>) -> R {
        poll_fn(|task| {
            let mut inner = self.connection.lock();
            match done(&inner) {
                Some(answer) => Poll::Ready(answer),
                None => {
                    inner.wake(task.waker());
                    Poll::Pending
                }
            }
        })
        .await
    }

    /// The verdict, once it is final.
    pub async fn ended(&self) -> Verdict {
        self.until(verdict).await
    }
}

impl Guard<TcpStream> {
    /// Declares the stream complete and ends it: sends our FIN, drains what the peer still sends, and releases the
    /// connection. The future is ready once the verdict is final, which depends on the policy's `confirm`.
    ///
    /// After `within` the policy's `on_deadline` decides; without it the policy's own bounds hold. The close begins when
    /// the future is first polled, and goes on if it is dropped.
    #[must_use = "a close that did not end as it was asked to says so here only"]
    pub async fn close(&self, within: Option<Duration>) -> Verdict {
        self.begin_close(within);
        self.ending().ended().await
    }

    /// Sends our FIN after everything written so far; receiving goes on. [`AsyncWrite::poll_shutdown`] does the same.
    pub async fn finish_sending(&self) -> Result<(), Error> {
        self.begin_finish_sending();
        self.ending().until(finished).await
    }

    /// Closes, and hands back what the peer still sends until its FIN, at most `limit` bytes; a peer that sends more is
    /// reset. It waits for the peer, within the time given and the bounds of the policy. The bytes are all that the peer
    /// had to send only if [`Verdict::received`] is `complete`.
    pub async fn finalise(&self, within: Option<Duration>, limit: usize) -> (Vec<u8>, Verdict) {
        self.connection.with(|inner| inner.keep_rest(limit));
        self.confirm(Confirm::Peer);
        let verdict = self.close(within).await;
        (self.connection.with(Inner::take_rest), verdict)
    }

    /// Guards a stream for an async function: it is closed if the function returns `Ok`, and fails if it returns `Err`,
    /// panics, or is cancelled, that is, if this future is dropped before it is ready.
    pub async fn run_async<T, E, F>(stream: TcpStream, policy: &Policy, act: F) -> Result<T, E>
    where
        F: AsyncFnOnce(&mut Guard<TcpStream>) -> Result<T, E>,
        E: From<Error> + ToString,
    {
        let mut owned = Owned(Some(Guard::with(stream, policy)?));
        let guard = owned.0.as_mut().ok_or(Error::AlreadyEnded)?;
        let answer = act(guard).await;
        guard.conclude(answer).await
    }

    /// Ends the guard of a function by what the function answers: `Ok` closes, `Err` fails. A close that did not end as
    /// it was asked to is an error too.
    pub async fn conclude<T, E>(&self, answer: Result<T, E>) -> Result<T, E>
    where
        E: From<Error> + ToString,
    {
        match &answer {
            Ok(_) => drop(self.close(None).await.complete()?),
            Err(error) => self.fail(error.to_string()),
        }
        answer
    }
}

/// A guard whose drop before the end is the cancellation of its owner.
struct Owned(Option<Guard<TcpStream>>);

impl Drop for Owned {
    fn drop(&mut self) {
        let Some(guard) = self.0.take() else { return };
        // After a close or a failure this changes nothing any more.
        if guard.state() == crate::State::Open && !std::thread::panicking() {
            guard.connection.with(|inner| inner.seen(Arc::new(Error::Cancelled)));
            guard.leave(EVENT_FAILED);
        }
    }
}

impl AsyncRead for Guard<TcpStream> {
    fn poll_read(
        self: Pin<&mut Self>,
        task: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            // It may also be the guard that has something to say, such as that the connection is over.
            let mut inner = self.connection.lock();
            inner.reader = Some(task.waker().clone());
            let socket = inner.owners_socket();
            drop(inner);
            if let Some(socket) = socket {
                ready!(socket.poll_read_ready(task))?;
            }
            let unfilled = buffer.initialize_unfilled();
            match self.connection.with(|inner| inner.read(unfilled))? {
                Step::Wait(_) => {}
                Step::Done(count) | Step::More(count) => {
                    buffer.advance(count);
                    return Poll::Ready(Ok(()));
                }
            }
        }
    }
}

impl AsyncWrite for Guard<TcpStream> {
    fn poll_write(self: Pin<&mut Self>, task: &mut Context<'_>, buffer: &[u8]) -> Poll<io::Result<usize>> {
        loop {
            let mut inner = self.connection.lock();
            inner.writer = Some(task.waker().clone());
            let socket = inner.may_write()?;
            // A write that is offered and not taken is the owner's to offer again: if it lets go instead, bytes are missing.
            inner.pending = buffer.len() as u64;
            drop(inner);
            ready!(socket.poll_write_ready(task))?;
            match self.connection.with(|inner| inner.offer(buffer))? {
                Step::Wait(_) => {}
                Step::Done(count) | Step::More(count) => return Poll::Ready(Ok(count)),
            }
        }
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    /// Declares our direction complete: finish sending.
    fn poll_shutdown(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.begin_finish_sending();
        let ending = self.ending();
        let waited = std::pin::pin!(ending.until(finished)).poll(task);
        waited.map_err(io::Error::from)
    }
}
