"""Which network addresses a function may call when a business typed the name: only public ones."""

from __future__ import annotations

import ipaddress

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def is_public(address: Address) -> bool:
    """Whether this is an ordinary host on the internet.

    IPv4 wrapped into IPv6 (mapped, compatible, NAT64, 6to4, Teredo) is reserved or not global, so it is refused too.
    """
    return address.is_global and not address.is_multicast and not address.is_reserved


def is_public_text(address: str) -> bool:
    """The same for an address as text; anything else is not one."""
    try:
        return is_public(ipaddress.ip_address(address))
    except ValueError:
        return False
