//! finrst decides how a TCP connection ends: with a FIN if the stream is complete, with a reset if it is not.
//! The promise in five words: *end of file means complete.*
//!
//! Rust closes a stream with a clean FIN when a function returns early, when it panics, and when the process is killed;
//! the peer takes half an answer for a whole one. A [`Guard`] is a stream that does not:
//!
//! ```no_run
//! use std::io::{self, Write};
//! use std::net::TcpStream;
//!
//! fn answer(stream: TcpStream) -> io::Result<()> {
//!     let mut guard = finrst::Guard::new(stream)?; // panics, exits, is killed: the peer reads a reset
//!     guard.abort_on_drop();                       // and so it does when `?` returns early
//!     guard.write_all(b"the first half, ")?;
//!     guard.write_all(b"the second half")?;
//!     println!("{}", guard.close(None).complete()?); // every byte, then a FIN, and what became of them
//!     Ok(())
//! }
//! ```
//!
//! [`Guard::run`] does that for a function: it closes after `Ok`, and resets after `Err`.
//!
//! From [`Guard::new`] on the stream is armed (SO_LINGER {1,0}): `panic = "abort"`, [`std::process::abort`],
//! [`std::process::exit`], SIGKILL and every other death end it with a reset, until it is declared complete. What is
//! done, in which order, on which system is decided by the policy engine in [`engine`]; this crate only takes its steps.
//!
//! With the feature `tokio` a `Guard<tokio::net::TcpStream>` reads and writes as tokio's streams do, and its `close` is
//! a future.
#![deny(unsafe_code, missing_docs)]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(not(unix))]
compile_error!("finrst for Rust makes the system calls of Unix; Windows has none of them");

#[cfg(feature = "tokio")]
mod asynchronous;
mod clocks;
mod connection;
mod drive;
mod ending;
pub mod engine;
mod error;
mod facts;
mod guard;
mod keeper;
mod messages;
mod platform;
mod policy;
#[rustfmt::skip]
mod spec;
mod steps;
mod stream;
mod sys;
mod trace;
mod verdict;

pub use ending::{Ending, Sending};
pub use error::Error;
pub use guard::{Guard, Socket, State};
pub use platform::{Capabilities, Capability};
pub use policy::{
    Confirm, OnCrash, OnDeadline, OnDrop, OnExit, OnFailure, OnPeerFin, OnUnread, Policy, Preset, Receiving,
};
pub use verdict::{explain, Cause, Verdict};

/// The examples of the page are compiled too.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
