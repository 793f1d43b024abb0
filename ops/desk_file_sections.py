"""The desk file's shape: pydantic models that are its JSON Schema too. Meaning and defaults: docs/configuration.md."""

from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler, SecretStr, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from ops.desk_file_fields import (
    BaseUrl,
    BasicSecret,
    Day,
    Email,
    EventTypeId,
    HeaderName,
    Key,
    Line,
    Locale,
    Phone,
    Place,
    PlatformName,
    ProviderName,
    Secret,
    SecretJson,
    SmsProviderName,
    Template,
    ZoneName,
)
from ops.desk_file_known import PROVIDERS
from slotline.domain.business import IdentityLevel

Minutes = Annotated[int, Field(ge=0, le=1440)]
Hours = Annotated[float, Field(ge=0, le=168, allow_inf_nan=False)]
Seconds = Annotated[float, Field(gt=0, le=300, allow_inf_nan=False)]


class Section(BaseModel):
    """A map in the file: unknown keys are refused, and nothing changes once it is read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class CalendarSection(Section):
    """A connection to one provider account, or a built-in calendar."""

    provider: ProviderName
    base_url: BaseUrl | None = None
    timeout_seconds: Annotated[Seconds, Field(le=30)] = 5.0
    quiescence_seconds: Annotated[int, Field(ge=1, le=3600)] = 120
    capacity: Annotated[int, Field(ge=1, le=500)] = 1
    hours: dict[str, list[str]] | None = None
    closed: list[Day] = []
    blocked: list[str] = []

    # how to get in
    api_key: Secret | None = None
    client_id: Line | None = None
    client_secret: Secret | None = None
    refresh_token: Secret | None = None
    service_account_key: SecretJson | None = None
    username: Line | None = None
    password: Secret | None = None
    tenant: Line | None = None
    subject: Email | None = None
    token_url: BaseUrl | None = None

    # which calendar, and how it is used
    organization: Line | None = None
    user: Line | None = None
    location_id: Line | None = None
    user_id: Line | None = None
    mailbox: Line | None = None
    calendar: Line | None = None
    calendar_id: Line | None = None
    also_check: list[Line] | None = None
    invite: bool | None = None
    send_updates: Literal["none", "externalOnly", "all"] | None = None
    notify: bool | None = None
    approval: bool | None = None
    text_reminders: bool | None = None
    tag_field: Literal["utm_content", "utm_term", "utm_campaign", "utm_medium", "utm_source"] | None = None
    plan: Literal["free", "trial", "paid", "enterprise"] | None = None
    time_zone: ZoneName | None = None
    create: Literal["direct"] | None = None

    @property
    def way(self) -> str | None:
        """The way to get in for which everything is given; None while something is missing, or nothing is needed."""
        for name, needed in PROVIDERS[self.provider].access.items():
            if all(getattr(self, field) is not None for field in needed):
                return name
        return None

    @property
    def options(self) -> dict[str, str]:
        """What only this provider needs, as text; never a secret."""
        given = {name: getattr(self, name) for name in sorted(PROVIDERS[self.provider].fields - {"base_url"})}
        plain = {name: value for name, value in given.items() if value is not None and not isinstance(value, SecretStr)}
        return {name: _as_text(value) for name, value in plain.items()} | ({"auth": self.way} if self.way else {})

    @property
    def secrets(self) -> dict[str, SecretStr]:
        """Every secret that is given, by field."""
        return {name: value for name, value in self if isinstance(value, SecretStr)}

    @property
    def api_url(self) -> str | None:
        """`base_url`, with the root that every install of the provider has where only its host is written."""
        if self.base_url is None or urlsplit(self.base_url).path:
            return self.base_url
        return self.base_url + PROVIDERS[self.provider].root


def _as_text(value: object) -> str:
    if isinstance(value, list):
        return "\n".join(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


class StaffSection(Section):
    """A person or room with a calendar of record."""

    name: Line
    calendar: Key
    also_busy: list[Key] = []
    weight: Annotated[int, Field(ge=1, le=1000)] = 100
    priority: Annotated[int, Field(ge=-1000, le=1000)] = 0


class OfferSection(Section):
    """How times are proposed."""

    days_ahead: Annotated[int, Field(ge=1, le=365)] = 14
    slots_per_day: Annotated[int, Field(ge=1, le=48)] = 3
    hours_between: Hours = 1
    earliest_date: Day | None = None
    min_notice_minutes: Annotated[int, Field(ge=0, le=525_600)] = 60
    step_minutes: Annotated[int, Field(ge=1, le=1440)] = 15


class BuffersSection(Section):
    """Time kept free around an appointment."""

    before_minutes: Minutes = 0
    after_minutes: Minutes = 0


class WhereSection(Section):
    """The place of an appointment."""

    kind: Place
    address: Line | None = None
    number: Phone | None = None
    link: Annotated[Line, Field(pattern=r"^https://\S+$")] | None = None


class EmailSection(Section):
    """Where the provider's mail goes when the caller gives no address."""

    fallback: Email


