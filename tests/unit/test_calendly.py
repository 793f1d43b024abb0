from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from slotline.adapters.calendars.calendly.budget import Budget, Use
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
from slotline.domain.time import Interval, utc_iso
from tests.servers.calendly_desk import ORGANIZATION, ROOT, EventType, Host
from tests.servers.faulty import transport
from tests.unit.calendly_rig import ADA, BEN, adapter, moment, problem, refusing, rig
from tests.unit.rigs import DAY, TEN, TUESDAY

ZOOM, CALL, RING = (
    {"kind": "zoom_conference"},
    {"kind": "outbound_call"},
    {"kind": "inbound_call", "phone_number": "+1"},
)
OFFICE, HOUSE = {"kind": "physical", "location": "1 Main St"}, {"kind": "physical", "location": "2 Side St"}
TEXT = {"name": "Anything to prepare?", "type": "text"}
PHONE = {"name": "Phone Number", "type": "phone_number"}


def test_importing_the_adapter_loads_no_heavy_library() -> None:
    names = "calendar, tokens, webhooks"
    code = f"import sys; from slotline.adapters.calendars.calendly import {names}; sys.exit('httpx' in sys.modules)"

    done = subprocess.run([sys.executable, "-c", code], check=False, env={"PYTHONPATH": ":".join(sys.path)})

    assert done.returncode == 0


def test_its_traits_are_those_of_class_a_that_needs_an_address() -> None:
    traits = rig().calendar.traits

    assert (traits.repeats_safely, traits.moves, traits.needs_email) == (False, "new_object", True)


# --- what is sent ----------------------------------------------------------------------------------------------------


def test_a_create_says_all_that_a_person_wants_to_see() -> None:
    r = rig(EventType(questions=(TEXT,)))
    r.create(r.wish(contact=replace(ADA, notes="first visit")))

    (sent,) = r.asked("POST", "invitees")
    assert sent == {
        "event_type": f"{ROOT}/event_types/TYPE1",
        "start_time": utc_iso(TEN),
        "invitee": {
            "name": "Ada Byron",
            "email": "ada@example.com",
            "timezone": "Europe/Rome",
            "text_reminder_number": "+14155550111",
        },
        "tracking": {
            "utm_source": "slotline",
            "utm_medium": None,
            "utm_campaign": None,
            "utm_term": None,
            "utm_content": "tag-1",
            "salesforce_uuid": None,
        },
        "questions_and_answers": [
            {"question": "Anything to prepare?", "answer": "first visit\nPhone: +14155550111", "position": 0}
        ],
    }


def test_a_phone_question_takes_the_number_and_text_the_rest() -> None:
    r = rig(EventType(questions=(PHONE | {"required": True}, TEXT)))
    r.create(r.wish(contact=replace(ADA, notes="first visit")))

    (sent,) = r.asked("POST", "invitees")
    assert [a["answer"] for a in sent["questions_and_answers"]] == ["+14155550111", "first visit"]


@pytest.mark.parametrize(
    ("question", "contact", "field"),
    [
        (PHONE | {"required": True}, replace(ADA, phone=None), "phone"),
        (TEXT | {"required": True}, ADA, "notes"),
        (TEXT, replace(ADA, email=None), "email"),
        (TEXT, replace(ADA, name=" "), "name"),
    ],
)
def test_what_only_the_caller_knows_is_asked_for_before_anything_is_sent(
    question: dict[str, Any], contact: Contact, field: str
) -> None:
    r = rig(EventType(questions=(question,)))

    with pytest.raises(RefusedError) as refused:
        r.create(r.wish(contact=contact))
    assert (refused.value.reason, refused.value.field) == (Refusal.NEEDS_FIELD, field)
    assert r.asked("POST", "invitees") == []


def test_a_question_that_no_caller_is_asked_must_be_optional() -> None:
    choice = {"name": "Size", "type": "single_select", "required": True, "answer_choices": ["1", "2"]}
    r = rig(EventType(questions=(choice,)))

    with pytest.raises(SetupError, match=r"services\.cleaning\.event_type.*'Size'"):
        r.create()


def test_text_reminders_can_be_left_out() -> None:
    r = rig(options={"text_reminders": "false"})
    r.api.desk.reminders = False
    r.create()

    assert "text_reminder_number" not in r.asked("POST", "invitees")[0]["invitee"]


def test_the_tag_stands_in_the_field_that_was_chosen() -> None:
    r = rig(options={"tag_field": "utm_term"})
    made = r.create()

    assert r.asked("POST", "invitees")[0]["tracking"]["utm_term"] == "tag-1"
    assert (made.tag, r.find()) == ("tag-1", (made,))
    with pytest.raises(SetupError, match=r"calendars\.main\.tag_field"):
        rig(options={"tag_field": "metadata"}).create()


