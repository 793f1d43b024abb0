from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from slotline.domain.bookings import Contact
from slotline.domain.business import Where
from slotline.domain.errors import (
    CredentialError,
    InDoubtError,
    NotExecutedError,
    ProviderError,
    Refusal,
    RefusedError,
    SetupError,
)
from slotline.domain.time import Interval, iso
from slotline.ports import ProviderEvent
from tests.contract.gohighlevel_spec import wrong_in_answer
from tests.fakes import FakeClock
from tests.servers.faulty import transport
from tests.servers.gohighlevel import LOCATION, USER
from tests.servers.gohighlevel_desk import TAKEN, Calendar
from tests.unit.gohighlevel_rig import ADA, BEN, BERLIN, CREATE, UTC_ZONE, Rig, adapter, moment, refused_by, rig
from tests.unit.rigs import DAY, TEN, TUESDAY

# --- what is sent ----------------------------------------------------------------------------------------------------


def test_a_create_makes_the_contact_first_and_sends_the_slot_back_as_it_was_spelled() -> None:
    r = rig(zone=BERLIN)
    r.create()

    assert [(q.method, q.path) for q in r.api.seen] == [
        ("GET", "/contacts/search/duplicate"),
        ("GET", "/contacts/search/duplicate"),
        ("POST", "/contacts/upsert"),
        ("GET", "/calendars/cal1Cleaning/free-slots"),
        ("POST", CREATE),
    ]
    (contact,) = r.api.desk.contacts.values()
    assert r.sent("POST", "/contacts/upsert")[0].body == {
        "locationId": LOCATION,
        "name": "Ada Byron",
        "phone": "+14155550111",
        "email": "ada@example.com",
        "source": "Slotline",
    }
    assert r.sent("POST", CREATE)[0].body == {
        "calendarId": "cal1Cleaning",
        "locationId": LOCATION,
        "contactId": contact.id,
        "startTime": iso(TEN, BERLIN),
        "endTime": iso(TEN + 30, BERLIN),
        "title": "Cleaning: Ada Byron",
        "description": "Slotline ref: tag-1\nPhone: +14155550111\nE-mail: Ada@Example.com\nNotes: first visit",
        "appointmentStatus": "confirmed",
        "toNotify": False,
    }


def test_every_documented_answer_of_the_fake_fits_the_specification() -> None:
    r = rig(options={"user_id": USER}, where=Where("phone"))
    r.api.quirks.small_answers = False
    answers: list[str] = []
    inner = transport(r.api, clock=r.clock)

    def checked(request: httpx.Request) -> httpx.Response:
        response = inner.handle_request(request)
        answers.extend(wrong_in_answer(request, response.status_code, response.read()))
        return response

    r.calendar = adapter(checked, r.clock, options={"user_id": USER})
    r.look(Interval(TEN, TEN + 60))
    made = r.create()
    r.create(r.wish("tag-2", start=TEN + 60))
    r.find()
    r.find(r.wish("tag-9"))
    r.move(made.id, TEN + 120)
    r.cancel(made.id)
    r.read(made.id)
    r.events(Interval(TEN, TEN + DAY))
    r.calendar.event_types(deadline=r.deadline)

    assert answers == []


def test_what_is_offered_is_remembered_so_that_a_create_need_not_read_it_again() -> None:
    r = rig()
    r.api.quirks.strict_spelling = True
    r.api.quirks.milliseconds = True
    r.look(Interval(TEN, TEN + 30))
    r.create()

    assert len(r.sent("GET", "/calendars/cal1Cleaning/free-slots")) == 1
    body = r.sent("POST", CREATE)[0].body
    assert (body["startTime"], body["endTime"]) == (
        moment(TEN).isoformat(timespec="milliseconds"),
        moment(TEN + 30).isoformat(timespec="milliseconds"),
    )


def test_another_process_learns_the_spelling_by_reading_the_day_again() -> None:
    r = rig(zone=BERLIN)
    r.api.quirks.strict_spelling = True

    assert r.create().status == "accepted"
    (query,) = [q.query for q in r.sent("GET", "/calendars/cal1Cleaning/free-slots")]
    assert query["timezone"] == "Europe/Berlin"
    assert int(query["endDate"]) - int(query["startDate"]) == DAY * 60_000


def test_a_slot_that_is_now_spelled_differently_is_sent_once_more() -> None:
    r = rig()
    r.look(Interval(TEN, TEN + 30))
    r.api.quirks.strict_spelling = True
    r.api.quirks.milliseconds = True
    r.api.spelled.clear()

    assert r.create().status == "accepted"
    assert len(r.sent("POST", CREATE)) == 2
    assert len(r.live()) == 1


def test_a_slot_hidden_by_look_busy_is_asked_for_all_the_same() -> None:
    r = rig()
    r.api.desk.looks_busy.add(moment(TEN))
    assert TEN not in r.look(Interval(TEN, TEN + 60))

    assert refused_by(r.create).reason is Refusal.TAKEN
    assert r.sent("POST", CREATE)[0].body["startTime"] == iso(TEN, UTC_ZONE)


