from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

import httpx
import pytest

from slotline.adapters.calendars.caldav.requests import PLACES, resource_of, uid_of
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
from slotline.domain.time import Interval
from tests.fakes import FakeClock
from tests.servers.caldav import PASSWORD, USER, CaldavApi, Shelf
from tests.servers.caldav_desk import GMX, ICLOUD, NEXTCLOUD, PRODUCTS, RADICALE, ZIMBRA
from tests.unit.caldav_rig import CLEANING, TUESDAY_TEXT, over, rig
from tests.unit.rigs import DAY, TEN, TUESDAY

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.servers.faulty import Answer, Request
    from tests.unit.caldav_rig import Rig

AN_HOUR = f"DTSTART:{TUESDAY_TEXT}T140000Z\nDTEND:{TUESDAY_TEXT}T150000Z"
NAME = resource_of(uid_of("desk", "tag-1", 0))


def refused(work: Callable[[], object]) -> Refusal:
    with pytest.raises(RefusedError) as caught:
        work()
    return caught.value.reason


# --- create ----------------------------------------------------------------------------------------------------------


def test_the_people_of_the_business_see_whom_they_expect_and_how_to_reach_them() -> None:
    r = rig()

    made = r.create()

    assert (made.tag, made.span, made.status) == ("tag-1", r.wish().times.span, "accepted")
    lines = r.text().split("\r\n")
    assert "SUMMARY:Cleaning: Ada Byron" in lines
    assert "DESCRIPTION:Phone: +14155550111\\nE-mail: ada@guest.example\\nNotes: Second floor\\, please" in lines
    assert {"DTSTART:20260106T100000Z", "DTEND:20260106T103000Z", "STATUS:CONFIRMED", "TRANSP:OPAQUE"} <= set(lines)
    assert not any(line.startswith(("ATTENDEE", "ORGANIZER", "METHOD")) for line in lines)
    assert made.id == f"/ada/cal/main/{NAME}"


def test_the_same_wish_is_the_same_bytes_under_the_same_name() -> None:
    first, second = rig(), rig()
    second.clock.sleep(3600)

    first.create()
    second.create()

    assert first.text() == second.text()
    assert list(first.shelf.resources) == list(second.shelf.resources) == [NAME]
    assert uid_of("desk", "tag-1", 1) != uid_of("desk", "tag-1", 0) != uid_of("other", "tag-1", 0)


def test_what_no_calendar_text_may_hold_is_left_out() -> None:
    r = rig()
    strange = Contact(name='Ada\x00 "A"\r\nDTSTART:1', phone="+14155550111", notes="a\x0b\ud800b\nc;d,e\\f\U0001f600")

    r.create(r.wish(contact=strange))

    lines = r.text().split("\r\n")
    assert 'SUMMARY:Cleaning: Ada "A"\\nDTSTART:1' in lines
    assert "DESCRIPTION:Phone: +14155550111\\nNotes: ab\\nc\\;d\\,e\\\\f\U0001f600" in lines


@pytest.mark.parametrize("product", sorted(PRODUCTS))
def test_a_create_is_repeated_harmlessly_at_every_product(product: str) -> None:
    r = rig(quirks=PRODUCTS[product])

    made, again = r.create(), r.create()

    assert (again.id, again.tag, again.span) == (made.id, made.tag, made.span)
    assert len(r.api.bookings()) == 1


@pytest.mark.parametrize("product", sorted(PRODUCTS))
@pytest.mark.parametrize("fault", ["drop_after", "error_after", "stall"])
def test_after_a_lost_answer_the_same_create_finds_its_event(product: str, fault: str) -> None:
    r = rig(quirks=PRODUCTS[product], create="direct")
    r.api.fault(fault, seconds=60)

    with pytest.raises(InDoubtError):
        r.create()
    again = r.create()

    assert again.tag == "tag-1"
    assert [e.id for e in r.find()] == [again.id]
    assert len(r.api.bookings()) == 1


