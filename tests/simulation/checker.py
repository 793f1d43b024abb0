"""The history checker: what must be true of every run, told from what really happened.

It compares three things that know nothing of each other: what stands in the calendars, what callers were told, and
what the table holds. It shares no code with the product. Every finding names the invariant (I1 to I12 of
docs/promise.md) it breaks.
"""

from __future__ import annotations

import marshal
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tests.simulation import answer_checks
from tests.simulation.record import FOREVER, Asked, Booked, Facts, Line, Presence, Text, minute_of, plain, read
from tests.simulation.record_checks import RecordChecks

UNFINISHED = {"booking", "rescheduling", "cancelling"}
PINNED = {"booking", "booked", "rescheduling", "cancelling"}
TERMINAL = {"cancelled", "rejected", "expired"}
ALLOWED = {
    None: {"held", "booking", "booked"},
    "held": {"held", "booking", "booked", "expired"},
    "booking": {"booking", "booked", "rejected", "cancelled", "cancelling"},
    "booked": {"booked", "rescheduling", "cancelling", "cancelled"},
    "rescheduling": {"rescheduling", "booked", "cancelled", "cancelling"},
    "cancelling": {"cancelling", "booked", "cancelled"},
    "cancelled": {"cancelled"},
    "rejected": {"rejected"},
    "expired": {"expired"},
}
CHANGES = {"reschedule_appointment", "cancel_appointment"}
SKEW = 6.0  # two clocks two seconds off each, and the product's own margin
A_MOMENT = 20.0  # from reading what stands in a calendar to the record of it, tries of a slow table included
TROUBLE = 60.0  # how long after a fault its consequences may still be felt by a caller
SAYINGS = (
    ("booked", "your appointment is booked"),
    ("requested", "your request has arrived"),
    ("moved", "your appointment has moved"),
    ("cancelled", "your appointment is cancelled"),
    ("failed", "we could not book"),
    ("unchanged", "we could not change your appointment"),
)
ENDS = {"cancelled", "failed"}
MOST_TEXTS = 2
EPOCH = date(1970, 1, 1).toordinal()
SPOKEN = re.compile(r"(\d{4}-\d\d-\d\d) at (\d\d:\d\d)")


@dataclass(frozen=True, slots=True)
class Finding:
    """One broken promise."""

    invariant: str
    what: str

    def __str__(self) -> str:
        return f"{self.invariant}: {self.what}"


def check(
    lines: Iterable[Line], offices: Mapping[str, Any], *, noted: Sequence[str] = (), very_late: bool = False
) -> list[Finding]:
    """Everything that is wrong with the run. `very_late`: a provider executed requests later than the quiescence."""
    return list(Checker(read(lines, offices), offices, noted, very_late=very_late).findings())


