"""Records that are not so: holds, locks, personal data and tasks, and what texts and answers say of a booking."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import Any

from slotline.adapters.dynamodb.booking_store import DynamoBookingStore
from slotline.adapters.dynamodb.filing import Filing
from slotline.adapters.dynamodb.transitions import Transitions
from slotline.domain import messages as message_words
from slotline.domain.bookings import Booking, Contact, State
from slotline.use_cases import answers, messages, slot_wish
from slotline.use_cases.desk import Desk
from slotline.use_cases.drive import Driver
from slotline.use_cases.drive_context import Context
from slotline.use_cases.drive_external import ExternalSteps
from slotline.use_cases.messages import MessageDesk
from slotline.use_cases.slot_wish import SlotWish
from slotline.use_cases.text_sending import Outcome
from tests.patches import Given, Patches
from tests.simulation.mutant import Mutant, everywhere, registrar
from tests.simulation.world import MirrorSealer

RECORDS: dict[str, Mutant] = {}
mutant = registrar(RECORDS)

TOO_LONG = 300.0


# --- holds ----------------------------------------------------------------------------------------------------------


@mutant("hold-of-ten-seconds", "a slot that is held is kept for two minutes", kinds="o")
def _hold_of_ten_seconds() -> Patches:
    return [(slot_wish, "HOLD_SECONDS", 10)]


@mutant("hold-not-written", "what is called held is held in the table", kinds="o")
def _hold_not_written() -> Patches:
    def once(self: SlotWish) -> Any:
        desk, view, operation = self.desk, *self._view([self._intent])
        known = self._known(view, operation)
        if known is not None:
            return known
        booking_id = desk.ids.booking_id()
        for way in self._free_ways(view, seed=booking_id):
            booking = replace(self._new(booking_id, way), held_until=desk.clock.now() + 120.0)
            return answers.told(desk, booking, call=None, deadline=self.deadline, replay=False)
        return self._refused()

    return [(SlotWish, "_hold_once", once)]


@mutant("holds-outstay", "a lapsed hold ends with the next tick of the schedule", kinds="o")
def _holds_outstay() -> Patches:
    real = Driver.drive

    def drive(self: Driver, booking: Booking, *, deadline: float) -> Booking:
        outstays = booking.state is State.HELD and self.context.clock.now() < (booking.held_until or 0.0) + TOO_LONG
        return booking if outstays else real(self, booking, deadline=deadline)

    return [(Driver, "drive", drive)]


@mutant("lock-of-an-ended-hold", "what has ended has no lock", kinds="o")
def _lock_of_an_ended_hold() -> Patches:
    real = Transitions.write

    def write(self: Transitions, before: Any, after: Booking, parts: Any, **given: Given) -> Any:
        if after.state is State.EXPIRED:
            given.pop("locking", None)
        return real(self, before, after, parts, **given)

    return [(Transitions, "write", write)]


# --- personal data --------------------------------------------------------------------------------------------------


@mutant("sealed-in-name-only", "the attribute for personal data is sealed", kinds="o")
def _sealed_in_name_only() -> Patches:
    def seal(self: MirrorSealer, contact: Any, *, booking_id: str) -> bytes:
        return json.dumps([booking_id, asdict(contact)]).encode()

    def open_(self: MirrorSealer, sealed: bytes, *, booking_id: str) -> Any:
        return Contact(**json.loads(sealed)[1])

    return [(MirrorSealer, "seal", seal), (MirrorSealer, "open", open_)]


@mutant("name-in-the-clear-for-a-moment", "personal data is sealed in every version of an item")
def _name_for_a_moment() -> Patches:
    real = Transitions._record

    def record(self: Transitions, before: Any, after: Booking, condition: str, values: Any) -> Any:
        shown = replace(after, nonce=after.contact.name) if after.state is State.BOOKING else after
        return real(self, before, shown, condition, values)

    return [(Transitions, "_record", record)]


# --- texts and answers ----------------------------------------------------------------------------------------------


def _without(*unwanted: str) -> Patches:
    """Effects of these kinds are never written."""
    real = Filing.effects

    def effects(self: Filing, booking: Booking, kinds: Any, *, now: float) -> Any:
        return real(self, booking, [kind for kind in kinds if kind not in unwanted], now=now)

    return [(Filing, "effects", effects)]


@mutant("confirmed-without-a-text", "whoever is told of a text gets one", kinds="oab")
def _confirmed_without_a_text() -> Patches:
    return _without("sms_booked")


@mutant("moved-without-a-text", "whoever is told of a text about their move gets one", kinds="oab")
def _moved_without_a_text() -> Patches:
    return _without("sms_moved")


@mutant("text-about-another-service", "a text names the service that was booked", kinds="oab")
def _another_service() -> Patches:
    real = message_words.body
    return [(messages, "body", lambda said, booking, **given: real(said, booking, **given).replace("Short", "Long"))]


@mutant("text-names-a-stranger", "a text names who serves", kinds="oab")
def _text_names_a_stranger() -> Patches:
    real = message_words.body
    return [(messages, "body", lambda said, booking, **given: real(said, booking, **given).replace("Ana", "Ben"))]


@mutant("told-of-a-stranger", "an answer names who serves", kinds="oab")
def _told_of_a_stranger() -> Patches:
    return [(Desk, "staff_name", lambda self, booking: "Somebody Else" if booking.staff else None)]


@mutant("an-hour-later-in-words", "the words of an answer name the time of its fields", kinds="oab")
def _an_hour_later() -> Patches:
    real = Desk.moment
    return [(Desk, "moment", lambda self, minute: real(self, minute + 60))]


@mutant("an-end-of-no-length", "an appointment ends when its service does", kinds="oab")
def _end_of_no_length() -> Patches:
    real = answers.fields_of

    def fields_of(desk: Any, booking: Booking, **given: Given) -> dict[str, object]:
        fields = dict(real(desk, booking, **given))
        return fields | {"end": fields["start"]}

    return everywhere("fields_of", fields_of)


# --- what only a person can settle ----------------------------------------------------------------------------------


@mutant("given-up-in-silence", "what is given up is put before a person", scene="given up after many tries in vain")
def _given_up_in_silence() -> Patches:
    return _without("human_task", "conflict")


@mutant("task-told-to-nobody", "a person hears of their task", scene="given up after many tries in vain")
def _task_told_to_nobody() -> Patches:
    return [(MessageDesk, "_tell_owner", lambda self, item, booking: Outcome.NOT_OURS)]


@mutant(
    "dragged-over-in-silence", "a person who put one event of ours onto another is told to choose",
    scene="dragged onto somebody else's before anybody heard of it",
)  # fmt: skip
def _dragged_over_in_silence() -> Patches:
    return _without("conflict")


@mutant(
    "stray-forgotten", "an event that only one process has heard of is kept on record",
    scene="cancelled while its event is made",
)  # fmt: skip
def _stray_forgotten() -> Patches:
    return [(DynamoBookingStore, "stray", lambda self, booking, *, provider_id, now: None)]


@mutant(
    "overlap-never-verified", "where a calendar takes whatever is written, look after writing",
    scene="a person writes in the same second",
)  # fmt: skip
def _overlap_never_verified() -> Patches:
    return [
        (Context, "is_overlapped", lambda self, booking, event, *, deadline: False),
        (Context, "is_somebody_there", lambda self, *args, **given: False),
    ]


@mutant(
    "gone-event-ignored", "a booking whose event a person removed ends", scene="removed by a person before the audit"
)  # fmt: skip
def _gone_event_ignored() -> Patches:
    return [(ExternalSteps, "follow", lambda self, booking, *, deadline: booking)]
