"""A stand-in for Microsoft Graph and its identity platform: `python -m tests.servers.microsoft --port 8920`.

`MicrosoftApi` answers requests without any network, `MicrosoftServer` puts it on a loopback port. Faults are switched
on with `api.fault(...)` or `POST /_faults`, `GET /_bookings` looks behind the curtain, and `POST /_host {"action":
"add" | "move" | "delete", ...}` acts as a person in Outlook. What Microsoft leaves undocumented is a switch on
`api.store`.
"""

from __future__ import annotations

import argparse
import threading
import time

from tests.servers.loopback import LoopbackServer
from tests.servers.microsoft_api import APP_TOKEN, TOKEN, MicrosoftApi
from tests.servers.microsoft_login import CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN
from tests.servers.microsoft_mailbox import OWNER, Folder, Mailbox

__all__ = ["APP_TOKEN", "OWNER", "TOKEN", "Folder", "Mailbox", "MicrosoftApi", "MicrosoftServer"]


class MicrosoftServer(LoopbackServer[MicrosoftApi]):
    """The API on a free loopback port; `base_url` ends in /v1.0, `login_url` is the identity platform's."""

    def __init__(self, api: MicrosoftApi | None = None, *, port: int = 0) -> None:
        super().__init__(api or MicrosoftApi(clock=time.time), port=port, retried=frozenset({408, 429, 500, 502, 503}))

    @property
    def base_url(self) -> str:
        return f"{super().base_url}/v1.0"

    @property
    def login_url(self) -> str:
        return super().base_url


def main() -> None:
    """Notifications are delivered soon after what they are about."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--port", type=int, default=8920)
    server = MicrosoftServer(port=parser.parse_args().port).start()

    def deliver() -> None:
        while not server.stopping.wait(0.2):
            server.deliver()

    threading.Thread(target=deliver, daemon=True).start()
    server.stay(
        f"ready {server.base_url} (token {TOKEN})",
        f"login {server.login_url} ({CLIENT_ID}, {CLIENT_SECRET}, {REFRESH_TOKEN})",
    )


if __name__ == "__main__":
    main()
