"""Accounts at Google and Microsoft, each by its two ways to get in."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

from tests.functional.calendar_accounts import HOURS, WALK_IN, Account, Seen, oauth_of, seen_of
from tests.servers.google import GoogleServer
from tests.servers.google_accounts import CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN, ROBOT, robot_key
from tests.servers.google_api import GoogleApi
from tests.servers.google_desk import OWNER as GOOGLE_OWNER
from tests.servers.microsoft import OWNER as MICROSOFT_OWNER
from tests.servers.microsoft import MicrosoftApi, MicrosoftServer
from tests.servers.microsoft_login import CLIENT_ID as MICROSOFT_ID
from tests.servers.microsoft_login import CLIENT_SECRET as MICROSOFT_SECRET
from tests.servers.microsoft_login import REFRESH_TOKEN as MICROSOFT_REFRESH
from tests.servers.microsoft_login import TENANT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime


class Google(Account):
    def __init__(self, clock: Callable[[], float]) -> None:
        super().__init__(clock)
        self.api = GoogleApi(clock=clock)
        self.server = GoogleServer(self.api)
        self.environ = {"SECRET": CLIENT_SECRET, "REFRESH": REFRESH_TOKEN}

    @property
    def access(self) -> str:
        return oauth_of(CLIENT_ID)

    @property
    def section(self) -> str:
        urls = f'base_url: "{self.server.base_url}", token_url: "{self.server.root}"'
        return f"provider: google, {self.access}, {urls}, calendar_id: {GOOGLE_OWNER}, {HOURS}"

    def standing(self) -> list[Seen]:
        live = [b for b in self.api.bookings() if b["status"] != "cancelled"]
        return [seen_of(b["start"]["dateTime"], b["end"]["dateTime"], b) for b in live]

    def person_adds(self, start: datetime) -> None:
        begin, end = ({"dateTime": t.isoformat()} for t in (start, start + timedelta(minutes=30)))
        self.api.desk.person_adds(begin, end, summary=WALK_IN)

    def end_access(self) -> None:
        self.api.accounts.tokens.clear()

    def revoke(self) -> None:
        self.end_access()
        self.api.accounts.refresh_tokens.clear()

    def connect_again(self) -> Mapping[str, str]:
        self.api.accounts.refresh_tokens.add("1//a-second-consent")
        return {**self.environ, "REFRESH": "1//a-second-consent"}


class GoogleRobot(Google):
    """A service account with which the calendar is shared."""

    access = 'service_account_key: "${ROBOT_KEY}"'

    def __init__(self, clock: Callable[[], float]) -> None:
        super().__init__(clock)
        key = {"type": "service_account", "client_email": ROBOT, "private_key": robot_key()[0]}
        self.environ = {"ROBOT_KEY": json.dumps(key)}

    def revoke(self) -> None:
        self.end_access()
        self._signed = self.api.accounts._signed
        self.api.accounts._signed = lambda _: self._signed("signed with a key that was deleted")

    def connect_again(self) -> Mapping[str, str]:
        self.api.accounts._signed = self._signed
        return {"ROBOT_KEY": json.dumps(json.loads(self.environ["ROBOT_KEY"]) | {"private_key_id": "second"})}


class Microsoft(Account):
    operations: ClassVar[Mapping[str, str]] = {"create": "create", "move": "move", "cancel": "delete"}

    def __init__(self, clock: Callable[[], float]) -> None:
        super().__init__(clock)
        self.api = MicrosoftApi(clock=clock)
        self.api.login.tokens.clear()
        self.server = MicrosoftServer(self.api)
        self.environ = {"SECRET": MICROSOFT_SECRET, "REFRESH": MICROSOFT_REFRESH}

    @property
    def access(self) -> str:
        return oauth_of(MICROSOFT_ID)

    @property
    def section(self) -> str:
        urls = f'base_url: "{self.server.base_url}", token_url: "{self.server.login_url}"'
        return f"provider: microsoft, {self.access}, {urls}, {HOURS}"

    def standing(self) -> list[Seen]:
        live = [b for b in self.api.bookings() if not b["isDeleted"] and not b["isCancelled"]]
        return [seen_of(b["start"]["dateTime"][:19] + "+00:00", b["end"]["dateTime"][:19] + "+00:00", b) for b in live]

    def person_adds(self, start: datetime) -> None:
        self.api.store.people_add(start, start + timedelta(minutes=30), sent={"subject": WALK_IN})

    def end_access(self) -> None:
        self.api.login.tokens.clear()

    def revoke(self) -> None:
        self.end_access()
        self.api.login.refresh_tokens.clear()

    def connect_again(self) -> Mapping[str, str]:
        self.api.login.refresh_tokens.add("a-second-consent")
        return {**self.environ, "REFRESH": "a-second-consent"}


class MicrosoftApp(Microsoft):
    """An application that acts for itself in a mailbox, without anybody's consent."""

    access = f'client_id: {MICROSOFT_ID}, client_secret: "${{SECRET}}", tenant: {TENANT}, mailbox: {MICROSOFT_OWNER}'

    def __init__(self, clock: Callable[[], float]) -> None:
        super().__init__(clock)
        self.environ = {"SECRET": MICROSOFT_SECRET}

    def revoke(self) -> None:
        self.end_access()
        self.api.login.refuses = 7000222  # the client secret has expired

    def connect_again(self) -> Mapping[str, str]:
        self.api.login.refuses = None
        return self.environ
