"""The fake Twilio behind real HTTP: every text it took goes into the history."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from tests.real_engine.wire import Answer, Reply, Request, Silence
from tests.servers.twilio import ConnectionDroppedError, TwilioAccount, payload
from tests.servers.twilio import Request as TwilioRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.real_engine.faults import Faults
    from tests.real_engine.history import History

_FAULTS: dict[str, str | tuple[int, int]] = {
    "drop": "drop", "commit_drop": "commit_drop", "commit_500": "commit_500", "error_before": (500, 20500),
    "too_many": (429, 20429),
}  # fmt: skip


@dataclass(slots=True)
class SmsWire:
    """One account."""

    now: Callable[[], float]
    history: History
    faults: Faults
    account: TwilioAccount = field(init=False)
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.empty()

    def empty(self) -> None:
        """A new account."""
        self.account = TwilioAccount(now=self.now)

    def answer(self, request: Request) -> Answer:
        sort, place = ("sms.write", "sms.send") if request.method == "POST" else ("sms.read", "sms.find")
        fault = self.faults.strike(request.process, sort, place)
        if fault == "kill_before":
            return Silence()
        answer = self._carry_out(request, fault)
        if fault == "kill_after":
            self.faults.kill(request.process)
            return Silence()
        return answer

    def _carry_out(self, request: Request, fault: str) -> Answer:
        with self._turn:
            if fault in _FAULTS:
                self.account.faults.append(_FAULTS[fault])
            before = len(self.account.texts)
            try:
                reply = self.account.handle(
                    TwilioRequest(request.method, request.target, request.headers, request.body)
                )
            except ConnectionDroppedError:
                return Silence()
            finally:
                for text in self.account.texts[before:]:
                    booking, rv, kind = _effect(text.status_callback or "")
                    key = f"{booking}-{rv}-{kind}"
                    self.history.tell("text", self.history.began[request.process], text.to, key, text.body)
            return Reply(reply.status, payload(reply), {"Content-Type": "application/json", **reply.headers})


def _effect(callback: str) -> list[str]:
    """Booking, version and kind, out of the address for delivery reports."""
    return parse_qs(urlsplit(callback).query)["key"][0].split(".")
