"""Free/busy of other mailboxes: https://learn.microsoft.com/graph/api/calendar-getschedule.

A schedule that Graph could not read comes with an error inside a successful answer. It is unknown, never free.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from slotline.adapters.calendars.microsoft import replies, requests
from slotline.domain.errors import CredentialError, NotExecutedError, SetupError

if TYPE_CHECKING:
    from collections.abc import Callable

    from slotline.adapters.calendars.microsoft.graph import Graph
    from slotline.adapters.calendars.microsoft.requests import Target
    from slotline.domain.time import Interval

    View = Callable[..., list[Interval]]

_SETUP_CODES = frozenset({
    "errormailrecipientnotfound", "errorinvalidsmtpaddress", "errornofreebusyaccess", "erroraccessdenied",
    "errorinvalidemailaddress", "errorproxyrequestnotallowed",
})  # fmt: skip
"""Errors of one schedule that the owner must put right. Any other may pass, as may one that Graph adds later."""


def busy_mailboxes(graph: Graph, target: Target, *, window: Interval, view: View, deadline: float) -> list[Interval]:
    """Busy times of all further mailboxes. `view` reads one calendar by its events, where getSchedule is not served."""
    if target.is_personal:
        return _by_view(graph, target.also_mailboxes, window=window, view=view, deadline=deadline)
    found: list[Interval] = []
    for first in range(0, len(target.also_mailboxes), requests.MOST_SCHEDULES):
        group = target.also_mailboxes[first : first + requests.MOST_SCHEDULES]
        for part in requests.parts(window, days=requests.LONGEST_SCHEDULE_DAYS):
            try:
                found += _scheduled(graph, target, group, window=part, deadline=deadline)
            except _UnservedError:
                found += _by_view(graph, group, window=part, view=view, deadline=deadline)
    return found


class _UnservedError(Exception):
    """This account is not served by getSchedule at all."""


def _scheduled(
    graph: Graph, target: Target, mailboxes: tuple[str, ...], *, window: Interval, deadline: float
) -> list[Interval]:
    path, body = f"{target.root}/calendar/getSchedule", requests.schedule_body(mailboxes, window)
    response = graph.send("POST", path, deadline=deadline, writes=False, json=body)
    try:
        answer = graph.judged(response, about="schedule", writes=False)
    except CredentialError:
        raise
    except SetupError as exc:  # personal accounts are refused; with which code is not documented
        raise _UnservedError from exc
    schedules = replies.schedules_by_id(answer, name=graph.name)
    found: list[Interval] = []
    for number, mailbox in enumerate(mailboxes, start=1):
        schedule = schedules.get(mailbox.lower())
        if schedule is None:
            raise NotExecutedError(f"{graph.name}: no word about one of the mailboxes in also_check")
        code = replies.schedule_error(schedule)
        if code is not None and code.lower() in _SETUP_CODES:
            raise SetupError(f"calendars.{graph.name}.also_check: mailbox {number} cannot be read ({code})")
        if code is not None:
            raise NotExecutedError(f"{graph.name}: mailbox {number} in also_check was not read ({code[:40]})")
        found += replies.busy_of(schedule, name=graph.name)
    return found


def _by_view(
    graph: Graph, mailboxes: tuple[str, ...], *, window: Interval, view: View, deadline: float
) -> list[Interval]:
    found: list[Interval] = []
    for mailbox in mailboxes:
        try:
            found += view(requests.default_calendar_of(mailbox), window, deadline=deadline)
        except CredentialError:
            raise
        except SetupError as exc:
            raise SetupError(
                f"calendars.{graph.name}.also_check: this account may see neither free/busy nor events of one of them"
            ) from exc
    return found