@pytest.mark.parametrize("fault", ["error_before", "drop_before"])
def test_a_create_that_never_happened_is_made_by_the_next(fault: str) -> None:
    r = rig()
    r.api.fault(fault)

    with pytest.raises(InDoubtError):
        r.create()
    assert r.find() == ()

    assert r.create().tag == "tag-1"


def test_a_create_executed_late_makes_nothing_twice() -> None:
    r = rig(create="direct")
    r.api.fault("late", seconds=90)
    with pytest.raises(InDoubtError):
        r.create()

    r.create()
    r.clock.sleep(100)

    assert len(r.api.bookings()) == 1


def test_an_event_that_a_person_moved_meanwhile_is_given_where_it_stands() -> None:
    r = rig(create="direct")
    r.create()
    r.api.desk.person_moves(NAME, datetime(2026, 1, 7, 9, tzinfo=UTC), minutes=30)

    again = r.create()

    assert again.tag == "tag-1"
    assert again.span.start == TUESDAY + DAY + 540


@pytest.mark.parametrize("create", ["direct", "careful"])
def test_an_event_that_a_person_cancelled_is_gone_and_stays_so(create: str) -> None:
    r = rig(create=create)
    made = r.create()
    r.api.desk.person_edits(NAME, "STATUS:CONFIRMED", "STATUS:CANCELLED")

    assert refused(r.create) is Refusal.GONE
    assert r.find() == ()
    assert r.read(made.id).status == "cancelled"
    assert refused(lambda: r.move(made.id, r.wish(start=TEN + 60))) is Refusal.GONE
    r.cancel(made.id)
    assert len(r.api.bookings()) == 1  # what a person struck out is theirs to remove


@pytest.mark.parametrize("create", ["direct", "careful"])
def test_somebody_elses_event_under_our_name_is_neither_ours_nor_overwritten(create: str) -> None:
    r = rig(create=create)
    r.api.desk.person_adds(AN_HOUR, name=NAME)

    assert refused(r.create) is Refusal.NOT_PERMITTED
    assert r.find() == ()
    assert "person" in r.text()


def test_a_server_that_overwrites_is_looked_at_first() -> None:
    r = rig(quirks=ZIMBRA)
    r.create()
    r.api.desk.person_edits(NAME, "SUMMARY:", "SUMMARY:Paid! ")

    r.create()

    assert "Paid!" in r.text()


def test_known_servers_are_not_asked_first() -> None:
    r = rig(host="https://caldav.fastmail.com")
    r.create()
    assert "GET" not in r.methods()


def test_the_trash_bin_of_nextcloud_tells_that_the_event_was_deleted() -> None:
    r = rig(quirks=NEXTCLOUD)
    made = r.create()
    r.cancel(made.id)

    assert refused(r.create) is Refusal.GONE
    assert r.create(r.wish(generation=1)).tag == "tag-1"
    assert [e.tag for e in r.find(r.wish(generation=1))] == ["tag-1"]


@pytest.mark.parametrize("product", ["radicale", "xandikos", "nextcloud", "fastmail"])
@pytest.mark.parametrize("told", [True, False])
def test_our_event_under_another_name_is_found_by_its_uid(product: str, told: bool) -> None:
    r = rig(quirks=replace(PRODUCTS[product], names_the_other=told))
    r.create()
    r.shelf.resources["renamed.ics"] = r.shelf.resources.pop(NAME)

    again = r.create()

    assert again.tag == "tag-1"
    assert again.id.endswith("/renamed.ics")
    assert r.read(again.id) == again


def test_our_uid_in_a_calendar_we_do_not_know_is_a_definite_no() -> None:
    r = rig(quirks=replace(RADICALE, uid_conflict=(403, "unique-scheduling-object-resource")))
    r.create()
    r.shelf.resources["renamed.ics"] = r.shelf.resources.pop(NAME)
    r.shelf.resources["renamed.ics"].since = r.clock.now() + 3600  # in no report

    assert refused(r.create) is Refusal.NOT_PERMITTED


def test_a_client_that_drops_our_properties_leaves_the_uid_to_prove_it() -> None:
    r = rig(quirks=replace(RADICALE, drops_unknown=True))
    made = r.create()

    assert [e.tag for e in r.find()] == ["tag-1"]
    assert r.read(made.id).tag is None
    assert r.move(made.id, r.wish(start=TEN + 60)).span.start == TEN + 60


