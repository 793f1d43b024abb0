"""One event about a call: prove who sends it, answer a start in time, and hand an end over to where nobody waits."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any, Protocol

from slotline.domain.business import INVOCATION, Agent, Auth, Business
from slotline.domain.call_events import CallEvent, CallRef, Happened, Welcome
from slotline.domain.calls import HttpRequest, HttpResponse
from slotline.domain.errors import AccessError, ConfigError, SlotlineError
from slotline.ports import Clock, ConfigStore, Dialect, EventDialect, SecretStore
from slotline.runtime.observability import count, note, note_crash

LARGEST_EVENT_BODY = 1_048_576
"""The end of a call is told with its whole transcript, of which nothing is kept."""

ANSWER_SECONDS = 4.0
"""When a start is answered at the latest, with what is known then. Vapi waits 7.5 s, both ways and a cold start in."""

SHORTEST_WAIT_SECONDS = 0.1
SIGNATURE = "signature"
BEARER = "bearer"


class EventOffice(Protocol):
    """What bootstrap hands to the route of call events."""

    @property
    def config(self) -> ConfigStore: ...

    @property
    def secrets(self) -> SecretStore: ...

    @property
    def clock(self) -> Clock: ...

    def dialect(self, platform: str, payload: str | None = None) -> Dialect: ...


class CallDesk(Protocol):
    """What is done about calls as a whole."""

    def events(self, platform: str) -> EventDialect: ...

    def neutral(self, business: Business, agent: Agent) -> Welcome:
        """What is true whoever calls; asks nobody."""

    def welcome(self, business: Business, agent: Agent, event: CallEvent) -> Welcome: ...

    def wake(self, business: Business, agent: Agent) -> None:
        """Start what this call will soon need. Nothing depends on it, and nothing is raised."""

    def hand_over(self, business: Business, call: CallRef, *, reason: str | None) -> None:
        """Queue the end of a call."""


# A look-up that hangs keeps its thread until its connection gives up, up to half a minute: far more threads than that
# many starts can fill, made as they are needed.
_pool = ThreadPoolExecutor(max_workers=32, thread_name_prefix="call-start")


def call_event(here: EventOffice, desk: CallDesk, request: HttpRequest) -> HttpResponse:
    """Answer one event. Raises AccessError for what is not proved, belongs nowhere or cannot be read."""
    ends = time.monotonic() + ANSWER_SECONDS  # what is awaited are threads: no clock of a table's
    business = here.config.business(request.parameters["business"])
    agent = business.agent(request.parameters["agent"])
    if agent.auth.kind == INVOCATION:
        raise AccessError(403, "not_over_http", "this agent is reached inside AWS, not over HTTPS")
    events = desk.events(agent.platform)
    _prove(here, events, request, business, agent)
    event = events.read(request)
    if event is None:
        return events.write(None, None)
    note("call_event", platform=agent.platform, what=event.what.value, agent=agent.key)
    if event.what is Happened.ENDED:
        if event.context.call_id is not None:
            call = CallRef(event.context.platform, event.context.call_id, agent.key)
            desk.hand_over(business, call, reason=event.reason)
        return events.write(event, None)
    waking = _pool.submit(desk.wake, business, agent)
    welcome = None
    if event.what is Happened.ASKED:
        left = max(SHORTEST_WAIT_SECONDS, ends - time.monotonic())
        welcome = _in_time(lambda: desk.welcome(business, agent, event), seconds=left)
        welcome = welcome or desk.neutral(business, agent)
        if events.wants_assistant and not (welcome.assistant or event.assistant):
            note("no_assistant_id", business=business.key, agent=agent.key)
            count("SetupErrors", 1)
    # A process that has answered is frozen, and sends nothing more.
    wait([waking], timeout=max(0.0, ends - time.monotonic()))
    if waking.done() and (crash := waking.exception()) is not None:
        note_crash("wake_crashed", crash)
    return events.write(event, welcome)


def _in_time[T](work: Callable[[], T], *, seconds: float) -> T | None:
    """The answer, if it comes in time and nothing breaks: no look-up is worth a call."""
    try:
        return _pool.submit(work).result(timeout=seconds)
    except TimeoutError:
        note("welcome_late")
    except SlotlineError as error:
        note_crash("welcome_failed", error)
    except Exception as error:  # noqa: BLE001  the process boundary: a platform ends the call that gets no answer
        note_crash("welcome_crashed", error)
    count("WelcomesMissed", 1)
    return None


def _prove(here: EventOffice, events: EventDialect, request: HttpRequest, business: Business, agent: Agent) -> None:
    """Check the credential of the agent's tools, or the platform's own signature on webhooks.

    The owner's own code cannot sign as a platform: where the platform has no events, and its tools are proved by its
    signature, such code shows the secret of the agent's webhooks as a bearer, good for events and nothing else.
    After a refusal once more with fresh secrets, for they may just have been rotated.
    """
    auth, name = agent.auth, f"agents.{agent.key}.auth"
    if auth.kind != SIGNATURE and events.signature_header in request.headers:
        auth, name = Auth(SIGNATURE), f"agents.{agent.key}.webhook_secret"
    elif auth.kind == SIGNATURE and events.signature_header is None and _shows_bearer(request):
        auth, name = Auth(BEARER), f"agents.{agent.key}.webhook_secret"
    dialect = here.dialect(agent.platform, agent.payload)

    def prove() -> None:
        dialect.proved(request, auth, [_secret(here.secrets, business, name)], here.clock.now())

    try:
        prove()
    except AccessError:
        here.secrets.refresh(business.key)
        prove()


def _shows_bearer(request: HttpRequest) -> bool:
    return request.headers.get("authorization", "").partition(" ")[0].lower() == BEARER


def _secret(secrets: SecretStore, business: Business, name: str) -> str:
    try:
        return secrets.value(business.key, name)
    except ConfigError as error:
        if name.endswith(".auth"):
            raise
        raise AccessError(401, "unauthorized", "this agent has no webhook_secret to check it with") from error


def end_message(call: CallRef, *, business: str, reason: str | None, settled: bool) -> dict[str, Any]:
    """The end of a call as the queue carries it: ids, and one word of the platform's."""
    return {
        "business": business,
        "call": {"platform": call.platform, "id": call.id, "agent": call.agent},
        "reason": reason,
        "settled": settled,
    }
