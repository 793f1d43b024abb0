"""Accounts at the calendars of the every-calendar suite: what the desk file says of them, and what stands in them.

Each account is a fake server on a port of its own with the means to look behind the curtain, to act as a person, and
to end the access. `calendar_mailboxes.py` has those of Google and Microsoft,
`calendar_dav.py` those that speak CalDAV.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar

from slotline.domain.bookings import State
from tests.functional.book import bookings_in
from tests.servers.calcom import API_KEY, CalcomApi, CalcomServer
from tests.servers.calcom_desk import EventType as CalcomType
from tests.servers.calendly import CalendlyApi, CalendlyServer
from tests.servers.calendly_api import CLIENT as CALENDLY_CLIENT
from tests.servers.calendly_api import REFRESH_TOKEN as CALENDLY_REFRESH
from tests.servers.calendly_desk import EventType as CalendlyType
from tests.servers.gohighlevel import LOCATION, GohighlevelApi, GohighlevelServer
from tests.servers.gohighlevel_desk import DEAD
from tests.servers.gohighlevel_desk import Calendar as HighlevelCalendar
from tests.servers.gohighlevel_oauth import CLIENT_ID as HIGHLEVEL_ID
from tests.servers.gohighlevel_oauth import CLIENT_SECRET as HIGHLEVEL_SECRET
from tests.servers.gohighlevel_oauth import FIRST_REFRESH

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.functional.in_process import InProcess

WALK_IN = "Walk-in"
HOURS = 'hours: {mon-fri: ["09:00-17:00"]}'


@dataclass(frozen=True, slots=True)
class Seen:
    """A live event as the provider shows it: UTC, and all its words."""

    start: datetime
    end: datetime
    text: str


class Account:
    """One account of one provider. `environ` fills the `${NAME}` of `section`."""

    event_types: ClassVar[tuple[str, str] | None] = None  # of the short and the long service
    needs_email: ClassVar[bool] = False
    has_fixed_key: ClassVar[bool] = False  # which only its owner changes; the others renew tokens by themselves
    operations: ClassVar[Mapping[str, str]] = {"create": "create", "move": "move", "cancel": "cancel"}
    environ: Mapping[str, str]
    server: Any  # of the six kinds, which have nothing but their shape in common
    api: Any

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock

    @property
    def section(self) -> str:
        """What stands in the braces of the connection in the desk file."""
        raise NotImplementedError

    def standing(self) -> list[Seen]:
        """Every live event, whoever made it."""
        raise NotImplementedError

    def person_adds(self, start: datetime) -> None:
        """Somebody writes half an hour into the calendar by hand."""
        raise NotImplementedError

    def end_access(self) -> None:
        """Access tokens that were given out are refused from now on; of a fixed key, there is a new one."""
        raise NotImplementedError

    def revoke(self) -> None:
        """Nothing that we hold opens the account any more."""
        raise NotImplementedError

    def connect_again(self) -> Mapping[str, str]:
        """The owner connects anew: what then fills the desk file."""
        raise NotImplementedError

    # --- what all fakes have in common -------------------------------------------------------------------------------

    def fault(self, kind: str, operation: str, *, seconds: float = 0.0, times: int = 1) -> None:
        self.api.fault(kind, on=self.operations[operation], seconds=seconds, times=times)

    def heal(self) -> None:
        self.api._faults.clear()

    def renewals(self) -> int:
        """How often a token endpoint was asked."""
        return sum(request.path.endswith("token") for request in self.api.seen)

    def start(self) -> None:
        self.server.start()

    def stop(self) -> None:
        self.server.stop()

    def come_back(self) -> None:
        """The server that vanished, on its old port."""
        gone = self.server
        self.server = type(gone)(self.api, port=gone.port)
        self.server.start()
        gone.stop()


class Builtin(Account):
    """No account at all: what stands is what the table says."""

    desk: InProcess
    section = f"provider: builtin, {HOURS}"

    def __init__(self, clock: Callable[[], float]) -> None:
        super().__init__(clock)
        self.environ = {}

    def standing(self) -> list[Seen]:
        live = [self.desk.read(b.id) for b in bookings_in(self.desk.items()) if b.state is State.BOOKED]
        return [
            Seen(_utc(b.times.span.start), _utc(b.times.span.end), f"{b.contact.name} {b.contact.phone}") for b in live
        ]

    def start(self) -> None:
        pass

    stop = start


class Calcom(Account):
    event_types = ("1", "2")
    needs_email = True
    has_fixed_key = True
    operations: ClassVar[Mapping[str, str]] = {"create": "create", "move": "reschedule", "cancel": "cancel"}

    def __init__(self, clock: Callable[[], float]) -> None:
        super().__init__(clock)
        self.api = CalcomApi(clock=clock, event_types=(CalcomType(1), CalcomType(2, "Long", "long", minutes=60)))
        self.server = CalcomServer(self.api)
        self.environ = {"CAL_KEY": API_KEY}

    @property
    def section(self) -> str:
        return f'provider: calcom, api_key: "${{CAL_KEY}}", base_url: "{self.server.base_url}"'

    def standing(self) -> list[Seen]:
        live = [b for b in self.api.bookings() if b["status"] in {"accepted", "pending"}]
        return [seen_of(b["start"], b["end"], b) for b in live]

    def person_adds(self, start: datetime) -> None:
        self.api.desk.host_adds(1, start, name=WALK_IN, email="walk@in.example")

    def end_access(self) -> None:
        self.api.keys = {"cal_second_key_of_this_account"}

    def connect_again(self) -> Mapping[str, str]:
        (key,) = self.api.keys
        return {"CAL_KEY": key}

    def revoke(self) -> None:
        self.end_access()


class Calendly(Account):
    event_types = ("TYPE1", "TYPE2")
    needs_email = True
    operations: ClassVar[Mapping[str, str]] = {"create": "create", "move": "create", "cancel": "cancel"}

    def __init__(self, clock: Callable[[], float]) -> None:
        super().__init__(clock)
        self.api = CalendlyApi(clock=clock, event_types=(CalendlyType(), CalendlyType("TYPE2", "Long", minutes=60)))
        self.server = CalendlyServer(self.api)
        self.environ = {"SECRET": CALENDLY_CLIENT[1], "REFRESH": CALENDLY_REFRESH}

    @property
    def section(self) -> str:
        url = self.server.base_url
        return f'provider: calendly, {oauth_of(CALENDLY_CLIENT[0])}, base_url: "{url}", token_url: "{url}"'

    def standing(self) -> list[Seen]:
        return [seen_of(b["start_time"], b["end_time"], b) for b in self.api.bookings() if b["status"] == "active"]

    def person_adds(self, start: datetime) -> None:
        wanted = self.api.desk.event_types["TYPE1"]
        self.api.desk.book(wanted, start, name=WALK_IN, email="walk@in.example")

    def end_access(self) -> None:
        self.api.tokens.clear()

    def revoke(self) -> None:
        self.end_access()
        self.api.refresh_tokens.clear()

    def connect_again(self) -> Mapping[str, str]:
        self.api.refresh_tokens.add("a-second-consent")
        return {**self.environ, "REFRESH": "a-second-consent"}


class Gohighlevel(Account):
    event_types = ("cal1Cleaning", "cal2Long")
    operations: ClassVar[Mapping[str, str]] = {"create": "create", "move": "edit", "cancel": "edit"}

    def __init__(self, clock: Callable[[], float]) -> None:
        super().__init__(clock)
        long = HighlevelCalendar("cal2Long", "Long", minutes=60)
        self.api = GohighlevelApi(clock=clock, calendars=(HighlevelCalendar(), long))
        self.api.tokens = set()  # there is nothing but OAuth
        self.server = GohighlevelServer(self.api)
        self.environ = {"SECRET": HIGHLEVEL_SECRET, "REFRESH": FIRST_REFRESH}

    @property
    def section(self) -> str:
        where = f'location_id: {LOCATION}, base_url: "{self.server.base_url}"'
        return f"provider: gohighlevel, {oauth_of(HIGHLEVEL_ID)}, {where}"

    def standing(self) -> list[Seen]:
        live = [b for b in self.api.bookings() if b["appointmentStatus"] not in DEAD]
        people = self.api.desk.contacts
        return [seen_of(b["startTime"], b["endTime"], {**b, "who": vars(people[b["contactId"]])}) for b in live]

    def person_adds(self, start: datetime) -> None:
        self.api.desk.host_adds(start, text=WALK_IN)

    def end_access(self) -> None:
        self.api.oauth._until.clear()

    def revoke(self) -> None:
        self.end_access()
        self.api.oauth.refresh_token = "a-second-consent"

    def connect_again(self) -> Mapping[str, str]:
        return {**self.environ, "REFRESH": "a-second-consent"}


def oauth_of(client_id: str) -> str:
    return f'client_id: {client_id}, client_secret: "${{SECRET}}", refresh_token: "${{REFRESH}}"'


def seen_of(start: str, end: str, shown: object) -> Seen:
    begin, until = (datetime.fromisoformat(moment).astimezone(UTC) for moment in (start, end))
    return Seen(begin, until, json.dumps(shown, default=str))


def _utc(minute: int) -> datetime:
    return datetime.fromtimestamp(minute * 60, UTC)
