"""`make serve` with stub functions and a stub apply, run as a process of its own by test_serve.py.

Arguments: the directory for serve.json, then those of serve itself.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ops.local import serve
from ops.local.functions import LocalFunction

if TYPE_CHECKING:
    from ops.target import Target

STUBS = "tests.functional.stub_functions"
FUNCTIONS = {
    "availability": LocalFunction(f"{STUBS}.echo"),
    "booking": LocalFunction(f"{STUBS}.fail"),
    "sms_confirm": LocalFunction(f"{STUBS}.note"),
    "reconcile": LocalFunction(f"{STUBS}.note"),
}


def apply(path: Path, target: Target) -> int:
    """Take any file but one called refused.yaml."""
    sys.stdout.write(f"applied {path.name} to {target.table}\n")  # the test reads it
    sys.stdout.flush()
    return 2 if path.name == "refused.yaml" else 0


if __name__ == "__main__":
    sys.exit(serve.main(sys.argv[2:], functions=FUNCTIONS, apply=apply, serve_file=Path(sys.argv[1]) / "serve.json"))
