//! The guard of a `std::net::TcpStream`: reading, writing, and the commands that wait.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::{AsFd, AsRawFd};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::connection::{copy_of, Incoming, Inner};
use crate::ending::{finished, verdict};
use crate::guard::{sealed, Guard, Socket};
use crate::platform::HAS_DISCONNECT;
use crate::policy::{Confirm, Policy};
use crate::spec::*;
use crate::verdict::Verdict;
use crate::{sys, Error};

impl sealed::Sealed for TcpStream {}
impl Socket for TcpStream {
    fn receive(&self, buffer: &mut [u8]) -> io::Result<usize> {
        sys::receive(self.as_fd(), buffer)
    }

    fn send(&self, buffer: &[u8]) -> io::Result<usize> {
        sys::send(self.as_fd(), buffer)
    }
}

/// What one look at the socket came to.
pub(crate) enum Step<S> {
    /// So many bytes, and that is all.
    Done(usize),
    /// So many bytes, and more is wanted.
    More(usize),
    /// Nothing until the socket is ready.
    Wait(Arc<S>),
}

impl<S: Socket> Inner<S> {
    /// Why a call comes too late: ended by the peer, or by us, or else what is given.
    fn refusal(&self, otherwise: Error) -> io::Error {
        let by_us = self.state >> FIELD_BY_SHIFT & BY_MASK == BY_US;
        match self.error.as_ref().and_then(|error| error.downcast_ref::<io::Error>()) {
            Some(error) if self.over() && !by_us => copy_of(error),
            _ if self.over() => Error::AlreadyEnded.into(),
            _ => otherwise.into(),
        }
    }

    /// What the owner may read from.
    pub(crate) fn owners_socket(&self) -> Option<Arc<S>> {
        self.socket.clone().filter(|_| self.incoming == Incoming::ToOwner)
    }

    /// Reads what is there for the owner.
    pub(crate) fn read(&mut self, buffer: &mut [u8]) -> io::Result<Step<S>> {
        let Some(socket) = self.owners_socket() else {
            return if self.peer_finished {
                Ok(Step::Done(0))
            } else {
                Err(self.refusal(Error::ReceivingStopped))
            };
        };
        match socket.receive(buffer) {
            Ok(0) if !buffer.is_empty() => self.saw_the_end(),
            Ok(count) => return Ok(Step::Done(count)),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(Step::Wait(socket)),
            Err(error) => {
                self.saw_error(&error);
                return Err(error);
            }
        }
        Ok(Step::Done(0))
    }

    /// Whether the owner may begin to write.
    pub(crate) fn may_write(&self) -> io::Result<Arc<S>> {
        // While a close waits for a promise to be kept, it may be.
        let open = self.state & PHASE_MASK == PHASE_OPEN && !self.flushing;
        match &self.socket {
            Some(socket) if open || self.flushing && self.senders > 0 => Ok(socket.clone()),
            _ => Err(self.refusal(Error::SendingFinished)),
        }
    }

    /// Offers the kernel what is left of a write.
    fn write(&mut self, buffer: &[u8], first: bool) -> io::Result<Step<S>> {
        let socket = if first { Some(self.may_write()?) } else { self.socket.clone() };
        if first {
            // What the write before left behind is the owner's to offer again.
            self.pending = if self.writes == 0 { 0 } else { self.pending } + buffer.len() as u64;
            self.writes += 1;
        }
        let Some(socket) = socket.filter(|_| !self.over()) else {
            self.end_write();
            return Err(self.refusal(Error::AlreadyEnded));
        };
        match socket.send(buffer) {
            Ok(count) => {
                self.pending -= count as u64;
                if count < buffer.len() {
                    return Ok(Step::More(count));
                }
                self.end_write();
                Ok(Step::Done(count))
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(Step::Wait(socket)),
            Err(error) => {
                self.saw_error(&error);
                self.end_write();
                Err(error)
            }
        }
    }

    fn end_write(&mut self) {
        self.writes -= 1;
        self.flushed();
    }
}

/// Waits for a socket as the standard library does: as long as its time limit says, and not at all if it is
/// non-blocking.
fn wait(socket: &TcpStream, events: i16, limit: Option<Duration>) -> io::Result<()> {
    if !sys::blocks(socket.as_fd()) {
        return Err(io::ErrorKind::WouldBlock.into());
    }
    let until = limit.and_then(|limit| Instant::now().checked_add(limit));
    let left = until.map(|until| until.saturating_duration_since(Instant::now()));
    // Where an abort does not wake whoever waits, they look again by themselves.
    let turn = Duration::from_millis(100);
    let slice = if HAS_DISCONNECT { left } else { Some(left.map_or(turn, |left| left.min(turn))) };
    let mut one = [libc::pollfd { fd: socket.as_raw_fd(), events, revents: 0 }];
    sys::poll(&mut one, slice);
    if one[0].revents == 0 && until.is_some_and(|until| until <= Instant::now()) {
        return Err(io::ErrorKind::WouldBlock.into());
    }
    Ok(())
}

impl Guard<TcpStream> {
    fn push(&self, buffer: &[u8]) -> (usize, io::Result<()>) {
        let mut sent = 0;
        let mut first = true;
        loop {
            let step = self.connection.with(|inner| inner.write(&buffer[sent..], first));
            first = false;
            let waited = match step {
                Ok(Step::Done(count)) => return (sent + count, Ok(())),
                Err(error) => return (sent, Err(error)),
                Ok(Step::More(count)) => {
                    sent += count;
                    Ok(())
                }
                Ok(Step::Wait(socket)) => {
                    socket.write_timeout().and_then(|limit| wait(&socket, libc::POLLOUT, limit))
                }
            };
            if let Err(error) = waited {
                self.connection.with(Inner::end_write);
                return (sent, Err(error));
            }
        }
    }

