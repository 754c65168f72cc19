//! The side under test of `finrst test --testee`, by the line protocol of spec/testee.md.
//!
//! 1. Every request has exactly one reply, given when the call has returned; what comes later is an event.
//! 2. The program under test is an ordinary one with threads: one reads, one writes, the main one obeys. A thread that
//!    shares a stream of Rust keeps it from being dropped, so both look every few milliseconds whether they are to go.
//! 3. Without a guard the same calls are made on the bare stream. What Rust has no call for is declared unsupported.

mod calls;

use std::io::{self, BufRead, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::mpsc::{channel, Receiver, Sender};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use finrst::*;
use serde_json::{json, Value};

const TURN: Duration = Duration::from_millis(10);
const SOON: Duration = Duration::from_millis(50);

/// Why a request has no reply of its own.
enum Refused {
    Unsupported(String),
    Failed(String),
}

impl<E: std::error::Error> From<E> for Refused {
    fn from(error: E) -> Refused {
        Refused::Failed(error.to_string())
    }
}

type Reply = Result<Value, Refused>;

fn unsupported<T>(why: impl Into<String>) -> Result<T, Refused> {
    Err(Refused::Unsupported(why.into()))
}

fn say(message: &Value) {
    // In one piece: a process that exits meanwhile writes what is left without a buffer, bit by bit.
    let line = format!("{message}\n");
    // Whoever does not listen any more is not told.
    let _ = io::stdout().lock().write_all(line.as_bytes());
}

fn pattern(at: u64, count: u64) -> Vec<u8> {
    (at..at + count).map(|index| (index ^ index >> 8 ^ index >> 16) as u8).collect()
}

/// The connection, guarded or bare.
enum Wire {
    Guarded(Guard),
    Bare(TcpStream),
}

impl Wire {
    fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Wire::Guarded(guard) => (&*guard).read(buffer),
            Wire::Bare(stream) => (&*stream).read(buffer),
        }
    }

    fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Wire::Guarded(guard) => (&*guard).write(bytes),
            Wire::Bare(stream) => (&*stream).write(bytes),
        }
    }

    fn guard(&self) -> Option<&Guard> {
        match self {
            Wire::Guarded(guard) => Some(guard),
            Wire::Bare(_) => None,
        }
    }
}

/// What the threads share. The wire is in its slot until the program lets go of it.
#[derive(Default)]
struct Shared {
    slot: Mutex<Slot>,
    changed: Condvar,
}

#[derive(Default)]
struct Slot {
    wire: Option<Arc<Wire>>,
    ending: Option<Ending>,
    opened: bool,
    received: u64,
    /// Writes that were accepted, in their order, and how many there are with the one under way.
    blocks: Vec<(Vec<u8>, Option<Sending>)>,
    unwritten: usize,
}

fn tired(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)
}

impl Shared {
    fn wire(&self) -> Option<Arc<Wire>> {
        self.slot.lock().unwrap().wire.clone()
    }

    fn read(&self) {
        let mut buffer = vec![0; 64 << 10];
        loop {
            // Nothing of the wire is held between two turns.
            let Some(wire) = self.wire() else { return };
            match wire.read(&mut buffer) {
                Ok(0) => return say(&json!({"event": "eof"})),
                Ok(count) => {
                    let mut slot = self.slot.lock().unwrap();
                    let ok = buffer[..count] == pattern(slot.received, count as u64);
                    slot.received += count as u64;
                    say(&json!({"event": "read", "bytes": count, "ok": ok}));
                }
                Err(error) if tired(&error) => {}
                Err(error) if error.kind() == io::ErrorKind::ConnectionReset => {
                    return say(&json!({"event": "reset"}))
                }
                Err(_) => return,
            }
        }
    }

    /// Writes what was accepted, block by block, and keeps the promise of each.
    fn write(&self) {
        loop {
            let mut slot = self.slot.lock().unwrap();
            while slot.blocks.is_empty() {
                if slot.opened && slot.wire.is_none() {
                    return;
                }
                slot = self.changed.wait(slot).unwrap();
            }
            let (block, promise) = slot.blocks.remove(0);
            drop(slot);
            let mut left = &block[..];
            while !left.is_empty() {
                let Some(wire) = self.wire() else { break };
                match wire.write(left) {
                    Ok(count) => left = &left[count..],
                    Err(error) if tired(&error) => {}
                    Err(error) => {
                        say(&json!({"event": "error", "error": error.to_string()}));
                        break;
                    }
                }
            }
            if let (Some(promise), true) = (promise, left.is_empty()) {
                promise.done();
            }
            self.slot.lock().unwrap().unwritten -= 1;
            self.changed.notify_all();
        }
    }
}

