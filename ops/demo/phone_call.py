"""One phone call as a voice platform would make it, from the sample events, with every answer checked."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TextIO

import httpx

from ops import records
from ops.demo.wires import WAYS, Turn
from ops.target import Target
from slotline.adapters.dynamodb.attributes import decode_item
from slotline.bootstrap import SystemClock
from slotline.domain.errors import SlotlineError

BUSINESS, AGENT = "bright-smile", "front-desk"
SMS_PATIENCE_SECONDS = 30.0
LONGEST_SENTENCE = 300
Reply = dict[str, Any]


class WrongAnswerError(SlotlineError):
    """An answer was not what a caller may rely on."""


@dataclass(slots=True)
class Line:
    """A phone line: sends tool calls of one call and prints what the caller hears."""

    url: str
    key: str
    out: TextIO
    call_id: str
    caller: str
    platform: str = "vapi"
    count: int = 0
    asked: list[tuple[str, float]] = field(default_factory=list)

    def ask(self, tool: str, *, call_key: str | None = None, **arguments: object) -> Reply:
        """One tool call; `call_key` repeats an earlier delivery, where the platform numbers them."""
        self.count += 1
        wire = WAYS[self.platform]
        turn = Turn(tool, arguments, self.call_id, self.caller, call_key or f"{self.call_id}-{self.count}")
        body = wire.body(turn)
        headers = wire.headers(turn, body, key=self.key)
        started = time.perf_counter()
        answer = httpx.post(
            f"{self.url}/v1/{BUSINESS}/{AGENT}/{wire.route or tool}",
            content=body,
            headers=headers,
            timeout=30,
            trust_env=False,
        )
        spent = (time.perf_counter() - started) * 1000
        _right(answer.status_code == httpx.codes.OK, f"{tool}: HTTP 200, got {answer.status_code} {answer.text}")
        _right("\n" not in answer.text, f"{tool}: one line of text, got {answer.text}")
        reply: Reply = wire.unwrap(answer.json())
        self.asked.append((tool, spent))
        self.out.write(f"{tool:24} {reply['status']:18} {spent:6.0f} ms   “{reply['message']}”\n")
        _right(
            len(reply["message"]) < LONGEST_SENTENCE, f"{tool}: a sentence that can be spoken, got {reply['message']}"
        )
        return reply


def play(
    url: str,
    *,
    key: str,
    target: Target,
    texts: deque[str] | None,
    out: TextIO,
    call: str = "demo-1",
    platform: str = "vapi",
) -> None:
    """The call, then what it left behind. `texts` are printed messages, where somebody can see them.

    Raises WrongAnswerError at the first answer that is not true.
    """
    line = Line(url, key, out, f"{call}-a", "+14155550123", platform)
    other = Line(url, key, out, f"{call}-b", "+14155550188", platform)

    offered = line.ask("check_availability", service="cleaning", when="next week", part_of_day="morning")
    _status(offered, "available")
    first, second = offered["slots"][0], offered["slots"][1]

    held = line.ask("hold_slot", service="cleaning", slot_id=first["slot_id"])
    _status(held, "held")
    again = other.ask("check_availability", service="cleaning", when=first["start"][:10])
    _right(first["start"] not in _starts(again), "a held slot is not offered to anybody else")

    booked = line.ask(
        "book_appointment", call_key="book-1", service="cleaning", slot_id=first["slot_id"], name="Zoë Müller"
    )
    _status(booked, "confirmed")
    _right(booked["start"] == first["start"] and not booked["replay"], "the slot that was offered is the one booked")
    _text(target, texts, out, kind="sms_booked")

    for call_key in ("book-1", "book-2"):  # the platform repeats itself; the model asks again
        repeat = line.ask(
            "book_appointment", call_key=call_key, service="cleaning", slot_id=first["slot_id"], name="Zoë Müller"
        )
        _status(repeat, "confirmed")
        _right(repeat["replay"] and repeat["start"] == first["start"], "a repeat hears the same booking")

    day, clock = first["start"][:10], first["start"][11:16]
    late = other.ask("book_appointment", service="cleaning", date=day, time=clock, name="Jon Late")
    _status(late, "unavailable")
    _right(first["start"] not in _starts(late) and late["slots"], "somebody else is offered other times")

    found = line.ask("find_appointments")
    _status(found, "found")
    _right([a["start"] for a in found["appointments"]] == [first["start"]], "the caller has exactly this appointment")
    handle = found["appointments"][0]["appointment"]

    moved = line.ask("reschedule_appointment", appointment=handle, slot_id=second["slot_id"])
    _status(moved, "confirmed")
    _right(moved["start"] == second["start"], "it was moved to the time that was asked for")
    _text(target, texts, out, kind="sms_moved")

    _status(line.ask("cancel_appointment", appointment=handle), "needs_confirmation")
    _status(line.ask("cancel_appointment", appointment=handle, confirm=True), "cancelled")
    _text(target, texts, out, kind="sms_cancelled")
    _status(line.ask("find_appointments"), "none_found")

    standing = [r for r in records.bookings(target, clock=SystemClock(), business=BUSINESS) if r["state"] not in _ENDED]
    _right(not standing, f"nothing is left in the book, found {standing}")
    _hops(target, out, line.call_id)


_ENDED = {"cancelled", "expired", "rejected"}


def _starts(reply: Reply) -> list[str]:
    return [slot["start"] for slot in reply["slots"]]


def _status(reply: Mapping[str, Any], wanted: str) -> None:
    _right(reply["status"] == wanted, f"expected {wanted}, heard {reply}")


def _right(truth: object, what: str) -> None:
    if not truth:
        raise WrongAnswerError(what)


def _text(target: Target, texts: deque[str] | None, out: TextIO, *, kind: str) -> None:
    """Wait until the text went out: from the booking's transaction through stream and queue to the sender."""
    started = time.perf_counter()
    while time.perf_counter() - started < SMS_PATIENCE_SECONDS:
        sent = [m for m in records.messages(target, business=BUSINESS) if m["kind"] == kind and m["state"] == "sent"]
        if sent and (texts is None or texts):
            break
        time.sleep(0.1)
    else:
        raise WrongAnswerError(f"no text message ({kind}) within {SMS_PATIENCE_SECONDS:.0f} s")
    spent = (time.perf_counter() - started) * 1000
    printed = texts.popleft() if texts else "sent"
    out.write(f"{'':24} {kind:18} {spent:6.0f} ms   {printed}\n")


def _hops(target: Target, out: TextIO, call_id: str) -> None:
    """Where the time went, from the ledger."""
    pages = target.dynamodb().get_paginator("scan").paginate(
        TableName=target.table,
        FilterExpression="begins_with(pk, :ledger)",
        ExpressionAttributeValues={":ledger": {"S": f"T#{BUSINESS}#L#"}},
    )  # fmt: skip
    entries = [decode_item(item) for page in pages for item in page["Items"]]
    out.write("\nin the function, by hop (ms):\n")
    for entry in sorted((e for e in entries if e.get("call") == call_id), key=lambda e: (e["pk"], e["sk"])):
        hops = ", ".join(f"{hop['name']} {hop['ms']:g}" for hop in entry["hops"]) or "none"
        out.write(f"  {entry['tool']:24} {entry['ms']:7g}   {hops}\n")
