//! The guard of a stream: its commands, and what its drop means.

use std::io;
use std::net::TcpStream;
use std::os::fd::{AsFd, AsRawFd};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use crate::connection::Connection;
use crate::engine::Engine;
use crate::platform::{capabilities, platform, Capabilities};
use crate::policy::{with_confirm, Confirm, Policy, Receiving};
use crate::spec::*;
use crate::verdict::Verdict;
use crate::{sys, Error};

/// A stream that can be guarded: [`std::net::TcpStream`], and tokio's with the feature `tokio`.
pub trait Socket: AsFd + Send + Sync + sealed::Sealed + 'static {
    /// Reads what is there, without waiting.
    #[doc(hidden)]
    fn receive(&self, buffer: &mut [u8]) -> io::Result<usize>;
    /// Writes what the kernel takes, without waiting.
    #[doc(hidden)]
    fn send(&self, buffer: &[u8]) -> io::Result<usize>;
}

pub(crate) mod sealed {
    pub trait Sealed {}
}

/// How far the ending of a connection has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum State {
    /// Nothing is declared: our stream is incomplete.
    Open,
    /// Finish sending is declared, our FIN is not out.
    Finishing,
    /// A close is declared, our FIN is not out.
    Closing,
    /// Our FIN is out, receiving goes on.
    Finished,
    /// A close is declared and our FIN is out.
    Draining,
    /// Nothing is left to do; the verdict is final.
    Ended,
}

/// The hold on one connection. It is the stream: it reads and writes, and what its drop sends is decided by a policy.
///
/// From the moment of [`Guard::new`] on the stream is armed, unless the policy says otherwise: whatever ends the process
/// ends the connection with a reset, until it is declared complete by [`close`](Guard::close),
/// [`finish_sending`](Guard::finish_sending) or [`finalise`](Guard::finalise).
///
/// A drop without a decision follows the policy: `compatible` closes, unless the thread panics, or the last write was
/// not taken whole; `strict` resets; `manual` leaves it to the OS. A drop does not wait: what must still be waited for is
/// waited for by the one thread of this crate.
///
/// All methods take `&self`, and may be called from any thread; to repeat a command changes nothing.
pub struct Guard<S: Socket = TcpStream> {
    pub(crate) connection: Arc<Connection<S>>,
    /// A guard that was made in a destructor during a panic is not the one that panicked.
    panicking: bool,
}

impl<S: Socket> std::fmt::Debug for Guard<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Guard").field("state", &self.state()).field("armed", &self.armed()).finish()
    }
}

/// What makes a stream none that can be guarded.
fn unfit<S: Socket>(stream: &S) -> Result<(), Error> {
    let fd = stream.as_fd();
    let found = |found| Error::NotAStream { descriptor: fd.as_raw_fd(), found };
    match sys::kind(fd).map_err(|error| error.raw_os_error()) {
        Err(Some(libc::ENOTSOCK)) => return Err(found("which is no socket")),
        Err(_) => return Err(found("whose kind the system does not tell")),
        Ok(libc::SOCK_DGRAM) => return Err(found("a datagram socket")),
        Ok(libc::SOCK_STREAM) => {}
        Ok(_) => return Err(found("which is neither a stream nor a datagram socket")),
    }
    let (family, peer) = sys::family_and_peer(fd).map_err(Error::system("the stream has no address"))?;
    if family != libc::AF_INET && family != libc::AF_INET6 {
        return Err(found("a stream that is not of IP"));
    }
    peer.map_err(|_| found("a stream without a peer"))
}

impl<S: Socket> Guard<S> {
    /// Guards a stream with the policy [`compatible`](Policy::compatible). [`Guard::with`] tells the errors.
    pub fn new(stream: S) -> Result<Guard<S>, Error> {
        Guard::with(stream, &Policy::default())
    }

    /// Guards a stream: from now on an incomplete answer ends with a reset, whatever happens to the process.
    ///
    /// [`Error::NotAStream`] says what the stream is instead of a connected TCP stream; it is then closed as the standard
    /// library closes it. A descriptor that is closed already is left alone, because its number may be someone else's by
    /// now. [`Error::OutOfRange`] names a time of the policy, [`Error::System`] what the system lacks.
    pub fn with(stream: S, policy: &Policy) -> Result<Guard<S>, Error> {
        if !sys::is_open(stream.as_fd()) {
            let descriptor = stream.as_fd().as_raw_fd();
            std::mem::forget(stream);
            return Err(Error::NotAStream { descriptor, found: "which is closed" });
        }
        unfit(&stream)?;
        let connection = Connection::open(stream, policy.clone())?;
        Ok(Guard { connection, panicking: thread::panicking() })
    }

    /// Resets the connection on purpose. The reset has left when it returns.
    ///
    /// After a FIN that was sent already it can only be told, and the verdict tells it.
    pub fn abort(&self) -> Verdict {
        self.connection.emit(EVENT_ABORT, 0);
        self.verdict().expect("an abort ends every connection at once")
    }

    /// Resets the connection if this guard is dropped without a decision, whatever the policy said of drops.
    pub fn abort_on_drop(&self) {
        self.connection.with(|inner| inner.context |= POLICY_DROP_ABORTS);
    }

    /// What closes of this connection wait for from now on, whatever the policy said.
    pub fn confirm(&self, confirm: Confirm) {
        self.connection.with(|inner| inner.context = with_confirm(inner.context, confirm));
    }

