"""What `slotline apply` does about webhooks, on the real local engine and a fake Cal.com: secrets, orders, warnings."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ops.cli import main
from ops.target import Target, write_serve_file
from ops.webhook_orders import order_all
from slotline.adapters.dynamodb.attributes import decode_item
from tests.servers.calcom import API_KEY, CalcomServer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.engine import EngineTable

pytestmark = pytest.mark.engine

HEAD = """\
business: harbor
name: Harbor Clinic
time_zone: Europe/Berlin
calendars:
  chair: {provider: builtin, hours: {mon-fri: ["09:00-17:00"]}}
"""
CALCOM = '  main: {{provider: calcom, api_key: "${{CAL}}", base_url: "{url}"}}\n'
GOOGLE = (
    '  book: {provider: google, client_id: id, client_secret: "${SECRET}", refresh_token: "${TOKEN}",'
    ' base_url: "http://127.0.0.1:1", token_url: "http://127.0.0.1:1/token", hours: {mon-fri: ["09:00-17:00"]}}\n'
)
ENVIRON = {"CAL": API_KEY, "SECRET": "client-secret-0123", "TOKEN": "refresh-token-0123"}
PRESENT, BEFORE = "calendars.main.webhook_secret", "calendars.main.webhook_secret_before"


class Owner:
    """Somebody at a prompt, beside a running `make serve` that is reached at `url`."""

    def __init__(self, table: EngineTable, folder: Path, *, url: str = "http://127.0.0.1:8080") -> None:
        self.folder = folder
        self.target = Target(
            name="local",
            table=table.name,
            secrets_prefix=f"{table.name}/",
            url=url,
            endpoint=table.endpoint,
        )

    def apply(self, text: str, *options: str, environ: dict[str, str] = ENVIRON) -> list[str]:
        file, serve_file, out = self.folder / "desk.yaml", self.folder / "serve.json", io.StringIO()
        file.write_text(text)
        write_serve_file(self.target, path=serve_file)
        assert main(["apply", str(file), *options], environ=environ, out=out, serve_file=serve_file) == 0, (
            out.getvalue()
        )
        return out.getvalue().splitlines()

    def secrets(self) -> dict[str, str]:
        text = self.target.secrets_manager().get_secret_value(SecretId=f"{self.target.secrets_prefix}harbor")
        values: dict[str, str] = json.loads(text["SecretString"])
        return values

    def kept_order(self, calendar: str = "main") -> str | None:
        found = self.target.dynamodb().scan(TableName=self.target.table, ConsistentRead=True)["Items"]
        items: list[dict[str, Any]] = [decode_item(item) for item in found]
        return next((i.get("id") for i in items if (i["pk"], i["sk"]) == (f"T#harbor#K#{calendar}", "S")), None)


@pytest.fixture
def owner(table: EngineTable, tmp_path: Path) -> Owner:
    return Owner(table, tmp_path)


@pytest.fixture
def calcom() -> Iterator[CalcomServer]:
    with CalcomServer() as server:
        yield server


def desk(server: CalcomServer) -> str:
    return HEAD + CALCOM.format(url=server.base_url)


def warnings(printed: list[str]) -> list[str]:
    return [line for line in printed if line.startswith("warning: ")]


def test_a_connection_gets_a_secret_and_its_webhooks_are_ordered(owner: Owner, calcom: CalcomServer) -> None:
    printed = owner.apply(desk(calcom))

    (hook,) = calcom.api.hooks.values()
    assert hook["subscriberUrl"] == "http://127.0.0.1:8080/v1/webhooks/harbor/main"
    assert (hook["active"], hook["secret"]) == (True, owner.secrets()[PRESENT])
    assert owner.kept_order() == hook["id"]
    assert warnings(printed) == []
    assert "webhook" not in "\n".join(printed)


def test_the_secret_is_long_plain_and_stays(owner: Owner, calcom: CalcomServer) -> None:
    owner.apply(desk(calcom))
    first = owner.secrets()[PRESENT]

    owner.apply(desk(calcom).replace("Harbor Clinic", "Harbor"))

    assert re.fullmatch(r"[A-Za-z0-9_-]{43,128}", first)
    assert owner.secrets()[PRESENT] == first
    assert len(calcom.api.hooks) == 1


def test_a_calendar_that_takes_no_orders_gets_no_secret(owner: Owner) -> None:
    owner.apply(HEAD)

    assert set(owner.secrets()) == {"desk_key"}


def test_nothing_is_ordered_by_a_dry_run(owner: Owner, calcom: CalcomServer) -> None:
    owner.apply(desk(calcom), "--dry-run", "--rotate-webhook-secrets")

    assert calcom.api.hooks == {}


def test_nothing_is_ordered_where_nobody_could_reach_us(
    table: EngineTable, tmp_path: Path, calcom: CalcomServer
) -> None:
    unreachable = Owner(table, tmp_path, url="")

    printed = unreachable.apply(desk(calcom))

    assert calcom.api.hooks == {}
    assert warnings(printed) == []


def test_a_desk_of_an_earlier_version_gets_its_secret_without_any_other_change(
    owner: Owner, calcom: CalcomServer
) -> None:
    owner.apply(desk(calcom))
    kept = {name: value for name, value in owner.secrets().items() if name != PRESENT}
    owner.target.secrets_manager().put_secret_value(
        SecretId=f"{owner.target.secrets_prefix}harbor", SecretString=json.dumps(kept)
    )

    owner.apply(desk(calcom))

    (hook,) = calcom.api.hooks.values()
    assert hook["secret"] == owner.secrets()[PRESENT]


def test_a_rotation_keeps_the_secret_before_beside_the_new_one(owner: Owner, calcom: CalcomServer) -> None:
    owner.apply(desk(calcom))
    first = owner.secrets()[PRESENT]

    printed = owner.apply(desk(calcom), "--rotate-webhook-secrets")

    now = owner.secrets()
    (hook,) = calcom.api.hooks.values()
    assert (now[BEFORE], hook["secret"]) == (first, now[PRESENT])
    assert now[PRESENT] != first
    assert [line for line in printed if "webhook" in line] == [
        "new webhook secrets: calendars.main; those before stay valid beside them"
    ]
    assert not {first, now[PRESENT]} & set(" ".join(printed).split())

    owner.apply(desk(calcom).replace("Harbor Clinic", "Harbor"))
    assert owner.secrets() == now

    owner.apply(desk(calcom), "--rotate-webhook-secrets")
    assert owner.secrets()[BEFORE] == now[PRESENT]


def test_the_orders_of_a_calendar_that_left_the_file_are_ended(owner: Owner, calcom: CalcomServer) -> None:
    owner.apply(desk(calcom))

    printed = owner.apply(HEAD)

    assert calcom.api.hooks == {}
    assert owner.kept_order() is None
    assert set(owner.secrets()) == {"desk_key"}
    assert warnings(printed) == []


def test_a_calendar_that_moves_to_another_host_is_ended_there_and_ordered_here(
    owner: Owner, calcom: CalcomServer
) -> None:
    owner.apply(desk(calcom))
    with CalcomServer() as other:
        owner.apply(desk(other))

        assert calcom.api.hooks == {}
        assert [hook["secret"] for hook in other.api.hooks.values()] == [owner.secrets()[PRESENT]]


@pytest.mark.parametrize("left", [False, True])
def test_a_provider_that_does_not_answer_is_a_warning_and_the_apply_stands(
    owner: Owner, calcom: CalcomServer, left: bool
) -> None:
    if left:
        owner.apply(desk(calcom))
    calcom.api.fault("error_before", on="*", times=9)

    printed = owner.apply(HEAD if left else desk(calcom))

    (warning,) = warnings(printed)
    assert "warning: calendars.main: could not " in warning
    assert ("tries again" in warning) != left
    assert printed[-2].startswith("applied: harbor on local")


def test_a_key_that_is_not_accepted_is_a_warning_without_the_key(owner: Owner, calcom: CalcomServer) -> None:
    printed = owner.apply(desk(calcom), environ=ENVIRON | {"CAL": "cal_of_somebody_else"})

    (warning,) = warnings(printed)
    assert "calendars.main" in warning
    assert "cal_of_somebody_else" not in "".join(printed)


def test_a_desk_that_starts_orders_what_its_file_wants(owner: Owner, calcom: CalcomServer) -> None:
    """The file is applied before anybody answers at its address."""
    owner.target = replace(owner.target, url="")
    owner.apply(desk(calcom))
    assert calcom.api.hooks == {}

    out = io.StringIO()
    order_all(replace(owner.target, url="http://127.0.0.1:8080"), out=out)

    assert [hook["secret"] for hook in calcom.api.hooks.values()] == [owner.secrets()[PRESENT]]
    assert out.getvalue() == ""


def test_consent_by_oauth_at_google_comes_with_a_warning_once(owner: Owner) -> None:
    first, second = owner.apply(HEAD + GOOGLE), owner.apply((HEAD + GOOGLE).replace("Harbor Clinic", "Harbor"))
    renewed = owner.apply(HEAD + GOOGLE, environ=ENVIRON | {"TOKEN": "refresh-token-9876"})

    said = [[line for line in printed if "Testing" in line] for printed in (first, second, renewed)]
    assert [len(lines) for lines in said] == [1, 0, 1]
    assert "calendars.book" in said[0][0]
    assert "7 days" in said[0][0]
