"""Xandikos, a real CalDAV server (xandikos.org), as a child process. On plain HTTP it asks nobody for a password."""

from __future__ import annotations

import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tests.servers.dav_child import Dav, free_port, running

if TYPE_CHECKING:
    from collections.abc import Iterator

PRINCIPAL = "/user1/"


@contextmanager
def xandikos() -> Iterator[Dav]:
    with tempfile.TemporaryDirectory(prefix="xandikos-") as temporary:
        folder, port = Path(temporary), free_port()
        (folder / "data").mkdir()
        command = [
            sys.executable, "-m", "xandikos", "serve", "-d", str(folder / "data"), "--defaults",
            "--state-dir", str(folder / "state"), "-l", "127.0.0.1", "-p", str(port),
            "--no-detect-systemd", "--current-user-principal", PRINCIPAL,
        ]  # fmt: skip
        with running(command, port=port, log=folder / "log"):
            server = Dav(f"http://127.0.0.1:{port}", "user1", "unused", f"{PRINCIPAL}calendars/")
            server.send("DELETE", f"{server.home}calendar/")  # tests make their own
            yield server
