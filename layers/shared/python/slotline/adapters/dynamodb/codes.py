"""Codes by SMS: where they go, the text on its way, and how many there were today; all of it or nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from slotline.adapters.dynamodb import keys
from slotline.domain.deliveries import DeliveryStatus
from slotline.domain.errors import LimitReachedError, StaleError
from slotline.domain.verification import MOST_CODES_PER_BUSINESS, MOST_CODES_PER_NUMBER, CodeText

if TYPE_CHECKING:
    from slotline.adapters.dynamodb.filing import Filing
    from slotline.adapters.dynamodb.sealed import Sealer
    from slotline.adapters.dynamodb.table import Action, Table
    from slotline.domain.verification import Challenge
    from slotline.ports import CallRecord

NUMBER_KEPT_SECONDS = 3600
"""How long a sealed number outlives its code, at least; DynamoDB removes it some time after."""

TALLY_KEPT_SECONDS = 2 * 86_400
EVERYBODY = "all"
CODE_VERSION = 1
"""A challenge never changes: its text stands in the outbox under this version."""

_PASSING = frozenset({"too_late", "in_doubt"})  # why a text was given up that says nothing of the number


class Codes:
    """The part of the store that knows of codes, of one business. No item holds the code itself."""

    def __init__(self, table: Table, *, business: str, sealer: Sealer, filing: Filing) -> None:
        self._table = table
        self._business = business
        self._sealer = sealer
        self._filing = filing

    def ask(self, call: CallRecord, challenge: Challenge, *, phone: str, now: float) -> None:
        pk, sk = keys.code(self._business, challenge.id)
        number = {
            "pk": pk,
            "sk": sk,
            "to": self._sealer.seal_text(phone, belongs_to=challenge.id),
            "until": challenge.expires,
            "ttl": int(challenge.expires) + NUMBER_KEPT_SECONDS,
        }
        self._table.transact([
            self._filing.call(call, now=now),
            self._table.put(number),
            self._filing.text_of(challenge.id, "sms_code", rv=CODE_VERSION, now=now),
            *self._tallies(challenge.caller, now=now),
        ])  # fmt: skip

    def number(self, challenge: str) -> str:
        item = self._table.get(keys.code(self._business, challenge))
        if item is None:
            raise StaleError("there is no such code")
        return self._sealer.open_text(item["to"], belongs_to=challenge)

    def text(self, challenge: str) -> CodeText:
        item = self._table.get(keys.outbox(self._business, challenge, CODE_VERSION, "sms_code")) or {}
        reported = DeliveryStatus(item["dst"]) if "dst" in item else None
        if (reported and reported.is_failure) or (item.get("st") == "gave_up" and item.get("rsn") not in _PASSING):
            return CodeText.LOST
        return CodeText.SENT if item.get("st") == "sent" else CodeText.WAITING

    def _tallies(self, caller: str, *, now: float) -> list[Action]:
        """One more today, for the number and for the business; LimitReachedError when that is one too many."""
        day = datetime.fromtimestamp(now, UTC).date().isoformat()
        limits = {
            keys.tally(self._business, "code", caller, day): MOST_CODES_PER_NUMBER,
            keys.tally(self._business, "code", EVERYBODY, day): MOST_CODES_PER_BUSINESS,
        }
        seen = self._table.get_all(limits)
        actions = []
        for key, most in limits.items():
            count = seen[key]["n"] if key in seen else 0
            if count >= most:
                raise LimitReachedError("codes")
            item = {"pk": key[0], "sk": key[1], "n": count + 1, "ttl": int(now) + TALLY_KEPT_SECONDS}
            unchanged = {"condition": "n = :n", "n": count} if count else {"condition": "attribute_not_exists(pk)"}
            actions.append(self._table.put(item, **unchanged))
        return actions