def test_the_checks_of_the_calendar_are_never_switched_off() -> None:
    r = rig()
    made = r.create()
    r.move(made.id, TEN + 60)

    for request in r.sent("POST", CREATE) + r.sent("PUT", CREATE):
        assert "ignoreFreeSlotValidation" not in request.body
        assert "ignoreDateRange" not in request.body


@pytest.mark.parametrize(("given", "sent"), [(None, False), ("false", False), ("true", True)])
def test_highlevels_own_messages_are_off_unless_wanted(given: str | None, sent: bool) -> None:
    r = rig(options={"notify": given} if given else {})
    made = r.create()
    r.move(made.id, TEN + 60)
    r.cancel(made.id)

    assert {q.body["toNotify"] for q in r.api.seen if q.path.startswith(CREATE) and q.method != "GET"} == {sent}


def test_a_switch_that_is_neither_on_nor_off_is_a_mistake_in_the_set_up() -> None:
    with pytest.raises(SetupError, match=r"calendars\.main\.notify"):
        rig(options={"notify": "yes"}).create()


@pytest.mark.parametrize(
    ("where", "place"),
    [
        (Where(), {}),
        (Where("in_person"), {}),
        (Where("in_person", "1 Main Street"), {"meetingLocationType": "address", "address": "1 Main Street"}),
        (Where("phone"), {"meetingLocationType": "phone", "address": "+14155550111"}),
        (Where("phone", "+14155550100"), {"meetingLocationType": "phone", "address": "+14155550100"}),
        (Where("link", "https://x.example"), {"meetingLocationType": "custom", "address": "https://x.example"}),
        (Where("zoom"), {"meetingLocationType": "zoom"}),
        (Where("meet"), {"meetingLocationType": "gmeet"}),
        (Where("teams"), {"meetingLocationType": "ms_teams"}),
    ],
)
def test_the_place_is_told_in_highlevels_words(where: Where, place: dict[str, str]) -> None:
    r = rig(where=where)
    r.create()

    body = r.sent("POST", CREATE)[0].body
    keys = ("meetingLocationType", "address", "overrideLocationConfig")
    assert {key: body[key] for key in keys if key in body} == place | (
        {"overrideLocationConfig": True} if place else {}
    )


def test_the_link_that_highlevel_makes_comes_back() -> None:
    r = rig(where=Where("zoom"))
    made = r.create()

    assert made.link == f"https://zoom.example.com/{made.id}"
    assert r.read(made.id).link == made.link
    assert rig(where=Where("in_person", "1 Main Street")).create().link is None


def test_a_place_without_a_word_is_a_mistake_in_the_set_up_and_makes_no_contact() -> None:
    r = rig(where=Where("cal_video"))

    with pytest.raises(SetupError, match=r"services\.cleaning\.where\.kind"):
        r.create()
    assert r.api.seen == []


def test_a_call_to_a_caller_without_a_number_asks_for_it() -> None:
    refused = refused_by(lambda: (r := rig(where=Where("phone"))).create(r.wish(contact=replace(ADA, phone=None))))

    assert (refused.reason, refused.field) == (Refusal.NEEDS_FIELD, "phone")


@pytest.mark.parametrize(
    ("options", "event_type", "named"),
    [
        ({"location_id": ""}, "cal1Cleaning", r"calendars\.main\.location_id"),
        ({"location_id": "a/b"}, "cal1Cleaning", r"calendars\.main\.location_id"),
        ({"user_id": "a b"}, "cal1Cleaning", r"calendars\.main\.user_id"),
        ({}, None, r"services\.cleaning\.event_type"),
        ({}, "../x", r"services\.cleaning\.event_type"),
    ],
)
def test_an_id_that_is_none_is_a_mistake_in_the_set_up(options: dict[str, str], event_type: str, named: str) -> None:
    r = rig(options=options)
    r.service = replace(r.service, event_type=event_type)

    with pytest.raises(SetupError, match=named):
        r.create()


def test_a_time_zone_that_is_none_is_found_at_once() -> None:
    with pytest.raises(SetupError, match=r"calendars\.main\.time_zone"):
        rig(options={"time_zone": "Middle/Earth"})


def test_a_token_that_no_header_can_carry_is_a_mistake_in_the_set_up() -> None:
    clock = FakeClock()
    calendar = adapter(lambda _: httpx.Response(200), clock, token="pit-schlüssel")

    with pytest.raises(SetupError):
        calendar.read("x", deadline=clock.now() + 1)


# --- contacts --------------------------------------------------------------------------------------------------------


def test_a_known_contact_is_booked_for_as_it_stands() -> None:
    r = rig()
    known, _ = r.api.desk.upsert({"name": "Augusta King", "phone": ADA.phone, "tags": ["vip"], "dnd": True})
    r.create()

    assert list(r.api.desk.contacts.values()) == [known]
    assert (known.name, known.email, known.tags, known.dnd) == ("Augusta King", None, ["vip"], True)
    assert r.sent("POST", "/contacts/upsert") == []
    assert r.live()[0]["contactId"] == known.id


