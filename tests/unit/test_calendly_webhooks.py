from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from slotline.adapters.calendars._http import ProviderHttp
from slotline.adapters.calendars.calendly.webhooks import CalendlySubscriptions, CalendlyWebhooks
from slotline.domain.business import Calendar
from slotline.domain.errors import InDoubtError, NotExecutedError, SetupError
from slotline.domain.hints import Hint, Subscription
from tests.servers.calendly import TOKEN
from tests.servers.calendly_desk import ORGANIZATION
from tests.servers.faulty import transport
from tests.unit.calendly_rig import Rig, moment, rig
from tests.unit.rigs import TEN
from tests.unit.signed_hooks import CALENDLY, KEY, NOW, calendly_signature

URL = "https://hooks.example.com/calendly/abc"
EXAMPLE = CALENDLY.example
EXAMPLE_SIGNATURE = "t=1795168800,v1=f2b9e90019d0ccc4b196003f553bb0d3337a61812b0eb381db92abb6a6913239"

request, hints, refused, signature = CALENDLY.request, CALENDLY.hints, CALENDLY.refused, calendly_signature


# --- proof -----------------------------------------------------------------------------------------------------------


def test_the_published_way_to_sign_is_understood() -> None:
    (hint,) = hints(request(EXAMPLE, EXAMPLE_SIGNATURE), secrets=["test-signing-key"])

    assert (hint.event, hint.tag) == (None, None)


@pytest.mark.parametrize(("age", "good"), [(0, True), (180, True), (-180, True), (181, False), (-181, False)])
def test_an_old_delivery_is_no_proof(age: int, good: bool) -> None:
    if good:
        assert hints(request(EXAMPLE), now=NOW + age)
    else:
        assert refused(request(EXAMPLE), now=NOW + age) == 401


GOOD = signature(EXAMPLE)
DIGEST = GOOD.partition("v1=")[2]


@pytest.mark.parametrize(
    "given",
    [
        "",
        "t=1795168800",
        f"v1={DIGEST}",
        f"t=,v1={DIGEST}",
        f"t=1795168800.0,v1={DIGEST}",
        f"t=+1795168800,v1={DIGEST}",
        f"t=²,v1={DIGEST}",
        f"t={'9' * 400},v1={DIGEST}",
        f"t=1795168800,t=1795168800,v1={DIGEST}",
        f"t=1795168800,v1={DIGEST.upper()}",
        f"t=1795168800,v1={DIGEST[:-1]}",
        f"t=1795168800,v1={DIGEST}é",
        f"t=1795168800,v0={DIGEST}",
        f"t=1795168801,v1={DIGEST}",
        GOOD + "," + "x" * 2000,
    ],
)
def test_a_signature_in_another_shape_is_no_proof(given: str) -> None:
    assert refused(request(EXAMPLE, given)) == 401


def test_one_of_several_signatures_is_enough() -> None:
    assert hints(request(EXAMPLE, f"t=1795168800,v1={'0' * 64},v1={DIGEST}"))


# --- hints -----------------------------------------------------------------------------------------------------------


def subscribed() -> tuple[Rig, CalendlySubscriptions]:
    r = rig()
    subscriptions = connection(r)
    subscriptions.ensure(None, callback_url=URL, secret=KEY, now=r.clock.now(), deadline=r.deadline)
    return r, subscriptions


def connection(r: Rig, options: dict[str, str] | None = None) -> CalendlySubscriptions:
    client = httpx.Client(
        transport=transport(r.api, clock=r.clock), base_url="https://api.calendly.com", trust_env=False
    )
    calendar = Calendar(name="main", provider="calendly", options=options or {})
    http = ProviderHttp(client, name="main", clock=r.clock)
    return CalendlySubscriptions(http, calendar, token=lambda: TOKEN, clock=r.clock)


def delivered() -> tuple[Rig, bytes, str]:
    r, _ = subscribed()
    r.create()
    ((url, headers, body),) = r.api.deliveries()
    assert url == URL
    return r, body, headers["Calendly-Webhook-Signature"]


def received(r: Rig) -> list[list[Hint]]:
    """What the deliveries that are due hint at."""
    due = r.api.deliveries()
    return [
        list(hints(request(body, headers["Calendly-Webhook-Signature"]), now=r.clock.now())) for _, headers, body in due
    ]


def test_a_delivery_names_the_event_and_the_tag() -> None:
    r, _ = subscribed()
    made = r.create()
    ((created,),) = received(r)
    r.cancel(made.id)
    ((cancelled,),) = received(r)

    assert (created.event, created.tag) == (cancelled.event, cancelled.tag) == (made.id, "tag-1")
    assert created.id != cancelled.id


def test_a_second_delivery_bears_the_same_id_although_it_is_signed_anew() -> None:
    r, body, given = delivered()
    later = signature(body, at=r.clock.now() + 60)

    first = hints(request(body, given), now=r.clock.now())
    second = hints(request(body, later), now=r.clock.now() + 60)

    assert first == second


@pytest.mark.parametrize("keeps", [True, False])
def test_a_reschedule_by_the_invitee_leads_to_the_new_event(keeps: bool) -> None:
    r, _ = subscribed()
    r.api.desk.keeps_tracking = keeps
    made = r.create()
    received(r)
    new = r.api.desk.invitee_reschedules(made.id, moment(TEN + 60))

    deliveries = received(r)

    assert {hint.event for delivery in deliveries for hint in delivery} == {made.id, new.key}
    assert all({made.id, new.key} == {hint.event for hint in delivery} for delivery in deliveries)
    assert len({hint.id for delivery in deliveries for hint in delivery}) == 4
    assert r.read(made.id).moved_to == new.key  # what whoever follows the hint will see: no loss


