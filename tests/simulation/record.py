"""A run's history, read back into plain facts. This file and the checker know nothing of the product's code."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

type Line = tuple[Any, ...]

FOREVER = float("inf")
NOT_OF_THE_VERSION = {"pii", "g1pk", "g1sk"}
"""Attributes of a booking record that say nothing about the booking: sealed, or when somebody must look."""


@dataclass(slots=True)
class Asked:
    """One delivery of a tool call, with the answer it got, if any."""

    number: int
    at: float
    process: str
    business: str
    phone: str
    tool: str
    service: str | None
    start: int | None
    call: str | None
    id: str | None
    agreed: bool = False  # said yes to a question
    told_at: float = FOREVER
    status: str | None = None
    told_start: int | None = None
    replay: bool | None = None
    words: str = ""
    shown: list[tuple[str, str, str]] = field(default_factory=list)
    told_service: str | None = None  # as it is spoken
    handle: str | None = None  # the name by which this call knows the appointment that the answer is about
    told_end: int | None = None
    told_staff: str | None = None


@dataclass(slots=True)
class Version:
    """One version of a booking record."""

    at: float
    writer: str
    item: dict[str, Any]

    @property
    def state(self) -> str:
        return str(self.item["st"])


@dataclass(slots=True)
class Booked:
    """A booking with all its versions."""

    business: str
    id: str
    versions: list[Version] = field(default_factory=list)
    phone: str = ""

    @property
    def last(self) -> Version:
        return self.versions[-1]

    def at(self, moment: float) -> Version | None:
        """The version that stood at the moment."""
        index = bisect_right(self.versions, moment, key=lambda version: version.at)
        return self.versions[index - 1] if index else None

    def during(self, begin: float, end: float) -> list[Version]:
        """Every version that stood at some instant of the span."""
        first = max(bisect_right(self.versions, begin, key=lambda version: version.at) - 1, 0)
        return [version for version in self.versions[first:] if version.at <= end]


@dataclass(slots=True)
class Presence:
    """A live event of ours, from one moment to another, as it really stood in a calendar."""

    business: str
    calendar: str
    id: str
    tag: str
    phone: str | None
    service: str
    start: int
    end: int
    since: float
    until: float = FOREVER
    by: str = ""
    requested: bool = False  # the host has not approved it yet

    def stands(self, begin: float, end: float) -> bool:
        return self.since <= end and begin < self.until


@dataclass(slots=True)
class Text:
    """An SMS that went out."""

    at: float
    began: float
    to: str
    key: str
    booking: str
    body: str


@dataclass(slots=True)
class Facts:
    """Everything that happened, by kind."""

    asked: dict[int, Asked] = field(default_factory=dict)
    by_process: dict[str, Asked] = field(default_factory=dict)
    bookings: dict[tuple[str, str], Booked] = field(default_factory=dict)
    presences: list[Presence] = field(default_factory=list)
    foreign: list[Presence] = field(default_factory=list)  # events that people made
    touched_by_people: set[str] = field(default_factory=set)  # tags
    texts: list[Text] = field(default_factory=list)
    failed_texts: list[str] = field(default_factory=list)
    days: dict[tuple[str, str], list[tuple[float, dict[str, dict[str, Any]]]]] = field(default_factory=dict)
    items: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)  # raw, the last of each key
    history: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=dict)
    written: list[tuple[float, tuple[str, str], dict[str, Any]]] = field(default_factory=list)
    """Every version of every key, raw, with its moment."""
    requests: list[tuple[float, str, str, str, int, bool]] = field(default_factory=list)
    executed: dict[int, float] = field(default_factory=dict)
    handles: dict[tuple[str, str], list[tuple[float, list[str]]]] = field(default_factory=dict)
    """Booking ids in the order in which a call was shown them, version by version, by business and call."""
    faults: list[float] = field(default_factory=list)
    crossed: list[tuple[str, str]] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)  # tags of bookings whose create a provider refused
    ended: dict[str, str] = field(default_factory=dict)  # calls that are over, by the process that was told so
    settled: float = FOREVER
    end: float = 0.0

    def told(self, *statuses: str) -> Iterator[Asked]:
        """Every delivery that was answered so."""
        return (asked for asked in self.asked.values() if asked.status in statuses)

    def bookings_of(self, asked: Asked) -> Iterator[Booked]:
        """What whoever asked has, or had, or will have."""
        return (b for b in self.bookings.values() if b.business == asked.business and b.phone == asked.phone)

    def named(self, asked: Asked) -> Booked | None:
        """The booking behind the handle in an answer, as the table knew the call's handles at that moment."""
        shown: list[str] = []
        for at, ids in self.handles.get((asked.business, f"generic#{asked.call}"), ()):
            shown = ids if at <= asked.told_at else shown
        number = int(asked.handle.removeprefix("appt_")) if asked.handle else 0
        return self.bookings[asked.business, shown[number - 1]] if 0 < number <= len(shown) else None