def test_of_two_contacts_the_one_with_the_phone_is_booked_for_and_neither_is_changed() -> None:
    r = rig()
    by_mail, _ = r.api.desk.upsert({"name": "Somebody Else", "email": "ada@example.com"})
    by_phone, _ = r.api.desk.upsert({"name": "Ada", "phone": ADA.phone})
    r.create()

    assert r.live()[0]["contactId"] == by_phone.id
    assert (by_mail.name, by_mail.phone, by_phone.email) == ("Somebody Else", None, None)


@pytest.mark.parametrize("contact", [replace(ADA, email=None), replace(ADA, phone=None)])
def test_a_phone_or_an_address_is_enough(contact: Contact) -> None:
    r = rig()
    wish = r.wish(contact=contact)
    made = r.create(wish)

    assert [e.id for e in r.find(wish)] == [made.id]
    assert len(r.sent("GET", "/contacts/search/duplicate")) == 1


def test_a_caller_without_any_contact_is_asked_before_anything_is_sent() -> None:
    r = rig()
    refused = refused_by(lambda: r.create(r.wish(contact=Contact(name="Ada"))))

    assert (refused.reason, refused.field) == (Refusal.NEEDS_FIELD, "phone")
    assert r.api.seen == []


@pytest.mark.parametrize("shape", ["contact", "contacts", "empty", "404"])
def test_whatever_the_search_answers_no_second_contact_is_made(shape: str) -> None:
    r = rig()
    r.api.quirks.search = shape
    r.create()
    r.create(r.wish("tag-2", start=TEN + 60))

    assert len(r.api.desk.contacts) == 1


@pytest.mark.parametrize("fault", ["stall", "error_after", "drop_after", "unreadable", "error_before", "drop_before"])
def test_a_contact_that_went_wrong_means_that_nothing_was_booked(fault: str) -> None:
    r = rig()
    r.api.fault(fault, on="upsert", seconds=30)

    with pytest.raises(NotExecutedError):
        r.create()
    assert r.live() == []
    assert r.create().status == "accepted"
    assert len(r.api.desk.contacts) == 1


@pytest.mark.parametrize(
    ("contact", "field_name"), [(replace(ADA, email="at home"), "email"), (Contact("Ada", phone="0111"), "phone")]
)
def test_a_handle_that_highlevel_does_not_take_is_asked_for_again(contact: Contact, field_name: str) -> None:
    r = rig()
    refused = refused_by(lambda: r.create(r.wish(contact=contact)))

    assert (refused.reason, refused.field) == (Refusal.NEEDS_FIELD, field_name)


# --- hosts and statuses ----------------------------------------------------------------------------------------------

POOLED = Calendar(team=(USER, "user2Ben"))


def test_the_server_picks_a_host_and_the_answer_says_whom() -> None:
    r = rig(POOLED)
    hosts = {r.create().host, r.create(r.wish("tag-2", contact=BEN)).host}

    assert hosts == {USER, "user2Ben"}


def test_a_fixed_user_alone_is_offered_and_assigned() -> None:
    r = rig(POOLED, options={"user_id": "user2Ben"})
    r.api.desk.host_blocks("user2Ben", moment(TEN), moment(TEN + 30))

    assert r.look(Interval(TEN, TEN + 60)) == (TEN + 30,)
    assert r.create(r.wish(start=TEN + 30)).host == "user2Ben"
    assert refused_by(lambda: r.create(r.wish("tag-2"))).reason is Refusal.TAKEN


def test_the_host_of_a_wish_is_stronger_than_the_option() -> None:
    r = rig(POOLED, options={"user_id": USER})

    assert r.create(replace(r.wish(), host="user2Ben")).host == "user2Ben"


def test_a_calendar_that_needs_a_user_or_knows_another_is_a_mistake_in_the_set_up() -> None:
    with pytest.raises(SetupError, match=r"calendars\.main\.user_id"):
        rig(Calendar(needs_user=True)).create()
    with pytest.raises(SetupError, match=r"calendars\.main\.user_id"):
        rig(options={"user_id": "nobody"}).create()


def test_an_appointment_for_approval_is_a_request_until_a_person_confirms() -> None:
    r = rig(options={"approval": "true"})
    made = r.create()
    assert (made.status, r.read(made.id).status) == ("requested", "requested")

    r.api.desk.host_sets(made.id, "confirmed")
    assert r.read(made.id).status == "accepted"


@pytest.mark.parametrize(
    ("word", "means"),
    [
        ("confirmed", "accepted"),
        ("booked", "accepted"),
        ("Confirmed", "accepted"),
        ("active", "accepted"),
        ("showed", "accepted"),
        ("completed", "accepted"),
        ("noshow", "accepted"),
        ("new", "requested"),
        ("pending", "requested"),
        ("cancelled", "cancelled"),
        ("invalid", "rejected"),
    ],
)
def test_statuses_are_told_in_our_words(word: str, means: str) -> None:
    r = answering(200, {"event": WHOLE | {"appointmentStatus": word}})

    assert r.read("e1").status == means


WHOLE = {
    "id": "e1",
    "calendarId": "cal1Cleaning",
    "locationId": LOCATION,
    "contactId": "c1",
    "appointmentStatus": "confirmed",
    "startTime": iso(TEN, BERLIN),
    "endTime": iso(TEN + 30, BERLIN),
    "description": "<p>Slotline ref:&nbsp;tag-1</p>",
    "somethingNew": {"x": [1]},
}


