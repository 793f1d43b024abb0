"""What the table holds and what texts and answers say of it: the checker's further half.

Like the checker it knows what really happened and every version of every item, and shares no code with the product.
Services and people are called by their keys here; the product writes them with a capital letter.
"""

from __future__ import annotations

import marshal
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from tests.simulation.record import FOREVER, Asked, Booked, Facts, Presence, Text, Version, minute_of, plain

SKEW = 6.0  # two clocks two seconds off each, and the product's own margin
HELD_SECONDS = 110.0  # how long a slot is kept for whoever asked, at the least: two minutes less a slow answer
LAPSED_SECONDS = 62.0 + 60.0 + 8.0  # a minute and the skew, the next tick of the schedule, and its work
ANSWERED_SECONDS = 6.0  # of the caller's patience; later there may be no time left to look
LOOK_SECONDS = 12.0  # from a fault to the last read that it can still spoil
TOLD_SECONDS = 300.0  # from queueing a person's task to its being told
TERMINAL = {"cancelled", "rejected", "expired"}
PINNED = {"booking", "booked", "rescheduling", "cancelling"}
TASKS = {"human_task", "conflict"}
NO_REASON = {"superseded", "coalesced"}  # given up because another text tells the truth
NAMES = {"Jo Doe"}
EPOCH = date(1970, 1, 1).toordinal()

MOMENT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)(?: with ([^.;?]+))?")
TEXTED = re.compile(r"(\w+)(?: with ([^,]+))?, (?:now )?\d{4}-\d\d-\d\d at ")
WITH_STAFF = ("your appointment is booked", "your appointment has moved")


