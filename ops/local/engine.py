"""The local AWS engine (ministack) as a child process on loopback.

It keeps everything in memory: stopping it forgets all. Its environment is `.local/aws-engine`, apart from ours because
it pins its own botocore; `make setup` builds it from requirements/local-aws.txt.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from slotline.domain.errors import SlotlineError

if TYPE_CHECKING:
    from types import TracebackType

ROOT = Path(__file__).resolve().parents[2]
ENGINE_PYTHON = ROOT / ".local" / "aws-engine" / "bin" / "python"
LAUNCHER = Path(__file__).with_name("engine_process.py")

START_SECONDS = 30.0
STOP_SECONDS = 5.0
START_TRIES = 3  # somebody else may take the free port between our asking for it and the engine's binding


class EngineError(SlotlineError):
    """The local engine is not installed, did not start, or died; the message says what to do."""


class Engine:
    """A running engine. Use it as a context manager, or call stop()."""

    def __init__(self, process: subprocess.Popen[bytes], *, port: int, scratch: Path) -> None:
        self._process = process
        self._scratch = scratch
        self.port = port
        self.endpoint = f"http://127.0.0.1:{port}"  # an address, not a name: S3 clients then use path style

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def log_tail(self, *, lines: int = 20) -> str:
        """Return the last lines of the engine's log; empty once it is stopped."""
        log = self._scratch / "engine.log"
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:]) if log.exists() else ""

    def stop(self) -> None:
        """SIGTERM, then SIGKILL for whatever is left of its process group. Safe to call twice."""
        if self.alive:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(STOP_SECONDS)
        with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS says EPERM for a group of zombies
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        if self._process.stdin is not None:
            self._process.stdin.close()
        shutil.rmtree(self._scratch, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def start(*, python: Path = ENGINE_PYTHON) -> Engine:
    """Start an empty engine and wait until it answers; EngineError says why it did not."""
    if not python.exists():
        raise EngineError(f"the local AWS engine is not installed ({python} is missing): run `make setup`")
    for _ in range(START_TRIES):
        engine = _launch(python)
        if _answers(engine):
            return engine
        tail = engine.log_tail()
        engine.stop()
    raise EngineError(f"the local AWS engine did not start:\n{tail}")


def free_port() -> int:
    """Name a loopback TCP port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _launch(python: Path) -> Engine:
    port = free_port()
    scratch = Path(tempfile.mkdtemp(prefix="slotline-engine-"))
    with (scratch / "engine.log").open("wb") as log:
        process = subprocess.Popen(
            [str(python), "-P", str(LAUNCHER)],  # -P: our own module names must not shadow the engine's imports
            env=_environment(port, scratch),
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C in the terminal is ours to pass on, in order
        )
    return Engine(process, port=port, scratch=scratch)


def _environment(port: int, scratch: Path) -> dict[str, str]:
    """Give the engine's settings. Its listeners default to all interfaces, hence BIND_HOST and the two switches."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PYTHON"))}
    return inherited | {
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "LOG_LEVEL": "WARNING",
        "TMPDIR": str(scratch),
        "STATE_DIR": str(scratch / "state"),
        "S3_DATA_DIR": str(scratch / "s3"),
    }


def _answers(engine: Engine) -> bool:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and engine.alive:
        with contextlib.suppress(OSError, HTTPException):
            if _is_ready(engine):
                return engine.alive
        time.sleep(0.05)
    return False


def _is_ready(engine: Engine) -> bool:
    with contextlib.closing(HTTPConnection(urlsplit(engine.endpoint).netloc, timeout=2)) as connection:
        connection.request("GET", "/_ministack/ready")
        return connection.getresponse().status == HTTPStatus.OK
