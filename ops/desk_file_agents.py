"""What an agent's section must get right: its services, and a proof that can be checked."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from ops import desk_file_known as known
from ops.desk_file_sections import AgentSection, AuthSection, HmacSection
from ops.desk_file_yaml import Finding

_SIGNABLE = ("{timestamp}", "{body}", "{method}", "{url}")


def check_agent(agent: AgentSection, *, services: AbstractSet[str] | None) -> Iterator[Finding]:
    """Every problem of one agent; `services` are the file's, None when they cannot be read."""
    for index, service in enumerate(agent.services):
        if services is not None and service not in services:
            yield ("services", str(index)), known.no_such("service", service, among=services)
        elif service in agent.services[:index]:
            yield ("services", str(index)), f"names {service!r} a second time: remove one"
    yield from ((("auth", *place), message) for place, message in _auth(agent.auth, platform=agent.platform))


def _auth(auth: AuthSection, *, platform: str) -> Iterator[Finding]:
    if len(auth.ways) != 1:
        yield (), "needs exactly one of bearer, header (with value), basic, hmac, signature"
    elif (auth.header is None) != (auth.value is None):
        yield (), 'needs header and value together: {header: X-Desk-Key, value: "${NAME}"}'
    elif auth.signature is not None and platform not in known.SIGNING_PLATFORMS:
        signing = ", ".join(known.SIGNING_PLATFORMS)
        yield ("signature",), f"{platform} has no signature of its own ({signing} has): use another way"
    elif auth.hmac is not None:
        yield from ((("hmac", *place), message) for place, message in _hmac(auth.hmac))


def _hmac(hmac: HmacSection) -> Iterator[Finding]:
    """A signature that leaves out the body or the moment proves nothing about either."""
    if "payload_format" in hmac.model_fields_set:
        used = set(re.findall(r"\{[^{}]*\}", hmac.payload_format))
        needed = {"{body}", "{timestamp}"} if hmac.include_timestamp else {"{body}"}
        allowed = set(_SIGNABLE) if hmac.include_timestamp else set(_SIGNABLE) - {"{timestamp}"}
        if not needed <= used <= allowed:
            yield (
                ("payload_format",),
                f"must hold {' and '.join(sorted(needed))}, and may hold {', '.join(sorted(allowed))}",
            )
    if hmac.secret_is_base64:
        try:
            base64.b64decode(hmac.secret.get_secret_value(), validate=True)
        except (binascii.Error, ValueError):
            yield ("secret",), "is not base64, although secret_is_base64 is set"