class RecordChecks:
    """All of these checks over one run's facts."""

    def __init__(self, facts: Facts, offices: Mapping[str, Any]) -> None:
        self.facts = facts
        self.offices = offices
        self.effects: dict[tuple[str, str], list[tuple[int, str, dict[str, Any]]]] = {}
        for (pk, sk), image in facts.items.items():
            _, business, sort, rest = pk.split("#", 3)
            if sort == "B" and sk.startswith("X#"):
                _, rv, kind = sk.split("#", 2)
                self.effects.setdefault((business, rest), []).append((int(rv), kind, image))

    def findings(self) -> Iterator[tuple[str, str]]:
        """The invariant of each broken promise, and what is wrong."""
        checks = {
            "I5": (self.misspoken, self.misspoken_times),
            "I6": (self.announced, self.misnamed_texts),
            "I7": (self.held, self.freed),
            "I9": (self.lapsed, self.overlaid, self.handed_over, self.crowded, self.left_alone, self.followed),
            "I12": (self.sealed,),
        }
        for invariant, parts in checks.items():
            for part in parts:
                for what in part():
                    yield invariant, what

    # --- I5 ---------------------------------------------------------------------------------------------------------

    def misspoken(self) -> Iterator[str]:
        """The words of an answer name the time and the person that its fields do."""
        for asked in self.facts.asked.values():
            spoken = [(minute_of(moment), who) for moment, who in MOMENT.findall(asked.words)]
            if asked.status == "found":
                known = {minute_of(start) for start, _, _ in asked.shown}
                if any(start not in known for start, _ in spoken):
                    yield f"#{asked.number} was told of {spoken}, found were {sorted(known)}"
            elif spoken and asked.told_start is not None:
                start, who = spoken[0]
                if start != asked.told_start:
                    yield f"#{asked.number} was told {asked.status} of {start}, which is {asked.told_start}"
                if who and asked.told_end is not None and not who.startswith(asked.told_staff or " "):
                    yield f"#{asked.number} was told of {who}, which is {asked.told_staff}"

    def misspoken_times(self) -> Iterator[str]:
        """An answer's end is its start and the length of the service, and who serves is who is on record."""
        for asked in self.facts.asked.values():
            if asked.told_start is None or asked.told_end is None or asked.told_service is None:
                continue
            versions = self._told_of(asked)
            service = self.offices[asked.business]["services"].get(asked.told_service.lower())
            by_people = {booking.id for booking, _ in versions} & self.facts.touched_by_people
            if service and not by_people and asked.told_end - asked.told_start != service["minutes"]:
                yield f"#{asked.number} was told an end at {asked.told_end} of what begins at {asked.told_start}"
            if versions and not any(_who(version.item) == asked.told_staff for _, version in versions):
                yield f"#{asked.number} was told of {asked.told_staff}, and {versions[0][0].id} is with another one"

    def _told_of(self, asked: Asked) -> list[tuple[Booked, Version]]:
        """What the answer can have been read from: the booking behind its handle, else those it fits."""
        named = self.facts.named(asked)
        found = [named] if named is not None else list(self.facts.bookings_of(asked))
        return [
            (booking, version)
            for booking in found
            for version in booking.during(asked.at, asked.told_at)
            if named is not None or (version.item["s"], version.item["svc"]) == (asked.told_start, _service_of(asked))
        ]

    # --- I6 ---------------------------------------------------------------------------------------------------------

    def announced(self) -> Iterator[str]:
        """Told "I'm texting you the details" means that a text about it goes out, or fails for a reason on record."""
        if self.facts.settled == FOREVER:
            return
        for asked in self.facts.told("confirmed", "requested"):
            if asked.replay or "text" not in asked.words:
                continue
            booking = self.facts.named(asked)
            if booking is None:
                continue
            alike = [other for other in self.facts.bookings_of(asked) if other is booking or _alike(other, booking)]
            if any(self._gave_up(other) for other in alike):
                continue
            same = {other.id for other in alike}
            # The same words about an earlier booking of the wish say it too, should they have gone out just before.
            since = asked.at - SKEW
            if not any(t.booking in same and t.to == asked.phone and t.at >= since for t in self.facts.texts):
                yield f"#{asked.number} was told of a text about {booking.id}, and none went out"

    def _gave_up(self, booking: Booked) -> bool:
        return any(
            plain(image["st"]) == "gave_up" and plain(image.get("rsn", {"S": ""})) not in NO_REASON
            for _, _, image in self._effects_of(booking)
        )

    def misnamed_texts(self) -> Iterator[str]:
        """A text names the service of its booking, and who serves, as they are on record while it is written."""
        by_id = {booking.id: booking for booking in self.facts.bookings.values()}
        for text in self.facts.texts:
            yield from self._misnamed(text, by_id[text.booking])

    def _misnamed(self, text: Text, booking: Booked) -> Iterator[str]:
        found = TEXTED.search(text.body)
        if found is None:
            yield f"text {text.key} names no service: {text.body}"
            return
        service, who = found[1], found[2]
        versions = booking.during(text.began - SKEW, text.at)
        if service.lower() != booking.last.item["svc"]:
            yield f"text {text.key} is about {service}, the booking is not"
        tells = any(saying in text.body for saying in WITH_STAFF)
        if not any(who == (_who(version.item) if tells else None) for version in versions):
            yield f"text {text.key} names {who}, the booking does not"

    # --- I7 ---------------------------------------------------------------------------------------------------------

    def held(self) -> Iterator[str]:
        """Told "I'm keeping it" means that it is kept: on record, under its lock, and for as long as was said."""
        for asked in self.facts.told("held"):
            found = [
                (booking, version)
                for booking in self.facts.bookings_of(asked)
                for version in booking.during(asked.at, asked.told_at)
                if version.state == "held"
                and (version.item["s"], version.item["svc"]) == (asked.told_start, _service_of(asked))
            ]
            if not found:
                yield f"#{asked.number} was told held at {asked.told_start}, and nothing was"
            for booking, version in found:
                if version.writer == asked.process and version is booking.versions[0]:
                    yield from self._kept(asked, booking, version)

    def _kept(self, asked: Asked, booking: Booked, version: Version) -> Iterator[str]:
        """What is wrong with a new hold, until something else becomes of it."""
        least, item = asked.at + HELD_SECONDS, version.item
        if item["hx"] < least:
            yield f"#{asked.number} was told held, and {booking.id} lapses at {item['hx']}"
            return
        until = next((v.at for v in booking.versions if v.at > version.at and v.state != "held"), self.facts.end)
        for place in _places(booking, item):
            for entries in _between(self.facts.days.get(place, [(0.0, {})]), version.at, min(until, least)):
                entry = entries.get(booking.id)
                if entry is None or (entry["s"], entry["e"]) != (item["bs"], item["be"]) or entry["x"] < least:
                    yield f"#{asked.number} was told held, and {place} keeps {entry} for {booking.id}"
                    break

    def freed(self) -> Iterator[str]:
        """What has ended has no lock from that moment on."""
        for booking in self.facts.bookings.values():
            ended = next((version for version in booking.versions if version.state in TERMINAL), None)
            if ended is None:
                continue
            for place in _places(booking, ended.item):
                if place not in self.facts.items:
                    continue  # a day that is over, and deleted
                for entries in _between(self.facts.days[place], ended.at, FOREVER):
                    if entries.keys() & {booking.id, f"{booking.id}+"}:
                        yield f"{booking.id} is {ended.state} since {ended.at}, and {place} is still locked for it"
                        break

    # --- I9 ---------------------------------------------------------------------------------------------------------

    def lapsed(self) -> Iterator[str]:
        """A lapsed hold ends on record with the next tick or the one after it, unless something goes wrong."""
        for booking in self.facts.bookings.values():
            for version, following in zip(booking.versions, [*booking.versions[1:], None], strict=True):
                if version.state != "held":
                    continue
                due = version.item["hx"] + LAPSED_SECONDS
                for fault in self.facts.faults:
                    if version.item["hx"] - LOOK_SECONDS <= fault <= due:
                        due = max(due, fault + LAPSED_SECONDS)
                if due < self.facts.settled and (following is None or following.at > due):
                    yield f"{booking.id} lapsed at {version.item['hx']}, and is still held at {due}"

    def overlaid(self) -> Iterator[str]:
        """What was booked over a person's event that stood there already is put before a person.

        Where a calendar takes whatever is written, we look once more after we have written. Where what was written a
        moment ago is not listed yet, that look may see nothing, and the nightly scan reports it.
        """
        foreign = [f for f in self.facts.foreign if self._shows_at_once(f)]
        if not foreign:
            return
        for booking in self.facts.bookings.values():
            for before, after in zip(booking.versions, booking.versions[1:], strict=False):
                item = after.item
                if after.state != "booked" or before.state not in {"booking", "rescheduling"} or "nw" in item:
                    continue
                if before.state == "rescheduling" and item["s"] == before.item["s"]:
                    continue
                made = self._made(booking, item)
                if made is None or self._spoiled(made.since, after):
                    continue
                for one in foreign:
                    there = one.since <= made.since and after.at <= one.until and _same_calendar(one, made)
                    meets = any(
                        one.start < end and begin < one.end
                        for begin, end in ((item["bs"], item["be"]), (item["s"], item["e"]))
                    )
                    if there and meets and not self._has_effect(booking, TASKS, item["rv"]):
                        yield f"{booking.id} was booked at {after.at} over {one.id}, and nobody was told"

    def _shows_at_once(self, event: Presence) -> bool:
        calendar = self.offices[event.business]["calendars"][event.calendar]
        return calendar["kind"] == "b" and not calendar.get("lists_late")

    def _made(self, booking: Booked, item: Mapping[str, Any]) -> Presence | None:
        """The event that the record is about, where nobody but we have touched it."""
        if booking.id in self.facts.touched_by_people:
            return None
        mine = (p for p in self.facts.presences if (p.business, p.tag) == (booking.business, booking.id))
        return next((p for p in mine if (p.id, p.start) == (item.get("pid"), item["s"])), None)

    def _spoiled(self, since: float, after: Version) -> bool:
        """Whether the look may have failed: for a fault, or because the caller's patience was at its end."""
        asked = self.facts.by_process.get(after.writer)
        late = asked is not None and after.at - asked.at > ANSWERED_SECONDS
        return late or any(since - LOOK_SECONDS <= fault <= after.at for fault in self.facts.faults)

    def handed_over(self) -> Iterator[str]:
        """What we give up is put before a person, and they are told."""
        for booking in self.facts.bookings.values():
            for before, after in zip(booking.versions, booking.versions[1:], strict=False):
                given_up = before.state != "rejected" == after.state and after.item.get("rsn") == "gave_up"
                refused = before.item["want"] == "none" and after.item["want"] != "none"
                if (given_up or refused) and not self._has_effect(booking, TASKS, after.item["rv"]):
                    yield f"{booking.id} became {after.state} at {after.at}, and nobody was asked to see to it"
        for (_, booking_id), effects in self.effects.items():
            for rv, kind, image in effects:
                old = plain(image["at"]) + TOLD_SECONDS < self.facts.settled < FOREVER
                if kind in TASKS and old and plain(image["st"]) != "sent":
                    yield f"{kind} of {booking_id} at version {rv} was told to nobody"

    def crowded(self) -> Iterator[str]:
        """Where a person put an event of ours onto another one and both locks stand, a person is told to choose."""
        owners = {booking.id: booking for booking in self.facts.bookings.values()}
        for (pk, _), versions in self.facts.days.items():
            for at, entries in versions:
                pinned = [(owner.rstrip("+"), e["s"], e["e"]) for owner, e in entries.items() if e["k"] == "P"]
                for _, minute, _ in pinned:
                    here = {owner for owner, begin, end in pinned if begin <= minute < end}
                    if len(here) < 2 or len(here) <= self._capacity(pk, owners, here):
                        continue
                    there = [owners[owner] for owner in sorted(here)]
                    wanted = all((v := b.at(at)) is not None and v.item["want"] != "none" for b in there)
                    if wanted and not any(self._has_effect(b, {"conflict"}) for b in there):
                        yield f"{pk} is locked for {sorted(here)} at {at}, and nobody was told to choose"
                        break

    def _capacity(self, pk: str, owners: Mapping[str, Booked], here: set[str]) -> int:
        """How many seats the calendar behind a day document has."""
        for booking in (owners[owner] for owner in here):
            item, office = booking.last.item, self.offices[booking.business]
            names = [item["cal"], *office["services"][item["svc"]]["fixed"]]
            for rid, calendar in zip(item["rids"], names, strict=False):
                if pk == f"T#{booking.business}#R#{rid}":
                    return int(office["calendars"][calendar]["capacity"])
        return 1

    def left_alone(self) -> Iterator[str]:
        """The event that a process made and heard of is on record when it answers, whoever drives its booking now."""
        kept = {(place, at) for at, place, _ in self.facts.written if place[1].startswith("P#")}
        for made in self.facts.presences:
            asked = self.facts.by_process.get(made.by)
            booking = self.facts.bookings.get((made.business, made.tag))
            if asked is None or booking is None or made.tag in self.facts.touched_by_people:
                continue
            heard = made.since <= asked.told_at < FOREVER  # otherwise it was executed late
            if not heard or self._kind(made.business, made.calendar) not in {"a", "b"}:
                continue
            if any(made.since - LOOK_SECONDS <= fault <= asked.told_at for fault in self.facts.faults):
                continue
            mine = (f"T#{made.business}#B#{made.tag}", f"P#{made.id}")
            known = [v.at for v in booking.versions if v.item.get("pid") == made.id]
            known += [at for place, at in kept if place == mine]
            if made.until > asked.told_at and not any(at <= asked.told_at for at in known):
                yield f"#{asked.number} made {made.id} and forgot it"

    def followed(self) -> Iterator[str]:
        """A booking whose event a person removed does not outlive the next look that was due and came about."""
        for key, booking in self.facts.bookings.items():
            last = booking.last
            if last.state != "booked" or last.item["want"] == "none" or booking.id not in self.facts.touched_by_people:
                continue
            mine = [p for p in self.facts.presences if (p.business, p.tag) == key]
            if not mine or self._kind(booking.business, last.item["cal"]) not in {"a", "b"}:
                continue
            gone = max(p.until for p in mine)
            if gone < FOREVER and any(
                _looked_at(before, after, since=gone + SKEW)
                for before, after in zip(booking.versions, booking.versions[1:], strict=False)
            ):
                yield f"{booking.id} was looked at, and is booked with its event gone since {gone}"

    # --- I12 --------------------------------------------------------------------------------------------------------

    def sealed(self) -> Iterator[str]:
        """No version of any item has a name or a number that can be read, in no attribute at all."""
        private = {asked.phone.removeprefix("+") for asked in self.facts.asked.values()} | NAMES
        spelled = [word.encode() for word in private]
        for _, key, image in self.facts.written:
            text = marshal.dumps([key, image], 2)
            if any(word in text for word in spelled):
                yield f"{key} had personal data in the clear"

    # --- shared -----------------------------------------------------------------------------------------------------

    def _effects_of(self, booking: Booked) -> list[tuple[int, str, dict[str, Any]]]:
        return self.effects.get((booking.business, booking.id), [])

    def _has_effect(self, booking: Booked, kinds: set[str], rv: int | None = None) -> bool:
        return any(kind in kinds and (rv is None or at == rv) for at, kind, _ in self._effects_of(booking))

    def _kind(self, business: str, calendar: str) -> str:
        return str(self.offices[business]["calendars"][calendar]["kind"])


