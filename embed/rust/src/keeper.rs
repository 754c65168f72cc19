//! The one thread that waits on behalf of guards: for clocks, for the peer's bytes, for queues to empty.
//!
//! 1. It begins with the first guard and never ends; it keeps no process alive.
//! 2. It holds a connection only while that connection waits for something, and tends it at each turn: a turn costs as
//!    many locks as connections are ending just then.
//! 3. `poll` keeps a file open that is closed meanwhile, so whoever closes one that is waited for rings the bell.

use std::io::{self, Read, Write};
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::net::UnixStream;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::{self, ThreadId};
use std::time::Instant;

use crate::{sys, Error};

/// What a connection waits for.
#[derive(Default)]
pub(crate) struct Wish {
    /// A descriptor that something is to be read from. It is only ever waited for.
    pub(crate) readable: Option<RawFd>,
    /// The time at which its next clock runs out.
    pub(crate) until: Option<Instant>,
}

/// A connection, as the keeper sees it.
pub(crate) trait Tended: Send + Sync {
    /// Does what is due, reads if something can be read, and answers what it waits for next; `None`: nothing more.
    fn tend(self: Arc<Self>, readable: bool, scratch: &mut [u8]) -> Option<Wish>;
}

pub(crate) struct Keeper {
    arrived: Mutex<Vec<Arc<dyn Tended>>>,
    bell: UnixStream,
    thread: OnceLock<ThreadId>,
}

struct Kept {
    connection: Arc<dyn Tended>,
    wish: Wish,
    readable: bool,
}

/// The keeper of this process.
pub(crate) fn keeper() -> Result<&'static Keeper, Error> {
    static STARTED: Mutex<Option<&'static Keeper>> = Mutex::new(None);
    let mut started = STARTED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(keeper) = *started {
        return Ok(keeper);
    }
    let keeper = start().map_err(Error::system("the thread that waits for connections cannot be started"))?;
    *started = Some(keeper);
    Ok(keeper)
}

fn start() -> io::Result<&'static Keeper> {
    let (ear, bell) = UnixStream::pair()?;
    ear.set_nonblocking(true)?;
    bell.set_nonblocking(true)?;
    let keeper: &'static Keeper =
        Box::leak(Box::new(Keeper { arrived: Mutex::default(), bell, thread: OnceLock::new() }));
    thread::Builder::new().name("finrst".into()).spawn(move || keeper.run(ear))?;
    Ok(keeper)
}

impl Keeper {
    /// Tends a connection from now on.
    pub(crate) fn take(&self, connection: Arc<dyn Tended>) {
        self.arrived.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        self.ring();
    }

    /// Has every connection tended anew.
    pub(crate) fn ring(&self) {
        if self.thread.get() != Some(&thread::current().id()) {
            // A bell that is full rings already.
            let _ = (&self.bell).write(&[0]);
        }
    }

    fn run(&self, mut ear: UnixStream) {
        let _ = self.thread.set(thread::current().id());
        let mut kept: Vec<Kept> = Vec::new();
        let mut scratch = vec![0; 64 << 10];
        loop {
            let arrived = std::mem::take(&mut *self.arrived.lock().unwrap_or_else(PoisonError::into_inner));
            kept.extend(arrived.into_iter().map(|connection| Kept {
                connection,
                wish: Wish::default(),
                readable: true,
            }));
            // A mistake about one connection must not end the clocks of all others.
            kept.retain_mut(|each| {
                let connection = each.connection.clone();
                let tended = catch_unwind(AssertUnwindSafe(|| connection.tend(each.readable, &mut scratch)));
                match tended {
                    Ok(Some(wish)) => each.wish = wish,
                    _ => return false,
                }
                true
            });
            wait(&mut kept, &ear);
            while ear.read(&mut scratch).is_ok_and(|count| count == scratch.len()) {}
        }
    }
}

fn wait(kept: &mut [Kept], ear: &UnixStream) {
    let wanted = |fd| libc::pollfd { fd, events: libc::POLLIN, revents: 0 };
    let mut waiting = vec![wanted(ear.as_raw_fd())];
    waiting.extend(kept.iter().filter_map(|each| each.wish.readable).map(wanted));
    let until = kept.iter().filter_map(|each| each.wish.until).min();
    sys::poll(&mut waiting, until.map(|until| until.saturating_duration_since(Instant::now())));
    let mut answers = waiting[1..].iter();
    for each in kept.iter_mut() {
        let answer = each.wish.readable.and_then(|_| answers.next());
        each.readable = answer.is_some_and(|answer| answer.revents != 0);
    }
}
