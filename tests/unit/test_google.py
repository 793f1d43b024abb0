from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from slotline.adapters.calendars.google.refusals import _ROWS
from slotline.adapters.calendars.google.replies import merged
from slotline.adapters.calendars.google.requests import PLACES, event_id
from slotline.domain.business import Service, Where
from slotline.domain.errors import (
    CredentialError,
    InDoubtError,
    NotExecutedError,
    ProviderError,
    Refusal,
    RefusedError,
    SetupError,
)
from slotline.domain.time import Interval, resolve_local
from tests.contract.google_spec import wrong
from tests.servers.google_accounts import TOKEN
from tests.servers.google_desk import OWNER, FakeCalendar, Principal
from tests.unit import google_rig
from tests.unit.google_rig import ROME, Rig, answering, moment, number_of
from tests.unit.rigs import ADA, DAY, TEN, TUESDAY

ANNA = "anna@group.calendar.google.com"


@pytest.fixture
def rig() -> Iterator[Callable[..., Rig]]:
    """Make a rig; at the end everything it sent and heard is held against Google's own discovery document."""
    made: list[Rig] = []

    def make(*args: Any, **kwargs: Any) -> Rig:
        made.append(google_rig.rig(*args, **kwargs))
        return made[-1]

    yield make
    assert [problem for r in made for problem in wrong(r.api)] == []


def problem(status: int, reason: str, message: str = "as told") -> bytes:
    errors = [{"domain": "global", "reason": reason, "message": message}]
    return json.dumps({"error": {"errors": errors, "code": status, "message": message}}).encode()


# --- what is sent ----------------------------------------------------------------------------------------------------


def test_the_id_of_an_event_is_the_published_hash() -> None:
    known = "ouilda8u864jbpg1i8j555jkgcaghaofc3p6262u3gi1ur9kfdlg"

    assert event_id("tenant-1", "booking-123", 1) == known
    assert len({event_id("tenant-1", "booking-123", 2), event_id("tenant-2", "booking-123", 1), known}) == 3


def test_a_create_says_who_is_coming_and_how_to_reach_them(rig: Callable[..., Rig]) -> None:
    r = rig()
    r.create(r.wish(contact=replace(ADA, notes="first visit <b>now</b>")))

    (request,) = r.api.seen
    assert request.query == {"sendUpdates": "none", "conferenceDataVersion": "1"}
    assert request.body == {
        "id": number_of(),
        "summary": "Cleaning - Ada Byron",
        "description": "Name: Ada Byron\nPhone: +14155550111\nE-mail: ada@example.com\n\n"
        "first visit ‹b›now‹/b›\n\nBooked by phone.",
        "start": {"dateTime": "2026-01-06T11:00:00+01:00", "timeZone": "Europe/Rome"},
        "end": {"dateTime": "2026-01-06T11:30:00+01:00", "timeZone": "Europe/Rome"},
        "status": "confirmed",
        "transparency": "opaque",
        "visibility": "private",
        "reminders": {"useDefault": True},
        "extendedProperties": {"private": {"bookingId": "tag-1"}},
    }


def test_the_same_wish_is_the_same_bytes(rig: Callable[..., Rig]) -> None:
    r = rig()
    r.create()
    r.clock.sleep(100)
    r.create()

    first, second = r.sent("POST")
    assert (first.body, first.query, first.path) == (second.body, second.query, second.path)


def test_guests_are_invited_only_when_asked_for_and_known(rig: Callable[..., Rig]) -> None:
    quiet, inviting = rig(), rig(invite="true")
    quiet.create()
    inviting.create()
    inviting.create(inviting.wish("tag-2", start=TEN + 60, contact=replace(ADA, email=None)))

    assert "attendees" not in quiet.stored()
    assert quiet.api.desk.mails == []
    guest = inviting.stored(number_of("tag-1"))
    assert [g["email"] for g in guest["attendees"]] == ["ada@example.com"]
    assert (guest["guestsCanInviteOthers"], guest["guestsCanSeeOtherGuests"]) == (False, False)
    assert "attendees" not in inviting.stored(number_of("tag-2"))
    assert inviting.api.desk.mails == [("all", number_of("tag-1"))]
    assert inviting.find()[0].email == "ada@example.com"


def test_whom_google_mails_is_said_on_every_write(rig: Callable[..., Rig]) -> None:
    r = rig(invite="true", send_updates="externalOnly")
    made = r.create()
    r.move(made.id, r.wish(start=TEN + 60))
    r.cancel(made.id)

    assert r.api.desk.mails == [("externalOnly", made.id)] * 3


@pytest.mark.parametrize(
    ("where", "location"),
    [
        (Where(), None),
        (Where("in_person", "1 Main Street"), "1 Main Street"),
        (Where("phone", "+14155550100"), "+14155550100"),
        (Where("phone"), ADA.phone),
        (Where("link", "https://rooms.example/1"), "https://rooms.example/1"),
        (Where("meet"), None),
    ],
)
def test_places(where: Where, location: str | None, rig: Callable[..., Rig]) -> None:
    r = rig()
    r.service = replace(r.service, where=where)
    made = r.create()

    assert r.stored().get("location") == location
    assert where.kind in PLACES
    assert made.link == (location if where.kind == "link" else None)