def _service_of(asked: Asked) -> str | None:
    return asked.told_service.lower() if asked.told_service else None


def _who(item: Mapping[str, Any]) -> str | None:
    """Who serves, as it is said: whom the provider named, else the one who was chosen."""
    if item.get("host"):
        return str(item["host"])
    return str(item["staff"][0]).title() if item.get("staff") else None


def _looked_at(before: Version, after: Version, *, since: float) -> bool:
    """Whether a look that was due later than that came about, and left nothing to be looked at again."""
    due, left = set(before.item.get("aud", ())), set(after.item.get("aud", ()))
    came = {at for at in due - left if since < at <= after.at + SKEW}
    return bool(came) and left <= due and after.writer.startswith("reconcile")


def _alike(one: Booked, other: Booked) -> bool:
    """Whether both ever stood for the same service and start."""
    starts = {version.item["s"] for version in other.versions}
    return one.last.item["svc"] == other.last.item["svc"] and any(v.item["s"] in starts for v in one.versions)


def _same_calendar(one: Presence, other: Presence) -> bool:
    return (one.business, one.calendar) == (other.business, other.calendar)


def _places(booking: Booked, item: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The day documents in which a version of a record has its lock."""
    for rid in item["rids"]:
        for number in range(item["bs"] // 1440, (item["be"] - 1) // 1440 + 1):
            yield f"T#{booking.business}#R#{rid}", f"D#{_day(number)}"


def _day(number: int) -> str:
    return date.fromordinal(EPOCH + number).isoformat()


def _between[T](versions: Sequence[tuple[float, T]], begin: float, until: float) -> Iterator[T]:
    """Every version that stood at some instant of [begin, until)."""
    for (at, value), following in zip(versions, [*versions[1:], None], strict=True):
        if at < until and (following is None or following[0] > begin):
            yield value