def test_the_fallback_address_is_each_callers_own_and_stays_the_same() -> None:
    r = rig(email_fallback="desk@example.com")
    first, other = Contact(name="Ada", phone="+14155550111"), Contact(name="Ada", phone="+14155550122")
    r.create(r.wish("tag-1", contact=first))
    r.create(r.wish("tag-2", contact=other, start=TEN + 60))
    r.create(r.wish("tag-3", contact=first, start=TEN + 120))

    one, two, three = (sent["invitee"]["email"] for sent in r.asked("POST", "invitees"))
    assert one == three != two
    assert (one.startswith("desk+"), one.endswith("@example.com")) == (True, True)
    assert [e.tag for e in r.find(r.wish("tag-2", contact=other, start=TEN + 60))] == ["tag-2"]


@pytest.mark.parametrize(
    ("where", "offered", "location"),
    [
        (Where(), (), None),
        (Where(), (ZOOM,), None),
        (Where(), (CALL,), {"kind": "outbound_call", "location": "+14155550111"}),
        (Where(), (ZOOM, CALL), {"kind": "zoom_conference"}),
        (Where("zoom"), (OFFICE, ZOOM), {"kind": "zoom_conference"}),
        (Where("meet"), ({"kind": "google_conference"},), {"kind": "google_conference"}),
        (Where("teams"), ({"kind": "microsoft_teams_conference"},), {"kind": "microsoft_teams_conference"}),
        (Where("phone"), (CALL, RING), {"kind": "outbound_call", "location": "+14155550111"}),
        (Where("phone", "+1"), (CALL, RING), {"kind": "inbound_call", "location": "+1"}),
        (Where("in_person", "2 Side St"), (OFFICE, HOUSE), {"kind": "physical", "location": "2 Side St"}),
        (Where("in_person", "3 New St"), ({"kind": "ask_invitee"},), {"kind": "ask_invitee", "location": "3 New St"}),
        (Where("link", "https://x.test"), ({"kind": "custom"},), {"kind": "custom", "location": "https://x.test"}),
        (Where("zoom"), None, {"kind": "zoom_conference"}),
        (Where(), None, None),
    ],
)
def test_the_place_is_one_of_the_event_types_own(
    where: Where, offered: tuple[dict[str, str], ...] | None, location: dict[str, str] | None
) -> None:
    r = rig(EventType(locations=offered), where=where)
    r.create()

    assert r.asked("POST", "invitees")[0].get("location") == location


@pytest.mark.parametrize(
    ("where", "offered", "names"),
    [
        (Where("zoom"), (OFFICE,), r"services\.cleaning\.where\.kind.*physical"),
        (Where("cal_video"), (OFFICE,), r"services\.cleaning\.where\.kind"),
        (Where("in_person"), ({"kind": "ask_invitee"},), r"services\.cleaning\.where\.detail"),
    ],
)
def test_a_place_that_is_not_offered_is_a_mistake_in_the_set_up(
    where: Where, offered: tuple[dict[str, str], ...], names: str
) -> None:
    with pytest.raises(SetupError, match=names):
        rig(EventType(locations=offered), where=where).create()


def test_a_call_to_a_caller_without_a_number_asks_for_it() -> None:
    r = rig(EventType(locations=(CALL,)), where=Where("phone"))

    with pytest.raises(RefusedError) as refused:
        r.create(r.wish(contact=replace(ADA, phone=None)))
    assert refused.value.field == "phone"


def test_the_link_of_a_meeting_comes_back() -> None:
    r = rig(EventType(locations=(ZOOM,)), where=Where("zoom"))

    made = r.create()

    assert (made.link, made.host) == ("https://zoom.example.com/1", "Ada Host")


# --- event types that cannot be booked as they are -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("event_type", "names"),
    [
        (EventType(active=False), r"services\.cleaning\.event_type"),
        (EventType(booking_method="poll"), r"services\.cleaning\.event_type"),
        (EventType(seats=3), r"services\.cleaning\.event_type.*cancel"),
        (EventType(pooling="round_robin"), r"calendars\.main\.organization"),
    ],
)
def test_an_event_type_that_does_not_fit_is_named(event_type: EventType, names: str) -> None:
    r = rig(event_type)

    for ask in (r.create, lambda: r.look(Interval(TEN, TEN + 60))):
        with pytest.raises(SetupError, match=names):
            ask()
    assert r.asked("POST", "invitees") == []


def test_a_correction_of_the_event_type_is_seen_at_once_and_a_good_one_remembered() -> None:
    r = rig(EventType(active=False))
    with pytest.raises(SetupError):
        r.create()
    r.api.desk.event_types["TYPE1"] = EventType()
    r.create()
    r.create(r.wish("tag-2", contact=BEN, start=TEN + 60))
    assert len(r.asked("GET", "TYPE1")) == 2

    r.clock.sleep(300)
    r.create(r.wish("tag-3", contact=BEN, start=TEN + 120))
    assert len(r.asked("GET", "TYPE1")) == 3


