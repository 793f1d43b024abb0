"""Python sources on their way into an asset: copied without leftovers, hashed, compiled.

Lambda cannot write `__pycache__`, and the packager sets every file's date to 1980-01-01, so bytecode that is checked by
date is thrown away and compiled anew at each cold start, which makes the start two to three times longer. Bytecode
that is marked "unchecked hash" (PEP 552) is taken as it is.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

TARGET_VERSION = (3, 13)  # the Lambda runtime's: bytecode of any other version is ignored there
_LEFTOVERS = shutil.ignore_patterns("__pycache__", "*.pyc", ".*")


class BuildError(Exception):
    """An asset cannot be built on this machine."""


@cache
def target_python() -> str:
    """An interpreter of the version that Lambda runs."""
    name = f"python{TARGET_VERSION[0]}.{TARGET_VERSION[1]}"
    if sys.version_info[:2] == TARGET_VERSION:
        return sys.executable
    found = shutil.which(name)
    if found is None:
        raise BuildError(f"{name} is needed to compile what Lambda will run, and is not on PATH")
    return found


def copy_sources(source: Path, target: Path) -> None:
    """Copy a package without bytecode and hidden files."""
    shutil.copytree(source, target, ignore=_LEFTOVERS, dirs_exist_ok=True)


def compile_sources(folder: Path, *, mounted_at: str) -> None:
    """Compile every module in the folder; tracebacks will name `mounted_at`, which is where Lambda puts the folder."""
    command = [target_python(), "-m", "compileall", "-q", "-f", "--invalidation-mode", "unchecked-hash"]
    command += ["-s", str(folder), "-p", mounted_at, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BuildError(f"compiling {folder} failed:\n{done.stdout}{done.stderr}")


def content_hash(sources: Iterable[Path], *, salt: str = "") -> str:
    """One hash of names and contents, the same on every run and machine. Folders count with all their sources."""
    digest = sha256(salt.encode())
    for root in sources:
        for file in _files(root):
            digest.update(f"\0{root.name}/{file.relative_to(root)}\0".encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()


def _files(root: Path) -> list[Path]:
    if root.is_file():
        return [root]
    inside = (file for file in root.rglob("*") if file.is_file() and file.suffix != ".pyc")
    return sorted(file for file in inside if not any(part.startswith(".") for part in file.relative_to(root).parts))
