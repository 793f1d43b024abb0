"""A token endpoint takes each refresh token once, many processes want its tokens, and none may get lost."""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass, field, replace

import pytest

from slotline.domain.errors import (
    CredentialError,
    InDoubtError,
    NotExecutedError,
    SetupError,
    StaleError,
    StoreUnavailableError,
)
from slotline.ports import TokenRecord
from slotline.use_cases.access_tokens import LEASE_SECONDS, PATIENCE_SECONDS, STALE_SECONDS, AccessTokens
from tests.fakes import FakeClock

LIFE = 3600.0


@dataclass(frozen=True)
class FakeGrant:
    access_token: str
    expires: float
    refresh_token: str | None


@dataclass
class Endpoint:
    """Every refresh token buys one access token and its own successor; used twice, it is revoked."""

    clock: FakeClock
    good: str = "seed"
    errors: list[BaseException] = field(default_factory=list)
    lose_answer: bool = False
    asked: int = 0

    def refresh(self, refresh_token: str, *, deadline: float) -> FakeGrant:
        assert deadline > self.clock.now()
        self.asked += 1
        if self.errors:
            raise self.errors.pop(0)
        if refresh_token != self.good:
            raise CredentialError("invalid_grant")
        self.good = f"refresh-{self.asked}"
        if self.lose_answer:
            raise InDoubtError("no answer")
        return FakeGrant(f"access-{self.asked}", self.clock.now() + LIFE, self.good)


@dataclass
class FakeTokenStore:
    record: TokenRecord = field(default_factory=TokenRecord)
    errors: list[BaseException] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def read(self, connection: str) -> TokenRecord:
        with self.lock:
            return self.record

    def write(self, connection: str, record: TokenRecord, *, over: int) -> TokenRecord:
        with self.lock:
            if record.access_token and self.errors:
                raise self.errors.pop(0)
            if self.record.version != over:
                raise StaleError("another version")
            self.record = replace(record, version=over + 1)
            return self.record


@dataclass
class Bench:
    clock: FakeClock = field(default_factory=FakeClock)
    store: FakeTokenStore = field(default_factory=FakeTokenStore)
    seed: str = "seed"
    alarms: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.endpoint = Endpoint(self.clock)

    def process(self) -> AccessTokens:
        return AccessTokens(
            connection="main",
            store=self.store,
            seed=lambda: self.seed,
            refresh=self.endpoint.refresh,
            clock=self.clock,
            alarm=lambda event, _connection: self.alarms.append(event),
        )


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_a_token_is_fetched_once_and_shared_by_all_processes(bench: Bench) -> None:
    one, other = bench.process(), bench.process()

    assert {one.value(), one.value(), other.value()} == {"access-1"}
    assert bench.endpoint.asked == 1


def test_a_token_about_to_end_is_refreshed_with_the_successor(bench: Bench) -> None:
    process = bench.process()
    process.value()

    bench.clock.time += LIFE - STALE_SECONDS
    assert process.value() == "access-2"
    bench.clock.time += LIFE - STALE_SECONDS - 1
    assert process.value() == "access-2"
    assert bench.process().value() == "access-2"


def test_fifty_threads_of_five_processes_use_the_single_use_token_once(bench: Bench) -> None:
    processes = [bench.process() for _ in range(5)]
    values: list[str] = []
    threads = [threading.Thread(target=lambda p=p: values.append(p.value())) for p in processes * 10]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert values == ["access-1"] * 50
    assert bench.endpoint.asked == 1


def test_a_refused_token_is_replaced_unless_another_process_did_it_already(bench: Bench) -> None:
    one, other = bench.process(), bench.process()
    one.value()
    other.value()

    assert one.renewed()
    assert other.renewed()
    assert one.value() == other.value() == "access-2"
    assert bench.endpoint.asked == 2


def test_revoked_access_is_told_once_and_asked_for_never_again(bench: Bench) -> None:
    bench.endpoint.good = "something else"
    for _ in range(3):
        with pytest.raises(CredentialError):
            bench.process().value()

    assert bench.endpoint.asked == 1
    assert bench.alarms == ["credentials_revoked"]
    assert not bench.process().renewed()


def test_the_owner_is_told_of_a_revocation_before_it_is_written_down(bench: Bench) -> None:
    """Once it is, nobody asks again: a process that died in between would have told nobody."""
    bench.endpoint.good = "something else"
    process, written = bench.process(), list[bool]()
    process.alarm = lambda _event, _connection: written.append(bench.store.record.revoked)

    with pytest.raises(CredentialError):
        process.value()

    assert written == [False]
    assert bench.store.record.revoked


def test_a_new_refresh_token_from_the_owner_ends_the_revocation(bench: Bench) -> None:
    bench.endpoint.good = "new seed"
    process = bench.process()
    with pytest.raises(CredentialError):
        process.value()

    bench.seed = "new seed"

    assert process.value() == "access-2"


def test_a_lease_of_a_dead_process_lapses(bench: Bench) -> None:
    bench.endpoint.errors.append(KeyboardInterrupt())  # the process dies in mid-refresh
    with pytest.raises(KeyboardInterrupt):
        bench.process().value()

    with pytest.raises(NotExecutedError):
        bench.process().value()
    bench.clock.time += LEASE_SECONDS - PATIENCE_SECONDS
    assert bench.process().value() == "access-2"


def test_an_answer_that_was_lost_is_nothing_done_for_the_caller_and_an_alarm_for_the_owner(bench: Bench) -> None:
    bench.endpoint.lose_answer = True
    with pytest.raises(NotExecutedError):
        bench.process().value()

    assert bench.alarms == ["token_refresh_unanswered"]
    with pytest.raises(CredentialError):  # a single-use token that was used: nobody can help that
        bench.process().value()


@pytest.mark.parametrize("error", [NotExecutedError("429"), SetupError("client_id")])
def test_a_refresh_that_certainly_consumed_nothing_can_be_repeated(bench: Bench, error: Exception) -> None:
    bench.endpoint.errors.append(error)
    process = bench.process()
    with pytest.raises(type(error)):
        process.value()

    assert process.value() == "access-2"


def test_a_token_that_could_not_be_stored_is_kept_and_stored_next_time(bench: Bench) -> None:
    bench.store.errors.append(StoreUnavailableError("throttled"))
    process = bench.process()
    with pytest.raises(StoreUnavailableError):
        process.value()

    assert process.value() == "access-1"
    assert bench.store.record.refresh_token == bench.endpoint.good
    assert bench.process().value() == "access-1"


def test_the_successor_survives_a_lease_that_was_taken_over_meanwhile(bench: Bench) -> None:
    slow = bench.process()
    endpoint = bench.endpoint.refresh

    def slowly(refresh_token: str, *, deadline: float) -> FakeGrant:
        grant = endpoint(refresh_token, deadline=deadline)
        bench.clock.time += LEASE_SECONDS
        with pytest.raises(CredentialError):  # it tries with the refresh token that was just used up
            bench.process().value()
        return grant

    slow.refresh = slowly

    assert slow.value() == "access-1"
    assert not bench.store.record.revoked
    assert bench.process().value() == "access-1"


def test_the_probe_refreshes_a_token_that_still_lives(bench: Bench) -> None:
    process = bench.process()
    process.value()

    process.keep_fresh()
    assert bench.endpoint.asked == 1
    process.keep_fresh(margin=math.inf)
    assert bench.endpoint.asked == 2
