"""The tool functions in this process, on the engine's table, with a clock that tests move."""

from __future__ import annotations

import contextlib
import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from unittest import mock

from functions.availability.handler import ROOMS as AVAILABILITY
from functions.booking.handler import ROOMS as BOOKING
from functions.mcp.handler import CONTRACTS
from functions.sms_confirm.handler import ROOMS as SMS_CONFIRM
from ops.apply import OK, apply_file
from ops.demo.wires import WIRES
from ops.local.gateway import Gateway
from ops.local.payload import HttpRequest
from ops.target import Target
from slotline.adapters.calendars._http import open_client
from slotline.bootstrap import House
from slotline.bootstrap.tool_rooms import ROOMS
from slotline.platforms.mcp import Mcp
from slotline.runtime.settings import Settings
from slotline.runtime.tool_endpoint import ToolEndpoint
from tests.functional.book import items_of
from tests.functional.caller import Caller, Heard
from tests.functional.served import RETELL_KEY, fresh_number

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import httpx

    from slotline.domain.bookings import Booking
    from tests.engine import EngineTable
    from tests.fakes import FakeClock
    from tests.functional.book import Item

KEY = "desk-key-of-the-functional-tests"
LAMBDA_MILLISECONDS = 12_000


@dataclass(frozen=True, slots=True)
class _Context:
    """As much of a Lambda context as the functions use."""

    left: int = LAMBDA_MILLISECONDS

    def get_remaining_time_in_millis(self) -> int:
        return self.left


class InProcess:
    """One desk; requests take the way through the gateway's routes into the functions' own rooms."""

    def __init__(self, target: Target, clock: FakeClock, *, business: str) -> None:
        self.clock = clock
        self.business = business
        self.key = KEY
        self.target = target
        self.house = House(Settings.read(target.environment()), clock=clock)
        rooms = {"availability": AVAILABILITY, "booking": BOOKING, "sms_confirm": SMS_CONFIRM}
        self._endpoints = {name: ToolEndpoint(lambda: self.house, those) for name, those in rooms.items()}
        self._endpoints["mcp"] = ToolEndpoint(lambda: self.house, ROOMS, own=lambda: Mcp(CONTRACTS, public_url=None))
        self._gateway = Gateway(self, now=clock.now)

    def invoke(self, name: str, *, event: Mapping[str, Any], patience: float | None = None) -> object:
        return self._endpoints[name](event, _Context())

    def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> Heard:
        answer = self._gateway.answer(HttpRequest("POST", path, tuple(headers.items()), body))
        return Heard(answer.status, json.loads(answer.body))

    def caller(self, *, number: str | None = None, call: str | None = None) -> Caller:
        number = number or fresh_number()
        return Caller(self.post, f"/v1/{self.business}/front", KEY, number, call or f"call-of-{number}")

    def reconcile(self) -> None:
        ends = self.clock.now() + 60
        self.house.reconciler(process_ends=ends).run(ends=ends)

    def items(self) -> list[Item]:
        return items_of(self.target.dynamodb(), self.target.table, self.business)

    def read(self, booking_id: str) -> Booking:
        return self.house.store(self.business).read(booking_id)


@contextlib.contextmanager
def in_process(
    table: EngineTable,
    desk: str,
    folder: Path,
    *,
    business: str,
    clock: FakeClock,
    environ: Mapping[str, str] | None = None,
) -> Iterator[InProcess]:
    """Apply the desk file to this table and open the desk; `environ` fills its `${NAME}` beside the usual ones."""
    config = folder / "desk.yaml"
    config.write_text(desk)
    target = Target(
        name="local",
        table=table.name,
        secrets_prefix=f"{table.name}/",  # the engine's secrets outlive a table
        url="http://127.0.0.1:1",
        endpoint=table.endpoint,
    )
    said = io.StringIO()
    named = {
        "DESK_KEY": KEY,
        "RETELL_KEY": RETELL_KEY,
        "TELNYX_KEY": WIRES["telnyx"].secret(RETELL_KEY),
        **(environ or {}),
    }
    assert apply_file(config, target=target, environ=named, dry_run=False, out=said) == OK, said.getvalue()
    quiet = {"POWERTOOLS_METRICS_DISABLED": "true"}
    with (
        mock.patch.dict("os.environ", target.environment() | quiet),  # boto3 reads there where the engine is
        _connections_closed(),
    ):
        yield InProcess(target, clock, business=business)


@contextlib.contextmanager
def _connections_closed() -> Iterator[None]:
    """A process keeps its connections to providers for life; this one has many lives."""
    with contextlib.ExitStack() as opened:

        def open_and_note(*args: Any, **options: Any) -> httpx.Client:
            return opened.enter_context(open_client(*args, **options))

        with mock.patch("slotline.adapters.calendars._http.open_client", open_and_note):
            yield
