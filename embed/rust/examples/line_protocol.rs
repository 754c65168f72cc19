//! A line protocol whose server ends the talk and still knows what its client sent too late, instead of losing it.
//!
//! `cargo run --example line_protocol 7007`, then
//! `printf 'one\ntwo\nquit\nthree\n' | nc -N 127.0.0.1 7007`: ONE, TWO, bye; the server tells that `three` came too late.
//!
//!  1. Each line is answered in capitals, `quit` by `bye`. A client that finishes without it is answered as well.
//!  2. After `bye` the client is told the end by our FIN, and what it had sent by then is drained: closed with bytes unread
//!     the kernel would reset, and the reset may overtake `bye`.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use finrst::{Guard, Policy};

const LONGEST: u64 = 1000;
const LATE: usize = 64 << 10;

/// Answers until `quit`, and returns what was read behind it. A line without an end is an error.
fn answer(mut guard: &Guard) -> io::Result<Vec<u8>> {
    let mut lines = BufReader::new(guard);
    let mut line = String::new();
    loop {
        line.clear();
        if lines.by_ref().take(LONGEST).read_line(&mut line)? == 0 {
            return Ok(Vec::new());
        }
        match line.strip_suffix('\n') {
            None => {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "a line is too long, or has no end"))
            }
            Some("quit") => {
                guard.write_all(b"bye\n")?;
                return Ok(lines.buffer().to_vec());
            }
            Some(_) => guard.write_all(line.to_uppercase().as_bytes())?,
        }
    }
}

/// An error resets the connection.
fn talk(stream: TcpStream) -> io::Result<()> {
    Guard::run(stream, &Policy::compatible(), |guard| {
        let mut late = answer(guard)?;
        let (rest, verdict) = guard.finalise(Some(Duration::from_secs(30)), LATE);
        late.extend(rest);
        let whole = if verdict.received == "complete" { "all" } else { "some" };
        let late = String::from_utf8_lossy(&late);
        println!("{}, {}; too late, {whole} of it: {late:?}", verdict.ended, verdict.delivery);
        Ok(())
    })
}

fn main() -> io::Result<()> {
    let port = std::env::args().nth(1).unwrap_or_else(|| "7007".into());
    let listener = TcpListener::bind(format!("127.0.0.1:{port}"))?;
    println!("listening on port {}", listener.local_addr()?.port());
    for stream in listener.incoming() {
        let stream = stream?;
        thread::spawn(move || talk(stream).unwrap_or_else(|error| println!("failed: {error}")));
    }
    Ok(())
}
