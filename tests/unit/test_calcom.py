from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import httpx
import pytest

from slotline.adapters.calendars.calcom.requests import PLACES
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
from slotline.domain.time import Interval, local, utc_day, utc_iso
from slotline.ports import ProviderEvent
from tests.fakes import A_MONDAY_NOON_UTC
from tests.servers.calcom_desk import HOSTS_TAKEN, OUT_OF_BOUNDS, USER_TAKEN, EventType, Host
from tests.servers.faulty import transport
from tests.unit.calcom_rig import ADA, Rig, adapter, answering, enveloped, rig
from tests.unit.rigs import DAY, TEN

if TYPE_CHECKING:
    from collections.abc import Callable

# --- what is sent ----------------------------------------------------------------------------------------------------


def test_a_create_says_all_that_the_server_needs_and_no_length() -> None:
    r = rig()
    r.create(r.wish(contact=replace(ADA, notes="first visit")))

    (request,) = r.api.seen
    assert request.body == {
        "start": utc_iso(TEN),
        "eventTypeId": 1,
        "attendee": {
            "name": "Ada Byron",
            "email": "ada@example.com",
            "phoneNumber": "+14155550111",
            "timeZone": "Europe/Rome",
            "language": "it",
        },
        "metadata": {"idempotency_key": "tag-1", "source": "slotline"},
        "bookingFieldsResponses": {"notes": "first visit"},
    }


@pytest.mark.parametrize(
    ("language", "sent"), [("en", "en"), ("de", "de"), ("nb", "no"), ("zh", "zh-CN"), ("pt-BR", "pt-BR"), ("tlh", "en")]
)
def test_a_language_is_one_that_the_server_knows(language: str, sent: str) -> None:
    r = rig()
    r.create(replace(r.wish(), language=language))

    assert r.api.seen[0].body["attendee"]["language"] == sent


@pytest.mark.parametrize(
    ("where", "location"),
    [
        (Where(), None),
        (Where("in_person", "1 Main Street"), {"type": "address"}),
        (Where("phone", "+15550100"), {"type": "phone"}),
        (Where("phone"), {"type": "attendeePhone", "phone": "+14155550111"}),
        (Where("cal_video"), {"type": "integration", "integration": "cal-video"}),
        (Where("teams"), {"type": "integration", "integration": "office365-video"}),
        (Where("google_meet"), {"type": "integration", "integration": "google-meet"}),
        (Where("zoom"), {"type": "integration", "integration": "zoom"}),
    ],
)
def test_the_place_is_told_in_the_servers_words(where: Where, location: dict[str, str] | None) -> None:
    everywhere = ("cal-video", "address", "phone", "attendeePhone", "office365-video", "google-meet", "zoom")
    r = rig(EventType(1, locations=everywhere), where=where)
    r.create()

    assert r.api.seen[0].body.get("location") == location


def test_a_place_without_a_word_is_a_mistake_in_the_set_up() -> None:
    r = rig(where=Where("hologram"))

    with pytest.raises(SetupError, match=r"services\.cleaning\.where"):
        r.create()
    assert r.api.seen == []
    assert "hologram" not in PLACES


def test_a_call_to_a_caller_without_a_number_asks_for_it() -> None:
    r = rig(where=Where("phone"))

    with pytest.raises(RefusedError) as refused:
        r.create(r.wish(contact=replace(ADA, phone=None)))
    assert (refused.value.reason, refused.value.field) == (Refusal.NEEDS_FIELD, "phone")


def test_a_wanted_host_is_routed_to() -> None:
    pool = (Host(1, "Ada Host"), Host(2, "Ben Host"))
    r = rig(EventType(1, hosts=pool, scheduling="roundRobin"))

    assert r.create(replace(r.wish(), host="2")).host == "Ben Host"
    with pytest.raises(SetupError):
        r.create(replace(r.wish(), host="Ben Host"))


@pytest.mark.parametrize("event_type", [None, "", "consultation", "12a", "²"])
def test_an_event_type_is_a_number(event_type: str | None) -> None:
    r = rig()
    r.service = replace(r.service, event_type=event_type)

    with pytest.raises(SetupError, match=r"services\.cleaning\.event_type"):
        r.create()


@pytest.mark.parametrize("key", ["cal_schlüssel", "cal_a\nb"])
def test_a_key_that_no_header_can_carry_is_a_mistake_in_the_set_up(key: str) -> None:
    r = rig()
    r.calendar = adapter(transport(r.api, clock=r.clock), r.clock, key=key)

    with pytest.raises(SetupError):
        r.create()


