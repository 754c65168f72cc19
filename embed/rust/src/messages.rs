//! Messages on a connection that carries several: a protocol that knows where one ends tells the guard.

use crate::connection::Inner;
use crate::guard::Guard;
use crate::spec::*;
use crate::Socket;

/// What is known of messages.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Message {
    /// Nothing, or that one has begun.
    #[default]
    Incomplete,
    /// It was said that all are whole, and some of it is not in the kernel yet: a death would truncate it.
    Completing,
    /// All are whole.
    Complete,
}

impl<S: Socket> Guard<S> {
    /// Says that a message has begun: until [`complete_message`](Guard::complete_message) the stream is incomplete, so
    /// that a death, an exit or a drop resets, whatever `on_drop` says.
    ///
    /// For protocols that send several messages over one connection. Where the policy leaves crashes to the OS nothing
    /// is armed.
    pub fn begin_message(&self) {
        self.connection.with(|inner| {
            inner.message = Message::Incomplete;
            inner.between(false);
        });
    }

    /// Says that everything written so far is whole, although more may follow: once it is in the kernel, and until
    /// [`begin_message`](Guard::begin_message), a death, an exit or a drop ends the connection with a FIN, whatever
    /// `on_drop` and `on_exit` say.
    pub fn complete_message(&self) {
        self.connection.with(|inner| {
            inner.message = Message::Completing;
            inner.messages_flushed();
        });
    }
}

impl<S: Socket> Inner<S> {
    /// Takes a message for complete once its bytes are in the kernel, all of them.
    pub(crate) fn messages_flushed(&mut self) {
        let flushed = self.writes == 0 && self.senders == 0 && self.pending == 0 && !self.torn;
        if self.message == Message::Completing && flushed {
            self.message = Message::Complete;
            self.between(true);
        }
    }

    /// Between two messages a death, an exit and a drop are a FIN; in the middle of one they are a reset.
    fn between(&mut self, complete: bool) {
        if complete {
            self.context &= !POLICY_DROP_ABORTS;
        } else {
            self.context |= POLICY_DROP_ABORTS;
        }
        let armed = self.state & FLAG_ARMED != 0;
        let open = self.state & PHASE_MASK == PHASE_OPEN;
        if !open || armed != complete || self.context & POLICY_CRASH_LEAVES != 0 {
            return;
        }
        let (engine, context) = (self.engine, self.context);
        if engine.set_linger(self, context, if complete { -1 } else { 0 }) == RESULT_DONE {
            let step = if complete { STEP_DISARM } else { STEP_ARM };
            self.state = engine.settle(self.state, step, RESULT_DONE);
        }
    }
}
