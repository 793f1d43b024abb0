"""Whether a request reached what is not its caller's. Sees what was stored, sent and said, and uses no code of ours.

Whose an item is, is whoever's request first wrote it. What an item means is read off its key and its attributes as they
are stored; what the owners configured, off `offices`.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from tests.malicious.callers import PERSONAL, Person, replies
from tests.malicious.offices import DAYS_AHEAD, NOTICE_MINUTES, OFFICES

if TYPE_CHECKING:
    from tests.malicious.model import Attempt
    from tests.malicious.town import Aftermath
    from tests.simulation.memory_table import Change

Json = dict[str, Any]

_MAKING = {"confirmed", "requested", "pending", "unavailable", "not_done"}
STATUSES = {
    "check_availability": {"available", "none_available", "clarify", "not_done"},
    "hold_slot": _MAKING | {"held", "clarify"},
    "book_appointment": _MAKING | {"needs"},
    "find_appointments": {"found", "none_found", "needs_verification", "not_done"},
    "reschedule_appointment": _MAKING | {"needs", "needs_verification", "held", "cancelled", "cancel_pending"},
    "cancel_appointment": {"cancelled", "cancel_pending", "needs_confirmation", "needs_verification", "not_done"},
    "send_confirmation": {"sent", "refused", "needs_verification", "not_done"},
}
"""What each tool may answer."""

OVER = {"cancelled", "expired", "rejected"}
HTTP = {200, 202, 400, 401, 403, 404}
SKEW_SECONDS = 2
STEP_MINUTES = 30
LONGEST_SENTENCE = 300
LONGEST_NAME = 120
MOST_TEXTS_ASKED_FOR = 2  # about one booking
_INSIDES = re.compile(r"Traceback|File \"|\.py\b|\bT#|Exception|botocore|Internal Server Error")
_BROKEN = re.compile(r"tool_crashed|tool_failed|ledger_failed|effect_failed|table_unreachable|misconfigured")
_LONG_IDS = re.compile(r"[A-Za-z0-9]{20,}")
_YES = {"true", "t", "yes", "y", "on", "1"}


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that was broken, and by which request."""

    number: int
    rule: str
    detail: str

    def __str__(self) -> str:
        return f"request {self.number}: {self.rule}: {self.detail}"


@dataclass(slots=True)
class Stored:
    """A booking as the table has it, and whoever's request made it."""

    id: str
    office: str
    owner: Person
    item: Json
    starts: set[int] = field(default_factory=set)  # epoch minutes at which it stood or was to stand

    @property
    def is_over(self) -> bool:
        return self.item["st"] in OVER

    @property
    def blocked(self) -> list[tuple[int, int]]:
        times = [self.item] + ([self.item["nw"]] if "nw" in self.item else [])
        return [(each["bs"], each["be"]) for each in times]


