"""Synthflow custom actions: a body template that the owner writes, and a real request with example values as a test.

https://docs.synthflow.ai, custom actions. Only the body is known to have its placeholders filled in, so that the call
must stand there: `call_id`, `caller_number` (`user_phone_number`), `called_number`. Every action has to be
initialised, which sends a request with example values or unfilled placeholders. Such a request has no call id, for
there is no call; what changes anything needs one, and no argument may say `example`. The default of `failure_timeout`
is not documented: five seconds is on the safe side.
"""

from __future__ import annotations

from slotline.domain.calls import BadCall, HttpRequest, Tool, ToolCall
from slotline.platforms.flat import Flat, with_the_call
from slotline.ports import Dialect

_READS = frozenset({Tool.CHECK_AVAILABILITY, Tool.FIND_APPOINTMENTS})
_TEST_WORDS = "The connection works. This request did not come from a phone call, so nothing was booked or changed."


class Synthflow(Flat):
    """The flat family, with tests told apart from calls."""

    def read(self, request: HttpRequest, *, path_tool: str) -> tuple[ToolCall | BadCall, ...]:
        """A test of anything but a look-up is answered without being run."""
        return tuple(_unless_test(call) for call in super().read(request, path_tool=path_tool))


def _unless_test(call: ToolCall | BadCall) -> ToolCall | BadCall:
    if isinstance(call, BadCall) or call.tool in _READS:
        return call
    example = any(isinstance(value, str) and value.strip().lower() == "example" for value in call.args.values())
    if call.context.call_id is not None and not example:
        return call
    return BadCall(call.id, call.tool, "test_request", _TEST_WORDS)


DIALECTS: dict[str, Dialect] = {"full": Synthflow("synthflow", deadline_seconds=5.0, reads=with_the_call)}
