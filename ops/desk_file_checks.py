"""What no single field can know: names that must exist, and wishes that a provider cannot fulfil."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from math import prod

from ops import desk_file_known as known
from ops.desk_file_agents import check_agent
from ops.desk_file_hours import parse_blocked, parse_hours
from ops.desk_file_known import no_such
from ops.desk_file_sections import CalendarSection, DeskFile, ServiceSection, SmsSection, StaffSection
from ops.desk_file_yaml import Finding, Path, Problem, Source, is_secret_field, references
from slotline.domain.errors import ConfigError
from slotline.domain.message_templates import check_template

MAX_STAFF_OF_A_SERVICE = 60
"""A slot id has six bits for who was chosen."""

MAX_WAYS_TO_SERVE = 120
"""Each of them is looked at for every question."""


@dataclass(frozen=True, slots=True)
class Names:
    """Every name the file gives, also of sections that are themselves in error; None when a whole area is."""

    calendars: AbstractSet[str] | None
    staff: AbstractSet[str] | None
    services: AbstractSet[str] | None


def check(file: DeskFile, *, names: Names, source: Source) -> Iterator[Problem]:
    """Every problem between sections that are sound in themselves."""
    if names.calendars is not None and not names.calendars:
        yield Problem(("calendars",), "is empty: a business needs at least one calendar")
    for key, calendar in file.calendars.items():
        yield from _below(("calendars", key), _calendar(calendar))
    yield from _shared_accounts(file.calendars)
    for key, person in file.staff.items():
        yield from _below(("staff", key), _person(person, file=file, names=names))
    for key, service in file.services.items():
        yield from _below(("services", key), _service(service, file=file, names=names))
    for key, agent in file.agents.items():
        yield from _below(("agents", key), check_agent(agent, services=names.services))
    yield from _below(("sms",), _sms(file.sms))
    yield from _leaking_secrets(source)


def _below(path: Path, findings: Iterable[Finding]) -> Iterator[Problem]:
    return (Problem((*path, *place), message) for place, message in findings)


def _calendar(calendar: CalendarSection) -> Iterator[Finding]:
    provider = known.PROVIDERS[calendar.provider]
    yield from _access(calendar)
    takes = provider.fields | {"base_url"}
    for field in sorted({name for other in known.PROVIDERS.values() for name in other.fields} - takes):
        if getattr(calendar, field) is not None:
            yield (field,), f"is not for {calendar.provider}: remove it"
    if calendar.also_check and calendar.capacity > 1:
        # Busy times come without their calendar: what one of ours covers would hide what a further one says.
        yield ("also_check",), "is not for a calendar with a capacity above 1: remove one of the two"
    if provider.keeps_own_hours:
        for field in ("hours", "closed", "blocked"):
            if getattr(calendar, field):
                yield (field,), f"is not for {calendar.provider}, which keeps its own hours: remove it"
    elif calendar.hours is None:
        yield ("hours",), 'is missing: write hours: {mon-fri: ["09:00-17:00"]}'
    else:
        yield from ((("hours", *place), message) for place, message in parse_hours(calendar.hours)[1])
        yield from ((("blocked", *place), message) for place, message in parse_blocked(calendar.blocked)[1])


def _access(calendar: CalendarSection) -> Iterator[Finding]:
    """What is missing to get in, by the way that is most nearly complete; or which of two ways is meant."""
    ways = known.PROVIDERS[calendar.provider].access
    if not ways:
        return
    missing = {way: [f for f in needed if getattr(calendar, f) is None] for way, needed in ways.items()}
    meant = min(missing, key=lambda way: (bool(missing[way]), len(missing[way]) - len(ways[way])))
    for field in missing[meant]:
        shown = f'{field}: "${{NAME}}"' if is_secret_field(("calendars", field)) else f"{field}: …"
        yield (field,), f"is missing: {calendar.provider} needs it; write {shown}"
    others = {field for needed in ways.values() for field in needed} - set(ways[meant]) - _options(calendar)
    for field in sorted(others):
        if not missing[meant] and getattr(calendar, field) is not None:
            yield (field,), f"is for another way to get in than {', '.join(ways[meant])}: remove one of them"


def _options(calendar: CalendarSection) -> AbstractSet[str]:
    return known.PROVIDERS[calendar.provider].options


def _person(person: StaffSection, *, file: DeskFile, names: Names) -> Iterator[Finding]:
    yield from _exists("calendar", person.calendar, known_names=names.calendars)
    for index, name in enumerate(person.also_busy):
        place = ("also_busy", str(index))
        yield from ((place, message) for _, message in _exists("", name, known_names=names.calendars))
        if name == person.calendar:
            yield place, "is the staff member's own calendar, which is looked at anyway: remove it"
        elif name in file.calendars and known.PROVIDERS[file.calendars[name].provider].kind == "slots":
            yield (
                place,
                f"is a {file.calendars[name].provider} calendar, which does not tell when it is busy: remove it",
            )


def _shared_accounts(calendars: Mapping[str, CalendarSection]) -> Iterator[Problem]:
    first: dict[tuple[str, ...], str] = {}
    for key, calendar in calendars.items():
        account = account_of(calendar)
        if account is None:
            continue
        if account in first:
            yield Problem(
                ("calendars", key),
                f"is the same {calendar.provider} account as calendars.{first[account]}: "
                "two locks on one calendar do not meet, so keep one of them",
            )
        first.setdefault(account, key)


def account_of(calendar: CalendarSection) -> tuple[str, str, str] | None:
    """Provider, base URL, and name or credential: what makes two connections the same one. None without an account."""
    provider = known.PROVIDERS[calendar.provider]
    base_url = calendar.api_url or provider.base_url
    if base_url is None or calendar.way is None:
        return None
    named = [value for field in provider.account if (value := getattr(calendar, field)) is not None]
    given = calendar.secrets
    credentials = [given[field].get_secret_value() for field in provider.access[calendar.way] if field in given]
    # A calendar's own name says which it is; "primary" and the like do so only beside whose they are.
    alone = bool(named) and "primary" not in named
    return calendar.provider, base_url, "\n".join(named if alone else [*named, *credentials])


def _service(service: ServiceSection, *, file: DeskFile, names: Names) -> Iterator[Finding]:
    if (service.calendar is None) == (service.staff is None):
        yield (), "needs either a calendar or staff, and not both"
    yield from _staff_rule(service, file=file, names=names)
    if service.calendar is None:
        if service.event_type is not None:
            yield ("event_type",), "is not for a service with staff: remove it"
    else:
        yield from _exists("calendar", service.calendar, known_names=names.calendars)
        yield from _event_type(service, calendar=file.calendars.get(service.calendar))
    providers = {file.calendars[name].provider for name in _calendars_used(service, file=file)}
    yield from _where(service, providers=providers)
    if service.email is not None and "calcom" in providers and "+" in service.email.fallback.partition("@")[0]:
        yield (
            ("email", "fallback"),
            "already has a +: it is sent plus-addressed per caller, so use an address without one",
        )


def _event_type(service: ServiceSection, *, calendar: CalendarSection | None) -> Iterator[Finding]:
    if calendar is None:
        return
    slots_kind = known.PROVIDERS[calendar.provider].kind == "slots"
    if slots_kind and service.event_type is None:
        yield ("event_type",), f"is missing: {calendar.provider} books event types; see `slotline calendars`"
    if not slots_kind and service.event_type is not None:
        yield ("event_type",), f"is not for {calendar.provider}: remove it"


def _staff_rule(service: ServiceSection, *, file: DeskFile, names: Names) -> Iterator[Finding]:
    rule = service.staff
    if rule is None:
        return
    if not rule.people:
        yield ("staff",), "names nobody: fill pool, fixed or groups"
    if len(rule.people) > MAX_STAFF_OF_A_SERVICE:
        yield ("staff",), f"names more than {MAX_STAFF_OF_A_SERVICE} people"
    if prod(len(group) for group in (rule.pool or [""], *rule.groups)) > MAX_WAYS_TO_SERVE:
        yield ("staff",), f"gives more than {MAX_WAYS_TO_SERVE} ways to choose one of each group: make them smaller"
    seen: set[str] = set()
    for path, person in rule.people:
        place = ("staff", *path)
        if person in seen:
            yield place, f"names {person!r} a second time: remove one"
        seen.add(person)
        if names.staff is not None and person not in names.staff:
            yield place, no_such("staff member", person, among=names.staff)
        elif (provider := _provider_of(person, file=file)) and known.PROVIDERS[provider].kind == "slots":
            yield place, f"has a {provider} calendar, which chooses its hosts itself: give the service `calendar`"


def _provider_of(person: str, *, file: DeskFile) -> str | None:
    section = file.staff.get(person)
    calendar = file.calendars.get(section.calendar) if section else None
    return calendar.provider if calendar else None


def _calendars_used(service: ServiceSection, *, file: DeskFile) -> set[str]:
    people = service.staff.people if service.staff else []
    names = {file.staff[person].calendar for _, person in people if person in file.staff} | {service.calendar}
    return {name for name in names if name in file.calendars}


def _where(service: ServiceSection, *, providers: AbstractSet[str]) -> Iterator[Finding]:
    where = service.where
    if where is None:
        return
    for provider in sorted(providers):
        if where.kind not in known.PROVIDERS[provider].places:
            can = ", ".join(place for place in known.PLACES if place in known.PROVIDERS[provider].places)
            yield ("where", "kind"), f"{provider} cannot make {where.kind} appointments: use one of {can}"
    details = {"in_person": "address", "phone": "number", "link": "link"}
    for kind, detail in details.items():
        if getattr(where, detail) is not None and where.kind != kind:
            yield ("where", detail), f"is only for kind {kind}: remove it"
    if where.kind == "in_person" and where.address is None:
        yield ("where", "address"), "is missing: in_person needs one"
    if where.kind == "link" and where.link is None and "builtin" in providers:
        yield ("where", "link"), "is missing: the built-in calendar makes no links of its own"


def _sms(sms: SmsSection) -> Iterator[Finding]:
    twilio = sms.provider == "twilio"
    for field in ("account_sid", "auth_token"):
        if twilio and getattr(sms, field) is None:
            yield (field,), "is missing: twilio needs it"
    if twilio and sms.sender is None and sms.messaging_service_sid is None:
        yield ("from",), "is missing: twilio needs from or messaging_service_sid"
    for field in ("account_sid", "auth_token", "messaging_service_sid"):
        if not twilio and getattr(sms, field) is not None:
            yield (field,), f"is not for {sms.provider}: remove it"
    if len(set(sms.reminders_hours_before)) < len(sms.reminders_hours_before):
        yield ("reminders_hours_before",), "names an hour twice: keep one"
    if sms.confirmation is not None:
        yield from _template(sms.confirmation, check=check_template)


def _template(text: str, *, check: Callable[[str], object]) -> Iterator[Finding]:
    try:
        check(text)
    except ConfigError as exc:
        yield ("confirmation",), str(exc)


def _leaking_secrets(source: Source) -> Iterator[Problem]:
    """A variable that is a secret in one field would be stored readable by another."""
    secret_names = {name: path for path, raw in source.raw.items() if is_secret_field(path) for name in references(raw)}
    for path, raw in source.raw.items():
        for name in references(raw):
            if not is_secret_field(path) and name in secret_names:
                used = ".".join(secret_names[name])
                yield Problem(path, f"would store the secret {name} (see {used}) readable: use another variable")


def _exists(field: str, name: str, *, known_names: AbstractSet[str] | None) -> Iterator[Finding]:
    if known_names is not None and name not in known_names:
        yield (field,), no_such("calendar", name, among=known_names)