def answering(status: int, body: object) -> Rig:
    """The adapter on a server that always says the same, but knows contacts and slots."""
    r = rig()
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    inner = transport(r.api, clock=r.clock)

    def handler(request: httpx.Request) -> httpx.Response:
        if request.url.path.startswith(CREATE):
            return httpx.Response(status, content=content)
        return inner.handle_request(request)

    r.calendar = adapter(handler, r.clock)
    return r


@pytest.mark.parametrize("wrap", ["event", "appointment", ""])
def test_an_appointment_is_read_under_every_name(wrap: str) -> None:
    r = answering(200, {wrap: WHOLE} if wrap else WHOLE)

    assert r.read("e1") == ProviderEvent("e1", "tag-1", Interval(TEN, TEN + 30), "accepted")


@pytest.mark.parametrize(
    "data",
    [
        WHOLE | {"appointmentStatus": "on_hold"},
        {k: v for k, v in WHOLE.items() if k != "id"},
        WHOLE | {"startTime": "2026-01-06 10:00:00"},
        WHOLE | {"endTime": WHOLE["startTime"]},
        {},
        [],
    ],
)
def test_what_cannot_be_understood_when_read_is_no_answer(data: object) -> None:
    with pytest.raises(NotExecutedError):
        answering(200, {"event": data}).read("e1")


@pytest.mark.parametrize("data", [{"id": None}, {"id": "e1", "appoinmentStatus": "on_hold"}, [], b"", b"<html>"])
def test_a_success_that_cannot_be_understood_is_in_doubt(data: object) -> None:
    with pytest.raises(InDoubtError):
        answering(200, data).create()


@pytest.mark.parametrize(("small", "created"), [(True, 200), (False, 201), (True, 201)])
def test_a_success_is_understood_however_little_it_says(small: bool, created: int) -> None:
    r = rig(options={"user_id": USER})
    r.api.quirks.small_answers, r.api.quirks.created = small, created
    made = r.create()

    assert made == ProviderEvent(r.live()[0]["id"], "tag-1", Interval(TEN, TEN + 30), "accepted", host=USER)
    assert r.read(made.id) == made


# --- refusals --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [400, 422])
def test_a_slot_that_somebody_took_meanwhile_is_taken(status: int) -> None:
    r = rig()
    r.api.quirks.taken = status
    r.look(Interval(TEN, TEN + 30))
    r.create(r.wish("tag-2", contact=BEN))

    assert refused_by(r.create).reason is Refusal.TAKEN
    assert len(r.live()) == 1


def test_a_slot_that_is_refused_although_it_is_offered_is_taken() -> None:
    r = answering(400, {"message": TAKEN, "error": "Bad Request"})

    refused = refused_by(r.create)
    assert refused.reason is Refusal.TAKEN
    assert "still offered" in str(refused)


def test_a_start_before_the_notice_is_too_soon_and_one_past_the_horizon_too_far() -> None:
    r = rig(Calendar(notice_hours=24, days_ahead=7))

    assert refused_by(r.create).reason is Refusal.TOO_SOON_OR_FAR
    assert refused_by(lambda: r.create(r.wish(start=TEN + 13 * DAY))).reason is Refusal.TOO_SOON_OR_FAR
    assert r.create(r.wish(start=TEN + DAY)).status == "accepted"


def test_a_start_that_is_past_is_too_soon() -> None:
    r = rig()

    assert refused_by(lambda: r.create(r.wish(start=TEN - DAY))).reason is Refusal.TOO_SOON_OR_FAR


def test_a_start_that_is_closed_on_every_day_is_outside_the_hours() -> None:
    r = rig(zone=BERLIN)
    evening = TUESDAY + 18 * 60  # 19:00 in Berlin

    assert refused_by(lambda: r.create(r.wish(start=evening))).reason is Refusal.OUTSIDE_HOURS
    assert refused_by(lambda: r.create(r.wish(start=evening - 130))).reason is Refusal.OUTSIDE_HOURS  # ends at 17:20
    assert r.create(r.wish(start=evening - 150)).status == "accepted"  # ends at 17:00


@pytest.mark.parametrize("operation", ["slots", "calendar"])
def test_a_refusal_stands_when_its_reason_cannot_be_learned(operation: str) -> None:
    r = rig()
    r.look(Interval(TEN, TEN + 30))
    r.create(r.wish("tag-2", contact=BEN))
    r.api.fault("error_before", on=operation, times=2)

    assert refused_by(r.create).reason is Refusal.TAKEN


@dataclass(frozen=True)
class Row:
    status: int
    message: object
    means: Refusal | type[ProviderError]
    names: str = ""


