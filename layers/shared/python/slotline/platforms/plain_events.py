"""Call events in a form of our own, for integrators' own code and for platforms whose requests can be shaped.

`{"event": "call_started" | "call_ended", "call_id", "from", "to", "direction", "reason"}`; headers `X-Call-Id`,
`X-Caller-Number` and `X-Called-Number` say the same where the body does not. The start of a call is answered with
`{"dynamic_variables": {…}}`. Whoever sends this is the integrator, not the model: there is no tool behind this URL.
"""

from __future__ import annotations

from slotline.domain.call_events import CallEvent, Happened, Welcome, word
from slotline.domain.calls import CallContext, HttpRequest, HttpResponse
from slotline.platforms import wire
from slotline.platforms.context import identifier, phone_number

_WHAT = {"call_started": Happened.ASKED, "call_ended": Happened.ENDED}


class PlainEvents:
    """The same for every platform that has no events of its own."""

    signature_header: str | None = None
    wants_assistant = False
    of_every_agent = False

    def __init__(self, platform: str) -> None:
        self.platform = platform

    def read(self, request: HttpRequest) -> CallEvent | None:
        """Outbound, the customer is whom the call goes `to`."""
        body = wire.json_object(request)
        what = _WHAT.get(str(body.get("event")))
        if what is None:
            return None
        ends = phone_number(body.get("from")), phone_number(body.get("to"))
        caller, called = reversed(ends) if body.get("direction") == "outbound" else ends
        context = CallContext(
            platform=self.platform,
            call_id=identifier(body.get("call_id")) or identifier(wire.header(request, "x-call-id")),
            caller=caller or phone_number(wire.header(request, "x-caller-number")),
            called=called or phone_number(wire.header(request, "x-called-number")),
        )
        return CallEvent(what, context, reason=word(body.get("reason")))

    def write(self, event: CallEvent | None, welcome: Welcome | None) -> HttpResponse:
        del event
        return HttpResponse(200, wire.one_line_json({"dynamic_variables": welcome.variables} if welcome else {}))