def test_a_remembered_event_type_that_does_not_fit_is_looked_at_again() -> None:
    r = rig()
    r.create()
    r.api.desk.event_types["TYPE1"] = EventType(minutes=45)
    r.service = replace(r.service, minutes=45)

    assert r.create(r.wish("tag-2", contact=BEN, start=TEN + 60)).span.minutes == 45


def test_another_length_than_the_event_types_is_named() -> None:
    r = rig()
    r.service = replace(r.service, minutes=45)

    with pytest.raises(SetupError, match=r"services\.cleaning\.minutes.*30"):
        r.create()


@pytest.mark.parametrize("event_type", [None, "", "a/b", "https://elsewhere.test/event_types/TYPE1", "TYPE9"])
def test_an_event_type_is_an_id_or_a_uri_that_calendly_knows(event_type: str | None) -> None:
    r = rig()
    r.service = replace(r.service, event_type=event_type)

    with pytest.raises(SetupError, match=r"services\.cleaning\.event_type"):
        r.create()


def test_the_uri_of_an_event_type_is_as_good_as_its_id() -> None:
    r = rig()
    r.service = replace(r.service, event_type=f"{ROOT}/event_types/TYPE1")

    assert r.create().tag == "tag-1"


def test_a_pooled_event_type_is_searched_in_the_whole_organisation() -> None:
    pool = EventType(hosts=(Host("USER1", "Ada Host"), Host("USER2", "Ben Host")), pooling="round_robin")
    r = rig(pool, options={"organization": ORGANIZATION})
    first, second = r.create(), r.create(r.wish("tag-2", contact=BEN))

    assert (first.host, second.host) == ("Ada Host", "Ben Host")
    assert r.find(r.wish("tag-2", contact=BEN)) == (second,)
    assert [e.id for e in r.calendar.event_types(deadline=r.deadline)] == ["TYPE1"]
    with pytest.raises(SetupError, match=r"services\.cleaning\.staff"):
        r.create(replace(r.wish("tag-3"), host="Ben Host"))


@pytest.mark.parametrize("option", ["user", "organization"])
def test_whose_account_it_is_must_be_a_uri(option: str) -> None:
    with pytest.raises(SetupError, match=rf"calendars\.main\.{option}"):
        rig(options={option: "ORG1"}).find()


def test_the_tokens_own_user_is_asked_for_once() -> None:
    r = rig()
    r.find()
    r.find()

    assert len(r.asked("GET", "me")) == 1
    assert {q["user"] for q in r.asked("GET", "scheduled_events")} == {f"{ROOT}/users/USER1"}


# --- availability ----------------------------------------------------------------------------------------------------


def test_a_long_window_is_asked_for_in_parts_of_31_days() -> None:
    r = rig()
    starts = r.look(Interval(TUESDAY, TUESDAY + 50 * DAY))

    queries = r.asked("GET", "event_type_available_times")
    assert [(q["start_time"], q["end_time"]) for q in queries] == [
        (utc_iso(TUESDAY), utc_iso(TUESDAY + 31 * DAY)),
        (utc_iso(TUESDAY + 31 * DAY), utc_iso(TUESDAY + 50 * DAY)),
    ]
    assert len(starts) == len(set(starts)) == 36 * 16  # working days, 16 starts each


def test_an_account_with_the_old_limit_is_asked_for_weeks() -> None:
    r = rig()
    r.api.longest_days = 7
    first = r.look(Interval(TUESDAY, TUESDAY + 20 * DAY))
    asked = len(r.asked("GET", "event_type_available_times"))
    again = r.look(Interval(TUESDAY, TUESDAY + 20 * DAY))

    assert first == again
    assert len(first) == 14 * 16
    assert asked == 1 + 3
    assert len(r.asked("GET", "event_type_available_times")) == asked + 3  # it is remembered


