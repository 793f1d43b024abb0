"""What each refusal of Google Calendar means for us: one table.

The reasons: https://developers.google.com/workspace/calendar/api/guides/errors and
https://developers.google.com/workspace/calendar/api/guides/quota. Google does not promise a Retry-After header; where
it sends none, the table says how long to leave it alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from slotline.adapters.calendars._http import lost, retry_after
from slotline.adapters.calendars.google.replies import problem_of
from slotline.domain.errors import NotExecutedError, ProviderError, Refusal, RefusedError, SetupError

if TYPE_CHECKING:
    import httpx

REQUEST_TIMEOUT = 408

SHARING = "share it with this account with the right to make changes to events"


@dataclass(frozen=True, slots=True)
class _Row:
    """A refusal and what it means; exactly one of `wait` (seconds), `refusal` and `fix` is given.

    `about` limits the row to requests about one event or about a whole calendar, `words` to messages that hold them.
    """

    status: int
    reason: str  # a regular expression over the whole reason
    wait: float | None = None
    refusal: Refusal | None = None
    fix: str | None = None  # names the field; {name} is the calendar's, {service} the service's
    field: str | None = None
    about: Literal["event", "calendar"] | None = None
    words: str = ""


_ROWS = (
    _Row(400, "invalid", words="conference", fix="services.{service}.where.kind: this account may not make Meet links"),
    _Row(400, "invalid|required", words="attendee.*e-?mail", refusal=Refusal.NEEDS_FIELD, field="email"),
    _Row(403, "rateLimitExceeded|userRateLimitExceeded", wait=30.0),
    _Row(403, "quotaExceeded", wait=900.0),
    _Row(403, "dailyLimitExceeded(Unreg)?", wait=3600.0),
    _Row(
        403,
        "forbiddenForServiceAccounts",
        fix="calendars.{name}.invite: a service account cannot invite; set calendars.{name}.subject, or no invite",
    ),
    _Row(403, "forbiddenForNonOrganizer", refusal=Refusal.NOT_PERMITTED),
    _Row(
        403, "insufficientPermissions", fix="calendars.{name}: the consent lacks a scope; connect again and allow all"
    ),
    _Row(403, "accessNotConfigured", fix="calendars.{name}: enable the Google Calendar API in the client's project"),
    _Row(403, "forbidden|requiredAccessLevel", fix=f"calendars.{{name}}.calendar_id: {SHARING}"),
    _Row(404, "notFound", refusal=Refusal.GONE, about="event"),
    _Row(404, "notFound", fix=f"calendars.{{name}}.calendar_id: unknown or not shared; check the id and {SHARING}"),
    _Row(409, "conflict", wait=2.0),
    _Row(410, "deleted", refusal=Refusal.GONE, about="event"),
)
"""The first row that fits decides. What fits none is a mistake in the set-up: a definite no that the owner must see."""


def refusal(
    response: httpx.Response,
    *,
    name: str,
    about: Literal["event", "calendar"],
    now: float,
    writes: bool,
    service: str = "",
) -> ProviderError:
    """The error behind an answer that is no success."""
    problem = problem_of(response)
    if problem.status == REQUEST_TIMEOUT:
        return lost(name, "HTTP 408", writes=writes)
    for row in _ROWS:
        if row.status != problem.status or row.about not in {None, about}:
            continue
        if not re.fullmatch(row.reason, problem.reason) or not re.search(row.words, problem.message, re.IGNORECASE):
            continue
        if row.wait is not None:
            wait = retry_after(response.headers, now=now) if "retry-after" in response.headers else row.wait
            return NotExecutedError(f"{name}: {problem.shown}", retry_after=wait)
        if row.refusal is not None:
            return RefusedError(row.refusal, f"{name}: {row.refusal}", field=row.field)
        fix = (row.fix or "").format(name=name, service=service)
        return SetupError(f"{fix} ({problem.shown})")
    return SetupError(f"{name}: {problem.shown}")