class Checker:
    """All checks over one run's facts."""

    def __init__(self, facts: Facts, offices: Mapping[str, Any], noted: Sequence[str], *, very_late: bool) -> None:
        self.facts = facts
        self.offices = offices
        self.noted = noted
        self.very_late = very_late

    def findings(self) -> Iterator[Finding]:
        checks = {
            "I1": (self.overlaps, self.locks),
            "I2": (self.duplicates,),
            "I3": (self.confirmed, self.standing, self.adopted),
            "I4": (self.refused, self.by_itself, self.unreasonable, self.needless, self.outlived),
            "I5": (self.repeats, self.misnamed),
            "I6": (self.texts, self.texts_in_order, self.ends_in_order, self.promised_texts),
            "I7": (self.leaked, self.kept, self.let_go),
            "I8": (self.strangers,),
            "I9": (self.unsettled,),
            "I10": (self.transitions,),
            "I11": (self.two_at_once,),
            "I12": (self.secrets,),
        }
        for invariant, parts in checks.items():
            for part in parts:
                for what in part():
                    yield Finding(invariant, what)
        for invariant, told in answer_checks.ALL.items():
            for is_so in told:
                for what in is_so(self.facts):
                    yield Finding(invariant, what)
        for invariant, what in RecordChecks(self.facts, self.offices).findings():
            yield Finding(invariant, what)

    # --- I1 ---------------------------------------------------------------------------------------------------------

    def overlaps(self) -> Iterator[str]:
        """At no instant do events of ours overlap beyond a calendar's capacity, buffers included."""
        if self.very_late:
            return
        places: dict[tuple[str, str], list[tuple[int, int, Presence]]] = {}
        for presence in self.facts.presences:
            if presence.tag in self.facts.touched_by_people:
                continue
            service = self.offices[presence.business]["services"][presence.service]
            begin, end = presence.start - service["before"], presence.end + service["after"]
            for calendar in dict.fromkeys([presence.calendar, *service["fixed"]]):
                places.setdefault((presence.business, calendar), []).append((begin, end, presence))
        for (business, calendar), found in places.items():
            capacity = self.offices[business]["calendars"][calendar]["capacity"]
            for begin, end, presence in found:
                beside = [
                    (b, e)
                    for b, e, p in found
                    if p is not presence and b < end and begin < e and p.since <= presence.since < p.until
                    if not self._is_a_move(p, presence)
                ]
                if len(beside) >= capacity and _depth(beside, begin, end) >= capacity:
                    yield f"{business}/{calendar}: {presence.tag} at {presence.start} overlaps since {presence.since}"

    def locks(self) -> Iterator[str]:
        """No version of a day document holds more pinned and kept intervals at a minute than the calendar takes."""
        capacity = self._capacities()
        for (pk, sk), versions in self.facts.days.items():
            for at, entries in versions:
                pinned = [(owner.rstrip("+"), e["s"], e["e"]) for owner, e in entries.items() if _is_kept(e, at)]
                # A lock follows an event that a person moved, even onto another one: that is theirs to decide.
                pinned = [entry for entry in pinned if entry[0] not in self.facts.touched_by_people]
                for _, begin, _ in pinned:
                    if len({o for o, b, e in pinned if b <= begin < e}) > capacity.get(pk, 1):
                        yield f"{pk} {sk}: locked beyond capacity at {at}"

    def _capacities(self) -> dict[str, int]:
        found = {}
        for booking in self.facts.bookings.values():
            item, office = booking.last.item, self.offices[booking.business]
            calendars = [item["cal"], *office["services"][item["svc"]]["fixed"]]
            for rid, calendar in zip(item["rids"], calendars, strict=False):
                found[f"T#{booking.business}#R#{rid}"] = office["calendars"][calendar]["capacity"]
        return found

    # --- I2 ---------------------------------------------------------------------------------------------------------

    def duplicates(self) -> Iterator[str]:
        """One booking, and one wish, never has two events; later than the quiescence, not for long."""
        for name, key in (("booking", _tag_of), ("wish", _wish_of)):
            groups: dict[Any, list[Presence]] = {}
            for presence in self.facts.presences:
                groups.setdefault(key(presence), []).append(presence)
            for of, found in groups.items():
                for n, one in enumerate(found):
                    for other in found[n + 1 :]:
                        both_from, both_until = max(one.since, other.since), min(one.until, other.until)
                        lasts = both_from < both_until and (not self.very_late or both_until == FOREVER)
                        by_people = name == "wish" and {one.tag, other.tag} & self.facts.touched_by_people
                        if lasts and by_people and (self._was_known(one, other) or self._was_known(other, one)):
                            yield f"wish {of} was had already, where a person put it, and was made again"
                        if lasts and not by_people and not self._is_a_move(one, other):
                            yield f"{name} {of} has two events since {both_from}"

    def _was_known(self, older: Presence, newer: Presence) -> bool:
        """Whether the one stood in the record, at that very time, when the other was asked for."""
        asked = self.facts.by_process.get(newer.by)
        version = self.facts.bookings[older.business, older.tag].at(asked.at) if asked else None
        stood = version is not None and version.state == "booked" and version.item["s"] == older.start
        return stood and asked is not None and asked.start == older.start and asked.tool == "book_appointment"

    def _is_a_move(self, one: Presence, other: Presence) -> bool:
        """Where a move is a second event and the end of the first, both stand for a while, each under its own lock."""
        calendar = self.offices[one.business]["calendars"][one.calendar]
        if one.tag != other.tag or not calendar.get("moves_by_two"):
            return False
        both_from, both_until = max(one.since, other.since), min(one.until, other.until)
        version = self.facts.bookings[one.business, one.tag].at(both_from)
        if version is None or version.state != "rescheduling" or both_until == FOREVER:
            return False
        by_people = one.tag in self.facts.touched_by_people
        return by_people or {one.start, other.start} == {version.item["s"], version.item["nw"]["s"]}

    # --- I3 ---------------------------------------------------------------------------------------------------------

    def confirmed(self) -> Iterator[str]:
        """Told "confirmed" or "requested" means that the event stood there while we said so."""
        for asked in self.facts.told("confirmed", "requested"):
            if asked.told_start is None:
                yield f"#{asked.number} told {asked.status} without a time"
                continue
            if asked.tool == "book_appointment" and asked.told_start != asked.start and not self._has_moved(asked):
                yield f"#{asked.number} asked for {asked.start}, told {asked.told_start}"
            mine = [p for p in self._of(asked) if p.start == asked.told_start]
            if not any(p.stands(asked.at, asked.told_at) for p in mine) and not self._people_changed(mine, asked):
                yield f"#{asked.number} told {asked.status} at {asked.told_start}, and there was no such event"

    def _has_moved(self, asked: Asked) -> bool:
        """A booking they made for that time stands elsewhere by now: they hear where."""
        return any(
            {asked.start, asked.told_start} <= {version.item["s"] for version in booking.versions}
            for booking in self.facts.bookings_of(asked)
        )

    def standing(self) -> Iterator[str]:
        """A record that says booked has its event, the one it names, all the time; a record that ended has none."""
        presences: dict[tuple[str, str], list[Presence]] = {}
        for presence in self.facts.presences:
            presences.setdefault((presence.business, presence.tag), []).append(presence)
        for key, booking in self.facts.bookings.items():
            if booking.id in self.facts.touched_by_people or self._is_own(booking):
                continue
            found = presences.get(key, [])
            for version, following in zip(booking.versions, [*booking.versions[1:], None], strict=True):
                item, until = version.item, following.at if following else self.facts.end
                if version.state != "booked" or item["want"] == "none" or until <= version.at:
                    continue
                right = [p for p in found if p.id == item.get("pid") and p.start == item["s"] and p.end == item["e"]]
                if not _covered(right, version.at, until):
                    yield f"{booking.id} is booked in the record from {version.at}, but not in the calendar"
            ended = next((version for version in booking.versions if version.state in TERMINAL), None)
            if ended is not None and not self.very_late:
                for presence in found:
                    if presence.until > ended.at:
                        yield f"{booking.id} is {ended.state} and stands in the calendar"
        yield from self._ended_for_a_reason()

    def adopted(self) -> Iterator[str]:
        """A record that becomes booked, or booked at its new time, had its event there a moment before."""
        there: dict[tuple[str, str, int], list[Presence]] = {}
        for presence in self.facts.presences:
            there.setdefault((presence.business, presence.id, presence.start), []).append(presence)
        for booking in self.facts.bookings.values():
            for before, after in zip(booking.versions, booking.versions[1:], strict=False):
                item = after.item
                made = before.state == "booking" or (before.state == "rescheduling" and "nw" not in item)
                if after.state != "booked" or not made or (before.state != "booking" and item["s"] == before.item["s"]):
                    continue
                found = there.get((booking.business, item["pid"], item["s"]), [])
                if not any(p.stands(after.at - A_MOMENT, after.at) for p in found):
                    yield f"{booking.id} became booked at {after.at}, and there was no such event"

    def _ended_for_a_reason(self) -> Iterator[str]:
        """Nobody but its caller cancels or moves a booking."""
        for booking in self.facts.bookings.values():
            if booking.id in self.facts.touched_by_people:
                continue
            for before, after in zip(booking.versions, booking.versions[1:], strict=False):
                writer = self.facts.by_process.get(after.writer)
                wished = writer is not None and writer.phone == booking.phone
                tool = writer.tool if writer else ""
                if before.item["want"] != after.item["want"] == "none" and not (
                    wished and tool == "cancel_appointment"
                ):
                    yield f"{booking.id}: a cancellation that nobody asked for"
                if before.state != "cancelled" == after.state and after.item["want"] != "none":
                    yield f"{booking.id} was cancelled ({after.item.get('rsn')}) and nobody wanted it"
                moved = "nw" in after.item and "nw" not in before.item
                if moved and not (wished and tool == "reschedule_appointment"):
                    yield f"{booking.id}: a move that nobody asked for"

    # --- I4 ---------------------------------------------------------------------------------------------------------

    def refused(self) -> Iterator[str]:
        """Told no means that there is nothing, and that nothing comes of this request later."""
        for asked in self.facts.told("unavailable", "not_done", "needs"):
            yield from self._left_behind(asked)
            if asked.tool != "book_appointment" or asked.start is None or _has_passed(asked):
                continue
            if self._is_about_the_past(asked):
                continue
            for booking in self.facts.bookings_of(asked):
                versions = booking.during(asked.at, asked.told_at)
                stood = (
                    bool(versions) and versions[0].at <= asked.at and all(_stands_for(v.item, asked) for v in versions)
                )
                if stood:
                    yield f"#{asked.number} told {asked.status}, and {booking.id} stood there all the time"

    def by_itself(self) -> Iterator[str]:
        """No booking is given up for a refusal whose reason is its own event, made by an earlier request of ours."""
        for booking in self.facts.bookings.values():
            ended = next((version for version in booking.versions if version.state == "rejected"), None)
            if ended is None or booking.id in self.facts.touched_by_people:
                continue
            asked = [at for at, _, name, tag, *_ in self.facts.requests if (name, tag) == ("create", booking.id)]
            for presence in self.facts.presences:
                if presence.tag == booking.id and presence.since < max(asked, default=0.0) < ended.at < presence.until:
                    yield f"{booking.id} was refused because of its own event"

    def _is_about_the_past(self, asked: Asked) -> bool:
        """A delivery that comes again is answered from the booking it made, though the wish may have a new one."""
        filed = self.facts.items.get((f"T#{asked.business}#O#generic#{asked.call}", f"C#{asked.id}"))
        if filed is None:
            return False
        made = self.facts.bookings[asked.business, plain(filed["bid"])].at(asked.told_at)
        return made is not None and made.state in TERMINAL

    def _left_behind(self, asked: Asked) -> Iterator[str]:
        for booking in self.facts.bookings_of(asked):
            for before, after in zip([None, *booking.versions], booking.versions, strict=False):
                if after.writer != asked.process or after.at > asked.told_at:
                    continue
                old = before.state if before else None
                last = booking.at(asked.told_at)
                if last is None:
                    continue
                begun = after.state in {"booking", "rescheduling"} and old != after.state
                since = (version.state for version in booking.versions if after.at <= version.at <= asked.told_at)
                if begun and all(state in {"booking", "rescheduling"} for state in since):
                    yield f"#{asked.number} told {asked.status}, and {booking.id} is {last.state}"
                if before and before.item["want"] != after.item["want"] and last.item["want"] == "none":
                    yield f"#{asked.number} told {asked.status}, and {booking.id} is being cancelled"

    def unreasonable(self) -> Iterator[str]:
        """Told "taken" means that something was in the way at some instant."""
        for asked in self.facts.told("unavailable"):
            if asked.tool in {"hold_slot", "book_appointment"}:
                service = self.offices[asked.business]["services"].get(asked.service)
                if service is None or asked.start is None or service["pool"] or _has_passed(asked):
                    continue
                if self._is_about_the_past(asked):
                    continue
                if not self._obstacle(asked, service):
                    yield f"#{asked.number} told that {asked.start} is taken, and nothing was in the way"

    def needless(self) -> Iterator[str]:
        """Told "not done" means that something went wrong; a quiet world gives no reason for it."""
        for asked in self.facts.told("not_done"):
            if asked.tool in CHANGES or (asked.tool != "find_appointments" and self._is_about_the_past(asked)):
                continue
            gave_up = any(b.last.item.get("rsn") in {"gave_up", "setup"} for b in self.facts.bookings_of(asked))
            if not gave_up and not any(asked.at - TROUBLE <= at <= asked.told_at for at in self.facts.faults):
                yield f"#{asked.number} told that nothing was done, and nothing had gone wrong"

    def outlived(self) -> Iterator[str]:
        """Told "already cancelled" in answer to a new wish: the old wish must end with its booking."""
        for asked in self.facts.told("not_done"):
            if asked.tool not in {"book_appointment", "hold_slot"} or "already cancelled" not in asked.words:
                continue
            same = (
                a
                for a in self.facts.asked.values()
                if (a.business, a.call, a.id) == (asked.business, asked.call, asked.id)
            )
            cancels = [
                a for a in self.facts.asked.values() if a.phone == asked.phone and a.tool == "cancel_appointment"
            ]
            if not any(a.number < asked.number for a in same) and not any(c.told_at > asked.at for c in cancels):
                yield f"#{asked.number} wished anew and was told that it is cancelled"

    def _obstacle(self, asked: Asked, service: Mapping[str, Any]) -> bool:
        office = self.offices[asked.business]
        calendar = service["calendar"]
        capacity = office["calendars"][calendar]["capacity"]
        start = asked.start or 0
        begin, end = start - service["before"], start + service["minutes"] + service["after"]
        own = {b.id for b in self.facts.bookings_of(asked)}
        if own & self.facts.refused:
            return True
        # One seat for each booking, however often it stands in our books; each of its events may take one of its own.
        seats: Counter[str] = Counter()
        # Where we read busy times, a person's own event takes every seat; elsewhere the provider counts.
        whole = office["calendars"][calendar]["kind"] == "b"
        for found, each in ((self.facts.presences, 1), (self.facts.foreign, capacity if whole else 1)):
            for presence in found:
                at_provider = presence.business == asked.business and presence.calendar == calendar
                if at_provider and presence.start < end and begin < presence.end:
                    seats[presence.tag] += each * presence.stands(asked.at, asked.told_at)
        for booking in self.facts.bookings.values():
            if booking.business != asked.business or booking.last.item["cal"] != calendar or seats[booking.id]:
                continue
            mine = booking.id in own
            if any(
                _blocks(version.item, begin, end, mine=mine, start=start, service=asked.service, since=asked.at)
                for version in booking.during(asked.at - SKEW, asked.told_at)
            ):
                seats[booking.id] = 1
        return bool(seats.total() >= capacity)

    # --- I5 ---------------------------------------------------------------------------------------------------------

    def repeats(self) -> Iterator[str]:
        """One delivery is about one booking, however often it comes."""
        pinned: dict[tuple[str, str, str | None, str | None], set[str]] = {}
        for booking in self.facts.bookings.values():
            writer = self.facts.by_process.get(booking.versions[0].writer)
            if writer is not None:
                key = (writer.business, writer.tool, writer.call, writer.id)
                pinned.setdefault(key, set()).add(booking.id)
        for key, found in pinned.items():
            if len(found) > 1:
                yield f"delivery {key} made {sorted(found)}"

    # --- I6 ---------------------------------------------------------------------------------------------------------

    def texts(self) -> Iterator[str]:
        """No text says something that was not so while it was written; none goes out a third time."""
        for key, count in Counter(text.key for text in self.facts.texts).items():
            if count > MOST_TEXTS:
                yield f"text {key} went out {count} times"
        by_id = {booking.id: booking for booking in self.facts.bookings.values()}
        for text in self.facts.texts:
            booking = by_id[text.booking]
            saying, start = _said(text)
            if booking.id in self.facts.touched_by_people:
                continue
            versions = booking.during(text.began - SKEW, text.at)
            if not any(_is_true(saying, start, version.item) for version in versions):
                yield f"text {text.key} said {saying} at {start} at {text.at}, which was not so"
            if text.to != booking.phone:
                yield f"text {text.key} went to a stranger"

    def texts_in_order(self) -> Iterator[str]:
        """No text arrives after one that tells a later truth about the same booking."""
        by_id = {booking.id: booking for booking in self.facts.bookings.values()}
        latest: dict[str, tuple[float, Text]] = {}
        for text in self.facts.texts:
            booking = by_id[text.booking]
            if booking.id in self.facts.touched_by_people:
                continue
            saying, start = _said(text)
            true = [v.at for v in booking.versions if v.at <= text.at and _is_true(saying, start, v.item)]
            if not true:
                continue  # texts() says so
            earliest, before = latest.get(booking.id, (0.0, text))
            if max(true) < earliest:
                yield f"text {text.key} arrived after {before.key}, which told a later truth"
            latest[booking.id] = max((earliest, before), (min(true), text), key=lambda known: known[0])

    def ends_in_order(self) -> Iterator[str]:
        """No text tells of an end while the same wish stands again: who reads of the end last does not come.

        It may stand since a moment ago: two texts about two bookings can be in the air at once.
        """
        by_id = {booking.id: booking for booking in self.facts.bookings.values()}
        for text in self.facts.texts:
            saying, start = _said(text)
            if saying not in ENDS:
                continue
            for other in self._others_of_wish(by_id[text.booking], start):
                if {other.id, text.booking} & self.facts.touched_by_people:
                    continue  # whoever moves an event moves it onto another one, if they like
                began = text.began - SKEW
                versions = other.during(began, text.at)
                if (
                    versions
                    and versions[0].at <= began
                    and all(_stands_at(version.item, start) for version in versions)
                ):
                    yield f"text {text.key} said {saying} at {start} at {text.at}, and {other.id} stood there"

    def _others_of_wish(self, booking: Booked, start: int) -> Iterator[Booked]:
        """Further bookings that ever stood for what the caller wished of this one, whatever became of them."""
        for other in self.facts.bookings.values():
            mine = (other.business, other.phone) == (booking.business, booking.phone) and other is not booking
            if not mine or other.last.item["svc"] != booking.last.item["svc"]:
                continue
            if any(_stands_at(version.item, start) for version in other.versions):
                yield other

    def promised_texts(self) -> Iterator[str]:
        """Whoever was told "pending" hears in the end how it ended; the last text about a booking stays true."""
        last: dict[str, Text] = {}
        for text in self.facts.texts:
            last[text.booking] = text
        for asked in self.facts.told("pending", "cancel_pending"):
            if asked.told_start is None:
                continue  # it promised nothing
            for booking in self._meant(asked):
                version = booking.at(asked.told_at)
                if version is None or version.state not in UNFINISHED or self._gave_up(booking):
                    continue
                told = last.get(booking.id)
                if told is not None and told.at >= asked.at:
                    continue
                if not self._said_by_another(booking, since=asked.at) and not self._had_again(
                    booking, last, since=asked.at
                ):
                    yield f"#{asked.number} was told {asked.status} and never heard of {booking.id} again"
        for booking in self.facts.bookings.values():
            told = last.get(booking.id)
            if told is None or self._gave_up(booking) or booking.last.state in UNFINISHED:
                continue
            if booking.id in self.facts.touched_by_people:
                continue
            # A later text of the same words about the same service and time says it too, whichever booking it is of;
            # one that went out before it was so says what another booking was.
            service, since = booking.last.item["svc"], max(told.at, _so_since(booking) - SKEW)
            later = (t for t in self.facts.texts if t.to == told.to and t.at > since and service in t.body.lower())
            saying, start = _said(told)
            said = any(_is_true(*_said(text), booking.last.item) for text in (told, *later))
            if not said and not self._had_again(booking, last, since=told.at):
                yield f"{booking.id}: the last text said {saying} at {start}; it is {booking.last.state}"

    def _said_by_another(self, booking: Booked, *, since: float) -> bool:
        """Whether the words that were owed went out, after the end that they tell, for another booking of the wish.

        One wish has one booking at a time (I2). So who booked the same anew, and lost that in the same way too, reads
        the same words about both; what they read last is so, and nothing is lacking to them.
        """
        if booking.last.state not in TERMINAL:
            return False
        ended = next(version.at for version in booking.versions if version.state in TERMINAL)
        others = {b.id for b in self.facts.bookings.values() if b is not booking and _same_wish(b, booking)}
        return any(
            text.booking in others
            and text.to == booking.phone
            and text.at >= max(since, ended - SKEW)
            and _is_true(*_said(text), booking.last.item)
            for text in self.facts.texts
        )

    def _had_again(self, booking: Booked, last: Mapping[str, Text], *, since: float) -> bool:
        """Whether the same wish stood again after the end that was to be told, and the last text about either is so.

        The end has then nothing to tell any more: whoever reads it after the other reads what is no longer so. What was
        read about the earlier one may say it too, where the later one has the very same words.
        """
        if booking.last.state not in TERMINAL:
            return False
        ended = next(version.at for version in booking.versions if version.state in TERMINAL)
        start = booking.last.item["s"]
        for other in self._others_of_wish(booking, start):
            stood = next((v.at for v in other.versions if v.at >= ended and _stands_at(v.item, start)), FOREVER)
            texts = [(last.get(other.id), max(stood, since)), (last.get(booking.id), since)]
            heard = [text for text, earliest in texts if text and text.to == booking.phone and text.at >= earliest]
            so = any(_is_true(*_said(text), other.last.item) for text in heard)
            if stood < FOREVER and (so or (heard and other.id in self.facts.touched_by_people) or self._gave_up(other)):
                return True
        return False

    def misnamed(self) -> Iterator[str]:
        """The appointment behind the handle of an answer is the one its words are about."""
        for asked in self.facts.told("pending", "cancel_pending", "confirmed", "requested", "cancelled", "held"):
            named = self.facts.named(asked)
            if named is None or asked.told_start is None:
                continue
            known = [version.item for version in named.versions if version.at <= asked.told_at]
            times = {start for item in known for start in (item["s"], item.get("nw", item)["s"])}
            if named.phone != asked.phone or asked.told_start not in times or not _is_of(named, asked):
                yield f"#{asked.number} was told {asked.status} of {asked.handle}, which is {named.id}"

    def _meant(self, asked: Asked) -> Iterable[Booked]:
        """What an answer was about: the appointment behind its handle, else those of its service and time.

        One caller may have several at one time, and of one service too, where one of them is moving there.
        """
        named = self.facts.named(asked)
        if named is not None:
            return (named,)
        return (
            booking
            for booking in self.facts.bookings_of(asked)
            if _is_of(booking, asked)
            and (version := booking.at(asked.told_at)) is not None
            and _touches(version.item, asked)
        )

    def _gave_up(self, booking: Booked) -> bool:
        """Texts whose sending failed twice, and requests declined, end without one; so do texts that are still due."""
        prefix = f"T#{booking.business}#B#{booking.id}"
        for (pk, sk), image in self.facts.items.items():
            if pk == prefix and sk.startswith("X#"):
                state, reason = plain(image["st"]), plain(image.get("rsn", {"S": ""}))
                if state == "gave_up" and reason == "in_doubt":
                    return True
        return False

    # --- I7 ---------------------------------------------------------------------------------------------------------

    def leaked(self) -> Iterator[str]:
        """The day documents hold exactly what the bookings say."""
        wanted: dict[tuple[str, str], dict[str, tuple[int, int]]] = {}
        for booking in self.facts.bookings.values():
            if booking.last.state in PINNED:
                for place, owner, times in _locks_of(booking, booking.last.item):
                    wanted.setdefault(place, {})[owner] = times
        found = {
            place: {owner: (e["s"], e["e"]) for owner, e in versions[-1][1].items()}
            for place, versions in self.facts.days.items()
        }
        for place in wanted.keys() | found.keys():
            if place not in self.facts.items and place[1] < f"D#{_day(self.facts.end)}":
                continue  # a day that is over, and deleted
            should, does = wanted.get(place, {}), found.get(place, {})
            for owner in sorted(should.keys() | does.keys()):
                if should.get(owner) != does.get(owner):
                    yield f"{place}: {owner} holds {does.get(owner)}, should hold {should.get(owner)}"

    def kept(self) -> Iterator[str]:
        """As long as a booking needs its lock, every version of its day documents holds it."""
        for booking in self.facts.bookings.values():
            for version, following in zip(booking.versions, [*booking.versions[1:], None], strict=True):
                item, until = version.item, following.at if following else self.facts.end
                if version.state == "held":
                    until = min(until, item["hx"] - SKEW)
                elif version.state not in PINNED:
                    continue
                for place, owner, times in _locks_of(booking, item):
                    for entries in _between(self.facts.days.get(place, [(0.0, {})]), version.at, until):
                        entry = entries.get(owner)
                        if entry is None or (entry["s"], entry["e"]) != times:
                            yield f"{owner} was {version.state} at {version.at} without its lock"
                            break

    def let_go(self) -> Iterator[str]:
        """A hold ends with no other call than the one that was told of it last; a repeat tells nothing new."""
        for booking in self.facts.bookings.values():
            ended = booking.last
            if ended.item.get("rsn") != "call_ended":
                continue
            first: dict[tuple[str | None, str | None], Asked] = {}
            for asked in self.facts.told("held"):
                mine = (asked.business, asked.phone, asked.told_start) == (
                    booking.business, booking.phone, ended.item["s"]
                )  # fmt: skip
                if mine and asked.service == ended.item["svc"] and asked.told_at < ended.at:
                    first.setdefault((asked.call, asked.id), asked)
            last = max(first.values(), key=lambda asked: asked.at, default=None)
            over = self.facts.ended.get(ended.writer)
            if last is not None and last.call != over:
                yield f"{booking.id} was let go with {over}, and #{last.number} relies on it"

    # --- I8 ---------------------------------------------------------------------------------------------------------

    def strangers(self) -> Iterator[str]:
        """Nobody reads or changes what belongs to another business or caller."""
        for process, key in self.facts.crossed:
            yield f"{process} reached for {key}"
        for presence in self.facts.presences:
            asked = self.facts.by_process.get(presence.by)
            if asked is not None and (presence.phone, presence.business) != (asked.phone, asked.business):
                yield f"#{asked.number} wrote the event {presence.id} of somebody else"
        for booking in self.facts.bookings.values():
            for version in booking.versions:
                asked = self.facts.by_process.get(version.writer)
                if asked is not None and (asked.phone, asked.business) != (booking.phone, booking.business):
                    yield f"#{asked.number} wrote the booking {booking.id} of somebody else"
        for asked in self.facts.told("found"):
            mine = {v.item["s"] for b in self.facts.bookings_of(asked) for v in b.versions}
            for start, _, _ in asked.shown:
                if minute_of(start) not in mine:
                    yield f"#{asked.number} was shown the appointment of somebody else"

    # --- I9 ---------------------------------------------------------------------------------------------------------

    def unsettled(self) -> Iterator[str]:
        """Once faults stop, everything comes to rest."""
        for booking in self.facts.bookings.values():
            version = booking.at(self.facts.settled)
            if version is not None and (version.state in UNFINISHED or version.state == "held"):
                yield f"{booking.id} is still {version.state}"
            elif version is not None and version.state == "booked" and version.item["want"] == "none":
                yield f"{booking.id} is booked, and nobody wants it"

    # --- I10 --------------------------------------------------------------------------------------------------------

    def transitions(self) -> Iterator[str]:
        """Only the transitions of the protocol, versions without gaps, and a history that tells the same."""
        for key, booking in self.facts.bookings.items():
            old: str | None = None
            for number, version in enumerate(booking.versions, start=1):
                if version.item["rv"] != number:
                    yield f"{booking.id}: version {version.item['rv']} where {number} was due"
                if version.state not in ALLOWED[old]:
                    yield f"{booking.id}: {old} became {version.state}"
                old = version.state
            told = [(line.get("from"), line["to"]) for line in self.facts.history.get(key, [])]
            states = [version.state for version in booking.versions]
            if told != list(zip([None, *states], states, strict=False)):
                yield f"{booking.id}: the history in the table tells another story"

    # --- I11 --------------------------------------------------------------------------------------------------------

    def two_at_once(self) -> Iterator[str]:
        """No create, and no move that creates, while an older one could still be executed."""
        if self.very_late:
            return
        before: dict[tuple[str, str], int] = {}
        for at, server, name, about, request, exclusive in self.facts.requests:
            if not exclusive:
                continue
            older = before.get((server, about))
            if older is not None and self.facts.executed.get(older, FOREVER) > at:
                yield f"{about}: {name} at {at} while an older request could still be executed"
            before[server, about] = request

    # --- I12 --------------------------------------------------------------------------------------------------------

    def secrets(self) -> Iterator[str]:
        """No name and no number outside the sealed attribute, and none in what is logged."""
        private = {asked.phone for asked in self.facts.asked.values()} | {"Jo Doe"}
        for line in self.noted:
            if any(word in line for word in private):
                yield f"logged: {line[:40]}"
        spelled = [word.encode() for word in private]
        for key, image in self.facts.items.items():
            open_to_all = {name: value for name, value in image.items() if name not in {"pii", "to"}}
            text = marshal.dumps([key, open_to_all], 2)  # every text as it is, in a fraction of the time of str()
            if any(word in text for word in spelled):
                yield f"{key} holds personal data in the clear"

    # --- shared -----------------------------------------------------------------------------------------------------

    def _of(self, asked: Asked) -> Iterator[Presence]:
        return (p for p in self.facts.presences if p.business == asked.business and p.phone == asked.phone)

    def _people_changed(self, presences: Sequence[Presence], asked: Asked) -> bool:
        """An event that people removed shortly before we spoke: what we read was true when we read it."""
        return any(p.tag in self.facts.touched_by_people and p.since <= asked.told_at for p in presences)

    def _is_own(self, booking: Booked) -> bool:
        calendars = self.offices[booking.business]["calendars"]
        return bool(calendars[booking.last.item["cal"]]["kind"] == "own")


