//! Runs the examples as their readers do, and sees that they do what they say.

mod support;

use std::fs;
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};

use support::*;

/// What `cargo build --examples` has made of one.
fn example(name: &str) -> PathBuf {
    std::env::current_exe().unwrap().parent().unwrap().join("../examples").join(name)
}

#[test]
fn the_example_tells_what_is_whole_from_what_is_not() {
    let output = Command::new(example("rows")).output().expect("cargo build --examples comes first");
    let told = String::from_utf8(output.stdout).unwrap();
    let read: Vec<&str> = told.lines().filter_map(|line| line.split("client reads:  ").nth(1)).collect();
    let reset = "a reset: this is not the whole answer";
    assert_eq!(read, ["9000 bytes and end of file: complete", reset, reset], "{told}");
    let says: Vec<&str> = told.lines().filter_map(|line| line.split("server says:   ").nth(1)).collect();
    assert_eq!(says, ["answered", "the database has gone", "panicked"]);
}

/// A server of `examples/`, killed in the end.
struct Server {
    child: Child,
    output: BufReader<ChildStdout>,
    port: u16,
}

impl Server {
    fn start(name: &str, arguments: &[&str]) -> Server {
        let mut child = Command::new(example(name))
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .expect("it is built before");
        let output = BufReader::new(child.stdout.take().unwrap());
        let mut server = Server { child, output, port: 0 };
        server.port = server.says().strip_prefix("listening on port ").unwrap().parse().unwrap();
        server
    }

    /// The next line.
    fn says(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        line.trim_end().to_string()
    }

    fn connect(&self) -> TcpStream {
        let peer = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        peer.set_read_timeout(Some(PATIENCE)).unwrap();
        peer.set_write_timeout(Some(PATIENCE)).unwrap();
        peer
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn text(peer: &mut TcpStream) -> String {
    let mut text = String::new();
    peer.read_to_string(&mut text).unwrap();
    text
}

#[test]
fn the_file_server_sends_the_whole_file_and_an_end_of_file_or_a_reset() {
    let file = std::env::temp_dir().join(format!("finrst-example-{}", std::process::id()));
    fs::write(&file, vec![7; 20_000_000]).unwrap();
    let mut server = Server::start("file_server", &["0", file.to_str().unwrap()]);
    assert_eq!(read_all(&mut server.connect()), (20_000_000, End::Fin));
    assert!(server.says().starts_with("fin, "));
    let moved = file.with_extension("moved");
    fs::rename(&file, &moved).unwrap();
    // The reset may come so early that it is connect() that tells.
    match TcpStream::connect(("127.0.0.1", server.port)) {
        Ok(mut peer) => assert_eq!(read_all(&mut peer), (0, End::Reset)),
        Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset),
    }
    assert!(server.says().starts_with("failed: "));
    fs::rename(&moved, &file).unwrap();
    let mut peer = server.connect();
    read_some(&mut peer, 1);
    drop(server);
    assert_eq!(read_all(&mut peer).1, End::Reset);
    fs::remove_file(&file).unwrap();
}

#[test]
fn the_line_protocol_tells_what_came_too_late() {
    let mut server = Server::start("line_protocol", &["0"]);
    let mut peer = server.connect();
    peer.write_all(b"one\ntwo\nquit\nthree\n").unwrap();
    assert_eq!(text(&mut peer), "ONE\nTWO\nbye\n");
    peer.write_all(b"four\n").unwrap();
    drop(peer);
    assert_eq!(server.says(), r#"fin, confirmed; too late, all of it: "three\nfour\n""#);
    let mut peer = server.connect();
    peer.write_all(b"quit\n").unwrap();
    assert_eq!(text(&mut peer), "bye\n");
    let _ = peer.write_all(&vec![b'x'; 10_000_000]);
    let told = server.says();
    assert!(told.ends_with(&format!("too late, some of it: \"{}\"", "x".repeat(64 << 10))), "{told}");
}

#[test]
fn the_line_protocol_answers_whole_lines_and_resets_for_half_a_one() {
    let mut server = Server::start("line_protocol", &["0"]);
    let mut peer = server.connect();
    peer.write_all(b"one\n").unwrap();
    peer.shutdown(Shutdown::Write).unwrap();
    assert_eq!(text(&mut peer), "ONE\n");
    let told = server.says();
    assert!(told.starts_with("fin, ") && told.ends_with("too late, all of it: \"\""), "{told}");
    let mut peer = server.connect();
    peer.write_all(b"half").unwrap();
    peer.shutdown(Shutdown::Write).unwrap();
    assert_eq!(read_all(&mut peer), (0, End::Reset));
    assert_eq!(server.says(), "failed: a line is too long, or has no end");
}
