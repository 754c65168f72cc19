//! What a peer reads when a program in Rust dies: one line of JSON for each cell.
//!
//! `cargo build --examples && cargo run --example crash [trials] [hold…]`. Without a hold the stream is bare. The cells of
//! `panic-abort` need FINRST_DIES_ABORT, the path of `dies` built by
//! `cargo rustc --example dies -- -C panic=abort`.

mod matrix;

use std::process::Command;

use serde_json::json;

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1).peekable();
    let count = arguments.next_if(|word| word.parse::<usize>().is_ok()).and_then(|word| word.parse().ok());
    let count = count.unwrap_or(20);
    let mut holds: Vec<String> = arguments.collect();
    if let Some(strange) = holds.iter().find(|hold| !matrix::HOLDS.contains(&hold.as_str())) {
        eprintln!("hold is {strange:?}; expected some of {}", matrix::HOLDS.join(", "));
        std::process::exit(2);
    }
    if holds.is_empty() {
        holds.push("bare".into());
    }
    let version = Command::new("rustc").arg("--version").output()?;
    let version = String::from_utf8_lossy(&version.stdout);
    let version = version.split_whitespace().nth(1).unwrap_or("unknown");
    for hold in &holds {
        for death in matrix::DEATHS {
            let Some(program) = matrix::program(death) else {
                eprintln!("{death} is left out: there is no program for it");
                continue;
            };
            for situation in matrix::SITUATIONS {
                let counts = matrix::trials(&program, hold, death, situation, count)?;
                println!(
                    "{}",
                    json!({
                        "language": "rust", "version": version, "hold": hold, "death": death, "situation": situation,
                        "read": counts.read(), "trials": count, "eof": counts.fin, "reset": counts.reset,
                    })
                );
            }
        }
    }
    Ok(())
}