@pytest.mark.parametrize("kind", ["zoom", "teams", "cal_video", "webex", "moon"])
def test_a_place_google_cannot_make_is_a_mistake_in_the_setup(kind: str, rig: Callable[..., Rig]) -> None:
    r = rig()
    r.service = replace(r.service, where=Where(kind))

    with pytest.raises(SetupError, match=r"services\.cleaning\.where\.kind"):
        r.create()
    assert r.api.seen == []


def test_a_call_to_the_caller_needs_their_number(rig: Callable[..., Rig]) -> None:
    r = rig()
    r.service = replace(r.service, where=Where("phone"))

    with pytest.raises(RefusedError) as refused:
        r.create(r.wish(contact=replace(ADA, phone=None)))
    assert (refused.value.reason, refused.value.field) == (Refusal.NEEDS_FIELD, "phone")


def test_a_meet_link_comes_with_a_later_read_and_survives_a_move(rig: Callable[..., Rig]) -> None:
    r = rig()
    r.service = replace(r.service, where=Where("meet"))
    made = r.create()
    first, second = r.read(made.id), r.read(made.id)
    moved = r.move(made.id, r.wish(start=TEN + 60))

    assert (made.link, first.link) == (None, None)
    assert second.link is not None
    assert second.link.startswith("https://meet.google.com/")
    assert moved.link == second.link
    assert r.stored()["conferenceData"]["createRequest"]["requestId"] == made.id


def test_a_meet_link_that_could_not_be_made_leaves_the_booking_standing(rig: Callable[..., Rig]) -> None:
    r = rig()
    r.api.desk.meet_fails = True
    r.service = replace(r.service, where=Where("meet"))
    made = r.create()
    r.read(made.id)

    assert (r.read(made.id).link, r.read(made.id).status) == (None, "accepted")


# --- the set-up ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"invite": "yes"}, "invite"),
        ({"send_updates": "everyone"}, "send_updates"),
    ],
)
def test_a_wrong_option_is_named(options: dict[str, str], field: str, rig: Callable[..., Rig]) -> None:
    r = rig(**options)

    for ask in (r.create, r.find, lambda: r.look(TEN, TEN + 60), lambda: r.cancel("x")):
        with pytest.raises(SetupError, match=rf"calendars\.main\.{field}"):
            ask()
    assert r.api.seen == []


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({}, "calendar_id"),
        ({"calendar_id": "primary"}, "calendar_id"),
        ({"calendar_id": OWNER, "invite": "true"}, "invite"),
    ],
)
def test_what_a_plain_service_account_cannot_do_is_said_before_anything_is_sent(
    options: dict[str, str], field: str, rig: Callable[..., Rig]
) -> None:
    r = rig(service_account=True, **options)

    with pytest.raises(SetupError, match=rf"calendars\.main\.{field}"):
        r.create()
    assert r.api.seen == []


def test_a_plain_service_account_books_in_a_shared_calendar_but_makes_no_meet_link(rig: Callable[..., Rig]) -> None:
    r = rig(service_account=True, calendar_id=OWNER)
    r.tokens.append(r.api.accounts.let_in(Principal("", service_account=True)))

    assert r.create().tag == "tag-1"
    assert r.look(TEN, TEN + 60) == [(TEN, TEN + 30)]
    r.service = replace(r.service, where=Where("meet"))
    with pytest.raises(SetupError, match=r"services\.cleaning\.where\.kind"):
        r.create(r.wish("tag-2"))


def test_a_service_account_that_acts_for_a_person_may_do_all(rig: Callable[..., Rig]) -> None:
    r = rig(service_account=True, subject=OWNER, invite="true")
    r.tokens.append(r.api.accounts.let_in(Principal(OWNER, service_account=True)))
    r.service = replace(r.service, where=Where("meet"))

    assert r.create().email == "ada@example.com"


def test_ids_of_calendars_may_hold_anything(rig: Callable[..., Rig]) -> None:
    holiday = "en.usa#holiday@group.v.calendar.google.com"
    r = rig(FakeCalendar(holiday), calendar_id=holiday)
    made = r.create()

    assert r.read(made.id) == made
    assert r.look(TEN, TEN + 60) == [(TEN, TEN + 30)]


@pytest.mark.parametrize("token", ["", "line\nbreak", "schlüssel"])
def test_a_token_that_is_none_is_not_sent(token: str, rig: Callable[..., Rig]) -> None:
    r = rig(token=token)

    with pytest.raises(SetupError, match="access token"):
        r.create()
    assert r.api.seen == []


def test_the_token_is_asked_for_each_time(rig: Callable[..., Rig]) -> None:
    r = rig(token="ya29.old")
    with pytest.raises(CredentialError):
        r.create()
    r.tokens.append(TOKEN)

    assert r.create().tag == "tag-1"


