"""The frame around every webhook: what each error becomes in HTTP, and that no error tells what was sent."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import BaseModel

from slotline.domain.calls import HttpRequest, HttpResponse
from slotline.domain.errors import AccessError, ConfigError, Refusal, RefusedError, StoreUnavailableError
from slotline.runtime.http_event import http_request
from slotline.runtime.webhook_endpoint import Hook, WebhookEndpoint

ROUTE = "POST /v1/things/{business}"
SECRET = "Ada +14155550155"


class _Strict(BaseModel):
    number: int


def event(body: str = "", *, base64: bool = False, route: str = ROUTE, **changes: Any) -> dict[str, Any]:
    return {
        "routeKey": route,
        "rawPath": "/v1/things/desk",
        "rawQueryString": "a=1&b=%20",
        "headers": {},
        "requestContext": {"http": {"method": "POST"}},
        "pathParameters": {"business": "desk"},
        "body": body,
        "isBase64Encoded": base64,
        **changes,
    }


def endpoint(failure: Exception | None = None) -> WebhookEndpoint[str]:
    def answer(here: str, request: HttpRequest) -> HttpResponse:
        if isinstance(failure, Exception):
            raise failure
        return HttpResponse(200, f"{here} {request.body.decode()}")

    return WebhookEndpoint(lambda: "house", {ROUTE: Hook(answer, 10)})


@pytest.fixture(autouse=True)
def _no_metrics(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POWERTOOLS_METRICS_DISABLED", "true")


def told(caplog: pytest.LogCaptureFixture) -> str:
    return str([vars(record) for record in caplog.records])


def test_the_answer_of_the_hook_is_the_answer() -> None:
    assert endpoint()(event("hello"), None)["body"] == "house hello"


@pytest.mark.parametrize(
    ("failure", "status", "code"),
    [
        (AccessError(403, "forbidden", "no"), 403, "forbidden"),
        (StoreUnavailableError(SECRET), 503, "unavailable"),
        (ConfigError(SECRET), 500, "misconfigured"),
        (RefusedError(Refusal.GONE, SECRET), 500, "failed"),
    ],
)
def test_each_error_has_its_status_and_is_noted_without_its_text(
    failure: Exception, status: int, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    answer = endpoint(failure)(event(), None)

    assert (answer["statusCode"], json.loads(answer["body"])["error"]) == (status, code)
    assert len(caplog.records) == 1
    assert SECRET not in answer["body"] + told(caplog)


def test_fields_that_do_not_fit_are_a_bad_request_and_not_quoted(caplog: pytest.LogCaptureFixture) -> None:
    def answer(_here: str, _request: HttpRequest) -> HttpResponse:
        _Strict.model_validate({"number": SECRET})
        return HttpResponse(200, "")

    found = WebhookEndpoint(lambda: "house", {ROUTE: Hook(answer, 10)})(event(), None)

    assert (found["statusCode"], json.loads(found["body"])["error"]) == (400, "bad_fields")
    assert SECRET not in str(found) + told(caplog)


@pytest.mark.parametrize(("body", "base64", "status"), [
    ("x" * 10, False, 200), ("x" * 11, False, 413), ("eHh4eHh4eHh4eA==", True, 200), ("eHh4eHh4eHh4eHg=", True, 413),
    ("not base64!", True, 400), ("é" * 6, False, 413),
])  # fmt: skip
def test_the_limit_is_one_of_bytes_as_they_were_sent(body: str, base64: bool, status: int) -> None:
    assert endpoint()(event(body, base64=base64), None)["statusCode"] == status


def test_a_route_of_somebody_else_is_not_found() -> None:
    assert endpoint()(event(route="POST /v1/other"), None)["statusCode"] == 404


def test_a_body_too_long_or_a_foreign_route_opens_no_house() -> None:
    def burning() -> str:
        raise AssertionError("opened")

    shut = WebhookEndpoint(burning, {ROUTE: Hook(lambda here, _: HttpResponse(200, here), 10)})

    assert shut(event("x" * 11), None)["statusCode"] == 413
    assert shut(event(route="POST /"), None)["statusCode"] == 404


def test_a_request_keeps_its_query_as_it_stood() -> None:
    assert http_request(event()).raw_query == "a=1&b=%20"
    assert http_request(event(rawQueryString="")).raw_query == ""


def test_a_header_in_two_spellings_is_joined_and_so_equals_neither() -> None:
    request = http_request(event(headers={"X-Twilio-Signature": "a", "x-twilio-signature": "b", "Host": "h"}))

    assert request.headers == {"x-twilio-signature": "a,b", "host": "h"}
