"""Our requests and the fake's answers, held against Calendly's own specification."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from slotline.adapters.calendars._http import ProviderHttp
from slotline.adapters.calendars.calendly.webhooks import CalendlySubscriptions
from slotline.domain.business import Calendar, Where
from slotline.domain.time import Interval
from tests.contract.calendly_spec import wrong_in_answer, wrong_in_payload, wrong_in_request
from tests.servers.calendly import TOKEN
from tests.servers.calendly_desk import ORGANIZATION, EventType
from tests.servers.faulty import transport
from tests.unit.calendly_rig import Rig, adapter, moment, rig
from tests.unit.rigs import DAY, TEN

if TYPE_CHECKING:
    from collections.abc import Callable

PLACES = ("zoom_conference", "google_conference", "microsoft_teams_conference", "webex_conference", "outbound_call")
TEXT = {"name": "Anything to prepare?", "type": "text"}


def checked(r: Rig, found: list[str]) -> httpx.MockTransport:
    inner = transport(r.api, clock=r.clock)

    def handle(request: httpx.Request) -> httpx.Response:
        found.extend(wrong_in_request(request))
        response = inner.handle_request(request)
        if response.status_code < 400:
            found.extend(wrong_in_answer(request, response.status_code, response.read()))
        return response

    return httpx.MockTransport(handle)


@pytest.mark.parametrize("options", [{}, {"organization": ORGANIZATION}])
@pytest.mark.parametrize("place", PLACES)
def test_a_whole_life_of_bookings_keeps_to_the_specification(place: str, options: dict[str, str]) -> None:
    found: list[str] = []
    r = rig(EventType(locations=({"kind": place},), questions=(TEXT,)), where=Where())
    r.calendar = adapter(checked(r, found), r.clock, options=options)

    r.look(Interval(TEN - DAY, TEN + 40 * DAY))
    made = r.create()
    moved = r.move(made.id)
    person = r.api.desk.invitee_reschedules(moved.id, moment(TEN + 60))
    r.read(made.id)
    r.find()
    r.calendar.events(window=Interval(TEN - 60, TEN + 600), deadline=r.deadline)
    r.calendar.event_types(deadline=r.deadline)
    r.cancel(moved.id)

    assert person.status == "canceled"
    assert found == []


@pytest.mark.parametrize("options", [{}, {"organization": ORGANIZATION}])
def test_subscriptions_keep_to_the_specification(options: dict[str, str]) -> None:
    found: list[str] = []
    r = rig()
    client = httpx.Client(transport=checked(r, found), base_url="https://api.calendly.com", trust_env=False)
    calendar = Calendar(name="main", provider="calendly", options=options)
    http = ProviderHttp(client, name="main", clock=r.clock)
    subscriptions = CalendlySubscriptions(http, calendar, token=lambda: TOKEN, clock=r.clock)

    def ensure(known: Any) -> Any:
        url = "https://hooks.example.com/x"
        return subscriptions.ensure(known, callback_url=url, secret="key", now=r.clock.now(), deadline=r.deadline)

    ensure(ensure(ensure(None)))
    ensure(None)
    r.create()
    for _, _, body in r.api.deliveries():
        found.extend(wrong_in_payload(json.loads(body)["payload"]))

    assert found == []


BREAKS: dict[str, Callable[[dict[str, Any]], object]] = {
    "unknown": lambda body: body.update(colour="red"),
    "missing": lambda body: body.pop("event_type"),
    "local time": lambda body: body.update(start_time="2026-12-01T09:00:00+01:00"),
    "type": lambda body: body["tracking"].update(utm_content=5),
    "tracking": lambda body: body["tracking"].pop("utm_term"),
    "phone": lambda body: body["invitee"].update(text_reminder_number="415 555 0111"),
}


@pytest.mark.parametrize("how", sorted(BREAKS))
def test_the_specification_notices_what_is_wrong(how: str) -> None:
    r = rig()
    r.create()
    (body,) = r.asked("POST", "invitees")
    assert wrong_in_request(httpx.Request("POST", "https://api.calendly.com/invitees", json=body)) == []

    BREAKS[how](body)

    assert wrong_in_request(httpx.Request("POST", "https://api.calendly.com/invitees", json=body)) != []
