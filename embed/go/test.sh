#!/bin/sh
# Builds and tests the Go embedding, and ends with a line `N passed, N failed, N skipped`.
#
# FINRST_LONG=1 runs the scripts of spec/wire too, if there is a dist/cli.js. Go's own caches are used; the binaries go to
# .cache/embed/go.
set -u
cd "$(dirname "$0")" || exit 1
command -v go >/dev/null || { echo 'there is no go on the path'; echo '0 passed, 0 failed, 1 skipped'; exit 0; }
cache=../../.cache/embed/go
mkdir -p "$cache"
export GOTOOLCHAIN=local GOFLAGS=-mod=readonly

failed=0
step() { echo "--- $*"; "$@" || failed=$((failed + 1)); }

unformatted=$(gofmt -l .)
[ -z "$unformatted" ] || { echo "not formatted: $unformatted"; failed=$((failed + 1)); }
step go vet ./...
step go build -o "$cache/" ./testee ./example
# Everything, tests too, must compile for the systems that nothing is run on; big-endian Linux has calls of its own.
for system in darwin/arm64 freebsd/amd64 openbsd/amd64 netbsd/amd64 illumos/amd64 windows/amd64 linux/s390x; do
  step env CGO_ENABLED=0 GOOS=${system%/*} GOARCH=${system#*/} go vet ./...
done
if [ -n "${FINRST_LONG:-}" ]; then
  [ ! -f ../../dist/cli.js ] || step node ../../dist/cli.js test --testee "$cache/testee"
fi

# go test -json has one line for each test that ends; a test with parts counts as itself and as each of its parts.
run() {
  echo "--- go test $*"
  go test -json -count=1 -timeout=300s "$@" ./... >"$cache/test.json" 2>"$cache/test.log"
  code=$?
  grep '"Action":"output"' "$cache/test.json" | grep -E -e '--- FAIL|_test.go:|"panic: |DATA RACE' |
    sed 's/.*"Output":"//; s/\\n"}$//'
  cat "$cache/test.log"
  for action in pass fail skip; do
    count=$(grep "\"Action\":\"$action\"" "$cache/test.json" | grep -c '"Test":')
    eval "$action=\$((\${$action:-0} + count))"
  done
  # A package that does not compile, or dies, has no test that failed.
  [ $code -eq 0 ] || grep '"Action":"fail"' "$cache/test.json" | grep -q '"Test":' || failed=$((failed + 1))
}

pass=0 fail=0 skip=0
run
if [ "$(go env CGO_ENABLED)" = 1 ] && command -v "$(go env CC)" >/dev/null; then
  # The race detector learns nothing from 115 million calls of one goroutine.
  run -race -short
else
  echo 'no C compiler: the race detector is left out'
  skip=$((skip + 1))
fi
failed=$((failed + fail))
echo "$pass passed, $failed failed, $skip skipped"
[ "$failed" -eq 0 ]