def test_the_calendars_that_can_be_written_to_are_listed(rig: Callable[..., Rig]) -> None:
    calendars = FakeCalendar(OWNER, primary=True), FakeCalendar(ANNA, "Anna"), FakeCalendar("r@x", role="reader")
    r = rig(*calendars)
    r.api.page_size = 1
    r.api.empty_pages = True

    listed = r.calendar.event_types(deadline=r.deadline)

    assert [(e.id, e.name) for e in listed] == [(OWNER, "Front desk"), (ANNA, "Anna")]


def test_a_shared_calendar_that_no_list_shows_is_listed(rig: Callable[..., Rig]) -> None:
    r = rig(FakeCalendar(OWNER, listed=False), calendar_id=OWNER)
    r.tokens.append(r.api.accounts.let_in(Principal(scopes=frozenset({"calendar.events"}))))

    assert [e.id for e in r.calendar.event_types(deadline=r.deadline)] == [OWNER]


def test_a_refused_token_is_not_taken_for_a_missing_permission(rig: Callable[..., Rig]) -> None:
    r = rig()
    r.api.fault("unauthorized", on="calendars")

    with pytest.raises(CredentialError):
        r.calendar.event_types(deadline=r.deadline)


def test_a_calendar_that_may_only_be_read_is_a_mistake_in_the_setup(rig: Callable[..., Rig]) -> None:
    r = rig(FakeCalendar(OWNER, primary=True, role="reader"))

    for ask in (lambda: r.calendar.event_types(deadline=r.deadline), r.create):
        with pytest.raises(SetupError, match=r"calendars\.main\.calendar_id"):
            ask()


# --- create, again and in doubt --------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["drop_after", "error_after", "unreadable"])
def test_a_create_whose_answer_was_lost_is_in_doubt_found_and_repeatable(kind: str, rig: Callable[..., Rig]) -> None:
    r = rig()
    r.api.fault(kind)
    with pytest.raises(InDoubtError):
        r.create()

    (found,) = r.find()
    again = r.create()

    assert (found.tag, again) == ("tag-1", found)
    assert len(r.api.bookings()) == 1


@pytest.mark.parametrize("kind", ["drop_before", "error_before"])
def test_a_create_that_may_not_have_happened_is_in_doubt(kind: str, rig: Callable[..., Rig]) -> None:
    r = rig()
    r.api.fault(kind)
    with pytest.raises(InDoubtError):
        r.create()

    assert r.find() == ()
    assert r.create().tag == "tag-1"


def test_a_create_that_stalls_is_left_in_time_and_found(rig: Callable[..., Rig]) -> None:
    r = rig()
    r.api.fault("stall", seconds=60)
    begun = r.clock.now()
    with pytest.raises(InDoubtError):
        r.create()

    assert r.clock.now() - begun <= 8
    assert len(r.find()) == 1


def test_a_late_create_and_its_repeat_make_one_event(rig: Callable[..., Rig]) -> None:
    r = rig()
    r.api.fault("late", seconds=30)
    with pytest.raises(InDoubtError):
        r.create()
    assert r.find() == ()

    made = r.create()
    r.clock.sleep(60)

    assert [b["id"] for b in r.api.bookings()] == [made.id]


@pytest.mark.parametrize(
    ("kind", "seconds", "wait"),
    [
        ("too_many", 0, 30),
        ("too_many", 7, 7),
        ("rate_limited", 0, 30),
        ("quota", 0, 900),
        ("daily_limit", 0, 3600),
    ],
)
def test_a_limit_means_that_nothing_happened(kind: str, seconds: int, wait: float, rig: Callable[..., Rig]) -> None:
    r = rig()
    r.api.fault(kind, seconds=seconds)

    with pytest.raises(NotExecutedError) as limited:
        r.create()

    assert limited.value.retry_after == wait
    assert r.api.bookings() == []


def test_the_sliding_window_is_a_limit_too(rig: Callable[..., Rig]) -> None:
    r = rig()
    r.api.per_minute = 1
    r.create()
    with pytest.raises(NotExecutedError):
        r.create(r.wish("tag-2"))
    r.clock.sleep(61)

    assert r.create(r.wish("tag-2")).tag == "tag-2"


def test_an_event_a_person_deleted_burns_its_id(rig: Callable[..., Rig]) -> None:
    r = rig()
    r.create()
    r.api.desk.person_deletes(number_of())

    for is_bare in (False, True):
        r.api.desk.bare_tombstones = is_bare
        with pytest.raises(RefusedError) as refused:
            r.create()
        assert refused.value.reason is Refusal.GONE
    assert r.find() == ()

    risen = r.create(r.wish(generation=1))
    assert risen.id == number_of(generation=1)
    assert [e.id for e in r.find(r.wish(generation=1))] == [risen.id]


def test_an_older_generation_is_found_as_well(rig: Callable[..., Rig]) -> None:
    r = rig()
    old = r.create()

    assert [e.id for e in r.find(r.wish(generation=2))] == [old.id]


