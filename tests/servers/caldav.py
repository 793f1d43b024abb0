"""A stand-in for a CalDAV server of any product: `python -m tests.servers.caldav --port 8903 --like nextcloud`.

`CaldavApi` answers requests without any network, `CaldavServer` puts it on a loopback port. Tests switch faults on with
`api.fault(...)` or `POST /_faults {"kind", "on", "seconds", "times"}` (`DELETE /_faults` ends them), look behind the
curtain with `GET /_bookings`, and act as a person through `api.desk` or `POST /_host {"action", "name", ...}`.
"""

from __future__ import annotations

import argparse

from tests.servers.caldav_api import CaldavApi
from tests.servers.caldav_desk import PASSWORD, PRODUCTS, USER, Desk, Quirks, Shelf
from tests.servers.loopback import LoopbackServer

__all__ = ["PASSWORD", "USER", "CaldavApi", "CaldavServer", "Desk", "Quirks", "Shelf"]


class CaldavServer(LoopbackServer[CaldavApi]):
    """The API on a free loopback port, as a context manager."""

    media_type = ""

    def __init__(self, api: CaldavApi | None = None, *, port: int = 0) -> None:
        super().__init__(api or CaldavApi(), port=port)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--port", type=int, default=8903)
    parser.add_argument("--like", choices=sorted(PRODUCTS), default="radicale")
    arguments = parser.parse_args()
    server = CaldavServer(CaldavApi(quirks=PRODUCTS[arguments.like]), port=arguments.port).start()
    server.stay(f"ready {server.base_url} (user {USER}, password {PASSWORD})")


if __name__ == "__main__":
    main()