ROWS = [
    Row(400, "the slot you have selected is NO LONGER available", Refusal.TAKEN),
    Row(422, ["The slot is not available"], Refusal.TAKEN),
    Row(400, "The assigned user is not available at this time", Refusal.TAKEN),
    Row(422, ["meetingLocationType must be one of custom, phone"], SetupError, "services.cleaning.where.kind"),
    Row(422, ["property phone should not exist"], SetupError, "calendars.main"),
    Row(400, "Maximum appointments for the day reached", Refusal.TAKEN),
    Row(400, "The date is before the minimum scheduling notice", Refusal.TOO_SOON_OR_FAR),
    Row(400, "Start time is in the past", Refusal.TOO_SOON_OR_FAR),
    Row(400, "Time is outside of open hours", Refusal.OUTSIDE_HOURS),
    Row(400, "Contact with id c1 was not found", NotExecutedError),
    Row(422, ["email must be an email"], Refusal.NEEDS_FIELD, "email"),
    Row(422, ["phone must be a valid phone number"], Refusal.NEEDS_FIELD, "phone"),
    Row(400, "Invalid timezone", SetupError, "calendars.main.time_zone"),
    Row(400, "assignedUserId is required", SetupError, "calendars.main.user_id"),
    Row(422, ["userId u1 is not part of the calendar"], SetupError, "calendars.main.user_id"),
    Row(403, "The token does not have access to this location.", SetupError, "calendars.main.location_id"),
    Row(403, "", SetupError, "calendars.main.location_id"),
    Row(401, "Invalid JWT", CredentialError),
    Row(400, "The token is not authorized for this scope.", SetupError, "calendars.main.location_id"),
    Row(400, "The calendar was not found", SetupError, "services.cleaning.event_type"),
    Row(400, "The calendar is inactive", SetupError, "services.cleaning.event_type"),
    Row(404, "", SetupError, "services.cleaning.event_type"),
    Row(400, "We are sorry", SetupError, "calendars.main"),
    Row(422, ["ada@x.example is not liked"], SetupError, "calendars.main"),
    Row(418, None, SetupError, "calendars.main"),
    Row(429, "Too Many Requests", NotExecutedError),
    Row(500, "Internal", InDoubtError),
    Row(503, "Internal", InDoubtError),
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.status} {row.message}")
def test_every_refusal_of_a_create_has_its_meaning(row: Row) -> None:
    r = answering(row.status, {"statusCode": row.status, "message": row.message, "traceId": "t1"})

    with pytest.raises(ProviderError) as error:
        r.create()
    if isinstance(row.means, Refusal):
        assert isinstance(error.value, RefusedError)
        assert error.value.reason is row.means
        assert error.value.field == (row.names or None)
    else:
        assert type(error.value) is row.means
        assert row.names in str(error.value)
    assert "ada" not in str(error.value).lower()


@pytest.mark.parametrize(("status", "message"), [(404, ""), (400, "Appointment not found"), (404, "Not Found")])
def test_an_appointment_that_is_not_there_is_gone(status: int, message: str) -> None:
    r = answering(status, {"statusCode": status, "message": message})

    assert refused_by(lambda: r.read("e1")).reason is Refusal.GONE
    assert refused_by(lambda: r.move("e1", TEN)).reason is Refusal.GONE
    r.cancel("e1")


def test_an_appointment_of_another_location_is_none_of_ours() -> None:
    r = answering(200, {"event": WHOLE | {"locationId": "loc2"}})

    assert refused_by(lambda: r.read("e1")).reason is Refusal.GONE


def test_a_429_is_not_executed_and_says_how_long_to_wait() -> None:
    r = rig()
    r.api.fault("too_many", seconds=7)

    with pytest.raises(NotExecutedError) as error:
        r.create()
    assert error.value.retry_after == 7


def test_the_hundred_and_first_request_in_ten_seconds_is_refused() -> None:
    r = rig()
    r.api.quirks.limited = True
    for _ in range(100):
        r.calendar.event_types(deadline=r.deadline)

    with pytest.raises(NotExecutedError):
        r.calendar.event_types(deadline=r.deadline)
    r.clock.sleep(10)
    assert r.calendar.event_types(deadline=r.deadline)


def test_a_token_that_is_not_accepted_is_a_credential_error() -> None:
    r = rig()
    r.api.tokens.clear()

    with pytest.raises(CredentialError):
        r.create()


# --- in doubt --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["stall", "error_after", "drop_after", "unreadable"])
def test_a_create_whose_answer_was_lost_is_found_by_its_tag(fault: str) -> None:
    r = rig()
    r.api.fault(fault, seconds=30)

    with pytest.raises(InDoubtError):
        r.create()
    (found,) = r.find()
    assert (found.tag, found.span, found.id) == ("tag-1", r.wish().times.span, r.live()[0]["id"])


def test_a_write_is_never_sent_twice_after_a_lost_answer() -> None:
    r = rig()
    r.api.fault("drop_after")
    with pytest.raises(InDoubtError):
        r.create()

    assert len(r.sent("POST", CREATE)) == 1


@pytest.mark.parametrize("operation", ["slots", "search"])
def test_a_read_before_the_create_that_fails_means_that_nothing_was_booked(operation: str) -> None:
    r = rig()
    r.api.fault("stall", on=operation, seconds=30)

    with pytest.raises(NotExecutedError):
        r.create()
    assert r.live() == []


# --- finding ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shows_words", [True, False])
def test_ones_own_is_found_among_others_whatever_the_lists_show(shows_words: bool) -> None:
    r = rig(POOLED)
    r.api.quirks.lists_show_words = shows_words
    made = r.create()
    r.create(r.wish("tag-2", contact=BEN))

    assert [e.id for e in r.find()] == [made.id]


