"""The contact an appointment belongs to: found as it is, or made. Follows the Contacts API, version 2021-07-28."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slotline.adapters.calendars.gohighlevel import replies
from slotline.adapters.calendars.gohighlevel.requests import check_contact, contact_body
from slotline.adapters.calendars.gohighlevel.wire import CONTACTS, Wire
from slotline.domain.errors import InDoubtError, NotExecutedError, Refusal, RefusedError

if TYPE_CHECKING:
    from slotline.ports import EventWish


class Contacts:
    """The contacts of one location."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def known(self, wish: EventWish, *, location: str, deadline: float) -> tuple[str, ...]:
        """Every contact this person already has: one person may have one by phone and another by e-mail."""
        found = (self._search(field, value, location=location, deadline=deadline) for field, value in _handles(wish))
        return tuple(dict.fromkeys(number for number in found if number is not None))

    def one_for(self, wish: EventWish, *, location: str, deadline: float) -> str:
        """The id of the contact to book for.

        One that exists is taken as it stands: what was misheard on the phone must not replace a name, an address or a
        do-not-disturb. Else it is made, and where that went wrong nothing was booked: InDoubtError is never raised.
        """
        check_contact(wish)
        for field, value in _handles(wish):
            number = self._search(field, value, location=location, deadline=deadline)
            if number is not None:
                return number
        body = contact_body(wish, location=location)
        try:
            answer = self._wire.send("POST", "/contacts/upsert", json=body, version=CONTACTS, deadline=deadline)
        except InDoubtError as error:  # repeating it updates the same contact
            raise NotExecutedError(f"{self._wire.name}: no answer about the contact", retry_after=2.0) from error
        number = replies.contact_id(answer)
        if number is None:
            raise NotExecutedError(f"{self._wire.name}: a contact without an id")
        return number

    def _search(self, field: str, value: str, *, location: str, deadline: float) -> str | None:
        query: dict[str, str | int] = {"locationId": location, field: value}
        try:
            answer = self._wire.get(
                "/contacts/search/duplicate",
                params=query,
                version=CONTACTS,
                missing=Refusal.GONE,
                deadline=deadline,
            )
        except RefusedError as refused:
            if refused.reason is Refusal.GONE:
                return None
            raise
        return replies.contact_id(answer)


def _handles(wish: EventWish) -> list[tuple[str, str]]:
    """What a contact is known by, the phone first: the platform vouches for it, an e-mail address is only heard."""
    contact = wish.contact
    handles = [("number", contact.phone), ("email", contact.email.strip().lower() if contact.email else None)]
    return [(field, value) for field, value in handles if value]