    /// Declares the stream complete and ends it: flushes, sends our FIN, drains what the peer still sends, and releases
    /// the connection. It answers once the verdict is final, which depends on the policy's `confirm`.
    ///
    /// After `within` the policy's `on_deadline` decides; without it the policy's own bounds hold. It waits for writes of
    /// other threads that are under way. After a `write_all` that failed in the middle nobody knows what was sent, and
    /// the close is a failure; [`Verdict::complete`] makes an error of every ending that was not the one asked for.
    #[must_use = "a close that did not end as it was asked to says so here only"]
    pub fn close(&self, within: Option<Duration>) -> Verdict {
        self.begin_close(within);
        self.ended()
    }

    fn ended(&self) -> Verdict {
        self.connection.wait(None, verdict).expect("a wait without a limit ends with an answer")
    }

    /// Sends our FIN after everything written so far; receiving goes on. It waits until the FIN is out, and for that only
    /// while another thread is in the middle of a write.
    ///
    /// [`Error::Ended`]: the connection ended before the FIN could go out.
    pub fn finish_sending(&self) -> Result<(), Error> {
        self.begin_finish_sending();
        self.connection.wait(None, finished).unwrap_or(Err(Error::AlreadyEnded))
    }

    /// Closes, and hands back what the peer still sends until its FIN, at most `limit` bytes; a peer that sends more is
    /// reset. It waits for the peer, within the time given and the bounds of the policy. The bytes are all that the peer
    /// had to send only if [`Verdict::received`] is `complete`.
    pub fn finalise(&self, within: Option<Duration>, limit: usize) -> (Vec<u8>, Verdict) {
        self.connection.with(|inner| inner.keep_rest(limit));
        self.confirm(Confirm::Peer);
        let verdict = self.close(within);
        (self.connection.with(Inner::take_rest), verdict)
    }

    /// Guards a stream for a function: it is closed if the function returns `Ok`, and fails if it returns `Err` or
    /// panics. A close that did not end as it was asked to is an error too.
    ///
    /// ```no_run
    /// # use std::{io::Write, net::TcpListener};
    /// # fn main() -> std::io::Result<()> {
    /// let (stream, _) = TcpListener::bind("127.0.0.1:7007")?.accept()?;
    /// finrst::Guard::run(stream, &finrst::Policy::default(), |mut guard| guard.write_all(b"the whole answer"))
    /// # }
    /// ```
    pub fn run<T, E>(
        stream: TcpStream,
        policy: &Policy,
        act: impl FnOnce(&Guard) -> Result<T, E>,
    ) -> Result<T, E>
    where
        E: From<Error> + ToString,
    {
        let guard = Guard::with(stream, policy)?;
        guard.conclude(act(&guard))
    }

    /// Ends the guard of a function by what the function answers: `Ok` closes, `Err` fails. A close that did not end as
    /// it was asked to is an error too.
    pub fn conclude<T, E>(&self, answer: Result<T, E>) -> Result<T, E>
    where
        E: From<Error> + ToString,
    {
        match &answer {
            Ok(_) => drop(self.close(None).complete()?),
            Err(error) => self.fail(error.to_string()),
        }
        answer
    }

    fn on_stream<R>(&self, call: impl FnOnce(&TcpStream) -> io::Result<R>) -> io::Result<R> {
        let socket = self.connection.lock().socket.clone();
        call(&*socket.ok_or(Error::AlreadyEnded)?)
    }

    /// As [`TcpStream::local_addr`].
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.on_stream(TcpStream::local_addr)
    }

    /// As [`TcpStream::peer_addr`].
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.on_stream(TcpStream::peer_addr)
    }

    /// As [`TcpStream::set_nodelay`].
    pub fn set_nodelay(&self, nodelay: bool) -> io::Result<()> {
        self.on_stream(|stream| stream.set_nodelay(nodelay))
    }

    /// As [`TcpStream::set_nonblocking`]. The commands of the guard wait all the same.
    pub fn set_nonblocking(&self, nonblocking: bool) -> io::Result<()> {
        self.on_stream(|stream| stream.set_nonblocking(nonblocking))
    }

    /// As [`TcpStream::set_read_timeout`]. That it runs out ends nothing.
    pub fn set_read_timeout(&self, time: Option<Duration>) -> io::Result<()> {
        self.on_stream(|stream| stream.set_read_timeout(time))
    }

    /// As [`TcpStream::set_write_timeout`]. That it runs out ends nothing, but a `write_all` that it cut off makes the
    /// stream one that cannot be declared complete.
    pub fn set_write_timeout(&self, time: Option<Duration>) -> io::Result<()> {
        self.on_stream(|stream| stream.set_write_timeout(time))
    }
}

impl Read for &Guard<TcpStream> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.connection.with(|inner| inner.read(buffer))? {
                Step::Done(count) | Step::More(count) => return Ok(count),
                Step::Wait(socket) => wait(&socket, libc::POLLIN, socket.read_timeout()?)?,
            }
        }
    }
}

impl Write for &Guard<TcpStream> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        match self.push(buffer) {
            (0, Err(error)) => Err(error),
            (sent, _) => Ok(sent),
        }
    }

    /// A write that fails in the middle makes the stream one that cannot be declared complete.
    fn write_all(&mut self, buffer: &[u8]) -> io::Result<()> {
        let (sent, done) = self.push(buffer);
        if done.is_err() && sent > 0 {
            self.connection.with(Inner::tear);
        }
        done
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Read for Guard<TcpStream> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        (&*self).read(buffer)
    }
}

impl Write for Guard<TcpStream> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        (&*self).write(buffer)
    }

    fn write_all(&mut self, buffer: &[u8]) -> io::Result<()> {
        (&*self).write_all(buffer)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
