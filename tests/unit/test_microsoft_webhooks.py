from __future__ import annotations

import json
import random
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus, urlsplit

import pytest

from slotline.adapters.calendars.microsoft.subscriptions import LIFETIME_SECONDS, MicrosoftSubscriptions
from slotline.adapters.calendars.microsoft.webhooks import LONGEST_BODY, LONGEST_TOKEN, MicrosoftHints
from slotline.domain.business import Calendar
from slotline.domain.calls import HttpRequest
from slotline.domain.errors import AccessError, InDoubtError, NotExecutedError, SetupError
from slotline.domain.hints import Hint
from tests.contract import microsoft_spec
from tests.servers.faulty import transport
from tests.servers.microsoft import TOKEN
from tests.servers.microsoft_hooks import TOKEN as HANDSHAKE
from tests.unit.microsoft_rig import Rig, http, rig

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slotline.domain.hints import Received, Subscription

SECRET, OLDER = "s" * 43, "o" * 43
URL = "https://desk.example/v1/webhooks/desk/main"
ITEM = {
    "id": "n-1", "subscriptionId": "sub-1", "clientState": SECRET, "changeType": "updated",
    "resource": "Users/u/Events/AAkALg1", "resourceData": {"id": "AAkALg1"},
}  # fmt: skip


def request(body: bytes = b"", *, method: str = "POST", raw_query: str = "", **query: str) -> HttpRequest:
    return HttpRequest(method, "/v1/webhooks/desk/main", {}, body, query=query, raw_query=raw_query)


def posted(*items: Any) -> HttpRequest:
    return request(json.dumps({"value": list(items)}).encode())


def receive(asked: HttpRequest, *secrets: str) -> Received:
    return MicrosoftHints().receive(asked, secrets=secrets or (SECRET, OLDER), now=0.0)


def refused(asked: HttpRequest, *secrets: str) -> int:
    with pytest.raises(AccessError) as told:
        receive(asked, *secrets)
    return told.value.status


# --- the handshake ---------------------------------------------------------------------------------------------------


def test_the_token_comes_back_as_plain_text_and_nothing_else() -> None:
    got = receive(request(raw_query=f"validationToken={quote_plus(HANDSHAKE)}"))

    assert (got.response.status, got.response.body, got.hints) == (200, HANDSHAKE, ())
    assert got.response.headers["content-type"].startswith("text/plain")
    assert got.response.headers["x-content-type-options"] == "nosniff"


def test_a_token_is_decoded_exactly_once() -> None:
    assert (
        receive(request(raw_query="a=1&validationToken=a+b%2Bc%252B", validationToken="no")).response.body == "a b+c%2B"
    )
    assert receive(request(validationToken="a+b%2B")).response.body == "a+b%2B"
    assert receive(request(raw_query="validationToken=%3Cscript%3E")).response.body == "<script>"


@pytest.mark.parametrize(
    "raw_query",
    ["validationToken=", "validationToken=a&validationToken=b", f"validationToken={'a' * (LONGEST_TOKEN + 1)}",
     "validationToken=a%0D%0Ab", "validationToken=%00", "validationToken=%ff", "&".join(f"a{n}=1" for n in range(30))],
)  # fmt: skip
def test_a_token_that_is_none_is_refused(raw_query: str) -> None:
    assert refused(request(raw_query=raw_query)) == 400


def test_a_handshake_needs_no_secret_and_gives_no_hints_even_with_a_body() -> None:
    asked = replace(posted(ITEM), raw_query="validationToken=x")

    assert MicrosoftHints().receive(asked, secrets=(), now=0.0).hints == ()


# --- notifications ---------------------------------------------------------------------------------------------------


def test_each_proved_item_is_a_hint() -> None:
    got = receive(
        posted(ITEM, ITEM | {"id": "n-2", "clientState": OLDER, "changeType": "deleted", "resourceData": None})
    )

    assert got.hints == (Hint("n-1", event="AAkALg1"), Hint("n-2", event="AAkALg1"))
    assert (got.response.status, got.response.body) == (202, "")


@pytest.mark.parametrize("how", ["reauthorizationRequired", "subscriptionRemoved", "missed"])
def test_the_life_of_the_subscription_is_a_hint_to_subscribe_again(how: str) -> None:
    item = {"subscriptionId": "sub-1", "clientState": SECRET, "lifecycleEvent": how}

    (hint,) = receive(posted(item)).hints
    assert hint.resubscribe
    assert hint.event is None
    assert hint == receive(posted(item)).hints[0]


def test_unknown_kinds_are_taken_and_give_no_hints() -> None:
    kinds = [ITEM | {"changeType": "renamed"}, ITEM | {"lifecycleEvent": "retired"}, {"clientState": SECRET}]
    got = receive(posted(*kinds))

    assert (got.hints, got.response.status) == ((), 202)


