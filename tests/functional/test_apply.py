"""`slotline` on the real local engine: what it writes, what it refuses to write, and what it prints."""

from __future__ import annotations

import base64
import io
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from ops import apply
from ops.apply import apply_file
from ops.cli import main
from ops.target import Target, TargetError, find_target, write_serve_file
from slotline.adapters.dynamodb import config_store, keys
from slotline.adapters.dynamodb.attributes import decode_item, encode_item
from slotline.adapters.dynamodb.config_store import DynamoConfigStore, config_key, registry_key
from slotline.adapters.dynamodb.subscription_store import DynamoSubscriptionStore
from slotline.adapters.dynamodb.table import Table
from slotline.adapters.secrets import SecretsManagerStore
from slotline.bootstrap import SystemClock
from slotline.domain.errors import CredentialError, NotExecutedError, SetupError, StoreUnavailableError
from slotline.domain.hints import Subscription
from slotline.ports import EventType
from tests.fakes import A_MONDAY_NOON_UTC, CountingIds, FakeClock

if TYPE_CHECKING:
    from tests.engine import EngineTable

pytestmark = pytest.mark.engine

ENVIRON = {"CAL": "cal_live_0123456789", "DESK": "desk-key-0123456789", "OTHER": "cal_live_9876543210"}
DESK_FILE = """\
business: bright-smile
name: Bright Smile Dental
time_zone: America/Los_Angeles
calendars:
  main: {provider: calcom, api_key: "${CAL}"}
  chair: {provider: builtin, hours: {mon-fri: ["09:00-12:00", "13:00-17:00"]}}
services:
  cleaning: {name: Teeth cleaning, minutes: 30, calendar: main, event_type: 1, email: {fallback: desk@b.example}}
  whitening: {name: Whitening, minutes: 60, calendar: chair, buffers: {after_minutes: 15}}
agents:
  front: {platform: vapi, services: [cleaning], auth: {bearer: "${DESK}"}}
"""


@pytest.fixture
def target(table: EngineTable) -> Target:
    """A local stage of its own: the engine's secrets outlive a test, so their prefix is the table's name."""
    return Target(
        name="local",
        table=table.name,
        secrets_prefix=f"{table.name}/",
        url="http://127.0.0.1:1",
        endpoint=table.endpoint,
    )


class Desk:
    """One desk file on one target, applied as often as a test likes."""

    def __init__(self, target: Target, folder: Path) -> None:
        self.target = target
        self.folder = folder

    def apply(
        self, text: str = DESK_FILE, *, environ: dict[str, str] | None = None, dry_run: bool = False
    ) -> tuple[int, str]:
        path = self.folder / "desk.yaml"
        path.write_text(text)
        out = io.StringIO()
        code = apply_file(path, target=self.target, environ=environ or ENVIRON, dry_run=dry_run, out=out)
        return code, out.getvalue()

    def secrets(self, business: str = "bright-smile") -> dict[str, str] | None:
        client = self.target.secrets_manager()
        try:
            text = client.get_secret_value(SecretId=f"{self.target.secrets_prefix}{business}")["SecretString"]
        except client.exceptions.ResourceNotFoundException:
            return None
        values: dict[str, str] = json.loads(text)
        return values

    def items(self) -> list[dict[str, Any]]:
        found = self.target.dynamodb().scan(TableName=self.target.table, ConsistentRead=True)["Items"]
        return sorted((decode_item(item) for item in found), key=lambda item: (item["pk"], item["sk"]))


@pytest.fixture
def desk(target: Target, tmp_path: Path) -> Desk:
    return Desk(target, tmp_path)


