"""The kinds of value a desk file holds, each checked where it stands."""

import json
import re
from datetime import date
from typing import Annotated, Any
from zoneinfo import ZoneInfo, available_timezones

import phonenumbers
from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    StringConstraints,
    ValidationInfo,
    WithJsonSchema,
)

from ops import desk_file_known as known
from ops.desk_file_urls import checked_base_url
from ops.desk_file_yaml import Scalar, is_only_a_reference

MIN_SECRET_CHARACTERS = 16
"""On a deployed stack: a bearer token is often the only proof an agent has."""

_LANGUAGES = ("en", "es", "de", "fr")
_LOCALE = re.compile(r"([A-Za-z]{2})(?:[-_]([A-Za-z]{2}))?")
_EMAIL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,63}")
_KEY = re.compile(r"[a-z0-9-]{1,40}")
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}")
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def _key(text: str) -> str:
    if not _KEY.fullmatch(text):
        raise ValueError("must be 1 to 40 of a-z, 0-9 and -")
    return text


def _line(text: str) -> str:
    if not text.isprintable():
        raise ValueError("must be one line without control characters")
    return text


def _zone(text: str) -> str:
    # "EST" and its like are zones too, but without daylight saving: hardly ever what is meant.
    if text not in available_timezones() or ("/" not in text and text != "UTC"):
        raise ValueError(f"{text!r} is no IANA time zone: use a name such as America/Los_Angeles")
    return ZoneInfo(text).key


def _locale(text: str) -> str:
    found = _LOCALE.fullmatch(text)
    language, region = (found[1].lower(), (found[2] or "").upper()) if found else ("", "")
    if language not in _LANGUAGES or (region and region not in phonenumbers.SUPPORTED_REGIONS):
        raise ValueError(f"{text!r} is no known locale: use {', '.join(_LANGUAGES)}, with a region such as en-US")
    return f"{language}-{region}" if region else language


def _phone(text: str) -> str:
    try:
        number = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException:
        raise ValueError('must be an international number such as "+14155550100"') from None
    if not text.startswith("+") or number.extension or not phonenumbers.is_possible_number(number):
        raise ValueError('must be an international number such as "+14155550100"')
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _email(text: str) -> str:
    local, _, _ = text.partition("@")
    if not _EMAIL.fullmatch(text) or local.startswith(".") or local.endswith(".") or ".." in text:
        raise ValueError("must be an e-mail address such as desk@example.com")
    return text


def _day(value: object) -> object:
    if isinstance(value, str) and not _ISO_DAY.fullmatch(value):
        raise ValueError("must be a date such as 2030-12-31")
    return value


def _header(text: str) -> str:
    if not _HEADER.fullmatch(text):
        raise ValueError("must be the name of an HTTP header such as X-Desk-Key")
    return text


def _base_url(text: str, info: ValidationInfo) -> str:
    return checked_base_url(text, local=is_local(info))


def is_local(info: ValidationInfo) -> bool:
    """Whether the file is read for the local stage; the strict answer when nobody said."""
    return bool((info.context or {}).get("local", False))


def _secret(value: Any, info: ValidationInfo) -> Any:
    if isinstance(value, Scalar):
        if not is_only_a_reference(value.raw):
            raise ValueError("is a secret: put it into the environment and write ${NAME} here")
        _refuse_odd_secret(value, local=is_local(info))
    return value


def _secret_json(value: Any) -> Any:
    if isinstance(value, Scalar):
        if not is_only_a_reference(value.raw):
            raise ValueError("is a secret: put it into the environment and write ${NAME} here")
        if value != value.raw and not _is_object(value):
            raise ValueError("must be the whole JSON key file, as it was downloaded")
    return value


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


def _basic(value: Any, info: ValidationInfo) -> Any:
    if isinstance(value, Scalar):
        user, colon, password = value.raw.partition(":")
        if not is_only_a_reference(password if colon else user):
            raise ValueError("is a secret: write it as user:${NAME}, or as ${NAME} that holds user:password")
        _refuse_odd_secret(value, local=is_local(info))
        if ":" not in value and value != value.raw:
            raise ValueError("must be user:password")
    return value


def _refuse_odd_secret(value: Scalar, *, local: bool) -> None:
    if value == value.raw:
        return  # its variable is missing, which was already said
    if value != value.strip() or not value.isprintable():
        raise ValueError("begins or ends with a blank, or holds a line break: mend the environment's value")
    if not local and len(value) < MIN_SECRET_CHARACTERS:
        raise ValueError(f"is too short to be a secret: use at least {MIN_SECRET_CHARACTERS} random characters")


def _provider(text: str) -> str:
    return known.supported(text, now=tuple(known.PROVIDERS), later=())


def _platform(text: str) -> str:
    return known.supported(text, now=known.PLATFORMS, later=known.LATER_PLATFORMS)


def _sms_provider(text: str) -> str:
    return known.supported(text, now=known.SMS_PROVIDERS, later=known.LATER_SMS_PROVIDERS)


def _place(text: str) -> str:
    return known.supported(text, now=known.PLACES, later=())


def _words(*words: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "enum": list(words)})


_REFERENCE_SCHEMA = WithJsonSchema({"type": "string", "pattern": r"^\$\{[A-Za-z_][A-Za-z0-9_]*\}$"})

Key = Annotated[str, AfterValidator(_key), Field(json_schema_extra={"pattern": "^[a-z0-9-]{1,40}$"})]
Line = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True), AfterValidator(_line)]
Template = Annotated[str, StringConstraints(min_length=1, max_length=480), AfterValidator(_line)]
ZoneName = Annotated[str, AfterValidator(_zone)]
Locale = Annotated[str, AfterValidator(_locale)]
EventTypeId = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9_.:/-]{1,128}$"),
    WithJsonSchema({"anyOf": [{"type": "integer"}, {"type": "string"}]}),  # Cal.com numbers its event types
]
Phone = Annotated[str, AfterValidator(_phone)]
Email = Annotated[str, AfterValidator(_email)]
Day = Annotated[date, BeforeValidator(_day)]
HeaderName = Annotated[str, AfterValidator(_header)]
BaseUrl = Annotated[str, AfterValidator(_base_url)]
Secret = Annotated[SecretStr, BeforeValidator(_secret), _REFERENCE_SCHEMA]
SecretJson = Annotated[SecretStr, BeforeValidator(_secret_json), _REFERENCE_SCHEMA]
BasicSecret = Annotated[SecretStr, BeforeValidator(_basic), WithJsonSchema({"type": "string"})]
ProviderName = Annotated[str, AfterValidator(_provider), _words(*known.PROVIDERS)]
PlatformName = Annotated[str, AfterValidator(_platform), _words(*known.PLATFORMS)]
SmsProviderName = Annotated[str, AfterValidator(_sms_provider), _words(*known.SMS_PROVIDERS)]
Place = Annotated[str, AfterValidator(_place), _words(*known.PLACES)]
