"""Why Calendly says no: https://developer.calendly.com/api-docs and https://community.calendly.com/api-webhook-help-61.

What a refused booking looks like is not documented. So words decide too, and those that may be misread are marked, for
the availability to confirm them (`CalendlyRefusedError.unsure`).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from slotline.adapters.calendars.calendly.replies import items, member, text
from slotline.domain.errors import InDoubtError, ProviderError, Refusal, RefusedError, SetupError

if TYPE_CHECKING:
    import httpx

    from slotline.domain.business import Service

BOOKING, EVENT, CANCELLATION, EVENT_TYPE, ACCOUNT = "booking", "event", "cancellation", "event type", "account"
"""What a request was about; the same status means another thing for each."""

BAD_REQUEST = 400


class CalendlyRefusedError(RefusedError):
    """A refusal; `unsure` when its words could mean another thing, `is_over` when the event lies in the past."""

    unsure = False
    is_over = False


@dataclass(frozen=True, slots=True)
class _Row:
    """What was asked, the status (0: any), words in the answer, and what they mean: text is a mistake in the set-up."""

    what: str
    status: int
    words: str
    means: Refusal | str | None  # None: nobody knows whether it happened
    field: str | None = None
    unsure: bool = False


_EVENT_TYPE = "services.{service}.event_type"
_ROWS = (
    _Row(BOOKING, 408, r"", None),
    _Row(BOOKING, 424, r"", None),
    _Row(BOOKING, 0, r"code=already_filled", Refusal.TAKEN),
    _Row(BOOKING, 403, r"upgrade|\bplan\b|trial", "calendars.{name}: this Calendly plan takes no bookings by API"),
    _Row(BOOKING, 404, r"", f"{_EVENT_TYPE}: Calendly does not know this event type"),
    _Row(BOOKING, 0, r"param=event_type", f"{_EVENT_TYPE}: Calendly does not take it"),
    _Row(BOOKING, 0, r"param=\S*text_reminder", 'calendars.{name}.text_reminders: the number is refused; set "false"'),
    _Row(BOOKING, 0, r"param=\S*email\b", Refusal.NEEDS_FIELD, field="email"),
    _Row(BOOKING, 0, r"param=\S*timezone", "time_zone: Calendly does not know this zone"),
    _Row(BOOKING, 0, r"param=\S*name\b", Refusal.NEEDS_FIELD, field="name"),
    _Row(BOOKING, 0, r"param=location", "services.{service}.where.kind: not a place of the event type"),
    _Row(BOOKING, 0, r"param=questions", f"{_EVENT_TYPE}: its questions must be optional"),
    _Row(BOOKING, 0, r"param=\S*(tracking|utm_|salesforce)", "calendars.{name}.tag_field: it refuses the tag"),
    _Row(BOOKING, 0, r"in the past|minimum notice|too (soon|early|far|late)", Refusal.TOO_SOON_OR_FAR),
    _Row(BOOKING, 409, r"", Refusal.TAKEN),
    _Row(BOOKING, 0, r"no longer available|already (been )?(filled|booked|taken|reserved)", Refusal.TAKEN),
    _Row(BOOKING, 400, r"already|filled|not available", Refusal.TAKEN, unsure=True),
    _Row(BOOKING, 422, r"already|filled|not available", Refusal.TAKEN, unsure=True),
    _Row(BOOKING, 0, r"param=start_time", Refusal.OUTSIDE_HOURS, unsure=True),
    _Row(CANCELLATION, 408, r"", None),
    _Row(CANCELLATION, 424, r"", None),
    _Row(CANCELLATION, 403, r"already cancell?ed", Refusal.GONE),
    _Row(CANCELLATION, 403, r"in the past|not allowed to cancel", Refusal.NOT_PERMITTED),
    _Row(CANCELLATION, 404, r"", Refusal.GONE),
    _Row(EVENT, 404, r"", Refusal.GONE),
    _Row(EVENT_TYPE, 404, r"", f"{_EVENT_TYPE}: Calendly does not know this event type"),
    _Row("", 403, r"upgrade|\bplan\b|trial", "calendars.{name}: this Calendly plan does not allow it"),
    _Row("", 403, r"", "calendars.{name}.api_key: it, or the OAuth grant, lacks a scope or a right"),
)  # fmt: skip
"""The first row that fits decides. What fits none is a mistake in the set-up: a definite no that the owner must see."""


def refusal(response: httpx.Response, *, what: str, name: str, service: Service | None = None) -> ProviderError:
    """The error behind an answer that is no success."""
    words = _words(response)
    for row in _ROWS:
        if row.what not in {"", what} or row.status not in {0, response.status_code}:
            continue
        if re.search(row.words, words, re.IGNORECASE) is None:
            continue
        if row.means is None:
            return InDoubtError(f"{name}: HTTP {response.status_code}")
        if isinstance(row.means, Refusal):
            refused = CalendlyRefusedError(
                row.means, f"{name}: {row.means} {row.field or ''}".rstrip(), field=row.field
            )
            refused.unsure = row.unsure
            refused.is_over = "in the past" in words.lower()
            return refused
        return SetupError(row.means.format(name=name, service=service.key if service else "*"))
    return SetupError(f"{name}: HTTP {response.status_code} {_title(response)}".rstrip())


def names_range(response: httpx.Response) -> bool:
    """Whether a refused question about availability names the window as what is wrong."""
    return (
        response.status_code == BAD_REQUEST and re.search(r"param=(start|end)_time|range", _words(response)) is not None
    )


def _words(response: httpx.Response) -> str:
    """Message and details of an error as one line, with the names of what they are about."""
    body = _body(response)
    found = [text(body, "title"), text(body, "message")]
    for detail in items(member(body, "details")):
        found += [
            f"{key}={value}"
            for key, value in (("code", text(detail, "code")), ("param", text(detail, "parameter")))
            if value
        ]
        found.append(text(detail, "message"))
    return " ".join(" ".join(line.split()) for line in found if line)


def _title(response: httpx.Response) -> str:
    """The title, the only part of an unknown error that certainly holds no personal data."""
    title = text(_body(response), "title") or ""
    return title if re.fullmatch(r"[A-Za-z ]{3,40}", title) else ""


def _body(response: httpx.Response) -> object:
    try:
        body: object = json.loads(response.content)
    except (ValueError, RecursionError):
        return None
    return body
