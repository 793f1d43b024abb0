"""Callers as a voice platform brings them: plain HTTPS, the call in headers, every sentence checked as it is heard."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Reply = dict[str, Any]

LONGEST_SENTENCE = 300
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}|\d{2}:\d{2}:\d{2}|[+-]\d{2}:\d{2}")
_IDS = re.compile(r"appt_\d|\b[0-9a-z]{4}-[0-9a-z]{4}-[0-9a-z]{4}\b|\b[a-z0-9]{20,}\b")
_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Heard:
    """One HTTP answer."""

    status: int
    body: Any  # what the JSON says; text where it is none


type Post = Callable[[str, bytes, Mapping[str, str]], Heard]
"""Sends a POST to a path, over a socket or into a handler."""


@dataclass(slots=True)
class Caller:
    """One phone call by one person to one agent of the `generic` platform; None where the platform tells nothing."""

    post: Post
    path: str  # /v1/{business}/{agent}
    key: str
    number: str | None = None
    call: str | None = None
    heard: list[Reply] = field(default_factory=list)

    def ask(self, tool: str, delivery: str | None = None, /, **arguments: object) -> Reply:
        """One tool call and its answer; `delivery` is its Idempotency-Key, for deliveries that come again."""
        headers = {"authorization": f"Bearer {self.key}", "content-type": "application/json"}
        headers |= {"x-call-id": self.call} if self.call else {}
        headers |= {"x-caller-number": self.number} if self.number else {}
        if delivery or self.call:
            headers["idempotency-key"] = delivery or f"delivery-{next(_numbers)}"
        answer = self.post(f"{self.path}/{tool}", json.dumps(arguments).encode(), headers)
        assert answer.status == 200, answer
        reply: Reply = answer.body
        check_sentence(reply)
        self.heard.append(reply)
        return reply

    def cancel(self, delivery: str | None = None, /, **arguments: object) -> Reply:
        """The question, and a yes to it; `delivery` is the yes's. What is not asked about is answered at once.

        When the calendar answers in between, the booking is not the one that was asked about, and is asked about anew.
        """
        asked = self.ask("cancel_appointment", delivery and f"{delivery}-asked", **arguments)
        if asked["status"] != "needs_confirmation" or "appointment" not in asked:
            return asked
        told = self.ask("cancel_appointment", delivery, **arguments, confirm=True)
        if told["status"] != "needs_confirmation":
            return told
        return self.ask("cancel_appointment", delivery and f"{delivery}-again", **arguments, confirm=True)

    def offers(self, service: str, /, **wish: object) -> list[Reply]:
        """What check_availability offers; there must be something."""
        reply = self.ask("check_availability", service=service, **wish)
        assert reply["status"] == "available", reply
        offers: list[Reply] = reply["slots"]
        return offers


def check_sentence(reply: Reply) -> None:
    """A sentence can be spoken: one line, short, and nothing in it that only machines read."""
    said = reply["message"]
    assert said.strip(), reply
    assert len(said) < LONGEST_SENTENCE, reply
    assert len(said.splitlines()) == 1, reply
    assert not _ISO.search(said), reply
    assert not _IDS.search(said), reply
    for slot in reply.get("slots", []):
        assert set(slot) <= {"slot_id", "start", "say", "staff"}, reply
    assert len(reply.get("slots", [])) <= 3, reply


def starts(reply: Reply) -> list[str]:
    return [slot["start"] for slot in reply["slots"]]