def test_a_create_gives_its_earlier_event_where_a_person_has_put_it(rig: Callable[..., Rig]) -> None:
    r = rig()
    r.create()
    r.api.desk.person_changes(number_of(), start=moment(TEN + 60), end=moment(TEN + 90))

    again = r.create()

    assert (again.tag, again.span) == ("tag-1", Interval(TEN + 60, TEN + 90))
    assert r.sent("PATCH") == []


def test_an_event_whose_tag_was_taken_off_is_still_ours(rig: Callable[..., Rig]) -> None:
    r = rig()
    r.create()
    r.api.desk.person_changes(number_of(), extendedProperties=None)

    assert r.create().tag == "tag-1"
    assert [e.tag for e in r.find()] == ["tag-1"]
    assert r.read(number_of()).tag is None


def test_a_foreign_event_under_our_id_is_named(rig: Callable[..., Rig]) -> None:
    r = rig()
    r.create()
    r.api.desk.person_changes(number_of(), extendedProperties={"private": {"bookingId": "other"}})

    with pytest.raises(SetupError, match="another program"):
        r.create()
    assert r.find() == ()


def test_a_taken_id_whose_event_does_not_show_is_a_doubt(rig: Callable[..., Rig]) -> None:
    r = rig()
    r.api.desk.visible_after = 5.0
    r.create()

    with pytest.raises(InDoubtError):
        r.create()
    r.clock.sleep(6)
    assert r.create().tag == "tag-1"


def test_a_taken_id_whose_event_cannot_be_read_is_a_doubt(rig: Callable[..., Rig]) -> None:
    r = rig()
    r.create()
    r.api.fault("too_many", on="read")

    with pytest.raises(InDoubtError):
        r.create()


# --- read, move, cancel ----------------------------------------------------------------------------------------------


def test_a_new_event_that_reads_do_not_show_yet_is_not_taken_for_gone_at_once(rig: Callable[..., Rig]) -> None:
    r = rig()
    made = r.create()
    r.api.desk.visible_after = 0.5
    r.api.fault("stall", on="list", seconds=1)

    assert r.read(made.id).id == made.id


def test_a_calendar_no_longer_shared_is_no_proof_that_its_events_are_gone(rig: Callable[..., Rig]) -> None:
    r = rig()
    made = r.create()
    r.api.desk.calendars[OWNER].role = "none"

    asks: list[Callable[[], object]] = [
        lambda: r.read(made.id),
        r.find,
        lambda: r.move(made.id, r.wish(start=TEN + 60)),
        lambda: r.cancel(made.id),
        r.create,
        lambda: r.look(TEN, TEN + 60),
        lambda: r.look(TEN, TEN + 60, moving=made.id),
        lambda: r.events(TEN, TEN + 60),
    ]
    for ask in asks:
        with pytest.raises(SetupError, match=r"calendars\.main\.calendar_id"):
            ask()


def test_a_deleted_event_with_nothing_but_its_id_is_gone(rig: Callable[..., Rig]) -> None:
    r = rig()
    made = r.create()
    r.cancel(made.id)
    assert r.read(made.id).status == "cancelled"

    r.api.desk.bare_tombstones = True
    with pytest.raises(RefusedError) as refused:
        r.read(made.id)
    assert refused.value.reason is Refusal.GONE
    r.cancel(made.id)

    r.api.desk.bare_tombstones, r.api.desk.forgets_tombstones = False, True
    with pytest.raises(RefusedError):
        r.read(made.id)
    r.cancel(made.id)


def test_a_move_to_where_it_is_writes_nothing(rig: Callable[..., Rig]) -> None:
    r = rig()
    made = r.create()

    assert r.move(made.id, r.wish()) == made
    assert r.sent("PATCH") == []


def test_a_move_carries_the_etag_of_a_fresh_read(rig: Callable[..., Rig]) -> None:
    r = rig()
    made = r.create()
    r.api.desk.person_changes(made.id, summary="Ada, please be kind")

    moved = r.move(made.id, r.wish(start=TEN + 60))

    (patch,) = r.sent("PATCH")
    assert patch.headers["if-match"] not in {"", made.etag}
    assert (moved.id, moved.tag, moved.span) == (made.id, "tag-1", Interval(TEN + 60, TEN + 90))
    assert r.stored()["summary"] == "Ada, please be kind"
    assert patch.body.keys() == {"start", "end", "extendedProperties"}


def test_a_move_that_somebody_crosses_reads_again(rig: Callable[..., Rig]) -> None:
    r = rig()
    made = r.create()
    r.api.fault("edited", on="move")

    assert r.move(made.id, r.wish(start=TEN + 60)).span.start == TEN + 60
    assert len(r.sent("PATCH")) == 2


