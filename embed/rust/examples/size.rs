//! Accepts, answers and ends one connection, guarded or bare (`--cfg bare`): what the two programs differ by is what a
//! guard adds. `examples/bench.rs` builds both.

use std::io::{self, Write};
use std::net::{TcpListener, TcpStream};

#[cfg(bare)]
fn answer(mut stream: TcpStream) -> io::Result<()> {
    stream.write_all(b"answer")
}

#[cfg(not(bare))]
fn answer(stream: TcpStream) -> io::Result<()> {
    finrst::Guard::run(stream, &finrst::Policy::compatible(), |mut guard| guard.write_all(b"answer"))
}

fn main() -> io::Result<()> {
    answer(TcpListener::bind("127.0.0.1:0")?.accept()?.0)
}
