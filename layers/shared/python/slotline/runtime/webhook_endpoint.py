"""One webhook: hold it to its size, hand it to whoever proves and reads it, and turn errors into HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from slotline.domain.calls import HttpRequest, HttpResponse
from slotline.domain.errors import AccessError, ConfigError, SlotlineError, StoreError
from slotline.runtime.http_event import Event, http_event_reply, http_request
from slotline.runtime.observability import count, note, note_crash


@dataclass(frozen=True, slots=True)
class Hook[House]:
    """One kind of webhook: who answers it, and the longest body (bytes) that is looked at at all."""

    answer: Callable[[House, HttpRequest], HttpResponse]
    largest_body: int


@dataclass(frozen=True, slots=True)
class WebhookEndpoint[House]:
    """The handler of the webhook function. `house` is called late, so that importing opens nothing."""

    house: Callable[[], House]
    hooks: Mapping[str, Hook[House]]  # by route key

    def __call__(self, event: Event, _context: Any) -> dict[str, Any]:
        route = event["routeKey"]
        try:
            response = self._answer(route, http_request(event))
        except AccessError as error:
            note("webhook_refused", route=route, code=error.code, status=error.status)
            response = _refusal(error.status, error.code, str(error))
        except ValidationError:  # its text quotes what was sent
            note("webhook_refused", route=route, code="bad_fields", status=400)
            response = _refusal(400, "bad_fields", "fields are missing or not what they should be")
        except StoreError as error:
            note_crash("table_unreachable", error, route=route)
            response = _refusal(503, "unavailable", "try again in a moment")
        except ConfigError as error:
            note_crash("misconfigured", error, route=route)
            count("SetupErrors", 1)
            response = _refusal(500, "misconfigured", "the configuration is incomplete; see the log")
        except SlotlineError as error:
            note_crash("webhook_failed", error, route=route)
            response = _refusal(500, "failed", "it could not be worked off; see the log")
        return http_event_reply(response)

    def _answer(self, route: str, request: HttpRequest) -> HttpResponse:
        hook = self.hooks.get(route)
        if hook is None:
            raise AccessError(404, "unknown_route", "there is nothing here")
        if len(request.body) > hook.largest_body:
            raise AccessError(413, "too_large", f"the body is larger than {hook.largest_body} bytes")
        return hook.answer(self.house(), request)


def _refusal(status: int, code: str, message: str) -> HttpResponse:
    return HttpResponse(status, json.dumps({"error": code, "message": message}))