def test_the_window_begins_in_the_future_by_any_clock() -> None:
    r = rig()
    now = int(r.clock.now() // 60)

    assert min(r.look(Interval(now - 600, now + DAY))) == now + 30
    assert r.look(Interval(now - 600, now)) == ()
    assert r.look(Interval(now - 600, now + 2)) == ()


def test_starts_are_utc_whatever_the_hosts_clock_does() -> None:
    week = ((("09:00", "10:00"),),) * 7
    r = rig(EventType(zone="Europe/Berlin", week=week))
    change = int(moment(TUESDAY).replace(month=3, day=29, hour=0).timestamp() // 60)  # summer time begins
    r.clock.time = (change - 5 * DAY) * 60.0

    starts = r.look(Interval(change - DAY, change + DAY))

    assert starts == (change - DAY + 480, change - DAY + 510, change + 420, change + 450)


def test_only_what_is_available_is_offered() -> None:
    slots = [
        {"status": "available", "invitees_remaining": 1, "start_time": utc_iso(TEN)},
        {"status": "tentative", "invitees_remaining": 1, "start_time": utc_iso(TEN + 30)},
        {"status": "available", "invitees_remaining": 0, "start_time": utc_iso(TEN + 60)},
        {"status": "available", "invitees_remaining": 1, "start_time": utc_iso(TEN - 60)},
        {"status": "available", "start_time": utc_iso(TEN + 90)},
    ]
    r = refusing(200, {"collection": slots}, on="/event_type_available_times")

    assert r.look(Interval(TEN, TEN + 120)) == (TEN, TEN + 90)


@pytest.mark.parametrize("body", [{}, {"collection": {}}, {"collection": [{"status": "available"}]}, b"{"])
def test_availability_that_cannot_be_read_is_not_an_empty_calendar(body: object) -> None:
    with pytest.raises(NotExecutedError):
        refusing(200, body, on="/event_type_available_times").look(Interval(TEN, TEN + 60))


def test_who_moves_is_offered_their_own_start() -> None:
    r = rig()
    made = r.create()

    assert r.look(Interval(TEN, TEN + 60)) == (TEN + 30,)
    assert r.look(Interval(TEN, TEN + 60), moving=made.id) == (TEN, TEN + 30)
    r.cancel(made.id)
    assert r.look(Interval(TEN + 30, TEN + 60), moving=made.id) == (TEN + 30,)
    assert r.look(Interval(TEN + 30, TEN + 60), moving="never-there") == (TEN + 30,)


# --- success in every shape ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("envelope", ["resource", "invitee"])
def test_both_shapes_of_a_success_are_understood(envelope: str) -> None:
    r = rig()
    r.api.envelope = envelope

    made = r.create()

    assert (made.tag, made.email, made.span.start) == ("tag-1", "ada@example.com", TEN)
    assert made == r.read(made.id)


INVITEE = {"uri": f"{ROOT}/scheduled_events/E1/invitees/I1", "event": f"{ROOT}/scheduled_events/E1"}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"resource": {}},
        {"resource": f"{ROOT}/scheduled_events/E1"},
        {"resource": INVITEE},  # without a tag nobody knows whose it is
        {"resource": INVITEE | {"tracking": {"utm_content": None}}},
        [],
        b"{",
    ],
)
def test_a_success_that_cannot_be_read_is_in_doubt(body: object) -> None:
    with pytest.raises(InDoubtError):
        refusing(201, body).create()


def test_a_bare_invitee_is_understood_too() -> None:
    r = refusing(201, INVITEE | {"tracking": {"utm_content": "tag-1"}})

    assert r.create() == replace(r.create(), id="E1", tag="tag-1", span=r.wish().times.span)


def test_the_tag_of_somebody_elses_booking_is_told() -> None:
    assert refusing(201, {"resource": INVITEE | {"tracking": {"utm_content": "tag-9"}}}).create().tag == "tag-9"


@pytest.mark.parametrize("kind", ["error_before", "unauthorized", "too_many", "drop_before", "unreadable"])
def test_once_it_is_booked_no_failure_looks_like_nothing_had_happened(kind: str) -> None:
    r = rig()
    r.api.fault(kind, on="read", times=2)

    made = r.create()

    assert (made.tag, made.span.start, made.status) == ("tag-1", TEN, "accepted")
    assert r.live() == [TEN]


# --- doubt -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "committed"),
    [("error_after", True), ("drop_after", True), ("unreadable", True), ("stall", True), ("error_before", False)],
)
def test_a_lost_answer_is_in_doubt_and_looked_up_by_the_tag(kind: str, committed: bool) -> None:
    r = rig()
    r.api.fault(kind, seconds=20)

    with pytest.raises(InDoubtError):
        r.create()
    assert [e.tag for e in r.find()] == ["tag-1"] * committed
    assert len(r.asked("POST", "invitees")) == 1


@pytest.mark.parametrize(("when", "live"), [("before", []), ("after", [TEN])])
def test_a_failed_connected_calendar_leaves_a_doubt(when: str, live: list[int]) -> None:
    r = rig()
    r.api.desk.external = [when]

    with pytest.raises(InDoubtError):
        r.create()
    assert r.live() == live


@pytest.mark.parametrize("kind", ["too_many", "unauthorized"])
def test_what_was_not_executed_is_said_to_be(kind: str) -> None:
    r = rig()
    r.api.fault(kind, seconds=17)

    with pytest.raises((NotExecutedError, CredentialError)) as error:
        r.create()
    assert isinstance(error.value, CredentialError) == (kind == "unauthorized")
    assert getattr(error.value, "retry_after", 17) == 17
    assert r.live() == []


def test_what_lists_do_not_show_yet_is_found_later() -> None:
    r = rig()
    r.api.desk.lag = 10
    r.api.fault("error_after")
    with pytest.raises(InDoubtError):
        r.create()
    assert r.find() == ()

    r.clock.sleep(10)

    assert [e.tag for e in r.find()] == ["tag-1"]


