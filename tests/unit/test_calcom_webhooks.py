from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from slotline.adapters.calendars._http import ProviderHttp
from slotline.adapters.calendars.calcom.webhooks import OLDEST_SECONDS, ORDERED, CalcomSubscriptions
from slotline.domain.business import Calendar
from slotline.domain.calls import HttpRequest
from slotline.domain.errors import CredentialError, InDoubtError, NotExecutedError, SetupError
from slotline.domain.hints import Hint, Subscription
from tests.servers.calcom import API_KEY, CalcomApi
from tests.servers.calcom_desk import EventType
from tests.servers.faulty import transport
from tests.unit.calcom_rig import Rig, rig
from tests.unit.rigs import TEN
from tests.unit.signed_hooks import CALCOM, KEY, NOW

URL = "https://hooks.example.com/v1/webhooks/desk/main"
EXAMPLE = CALCOM.example
EXAMPLE_SIGNATURE = "d8bcee12e4624fb2aee0eaa2b54e2bdfa3a8c4770f6e42fc1b28d12aa110e914"
"""HMAC-SHA256 of the example with the secret `test-secret`, made with openssl."""

request, hints, refused, signature = CALCOM.request, CALCOM.hints, CALCOM.refused, CALCOM.signature


def told(trigger: str = "BOOKING_CREATED", payload: object = None, **more: Any) -> HttpRequest:
    return request(json.dumps({"triggerEvent": trigger, "payload": payload, **more}).encode())


# --- proof -----------------------------------------------------------------------------------------------------------


def test_the_published_way_to_sign_is_understood() -> None:
    (hint,) = hints(request(EXAMPLE, EXAMPLE_SIGNATURE), secrets=["test-secret"])

    assert (hint.event, hint.tag, hint.resubscribe) == ("abc", None, False)


@pytest.mark.parametrize(
    "given",
    [
        "",
        "no-secret-provided",
        signature(EXAMPLE).upper(),
        signature(EXAMPLE)[:-1],
        signature(EXAMPLE) + "0",
        "sha256=" + signature(EXAMPLE),
        signature(EXAMPLE)[:-1] + "é",
        signature(EXAMPLE)[:-1] + "\udcff",
        " " + signature(EXAMPLE),
        "0" * 100_000,
    ],
)
def test_a_signature_in_another_shape_is_no_proof(given: str) -> None:
    assert refused(request(EXAMPLE, given)) == 401


@pytest.mark.parametrize(("age", "good"), [(0, True), (OLDEST_SECONDS - 1, True), (OLDEST_SECONDS + 1, False)])
def test_a_recording_is_refused(age: float, good: bool) -> None:
    if good:
        assert hints(request(EXAMPLE), now=NOW + age)
    else:
        assert refused(request(EXAMPLE), now=NOW + age) == 401


@pytest.mark.parametrize("created", [None, "", "soon", 5, "9999-99-99", "\ud800"])
def test_a_moment_that_cannot_be_read_is_not_judged(created: object) -> None:
    assert hints(told(createdAt=created))


def test_a_moment_before_all_time_is_old() -> None:
    assert refused(told(createdAt="0001-01-01T00:00:00+14:00")) == 401


# --- hints -----------------------------------------------------------------------------------------------------------


def subscribed(*event_types: EventType) -> tuple[Rig, CalcomSubscriptions]:
    r = rig(*event_types)
    subscriptions = connection(r)
    ensured(r, subscriptions, None)
    return r, subscriptions


def connection(r: Rig, *, key: str = API_KEY) -> CalcomSubscriptions:
    client = httpx.Client(transport=transport(r.api, clock=r.clock), base_url="https://api.cal.test/v2")
    http = ProviderHttp(client, name="main", clock=r.clock)
    return CalcomSubscriptions(http, Calendar(name="main", provider="calcom"), api_key=lambda: key)


def ensured(r: Rig, subscriptions: CalcomSubscriptions, known: Subscription | None, **other: str) -> Subscription:
    wanted = {"callback_url": URL, "secret": KEY} | other
    return subscriptions.ensure(known, now=r.clock.now(), deadline=r.deadline, **wanted)


