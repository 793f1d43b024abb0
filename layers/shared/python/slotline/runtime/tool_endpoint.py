"""One request of a voice platform: prove who asks, read the tool calls, run them in time, answer in its dialect."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from slotline.domain.business import INVOCATION, Agent, Business
from slotline.domain.calls import BadCall, HttpRequest, HttpResponse
from slotline.domain.errors import AccessError, ConfigError, StoreError
from slotline.ports import Dialect, RouteDialect, SecretStore
from slotline.runtime.http_event import Event, http_event_reply, http_request
from slotline.runtime.observability import count, note, note_crash
from slotline.runtime.settings import Settings
from slotline.runtime.tools import ToolRoom
from slotline.runtime.visit import Office, Visit, outage

LARGEST_BODY = 1_048_576
"""Voice envelopes carry the whole transcript."""


class Collaborators(Office, Protocol):
    """What bootstrap hands to an endpoint."""

    @property
    def secrets(self) -> SecretStore: ...

    @property
    def settings(self) -> Settings: ...

    def dialect(self, platform: str, payload: str | None = None) -> Dialect: ...


@dataclass(frozen=True, slots=True)
class ToolEndpoint:
    """The handler of a tool function. `collaborators` is called late, so that importing opens nothing.

    A route with a dialect of its own is answered in that one, made anew by `own` for each request, and not in the one
    of the agent's platform.
    """

    collaborators: Callable[[], Collaborators]
    rooms: Sequence[ToolRoom]
    own: Callable[[], RouteDialect] | None = None

    def __call__(self, event: Event, context: Any) -> dict[str, Any]:
        here = self.collaborators()
        received = here.clock.now()
        process_ends = received + context.get_remaining_time_in_millis() / 1000
        dialect: Dialect | None = None
        try:
            request = http_request(event, public_url=here.settings.public_url)
            if self.own is not None:
                dialect = route = self.own()
                if (settled := route.settled(request)) is not None:
                    return http_event_reply(settled)
            business, agent = _addressed(here, request)
            dialect = dialect or here.dialect(agent.platform, agent.payload)
            _prove(here, dialect, request, business, agent)
            patience = dialect.default_deadline_seconds
            visit = Visit(here, self.rooms, business, agent, patience, received, process_ends)
            answers = [visit.answer(call) for call in dialect.read(request, path_tool=_tool_of(request))]
            response = dialect.write(answers)
        except AccessError as error:
            note("request_refused", code=error.code, status=error.status)
            response = dialect.refuse(error) if dialect else _refusal(error)
        except StoreError as error:
            note_crash("table_unreachable", error)
            response = _outage(request, dialect if self.own else None)
        except ConfigError as error:
            note_crash("misconfigured", error)
            count("SetupErrors", 1)
            wrong = AccessError(500, "misconfigured", "this agent's configuration is incomplete; see the log")
            response = dialect.refuse(wrong) if dialect else _refusal(wrong)
        return http_event_reply(response)


def _addressed(here: Collaborators, request: HttpRequest) -> tuple[Business, Agent]:
    """Find whom the URL names."""
    business = here.config.business(request.parameters["business"])
    agent = business.agent(request.parameters["agent"])
    if agent.auth.kind == INVOCATION:
        raise AccessError(403, "not_over_http", "this agent is reached inside AWS, not over HTTPS")
    return business, agent


def _prove(here: Collaborators, dialect: Dialect, request: HttpRequest, business: Business, agent: Agent) -> None:
    """Check size and credential; after a refusal once more with fresh secrets, for it may just have been rotated."""
    _check_size(request)
    name = f"agents.{agent.key}.auth"
    try:
        dialect.proved(request, agent.auth, [here.secrets.value(business.key, name)], here.clock.now())
    except AccessError:
        here.secrets.refresh(business.key)
        dialect.proved(request, agent.auth, [here.secrets.value(business.key, name)], here.clock.now())


def _check_size(request: HttpRequest) -> None:
    if len(request.body) > LARGEST_BODY:
        raise AccessError(413, "too_large", f"the body is larger than {LARGEST_BODY} bytes")


def _tool_of(request: HttpRequest) -> str:
    return request.path.rstrip("/").rpartition("/")[2]


def _outage(request: HttpRequest, dialect: Dialect | None) -> HttpResponse:
    """Say so in the route's own dialect; without the configuration nobody knows the one of the agent's platform."""
    if dialect is None:
        return _flat(200, outage(_tool_of(request)).as_object())
    try:
        _check_size(request)
        calls = dialect.read(request, path_tool=_tool_of(request))
    except AccessError as error:
        return dialect.refuse(error)
    return dialect.write([(call, call.reply() if isinstance(call, BadCall) else outage(call.tool)) for call in calls])


def _refusal(error: AccessError) -> HttpResponse:
    return _flat(error.status, {"error": error.code, "message": str(error)})


def _flat(status: int, body: Mapping[str, object]) -> HttpResponse:
    return HttpResponse(status, json.dumps(body, ensure_ascii=False))