class StaffRuleSection(Section):
    """Who serves: everybody in `fixed`, one of `pool`, and one of each of `groups`."""

    pool: list[Key] = []
    fixed: list[Key] = []
    groups: list[Annotated[list[Key], Field(min_length=1)]] = []
    pick: Literal["priority", "weighted", "least_recent"] = "priority"

    @property
    def people(self) -> list[tuple[tuple[str, ...], str]]:
        """Everybody named, with the place below `staff`."""
        single = [((name, str(i)), who) for name in ("fixed", "pool") for i, who in enumerate(getattr(self, name))]
        grouped = [
            (("groups", str(g), str(i)), who) for g, group in enumerate(self.groups) for i, who in enumerate(group)
        ]
        return [*single, *grouped]


class ServiceSection(Section):
    """What can be booked."""

    name: Line
    minutes: Annotated[int, Field(ge=1, le=1440)]
    calendar: Key | None = None
    event_type: EventTypeId | None = None
    staff: StaffRuleSection | None = None
    offer: OfferSection = OfferSection()
    buffers: BuffersSection = BuffersSection()
    where: WhereSection | None = None
    email: EmailSection | None = None


class HmacSection(Section):
    """A signature over the request, with the options of Vapi's HMAC credential (https://docs.vapi.ai)."""

    secret: Secret
    algorithm: Literal["sha256", "sha512", "sha1"] = "sha256"
    signature_header: HeaderName = "x-signature"
    timestamp_header: HeaderName = "x-timestamp"
    include_timestamp: bool = True
    payload_format: Line = "{timestamp}.{body}"
    encoding: Literal["hex", "base64"] = "hex"
    prefix: Annotated[str, Field(max_length=40)] = ""
    secret_is_base64: bool = False

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"anyOf": [{"type": "string", "description": "the secret alone"}, handler(schema)]}

    @model_validator(mode="before")
    @classmethod
    def _secret_alone(cls, value: Any) -> Any:
        return {"secret": value} if isinstance(value, str) else value


class AuthSection(Section):
    """How an agent proves itself: exactly one way."""

    bearer: Secret | None = None
    header: HeaderName | None = None
    value: Secret | None = None
    basic: BasicSecret | None = None
    hmac: HmacSection | None = None
    signature: Secret | None = None
    invocation: Literal["iam"] | None = None

    @property
    def ways(self) -> tuple[str, ...]:
        """The ways that are given; `header` and `value` are one."""
        ways = ("bearer", "header", "basic", "hmac", "signature", "invocation")
        return tuple(way for way in ways if getattr(self, way) is not None)


class AgentSection(Section):
    """A voice agent: its dialect, its credential and the services it may sell."""

    platform: PlatformName
    services: Annotated[list[Key], Field(min_length=1)]
    auth: AuthSection
    payload: Literal["full", "args_only"] | None = None
    deadline_seconds: Annotated[Seconds, Field(ge=1)] | None = None
    assistant_id: Annotated[str, Field(pattern=r"^[0-9A-Za-z_-]{1,100}$")] | None = None
    webhook_secret: Secret | None = None


class SmsSection(Section):
    """The sender of text messages and what it sends."""

    provider: SmsProviderName = "console"
    sender: Annotated[Phone | None, Field(alias="from")] = None
    confirmation: Template | None = None
    reminders_hours_before: list[Annotated[int, Field(ge=1, le=336)]] = []
    base_url: BaseUrl | None = None
    account_sid: Annotated[str, Field(pattern=r"^AC[0-9A-Za-z]{1,64}$")] | None = None
    auth_token: Secret | None = None
    messaging_service_sid: Annotated[str, Field(pattern=r"^MG[0-9A-Za-z]{1,64}$")] | None = None


class IdentitySection(Section):
    """How a caller must prove who they are."""

    look_up: IdentityLevel = IdentityLevel.CALLER_ID
    change: IdentityLevel = IdentityLevel.CALLER_ID


class DeskFile(Section):
    """One business: the whole file."""

    business: Key
    name: Line
    time_zone: ZoneName
    locale: Locale = "en-US"
    transfer_to: Phone | None = None
    calendars: Annotated[dict[Key, CalendarSection], Field(max_length=40)]
    staff: dict[Key, StaffSection] = {}
    services: dict[Key, ServiceSection] = {}
    agents: dict[Key, AgentSection] = {}
    sms: SmsSection = SmsSection()
    identity: IdentitySection = IdentitySection()