@pytest.mark.parametrize(
    "event", ["invitee_no_show.created", "routing_form_submission.created", "meeting_recap.x", "contact.created", "?"]
)
def test_events_of_other_kinds_are_taken_and_mean_nothing(event: str) -> None:
    assert hints(request(json.dumps({"event": event, "payload": {"uri": "x"}}).encode())) == ()


@pytest.mark.parametrize("payload", [None, 5, [], {}, {"uri": 5, "tracking": []}, {"tracking": {"utm_content": 7}}])
def test_a_payload_in_another_shape_is_a_hint_about_anything(payload: object) -> None:
    (hint,) = hints(request(json.dumps({"event": "invitee.created", "payload": payload}).encode()))

    assert (hint.event, hint.tag) == (None, None)
    assert len(hint.id) == 64


def test_the_tag_is_read_where_the_connection_keeps_it() -> None:
    payload: dict[str, Any] = {"tracking": {"utm_content": "campaign", "utm_term": "tag-1"}}
    asked = request(json.dumps({"event": "invitee.created", "payload": payload}).encode())

    received = CalendlyWebhooks(tag_field="utm_term").receive(asked, secrets=[KEY], now=NOW)

    assert received.hints[0].tag == "tag-1"


# --- subscriptions ---------------------------------------------------------------------------------------------------


def ensured(r: Rig, subscriptions: CalendlySubscriptions, known: Subscription | None, **other: str) -> Subscription:
    wanted = {"callback_url": URL, "secret": KEY} | other
    return subscriptions.ensure(known, now=r.clock.now(), deadline=r.deadline, **wanted)


def test_a_new_subscription_is_signed_with_our_secret_and_never_ends() -> None:
    r = rig()
    made = ensured(r, connection(r), None)

    (hook,) = r.api.hooks.values()
    assert (hook["signing_key"], hook["scope"], hook["callback_url"]) == (KEY, "user", URL)
    assert set(hook["events"]) == {"invitee.created", "invitee.canceled"}
    assert (made.expires, made.id) == (None, next(iter(r.api.hooks)))
    assert KEY not in repr(made)


def test_the_scope_is_that_of_the_searches() -> None:
    r = rig()
    ensured(r, connection(r, {"organization": ORGANIZATION}), None)

    (hook,) = r.api.hooks.values()
    assert (hook["scope"], hook["organization"], hook["user"]) == ("organization", ORGANIZATION, None)


def test_one_that_is_alive_is_left_alone() -> None:
    r = rig()
    subscriptions = connection(r)
    made = ensured(r, subscriptions, None)
    asked = len(r.api.seen)

    assert ensured(r, subscriptions, made) == made
    assert [q.method for q in r.api.seen[asked:]] == ["GET"]


@pytest.mark.parametrize("what", ["disabled", "gone", "other secret", "other url"])
def test_one_that_does_not_serve_any_more_is_replaced(what: str) -> None:
    r = rig()
    subscriptions = connection(r)
    made = ensured(r, subscriptions, None)
    wanted = {"other secret": {"secret": "newer"}, "other url": {"callback_url": URL + "2"}}.get(what, {})
    if what == "disabled":
        r.api.hooks[made.id]["state"] = "disabled"
    if what == "gone":
        r.api.hooks.clear()

    renewed = ensured(r, subscriptions, made, **wanted)

    (hook,) = r.api.hooks.values()
    assert renewed.id != made.id
    assert (hook["state"], hook["signing_key"]) == ("active", wanted.get("secret", KEY))
    assert ensured(r, subscriptions, renewed, **wanted) == renewed


@pytest.mark.parametrize("kind", ["error_after", "drop_after", "unreadable"])
def test_one_whose_answer_was_lost_is_found_by_its_url_and_replaced(kind: str) -> None:
    r = rig()
    subscriptions = connection(r)
    r.api.hooks |= {
        f"OTHER{n}": {
            "uri": f"x/OTHER{n}", "callback_url": f"{URL}/{n}", "scope": "user", "user": "x", "state": "active"
        }
        for n in range(3)
    }  # fmt: skip
    ensured(r, subscriptions, None, callback_url=URL + "0")
    r.api.fault(kind, on="webhooks")
    with pytest.raises(InDoubtError):
        ensured(r, subscriptions, None)

    made = ensured(r, subscriptions, None)

    assert [key for key, hook in r.api.hooks.items() if hook["callback_url"] == URL] == [made.id]
    assert len(r.api.hooks) == 5


def test_a_url_that_somebody_elses_subscription_holds_is_not_ours_to_take() -> None:
    r = rig()
    r.api.hooks["X"] = {"uri": "x/X", "callback_url": URL, "scope": "organization", "user": None, "state": "active"}

    with pytest.raises(NotExecutedError):
        ensured(r, connection(r), None)


def test_removing_twice_is_removing() -> None:
    r = rig()
    subscriptions = connection(r)
    made = ensured(r, subscriptions, None)
    subscriptions.remove(made, deadline=r.deadline)
    subscriptions.remove(made, deadline=r.deadline)

    assert r.api.hooks == {}


def test_a_token_without_the_scope_is_a_mistake_in_the_set_up() -> None:
    r = rig()
    r.api.scopes = {"users:read"}

    with pytest.raises(SetupError, match="scope"):
        ensured(r, connection(r), None)


def test_a_failure_is_not_taken_for_a_dead_subscription() -> None:
    r = rig()
    subscriptions = connection(r)
    made = ensured(r, subscriptions, None)
    r.api.fault("error_before", on="webhooks")

    with pytest.raises(NotExecutedError):
        ensured(r, subscriptions, made)
    assert list(r.api.hooks) == [made.id]