ERRORS = [
    (400, "", "", SetupError),
    (400, "valid-calendar-data", "", SetupError),
    (401, "", "", CredentialError),
    (403, "", "", SetupError),
    (403, "need-privileges", "", SetupError),
    (403, "max-date-time", "", RefusedError),
    (403, "min-date-time", "", RefusedError),
    (403, "no-uid-conflict", "", RefusedError),
    (403, "unique-scheduling-object-resource", "", RefusedError),
    (403, "quota-not-exceeded", "", SetupError),
    (404, "", "", SetupError),
    (405, "", "", SetupError),
    (408, "", "", InDoubtError),
    (409, "", "", SetupError),
    (409, "no-uid-conflict", "", RefusedError),
    (409, "", "Calendar object with uid already exists", RefusedError),
    (410, "", "", SetupError),
    (412, "", "", NotExecutedError),
    (412, "valid-calendar-data", "", SetupError),
    (412, "no-uid-conflict", "", RefusedError),
    (413, "", "", SetupError),
    (415, "", "", SetupError),
    (418, "", "", SetupError),
    (423, "", "", NotExecutedError),
    (425, "", "", NotExecutedError),
    (429, "", "", NotExecutedError),
    (400, "", "Deleted calendar object with uid already exists in this calendar", RefusedError),
    (302, "", "", SetupError),
    (500, "", "", InDoubtError),
    (503, "", "", InDoubtError),
    (507, "", "", InDoubtError),
]


@pytest.mark.parametrize(("status", "element", "message", "error"), ERRORS)
def test_every_refusal_of_a_create_has_its_meaning(
    status: int, element: str, message: str, error: type[ProviderError]
) -> None:
    inner = f'<C:{element} xmlns:C="urn:ietf:params:xml:ns:caldav"/>' if element else ""
    body = f'<error xmlns="DAV:">{inner}<s:message xmlns:s="http://sabredav.org/ns">{message}</s:message></error>'

    def handle(request: httpx.Request) -> httpx.Response:
        if request.method == "PUT":
            return httpx.Response(status, text=body, headers={"Location": "/elsewhere"})
        return httpx.Response(404)

    client = httpx.Client(transport=httpx.MockTransport(handle), base_url="https://dav.example")
    r = over(client, CaldavApi(), FakeClock(), calendar="/ada/cal/main/")

    with pytest.raises(ProviderError) as caught:
        r.create()

    assert type(caught.value) is error
    if error is SetupError:
        assert "calendars.main." in str(caught.value)
    assert "Ada" not in str(caught.value)


# --- place, invitation -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("where", "location"),
    [
        (Where("in_person", "1 Main Street, Springfield"), "1 Main Street\\, Springfield"),
        (Where("phone", "+14155550100"), "+14155550100"),
        (Where("phone"), "+14155550111"),
        (Where("link", "https://meet.example/x"), "https://meet.example/x"),
        (Where("zoom", "https://zoom.example/j/1"), "https://zoom.example/j/1"),
        (Where(), None),
    ],
)
def test_the_place_is_the_location(where: Where, location: str | None) -> None:
    r = rig()

    made = r.create(r.wish(service=replace(CLEANING, where=where)))

    lines = [line for line in r.text().split("\r\n") if line.startswith("LOCATION")]
    assert lines == ([f"LOCATION:{location}"] if location else [])
    assert made.link == (location if location and location.startswith("https") else None)


@pytest.mark.parametrize("kind", sorted({*PLACES, "moon"} - {"unspecified", "in_person", "phone"}))
def test_a_place_that_needs_a_link_which_is_not_there_is_a_mistake_in_the_set_up(kind: str) -> None:
    r = rig()
    with pytest.raises(SetupError, match=r"services\.cleaning\.where"):
        r.create(r.wish(service=replace(CLEANING, where=Where(kind))))
    assert r.api.bookings() == []