class Judge:
    """Looks at the aftermath of every request, one after the other."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.counted: Counter[str] = Counter()
        self.bookings: dict[str, Stored] = {}
        self.texts: Counter[str] = Counter()  # that went out, by number
        self._number = 0
        self._owners: dict[tuple[str, str], Person] = {}  # of other items, by business and partition or key
        self._on: defaultdict[tuple[str, str], set[str]] = defaultdict(set)  # live bookings, by business and resource
        self._offered: defaultdict[tuple[str, str], set[int]] = defaultdict(set)  # by business and slot id
        self._said: dict[str, dict[int, str]] = {}  # how the moments are said, by business
        self._numbers: defaultdict[str, set[str]] = defaultdict(set)  # that a person named, as digits
        self._provider_ids: dict[str, Stored] = {}
        self._questions: set[tuple[str, str | None, int]] = set()  # whether to cancel: person, call and start
        self._asked: Counter[str] = Counter()  # texts that were asked for, by partition of the booking

    def look(self, attempt: Attempt, after: Aftermath, *, now: float) -> list[Json]:
        """Judge one request. Returns the tools' replies in its answer."""
        self._number += 1
        person = attempt.person
        for arguments in _given(attempt):
            self._numbers[person.key] |= _digits(json.dumps(arguments))
        if not attempt.is_proved:
            self._claim(after.status in {401, 403, 404}, "a foreign credential opens nothing", after.body)
            self._claim(not after.changes, "a foreign credential writes nothing", str([c.key for c in after.changes]))
        for change in after.changes:
            self._written(attempt, change, now=now)
        self._sent(person, after)
        self._logged(after)
        return self._answered(attempt, after)

    def look_away(self, after: Aftermath) -> None:
        """Judge what the schedule did. Nobody asked for it: it may let holds lapse and finish what was begun."""
        self._number += 1
        for change in after.changes:
            self._clear_of_people(change)
            stored = self.bookings.get(change.key[0].rpartition("#")[2])
            if change.key[1] == "B" and stored is not None and change.after is not None:
                before, stored.item = stored.item, _plain(change.after)
                self._file(stored)
                same = (before["st"], before["s"]) == (stored.item["st"], stored.item["s"])
                self._claim(same or before["st"] != "booked", "no appointment changes by itself", str(stored.item))
        self._logged(after)

    def at_the_end(self, rows: Mapping[tuple[str, str], Mapping[str, Any]]) -> None:
        """Judge the whole table: nobody is named in the clear, and no two bookings lie on each other."""
        for key, item in rows.items():
            text = _in_clear(key, item)
            self._claim(not PERSONAL.search(text), "the table names nobody", text[:300])
        for (office, resource), ids in self._on.items():
            spans = sorted(span for booking in ids for span in self.bookings[booking].blocked)
            clash = next((pair for pair in pairwise(spans) if pair[1][0] < pair[0][1]), None)
            self._claim(clash is None, "no two bookings overlap", f"{office} {resource} {clash}")

    # --- what was written ---------------------------------------------------------------------------------------------

    def _written(self, attempt: Attempt, change: Change, *, now: float) -> None:
        person, (pk, sk) = attempt.person, change.key
        self._clear_of_people(change)
        head, office, kind, rest = (*pk.split("#", 3), "", "", "")[:4]
        if not self._claim(head == "T" and office == person.office, "a business is written by its own callers", pk):
            return
        match kind:
            case "B":
                self._booking(attempt, change, office, rest, now=now)
            case "R":
                self._day(person, change, now=now)
            case "L":
                self._claim(change.before is None, "the ledger is only added to", f"{pk} {sk}")
            case "O" if person.call is not None:
                self._claim(rest.endswith(f"#{person.call}"), "a call writes under its own id", pk)
            case "O":
                self._owned(person, (pk, sk))
            case "C" | "I" | "M":
                self._owned(person, (pk, ""))
            case _:
                self._claim(False, "callers write no such item", f"{pk} {sk}")

    def _owned(self, person: Person, key: tuple[str, str]) -> None:
        owner = self._owners.setdefault(key, person)
        self._claim(_same(owner, person), "a caller writes only what is theirs", f"{key} of {owner.key}")

    def _booking(self, attempt: Attempt, change: Change, office: str, booking_id: str, *, now: float) -> None:
        person, stored = attempt.person, self.bookings.get(booking_id)
        if stored is None:
            is_new = change.key[1] != "B" or change.before is None
            self._claim(is_new, "a booking comes into being as a whole", booking_id)
            stored = self.bookings[booking_id] = Stored(booking_id, office, person, {"st": "", "rids": []})
        if not _same(stored.owner, person):
            lapsed = stored.item["st"] == "held" and stored.item["hx"] + SKEW_SECONDS <= now
            lapsed = lapsed or stored.item["st"] == "expired"  # what is written beside it in the same breath
            self._claim(lapsed, "nobody touches another's booking", f"{change.key} of {stored.owner.key}")
        if change.key[1] != "B" or change.after is None:
            return
        before, stored.item = stored.item, _plain(change.after)
        self._file(stored)
        self._transition(attempt, stored, before, now=now)

    def _file(self, stored: Stored) -> None:
        item = stored.item
        stored.starts |= {item["s"]} | ({item["nw"]["s"]} if "nw" in item else set())
        for resource in item["rids"]:
            ids = self._on[stored.office, resource]
            (ids.discard if stored.is_over else ids.add)(stored.id)
        if "pid" in item:
            self._provider_ids[item["pid"]] = stored

    def _transition(self, attempt: Attempt, stored: Stored, before: Json, *, now: float) -> None:
        """A new time, a new booking and a cancellation each need a call that asked for just that."""
        item, given = stored.item, list(_given(attempt))
        moved = item.get("nw", item)["s"]
        if not stored.is_over and moved != before.get("nw", before).get("s"):
            self._placed(stored, moved, given, now=now)
        if before["st"] in {"", "held"} and item["st"] in {"booking", "booked"}:
            self.counted["booked"] += 1
            self._claim(any(_is_guest(a) for a in given), "who books has a name", str(given)[:300])
        wanted_none = item["want"] == "none" and before.get("want") != "none"
        if wanted_none or (item["st"] in {"cancelling", "cancelled"} and before["st"] in {"booked", "booking"}):
            self.counted["cancelled"] += 1
            asked = any(str(a.get("confirm")).strip().lower() in _YES for a in given)
            self._claim(asked, "cancelling is confirmed", str(given)[:300])
            question = (_known_as(attempt.person), attempt.person.call, before["s"])
            self._claim(question in self._questions, "cancelling is asked about first", str(given)[:300])

    def _placed(self, stored: Stored, start: int, given: list[Json], *, now: float) -> None:
        """The time lies ahead, inside opening hours and on nothing else, and was offered or asked for by itself."""
        office, item = OFFICES[stored.office], stored.item
        length = office.minutes[item["svc"]]
        moment = datetime.fromtimestamp(start * 60, ZoneInfo(office.zone))
        opening = moment.hour * 60 + moment.minute
        places = [item["staff"][0]] if item.get("staff") else list(office.served_in[item["svc"]])
        is_open = any(office.hours[p][0] <= opening and opening + length <= office.hours[p][1] for p in places)
        is_open = is_open and any((opening - office.hours[p][0]) % STEP_MINUTES == 0 for p in places)
        shown = f"{stored.office} {item['svc']} {places} {moment:%Y-%m-%d %H:%M}"
        self._claim(set(places) <= set(office.served_in[item["svc"]]), "who serves offers the service", shown)
        self._claim(is_open, "it is open then", shown)
        offered = any(start in self._offered[stored.office, _folded(a.get("slot_id"))] for a in given)
        if not offered:
            self._claim(
                any(_names(a, moment) for a in given), "nothing is taken that nobody asked for", f"{shown} {given}"
            )
            notice = now + NOTICE_MINUTES * 60 <= start * 60 <= now + (DAYS_AHEAD + 1) * 86_400
            self._claim(notice, "it is neither too soon nor too far", shown)
        self._claim(start * 60 > now, "it lies ahead", shown)
        for resource in item["rids"]:
            for other in self._on[stored.office, resource] - {stored.id}:
                held = self.bookings[other].item
                lapsed = held["st"] == "held" and held["hx"] + SKEW_SECONDS <= now
                clear = all(end <= start or start + length <= begin for begin, end in self.bookings[other].blocked)
                self._claim(clear or lapsed, "it lies on nobody else's", f"{shown} {held}")

    def _day(self, person: Person, change: Change, *, now: float) -> None:
        """The lock of a day: a caller adds and takes away entries of their own bookings, and what has lapsed."""
        before = _plain(change.before or {}).get("iv", {})
        after = _plain(change.after or {}).get("iv", {})
        for owner in before.keys() | after.keys():
            old, new = before.get(owner), after.get(owner)
            stored = self.bookings.get(owner.rstrip("+"))
            if old == new or stored is None or _same(stored.owner, person):
                continue  # a booking that is not known yet comes in the same transaction, and is judged there
            lapsed = new is None and old["k"] != "pin" and old.get("x", now) <= now + SKEW_SECONDS
            self._claim(lapsed, "nobody unlocks another's time", f"{change.key} {owner} of {stored.owner.key}")

    def _clear_of_people(self, change: Change) -> None:
        text = _in_clear(change.key, change.after or {})
        self._claim(not PERSONAL.search(text), "the table names nobody", text[:400])

    # --- what went elsewhere ------------------------------------------------------------------------------------------

    def _sent(self, person: Person, after: Aftermath) -> None:
        """Texts, queue and provider."""
        for message in after.texts:
            self.texts[message.to] += 1
            self.counted["texts"] += 1
            mine = message.to == person.number or message.to.lstrip("+") in self._numbers[person.key]
            self._claim(mine, "texts go to the caller, or where the caller said", f"{message.to} for {person.key}")
            same_country = person.number is None or message.to[:2] == person.number[:2]
            self._claim(same_country, "texts stay in the caller's country", f"{message.to} for {person.key}")
            self._claim(not PERSONAL.search(message.body.lower()), "a text names nobody", message.body)
        for body in after.queued:
            self._claim(not PERSONAL.search(body.lower()), "the queue names nobody", body)
        asked_for = Counter(c.key[0] for c in after.changes if c.key[1].endswith("#sms_asked") and c.before is None)
        for pk in asked_for:
            self._asked[pk] += asked_for[pk]
            self._claim(self._asked[pk] <= MOST_TEXTS_ASKED_FOR, "few texts about one booking", pk)
        for request in after.asked:
            self._claim(request.business == person.office, "a business asks its own calendar", request.path)
            for word in _LONG_IDS.findall(request.path):
                stored = self._provider_ids.get(word)
                mine = stored is None or _same(stored.owner, person)
                self._claim(mine or request.method == "GET", "nobody changes another's event", request.path)

    def _logged(self, after: Aftermath) -> None:
        self._claim(not PERSONAL.search(after.said.lower()), "the log names nobody", after.said[:400])
        self._claim(not _BROKEN.search(after.said), "no request breaks a tool", after.said[:600])

    # --- what was answered --------------------------------------------------------------------------------------------

    def _answered(self, attempt: Attempt, after: Aftermath) -> list[Json]:
        person, body = attempt.person, after.body
        self.counted[f"HTTP {after.status}"] += 1
        self._claim(after.status in HTTP, "the HTTP status is one of ours", f"{after.status} {body[:200]}")
        self._claim(not _INSIDES.search(body), "an answer shows nothing of our insides", body[:400])
        self._claim(not PERSONAL.search(body.lower()), "an answer names nobody", body[:400])
        for word in _LONG_IDS.findall(body):
            known = word in self.bookings or word in self._provider_ids
            self._claim(not known, "an answer holds no id of a booking", body[:400])
        told = replies(person, after.status, body)
        tools = [tool for tool, _ in attempt.wishes] if len(told) == len(attempt.wishes) else [""] * len(told)
        for tool, reply in zip(tools, told, strict=True):
            self._reply(person, "" if attempt.disguise else tool, reply)
        return told

    def _reply(self, person: Person, tool: str, reply: Json) -> None:
        status, message = reply.get("status"), reply.get("message")
        self.counted[f"{tool if tool in STATUSES else 'another'} {status}"] += 1
        allowed = STATUSES.get(tool) or {word for words in STATUSES.values() for word in words}
        self._claim(status in allowed, "the status is documented for this tool", f"{tool} {reply}"[:400])
        spoken = isinstance(message, str) and 0 < len(message) < LONGEST_SENTENCE and len(message.splitlines()) == 1
        self._claim(spoken, "the sentence can be spoken", str(reply)[:400])
        slots = reply.get("slots") or []
        self._claim(len(slots) <= 3, "there are three offers at most", str(reply)[:400])
        said = self._said.setdefault(person.office, {})
        for slot in slots:
            start = _minute(slot["start"])
            said[start] = slot["say"]
            self._offered[person.office, _folded(slot["slot_id"])].add(start)
            self._claim(self._is_free(person, start), "what is offered is free", f"{slot} to {person.key}")
        for told in (reply, *(reply.get("appointments") or [])):
            if isinstance(told.get("start"), str):
                mine = self._is_own(person, _minute(told["start"]))
                self._claim(mine, "a caller hears of their own appointments only", f"{reply} to {person.key}"[:400])
        if status == "needs_confirmation" and isinstance(reply.get("start"), str):
            self._questions.add((_known_as(person), person.call, _minute(reply["start"])))
        for stored in self._settled_of_others(person):
            if (sentence := said.get(stored.item["s"])) and sentence in str(message):
                mine = self._is_own(person, stored.item["s"])
                self._claim(mine, "no sentence tells of another's time", f"{message} to {person.key}")

    def _is_free(self, person: Person, start: int) -> bool:
        return all(stored.item["s"] != start for stored in self._settled_of_others(person))

    def _settled_of_others(self, person: Person) -> Iterator[Stored]:
        """Other people's appointments at this business.

        Without holds, which lapse, and without those of staff, of whom another may be free at the same time.
        """
        for stored in self.bookings.values():
            elsewhere = stored.office != person.office or _same(stored.owner, person)
            if not (elsewhere or stored.is_over or stored.item["st"] == "held" or stored.item.get("staff")):
                yield stored

    def _is_own(self, person: Person, start: int) -> bool:
        return any(start in b.starts and _same(b.owner, person) for b in self.bookings.values())

    def _claim(self, holds: bool, rule: str, detail: str) -> bool:
        if not holds:
            self.findings.append(Finding(self._number, rule, detail[:600]))
        return holds