def test_a_move_and_a_cancel_that_are_crossed_for_ever_give_up_undone(rig: Callable[..., Rig]) -> None:
    r = rig()
    made = r.create()
    r.api.fault("edited", on="move", times=9)
    r.api.fault("edited", on="cancel", times=9)

    with pytest.raises(NotExecutedError):
        r.move(made.id, r.wish(start=TEN + 60))
    with pytest.raises(NotExecutedError):
        r.cancel(made.id)
    assert r.read(made.id).span.start == TEN


@pytest.mark.parametrize("kind", ["drop_after", "error_after", "unreadable"])
def test_a_move_whose_answer_was_lost_is_success_when_repeated(kind: str, rig: Callable[..., Rig]) -> None:
    r = rig()
    made, later = r.create(), r.wish(start=TEN + 60)
    r.api.fault(kind, on="move")
    with pytest.raises(InDoubtError):
        r.move(made.id, later)

    assert r.read(made.id).span == later.times.span
    assert r.move(made.id, later).span == later.times.span
    assert len(r.sent("PATCH")) == 1


def test_a_late_move_and_a_new_one_end_at_one_place(rig: Callable[..., Rig]) -> None:
    r = rig()
    made = r.create()
    r.api.fault("late", on="move", seconds=30)
    with pytest.raises(InDoubtError):
        r.move(made.id, r.wish(start=TEN + 60))
    r.move(made.id, r.wish(start=TEN + 120))
    r.clock.sleep(60)

    assert r.read(made.id).span.start == TEN + 120  # the late one met another etag


def test_an_event_made_all_day_by_a_person_is_moved_back_to_a_time(rig: Callable[..., Rig]) -> None:
    r = rig()
    made = r.create()
    day = {"dateTime": None, "timeZone": None}
    r.api.desk.person_changes(made.id, start={"date": "2026-01-06", **day}, end={"date": "2026-01-07", **day})

    assert r.read(made.id).span == Interval(TUESDAY - 60, TUESDAY - 60 + DAY)
    assert r.move(made.id, r.wish()).span == Interval(TEN, TEN + 30)
    assert "date" not in r.stored()["start"]


def test_a_move_of_what_is_gone_says_so(rig: Callable[..., Rig]) -> None:
    r = rig()
    made = r.create()
    r.api.desk.person_deletes(made.id)

    for number in (made.id, "neverthere"):
        with pytest.raises(RefusedError) as refused:
            r.move(number, r.wish(start=TEN + 60))
        assert refused.value.reason is Refusal.GONE


def test_an_event_of_another_organizer_is_not_ours_to_move(rig: Callable[..., Rig]) -> None:
    r = rig()
    made = r.create()
    r.api.desk.person_changes(made.id, organizer={"email": "boss@example.com", "self": None})

    with pytest.raises(RefusedError) as refused:
        r.move(made.id, r.wish(start=TEN + 60))
    assert refused.value.reason is Refusal.NOT_PERMITTED


def test_a_cancel_is_done_once_and_counted_twice(rig: Callable[..., Rig]) -> None:
    r = rig()
    made = r.create()
    r.cancel(made.id)
    r.cancel(made.id)
    r.cancel("neverthere")

    (first, unseen) = r.sent("DELETE")
    assert (first.headers["if-match"], "if-match" in unseen.headers) == (made.etag, False)
    assert r.read(made.id).status == "cancelled"


@pytest.mark.parametrize("kind", ["drop_after", "error_after"])
def test_a_cancel_whose_answer_was_lost_is_in_doubt_and_repeatable(kind: str, rig: Callable[..., Rig]) -> None:
    r = rig()
    made = r.create()
    r.api.fault(kind, on="cancel")
    with pytest.raises(InDoubtError):
        r.cancel(made.id)

    r.cancel(made.id)
    assert r.find() == ()


def test_a_cancel_that_somebody_crosses_reads_again(rig: Callable[..., Rig]) -> None:
    r = rig()
    made = r.create()
    r.api.fault("edited", on="cancel")
    r.cancel(made.id)

    assert len(r.sent("DELETE")) == 2
    assert r.find() == ()


def test_an_event_that_reads_do_not_show_yet_is_cancelled_all_the_same(rig: Callable[..., Rig]) -> None:
    r = rig()
    made = r.create()
    r.api.desk.visible_after = 60
    r.cancel(made.id)
    r.clock.sleep(61)

    assert r.read(made.id).status == "cancelled"


# --- busy times ------------------------------------------------------------------------------------------------------


def test_busy_times_of_all_calendars_are_merged(rig: Callable[..., Rig]) -> None:
    r = rig(FakeCalendar(OWNER, primary=True), FakeCalendar(ANNA), also_check=f"\n {ANNA} \n{ANNA}\n")
    for start, end, where in ((0, 30, OWNER), (20, 45, ANNA), (45, 50, OWNER), (60, 70, ANNA)):
        r.api.desk.person_adds(moment(TEN + start), moment(TEN + end), calendar_id=where)

    assert r.look(TEN, TEN + 120) == [(TEN, TEN + 50), (TEN + 60, TEN + 70)]
    assert [i["id"] for i in r.sent("POST")[0].body["items"]] == ["primary", ANNA]
    made = r.create()
    assert {e["id"] for e in r.api.bookings()} - {made.id} == {
        e for c in (OWNER, ANNA) for e in r.api.desk.calendars[c].events if e != made.id
    }
    assert made.id in r.api.desk.calendars[OWNER].events  # only the one is written to


