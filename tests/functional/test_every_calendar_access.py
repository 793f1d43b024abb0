"""Every calendar that has a key: it ends, it is renewed, it is taken away, and what the caller hears then."""

from __future__ import annotations

from contextlib import suppress
from threading import Barrier, BrokenBarrierError
from typing import TYPE_CHECKING

import pytest

from tests.functional.calendar_lines import TRANSFER, at_once, on_every_calendar

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.functional.calendar_lines import Line
    from tests.servers.faulty import Answer

pytestmark = pytest.mark.engine

SECRET_RESTS_SECONDS = 11  # before a process reads it again, however often it is refused
SECRET_KEEPS_SECONDS = 301


@on_every_calendar("provider")
def test_access_that_ends_in_mid_call_is_renewed_once(line: Line) -> None:
    who = line.caller()
    first, second, *_ = line.offers(who)
    before = line.account.renewals()
    end_access(line)

    handle = line.booked(who, first)["appointment"]
    line.later(60)
    moved = who.ask("reschedule_appointment", appointment=handle, slot_id=second["slot_id"])
    assert moved["status"] == "confirmed", moved
    assert line.account.renewals() - before == (0 if line.account.has_fixed_key else 1)
    line.check_settled(second, "sms_booked", "sms_moved")
    assert not {"credentials_revoked", "SetupErrors"} & set(line.alarms)


@on_every_calendar("provider")
def test_access_that_was_revoked_is_told_as_it_is(line: Line) -> None:
    who = line.caller()
    kept, wanted, *_ = line.offers(who)
    line.booked(who, kept)
    line.account.revoke()

    other = line.caller()
    reply = line.book(other, wanted)
    assert (reply["status"], reply["transfer_to"]) == ("not_done", TRANSFER), reply
    down = line.caller().ask("check_availability", service="long", when="tomorrow")
    assert (down["status"], down["transfer_to"]) == ("not_done", TRANSFER), down
    assert {"credentials_revoked", "SetupErrors"} & set(line.alarms)
    (found,) = who.ask("find_appointments")["appointments"]
    assert (found["start"], found["state"]) == (kept["start"], "booked")
    line.check_only(kept)

    line.apply(line.account.connect_again())
    line.clock.pass_by(SECRET_KEEPS_SECONDS)
    line.booked(line.caller(), wanted)
    line.check_only(kept, wanted)


@on_every_calendar("provider")
def test_two_calls_that_are_refused_together_renew_access_once(line: Line) -> None:
    first, second, *_ = line.offers(line.caller())
    before = line.account.renewals()
    end_access(line)
    refuse_together(line, 2)

    replies = at_once(*(lambda offer=offer: line.book(line.caller(), offer) for offer in (first, second)))
    assert [r["status"] for r in replies] == ["confirmed"] * 2, replies
    assert line.account.renewals() - before == (0 if line.account.has_fixed_key else 1)
    line.check_only(first, second)


def end_access(line: Line) -> None:
    line.account.end_access()
    if line.account.has_fixed_key:
        line.apply(line.account.connect_again())
        line.clock.pass_by(SECRET_RESTS_SECONDS)


def refuse_together(line: Line, requests: int) -> None:
    """So many requests with the old token are all refused before one of them is answered."""
    answer, gate = line.account.api.answer, Barrier(requests)

    def together(method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        given: Answer = answer(method, target, headers, body)
        if given.status == 401:
            with suppress(BrokenBarrierError):
                gate.wait(3)
        return given

    line.account.api.answer = together
