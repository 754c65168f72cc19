//! What is true of a connection at the moment of an event, and how much of it is still on its way.

use std::os::fd::AsFd;

use crate::connection::Inner;
use crate::messages::Message;
use crate::platform::{platform, query};
use crate::spec::*;
use crate::{sys, Socket};

impl<S: Socket> Inner<S> {
    /// What is true now. The kernel is asked only for the events that the answer can change.
    pub(crate) fn facts(&mut self, event: i32) -> i32 {
        if matches!(event, EVENT_OPEN | EVENT_DATA | EVENT_FINISH_SENDING | EVENT_STOP_RECEIVING) {
            return 0;
        }
        let mut facts = if self.leaving { FACT_LEAVING } else { 0 };
        let missing = self.torn && event != EVENT_FLUSHED || self.leaving && self.pending > 0;
        if self.writes > 0 || self.senders > 0 || missing {
            facts |= FACT_UNFLUSHED;
        }
        if self.message == Message::Complete {
            facts |= FACT_COMPLETE;
        }
        if event == EVENT_FLUSHED {
            return facts;
        }
        self.look_at_queue();
        let Some(socket) = self.socket.clone() else { return facts };
        if matches!(event, EVENT_CLOSE | EVENT_DROPPED | EVENT_FAILED | EVENT_EXITING)
            && sys::unread(socket.as_fd()) > 0
        {
            facts |= FACT_UNREAD;
        }
        // A queue that cannot be asked is not confirmed.
        if event == EVENT_PEER_RESET || self.queued == Some(0) {
            return facts;
        }
        let untransmitted = platform().untransmitted;
        if untransmitted != 0 && sys::count(socket.as_fd(), untransmitted).unwrap_or(0) > 0 {
            facts |= FACT_UNSENT;
        }
        facts | FACT_UNACKED
    }

    fn look_at_queue(&mut self) {
        let asked = self.socket.as_ref().zip(query());
        self.queued = asked.and_then(|(socket, query)| {
            let fd = socket.as_fd();
            if platform().by_ioctl {
                sys::count(fd, query)
            } else {
                sys::socket_number(fd, query)
            }
        });
    }

    /// What was not acknowledged at the last look: a reset throws the queue away, so it is remembered from before.
    pub(crate) fn count_unsent(&self) -> Option<u64> {
        if self.senders > 0 || self.broken {
            return None;
        }
        let fin = u64::from(platform().counts_fin && self.fin_out);
        self.queued.map(|queued| queued.saturating_sub(fin) + self.pending)
    }

    pub(crate) fn unsent(&mut self) -> Option<u64> {
        if !self.over() {
            self.look_at_queue();
            self.lost = self.count_unsent();
        }
        self.lost
    }

    /// Looks at the send queue; progress there is progress of the close.
    pub(crate) fn watch(&mut self) {
        let before = self.queued;
        self.unsent();
        if self.queued < before {
            self.clocks.progress();
        }
        if self.queued == Some(0) {
            self.clocks.stop_watch();
            self.post(EVENT_ACKED);
        } else {
            self.clocks.watch_again();
        }
    }
}
