"""What each refusal of Microsoft Graph means for us: one table.

Codes: https://learn.microsoft.com/graph/errors and the reference pages of the calendar calls. Graph asks its clients to
branch on codes, outer and inner, never on messages. 401, 429 and 5xx never come here: `_http` judges them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from slotline.adapters.calendars._http import retry_after
from slotline.domain.errors import InDoubtError, NotExecutedError, ProviderError, Refusal, RefusedError, SetupError

if TYPE_CHECKING:
    import httpx

About = Literal["event", "calendar", "schedule", "settings", "subscription"]
"""What a request is about: one event, a calendar of our mailbox, other schedules, settings, or the subscriptions."""

BAD_REQUEST, FORBIDDEN, NOT_FOUND, CONFLICT, GONE, PRECONDITION = 400, 403, 404, 409, 410, 412

DUPLICATE = "errorduplicatetransactionid"
EXISTING_ID = "@event.existingEventId"
_DEEPEST_ERROR = 4  # Graph nests an innerError or two

_RIGHTS = (
    "auth: the app may not use this mailbox; grant Calendars.ReadWrite, give admin consent where it is needed, and let "
    "the mailbox be in the app's scope"
)


@dataclass(frozen=True, slots=True)
class _Row:
    """A refusal and what it means: exactly one of `refusal`, `setup`, `again` (seconds) and `doubt` is given."""

    status: int | None  # None: any
    codes: str  # a regular expression over one whole code, in lower case; empty: any
    about: About | None = None
    refusal: Refusal | None = None
    field: str | None = None  # for NEEDS_FIELD
    setup: str | None = None  # field and fix, behind `calendars.<name>.`
    again: float | None = None
    doubt: bool = False


_ROWS = (
    _Row(None, r"erroritemnotfound|errorinvalididmalformed", "event", refusal=Refusal.GONE),
    _Row(GONE, "", "event", refusal=Refusal.GONE),
    _Row(None, r"erroritemnotfound|errorinvalididmalformed", "calendar",
         setup="calendar_id: no such calendar in this mailbox; `slotline calendars` lists them"),
    _Row(None, r"erroritemnotfound|resourcenotfound", "subscription", refusal=Refusal.GONE),
    _Row(None, r"mailboxnotenabledforrestapi|errornonexistentmailbox|errorinvaliduser|(request_)?resourcenotfound",
         setup="mailbox: no such mailbox, or one without Exchange Online"),
    _Row(None, r"insufficient_claims|erroraccessdenied|authorization_requestdenied|accessdenied|forbidden",
         setup=_RIGHTS),
    _Row(None, r"applicationthrottled|toomanyrequests|errorserverbusy",
         again=30.0),
    # Exchange's own words for an address it does not take; not in Graph's documentation, and a definite no.
    _Row(BAD_REQUEST, r"errorinvalidrecipients|errorinvalidemailaddress|errorinvalidsmtpaddress",
         refusal=Refusal.NEEDS_FIELD, field="email"),
    _Row(BAD_REQUEST, r"erroroccurrencecrossingboundary", refusal=Refusal.NOT_PERMITTED),
    _Row(BAD_REQUEST, r"timezonenotsupportedexception", setup="time_zone: Outlook does not know it"),
    # A duplicate that the adapter could not resolve, and a conflict at the moment of saving, which Exchange also
    # reports when nobody else wrote: the event may be there.
    _Row(None, DUPLICATE, doubt=True),
    _Row(CONFLICT, "", doubt=True),
    _Row(PRECONDITION, "", doubt=True),
    _Row(FORBIDDEN, "", setup=_RIGHTS),
    _Row(NOT_FOUND, "", "calendar", setup="calendar_id: no such calendar in this mailbox"),
    _Row(NOT_FOUND, "", "subscription", refusal=Refusal.GONE),
    _Row(NOT_FOUND, "", setup="mailbox: no such mailbox"),
)  # fmt: skip
"""The first row that fits decides. What fits none is a mistake in the set-up: a definite no that the owner must see."""


def refusal(response: httpx.Response, *, name: str, about: About, writes: bool, now: float) -> ProviderError:
    """The error behind an answer that is no success."""
    status, codes = response.status_code, codes_of(response)
    shown = f"HTTP {status} {codes[0] if codes else ''}".rstrip()
    for row in _ROWS:
        if row.status not in {None, status} or row.about not in {None, about}:
            continue
        if row.codes and not any(re.fullmatch(row.codes, code.lower()) for code in codes):
            continue
        if row.refusal is not None:
            return RefusedError(row.refusal, f"{name}: {row.refusal} ({shown})", field=row.field)
        if row.again is not None:
            wait = retry_after(response.headers, now=now) if "retry-after" in response.headers else row.again
            return NotExecutedError(f"{name}: {shown}", retry_after=wait)
        if row.doubt:
            return InDoubtError(f"{name}: {shown}") if writes else NotExecutedError(f"{name}: {shown}")
        return SetupError(f"calendars.{name}.{row.setup} ({shown})")
    return SetupError(f"calendars.{name}: Microsoft refuses the request as it is configured ({shown})")


def codes_of(response: httpx.Response) -> tuple[str, ...]:
    """The error's code and the codes inside it, outermost first; only what looks like a code, never a message."""
    return tuple(dict.fromkeys(_codes(error_of(response))))


def is_duplicate(response: httpx.Response) -> bool:
    """Whether our transactionId was used before with another body; both statuses have been seen."""
    return response.status_code in {BAD_REQUEST, CONFLICT} and DUPLICATE in {c.lower() for c in codes_of(response)}


def existing_event(response: httpx.Response) -> str | None:
    """The id of the event that used our transactionId; Graph does not always say."""
    found = error_of(response).get(EXISTING_ID)
    return found if isinstance(found, str) and found else None


def error_of(response: httpx.Response) -> dict[str, object]:
    """The error object; empty when the body holds none."""
    try:
        body: object = json.loads(response.content)
    except (ValueError, RecursionError):
        return {}
    error = body.get("error") if isinstance(body, dict) else None
    return error if isinstance(error, dict) else {}


def _codes(error: object, *, depth: int = 0) -> Iterator[str]:
    if not isinstance(error, dict) or depth > _DEEPEST_ERROR:
        return
    code = error.get("code")
    if isinstance(code, str) and re.fullmatch(r"[A-Za-z_.]{3,80}", code):
        yield code
    for key in ("innerError", "innererror"):
        yield from _codes(error.get(key), depth=depth + 1)