struct Testee {
    shared: Arc<Shared>,
    written: u64,
    reader: Option<JoinHandle<()>>,
    rest: (Sender<Value>, Receiver<Value>),
}

fn policy(request: &Value) -> Result<Policy, Refused> {
    let preset = request["guard"].as_str().unwrap_or("compatible");
    let mut policy: Policy = preset.parse()?;
    // A stream of Rust may always be half-open; where the script's may not, that is a policy.
    if request["halfOpen"] != true && preset != "strict" {
        policy = policy.on_peer_fin(OnPeerFin::Close);
    }
    for (name, value) in request["policy"].as_object().into_iter().flatten() {
        let word = value.as_str().unwrap_or("");
        let time = Duration::from_millis(value.as_u64().unwrap_or(0));
        policy = match name.as_str() {
            "onDrop" => policy.on_drop(word.parse()?),
            "onFailure" => policy.on_failure(word.parse()?),
            "onExit" => policy.on_exit(word.parse()?),
            "onCrash" => policy.on_crash(word.parse()?),
            "onPeerFin" => policy.on_peer_fin(word.parse()?),
            "onUnread" => policy.on_unread(word.parse()?),
            "onDeadline" => policy.on_deadline(word.parse()?),
            "confirm" => policy.confirm(word.parse()?),
            "flushMs" => policy.flush_within(time),
            "drainIdleMs" => policy.drain_idle(time),
            "drainMs" => policy.drain_within(time),
            "drainBytes" => policy.drain_bytes(value.as_u64().unwrap_or(0)),
            _ => return unsupported(format!("there is no policy {name}")),
        };
    }
    if std::env::var_os("FINRST_TRACE").is_some() {
        policy = policy.trace(|line| eprintln!("{line}"));
    }
    Ok(policy)
}

fn told(verdict: &Verdict) -> Value {
    let mut told = json!({
        "ended": verdict.ended, "by": verdict.by, "cause": verdict.cause, "delivery": verdict.delivery,
        "received": verdict.received, "certainty": verdict.certainty, "rule": verdict.rule,
    });
    if let Some(unsent) = verdict.unsent {
        told["unsent"] = unsent.into();
    }
    if let Some(error) = &verdict.error {
        told["error"] = error.to_string().into();
    }
    told
}

fn hello() -> Reply {
    // The capabilities are those of a connection, so one is made.
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let _client = TcpStream::connect(listener.local_addr()?)?;
    let guard = Guard::new(listener.accept()?.0)?;
    let can = guard.capabilities();
    guard.abort();
    let list = [
        ("arm", can.arm),
        ("abort", can.abort),
        ("hold", can.hold),
        ("halfClose", can.half_close),
        ("sendAfterPeerFin", can.send_after_peer_fin),
        ("drain", can.drain),
        ("acked", can.acked),
        ("linger", can.linger),
    ];
    let capabilities: serde_json::Map<String, Value> =
        list.into_iter().map(|(name, it)| (name.into(), json!({"can": it.can, "why": it.why}))).collect();
    let version = env!("CARGO_PKG_VERSION");
    // A program does not know what compiled it; this is what compiles here.
    let rustc = Command::new("rustc").arg("--version").output()?;
    let runtime = String::from_utf8_lossy(&rustc.stdout).trim().to_string();
    Ok(json!({
        "protocol": 1, "testee": "finrst-rust", "version": version, "platform": can.platform, "runtime": runtime,
        "capabilities": capabilities,
    }))
}

