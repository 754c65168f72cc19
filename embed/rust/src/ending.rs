//! What outlives a guard: the way to its verdict, and the promise that more is to be sent.

use std::sync::Arc;
use std::time::Duration;

use crate::connection::{Connection, Inner};
use crate::guard::Guard;
use crate::verdict::Verdict;
use crate::{Error, Socket};

/// Tells how a connection ended, also after its guard was dropped. It holds no connection open.
///
/// ```no_run
/// # fn answer(guard: finrst::Guard) {
/// let ending = guard.ending();
/// drop(guard);
/// println!("{}", ending.wait(None).unwrap());
/// # }
/// ```
pub struct Ending<S: Socket = std::net::TcpStream> {
    pub(crate) connection: Arc<Connection<S>>,
}

impl<S: Socket> Clone for Ending<S> {
    fn clone(&self) -> Ending<S> {
        Ending { connection: self.connection.clone() }
    }
}

impl<S: Socket> std::fmt::Debug for Ending<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Ending").field(&self.verdict()).finish()
    }
}

impl<S: Socket> Ending<S> {
    /// The verdict; `None` as long as it is not final.
    pub fn verdict(&self) -> Option<Verdict> {
        self.connection.lock().verdict.clone()
    }

    /// Whether the descriptor is closed: that comes after the verdict where the peer's last bytes are still drained.
    pub fn released(&self) -> bool {
        self.connection.lock().socket.is_none()
    }

    /// Blocks this thread until the verdict is final; `None`: it is not in that time.
    pub fn wait(&self, time: Option<Duration>) -> Option<Verdict> {
        self.connection.wait(time, verdict)
    }

    /// Blocks this thread until the descriptor is closed; false: it is not in that time.
    pub fn wait_released(&self, time: Option<Duration>) -> bool {
        self.connection.wait(time, |inner| inner.socket.is_none().then_some(())).is_some()
    }

    /// Blocks this thread until our FIN is out, which it answers, or cannot go out any more: [`Error::Ended`].
    /// `None`: neither in that time.
    pub fn wait_finished(&self, time: Option<Duration>) -> Option<Result<(), Error>> {
        self.connection.wait(time, finished)
    }
}

/// The verdict, as what a wait is over with.
pub(crate) fn verdict<S: Socket>(inner: &Inner<S>) -> Option<Verdict> {
    inner.verdict.clone()
}

/// Whether finish sending has come to its end, and to which.
pub(crate) fn finished<S: Socket>(inner: &Inner<S>) -> Option<Result<(), Error>> {
    if inner.fin_out {
        return Some(Ok(()));
    }
    let ended = |verdict| Err(Error::Ended(Box::new(verdict)));
    inner.over().then(|| inner.verdict.clone().map_or(Err(Error::AlreadyEnded), ended))
}

/// A promise that more is to be sent: a close waits until it is kept by [`done`](Sending::done), and a drop of the guard
/// that overtakes it resets.
///
/// Dropped without `done`, as by an early return, a panic or the end of a future, the promise is broken: bytes are
/// missing, and the stream cannot be declared complete any more. Made by [`Guard::sending`].
#[must_use = "a promise that is dropped at once is broken"]
pub struct Sending<S: Socket = std::net::TcpStream> {
    connection: Arc<Connection<S>>,
    kept: bool,
}

impl<S: Socket> Sending<S> {
    /// All of it was sent.
    pub fn done(mut self) {
        self.kept = true;
    }
}

impl<S: Socket> std::fmt::Debug for Sending<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sending")
    }
}

impl<S: Socket> Drop for Sending<S> {
    fn drop(&mut self) {
        self.connection.with(|inner| {
            inner.senders -= 1;
            if !self.kept {
                inner.broken = true;
                inner.tear();
            }
            inner.flushed();
        });
    }
}

impl<S: Socket> Guard<S> {
    /// What tells how the connection ended, also after this guard is gone.
    pub fn ending(&self) -> Ending<S> {
        Ending { connection: self.connection.clone() }
    }

    /// Promises that more is to be sent, for what is sent in pieces or by a future that may be cancelled: until the promise
    /// is kept by [`Sending::done`] the stream cannot be complete.
    ///
    /// ```no_run
    /// # fn answer(mut guard: finrst::Guard, rows: Vec<String>) -> std::io::Result<()> {
    /// use std::io::Write;
    /// let sending = guard.sending();
    /// for row in rows {
    ///     guard.write_all(row.as_bytes())?; // returns early: a reset
    /// }
    /// sending.done();
    /// # Ok(())
    /// # }
    /// ```
    pub fn sending(&self) -> Sending<S> {
        self.connection.with(|inner| inner.senders += 1);
        Sending { connection: self.connection.clone(), kept: false }
    }
}
