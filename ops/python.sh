#!/usr/bin/env bash
# Prints the path of a Python that can build our environments: 3.13 if there is one, else 3.12 or 3.14.
# Looks at $PYTHON, then on PATH, then where pyenv, uv, mise, asdf and Homebrew keep theirs. Downloads nothing.
set -euo pipefail
shopt -s nullglob

# The real executable behind a shim or an active virtual environment; fails when it is too old or lacks venv.
real() {
  "$1" -c '
import ensurepip, sys, venv
if not (3, 12) <= sys.version_info[:2] <= (3, 14): sys.exit(1)
print(getattr(sys, "_base_executable", sys.executable))' 2>/dev/null
}

if [[ -n "${PYTHON:-}" ]]; then
  real "$PYTHON" && exit 0
  echo "PYTHON=$PYTHON is not a Python 3.12, 3.13 or 3.14 with the venv module" >&2
  exit 1
fi

for version in 3.13 3.12 3.14; do
  candidates=(
    "python$version"
    "${PYENV_ROOT:-$HOME/.pyenv}/versions/$version".*/bin/python
    "${UV_PYTHON_INSTALL_DIR:-${XDG_DATA_HOME:-$HOME/.local/share}/uv/python}/cpython-$version".*/bin/python3
    "${MISE_DATA_DIR:-$HOME/.local/share/mise}/installs/python/$version".*/bin/python
    "${ASDF_DATA_DIR:-$HOME/.asdf}/installs/python/$version".*/bin/python
    "/opt/homebrew/bin/python$version" "/usr/local/bin/python$version" "/opt/python/$version".*/bin/python
  )
  for candidate in "${candidates[@]}"; do
    real "$candidate" && exit 0
  done
done
for candidate in python3 python; do
  real "$candidate" && exit 0
done

echo "Slotline needs Python 3.13 (3.12 and 3.14 will do) with the venv module, and found none." >&2
echo "Install one, for example with 'uv python install 3.13' or 'pyenv install 3.13', or set PYTHON=/path/to/python." >&2
exit 1