def test_a_booking_keeps_its_tag_while_invitees_are_not_shown_yet() -> None:
    r = rig()
    r.api.desk.lag = 10

    assert r.create().tag == "tag-1"


# --- every refusal ---------------------------------------------------------------------------------------------------

BAD = "Invalid Argument"


@pytest.mark.parametrize(
    ("status", "body", "reason", "field"),
    [
        (400, problem(BAD, "x", {"code": "already_filled", "message": "m"}), Refusal.TAKEN, None),
        (409, problem("Conflict", "x"), Refusal.TAKEN, None),
        (422, problem(BAD, "The time is no longer available"), Refusal.TAKEN, None),
        (400, problem(BAD, "This slot is already booked"), Refusal.TAKEN, None),
        (400, problem(BAD, "x", {"parameter": "start_time", "message": "off the grid"}), Refusal.OUTSIDE_HOURS, None),
        (
            400,
            problem(BAD, "x", {"parameter": "start_time", "message": "violates the minimum notice"}),
            Refusal.TOO_SOON_OR_FAR,
            None,
        ),
        (400, problem(BAD, "start is in the past"), Refusal.TOO_SOON_OR_FAR, None),
        (
            400,
            problem(BAD, "x", {"parameter": "invitee.email", "message": "is not a valid email"}),
            Refusal.NEEDS_FIELD,
            "email",
        ),
        (
            400,
            problem(BAD, "x", {"parameter": "invitee.first_name", "message": "blank"}),
            Refusal.NEEDS_FIELD,
            "name",
        ),
    ],
)
def test_a_refused_booking_has_its_reason(status: int, body: object, reason: Refusal, field: str | None) -> None:
    with pytest.raises(RefusedError) as refused:
        refusing(status, body).create()
    assert (refused.value.reason, refused.value.field) == (reason, field)
    assert "ada" not in str(refused.value).lower()


@pytest.mark.parametrize(
    ("status", "body", "names"),
    [
        (400, problem(BAD, "x", {"parameter": "event_type", "message": "m"}), r"services\.cleaning\.event_type"),
        (404, problem("Resource Not Found", "x"), r"services\.cleaning\.event_type"),
        (400, problem(BAD, "x", {"parameter": "location.kind", "message": "m"}), r"services\.cleaning\.where"),
        (400, problem(BAD, "x", {"parameter": "questions_and_answers", "message": "m"}), r"\.event_type.*optional"),
        (400, problem(BAD, "x", {"parameter": "tracking.utm_content", "message": "m"}), r"calendars\.main\.tag_field"),
        (
            400,
            problem(BAD, "x", {"parameter": "invitee.text_reminder_number", "message": "m"}),
            r"calendars\.main\.text_reminders",
        ),
        (400, problem(BAD, "x", {"parameter": "invitee.timezone", "message": "m"}), "time_zone"),
        (403, problem("Permission Denied", "Please upgrade your account"), r"calendars\.main.*plan"),
        (403, problem("Permission Denied", "Insufficient scope"), r"calendars\.main\.api_key.*scope"),
        (400, problem(BAD, "for ada@example.com"), "HTTP 400 Invalid Argument$"),
        (418, b"teapot", "HTTP 418$"),
        (307, b"", "HTTP 307$"),
    ],
)
def test_a_mistake_in_the_set_up_names_the_field(status: int, body: object, names: str) -> None:
    with pytest.raises(SetupError, match=names):
        refusing(status, body).create()


@pytest.mark.parametrize("status", [408, 424, 500, 502, 503, 504])
def test_a_status_that_tells_nothing_is_in_doubt(status: int) -> None:
    with pytest.raises(InDoubtError):
        refusing(status, problem("External", "x")).create()


@pytest.mark.parametrize("status", [400, 422])
def test_words_that_could_mean_something_else_count_only_when_the_time_is_not_offered(status: int) -> None:
    body = problem(BAD, "This event type is not available")

    with pytest.raises(SetupError, match="a time that is offered"):
        refusing(status, body, times_offered=True).create()
    with pytest.raises(RefusedError):
        refusing(status, body).create()


@pytest.mark.parametrize(("status", "code"), [(400, True), (400, False), (409, True), (409, False), (422, False)])
def test_a_time_that_went_is_taken_whatever_calendly_says(status: int, code: bool) -> None:
    r = rig()
    r.api.desk.taken_status, r.api.desk.taken_code = status, code
    r.create(r.wish("tag-2", contact=BEN))

    with pytest.raises(RefusedError) as refused:
        r.create()
    assert refused.value.reason is Refusal.TAKEN


