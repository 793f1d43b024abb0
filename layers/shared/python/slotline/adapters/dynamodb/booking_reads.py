"""What is read of bookings: strongly consistent where something is decided, eventually where something is offered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from slotline.adapters.dynamodb import keys
from slotline.adapters.dynamodb.call_records import call_record
from slotline.adapters.dynamodb.items import booking_from, day_document
from slotline.domain.bookings import Contact, State
from slotline.domain.errors import StaleError
from slotline.domain.time import utc_day
from slotline.ports import CallerBooking, CallRecord, KnownOperation, ResourceDays, Served, Transition, WishView

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from slotline.adapters.dynamodb.day_locks import DayLocks
    from slotline.adapters.dynamodb.sealed import Sealer
    from slotline.adapters.dynamodb.table import Table
    from slotline.domain.bookings import Booking
    from slotline.domain.time import Interval
    from slotline.ports import Operation


LONGEST_ID = 100


class BookingReads:
    """The reading half of ports.BookingStore."""

    def __init__(self, table: Table, *, business: str, sealer: Sealer, locks: DayLocks) -> None:
        self._table = table
        self._business = business
        self._sealer = sealer
        self._locks = locks

    def view(
        self,
        *,
        operation: Operation | None = None,
        scope: str | None = None,
        intents: Iterable[str] = (),
        days: Iterable[tuple[str, str]] = (),
        staffed: bool = False,
        phone: str | None = None,
    ) -> WishView:
        intents, days = list(intents), list(days)
        resources = dict.fromkeys(resource for resource, _ in days) if staffed else {}
        operation_key = keys.operation(self._business, operation.scope, operation.key) if operation else None
        call_key = keys.call(self._business, scope) if scope else None
        opt_out_key = keys.opt_out(self._business, phone) if phone else None
        items = self._table.get_all([
            *([operation_key] if operation_key else []),
            *([call_key] if call_key else []),
            *([opt_out_key] if opt_out_key else []),
            *(keys.intent(self._business, key) for key in intents),
            *(keys.day(self._business, resource, day) for resource, day in days),
            *(keys.served(self._business, resource) for resource in resources),
        ])  # fmt: skip
        filed = items.get(operation_key) if operation_key else None
        call = items.get(call_key) if call_key else None
        wishes = {key: items.get(keys.intent(self._business, key)) for key in intents}
        record = None
        if scope:
            record = call_record(call, scope=scope) if call else CallRecord(scope)
        live = {key: wish for key, wish in wishes.items() if wish and wish["st"] == "live"}
        return WishView(
            operation=KnownOperation(filed["fp"], filed["bid"]) if filed else None,
            intents={key: wish["bid"] for key, wish in live.items()},
            days=self._locks.documents(days, items),
            call=record,
            holds={key: self._hold(wish) for key, wish in live.items() if "hold" in wish},
            served={
                r: Served(last["at"], last["pos"])
                for r in resources
                if (last := items.get(keys.served(self._business, r)))
            },
            opted_out=_asks_for_none(items.get(opt_out_key)) if opt_out_key else False,
        )

    def _hold(self, wish: Mapping[str, Any]) -> Booking:
        pk, _ = keys.booking(self._business, wish["bid"])
        return booking_from({"pk": pk, **wish["hold"]})

    def days(self, resources: Iterable[str], *, window: Interval) -> Mapping[str, ResourceDays]:
        return {resource: self._days(resource, window) for resource in resources}

    def _days(self, resource: str, window: Interval) -> ResourceDays:
        _, first = keys.day(self._business, resource, utc_day(window.start))
        _, last = keys.day(self._business, resource, utc_day(window.end - 1))
        pk, mark = keys.changed(self._business, resource)
        # Days beyond the window come along: few, and cheaper than a second round trip for the mark behind them.
        items = self._table.query(pk, first=first, last=mark, consistent=False)
        documents = (day_document(i, resource=resource, day=i["sk"][2:]) for i in items if i["sk"] <= last)
        return ResourceDays(tuple(documents), next((i["at"] for i in items if i["sk"] == mark), 0.0))

    def of_event(self, calendar: str, provider_id: str) -> str | None:
        item = self._table.get(keys.provider_map(self._business, calendar, provider_id))
        return None if item is None else item["bid"]

    def read(self, booking_id: str) -> Booking:
        if len(booking_id) > LONGEST_ID:  # a tag that somebody else wrote; no key may be that long
            raise StaleError("there is no such booking")
        item = self._table.get(keys.booking(self._business, booking_id))
        if item is None:
            raise StaleError("there is no such booking")
        contact = self._sealer.open(item["pii"], booking_id=booking_id) if "pii" in item else Contact()
        return booking_from(item, contact=contact)

    def history(self, booking_id: str) -> tuple[Transition, ...]:
        pk, _ = keys.booking(self._business, booking_id)
        items = self._table.query(pk, first="H#", last="H#~", consistent=True)
        return tuple(
            Transition(int(item["sk"][2:]), State(item["from"]) if "from" in item else None, State(item["to"]))
            for item in items
        )

    def of_caller(self, caller: str, *, not_before: int) -> tuple[CallerBooking, ...]:
        pk = keys.caller_partition(self._business, caller)
        items = self._table.query(pk, first=f"A#{not_before:010d}", last="A#~", consistent=True)
        return tuple(CallerBooking(item["bid"], int(item["sk"].split("#")[1])) for item in items)

    def messages_asked_for(self, booking_id: str) -> int:
        pk, _ = keys.booking(self._business, booking_id)
        items = self._table.query(pk, first="X#", last="X#~", consistent=True)
        return sum(item["kind"] == "sms_asked" for item in items)

    def opted_out(self, caller: str) -> bool:
        return is_opted_out(self._table, self._business, caller)


def is_opted_out(table: Table, business: str, phone_hash: str) -> bool:
    """Whether the number with this keyed hash has asked for no texts, and not taken it back."""
    return _asks_for_none(table.get(keys.opt_out(business, phone_hash)))


def _asks_for_none(item: Mapping[str, Any] | None) -> bool:
    return item is not None and "back" not in item
