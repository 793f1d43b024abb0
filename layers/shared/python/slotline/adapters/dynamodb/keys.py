"""Every key of the one table. All items of a business lie under T#<business>#, so that IAM can fence them in."""

from __future__ import annotations

import hashlib
from functools import lru_cache

Key = tuple[str, str]

SHARDS = 16
DUE_INDEX = "due"


def day(business: str, resource: str, utc_day: str) -> Key:
    return f"T#{business}#R#{resource}", f"D#{utc_day}"


def changed(business: str, resource: str) -> Key:
    """Sorts behind all days of the resource, so that one query brings both."""
    return f"T#{business}#R#{resource}", "D#~"


def served(business: str, resource: str) -> Key:
    return f"T#{business}#R#{resource}", "SERVED"


def booking(business: str, booking_id: str) -> Key:
    return f"T#{business}#B#{booking_id}", "B"


def history(business: str, booking_id: str, rv: int) -> Key:
    return f"T#{business}#B#{booking_id}", f"H#{rv:06d}"


def outbox(business: str, booking_id: str, rv: int, kind: str) -> Key:
    return f"T#{business}#B#{booking_id}", f"X#{rv:06d}#{kind}"


def split_outbox_sort_key(sk: str) -> tuple[int, str]:
    """Version and kind of an effect."""
    _, rv, kind = sk.split("#", 2)
    return int(rv), kind


def stray(business: str, booking_id: str, provider_id: str) -> Key:
    return f"T#{business}#B#{booking_id}", f"P#{provider_id}"


def intent(business: str, intent_key: str) -> Key:
    return f"T#{business}#I#{intent_key}", "I"


def operation(business: str, scope: str, operation_key: str) -> Key:
    return f"T#{business}#O#{scope}", f"C#{operation_key}"


def call(business: str, scope: str) -> Key:
    return f"T#{business}#O#{scope}", "CALL"


def call_end(business: str, scope: str, agent: str) -> Key:
    """What came of a call, beside its record; each agent has its own, so that none can write another's."""
    return f"T#{business}#O#{scope}", f"END#{agent}"


def caller(business: str, caller_hash: str, start: int, booking_id: str) -> Key:
    return caller_partition(business, caller_hash), f"A#{start:010d}#{booking_id}"


def caller_partition(business: str, caller_hash: str) -> str:
    return f"T#{business}#C#{caller_hash}"


def provider_map(business: str, calendar: str, provider_id: str) -> Key:
    return f"T#{business}#M#{calendar}#{provider_id}", "M"


def access_token(business: str, connection: str) -> Key:
    return f"T#{business}#K#{connection}", "K"


def subscription(business: str, connection: str) -> Key:
    return f"T#{business}#K#{connection}", "S"


def opt_out(business: str, phone_hash: str) -> Key:
    return f"T#{business}#S#{phone_hash}", "S"


def code(business: str, challenge: str) -> Key:
    """Where a code goes; beside it in the outbox stands the text, under the same id as if it were a booking's."""
    return f"T#{business}#B#{challenge}", "CODE"


def tally(business: str, what: str, whose: str, period: str) -> Key:
    """How often something was done in a period, by one caller (a keyed hash) or by all together."""
    return f"T#{business}#Q#{what}#{whose}", period


def inbox(business: str, source: str, event: str) -> Key:
    return f"T#{business}#W#{source}", event


def ledger(business: str, utc_day: str, moment: str, nonce: str) -> Key:
    return ledger_day(business, utc_day), f"{moment}#{nonce}"


def ledger_day(business: str, utc_day: str) -> str:
    return f"T#{business}#L#{utc_day}"


@lru_cache(maxsize=256)
def shard(booking_id: str) -> str:
    """The due index is spread over a few partitions, so that no business or minute makes one hot."""
    return f"W#{hashlib.sha256(booking_id.encode()).digest()[0] % SHARDS}"


def split_booking_key(pk: str) -> tuple[str, str]:
    """Business and booking id of a booking's partition key."""
    _, business, _, booking_id = pk.split("#", 3)
    return business, booking_id
