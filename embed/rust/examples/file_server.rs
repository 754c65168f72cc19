//! A file server whose clients read an end of file only if they have the whole file, whatever happens to the server.
//!
//! `cargo run --example file_server 7007 README.md` sends the file to whoever connects to port 7007.

use std::fs::File;
use std::io;
use std::net::{TcpListener, TcpStream};
use std::thread;

use finrst::{Guard, Policy, Verdict};

/// `Ok` declares the file complete; an error of the disk, or of the client, is a failure.
fn send(stream: TcpStream, file: &str) -> io::Result<Verdict> {
    Guard::run(stream, &Policy::compatible(), |mut guard| {
        io::copy(&mut File::open(file)?, &mut guard)?;
        Ok(guard.close(None))
    })
}

fn main() -> io::Result<()> {
    let mut words = std::env::args().skip(1);
    let port = words.next().unwrap_or_else(|| "7007".into());
    let file = words.next().unwrap_or_else(|| "README.md".into());
    let listener = TcpListener::bind(format!("127.0.0.1:{port}"))?;
    println!("listening on port {}", listener.local_addr()?.port());
    for stream in listener.incoming() {
        let (stream, file) = (stream?, file.clone());
        thread::spawn(move || match send(stream, &file) {
            Ok(verdict) => println!("{}, {}", verdict.ended, verdict.delivery),
            Err(error) => println!("failed: {error}"),
        });
    }
    Ok(())
}
