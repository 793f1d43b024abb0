from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import date
from typing import Any, cast

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from moto import mock_aws

from slotline.adapters.dynamodb.config_store import (
    DynamoConfigStore,
    config_key,
    dump_business,
    listing_key,
    load_business,
)
from slotline.adapters.secrets import CACHE_SECONDS, SecretsManagerStore
from slotline.domain.business import (
    Agent,
    Auth,
    Business,
    Calendar,
    OfferShape,
    OpeningHours,
    Service,
    Sms,
    StaffMember,
    StaffRule,
    Where,
)
from slotline.domain.errors import AccessError, ConfigError, StoreUnavailableError
from tests.fakes import FakeClock

unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # the machine may be busy

TABLE = "desk"
BUSINESS = Business(
    key="bright-smile",
    name="Bright Smile Dental",
    time_zone="America/Los_Angeles",
    locale="en-US",
    calendars={"chair": Calendar("chair", "builtin", hours=OpeningHours(week=(((540, 1020),),) + ((),) * 6))},
    services={"cleaning": Service("cleaning", "Teeth cleaning", minutes=30, calendar="chair")},
    agents={"front": Agent("front", "vapi", services=("cleaning",), auth=Auth("bearer"))},
)


def whole(kind: type[Any], **overrides: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Values of a dataclass with every field varied, those with defaults too."""
    return st.builds(kind, **({f.name: ... for f in fields(kind)} | overrides))


finite = st.floats(allow_nan=False, allow_infinity=False)
calendars = whole(Calendar, timeout_seconds=finite, hours=st.none() | whole(OpeningHours))
services = whole(
    Service,
    offer=whole(OfferShape, hours_between=finite),
    staff=st.none() | whole(StaffRule),
    where=whole(Where),
)
businesses = whole(
    Business,
    calendars=st.dictionaries(st.text(), calendars, max_size=2),
    services=st.dictionaries(st.text(), services, max_size=2),
    agents=st.dictionaries(st.text(), whole(Agent, auth=whole(Auth), deadline_seconds=st.none() | finite), max_size=2),
    staff=st.dictionaries(st.text(), whole(StaffMember), max_size=2),
    sms=whole(Sms),
)


@unhurried
@given(businesses)
def test_a_stored_business_is_read_back_as_it_was(business: Business) -> None:
    assert load_business(dump_business(business)) == business


def test_equal_businesses_have_equal_texts() -> None:
    """Otherwise `apply` would find a change where there is none."""
    whole_number = replace(BUSINESS.agents["front"], deadline_seconds=9)
    fraction = replace(BUSINESS.agents["front"], deadline_seconds=9.0)

    texts = {dump_business(replace(BUSINESS, agents={"front": agent})) for agent in (whole_number, fraction)}

    assert len(texts) == 1


def test_values_come_back_with_their_own_types() -> None:
    offer = OfferShape(earliest_date=date(2030, 1, 2), hours_between=2)
    service = replace(BUSINESS.services["cleaning"], offer=offer)

    back = load_business(dump_business(replace(BUSINESS, services={"cleaning": service})))

    assert back.services["cleaning"].offer.earliest_date == date(2030, 1, 2)
    assert isinstance(back.services["cleaning"].offer.hours_between, float)
    assert isinstance(back.agents["front"].services, tuple)
    hours = back.calendars["chair"].hours
    assert hours is not None
    assert hours.week[0] == ((540, 1020),)
    assert back.look_up is BUSINESS.look_up


def test_what_a_newer_apply_wrote_can_be_read_by_an_older_function() -> None:
    document = json.loads(dump_business(BUSINESS))
    document["colour"] = {"shade": "blue"}
    document["services"]["cleaning"]["colour"] = "blue"

    assert load_business(json.dumps(document)) == BUSINESS


def test_what_an_older_apply_wrote_gets_the_defaults() -> None:
    document = json.loads(dump_business(BUSINESS))
    del document["sms"], document["services"]["cleaning"]["offer"]

    assert load_business(json.dumps(document)) == BUSINESS


class OneItemTable:
    """A table that holds one business and counts how often it is read."""

    def __init__(self, business: Business = BUSINESS, *, slow: float = 0) -> None:
        self.business = business
        self.reads = 0
        self.error: Exception | None = None
        self._slow = slow

    def get_item(self, **request: Any) -> dict[str, Any]:
        self.reads += 1
        time.sleep(self._slow)
        if self.error:
            raise self.error
        if request["Key"]["pk"]["S"] != config_key(self.business.key)[0]:
            return {}
        return {"Item": {"doc": {"S": dump_business(self.business)}, "v": {"N": "1"}}}


def store_on(table: OneItemTable, clock: FakeClock, **options: Any) -> DynamoConfigStore:
    return DynamoConfigStore(cast("Any", table), TABLE, clock, **options)


def test_a_business_is_read_once_a_minute() -> None:
    table, clock = OneItemTable(), FakeClock()
    store = store_on(table, clock)
    store.business("bright-smile")
    clock.sleep(59)
    store.business("bright-smile")
    reads_within_the_minute = table.reads
    table.business = replace(BUSINESS, name="New name")
    clock.sleep(1)

    name = store.business("bright-smile").name

    assert (reads_within_the_minute, name, table.reads) == (1, "New name", 2)


def test_threads_that_ask_at_once_share_one_read() -> None:
    table = OneItemTable(slow=0.02)
    store = store_on(table, FakeClock())
    threads = [threading.Thread(target=store.business, args=("bright-smile",)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert table.reads == 1


def test_an_unknown_business_is_a_404() -> None:
    with pytest.raises(AccessError) as refused:
        store_on(OneItemTable(), FakeClock()).business("nobody")

    assert (refused.value.status, refused.value.code) == (404, "unknown_business")


@pytest.mark.parametrize(
    "error",
    [
        EndpointConnectionError(endpoint_url="http://table"),
        ClientError({"Error": {"Code": "ThrottlingException", "Message": ""}}, "GetItem"),
    ],
)
def test_a_silent_table_is_said_to_be_unavailable_and_nothing_stale_is_served(error: Exception) -> None:
    table, clock = OneItemTable(), FakeClock()
    store = store_on(table, clock)
    store.business("bright-smile")
    clock.sleep(60)
    table.error = error

    with pytest.raises(StoreUnavailableError):
        store.business("bright-smile")


@mock_aws
def test_businesses_are_listed_over_all_pages() -> None:
    client = boto3.client("dynamodb", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    client.create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
    )
    names = [f"b-{number:02d}" for number in range(30)]
    for name in names:
        pk, sk = listing_key(name)
        client.put_item(TableName=TABLE, Item={"pk": {"S": pk}, "sk": {"S": sk}})
    client.put_item(TableName=TABLE, Item={"pk": {"S": config_key("other")[0]}, "sk": {"S": "CONFIG"}})
    ask_for_seven = {"Limit": 7}
    client.meta.events.register("provide-client-params.dynamodb.Query", lambda params, **_: params | ask_for_seven)

    assert DynamoConfigStore(client, TABLE, FakeClock()).businesses() == tuple(names)


class OneSecret:
    """Secrets Manager with one business's secret; counts reads."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.reads = 0
        self.error: Exception | None = None

    def get_secret_value(self, **request: str) -> dict[str, str]:
        self.reads += 1
        if self.error:
            raise self.error
        if request["SecretId"] != "desk/bright-smile":
            raise ClientError({"Error": {"Code": "ResourceNotFoundException", "Message": ""}}, "GetSecretValue")
        return {"SecretString": self.text}


def secrets_on(vault: OneSecret, clock: FakeClock | None = None) -> SecretsManagerStore:
    factory = cast("Callable[[], Any]", lambda: vault)
    return SecretsManagerStore(factory, "desk/", clock or FakeClock())


def test_secrets_are_read_once_in_five_minutes_or_when_refreshed() -> None:
    vault, clock = OneSecret('{"agents.front.auth": "one"}'), FakeClock()
    store = secrets_on(vault, clock)
    store.value("bright-smile", "agents.front.auth")
    clock.sleep(CACHE_SECONDS - 1)
    store.value("bright-smile", "agents.front.auth")
    reads_while_fresh = vault.reads
    vault.text = '{"agents.front.auth": "two"}'
    store.refresh("bright-smile")
    refreshed = store.value("bright-smile", "agents.front.auth")
    clock.sleep(CACHE_SECONDS)
    store.value("bright-smile", "agents.front.auth")

    assert (reads_while_fresh, refreshed, vault.reads) == (1, "two", 3)


def test_guessing_credentials_does_not_flood_the_vault_with_reads() -> None:
    vault, clock = OneSecret('{"a": "1"}'), FakeClock()
    store = secrets_on(vault, clock)
    for _ in range(20):
        store.value("bright-smile", "a")
        store.refresh("bright-smile")
        clock.sleep(1)

    assert vault.reads == 2


def test_no_client_is_made_before_a_secret_is_wanted() -> None:
    made: list[int] = []

    def factory() -> Any:
        made.append(1)
        return OneSecret('{"a": "1", "b": "2"}')

    store = SecretsManagerStore(factory, "desk/", FakeClock())
    before = len(made)
    store.value("bright-smile", "a")
    store.refresh("bright-smile")
    store.value("bright-smile", "b")

    assert (before, len(made)) == (0, 1)


@pytest.mark.parametrize(("business", "name"), [("bright-smile", "calendars.main.api_key"), ("nobody", "x")])
def test_a_missing_secret_names_the_fix(business: str, name: str) -> None:
    with pytest.raises(ConfigError, match="slotline apply"):
        secrets_on(OneSecret('{"a": "1"}')).value(business, name)


@pytest.mark.parametrize("text", ["", "not json", "[]", '{"a": 1}'])
def test_a_secret_edited_into_nonsense_is_the_owners_mistake_and_is_not_quoted(text: str) -> None:
    with pytest.raises(ConfigError) as refused:
        secrets_on(OneSecret(text)).value("bright-smile", "a")

    assert "not json" not in str(refused.value)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("AccessDeniedException", ConfigError),
        ("ThrottlingException", StoreUnavailableError),
        ("InternalServiceError", StoreUnavailableError),
    ],
)
def test_what_may_pass_is_told_apart_from_a_wrong_set_up(code: str, expected: type[Exception]) -> None:
    vault = OneSecret("{}")
    vault.error = ClientError({"Error": {"Code": code, "Message": ""}}, "GetSecretValue")

    with pytest.raises(expected):
        secrets_on(vault).value("bright-smile", "a")
