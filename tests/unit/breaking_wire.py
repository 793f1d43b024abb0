"""The way to a fake account, on which processes die, answers get lost and requests arrive late."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

from tests.servers.faulty import transport

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fakes import FakeClock
    from tests.servers.faulty import Answering

FAULTS = ("kill_before", "kill_after", "lost_before", "lost_after", "late", "too_many", "unauthorized")
LATE_SECONDS = 50


class KilledError(BaseException):
    """The process ends here."""


class BreakingWire:
    """Carries requests; `plan` says what happens to which of them, by number from 0.

    To some requests the account may have an answer of its own: `instead` gives it, or None.
    """

    def __init__(self, api: Answering, *, clock: FakeClock) -> None:
        self.plan: dict[int, str] = {}
        self.count = 0
        self.instead: Callable[[httpx.Request], httpx.Response | None] = lambda _: None
        self._api = api
        self._clock = clock
        self._late: list[tuple[float, httpx.Request]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        account = transport(self._api, clock=self._clock)
        for due, waiting in list(self._late):
            if due <= self._clock.now():
                self._late.remove((due, waiting))
                account.handle_request(waiting)
        fault = self.plan.get(self.count, "")
        self.count += 1
        answer = self.instead(request)
        if answer is not None:
            return answer
        if fault == "kill_before":
            raise KilledError
        if fault == "late" and request.method != "GET":
            self._late.append((self._clock.now() + LATE_SECONDS, request))
        if fault in {"lost_before", "late"}:
            raise httpx.ReadTimeout("no answer", request=request)
        if fault in {"too_many", "unauthorized"}:
            return httpx.Response(429 if fault == "too_many" else 401, headers={"Retry-After": "20"})
        answer = account.handle_request(request)
        if fault == "kill_after":
            raise KilledError
        if fault == "lost_after":
            raise httpx.ReadTimeout("no answer", request=request)
        return answer
