"""HTTP to API Gateway's payload format 2.0 and back: pure functions, no server.

The format: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

from __future__ import annotations

import base64
import binascii
import json
import time
import uuid
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote

from slotline.domain.errors import SlotlineError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_LATIN_1_END = 0x100
_LAST_STATUS = 599  # of HTTP's five classes
ACCOUNT_ID = "000000000000"
API_ID = "local"
# Connection management ends at the gateway; cookies travel in their own list.
_NOT_FORWARDED = frozenset({
    "connection", "cookie", "keep-alive", "proxy-authorization", "proxy-connection", "te", "trailer",
    "transfer-encoding", "upgrade",
})  # fmt: skip
_TEXT_TYPES = frozenset({"application/json", "application/javascript", "application/xml"})


class BadResponseError(SlotlineError):
    """A function answered something API Gateway cannot turn into HTTP."""


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One request as it came over the wire. `headers` keep their order and repetitions."""

    method: str
    target: str  # path and query, still encoded
    headers: Sequence[tuple[str, str]]
    body: bytes = b""
    protocol: str = "HTTP/1.1"
    source_ip: str = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """One answer; repeated headers are repeated pairs."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Match:
    """The route that fits a request: its key as API Gateway writes it, and the decoded path parameters."""

    route_key: str
    function: str
    parameters: Mapping[str, str] = field(default_factory=dict)


def to_event(request: HttpRequest, match: Match, *, now: float, request_id: str = "") -> dict[str, Any]:
    """Build the payload 2.0 event. Keys without a value are left out, as API Gateway does; `now` is epoch seconds."""
    path, _, query = request.target.partition("?")
    headers = _joined(request.headers)
    headers = {name: value for name, value in headers.items() if name not in _NOT_FORWARDED}
    headers |= _gateway_headers(headers, source_ip=request.source_ip, now=now)
    domain = headers.get("host", "localhost")
    text = None if _is_binary(headers.get("content-type", ""), request.body) else request.body.decode()
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": match.route_key,
        "rawPath": unquote(path),
        "rawQueryString": query,
        "headers": headers,
        "requestContext": {
            "accountId": ACCOUNT_ID,
            "apiId": API_ID,
            "domainName": domain.partition(":")[0],
            "domainPrefix": API_ID,
            "http": {
                "method": request.method,
                "path": unquote(path),
                "protocol": request.protocol,
                "sourceIp": request.source_ip,
                "userAgent": headers.get("user-agent", ""),
            },
            "requestId": request_id or str(uuid.uuid4()),
            "routeKey": match.route_key,
            "stage": "$default",
            "time": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(now)),
            "timeEpoch": int(now * 1000),
        },
        "isBase64Encoded": text is None,
    }
    optional = {
        "cookies": _cookies(request.headers),
        "queryStringParameters": _joined(parse_qsl(query, keep_blank_values=True), fold_case=False),
        "pathParameters": dict(match.parameters),
        "body": base64.b64encode(request.body).decode() if text is None else text,
    }
    return event | {name: value for name, value in optional.items() if value}


def to_response(answer: object) -> HttpResponse:
    """Turn what a function returned into HTTP; BadResponseError when API Gateway could not either.

    A value without `statusCode` is the body of a 200 in JSON.
    """
    if not isinstance(answer, dict) or "statusCode" not in answer:
        body = answer if isinstance(answer, str) else json.dumps(answer)
        return HttpResponse(HTTPStatus.OK, (("content-type", "application/json"),), body.encode())
    body = answer.get("body") or ""
    if not isinstance(body, str):
        raise BadResponseError(f"body is {type(body).__name__}, must be text")
    try:
        status = int(answer["statusCode"])
        raw = base64.b64decode(body, validate=True) if answer.get("isBase64Encoded") else body.encode()
    except (TypeError, ValueError, binascii.Error) as exc:
        raise BadResponseError(str(exc)) from exc
    if not HTTPStatus.CONTINUE <= status <= _LAST_STATUS:
        raise BadResponseError(f"statusCode {status}")
    headers = {str(name).lower(): str(value) for name, value in (answer.get("headers") or {}).items()}
    headers.setdefault("content-type", "text/plain; charset=utf-8")
    cookies = [("set-cookie", str(cookie)) for cookie in answer.get("cookies") or ()]
    pairs = (*headers.items(), *cookies)
    if bad := [name for name, value in pairs if not _is_header(name, value)]:
        raise BadResponseError(f"headers {bad} cannot be sent")
    return HttpResponse(status, pairs, raw)


def message(status: HTTPStatus, text: str) -> HttpResponse:
    """Answer as API Gateway itself does when no function spoke."""
    return HttpResponse(status, (("content-type", "application/json"),), json.dumps({"message": text}).encode())


def _joined(pairs: Sequence[tuple[str, str]], *, fold_case: bool = True) -> dict[str, str]:
    """Join repeated names by commas, in order."""
    joined: dict[str, str] = {}
    for name, value in pairs:
        key = name.lower() if fold_case else name
        joined[key] = f"{joined[key]},{value}" if key in joined else value
    return joined


def _is_header(name: str, value: str) -> bool:
    return name.isascii() and (name + value).isprintable() and all(ord(letter) < _LATIN_1_END for letter in value)


def _cookies(headers: Sequence[tuple[str, str]]) -> list[str]:
    lines = [value for name, value in headers if name.lower() == "cookie"]
    return [cookie.strip() for line in lines for cookie in line.split(";") if cookie.strip()]


def _gateway_headers(headers: Mapping[str, str], *, source_ip: str, now: float) -> dict[str, str]:
    """Headers that the gateway adds or extends. `x-forwarded-proto` is honest: this front speaks no TLS."""
    before = headers.get("x-forwarded-for")
    return {
        "x-forwarded-for": f"{before}, {source_ip}" if before else source_ip,
        "x-forwarded-port": headers.get("host", "").partition(":")[2] or "80",
        "x-forwarded-proto": "http",
        "x-amzn-trace-id": f"Root=1-{int(now):08x}-{uuid.uuid4().hex[:24]}",
    }


def _is_binary(content_type: str, body: bytes) -> bool:
    """Whether the body travels as base64: every type but text and JSON, and text that is not UTF-8."""
    kind = content_type.partition(";")[0].strip().lower()
    textual = not kind or kind.startswith("text/") or kind in _TEXT_TYPES or kind.endswith(("+json", "+xml"))
    if not textual:
        return bool(body)
    try:
        body.decode()
    except UnicodeDecodeError:
        return True
    return False
