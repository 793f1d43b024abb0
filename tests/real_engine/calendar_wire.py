"""The fake Cal.com behind real HTTP: what is asked of it, what it really did, and when, goes into the history."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any

from tests.real_engine.wire import Answer, Reply, Request, Silence
from tests.servers.calcom_api import CalcomApi

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.real_engine.faults import Faults
    from tests.real_engine.history import History
    from tests.real_engine.timeline import Timeline
    from tests.servers.calcom_desk import Booking, EventType
    from tests.servers.faulty import Answer as ServerAnswer

TAG = "idempotency_key"
STATUS = {"accepted": "accepted", "pending": "requested", "cancelled": "cancelled", "rejected": "rejected"}
STALL_SECONDS = 1.3  # the connection is configured with one second of patience
LATEST_SECONDS = 100.0  # well within the quiescence of 120
RATE_LIMIT_SECONDS = 5.0
CREATES = frozenset({"create", "move"})


@dataclass(slots=True)
class CalendarWire:
    """One Cal.com account. `services` are the service keys by event type."""

    name: str  # business/calendar
    timeline: Timeline
    history: History
    faults: Faults
    event_types: tuple[EventType, ...]
    services: Mapping[int, str]
    api: CalcomApi = field(init=False)
    _filed: dict[str, tuple[str, int, int]] = field(default_factory=dict)
    _turn: threading.Lock = field(default_factory=threading.Lock)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        self.empty()

    def empty(self) -> None:
        """A new account."""
        self.api = CalcomApi(clock=lambda: self.timeline.now, event_types=self.event_types)
        self._filed.clear()

    def answer(self, request: Request) -> Answer:
        operation = _operation(request)
        writes = request.method == "POST"
        sort = "calendar.write" if writes else "calendar.read"
        fault = self.faults.strike(request.process, sort, f"calcom.{operation}")
        if fault == "kill_before":
            return Silence()
        answer = self._carry_out(request, operation, fault=fault, number=next(self._numbers) if writes else 0)
        if fault == "kill_after":
            self.faults.kill(request.process)
        if answer is None or answer.drop or fault == "kill_after":
            return Silence(STALL_SECONDS if answer is None else 0.0)
        return Reply(answer.status, answer.body, {"Content-Type": "application/json", **answer.headers}, answer.delay)

    def _carry_out(self, request: Request, operation: str, *, fault: str, number: int) -> ServerAnswer | None:
        """Do it now; None when it will be done later, and nobody hears of it."""
        with self._turn:
            if number:
                about = self._booking(request, operation)
                self.history.tell("request", self.name, operation, about, number, operation in CREATES)
            if fault == "late":
                seconds = 0.01 + LATEST_SECONDS * self.faults.random.random() ** 2
                self.timeline.start(lambda: self._late(request, operation, number), after=seconds)
                return None
            if fault not in {"", "kill_after"}:
                seconds = RATE_LIMIT_SECONDS if fault == "too_many" else STALL_SECONDS
                self.api.fault(fault, on="*", seconds=seconds)
            return self._done(request, operation, number)

    def _late(self, request: Request, operation: str, number: int) -> None:
        with self._turn:
            self._done(request, operation, number)

    def _done(self, request: Request, operation: str, number: int) -> ServerAnswer:
        answer = self.api.answer(request.method, request.target, request.headers, request.body)
        self._file(by=request.process)
        if operation == "create" and not self._is_ours(request):
            self.history.tell("refused", self.name, self._booking(request, operation))
        if number:
            self.history.tell("executed", number)  # or it never will be
        return answer

    def _file(self, *, by: str) -> None:
        """Tell what changed in the account."""
        for uid, booking in self.api.desk.bookings.items():
            start, end = int(booking.start.timestamp() // 60), int(booking.end.timestamp() // 60)
            seen = (STATUS[booking.status], start, end)
            if self._filed.get(uid) != seen:
                self._filed[uid] = seen
                service = self.services[booking.event_type.id]
                self.history.tell(
                    "event", self.name, uid, *seen, booking.metadata.get(TAG), _phone(booking), service, by
                )

    def _is_ours(self, request: Request) -> bool:
        wanted = self._booking(request, "create")
        return any(b.metadata.get(TAG) == wanted and b.is_live for b in self.api.desk.bookings.values())

    def _booking(self, request: Request, operation: str) -> str:
        """Which booking of ours a write is about."""
        if operation == "create":
            body: dict[str, Any] = json.loads(request.body)
            return str(body["metadata"][TAG])
        known = self.api.desk.bookings.get(request.target.split("/")[3])
        return str(known.metadata.get(TAG)) if known else ""


def _operation(request: Request) -> str:
    parts = request.target.partition("?")[0].removeprefix("/v2/").split("/")
    if request.method == "GET":
        return "slots" if parts[0] == "slots" else "read" if len(parts) > 1 else "find"
    if len(parts) == 1:
        return "create"
    return "move" if parts[-1] == "reschedule" else parts[-1]


def _phone(booking: Booking) -> str | None:
    """Who booked it: by number, or by the number in a made-up address."""
    attendee = booking.attendees[0]
    digits = str(attendee["email"]).partition("@")[0]
    number: str | None = attendee.get("phoneNumber") or (f"+{digits}" if digits.isdigit() else None)
    return number