impl Testee {
    fn obey(&mut self, request: &Value) -> Reply {
        let call = request["do"].as_str().unwrap_or("");
        match call {
            "hello" => return hello(),
            "open" => return self.open(request),
            _ => {}
        }
        if !self.shared.slot.lock().unwrap().opened {
            return Err(Refused::Failed("there is no connection yet".into()));
        }
        match call {
            "write" => self.write(request, false),
            "read" => {
                self.start_reading();
                Ok(json!({}))
            }
            "together" => {
                for call in request["calls"].as_array().into_iter().flatten() {
                    match call["do"].as_str() {
                        Some("write") => self.write(call, true)?,
                        _ => self.obey(call)?,
                    };
                }
                Ok(json!({}))
            }
            "verdict" => {
                // The threads need the slot while this one waits.
                let ending = self.shared.slot.lock().unwrap().ending.clone();
                match ending {
                    Some(ending) => Ok(json!({"verdict": ending.wait(None).as_ref().map(told)})),
                    None => unsupported("the connection is not guarded"),
                }
            }
            "rest" => Ok(self.rest.1.recv()?),
            "end" | "destroy" | "destroy-error" | "reset-and-destroy" | "dispose" => self.runtime_call(call),
            "throw" | "reject" | "exit" | "abort-process" | "signal" => self.die(call, request),
            _ => self.guard_call(call, request),
        }
    }

    fn open(&mut self, request: &Value) -> Reply {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let guarded = request["guard"] != "none";
        let policy = if guarded { policy(request)? } else { Policy::default() };
        let shared = self.shared.clone();
        let unread = request["unread"] == true;
        let accept = move || -> Result<(), Error> {
            let refused = |error| Error::System { what: "no connection", error: Arc::new(error) };
            let (stream, _) = listener.accept().map_err(refused)?;
            stream.set_read_timeout(Some(TURN)).map_err(refused)?;
            stream.set_write_timeout(Some(TURN)).map_err(refused)?;
            let mut slot = shared.slot.lock().unwrap();
            if guarded {
                let guard = Guard::with(stream, &policy)?;
                let ending = guard.ending();
                slot.ending = Some(ending.clone());
                slot.wire = Some(Arc::new(Wire::Guarded(guard)));
                thread::spawn(move || {
                    ending.wait_released(None);
                    say(&json!({"event": "closed"}));
                });
            } else {
                slot.wire = Some(Arc::new(Wire::Bare(stream)));
            }
            slot.opened = true;
            Ok(())
        };
        let shared = self.shared.clone();
        self.reader = Some(thread::spawn(move || {
            if let Err(error) = accept() {
                return say(&json!({"event": "error", "error": error.to_string()}));
            }
            let writer = shared.clone();
            thread::spawn(move || writer.write());
            say(&json!({"event": "open"}));
            if !unread {
                shared.read();
            }
        }));
        Ok(json!({"host": "127.0.0.1", "port": address.port()}))
    }

    fn start_reading(&mut self) {
        let shared = self.shared.clone();
        self.reader = Some(thread::spawn(move || shared.read()));
    }

    fn write(&mut self, request: &Value, together: bool) -> Reply {
        let count = request["bytes"].as_u64().unwrap_or(0);
        let block = pattern(self.written, count);
        self.written += count;
        let mut slot = self.shared.slot.lock().unwrap();
        // From now on the program holds these bytes, whenever the thread comes to them.
        let promise = slot.wire.as_ref().and_then(|wire| wire.guard().map(Guard::sending));
        slot.blocks.push((block, promise));
        slot.unwritten += 1;
        self.shared.changed.notify_all();
        if !together {
            // What is not taken soon waits for the peer.
            drop(self.shared.changed.wait_timeout_while(slot, SOON, |slot| slot.unwritten > 0).unwrap());
        }
        Ok(json!({}))
    }
}
fn main() {
    let shared = Arc::new(Shared::default());
    let mut testee = Testee { shared, written: 0, reader: None, rest: channel() };
    for line in io::stdin().lock().lines() {
        let reply = line.map_err(Refused::from).and_then(|line| {
            let request = serde_json::from_str(&line)?;
            testee.obey(&request)
        });
        say(&match reply {
            Ok(mut reply) => {
                reply["ok"] = true.into();
                reply
            }
            Err(Refused::Unsupported(why)) => json!({"ok": false, "unsupported": true, "why": why}),
            Err(Refused::Failed(error)) => json!({"ok": false, "error": error}),
        });
    }
    // What still drains is nobody's concern any more: the runner has gone.
    std::process::exit(0);
}
