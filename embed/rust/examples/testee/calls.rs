//! The calls that a script makes: the guard's commands, those of Rust itself, and the deaths of the process.

use std::net::Shutdown;
use std::sync::mpsc::channel;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use finrst::{Error, Guard};
use serde_json::{json, Value};

use crate::{pattern, say, unsupported, Refused, Reply, Testee, Wire};

impl Testee {
    pub fn guard_call(&mut self, call: &str, request: &Value) -> Reply {
        let Some(wire) = self.shared.wire() else {
            return Err(Refused::Failed("the connection is let go".into()));
        };
        let Some(guard) = wire.guard() else { return unsupported("the connection is not guarded") };
        match call {
            "close" => {
                if let Some(confirm) = request["confirm"].as_str() {
                    guard.confirm(confirm.parse()?);
                }
                guard.begin_close(request["within"].as_u64().map(Duration::from_millis));
            }
            "abort" => drop(guard.abort()),
            "fail" => guard.fail("the script failed"),
            "finish" => finish(guard),
            "stop" => guard.stop_receiving(request["how"].as_str().unwrap_or("").parse()?),
            "linger" => {
                guard.set_linger(request["seconds"].as_u64().map(|it| it.try_into().unwrap_or(u32::MAX)))?
            }
            "finalise" => self.finalise(request),
            "run" if request["how"] == "throw" => {
                let thrown: Result<(), Error> = Err(Error::AlreadyEnded);
                let _ = guard.conclude(thrown);
            }
            "run" => {
                drop(thread::spawn({
                    let wire = wire.clone();
                    move || wire.guard().map(|guard| guard.conclude(Ok::<(), Error>(())))
                }));
            }
            "state" => {
                return Ok(
                    json!({"armed": guard.armed(), "linger": guard.linger()?, "unsent": guard.unsent()}),
                )
            }
            _ => return unsupported(format!("there is no call {call}")),
        }
        Ok(json!({}))
    }

    fn finalise(&self, request: &Value) {
        let (shared, rest) = (self.shared.clone(), self.rest.0.clone());
        let within = request["within"].as_u64().map(Duration::from_millis);
        let limit = request["limit"].as_u64().unwrap_or(2 << 20) as usize;
        let (begun, begins) = channel();
        thread::spawn(move || {
            let at = shared.slot.lock().unwrap().received;
            let Some(wire) = shared.wire() else { return };
            let Some(guard) = wire.guard() else { return };
            begun.send(()).unwrap();
            let (bytes, _) = guard.finalise(within, limit);
            let intact = bytes == pattern(at, bytes.len() as u64);
            let _ = rest.send(json!({"bytes": bytes.len(), "intact": intact}));
        });
        let _ = begins.recv();
    }

    /// Takes the wire out of its slot, and the reader's hand off it. The writer's goes at its next turn, if it is not
    /// the one that has to be waited for.
    fn let_go(&mut self) -> Option<Arc<Wire>> {
        let wire = self.shared.slot.lock().unwrap().wire.take();
        self.shared.changed.notify_all();
        if let Some(reader) = self.reader.take() {
            let _ = reader.join();
        }
        wire
    }

    /// The calls that Rust itself has: a drop, a drop by a panic, and shutdown().
    pub fn runtime_call(&mut self, call: &str) -> Reply {
        match call {
            "end" => {
                let Some(wire) = self.shared.wire() else { return Ok(json!({})) };
                match &*wire {
                    Wire::Guarded(guard) => finish(guard),
                    Wire::Bare(stream) => {
                        stream.shutdown(Shutdown::Write)?;
                        say(&json!({"event": "finished"}));
                    }
                }
            }
            "destroy" | "dispose" => last(self.let_go(), drop),
            "destroy-error" => last(self.let_go(), |wire| {
                let owner = thread::Builder::new().spawn(move || {
                    let _wire = wire;
                    std::panic::resume_unwind(Box::new("the script failed"))
                });
                let _ = owner.map(JoinHandle::<()>::join);
            }),
            _ => return unsupported("a stream of std has no reset of its own"),
        }
        Ok(json!({}))
    }

    /// The death of the process is the reply.
    pub fn die(&mut self, call: &str, request: &Value) -> Reply {
        let signal = match call {
            "reject" => return unsupported("Rust has no promise that could reject"),
            "throw" => std::panic::resume_unwind(Box::new("the script panicked")),
            "exit" => {
                if let Some(guard) = self.shared.wire().as_deref().and_then(Wire::guard) {
                    guard.exiting();
                }
                std::process::exit(request["code"].as_i64().unwrap_or(0) as i32);
            }
            "abort-process" => std::process::abort(),
            _ => match request["name"].as_str().unwrap_or("") {
                "SIGKILL" => libc::SIGKILL,
                "SIGTERM" => libc::SIGTERM,
                "SIGINT" => libc::SIGINT,
                "SIGHUP" => libc::SIGHUP,
                name => return unsupported(format!("there is no signal {name}")),
            },
        };
        // SAFETY: it takes no pointer.
        unsafe { libc::raise(signal) };
        thread::park_timeout(Duration::from_secs(10)); // the signal arrives meanwhile
        Err(Refused::Failed("the process is still alive".into()))
    }
}

/// Does something with the wire once it is nobody else's: the writer lets go of it at its next turn.
fn last(wire: Option<Arc<Wire>>, act: impl FnOnce(Wire)) {
    let Some(mut wire) = wire else { return };
    loop {
        match Arc::try_unwrap(wire) {
            Ok(wire) => return act(wire),
            Err(shared) => wire = shared,
        }
        thread::sleep(Duration::from_millis(1));
    }
}

fn finish(guard: &Guard) {
    guard.begin_finish_sending();
    let ending = guard.ending();
    thread::spawn(move || {
        if let Some(Ok(())) = ending.wait_finished(None) {
            say(&json!({"event": "finished"}));
        }
    });
}
