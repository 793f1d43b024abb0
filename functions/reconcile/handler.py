"""Every minute: drive what is unfinished, sweep what the stream lost. In between, heed hints and settle ended calls.

Every few minutes the calendars that tell nothing are asked, and every night everything is compared with everything.
"""

from __future__ import annotations

from typing import Any

from slotline import bootstrap
from slotline.bootstrap.calendar_work import CalendarWork, every_business
from slotline.bootstrap.call_work import CallWork
from slotline.runtime.hint_queue import work_off_hints


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Do one kind of work until it is done, or until this invocation's time is nearly over."""
    here = bootstrap.house()
    ends = here.clock.now() + context.get_remaining_time_in_millis() / 1000
    calendars = CalendarWork(here, ends)
    if "Records" in event:
        return work_off_hints(event, desk=calendars.hint_desk, call_ended=CallWork(here).ended)
    match event.get("work"):
        case "drift-scan":
            return {"found": every_business(here, calendars.scan)}
        case "upkeep":
            return {"failed": every_business(here, calendars.keep_up)}
        case "poll":
            return {"changed": every_business(here, calendars.poll)}
    return {"looked_at": here.reconciler(process_ends=ends).run(ends=ends)}