def _given(attempt: Attempt) -> Iterator[Json]:
    for _, arguments in attempt.wishes:
        if isinstance(arguments, dict):
            yield arguments


def _same(one: Person, other: Person) -> bool:
    """Callers of whom nothing is known cannot be told apart, and own in common what they wrote."""
    return one is other or (one.office == other.office and one.is_anonymous and other.is_anonymous)


def _known_as(person: Person) -> str:
    """Whom the business takes this person for."""
    return "nobody" if person.is_anonymous else person.key


def _folded(slot_id: object) -> str:
    """An id as it is meant, however it is written: case and separators do not matter, nor do o, i and l."""
    letters = "".join(letter for letter in str(slot_id).casefold() if letter not in "-_ .")
    return letters.translate(str.maketrans("oil", "011"))


def _names(arguments: Json, moment: datetime) -> bool:
    """Whether the arguments say a day and a time of their own."""
    iso = "T" in str(arguments.get("slot_id", "")) and str(arguments["slot_id"]).strip()[:2] == "20"
    return iso or ("date" in arguments and "time" in arguments)


def _is_guest(arguments: Json) -> bool:
    """Whether the arguments have a name that a person can have, and neither a number nor an address that none has."""
    name, phone, email = (arguments.get(field) for field in ("name", "phone", "email"))
    named = isinstance(name, str) and any(letter.isalpha() for letter in name)
    named = named and len(" ".join(str(name).split())) <= LONGEST_NAME
    absent = {None, "", " ", "null", "undefined", "{{caller_number}}"}
    callable_ = not isinstance(phone, str) or phone in absent or sum(letter.isdecimal() for letter in phone) >= 7
    reachable = not isinstance(email, str) or email.strip() in absent or "@" in email
    return named and callable_ and reachable


def _digits(text: str) -> set[str]:
    """Every number in a text, as digits with its country code."""
    found = {re.sub(r"\D", "", each) for each in re.findall(r"\+?\d[\d\s().-]{6,}", text)}
    return found | {each.removeprefix("00") for each in found}


def _minute(start: str) -> int:
    return int(datetime.fromisoformat(start).timestamp() // 60)


def _plain(item: Mapping[str, Any]) -> Json:
    """An item in DynamoDB's notation as plain values."""
    return {name: _value(value) for name, value in item.items()}


def _value(attribute: Mapping[str, Any]) -> Any:
    ((kind, value),) = attribute.items()
    match kind:
        case "N":
            return float(value) if "." in value or "e" in value.lower() else int(value)
        case "M":
            return _plain(value)
        case "L":
            return [_value(each) for each in value]
        case "NULL":
            return None
    return value


def _in_clear(key: tuple[str, str], item: Mapping[str, Any]) -> str:
    """All that can be read of an item by whoever reads the table, bytes included, in lower case."""
    return (
        f"{key} {json.dumps(item, default=lambda sealed: bytes(sealed).decode('latin-1'), ensure_ascii=False)}".lower()
    )
