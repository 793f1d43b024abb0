"""The tools around one booking: hold, book, find, move, cancel."""

from __future__ import annotations

from typing import Any

from slotline import bootstrap
from slotline.domain.calls import Tool
from slotline.runtime import contracts
from slotline.runtime.tool_endpoint import ToolEndpoint
from slotline.runtime.tools import ToolRoom
from slotline.use_cases.appointments import find_appointments
from slotline.use_cases.booking import book_appointment, hold_slot
from slotline.use_cases.cancel import cancel_appointment
from slotline.use_cases.reschedule import reschedule_appointment

ROOMS = [
    ToolRoom(Tool.HOLD_SLOT, contracts.HoldSlot, hold_slot),
    ToolRoom(Tool.BOOK_APPOINTMENT, contracts.BookAppointment, book_appointment),
    ToolRoom(Tool.FIND_APPOINTMENTS, contracts.FindAppointments, find_appointments),
    ToolRoom(Tool.RESCHEDULE_APPOINTMENT, contracts.RescheduleAppointment, reschedule_appointment),
    ToolRoom(Tool.CANCEL_APPOINTMENT, contracts.CancelAppointment, cancel_appointment),
]

endpoint = ToolEndpoint(bootstrap.house, ROOMS)


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one HTTP request, or get ready for those of a call that begins."""
    if "warm" in event:
        from slotline.bootstrap.warm_up import warm_up

        here = bootstrap.house()
        ends = here.clock.now() + context.get_remaining_time_in_millis() / 1000
        return dict(warm_up(here, event, ends=ends, every_service=False))
    return endpoint(event, context)