def delivered() -> tuple[Rig, bytes, str]:
    r, _ = subscribed()
    r.create()
    ((url, headers, body),) = r.api.deliveries()
    assert url == URL
    return r, body, headers["X-Cal-Signature-256"]


def received(r: Rig) -> list[tuple[Hint, ...]]:
    """What the deliveries that are due hint at."""
    due = r.api.deliveries()
    return [hints(request(body, headers["X-Cal-Signature-256"]), now=r.clock.now()) for _, headers, body in due]


def test_a_delivery_names_the_event_and_the_tag() -> None:
    r, _ = subscribed()
    made = r.create()
    ((created,),) = received(r)
    r.api.desk.host_cancels(made.id)
    ((cancelled,),) = received(r)

    assert (created.event, created.tag) == (cancelled.event, cancelled.tag) == (made.id, "tag-1")
    assert created.id != cancelled.id


def test_a_second_delivery_bears_the_same_id() -> None:
    r, body, given = delivered()

    assert hints(request(body, given), now=r.clock.now()) == hints(request(body), now=r.clock.now() + 600)


@pytest.mark.parametrize("decision", ["confirm", "decline"])
def test_a_request_and_the_host_s_decision_are_both_told(decision: str) -> None:
    r, _ = subscribed(EventType(2, requires_confirmation=True))
    made = r.create()
    ((asked,),) = received(r)

    getattr(r.api.desk, decision)(made.id)

    ((decided,),) = received(r)
    assert (asked.event, decided.event) == (made.id, made.id)
    assert asked.id != decided.id


def test_a_reschedule_names_the_new_event_with_its_tag_and_the_old_one() -> None:
    r, _ = subscribed()
    made = r.create()
    received(r)
    moved = r.calendar.move(made.id, r.wish(start=TEN + 60), deadline=r.deadline)

    ((new, old),) = received(r)

    assert (new.event, new.tag, old.event, old.tag) == (moved.id, "tag-1", made.id, None)
    assert new.id != old.id


@pytest.mark.parametrize("trigger", ["PING", "MEETING_STARTED", "FORM_SUBMITTED", "OOO_CREATED", "?"])
def test_a_ping_and_events_of_other_kinds_are_taken_and_mean_nothing(trigger: str) -> None:
    assert hints(told(trigger, {"uid": "abc"})) == ()


@pytest.mark.parametrize("trigger", [*ORDERED, "BOOKING_CONFIRMED", "BOOKING_PAID"])
def test_what_happens_to_a_booking_is_a_hint(trigger: str) -> None:
    assert [hint.event for hint in hints(told(trigger, {"uid": "abc"}))] == ["abc"]


@pytest.mark.parametrize(
    "payload",
    [None, 5, [], {}, {"uid": 5, "metadata": []}, {"uid": "a b"}, {"uid": "\ud800"}, {"uid": "x" * 500},
     {"metadata": {"idempotency_key": 7}}, {"metadata": {"idempotency_key": "' OR 1"}}],
)  # fmt: skip
def test_a_payload_in_another_shape_is_a_hint_about_anything(payload: object) -> None:
    (hint,) = hints(told(payload=payload))

    assert (hint.event, hint.tag) == (None, None)
    assert len(hint.id) == 64


# --- subscriptions ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("numbers", [True, False])
def test_a_new_subscription_is_signed_with_our_secret_and_never_ends(numbers: bool) -> None:
    r = rig()
    r.api.book.number_ids = numbers
    made = ensured(r, connection(r), None)

    (hook,) = r.api.hooks.values()
    assert (hook["secret"], hook["active"], hook["subscriberUrl"]) == (KEY, True, URL)
    assert hook["triggers"] == list(ORDERED)
    assert (made.expires, made.id) == (None, str(hook["id"]))
    assert KEY not in repr(made)


def test_one_that_is_alive_is_only_looked_at() -> None:
    r = rig()
    subscriptions = connection(r)
    made = ensured(r, subscriptions, None)
    asked = len(r.api.seen)

    assert ensured(r, subscriptions, made) == made
    assert [q.method for q in r.api.seen[asked:]] == ["GET"]


