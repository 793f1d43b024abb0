"""The watch channels of the fake Google and the messages that are due on them."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from email.utils import formatdate
from typing import TYPE_CHECKING

from tests.servers.google_shapes import refuse

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.servers.faulty import Json

CHANNEL_ID = re.compile(r"[A-Za-z0-9_+/=-]{1,64}")
DEFAULT_LIFE_SECONDS = 604_800


@dataclass
class Channel:
    id: str
    calendar: str
    address: str
    token: str | None
    expires: float
    resource: str
    number: int = 0
    stopped: bool = False


class Push:
    """Channels, by id; an id is never free again."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.channels: dict[str, Channel] = {}
        self.longest_life = 30 * 86_400.0  # Google's own limit is not published
        self.says_expiration = True
        self.loses_messages = False
        self.due: list[tuple[str, dict[str, str], bytes]] = []

    def watch(self, calendar: str, body: Json) -> Json:
        number, address = str(body.get("id", "")), str(body.get("address", ""))
        if not CHANNEL_ID.fullmatch(number):
            raise refuse(400, "channelIdInvalid", "Invalid channel id")
        if body.get("type") != "web_hook":
            raise refuse(400, "channelUnknownType", "Unknown channel type")
        if not address.startswith(("https://", "http://127.0.0.1")):  # loopback: the tests' own receiver
            raise refuse(400, "push.webhookUrlNotHttps", f"WebHook callback must be HTTPS: {address}")
        if len(str(body.get("token", ""))) > 256:
            raise refuse(400, "invalid", "Token too long")
        if number in self.channels:
            raise refuse(400, "channelIdNotUnique", f"Channel id {number} not unique")
        life = float((body.get("params") or {}).get("ttl", DEFAULT_LIFE_SECONDS))
        if "expiration" in body:
            life = int(body["expiration"]) / 1000 - self.clock()
        ends = self.clock() + min(life, self.longest_life)
        resource = hashlib.sha256(calendar.encode()).hexdigest()[:14]
        channel = Channel(number, calendar, address, body.get("token"), ends, resource)
        self.channels[number] = channel
        self._send(channel, "sync")  # before the answer: it may well arrive first
        made = {"kind": "api#channel", "id": number, "resourceId": resource, "token": body.get("token")}
        made["resourceUri"] = f"https://www.googleapis.com/calendar/v3/calendars/{calendar}/events"
        if self.says_expiration:
            made["expiration"] = str(int(ends * 1000))
        return {key: value for key, value in made.items() if value is not None}

    def stop(self, body: Json) -> None:
        channel = self.channels.get(str(body.get("id")))
        if channel is None or channel.resource != body.get("resourceId") or channel.stopped or self._has_ended(channel):
            raise refuse(404, "notFound", "Channel not found for project")
        channel.stopped = True

    def changed(self, calendar: str, *, state: str = "exists") -> None:
        for channel in self.channels.values():
            if channel.calendar == calendar and not channel.stopped and not self._has_ended(channel):
                self._send(channel, state)

    def _has_ended(self, channel: Channel) -> bool:
        return self.clock() >= channel.expires

    def _send(self, channel: Channel, state: str) -> None:
        channel.number += 1 if state == "sync" else 7  # numbers grow, with gaps
        headers = {
            "Content-Length": "0",
            "User-Agent": "APIs-Google; (+https://developers.google.com/webmasters/APIs-Google.html)",
            "X-Goog-Channel-ID": channel.id,
            "X-Goog-Message-Number": str(channel.number),
            "X-Goog-Resource-ID": channel.resource,
            "X-Goog-Resource-State": state,
            "X-Goog-Resource-URI": f"https://www.googleapis.com/calendar/v3/calendars/{channel.calendar}/events?alt=json",
            "X-Goog-Channel-Expiration": formatdate(channel.expires, usegmt=True),
        }
        if channel.token:
            headers["X-Goog-Channel-Token"] = channel.token
        if not self.loses_messages:
            self.due.append((channel.address, headers, b""))
