"""Which base URLs a desk may call: https to public hosts; on the local stage also this machine.

An address typed by a business is fetched by our functions, with our network position: the guard keeps it away from the
metadata service, the Lambda runtime API and anything private. It judges what is written; names are judged again by
whoever connects.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from urllib.parse import urlsplit

from slotline.domain.addresses import Address, is_public

_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_PRIVATE_SUFFIXES = ("localhost", "local", "internal", "intranet", "lan", "home.arpa", "test", "invalid", "onion")


def checked_base_url(text: str, *, local: bool) -> str:
    """The URL in one canonical spelling; ValueError with the fix when it may not be called."""
    if not text.isascii() or not text.isprintable() or any(letter in text for letter in ' \\<>"`{}|^%'):
        raise ValueError("has characters that do not belong in a URL")
    parts = urlsplit(text)
    try:
        port = parts.port
    except ValueError:
        raise ValueError("has no valid port") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("must look like https://host/path")
    if "@" in parts.netloc:
        raise ValueError("must not carry a user name or password: use the fields for secrets")
    if "?" in text or "#" in text:
        raise ValueError("must not carry a query or fragment")
    if "/../" in f"{parts.path}/" or "/./" in f"{parts.path}/":
        raise ValueError("must not have . or .. in its path")
    host = parts.hostname.rstrip(".").lower()
    _refuse_unreachable(host, https=parts.scheme == "https", local=local)
    shown = f"[{host}]" if ":" in host else host
    default = 443 if parts.scheme == "https" else 80
    return f"{parts.scheme}://{shown}{'' if port in {None, default} else f':{port}'}{parts.path.rstrip('/')}"


def _refuse_unreachable(host: str, *, https: bool, local: bool) -> None:
    address = _address(host)
    loopback = host == "localhost" or (address is not None and address.is_loopback)
    if loopback and local:
        return
    if not https:
        raise ValueError("must begin with https://" + (" (http only for this machine)" if local else ""))
    if loopback:
        raise ValueError("points to this machine, which a deployed stack cannot mean: use a public host")
    if address is not None:
        if not is_public(address):
            raise ValueError("points to a private or reserved address: use a public host")
        return
    labels = host.split(".")
    private = any(host == suffix or host.endswith(f".{suffix}") for suffix in _PRIVATE_SUFFIXES)
    if len(labels) == 1 or private or not all(_LABEL.fullmatch(label) for label in labels):
        raise ValueError("must name a public host")


def _address(host: str) -> Address | None:
    """The address a host is written as, in any spelling a resolver takes: dotted, decimal, octal, hexadecimal, IPv6."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        pass
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host)) if host[:1].isdigit() else None
    except OSError:
        return None
