"""`make demo`: one phone call from question to cancellation, played against the local stack and checked.

`PLATFORM=elevenlabs` and the like let another voice platform make the call.
"""

from __future__ import annotations

import argparse
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml

from ops.demo.phone_call import AGENT, BUSINESS, WrongAnswerError, play
from ops.demo.wires import KEY, WAYS, Wire
from ops.local.engine import ROOT
from ops.local.serve import DEMO_DESK, DEMO_KEY
from ops.target import find_target

START_SECONDS = 120
READY = "ready "
TEXT_MESSAGE = "SMS to "


def main() -> int:
    """0 only if every answer was right."""
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--platform", default="vapi", choices=WAYS)
    platform: str = parser.parse_args().platform
    key = secrets.token_urlsafe(32)
    with tempfile.TemporaryDirectory() as folder, _served(WAYS[platform], key, Path(folder)) as (url, texts):
        try:
            play(url, key=key, target=find_target(None), texts=texts, out=sys.stdout, platform=platform)
        except WrongAnswerError as wrong:
            print(f"\nWRONG: {wrong}", file=sys.stderr)
            return 1
    print(f"\nEvery answer was right. Try it yourself: `make serve`; its desk file is ops/demo/{BUSINESS}.yaml.")
    return 0


def _desk(wire: Wire, folder: Path) -> Path:
    """The demo business with its front desk on that platform."""
    desk = yaml.safe_load(DEMO_DESK.read_text())
    auth = {name: value.replace(f"${{{KEY}}}", f"${{{DEMO_KEY}}}") for name, value in wire.auth.items()}
    desk["agents"][AGENT] |= {"platform": wire.platform, "auth": auth}
    path = folder / DEMO_DESK.name
    path.write_text(yaml.safe_dump(desk, sort_keys=False))
    return path


@contextmanager
def _served(wire: Wire, key: str, folder: Path) -> Iterator[tuple[str, deque[str]]]:
    """`make serve` as a child on a free port; yields its URL and the text messages it prints."""
    command = [sys.executable, "-m", "ops.local.serve", "--port", "0", "--config", str(_desk(wire, folder))]
    child = subprocess.Popen(
        command, cwd=ROOT, env=os.environ | {DEMO_KEY: wire.secret(key)}, stdout=subprocess.PIPE, text=True
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
