#!/usr/bin/env bash
# Builds the Java embedding into .cache/embed/java, tests it, and ends with one line of counts.
#
# Maven fetches what pom.xml names into its ordinary local repository. More arguments go to Maven: -Dtest=GuardTest.
# FINRST_CONNECTIONS says how many connections DescriptorsTest ends.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
target="$PWD/../../.cache/embed/java"
mkdir -p "$target"
log="$target/test.log"

# A report of a test that is no more must not be counted.
rm -rf "$target/surefire-reports"
mvn --batch-mode --no-transfer-progress "-Dtarget.folder=$target" verify "$@" >"$log" 2>&1
code=$?
# The closing line of all tests, such as `Tests run: 400, Failures: 0, Errors: 0, Skipped: 0`.
counts=$(grep -E 'Tests run: [0-9]+, .*Skipped: [0-9]+$' "$log" | tail -n 1 | grep -oE '[0-9]+' | tr '\n' ' ')
read -r run failures errors skipped <<<"${counts:-0 0 0 0}"
failed=$((failures + errors))
if [ "$code" -ne 0 ]; then
  cat "$log"
  # What does not compile, or is not documented, is no test that failed.
  [ "$failed" -gt 0 ] || failed=1
elif [ -z "$counts" ]; then
  echo "Maven ran no test: $log"
  failed=1
fi
echo "$((run - failures - errors - skipped)) passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
