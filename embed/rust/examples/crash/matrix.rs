//! What peers read of `dies`, by count: the cells of the crash matrix, as examples/crash and the tests know them.
#![allow(dead_code)]

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// So long a child has for what it does at once.
const PATIENCE: Duration = Duration::from_secs(60);

pub const DEATHS: &[&str] = &["panic", "thread-panic", "panic-abort", "exit", "abort", "kill", "terminate"];
pub const SITUATIONS: &[&str] = &["half", "complete"];
pub const HOLDS: &[&str] = &["bare", "compatible", "strict", "manual"];

/// How many peers read which end.
#[derive(Debug, Default, PartialEq, Eq, Clone, Copy)]
pub struct Counts {
    pub fin: usize,
    pub reset: usize,
}

impl Counts {
    /// The word for it, as the rows `runtime.*` of the table have it.
    pub fn read(self) -> &'static str {
        match self {
            Counts { reset: 0, .. } => "fin",
            Counts { fin: 0, .. } => "reset",
            _ => "either",
        }
    }
}

/// The program, beside the one that runs; with `panic-abort` the one that test.sh built so, if it did.
pub fn program(death: &str) -> Option<PathBuf> {
    if death == "panic-abort" {
        return std::env::var_os("FINRST_DIES_ABORT").map(PathBuf::from);
    }
    let own = std::env::current_exe().ok()?;
    let folder = own.parent()?;
    [folder.join("dies"), folder.join("../examples/dies")].into_iter().find(|path| path.exists())
}

/// Ended when it is let go of, however.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The ends that peers of so many dying programs read; each peer got all that was sent before.
pub fn trials(program: &Path, hold: &str, death: &str, situation: &str, count: usize) -> io::Result<Counts> {
    let mut counts = Counts::default();
    for _ in 0..count {
        if trial(program, hold, death, situation)? {
            counts.reset += 1;
        } else {
            counts.fin += 1;
        }
    }
    Ok(counts)
}

/// Whether it is a reset.
fn trial(program: &Path, hold: &str, death: &str, situation: &str) -> io::Result<bool> {
    let panics = death.strip_suffix("-abort").unwrap_or(death);
    let mut child = Command::new(program);
    child.args([hold, panics, situation]).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = Ended(child.spawn()?);
    let mut line = String::new();
    if let Some(output) = child.0.stdout.take() {
        BufReader::new(output).read_line(&mut line)?;
    }
    let strategy = if death == "panic-abort" { "abort" } else { "unwind" };
    let (address, built) = line.trim().split_once(' ').unwrap_or_default();
    if built != strategy {
        return Err(io::Error::other(format!("{} says {line:?}, and not {strategy}", program.display())));
    }
    let mut peer = TcpStream::connect(address)?;
    peer.set_read_timeout(Some(PATIENCE))?;
    peer.read_exact(&mut vec![0; if situation == "complete" { 100_000 } else { 50_000 }])?;
    peer.write_all(b"!")?;
    match peer.read(&mut [0]) {
        Ok(0) => Ok(false),
        Ok(_) => Err(io::Error::other("the program sent more than it should")),
        Err(error) if error.kind() == io::ErrorKind::ConnectionReset => Ok(true),
        Err(error) => Err(error),
    }
}
