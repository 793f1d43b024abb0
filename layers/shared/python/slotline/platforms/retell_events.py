"""Retell's webhooks: the inbound webhook of a number, and `call_started`, `call_ended`, `call_analyzed` of an agent.

https://docs.retellai.com/features/inbound-call-webhook: ten seconds, up to three more tries; every field of the answer
is optional, values of variables are text. It comes before there is a call, so it may name no call id.
https://docs.retellai.com/features/webhook-overview: events may come again, and `call_ended` without `call_started`.
All of them are signed with the API key as tool calls are, and carry no header of the owner's choice.
"""

from __future__ import annotations

from slotline.domain.call_events import CallEvent, Happened, Welcome, word
from slotline.domain.calls import CallContext, HttpRequest, HttpResponse
from slotline.platforms import wire
from slotline.platforms.context import identifier, phone_number
from slotline.platforms.retell import call_context

_WHAT = {"call_started": Happened.STARTED, "call_ended": Happened.ENDED, "call_analyzed": Happened.ENDED}


class RetellEvents:
    """`{"event": …, "call": {…}}`, and `{"event": "call_inbound", "call_inbound": {…}}`."""

    signature_header: str | None = "x-retell-signature"
    wants_assistant = False
    of_every_agent = False

    def read(self, request: HttpRequest) -> CallEvent | None:
        body = wire.json_object(request)
        name = body.get("event")
        if name == "call_inbound":
            return CallEvent(Happened.ASKED, _inbound(body))
        what = _WHAT.get(str(name))
        if what is None:
            return None
        call = wire.as_object(body.get("call"))
        return CallEvent(what, call_context(call), reason=word(call.get("disconnection_reason")))

    def write(self, event: CallEvent | None, welcome: Welcome | None) -> HttpResponse:
        """Leave the choice of the agent to the number's own settings."""
        if event is None or welcome is None:
            return HttpResponse(200, "{}")
        return HttpResponse(200, wire.one_line_json({"call_inbound": {"dynamic_variables": welcome.variables}}))


def _inbound(body: dict[str, object]) -> CallContext:
    call = wire.as_object(body.get("call_inbound"))
    return CallContext(
        platform="retell",
        call_id=identifier(call.get("call_id")),
        caller=phone_number(call.get("from_number")),
        called=phone_number(call.get("to_number")),
    )


EVENTS = RetellEvents()
