"""Every connection to a calendar account, with all that belongs to it. An adapter is imported when it is first needed.

Adding a provider means one more builder here; docs/adding-a-calendar.md tells the rest.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from slotline.domain.errors import ConfigError

if TYPE_CHECKING:
    import httpx

    from slotline.adapters.calendars._http import ProviderHttp
    from slotline.domain.business import Business, Calendar
    from slotline.ports import (
        CalendarProvider,
        ChangeFeed,
        Clock,
        HintReader,
        Subscriptions,
        TokenStore,
    )
    from slotline.use_cases.access_tokens import AccessTokens, Grant, Refresh


@dataclass(frozen=True, slots=True)
class Connected:
    """One open connection. What a provider does not have is None."""

    calendar: CalendarProvider
    tokens: AccessTokens | None = None  # where access ends by itself and is renewed
    orders: Subscriptions | None = None
    hints: HintReader | None = None
    feed: ChangeFeed | None = None


@dataclass(frozen=True, slots=True)
class Wires:
    """What a connection is made of. `allows` is asked about every address that is connected to; None allows all.

    `secret` gives a secret of the connection by field, `forget_secrets` has them read anew; `keep` gets every HTTP
    client that is opened, to close it some day.
    """

    business: Business
    calendar: Calendar
    clock: Clock
    secret: Callable[[str], str]
    forget_secrets: Callable[[], None]
    token_store: TokenStore
    allows: Callable[[str], bool] | None
    alarm: Callable[[str, str], None]
    keep: Callable[[httpx.Client], httpx.Client]

    def http(self, default_url: str) -> ProviderHttp:
        return self._http(self.calendar.base_url or default_url)

    def token_http(self, default_url: str) -> ProviderHttp:
        return self._http(self.calendar.options.get("token_url", default_url))

    def _http(self, url: str) -> ProviderHttp:
        from slotline.adapters.calendars._http import ProviderHttp, open_client

        return ProviderHttp(
            lambda: self.keep(open_client(url, allows=self.allows)),
            name=self.calendar.name,
            clock=self.clock,
            timeout=self.calendar.timeout_seconds,
        )

    def fixed(self, field: str) -> Access:
        """Access by a secret that only its owner changes."""
        handed = threading.local()

        def token() -> str:
            handed.secret = value = self.secret(field)
            return value

        def renewed() -> bool:
            refused = getattr(handed, "secret", None)
            if self.secret(field) == refused:  # else another thread has read the new one already
                self.forget_secrets()
            return self.secret(field) != refused

        return Access(token, renewed)

    def oauth(self, tokens: OAuthTokens, *, seed: str = "refresh_token") -> Access:
        """Access by tokens that end and are renewed with what stands in the secret named `seed`."""

        def refresh(refresh_token: str, *, deadline: float) -> Grant:
            return tokens.refresh(
                refresh_token=refresh_token,
                client_id=self.calendar.options.get("client_id", ""),
                client_secret=self.secret("client_secret"),
                deadline=deadline,
            )

        return self.renewing(refresh, seed=seed)

    def renewing(self, refresh: Refresh, *, seed: str) -> Access:
        from slotline.use_cases.access_tokens import AccessTokens

        tokens = AccessTokens(
            connection=self.calendar.name,
            store=self.token_store,
            seed=lambda: self.secret(seed),
            refresh=refresh,
            clock=self.clock,
            alarm=self.alarm,
        )
        return Access(tokens.value, tokens.renewed, tokens)

    @property
    def way(self) -> str:
        """How the owner gets in, as `slotline apply` understood the file."""
        return self.calendar.options.get("auth", "")


class OAuthTokens(Protocol):
    """A provider's token endpoint."""

    def refresh(self, *, refresh_token: str | None, client_id: str, client_secret: str, deadline: float) -> Grant: ...


@dataclass(frozen=True, slots=True)
class Access:
    """The way into one account: what proves it now, and how to renew that when it is refused."""

    token: Callable[[], str]
    renewed: Callable[[], bool]
    tokens: AccessTokens | None = None

    def to(self, calendar: CalendarProvider) -> CalendarProvider:
        """The calendar, asked once more with a newer key when the one in use is refused."""
        from slotline.adapters.calendars.rekeyed import RekeyedCalendar

        return RekeyedCalendar(calendar, renewed=self.renewed)


type Builder = Callable[[Wires], Connected]


def connect(wires: Wires, *, builders: Mapping[str, Builder]) -> Connected:
    """The connection, opened when it is first used; ConfigError for a provider this version does not know."""
    calendar = wires.calendar
    try:
        build = builders[calendar.provider]
    except KeyError:
        fix = f"{calendar.provider} is not supported by this version"
        raise ConfigError(f"calendars.{calendar.name}.provider: {fix}") from None
    return build(wires)


def _builtin(_wires: Wires) -> Connected:
    from slotline.adapters.calendars.builtin import BuiltinCalendar

    return Connected(BuiltinCalendar())


def _calcom(wires: Wires) -> Connected:
    from slotline.adapters.calendars.calcom.calendar import BASE_URL, CalcomCalendar
    from slotline.adapters.calendars.calcom.webhooks import CalcomSubscriptions, CalcomWebhooks

    access = wires.fixed("api_key")
    http, connection = wires.http(BASE_URL), wires.calendar
    return Connected(
        access.to(CalcomCalendar(http, connection, api_key=access.token, clock=wires.clock)),
        orders=CalcomSubscriptions(http, connection, api_key=access.token),
        hints=CalcomWebhooks(),
    )


