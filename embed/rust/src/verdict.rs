//! Reads the verdict out of a state, and tells why a rule decides as it does.

use std::fmt;
use std::io;
use std::sync::Arc;

use crate::engine::{Engine, Rule};
use crate::spec::*;
use crate::Error;

/// The error that was seen on a connection, or given by its owner.
pub type Cause = Arc<dyn std::error::Error + Send + Sync>;

/// How one connection ended. It never claims more than was observed.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Verdict {
    /// What went on the wire last: `fin` (ours), `reset` (ours or theirs), `silent`, or `unknown`.
    pub ended: &'static str,
    /// Who ended it: `us`, `peer`, `kernel` or `unknown`.
    pub by: &'static str,
    /// What made it end: `close`, `abort`, `drop`, `failure`, `exit`, `deadline`, `limit`, `peer` or `error`.
    pub cause: &'static str,
    /// What became of our bytes: `confirmed` (the peer ended its side after it had acknowledged everything), `acked`
    /// (the peer's stack has everything), `handed` (our kernel has everything), `lost` (some were thrown away),
    /// `unknown`.
    pub delivery: &'static str,
    /// How the other direction ended: `complete` (the peer's FIN after all its bytes), `reset`, `discarded` (we threw
    /// bytes away), or `unknown`.
    pub received: &'static str,
    /// The evidence of the platform cell that `ended` rests on: `measured`, `documented` or `assumed`.
    pub certainty: &'static str,
    /// The rule that decided; [`explain`] tells why.
    pub rule: &'static str,
    /// How many bytes the peer's stack did not take; `None` where that cannot be known.
    pub unsent: Option<u64>,
    /// The error that was seen or given, if any.
    pub error: Option<Cause>,
}

impl Verdict {
    /// The verdict again if the connection ended with a FIN of ours, nothing was lost, and neither a time nor a limit cut
    /// it short; else [`Error::Ended`]. It speaks of our bytes; of the peer's, [`received`](Verdict::received) does.
    ///
    /// So `guard.close(None).complete()?` is a close that may fail.
    pub fn complete(self) -> Result<Verdict, Error> {
        if self.ended == "fin" && self.delivery != "lost" && !["deadline", "limit"].contains(&self.cause) {
            Ok(self)
        } else {
            Err(Error::Ended(Box::new(self)))
        }
    }

    pub(crate) fn error_kind(&self) -> io::ErrorKind {
        let seen = self.error.as_ref().and_then(|error| error.downcast_ref::<io::Error>());
        match (seen, self.cause, self.by) {
            (Some(error), _, _) => error.kind(),
            (_, "deadline", _) => io::ErrorKind::TimedOut,
            (_, _, "peer") => io::ErrorKind::ConnectionReset,
            _ => io::ErrorKind::ConnectionAborted,
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Verdict { ended, by, cause, rule, delivery, received, .. } = self;
        write!(f, "{ended} by {by} (cause {cause}, rule {rule}), delivery {delivery}, received {received}")?;
        match &self.error {
            Some(error) => write!(f, ": {error}"),
            None => Ok(()),
        }
    }
}

/// Why a rule decides as it does, by the id that a verdict names.
///
/// ```
/// assert_eq!(finrst::explain("abort-resets").unwrap().clause, "RFC 9293 3.10.5");
/// ```
pub fn explain(rule: &str) -> Option<&'static Rule> {
    RULES.iter().find(|each| each.id == rule)
}

pub(crate) fn rule_name(number: i32) -> &'static str {
    usize::try_from(number - 1).ok().and_then(|index| RULES.get(index)).map_or("none", |rule| rule.id)
}

fn word<const N: usize>(words: [&'static str; N], number: i32) -> &'static str {
    usize::try_from(number).ok().and_then(|index| words.get(index)).unwrap_or(&words[0])
}

fn cause_word(number: i32) -> &'static str {
    match number {
        EVENT_ABORT | EVENT_DATA => "abort",
        EVENT_DROPPED | EVENT_RUNTIME_CLOSED => "drop",
        EVENT_FAILED => "failure",
        EVENT_EXITING => "exit",
        EVENT_DEADLINE => "deadline",
        EVENT_OVER_LIMIT => "limit",
        EVENT_PEER_FIN | EVENT_PEER_RESET => "peer",
        EVENT_OS_ERROR | EVENT_FIN_SENT => "error",
        _ => "close",
    }
}

/// Reads a state; what only the host knows (`unsent`, `error`) is not in it.
pub(crate) fn verdict_of(engine: &Engine, context: i32, state: i32) -> Verdict {
    Verdict {
        ended: word(["unknown", "fin", "reset", "silent"], state >> FIELD_ENDED_SHIFT & ENDED_MASK),
        by: word(["unknown", "us", "peer", "kernel"], state >> FIELD_BY_SHIFT & BY_MASK),
        cause: cause_word(state >> FIELD_CAUSE_SHIFT & CAUSE_MASK),
        delivery: word(
            ["unknown", "handed", "acked", "confirmed", "lost"],
            state >> FIELD_DELIVERY_SHIFT & DELIVERY_MASK,
        ),
        received: word(
            ["unknown", "complete", "reset", "discarded"],
            state >> FIELD_RECEIVED_SHIFT & RECEIVED_MASK,
        ),
        certainty: word(["assumed", "documented", "measured"], engine.certainty(context, state)),
        rule: rule_name(state >> FIELD_RULE_SHIFT & FIELD_RULE_MASK),
        unsent: None,
        error: None,
    }
}
