"""The local stand-in for API Gateway's HTTP API: the routes, and a request's way to a function and back."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import unquote

from ops.local.functions import FunctionBusyError, FunctionError
from ops.local.payload import BadResponseError, HttpRequest, HttpResponse, Match, message, to_event, to_response

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ops.local.functions import Invoker

INTEGRATION_SECONDS = 30.0  # API Gateway waits no longer for a function


@dataclass(frozen=True, slots=True)
class Route:
    """One route of the HTTP API; `{name}` in the path stands for one segment."""

    method: str
    path: str
    function: str

    def match(self, method: str, path: str) -> Match | None:
        """Return the match with its decoded parameters, None when this route is for other requests."""
        wanted, given = self.path.split("/"), path.split("/")
        if method != self.method or len(wanted) != len(given):
            return None
        parameters: dict[str, str] = {}
        for want, have in zip(wanted, given, strict=True):
            if want.startswith("{") and have:
                parameters[want[1:-1]] = unquote(have)
            elif want != have:
                return None
        return Match(f"{self.method} {self.path}", self.function, parameters)


_AGENT = "/v1/{business}/{agent}"
_BOOKING_TOOLS = (
    "hold_slot",
    "book_appointment",
    "find_appointments",
    "reschedule_appointment",
    "cancel_appointment",
)
ROUTES: tuple[Route, ...] = (
    Route("GET", "/v1/health", "availability"),
    Route("GET", "/v1/openapi.json", "availability"),
    Route("POST", f"{_AGENT}/check_availability", "availability"),
    *(Route("POST", f"{_AGENT}/{tool}", "booking") for tool in _BOOKING_TOOLS),
    Route("POST", f"{_AGENT}/send_confirmation", "sms_confirm"),
    *(Route(method, f"{_AGENT}/mcp", "mcp") for method in ("POST", "GET", "DELETE")),
    Route("GET", f"/.well-known/oauth-protected-resource{_AGENT}/mcp", "mcp"),
    Route("POST", "/v1/sms/{business}/status", "webhook"),
    Route("POST", "/v1/sms/{business}/inbound", "webhook"),
    Route("POST", "/v1/webhooks/{business}/{calendar}", "webhook"),
    Route("POST", f"{_AGENT}/events", "webhook"),
)


class Gateway:
    """From an HTTP request to a function's answer, with API Gateway's own replies where no function speaks."""

    def __init__(
        self, functions: Invoker, *, routes: Sequence[Route] = ROUTES, now: Callable[[], float] = time.time
    ) -> None:
        self._functions = functions
        self._routes = routes
        self._now = now

    def answer(self, request: HttpRequest) -> HttpResponse:
        """Never raises on account of a function: what went wrong there goes to standard error."""
        path = request.target.partition("?")[0]
        match = next((found for route in self._routes if (found := route.match(request.method, path))), None)
        if match is None:
            return message(HTTPStatus.NOT_FOUND, "Not Found")
        event = to_event(request, match, now=self._now())
        try:
            return to_response(self._functions.invoke(match.function, event=event, patience=INTEGRATION_SECONDS))
        except FunctionBusyError as exc:
            print(f"{match.function}: {exc}", file=sys.stderr)
            return message(HTTPStatus.SERVICE_UNAVAILABLE, "Service Unavailable")
        except (FunctionError, BadResponseError) as exc:
            print(f"{match.function}: {exc}", file=sys.stderr)
            return message(HTTPStatus.INTERNAL_SERVER_ERROR, "Internal Server Error")