# --- contact ---------------------------------------------------------------------------------------------------------


def test_the_fallback_address_is_each_callers_own_and_stays_the_same() -> None:
    r = rig(email_fallback="desk@example.com")
    nobody = Contact(name="Ada Byron", phone="+14155550111")
    other = Contact(name="Ada Byron", phone="+14155550122")
    r.create(r.wish("tag-1", contact=nobody))
    r.create(r.wish("tag-2", contact=other, start=TEN + 60))
    r.create(r.wish("tag-3", contact=nobody, start=TEN + 120))

    first, second, third = (request.body["attendee"]["email"] for request in r.api.seen)
    assert first == third
    assert first != second
    assert first.startswith("desk+")
    assert first.endswith("@example.com")
    assert len(first) == len("desk+123456@example.com")
    assert [e.tag for e in r.find(r.wish("tag-2", contact=other, start=TEN + 60))] == ["tag-2"]


def test_without_a_phone_the_fallback_address_comes_from_the_name() -> None:
    r = rig(email_fallback="desk+book@example.com")
    r.create(r.wish("tag-1", contact=Contact(name="Ada  BYRON")))
    r.create(r.wish("tag-2", contact=Contact(name="ada byron"), start=TEN + 60))
    r.create(r.wish("tag-3", contact=Contact(name="Ben Stone"), start=TEN + 120))

    first, second, third = (request.body["attendee"]["email"] for request in r.api.seen)
    assert first == second
    assert first != third
    assert first.startswith("desk+book-")


def test_two_callers_on_the_fallback_address_never_share_a_booking() -> None:
    pool = (Host(1, "Ada Host"), Host(2, "Ben Host"))
    r = rig(EventType(1, hosts=pool, scheduling="roundRobin"), email_fallback="desk@example.com")

    first = r.create(r.wish("tag-1", contact=Contact(name="Ada", phone="+14155550111")))
    second = r.create(r.wish("tag-2", contact=Contact(name="Ben", phone="+14155550122")))

    assert (first.tag, second.tag) == ("tag-1", "tag-2")
    assert first.host != second.host


def test_a_phone_only_caller_is_booked_and_found_by_the_address_the_server_makes() -> None:
    r = rig(EventType(1, email_required=False, phone_required=True))
    wish = r.wish(contact=replace(ADA, email=None))

    made = r.create(wish)

    assert "email" not in r.api.seen[0].body["attendee"]
    assert made.email == "14155550111@sms.cal.com"
    assert r.find(wish) == (made,)


def test_a_phone_only_caller_is_asked_for_the_email_where_it_is_required() -> None:
    r = rig()

    with pytest.raises(RefusedError) as refused:
        r.create(r.wish(contact=replace(ADA, email=None)))
    assert (refused.value.reason, refused.value.field) == (Refusal.NEEDS_FIELD, "email")
    assert r.live() == []


def test_a_caller_without_any_contact_is_asked_before_anything_is_sent() -> None:
    r = rig()

    with pytest.raises(RefusedError) as refused:
        r.create(r.wish(contact=Contact(name="Ada Byron")))
    assert (refused.value.reason, refused.value.field) == (Refusal.NEEDS_FIELD, "email")
    assert r.api.seen == []


# --- answers ---------------------------------------------------------------------------------------------------------


def test_a_booking_is_read_with_host_link_and_email() -> None:
    r = rig()
    made = r.create()

    assert made.tag == "tag-1"
    assert made.host == "Ada Host"
    assert made.link == f"https://app.cal.com/video/{made.id}"
    assert made.email == "ada@example.com"
    assert len(made.id) == 22


def test_an_address_is_no_link() -> None:
    r = rig(where=Where("in_person", "1 Main Street"))

    assert r.create().link is None


def test_a_booking_that_needs_approval_is_a_request_until_the_host_decides() -> None:
    r = rig(EventType(1, requires_confirmation=True))
    made = r.create()
    assert made.status == "requested"
    assert r.find() == (made,)

    r.api.desk.confirm(made.id)
    assert r.calendar.read(made.id, deadline=r.deadline).status == "accepted"

    declined = r.create(r.wish("tag-2", start=TEN + 60))
    r.api.desk.decline(declined.id)
    assert r.calendar.read(declined.id, deadline=r.deadline).status == "rejected"
    assert r.find(r.wish("tag-2", start=TEN + 60)) == ()


