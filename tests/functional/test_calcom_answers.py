"""Phone calls to a desk on Cal.com when Cal.com answers, but not as one would wish; on a clock that the tests move."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from ops import records
from slotline.domain.bookings import GIVE_UP_SECONDS, State
from tests.fakes import FakeClock
from tests.functional.book import bookings_in, check_book
from tests.functional.caller import starts
from tests.functional.in_process import InProcess, in_process
from tests.servers.calcom import API_KEY, CalcomApi, CalcomServer
from tests.servers.calcom_desk import ApiError, EventType, Host

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.engine import EngineTable
    from tests.functional.caller import Caller, Reply

pytestmark = pytest.mark.engine

TRANSFER = "+14155550100"
DAY_AND_NIGHT = ((("00:00", "24:00"),),) * 7
ADA, BEN = Host(1, "Ada Host", week=DAY_AND_NIGHT), Host(2, "Ben Host", week=DAY_AND_NIGHT)
EVENT_TYPES = (
    EventType(1, hosts=(ADA,)),
    EventType(2, "Approval", "approval", hosts=(ADA,), requires_confirmation=True),
    EventType(3, "Pooled", "pooled", hosts=(ADA, BEN), scheduling="roundRobin", team=1),
)
DESK = """\
business: harbor
name: Harbor Clinic
time_zone: Etc/UTC
locale: en-US
transfer_to: "{transfer}"
calendars:
  main: {{provider: calcom, api_key: "${{CAL_KEY}}", base_url: "{url}", capacity: 2}}
services:
  visit: {{name: Visit, calendar: main, event_type: 1, minutes: 30, email: {{fallback: desk@harbor.example}}}}
  mail: {{name: Mail visit, calendar: main, event_type: 1, minutes: 30}}
  approval: {{name: Approval, calendar: main, event_type: 2, minutes: 30, email: {{fallback: desk@harbor.example}}}}
  pooled: {{name: Pooled, calendar: main, event_type: 3, minutes: 30, email: {{fallback: desk@harbor.example}}}}
  twin: {{name: Twin, calendar: main, event_type: 3, minutes: 30, email: {{fallback: desk@harbor.example}}}}
agents:
  front:
    platform: generic
    services: [visit, mail, approval, pooled, twin]
    auth: {{bearer: "${{DESK_KEY}}"}}
