"""Runs the local AWS engine inside its own environment and ends with the process that started it.

Started by engine.py with the engine's interpreter; standard input is a pipe that nobody writes to. When the parent
goes away, however it goes, the pipe closes, and the engine and everything it started are stopped.
"""

from __future__ import annotations

import os
import runpy
import shutil
import signal
import threading
from pathlib import Path


def _end_with_parent(pipe: int) -> None:
    while os.read(pipe, 1):
        pass
    shutil.rmtree(os.environ["TMPDIR"], ignore_errors=True)  # made for us by engine.py, which cannot remove it any more
    os.killpg(os.getpgrp(), signal.SIGKILL)  # nothing to save; engine.py made the group ours alone


def main() -> None:
    pipe = os.dup(0)  # the copy is not inherited by the engine's own children
    with Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    threading.Thread(target=_end_with_parent, args=(pipe,), daemon=True).start()
    runpy.run_module("ministack", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
