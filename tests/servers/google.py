"""A stand-in for the Google Calendar API v3 and Google's token endpoint: `python -m tests.servers.google --port 8901`.

`GoogleApi` answers requests without any network, `GoogleServer` puts it on a loopback port. Tests switch faults on with
`api.fault(...)` or `POST /_faults {"kind", "on", "seconds", "times"}` (`DELETE /_faults` ends them), look behind the
curtain with `GET /_bookings`, and act as a person through `api.desk` or `POST /_host {"action", ...}`. The operations
that can fail: create, read, list, move, cancel, busy, calendars, watch, stop and token.
"""

from __future__ import annotations

import argparse

from tests.servers.google_accounts import TOKEN
from tests.servers.google_api import ROOT, GoogleApi
from tests.servers.loopback import LoopbackServer


class GoogleServer(LoopbackServer[GoogleApi]):
    """The API on a free loopback port, as a context manager; `base_url` ends in /calendar/v3, `root` in nothing."""

    def __init__(self, api: GoogleApi | None = None, *, port: int = 0) -> None:
        super().__init__(api or GoogleApi(), port=port, retried=frozenset({500, 502, 503, 504}))

    @property
    def root(self) -> str:
        return super().base_url

    @property
    def base_url(self) -> str:
        return self.root + ROOT


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--port", type=int, default=8901)
    arguments = parser.parse_args()
    server = GoogleServer(port=arguments.port).start()
    server.stay(f"ready {server.base_url} (token {TOKEN}, token endpoint {server.root}/token)")


if __name__ == "__main__":
    main()
