"""From the file's sections to the values the desk works with, secrets apart."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import SecretStr

from ops.desk_file_checks import account_of
from ops.desk_file_hours import parse_blocked, parse_hours
from ops.desk_file_sections import (
    AgentSection,
    AuthSection,
    CalendarSection,
    DeskFile,
    ServiceSection,
    SmsSection,
    StaffRuleSection,
    StaffSection,
)
from slotline.adapters.dynamodb.config_store import registration
from slotline.domain.business import (
    Agent,
    Auth,
    Business,
    Calendar,
    OfferShape,
    OpeningHours,
    Service,
    Sms,
    StaffMember,
    StaffRule,
    Where,
)


def business_of(file: DeskFile) -> Business:
    """Everything but the secrets."""
    return Business(
        key=file.business,
        name=file.name,
        time_zone=file.time_zone,
        locale=file.locale,
        calendars={name: _calendar(name, section) for name, section in file.calendars.items()},
        services={key: _service(key, section) for key, section in file.services.items()},
        agents={key: _agent(key, section) for key, section in file.agents.items()},
        staff={key: _staff_member(key, section) for key, section in file.staff.items()},
        sms=_sms(file.sms),
        transfer_to=file.transfer_to,
        look_up=file.identity.look_up,
        change=file.identity.change,
    )


def secrets_of(file: DeskFile) -> dict[str, str]:
    """Every secret by the dotted name under which the desk asks for it."""
    calendars = {
        f"calendars.{name}.{field}": value
        for name, section in file.calendars.items()
        for field, value in section.secrets.items()
    }
    agents = {f"agents.{key}.auth": _proof(section.auth) for key, section in file.agents.items()}
    webhooks = {f"agents.{key}.webhook_secret": section.webhook_secret for key, section in file.agents.items()}
    found = calendars | agents | webhooks | {"sms.auth_token": file.sms.auth_token}
    return {name: secret.get_secret_value() for name, secret in found.items() if secret is not None}


def registrations_of(file: DeskFile) -> dict[str, str]:
    """The registry name of every provider account, by the calendar that uses it."""
    accounts = {name: account_of(section) for name, section in file.calendars.items()}
    return {
        name: registration(account[0], base_url=account[1], account=account[2])
        for name, account in accounts.items()
        if account is not None
    }


def _calendar(name: str, section: CalendarSection) -> Calendar:
    hours = None
    if section.hours is not None:
        hours = OpeningHours(
            week=parse_hours(section.hours)[0],
            closed=tuple(sorted(set(section.closed))),
            blocked=parse_blocked(section.blocked)[0],
        )
    return Calendar(
        name=name,
        provider=section.provider,
        base_url=section.api_url,
        hours=hours,
        capacity=section.capacity,
        timeout_seconds=section.timeout_seconds,
        quiescence_seconds=section.quiescence_seconds,
        options=section.options,
    )


def _staff_member(key: str, section: StaffSection) -> StaffMember:
    return StaffMember(
        key=key,
        name=section.name,
        calendar=section.calendar,
        weight=section.weight,
        priority=section.priority,
        also_busy=tuple(section.also_busy),
    )


def _service(key: str, section: ServiceSection) -> Service:
    rule, where, offer = section.staff, section.where, section.offer
    return Service(
        key=key,
        name=section.name,
        minutes=section.minutes,
        calendar=section.calendar,
        event_type=section.event_type,
        staff=_staff_rule(rule) if rule else None,
        offer=OfferShape(
            days_ahead=offer.days_ahead,
            slots_per_day=offer.slots_per_day,
            hours_between=offer.hours_between,
            earliest_date=offer.earliest_date,
            min_notice_minutes=offer.min_notice_minutes,
            step_minutes=offer.step_minutes,
        ),
        before_minutes=section.buffers.before_minutes,
        after_minutes=section.buffers.after_minutes,
        where=Where(kind=where.kind, detail=where.address or where.number or where.link) if where else Where(),
        email_fallback=section.email.fallback if section.email else None,
    )


def _staff_rule(rule: StaffRuleSection) -> StaffRule:
    return StaffRule(
        pool=tuple(rule.pool),
        fixed=tuple(rule.fixed),
        pick=rule.pick,
        groups=tuple(tuple(group) for group in rule.groups),
    )


def _agent(key: str, section: AgentSection) -> Agent:
    return Agent(
        key=key,
        platform=section.platform,
        services=tuple(section.services),
        auth=Auth(kind=section.auth.ways[0], options=_auth_options(section.auth)),
        deadline_seconds=section.deadline_seconds,
        payload=section.payload,
        assistant_id=section.assistant_id,
    )


def _auth_options(auth: AuthSection) -> Mapping[str, str]:
    if auth.header is not None:
        return {"header": auth.header}
    if auth.hmac is None:
        return {}
    options = auth.hmac.model_dump(exclude={"secret"})
    return {name: str(value).lower() if isinstance(value, bool) else value for name, value in options.items()}


def _proof(auth: AuthSection) -> SecretStr | None:
    return auth.bearer or auth.value or auth.basic or auth.signature or (auth.hmac.secret if auth.hmac else None)


def _sms(section: SmsSection) -> Sms:
    options = {"account_sid": section.account_sid, "messaging_service_sid": section.messaging_service_sid}
    return Sms(
        provider=section.provider,
        sender=section.sender,
        confirmation=section.confirmation,
        reminders_hours_before=tuple(sorted(section.reminders_hours_before, reverse=True)),
        base_url=section.base_url,
        options={name: value for name, value in options.items() if value is not None},
    )
