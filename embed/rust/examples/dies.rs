//! A server that dies in the middle of its answer, or behind it: `dies <hold> <death> <situation>`.
//!
//! It prints its address, takes one connection, sends, waits until its peer has read that much and says so, and dies.
//! `test.sh` builds it a second time with `-C panic=abort`; it tells which it is.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use finrst::{Guard, Policy};

enum Held {
    Bare(TcpStream),
    Guarded(Guard),
}

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [hold, death, situation] = &arguments[..] else {
        eprintln!("usage: dies <bare|compatible|strict|manual> <death> <half|complete>");
        std::process::exit(2);
    };
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("{} {}", listener.local_addr()?, if cfg!(panic = "abort") { "abort" } else { "unwind" });
    let (stream, _) = listener.accept()?;
    let mut held = match hold.as_str() {
        "bare" => Held::Bare(stream),
        preset => Held::Guarded(Guard::with(stream, &preset.parse::<Policy>()?)?),
    };
    let bytes = vec![7; if situation == "complete" { 100_000 } else { 50_000 }];
    match &mut held {
        Held::Bare(stream) => stream.write_all(&bytes)?,
        Held::Guarded(guard) => guard.write_all(&bytes)?,
    }
    if situation == "complete" {
        match &held {
            Held::Bare(stream) => stream.shutdown(Shutdown::Write)?,
            Held::Guarded(guard) => guard.finish_sending()?,
        }
    }
    match &mut held {
        Held::Bare(stream) => stream.read_exact(&mut [0])?,
        Held::Guarded(guard) => guard.read_exact(&mut [0])?,
    }
    die(death, held)
}

fn die(death: &str, held: Held) -> io::Result<()> {
    let signal = match death {
        "panic" => panic!("nobody catches this"),
        "thread-panic" => {
            let owner = thread::spawn(move || {
                let _held = held;
                panic!("nobody catches this")
            });
            let _: Result<(), _> = owner.join();
            return serve_on();
        }
        "exit" => std::process::exit(0),
        "abort" => std::process::abort(),
        "kill" => libc::SIGKILL,
        "terminate" => libc::SIGTERM,
        other => return Err(io::Error::other(format!("there is no death {other}"))),
    };
    // SAFETY: it takes no pointer.
    unsafe { libc::raise(signal) };
    serve_on()
}

/// Goes on until somebody ends the process, a minute at most.
fn serve_on() -> io::Result<()> {
    thread::sleep(Duration::from_secs(60));
    Err(io::Error::other("the process lives on"))
}
