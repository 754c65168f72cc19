//! The life cycle of one guarded connection: events in, the engine's steps out, and the one verdict.
//!
//! 1. It has no opinion about FIN or RST: every decision is the engine's.
//! 2. The stream is the guard's alone, so it is its own duplicate: the owner lets go of the guard, and only the step
//!    CLOSE closes the stream. No second descriptor is needed for the last close to be ours.
//! 3. Every call on the kernel is made with the connection locked, and none of them waits. Whoever waits for the
//!    descriptor holds a reference to the stream meanwhile, so that its number is not reused under it.

use std::collections::VecDeque;
use std::io;
use std::os::fd::{AsFd, AsRawFd};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::Waker;
use std::time::{Duration, Instant};

use crate::clocks::Clocks;
use crate::engine::Engine;
use crate::keeper::{keeper, Keeper, Tended, Wish};
use crate::messages::Message;
use crate::policy::Policy;
use crate::spec::*;
use crate::verdict::{Cause, Verdict};
use crate::{platform, sys, trace, Error, Socket};

/// So many reads for one connection before the others have their turn.
const READS: usize = 8;

/// What happens to bytes that arrive.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Incoming {
    ToOwner,
    Discarded,
    Held,
}

/// One guarded connection, shared by its guard and the keeper.
pub(crate) struct Connection<S> {
    inner: Mutex<Inner<S>>,
    changed: Condvar,
    keeper: &'static Keeper,
}

pub(crate) struct Inner<S> {
    pub(crate) engine: &'static Engine,
    /// `None` once it is closed.
    pub(crate) socket: Option<Arc<S>>,
    pub(crate) policy: Policy,
    pub(crate) context: i32,
    pub(crate) state: i32,
    queue: VecDeque<(i32, i32)>,
    pub(crate) clocks: Clocks,
    pub(crate) incoming: Incoming,
    pub(crate) verdict: Option<Verdict>,
    /// The first that was seen or given.
    pub(crate) error: Option<Cause>,
    /// Nothing can arrive any more.
    pub(crate) read_to_the_end: bool,
    pub(crate) peer_finished: bool,
    /// Writes under way.
    pub(crate) writes: u32,
    /// Promises that more is to be sent.
    pub(crate) senders: u32,
    /// Bytes that were offered, and that the kernel has not taken: of writes under way, or of the last one.
    pub(crate) pending: u64,
    pub(crate) message: Message,
    /// Bytes are missing that were promised: a `write_all` failed in the middle, or a promise was broken.
    pub(crate) torn: bool,
    /// A promise was broken, so that nobody knows how many.
    pub(crate) broken: bool,
    /// The send queue at the last look.
    pub(crate) queued: Option<u64>,
    /// What a reset would throw away.
    pub(crate) lost: Option<u64>,
    pub(crate) limit: u64,
    drained: u64,
    /// What `finalise` hands back; `None`: nobody asked for it.
    pub(crate) rest: Option<Vec<u8>>,
    pub(crate) flushing: bool,
    pub(crate) draining: bool,
    pub(crate) leaving: bool,
    pub(crate) lingers: bool,
    pub(crate) fin_out: bool,
    kept: bool,
    moved: bool,
    /// The tasks that read and write, and those that wait for an ending: all are woken when something was decided.
    pub(crate) reader: Option<Waker>,
    pub(crate) writer: Option<Waker>,
    pub(crate) wakers: Vec<Waker>,
}

