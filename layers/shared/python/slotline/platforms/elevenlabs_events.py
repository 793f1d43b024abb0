"""ElevenLabs: the request for conversation initiation client data, and post-call webhooks.

https://elevenlabs.io/docs, Agents, "Twilio personalization": `{"caller_id", "agent_id", "called_number", "call_sid"}`,
with headers of the owner's choice; every variable that the agent uses must be in the answer. There is no call id in it
that tools would know: a `conversation_id` is read if one comes, which is not documented.
https://elevenlabs.io/docs, Agents, "Post-call webhooks": `{"type", "event_timestamp", "data": {"conversation_id", …}}`,
signed by `ElevenLabs-Signature` with a secret of the webhook's own; sent for all agents of a workspace, to whom they
are known by an `agent_id` that is not ours. `termination_reason` is free text and is not read.
"""

from __future__ import annotations

from slotline.domain.call_events import CallEvent, Happened, Welcome, word
from slotline.domain.calls import CallContext, HttpRequest, HttpResponse
from slotline.platforms import wire
from slotline.platforms.context import identifier, phone_number

_PLATFORM = "elevenlabs"
_ENDS = ("post_call_transcription", "post_call_audio", "call_initiation_failure")


class ElevenLabsEvents:
    """Two bodies that have nothing in common: one has a `type`, the other a `caller_id`."""

    signature_header: str | None = "elevenlabs-signature"
    wants_assistant = False
    of_every_agent = True

    def read(self, request: HttpRequest) -> CallEvent | None:
        body = wire.json_object(request)
        if "type" in body:
            return _ended(body) if body["type"] in _ENDS else None
        if "caller_id" not in body and "call_sid" not in body:
            return None
        context = CallContext(
            platform=_PLATFORM,
            call_id=identifier(body.get("conversation_id")),
            caller=phone_number(body.get("caller_id")),
            called=phone_number(body.get("called_number")),
        )
        return CallEvent(Happened.ASKED, context)

    def write(self, event: CallEvent | None, welcome: Welcome | None) -> HttpResponse:
        if event is None or welcome is None:
            return HttpResponse(200, "{}")
        answer = {"type": "conversation_initiation_client_data", "dynamic_variables": welcome.variables}
        return HttpResponse(200, wire.one_line_json(answer))


def _ended(body: dict[str, object]) -> CallEvent:
    data = wire.as_object(body.get("data"))
    reason = word(data.get("failure_reason")) or word(data.get("status"))
    return CallEvent(Happened.ENDED, CallContext(_PLATFORM, identifier(data.get("conversation_id"))), reason=reason)


EVENTS = ElevenLabsEvents()
