//! A server that sends a long answer and sometimes fails in the middle: the peer can tell, because a failure is a reset.
//!
//! `cargo run --example rows`

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;

use finrst::{Guard, Policy};

/// Sends a thousand rows, or fails at the five hundredth, by an error or by a panic.
fn answer(stream: TcpStream) -> io::Result<()> {
    Guard::run(stream, &Policy::compatible(), |mut guard| {
        let mut wish = [0; 8];
        let count = guard.read(&mut wish)?;
        for row in 0..1000 {
            match &wish[..count] {
                b"fail" if row == 500 => return Err(io::Error::other("the database has gone")),
                b"panic" if row == 500 => std::panic::resume_unwind(Box::new("a mistake")),
                _ => writeln!(guard, "row {row:4}")?,
            }
        }
        Ok(())
    })
}

/// What a plain client makes of the answer.
fn ask(address: SocketAddr, wish: &str) -> io::Result<String> {
    let mut client = TcpStream::connect(address)?;
    client.write_all(wish.as_bytes())?;
    let mut bytes = 0;
    let mut buffer = [0; 4096];
    loop {
        match client.read(&mut buffer) {
            Ok(0) => return Ok(format!("{bytes} bytes and end of file: complete")),
            Ok(count) => bytes += count,
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => {
                return Ok("a reset: this is not the whole answer".into())
            }
            Err(error) => return Err(error),
        }
    }
}

fn main() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    for wish in ["all", "fail", "panic"] {
        let client = thread::spawn(move || ask(address, wish));
        let (stream, _) = listener.accept()?;
        let server = thread::spawn(move || answer(stream)).join();
        let told = match &server {
            Ok(Ok(())) => "answered".to_string(),
            Ok(Err(error)) => error.to_string(),
            Err(_) => "panicked".to_string(),
        };
        let read = client.join().map_err(|_| io::Error::other("the client panicked"))??;
        println!("wish: {wish}\n  the server says:   {told}\n  the client reads:  {read}");
    }
    Ok(())
}
