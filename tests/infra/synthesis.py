"""Synthesised templates as the tests read them: plain JSON, made by `app.py` in a process of its own.

Nothing here imports CDK: importing it costs seconds, and collecting tests should not.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = Path(__file__).resolve().parents[2]
FUNCTIONS = ("availability", "booking", "direct", "mcp", "reconcile", "sms_confirm", "webhook")

DIRECT = [
    {"business": "harbor", "agent": agent, "service": service, "source": f"arn:aws:{source}"}
    for agent, service, source in (
        ("flow", "connect", "connect:us-east-1:123456789012:instance/9308c2a1-9bc6-4cea-8290-6c0b4a6d38fa"),
        ("bot", "lex", "lex:us-east-1:123456789012:bot-alias/ABCDEFGHIJ/TSTALIASID"),
        ("bot", "lex", "lex:us-east-1:123456789012:bot-alias/KLMNOPQRST/TSTALIASID"),
        ("agent", "bedrock", "bedrock:us-east-1:123456789012:agent/ABCDEFGHIJ"),
        ("gateway", "agentcore", "iam::123456789012:role/gateway"),
    )
]
"""Who may invoke the direct function in the stage `other`."""

type Properties = Mapping[str, Any]


def run_app(output: Path, *context: str, validate: bool = True) -> subprocess.CompletedProcess[str]:
    """Run `app.py`; `validate` adds CDK's own validation to the rule packs, which always run."""
    arguments = [part for pair in context for part in ("-c", pair)]
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("CDK_", "AWS_"))}
    return subprocess.run(
        [sys.executable, "app.py", "-o", str(output), *arguments],
        cwd=ROOT,
        env=inherited | {"CDK_VALIDATION": str(validate).lower()},
        capture_output=True,
        text=True,
        check=False,
    )


@dataclass(frozen=True)
class Assembly:
    """One synthesised stack."""

    folder: Path
    stack: str

    @property
    def template_file(self) -> Path:
        return self.folder / f"{self.stack}.template.json"

    @cached_property
    def template(self) -> dict[str, Any]:
        loaded: dict[str, Any] = json.loads(self.template_file.read_text())
        return loaded

    def of_type(self, kind: str) -> dict[str, dict[str, Any]]:
        """Resources of one type, whole, by logical id."""
        return {id_: body for id_, body in self.template["Resources"].items() if body["Type"] == kind}

    def properties(self, kind: str) -> list[Properties]:
        return [body["Properties"] for body in self.of_type(kind).values()]

    def the_only(self, kind: str) -> Properties:
        (only,) = self.properties(kind)
        return only

    def function(self, tool: str) -> Properties:
        (found,) = [body for name, body in self._functions() if name == tool]
        return found

    def function_id(self, tool: str) -> str:
        (found,) = [id_ for id_, body in self.of_type("AWS::Lambda::Function").items() if _tool(body) == tool]
        return found

    def tools(self) -> list[str]:
        return sorted(name for name, _ in self._functions())

    def statements(self, tool: str) -> list[dict[str, Any]]:
        """Everything the function's role may do."""
        role = self.function(tool)["Role"]["Fn::GetAtt"][0]
        policies = [policy for policy in self.properties("AWS::IAM::Policy") if {"Ref": role} in policy["Roles"]]
        return [statement for policy in policies for statement in policy["PolicyDocument"]["Statement"]]

    def assets(self) -> dict[str, Path]:
        """Uploaded folders by object key."""
        manifest = json.loads((self.folder / f"{self.stack}.assets.json").read_text())
        return {
            destination["objectKey"]: self.folder / file["source"]["path"]
            for file in manifest["files"].values()
            for destination in file["destinations"].values()
            if file["source"]["packaging"] == "zip"
        }

    def function_asset(self, tool: str) -> Path:
        return self.assets()[self.function(tool)["Code"]["S3Key"]]

    def layer_assets(self) -> list[Path]:
        return [self.assets()[layer["Content"]["S3Key"]] for layer in self.properties("AWS::Lambda::LayerVersion")]

    def _functions(self) -> Iterator[tuple[str, Properties]]:
        for body in self.of_type("AWS::Lambda::Function").values():
            yield _tool(body), body["Properties"]


def _tool(body: Mapping[str, Any]) -> str:
    tool: str = body["Properties"]["Handler"].split(".")[1]
    return tool


def actions(statement: Mapping[str, Any]) -> list[str]:
    given = statement["Action"]
    return [given] if isinstance(given, str) else list(given)


def resources(statement: Mapping[str, Any]) -> list[Any]:
    given = statement["Resource"]
    return list(given) if isinstance(given, list) else [given]
