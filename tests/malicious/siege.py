"""A siege: honest callers with appointments, and attackers who call again and again. One seed, one history."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any

from tests.malicious.callers import Person, attackers, request, signed, victims
from tests.malicious.judge import Finding, Judge
from tests.malicious.model import Attempt, Knowledge, Model
from tests.malicious.town import Town

if TYPE_CHECKING:
    from collections import Counter

SERVICES = ("consult", "therapy", "massage", "cleaning")
FAULTS = ("stall", "error_after", "error_before", "drop_after", "drop_before", "unreadable", "too_many", "unauthorized")
ASKED = ("create", "create", "slots", "cancel", "reschedule", "list", "read")
REQUESTS_A_CALL = 25
REQUESTS_A_SWEEP = 100


@dataclass(slots=True)
class Verdict:
    """What a siege came to."""

    seed: int
    requests: int
    findings: list[Finding]
    counted: Counter[str]
    kept: bool = True
    """Whether the victims' appointments stood at the end as they had at the beginning."""

    @property
    def broken(self) -> set[str]:
        return {finding.rule for finding in self.findings}


@dataclass(slots=True)
class Siege:
    """One run. `until`: a rule; end when it is found broken. `trouble`: how often a provider fails next, 0 to 1."""

    seed: int = 1
    until: str | None = None
    trouble: float = 0.0
    town: Town = field(init=False)
    judge: Judge = field(init=False)
    random: Random = field(init=False)
    known: Knowledge = field(init=False)

    def __post_init__(self) -> None:
        self.town, self.judge, self.random = Town(self.seed), Judge(), Random(self.seed)

    def run(self, requests: int) -> Verdict:
        with self.town.open():
            honest = victims()
            self.known = Knowledge(honest)
            for person in honest:
                person.ring()
                self._settle_in(person)
            stood = self._standing()
            hostile = attackers(honest)
            model = Model(self.random, self.known)
            for person in hostile:
                person.ring()
            made = 0
            while made < requests and not any(finding.rule == self.until for finding in self.judge.findings):
                made += 1
                person = self.random.choice(hostile)
                if self.random.random() < 1 / REQUESTS_A_CALL:
                    person.ring()
                if self.trouble and self.random.random() < self.trouble:
                    account = self.town.accounts[person.office]
                    account.fault(self.random.choice(FAULTS), on=self.random.choice(ASKED), seconds=9.0)
                self._attempt(model.attempt(person, now=self.town.clock.now()))
                if made % REQUESTS_A_SWEEP == 0:
                    self.judge.look_away(self.town.reconcile())
            self._farewell(honest)
            self.judge.at_the_end(self.town.rows())
            return Verdict(self.seed, made, self.judge.findings, self.judge.counted, self._standing() == stood)

    def _settle_in(self, person: Person) -> None:
        """Three appointments, on three calendars, days apart from those of the others."""
        place = int(person.key.rpartition("-")[2])
        for turn in range(3):
            service = SERVICES[(place + turn) % len(SERVICES)]
            (reply,) = self._ask(person, "check_availability", service=service, when=self._day(2 + place + turn))
            slot = reply["slots"][turn % len(reply["slots"])]
            (reply,) = self._ask(
                person, "book_appointment", service=service, slot_id=slot["slot_id"], name=person.name,
                email=person.email, notes=f"for {person.name}",
            )  # fmt: skip
            if reply["status"] != "confirmed":
                raise AssertionError(f"a victim could not book: {reply}")

    def _farewell(self, honest: list[Person]) -> None:
        """Every victim asks once more what they have, and hears of just that."""
        for person in honest:
            (reply,) = self._ask(person, "find_appointments")
            starts = {b.item["s"] for b in self.judge.bookings.values() if b.owner is person and not b.is_over}
            if len(reply["appointments"]) != len(starts):
                self.judge.findings.append(Finding(0, "a victim keeps what they have", f"{person.key} {reply}"))

    def _ask(self, person: Person, tool: str, **arguments: object) -> list[dict[str, Any]]:
        sent = signed(request(person, [(tool, arguments)]), person.agent, now=self.town.clock.now())
        return self._attempt(Attempt(person, ((tool, arguments),), sent))

    def _attempt(self, attempt: Attempt) -> list[dict[str, Any]]:
        """Send it, judge it, and let the attackers learn from it."""
        town = self.town
        after = town.post(attempt.request.path, attempt.request.body, attempt.request.headers)
        told = self.judge.look(attempt, after, now=town.clock.now())
        attempt.person.heard = [*attempt.person.heard, *told][-12:]
        for slot in (slot for reply in told for slot in reply.get("slots", ())):
            self.known.slot_ids = [*self.known.slot_ids, slot["slot_id"]][-400:]
            self.known.starts = [*self.known.starts, slot["start"]][-200:]
        if not attempt.person.attacks:
            mine = [b for b in self.judge.bookings.values() if not b.owner.attacks]
            self.known.booking_ids = [b.id for b in mine]
            self.known.provider_ids = [b.item["pid"] for b in mine if "pid" in b.item]
        town.clock.sleep(self.random.uniform(0.2, 4.0))
        return told

    def _standing(self) -> object:
        """The victims' appointments, as the table and the accounts at the provider have them."""
        stored = self.judge.bookings.values()
        mine = {b.id: {**b.item, "g1sk": 0, "aud": 0} for b in stored if not b.owner.attacks}
        events = {b.item.get("pid") for b in stored if not b.owner.attacks}
        kept = {
            uid: (event.status, event.start, event.attendees, event.rescheduled_to)
            for account in self.town.accounts.values()
            for uid, event in account.desk.bookings.items()
            if uid in events
        }
        return mine, kept

    def _day(self, ahead: int) -> str:
        from datetime import UTC, datetime, timedelta

        return (datetime.fromtimestamp(self.town.clock.now(), UTC) + timedelta(days=ahead)).date().isoformat()
