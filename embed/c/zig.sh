#!/bin/sh
# Installs zig from PyPI into a folder, in the version and with the hashes of zig.txt, unless it is there.
set -eu
cd "$(dirname "$0")"
folder=$1
[ "$(cat "$folder/installed" 2>/dev/null)" != "$(cat zig.txt)" ] || exit 0
"${PYTHON:-python3}" -m venv --clear "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: --requirement zig.txt
cp zig.txt "$folder/installed"