@pytest.mark.parametrize(
    "kind", [EventType(1, requires_confirmation=True), EventType(1, scheduling="roundRobin")], ids=["approval", "pool"]
)
def test_an_older_booking_given_as_success_keeps_its_own_tag(kind: EventType) -> None:
    r = rig(kind)
    first = r.create(r.wish("tag-1"))

    assert r.create(r.wish("tag-2")) == first
    assert first.tag == "tag-1"


def test_of_a_recurring_booking_the_first_counts() -> None:
    r = rig(EventType(1, occurrences=3))

    assert r.create().span == r.wish().times.span
    assert len(r.live()) == 3


MINIMAL = {
    "uid": "u1",
    "status": "accepted",
    "start": utc_iso(TEN),
    "end": local(TEN + 30, ZoneInfo("Africa/Cairo")).isoformat(timespec="milliseconds"),
    "description": None,
    "eventTypeId": None,
    "somethingNew": {"x": [1]},
}


def test_unknown_and_missing_fields_do_no_harm() -> None:
    r = answering(201, {"status": "success", "data": MINIMAL})

    assert r.create() == ProviderEvent("u1", None, r.wish().times.span, "accepted")


@pytest.mark.parametrize(
    "data",
    [
        MINIMAL | {"status": "awaiting_host"},
        MINIMAL | {"uid": None},
        MINIMAL | {"start": "tomorrow"},
        MINIMAL | {"end": utc_iso(TEN + 30).removesuffix("Z")},
        MINIMAL | {"end": MINIMAL["start"]},
        [],
        None,
        "u1",
    ],
)
def test_a_success_that_cannot_be_understood_is_in_doubt_and_a_read_is_not(data: object) -> None:
    r = answering(201, {"status": "success", "data": data})

    with pytest.raises(InDoubtError):
        r.create()
    with pytest.raises(InDoubtError):
        r.calendar.move("u0", r.wish(), deadline=r.deadline)
    with pytest.raises(NotExecutedError):
        r.calendar.read("u1", deadline=r.deadline)


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"status": "success", "data": {"uid": "u1"'])
def test_a_success_with_an_unreadable_body_is_in_doubt(body: bytes) -> None:
    with pytest.raises(InDoubtError):
        answering(201, body).create()


# --- errors ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    status: int
    message: str
    means: Refusal | type[ProviderError]
    field: str | None = None
    code: str = "BadRequestException"


ROWS = [
    Row(400, USER_TAKEN, Refusal.TAKEN),
    Row(400, HOSTS_TAKEN, Refusal.TAKEN),
    Row(400, "no_available_users_found_error", Refusal.TAKEN),
    Row(400, "round_robin_hosts_unavailable_for_booking", Refusal.TAKEN),
    Row(400, "A resource with these details already exists.", Refusal.TAKEN),
    Row(409, "booking_conflict_error", Refusal.TAKEN, code="HttpException"),
    Row(409, "CONFLICT", Refusal.TAKEN, code="CONFLICT"),
    Row(409, "No more seats left at this seated booking.", Refusal.TAKEN, code="HttpException"),
    Row(400, OUT_OF_BOUNDS, Refusal.TOO_SOON_OR_FAR),
    Row(400, "Attempting to book a meeting in the past.", Refusal.TOO_SOON_OR_FAR),
    Row(
        400,
        "Attendee with this email can't book because the maximum number of active bookings has been reached.",
        Refusal.NOT_PERMITTED,
    ),
    Row(403, "Cannot book: the attendee email is blocked", Refusal.NOT_PERMITTED, code="ForbiddenException"),
    Row(400, "At least one contact method (email or phone number) is needed", Refusal.NEEDS_FIELD, "email"),
    Row(400, "Email verification is required", Refusal.NEEDS_FIELD, "email"),
    Row(400, "Invalid verification code", Refusal.NEEDS_FIELD, "email"),
    Row(400, "responses - {email}error_required_field", Refusal.NEEDS_FIELD, "email"),
    Row(400, "responses - {attendeePhoneNumber}error_required_field", Refusal.NEEDS_FIELD, "phone"),
    Row(400, "email property is wrong,email must be an email ", Refusal.NEEDS_FIELD, "email"),
    Row(400, "phoneNumber property is wrong,phoneNumber must be a phone number", Refusal.NEEDS_FIELD, "phone"),
    Row(400, "Missing attendee phone number - it is required by the event type.", Refusal.NEEDS_FIELD, "phone"),
    Row(
        400,
        "\n  Missing required booking field response: reason-for-visit - it is required by the event type booking"
        " fields, but missing in the bookingFieldsResponses.\n  You can fetch the event type with ID 1.",
        Refusal.NEEDS_FIELD,
        "reason-for-visit",
    ),
    Row(404, "Booking with uid=u1 was not found in the database", Refusal.GONE, code="NotFoundException"),
    Row(404, "Could not find original booking", Refusal.GONE, code="NotFoundException"),
    Row(403, "Rescheduling is disabled for this event type", Refusal.NOT_PERMITTED, code="ForbiddenException"),
    Row(404, "Event type with id 1 not found.", SetupError, code="NotFoundException"),
    Row(404, "Cannot POST /v2/bookings", SetupError, code="NotFoundException"),
    Row(401, "Invalid API Key", CredentialError, code="UnauthorizedException"),
    Row(403, "Forbidden resource", SetupError, code="ForbiddenException"),
    Row(400, "Location with type zoom is not allowed by the event type.", SetupError),
    Row(400, "conflict property is wrong,property conflict should not exist ", SetupError),
    Row(400, "Can't specify 'lengthInMinutes' because event type does not have multiple lengths.", SetupError),
    Row(422, "Can't book this event type because it has no hosts.", SetupError, code="UnprocessableEntityException"),
    Row(418, "something that nobody has seen yet", SetupError, code="HttpException"),
    Row(302, "", SetupError, code=""),
    Row(429, "ThrottlerException: Too many requests", NotExecutedError, code="ThrottlerException"),
    Row(500, "fixed_hosts_unavailable_for_booking", InDoubtError, code="InternalServerErrorException"),
]


@pytest.mark.parametrize("shape", ["envelope", "raw"])
@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.status} {row.message.strip()[:40]}")
def test_every_error_is_decoded_by_its_words(row: Row, shape: str) -> None:
    raw = {"statusCode": row.status, "message": row.message}
    r = answering(row.status, enveloped(row.status, row.message, row.code) if shape == "envelope" else raw)

    with pytest.raises(ProviderError) as caught:
        r.create()

    if isinstance(row.means, Refusal):
        assert isinstance(caught.value, RefusedError)
        assert (caught.value.reason, caught.value.field) == (row.means, row.field)
    else:
        assert type(caught.value) is row.means


