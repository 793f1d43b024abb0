"""Addresses a CalDAV server names: one spelling for each, and none that would carry the password off the site."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote_to_bytes, urlsplit

FAMILIES = (".icloud.com",)
"""iCloud redirects from caldav.icloud.com to the partition that holds the account, such as p34-caldav.icloud.com."""

SAFE_IN_PATH = "-._~!$&'()*+,;=:@"
LONGEST = 2000
_DEFAULT_PORTS = {"https": 443, "http": 80}
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\]")


def canonical(url: str) -> str:
    """One spelling for each address, so that hrefs can be compared; ValueError for what is no plain http(s) address.

    A query is dropped: no address of a calendar has one.
    """
    if len(url) > LONGEST:
        raise ValueError("too long")
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".")
    shown = f"[{host}]" if ":" in host else host
    if parts.scheme not in _DEFAULT_PORTS or "@" in parts.netloc or not _HOST.fullmatch(shown):
        raise ValueError("no plain http(s) address")
    port = parts.port or _DEFAULT_PORTS[parts.scheme]
    netloc = shown if port == _DEFAULT_PORTS[parts.scheme] else f"{shown}:{port}"
    path = "/".join(quote(unquote_to_bytes(segment), safe=SAFE_IN_PATH) for segment in parts.path.split("/"))
    return f"{parts.scheme}://{netloc}{path or '/'}"


def path_of(url: str) -> str:
    """The path of a canonical address: what our ids of events are made of."""
    return urlsplit(url).path


def is_same_site(root: str, url: str) -> bool:
    """Whether both canonical addresses are of one service: same scheme, host and port, or one family of hosts."""
    ours, theirs = urlsplit(root), urlsplit(url)
    if ours.scheme != theirs.scheme:
        return False
    if ours.netloc == theirs.netloc:
        return True
    family = next((f for f in FAMILIES if f".{ours.netloc}".endswith(f)), None)
    return family is not None and f".{theirs.netloc}".endswith(family)
