from __future__ import annotations

import subprocess
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import httpx
import pytest

from slotline.adapters.calendars.microsoft.graph import PREFER
from slotline.adapters.calendars.microsoft.requests import PLACES, TAG_PROPERTY, tag_in
from slotline.adapters.calendars.microsoft.zones import zone_named
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
from slotline.domain.time import Interval, local_day_start, minute_of
from tests.fakes import FakeClock
from tests.servers.microsoft import APP_TOKEN, OWNER, Folder, Mailbox
from tests.unit.microsoft_rig import ADA, Rig, adapter, answering, at, error, rig
from tests.unit.rigs import DAY, TEN, TUESDAY

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.servers.faulty import Answer
    from tests.servers.microsoft_mailbox import Item

BEN = "ben@contoso.example"


# --- what is sent ----------------------------------------------------------------------------------------------------


def test_the_caller_is_shown_where_a_person_looks() -> None:
    desk = rig()
    desk.create()

    sent = desk.api.seen[0].body
    assert sent["subject"] == "Cleaning - Ada Byron"
    assert sent["body"] == {
        "contentType": "text",
        "content": "Name: Ada Byron\nPhone: +14155550111\nE-mail: ada@example.com\nNotes: Rings <twice> & waits",
    }
    assert sent["transactionId"] == "tag-1:0"
    assert sent["start"] == {"dateTime": f"{at(TEN):%Y-%m-%dT%H:%M:%S}", "timeZone": "UTC"}
    assert sent["showAs"] == "busy"
    assert sent["singleValueExtendedProperties"] == [{"id": TAG_PROPERTY, "value": "tag-1"}]
    assert "attendees" not in sent
    assert desk.api.store.mails == []


def test_every_request_asks_for_utc_and_lasting_ids() -> None:
    desk = rig()
    made = desk.create()
    desk.move(made.id, start=TEN + 60)
    desk.look()
    desk.find()
    desk.cancel(made.id)

    assert {request.headers["prefer"] for request in desk.api.seen} == {PREFER}