def test_a_call_to_the_caller_needs_a_number() -> None:
    r = rig()
    wish = r.wish(service=replace(CLEANING, where=Where("phone")), contact=replace(Contact(name="Ada")))
    with pytest.raises(RefusedError) as caught:
        r.create(wish)
    assert (caught.value.reason, caught.value.field) == (Refusal.NEEDS_FIELD, "phone")


def test_callers_are_invited_only_where_the_owner_wants_it() -> None:
    r = rig(invite="true")

    made = r.create()
    r.create(r.wish("tag-2", contact=replace(r.wish().contact, email=None)))

    texts = [b["text"].replace("\r\n ", "") for b in r.api.bookings()]
    assert f"ORGANIZER:mailto:{USER}" in texts[0]
    assert "ATTENDEE;" in texts[0]
    assert "mailto:ada@guest.example" in texts[0]
    assert "ATTENDEE" not in texts[1]
    assert made.email == "ada@guest.example"


# --- move and cancel -------------------------------------------------------------------------------------------------


def test_a_move_changes_the_times_and_nothing_that_people_wrote() -> None:
    r = rig()
    made = r.create()
    r.api.desk.person_edits(NAME, "SUMMARY:", "X-ROOM;SIZE=big:7\r\nSUMMARY:Paid! ")
    r.clock.sleep(60)

    moved = r.move(made.id, r.wish(start=TEN + 90))

    assert (moved.id, moved.tag, moved.span.start) == (made.id, "tag-1", TEN + 90)
    lines = r.text().split("\r\n")
    assert {"X-ROOM;SIZE=big:7", "SUMMARY:Paid! Cleaning: Ada Byron", "SEQUENCE:1", "X-BOOKING-ID:tag-1"} <= set(lines)
    assert {"DTSTART:20260106T113000Z", "DTEND:20260106T120000Z", "DTSTAMP:20260105T120100Z"} <= set(lines)
    assert len([line for line in lines if line.startswith(("DTSTART", "DTEND", "DURATION"))]) == 2
    assert r.read(made.id) == moved


def test_a_move_to_where_it_stands_writes_nothing() -> None:
    r = rig()
    made = r.create()
    before = len(r.shelf.log)

    assert r.move(made.id, r.wish()) == made
    assert len(r.shelf.log) == before


def test_a_move_whose_answer_was_lost_is_done_when_repeated() -> None:
    r = rig()
    made = r.create()
    later = r.wish(start=TEN + 60)
    r.api.fault("drop_after", on="move")

    with pytest.raises(InDoubtError):
        r.move(made.id, later)
    assert r.move(made.id, later).span == later.times.span
    assert r.text().count("SEQUENCE:1") == 1


class Lively(CaldavApi):
    """A person edits the event right after each of the next reads."""

    edits = 0

    def _get(self, request: Request) -> Answer:
        answer = super()._get(request)
        if self.edits:
            self.edits -= 1
            self.desk.person_edits(NAME, "SUMMARY:", "SUMMARY:!")
        return answer


def lively(edits: int) -> tuple[Rig, Lively, str]:
    r = rig()
    made = r.create()
    r.api.__class__ = Lively
    api = cast("Lively", r.api)
    api.edits = edits
    return r, api, made.id


def test_a_person_who_edits_at_the_same_moment_loses_nothing() -> None:
    r, api, event_id = lively(2)

    assert r.move(event_id, r.wish(start=TEN + 60)).span.start == TEN + 60
    assert "SUMMARY:!!Cleaning" in r.text()

    api.edits = 2
    r.cancel(event_id)
    assert r.api.bookings() == []


def test_an_event_that_never_rests_is_left_for_later() -> None:
    r, _, event_id = lively(99)

    for change in (lambda: r.move(event_id, r.wish(start=TEN + 60)), lambda: r.cancel(event_id)):
        with pytest.raises(NotExecutedError):
            change()


def test_weak_marks_do_not_stop_a_move() -> None:
    r = rig(quirks=replace(GMX, get_etag="weak"))
    made = r.create()

    assert r.move(made.id, r.wish(start=TEN + 60)).span.start == TEN + 60
    r.cancel(made.id)


