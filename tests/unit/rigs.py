"""What the rigs of all providers have in common: an adapter on its fake server, in one process and on one clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from slotline.domain.bookings import Contact, Times
from slotline.ports import CalendarProvider, EventWish, ProviderEvent
from tests.fakes import A_MONDAY_NOON_UTC, FakeClock

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from slotline.domain.business import Service

DAY = 1440
TUESDAY = int(A_MONDAY_NOON_UTC // 60) // DAY * DAY + DAY  # its UTC midnight, in epoch minutes
TEN = TUESDAY + 600  # where a wish lies unless told otherwise
ADA = Contact(name="Ada Byron", phone="+14155550111", email="ada@example.com")


@dataclass
class CalendarRig[Api, Adapter: CalendarProvider]:
    """The requests of one caller, who says `zone`, speaks `language` and is `guest` unless told otherwise."""

    zone: ClassVar[ZoneInfo]
    language: ClassVar[str]
    guest: ClassVar[Contact] = ADA

    api: Api
    clock: FakeClock
    calendar: Adapter
    service: Service

    @property
    def deadline(self) -> float:
        return self.clock.now() + 8

    def wish(
        self,
        tag: str = "tag-1",
        *,
        start: int = TEN,
        contact: Contact | None = None,
        generation: int = 0,
        service: Service | None = None,
        zone: ZoneInfo | None = None,
    ) -> EventWish:
        return EventWish(
            tag=tag,
            generation=generation,
            service=service or self.service,
            times=Times.of(start, minutes=self.service.minutes),
            contact=contact or self.guest,
            zone=zone or self.zone,
            language=self.language,
        )

    def create(self, wish: EventWish | None = None) -> ProviderEvent:
        return self.calendar.create(wish or self.wish(), deadline=self.deadline)

    def find(self, wish: EventWish | None = None) -> tuple[ProviderEvent, ...]:
        return self.calendar.find(wish or self.wish(), deadline=self.deadline)

    def read(self, event_id: str) -> ProviderEvent:
        return self.calendar.read(event_id, deadline=self.deadline)

    def cancel(self, event_id: str) -> None:
        self.calendar.cancel(event_id, reason="changed their mind", deadline=self.deadline)