def test_what_is_applied_is_what_the_functions_read(desk: Desk) -> None:
    code, _ = desk.apply()

    store = DynamoConfigStore(desk.target.dynamodb(), desk.target.table, FakeClock())
    secrets = SecretsManagerStore(desk.target.secrets_manager, desk.target.secrets_prefix, FakeClock())
    assert code == 0
    assert store.businesses() == ("bright-smile",)
    business = store.business("bright-smile")
    assert business.services["whitening"].after_minutes == 15
    assert secrets.value("bright-smile", "calendars.main.api_key") == ENVIRON["CAL"]
    assert secrets.value("bright-smile", "agents.front.auth") == ENVIRON["DESK"]
    assert len(base64.b64decode(secrets.value("bright-smile", "desk_key"), validate=True)) == 32


def test_no_secret_reaches_the_table_or_the_screen(desk: Desk) -> None:
    _, printed = desk.apply()
    _, printed_again = desk.apply(environ=ENVIRON | {"CAL": ENVIRON["OTHER"]})

    everything = json.dumps(desk.items()) + printed + printed_again
    ours = {name: value for name, value in (desk.secrets() or {}).items() if name != "calendars.main.api_key"}
    assert "calendars.main.webhook_secret" in ours
    for secret in (*ENVIRON.values(), *ours.values()):
        assert secret not in everything


def test_the_diff_speaks_the_file_s_words(desk: Desk) -> None:
    _, first = desk.apply()
    text = DESK_FILE.replace("minutes: 30", "minutes: 45").replace(", buffers: {after_minutes: 15}", "")
    text = text.replace('"13:00-17:00"', '"13:00-18:00"') + 'transfer_to: "+14155550100"\n'

    _, second = desk.apply(text, environ=ENVIRON | {"CAL": ENVIRON["OTHER"]})

    assert "+ calendars.main.api_key (secret set)\n" in first
    assert "+ services.cleaning.email.fallback: desk@b.example\n" in first
    assert "+ business: bright-smile\n" in first
    assert [line for line in second.splitlines() if line[0] in "+~-"] == [
        "~ calendars.chair.hours.fri: 09:00-12:00, 13:00-17:00 -> 09:00-12:00, 13:00-18:00",
        "~ calendars.chair.hours.mon: 09:00-12:00, 13:00-17:00 -> 09:00-12:00, 13:00-18:00",
        "~ calendars.chair.hours.thu: 09:00-12:00, 13:00-17:00 -> 09:00-12:00, 13:00-18:00",
        "~ calendars.chair.hours.tue: 09:00-12:00, 13:00-17:00 -> 09:00-12:00, 13:00-18:00",
        "~ calendars.chair.hours.wed: 09:00-12:00, 13:00-17:00 -> 09:00-12:00, 13:00-18:00",
        "~ calendars.main.api_key (secret changed)",
        "~ services.cleaning.minutes: 30 -> 45",
        "~ services.whitening.buffers.after_minutes: 15 -> 0",
        "+ transfer_to: +14155550100",
    ]


def test_applying_the_same_again_changes_nothing(desk: Desk) -> None:
    desk.apply()
    before = (desk.items(), desk.secrets())

    code, printed = desk.apply()

    assert (code, printed.splitlines()) == (0, [f"nothing to change: bright-smile on {desk.target}"])
    assert (desk.items(), desk.secrets()) == before


def test_a_dry_run_shows_the_diff_and_writes_nothing(desk: Desk) -> None:
    code, printed = desk.apply(dry_run=True)

    assert code == 0
    assert "+ name: Bright Smile Dental\n" in printed
    assert (desk.items(), desk.secrets()) == ([], None)


def test_removed_secrets_disappear_and_the_desk_key_stays(desk: Desk) -> None:
    desk.apply()
    key = (desk.secrets() or {})["desk_key"]
    text = "\n".join(line for line in DESK_FILE.splitlines() if "calcom" not in line and "cleaning" not in line)
    text = text.replace("agents:", "").replace("  front: ", "")

    code, printed = desk.apply(f"{text}\n")

    assert code == 0, printed
    assert "- calendars.main.api_key (secret removed)\n" in printed
    assert desk.secrets() == {"desk_key": key}
    assert "webhook" not in printed


