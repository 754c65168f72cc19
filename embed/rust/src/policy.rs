//! Turns a policy into the bits of the engine's context and the numbers that stay with the host.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use crate::spec::*;
use crate::Error;

/// Makes an enum whose variants are words, in their order.
macro_rules! words {
    ($(#[$about:meta])* $name:ident, $argument:literal: $($(#[$each:meta])* $variant:ident = $word:literal),+) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$each])* $variant),+ }

        impl $name {
            /// The word for it.
            pub fn as_str(self) -> &'static str {
                match self { $($name::$variant => $word),+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = Error;

            fn from_str(value: &str) -> Result<$name, Error> {
                match value {
                    $($word => Ok($name::$variant),)+
                    _ => Err(Error::UnknownWord { name: $argument, value: value.into(), allowed: &[$($word),+] }),
                }
            }
        }
    };
}

words! {
    /// A whole policy by name; the answers of a [`Policy`] override it.
    Preset, "policy":
    /// The default: what is declared complete or dropped whole ends with a FIN, a panic, a failure or a crash with a
    /// reset.
    Compatible = "compatible",
    /// Everything but a close resets, a drop too.
    Strict = "strict",
    /// Everything but a command is left to the OS, and nothing is armed.
    Manual = "manual"
}
words! {
    /// What a drop does when nobody declared the stream complete.
    OnDrop, "on_drop":
    /// Closes it, if nothing is lost by that.
    Close = "close",
    /// Resets it.
    Abort = "abort"
}
words! {
    /// What a failure does: [`Guard::fail`](crate::Guard::fail), a drop while the thread panics, an error out of `run`.
    OnFailure, "on_failure":
    /// Resets.
    Abort = "abort",
    /// Closes.
    Close = "close"
}
words! {
    /// What [`Guard::exiting`](crate::Guard::exiting) does with a stream that is not declared complete.
    OnExit, "on_exit":
    /// Resets.
    Abort = "abort",
    /// Closes.
    Close = "close"
}
words! {
    /// What the death of the process does.
    OnCrash, "on_crash":
    /// Resets: the connection is armed at once.
    Abort = "abort",
    /// Whatever the OS does: nothing is armed.
    Leave = "leave"
}
words! {
    /// What the peer's FIN does to our direction.
    OnPeerFin, "on_peer_fin":
    /// Keeps it open: the default, and Rust's own way.
    Keep = "keep",
    /// Ends it with our FIN, after everything written so far.
    Close = "close"
}
words! {
    /// What a close does with bytes that have arrived and nobody read.
    OnUnread, "on_unread":
    /// Reads and discards them.
    Drain = "drain",
    /// Resets, so that the peer learns of it.
    Abort = "abort"
}
words! {
    /// What becomes of a close that did not finish in time.
    OnDeadline, "on_deadline":
    /// Resets.
    Abort = "abort",
    /// Leaves it to the kernel.
    Detach = "detach"
}
words! {
    /// What a close waits for before it gives its verdict.
    Confirm, "confirm":
    /// Nothing, not even our FIN.
    None = "none",
    /// That the kernel has every byte and the FIN.
    Kernel = "kernel",
    /// That the peer's stack has acknowledged everything; as `Kernel` where that cannot be known.
    Acked = "acked",
    /// The peer's own FIN.
    Peer = "peer"
}
words! {
    /// What becomes of the bytes that the peer still sends.
    Receiving, "how":
    /// They are read and thrown away, so that the peer never stalls.
    Discard = "discard",
    /// They are left unread, so that the peer's window closes.
    Hold = "hold",
    /// The connection is reset when more arrive.
    Refuse = "refuse"
}

impl Confirm {
    /// `CONFIRM_*` where a context has it.
    pub(crate) fn bits(self) -> i32 {
        let number = match self {
            Confirm::None => CONFIRM_NONE,
            Confirm::Kernel => CONFIRM_KERNEL,
            Confirm::Acked => CONFIRM_ACKED,
            Confirm::Peer => CONFIRM_PEER,
        };
        number << CONFIRM_SHIFT
    }
}

impl Receiving {
    pub(crate) fn number(self) -> i32 {
        match self {
            Receiving::Discard => RECEIVE_DISCARD,
            Receiving::Hold => RECEIVE_HOLD,
            Receiving::Refuse => RECEIVE_REFUSE,
        }
    }
}

type Trace = Arc<dyn Fn(&str) + Send + Sync>;

/// What a guard does when nobody said how the connection ends: a [`Preset`], and the answers that differ from it.
///
/// ```
/// use finrst::{OnDrop, Policy};
/// let policy = Policy::compatible().on_drop(OnDrop::Abort).drain_bytes(65_536);
/// let same: Policy = "compatible".parse().unwrap();
/// assert!("lax".parse::<Policy>().is_err());
/// ```
#[derive(Clone)]
pub struct Policy {
    bits: i32,
    pub(crate) flush: Duration,
    pub(crate) drain_idle: Duration,
    pub(crate) drain: Duration,
    pub(crate) drain_bytes: u64,
    pub(crate) trace: Option<Trace>,
}

impl Default for Policy {
    fn default() -> Policy {
        Policy::compatible()
    }
}

impl fmt::Debug for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Policy")
            .field("bits", &self.bits)
            .field("flush", &self.flush)
            .field("drain_idle", &self.drain_idle)
            .field("drain", &self.drain)
            .field("drain_bytes", &self.drain_bytes)
            .finish_non_exhaustive()
    }
}

