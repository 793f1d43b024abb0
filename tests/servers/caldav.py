"""A stand-in for a CalDAV server of any product: `python -m tests.servers.caldav --port 8903 --like nextcloud`.

`CaldavApi` answers requests without any network, `CaldavServer` puts it on a loopback port. Tests switch faults on with
`api.fault(...)` or `POST /_faults {"kind", "on", "seconds", "times"}` (`DELETE /_faults` ends them), look behind the
curtain with `GET /_bookings`, and act as a person through `api.desk` or `POST /_host {"action", "name", ...}`.
"""

from __future__ import annotations

import argparse
import threading
from typing import TYPE_CHECKING, Any

from tests.servers.caldav_api import CaldavApi
from tests.servers.caldav_desk import PASSWORD, PRODUCTS, USER, Desk, Quirks, Shelf
from tests.servers.loopback import LoopbackServer

if TYPE_CHECKING:
    from http.server import BaseHTTPRequestHandler

__all__ = ["PASSWORD", "USER", "CaldavApi", "CaldavServer", "Desk", "Quirks", "Shelf"]


class CaldavServer(LoopbackServer[CaldavApi]):
    """The API on a free loopback port, as a context manager."""

    def __init__(self, api: CaldavApi | None = None, *, port: int = 0) -> None:
        super().__init__(api or CaldavApi(), port=port)
        self._server.RequestHandlerClass = _with_dav_methods(self._server.RequestHandlerClass)


def _with_dav_methods(handler: Any) -> type[BaseHTTPRequestHandler]:
    class DavHandler(handler):  # type: ignore[misc]  # the loopback server makes its handler class at run time
        def send_header(self, keyword: str, value: str) -> None:
            if (keyword, value) != ("Content-Type", "application/json"):
                super().send_header(keyword, value)

        do_PROPFIND = do_REPORT = do_MKCALENDAR = handler._serve  # noqa: N815  (the names are http.server's)

    return DavHandler


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--port", type=int, default=8903)
    parser.add_argument("--like", choices=sorted(PRODUCTS), default="radicale")
    arguments = parser.parse_args()
    server = CaldavServer(CaldavApi(quirks=PRODUCTS[arguments.like]), port=arguments.port).start()
    print(f"ready {server.base_url} (user {USER}, password {PASSWORD})", flush=True)  # noqa: T201  (a program of its own)
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        server.stop()


if __name__ == "__main__":
    main()
