"""The one place where real collaborators are chosen. Everything is made once per process, on first use."""

from __future__ import annotations

import base64
import contextvars
import secrets
import string
import sys
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from botocore.config import Config
from botocore.session import get_session

from slotline.adapters.calendars.timed import TimedCalendar
from slotline.adapters.dynamodb.booking_store import DynamoBookingStore
from slotline.adapters.dynamodb.config_store import DynamoConfigStore
from slotline.adapters.dynamodb.ledger import DynamoLedger
from slotline.adapters.dynamodb.sealed import Sealer
from slotline.adapters.dynamodb.table import Table
from slotline.adapters.language.phone_numbers import LibPhoneNumbers
from slotline.adapters.language.spoken_times import BabelSpokenTimes
from slotline.adapters.secrets import SecretsManagerStore
from slotline.bootstrap.connections import BUILDERS, Builder, Connected, Wires, connect
from slotline.domain.addresses import is_public_text
from slotline.domain.errors import AccessError, ConfigError
from slotline.domain.proofs import DeskKeys
from slotline.platforms import table as platforms
from slotline.ports import CalendarProvider, Calendars, Clock, Dialect, DirectDialect, SecretStore
from slotline.runtime.observability import count, note, notify
from slotline.runtime.settings import Settings
from slotline.use_cases.desk import Desk
from slotline.use_cases.drift import DriftScan
from slotline.use_cases.drive import Driver
from slotline.use_cases.drive_context import Context
from slotline.use_cases.openings import Openings

if TYPE_CHECKING:
    import httpx

    from slotline.adapters.sms.twilio_signature import TwilioSignature
    from slotline.domain.business import Agent, Business, Calendar
    from slotline.ports import Ids, SmsSender
    from slotline.use_cases.effects import Effects
    from slotline.use_cases.messages import MessageDesk
    from slotline.use_cases.reconcile import Reconciler, Workplace
    from slotline.use_cases.sms_events import SmsEvents

AWS_CONFIG = Config(
    connect_timeout=0.5,
    read_timeout=1.0,
    retries={"total_max_attempts": 3, "mode": "standard"},
    max_pool_connections=20,
    parameter_validation=False,
    user_agent="slotline",
)
"""One slow packet must not eat the call: botocore would wait 60 seconds.

It would also spend a third of every request on checking what our own code built and on spelling out the machine.
"""

BOOKING_ID_LETTERS = string.ascii_lowercase + string.digits


class SystemClock:
    """The real time."""

    def now(self) -> float:
        return time.time()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


class RandomIds:
    """Unguessable ids."""

    def booking_id(self) -> str:
        return "".join(secrets.choice(BOOKING_ID_LETTERS) for _ in range(20))

    def nonce(self) -> str:
        return secrets.token_hex(8)

    def jitter(self) -> float:
        return secrets.randbelow(1000) / 1000