def test_an_event_of_another_booking_is_not_moved() -> None:
    r = rig()
    made = r.create()
    assert refused(lambda: r.move(made.id, r.wish("tag-2", start=TEN + 60))) is Refusal.NOT_PERMITTED


@pytest.mark.parametrize("product", sorted(PRODUCTS))
def test_a_cancelled_event_is_gone_and_cancelling_again_is_done(product: str) -> None:
    r = rig(quirks=PRODUCTS[product])
    made = r.create()

    r.cancel(made.id)
    r.cancel(made.id)

    assert r.api.bookings() == []
    assert refused(lambda: r.read(made.id)) is Refusal.GONE


def test_a_cancel_whose_answer_was_lost_is_in_doubt_and_then_done() -> None:
    r = rig()
    made = r.create()
    r.api.fault("error_after", on="cancel")

    with pytest.raises(InDoubtError):
        r.cancel(made.id)
    r.cancel(made.id)


def test_the_event_of_a_person_is_never_deleted() -> None:
    r = rig()
    name = r.api.desk.person_adds(AN_HOUR)
    r.api.desk.person_puts("BEGIN:VCALENDAR\nEND:VCALENDAR\n", name="junk.ics")

    assert refused(lambda: r.cancel(f"/ada/cal/main/{name}")) is Refusal.NOT_PERMITTED
    assert refused(lambda: r.cancel("/ada/cal/main/junk.ics")) is Refusal.NOT_PERMITTED
    assert len(r.api.bookings()) == 2


def test_without_the_right_to_write_the_setting_is_named() -> None:
    r = rig()
    made = r.create()
    r.api.rights = False

    for change in (
        lambda: r.create(r.wish("tag-2")),
        lambda: r.move(made.id, r.wish(start=TEN + 60)),
        lambda: r.cancel(made.id),
    ):
        with pytest.raises(SetupError, match=r"calendars\.main\.calendar.*app password"):
            change()


# --- the login -------------------------------------------------------------------------------------------------------


def test_the_password_is_asked_for_each_time_and_a_refused_one_is_a_credential_error() -> None:
    words = ["wrong"]
    r = rig(password=lambda: words[0])
    with pytest.raises(CredentialError):
        r.create()
    words[0] = PASSWORD
    assert r.create().tag == "tag-1"


def test_a_login_name_must_be_there() -> None:
    for name in ("", "a:b"):
        with pytest.raises(SetupError, match=r"calendars\.main\.username"):
            rig(username=name).create()


def test_a_limit_of_requests_is_not_executed_and_says_when() -> None:
    r = rig()
    r.api.fault("too_many", seconds=17)
    with pytest.raises(NotExecutedError) as caught:
        r.create()
    assert caught.value.retry_after == 17


def test_importing_the_adapter_imports_nothing_heavy() -> None:
    heavy = ("httpx", "icalendar", "recurring_ical_events", "dateutil")
    code = (
        "import sys, slotline.adapters.calendars.caldav.calendar, slotline.adapters.calendars.caldav.changes;"
        f"print([m for m in {heavy!r} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_the_traits_are_those_of_class_b() -> None:
    traits = rig().calendar.traits
    assert (traits.repeats_safely, traits.moves, traits.own, traits.needs_email) == (True, "in_place", False, False)


def test_a_calendar_that_has_gone_is_named_and_discovered_anew() -> None:
    r = rig(Shelf("main", "Main"))
    r.create()
    r.api.desk.shelves["new"] = Shelf("new", "New")
    del r.api.desk.shelves["main"]

    with pytest.raises(SetupError, match=r"calendars\.main\.calendar"):
        r.create(r.wish("tag-2"))
    assert r.create(r.wish("tag-2")).id.startswith("/ada/cal/new/")


def test_the_partition_of_icloud_is_followed() -> None:
    r = rig(quirks=replace(ICLOUD, absolute_hrefs=True), host="https://caldav.icloud.com")

    made = r.create()

    assert r.api.hosts[-1] == "p34-caldav.icloud.com"
    assert r.read(made.id) == made
    assert [e.tag for e in r.events(Interval(TUESDAY, TUESDAY + DAY))] == ["tag-1"]
