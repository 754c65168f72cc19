//! Measures what the crate costs, next to an empty call of the same engine and to a bare stream: one line of JSON; times
//! are nanoseconds.
//!
//! `cargo run --quiet --release --example bench`

use std::hint::black_box;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Instant;

use finrst::engine::*;
use finrst::{Confirm, Guard, Policy};
use serde_json::json;

/// `(func (export "f") (param i32 i32 i32 i32) (result i32) (local.get 0))`
const EMPTY: &[u8] = b"\0asm\x01\0\0\0\x01\x09\x01\x60\x04\x7f\x7f\x7f\x7f\x01\x7f\x03\x02\x01\0\
    \x07\x05\x01\x01f\0\0\x0a\x06\x01\x04\0\x20\0\x0b";
const USUAL: i32 =
    CAN_ARM | CAN_DISCONNECT | CAN_HOLD | CAN_DRAIN | CAN_SEE_ACKED | 1 | CONFIRM_ACKED << CONFIRM_SHIFT;
/// Short, because a busy machine leaves few long moments alone.
const ROUNDS: u32 = 50;

/// The best of some rounds, in nanoseconds for one.
fn nanoseconds(count: u32, mut act: impl FnMut()) -> f64 {
    let count = count / ROUNDS;
    let round = |_| {
        let begin = Instant::now();
        (0..count).for_each(|_| act());
        begin.elapsed().as_nanos() as f64 / f64::from(count)
    };
    (0..ROUNDS).map(round).fold(f64::INFINITY, f64::min)
}

fn empty_call() -> f64 {
    let engine = wasmi::Engine::default();
    let module = wasmi::Module::new(&engine, EMPTY).unwrap();
    let mut store = wasmi::Store::new(&engine, ());
    let instance = wasmi::Linker::new(&engine).instantiate_and_start(&mut store, &module).unwrap();
    let empty = instance.get_typed_func::<(i32, i32, i32, i32), i32>(&store, "f").unwrap();
    nanoseconds(200_000, || drop(black_box(empty.call(&mut store, black_box((1, 2, 3, 4))))))
}

struct Silent;

impl Host for Silent {
    fn set_option(&mut self, _: i32, _: i32, _: &[u8]) -> i32 {
        RESULT_DONE
    }
    fn shut_write(&mut self) -> i32 {
        RESULT_DONE
    }
    fn disconnect(&mut self) -> i32 {
        RESULT_DONE
    }
    fn close(&mut self) -> i32 {
        RESULT_DONE
    }
    fn request(&mut self, _: i32, _: i32) -> i32 {
        RESULT_DONE
    }
}

/// Dials, answers and ends connections, whose peer is a thread that reads to the end.
fn connections(end: impl Fn(TcpStream)) -> f64 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (dial, dialled) = channel::<()>();
    let peer = thread::spawn(move || {
        while dialled.recv().is_ok() {
            let _ = TcpStream::connect(address).unwrap().read_to_end(&mut Vec::new());
        }
    });
    let taken = nanoseconds(1000, || {
        dial.send(()).unwrap();
        end(listener.accept().unwrap().0);
    });
    drop(dial);
    peer.join().unwrap();
    taken
}

/// Writes of a thousand bytes to a peer that reads.
fn writes<W: Write>(wrap: impl Fn(TcpStream) -> W) -> f64 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut peer = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let reader = thread::spawn(move || {
        let mut buffer = vec![0; 64 << 10];
        while peer.read(&mut buffer).is_ok_and(|count| count > 0) {}
    });
    let mut stream = wrap(listener.accept().unwrap().0);
    let chunk = [7; 1000];
    let taken = nanoseconds(20_000, || stream.write_all(&chunk).unwrap());
    drop(stream);
    reader.join().unwrap();
    taken
}

/// The size of `examples/size.rs`, stripped, built with these flags.
fn program(flags: &[&str]) -> u64 {
    let built = std::env::current_exe().unwrap().with_file_name("size");
    let target = built.ancestors().nth(3).unwrap();
    let status = Command::new(env!("CARGO"))
        .args(["rustc", "--quiet", "--locked", "--release", "--example", "size", "--manifest-path"])
        .args([concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"), "--target-dir"])
        .arg(target)
        .args(["--", "-C", "strip=symbols"])
        .args(flags)
        .status();
    assert!(status.unwrap().success(), "cargo rustc --example size");
    built.metadata().unwrap().len()
}

fn main() {
    let begin = Instant::now();
    let engine = Engine::shared().unwrap();
    let load = begin.elapsed().as_nanos() as u64;
    let open = PHASE_OPEN | FLAG_ARMED;
    let decide = nanoseconds(200_000, || {
        black_box(engine.decide(USUAL, black_box(open), EVENT_CLOSE, FACT_UNACKED));
    });
    // An abort has the longest plan: ARM, DISCONNECT, RELEASE, CLOSE, REPORT.
    let on = nanoseconds(50_000, || {
        black_box(engine.on(&mut Silent, USUAL, black_box(PHASE_OPEN), EVENT_ABORT, 0));
    });
    let confirm = Policy::default().confirm(Confirm::Kernel);
    let bare = connections(|mut stream| stream.write_all(b"answer").unwrap());
    let guarded = connections(|stream| {
        let mut guard = Guard::with(stream, &confirm).unwrap();
        guard.write_all(b"answer").unwrap();
        drop(guard.close(None));
    });
    let dropped = connections(|stream| Guard::new(stream).unwrap().write_all(b"answer").unwrap());
    println!(
        "{}",
        json!({
            "emptyCall": empty_call().round(), "decide": decide.round(), "on": on.round(), "load": load,
            "bytesAdded": program(&[]) - program(&["--cfg", "bare"]),
            "connectionBare": bare.round(), "connectionClosed": guarded.round(),
            "connectionDropped": dropped.round(),
            "writeBare": writes(|stream| stream).round(),
            "writeGuarded": writes(|stream| Guard::new(stream).unwrap()).round(),
        })
    );
}
