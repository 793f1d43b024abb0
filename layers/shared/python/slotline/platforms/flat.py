"""The flat family: the URL names the tool, the body is what the model filled in, and the call stands in headers.

Headers are written into the tool's definition, out of the model's reach, and are trusted with the credential. What
stands in such a body is the model's, and a claim, unless the owner says in the desk file (`payload: full`) that the
definition of the tool pins the call there: then the names of `PINNED` at the root of the body are the platform's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from slotline.domain.calls import Answer, BadCall, CallContext, HttpRequest, HttpResponse, ToolCall
from slotline.domain.errors import AccessError
from slotline.platforms import proof, wire
from slotline.platforms.arguments import arguments, tool_at
from slotline.platforms.context import identifier, phone_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from slotline.domain.business import Auth

PINNED = frozenset({"call_id", "conversation_id", "caller_number", "called_number"})
"""What a tool's definition can pin to the root of a body. Two of one name are refused: some platforms paste the model's
words into the text of the body, and a quotation mark in them would add a second one."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a body says: the model's arguments, and what somebody else wrote around them."""

    arguments: object
    call: Mapping[str, object] = field(default_factory=dict)
    delivery: object = None
    tool: str | None = None  # where the body names it


Reading = Callable[[Mapping[str, object]], Told]


def nothing_but_arguments(body: Mapping[str, object]) -> Told:
    """Whatever it looks like, it is the model's."""
    return Told(body)


def with_the_call(body: Mapping[str, object]) -> Told:
    """Take the call from the root, and the arguments from `args` where there are such, else from the root too."""
    call = {name: body[name] for name in PINNED & body.keys()}
    return Told(body.get("args") if isinstance(body.get("args"), str | dict) else body, call)


class Flat:
    """One request is one call, answered with the reply itself as JSON and HTTP 200."""

    def __init__(
        self,
        platform: str,
        *,
        deadline_seconds: float,
        own: proof.Scheme | None = None,
        reads: Reading = nothing_but_arguments,
        call_id_headers: tuple[str, ...] = ("x-call-id",),
        forms: bool = False,
        attestation_header: str | None = None,
    ) -> None:
        """Take the `own` signature scheme of the platform, and whether a body may also be a submitted form.

        `attestation_header` is where the owner's tool definition puts the carrier's word on the caller's number.
        """
        self.platform = platform
        self.default_deadline_seconds = deadline_seconds
        self._own = own
        self._reads = reads
        self._call_id_headers = call_id_headers
        self._forms = forms
        self._attestation_header = attestation_header

    def proved(self, request: HttpRequest, auth: Auth, secrets: Sequence[str], now: float) -> None:
        proof.prove(request, auth, secrets=secrets, now=now, own=self._own)

    def read(self, request: HttpRequest, *, path_tool: str) -> tuple[ToolCall | BadCall, ...]:
        """One call; an empty body is a tool without arguments."""
        body = self._body(request)
        told = self._reads(body)
        tool = tool_at(path_tool if told.tool is None else told.tool)
        keys = (wire.header(request, "idempotency-key"), wire.header(request, "x-tool-call-id"), told.delivery)
        delivery = next((key for sent in keys if (key := identifier(sent))), None)
        try:
            args = arguments(told.arguments)
        except AccessError as error:
            if told.arguments is body:
                raise
            return (BadCall(delivery, tool, error.code, str(error)),)
        return (ToolCall(tool, args, self._context(request, told), delivery),)

    def write(self, answers: Sequence[Answer]) -> HttpResponse:
        ((_, reply),) = answers
        return HttpResponse(200, wire.one_line_json(reply.as_object()))

    def refuse(self, error: AccessError) -> HttpResponse:
        return wire.refusal(error)

    def _body(self, request: HttpRequest) -> Mapping[str, object]:
        if not request.body.strip():
            return {}
        if self._forms and wire.is_form(request):
            return wire.form_object(request)
        return wire.json_object(request, once=frozenset() if self._reads is nothing_but_arguments else PINNED)

    def _context(self, request: HttpRequest, told: Told) -> CallContext:
        """Take every fact from its header, else from what is pinned in the body."""
        ids = [wire.header(request, name) for name in self._call_id_headers]
        ids_told = [told.call.get(name) for name in ("conversation_id", "call_id")]
        return CallContext(
            platform=self.platform,
            call_id=next((found for sent in (*ids, *ids_told) if (found := identifier(sent))), None),
            caller=phone_number(wire.header(request, "x-caller-number"))
            or phone_number(told.call.get("caller_number")),
            called=phone_number(wire.header(request, "x-called-number"))
            or phone_number(told.call.get("called_number")),
            attested=self._attested(request),
        )

    def _attested(self, request: HttpRequest) -> bool:
        """Only the full attestation counts; B, C, nothing and a template that was never filled in do not."""
        sent = wire.header(request, self._attestation_header) if self._attestation_header else None
        return sent is not None and sent.strip() == "A"
