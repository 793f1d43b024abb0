"""A stand-in for Calendly's API v2, good enough to hurt: `python -m tests.servers.calendly --port 8910`.

`CalendlyApi` answers requests without any network, `CalendlyServer` puts it on a loopback port; the token endpoint of
auth.calendly.com is there too. Tests switch faults on with `api.fault(...)` or `POST /_faults {"kind", "on", "seconds",
"times"}` (`DELETE /_faults` ends them), look behind the curtain with `GET /_bookings`, and act as people do in
Calendly's own pages through `api.desk` or `POST /_host {"action", "event", ...}`. Every resource keeps its real URI.
"""

from __future__ import annotations

import argparse

from tests.servers.calendly_api import TOKEN, CalendlyApi
from tests.servers.calendly_desk import EventType, Host
from tests.servers.loopback import LoopbackServer

__all__ = ["TOKEN", "CalendlyApi", "CalendlyServer"]


class CalendlyServer(LoopbackServer[CalendlyApi]):
    """The API on a free loopback port, as a context manager. Any refusal of a webhook makes it come again."""

    def __init__(self, api: CalendlyApi | None = None, *, port: int = 0) -> None:
        super().__init__(api or CalendlyApi(), port=port, retried=frozenset(range(300, 600)))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--port", type=int, default=8910)
    arguments = parser.parse_args()
    ada, ben = Host(), Host("USER2", "Ben Host")
    everyday = EventType()
    pooled = EventType("TYPE2", "Pooled", hosts=(ada, ben), pooling="round_robin")
    phone = EventType("TYPE3", "By phone", locations=({"kind": "outbound_call"},))
    group = EventType("TYPE4", "Class", seats=3)
    server = CalendlyServer(CalendlyApi(event_types=(everyday, pooled, phone, group)), port=arguments.port).start()
    server.stay(f"ready {server.base_url} (token {TOKEN})")


if __name__ == "__main__":
    main()
