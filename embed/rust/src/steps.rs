//! The steps that the engine asks for, taken on the stream that was guarded.

use std::io;
use std::os::fd::AsFd;
use std::sync::Arc;

use crate::connection::{Incoming, Inner};
use crate::engine::Host;
use crate::spec::*;
use crate::verdict::verdict_of;
use crate::{sys, Socket};

/// 0, or the errno negative.
fn result(answer: io::Result<()>) -> i32 {
    answer.map_or_else(|error| -error.raw_os_error().unwrap_or(libc::EINVAL), |()| RESULT_DONE)
}

impl<S: Socket> Inner<S> {
    fn on_socket(&self, call: impl FnOnce(&S) -> io::Result<()>) -> io::Result<()> {
        match &self.socket {
            Some(socket) => call(socket),
            None => Err(io::Error::from_raw_os_error(libc::EBADF)),
        }
    }

    /// Gives out the verdict. What `finalise` hands back was not thrown away.
    pub(crate) fn report(&mut self, state: i32) {
        let mut verdict = verdict_of(self.engine, self.context, state);
        if verdict.received == "discarded" && self.rest.is_some() {
            verdict.received = "unknown";
        }
        verdict.unsent = match verdict.delivery {
            "acked" | "confirmed" => Some(0),
            _ => self.lost,
        };
        verdict.error = self.error.clone();
        self.clocks.stop_within();
        self.verdict = Some(verdict);
    }
}

impl<S: Socket> Host for Inner<S> {
    fn set_option(&mut self, level: i32, option: i32, value: &[u8]) -> i32 {
        // The second half of struct linger: not 0 means that a close would wait, and Linux waits even where nothing
        // blocks.
        self.lingers = value[value.len() / 2..].iter().any(|&byte| byte != 0);
        result(self.on_socket(|socket| sys::set_option(socket.as_fd(), level, option, value)))
    }

    fn shut_write(&mut self) -> i32 {
        let answer = self.on_socket(|socket| sys::shutdown(socket.as_fd(), libc::SHUT_WR));
        let not_connected = matches!(&answer, Err(error) if error.kind() == io::ErrorKind::NotConnected);
        let pending = match &self.socket {
            Some(socket) if not_connected => sys::pending_error(socket.as_fd()),
            _ => None,
        };
        // A reset that was not read yet: the kernel holds it as the error of the connection.
        let Some(pending) = pending else { return result(answer) };
        let reset = pending.kind() == io::ErrorKind::ConnectionReset;
        self.seen(Arc::new(pending));
        self.post(if reset { EVENT_PEER_RESET } else { EVENT_OS_ERROR });
        RESULT_PENDING
    }

    fn disconnect(&mut self) -> i32 {
        result(self.on_socket(|socket| sys::disconnect(socket.as_fd())))
    }

    /// It never waits: a linger time that the owner set is turned off first.
    fn close(&mut self) -> i32 {
        if self.lingers {
            let (engine, context) = (self.engine, self.context);
            engine.set_linger(self, context, -1);
        }
        if let Some(socket) = self.socket.take() {
            // Whoever waits for the descriptor holds it. This wakes them and sends nothing; theirs is the last close.
            if Arc::strong_count(&socket) > 1 {
                let _ = sys::shutdown(socket.as_fd(), libc::SHUT_RD);
            }
        }
        RESULT_DONE
    }

    fn request(&mut self, step: i32, state: i32) -> i32 {
        match step {
            STEP_REPORT => self.report(state),
            STEP_FLUSH => {
                self.flushing = true;
                self.flushed();
            }
            STEP_FLUSH_DEADLINE => self.clocks.start_flush(self.policy.flush),
            STEP_DRAIN_DEADLINE => self.clocks.start_drain(self.policy.drain_idle, self.policy.drain),
            STEP_WATCH_ACKED => {
                // On a short way everything is acknowledged already, and nobody has to wait for the first look.
                self.clocks.start_watch();
                self.watch();
            }
            STEP_DRAIN => {
                self.draining = true;
                self.silence_owner(Incoming::Discarded);
            }
            STEP_DISCARD => self.silence_owner(Incoming::Discarded),
            STEP_HOLD | STEP_RELEASE => self.silence_owner(Incoming::Held),
            _ => return -libc::ENOSYS,
        }
        RESULT_DONE
    }
}
