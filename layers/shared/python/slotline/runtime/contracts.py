"""What a model may fill in, tool by tool: the one contract behind every URL, MCP and the published document."""

from __future__ import annotations

from pydantic import Field

from slotline.runtime.tools import Arguments


class CheckAvailability(Arguments):
    """Find free times for a service."""

    service: str | None = Field(None, description="Which service, by name")
    when: str | None = Field(
        None, description="The caller's own words for the day, such as 'next Tuesday morning', or a date YYYY-MM-DD"
    )
    part_of_day: str | None = Field(None, description="morning, afternoon, evening or any")
    staff: str | None = Field(None, description="Name of the person the caller wants to see, if they named one")
    after: str | None = Field(
        None, description="Only later than this: an offer's start, a local time, or 'my appointment'"
    )
    more: bool | None = Field(None, description="True when the caller wants other times than those just offered")


class _Slot(Arguments):
    slot_id: str | None = Field(None, description="slot_id of the offer the caller chose")
    date: str | None = Field(None, description="Local date YYYY-MM-DD, without a slot_id")
    time: str | None = Field(None, description="Local time HH:MM, without a slot_id")


class HoldSlot(_Slot):
    """Keep a slot for two minutes while the caller decides."""

    service: str | None = Field(None, description="Which service, by name")


class BookAppointment(_Slot):
    """Book the slot the caller agreed to."""

    service: str | None = Field(None, description="Which service, by name")
    # A number is no name, though 1e308 has a letter in it.
    name: str | None = Field(None, description="The caller's full name", coerce_numbers_to_str=False)
    email: str | None = Field(None, description="The caller's e-mail address, if they gave one")
    phone: str | None = Field(None, description="Another phone number than the one they call from, if they gave one")
    notes: str | None = Field(None, description="Anything the business should know beforehand")


class _Proof(Arguments):
    code: str | None = Field(None, description="Six digits texted to the caller, as read out")


class FindAppointments(_Proof):
    """The caller's own coming appointments."""


class RescheduleAppointment(_Slot, _Proof):
    """Move one of the caller's appointments to another slot."""

    appointment: str | None = Field(None, description="Handle, such as appt_1; none if just booked")


class CancelAppointment(_Proof):
    """Cancel one of the caller's appointments; the first call asks."""

    appointment: str | None = Field(None, description="Handle, such as appt_1")
    confirm: bool | None = Field(None, description="True after a yes to its question")


class SendConfirmation(Arguments):
    """Text the caller the details of an appointment."""

    appointment: str | None = Field(None, description="Handle, such as appt_1")
    phone: str | None = Field(None, description="Another number than the one they call from, if they asked for it")
