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

_ED25519_BYTES = 32
_SIGNABLE = ("{timestamp}", "{body}", "{method}", "{url}")


def check_agent(agent: AgentSection, *, services: AbstractSet[str] | None) -> Iterator[Finding]:
    """Every problem of one agent; `services` are the file's, None when they cannot be read."""
    for index, service in enumerate(agent.services):
        if services is not None and service not in services:
            yield ("services", str(index)), known.no_such("service", service, among=services)
        elif service in agent.services[:index]:
            yield ("services", str(index)), f"names {service!r} a second time: remove one"
    payloads = known.PAYLOADS[agent.platform]
    if agent.payload is not None and agent.payload not in payloads:
        instead = f"use {' or '.join(payloads)}" if payloads else "leave it out"
        yield ("payload",), f"{agent.platform} cannot be set to send {agent.payload}: {instead}"
    if agent.assistant_id is not None and agent.platform not in known.NAMES_ITS_ASSISTANT:
        yield ("assistant_id",), f"{agent.platform} does not ask who is to answer: leave it out"
    if agent.webhook_secret is not None and not _needs_webhook_secret(agent):
        signing = ", ".join(known.WEBHOOK_SIGNERS)
        yield ("webhook_secret",), f"{agent.platform} signs no webhooks about calls ({signing} do): leave it out"
    yield from ((("auth", *place), message) for place, message in _auth(agent.auth, platform=agent.platform))


def _needs_webhook_secret(agent: AgentSection) -> bool:
    """Whether its platform signs webhooks, or its tools are proved in a way that the owner's own code cannot copy."""
    signs_tools = agent.platform in known.SIGNING_PLATFORMS and agent.auth.signature is not None
    return agent.platform in known.WEBHOOK_SIGNERS or signs_tools


def _auth(auth: AuthSection, *, platform: str) -> Iterator[Finding]:
    if len(auth.ways) != 1:
        yield (), "needs exactly one of bearer, header (with value), basic, hmac, signature, invocation"
    elif (auth.header is None) != (auth.value is None):
        yield (), 'needs header and value together: {header: X-Desk-Key, value: "${NAME}"}'
    elif auth.signature is not None and platform not in known.SIGNING_PLATFORMS:
        signing = ", ".join(known.SIGNING_PLATFORMS)
        yield ("signature",), f"{platform} has no signature of its own on tool calls ({signing} have): use another way"
    elif (way := auth.ways[0]) not in known.PROOFS[platform]:
        yield (way,), f"{platform} cannot prove itself so: use {' or '.join(known.PROOFS[platform])}"
    elif auth.signature is not None and platform == "telnyx":
        yield from _telnyx_key(auth.signature.get_secret_value())
    elif auth.hmac is not None:
        yield from ((("hmac", *place), message) for place, message in _hmac(auth.hmac))


def _telnyx_key(key: str) -> Iterator[Finding]:
    try:
        raw = base64.b64decode(key, validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != _ED25519_BYTES:
        yield ("signature",), "is not Telnyx's public key: 32 bytes in base64, in the portal under API keys"


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
