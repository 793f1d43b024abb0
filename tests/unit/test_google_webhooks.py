from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from email.utils import formatdate

import httpx
import pytest

from slotline.adapters.calendars._http import ProviderHttp
from slotline.adapters.calendars.google.webhooks import GoogleChannels, GoogleHints
from slotline.domain.business import Calendar
from slotline.domain.calls import HttpRequest
from slotline.domain.errors import (
    AccessError,
    CredentialError,
    InDoubtError,
    NotExecutedError,
    ProviderError,
    SetupError,
)
from slotline.domain.hints import Received, Subscription
from tests.contract.google_spec import wrong
from tests.fakes import A_MONDAY_NOON_UTC, FakeClock
from tests.servers.faulty import transport
from tests.servers.google_accounts import TOKEN
from tests.servers.google_api import GoogleApi
from tests.servers.google_desk import OWNER
from tests.unit.google_rig import BASE_URL, moment

SECRET, OLD_SECRET = "s" * 43, "o" * 43
URL = "https://desk.example/v1/webhooks/desk/main"
DAY = 86_400.0
NOW = A_MONDAY_NOON_UTC

PING = {
    "user-agent": "APIs-Google; (+https://developers.google.com/webmasters/APIs-Google.html)",
    "content-length": "0",
    "x-goog-channel-id": "4ba78bf0-6a47-11e2-bcfd-0800200c9a66",
    "x-goog-channel-token": SECRET,
    "x-goog-channel-expiration": formatdate(NOW + 5 * DAY, usegmt=True),
    "x-goog-resource-id": "ret08u3rv24htgh289g",
    "x-goog-resource-uri": "https://www.googleapis.com/calendar/v3/calendars/desk%40example.com/events",
    "x-goog-resource-state": "exists",
    "x-goog-message-number": "10",
}


def receive(
    changed: dict[str, str | None] | None = None, *, body: bytes = b"", secrets: tuple[str, ...] = (SECRET,)
) -> Received:
    headers = {key: value for key, value in {**PING, **(changed or {})}.items() if value is not None}
    request = HttpRequest("POST", "/v1/webhooks/desk/main", headers, body)
    return GoogleHints().receive(request, secrets=secrets, now=NOW)


# --- messages --------------------------------------------------------------------------------------------------------


def test_a_message_is_a_hint_about_the_whole_calendar() -> None:
    got = receive()
    (hint,) = got.hints

    assert (hint.id, hint.event, hint.tag, hint.resubscribe) == (f"{PING['x-goog-channel-id']}:10", None, None, False)
    assert got.response.status in {200, 201, 202, 204}
    assert receive() == got


def test_the_first_message_of_a_channel_and_unknown_states_are_no_hint() -> None:
    for state in ("sync", "somethingNew"):
        got = receive({"x-goog-resource-state": state})
        assert (got.hints, got.response.status) == ((), 202)


def test_two_secrets_are_live_during_a_rotation() -> None:
    for secret in (SECRET, OLD_SECRET):
        assert receive({"x-goog-channel-token": secret}, secrets=(SECRET, OLD_SECRET)).hints


@pytest.mark.parametrize(
    ("ends", "state", "resubscribe"),
    [
        (NOW + 0.5 * DAY, "exists", True),
        (NOW - DAY, "exists", True),
        (NOW + 2 * DAY, "exists", False),
        (NOW + 2 * DAY, "not_exists", True),
    ],
)
def test_a_channel_that_ends_soon_asks_for_another(ends: float, state: str, resubscribe: bool) -> None:
    changed = {"x-goog-channel-expiration": formatdate(ends, usegmt=True), "x-goog-resource-state": state}

    assert receive(dict(changed)).hints[0].resubscribe is resubscribe


@pytest.mark.parametrize("ends", [None, "", "soon", "Tue, 99 Foo 2026 99:99:99 GMT", "9" * 5000])
def test_an_end_that_cannot_be_read_is_no_matter(ends: str | None) -> None:
    assert receive({"x-goog-channel-expiration": ends}).hints[0].resubscribe is False


@pytest.mark.parametrize("secrets", [(), ("",), ("", "")])
def test_without_a_secret_nothing_is_proved(secrets: tuple[str, ...]) -> None:
    for token in (None, "", SECRET):
        with pytest.raises(AccessError) as refused:
            receive({"x-goog-channel-token": token}, secrets=secrets)
        assert refused.value.status == 401


