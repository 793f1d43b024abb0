"""A stand-in for Cal.com's API v2, good enough to hurt: `python -m tests.servers.calcom --port 8900`.

`CalcomApi` answers requests without any network, `CalcomServer` puts it on a loopback port. Tests switch faults on with
`api.fault(...)` or `POST /_faults {"kind", "on", "seconds", "times"}` (`DELETE /_faults` ends them), look behind the
curtain with `GET /_bookings`, and act as the host through `api.desk` or `POST /_host {"action", "uid", ...}`.
"""

from __future__ import annotations

import argparse

from tests.servers.calcom_api import API_KEY, FAULTS, CalcomApi
from tests.servers.calcom_desk import EventType, Host
from tests.servers.loopback import LoopbackServer

__all__ = ["API_KEY", "FAULTS", "CalcomApi", "CalcomServer"]


class CalcomServer(LoopbackServer[CalcomApi]):
    """The API on a free loopback port, as a context manager; `base_url` ends in /v2."""

    def __init__(self, api: CalcomApi | None = None, *, port: int = 0, auto_deliver: bool = False) -> None:
        super().__init__(api or CalcomApi(), port=port, auto_deliver=auto_deliver)

    @property
    def base_url(self) -> str:
        return f"{super().base_url}/v2"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--port", type=int, default=8900)
    arguments = parser.parse_args()
    everyday = EventType(1, hosts=(Host(1, "Ada Host"),))
    approval = EventType(2, "Approval", "approval", requires_confirmation=True)
    pooled = EventType(
        3, "Pooled", "pooled", hosts=(Host(1, "Ada Host"), Host(2, "Ben Host")), scheduling="roundRobin", team=1
    )
    phone = EventType(4, "By phone", "by-phone", email_required=False, phone_required=True)
    api = CalcomApi(event_types=(everyday, approval, pooled, phone))
    server = CalcomServer(api, port=arguments.port, auto_deliver=True).start()
    server.stay(f"ready {server.base_url} (key {API_KEY})")


if __name__ == "__main__":
    main()