def test_one_that_a_person_moved_is_found_by_the_contact_although_its_times_bear_no_offset() -> None:
    r = rig(zone=BERLIN)
    made = r.create()
    r.api.desk.host_moves(made.id, moment(TEN + 3 * DAY))

    (found,) = r.find()
    assert (found.id, found.span.start) == (made.id, TEN + 3 * DAY)


def test_one_that_a_person_stripped_of_its_reference_is_known_by_contact_calendar_and_start() -> None:
    r = rig()
    made = r.create()
    r.api.desk.host_writes(made.id, "")

    assert [(e.id, e.tag) for e in r.find()] == [(made.id, "tag-1")]
    assert r.find(r.wish(start=TEN + 30)) == ()
    r.api.desk.host_moves(made.id, moment(TEN + 60))
    assert r.find() == ()
    assert r.read(made.id).span.start == TEN + 60


def test_one_with_another_reference_is_never_ours() -> None:
    r = rig()
    made = r.create()
    r.api.desk.host_writes(made.id, "Slotline ref: tag-7")

    assert r.find() == ()


def test_another_persons_without_a_reference_is_never_ours() -> None:
    r = rig()
    r.api.desk.host_adds(moment(TEN))

    assert r.find() == ()


def test_words_of_a_caller_do_not_pass_for_a_reference() -> None:
    r = rig()
    r.create(r.wish(contact=replace(ADA, notes="x Slotline ref: tag-9 slotline REF:: Slotline ref: tag-8")))

    text = r.live()[0]["description"]
    assert text.count("Slotline ref:") == 1
    assert r.read(r.live()[0]["id"]).tag == "tag-1"


def test_what_the_lists_do_not_show_yet_is_not_there_and_later_is() -> None:
    r = rig()
    r.api.quirks.lists_lag = 3
    r.create()

    assert r.find() == ()
    r.clock.sleep(3)
    assert [e.tag for e in r.find()] == ["tag-1"]


def test_one_in_a_shape_we_do_not_know_spoils_the_search_only_when_it_is_ours() -> None:
    r = rig(POOLED)
    r.create()
    other = r.create(r.wish("tag-2", contact=BEN))
    r.api.desk.appointments[other.id].status = "on_hold"

    assert [e.tag for e in r.find()] == ["tag-1"]
    with pytest.raises(NotExecutedError):
        r.find(r.wish("tag-2", contact=BEN))


@pytest.mark.parametrize("end", ["cancelled", "invalid", "deleted"])
def test_what_is_no_longer_live_is_not_found(end: str) -> None:
    r = rig()
    made = r.create()
    if end == "deleted":
        r.api.desk.host_deletes(made.id)
    else:
        r.api.desk.host_sets(made.id, end)

    assert r.find() == ()


# --- moving and cancelling -------------------------------------------------------------------------------------------


def test_a_move_changes_the_times_in_place_and_keeps_everything_else() -> None:
    r = rig(options={"user_id": USER})
    made = r.create()
    moved = r.move(made.id, TEN + 90)

    assert moved == replace(made, span=Interval(TEN + 90, TEN + 120))
    assert r.read(made.id) == moved
    (request,) = r.sent("PUT", CREATE)
    assert set(request.body) == {"startTime", "endTime", "toNotify"}


def test_a_move_to_where_it_stands_writes_nothing() -> None:
    r = rig()
    made = r.create()

    assert r.move(made.id, TEN) == r.read(made.id)
    assert r.sent("PUT", CREATE) == []


def test_a_move_to_a_taken_slot_is_refused_and_the_old_time_stands() -> None:
    r = rig()
    made = r.create()
    r.create(r.wish("tag-2", contact=BEN, start=TEN + 60))

    assert refused_by(lambda: r.move(made.id, TEN + 60)).reason is Refusal.TAKEN
    assert r.read(made.id).span.start == TEN


def test_a_move_over_its_own_old_time_is_up_to_the_server() -> None:
    half_hours = Calendar(minutes=60, interval=30)
    r = rig(half_hours)
    assert r.move(r.create().id, TEN + 30).span == Interval(TEN + 30, TEN + 90)

    r = rig(half_hours)
    r.api.desk.own_time_blocks_a_move = True
    made = r.create()
    assert refused_by(lambda: r.move(made.id, TEN + 30)).reason is Refusal.TAKEN


@pytest.mark.parametrize("fault", ["stall", "error_after", "drop_after", "unreadable"])
def test_a_move_whose_answer_was_lost_stands_where_it_was_moved_to(fault: str) -> None:
    r = rig()
    made = r.create()
    r.api.fault(fault, on="edit", seconds=30)

    with pytest.raises(InDoubtError):
        r.move(made.id, TEN + 60)
    assert r.read(made.id).span.start == TEN + 60
    assert r.move(made.id, TEN + 60).span.start == TEN + 60


def test_a_cancelled_appointment_is_not_revived_by_a_move() -> None:
    r = rig()
    made = r.create()
    r.cancel(made.id)

    assert refused_by(lambda: r.move(made.id, TEN + 60)).reason is Refusal.GONE
    assert r.read(made.id).status == "cancelled"