@pytest.mark.parametrize("kind", ["error_before", "too_many", "unauthorized"])
def test_an_unconfirmed_refusal_is_still_a_no(kind: str) -> None:
    r = rig()
    r.api.fault(kind, on="slots", times=2)

    with pytest.raises(RefusedError) as refused:
        r.create(r.wish(start=TEN + 10))
    assert refused.value.reason is Refusal.OUTSIDE_HOURS


def test_a_start_that_is_past_is_not_sent() -> None:
    r = rig()
    r.clock.time = TEN * 60.0

    with pytest.raises(RefusedError) as refused:
        r.create()
    assert refused.value.reason is Refusal.TOO_SOON_OR_FAR
    assert r.asked("POST", "invitees") == []


def test_the_fakes_own_refusals_are_all_understood() -> None:
    off_grid, at_night = rig(), rig()
    for r, start, reason in ((off_grid, TEN + 10, Refusal.OUTSIDE_HOURS), (at_night, TEN - 480, Refusal.OUTSIDE_HOURS)):
        with pytest.raises(RefusedError) as refused:
            r.create(r.wish(start=start))
        assert refused.value.reason is reason
    r = rig()
    r.api.books_by_api = False
    with pytest.raises(SetupError, match="plan"):
        r.create()
    r = rig()
    r.api.desk.reminders = False
    with pytest.raises(SetupError, match="text_reminders"):
        r.create()


@pytest.mark.parametrize(
    ("scopes", "ask"),
    [
        (set(), "look"),
        ({"event_types:read"}, "look"),
        ({"event_types:read", "availability:read", "users:read"}, "find"),
        ({"event_types:read", "scheduled_events:read"}, "create"),
    ],
)
def test_a_token_without_a_scope_is_a_mistake_in_the_set_up(scopes: set[str], ask: str) -> None:
    r = rig()
    r.api.scopes = scopes

    with pytest.raises(SetupError, match=r"calendars\.main\.api_key.*scope"):
        r.look(Interval(TEN, TEN + 60)) if ask == "look" else r.find() if ask == "find" else r.create()


def test_the_least_scopes_are_enough() -> None:
    r = rig()
    r.api.scopes = {"users:read", "event_types:read", "availability:read", "scheduled_events:write"}
    r.look(Interval(TEN, TEN + 60))
    r.cancel(r.move(r.create().id).id)

    assert r.live() == []


def test_a_member_who_may_not_search_the_organisation_is_told_so() -> None:
    r = rig(options={"organization": ORGANIZATION})
    r.api.is_admin = False

    with pytest.raises(SetupError, match=r"calendars\.main\.api_key"):
        r.find()


@pytest.mark.parametrize("token", ["schlüssel", "a\nb"])
def test_a_token_that_no_header_can_carry_is_a_mistake_in_the_set_up(token: str) -> None:
    r = rig()
    r.calendar = adapter(transport(r.api, clock=r.clock), r.clock, token=lambda: token)

    with pytest.raises(SetupError):
        r.create()


def test_the_live_token_is_asked_for_every_time() -> None:
    r = rig()
    tokens = iter(["old", "calendly_fake_token"])
    r.calendar = adapter(transport(r.api, clock=r.clock), r.clock, token=lambda: next(tokens, "calendly_fake_token"))

    with pytest.raises(CredentialError):
        r.create()
    assert r.create().tag == "tag-1"


# --- reading and finding ---------------------------------------------------------------------------------------------


