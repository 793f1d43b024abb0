"""The callers of the simulator, on the telephone with real processes."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from slotline.domain.time import utc_iso
from tests.real_engine import offices
from tests.real_engine.street import Delivery
from tests.simulation.workloads import Caller

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slotline.domain.calls import ToolReply
    from tests.real_engine.town import Town
    from tests.simulation.actors import Street, Wish

POOLS = {s.key: s.pool for s in offices.SERVICES}


class RealCaller(Caller):
    """One person; everything they say goes to a process over the wire."""

    def __init__(self, town: Town, phone: str, call: str, *, agent: str) -> None:
        super().__init__(cast("Street", town.street), offices.BUSINESS, phone, call)
        self.town = town
        self.agent = agent
        self.planned: tuple[int, str] | None = None

    def pause(self, seconds: float) -> None:
        self.town.timeline.wait(seconds)

    def slot(self, service: str, start: int, *, offered: bool) -> dict[str, object]:
        if offered:
            return {"slot_id": self.town.keys.slot_id(service=service, start=start, seats=POOLS[service])}
        moment = utc_iso(start)
        return {"date": moment[:10], "time": moment[11:16]}

    def _say(
        self, tool: str, args: Mapping[str, object], wish: Wish, *, id_: str | None, patience: float | None = None
    ) -> ToolReply | None:
        """`patience` is left to the wires here: they lose answers."""
        given = {name: value for name, value in args.items() if value is not None}
        planned, self.planned = self.planned, None
        return self.town.street.deliver(
            Delivery(
                tool=tool,
                args=given,
                wish=wish,
                agent=self.agent,
                phone=self.phone,
                call=self.call,
                id=id_ or self.new_id(),
                planned=planned,
            )
        )