@pytest.mark.parametrize("what", ["switched off", "fewer triggers", "other secret", "other url", "another's url"])
def test_one_that_does_not_serve_any_more_is_changed_in_place(what: str) -> None:
    r = rig()
    subscriptions = connection(r)
    made = ensured(r, subscriptions, None)
    wanted = {"other secret": {"secret": "newer"}, "other url": {"callback_url": URL + "2"}}.get(what, {})
    changes: dict[str, dict[str, Any]] = {
        "switched off": {"active": False},
        "fewer triggers": {"triggers": ["BOOKING_CREATED"]},
        "another's url": {"subscriberUrl": "https://elsewhere.example.com"},
    }
    r.api.hooks[made.id].update(changes.get(what, {}))

    renewed = ensured(r, subscriptions, made, **wanted)

    (hook,) = r.api.hooks.values()
    assert renewed.id == made.id
    assert (hook["active"], hook["secret"], hook["subscriberUrl"], hook["triggers"]) == (
        True, wanted.get("secret", KEY), wanted.get("callback_url", URL), list(ORDERED),
    )  # fmt: skip
    asked = len(r.api.seen)
    assert ensured(r, subscriptions, renewed, **wanted) == renewed
    assert [q.method for q in r.api.seen[asked:]] == ["GET"]


def test_one_that_is_gone_is_ordered_anew() -> None:
    r = rig()
    subscriptions = connection(r)
    made = ensured(r, subscriptions, None)
    r.api.hooks.clear()

    renewed = ensured(r, subscriptions, made)

    assert renewed.id != made.id
    assert list(r.api.hooks) == [renewed.id]


@pytest.mark.parametrize("kind", ["error_after", "drop_after", "unreadable"])
def test_one_whose_answer_was_lost_is_found_by_its_url(kind: str) -> None:
    r = rig()
    subscriptions = connection(r)
    for n in range(600):  # more than two pages
        r.api.book.create({"active": True, "subscriberUrl": f"{URL}/{n}", "triggers": []})
    asked = len(r.api.seen)
    r.api.fault(kind, on="order_webhooks")
    with pytest.raises(InDoubtError):
        ensured(r, subscriptions, None)
    (ours,) = [key for key, hook in r.api.hooks.items() if hook["subscriberUrl"] == URL]

    made = ensured(r, subscriptions, None)

    assert made.id == ours
    assert len(r.api.hooks) == 601
    assert [q.method for q in r.api.seen[asked:]].count("POST") == 1


def test_of_several_with_our_url_one_is_kept() -> None:
    r = rig()
    for number in ("a", "b", "c"):
        r.api.hooks[number] = {"id": number, "active": False, "subscriberUrl": URL, "triggers": []}

    made = ensured(r, connection(r), None)

    assert list(r.api.hooks) == [made.id]
    assert r.api.hooks[made.id]["active"] is True


def test_losing_the_race_for_the_url_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    r = rig()
    subscriptions = connection(r)
    first = CalcomApi.answer

    def slow(*arguments: Any, **options: Any) -> Any:
        answer = first(r.api, *arguments, **options)
        if not r.api.hooks:
            r.api.book.create({"active": True, "subscriberUrl": URL, "triggers": []})
        return answer

    monkeypatch.setattr(r.api, "answer", slow)  # another apply stands between our look and our order

    with pytest.raises(NotExecutedError):
        ensured(r, subscriptions, None)
    assert ensured(r, subscriptions, None).id in r.api.hooks


def test_removing_twice_is_removing() -> None:
    r = rig()
    subscriptions = connection(r)
    made = ensured(r, subscriptions, None)
    subscriptions.remove(made, deadline=r.deadline)
    subscriptions.remove(made, deadline=r.deadline)

    assert r.api.hooks == {}


def test_a_failure_is_not_taken_for_a_missing_webhook() -> None:
    r = rig()
    subscriptions = connection(r)
    made = ensured(r, subscriptions, None)
    r.api.fault("error_before", on="webhooks")

    with pytest.raises(NotExecutedError):
        ensured(r, subscriptions, made)
    assert list(r.api.hooks) == [made.id]


def test_a_key_that_is_not_accepted_is_said() -> None:
    r = rig()

    with pytest.raises(CredentialError):
        ensured(r, connection(r, key="cal_other"), None)
    with pytest.raises(SetupError, match="api_key"):
        ensured(r, connection(r, key="cal_\n"), None)
