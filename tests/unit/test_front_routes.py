"""Which function gets which request, and what the gateway says where no function speaks."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from ops.local.functions import FunctionBusyError, FunctionError
from ops.local.gateway import Gateway
from ops.local.payload import HttpRequest
from tests.fakes import FakeClock

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ops.local.payload import HttpResponse

TOOLS = {
    "check_availability": "availability",
    "hold_slot": "booking",
    "book_appointment": "booking",
    "find_appointments": "booking",
    "reschedule_appointment": "booking",
    "cancel_appointment": "booking",
    "send_confirmation": "sms_confirm",
}


class Recorder:
    """An invoker that remembers, and answers or raises what it was given."""

    def __init__(self, outcome: object = "ok") -> None:
        self.outcome = outcome
        self.calls: list[tuple[str, Mapping[str, Any]]] = []

    def invoke(self, name: str, *, event: Mapping[str, Any], patience: float | None = None) -> object:
        self.calls.append((name, event))
        assert patience == 30.0
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


def send(functions: Recorder, method: str, target: str) -> HttpResponse:
    return Gateway(functions, now=FakeClock().now).answer(HttpRequest(method, target, ()))


@pytest.mark.parametrize(("tool", "function"), TOOLS.items())
def test_every_tool_goes_to_its_function(tool: str, function: str) -> None:
    functions = Recorder()

    response = send(functions, "POST", f"/v1/bright-smile/front-desk/{tool}?x=1")

    [(name, event)] = functions.calls
    assert response.status == 200
    assert name == function
    assert event["routeKey"] == f"POST /v1/{{business}}/{{agent}}/{tool}"
    assert event["pathParameters"] == {"business": "bright-smile", "agent": "front-desk"}


@pytest.mark.parametrize("path", ["/v1/health", "/v1/openapi.json"])
def test_service_pages_go_to_availability(path: str) -> None:
    functions = Recorder()

    send(functions, "GET", path)

    assert [(name, event["routeKey"]) for name, event in functions.calls] == [("availability", f"GET {path}")]


@pytest.mark.parametrize("method", ["POST", "GET", "DELETE"])
def test_the_one_url_of_mcp_takes_what_its_clients_try(method: str) -> None:
    functions = Recorder()

    send(functions, method, "/v1/bright-smile/front-desk/mcp")

    [(name, event)] = functions.calls
    assert (name, event["routeKey"]) == ("mcp", f"{method} /v1/{{business}}/{{agent}}/mcp")


def test_what_is_known_about_the_credential_of_mcp_is_public() -> None:
    functions = Recorder()

    send(functions, "GET", "/.well-known/oauth-protected-resource/v1/bright-smile/front-desk/mcp")

    [(name, event)] = functions.calls
    assert (name, event["pathParameters"]) == ("mcp", {"business": "bright-smile", "agent": "front-desk"})


@pytest.mark.parametrize("hook", ["status", "inbound"])
def test_what_the_sms_sender_tells_goes_to_webhook_with_its_query_as_it_stands(hook: str) -> None:
    functions = Recorder()

    send(functions, "POST", f"/v1/sms/bright-smile/{hook}?key=a.1.b%20c")

    [(name, event)] = functions.calls
    assert (name, event["routeKey"]) == ("webhook", f"POST /v1/sms/{{business}}/{hook}")
    assert event["pathParameters"] == {"business": "bright-smile"}
    assert event["rawQueryString"] == "key=a.1.b%20c"


def test_what_a_platform_tells_of_a_call_goes_to_webhook() -> None:
    functions = Recorder()

    send(functions, "POST", "/v1/bright-smile/front-desk/events")

    [(name, event)] = functions.calls
    assert (name, event["routeKey"]) == ("webhook", "POST /v1/{business}/{agent}/events")
    assert event["pathParameters"] == {"business": "bright-smile", "agent": "front-desk"}


def test_path_parameters_are_decoded() -> None:
    functions = Recorder()

    send(functions, "POST", "/v1/caf%C3%A9/a%2Fb/hold_slot")

    assert functions.calls[0][1]["pathParameters"] == {"business": "café", "agent": "a/b"}


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("POST", "/v1/bright-smile/front-desk/steal_slot"),
        ("GET", "/v1/bright-smile/front-desk/hold_slot"),
        ("POST", "/v1/bright-smile/front-desk/hold_slot/"),
        ("POST", "/v1//front-desk/hold_slot"),
        ("POST", "/v1/health"),
        ("HEAD", "/v1/health"),
        ("GET", "/"),
    ],
)
def test_an_unknown_route_is_answered_by_the_gateway(method: str, target: str) -> None:
    functions = Recorder()

    response = send(functions, method, target)

    assert (response.status, json.loads(response.body)) == (404, {"message": "Not Found"})
    assert functions.calls == []


@pytest.mark.parametrize(
    ("outcome", "status", "text"),
    [
        (FunctionError("Traceback: secret of the house"), 500, "Internal Server Error"),
        ({"statusCode": "many"}, 500, "Internal Server Error"),
        (FunctionBusyError("no answer after 30 s"), 503, "Service Unavailable"),
    ],
)
def test_a_failing_function_shows_nothing_of_itself(
    outcome: object, status: int, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    response = send(Recorder(outcome), "GET", "/v1/health")

    assert (response.status, json.loads(response.body)) == (status, {"message": text})
    assert "availability: " in capsys.readouterr().err
