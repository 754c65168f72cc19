#!/usr/bin/env bash
# Builds the Rust embedding into .cache/embed/rust, checks and tests it, and ends with one line of counts.
#
# Arguments go to the test programs: embed/rust/test.sh tokio
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
export CARGO_TARGET_DIR="$PWD/../../.cache/embed/rust" CARGO_TERM_COLOR=never
export FINRST_DIES_ABORT="$CARGO_TARGET_DIR/dies-abort"
passed=0 failed=0 skipped=0 missing=0
mkdir -p "$CARGO_TARGET_DIR"

check() {
  echo "--- $*"
  if "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
}

# Each test program, and the examples of the documentation, end with a line of counts.
count() {
  local log="$CARGO_TARGET_DIR/test.log" code
  echo "--- $*"
  "$@" >"$log" 2>&1
  code=$?
  grep -vE '\.\.\. ok$|^running |^$|^ +Compiling | 0 passed; 0 failed; 0 ignored' "$log"
  read -r p f i < <(awk '/^test result:/ { p += $4; f += $6; i += $8 } END { print p + 0, f + 0, i + 0 }' "$log")
  # What does not compile, or dies, has no test that failed.
  [ "$code" -eq 0 ] || [ "$f" -gt 0 ] || f=1
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + i))
}

check cargo fmt --check
# With one program of it that dies by a panic without unwinding, which is what `dies` is built for first.
check cargo rustc --locked --quiet --features tokio --example dies -- -C panic=abort
cp "$CARGO_TARGET_DIR/debug/examples/dies" "$FINRST_DIES_ABORT"
check cargo build --locked --quiet --features tokio --examples
check cargo build --locked --quiet
check cargo clippy --locked --quiet --features tokio --all-targets -- -D warnings
RUSTDOCFLAGS='-D warnings' check cargo doc --locked --quiet --no-deps --features tokio
# The systems that nothing is run on; Windows is refused by the crate itself.
for target in x86_64-apple-darwin x86_64-unknown-freebsd x86_64-unknown-netbsd x86_64-unknown-illumos; do
  if rustup target list --installed 2>&1 | grep -qx "$target" || rustup --quiet target add "$target"; then
    check cargo check --locked --quiet --features tokio --target "$target"
  else
    echo "skip  there is no standard library for $target: rustup target add $target"
    if [ -n "${CI:-}" ]; then failed=$((failed + 1)); else missing=$((missing + 1)); fi
  fi
done
count cargo test --locked --features tokio -- "$@"
count cargo test --locked --features tokio --test crash -- --ignored "$@"
# It was counted as ignored before.
[ "$skipped" -eq 0 ] || skipped=$((skipped - 1))
skipped=$((skipped + missing))
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