@pytest.mark.parametrize("header", ["x-goog-channel-id", "x-goog-message-number", "x-goog-resource-state"])
def test_a_proved_message_that_cannot_be_read_is_refused_as_such(header: str) -> None:
    rubbish = (" ", "a b", "\x00", "é" * 70, "x" * 65)
    for value in (None, "", *(rubbish if header != "x-goog-resource-state" else ())):
        with pytest.raises(AccessError) as refused:
            receive({header: value})
        assert refused.value.status == 400


def test_what_is_not_proved_is_not_read() -> None:
    with pytest.raises(AccessError) as refused:
        receive({"x-goog-channel-token": "x", "x-goog-message-number": "rubbish"})
    assert refused.value.status == 401


def test_a_body_is_never_looked_at() -> None:
    assert receive(body=b"{" * 60_000) == receive()


def test_mutated_messages_are_all_refused() -> None:
    seeded = random.Random(20_261_120)
    for _ in range(3000):
        changed: dict[str, str | None] = dict(_mutated(seeded))
        with pytest.raises(AccessError):
            receive(changed, secrets=(SECRET, OLD_SECRET), body=seeded.randbytes(seeded.randrange(40)))


def _mutated(seeded: random.Random) -> dict[str, str | None]:
    """A token that is not quite the secret, or a message without a part it needs."""
    how = seeded.randrange(6)
    letters = list(SECRET)
    if how == 0:
        letters[seeded.randrange(len(letters))] = seeded.choice("abcXYZ019-_ é\udc80\ud800")
    elif how == 1:
        letters.insert(seeded.randrange(len(letters) + 1), seeded.choice("sS ,;\t"))
    elif how == 2:
        del letters[seeded.randrange(len(letters)) :]
    elif how == 3:
        letters = list(f"{SECRET},{seeded.choice((SECRET, OLD_SECRET, 'x'))}")
    elif how == 4:
        header = seeded.choice(("x-goog-channel-id", "x-goog-message-number"))
        rubbish = "".join(seeded.choice("%$ \n<>{}") for _ in range(seeded.randrange(1, 80)))
        return {header: rubbish}
    else:
        return {seeded.choice(("x-goog-channel-token", "x-goog-channel-id", "x-goog-message-number")): None}
    return {"x-goog-channel-token": "".join(letters)}


# --- channels --------------------------------------------------------------------------------------------------------


@dataclass
class Rig:
    api: GoogleApi
    clock: FakeClock
    channels: GoogleChannels

    def ensure(self, known: Subscription | None = None, *, url: str = URL, secret: str = SECRET) -> Subscription:
        now = self.clock.now()
        return self.channels.ensure(known, callback_url=url, secret=secret, now=now, deadline=now + 5)

    def remove(self, known: Subscription) -> None:
        self.channels.remove(known, deadline=self.clock.now() + 5)

    def live(self) -> list[str]:
        return [c.id for c in self.api.push.channels.values() if not c.stopped and c.expires > self.clock.now()]

    def got(self, secrets: tuple[str, ...] = (SECRET,)) -> list[Received]:
        """What our own reader makes of everything that is due."""
        requests = [
            HttpRequest("POST", url, {k.lower(): v for k, v in headers.items()}, body)
            for url, headers, body in self.api.deliveries()
        ]
        return [GoogleHints().receive(request, secrets=secrets, now=self.clock.now()) for request in requests]


def rig(**options: str) -> Rig:
    clock = FakeClock()
    api = GoogleApi(clock=clock.now)
    client = httpx.Client(transport=transport(api, clock=clock), base_url=BASE_URL)
    http = ProviderHttp(client, name="main", clock=clock)
    connection = Calendar(name="main", provider="google", options=options)
    return Rig(api, clock, GoogleChannels(http, connection, token=lambda: TOKEN, clock=clock))


