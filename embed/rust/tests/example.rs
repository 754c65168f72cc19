//! Runs the example as its readers do.

use std::path::Path;
use std::process::Command;

#[test]
fn the_example_tells_what_is_whole_from_what_is_not() {
    let own = std::env::current_exe().unwrap();
    let path: &Path = own.parent().unwrap();
    let output =
        Command::new(path.join("../examples/rows")).output().expect("cargo build --examples comes first");
    let told = String::from_utf8(output.stdout).unwrap();
    let read: Vec<&str> = told.lines().filter_map(|line| line.split("client reads:  ").nth(1)).collect();
    let reset = "a reset: this is not the whole answer";
    assert_eq!(read, ["9000 bytes and end of file: complete", reset, reset], "{told}");
    let says: Vec<&str> = told.lines().filter_map(|line| line.split("server says:   ").nth(1)).collect();
    assert_eq!(says, ["answered", "the database has gone", "panicked"]);
}