def test_items_of_others_are_dropped_beside_ours() -> None:
    others = [ITEM | {"clientState": state} for state in ("", None, 7, SECRET[:-1], SECRET + "x", [SECRET], "\udc80")]

    assert receive(posted(*others, ITEM, "text", None)).hints == (Hint("n-1", event="AAkALg1"),)
    assert {refused(posted(item)) for item in others} == {401}
    assert refused(posted()) == 401


def test_an_empty_secret_proves_nothing() -> None:
    assert refused(posted(ITEM | {"clientState": ""}), "") == 401
    with pytest.raises(AccessError):
        MicrosoftHints().receive(posted(ITEM), secrets=(), now=0.0)


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b'{"value": {}}', b'{"value": null}', b"\xff", b'{"value":' + b"[" * 100_000, b"7",
     json.dumps({"value": [ITEM] * 1001}).encode(), b" " * (LONGEST_BODY + 1)],
)  # fmt: skip
def test_what_cannot_be_read_is_refused(body: bytes) -> None:
    assert refused(request(body)) == 400


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD"])
def test_only_posts_are_taken(method: str) -> None:
    assert refused(replace(posted(ITEM), method=method)) == 400
    assert refused(request(method=method, raw_query="validationToken=x")) == 400


def test_an_id_of_the_delivery_is_made_where_none_is_sent() -> None:
    nameless = {k: v for k, v in ITEM.items() if k != "id"}
    first, second = receive(posted(nameless, nameless | {"id": "x" * 999})).hints

    assert first.id != second.id
    assert max(len(first.id), len(second.id)) < 100
    assert receive(posted(nameless, nameless | {"id": "x" * 999})).hints == (first, second)


def test_an_item_that_names_no_event_means_that_anything_may_have_changed() -> None:
    for resource in ("Users/u", 7, "Users/u/Events/", "Users/u/Messages/AAk"):
        (hint,) = receive(posted(ITEM | {"resource": resource, "resourceData": {}})).hints
        assert hint.event is None


def test_three_thousand_mutations_prove_nothing() -> None:
    chance = random.Random(20)
    whole = json.dumps({"value": [ITEM]}).encode()
    begin = whole.index(SECRET.encode())
    statuses: set[int] = set()
    for _ in range(1500):  # somewhere in the secret
        spot = begin + chance.randrange(len(SECRET))
        other = chance.choice([b for b in range(32, 127) if b not in {whole[spot], *b'"\\'}])
        body = whole[:spot] + bytes((other,)) + whole[spot + 1 :]
        assert refused(request(body)) == 401
    for _ in range(1500):  # anywhere, in any way: refused, or the item is still ours
        broken = bytearray(whole)
        for _ in range(chance.randint(1, 4)):
            spot = chance.randrange(len(broken))
            kind = chance.randrange(3)
            if kind == 0:
                broken[spot] = chance.randrange(256)
            elif kind == 1:
                del broken[spot]
            else:
                broken.insert(spot, chance.randrange(256))
        try:
            receive(request(bytes(broken)))
        except AccessError as told:
            statuses.add(told.status)
        else:
            items = json.loads(bytes(broken))["value"]
            assert any(isinstance(i, dict) and i.get("clientState") == SECRET for i in items)
    assert statuses == {400, 401}


# --- subscriptions ---------------------------------------------------------------------------------------------------


def desk_with_hooks(
    desk: Rig | None = None, options: Mapping[str, str] | None = None
) -> tuple[Rig, MicrosoftSubscriptions]:
    """The fake with our own endpoint behind the URL it calls."""
    desk = desk or rig()

    def call(url: str, headers: Mapping[str, str], body: bytes) -> tuple[int, str, str]:
        asked = HttpRequest("POST", "/v1/webhooks/desk/main", headers, body, raw_query=urlsplit(url).query)
        try:
            got = receive(asked)
        except AccessError as told:
            return told.status, "", ""
        return got.response.status, got.response.headers.get("content-type", ""), got.response.body

    desk.api.hooks.call = call
    connection = Calendar(name="main", provider="microsoft", options=options or {})
    wire = http(transport(desk.api, clock=desk.clock), desk.clock)
    return desk, MicrosoftSubscriptions(wire, connection, token=lambda: TOKEN, clock=desk.clock)


def ensure(desk: Rig, orders: MicrosoftSubscriptions, known: Subscription | None = None, **other: str) -> Subscription:
    said = {"callback_url": URL, "secret": SECRET} | other
    return orders.ensure(known, **said, now=desk.clock.now(), deadline=desk.deadline)


def test_a_subscription_is_made_with_a_handshake_and_its_notifications_are_ours() -> None:
    desk, orders = desk_with_hooks()
    made = ensure(desk, orders)
    event = desk.create()
    ((url, _, body),) = desk.api.deliveries()

    assert made.expires == desk.clock.now() + LIFETIME_SECONDS
    assert SECRET not in str(made)
    assert url == URL
    assert receive(request(body)).hints[0].event == event.id
    assert microsoft_spec.judged(json.loads(body), "changeNotificationCollection") == []
    assert microsoft_spec.wrong(desk.api) == []