impl From<Preset> for Policy {
    fn from(preset: Preset) -> Policy {
        let bits = match preset {
            Preset::Compatible => 0,
            Preset::Strict => POLICY_DROP_ABORTS,
            Preset::Manual => {
                POLICY_FAILURE_CLOSES
                    | POLICY_EXIT_CLOSES
                    | POLICY_CRASH_LEAVES
                    | POLICY_DEADLINE_DETACHES
                    | POLICY_HANDS_OFF
            }
        };
        Policy {
            bits: bits | Confirm::Acked.bits(),
            flush: Duration::from_secs(30),
            drain_idle: Duration::from_secs(5),
            drain: Duration::from_secs(30),
            drain_bytes: 2 << 20,
            trace: None,
        }
    }
}

impl FromStr for Policy {
    type Err = Error;

    /// The policy of a preset: `compatible`, `strict` or `manual`.
    fn from_str(preset: &str) -> Result<Policy, Error> {
        Ok(Policy::from(preset.parse::<Preset>()?))
    }
}

impl Policy {
    /// A drop closes; a panic, a failure and a crash abort; everything else on demand. The default.
    pub fn compatible() -> Policy {
        Policy::from(Preset::Compatible)
    }

    /// Everything aborts unless it was closed in words.
    pub fn strict() -> Policy {
        Policy::from(Preset::Strict)
    }

    /// The OS decides, unless there is a command.
    pub fn manual() -> Policy {
        Policy::from(Preset::Manual)
    }

    fn answer(mut self, bit: i32, set: bool) -> Policy {
        self.bits = if set { self.bits | bit } else { self.bits & !bit };
        self
    }

    /// What a drop does when nobody declared the stream complete.
    pub fn on_drop(self, answer: OnDrop) -> Policy {
        self.answer(POLICY_DROP_ABORTS, answer == OnDrop::Abort)
    }

    /// What a failure or a panic does.
    pub fn on_failure(self, answer: OnFailure) -> Policy {
        self.answer(POLICY_FAILURE_CLOSES, answer == OnFailure::Close)
    }

    /// What [`Guard::exiting`](crate::Guard::exiting) does.
    pub fn on_exit(self, answer: OnExit) -> Policy {
        self.answer(POLICY_EXIT_CLOSES, answer == OnExit::Close)
    }

    /// What the death of the process does.
    pub fn on_crash(self, answer: OnCrash) -> Policy {
        self.answer(POLICY_CRASH_LEAVES, answer == OnCrash::Leave)
    }

    /// What the peer's FIN does to our direction.
    pub fn on_peer_fin(self, answer: OnPeerFin) -> Policy {
        self.answer(POLICY_PEER_FIN_CLOSES, answer == OnPeerFin::Close)
    }

    /// What a close does with bytes that nobody read.
    pub fn on_unread(self, answer: OnUnread) -> Policy {
        self.answer(POLICY_UNREAD_ABORTS, answer == OnUnread::Abort)
    }

    /// What becomes of a close that did not finish in time.
    pub fn on_deadline(self, answer: OnDeadline) -> Policy {
        self.answer(POLICY_DEADLINE_DETACHES, answer == OnDeadline::Detach)
    }

    /// What a close waits for. Default [`Confirm::Acked`].
    pub fn confirm(mut self, confirm: Confirm) -> Policy {
        self.bits = with_confirm(self.bits, confirm);
        self
    }

    /// The time for our data to leave, 1 ms … 2147483647 ms. Default 30 s.
    pub fn flush_within(mut self, time: Duration) -> Policy {
        self.flush = time;
        self
    }

    /// The longest silence while draining, 1 ms … 2147483647 ms. Default 5 s.
    pub fn drain_idle(mut self, time: Duration) -> Policy {
        self.drain_idle = time;
        self
    }

    /// The whole time of draining, 1 ms … 2147483647 ms. Default 30 s.
    pub fn drain_within(mut self, time: Duration) -> Policy {
        self.drain = time;
        self
    }

    /// How many bytes are read only to be thrown away. Default 2 MiB.
    pub fn drain_bytes(mut self, bytes: u64) -> Policy {
        self.drain_bytes = bytes;
        self
    }

    /// Gets one line for each decision, which `npx finrst explain '<that line>'` turns into its reason.
    ///
    /// It is called with the guard locked, and so must not call the guard.
    pub fn trace(mut self, trace: impl Fn(&str) + Send + Sync + 'static) -> Policy {
        self.trace = Some(Arc::new(trace));
        self
    }

    /// The policy's part of a context; [`Error::OutOfRange`] for a time that no clock takes.
    pub(crate) fn bits(&self) -> Result<i32, Error> {
        let most = Duration::from_millis(2_147_483_647);
        let times = [("flush", self.flush), ("drain_idle", self.drain_idle), ("drain", self.drain)];
        for (name, time) in times {
            if time < Duration::from_millis(1) || time > most {
                let allowed = "1 ms … 2147483647 ms".into();
                return Err(Error::OutOfRange { name, value: format!("{time:?}"), allowed });
            }
        }
        Ok(self.bits)
    }
}

/// A context, or a policy's part of one, that waits for this confirmation instead of its own.
pub(crate) fn with_confirm(context: i32, confirm: Confirm) -> i32 {
    context & !(CONFIRM_MASK << CONFIRM_SHIFT) | confirm.bits()
}
