"""Behind a distribution of the owner's a sender is proved all the same: what it signs is the configured address."""

from __future__ import annotations

import hmac
import json
from dataclasses import replace

import pytest

from slotline.domain.business import Auth
from tests.unit.front_desk import FrontDesk
from tests.unit.voice_desk import KEY, Office, business, on_the_web

PATH = "/v1/harbor/signalwire/check_availability"
BODY = {"function": "check_availability", "argument": {"parsed": [{"service": "cleaning", "when": "tomorrow"}]}}


@pytest.mark.parametrize(("public_url", "status"), [("https://desk.example", 200), (None, 401)])
def test_a_signature_over_the_address_holds_where_the_address_is_known(public_url: str | None, status: int) -> None:
    known = business()
    agent = replace(known.agents["signalwire"], auth=Auth("signature"))
    front = FrontDesk(replace(known, agents={**known.agents, "signalwire": agent}))
    office = Office(front, public_url=public_url)
    signed = f"https://desk.example{PATH}".encode() + json.dumps(BODY, ensure_ascii=False).encode()
    headers = {
        "host": "a1b2c3.execute-api.us-east-1.amazonaws.com",
        "x-signalwire-sha256-signature": hmac.digest(KEY.encode(), signed, "sha256").hex(),
    }

    assert office.post(PATH, BODY, headers, on_the_web(office))["statusCode"] == status