impl<S: Socket> Connection<S> {
    /// Takes a stream that was checked, and arms it if the policy says so.
    pub(crate) fn open(stream: S, policy: Policy) -> Result<Arc<Self>, Error> {
        let context = platform::context_bits() | policy.bits()?;
        let inner = Inner {
            engine: Engine::shared()?,
            socket: Some(Arc::new(stream)),
            limit: policy.drain_bytes,
            policy,
            context,
            state: 0,
            queue: VecDeque::new(),
            clocks: Clocks::default(),
            incoming: Incoming::ToOwner,
            verdict: None,
            error: None,
            read_to_the_end: false,
            peer_finished: false,
            writes: 0,
            senders: 0,
            pending: 0,
            message: Message::default(),
            torn: false,
            broken: false,
            queued: None,
            lost: None,
            drained: 0,
            rest: None,
            flushing: false,
            draining: false,
            leaving: false,
            lingers: false,
            fin_out: false,
            kept: false,
            moved: false,
            reader: None,
            writer: None,
            wakers: Vec::new(),
        };
        let connection = Connection { inner: Mutex::new(inner), changed: Condvar::new(), keeper: keeper()? };
        let connection = Arc::new(connection);
        connection.emit(EVENT_OPEN, 0);
        Ok(connection)
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Inner<S>> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does something with the connection locked, feeds what was posted meanwhile, and tells whoever waits.
    pub(crate) fn with<R>(self: &Arc<Self>, act: impl FnOnce(&mut Inner<S>) -> R) -> R {
        let mut inner = self.lock();
        let answer = act(&mut inner);
        inner.run();
        if !std::mem::take(&mut inner.moved) {
            return answer;
        }
        self.changed.notify_all();
        if inner.kept {
            self.keeper.ring();
        } else if inner.wish().is_some() {
            inner.kept = true;
            self.keeper.take(self.clone());
        }
        let wakers = std::mem::take(&mut inner.wakers);
        let both = [inner.reader.take(), inner.writer.take()];
        drop(inner);
        wakers.into_iter().chain(both.into_iter().flatten()).for_each(Waker::wake);
        answer
    }

    pub(crate) fn emit(self: &Arc<Self>, event: i32, argument: i32) {
        self.with(|inner| inner.queue.push_back((event, argument)));
    }

    /// Waits until `done` answers something, or the time is up.
    pub(crate) fn wait<R>(&self, time: Option<Duration>, done: impl Fn(&Inner<S>) -> Option<R>) -> Option<R> {
        let until = time.and_then(|time| Instant::now().checked_add(time));
        let mut inner = self.lock();
        loop {
            if let Some(answer) = done(&inner) {
                return Some(answer);
            }
            inner = match until.map(|until| until.saturating_duration_since(Instant::now())) {
                None => self.changed.wait(inner).unwrap_or_else(PoisonError::into_inner),
                Some(Duration::ZERO) => return None,
                Some(left) => {
                    self.changed.wait_timeout(inner, left).unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
    }
}

impl<S: Socket> Tended for Connection<S> {
    fn tend(self: Arc<Self>, readable: bool, scratch: &mut [u8]) -> Option<Wish> {
        self.with(|inner| {
            if readable {
                inner.drain(scratch);
            }
            let now = Instant::now();
            if inner.clocks.out_of_time(now) {
                inner.post(EVENT_DEADLINE);
            }
            if inner.clocks.watch_is_due(now) {
                inner.watch();
            }
        });
        let mut inner = self.lock();
        let wish = inner.wish();
        inner.kept = wish.is_some();
        wish
    }
}

impl<S: Socket> Inner<S> {
    pub(crate) fn over(&self) -> bool {
        self.state & PHASE_MASK == PHASE_ENDED
    }

    /// What is to be waited for; `None`: nothing.
    fn wish(&self) -> Option<Wish> {
        let socket =
            self.socket.as_ref().filter(|_| self.incoming == Incoming::Discarded && !self.read_to_the_end);
        let readable = socket.map(|socket| socket.as_fd().as_raw_fd());
        let until = self.clocks.next();
        (readable.is_some() || until.is_some()).then_some(Wish { readable, until })
    }

    pub(crate) fn post(&mut self, event: i32) {
        self.queue.push_back((event, 0));
    }

    /// Posts what the owner declares. Of a stream whose bytes nobody can vouch for it can only be said that it failed;
    /// under the preset manual nobody asks.
    pub(crate) fn declare(&mut self, event: i32) {
        let torn = self.torn && self.context & POLICY_HANDS_OFF == 0;
        if torn {
            self.seen(Arc::new(Error::CutShort));
        }
        self.post(if torn { EVENT_FAILED } else { event });
    }

    /// Declares the stream complete. What waits for the verdict is another matter.
    pub(crate) fn begin_close(&mut self, within: Option<Duration>) {
        if let (Some(within), None) = (within, &self.verdict) {
            self.clocks.start_within(within);
            self.moved = true;
        }
        self.declare(EVENT_CLOSE);
    }

    /// Bytes are missing for good. A close that waits for them has failed.
    pub(crate) fn tear(&mut self) {
        self.torn = true;
        if std::mem::take(&mut self.flushing) {
            self.declare(EVENT_FLUSHED);
        }
    }

    /// Keeps the first error for the verdict.
    pub(crate) fn seen(&mut self, error: Cause) {
        self.error.get_or_insert(error);
    }

    fn run(&mut self) {
        while let Some((event, argument)) = self.queue.pop_front() {
            if !self.over() {
                self.moved = true;
                self.feed(event, argument);
            }
        }
    }

    fn feed(&mut self, event: i32, argument: i32) {
        let facts = self.facts(event) | argument << ARGUMENT_SHIFT;
        let (engine, context, before) = (self.engine, self.context, self.state);
        self.lost = self.count_unsent();
        self.state = engine.on(self, context, before, event, facts);
        self.fin_out |= self.state & FLAG_FIN_OUT != 0;
        if let Some(trace) = &self.policy.trace {
            trace(&trace::line(engine, context, before, event, facts, self.state));
        }
        if self.over() {
            self.clocks.stop();
            self.silence_owner(Incoming::Held);
            if self.verdict.is_none() {
                self.report(self.state);
            }
        }
    }

    /// Takes the incoming bytes from the owner.
    pub(crate) fn silence_owner(&mut self, how: Incoming) {
        if self.incoming == Incoming::ToOwner || how != Incoming::Held {
            self.incoming = how;
        }
    }

    fn drain(&mut self, scratch: &mut [u8]) {
        for _ in 0..READS {
            if self.incoming != Incoming::Discarded || self.read_to_the_end {
                return;
            }
            let Some(socket) = self.socket.clone() else { return };
            let read = sys::receive(socket.as_fd(), scratch);
            drop(socket);
            match read {
                Ok(0) => self.saw_the_end(),
                Ok(count) => self.throw_away(&scratch[..count]),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                Err(error) => {
                    self.read_to_the_end = true;
                    self.saw_error(&error);
                }
            }
            self.run();
        }
    }

    /// Bytes arrived that the owner will not read. They are kept for `finalise`, and bounded while draining.
    fn throw_away(&mut self, chunk: &[u8]) {
        if let Some(rest) = &mut self.rest {
            let room = usize::try_from(self.limit).unwrap_or(usize::MAX).saturating_sub(rest.len());
            rest.extend_from_slice(&chunk[..chunk.len().min(room)]);
        }
        if self.draining {
            self.drained += chunk.len() as u64;
            self.clocks.progress();
        }
        if !self.draining || self.rest.is_none() {
            self.post(EVENT_DATA);
        }
        if self.draining && self.drained > self.limit {
            self.post(EVENT_OVER_LIMIT);
        }
    }

    /// From now on what is drained is kept, up to a limit.
    pub(crate) fn keep_rest(&mut self, limit: usize) {
        self.limit = limit as u64;
        self.rest.get_or_insert_default();
    }

    pub(crate) fn take_rest(&mut self) -> Vec<u8> {
        self.rest.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// The peer's FIN was read.
    pub(crate) fn saw_the_end(&mut self) {
        self.read_to_the_end = true;
        if !std::mem::replace(&mut self.peer_finished, true) {
            self.post(EVENT_PEER_FIN);
        }
    }

    /// Posts what an error of the connection means. A time limit of the owner means nothing.
    pub(crate) fn saw_error(&mut self, error: &io::Error) {
        use io::ErrorKind::*;
        let event = match error.kind() {
            ConnectionReset => EVENT_PEER_RESET,
            BrokenPipe | TimedOut | NotConnected | ConnectionAborted | HostUnreachable
            | NetworkUnreachable => EVENT_OS_ERROR,
            _ => return,
        };
        self.seen(Arc::new(copy_of(error)));
        self.post(event);
    }

    /// Posts FLUSHED once no write is under way, and none is to come.
    pub(crate) fn flushed(&mut self) {
        self.messages_flushed();
        if self.flushing && self.writes == 0 && self.senders == 0 {
            self.flushing = false;
            self.post(EVENT_FLUSHED);
        }
    }
}

/// The same error again.
pub(crate) fn copy_of(error: &io::Error) -> io::Error {
    error.raw_os_error().map_or_else(|| error.kind().into(), io::Error::from_raw_os_error)
}
