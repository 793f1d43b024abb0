"""`make demo`: one phone call from question to cancellation, played against the local stack and checked."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from ops.demo.phone_call import BUSINESS, WrongAnswerError, play
from ops.local.engine import ROOT
from ops.target import find_target

START_SECONDS = 120
READY = "ready "
TEXT_MESSAGE = "SMS to "


def main() -> int:
    """0 only if every answer was right."""
    key = secrets.token_urlsafe(32)
    with _served(key) as (url, texts):
        try:
            play(url, key=key, target=find_target(None), texts=texts, out=sys.stdout)
        except WrongAnswerError as wrong:
            print(f"\nWRONG: {wrong}", file=sys.stderr)
            return 1
    print(f"\nEvery answer was right. Try it yourself: `make serve`; its desk file is ops/demo/{BUSINESS}.yaml.")
    return 0


@contextmanager
def _served(key: str) -> Iterator[tuple[str, deque[str]]]:
    """`make serve` as a child on a free port; yields its URL and the text messages it prints."""
    command = [sys.executable, "-m", "ops.local.serve", "--port", "0"]
    child = subprocess.Popen(
        command, cwd=ROOT, env=os.environ | {"FRONT_DESK_KEY": key}, stdout=subprocess.PIPE, text=True
    )
    texts: deque[str] = deque()
    url, ready = deque[str](), threading.Event()
    reader = threading.Thread(target=_read, args=(child, url, ready, texts), daemon=True)
    reader.start()
    try:
        if not ready.wait(START_SECONDS) or not url:
            raise WrongAnswerError("the local stack did not start; `make serve` shows why")
        yield url[0], texts
    finally:
        child.send_signal(signal.SIGTERM)
        child.wait(30)
        reader.join(5)


def _read(child: subprocess.Popen[str], url: deque[str], ready: threading.Event, texts: deque[str]) -> None:
    for line in child.stdout or ():
        if line.startswith(READY):
            url.append(line.removeprefix(READY).strip())
            ready.set()
        elif line.startswith(TEXT_MESSAGE):
            texts.append(line.strip())
    ready.set()  # it ended: nobody has to wait for the time-out


if __name__ == "__main__":
    sys.exit(main())