def _tag_of(presence: Presence) -> tuple[str, str]:
    return presence.business, presence.tag


def _wish_of(presence: Presence) -> tuple[str, str | None, str, int]:
    return presence.business, presence.phone, presence.service, presence.start


def _same_wish(one: Booked, other: Booked) -> bool:
    """Whether both are, or ended as, the same caller's booking of the same service and time."""
    first, second = one.last.item, other.last.item
    return (one.business, one.phone, first["svc"], first["s"]) == (
        other.business, other.phone, second["svc"], second["s"]
    )  # fmt: skip


def _is_kept(entry: Mapping[str, Any], at: float) -> bool:
    """Whether nobody may take the interval now, whatever clock they read."""
    return bool(entry["k"] == "P" or entry["x"] - SKEW > at)


def _depth(intervals: Sequence[tuple[int, int]], begin: int, end: int) -> int:
    """How many of the intervals share one minute of [begin, end)."""
    edges = [max(b, begin) for b, e in intervals if b < end and begin < e]
    return max((sum(b <= minute < e for b, e in intervals) for minute in edges), default=0)


def _covered(presences: Sequence[Presence], begin: float, end: float) -> bool:
    """Whether one presence after the other fills the whole span."""
    reached = begin
    for presence in sorted(presences, key=lambda p: p.since):
        if presence.since <= reached < presence.until:
            reached = presence.until
    return reached >= end