def test_an_event_is_found_among_many_of_the_same_invitee() -> None:
    r = rig()
    r.api.quota.everything = ((60.0, 1000),)
    for number in range(120):
        day, slot = divmod(number, 4)
        start = moment(TUESDAY + DAY * (7 * (day // 4) + day % 4) + 540 + slot * 120)
        r.api.desk.book(EventType(), start, email="ada@example.com", name="Ada")
    made = r.create(r.wish(start=TEN + 30))

    assert [e.id for e in r.find(r.wish(start=TEN + 30))] == [made.id]
    assert len(r.asked("GET", "scheduled_events")) == 2


@pytest.mark.parametrize(("first", "wished"), [(TEN, TEN + 14 * DAY), (TEN + 14 * DAY, TEN)])
def test_an_event_is_found_wherever_it_stands(first: int, wished: int) -> None:
    r = rig()
    made = r.create(r.wish(start=first))

    assert r.find(r.wish(start=wished)) == (made,)


def test_an_event_that_has_begun_is_found_when_another_time_is_wished() -> None:
    r = rig()
    made = r.create()
    r.clock.time = (TEN + 120) * 60.0

    assert r.find(r.wish(start=TEN + 300)) == (made,)


def test_an_unknown_status_of_an_event_is_a_named_error() -> None:
    r = rig()
    made = r.create()
    r.api.desk.events[made.id].status = "tentative"

    with pytest.raises(NotExecutedError, match="unknown event status"):
        r.read(made.id)


def test_events_of_a_window_are_ours_with_tags_and_everybody_elses_without() -> None:
    r = rig()
    ours = r.create()
    kind = r.api.desk.event_types["TYPE1"]
    theirs = r.api.desk.book(kind, moment(TEN + 60), email="x@example.com", name="X").event
    gone = r.api.desk.book(kind, moment(TEN + 120), email="x@example.com", name="X").event
    r.api.desk.cancel(gone, reason=None)
    window = Interval(TEN + 15, TEN + 200)

    found = r.calendar.events(window=window, deadline=r.deadline)

    assert [(e.id, e.tag) for e in found] == [(ours.id, "tag-1"), (theirs.key, None)]
    asked = len(r.api.seen)
    assert r.calendar.events(window=window, deadline=r.deadline) == found
    assert len(r.api.seen) == asked + 1  # tags never change: they are remembered
    assert r.calendar.events(window=Interval(TEN + 30, TEN + 60), deadline=r.deadline) == ()


def test_seconds_are_rounded_to_what_is_certainly_covered() -> None:
    r = rig()
    made = r.create()
    r.api.desk.events[made.id].start += timedelta(seconds=30)

    assert r.read(made.id).span == Interval(TEN, TEN + 31)


def test_event_types_are_those_that_one_caller_can_book() -> None:
    r = rig(EventType(), EventType("TYPE2", seats=3), EventType("TYPE3", active=False), EventType("TYPE4", minutes=60))

    assert [(e.id, e.minutes) for e in r.calendar.event_types(deadline=r.deadline)] == [("TYPE1", 30), ("TYPE4", 60)]


# --- cancelling ------------------------------------------------------------------------------------------------------


def test_what_is_cancelled_or_unknown_counts_as_cancelled() -> None:
    r = rig()
    made = r.create()
    r.cancel(made.id)
    r.cancel(made.id)
    r.cancel("never-there")

    assert r.live() == []


@pytest.mark.parametrize("status", [408, 424, 500])
def test_a_cancellation_that_nobody_knows_about_is_in_doubt(status: int) -> None:
    r = refusing(status, problem("External", "x"), on="/cancellation")

    with pytest.raises(InDoubtError):
        r.cancel(r.create().id)


@pytest.mark.parametrize(
    ("message", "error"),
    [
        ("You are not allowed to cancel this event", RefusedError),
        ("Insufficient scope", SetupError),
        ("Event is already cancelled", None),
    ],
)
def test_a_refused_cancellation_has_its_reason(message: str, error: type[Exception] | None) -> None:
    r = refusing(403, problem("Permission Denied", message), on="/cancellation")
    made = r.create()
    if error is None:
        r.cancel(made.id)
    else:
        with pytest.raises(error):
            r.cancel(made.id)


def test_a_past_event_cannot_be_cancelled() -> None:
    r = rig()
    made = r.create()
    r.clock.time = TEN * 60.0

    with pytest.raises(RefusedError) as refused:
        r.cancel(made.id)
    assert refused.value.reason is Refusal.NOT_PERMITTED


@pytest.mark.parametrize("keeps", [True, False])
def test_what_the_invitee_rescheduled_is_found_read_and_cancelled(keeps: bool) -> None:
    r = rig()
    r.api.desk.keeps_tracking = keeps
    made = r.create()
    new = r.api.desk.invitee_reschedules(made.id, moment(TEN + 300))

    old = r.read(made.id)
    assert (old.status, old.moved_to) == ("cancelled", new.key)
    assert [(e.id, e.tag) for e in r.find()] == [(new.key, "tag-1")]
    found = r.calendar.events(window=Interval(TEN, TEN + 400), deadline=r.deadline)
    assert [(e.id, e.tag) for e in found] == [(new.key, "tag-1")]
    r.cancel(made.id)
    assert r.live() == []


def test_removing_a_duplicate_that_is_gone_spares_the_real_one() -> None:
    r = rig()
    duplicate = r.create()
    r.cancel(duplicate.id)
    r.create()

    r.cancel(duplicate.id)

    assert r.live() == [TEN]


# --- budget ----------------------------------------------------------------------------------------------------------


def test_the_last_bookings_of_a_minute_are_not_asked_for_in_vain() -> None:
    r = rig()
    for number in range(10):
        r.create(r.wish(f"tag-{number}", start=TEN + 30 * number))
    r.clock.sleep(20)

    with pytest.raises(NotExecutedError) as error:
        r.create(r.wish("tag-11", start=TEN + 330))
    assert 39 <= error.value.retry_after <= 41
    assert len(r.asked("POST", "invitees")) == 10
    r.clock.sleep(error.value.retry_after)
    assert r.create(r.wish("tag-11", start=TEN + 330)).tag == "tag-11"


def test_what_calendly_refused_is_not_asked_again_before_its_time() -> None:
    r = rig()
    r.api.fault("too_many", seconds=100)
    with pytest.raises(NotExecutedError):
        r.create()
    r.clock.sleep(60)

    with pytest.raises(NotExecutedError) as error:
        r.create()
    assert error.value.retry_after == 40
    assert len(r.asked("POST", "invitees")) == 1


def test_no_connection_says_nothing_about_the_quota() -> None:
    r = rig()
    inner, failures = transport(r.api, clock=r.clock), [httpx.ConnectError("refused")]

    def handle(request: httpx.Request) -> httpx.Response:
        if request.method == "POST" and failures:
            raise failures.pop()
        return inner.handle_request(request)

    r.calendar = adapter(httpx.MockTransport(handle), r.clock)
    with pytest.raises(NotExecutedError):
        r.create()

    assert r.create().tag == "tag-1"


@pytest.mark.parametrize(
    ("plan", "spent", "wait"),
    [("trial", 5, 86_400), ("paid", 10, 60), ("enterprise", 500, 60), ("free", 10, 60)],
)
def test_each_plan_has_its_limit(plan: str, spent: int, wait: float) -> None:
    budget = Budget(plan, name="main")
    for _ in range(spent):
        budget.spend(Use.BOOKING, now=1000.0)

    with pytest.raises(NotExecutedError) as error:
        budget.spend(Use.BOOKING, now=1000.0)
    assert error.value.retry_after == wait
    budget.spend(Use.BOOKING, now=1000.0 + wait)


def test_hours_and_days_are_counted_too() -> None:
    budget, now = Budget("paid", name="main"), 0.0
    for _ in range(50):
        budget.spend(Use.BOOKING, now=now)
        now += 7
    with pytest.raises(NotExecutedError) as error:
        budget.spend(Use.BOOKING, now=now)
    assert error.value.retry_after == 3600 - 350
    for number in range(50):
        budget.spend(Use.BOOKING, now=3600.0 + number * 7)
    with pytest.raises(NotExecutedError) as error:
        budget.spend(Use.BOOKING, now=8000.0)
    assert error.value.retry_after == 86_400 - 8000


def test_the_providers_own_word_wins_over_the_count() -> None:
    budget = Budget("paid", name="main")
    budget.learn({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "25"}, now=100.0)
    with pytest.raises(NotExecutedError) as error:
        budget.spend(Use.BOOKING, now=105.0)
    assert error.value.retry_after == 20
    budget.spend(Use.BOOKING, now=125.0)

    for _ in range(9):
        budget.spend(Use.BOOKING, now=126.0)
    budget.learn({"x-ratelimit-remaining": "2", "x-ratelimit-reset": "30"}, now=126.0)
    budget.spend(Use.BOOKING, now=127.0)
    budget.spend(Use.BOOKING, now=127.0)
    with pytest.raises(NotExecutedError):
        budget.spend(Use.BOOKING, now=127.0)
    budget.learn({"x-ratelimit-remaining": "many"}, now=127.0)


def test_who_was_allowed_more_than_we_counted_waits_for_all_of_them() -> None:
    budget = Budget("paid", name="main")
    for second in range(10):
        budget.spend(Use.BOOKING, now=100.0 + second)
    budget.learn({"x-ratelimit-remaining": "5", "x-ratelimit-reset": "10"}, now=120.0)
    for _ in range(5):
        budget.spend(Use.BOOKING, now=120.0)

    with pytest.raises(NotExecutedError) as error:
        budget.spend(Use.BOOKING, now=130.0)
    assert error.value.retry_after == 35  # when ten are left in the minute before, not when the first has passed


def test_questions_never_eat_what_a_booking_needs() -> None:
    r = rig(options={"plan": "free"})
    r.create()
    while len(r.api.seen) < 40:
        r.look(Interval(TEN, TEN + 60))

    with pytest.raises(NotExecutedError) as error:
        r.look(Interval(TEN, TEN + 60))
    assert error.value.retry_after == 60
    assert len(r.api.seen) == 40

    assert r.create(r.wish("tag-2", contact=BEN, start=TEN + 60)).tag == "tag-2"
    assert r.find()[0].tag == "tag-1"


def test_a_plan_is_one_of_calendlys() -> None:
    with pytest.raises(SetupError, match=r"calendars\.main\.plan"):
        rig(options={"plan": "platinum"}).create()


def test_no_time_left_is_nothing_done() -> None:
    r = rig()

    with pytest.raises(NotExecutedError):
        r.calendar.create(r.wish(), deadline=r.clock.now())
    assert r.api.seen == []


def test_errors_are_all_of_our_own_tree() -> None:
    for status in (400, 401, 402, 403, 404, 409, 410, 418, 422, 424, 429, 451, 500, 503):
        for body in (b"", b"[]", b"null", b'"x"', b"[" * 100_000, b'{"details": [1, {"parameter": 5}]}'):
            with pytest.raises(ProviderError):
                refusing(status, body).create()