@pytest.mark.parametrize("twice", [True, False])
def test_cancelling_twice_is_cancelling_once(twice: bool) -> None:
    r = rig()
    r.api.quirks.cancels_twice = twice
    made = r.create()
    r.cancel(made.id)
    r.cancel(made.id)

    assert r.read(made.id).status == "cancelled"
    assert r.api.desk.appointments[made.id].deleted is False


@pytest.mark.parametrize("missing", [404, 400])
def test_cancelling_what_a_person_deleted_is_done(missing: int) -> None:
    r = rig()
    r.api.quirks.missing = missing
    made = r.create()
    r.api.desk.host_deletes(made.id)

    r.cancel(made.id)


def test_an_appointment_that_goes_while_it_is_being_moved_is_gone() -> None:
    r = rig()
    made = r.create()
    inner = transport(r.api, clock=r.clock)

    def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(404) if request.method == "PUT" else inner.handle_request(request)

    r.calendar = adapter(handler, r.clock)
    assert refused_by(lambda: r.move(made.id, TEN + 60)).reason is Refusal.GONE


@pytest.mark.parametrize(
    ("status", "message", "error"),
    [
        (400, "Appointments may not be cancelled", RefusedError),
        (400, "Cancelling is not allowed", RefusedError),
        (400, "We are sorry", SetupError),
        (403, "", SetupError),
    ],
)
def test_a_cancel_that_is_refused_while_the_appointment_stands_is_an_error(
    status: int, message: str, error: type[ProviderError]
) -> None:
    r = rig()
    made = r.create()
    inner = transport(r.api, clock=r.clock)

    def handler(request: httpx.Request) -> httpx.Response:
        if request.method == "PUT":
            return httpx.Response(status, json={"message": message})
        return inner.handle_request(request)

    r.calendar = adapter(handler, r.clock)
    with pytest.raises(error):
        r.cancel(made.id)


def test_a_cancel_whose_answer_was_lost_is_in_doubt_and_may_be_repeated() -> None:
    r = rig()
    made = r.create()
    r.api.fault("drop_after", on="edit")
    with pytest.raises(InDoubtError):
        r.cancel(made.id)

    r.cancel(made.id)
    assert r.live() == []


# --- looking ---------------------------------------------------------------------------------------------------------


def test_a_long_window_is_asked_for_in_parts_of_less_than_31_days() -> None:
    r = rig()
    starts = r.look(Interval(TEN, TEN + 70 * DAY))

    queries = [q.query for q in r.sent("GET", "/calendars/cal1Cleaning/free-slots")]
    assert len(queries) == 3
    assert all(int(q["endDate"]) - int(q["startDate"]) <= 30 * DAY * 60_000 for q in queries)
    assert len(set(starts)) == len(starts) == 50 * 16  # ten weeks


def test_past_starts_and_those_outside_the_window_are_left_out() -> None:
    r = rig()
    monday = TUESDAY - DAY

    for whole_days in (False, True):
        r.api.quirks.whole_days = whole_days
        now = monday + 12 * 60
        assert min(r.look(Interval(monday, TUESDAY))) == now + (0 if whole_days else 30)
        assert r.look(Interval(TEN + 1, TEN + 30)) == ()
        assert r.look(Interval(TEN, TEN + 60)) == (TEN, TEN + 30)


def test_the_start_of_the_moving_appointment_is_offered_while_it_is_live() -> None:
    r = rig()
    made = r.create()
    window = Interval(TEN, TEN + 60)
    assert r.look(window, moving=made.id) == (TEN, TEN + 30)
    assert r.look(Interval(TEN + 30, TEN + 60), moving=made.id) == (TEN + 30,)

    r.api.desk.host_sets(made.id, "cancelled")
    r.api.desk.host_blocks(USER, moment(TEN), moment(TEN + 30))
    assert r.look(window, moving=made.id) == (TEN + 30,)
    assert r.look(window, moving="never-there") == (TEN + 30,)


