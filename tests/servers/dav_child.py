"""A real CalDAV server as a child process on a free loopback port, with a folder that vanishes with it."""

from __future__ import annotations

import atexit
import socket
import subprocess
import time
from base64 import b64encode
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from typing import TYPE_CHECKING

from tests.servers.calling import call

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

START_SECONDS = 30.0
STOP_SECONDS = 5.0

_NEW_CALENDAR = b"""<?xml version="1.0"?><C:mkcalendar xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><set><prop>
<displayname>Main</displayname>
<C:supported-calendar-component-set><C:comp name="VEVENT"/></C:supported-calendar-component-set>
</prop></set></C:mkcalendar>"""


@dataclass(frozen=True)
class Dav:
    """A running server: where it is, who may enter, and the folder of the user's calendars."""

    base_url: str
    user: str
    password: str
    home: str
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def send(self, method: str, path: str, body: bytes = b"", **headers: str) -> int:
        """A raw request, as another program would send it; gives the status."""
        login = b64encode(f"{self.user}:{self.password}".encode()).decode()
        named = {"Authorization": f"Basic {login}"} | {key.replace("_", "-"): v for key, v in headers.items()}
        return call(method, self.base_url + path, body or None, named, timeout=10).status

    def put(self, path: str, text: str) -> None:
        """Put an event there, as a calendar program would."""
        body = text.replace("\r\n", "\n").replace("\n", "\r\n").encode()
        status = self.send("PUT", path, body, Content_Type="text/calendar; charset=utf-8")
        if status not in {201, 204}:
            raise RuntimeError(f"HTTP {status}")

    @contextmanager
    def calendar(self) -> Iterator[str]:
        """A new, empty calendar; gives its path."""
        path = f"{self.home}test-{next(self.numbers)}/"
        if self.send("MKCALENDAR", path, _NEW_CALENDAR, Content_Type="application/xml; charset=utf-8") != 201:
            raise RuntimeError("no calendar was made")
        try:
            yield path
        finally:
            self.send("DELETE", path)


@cache
def shared(start: Callable[[], AbstractContextManager[Dav]]) -> Dav:
    """One server for the whole test process: starting one takes longer than a test. It is stopped at the end."""
    stack = ExitStack()
    atexit.register(stack.close)
    return stack.enter_context(start())


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


@contextmanager
def running(command: Sequence[str], *, port: int, log: Path) -> Iterator[None]:
    """Run the command until the end of the block; entered once the port accepts connections."""
    with log.open("wb") as output:
        child = subprocess.Popen(command, stdout=output, stderr=output, cwd=log.parent)
        try:
            _await_port(child, port, log=log)
            yield
        finally:
            child.terminate()
            try:
                child.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait(STOP_SECONDS)


def _await_port(child: subprocess.Popen[bytes], port: int, *, log: Path) -> None:
    ends = time.monotonic() + START_SECONDS
    while time.monotonic() < ends:
        if child.poll() is not None:
            raise RuntimeError(f"the server ended at once: {log.read_text('utf-8', 'replace')[-2000:]}")
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=0.5):
                return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"the server did not start: {log.read_text('utf-8', 'replace')[-2000:]}")