def _stands_at(item: Mapping[str, Any], start: int) -> bool:
    """Whether the record has an event at this time, as far as it knows."""
    return item["st"] in {"booked", "rescheduling", "cancelling"} and item["s"] == start


def _stands_for(item: Mapping[str, Any], asked: Asked) -> bool:
    return (
        item["st"] in {"booking", "booked"}
        and item["want"] == "booked"
        and item["svc"] == asked.service
        and item["s"] == asked.start
    )


def _has_passed(asked: Asked) -> bool:
    """Whether the time asked for lay behind: nobody can have it any more."""
    return asked.start is not None and asked.start * 60 <= asked.told_at + SKEW


def _touches(item: Mapping[str, Any], asked: Asked) -> bool:
    """Whether the answer named the record's time, or the one it is moving to."""
    starts = {asked.told_start, asked.start} - {None}
    return item["s"] == asked.told_start or ("nw" in item and item["nw"]["s"] in starts)


def _is_of(booking: Booked, asked: Asked) -> bool:
    """Whether an answer that named a service named the booking's own."""
    return asked.told_service is None or asked.told_service.lower() == booking.last.item["svc"]


def _blocks(
    item: Mapping[str, Any], begin: int, end: int, *, mine: bool, start: int, service: str | None, since: float
) -> bool:
    """Whether the record was in the way of somebody else's wish, or is the earlier end of the same one."""
    if mine and item["svc"] == service and item["s"] == start:
        return item["st"] in TERMINAL or (item["st"] == "held" and item["hx"] <= since + SKEW)
    held = item["st"] == "held" and item["hx"] + SKEW > since
    times = [item, *([item["nw"]] if "nw" in item else [])]
    hits = any(t["bs"] < end and begin < t["be"] for t in times)
    return bool(hits and (held or item["st"] in PINNED))


