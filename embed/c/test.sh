#!/bin/sh
# Builds and tests the C library in .cache/embed/c, and ends with a line `N passed, N failed[, N skipped]`.
#
# With gcc and with clang, under the sanitizers of addresses, of undefined behaviour and of threads, and under valgrind.
# What is missing is skipped with the reason; with CI set that is a failure. FINRST_LONG=1 runs the scripts of spec/wire
# against a sanitized testee too, and 10 000 connections.
set -u
cd "$(dirname "$0")" || exit 1
cache=../../.cache/embed/c
mkdir -p "$cache"
strict='-O2 -g -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror'
export ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1
passed=0 failed=0 skipped=0

pass() { passed=$((passed + 1)); }
fail() { failed=$((failed + 1)); echo "FAIL  $*"; }
missing() {
  if [ -n "${CI:-}" ]; then fail "$*"; else skipped=$((skipped + 1)); echo "skip  $*"; fi
}
have() { command -v "$1" >/dev/null; }

# A command that must succeed.
step() {
  name=$1
  shift
  if "$@" >"$cache/log" 2>&1; then pass; else fail "$name"; cat "$cache/log"; fi
}

# A program that ends with a line of counts of its own.
counted() {
  name=$1
  shift
  "$@" >"$cache/out" 2>"$cache/log"
  code=$?
  line=$(grep -E '^[0-9]+ passed, [0-9]+ failed' "$cache/out" | tail -1)
  [ -n "$line" ] || line='0 passed, 0 failed'
  echo "--- $name: $line"
  passed=$((passed + ${line%% *}))
  mine=${line#*passed, }
  mine=${mine%% *}
  # A program that dies, that a sanitizer stops, or that ran nothing, has no test that failed.
  { [ $code -eq 0 ] && [ "${line%% *}" -gt 0 ]; } || [ "$mine" -gt 0 ] || mine=1
  failed=$((failed + mine))
  [ "$mine" -eq 0 ] || { grep FAIL "$cache/out"; cat "$cache/log"; }
}

# build FOLDER COMPILER FLAGS: the library and every program.
build() { step "make with $2 $3" make BUILD="$cache/$1" CC="$2" CFLAGS="$3" library programs tests; }

vectors() {
  node tests/vectors.mjs vectors >"$cache/vectors.txt" || fail 'the vectors cannot be read'
  counted "vectors, $1" sh -c "'$cache/$1/vectors' <'$cache/vectors.txt'"
}

# The hash over everything that decide and enter answer.
exhaustive() {
  for kind in decide enter; do
    node tests/vectors.mjs domain $kind >"$cache/domain.txt"
    hash=$("$cache/$1/domain" $kind <"$cache/domain.txt" 2>"$cache/count" | sha256sum | cut -c1-64)
    told="$hash  $kind, $(cat "$cache/count") words"
    if grep -qxF "$told" ../../spec/vectors/exhaustive.sha256; then pass; else fail "the domain comes to $told"; fi
  done
}

# The headers and libraries of the systems that nothing is run on come with zig, which is a clang.
elsewhere() {
  if ! ./zig.sh "$cache/zig" >"$cache/log" 2>&1; then
    missing "there is no zig: $(tail -1 "$cache/log")"
    return
  fi
  zig=$(cd "$cache/zig" && pwd)
  export ZIG_GLOBAL_CACHE_DIR="$zig/cache" ZIG_LOCAL_CACHE_DIR="$zig/cache"
  for target in aarch64-macos x86_64-freebsd x86_64-netbsd x86_64-openbsd; do
    build "$target" "$zig/bin/python -m ziglang cc -target $target" "$strict"
  done
}

programs() { for name in guards loops threads input; do counted "$name, $1" "$cache/$1/$name"; done; }

generated() {
  hash=$(sha256sum ../finrst-pure.wasm | cut -c1-64)
  for name in finrst-pure.c finrst-pure.h; do
    step "wasm/$name is made of another Wasm; run ./generate.sh" sh -c "head -1 wasm/$name | grep -q $hash"
  done
  ./generate.sh --check >"$cache/log" 2>&1
  case $? in
    0) pass ;;
    3) missing "$(cat "$cache/log") (apt-get install wabt, of Debian 12)" ;;
    *) fail "$(cat "$cache/log")" ;;
  esac
}

