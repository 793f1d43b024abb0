"""Vapi's server messages about a call: `assistant-request`, `status-update`, `end-of-call-report`.

https://docs.vapi.ai/server-url/events and the ServerMessage schemas of https://api.vapi.ai/api-json. Only
`assistant-request` wants an answer, within 7.5 seconds, and it must name who answers the call: the owner gives the
assistant's id in the desk file. Without one a caller is handed to a person, or hears an apology instead of silence.
All other messages, whatever they are, are acknowledged. They are proved as tool calls are, by the same credential.
"""

from __future__ import annotations

from collections.abc import Mapping

from slotline.domain.call_events import CallEvent, Happened, Welcome, word
from slotline.domain.calls import HttpRequest, HttpResponse
from slotline.platforms import wire
from slotline.platforms.context import identifier
from slotline.platforms.vapi import call_context

APOLOGY = "Sorry, nobody can take your call right now. Please call again later."
_OF_STATUS = {"in-progress": Happened.STARTED, "ended": Happened.ENDED}


class VapiEvents:
    """One envelope, `{"message": {"type": …}}`, for everything."""

    signature_header: str | None = None
    wants_assistant = True
    of_every_agent = False

    def read(self, request: HttpRequest) -> CallEvent | None:
        message = wire.as_object(wire.json_object(request).get("message"))
        what = _what(message)
        if what is None:
            return None
        assistant = identifier(wire.as_object(message.get("call")).get("assistantId"))
        return CallEvent(what, call_context(message), reason=word(message.get("endedReason")), assistant=assistant)

    def write(self, event: CallEvent | None, welcome: Welcome | None) -> HttpResponse:
        if event is None or welcome is None:
            return HttpResponse(200, "{}")
        return HttpResponse(200, wire.one_line_json(_answer(welcome.assistant or event.assistant, welcome)))


def _what(message: Mapping[str, object]) -> Happened | None:
    match message.get("type"):
        case "assistant-request":
            return Happened.ASKED
        case "status-update":
            return _OF_STATUS.get(str(message.get("status")))
        case "end-of-call-report":
            return Happened.ENDED
    return None


def _answer(assistant: str | None, welcome: Welcome) -> dict[str, object]:
    """Say who answers. A caller nobody would answer is better off with a person, or with a sentence."""
    if assistant is not None:
        return {"assistantId": assistant, "assistantOverrides": {"variableValues": welcome.variables}}
    if welcome.transfer_to is not None:
        return {"destination": {"type": "number", "number": welcome.transfer_to}}
    return {"error": APOLOGY}


EVENTS = VapiEvents()
