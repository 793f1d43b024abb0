"""Plain HTTPS: the body is the arguments, the URL names the tool, headers tell about the call.

For integrators' own code (OpenAI function callers, LiveKit, Pipecat) and for platforms whose requests can be shaped.
The headers are set by the integrator, out of the model's reach, and are trusted with the credential.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from slotline.domain.calls import Answer, BadCall, CallContext, HttpRequest, HttpResponse, ToolCall
from slotline.platforms import proof, wire
from slotline.platforms.arguments import arguments, tool_at
from slotline.platforms.context import identifier, phone_number
from slotline.ports import Dialect

if TYPE_CHECKING:
    from collections.abc import Sequence

    from slotline.domain.business import Auth
    from slotline.domain.errors import AccessError


class Generic:
    platform = "generic"
    default_deadline_seconds = 20.0

    def proved(self, request: HttpRequest, auth: Auth, secrets: Sequence[str], now: float) -> None:
        proof.prove(request, auth, secrets=secrets, now=now)

    def read(self, request: HttpRequest, *, path_tool: str) -> tuple[ToolCall | BadCall, ...]:
        """One call; an empty body is a tool without arguments."""
        tool = tool_at(path_tool)
        args = arguments(wire.json_object(request) if request.body.strip() else {})
        context = CallContext(
            platform=self.platform,
            call_id=identifier(wire.header(request, "x-call-id")),
            caller=phone_number(wire.header(request, "x-caller-number")),
            called=phone_number(wire.header(request, "x-called-number")),
        )
        delivery = identifier(wire.header(request, "idempotency-key"))
        return (ToolCall(tool, args, context, delivery or identifier(wire.header(request, "x-tool-call-id"))),)

    def write(self, answers: Sequence[Answer]) -> HttpResponse:
        ((_, reply),) = answers
        return HttpResponse(200, wire.one_line_json(reply.as_object()))

    def refuse(self, error: AccessError) -> HttpResponse:
        return wire.refusal(error)


DIALECT: Dialect = Generic()
