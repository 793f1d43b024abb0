"""Webhook subscriptions of the fake Calendly, and what is due to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.servers import calendly_shapes as shapes
from tests.servers.calendly_checks import only, part
from tests.servers.calendly_desk import ROOT, CalendlyError, Desk, invalid, not_found, stamp
from tests.servers.faulty import Answer, FaultyApi, Json, Request, answer_json

if TYPE_CHECKING:
    from collections.abc import Callable


class Hooks(FaultyApi):
    """One subscription per URL, none of which can be changed."""

    def __init__(self, clock: Callable[[], float], desk: Desk) -> None:
        super().__init__(clock)
        self.desk = desk
        self.hooks: dict[str, Json] = {}

    def paged(self, entries: list[Json], request: Request) -> Answer:
        count, start = int(request.query.get("count", "20")), int(request.query.get("page_token", "0"))
        if not 1 <= count <= 100:
            raise invalid("count", "must be between 1 and 100")
        more = str(start + count) if start + count < len(entries) else None
        page = entries[start : start + count]
        pages: Json = {"count": len(page), "next_page_token": more, "previous_page_token": None, "previous_page": None}
        pages["next_page"] = f"{ROOT}{request.path}?page_token={more}" if more else None
        return answer_json(200, {"collection": page, "pagination": pages})

    def deliveries(self) -> list[tuple[str, dict[str, str], bytes]]:
        with self._lock:
            happened, self.desk.happened = self.desk.happened, []
            due = []
            for kind, about, at in happened:
                body = shapes.webhook(kind, about, at, by=about.event.host.uri)
                for hook in self.hooks.values():
                    if hook["state"] == "active" and kind in hook["events"]:
                        headers = shapes.signed(body, str(hook["signing_key"]), at=self.clock())
                        due.append((str(hook["callback_url"]), headers, body))
            return due

    def _subscribe(self, request: Request) -> Answer:
        body = request.body
        only(body, {"url", "events", "organization", "user", "scope", "signing_key"})
        if body.get("scope") not in {"user", "organization"} or (body["scope"] == "user") != ("user" in body):
            raise invalid("scope", "is invalid")
        if any(hook["callback_url"] == body["url"] for hook in self.hooks.values()):
            raise CalendlyError(409, "Already Exists", "Hook with this url already exists")
        key, at = f"HOOK{len(self.hooks) + 1}N{len(self.seen)}", stamp(self.desk.now)
        hook = {"uri": f"{ROOT}/webhook_subscriptions/{key}", "callback_url": body["url"], "state": "active"}
        hook |= {"created_at": at, "updated_at": at, "retry_started_at": None, "creator": None}
        hook |= {"user": body.get("user")} | {k: body[k] for k in ("events", "scope", "organization")}
        self.hooks[key] = hook | {"signing_key": body.get("signing_key")}
        return answer_json(201, {"resource": shapes.subscription(hook)})

    def _subscriptions(self, request: Request) -> Answer:
        query = request.query
        if not {"organization", "scope"} <= set(query):
            raise invalid("scope", "is required")
        same = [h for h in self.hooks.values() if all(h[k] == query[k] for k in ("scope", "user") if k in query)]
        return self.paged([shapes.subscription(h) for h in same], request)

    def _subscription(self, request: Request) -> Answer:
        if part(request, 1) not in self.hooks:
            raise not_found()
        return answer_json(200, {"resource": shapes.subscription(self.hooks[part(request, 1)])})

    def _unsubscribe(self, request: Request) -> Answer:
        if self.hooks.pop(part(request, 1), None) is None:
            raise not_found()
        return Answer(204, b"")