def test_an_invalid_file_writes_nothing_and_exits_2(desk: Desk) -> None:
    desk.apply()
    before = (desk.items(), desk.secrets())

    code, printed = desk.apply(DESK_FILE.replace("minutes: 30", "minutes: 0"), environ=ENVIRON | {"CAL": "changed"})

    assert code == 2
    assert "desk.yaml:8: services.cleaning.minutes: " in printed
    assert "nothing was written" in printed
    assert (desk.items(), desk.secrets()) == before


def test_a_calendar_account_belongs_to_one_business(desk: Desk) -> None:
    desk.apply()
    before = desk.items()

    code, printed = desk.apply(DESK_FILE.replace("business: bright-smile", "business: other"))

    assert code == 2
    assert "desk.yaml:5: calendars.main: this account belongs to business 'bright-smile'" in printed
    assert (desk.items(), desk.secrets("other")) == (before, None)


def test_an_account_given_up_by_one_business_is_free_for_another(desk: Desk) -> None:
    desk.apply()
    desk.apply(environ=ENVIRON | {"CAL": ENVIRON["OTHER"]})

    code, printed = desk.apply(DESK_FILE.replace("business: bright-smile", "business: other"))

    assert code == 0, printed
    owners = {item["pk"]: item["business"] for item in desk.items() if item["pk"].startswith("G#CAL#")}
    assert sorted(owners.values()) == ["bright-smile", "other"]