def test_errors_nested_in_details_are_found() -> None:
    email = {"property": "email", "children": [], "constraints": {"isEmail": "email must be an email"}}
    attendee = {"property": "attendee", "children": [email]}
    body = enveloped(400, "Bad Request Exception", "BadRequestException")
    body["error"] = {
        "code": "BadRequestException",
        "message": "Bad Request Exception",
        "details": {"errors": [attendee]},
    }

    with pytest.raises(RefusedError) as refused:
        answering(400, body).create()
    assert (refused.value.reason, refused.value.field) == (Refusal.NEEDS_FIELD, "email")


def test_an_error_repeats_nothing_personal_of_what_the_server_said() -> None:
    body = enveloped(400, "ada@example.com of +14155550111 did something new", "BadRequestException")

    with pytest.raises(SetupError) as caught:
        answering(400, body).create()
    assert str(caught.value) == "main: HTTP 400 BadRequestException"


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'"no"', b'{"error": "no"}', b'{"message": ["a", 1]}'])
def test_an_error_without_words_is_a_mistake_in_the_set_up(body: bytes) -> None:
    with pytest.raises(SetupError):
        answering(400, body).create()


@pytest.mark.parametrize(
    ("kind", "error", "made"),
    [
        ("stall", InDoubtError, 1),
        ("error_after", InDoubtError, 1),
        ("drop_after", InDoubtError, 1),
        ("unreadable", InDoubtError, 1),
        ("drip", InDoubtError, 1),
        ("error_before", InDoubtError, 0),
        ("drop_before", InDoubtError, 0),
        ("conflict", RefusedError, 0),
        ("too_many", NotExecutedError, 0),
        ("unauthorized", SetupError, 0),
    ],
)
def test_what_a_failed_create_leaves_and_what_is_said_of_it(kind: str, error: type[ProviderError], made: int) -> None:
    r = rig()
    r.api.fault(kind, seconds=20)
    deadline = r.deadline

    with pytest.raises(error):
        r.create()

    assert r.clock.now() <= deadline + 20
    assert len(r.live()) == made
    assert len(r.find()) == made
    assert len([q for q in r.api.seen if q.method == "POST"]) == 1