@pytest.mark.parametrize("name", ["2026-03-29", "2026-10-25"])
def test_slots_are_right_on_the_days_the_clocks_change(name: str) -> None:
    """In Berlin; a Sunday, so the calendar is open on all days."""
    r = rig(Calendar(weekdays=frozenset(range(7)), hours=(0, 5)), zone=BERLIN)
    day = datetime.fromisoformat(name).replace(tzinfo=BERLIN)
    first = int(day.timestamp() // 60)
    starts = r.look(Interval(first, first + DAY + 60))
    expected = list(range(first, first + 300, 30))

    assert [s for s in starts if s < first + 300] == expected
    for start in (expected[0], expected[-1]):
        r.create(r.wish(f"tag-{start}", start=start))
        sent = r.sent("POST", CREATE)[-1].body
        assert datetime.fromisoformat(sent["startTime"]) == moment(start)
        assert datetime.fromisoformat(sent["endTime"]) - datetime.fromisoformat(sent["startTime"]) == timedelta(
            minutes=30
        )


def test_a_zone_that_highlevel_does_not_know_is_named_and_can_be_replaced() -> None:
    r = rig(zone=BERLIN)
    r.api.unknown_zones.add("Europe/Berlin")
    with pytest.raises(SetupError, match=r"calendars\.main\.time_zone"):
        r.look(Interval(TEN, TEN + 60))

    r.calendar = adapter(
        transport(r.api, clock=r.clock).handle_request, r.clock, options={"time_zone": "Europe/Paris"}, zone=BERLIN
    )
    assert r.look(Interval(TEN, TEN + 60)) == (TEN, TEN + 30)


@pytest.mark.parametrize(
    "body", [[], {"2026-01-06": {"slots": ["2026-01-06T10:00:00"]}}, {"2026-01-06": {"slots": [7]}}, b"<html>"]
)
def test_slots_that_cannot_be_understood_are_no_answer(body: object) -> None:
    clock = FakeClock()
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    calendar = adapter(lambda _: httpx.Response(200, content=content), clock)

    with pytest.raises(NotExecutedError):
        calendar.look(rig().service, window=Interval(TEN, TEN + 60), moving=None, deadline=clock.now() + 5)


def test_what_stands_beside_the_days_is_no_slot() -> None:
    clock = FakeClock()
    body: dict[str, object] = {
        "traceId": "t",
        "2026-01-06": {"slots": [iso(TEN, BERLIN)]},
        "2026-01-07": {},
        "x": None,
        "y": [],
    }
    calendar = adapter(lambda _: httpx.Response(200, json=body), clock)

    seen = calendar.look(rig().service, window=Interval(TEN, TEN + 60), moving=None, deadline=clock.now() + 5)
    assert seen.starts == (TEN,)


# --- everything that stands ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shows_words", [True, False])
def test_events_are_all_that_take_time_in_the_window_ours_by_their_tags(shows_words: bool) -> None:
    r = rig(Calendar(team=(USER, "user2Ben", "user3Eve")))
    r.api.quirks.lists_show_words = shows_words
    ours = r.create()
    foreign = r.api.desk.host_adds(moment(TEN - 15), text="bring the papers" if shows_words else "")
    for word in ("cancelled", "noshow", "invalid"):
        r.api.desk.host_sets(r.api.desk.host_adds(moment(TEN)).id, word)
    r.api.desk.host_adds(moment(TEN - 30))  # ends as the window begins
    r.api.desk.host_adds(moment(TEN + 60))  # begins as it ends

    found = r.events(Interval(TEN, TEN + 60))
    assert {(e.id, e.tag) for e in found} == {(ours.id, "tag-1"), (foreign.id, None)}


def test_events_are_those_of_the_services_calendars_or_of_the_user_or_of_the_location() -> None:
    calendars = (Calendar(), Calendar("cal2Other", "Other", team=("user2Ben",)))
    window = Interval(TEN, TEN + 40 * DAY)

    def found(**given: Any) -> tuple[int, int]:
        r = rig(*calendars, **given)
        r.create()
        r.api.desk.host_adds(moment(TEN), calendar="cal2Other")
        events = r.events(window)
        return len(events), sum(q.path == "/calendars/events" for q in r.api.seen)

    assert found(calendar_ids=["cal1Cleaning", "cal1Cleaning"]) == (1, 2)
    assert found(options={"user_id": USER}) == (1, 2)
    assert found() == (2, 4)


def test_a_list_that_is_none_is_no_answer() -> None:
    clock = FakeClock()
    calendar = adapter(lambda _: httpx.Response(200, json={"events": None}), clock, calendar_ids=["c"])

    with pytest.raises(NotExecutedError):
        calendar.events(window=Interval(TEN, TEN + 60), deadline=clock.now() + 5)


def test_the_active_calendars_are_listed_with_length_and_approval() -> None:
    r = rig(Calendar(), Calendar("c2", "Long", minutes=90, auto_confirm=False), Calendar("c3", is_active=False))

    listed = r.calendar.event_types(deadline=r.deadline)
    assert [(e.id, e.minutes, e.requires_approval) for e in listed] == [("cal1Cleaning", 30, False), ("c2", 90, True)]


def test_a_length_in_hours_is_told_in_minutes() -> None:
    clock = FakeClock()
    body = {"calendars": [{"id": "c1", "slotDuration": 1.5, "slotDurationUnit": "hours"}]}
    calendar = adapter(lambda _: httpx.Response(200, json=body), clock)

    (listed,) = calendar.event_types(deadline=clock.now() + 5)
    assert (listed.name, listed.minutes) == ("c1", 90)


def test_traits_are_those_of_class_a_that_moves_in_place() -> None:
    traits = rig().calendar.traits

    assert (traits.own, traits.repeats_safely, traits.moves, traits.needs_email) == (False, False, "in_place", False)


def test_the_module_imports_nothing_heavy() -> None:
    code = (
        "import sys; from slotline.adapters.calendars.gohighlevel import calendar, tokens, webhooks;"
        "print([m for m in ('httpx', 'cryptography', 'pydantic', 'boto3') if m in sys.modules])"
    )
    path = next(p for p in sys.path if p.endswith("layers/shared/python"))
    done = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONPATH": path}, capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[]"