@pytest.mark.parametrize("first_time", [True, False])
def test_losing_the_race_for_an_account_leaves_everything_as_it_was(
    desk: Desk, first_time: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other business claims the account after we looked: only the transaction itself can still see that."""
    if not first_time:
        desk.apply(environ=ENVIRON | {"CAL": ENVIRON["OTHER"]})
    before = (desk.items(), desk.secrets())
    looked: list[int] = []
    look = apply._refuse_foreign_accounts
    mine = config_store.registration("calcom", base_url="https://api.cal.com/v2", account=ENVIRON["CAL"])
    pk, sk = registry_key(mine)

    def look_and_lose(*arguments: Any, **options: Any) -> None:
        look(*arguments, **options)
        if not looked:
            client = desk.target.dynamodb()
            client.put_item(TableName=desk.target.table, Item=encode_item({"pk": pk, "sk": sk, "business": "thief"}))
        looked.append(1)

    # Our own function is patched on purpose: there is no other way to stand between its answer and the write.
    monkeypatch.setattr(apply, "_refuse_foreign_accounts", look_and_lose)

    code, printed = desk.apply()

    assert code == 2
    assert "calendars.main: this account belongs to business 'thief'" in printed
    assert ([item for item in desk.items() if item.get("business") != "thief"], desk.secrets()) == before


def test_of_two_applies_at_once_one_wins_whole_and_none_is_lost(desk: Desk) -> None:
    desk.apply()
    texts = [DESK_FILE.replace("minutes: 30", f"minutes: {minutes}") for minutes in (40, 50, 60)]
    codes: list[int] = []

    def one(number: int) -> None:
        folder = desk.folder / str(number)
        folder.mkdir()
        code, _ = Desk(desk.target, folder).apply(texts[number])
        codes.append(code)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    (stored,) = [item for item in desk.items() if item["sk"] == "CONFIG"]
    assert stored["v"] == 1 + codes.count(0)
    assert set(codes) <= {0, 1}
    assert codes.count(0) >= 1


def test_a_target_that_does_not_answer_is_exit_1_with_a_sentence(desk: Desk) -> None:
    desk.target = replace(desk.target, endpoint="http://127.0.0.1:1")

    code, printed = desk.apply()

    assert code == 1
    assert printed.startswith("local (http://127.0.0.1:1) did not answer as it should: ")


def test_a_lost_desk_key_is_said_aloud(desk: Desk) -> None:
    desk.apply()
    client = desk.target.secrets_manager()
    client.put_secret_value(SecretId=f"{desk.target.secrets_prefix}bright-smile", SecretString="{}")

    code, printed = desk.apply()

    assert code == 0
    assert "desk_key is missing and will be new" in printed
    assert "desk_key" in (desk.secrets() or {})


# --- the book --------------------------------------------------------------------------------------------------------


NOON = int(A_MONDAY_NOON_UTC // 60)


@pytest.fixture
def serving(desk: Desk, tmp_path: Path) -> Path:
    """A running `make serve`, as far as the command line can tell, with a book of three bookings."""
    desk.apply()
    client = desk.target.dynamodb()
    book: list[dict[str, Any]] = [
        {"id": "b1", "st": "booked", "svc": "cleaning", "s": NOON, "e": NOON + 30, "cal": "main"},
        {
            "id": "b2",
            "st": "booking",
            "svc": "cleaning",
            "s": NOON - 300,
            "e": NOON - 270,
            "cal": "main",
            "dbt": True,
            "natt": 1,
            "g1sk": NOON * 60.0,
        },
        {
            "id": "b3",
            "st": "held",
            "svc": "whitening",
            "s": NOON + 1440,
            "e": NOON + 1500,
            "cal": "chair",
            "staff": ["ana"],
        },
    ]
    for values in book:
        pk, sk = keys.booking("bright-smile", values.pop("id"))
        client.put_item(TableName=desk.target.table, Item=encode_item({"pk": pk, "sk": sk, **values}))
    for rv, values in enumerate(
        [
            {"kind": "sms_booked", "st": "sent", "n": 1},
            {"kind": "sms_asked", "st": "gave_up", "n": 0, "rsn": "landline", "to": b"sealed"},
        ]
    ):
        pk, sk = keys.outbox("bright-smile", "b1", rv, str(values["kind"]))
        client.put_item(TableName=desk.target.table, Item=encode_item({"pk": pk, "sk": sk, **values}))
    path = tmp_path / "serve.json"
    write_serve_file(desk.target, path=path)
    return path


def run(*argv: str, serve_file: Path) -> tuple[int, str]:
    out = io.StringIO()
    code = main(argv, environ=ENVIRON, out=out, serve_file=serve_file)
    return code, out.getvalue()


def test_bookings_are_listed_soonest_first_in_local_time(serving: Path) -> None:
    code, printed = run("bookings", "--json", serve_file=serving)

    assert code == 0
    assert json.loads(printed) == [
        {"id": "b2", "state": "booking", "service": "cleaning", "start": "2026-01-04T23:00:00-08:00",
         "end": "2026-01-04T23:30:00-08:00", "calendar": "main", "doubt": True,
         "why": "waits for main to make it: asked 1 time, no answer came; next look 2026-01-05T04:00:00-08:00"},
        {"id": "b1", "state": "booked", "service": "cleaning", "start": "2026-01-05T04:00:00-08:00",
         "end": "2026-01-05T04:30:00-08:00", "calendar": "main", "doubt": False},
        {"id": "b3", "state": "held", "service": "whitening", "start": "2026-01-06T04:00:00-08:00",
         "end": "2026-01-06T05:00:00-08:00", "staff": ["ana"], "calendar": "chair", "doubt": False},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("filters", "expected"),
    [  # days around the arbitrary Monday of the shared fakes
        (["--on", "2026-01-05"], ["b1"]),
        (["--on", "2026-01-04"], ["b2"]),  # local day: it is already Monday in UTC
        (["--doubt"], ["b2"]),
        (["--business", "bright-smile"], ["b2", "b1", "b3"]),
        (["--business", "bright"], []),
    ],
)
def test_bookings_are_filtered_by_local_day_doubt_and_business(
    serving: Path, filters: list[str], expected: list[str]
) -> None:
    _, printed = run("bookings", "--json", *filters, serve_file=serving)

    assert [record["id"] for record in json.loads(printed)] == expected


def test_messages_are_listed_without_numbers(serving: Path) -> None:
    _, printed = run("messages", "--json", serve_file=serving)

    assert json.loads(printed) == [
        {"business": "bright-smile", "booking": "b1", "kind": "sms_booked", "state": "sent", "sends": 1},
        {"business": "bright-smile", "booking": "b1", "kind": "sms_asked", "state": "gave_up", "sends": 0,
         "reason": "landline"},
    ]  # fmt: skip


def test_a_table_is_printed_for_people(serving: Path) -> None:
    _, printed = run("bookings", serve_file=serving)

    lines = printed.splitlines()
    assert lines[0].split() == ["id", "state", "service", "start", "end", "calendar", "doubt", "why", "staff"]
    assert lines[1].split()[:3] == ["b2", "booking", "cleaning"]
    assert "waits for main to make it" in lines[1]
    assert len(lines) == 4


def test_apply_is_a_command(serving: Path, desk: Desk) -> None:
    code, printed = run("apply", "--dry-run", str(desk.folder / "desk.yaml"), serve_file=serving)

    assert (code, printed.split(":")[0]) == (0, "nothing to change")


class OwnerCalendars:
    """Connections of a business, some of which do not work."""

    def __init__(self, **answers: tuple[EventType, ...] | Exception) -> None:
        self.answers = answers

    def of(self, name: str) -> Any:
        return SimpleNamespace(event_types=lambda **_: self.listed(name))

    def listed(self, name: str) -> tuple[EventType, ...]:
        answer = self.answers[name]
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def connected(target: Target, monkeypatch: pytest.MonkeyPatch) -> OwnerCalendars:
    """The functions' wiring, replaced: providers have tests of their own."""
    for name in target.environment():
        monkeypatch.setenv(name, "")
    calendars = OwnerCalendars(main=(EventType("17", "Cleaning", 30, requires_approval=True),), chair=())
    wiring = ModuleType("slotline.bootstrap")
    vars(wiring).update(owner_calendars=lambda _: calendars, RandomIds=CountingIds)
    monkeypatch.setitem(sys.modules, "slotline.bootstrap", wiring)
    return calendars


def test_calendars_lists_what_each_connection_can_book(serving: Path, connected: OwnerCalendars) -> None:
    code, printed = run("calendars", "--json", serve_file=serving)

    assert code == 0
    assert json.loads(printed) == [
        {"business": "bright-smile", "calendar": "chair", "access": "works", "webhooks": None},
        {"business": "bright-smile", "calendar": "main", "access": "works", "webhooks": "not ordered",
         "event_type": "17", "name": "Cleaning", "minutes": 30, "requires_approval": True},
    ]  # fmt: skip


@pytest.mark.parametrize(
    "trouble",
    [
        (CredentialError("HTTP 401"), "needs its owner: connect again", "does not let us in: HTTP 401; connect again"),
        (SetupError("HTTP 403"), "needs its owner: check the set-up", "refuses us: HTTP 403; check its key"),
        (NotExecutedError("timeout"), "no answer", "did not answer: timeout; try again"),
        (StoreUnavailableError("busy"), "no answer", "did not answer: busy; try again"),
    ],
)
def test_a_connection_in_trouble_is_named_and_the_others_are_listed(
    serving: Path,
    connected: OwnerCalendars,
    trouble: tuple[Exception, str, str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    error, word, sentence = trouble
    connected.answers["chair"] = error

    code, printed = run("calendars", "--json", "--business", "bright-smile", serve_file=serving)

    assert code == 1
    assert [(row["calendar"], row["access"]) for row in json.loads(printed)] == [("chair", word), ("main", "works")]
    assert f"bright-smile: calendars.chair (builtin) {sentence}" in capsys.readouterr().err


@pytest.mark.parametrize(("left", "expected"), [(None, "ordered"), (86_400, "ordered until "), (-60, "ended ")])
def test_calendars_tells_until_when_webhooks_are_ordered(
    serving: Path, desk: Desk, connected: OwnerCalendars, left: float | None, expected: str
) -> None:
    table = Table(desk.target.dynamodb(), desk.target.table, clock=SystemClock(), ids=CountingIds())
    DynamoSubscriptionStore(table, business="bright-smile").write(
        "main", Subscription("hook1", None if left is None else SystemClock().now() + left)
    )

    _, printed = run("calendars", "--json", serve_file=serving)

    (shown,) = [row["webhooks"] for row in json.loads(printed) if row["calendar"] == "main"]
    assert shown == expected if left is None else shown.startswith(expected)


@pytest.mark.parametrize("command", [["bookings", "--json"], ["messages"], ["calendars"]])
def test_without_a_running_desk_every_command_says_what_to_start(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, printed = run(*command, serve_file=tmp_path / "serve.json")

    assert (code, printed) == (1, "")
    assert "make serve" in capsys.readouterr().err


@pytest.mark.parametrize(("text", "expected"), [(DESK_FILE, 1), (DESK_FILE.replace("minutes: 30", "minutes: 0"), 2)])
def test_without_a_running_desk_a_file_is_still_checked(text: str, expected: int, tmp_path: Path) -> None:
    path = tmp_path / "desk.yaml"
    path.write_text(text)

    code, printed = run("apply", str(path), serve_file=tmp_path / "serve.json")

    assert code == expected
    assert ("services.cleaning.minutes" in printed) == (expected == 2)


def test_word_of_a_dead_make_serve_is_not_believed(target: Target, tmp_path: Path) -> None:
    path = tmp_path / "serve.json"
    write_serve_file(target, path=path)
    assert find_target(None, serve_file=path) == target
    assert path.stat().st_mode & 0o777 == 0o600
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    path.write_text(json.dumps(json.loads(path.read_text()) | {"pid": dead.pid}))

    with pytest.raises(TargetError, match="make serve"):
        find_target(None, serve_file=path)


@pytest.fixture
def stack(target: Target, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A deployed stage on the engine, with the outputs that ours has."""
    for name, value in target.environment().items():
        monkeypatch.setenv(name, value)
    outputs = {
        "TableName": target.table,
        "SecretsPrefix": target.secrets_prefix,
        "ApiUrl": "https://desk.example.com",
        "MessagesQueueUrl": "https://sqs.example.com/q",
        "HintsQueueUrl": "https://sqs.example.com/h",
        "SecretsKeyArn": "arn:aws:kms:us-east-1:000000000000:key/k",
    }
    stage = target.table
    template = {
        "Resources": {"Queue": {"Type": "AWS::SQS::Queue"}},
        "Outputs": {name: {"Value": value} for name, value in outputs.items()},
    }
    client = boto3.client("cloudformation", endpoint_url=target.endpoint)
    client.create_stack(StackName=f"Slotline-{stage}", TemplateBody=json.dumps(template))
    client.get_waiter("stack_create_complete").wait(
        StackName=f"Slotline-{stage}", WaiterConfig={"Delay": 1, "MaxAttempts": 20}
    )
    yield stage
    client.delete_stack(StackName=f"Slotline-{stage}")


def test_a_stage_is_found_by_its_stack_s_outputs(stack: str, target: Target) -> None:
    found = find_target(stack)

    assert found == Target(
        name=stack,
        table=target.table,
        secrets_prefix=target.secrets_prefix,
        url="https://desk.example.com",
        messages_queue="https://sqs.example.com/q",
        hints_queue="https://sqs.example.com/h",
        secrets_key="arn:aws:kms:us-east-1:000000000000:key/k",
    )
    assert not found.is_local


def test_a_stage_that_does_not_exist_is_said_so(stack: str) -> None:
    with pytest.raises(TargetError, match="stage nowhere: "):
        find_target("nowhere")


def test_config_items_are_where_the_functions_look(desk: Desk) -> None:
    desk.apply()

    pk, sk = config_key("bright-smile")
    assert [(item["pk"], item["sk"]) for item in desk.items() if not item["pk"].startswith("G#CAL#")] == [
        ("G#BUSINESSES", "bright-smile"),
        (pk, sk),
    ]