def test_a_retry_after_an_unseen_success_is_told_taken_and_then_found() -> None:
    r = rig()
    r.api.fault("drop_after")
    with pytest.raises(InDoubtError):
        r.create()

    with pytest.raises(RefusedError) as refused:
        r.create()

    assert refused.value.reason is Refusal.TAKEN
    assert [e.tag for e in r.find()] == ["tag-1"]


def test_racing_creates_overlap_unless_their_times_are_the_same() -> None:
    r = rig(EventType(1), EventType(2, minutes=60))
    r.create()
    longer = replace(r.service, event_type="2", minutes=60)
    r.api.fault("race", times=2)

    with pytest.raises(RefusedError) as refused:
        r.create(r.wish("tag-2"))
    made = r.create(replace(r.wish("tag-3"), service=longer))

    assert refused.value.reason is Refusal.TAKEN
    assert made.status == "accepted"


# --- look ------------------------------------------------------------------------------------------------------------


def test_free_starts_lie_in_the_window_and_not_in_the_past() -> None:
    r = rig()
    monday_noon = int(r.clock.now() // 60)

    assert r.look(Interval(monday_noon - 240, monday_noon + 60)) == (monday_noon, monday_noon + 30)
    assert r.look(Interval(TEN, TEN + 90)) == tuple(TEN + n for n in (0, 30, 60))


def test_starts_that_the_server_adds_outside_the_window_are_dropped() -> None:
    r = rig()
    inside, window = TEN + 30, Interval(TEN, TEN + 60)
    offered = [utc_iso(m) for m in (window.start - 30, inside, window.start, window.end, window.end + DAY)]
    fixed = {"status": "success", "data": {"day": [{"start": s} for s in offered]}}
    r.calendar = adapter(httpx.MockTransport(lambda _: httpx.Response(200, json=fixed)), r.clock)

    assert r.look(window) == (window.start, inside)


def test_past_starts_are_dropped_even_when_the_server_offers_them() -> None:
    now = int(A_MONDAY_NOON_UTC // 60)
    offered = [{"start": utc_iso(now + n)} for n in (-30, 0, 30)]

    assert answering(200, {"data": {"day": offered}}).look(Interval(now - 60, now + 60)) == (now, now + 30)


def test_a_long_window_is_asked_for_in_parts_of_31_days() -> None:
    r = rig()
    start = TEN

    starts = r.look(Interval(start, start + 70 * DAY))

    asked = [(q.query["start"], q.query["end"]) for q in r.api.seen]
    edges = [utc_iso(start + n * DAY) for n in (0, 31, 62, 70)]
    assert asked == list(pairwise(edges))
    assert all(q.query["timeZone"] == "UTC" for q in r.api.seen)
    assert len(starts) == len(set(starts))
    assert list(starts) == sorted(starts)
    assert starts[-1] > start + 55 * DAY


def test_nothing_free_is_an_empty_answer() -> None:
    r = rig()
    saturday = TEN + 4 * DAY

    assert r.look(Interval(saturday, saturday + DAY // 2)) == ()


@pytest.mark.parametrize("data", [[], None, {"day": [{"time": "x"}]}, {"day": [{"start": "10:00"}]}])
def test_slots_that_cannot_be_read_are_no_answer(data: object) -> None:
    r = answering(200, {"status": "success", "data": data})

    with pytest.raises(NotExecutedError):
        r.look(Interval(TEN, TEN + 60))


def test_an_unknown_event_type_is_a_mistake_in_the_set_up() -> None:
    r = rig()
    r.service = replace(r.service, event_type="99")

    with pytest.raises(SetupError):
        r.look(Interval(TEN, TEN + 60))
    with pytest.raises(SetupError):
        r.create()


# The two sides of a change of the clocks, in the year of the fake clock.
@pytest.mark.parametrize(
    ("zone", "before", "after"),
    [("America/New_York", "2026-03-06", "2026-03-09"), ("Europe/Rome", "2026-10-23", "2026-10-26")],
)
def test_offered_starts_follow_the_clocks_when_they_change(zone: str, before: str, after: str) -> None:
    host = Host(1, "Ada Host", zone=zone)
    r = rig(EventType(1, hosts=(host,), days_ahead=400))
    for day in (before, after):
        nine = datetime.fromisoformat(f"{day}T09:00").replace(tzinfo=ZoneInfo(zone))
        minute = int(nine.astimezone(UTC).timestamp() // 60)

        starts = r.look(Interval(minute - 120, minute + 60))

        assert starts == (minute, minute + 30)
        made = r.create(r.wish(day, start=minute))
        assert made.span.start == minute


def test_slot_days_in_another_zone_are_the_same_instants() -> None:
    r = rig()
    query = f"?eventTypeId=1&start={utc_iso(TEN)}&end={utc_iso(TEN + 10)}"
    seen = {}
    for zone in ("UTC", "America/Los_Angeles"):
        answer = r.api.answer("GET", f"/v2/slots{query}&timeZone={zone}", {"cal-api-version": "2024-09-04"}, b"")
        seen[zone] = json.loads(answer.body)["data"]

    day = utc_day(TEN)
    assert seen["UTC"] == {day: [{"start": f"{day}T10:00:00.000Z"}]}
    assert seen["America/Los_Angeles"] == {day: [{"start": f"{day}T02:00:00.000-08:00"}]}


# --- find ------------------------------------------------------------------------------------------------------------


def lists(r: Rig) -> list[dict[str, str]]:
    return [q.query for q in r.api.seen if q.method == "GET" and q.path == "/bookings"]


def test_the_search_is_as_narrow_as_the_server_allows() -> None:
    r = rig()
    r.create()
    r.find()

    assert lists(r) == [
        {
            "attendeeEmail": "ada@example.com",
            "eventTypeId": "1",
            "afterStart": utc_iso(TEN - 1),
            "beforeEnd": utc_iso(TEN + 31),
            "status": "upcoming,unconfirmed",
            "sortCreated": "desc",
            "take": "50",
            "skip": "0",
        }
    ]


def test_once_the_start_has_passed_the_past_is_searched_too() -> None:
    r = rig()
    made = r.create()
    r.clock.time = (TEN + 300) * 60.0
    wish = r.wish(start=made.span.start)

    assert r.find(wish) == (made,)
    assert lists(r)[0]["status"] == "upcoming,unconfirmed,past"


def test_a_booking_moved_by_a_person_is_found_by_its_tag() -> None:
    r = rig()
    made = r.create()
    moved = r.api.desk.host_moves(made.id, datetime.fromtimestamp((TEN + DAY) * 60, UTC))

    assert [e.id for e in r.find()] == [moved.uid]


def test_all_live_bookings_with_the_tag_are_given() -> None:
    r = rig()
    made = r.create()
    tuesday = datetime.fromtimestamp(TEN * 60, UTC)
    other = r.api.desk.host_moves(made.id, tuesday + timedelta(hours=2))
    second = r.api.desk.host_moves(made.id, tuesday + timedelta(hours=3))

    assert {e.id for e in r.find()} == {other.uid, second.uid}


def test_filters_that_the_server_ignores_change_nothing() -> None:
    r = rig()
    r.api.ignores_times = True
    made = r.create(r.wish("tag-1"))
    r.create(r.wish("tag-2", start=TEN + 60))

    assert r.find(r.wish("tag-1")) == (made,)


def test_bookings_that_are_over_do_not_count_even_when_the_server_lists_them() -> None:
    tagged = MINIMAL | {"metadata": {"idempotency_key": "tag-1"}}
    listed = [tagged | {"uid": status, "status": status} for status in ("cancelled", "pending", "rejected", "accepted")]

    found = answering(200, {"status": "success", "data": listed}).find()

    assert [(e.id, e.status) for e in found] == [("pending", "requested"), ("accepted", "accepted")]


def test_every_page_of_a_long_list_is_read() -> None:
    r = rig(EventType(1, minutes=5, days_ahead=400))
    made = r.create()
    for n in range(1, 61):
        r.clock.sleep(1)
        r.create(r.wish(f"other-{n}", start=TEN + 5 * n))
    r.api.ignores_times = True

    assert r.find() == (made,)
    assert [q["skip"] for q in lists(r)] == ["0", "50"]


def test_a_booking_of_an_erased_caller_is_found_by_its_time() -> None:
    r = rig()
    made = r.create()

    assert r.find(r.wish(contact=Contact())) == (made,)
    assert "attendeeEmail" not in lists(r)[0]


@pytest.mark.parametrize(
    "data", [None, {"bookings": []}, [MINIMAL | {"metadata": {"idempotency_key": "tag-1"}, "uid": 7}]]
)
def test_a_list_that_cannot_be_read_is_never_not_there(data: object) -> None:
    with pytest.raises(NotExecutedError):
        answering(200, {"status": "success", "data": data}).find()


def test_a_foreign_booking_that_cannot_be_read_hides_nothing() -> None:
    odd = {"uid": None, "status": "new", "metadata": {"idempotency_key": "else"}}
    ours = MINIMAL | {"metadata": {"idempotency_key": "tag-1"}}

    assert [e.id for e in answering(200, {"status": "success", "data": [odd, None, ours]}).find()] == ["u1"]


# --- move ------------------------------------------------------------------------------------------------------------


def test_a_move_says_when_and_why_and_gives_the_new_booking() -> None:
    r = rig()
    made = r.create()
    moved = r.calendar.move(made.id, r.wish(start=TEN + 60), deadline=r.deadline)

    body = r.api.seen[-1].body
    assert body["start"] == utc_iso(TEN + 60)
    assert set(body) == {"start", "reschedulingReason"}
    assert (moved.id != made.id, moved.tag) == (True, "tag-1")


@pytest.mark.parametrize("kind", ["drop_after", "stall", "error_after", "unreadable"])
def test_a_move_whose_answer_was_lost_is_recognised_when_repeated(kind: str) -> None:
    r = rig()
    made = r.create()
    later = r.wish(start=TEN + 60)
    r.api.fault(kind, on="reschedule", seconds=30)
    with pytest.raises(InDoubtError):
        r.calendar.move(made.id, later, deadline=r.deadline)

    again = r.calendar.move(made.id, later, deadline=r.deadline)

    assert [again.id] == [b["uid"] for b in r.live()]
    assert again.span == later.times.span


def test_a_booking_that_was_moved_elsewhere_is_gone() -> None:
    r = rig()
    made = r.create()
    r.api.desk.host_moves(made.id, datetime.fromtimestamp((TEN + DAY) * 60, UTC))

    with pytest.raises(RefusedError) as refused:
        r.calendar.move(made.id, r.wish(start=TEN + 60), deadline=r.deadline)
    assert refused.value.reason is Refusal.GONE


def test_a_booking_moved_to_the_wanted_time_and_then_cancelled_is_gone() -> None:
    r = rig()
    made = r.create()
    later = r.wish(start=TEN + 60)
    moved = r.calendar.move(made.id, later, deadline=r.deadline)
    r.api.desk.host_cancels(moved.id)

    with pytest.raises(RefusedError) as refused:
        r.calendar.move(made.id, later, deadline=r.deadline)
    assert refused.value.reason is Refusal.GONE


def test_a_move_to_a_taken_time_leaves_the_booking_where_it_is() -> None:
    r = rig()
    made = r.create(r.wish("tag-1"))
    r.create(r.wish("tag-2", start=TEN + 60))

    with pytest.raises(RefusedError) as refused:
        r.calendar.move(made.id, r.wish("tag-1", start=TEN + 60), deadline=r.deadline)

    assert refused.value.reason is Refusal.TAKEN
    assert r.calendar.read(made.id, deadline=r.deadline) == made


def test_a_declined_booking_and_a_locked_one_cannot_be_moved() -> None:
    r = rig(EventType(1, requires_confirmation=True), EventType(2, disable_rescheduling=True))
    made = r.create()
    r.api.desk.decline(made.id)
    with pytest.raises(RefusedError) as gone:
        r.calendar.move(made.id, r.wish(start=TEN + 60), deadline=r.deadline)

    locked = r.create(replace(r.wish("tag-2"), service=replace(r.service, event_type="2")))
    with pytest.raises(RefusedError) as refused:
        r.calendar.move(locked.id, r.wish(start=TEN + 60), deadline=r.deadline)

    assert (gone.value.reason, refused.value.reason) == (Refusal.GONE, Refusal.NOT_PERMITTED)


# --- cancel ----------------------------------------------------------------------------------------------------------


def cancel(r: Rig, uid: str, reason: str = "ill") -> None:
    r.calendar.cancel(uid, reason=reason, deadline=r.deadline)


@pytest.mark.parametrize("reason", ["ill", ""])
def test_a_cancel_always_gives_a_reason(reason: str) -> None:
    r = rig()
    r.api.reason_required = True
    made = r.create()

    cancel(r, made.id, reason)

    assert r.live() == []
    assert r.api.seen[-1].body["cancellationReason"]


@pytest.mark.parametrize("kind", ["drop_after", "stall", "error_after"])
def test_a_cancel_whose_answer_was_lost_is_in_doubt_and_done_when_repeated(kind: str) -> None:
    r = rig()
    made = r.create()
    r.api.fault(kind, on="cancel", seconds=30)
    with pytest.raises(InDoubtError):
        cancel(r, made.id)

    cancel(r, made.id)

    assert r.live() == []


def test_a_cancel_follows_a_booking_that_a_person_moved() -> None:
    r = rig()
    made = r.create()
    moved = r.api.desk.host_moves(made.id, datetime.fromtimestamp((TEN + DAY) * 60, UTC))
    r.api.desk.host_moves(moved.uid, datetime.fromtimestamp((TEN + 2 * DAY) * 60, UTC))

    cancel(r, made.id)

    assert r.live() == []


def test_a_booking_that_has_ended_and_one_that_is_locked_cannot_be_cancelled() -> None:
    r = rig(EventType(1, disable_cancelling=True), EventType(2))
    locked = r.create()
    ended = r.create(replace(r.wish("tag-2", start=TEN + 60), service=replace(r.service, event_type="2")))
    with pytest.raises(RefusedError) as first:
        cancel(r, locked.id)
    r.clock.sleep(2 * 86_400)
    with pytest.raises(RefusedError) as second:
        cancel(r, ended.id)

    assert (first.value.reason, second.value.reason) == (Refusal.NOT_PERMITTED, Refusal.NOT_PERMITTED)


def test_a_404_that_is_not_about_the_booking_is_not_a_cancel() -> None:
    r = answering(404, enveloped(404, "Cannot POST /v3/bookings/u1/cancel", "NotFoundException"))

    with pytest.raises(SetupError):
        cancel(r, "u1")


def test_an_id_cannot_leave_its_place_in_the_path() -> None:
    seen: list[bytes] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request.url.raw_path)
        return httpx.Response(200, json={"status": "success", "data": MINIMAL})

    r = rig()
    r.calendar = adapter(httpx.MockTransport(handler), r.clock)
    r.calendar.read("../me?x=1#y", deadline=r.deadline)

    assert seen == [b"/v2/bookings/..%2Fme%3Fx%3D1%23y"]


# --- the account -----------------------------------------------------------------------------------------------------


def test_event_types_of_the_owner_and_of_the_teams_are_listed_once() -> None:
    r = rig(
        EventType(1, "Cleaning"),
        EventType(2, "Whitening", minutes=60, requires_confirmation=True),
        EventType(3, "Pool", scheduling="roundRobin", team=7),
    )

    listed = r.calendar.event_types(deadline=r.deadline)

    assert [(e.id, e.name, e.minutes, e.requires_approval) for e in listed] == [
        ("1", "Cleaning", 30, False),
        ("2", "Whitening", 60, True),
        ("3", "Pool", 30, False),
    ]


@pytest.mark.parametrize("status", [403, 404])
def test_an_account_without_a_right_to_teams_lists_its_own(status: int) -> None:
    r = rig()
    whole = transport(r.api, clock=r.clock)

    def handler(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/teams"):
            return httpx.Response(status, json=enveloped(status, "Forbidden resource", "ForbiddenException"))
        return whole.handle_request(request)

    r.calendar = adapter(httpx.MockTransport(handler), r.clock)

    assert [e.id for e in r.calendar.event_types(deadline=r.deadline)] == ["1"]


def test_a_revoked_key_is_a_mistake_in_the_set_up_whatever_is_asked() -> None:
    r = rig()
    r.api.keys.clear()
    asks: list[Callable[[], object]] = [
        r.create,
        r.find,
        lambda: r.look(Interval(TEN, TEN + 60)),
        lambda: r.calendar.read("u1", deadline=r.deadline),
        lambda: r.calendar.move("u1", r.wish(), deadline=r.deadline),
        lambda: cancel(r, "u1"),
        lambda: r.calendar.event_types(deadline=r.deadline),
    ]
    for ask in asks:
        with pytest.raises(SetupError):
            ask()


def test_the_adapter_says_how_cal_com_behaves() -> None:
    traits = rig().calendar.traits

    assert (traits.own, traits.repeats_safely, traits.moves, traits.needs_email) == (False, False, "new_object", False)