def test_a_channel_is_made_and_its_messages_are_hints() -> None:
    r = rig()
    made = r.ensure()
    assert [g.hints for g in r.got()] == [()]  # the sync message

    r.api.desk.person_adds(moment(29_460_000), moment(29_460_030))
    (got,) = r.got()

    assert got.hints[0].id.startswith(f"{made.id}:")
    assert made.expires == r.clock.now() + 7 * DAY
    assert SECRET not in str(made)
    assert wrong(r.api) == []


def test_a_channel_is_kept_until_its_last_day_and_renewed_before_the_old_one_is_stopped() -> None:
    r = rig()
    first = r.ensure()
    r.clock.sleep(5.9 * DAY)
    assert r.ensure(first) is first

    r.clock.sleep(0.2 * DAY)
    second = r.ensure(first)

    assert second.id != first.id
    assert r.live() == [second.id]
    assert [request.path.rpartition("/")[2] for request in r.api.seen] == ["watch", "watch", "stop"]


def test_the_granted_end_counts_and_short_channels_are_not_renewed_at_every_look() -> None:
    r = rig()
    r.api.push.longest_life = 3600.0
    first = r.ensure()
    assert first.expires == r.clock.now() + 3600

    r.clock.sleep(2600)
    assert r.ensure(first) is first
    r.clock.sleep(200)
    assert r.ensure(first) is not first


def test_an_end_that_google_does_not_say_is_taken_for_a_near_one() -> None:
    r = rig()
    r.api.push.says_expiration = False

    assert r.ensure().expires == r.clock.now() + 3600


def test_another_address_or_secret_makes_another_channel() -> None:
    r = rig()
    first = r.ensure()
    r.clock.sleep(1)
    second = r.ensure(first, url=URL + "2")
    r.clock.sleep(1)
    third = r.ensure(second, secret=OLD_SECRET)

    assert len({first.id, second.id, third.id}) == 3
    assert r.live() == [third.id]


def test_a_renewal_is_not_lost_because_the_old_channel_cannot_be_stopped() -> None:
    for kind in ("error_before", "unauthorized", "too_many", "stall"):
        r = rig()
        first = r.ensure()
        r.clock.sleep(6.5 * DAY)
        r.api.fault(kind, on="stop", seconds=60)

        assert r.ensure(first).id in r.live()


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("error_after", InDoubtError),
        ("drop_after", InDoubtError),
        ("unauthorized", CredentialError),
        ("too_many", NotExecutedError),
    ],
)
def test_a_channel_that_could_not_be_made_is_tried_again_under_another_id(
    kind: str, error: type[ProviderError]
) -> None:
    r = rig()
    r.api.fault(kind, on="watch")
    with pytest.raises(error):
        r.ensure()
    if kind == "error_after":
        with pytest.raises(NotExecutedError):  # in the same moment the id is in use
            r.ensure()
    r.clock.sleep(1)

    assert r.ensure().id in r.live()


def test_removing_twice_or_what_has_ended_is_done() -> None:
    r = rig()
    made = r.ensure()
    r.remove(made)
    r.remove(made)
    r.remove(replace(made, id="unknown", details={}))

    assert r.live() == []


def test_an_address_google_does_not_send_to_is_a_mistake_in_the_setup() -> None:
    with pytest.raises(SetupError, match="https"):
        rig().ensure(url="http://desk.example/x")


@pytest.mark.parametrize("secret", ["", "x" * 257, "two words", "é"])
def test_a_secret_that_cannot_travel_in_a_header_is_not_sent(secret: str) -> None:
    r = rig()
    with pytest.raises(SetupError, match="webhook_secret"):
        r.ensure(secret=secret)
    assert r.api.seen == []


def test_a_calendar_that_cannot_be_seen_is_named() -> None:
    r = rig(calendar_id="nobody@example.com")

    with pytest.raises(SetupError, match=r"calendars\.main\.calendar_id"):
        r.ensure()


def test_the_watched_calendar_is_the_configured_one() -> None:
    asks: list[Callable[[], Rig]] = [rig, lambda: rig(calendar_id=OWNER)]
    for ask in asks:
        r = ask()
        r.ensure()
        assert [c.calendar for c in r.api.push.channels.values()] == [OWNER]


def test_lost_messages_are_lost() -> None:
    r = rig()
    r.api.push.loses_messages = True
    r.ensure()
    r.api.desk.person_adds(moment(29_460_000), moment(29_460_030))

    assert r.got() == []
