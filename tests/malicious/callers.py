"""Who calls, and how their calls reach the endpoint: as four platforms send them, with and without a number.

Whatever stands for a person (name, number, address) carries a mark that no text of the product's own contains, so that
finding the mark anywhere is finding a person.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any

from tests.malicious.offices import OFFICES, Desk

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.malicious.town import Town

NAME_MARK = "kanari"
"""Part of every name and every e-mail address."""

AREAS = {"harbor": ("+1415777", "+1628333"), "quay": ("+4930777", "+4940333")}
"""How the numbers of the victims and of the attackers of each business begin; four more digits follow."""

PERSONAL = re.compile(
    rf"{NAME_MARK}|(?<![0-9a-z])(?:\+?1|001|\+?49|0049|0)?[\s().-]{{0,3}}(?:415|628|30|40)[\s().-]{{0,3}}(?:777|333)"
    r"[\s.-]?[0-9]{4}(?![0-9a-z])"
)
"""Anybody's name, address or number, in lower case, however the number is written."""

Wish = tuple[str, object]
"""A tool's name and its arguments, as a model writes them."""

_calls = count(1)


@dataclass(slots=True)
class Person:
    """Somebody on the line. `number` and `call` are what the platform vouches for, None where it does not."""

    key: str
    office: str
    desk: str
    number: str | None
    name: str
    email: str
    attacks: bool
    tells_call: bool = True
    call: str | None = None
    calls: set[str] = field(default_factory=set)
    stolen: str | None = None  # a call id of somebody else, which the platform gives this call too
    heard: list[dict[str, Any]] = field(default_factory=list)  # replies of this person's own calls
    deliveries: int = 0

    @property
    def is_anonymous(self) -> bool:
        """Nothing at all is vouched for: such callers cannot be told apart."""
        return self.number is None and not self.tells_call

    @property
    def agent(self) -> Desk:
        return OFFICES[self.office].desks[self.desk]

    def ring(self) -> None:
        """Begin another call."""
        self.call = None
        if self.tells_call:
            self.call = self.stolen or f"call-{self.key}-{len(self.calls)}"
            self.calls.add(self.call)


@dataclass(frozen=True, slots=True)
class Request:
    """One request, ready to be sent."""

    path: str
    body: bytes
    headers: Mapping[str, str]


def request(person: Person, wishes: Sequence[Wish], *, tool_in_path: str | None = None) -> Request:
    """As the platform of this person's agent sends these tool calls; only Vapi puts several into one request."""
    desk, (tool, arguments) = person.agent, wishes[0]
    base = f"/v1/{person.office}/{person.desk}"
    path = f"{base}/{'mcp' if desk.over_mcp else tool_in_path or _in_path(tool)}"
    person.deliveries += 1
    delivery = f"{person.key}-{person.deliveries}"
    if desk.over_mcp:
        asked = {"name": tool, "arguments": arguments}
        message = {"jsonrpc": "2.0", "id": person.deliveries, "method": "tools/call", "params": asked}
        return Request(path, _bytes(message), _bearer(desk) | _told(person, delivery))
    if desk.platform == "vapi":
        return Request(path, _bytes(_vapi(person, wishes, delivery)), _bearer(desk))
    if desk.platform == "retell":
        body = _bytes(_retell(person, tool, arguments))
        return Request(path, body, {"content-type": "application/json"})  # signed when it is sent
    return Request(path, _bytes(arguments), _bearer(desk) | _told(person, delivery))


def signed(sent: Request, desk: Desk, *, now: float) -> Request:
    """With the signature that Retell puts on a request."""
    if desk.proof != "signature":
        return sent
    stamp = str(round(now * 1000))
    digest = hmac.digest(desk.secret.encode(), sent.body + stamp.encode(), hashlib.sha256).hex()
    return Request(sent.path, sent.body, {**sent.headers, "x-retell-signature": f"v={stamp},d={digest}"})


