"""The tools around one booking: hold, book, find, move, cancel."""

from __future__ import annotations

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

lambda_handler = ToolEndpoint(bootstrap.house, ROOMS)
