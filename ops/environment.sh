#!/usr/bin/env bash
# Builds or renews one virtual environment from one hashed lock: environment.sh DIRECTORY LOCK
# uv does it in seconds: the one on PATH, ours, or else the one that our lock names, fetched with pip. Where uv cannot
# reach the package index, for it does not read pip's settings, pip does the whole. No interpreter is downloaded.
set -euo pipefail

directory=$1
lock=$2
python=$("$(dirname "$0")/python.sh")
version='import sys; print(*sys.version_info[:2])'

if [[ "$("$directory/bin/python" -c "$version" 2>/dev/null)" != "$("$python" -c "$version")" ]]; then
  rm -rf "$directory"
  "$python" -m venv "$directory"
fi

export UV_PYTHON_DOWNLOADS=never PIP_DISABLE_PIP_VERSION_CHECK=1

install() { "$directory/bin/python" -m pip install --quiet --no-compile --no-deps --require-hashes --requirement "$1"; }

# The lines of uv itself in the lock: its version and its hashes.
uv_alone() { awk '/^uv==/ { on = 1 } on { print } on && !/\\$/ { exit }' requirements/dev.txt; }

uv=
for candidate in uv .venv/bin/uv; do  # not every `uv` on PATH runs: version managers leave stubs
  if [[ -z "$uv" ]] && "$candidate" --version >/dev/null 2>&1; then uv=$candidate; fi
done
if [[ -z "$uv" ]] && install <(uv_alone); then uv=$directory/bin/uv; fi

if [[ -n "$uv" ]] && "$uv" pip sync --quiet --require-hashes --python "$directory/bin/python" "$lock"; then
  exit 0
fi
echo "uv could not install from $lock; pip does it, which takes a minute or two" >&2
install "$lock"  # the lock names everything, so there is nothing to resolve
