"""The outbox: effects waiting to be carried out, each owned by one worker at a time."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from slotline.adapters.dynamodb import keys
from slotline.adapters.dynamodb.booking_reads import is_opted_out
from slotline.adapters.dynamodb.table import ConditionFailedError
from slotline.domain.deliveries import DeliveryStatus
from slotline.domain.errors import StaleError
from slotline.ports import OutboxItem

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from slotline.adapters.dynamodb.table import Table
    from slotline.domain.deliveries import DeliveryReport
    from slotline.ports import OutboxKind


class DynamoOutbox:
    """ports.Outbox and ports.DeliveryRecords on the one table.

    `hashed` is the business's keyed hash of a phone number.
    """

    def __init__(self, table: Table, *, business: str, hashed: Callable[[str], str]) -> None:
        self._table = table
        self._business = business
        self._hashed = hashed

    def claim(self, booking: str, *, rv: int, kind: OutboxKind, now: float, lease: float) -> OutboxItem:
        key = keys.outbox(self._business, booking, rv, kind)
        item = self._table.get(key)
        if item is None:
            raise StaleError("there is no such effect")
        after = item | {"st": "claimed", "n": item["n"] + 1, "dl": now + lease, "g1sk": now + lease}
        # `dl` is the end of somebody's claim, or the moment it was postponed to: before it nobody may have it.
        self._table.change_now(
            key, item, after, condition="n = :n AND dl <= :now AND st IN (:new, :claimed)",
            n=item["n"], now=now, new="new", claimed="claimed",
        )  # fmt: skip
        return _item(booking, rv, kind, after)

    def sent(self, item: OutboxItem, *, provider_id: str, now: float) -> None:
        self._settle(item, {"st": "sent", "pid": provider_id, "done": now}, ends=True)

    def postpone(self, item: OutboxItem, *, until: float, sent_nothing: bool) -> None:
        sends = item.sends - 1 if sent_nothing else item.sends
        self._settle(item, {"st": "new", "n": sends, "dl": until, "g1sk": until}, ends=False)

    def give_up(self, item: OutboxItem, *, reason: str, now: float) -> None:
        self._settle(item, {"st": "gave_up", "rsn": reason, "done": now}, ends=True)

    def other_texts(self, item: OutboxItem) -> Sequence[OutboxItem]:
        pk, own = keys.outbox(self._business, item.booking, item.rv, item.kind)
        effects = self._table.query(pk, first="X#", last="X#~", consistent=True)
        texts = (effect for effect in effects if effect["sk"] != own and effect["kind"].startswith("sms_"))
        return [_item(item.booking, keys.split_outbox_sort_key(text["sk"])[0], text["kind"], text) for text in texts]

    def report(self, booking: str, *, rv: int, kind: OutboxKind, report: DeliveryReport, now: float) -> bool:
        details = {"derr": report.code, "drsn": report.reason}  # an earlier report's are removed
        after = {
            "dst": report.status.value,
            "drk": report.status.rank,
            "dsid": report.provider_id,
            "dat": now,
            **{name: value for name, value in details.items() if value is not None},
        }
        outdone, values = "attribute_not_exists(drk) OR drk < :rank", {}
        if report.status is DeliveryStatus.DELIVERED:
            outdone += " OR (dsid <> :sid AND dst <> :delivered)"
            values = {"sid": report.provider_id, "delivered": report.status.value}
        condition = f"attribute_exists(pk) AND ({outdone})"
        key = keys.outbox(self._business, booking, rv, kind)
        try:
            self._table.change_now(
                key, dict.fromkeys(details), after, condition=condition, rank=report.status.rank, **values
            )
        except ConditionFailedError as refused:
            if not refused.items[0]:
                raise StaleError("there is no such effect") from refused
            return False
        return True

    def opted_out(self, phone: str) -> bool:
        return is_opted_out(self._table, self._business, self._hashed(phone))

    def opt_out(self, phone: str, *, now: float) -> None:
        pk, sk = keys.opt_out(self._business, self._hashed(phone))
        self._table.put_now({"pk": pk, "sk": sk, "at": now})

    def opt_in(self, phone: str, *, now: float) -> None:
        # Both moments are kept: they are the record of what this person allowed, and when.
        key = keys.opt_out(self._business, self._hashed(phone))
        with suppress(ConditionFailedError):  # nobody opted out: nothing to withdraw
            self._table.change_now(key, {}, {"back": now}, condition="attribute_exists(pk)")

    def _settle(self, item: OutboxItem, changes: dict[str, Any], *, ends: bool) -> None:
        """Write the outcome as the owner of the claim; StaleError when it ran out and somebody else has it."""
        key = keys.outbox(self._business, item.booking, item.rv, item.kind)
        due = dict.fromkeys(["g1pk", "g1sk"]) if ends else {}  # what has ended is looked at no more
        self._table.change_now(
            key, due, changes, condition="n = :n AND st = :claimed AND dl = :dl",
            n=item.sends, claimed="claimed", dl=item.deadline,
        )  # fmt: skip


def _item(booking: str, rv: int, kind: OutboxKind, item: dict[str, Any]) -> OutboxItem:
    return OutboxItem(
        booking=booking,
        rv=rv,
        kind=kind,
        sends=item["n"],
        status=item["st"],
        deadline=item["dl"],
        to=item.get("to"),
        provider_id=item.get("pid"),
        caused=item.get("at", 0.0),
        reported=item["dsid"] if "dst" in item and DeliveryStatus(item["dst"]).went_out else None,
    )
