"""Radicale, a real CalDAV server (radicale.org), as a child process with one user and no calendar yet."""

from __future__ import annotations

import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tests.servers.dav_child import Dav, free_port, running

if TYPE_CHECKING:
    from collections.abc import Iterator

USER, PASSWORD = "ada", "fake-password"

_CONFIG = """
[server]
hosts = 127.0.0.1:{port}
[auth]
type = htpasswd
htpasswd_filename = {folder}/users
htpasswd_encryption = plain
delay = 0
[storage]
filesystem_folder = {folder}/collections
[logging]
level = warning
"""


@contextmanager
def radicale() -> Iterator[Dav]:
    with tempfile.TemporaryDirectory(prefix="radicale-") as temporary:
        folder, port = Path(temporary), free_port()
        (folder / "config").write_text(_CONFIG.format(port=port, folder=folder))
        (folder / "users").write_text(f"{USER}:{PASSWORD}\n")
        command = [sys.executable, "-m", "radicale", "--config", str(folder / "config")]
        with running(command, port=port, log=folder / "log"):
            yield Dav(f"http://127.0.0.1:{port}", USER, PASSWORD, f"/{USER}/")
