//! The clocks of one close: flush, drain (idle and total), the caller's own, and the watch on the send queue.

use std::time::{Duration, Instant};

const WATCH_FIRST: Duration = Duration::from_millis(1);
const WATCH_LONGEST: Duration = Duration::from_millis(50);

/// The moments at which something is due; `None`: that clock does not run.
#[derive(Default)]
pub(crate) struct Clocks {
    flush: Option<Instant>,
    idle: Option<Instant>,
    total: Option<Instant>,
    within: Option<Instant>,
    watch: Option<Instant>,
    idle_for: Duration,
    watch_for: Duration,
}

impl Clocks {
    pub(crate) fn start_flush(&mut self, time: Duration) {
        self.flush = Instant::now().checked_add(time);
    }

    pub(crate) fn start_drain(&mut self, idle: Duration, total: Duration) {
        self.flush = None;
        if self.total.is_none() {
            self.total = Instant::now().checked_add(total);
        }
        self.idle_for = idle;
        self.idle = Instant::now().checked_add(idle);
    }

    /// The time that whoever closes gave; one that no clock can tell is no bound.
    pub(crate) fn start_within(&mut self, time: Duration) {
        self.within = Instant::now().checked_add(time);
    }

    pub(crate) fn stop_within(&mut self) {
        self.within = None;
    }

    pub(crate) fn start_watch(&mut self) {
        self.watch_for = WATCH_FIRST;
        self.watch = Some(Instant::now() + WATCH_FIRST);
    }

    /// Looks again later, less and less often.
    pub(crate) fn watch_again(&mut self) {
        self.watch_for = (self.watch_for * 2).min(WATCH_LONGEST);
        self.watch = Some(Instant::now() + self.watch_for);
    }

    pub(crate) fn stop_watch(&mut self) {
        self.watch = None;
    }

    /// Something arrived or left: the silence is broken.
    pub(crate) fn progress(&mut self) {
        if self.idle.is_some() {
            self.idle = Instant::now().checked_add(self.idle_for);
        }
    }

    pub(crate) fn stop(&mut self) {
        *self = Clocks::default();
    }

    /// The moment of the next.
    pub(crate) fn next(&self) -> Option<Instant> {
        [self.flush, self.idle, self.total, self.within, self.watch].into_iter().flatten().min()
    }

    /// Whether a bound ran out. Such a clock does not run any more.
    pub(crate) fn out_of_time(&mut self, now: Instant) -> bool {
        let mut out = false;
        for clock in [&mut self.flush, &mut self.idle, &mut self.total, &mut self.within] {
            out |= clock.take_if(|due| *due <= now).is_some();
        }
        out
    }

    /// Whether it is time to look at the send queue.
    pub(crate) fn watch_is_due(&self, now: Instant) -> bool {
        self.watch.is_some_and(|due| due <= now)
    }
}
