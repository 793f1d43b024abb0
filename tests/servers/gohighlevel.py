"""A stand-in for HighLevel's API, good enough to hurt: `python -m tests.servers.gohighlevel --port 8902`.

`GohighlevelApi` answers requests without any network, `GohighlevelServer` puts it on a loopback port. Tests switch
faults on with `api.fault(...)` or `POST /_faults {"kind", "on", "seconds", "times"}` (`DELETE /_faults` ends them),
what is not documented with `api.quirks`, look behind the curtain with `GET /_bookings`, and act as a person through
`api.desk` or `POST /_host {"action", "id", ...}`.
"""

from __future__ import annotations

import argparse

from tests.servers.gohighlevel_api import GohighlevelApi
from tests.servers.gohighlevel_desk import LOCATION, USER, Calendar
from tests.servers.gohighlevel_oauth import TOKEN
from tests.servers.loopback import LoopbackServer

__all__ = ["LOCATION", "TOKEN", "USER", "GohighlevelApi", "GohighlevelServer"]


class GohighlevelServer(LoopbackServer[GohighlevelApi]):
    """The API on a free loopback port; webhooks are repeated on a 429 only, as HighLevel does."""

    def __init__(self, api: GohighlevelApi | None = None, *, port: int = 0) -> None:
        self.highlevel = api or GohighlevelApi()
        super().__init__(self.highlevel, port=port, retried=frozenset({429}))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--port", type=int, default=8902)
    arguments = parser.parse_args()
    pooled = Calendar("cal2Pooled", "Pooled", team=(USER, "user2Ben"))
    approval = Calendar("cal3Approval", "Approval", auto_confirm=False)
    api = GohighlevelApi(calendars=(Calendar(), pooled, approval))
    server = GohighlevelServer(api, port=arguments.port).start()
    server.stay(f"ready {server.base_url} (token {TOKEN}, location {LOCATION})")


if __name__ == "__main__":
    main()
