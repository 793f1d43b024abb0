"""One phone call from the first question to the last, tool by tool, with what each tool waited for."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.desk import EMAIL, Desk, WrongAnswerError
from bench.wires import Wait, depth

if TYPE_CHECKING:
    from bench.wires import Latency

CALENDARS = ("builtin", "calcom")
SECONDS_BETWEEN_TOOLS = 20


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
        service = self.calendar
        step, _ = self._heard("first answer of a process", "check_availability", "available", service=service)
        yield step
        self._later()
        step, offered = self._heard("availability, nothing remembered", "check_availability", "available")
        yield step
        step, _ = self._heard("availability, asked again", "check_availability", "available")
        yield step
        first, second, third = (slot["slot_id"] for slot in offered["slots"])
        self._later()
        step, _ = self._heard("hold", "hold_slot", "held", slot_id=first)
        yield step
        self._later()
        wish: dict[str, object] = {"name": "Zoë Müller", "email": EMAIL}
        step, booked = self._heard("book after hold", "book_appointment", "confirmed", slot_id=first, **wish)
        yield step
        handle = booked["appointment"]
        self._later()
        step, _ = self._heard("confirm by text", "send_confirmation", "sent", appointment=handle)
        yield step
        self._later()
        step, _ = self._heard("find", "find_appointments", "found")
        yield step
        self._later()
        step, _ = self._heard(
            "reschedule", "reschedule_appointment", "confirmed", appointment=handle, slot_id=second
        )
        yield step
        self._later()
        step, _ = self._heard("cancel", "cancel_appointment", "cancelled", appointment=handle, confirm=True)
        yield step
        self._later()
        step, _ = self._heard("book without hold", "book_appointment", "confirmed", slot_id=third, **wish)
        yield step

    def _heard(self, name: str, tool: str, status: str, /, **arguments: object) -> tuple[Step, dict[str, Any]]:
        if tool == "check_availability":
            arguments |= {"service": self.calendar}
        self.desk.wires.taken()
        began = time.perf_counter()
        answer = self.desk.ask(tool, **arguments)
        seconds = time.perf_counter() - began
        if answer["status"] != status:
            raise WrongAnswerError(f"{tool} on {self.calendar}: {answer}")
        return Step(name, self.calendar, tuple(self.desk.wires.taken()), seconds), answer

    def _later(self) -> None:
        self.desk.clock.sleep(SECONDS_BETWEEN_TOOLS)


def played(calendar: str, latency: Latency) -> dict[str, Step]:
    """The steps of one call by name, from a process that has just started."""
    return {step.name: step for step in PhoneCall(Desk(latency), calendar).steps()}
