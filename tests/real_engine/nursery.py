"""Where processes come from: one process that has imported everything and forks a new one on demand, in milliseconds.

Run as `python -m tests.real_engine.nursery FD`. On the socket FD come orders: with a descriptor, "fork" and how the new
process shall be; without one, the process id to bury, which nobody else can get until then.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_ORDER = 65_536


@dataclass(frozen=True, slots=True)
class Birth:
    """How a new process shall be: `skew` seconds ahead of time, with the broken rule `mutant`."""

    environment: Mapping[str, str]
    clock: str
    log: str
    skew: float = 0.0
    mutant: str = ""
    warm: str = ""  # the business whose configuration and secrets it has read before its first task


class Nursery:
    """The forking process, as its parent sees it."""

    def __init__(self) -> None:
        self._orders, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.real_engine.nursery", str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        )
        theirs.close()

    def fork(self, birth: Birth) -> tuple[int, Connection]:
        """The id of a new process and our end of its pipe; it says "ready" when it is."""
        ours, theirs = socket.socketpair()
        with ours, theirs:
            socket.send_fds(self._orders, [json.dumps(asdict(birth)).encode()], [theirs.fileno()])
            pid = int(self._orders.recv(LONGEST_ORDER))
            return pid, Connection(ours.detach())

    def bury(self, pid: int) -> None:
        """Kill a process and let its id go."""
        os.kill(pid, signal.SIGKILL)
        self._orders.send(str(pid).encode())
        self._orders.recv(LONGEST_ORDER)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._orders.close()
        self._process.wait(30)


def main(orders: socket.socket) -> None:
    from tests.real_engine import worker

    children: set[int] = set()
    while True:
        order, descriptors, _, _ = socket.recv_fds(orders, LONGEST_ORDER, 1)
        if not order:
            break
        if not descriptors:
            os.waitpid(int(order), 0)
            children.discard(int(order))
            orders.send(b"buried")
            continue
        pid = os.fork()
        if pid == 0:
            orders.close()
            worker.serve(Connection(descriptors[0]), Birth(**json.loads(order)))
            os._exit(0)
        os.close(descriptors[0])
        children.add(pid)
        orders.send(str(pid).encode())
    for child in children:
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    main(socket.socket(fileno=int(sys.argv[1])))
