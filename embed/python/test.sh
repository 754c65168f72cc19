#!/usr/bin/env bash
# Installs what the Python embedding needs into .cache/embed/python, tests it, and ends with one line of counts.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
venv="$PWD/../../.cache/embed/python"
wanted="$(cat requirements-test.txt; "${PYTHON:-python3}" --version)"
if [ "$(cat "$venv/installed" 2>/dev/null)" != "$wanted" ]; then
  "${PYTHON:-python3}" -m venv --clear "$venv"
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: \
    --requirement requirements-test.txt
  echo "$wanted" >"$venv/installed"
fi
export PYTHONDONTWRITEBYTECODE=1
exec "$venv/bin/python" -m pytest --quiet "$@"