@pytest.mark.parametrize("how", ["missed", "reauthorizationRequired", "subscriptionRemoved"])
def test_lifecycle_notifications_lead_to_a_living_subscription(how: str) -> None:
    desk, orders = desk_with_hooks()
    made = ensure(desk, orders)
    desk.api.hooks.lose(made.id, how=how)
    ((_, _, body),) = desk.api.deliveries()
    assert [hint.resubscribe for hint in receive(request(body)).hints] == [True]

    again = ensure(desk, orders, made)
    assert (again.id == made.id) == (how != "subscriptionRemoved")
    assert list(desk.api.hooks.subscriptions) == [again.id]


def test_a_subscription_is_prolonged_and_one_that_is_gone_made_anew() -> None:
    desk, orders = desk_with_hooks()
    made = ensure(desk, orders)
    assert ensure(desk, orders, made) == made
    assert desk.sent("PATCH") == []

    desk.clock.sleep(86_400)
    longer = ensure(desk, orders, made)
    assert (longer.id, longer.expires) == (made.id, (made.expires or 0) + 86_400)

    desk.clock.sleep(8 * 86_400)
    anew = ensure(desk, orders, longer)
    assert anew.id != made.id
    assert microsoft_spec.wrong(desk.api) == []


@pytest.mark.parametrize("twins", [True, False])
def test_another_secret_or_url_makes_another_subscription_and_ends_the_old_one(twins: bool) -> None:
    desk, orders = desk_with_hooks()
    desk.api.hooks.refuses_twins = twins
    made = ensure(desk, orders)
    newer = ensure(desk, orders, made, secret=OLDER)
    moved = ensure(desk, orders, newer, secret=OLDER, callback_url=URL + "2")

    assert list(desk.api.hooks.subscriptions) == [moved.id]
    assert len({made.id, newer.id, moved.id}) == 3


def test_one_made_without_our_knowing_is_removed_when_the_next_is_made() -> None:
    desk, orders = desk_with_hooks()
    desk.api.fault("drop_after", on="subscribe")
    with pytest.raises(InDoubtError):
        ensure(desk, orders)
    assert len(desk.api.hooks.subscriptions) == 1

    made = ensure(desk, orders)
    assert list(desk.api.hooks.subscriptions) == [made.id]
    desk.api.fault("error_before", on="subscriptions", times=2)
    assert ensure(desk, orders).id in desk.api.hooks.subscriptions


def test_a_shorter_life_is_taken_where_the_long_one_is_refused() -> None:
    desk, orders = desk_with_hooks()
    desk.api.hooks.longest_minutes = 4230
    made = ensure(desk, orders)

    assert made.expires is not None
    assert made.expires < desk.clock.now() + 4230 * 60


def test_an_endpoint_that_does_not_shake_hands_is_a_setup_error() -> None:
    answers = [(200, "text/html", HANDSHAKE), (200, "text/plain", "no"), (404, "", ""), (0, "", "")]
    for answer in answers:
        desk, orders = desk_with_hooks()
        desk.api.hooks.call = lambda *_, answer=answer: answer
        with pytest.raises(SetupError, match="ValidationError"):
            ensure(desk, orders)
        assert desk.api.hooks.subscriptions == {}


def test_a_secret_that_graph_cannot_keep_is_refused_at_once() -> None:
    desk, orders = desk_with_hooks()
    for secret in ("", "x" * 129):
        with pytest.raises(SetupError, match="webhook_secret"):
            ensure(desk, orders, secret=secret)
    assert desk.api.seen == []


def test_removing_twice_is_removing() -> None:
    desk, orders = desk_with_hooks()
    made = ensure(desk, orders)
    orders.remove(made, deadline=desk.deadline)
    orders.remove(made, deadline=desk.deadline)

    assert desk.api.hooks.subscriptions == {}


def test_what_fails_on_the_way_is_said() -> None:
    desk, orders = desk_with_hooks()
    made = ensure(desk, orders)
    desk.clock.sleep(86_400)
    desk.api.fault("too_many", on="renew")
    with pytest.raises(NotExecutedError):
        ensure(desk, orders, made)
    desk.api.fault("error_before", on="unsubscribe")
    with pytest.raises(InDoubtError):
        orders.remove(made, deadline=desk.deadline)
    desk.api.login.tokens.clear()
    with pytest.raises(SetupError):
        ensure(desk, orders, made)


def test_the_mailbox_of_the_options_is_watched() -> None:
    desk, orders = desk_with_hooks(options={"mailbox": "desk@contoso.example"})
    made = ensure(desk, orders)

    assert desk.api.hooks.subscriptions[made.id].body["resource"] == "users/desk@contoso.example/events"
