"""HTTP to payload 2.0 and back, field by field as API Gateway documents the format."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from ops.local.payload import BadResponseError, HttpRequest, HttpResponse, Match, to_event, to_response
from tests.fakes import A_MONDAY_NOON_UTC

MATCH = Match("POST /v1/{business}/{agent}/hold_slot", "booking", {"business": "bright-smile", "agent": "front-desk"})
# https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html, format 2.0;
# `authentication`, `authorizer` and `stageVariables` appear only where certificates, authorizers or variables are set.
DOCUMENTED = {
    "version", "routeKey", "rawPath", "rawQueryString", "cookies", "headers", "queryStringParameters",
    "requestContext", "body", "pathParameters", "isBase64Encoded",
}  # fmt: skip
DOCUMENTED_CONTEXT = {
    "accountId", "apiId", "domainName", "domainPrefix", "http", "requestId", "routeKey", "stage", "time", "timeEpoch",
}  # fmt: skip
DOCUMENTED_HTTP = {"method", "path", "protocol", "sourceIp", "userAgent"}


def event_of(
    target: str = "/v1/bright-smile/front-desk/hold_slot",
    *,
    headers: tuple[tuple[str, str], ...] = (),
    body: bytes = b"",
    match: Match = MATCH,
) -> dict[str, Any]:
    request = HttpRequest("POST", target, (("Host", "127.0.0.1:8080"), *headers), body)
    return to_event(request, match, now=A_MONDAY_NOON_UTC, request_id="r-1")


def test_a_full_request_has_exactly_the_documented_fields() -> None:
    headers = (("User-Agent", "vapi"), ("Cookie", "a=1"), ("Content-Type", "application/json"))

    event = event_of("/v1/bright-smile/front-desk/hold_slot?x=1", headers=headers, body=b"{}")

    assert set(event) == DOCUMENTED
    assert set(event["requestContext"]) == DOCUMENTED_CONTEXT
    assert set(event["requestContext"]["http"]) == DOCUMENTED_HTTP
    assert event["version"] == "2.0"
    assert event["routeKey"] == event["requestContext"]["routeKey"] == "POST /v1/{business}/{agent}/hold_slot"
    assert event["pathParameters"] == {"business": "bright-smile", "agent": "front-desk"}
    assert event["requestContext"]["stage"] == "$default"
    assert event["requestContext"]["domainName"] == "127.0.0.1"
    assert event["requestContext"]["time"] == "05/Jan/2026:12:00:00 +0000"
    assert event["requestContext"]["timeEpoch"] == int(A_MONDAY_NOON_UTC) * 1000
    assert event["requestContext"]["http"] == {
        "method": "POST",
        "path": "/v1/bright-smile/front-desk/hold_slot",
        "protocol": "HTTP/1.1",
        "sourceIp": "127.0.0.1",
        "userAgent": "vapi",
    }


def test_what_a_request_lacks_is_left_out() -> None:
    event = event_of(match=Match("GET /v1/health", "availability"))

    assert DOCUMENTED - set(event) == {"cookies", "queryStringParameters", "pathParameters", "body"}
    assert event["rawQueryString"] == ""
    assert event["isBase64Encoded"] is False


def test_headers_are_lower_case_and_repeated_ones_joined_in_order() -> None:
    event = event_of(headers=(("X-Call-Id", "c1"), ("Accept", "a"), ("ACCEPT", "b,c")))

    assert event["headers"]["x-call-id"] == "c1"
    assert event["headers"]["accept"] == "a,b,c"
    assert all(name == name.lower() for name in event["headers"])


def test_the_gateway_adds_where_a_request_came_from_and_drops_connection_headers() -> None:
    event = event_of(headers=(("X-Forwarded-For", "198.51.100.7"), ("Connection", "keep-alive")))

    assert event["headers"]["x-forwarded-for"] == "198.51.100.7, 127.0.0.1"
    assert event["headers"]["x-forwarded-port"] == "8080"
    assert event["headers"]["x-forwarded-proto"] == "http"
    assert event["headers"]["x-amzn-trace-id"].startswith("Root=1-")
    assert "connection" not in event["headers"]


def test_cookies_travel_in_their_own_list() -> None:
    event = event_of(headers=(("Cookie", "a=1; b=2"), ("Cookie", "c=3")))

    assert event["cookies"] == ["a=1", "b=2", "c=3"]
    assert "cookie" not in event["headers"]


def test_query_values_are_decoded_and_repeated_ones_joined() -> None:
    event = event_of("/v1/health?day=mon&day=tue&say=half%20past+nine&empty=&Day=x")

    assert event["rawQueryString"] == "day=mon&day=tue&say=half%20past+nine&empty=&Day=x"
    assert event["queryStringParameters"] == {"day": "mon,tue", "say": "half past nine", "empty": "", "Day": "x"}


def test_the_path_is_decoded() -> None:
    assert event_of("/m/caf%C3%A9")["rawPath"] == "/m/café"


@pytest.mark.parametrize(
    "content_type", ["application/json", "text/plain; charset=utf-8", "application/problem+json", "image/svg+xml", ""]
)
def test_text_travels_as_text(content_type: str) -> None:
    event = event_of(headers=(("Content-Type", content_type),), body='{"name": "Zoë"}'.encode())

    assert (event["body"], event["isBase64Encoded"]) == ('{"name": "Zoë"}', False)


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b'{"name": "\xff"}'),
        ("application/octet-stream", b"plain letters"),
        ("application/x-www-form-urlencoded", b"Body=STOP"),
        ("image/png", b"\x89PNG"),
    ],
)
def test_all_else_travels_as_base64(content_type: str, body: bytes) -> None:
    event = event_of(headers=(("Content-Type", content_type),), body=body)

    assert event["isBase64Encoded"] is True
    assert base64.b64decode(event["body"]) == body


def test_a_full_answer_is_rendered() -> None:
    answer = {
        "statusCode": 201,
        "headers": {"Content-Type": "text/calendar", "X-Number": 7},
        "cookies": ["a=1; Path=/", "b=2"],
        "body": base64.b64encode(b"\x00\xff").decode(),
        "isBase64Encoded": True,
    }

    pairs = (("content-type", "text/calendar"), ("x-number", "7"), ("set-cookie", "a=1; Path=/"), ("set-cookie", "b=2"))
    assert to_response(answer) == HttpResponse(201, pairs, b"\x00\xff")


@pytest.mark.parametrize("answer", [{"status": "held"}, ["a"], None, 3])
def test_an_answer_without_a_status_code_is_json(answer: object) -> None:
    response = to_response(answer)

    assert response.status == 200
    assert response.headers == (("content-type", "application/json"),)
    assert json.loads(response.body) == answer


def test_a_bare_string_is_the_body() -> None:
    assert to_response('{"a": 1}').body == b'{"a": 1}'


def test_an_answer_without_content_type_is_plain_text() -> None:
    assert to_response({"statusCode": "204"}) == HttpResponse(204, (("content-type", "text/plain; charset=utf-8"),))


@pytest.mark.parametrize(
    "answer",
    [
        {"statusCode": "many"},
        {"statusCode": None},
        {"statusCode": 20},
        {"statusCode": 200, "body": {"not": "text"}},
        {"statusCode": 200, "body": "not base64!", "isBase64Encoded": True},
        {"statusCode": 200, "headers": {"x": "two\r\nset-cookie: lines"}},
        {"statusCode": 200, "headers": {"x": "☎"}},
    ],
)
def test_an_answer_that_is_no_http_is_refused(answer: object) -> None:
    with pytest.raises(BadResponseError):
        to_response(answer)