def test_whoever_moves_does_not_meet_their_own_event(rig: Callable[..., Rig]) -> None:
    r = rig(FakeCalendar(OWNER, primary=True), FakeCalendar(ANNA), also_check=ANNA)
    made = r.create()
    r.api.desk.person_adds(moment(TEN + 15), moment(TEN + 25))
    r.api.desk.person_adds(moment(TEN + 60), moment(TEN + 90), calendar_id=ANNA)
    r.api.desk.person_adds(moment(TEN + 40), moment(TEN + 45), transparency="transparent")
    r.api.desk.person_adds(moment(TEN + 50), moment(TEN + 55), attendees=[_self("declined")])
    r.api.desk.person_adds(moment(TEN + 100), moment(TEN + 110), attendees=[_self("tentative")])
    others = [(TEN + 60, TEN + 90), (TEN + 100, TEN + 110)]

    assert r.look(TEN, TEN + 120) == [(TEN, TEN + 30), *others]
    assert r.look(TEN, TEN + 120, moving=made.id) == [(TEN + 15, TEN + 25), *others]


def _self(response: str) -> dict[str, object]:
    return {"email": OWNER, "self": True, "responseStatus": response}


def test_seconds_make_the_minutes_they_touch_busy(rig: Callable[..., Rig]) -> None:
    r = rig()
    start = datetime.fromtimestamp(TEN * 60 + 59, UTC).isoformat()
    end = datetime.fromtimestamp((TEN + 10) * 60 + 1, UTC).isoformat()
    r.api.desk.person_adds({"dateTime": start}, {"dateTime": end})

    assert r.look(TEN, TEN + 60) == [(TEN, TEN + 11)]
    assert r.look(TEN, TEN + 60, moving="x") == [(TEN, TEN + 11)]


@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25", "2026-06-10"])
@pytest.mark.parametrize("zone", ["Europe/Rome", "America/Los_Angeles", "Pacific/Apia"])
def test_an_all_day_event_blocks_the_calendars_own_day(day: str, zone: str, rig: Callable[..., Rig]) -> None:
    r = rig(FakeCalendar(OWNER, primary=True, zone=zone))
    first, last = date.fromisoformat(day), date.fromordinal(date.fromisoformat(day).toordinal() + 1)
    r.api.desk.person_adds({"date": first.isoformat()}, {"date": last.isoformat()})
    edges = [resolve_local(d, time(), ZoneInfo(zone)) for d in (first, last)]
    begin, end = (edge for edge in edges if edge is not None)

    for moving in (None, "x"):
        assert r.look(begin - DAY, end + DAY, moving=moving) == [(begin, end)]
    assert [e.span for e in r.events(begin - DAY, end + DAY)] == [Interval(begin, end)]