def replies(person: Person, status: int, body: str) -> list[dict[str, Any]]:
    """The tools' replies out of an answer; [] where it holds none."""
    answer = json.loads(body) if status == 200 else {}
    if not answer:
        return []
    if person.agent.over_mcp:
        results = [each.get("result") for each in (answer if isinstance(answer, list) else [answer])]
        return [result["structuredContent"] for result in results if result and not result["isError"]]
    if person.agent.platform == "vapi":
        return [json.loads(entry["result"]) for entry in answer.get("results", ()) if "result" in entry]
    return [answer]


def say(town: Town, person: Person, tool: str, **arguments: object) -> dict[str, Any]:
    """One honest tool call and its reply."""
    sent = signed(request(person, [(tool, arguments)]), person.agent, now=town.clock.now())
    after = town.post(sent.path, sent.body, sent.headers)
    (reply,) = replies(person, after.status, after.body)
    person.heard.append(reply)
    return reply


def _in_path(tool: str) -> str:
    """A model's tool name becomes a URL only where the owner wired it: nonsense stays in the body."""
    return tool if re.fullmatch(r"(?!mcp|events)[A-Za-z_-]{1,40}", tool) else "find_appointments"


def _bearer(desk: Desk) -> dict[str, str]:
    return {"authorization": f"Bearer {desk.secret}", "content-type": "application/json"}


def _told(person: Person, delivery: str) -> dict[str, str]:
    told = {"x-call-id": person.call, "x-caller-number": person.number, "idempotency-key": delivery}
    return {name: value for name, value in told.items() if value is not None}


def _vapi(person: Person, wishes: Sequence[Wish], delivery: str) -> dict[str, Any]:
    listed = [
        {"id": f"{delivery}-{place}", "type": "function", "function": {"name": tool, "arguments": arguments}}
        for place, (tool, arguments) in enumerate(wishes)
    ]
    about: dict[str, Any] = {"type": "inboundPhoneCall" if person.number else "webCall"}
    about |= {"id": person.call} if person.call else {}
    about |= {"customer": {"number": person.number}} if person.number else {}
    return {"message": {"type": "tool-calls", "call": about, "toolCallList": listed}}


def _retell(person: Person, tool: str, arguments: object) -> dict[str, Any]:
    about: dict[str, Any] = {"call_type": "phone_call" if person.number else "web_call", "direction": "inbound"}
    about |= {"call_id": person.call} if person.call else {}
    about |= {"from_number": person.number, "to_number": "+14155550111"} if person.number else {}
    return {"name": tool, "args": arguments, "call": about}


def _bytes(value: object) -> bytes:
    return json.dumps(value).encode()


def victims() -> list[Person]:
    """Six honest callers of each business."""
    return [
        Person(
            f"{office}-victim-{number}",
            office,
            ("front", "line")[number % 2],
            f"{AREAS[office][0]}{1000 + number}",
            f"Vera {_letters(number)} {NAME_MARK.title()}a",
            f"vera.{_letters(number).lower()}.{NAME_MARK}@example.com",
            attacks=False,
        )
        for office in OFFICES
        for number in range(6)
    ]


def attackers(among: Sequence[Person]) -> list[Person]:
    """Callers whose model does as it likes: known by number, by call only, by nothing, and under a victim's call id."""
    found = []
    for office in OFFICES:
        kinds = [("number", "front"), ("number", "front"), ("number", "line"), ("number", "line")]
        kinds += [("call", "front"), ("call", "line"), ("nothing", "front"), ("nothing", "line")]
        kinds += [("stolen", "front"), ("stolen", "line")]
        for number, (kind, desk) in enumerate(kinds):
            known = kind in {"number", "stolen"}
            person = Person(
                f"{office}-attacker-{number}-{kind}",
                office,
                desk,
                f"{AREAS[office][1]}{1000 + number}" if known else None,
                f"Mal {_letters(number)} {NAME_MARK.title()}os",
                f"mal.{_letters(number).lower()}.{NAME_MARK}@example.com",
                attacks=True,
                tells_call=kind != "nothing",
            )
            if kind == "stolen":
                near = [v for v in among if v.office == office and v.desk == desk]
                person.stolen = near[number % len(near)].call
            found.append(person)
    return found


def _letters(number: int) -> str:
    """A name made of letters, one for each number."""
    return "Q" + "".join("aeioubdfgh"[int(digit)] for digit in f"{number:02}")
