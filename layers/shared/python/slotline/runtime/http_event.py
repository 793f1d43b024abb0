"""API Gateway payload format 2.0 in and out."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from slotline.domain.calls import HttpRequest, HttpResponse
from slotline.domain.errors import AccessError

Event = Mapping[str, Any]


def http_request(event: Event, *, public_url: str | None = None) -> HttpRequest:
    """The request with its body as the bytes that were signed; AccessError(400) when they cannot be had."""
    body = event.get("body") or ""
    try:
        raw = base64.b64decode(body, validate=True) if event.get("isBase64Encoded") else body.encode()
    except (binascii.Error, UnicodeEncodeError) as error:
        raise AccessError(400, "bad_body", "the body could not be decoded") from error
    return HttpRequest(
        method=event["requestContext"]["http"]["method"],
        path=event["rawPath"],
        headers=_headers(event),
        body=raw,
        query=dict(event.get("queryStringParameters") or {}),
        parameters=dict(event.get("pathParameters") or {}),
        raw_query=event.get("rawQueryString") or "",
        public_url=public_url,
    )


def _headers(event: Event) -> dict[str, str]:
    """Names in lower case; a name that comes twice in two spellings is joined, as API Gateway joins equal ones."""
    headers: dict[str, str] = {}
    for name, value in (event.get("headers") or {}).items():
        key = name.lower()
        headers[key] = f"{headers[key]},{value}" if key in headers else value
    return headers


def http_event_reply(response: HttpResponse) -> dict[str, Any]:
    """The response as API Gateway wants it."""
    return {
        "statusCode": response.status,
        "headers": dict(response.headers),
        "body": response.body,
        "isBase64Encoded": False,
    }
