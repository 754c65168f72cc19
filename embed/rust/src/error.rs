//! What can go wrong with the calls of this crate, each named with its value and what is allowed.

use std::fmt;
use std::io;
use std::sync::Arc;

use crate::Verdict;

/// What this crate refuses, or was refused.
///
/// How a connection ended is told by its [`Verdict`]; that it did not end as asked is [`Error::Ended`], which only
/// [`Verdict::complete`] makes.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Error {
    /// A word that stands for nothing: which argument, what was given, and what is allowed.
    UnknownWord {
        /// The argument.
        name: &'static str,
        /// What was given.
        value: String,
        /// What is allowed.
        allowed: &'static [&'static str],
    },
    /// A number that is too small or too large.
    OutOfRange {
        /// The argument.
        name: &'static str,
        /// What was given.
        value: String,
        /// What is allowed.
        allowed: String,
    },
    /// What was to be guarded is not a connected TCP stream.
    NotAStream {
        /// The number of the descriptor.
        descriptor: i32,
        /// What it is instead.
        found: &'static str,
    },
    /// A read after receiving was stopped, or after a close has begun to drain.
    ReceivingStopped,
    /// A write after the stream was declared complete.
    SendingFinished,
    /// The connection has ended, and so the call is too late.
    AlreadyEnded,
    /// The owner panicked while it held the guard.
    Panicked,
    /// The future that owned the connection was dropped before it was done.
    Cancelled,
    /// A `write_all` failed in the middle, or a [`Sending`](crate::Sending) was not kept, so that bytes are missing.
    CutShort,
    /// The connection did not end as it was asked to.
    Ended(Box<Verdict>),
    /// The WebAssembly cannot be loaded.
    Engine(String),
    /// The system refused what a guard needs.
    System {
        /// What was to be done.
        what: &'static str,
        /// Why it was not.
        error: Arc<io::Error>,
    },
}

impl Error {
    pub(crate) fn system(what: &'static str) -> impl FnOnce(io::Error) -> Error {
        move |error| Error::System { what, error: Arc::new(error) }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("finrst: ")?;
        match self {
            Error::UnknownWord { name, value, allowed } => {
                write!(f, "{name} is {value:?}; expected one of {}", allowed.join(", "))
            }
            Error::OutOfRange { name, value, allowed } => write!(f, "{name} is {value}; expected {allowed}"),
            Error::NotAStream { descriptor, found } => {
                write!(f, "the stream is descriptor {descriptor}, {found}; expected a connected TCP stream")
            }
            Error::ReceivingStopped => f.write_str("receiving was stopped"),
            Error::SendingFinished => f.write_str("sending was finished"),
            Error::AlreadyEnded => f.write_str("the connection has ended"),
            Error::Panicked => f.write_str("the owner panicked"),
            Error::Cancelled => f.write_str("the owner was cancelled"),
            Error::CutShort => {
                f.write_str("bytes are missing: a write_all failed in the middle, or a promise was broken")
            }
            Error::Ended(verdict) => write!(f, "the connection ended with {verdict}"),
            Error::Engine(why) => write!(f, "the engine cannot be loaded: {why}"),
            Error::System { what, error } => write!(f, "{what}: {error}"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Error::System { error, .. } => Some(error.as_ref()),
            Error::Ended(verdict) => verdict.error.as_ref().map(|error| error.as_ref() as _),
            _ => None,
        }
    }
}

impl From<Error> for io::Error {
    fn from(error: Error) -> io::Error {
        let kind = match &error {
            Error::UnknownWord { .. } | Error::OutOfRange { .. } | Error::NotAStream { .. } => {
                io::ErrorKind::InvalidInput
            }
            Error::SendingFinished => io::ErrorKind::BrokenPipe,
            Error::ReceivingStopped | Error::AlreadyEnded => io::ErrorKind::NotConnected,
            Error::Panicked | Error::Cancelled | Error::CutShort => io::ErrorKind::Other,
            Error::Ended(verdict) => verdict.error_kind(),
            Error::Engine(_) => io::ErrorKind::Unsupported,
            Error::System { error, .. } => error.kind(),
        };
        io::Error::new(kind, error)
    }
}
