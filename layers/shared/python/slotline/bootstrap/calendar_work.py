"""What is done about calendars when nobody is on the line: hints, scans, and the upkeep of connections."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import TYPE_CHECKING

from slotline.adapters.dynamodb.inbox import DynamoInbox
from slotline.adapters.dynamodb.subscription_store import DynamoSubscriptionStore
from slotline.domain.errors import AccessError, ConfigError, ProviderError, SlotlineError
from slotline.domain.hints import Hint, Received
from slotline.runtime.hint_queue import queue_hint
from slotline.runtime.observability import count, note
from slotline.use_cases.calendar_hints import HintDesk
from slotline.use_cases.drift import DriftScan
from slotline.use_cases.upkeep import BUDGET_SECONDS, Connection, Upkeep

if TYPE_CHECKING:
    from slotline.bootstrap import House
    from slotline.domain.business import Business, Calendar
    from slotline.domain.calls import HttpRequest
    from slotline.use_cases.drive import Driver

WEBHOOK_SECRETS = ("webhook_secret", "webhook_secret_before")
"""Fields of a connection's live secrets: during a rotation both prove a webhook."""

EXPECTED_LATENCY_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class CalendarWork:
    """All of it, for the businesses of one stage. `ends` (epoch seconds) is when this process is dead."""

    house: House
    ends: float

    # --- webhooks ----------------------------------------------------------------------------------------------------

    def receive(self, request: HttpRequest) -> Received:
        """Prove a webhook and queue its hints. Raises AccessError for what is not proved, or belongs nowhere."""
        house, name = self.house, request.parameters["calendar"]
        business = house.config.business(request.parameters["business"])
        if name not in business.calendars:
            raise AccessError(404, "unknown_calendar", "there is no such calendar")
        reader = house.connect(business, business.calendar(name)).hints
        if reader is None:
            raise AccessError(404, "no_webhooks", "this calendar takes no webhooks")
        now = house.clock.now()
        try:
            received = reader.receive(request, secrets=self._webhook_secrets(business, name), now=now)
        except AccessError as refused:
            if refused.status != HTTPStatus.UNAUTHORIZED:  # the secret may just have been replaced
                raise
            house.secrets.refresh(business.key)
            received = reader.receive(request, secrets=self._webhook_secrets(business, name), now=now)
        for hint in received.hints:
            self._queue(hint, business=business.key, calendar=name, received=now)
        return received

    def _queue(self, hint: Hint, *, business: str, calendar: str, received: float) -> None:
        url = self.house.settings.hints_queue
        queue_hint(hint, business=business, calendar=calendar, received=received, queue=self.house.queue, queue_url=url)

    def _webhook_secrets(self, business: Business, calendar: str) -> list[str]:
        return list(self._given(business, f"calendars.{calendar}", WEBHOOK_SECRETS))

    def _given(self, business: Business, section: str, fields: tuple[str, ...]) -> Iterator[str]:
        for field in fields:
            try:
                yield self.house.secrets.value(business.key, f"{section}.{field}")
            except ConfigError:
                continue  # there is none

    # --- hints and scans ---------------------------------------------------------------------------------------------

    def hint_desk(self, business_key: str) -> HintDesk:
        business = self.house.config.business(business_key)
        driver = self._driver(business)

        def resubscribe(calendar: str) -> None:
            connection = self._connection(business, business.calendar(calendar))
            self._upkeep(business).subscribe(connection, deadline=self.house.clock.now() + BUDGET_SECONDS)

        return HintDesk(
            business=business.key,
            store=driver.context.store,
            inbox=DynamoInbox(self.house.table, business=business.key),
            driver=driver,
            clock=self.house.clock,
            scan=self._scan(business, driver).follow,
            resubscribe=resubscribe,
            note=note,
        )

    def scan(self, business_key: str) -> int:
        """Compare a whole business with its calendars; the number of things found out of step."""
        business = self.house.config.business(business_key)
        return len(self._scan(business, self._driver(business)).run())

    def _scan(self, business: Business, driver: Driver) -> DriftScan:
        return replace(self.house.drift_scan(business.key), heed=driver.heed)

    def _driver(self, business: Business) -> Driver:
        return self.house.driver(business, process_ends=self.ends, caller_waits=False)

    # --- upkeep ------------------------------------------------------------------------------------------------------

    def keep_up(self, business_key: str) -> int:
        """Try every access and renew every order for webhooks; the number of connections that need their owner."""
        business = self.house.config.business(business_key)
        connections = tuple(self._connection(business, calendar) for calendar in business.calendars.values())
        return self._upkeep(business).run(connections, ends=self.ends)

    def poll(self, business_key: str) -> int:
        """Renew what soon ends, and follow the calendars that send no webhooks; the number of those that changed."""
        business, changed = self.house.config.business(business_key), 0
        upkeep, scan = self._upkeep(business), self._scan(business, self._driver(business))
        for calendar in business.calendars.values():
            if self.house.clock.now() + EXPECTED_LATENCY_SECONDS > self.ends:
                note("poll_cut_short", calendar=calendar.name)
                break
            try:
                tokens = self.house.connect(business, calendar).tokens
                if tokens is not None:
                    tokens.keep_fresh()
                changed += upkeep.heed_news(self._connection(business, calendar), scan=scan.follow)
            except (ProviderError, ConfigError) as error:
                note("poll_failed", calendar=calendar.name, error=type(error).__name__)
        return changed

    def subscribe(self, business: Business, calendar: Calendar) -> None:
        """Order webhooks, for `slotline apply`. Raises ProviderError."""
        deadline = self.house.clock.now() + BUDGET_SECONDS
        self._upkeep(business).subscribe(self._connection(business, calendar), deadline=deadline)

    def unsubscribe(self, business: Business, calendar: Calendar) -> None:
        """End the order for webhooks, for `slotline apply`. Raises ProviderError."""
        deadline = self.house.clock.now() + BUDGET_SECONDS
        self._upkeep(business).unsubscribe(self._connection(business, calendar), deadline=deadline)

    def _upkeep(self, business: Business) -> Upkeep:
        store = DynamoSubscriptionStore(self.house.table, business=business.key)
        return Upkeep(store=store, clock=self.house.clock, count=count, note=note)

    def _connection(self, business: Business, calendar: Calendar) -> Connection:
        connected = self.house.connect(business, calendar)

        def probe(deadline: float) -> None:
            if connected.tokens is not None:
                connected.tokens.keep_fresh(margin=float("inf"))
            connected.calendar.event_types(deadline=deadline)

        return Connection(
            calendar.name,
            probe=probe,
            orders=connected.orders,
            callback_url=self._callback_url(business, calendar),
            secret=lambda: self.house.secrets.value(business.key, f"calendars.{calendar.name}.{WEBHOOK_SECRETS[0]}"),
            feed=connected.feed,
        )

    def _callback_url(self, business: Business, calendar: Calendar) -> str | None:
        """Where webhooks of a connection arrive; None while nobody out there could reach it."""
        url = (self.house.settings.public_url or "").rstrip("/")
        stand_in = (calendar.base_url or "").startswith("http://")  # on this machine, and so are we
        if not (url.startswith("https://") or (url and stand_in)):
            return None
        return f"{url}/v1/webhooks/{business.key}/{calendar.name}"


def every_business(house: House, work: Callable[[str], int]) -> int:
    """The work done for every business of the stage; one that fails does not stop the others."""
    done = 0
    for business in house.config.businesses():
        try:
            done += work(business)
        except SlotlineError as error:
            note("business_skipped", business=business, error=type(error).__name__)
    return done
