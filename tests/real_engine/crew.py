"""The processes: as many as there may be at once, one task each, and a new one for each that was killed."""

from __future__ import annotations

import os
import queue
import signal
import threading
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Self

from tests.real_engine.nursery import Nursery

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection

    from tests.real_engine.nursery import Birth
    from tests.real_engine.worker import Task

START_SECONDS = 60.0


class CrewError(Exception):
    """A process did not start."""


@dataclass(frozen=True, slots=True, eq=False)
class _Member:
    pid: int
    connection: Connection


@dataclass(slots=True)
class Crew:
    """`size` processes; `skew` gives each new one the error of its clock."""

    size: int
    birth: Birth
    skew: Callable[[], float] = lambda: 0.0
    warm: Callable[[], str] = lambda: ""
    killed: int = 0
    _nursery: Nursery = field(init=False)
    _idle: queue.Queue[_Member] = field(default_factory=queue.Queue)
    _busy: dict[str, _Member] = field(default_factory=dict)
    _dead: set[int] = field(default_factory=set)
    _hiring: list[threading.Thread] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self, task: Task) -> tuple[int, Any] | None:
        """The answer; None when the process died, or took longer than a function may."""
        member = self._idle.get(timeout=START_SECONDS)
        with self._lock:
            self._busy[task.name] = member
        answer: tuple[int, Any] | None = None
        try:
            member.connection.send(task)
            if member.connection.poll(task.seconds):
                answer = member.connection.recv()
        except (EOFError, OSError):
            answer = None  # it died: nothing was heard
        with self._lock:
            del self._busy[task.name]
            was_killed = member.pid in self._dead
        if answer is None or was_killed:
            hiring = threading.Thread(target=self._replace, args=(member,))
            self._hiring.append(hiring)
            hiring.start()
        else:
            self._idle.put(member)
        return answer

    def kill(self, name: str) -> bool:
        """SIGKILL to the process that does this task; False when nobody does it any more."""
        with self._lock:
            member = self._busy.get(name)
            if member is None or member.pid in self._dead:
                return False
            os.kill(member.pid, signal.SIGKILL)
            self._dead.add(member.pid)
            self.killed += 1
            return True

    def busy(self) -> list[str]:
        """The tasks being done now."""
        with self._lock:
            return list(self._busy)

    def __enter__(self) -> Self:
        self._nursery = Nursery()
        try:
            for _ in range(self.size):
                self._hire()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for hiring in self._hiring:
            hiring.join()
        while not self._idle.empty():
            self._idle.get().connection.close()
        self._nursery.__exit__()

    def renew(self) -> None:
        """Exchange every process for a new one; nobody works now."""
        for hiring in self._hiring:
            hiring.join()
        self._hiring.clear()
        for _ in range(self._idle.qsize()):
            self._replace(self._idle.get())

    def _replace(self, member: _Member) -> None:
        with self._lock:
            self._nursery.bury(member.pid)
            self._dead.discard(member.pid)
        member.connection.close()
        self._hire()

    def _hire(self) -> None:
        with self._lock:
            pid, connection = self._nursery.fork(replace(self.birth, skew=self.skew(), warm=self.warm()))
        try:
            is_ready = connection.poll(START_SECONDS) and connection.recv() == "ready"
        except (EOFError, OSError):
            is_ready = False
        if not is_ready:
            connection.close()
            raise CrewError(f"a process did not start; see {self.birth.log}")
        self._idle.put(_Member(pid, connection))