"""
# Capacity two: the calendar is that of two hosts, so that a second caller reaches Cal.com itself.


@dataclass(slots=True)
class Clinic:
    """A desk and its Cal.com account."""

    desk: InProcess
    api: CalcomApi
    server: CalcomServer

    def offer(self, caller: Caller, service: str = "visit") -> Reply:
        return caller.offers(service, when="tomorrow morning")[-1]

    def book(self, caller: Caller, offer: Reply, service: str = "visit", **more: object) -> Reply:
        return caller.ask("book_appointment", service=service, slot_id=offer["slot_id"], name="Ada Low", **more)

    def live(self) -> list[dict[str, Any]]:
        return [b for b in self.api.bookings() if b["status"] in {"accepted", "pending"}]

    def states(self) -> list[str]:
        return sorted(booking.state.value for booking in bookings_in(self.desk.items()))

    def after(self, seconds: float) -> None:
        """Let time pass, then let the reconciler do what is due."""
        self.desk.clock.sleep(seconds)
        self.desk.reconcile()

    def texts(self) -> list[tuple[str, str]]:
        """Kind and state of every message."""
        return [(m["kind"], m["state"]) for m in records.messages(self.desk.target, business="harbor")]


@pytest.fixture
def clinic(table: EngineTable, tmp_path: Path) -> Iterator[Clinic]:
    clock = FakeClock()
    api = CalcomApi(clock=clock.now, event_types=EVENT_TYPES)
    with ExitStack() as stack:
        server = stack.enter_context(CalcomServer(api))
        text = DESK.format(url=server.base_url, transfer=TRANSFER)
        desk = stack.enter_context(
            in_process(table, text, tmp_path, business="harbor", clock=clock, environ={"CAL_KEY": API_KEY})
        )
        yield Clinic(desk, api, server)
        check_book(desk.items(), capacities={r: 2 for b in bookings_in(desk.items()) for r in b.resources})


@pytest.fixture
def caller(clinic: Clinic) -> Caller:
    return clinic.desk.caller()


# --- a plain yes -----------------------------------------------------------------------------------------------------


def test_hold_book_find_move_and_cancel(clinic: Clinic, caller: Caller) -> None:
    first, second, _ = caller.offers("visit", when="tomorrow")
    assert caller.ask("hold_slot", service="visit", slot_id=first["slot_id"])["status"] == "held"
    assert clinic.live() == []

    reply = clinic.book(caller, first)
    assert (reply["status"], reply["start"], reply["staff"]) == ("confirmed", first["start"], "Ada Host")
    (event,) = clinic.live()
    assert datetime.fromisoformat(event["start"]) == datetime.fromisoformat(first["start"])
    (found,) = caller.ask("find_appointments")["appointments"]
    moved = caller.ask("reschedule_appointment", appointment=found["appointment"], slot_id=second["slot_id"])
    assert (moved["status"], moved["start"]) == ("confirmed", second["start"])
    (event,) = clinic.live()
    assert datetime.fromisoformat(event["start"]) == datetime.fromisoformat(second["start"])
    gone = caller.cancel(appointment=found["appointment"])
    assert gone["status"] == "cancelled"
    assert clinic.live() == []
    assert clinic.states() == ["cancelled"]


# --- a plain no ------------------------------------------------------------------------------------------------------


def assert_refused_kindly(reply: Reply, offer: Reply) -> None:
    assert reply["status"] == "unavailable", reply
    assert "already" not in reply["message"]
    assert reply["slots"]
    assert offer["start"] not in starts(reply)


def test_a_time_the_host_gave_away_meanwhile_is_refused_with_others(clinic: Clinic, caller: Caller) -> None:
    offer = clinic.offer(caller)
    clinic.api.desk.host_adds(1, datetime.fromisoformat(offer["start"]), name="Walk-in", email="walk@in.example")

    for _ in range(2):
        assert_refused_kindly(clinic.book(caller, offer), offer)
    assert len(clinic.live()) == 1
    assert set(clinic.states()) == {"rejected"}
    assert clinic.texts() == []


def test_losing_a_race_inside_cal_com_is_a_no(clinic: Clinic, caller: Caller) -> None:
    offer = clinic.offer(caller)
    clinic.api.fault("conflict")

    reply = clinic.book(caller, offer)
    assert reply["status"] == "unavailable"
    assert "already" not in reply["message"]
    assert clinic.live() == []
    assert clinic.book(caller, offer)["status"] == "confirmed"


def test_a_refused_key_is_said_as_certain_and_leads_to_a_person(clinic: Clinic, caller: Caller) -> None:
    offer = clinic.offer(caller)
    clinic.api.fault("unauthorized", times=2)

    reply = clinic.book(caller, offer)
    assert (reply["status"], reply["transfer_to"]) == ("not_done", TRANSFER)
    assert clinic.live() == []
    assert set(clinic.states()) == {"rejected"}
    clinic.api.fault("unauthorized", on="slots", times=9)
    down = clinic.desk.caller().ask("check_availability", service="pooled", when="tomorrow")
    assert (down["status"], down["transfer_to"]) == ("not_done", TRANSFER)


@pytest.mark.parametrize("kind", ["error_before", "drop_before", "too_many"])
def test_a_calendar_that_cannot_be_seen_leads_to_a_person(clinic: Clinic, caller: Caller, kind: str) -> None:
    clinic.api.fault(kind, on="slots", times=9)

    reply = caller.ask("check_availability", service="visit", when="tomorrow")
    assert (reply["status"], reply["transfer_to"]) == ("not_done", TRANSFER)
    day = datetime.fromtimestamp(clinic.desk.clock.now(), UTC).date() + timedelta(days=1)
    blind = caller.ask("book_appointment", service="visit", date=f"{day}", time="10:00", name="Ada Low")
    assert (blind["status"], blind["transfer_to"]) == ("not_done", TRANSFER)
    assert clinic.live() == []
    assert clinic.states() == []


def test_an_e_mail_that_is_needed_is_asked_for(clinic: Clinic, caller: Caller) -> None:
    offer = clinic.offer(caller, "mail")

    asked = clinic.book(caller, offer, "mail")
    assert (asked["status"], asked["field"]) == ("needs", "email")
    assert clinic.live() == []
    unreadable = clinic.book(caller, offer, "mail", email="ada at nowhere")
    assert (unreadable["status"], unreadable["field"]) == ("needs", "email")
    assert clinic.book(caller, offer, "mail", email="Ada@Low.example")["status"] == "confirmed"
    (event,) = clinic.live()
    assert event["attendees"][0]["email"] == "ada@low.example"


# --- changes that Cal.com does not take as they are meant ------------------------------------------------------------


def test_a_move_to_a_time_given_away_keeps_the_old(clinic: Clinic, caller: Caller) -> None:
    old, new, _ = caller.offers("visit", when="tomorrow")
    handle = clinic.book(caller, old)["appointment"]
    clinic.api.desk.host_adds(1, datetime.fromisoformat(new["start"]), name="Walk-in", email="walk@in.example")

    reply = caller.ask("reschedule_appointment", appointment=handle, slot_id=new["slot_id"])
    assert (reply["status"], "you still have" in reply["message"]) == ("unavailable", True)
    assert not {old["start"], new["start"]} & set(starts(reply))
    (found,) = caller.ask("find_appointments")["appointments"]
    assert (found["start"], found["state"]) == (old["start"], "booked")
    assert len(clinic.live()) == 2
    clinic.after(60)
    assert clinic.texts() == [("sms_booked", "sent")]


def test_a_move_that_the_rules_forbid_is_not_told_as_taken(
    clinic: Clinic, caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new, _ = caller.offers("visit", when="tomorrow")
    handle = clinic.book(caller, old)["appointment"]

    def forbidden(*_: object, **__: object) -> None:
        raise ApiError(403, "Rescheduling is disabled for this event type")

    monkeypatch.setattr(clinic.api.desk, "reschedule", forbidden)
    reply = caller.ask("reschedule_appointment", appointment=handle, slot_id=new["slot_id"])
    assert (reply["status"], "taken" in reply["message"], reply["transfer_to"]) == ("not_done", False, TRANSFER)
    (found,) = caller.ask("find_appointments")["appointments"]
    assert (found["start"], found["state"]) == (old["start"], "booked")


def test_an_appointment_the_host_removed_is_gone_for_a_move(clinic: Clinic, caller: Caller) -> None:
    old, new, _ = caller.offers("visit", when="tomorrow")
    handle = clinic.book(caller, old)["appointment"]
    clinic.api.desk.host_cancels(clinic.live()[0]["uid"])

    reply = caller.ask("reschedule_appointment", appointment=handle, slot_id=new["slot_id"])
    assert reply["status"] == "unavailable"
    assert "any more" in reply["message"]
    assert clinic.live() == []
    assert clinic.states() == ["cancelled"]


@pytest.mark.parametrize("service", ["visit", "approval"])
def test_what_the_host_removed_or_never_approved_can_be_cancelled(clinic: Clinic, caller: Caller, service: str) -> None:
    handle = clinic.book(caller, clinic.offer(caller, service), service)["appointment"]
    if service == "visit":
        clinic.api.desk.host_cancels(clinic.live()[0]["uid"])

    assert caller.cancel(appointment=handle)["status"] == "cancelled"
    assert clinic.live() == []
    assert clinic.states() == ["cancelled"]


# --- Cal.com hands out an earlier booking as a success ---------------------------------------------------------------


@pytest.mark.parametrize("service", ["pooled", "approval"])
def test_somebody_elses_booking_is_not_taken_for_the_callers_own(clinic: Clinic, service: str) -> None:
    first, second = clinic.desk.caller(), clinic.desk.caller()
    offer = clinic.offer(first, service)
    assert clinic.book(first, offer, service, email="shared@home.example")["status"] in {"confirmed", "requested"}

    reply = clinic.book(second, offer, service, email="shared@home.example")
    assert reply["status"] == "unavailable"
    assert "already" not in reply["message"]
    assert len(clinic.live()) == 1
    assert second.ask("find_appointments")["status"] == "none_found"
    (found,) = first.ask("find_appointments")["appointments"]
    assert found["start"] == offer["start"]


def test_the_callers_own_earlier_booking_is_told_as_theirs(clinic: Clinic, caller: Caller) -> None:
    offer = clinic.offer(caller, "pooled")
    assert clinic.book(caller, offer, "pooled", email="ada@low.example")["status"] == "confirmed"

    at = datetime.fromisoformat(offer["start"])
    again = caller.ask(
        "book_appointment",
        service="twin",
        date=f"{at:%Y-%m-%d}",
        time=f"{at:%H:%M}",
        name="Ada Low",
        email="ada@low.example",
    )
    assert (again["status"], again["start"], again["replay"]) == ("confirmed", offer["start"], True)
    assert "already have" in again["message"]
    assert len(clinic.live()) == 1
    assert clinic.states() == ["booked", "rejected"]


def test_one_fallback_address_does_not_make_two_callers_one(clinic: Clinic) -> None:
    first, second = clinic.desk.caller(), clinic.desk.caller()
    offer = clinic.offer(first, "pooled")

    assert [clinic.book(who, offer, "pooled")["status"] for who in (first, second)] == ["confirmed", "confirmed"]
    addresses = {event["attendees"][0]["email"] for event in clinic.live()}
    assert len(addresses) == 2
    assert {event["hosts"][0]["name"] for event in clinic.live()} == {"Ada Host", "Ben Host"}


# --- the host must approve -------------------------------------------------------------------------------------------


@pytest.fixture
def requested(clinic: Clinic, caller: Caller) -> dict[str, Any]:
    """The event of a request that a host has not yet looked at."""
    offer = clinic.offer(caller, "approval")
    reply = clinic.book(caller, offer, "approval")
    assert (reply["status"], reply["start"]) == ("requested", offer["start"])
    assert "booked" not in reply["message"]
    repeat = clinic.book(caller, offer, "approval")
    assert (repeat["status"], repeat["replay"]) == ("requested", True)
    (event,) = clinic.live()
    clinic.after(60)
    assert clinic.texts() == [("sms_requested", "sent")]
    return event


@pytest.mark.usefixtures("requested")
def test_a_request_is_found_as_one(clinic: Clinic, caller: Caller) -> None:
    found = clinic.desk.caller(number=caller.number, call="a later call").ask("find_appointments")

    assert [a["state"] for a in found["appointments"]] == ["requested"]
    assert "not confirmed yet" in found["message"]


def test_an_approved_request_is_told_as_booked(
    clinic: Clinic, caller: Caller, requested: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    clinic.api.desk.confirm(requested["uid"])

    clinic.after(300)
    clinic.after(60)
    assert clinic.texts() == [("sms_requested", "sent"), ("sms_booked", "sent")]
    assert [line for line in capsys.readouterr().out.splitlines() if "is booked" in line]
    (found,) = caller.ask("find_appointments")["appointments"]
    assert found["state"] == "booked"


def test_a_declined_request_is_told_and_frees_the_time(
    clinic: Clinic, caller: Caller, requested: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    clinic.api.desk.decline(requested["uid"])

    clinic.after(300)
    clinic.after(60)
    assert clinic.texts() == [("sms_requested", "sent"), ("sms_failed", "sent")]
    assert [line for line in capsys.readouterr().out.splitlines() if "could not book" in line]
    assert clinic.states() == ["cancelled"]
    assert caller.ask("find_appointments")["status"] == "none_found"


# --- nobody at home --------------------------------------------------------------------------------------------------


@pytest.fixture
def unreachable(clinic: Clinic, caller: Caller) -> tuple[Reply, Reply]:
    """The offer and the answer of a booking made while Cal.com could not be reached."""
    offer = clinic.offer(caller)
    clinic.server.vanish()
    return offer, clinic.book(caller, offer)


def test_what_is_in_doubt_is_found_in_its_call(caller: Caller, unreachable: tuple[Reply, Reply]) -> None:
    offer, reply = unreachable
    assert reply["status"] == "pending"

    found = caller.ask("find_appointments")
    assert [(a["start"], a["state"], a["appointment"]) for a in found["appointments"]] == [
        (offer["start"], "booking", reply["appointment"])
    ]
    assert "not confirmed yet" in found["message"]
    assert caller.cancel()["status"] == "cancel_pending"


def test_a_calendar_that_comes_back_gets_its_booking(
    clinic: Clinic, caller: Caller, unreachable: tuple[Reply, Reply]
) -> None:
    offer, reply = unreachable
    assert (reply["status"], reply["start"]) == ("pending", offer["start"])
    assert clinic.book(caller, offer)["status"] == "pending"
    clinic.after(60)
    assert clinic.states() == ["booking"]

    port = int(clinic.server.base_url.rpartition(":")[2].removesuffix("/v2"))
    with CalcomServer(clinic.api, port=port):
        clinic.after(60)
        assert clinic.states() == ["booked"]
        assert clinic.book(caller, offer)["status"] == "confirmed"
    assert len(clinic.live()) == 1
    clinic.after(60)
    assert clinic.texts() == [("sms_booked", "sent")]


def test_a_calendar_that_stays_away_is_given_up_and_told(
    clinic: Clinic, caller: Caller, unreachable: tuple[Reply, Reply], capsys: pytest.CaptureFixture[str]
) -> None:
    offer, _ = unreachable

    for _ in range(int(GIVE_UP_SECONDS / 30) + 4):
        clinic.after(30)
    assert [b.state for b in bookings_in(clinic.desk.items())] == [State.REJECTED]
    clinic.after(60)
    assert sorted(clinic.texts()) == [("human_task", "sent"), ("sms_failed", "sent")]
    assert [line for line in capsys.readouterr().out.splitlines() if "could not book" in line]
    reply = clinic.book(caller, offer)
    assert reply["status"] == "pending"  # a new wish, after the certain end of the old one
