//! What a peer in another process reads when the process of a connection dies, guarded and bare.

#[path = "../examples/crash/matrix.rs"]
mod matrix;

use matrix::*;

const TRIALS: usize = 2;

fn expect(death: &str) {
    let program = program(death).expect("cargo build --examples comes first");
    for hold in HOLDS {
        for situation in SITUATIONS {
            let guarded = matches!(*hold, "compatible" | "strict");
            let expected = if guarded && *situation == "half" { "reset" } else { "fin" };
            let counts = trials(&program, hold, death, situation, TRIALS).unwrap();
            assert_eq!(counts.read(), expected, "{hold}, {death}, {situation}: {counts:?}");
        }
    }
}

#[test]
fn a_panic_of_the_main_thread_resets_what_is_guarded() {
    expect("panic");
}

#[test]
fn a_panic_of_another_thread_resets_what_it_owned() {
    expect("thread-panic");
}

/// No destructor runs there: the connection is armed.
#[test]
#[ignore = "needs dies built with -C panic=abort, and its path in FINRST_DIES_ABORT: test.sh"]
fn a_panic_that_aborts_resets_what_is_guarded() {
    expect("panic-abort");
}

#[test]
fn an_exit_resets_what_is_guarded() {
    expect("exit");
}

#[test]
fn an_abort_resets_what_is_guarded() {
    expect("abort");
}

#[test]
fn sigkill_resets_what_is_guarded() {
    expect("kill");
}

#[test]
fn sigterm_resets_what_is_guarded() {
    expect("terminate");
}
