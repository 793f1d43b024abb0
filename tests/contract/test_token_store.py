"""Access tokens on the table: versions fence writers, and nothing readable is stored."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from slotline.adapters.dynamodb import keys
from slotline.adapters.dynamodb.sealed import Sealer
from slotline.adapters.dynamodb.token_store import DynamoTokenStore
from slotline.domain.errors import StaleError
from slotline.ports import TokenRecord
from tests.contract.bookings import BUSINESS

if TYPE_CHECKING:
    from tests.contract.bookings import StoreBench

RECORD = TokenRecord(seed="mark", access_token="open-sesame", expires=17.0, refresh_token="again", busy_until=20.0)


@pytest.fixture
def tokens(moto_bench: StoreBench) -> DynamoTokenStore:
    return DynamoTokenStore(moto_bench.table, business=BUSINESS, sealer=Sealer(bytes(32)))


def test_what_was_written_is_read_again(tokens: DynamoTokenStore) -> None:
    assert tokens.read("main") == TokenRecord()

    first = tokens.write("main", RECORD, over=0)

    assert (first.version, tokens.read("main")) == (1, first)
    assert tokens.read("other") == TokenRecord()


def test_only_one_of_two_writers_wins(tokens: DynamoTokenStore) -> None:
    first = tokens.write("main", RECORD, over=0)
    with pytest.raises(StaleError):
        tokens.write("main", RECORD, over=0)
    tokens.write("main", first, over=1)
    with pytest.raises(StaleError):
        tokens.write("main", first, over=1)


def test_no_token_can_be_read_off_the_table(moto_bench: StoreBench, tokens: DynamoTokenStore) -> None:
    tokens.write("main", RECORD, over=0)

    row = moto_bench.row(keys.access_token(BUSINESS, "main"))

    assert row is not None
    assert b"sesame" not in repr(row).encode()
