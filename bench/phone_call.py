"""One phone call from the first question to the last, tool by tool, with what each tool waited for."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.desk import GUEST, Desk, WrongAnswerError, quiet
from bench.wires import Wait, depth

if TYPE_CHECKING:
    from bench.wires import Latency

CALENDARS = ("builtin", "calcom")
SECONDS_UNTIL_FORGOTTEN = 20
SECONDS_BETWEEN_TOOLS = 3
"""The call fits into the minute for which a configuration is remembered: reading it again is no tool's doing."""


@dataclass(frozen=True, slots=True)
class Step:
    """One tool call: its name in the scoreboard, its requests, and how long the caller waited (seconds)."""

    name: str
    calendar: str
    waits: tuple[Wait, ...]
    seconds: float

    @property
    def on_the_way(self) -> list[Wait]:
        """All that answers the caller; the ledger's line is written when the answer is known."""
        return [wait for wait in self.waits if wait.to != "ledger"]

    @property
    def round_trips(self) -> int:
        return depth(self.on_the_way)

    @property
    def ledger(self) -> int:
        return len(self.waits) - len(self.on_the_way)

    def trail(self) -> str:
        """The requests in order, with those that ran side by side joined by ∥."""
        parts: list[str] = []
        ended = float("-inf")
        for wait in self.on_the_way:
            beside = wait.began < ended
            parts.append(f"{' ∥ ' if beside else ', ' if parts else ''}{wait.what}")
            ended = max(ended, wait.ended)
        return "".join(parts)


@dataclass(slots=True)
class PhoneCall:
    """A caller on the line of a desk."""

    desk: Desk
    calendar: str

    def steps(self) -> Iterator[Step]:
        """The tools in the order of a call that changes its mind. Raises WrongAnswerError when one does not work."""
        question = {"service": self.calendar}
        step, _ = self._heard("first answer of a process", "check_availability", "available", question)
        yield step
        self.desk.clock.sleep(SECONDS_UNTIL_FORGOTTEN)
        step, offered = self._heard("availability, nothing remembered", "check_availability", "available", question)
        yield step
        step, _ = self._heard("availability, asked again", "check_availability", "available", question)
        yield step
        first, second, third = ({"slot_id": slot["slot_id"]} for slot in offered["slots"])
        step, _ = self._heard("hold", "hold_slot", "held", first)
        yield step
        step, booked = self._heard("book after hold", "book_appointment", "confirmed", first | GUEST)
        yield step
        this = {"appointment": booked["appointment"]}
        step, _ = self._heard("confirm by text", "send_confirmation", "sent", this)
        yield step
        step, _ = self._heard("find", "find_appointments", "found", {})
        yield step
        step, _ = self._heard("reschedule", "reschedule_appointment", "confirmed", this | second)
        yield step
        step, _ = self._heard("cancel, the question", "cancel_appointment", "needs_confirmation", this)
        yield step
        step, _ = self._heard("cancel", "cancel_appointment", "cancelled", this | {"confirm": True})
        yield step
        step, _ = self._heard("book without hold", "book_appointment", "confirmed", third | GUEST)
        yield step

    def _heard(self, name: str, tool: str, status: str, arguments: Mapping[str, object]) -> tuple[Step, dict[str, Any]]:
        self.desk.clock.sleep(SECONDS_BETWEEN_TOOLS)
        self.desk.wires.taken()
        began = time.perf_counter()
        answer = self.desk.ask(tool, arguments)
        seconds = time.perf_counter() - began
        if answer["status"] != status:
            raise WrongAnswerError(f"{tool} on {self.calendar}: {answer}")
        return Step(name, self.calendar, tuple(self.desk.wires.taken()), seconds), answer


def played(calendar: str, latency: Latency) -> dict[str, Step]:
    """The steps of one call by name, from a process that has just started."""
    with quiet():
        return {step.name: step for step in PhoneCall(Desk(latency), calendar).steps()}