@pytest.mark.parametrize("hour", [0, 1, 2, 3])
def test_a_wish_around_the_end_of_summer_time_keeps_its_instant(hour: int, rig: Callable[..., Rig]) -> None:
    start = int(datetime(2026, 10, 25, tzinfo=UTC).timestamp() // 60) + hour * 60 - 60
    r = rig()
    made = r.create(r.wish(start=start))

    assert made.span == Interval(start, start + 30)
    assert r.look(start - 60, start + 90) == [(start, start + 30)]


def test_a_long_window_is_asked_for_in_parts(rig: Callable[..., Rig]) -> None:
    r = rig()
    seam = TEN + 60 * DAY
    r.api.desk.person_adds(moment(seam - 30), moment(seam + 30))

    assert r.look(TEN, TEN + 200 * DAY) == [(seam - 30, seam + 30)]
    assert len(r.api.seen) == 4


def test_more_calendars_than_one_request_takes(rig: Callable[..., Rig]) -> None:
    rooms = [FakeCalendar(f"room{n}@x") for n in range(60)]
    r = rig(FakeCalendar(OWNER, primary=True), *rooms, also_check="\n".join(c.id for c in rooms))
    r.api.desk.person_adds(moment(TEN), moment(TEN + 5), calendar_id="room59@x")

    assert r.look(TEN, TEN + 60) == [(TEN, TEN + 5)]


@pytest.mark.parametrize(
    ("reason", "error"),
    [
        ("notFound", SetupError),
        ("tooManyCalendarsRequested", SetupError),
        ("groupTooBig", SetupError),
        ("internalError", NotExecutedError),
        ("somethingNew", NotExecutedError),
    ],
)
def test_a_calendar_that_does_not_answer_is_never_free(
    reason: str, error: type[ProviderError], rig: Callable[..., Rig]
) -> None:
    r = rig(FakeCalendar(OWNER, primary=True), FakeCalendar(ANNA), also_check=ANNA)
    r.api.desk.busy_errors = {ANNA: reason}
    for moving in (None, "x"):
        with pytest.raises(error, match=r"calendars\.main\.also_check") as failed:
            r.look(TEN, TEN + 60, moving=moving)
        assert type(failed.value) is error

    r.api.desk.busy_errors = {"primary": reason}
    with pytest.raises(error, match=r"calendars\.main\.calendar_id"):
        r.look(TEN, TEN + 60)


def test_the_primary_calendar_may_answer_under_its_address(rig: Callable[..., Rig]) -> None:
    r = rig()
    r.api.desk.primary_by_address = True
    r.create()

    assert r.look(TEN, TEN + 60) == [(TEN, TEN + 30)]


@pytest.mark.parametrize(
    "calendars",
    [
        None,
        {},
        {"primary": None},
        {"a": {"busy": []}, "b": {"busy": []}},
        {"primary": {"busy": [{"start": "soon", "end": "2026-01-06T10:00:00Z"}]}},
        {"primary": {"busy": [{"start": "2026-01-06T10:00:00", "end": "2026-01-06T11:00:00"}]}},
        {"primary": {"busy": [{"start": "2026-01-06T11:00:00Z", "end": "2026-01-06T10:00:00Z"}]}},
    ],
)
def test_busy_times_that_cannot_be_read_are_not_free(calendars: object) -> None:
    r = answering(200, json.dumps({"calendars": calendars}).encode())

    with pytest.raises(NotExecutedError):
        r.look(TEN, TEN + 60)


def test_intervals_that_touch_are_one() -> None:
    assert merged([Interval(5, 7), Interval(0, 5), Interval(1, 2), Interval(9, 10)]) == (
        Interval(0, 7),
        Interval(9, 10),
    )


# --- events of a window ----------------------------------------------------------------------------------------------


def test_events_are_those_that_overlap_the_window(rig: Callable[..., Rig]) -> None:
    r = rig()
    r.api.page_size, r.api.empty_pages = 2, True
    for start, end in ((-60, 0), (-60, 1), (0, 10), (59, 90), (60, 70), (-90, 90)):
        r.api.desk.person_adds(moment(TEN + start), moment(TEN + end))
    r.api.desk.person_adds(moment(TEN), moment(TEN + 10), transparency="transparent")
    r.api.desk.person_adds(moment(TEN), moment(TEN + 10), attendees=[_self("declined")])
    gone = r.api.desk.person_adds(moment(TEN), moment(TEN + 10))
    r.api.desk.person_deletes(gone)
    ours = r.create()
    r.api.desk.person_changes(ours.id, transparency="transparent")

    seen = sorted((e.span.start - TEN, e.span.end - TEN, e.tag or "") for e in r.events(TEN, TEN + 60))

    assert seen == [(-90, 90, ""), (-60, 1, ""), (0, 10, ""), (0, 30, "tag-1"), (59, 90, "")]


def test_an_event_of_unknown_status_is_an_error_not_a_free_time(rig: Callable[..., Rig]) -> None:
    r = rig()
    number = r.api.desk.person_adds(moment(TEN), moment(TEN + 10))
    r.api.desk.calendars[OWNER].events[number].body["status"] = "perhaps"

    for ask in (lambda: r.events(TEN, TEN + 60), lambda: r.look(TEN, TEN + 60, moving="x"), lambda: r.read(number)):
        with pytest.raises(NotExecutedError):
            ask()


@pytest.mark.parametrize(
    "body", [{"items": 5, "timeZone": "UTC"}, {"items": []}, {"items": [], "timeZone": "Mars/One"}, []]
)
def test_a_list_that_is_none_is_an_error(body: object) -> None:
    with pytest.raises(NotExecutedError):
        answering(200, json.dumps(body).encode()).events(TEN, TEN + 60)


def test_a_list_without_an_end_is_left() -> None:
    body = {"items": [], "timeZone": "UTC", "nextPageToken": "again"}

    with pytest.raises(NotExecutedError):
        answering(200, json.dumps(body).encode()).events(TEN, TEN + 60)


# --- every error -----------------------------------------------------------------------------------------------------

ROWS: list[tuple[int, str, str, type[ProviderError], str]] = [
    (400, "invalid", "Invalid conference type value.", SetupError, "services.cleaning.where.kind"),
    (400, "invalid", "Invalid attendee email.", RefusedError, "needs_field"),
    (400, "required", "as told", SetupError, "HTTP 400 required"),
    (400, "timeRangeTooLong", "as told", SetupError, "HTTP 400 timeRangeTooLong"),
    (401, "authError", "Invalid Credentials", CredentialError, "401"),
    (403, "userRateLimitExceeded", "", NotExecutedError, "HTTP 403"),
    (403, "rateLimitExceeded", "", NotExecutedError, "HTTP 403"),
    (403, "quotaExceeded", "", NotExecutedError, "HTTP 403"),
    (403, "dailyLimitExceeded", "", NotExecutedError, "HTTP 403"),
    (403, "forbidden", "", SetupError, "calendars.main.calendar_id"),
    (403, "requiredAccessLevel", "", SetupError, "calendars.main.calendar_id"),
    (403, "forbiddenForServiceAccounts", "", SetupError, "calendars.main.invite"),
    (403, "insufficientPermissions", "", SetupError, "scope"),
    (403, "accessNotConfigured", "", SetupError, "enable"),
    (403, "forbiddenForNonOrganizer", "", RefusedError, "not_permitted"),
    (403, "somethingNew", "", SetupError, "HTTP 403 somethingNew"),
    (404, "notFound", "", SetupError, "calendars.main.calendar_id"),
    (408, "", "", InDoubtError, "408"),
    (409, "conflict", "", NotExecutedError, "HTTP 409"),
    (418, "teapot", "", SetupError, "HTTP 418 teapot"),
    (429, "rateLimitExceeded", "", NotExecutedError, "429"),
    (500, "backendError", "", InDoubtError, "500"),
    (503, "backendError", "", InDoubtError, "503"),
]


@pytest.mark.parametrize(("status", "reason", "message", "error", "says"), ROWS)
def test_every_error_of_a_create_has_its_row(
    status: int, reason: str, message: str, error: type[ProviderError], says: str
) -> None:
    with pytest.raises(error, match=says.replace(".", r"\.")) as failed:
        answering(status, problem(status, reason, message)).create()
    assert type(failed.value) is error


def test_every_row_of_the_table_is_tested() -> None:
    by_others = {"deleted"}
    tested = {(status, reason) for status, reason, *_ in ROWS}

    for row in _ROWS:
        reasons = row.reason.replace("(Unreg)?", "").split("|")
        assert any((row.status, reason) in tested or reason in by_others for reason in reasons)


@pytest.mark.parametrize("status", [500, 503, 408])
def test_a_read_that_fails_changes_nothing(status: int) -> None:
    r = answering(status, b"")

    for ask in (r.find, lambda: r.read("x"), lambda: r.look(TEN, TEN + 60), lambda: r.events(TEN, TEN + 60)):
        with pytest.raises(NotExecutedError):
            ask()


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"null", b'{"error": "x"}', b'{"error": {"errors": [7]}}'])
def test_an_error_in_an_unknown_shape_is_a_definite_no(body: bytes) -> None:
    with pytest.raises(SetupError, match="HTTP 403"):
        answering(403, body).create()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"id": "x", "start": {"dateTime": "soon"}, "end": {"dateTime": "2026-01-06T10:00:00Z"}}',
        b'{"id": "x", "start": {"date": "2026-01-06"}, "end": {"date": "2026-01-07"}}',
        b'{"start": {"dateTime": "2026-01-06T10:00:00Z"}, "end": {"dateTime": "2026-01-06T10:30:00Z"}}',
        b'{"id": "x", "status": "odd", "start": {"dateTime": "2026-01-06T10:00:00Z"},'
        b' "end": {"dateTime": "2026-01-06T10:30:00Z"}}',
    ],
)
def test_a_success_that_cannot_be_read_is_in_doubt(body: bytes) -> None:
    with pytest.raises(InDoubtError):
        answering(200, body).create()