# What README.md shows must compile.
shown() {
  {
    printf '#define _DEFAULT_SOURCE 1\n'
    for header in errno.h stdio.h string.h; do echo "#include <$header>"; done
    sed -n '/^```c$/,/^```$/p' README.md | sed '/^```/d'
  } >"$cache/shown.c"
  step 'the program of README.md' gcc -std=c11 -Wall -Wextra -Werror -I. -c "$cache/shown.c" -o "$cache/shown.o"
}

# The library defines no name but its own, and a program that was installed against it finds it.
installed() {
  strange=$(nm -g "$cache/gcc/libfinrst.a" | awk 'NF == 3 && $2 != "U" {print $3}' | grep -vE '^_?(finrst_|Z_finrst)')
  if [ -z "$strange" ]; then pass; else fail "the library defines $strange"; fi
  if nm "$cache/gcc/libfinrst.a" | grep -qE ' U _?(sigaction|signal|sigaltstack)(@|$)'; then fail 'it installs a signal handler'; else pass; fi
  root=$(cd "$cache" && pwd)/root
  rm -rf "$root"
  step 'make install' make BUILD="$cache/gcc" PREFIX="$root" install
  if have pkg-config; then
    flags=$(PKG_CONFIG_PATH="$root/lib/pkgconfig" pkg-config --cflags --libs finrst)
    step 'the installed library' sh -c "sed 's/\"finrst.h\"/<finrst.h>/' example.c >'$cache/user.c' && cc -std=c11 '$cache/user.c' $flags -o '$cache/user'"
  else
    missing 'there is no pkg-config'
  fi
  if have c++; then
    printf '#include <finrst.h>\nint main() { return finrst_explain("close-flushes") == nullptr; }\n' >"$cache/user.cc"
    step 'the header in C++' c++ -std=c++11 -Wall -Wextra -Werror -I"$root/include" "$cache/user.cc" "$root/lib/libfinrst.a" -pthread -o "$cache/user"
  else
    missing 'there is no C++ compiler'
  fi
}

generated
for compiler in gcc clang; do
  have $compiler || { missing "there is no $compiler"; continue; }
  build $compiler $compiler "$strict"
  vectors $compiler
  programs $compiler
  counted "deaths, $compiler" "$cache/$compiler/deaths"
done
if have gcc; then
  cp "$cache/gcc/testee" "$cache/testee"
  exhaustive gcc
  installed
  shown
  step 'the example' "$cache/gcc/example"
  build sanitized gcc '-O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer'
  vectors sanitized
  programs sanitized
  counted 'deaths, sanitized' "$cache/sanitized/deaths" 2
  # mmap_rnd_bits of newer kernels is more than the thread sanitizer of gcc 12 can do with.
  build threads gcc '-O1 -g -fsanitize=thread'
  if setarch -R true 2>/dev/null; then counted 'threads, thread sanitizer' setarch -R "$cache/threads/threads"; else missing 'there is no setarch -R'; fi
  if have valgrind; then
    for name in guards loops threads input; do
      counted "$name, valgrind" valgrind -q --leak-check=full --error-exitcode=9 "$cache/gcc/$name"
    done
  else
    missing 'there is no valgrind'
  fi
fi
elsewhere
if [ -n "${FINRST_LONG:-}" ]; then
  export FINRST_CONNECTIONS=10000
  counted '10 000 connections' "$cache/gcc/threads" many_connections
  counted 'suite, sanitized' node ../../dist/cli.js test --only wire --except rows --testee "$cache/sanitized/testee"
fi
[ $skipped -eq 0 ] && echo "$passed passed, $failed failed" || echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