class ThreadOverlap:
    """Two waits side by side: the first in a warm thread, the second here."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(max_workers=8, thread_name_prefix="overlap")

    def __call__[A, B](self, first: Callable[[], A], second: Callable[[], B]) -> tuple[A, B]:
        waiting = self._pool.submit(contextvars.copy_context().run, first)
        try:
            answer = second()
        except BaseException:
            waiting.cancel()
            raise
        return waiting.result(), answer


class ConnectedCalendars:
    """ports.Calendars: each connection is opened when it is first needed."""

    def __init__(self, house: House, business: Business) -> None:
        self._house = house
        self._business = business
        self._open: dict[str, CalendarProvider] = {}

    def of(self, name: str) -> CalendarProvider:
        if name not in self._open:
            calendar = self._business.calendar(name)
            self._open[name] = TimedCalendar(name, self._house.connect(self._business, calendar).calendar)
        return self._open[name]


class House:
    """All collaborators of this process. `secrets` and `heard` take the place of the stored ones and of the log."""

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Clock | None = None,
        secrets: SecretStore | None = None,
        heard: Callable[..., None] | None = None,
        builders: Mapping[str, Builder] = BUILDERS,
    ) -> None:
        self.settings = settings
        self.clock: Clock = clock or SystemClock()
        self._notify = heard or notify
        self._builders = builders
        self.ids: Ids = RandomIds()
        self.times = BabelSpokenTimes()
        self.phones = LibPhoneNumbers()
        self.openings = Openings(clock=self.clock, overlap=ThreadOverlap())
        self._aws = get_session()
        client = self._client("dynamodb")
        self.config = DynamoConfigStore(client, settings.table, self.clock)
        self.secrets: SecretStore = secrets or SecretsManagerStore(
            lambda: self._client("secretsmanager"), settings.secrets_prefix, self.clock
        )
        self.table = Table(client, settings.table, clock=self.clock, ids=self.ids)
        self._connections: dict[tuple[str, str], Connected] = {}
        self._opened = ExitStack()

    def dialect(self, platform: str, payload: str | None = None) -> Dialect:
        return platforms.by_name(platform, payload)

    def direct_dialect(self, platform: str) -> DirectDialect:
        return platforms.direct_by_name(platform)

    def keys(self, business: str) -> DeskKeys:
        return DeskKeys(base64.b64decode(self.secrets.value(business, "desk_key")))

    def store(self, business: str) -> DynamoBookingStore:
        sealer = Sealer(self.keys(business).derived("contact"))
        return DynamoBookingStore(self.table, business=business, sealer=sealer, ids=self.ids)

    def ledger(self, business: str) -> DynamoLedger:
        return DynamoLedger(self.table, business=business, clock=self.clock, ids=self.ids)

    def calendars(self, business: Business) -> Calendars:
        return ConnectedCalendars(self, business)

    def connect(self, business: Business, calendar: Calendar) -> Connected:
        """A connection, with its open HTTP connections kept for the life of the process."""
        key = (business.key, repr(calendar))  # a changed configuration is another connection
        if key not in self._connections:
            self._connections[key] = connect(self._wires(business, calendar), builders=self._builders)
        return self._connections[key]

    def close(self) -> None:
        """End the connections to calendars, for a house that does not last as long as its process."""
        self._opened.close()

    def _keep(self, client: httpx.Client) -> httpx.Client:
        self._opened.callback(client.close)
        return client

    def _wires(self, business: Business, calendar: Calendar) -> Wires:
        from slotline.adapters.dynamodb.token_store import DynamoTokenStore

        def alarm(event: str, connection: str) -> None:
            self._notify(event, business=business.key, calendar=connection)

        return Wires(
            business=business,
            calendar=calendar,
            clock=self.clock,
            secret=lambda field: self.secrets.value(business.key, f"calendars.{calendar.name}.{field}"),
            forget_secrets=lambda: self.secrets.refresh(business.key),
            token_store=DynamoTokenStore(
                self.table, business=business.key, sealer=Sealer(self.keys(business.key).derived("access"))
            ),
            # A business that types an internal name must not reach our own network.
            allows=None if self.settings.is_local else is_public_text,
            alarm=alarm,
            keep=self._keep,
        )

    def driver(self, business: Business, *, process_ends: float, caller_waits: bool) -> Driver:
        return Driver(
            Context(
                business=business,
                store=self.store(business.key),
                calendars=self.calendars(business),
                clock=self.clock,
                ids=self.ids,
                openings=self.openings,
                process_ends=process_ends,
                caller_waits=caller_waits,
                count=count,
            )
        )

    def desk(self, business: Business, agent: Agent, *, process_ends: float) -> Desk:
        driver = self.driver(business, process_ends=process_ends, caller_waits=True)
        return Desk(
            business=business,
            agent=agent,
            store=driver.context.store,
            calendars=driver.context.calendars,
            openings=self.openings,
            driver=driver,
            clock=self.clock,
            ids=self.ids,
            keys=self.keys(business.key),
            times=self.times,
            phones=self.phones,
            texts_codes=self._texts_codes(business),
        )

    def message_desk(self, business_key: str) -> MessageDesk:
        from slotline.adapters.dynamodb.outbox import DynamoOutbox
        from slotline.use_cases.messages import MessageDesk

        business = self.config.business(business_key)
        outbox = DynamoOutbox(self.table, business=business.key, hashed=self.keys(business.key).caller)
        return MessageDesk(
            store=self.store(business.key),
            outbox=outbox,
            sender=self.sender(business),
            business=business,
            times=self.times,
            clock=self.clock,
            notify=self._notify,
            public_url=self.settings.public_url,
        )

    def _texts_codes(self, business: Business) -> bool:
        """The console sender prints what it sends; away from this machine that is a log, where no code may stand."""
        return business.sms.is_configured and (self.settings.is_local or business.sms.provider != "console")

    def effects(self, business_key: str) -> Effects:
        from slotline.adapters.dynamodb.outbox import DynamoOutbox
        from slotline.use_cases.code_texts import CodeDesk
        from slotline.use_cases.effects import Effects
        from slotline.use_cases.staff_copies import BUDGET_SECONDS, CopyDesk

        business = self.config.business(business_key)
        driver = self.driver(business, process_ends=self.clock.now() + BUDGET_SECONDS, caller_waits=False)
        outbox = DynamoOutbox(self.table, business=business.key, hashed=self.keys(business.key).caller)
        return Effects(
            messages=self.message_desk(business_key),
            codes=CodeDesk(
                store=driver.context.store,
                outbox=outbox,
                sender=self.sender(business),
                business=business,
                code=self.keys(business.key).code,
                can_send=self._texts_codes(business),
                clock=self.clock,
                notify=self._notify,
                public_url=self.settings.public_url,
            ),
            copies=CopyDesk(context=driver.context, outbox=outbox, notify=self._notify),
        )

    def sender(self, business: Business) -> SmsSender:
        sms = business.sms
        if sms.provider == "console":
            from slotline.adapters.sms.console import ConsoleSender

            return ConsoleSender(sys.stdout)
        if sms.provider == "twilio":
            from slotline.adapters.sms.twilio import BASE_URL as TWILIO_URL
            from slotline.adapters.sms.twilio import TwilioSender

            return TwilioSender(
                lambda: self.sms_http,
                account_sid=sms.options["account_sid"],
                auth_token=lambda: self.secrets.value(business.key, "sms.auth_token"),
                clock=self.clock,
                sender=sms.sender,
                messaging_service_sid=sms.options.get("messaging_service_sid"),
                base_url=sms.base_url or TWILIO_URL,
                forget_token=lambda: self.secrets.refresh(business.key),
            )
        raise ConfigError(f"sms.provider: {sms.provider} is not supported by this version")

    @cached_property
    def sms_http(self) -> httpx.Client:
        """The connections to Twilio, kept for the life of the process: a sender is made for every message."""
        from slotline.adapters.sms.twilio import open_client

        return open_client()

    def twilio_signature(self, business: Business) -> TwilioSignature:
        """The proof of Twilio's webhooks; AccessError(404) for a business that has no Twilio account."""
        from slotline.adapters.sms.twilio_signature import TwilioSignature

        if business.sms.provider != "twilio":
            raise AccessError(404, "no_sms_account", "this business does not text through Twilio")

        def keys(algorithm: str) -> list[str]:
            token = self.secrets.value(business.key, "sms.auth_token")
            if algorithm == "sha1":
                return [token]
            try:
                return [self.secrets.value(business.key, "sms.shared_key")]
            except ConfigError:  # no key was made for webhooks alone
                return [token]

        return TwilioSignature(
            public_url=self.settings.public_url,
            keys=keys,
            forget_keys=lambda: self.secrets.refresh(business.key),
        )

    def sms_events(self, business: Business) -> SmsEvents:
        from slotline.adapters.dynamodb.inbox import DynamoInbox
        from slotline.adapters.dynamodb.outbox import DynamoOutbox
        from slotline.adapters.sms.twilio import REASONS
        from slotline.use_cases.sms_events import SmsEvents

        return SmsEvents(
            business=business,
            records=DynamoOutbox(self.table, business=business.key, hashed=self.keys(business.key).caller),
            inbox=DynamoInbox(self.table, business=business.key),
            clock=self.clock,
            notify=self._notify,
            reasons=REASONS,
        )

    def drift_scan(self, business_key: str) -> DriftScan:
        business = self.config.business(business_key)
        return DriftScan(
            business=business,
            store=self.store(business.key),
            calendars=self.calendars(business),
            clock=self.clock,
            count=count,
            note=note,
        )

    def reconciler(self, *, process_ends: float) -> Reconciler:
        from slotline.adapters.dynamodb.agenda import DynamoAgenda
        from slotline.use_cases.reconcile import Reconciler, Workplace

        def workplace(key: str) -> Workplace:
            business = self.config.business(key)
            driver = self.driver(business, process_ends=process_ends, caller_waits=False)
            return Workplace(driver.context.store, driver, self.effects(key))

        return Reconciler(
            agenda=DynamoAgenda(self.table), workplace=workplace, clock=self.clock, count=count, note=note
        )

    @cached_property
    def queue(self) -> Any:
        return self._client("sqs")

    @cached_property
    def functions(self) -> Any:
        return self._client("lambda")

    def _client(self, service: str) -> Any:
        """A low-level client by what boto3 stands on: boto3 itself adds file transfers, and a tenth to the start."""
        return self._aws.create_client(service, config=AWS_CONFIG)


@cache
def _house() -> House:
    return House(Settings.read())


def house() -> House:
    """The house of this process, built from its environment on first use."""
    return _house()


def owner_house(*, secrets: SecretStore | None = None) -> House:
    """A house for the owner's command line: what it finds is printed there, neither logged nor counted."""
    return House(Settings.read(), secrets=secrets, heard=_unheard)


def owner_drift_scan(business_key: str) -> DriftScan:
    """The nightly scan of a business, for the owner's command line."""
    return replace(owner_house().drift_scan(business_key), count=_unheard, note=_unheard)


def owner_calendars(business_key: str) -> Calendars:
    """The connections of a business, for the owner's command line."""
    here = owner_house()
    return here.calendars(here.config.business(business_key))


def _unheard(*_: object, **__: object) -> None:
    pass
