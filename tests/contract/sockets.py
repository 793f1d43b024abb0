"""What the tests over real connections share: real time, odd servers and callers who come at once."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

import pytest

from slotline.domain.errors import InDoubtError, NotExecutedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from tests.contract.calendars import Bench


class WallClock:
    def now(self) -> float:
        return time.time()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


@contextmanager
def raw_server(serve: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that does with every connection what it is told; gives its base URL."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        served: list[threading.Thread] = []

        def accept() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                served.append(threading.Thread(target=handle, args=(connection,), daemon=True))
                served[-1].start()

        def handle(connection: socket.socket) -> None:
            with connection:
                try:
                    serve(connection)
                except OSError:
                    return  # the client has gone

        accepting = threading.Thread(target=accept, daemon=True)
        accepting.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        listening.shutdown(socket.SHUT_RDWR)
        accepting.join()
        for thread in served:
            thread.join(5)


def seconds_of(work: Callable[[], object], error: type[Exception]) -> float:
    begun = time.monotonic()
    with pytest.raises(error):
        work()
    return time.monotonic() - begun


def together(works: Iterable[Callable[[], object]]) -> None:
    """All of them at once, each in a thread of its own."""
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def book_eight_at_once(bench: Bench, *, deadline: float) -> None:
    """Eight callers with eight wishes, every one of which has to be granted."""
    failures: list[Exception] = []

    def book(number: int) -> None:
        wish = bench.wish(f"tag-{number}", start=bench.at(hour=9) + 30 * number)
        try:
            assert bench.calendar.create(wish, deadline=deadline).tag == wish.tag
        except (AssertionError, InDoubtError, NotExecutedError) as failure:
            failures.append(failure)

    together(partial(book, number) for number in range(8))

    assert failures == []
