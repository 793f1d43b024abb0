"""Who may invoke the direct function: nobody, unless the owner names them, and then only one agent's alias."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.infra.synthesis import ROOT

if TYPE_CHECKING:
    from tests.infra.synthesis import Assembly

pytestmark = pytest.mark.infra

REFUSED = """
from infra.settings import DIRECT_SERVICES, DirectCaller
from slotline.platforms.table import DIRECT
assert sorted(DIRECT_SERVICES) == sorted(DIRECT)
source = "arn:aws:connect:eu-west-2:123456789012:instance/1"
right = {"business": "harbor", "agent": "flow", "service": "connect", "source": source}
DirectCaller(**right)
for wrong in (
    {"business": "Harbor"},
    {"agent": "a_b"},
    {"service": "s3"},
    {"source": "*"},
    {"source": "arn:aws:connect:eu-west-2:*:instance/1"},
    {"source": "arn:aws:connect:eu-west-2:123456789012:instance/*"},
):
    try:
        print(DirectCaller(**(right | wrong)))
    except ValueError as error:
        print(str(error).split(" ")[0])
"""


def permissions(assembly: Assembly) -> list[dict[str, Any]]:
    """Those on the direct function and its aliases."""
    function = assembly.function_id("direct")
    aliases = [id_ for id_, alias in assembly.of_type("AWS::Lambda::Alias").items()]
    wanted = [{"Ref": id_} for id_ in aliases] + [{"Fn::GetAtt": [function, "Arn"]}, {"Ref": function}]
    return [dict(found) for found in assembly.properties("AWS::Lambda::Permission") if found["FunctionName"] in wanted]


def test_by_default_nobody_may_invoke_it(prod: Assembly) -> None:
    assert prod.of_type("AWS::Lambda::Alias") == {}
    assert permissions(prod) == []


def test_every_agent_has_an_alias_and_its_caller_may_use_no_other(other: Assembly) -> None:
    aliases = other.of_type("AWS::Lambda::Alias")
    names = {id_: alias["Properties"]["Name"] for id_, alias in aliases.items()}

    assert sorted(names.values()) == ["harbor_agent", "harbor_bot", "harbor_flow", "harbor_gateway"]
    for alias in aliases.values():
        assert alias["Properties"]["FunctionName"] == {"Ref": other.function_id("direct")}
        assert alias["Properties"]["FunctionVersion"] == {"Fn::GetAtt": [other.function_id("direct"), "Version"]} or (
            alias["Properties"]["FunctionVersion"] == "$LATEST"
        )
    found = sorted(
        (names[p["FunctionName"]["Ref"]], p["Principal"], p.get("SourceArn", ""), p.get("SourceAccount", ""))
        for p in permissions(other)
    )
    account = "123456789012"
    bot = f"arn:aws:lex:us-east-1:{account}:bot-alias/"
    assert found == [
        ("harbor_agent", "bedrock.amazonaws.com", f"arn:aws:bedrock:us-east-1:{account}:agent/ABCDEFGHIJ", account),
        ("harbor_bot", "lexv2.amazonaws.com", f"{bot}ABCDEFGHIJ/TSTALIASID", account),
        ("harbor_bot", "lexv2.amazonaws.com", f"{bot}KLMNOPQRST/TSTALIASID", account),
        (
            "harbor_flow",
            "connect.amazonaws.com",
            f"arn:aws:connect:us-east-1:{account}:instance/9308c2a1-9bc6-4cea-8290-6c0b4a6d38fa",
            account,
        ),
        ("harbor_gateway", f"arn:aws:iam::{account}:role/gateway", "", ""),
    ]
    assert {p["Action"] for p in permissions(other)} == {"lambda:InvokeFunction"}


def test_a_caller_that_cannot_be_meant_is_refused() -> None:
    done = subprocess.run([sys.executable, "-c", REFUSED], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.stdout.splitlines() == [
        "direct.business",
        "direct.agent",
        "direct.service",
        "direct.source",
        "direct.source",
        "direct.source",
    ], done.stderr