def _calendly(wires: Wires) -> Connected:
    from slotline.adapters.calendars.calendly.account import BASE_URL
    from slotline.adapters.calendars.calendly.calendar import CalendlyCalendar
    from slotline.adapters.calendars.calendly.requests import TAG_FIELD
    from slotline.adapters.calendars.calendly.tokens import BASE_URL as TOKEN_URL
    from slotline.adapters.calendars.calendly.tokens import CalendlyTokens
    from slotline.adapters.calendars.calendly.webhooks import CalendlySubscriptions, CalendlyWebhooks

    def by_oauth() -> Access:
        return wires.oauth(CalendlyTokens(wires.token_http(TOKEN_URL), clock=wires.clock))

    access = by_oauth() if wires.way == "oauth" else wires.fixed("api_key")
    http, connection = wires.http(BASE_URL), wires.calendar
    return Connected(
        access.to(CalendlyCalendar(http, connection, token=access.token, clock=wires.clock)),
        tokens=access.tokens,
        orders=CalendlySubscriptions(http, connection, token=access.token, clock=wires.clock),
        hints=CalendlyWebhooks(tag_field=connection.options.get("tag_field", TAG_FIELD)),
    )


def _gohighlevel(wires: Wires) -> Connected:
    from slotline.adapters.calendars.gohighlevel.calendar import BASE_URL, GohighlevelCalendar
    from slotline.adapters.calendars.gohighlevel.tokens import GohighlevelTokens
    from slotline.adapters.calendars.gohighlevel.webhooks import GohighlevelWebhooks

    http, connection = wires.http(BASE_URL), wires.calendar
    access = wires.oauth(GohighlevelTokens(http, clock=wires.clock)) if wires.way == "oauth" else wires.fixed("api_key")
    services = [s for s in wires.business.services.values() if s.calendar == connection.name]
    calendar = GohighlevelCalendar(
        http,
        connection,
        token=access.token,
        clock=wires.clock,
        zone=wires.business.zone,
        calendar_ids=[s.event_type for s in services if s.event_type],
    )
    return Connected(
        access.to(calendar),
        tokens=access.tokens,
        hints=GohighlevelWebhooks(location_id=connection.options.get("location_id")),
    )


def _google(wires: Wires) -> Connected:
    from slotline.adapters.calendars.google.calendar import GoogleCalendar
    from slotline.adapters.calendars.google.tokens import BASE_URL as TOKEN_URL
    from slotline.adapters.calendars.google.tokens import GoogleServiceAccount, GoogleTokens
    from slotline.adapters.calendars.google.webhooks import GoogleChannels, GoogleHints
    from slotline.adapters.calendars.google.wire import BASE_URL

    http, token_http, connection = wires.http(BASE_URL), wires.token_http(TOKEN_URL), wires.calendar
    by_service_account = wires.way == "service_account"

    def granted(key_json: str, *, deadline: float) -> Grant:
        subject = connection.options.get("subject")
        return GoogleServiceAccount(token_http, clock=wires.clock).grant(
            key_json=key_json, subject=subject, deadline=deadline
        )

    access = (
        wires.renewing(granted, seed="service_account_key")
        if by_service_account
        else wires.oauth(GoogleTokens(token_http, clock=wires.clock))
    )
    return Connected(
        access.to(
            GoogleCalendar(
                http,
                connection,
                business=wires.business.key,
                token=access.token,
                clock=wires.clock,
                service_account=by_service_account,
            )
        ),
        tokens=access.tokens,
        orders=GoogleChannels(
            http, connection, token=access.token, clock=wires.clock, service_account=by_service_account
        ),
        hints=GoogleHints(),
    )


def _microsoft(wires: Wires) -> Connected:
    from slotline.adapters.calendars.microsoft.calendar import MicrosoftCalendar
    from slotline.adapters.calendars.microsoft.graph import BASE_URL
    from slotline.adapters.calendars.microsoft.subscriptions import MicrosoftSubscriptions
    from slotline.adapters.calendars.microsoft.tokens import BASE_URL as TOKEN_URL
    from slotline.adapters.calendars.microsoft.tokens import MicrosoftTokens
    from slotline.adapters.calendars.microsoft.webhooks import MicrosoftHints

    http, connection = wires.http(BASE_URL), wires.calendar
    by_itself = wires.way == "client_credentials"
    tokens = MicrosoftTokens(
        wires.token_http(TOKEN_URL),
        clock=wires.clock,
        tenant=connection.options.get("tenant", "common"),
        auth="client_credentials" if by_itself else "delegated",
    )
    access = wires.oauth(tokens, seed="client_secret" if by_itself else "refresh_token")
    return Connected(
        access.to(MicrosoftCalendar(http, connection, token=access.token, clock=wires.clock)),
        tokens=access.tokens,
        orders=MicrosoftSubscriptions(http, connection, token=access.token, clock=wires.clock),
        hints=MicrosoftHints(),
    )


def _caldav(wires: Wires) -> Connected:
    from slotline.adapters.calendars.caldav.calendar import CaldavCalendar
    from slotline.adapters.calendars.caldav.changes import CaldavChanges

    access, connection = wires.fixed("password"), wires.calendar
    if connection.base_url is None:
        raise ConfigError(f"calendars.{connection.name}.base_url: is missing")
    http = wires.http(connection.base_url)
    calendar = CaldavCalendar(
        http,
        connection,
        password=access.token,
        business=wires.business.key,
        zone=wires.business.zone,
        clock=wires.clock,
    )
    return Connected(access.to(calendar), feed=CaldavChanges(http, connection, password=access.token))


BUILDERS: Mapping[str, Builder] = {
    "builtin": _builtin,
    "calcom": _calcom,
    "calendly": _calendly,
    "gohighlevel": _gohighlevel,
    "google": _google,
    "microsoft": _microsoft,
    "caldav": _caldav,
}
"""How each provider's connection is made, by the provider's name in the desk file."""
