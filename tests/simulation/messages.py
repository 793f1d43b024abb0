"""The SMS sender of the simulated world: it remembers every text that really went out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slotline.domain.errors import MessageInDoubtError, MessageNotSentError
from slotline.ports import MessageReceipt

if TYPE_CHECKING:
    from slotline.ports import Message
    from tests.simulation.faults import Fault
    from tests.simulation.process import Process

FASTEST, SLOWEST = 0.05, 0.6
PATIENCE = 5.0
CLOCK_MARGIN = 2.0


class SmsServer:
    """What went out, as its log can be searched: by number and words."""

    def __init__(self) -> None:
        self.sent: dict[tuple[str, str], float] = {}


class SimSender:
    """ports.SmsSender for one process. `began`: when it started to look at what it now says."""

    def __init__(self, process: Process, server: SmsServer) -> None:
        self._process = process
        self._server = server
        self._began = process.universe.now

    def send(self, message: Message, *, deadline: float) -> MessageReceipt:
        process = self._process
        fault = self._reach("sms.write", "sms.send")
        kind = fault.kind if fault else ""
        if kind == "slow" and fault is not None:
            process.pass_time(fault.seconds)
        if kind == "no_connection":
            raise MessageNotSentError(kind)
        if kind == "error_before":
            process.universe.tell("text_failed", message.key)
            raise MessageInDoubtError(kind)
        process.universe.tell("text", self._began, message.to, message.key, message.body)
        self._server.sent[message.to, message.body] = process.universe.now
        if kind == "kill_after":
            process.die()
        if kind == "reply_lost":
            process.pass_time(PATIENCE)
            raise MessageInDoubtError(kind)
        return MessageReceipt(message.key, "sent")

    def find(self, message: Message, *, since: float, deadline: float) -> MessageReceipt | None:
        fault = self._reach("sms.read", "sms.find")
        if fault is not None and fault.kind == "kill_after":
            self._process.die()
        if fault is not None:
            raise MessageNotSentError(fault.kind)
        sent = self._server.sent.get((message.to, message.body), 0.0)
        return MessageReceipt(message.key, "sent") if sent >= since - CLOCK_MARGIN else None

    def _reach(self, sort: str, place: str) -> Fault | None:
        share = self._process.universe.random.random()
        return self._process.arrive(sort, place, after=FASTEST + share * (SLOWEST - FASTEST))