    /// Begins a close, and does not wait for it; after `within` the policy's `on_deadline` decides.
    pub fn begin_close(&self, within: Option<Duration>) {
        self.connection.with(|inner| inner.begin_close(within));
    }

    /// Begins to finish sending, and does not wait for it.
    pub fn begin_finish_sending(&self) {
        self.connection.with(|inner| inner.declare(EVENT_FINISH_SENDING));
    }

    /// Says that the owner failed: the policy's `on_failure` decides. The error is told in the verdict.
    pub fn fail(&self, error: impl Into<Box<dyn std::error::Error + Send + Sync>>) {
        self.connection.with(|inner| {
            inner.seen(Arc::from(error.into()));
            inner.post(EVENT_FAILED);
        });
    }

    /// Says that the process is about to end on purpose: the policy's `on_exit` decides.
    ///
    /// Call it before [`std::process::exit`] where the answer is `Close`: that call runs no destructor, and an armed
    /// connection is reset.
    pub fn exiting(&self) {
        self.connection.emit(EVENT_EXITING, 0);
    }

    /// What SHUT_RD should have been, the same on every platform: what the peer sends from now on is thrown away, left
    /// unread, or answered with a reset. Nothing goes on the wire at the call.
    ///
    /// Reads answer [`Error::ReceivingStopped`] from now on. One that waits in another thread does so at the latest when
    /// something arrives or the connection ends.
    pub fn stop_receiving(&self, how: Receiving) {
        self.connection.emit(EVENT_STOP_RECEIVING, how.number());
    }

    /// Sets SO_LINGER in seconds, the same on every platform; `None` turns it off, and 0 arms.
    ///
    /// A number that the platform would refuse, wrap or cut is [`Error::OutOfRange`], and nothing is set.
    pub fn set_linger(&self, seconds: Option<u32>) -> Result<(), Error> {
        let engine = Engine::shared()?;
        let most = engine.column(platform().row, COLUMN_LINGER_MOST);
        let wanted = match seconds.map(i32::try_from) {
            None => -1,
            Some(Ok(seconds)) if seconds <= most => seconds,
            Some(_) => {
                let value = seconds.unwrap_or_default().to_string();
                return Err(Error::OutOfRange { name: "seconds", value, allowed: format!("0 … {most}") });
            }
        };
        self.connection.with(|inner| {
            if inner.over() {
                return Err(Error::AlreadyEnded);
            }
            let context = inner.context;
            if engine.set_linger(inner, context, wanted) != RESULT_DONE {
                let refused = io::Error::last_os_error();
                return Err(Error::system("SO_LINGER cannot be set")(refused));
            }
            let step = if wanted == 0 { STEP_ARM } else { STEP_DISARM };
            inner.state = engine.settle(inner.state, step, RESULT_DONE);
            Ok(())
        })
    }

    /// Reads SO_LINGER in seconds; `None`: it is off.
    pub fn linger(&self) -> Result<Option<u32>, Error> {
        let inner = self.connection.lock();
        let socket = inner.socket.as_ref().ok_or(Error::AlreadyEnded)?;
        let column = |which| inner.engine.column(platform().row, which);
        let mut value = [0; 8];
        let size = sys::get_option(
            socket.as_fd(),
            column(COLUMN_SOCKET_LEVEL),
            column(COLUMN_LINGER_OPTION),
            &mut value,
        )
        .map_err(Error::system("SO_LINGER cannot be read"))?;
        Ok(u32::try_from(inner.engine.decode_linger(inner.context, &value[..size])).ok())
    }

    /// How many bytes the peer's stack has not acknowledged, those of a write under way included; `None` where that
    /// cannot be known.
    pub fn unsent(&self) -> Option<u64> {
        self.connection.lock().unsent()
    }

    /// Whether the death of the process would reset this connection.
    pub fn armed(&self) -> bool {
        let inner = self.connection.lock();
        !inner.over() && inner.state & FLAG_ARMED != 0
    }

    /// How far the ending has come.
    pub fn state(&self) -> State {
        match self.connection.lock().state & PHASE_MASK {
            PHASE_FINISHING => State::Finishing,
            PHASE_CLOSING => State::Closing,
            PHASE_FINISHED => State::Finished,
            PHASE_DRAINING => State::Draining,
            PHASE_ENDED => State::Ended,
            _ => State::Open,
        }
    }

    /// How the connection ended; `None` as long as that is not final.
    pub fn verdict(&self) -> Option<Verdict> {
        self.connection.lock().verdict.clone()
    }

    /// Whether the descriptor is closed: that comes after the verdict where the peer's last bytes are still drained.
    pub fn released(&self) -> bool {
        self.connection.lock().socket.is_none()
    }

    /// What this system can really do for this connection, and why not.
    pub fn capabilities(&self) -> Capabilities {
        capabilities()
    }

    /// Lets go of the connection with this event.
    pub(crate) fn leave(&self, event: i32) {
        self.connection.with(|inner| {
            inner.leaving = true;
            inner.post(event);
        });
    }
}

impl<S: Socket> Drop for Guard<S> {
    fn drop(&mut self) {
        if thread::panicking() && !self.panicking {
            self.connection.with(|inner| inner.seen(Arc::new(Error::Panicked)));
            self.leave(EVENT_FAILED);
        } else {
            self.leave(EVENT_DROPPED);
        }
    }
}
