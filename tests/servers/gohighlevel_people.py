"""The contact routes of the fake HighLevel."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tests.servers.faulty import Answer, ApiError, FaultyApi, Request, answer_json
from tests.servers.gohighlevel_checks import UPSERT_KEYS, Quirks, needed, only, segment
from tests.servers.gohighlevel_desk import LOCATION, Appointment, Desk
from tests.servers.gohighlevel_shapes import contact_json, zoneless_json

if TYPE_CHECKING:
    from collections.abc import Mapping


class ContactRoutes(FaultyApi):
    """People, and the appointments they have."""

    desk: Desk
    quirks: Quirks

    def _upsert(self, request: Request) -> Answer:
        body = request.body
        only(body, UPSERT_KEYS)
        self._own(body)
        if not body.get("phone") and not body.get("email"):
            raise ApiError(400, "Please provide an email or a phone")
        if "email" in body and "@" not in str(body["email"]):
            raise ApiError(422, ["email must be an email"])
        if "phone" in body and not str(body["phone"]).startswith("+"):
            raise ApiError(422, ["phone must be a valid phone number"])
        contact, is_new = self.desk.upsert(body)
        return answer_json(200, {"new": is_new, "contact": contact_json(contact), "traceId": "t1"})

    def _duplicate(self, request: Request) -> Answer:
        query = request.query
        only(query, {"locationId", "number", "email"})
        self._own(query)
        found = self.desk.matching({"phone": query.get("number"), "email": query.get("email")})
        shown = contact_json(found) if found else None
        if self.quirks.search == "contacts":
            return answer_json(200, {"contacts": [shown] if shown else []})
        if self.quirks.search == "404" and shown is None:
            raise ApiError(404, "Not Found")
        return answer_json(200, {} if self.quirks.search == "empty" and shown is None else {"contact": shown})

    def _of_contact(self, request: Request) -> Answer:
        number = segment(request, 1)
        if number not in self.desk.contacts:
            raise ApiError(400, "Contact not found")
        found = [a for a in self._listed() if a.contact.id == number]
        return answer_json(200, {"events": [zoneless_json(self.desk, a) for a in found], "traceId": "t1"})

    def _listed(self) -> list[Appointment]:
        old_enough = self.desk.now - timedelta(seconds=self.quirks.lists_lag)
        return [a for a in self.desk.appointments.values() if not a.deleted and (a.added or old_enough) <= old_enough]

    def _own(self, given: Mapping[str, Any]) -> None:
        needed(given, "locationId")
        if given["locationId"] != LOCATION:
            raise ApiError(403, "The token does not have access to this location.")