def plain(attribute: Mapping[str, Any]) -> Any:
    """The value of one DynamoDB attribute."""
    ((kind, value),) = attribute.items()
    if kind == "N":
        return float(value) if "." in value or "e" in value else int(value)
    if kind == "M":
        return {name: plain(inner) for name, inner in value.items()}
    if kind == "L":
        return [plain(inner) for inner in value]
    return None if kind == "NULL" else value


def minute_of(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() // 60)


def read(lines: Iterable[Line], offices: Mapping[str, Any]) -> Facts:
    """The facts of a history."""
    reader = _Reader()
    for line in lines:
        reader.facts.end = line[0]
        reader.take(line)
    facts = reader.facts
    for booking in facts.bookings.values():
        first = facts.by_process.get(booking.versions[0].writer)
        booking.phone = first.phone if first else ""
    _own_presences(facts, offices)
    return facts


class _Reader:
    """Files line by line, each kind in its own way."""

    def __init__(self) -> None:
        self.facts = Facts()
        self._live: dict[str, Presence] = {}
        self._kinds = {
            "item": self._item,
            "event": self._event,
            "ask": self._ask,
            "tell": self._tell,
            "text": self._text,
            "request": lambda line: self.facts.requests.append((line[0], *line[2:])),
            "executed": lambda line: self.facts.executed.update({line[2]: line[0]}),
            "text_failed": lambda line: self.facts.failed_texts.append(line[2]),
            "fault": lambda line: self.facts.faults.append(line[0]),
            "alarm": lambda line: self.facts.faults.append(line[0]),  # what a fault of long ago has led to
            "refused": lambda line: self.facts.refused.add(line[3]),
            "ended": lambda line: self.facts.ended.update({line[2]: line[4]}),
            "crossed": lambda line: self.facts.crossed.append(line[2:]),
            "settled": self._settled,
        }

    def take(self, line: Line) -> None:
        handle = self._kinds.get(line[1])
        if handle is not None:
            handle(line)

    def _settled(self, line: Line) -> None:
        self.facts.settled = line[0]

    def _ask(self, line: Line) -> None:
        asked = Asked(line[2], line[0], *line[3:])
        self.facts.asked[asked.number] = self.facts.by_process[asked.process] = asked

    def _tell(self, line: Line) -> None:
        at, _, number, status, start, replay, words, shown, service, *more, handle = line
        asked = self.facts.asked[number]
        asked.told_at, asked.status, asked.replay, asked.words, asked.shown = at, status, replay, words, shown
        asked.told_start = minute_of(start) if start else None
        asked.told_service, asked.handle = service, handle
        if more:
            end, asked.told_staff = more
            asked.told_end = minute_of(end) if end else None

    def _text(self, line: Line) -> None:
        at, _, began, to, key, body = line
        self.facts.texts.append(Text(at, began, to, key, key.split("-")[0], body))

    def _item(self, line: Line) -> None:
        at, _, writer, pk, sk, image = line
        facts, key = self.facts, (pk, sk)
        if image is None:
            facts.items.pop(key, None)
            return
        facts.items[key] = image
        facts.written.append((at, key, image))
        _, business, sort, rest = pk.split("#", 3)
        if sort == "B" and sk == "B":
            item = {name: plain(value) for name, value in image.items() if name not in NOT_OF_THE_VERSION}
            booking = facts.bookings.setdefault((business, rest), Booked(business, rest))
            if not booking.versions or booking.last.item != item:  # waking the reconciler makes no new version
                booking.versions.append(Version(at, writer, item))
        elif sort == "B" and sk.startswith("H#"):
            facts.history.setdefault((business, rest), []).append({n: plain(v) for n, v in image.items()})
        elif sort == "R" and sk.startswith("D#"):
            facts.days.setdefault(key, []).append((at, plain(image["iv"])))
        elif sort == "O" and sk == "CALL":
            facts.handles.setdefault((business, rest), []).append((at, plain(image["shown"])))

    def _event(self, line: Line) -> None:
        at, _, server, id_, status, start, end, tag, phone, service, by = line
        before = self._live.pop(f"{server}/{id_}", None)
        if before is not None:
            before.until = at
        if by == "human" and tag:
            self.facts.touched_by_people.add(tag)
        if status not in {"accepted", "requested"}:
            return
        business, calendar = server.split("/")
        waits = status == "requested"
        presence = Presence(business, calendar, id_, tag or "", phone, service, start, end, at, by=by, requested=waits)
        self._live[f"{server}/{id_}"] = presence
        (self.facts.presences if tag else self.facts.foreign).append(presence)


def _own_presences(facts: Facts, offices: Mapping[str, Any]) -> None:
    """Where the lock is the calendar, the record is the event."""
    for booking in facts.bookings.values():
        if offices[booking.business]["calendars"][booking.last.item["cal"]]["kind"] != "own":
            continue
        current: Presence | None = None
        for version in booking.versions:
            item = version.item
            stands = version.state == "booked"
            if current is not None and (not stands or current.start != item["s"]):
                current.until = version.at
                current = None
            if stands and current is None:
                current = Presence(
                    booking.business, item["cal"], booking.id, booking.id, booking.phone, item["svc"], item["s"],
                    item["e"], version.at, by=version.writer,
                )  # fmt: skip
                facts.presences.append(current)