def _said(text: Text) -> tuple[str, int]:
    saying = next((word for word, phrase in SAYINGS if phrase in text.body), "nothing known")
    found = SPOKEN.search(text.body)
    return saying, minute_of(f"{found[1]}T{found[2]}:00+00:00") if found else 0


def _is_true(saying: str, start: int, item: Mapping[str, Any]) -> bool:
    """Whether the record bears the saying out."""
    if start != item["s"]:
        return False
    state, wanted = item["st"], item["want"] == "booked"
    if saying == "unchanged":
        return bool(state == "booked")
    if saying in {"booked", "moved"}:
        return bool(state == "booked" and not item.get("req") and wanted)
    if saying == "requested":
        return state == "booked" and bool(item.get("req"))
    if saying == "cancelled":
        return bool((state in {"rejected", "expired"} and not wanted) or state == "cancelled")
    if saying == "failed":
        return bool(state == "rejected" or (state == "cancelled" and wanted))
    return False


def _so_since(booking: Booked) -> float:
    """Since when it has been in the state and at the time of its last version."""
    last, since = booking.last, booking.last.at
    for version in reversed(booking.versions):
        if (version.state, version.item["s"]) != (last.state, last.item["s"]):
            break
        since = version.at
    return since


def _locks_of(booking: Booked, item: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str], str, tuple[int, int]]]:
    """Where a version of a record must be found in the day documents: the document, the owner's name, the interval."""
    for owner, times in ((booking.id, item), (f"{booking.id}+", item.get("nw"))):
        if times is not None:
            for rid in item["rids"]:
                for day in _days(times["bs"], times["be"]):
                    yield (f"T#{booking.business}#R#{rid}", f"D#{day}"), owner, (times["bs"], times["be"])


def _between[T](versions: Sequence[tuple[float, T]], begin: float, until: float) -> Iterator[T]:
    """Every version that stood at some instant of [begin, until)."""
    for (at, value), following in zip(versions, [*versions[1:], None], strict=True):
        if at < until and (following is None or following[0] > begin):
            yield value


def _days(begin: int, end: int) -> Iterator[str]:
    for number in range(begin // 1440, (end - 1) // 1440 + 1):
        yield _day(number * 86_400)


def _day(moment: float) -> str:
    """The UTC day of a moment."""
    return date.fromordinal(EPOCH + int(moment // 86_400)).isoformat()