def test_unknown_fields_are_ignored_and_missing_ones_have_their_defaults() -> None:
    edges = {
        "start": {"dateTime": "2026-01-06T10:00:00", "timeZone": "UTC"},
        "end": {"dateTime": "2026-01-06T10:30:00Z"},
    }
    made = answering(200, json.dumps({"id": "x", "new": {"a": 1}, **edges}).encode()).create()

    assert (made.status, made.span, made.etag) == ("accepted", Interval(TEN, TEN + 30), None)


def test_no_error_names_the_caller_or_the_token() -> None:
    words = "Invalid attendee email ada@example.com +14155550111"
    for status in (400, 403, 404, 409, 412, 418):
        with pytest.raises(ProviderError) as failed:
            answering(status, problem(status, "invalid", words)).create()
        assert not any(secret in str(failed.value) for secret in ("ada", "4155550111", TOKEN))


def test_importing_the_adapter_costs_no_library() -> None:
    names = "calendar, tokens, webhooks"
    program = (
        f"import sys; from slotline.adapters.calendars.google import {names}; "
        "print([m for m in ('httpx', 'jwt', 'cryptography', 'pydantic') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_the_traits_are_honest(rig: Callable[..., Rig]) -> None:
    traits = rig().calendar.traits

    assert (traits.own, traits.repeats_safely, traits.moves, traits.needs_email) == (False, True, "in_place", False)


def test_zones_of_the_wish_reach_google(rig: Callable[..., Rig]) -> None:
    r = rig()
    r.create(r.wish(zone=ZoneInfo("America/Los_Angeles")))

    assert r.stored()["start"] == {"dateTime": "2026-01-06T02:00:00-08:00", "timeZone": "America/Los_Angeles"}
    assert isinstance(r.service, Service)
    assert ROME.key == "Europe/Rome"