def test_the_same_wish_gives_the_same_bytes_at_any_time(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = rig(options={"invite": "true"}, where=Where("teams"))
    bodies: list[bytes] = []
    inner = desk.api.answer

    def heard(method: str, target: str, headers: dict[str, str], body: bytes) -> Answer:
        bodies.append(body)
        return inner(method, target, headers, body)

    monkeypatch.setattr(desk.api, "answer", heard)
    desk.create()
    desk.clock.sleep(30)
    desk.create()

    assert bodies[0] == bodies[1]
    assert len(desk.items) == 1


def test_an_invitation_goes_out_only_where_it_is_wanted_and_the_address_is_known() -> None:
    desk = rig(options={"invite": "true"}, email_fallback="desk@contoso.example")
    made = desk.create()
    desk.create(desk.wish("tag-2", contact=replace(ADA, email=None)))

    assert [(mail.kind, mail.to) for mail in desk.api.store.mails] == [("invited", ("ada@example.com",))]
    assert made.email == "ada@example.com"


@pytest.mark.parametrize(
    ("where", "sent"),
    [
        (Where("in_person", "1 Main Street"), {"location": {"displayName": "1 Main Street"}}),
        (Where("phone"), {"location": {"displayName": "Call +14155550111"}}),
        (Where("phone", "+14155550100"), {"location": {"displayName": "+14155550100"}}),
        (Where("link", "https://meet.example/x"), {"location": {"displayName": "https://meet.example/x"}}),
        (Where("teams"), {"isOnlineMeeting": True, "onlineMeetingProvider": "teamsForBusiness"}),
        (Where(), {}),
    ],
)
def test_the_place_is_said_in_outlooks_words(where: Where, sent: dict[str, object]) -> None:
    desk = rig(where=where)
    desk.create()

    body = desk.api.seen[0].body
    assert {k: body[k] for k in ("location", "isOnlineMeeting", "onlineMeetingProvider") if k in body} == sent


@pytest.mark.parametrize("kind", ["meet", "zoom", "cal_video"])
def test_a_place_that_outlook_cannot_make_names_the_field(kind: str) -> None:
    desk = rig(where=Where(kind))

    with pytest.raises(SetupError, match=r"services\.cleaning\.where\.kind"):
        desk.create()
    assert desk.api.seen == []
    assert kind not in PLACES


def test_a_link_of_our_own_comes_back() -> None:
    assert rig(where=Where("link", "https://meet.example/x")).create().link == "https://meet.example/x"


@pytest.mark.parametrize(
    ("mode", "links"), [("at_once", (True, True)), ("late", (False, True)), ("never", (False,) * 2)]
)
def test_a_teams_link_may_come_late_or_never(mode: str, links: tuple[bool, bool]) -> None:
    desk = rig(where=Where("teams"))
    desk.api.store.teams = mode
    made = desk.create()
    desk.clock.sleep(61)

    assert (made.link is not None, desk.read(made.id).link is not None) == links


def test_ids_are_encoded_in_paths() -> None:
    desk = rig()
    made = desk.create()
    desk.read(made.id)
    targets = [target for _, target, _, _ in desk.api.exchanges]

    assert "+" in made.id
    assert any("/events/AAkALg%2B0001%3D?" in target for target in targets)


def test_a_name_too_long_for_a_subject_is_cut_and_kept_whole_in_the_text() -> None:
    desk = rig()
    desk.create(desk.wish(contact=Contact(name="A" * 400)))

    assert len(desk.api.seen[0].body["subject"]) == 255
    assert "A" * 400 in desk.api.seen[0].body["body"]["content"]


# --- creating again --------------------------------------------------------------------------------------------------


def test_a_repeated_create_gives_the_same_event() -> None:
    desk = rig()

    assert desk.create() == desk.create()
    assert len(desk.items) == 1


@pytest.mark.parametrize("status", [400, 409])
@pytest.mark.parametrize("named", [True, False])
def test_a_create_repeated_with_another_body_gives_our_event(status: int, named: bool) -> None:
    desk = rig()
    desk.api.duplicate_status, desk.api.names_existing = status, named
    made = desk.create()
    desk.service = replace(desk.service, name="Renamed")

    again = desk.create()

    assert (again.id, again.tag, again.span) == (made.id, "tag-1", made.span)
    assert len(desk.items) == 1


def test_an_event_a_person_moved_is_given_where_it_is() -> None:
    desk = rig()
    made = desk.create()
    desk.api.store.people_move(made.id, at(TEN + 120))
    desk.service = replace(desk.service, name="Renamed")

    assert desk.create().span == Interval(TEN + 120, TEN + 150)


@pytest.mark.parametrize(("after", "keeps"), [("duplicate", False), ("duplicate", True), ("old", True)])
def test_an_event_a_person_deleted_is_never_raised_from_the_dead(after: str, keeps: bool) -> None:
    desk = rig()
    store = desk.api.store
    store.after_deletion, store.keeps_deleted = after, keeps
    made = desk.create()
    desk.clock.sleep(200)
    store.people_delete(made.id)
    desk.clock.sleep(61)

    with pytest.raises(RefusedError) as refused:
        desk.create()
    assert refused.value.reason is Refusal.GONE
    assert [item.is_deleted for item in desk.items] == [True]


def test_a_new_generation_makes_a_new_event() -> None:
    desk = rig()
    made = desk.create()
    desk.cancel(made.id)

    again = desk.create(desk.wish(generation=1))

    assert again.id != made.id
    assert desk.find() == (again,)


def test_what_cannot_be_learned_about_an_earlier_create_is_a_doubt() -> None:
    desk = rig()
    desk.create()
    desk.service = replace(desk.service, name="Renamed")
    for kind in ("error_before", "too_many", "unauthorized", "drop_before"):
        desk.api.fault(kind, on="read", times=2)

        with pytest.raises(InDoubtError):
            desk.create()
        desk.api._faults.clear()


def test_the_answer_to_a_create_need_not_echo_our_transaction() -> None:
    desk = rig()
    shown = {
        "id": "AAkALg1", "start": {"dateTime": "2030-01-01T10:00:00.0000000", "timeZone": "UTC"},
        "end": {"dateTime": "2030-01-01T10:30:00.0000000", "timeZone": "UTC"}, "unheardOf": [1],
    }  # fmt: skip
    desk = answering(201, shown)

    assert desk.create().tag == "tag-1"


# --- doubt and delay -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["stall", "error_after", "drop_after", "unreadable", "drip"])
def test_a_lost_answer_to_a_create_is_in_doubt_and_the_event_is_found(kind: str) -> None:
    desk = rig()
    desk.api.fault(kind, seconds=9)

    with pytest.raises(InDoubtError):
        desk.create()
    assert [event.tag for event in desk.find()] == ["tag-1"]
    assert desk.create().id == desk.items[0].id


def test_a_create_executed_late_makes_no_second_event() -> None:
    desk = rig()
    desk.api.fault("late", seconds=20)
    with pytest.raises(InDoubtError):
        desk.create()
    made = desk.create()
    desk.clock.sleep(30)
    desk.api.settle()

    assert [item.id for item in desk.items] == [made.id]


def test_throttling_says_when_to_come_back() -> None:
    desk = rig()
    desk.api.fault("too_many", on="*", seconds=17, times=2)

    asks: list[Callable[[], object]] = [desk.create, desk.look]
    for ask in asks:
        with pytest.raises(NotExecutedError) as told:
            ask()
        assert told.value.retry_after == 17
    assert desk.items == []


def test_a_refused_token_is_a_credential_error_everywhere() -> None:
    desk = rig(options={"also_check": BEN})
    made = desk.create()
    desk.api.login.tokens.clear()
    asks: list[Callable[[], object]] = [
        desk.create,
        desk.look,
        desk.find,
        lambda: desk.read(made.id),
        lambda: desk.move(made.id, start=TEN + 60),
        lambda: desk.cancel(made.id),
        desk.events,
    ]

    for ask in asks:
        with pytest.raises(CredentialError):
            ask()


def test_a_token_that_is_none_is_never_sent() -> None:
    for token in ("", "two\nlines", "ключ"):
        desk = rig(token=token)
        with pytest.raises(SetupError, match="connect again"):
            desk.create()
        assert desk.api.seen == []


def test_a_fourth_request_waits_for_room_no_longer_than_its_deadline() -> None:
    release, inside = threading.Event(), threading.Semaphore(0)
    shown = httpx.Response(200, json={"value": []})

    def handle(_: httpx.Request) -> httpx.Response:
        inside.release()
        release.wait(5)
        return shown

    clock = FakeClock()
    calendar = adapter(httpx.MockTransport(handle), clock)
    window = Interval(TUESDAY, TUESDAY + 60)
    threads = [
        threading.Thread(target=lambda: calendar.events(window=window, deadline=clock.now() + 5)) for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for _ in threads:
        assert inside.acquire(timeout=5)

    with pytest.raises(NotExecutedError, match="no room"):
        calendar.events(window=window, deadline=clock.now() + 0.05)
    release.set()
    for thread in threads:
        thread.join(5)
    assert calendar.events(window=window, deadline=clock.now() + 5) == ()


# --- the table of refusals -------------------------------------------------------------------------------------------

ROWS: list[tuple[int, str, str, type[ProviderError], str]] = [
    (400, "ErrorInvalidRequest", "create", SetupError, "HTTP 400 ErrorInvalidRequest"),
    (400, "ErrorPropertyValidationFailure", "create", SetupError, "ErrorPropertyValidationFailure"),
    (400, "TimeZoneNotSupportedException", "create", SetupError, "time_zone"),
    (400, "ErrorInvalidRecipients", "create", RefusedError, "needs_field"),
    (400, "ErrorOccurrenceCrossingBoundary", "cancel", RefusedError, "not_permitted"),
    (400, "ErrorInvalidIdMalformed", "read", RefusedError, "gone"),
    (400, "ErrorInvalidIdMalformed", "look", SetupError, "calendar_id"),
    (403, "ErrorAccessDenied", "create", SetupError, "auth"),
    (403, "insufficient_claims", "look", SetupError, "auth"),
    (403, "SomethingNew", "look", SetupError, "auth"),
    (404, "ErrorItemNotFound", "read", RefusedError, "gone"),
    (404, "ErrorItemNotFound", "look", SetupError, "calendar_id"),
    (404, "ResourceNotFound", "read", SetupError, "mailbox"),
    (404, "MailboxNotEnabledForRESTAPI", "create", SetupError, "mailbox"),
    (404, "MailboxNotEnabledForRESTAPI", "cancel", SetupError, "mailbox"),
    (404, "SomethingNew", "create", SetupError, "calendar_id"),
    (409, "ErrorConcurrentItemSave", "create", InDoubtError, "409"),
    (412, "ErrorIrresolvableConflict", "create", InDoubtError, "412"),
    (409, "ErrorConcurrentItemSave", "look", NotExecutedError, "409"),
    (410, "Anything", "read", RefusedError, "gone"),
    (403, "ApplicationThrottled", "look", NotExecutedError, "Throttled"),
    (429, "ApplicationThrottled", "create", NotExecutedError, "429"),
    (418, "SomethingNew", "create", SetupError, "HTTP 418"),
    (302, "SomethingNew", "look", SetupError, "HTTP 302"),
    (500, "generalException", "create", InDoubtError, "500"),
    (503, "serviceNotAvailable", "create", InDoubtError, "503"),
    (503, "serviceNotAvailable", "look", NotExecutedError, "503"),
]


@pytest.mark.parametrize(("status", "code", "call", "kind", "words"), ROWS)
def test_each_refusal_has_its_meaning(status: int, code: str, call: str, kind: type[ProviderError], words: str) -> None:
    desk = answering(status, error(code))
    calls: dict[str, Callable[[], object]] = {
        "create": desk.create,
        "look": desk.look,
        "read": lambda: desk.read("x"),
        "cancel": lambda: desk.cancel("x"),
    }

    with pytest.raises(kind, match=words) as told:
        calls[call]()
    assert type(told.value) is kind
    if kind is SetupError:
        assert "calendars.main" in str(told.value)
    if isinstance(told.value, RefusedError) and told.value.reason is Refusal.NEEDS_FIELD:
        assert told.value.field == "email"


def test_an_inner_code_decides_too_and_no_message_is_repeated() -> None:
    body = error("badRequest", inner="ErrorInvalidIdMalformed")
    body["error"]["message"] = "ada@example.com"

    with pytest.raises(RefusedError) as told:
        answering(400, body).read("x")
    assert "ada" not in str(told.value)


def test_a_cancel_of_what_is_gone_is_done() -> None:
    for status, code in ((404, "ErrorItemNotFound"), (410, "Gone")):
        answering(status, error(code)).cancel("x")


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"error": []}', b'{"error": {"code": 7}}', b"[" * 60_000])
def test_a_refusal_that_cannot_be_read_is_a_setup_error(body: bytes) -> None:
    with pytest.raises(SetupError, match="HTTP 400"):
        answering(400, body).create()


@pytest.mark.parametrize("body", [{}, {"id": "x"}, [], {"id": "x", "start": {"dateTime": "soon"}, "end": {}}])
def test_a_success_that_cannot_be_read_is_a_doubt_after_a_write_and_nothing_after_a_read(body: object) -> None:
    with pytest.raises(InDoubtError):
        answering(201, body).create()
    with pytest.raises(NotExecutedError):
        answering(200, body).read("x")
    with pytest.raises(NotExecutedError):
        answering(200, {"value": [body]}).look()


# --- finding and reading ---------------------------------------------------------------------------------------------


def test_an_event_is_found_where_a_person_moved_it() -> None:
    desk = rig()
    made = desk.create()
    desk.api.store.people_move(made.id, at(TEN + 3 * DAY))

    (found,) = desk.find()
    assert (found.id, found.span.start) == (made.id, TEN + 3 * DAY)


def test_a_tag_that_differs_in_case_only_is_not_ours() -> None:
    desk = rig()
    desk.create(desk.wish("TAG-1", start=TEN + 300))

    assert desk.find(desk.wish("tag-1")) == ()


def test_a_tag_is_searched_for_literally() -> None:
    desk = rig()
    wish = desk.wish("it's' or 1 eq 1")
    made = desk.create(replace(wish, times=desk.wish(start=TEN + 600).times))

    assert [event.id for event in desk.find(wish)] == [made.id]
    assert desk.find(desk.wish("it's")) == ()


def test_a_hit_at_the_wishes_time_needs_no_search() -> None:
    desk = rig()
    made = desk.create()
    desk.api.fault("error_before", on="search", times=2)

    assert [event.id for event in desk.find()] == [made.id]
    desk.api._faults.clear()
    desk.api.fault("error_before", on="search", times=2)
    with pytest.raises(NotExecutedError):
        desk.find(desk.wish("tag-2"))


def test_while_views_lag_nothing_is_believed_to_be_gone() -> None:
    desk = rig()
    desk.api.store.lag = 40
    made = desk.create()

    with pytest.raises(NotExecutedError):
        desk.read(made.id)
    desk.clock.sleep(41)
    assert desk.read(made.id).status == "accepted"


@pytest.mark.parametrize("keeps", [True, False])
def test_an_event_in_deleted_items_does_not_stand(keeps: bool) -> None:
    desk = rig()
    desk.api.store.keeps_deleted = keeps
    made = desk.create()
    desk.api.store.people_delete(made.id)
    desk.clock.sleep(61)

    if keeps:
        assert desk.read(made.id).status == "cancelled"
    else:
        with pytest.raises(RefusedError):
            desk.read(made.id)
    assert desk.find() == ()
    assert desk.events() == ()


def test_an_event_that_the_calendar_shows_as_cancelled_does_not_stand(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = rig()
    made = desk.create()
    desk.clock.sleep(61)
    shown = desk.api.store.view

    def cancelled(mailbox: Mailbox, folder: Folder, start: datetime, end: datetime) -> list[Item]:
        return [replace(item, is_cancelled=True) for item in shown(mailbox, folder, start, end)]

    monkeypatch.setattr(desk.api.store, "view", cancelled)  # cancelled between two of our requests

    assert desk.read(made.id).status == "cancelled"


@pytest.mark.parametrize(
    ("transaction", "tag"),
    [("tag-1:0", "tag-1"), ("localevent:5f0c-aa", None), ("a:b:1", None), ("x", None), (None, None), (":1", None)],
)
def test_only_transactions_of_ours_carry_a_tag(transaction: str | None, tag: str | None) -> None:
    assert tag_in(transaction) == tag


# --- moving ----------------------------------------------------------------------------------------------------------


def test_a_move_changes_both_times_and_sees_the_event_there() -> None:
    desk = rig(options={"invite": "true"})
    made = desk.create()

    moved = desk.move(made.id, start=TEN + 60)

    assert moved == desk.read(made.id)
    assert (moved.id, moved.span, moved.tag) == (made.id, Interval(TEN + 60, TEN + 90), "tag-1")
    assert desk.sent("PATCH") == [f"/me/events/{made.id}"]
    assert [r.headers["if-match"] for r in desk.api.seen if r.method == "PATCH"] == [made.etag]
    assert [mail.kind for mail in desk.api.store.mails] == ["invited", "moved"]


def test_a_move_to_where_it_is_already_changes_nothing() -> None:
    desk = rig()
    made = desk.create()

    assert desk.move(made.id, start=TEN).span == made.span
    assert desk.sent("PATCH") == []


@pytest.mark.parametrize("kind", ["stall", "error_after", "drop_after", "unreadable"])
def test_a_move_whose_answer_was_lost_is_seen_to_have_happened(kind: str) -> None:
    desk = rig()
    made = desk.create()
    desk.api.fault(kind, on="move", seconds=9)

    with pytest.raises(InDoubtError):
        desk.move(made.id, start=TEN + 60)
    assert desk.read(made.id).span.start == TEN + 60
    assert desk.move(made.id, start=TEN + 60).span.start == TEN + 60
    assert len(desk.sent("PATCH")) == 1


def test_a_conflict_is_read_again_and_tried_once_more() -> None:
    desk = rig()
    made = desk.create()
    desk.api.conflicts = 1

    assert desk.move(made.id, start=TEN + 60).span.start == TEN + 60
    desk.api.conflicts = 2
    with pytest.raises(InDoubtError):
        desk.move(made.id, start=TEN + 120)


@pytest.mark.parametrize(
    ("operation", "kind"), [("read", "error_before"), ("move", "too_many"), ("move", "unauthorized")]
)
def test_what_follows_a_conflict_is_a_doubt_when_it_fails(
    operation: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = rig()
    made = desk.create()
    desk.api.conflicts = 1
    found, asked = desk.api.store.item, []

    def item(mailbox: Mailbox, item_id: str) -> Item:
        asked.append(item_id)
        if len(asked) == 2:  # the first change is on its way and will be refused
            desk.api.fault(kind, on=operation, times=2)
        return found(mailbox, item_id)

    monkeypatch.setattr(desk.api.store, "item", item)  # a fault at the worst moment

    with pytest.raises(InDoubtError):
        desk.move(made.id, start=TEN + 60)
    assert len(asked) >= 2


@pytest.mark.parametrize("enforced", [True, False])
def test_a_move_beside_a_persons_change_ends_where_we_want_it(enforced: bool) -> None:
    desk = rig()
    desk.api.store.enforces_if_match = enforced
    made = desk.create()
    desk.api.store.people_move(made.id, at(TEN + 300))

    assert desk.move(made.id, start=TEN + 60).span.start == TEN + 60


def test_a_move_of_a_deleted_event_is_doubted_and_then_gone() -> None:
    desk = rig()
    desk.api.store.keeps_deleted = True
    made = desk.create()
    desk.api.store.people_delete(made.id)

    with pytest.raises(InDoubtError):
        desk.move(made.id, start=TEN + 60)
    desk.clock.sleep(61)
    with pytest.raises(RefusedError) as refused:
        desk.move(made.id, start=TEN + 60)
    assert refused.value.reason is Refusal.GONE


def test_a_move_that_views_do_not_show_yet_is_a_doubt() -> None:
    desk = rig()
    made = desk.create()
    desk.api.store.lag = 20

    with pytest.raises(InDoubtError):
        desk.move(made.id, start=TEN + 60)
    desk.clock.sleep(21)
    assert desk.move(made.id, start=TEN + 60).span.start == TEN + 60


def test_what_fails_after_the_change_is_a_doubt() -> None:
    desk = rig()
    made = desk.create()
    desk.api.fault("too_many", on="view")

    with pytest.raises(InDoubtError):
        desk.move(made.id, start=TEN + 60)


def test_the_event_of_another_booking_is_not_moved() -> None:
    desk = rig()
    made = desk.create()

    with pytest.raises(RefusedError) as refused:
        desk.move(made.id, start=TEN + 60, tag="tag-2")
    assert refused.value.reason is Refusal.NOT_PERMITTED
    assert desk.sent("PATCH") == []


# --- cancelling ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("keeps", [True, False])
@pytest.mark.parametrize("invite", ["true", "false"])
def test_cancelling_twice_is_cancelling(keeps: bool, invite: str) -> None:
    desk = rig(options={"invite": invite})
    desk.api.store.keeps_deleted = keeps
    made = desk.create()
    for _ in range(3):
        desk.cancel(made.id)

    assert desk.find() == ()
    assert [mail.kind for mail in desk.api.store.mails] == (["invited", "cancelled"] if invite == "true" else [])


def test_attendees_are_told_why() -> None:
    desk = rig(options={"invite": "true"})
    desk.cancel(desk.create().id)

    assert desk.api.seen[-1].body == {"Comment": "changed their mind"}
    assert desk.sent("DELETE") == []


def test_what_cannot_be_cancelled_is_deleted() -> None:
    desk = rig(options={"invite": "true"})
    desk.api.store.cancels_without_attendees = False
    made = desk.create(desk.wish(contact=replace(ADA, email=None)))
    desk.cancel(made.id)

    assert desk.sent("DELETE") == [f"/me/events/{made.id}"]
    assert desk.events() == ()


def test_a_cancel_without_an_answer_is_a_doubt_that_a_repeat_ends() -> None:
    desk = rig()
    made = desk.create()
    desk.api.fault("drop_after", on="delete")

    with pytest.raises(InDoubtError):
        desk.cancel(made.id)
    desk.cancel(made.id)
    assert desk.find() == ()


# --- looking ---------------------------------------------------------------------------------------------------------


def test_busy_times_are_merged_and_one_may_be_left_out() -> None:
    desk = rig()
    made = desk.create()
    desk.people_add(600, minutes=45)
    desk.people_add(645, minutes=15)
    desk.people_add(700, minutes=20)

    assert desk.look() == ((600, 660), (700, 720))
    assert desk.look(moving=desk.items[1].id) == ((600, 630), (645, 660), (700, 720))
    assert made.id == desk.items[0].id


@pytest.mark.parametrize(
    ("show_as", "blocks"),
    [("busy", True), ("tentative", True), ("oof", True), ("unknown", True), ("free", False),
     ("workingElsewhere", False), ("BUSY", True), ("Free", False), ("something new", True)],
)  # fmt: skip
def test_what_a_time_is_shown_as_decides(show_as: str, blocks: bool) -> None:
    desk = rig(Mailbox(OWNER), Mailbox(BEN), options={"also_check": BEN})
    desk.people_add(60, show_as=show_as)
    desk.people_add(180, show_as=show_as, mailbox=BEN)

    assert desk.look() == (((60, 120), (180, 240)) if blocks else ())
    assert (desk.events() != ()) == blocks


def test_a_look_asks_for_times_and_nothing_personal() -> None:
    desk = rig()
    desk.look()

    assert not {"subject", "attendees", "location", "body"} & set(desk.api.seen[0].query["$select"].split(","))
    assert "$expand" not in desk.api.seen[0].query


def test_declined_and_cancelled_events_block_nothing() -> None:
    desk = rig()
    desk.people_add(60, response="declined")
    desk.people_add(180, is_cancelled=True)

    assert desk.look() == ()
    assert desk.events() == ()


def test_ours_is_listed_even_when_a_person_showed_it_as_free() -> None:
    desk = rig()
    made = desk.create()
    desk.items[0].show_as = "free"
    foreign = desk.people_add(60)

    assert {(e.id, e.tag) for e in desk.events()} == {(made.id, "tag-1"), (foreign.id, None)}


def test_events_that_begin_before_the_window_are_listed_too() -> None:
    desk = rig()
    desk.people_add(-30, minutes=60)
    desk.people_add(-60, minutes=60)

    assert [e.span.start - TUESDAY for e in desk.events()] == [-30]


def test_seconds_are_rounded_away_from_free_time_and_a_moment_blocks_nothing() -> None:
    desk = rig()
    begin = at(TUESDAY + 60)
    desk.api.store.people_add(begin + timedelta(seconds=30), begin + timedelta(minutes=10, seconds=1))
    desk.api.store.people_add(begin + timedelta(hours=3), begin + timedelta(hours=3))

    assert desk.look() == ((60, 71),)


def test_every_page_and_every_occurrence_counts() -> None:
    desk = rig()
    desk.api.page_size = 7
    for number in range(24):
        desk.people_add(number * 60, minutes=30)
    desk.people_add(45, minutes=10, days=3)

    assert len(desk.events(days=3)) == 27
    assert len(desk.look()) == 25


def test_a_link_to_a_page_elsewhere_is_taken_to_our_own_server() -> None:
    asked: list[str] = []

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        more = (
            {"@odata.nextLink": "https://evil.example/v1.0/me/calendar/calendarView?$skip=1"} if len(asked) == 1 else {}
        )
        return httpx.Response(200, json={"value": [], **more})

    clock = FakeClock()
    window = Interval(TUESDAY, TUESDAY + 60)
    adapter(httpx.MockTransport(handle), clock).events(window=window, deadline=clock.now() + 5)

    assert asked[1] == "https://graph.test/v1.0/me/calendar/calendarView?$skip=1"


@pytest.mark.parametrize("link", [7, "elsewhere", "https://evil.example/x", ""])
def test_a_link_we_cannot_follow_is_no_end_of_a_list(link: object) -> None:
    with pytest.raises(NotExecutedError):
        answering(200, {"value": [], "@odata.nextLink": link}).look()


def test_a_list_without_an_end_is_left() -> None:
    with pytest.raises(NotExecutedError, match="without an end"):
        answering(200, {"value": [], "@odata.nextLink": f"{'https://graph.test/v1.0/me/calendar'}/calendarView"}).look()


# --- further calendars -----------------------------------------------------------------------------------------------


def also(*lines: str, **options: str) -> dict[str, str]:
    return {"also_check": "\n".join(lines), **options}


def test_other_calendars_and_mailboxes_count_as_busy_and_are_never_written_to() -> None:
    second = Folder("AQMk-second=", "Second", is_default=False)
    own = Mailbox(OWNER, folders={"AQMk-default=": Folder("AQMk-default="), second.id: second})
    desk = rig(own, Mailbox(BEN), options=also(BEN, "", second.id, BEN))
    desk.people_add(60, folder=second.id)
    desk.people_add(180, mailbox=BEN)
    desk.people_add(300)
    made = desk.create()

    assert desk.look() == ((60, 120), (180, 240), (300, 360), (600, 630))
    assert desk.look(moving=made.id) == ((60, 120), (180, 240), (300, 360))
    assert [e.span.start - TUESDAY for e in desk.events()] == [300, 600]
    assert [r.body["schedules"] for r in desk.api.seen if r.path.endswith("/getSchedule")] == [[BEN], [BEN]]


def test_the_chosen_calendar_is_the_one_that_is_written_to() -> None:
    second = Folder("AQMk-second=", "Second", is_default=False)
    own = Mailbox(OWNER, folders={"AQMk-default=": Folder("AQMk-default="), second.id: second})
    desk = rig(own, options={"calendar_id": second.id, "mailbox": OWNER})
    desk.people_add(60)
    made = desk.create()

    assert desk.items[-1].folder == second.id
    assert desk.look() == ((600, 630),)
    assert [e.id for e in desk.find()] == [made.id]
    assert desk.sent("POST") == [f"/users/{OWNER}/calendars/{second.id}/events"]
    assert [e.name for e in desk.calendar.event_types(deadline=desk.deadline)] == ["Calendar", "Second"]


def test_the_mailbox_itself_is_not_asked_a_second_time() -> None:
    desk = rig(options=also(OWNER.upper(), mailbox=OWNER))
    made = desk.create()

    assert desk.look(moving=made.id) == ()


def test_calendars_that_cannot_be_written_to_are_not_offered() -> None:
    shared = Folder("AQMk-shared=", "Shared", is_default=False, can_edit=False)
    own = Mailbox(OWNER, folders={"AQMk-default=": Folder("AQMk-default="), shared.id: shared})

    assert [e.id for e in rig(own).calendar.event_types(deadline=FakeClock().now() + 5)] == ["AQMk-default="]


def test_forty_one_mailboxes_and_a_hundred_days_are_asked_in_parts() -> None:
    people = [f"p{n}@contoso.example" for n in range(41)]
    desk = rig(Mailbox(OWNER), *(Mailbox(p) for p in people), options=also(*people))
    desk.people_add(60, mailbox=people[40], day=TUESDAY + 99 * DAY)

    assert desk.look(days=100) == ((99 * DAY + 60, 99 * DAY + 120),)
    asked = [r.body for r in desk.api.seen if r.path.endswith("/getSchedule")]
    assert sorted(len(body["schedules"]) for body in asked) == [1, 1, 20, 20, 20, 20]
    assert set(desk.sent("GET")) == {"/me/calendar/calendarView"}


@pytest.mark.parametrize(
    ("code", "kind"),
    [("ErrorMailRecipientNotFound", SetupError), ("ErrorNoFreeBusyAccess", SetupError), ("5006", NotExecutedError),
     ("ErrorServerBusy", NotExecutedError), ("SomethingNew", NotExecutedError)],
)  # fmt: skip
def test_a_schedule_with_an_error_is_never_free(code: str, kind: type[ProviderError]) -> None:
    desk = rig(Mailbox(OWNER), Mailbox(BEN, schedule_error=code), options=also(BEN))

    with pytest.raises(kind) as told:
        desk.look()
    assert BEN not in str(told.value)
    if kind is SetupError:
        assert "calendars.main.also_check" in str(told.value)


@pytest.mark.parametrize(
    "schedules", [[], [{"scheduleId": "x@y"}], [{"scheduleId": BEN}], [{"scheduleId": BEN, "scheduleItems": None}]]
)
def test_a_schedule_that_says_nothing_is_never_free(schedules: list[object]) -> None:
    def handle(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"value": schedules if "getSchedule" in request.url.path else []})

    clock = FakeClock()
    calendar = adapter(httpx.MockTransport(handle), clock, options=also(BEN))
    desk = rig()
    desk.calendar = calendar

    with pytest.raises(NotExecutedError):
        desk.look()


@pytest.mark.parametrize("tenant", ["consumers", "common"])
def test_a_personal_account_is_asked_for_events_instead(tenant: str) -> None:
    desk = rig(Mailbox(OWNER, is_personal=True), Mailbox(BEN), options=also(BEN, tenant=tenant))
    desk.people_add(180, mailbox=BEN)

    assert desk.look() == ((180, 240),)
    assert len(desk.sent("POST")) == (tenant == "common")


def test_a_refused_token_is_not_taken_for_a_personal_account() -> None:
    desk = rig(Mailbox(OWNER), Mailbox(BEN), options=also(BEN))
    desk.api.fault("unauthorized", on="schedule")

    with pytest.raises(CredentialError):
        desk.look()


def test_a_mailbox_nobody_may_see_names_the_field() -> None:
    desk = rig(Mailbox(OWNER, is_personal=True), options=also("nobody@contoso.example"))

    with pytest.raises(SetupError, match=r"calendars\.main\.also_check"):
        desk.look()


def test_an_app_for_itself_must_name_the_mailbox() -> None:
    with pytest.raises(SetupError, match=r"calendars\.main\.mailbox"):
        rig(options={"auth": "client_credentials"}, token=APP_TOKEN).create()

    desk = rig(options={"auth": "client_credentials", "mailbox": OWNER}, token=APP_TOKEN)
    assert desk.create().tag == "tag-1"
    with pytest.raises(SetupError, match=r"calendars\.main\.auth"):
        rig(options={"auth": "password"}).create()
    with pytest.raises(SetupError, match=r"calendars\.main\.mailbox"):
        rig(options={"mailbox": "nobody@contoso.example"}).look()
    with pytest.raises(SetupError, match=r"calendars\.main\.calendar_id"):
        rig(options={"calendar_id": "AQMk-none="}).create()


# --- days and zones --------------------------------------------------------------------------------------------------


def all_day(desk: Rig, day: datetime, *, mailbox: str = OWNER) -> None:
    desk.api.store.people_add(day, day + timedelta(days=1), is_all_day=True, mailbox=mailbox)


@pytest.mark.parametrize(
    ("zone", "iana"),
    [("Pacific Standard Time", "America/Los_Angeles"), ("W. Europe Standard Time", "Europe/Berlin"), ("UTC", "UTC")],
)
@pytest.mark.parametrize("month", [1, 3, 6, 10, 11])
def test_an_all_day_event_blocks_the_mailboxes_own_day(zone: str, iana: str, month: int) -> None:
    desk = rig(Mailbox(OWNER, zone=zone), Mailbox(BEN, zone=zone), options=also(BEN))
    year = datetime.fromtimestamp(desk.clock.now(), UTC).year
    for day in (datetime(year, month, d, tzinfo=UTC) for d in (1, 8, 25, 29)):  # some of them change the clock
        all_day(desk, day)
        expected = Interval(
            local_day_start(day.date(), ZoneInfo(iana)),
            local_day_start(day.date() + timedelta(days=1), ZoneInfo(iana)),
        )

        assert expected in [e.span for e in desk.events(minute_of(day), days=2)]
        window = Interval(expected.end - 1, expected.end)
        seen = desk.calendar.look(desk.service, window=window, moving=None, deadline=desk.deadline)
        assert len(seen.intervals) == 1


@pytest.mark.parametrize("labels", [True, False])
@pytest.mark.parametrize("zone", ["Pacific Standard Time", "W. Europe Standard Time", "Pacific/Kiritimati"])
def test_every_hour_of_a_day_is_busy_however_it_is_filed(labels: bool, zone: str) -> None:
    desk = rig(Mailbox(OWNER, zone=zone))
    desk.api.store.files_days_in_utc = labels
    all_day(desk, at(TUESDAY))
    begin = int((at(TUESDAY).replace(tzinfo=desk.api.store.mailbox(OWNER).zone_info) - at(0)).total_seconds() // 60)

    hours = range(begin - 60, begin + DAY + 60, 60)
    assert [desk.look(hour, days=1 / 24) != () for hour in hours] == [False, *[True] * 24, False]


@pytest.mark.parametrize("labels", [True, False])
def test_a_whole_day_of_somebody_else_blocks_their_day_however_it_is_told(labels: bool) -> None:
    desk = rig(Mailbox(OWNER), Mailbox(BEN, zone="Pacific Standard Time"), options=also(BEN))
    desk.api.schedule_gives_labels = labels
    all_day(desk, at(TUESDAY), mailbox=BEN)

    seen = desk.look(days=2)
    assert any(start <= 8 * 60 and end >= 32 * 60 for start, end in seen)


def test_where_settings_are_closed_the_option_or_the_event_says_the_zone() -> None:
    closed = Mailbox(OWNER, zone="Pacific Standard Time", settings_are_open=False)
    desk = rig(closed)
    all_day(desk, at(TUESDAY))
    assert desk.look(days=2) == ((480, 480 + DAY),)

    desk = rig(closed, options={"time_zone": "Europe/Berlin"})
    all_day(desk, at(TUESDAY))
    assert desk.look(TUESDAY - DAY, days=2) == ((DAY - 60, 2 * DAY - 60),)
    assert "/me/mailboxSettings" not in desk.sent("GET")

    desk = rig(closed, options={"time_zone": "Mars/Olympus"})
    all_day(desk, at(TUESDAY))
    with pytest.raises(SetupError, match=r"calendars\.main\.time_zone"):
        desk.look()


def test_a_refused_token_is_not_taken_for_closed_settings() -> None:
    desk = rig()
    all_day(desk, at(TUESDAY))
    desk.api.fault("unauthorized", on="settings")

    with pytest.raises(CredentialError):
        desk.look()


def test_a_day_without_any_zone_is_not_guessed() -> None:
    days = (("start", 1), ("end", 2))
    midnights = {key: {"dateTime": f"2030-07-0{day}T00:00:00", "timeZone": "UTC"} for key, day in days}
    entry = {"id": "AAkALg1", "isAllDay": True, "originalStartTimeZone": "tzone://Microsoft/Custom", **midnights}
    desk = answering(200, {"value": [entry]})

    with pytest.raises(SetupError, match=r"calendars\.main\.time_zone"):
        desk.look()


def test_a_server_that_ignores_our_zone_is_understood() -> None:
    shown = {
        "id": "AAkALg1",
        "start": {"dateTime": "2030-07-01T02:00:00.0000000", "timeZone": "Pacific Standard Time"},
        "end": {"dateTime": "2030-07-01T09:30:00.0000000", "timeZone": "Etc/UTC"},
    }
    made = answering(201, shown).create()

    assert (at(made.span.start), made.span.minutes) == (datetime(2030, 7, 1, 9, tzinfo=UTC), 30)
    shown["start"] = {"dateTime": "2030-07-01T02:00:00", "timeZone": "tzone://Microsoft/Custom"}
    with pytest.raises(InDoubtError):
        answering(201, shown).create()


def test_zones_have_three_kinds_of_names() -> None:
    assert zone_named("W. Europe Standard Time") == ZoneInfo("Europe/Berlin")
    assert zone_named("America/New_York") == ZoneInfo("America/New_York")
    assert zone_named("tzone://Microsoft/Utc") == zone_named("") == zone_named(None) == ZoneInfo("UTC")
    assert {zone_named(name) for name in ("tzone://Microsoft/Custom", "Nowhere/At_All", "../etc/passwd", "x")} == {None}


def test_importing_the_adapter_imports_no_heavy_library() -> None:
    modules = ["calendar", "webhooks", "subscriptions", "tokens"]
    names = ",".join(f"slotline.adapters.calendars.microsoft.{m}" for m in modules)
    code = f"import {names}, sys; sys.exit(any(m in sys.modules for m in ('httpx', 'icalendar', 'pydantic', 'boto3')))"
    path = ":".join(p for p in sys.path if p)

    assert subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": path}, check=False).returncode == 0
