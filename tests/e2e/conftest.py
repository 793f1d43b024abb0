"""The synthesised stack, deployed to a local engine of its own, with two businesses applied."""

from __future__ import annotations

import io
import json
import os
import platform
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ops.apply import apply_file
from ops.engine_deploy import deploy
from ops.local import engine as local_engine
from ops.local.engine import ROOT
from ops.target import Target

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ops.local.engine import Engine

STAGE = "local"
STACK = f"Slotline-{STAGE}"
AGENT_KEY = "e2e-front-desk-key-of-more-than-32-characters"
DESK = Path(__file__).with_name("desk.yaml")
DEMO_DESK = ROOT / "ops" / "demo" / "bright-smile.yaml"

DIRECT = [
    {
        "business": "corner-barber",
        "agent": "flow",
        "service": "connect",
        "source": "arn:aws:connect:us-east-1:000000000000:instance/9308c2a1-9bc6-4cea-8290-6c0b4a6d38fa",
    }
]

# Functions run on this machine: a layer for another processor cannot be imported here.
HOST_CPU = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}[platform.machine().lower()]


@dataclass(frozen=True, slots=True)
class Deployed:
    """What the tests may know about the deployed stack: where it is, and its outputs."""

    endpoint: str
    outputs: Mapping[str, str]

    @property
    def api(self) -> str:
        """The HTTP API by the engine's own path, as its host name may not resolve."""
        api_id = self.outputs["ApiUrl"].split("//")[1].split(".")[0]
        return f"{self.endpoint}/_aws/execute-api/{api_id}/$default"

    @property
    def target(self) -> Target:
        """The same for the owner's command line."""
        return Target(
            name=STAGE,
            table=self.outputs["TableName"],
            secrets_prefix=self.outputs["SecretsPrefix"],
            url=self.api,
            messages_queue=self.outputs["MessagesQueueUrl"],
            hints_queue=self.outputs["HintsQueueUrl"],
            endpoint=self.endpoint,
            secrets_key=self.outputs["SecretsKeyArn"],
        )


@pytest.fixture(scope="session")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cdk")
    chosen = (f"stage={STAGE}", f"arch={HOST_CPU}", f"direct={json.dumps(DIRECT)}")
    context = [part for pair in chosen for part in ("-c", pair)]
    done = subprocess.run(
        [sys.executable, "app.py", *context, "-o", str(folder)],
        cwd=ROOT,
        env=dict(os.environ) | {"CDK_VALIDATION": "false"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    _allow_plain_http(folder / f"{STACK}.template.json")
    return folder


def _allow_plain_http(template_file: Path) -> None:
    """Drop the queues' refusals of plain HTTP: the engine speaks nothing else, and would refuse every message."""
    template = json.loads(template_file.read_text())
    resources = template["Resources"]
    for policy in [id_ for id_, body in resources.items() if body["Type"] == "AWS::SQS::QueuePolicy"]:
        statements = resources[policy]["Properties"]["PolicyDocument"]["Statement"]
        statements[:] = [statement for statement in statements if statement["Effect"] != "Deny"]
        if not statements:
            del resources[policy]
    template_file.write_text(json.dumps(template))


@pytest.fixture(scope="session")
def guarded_engine() -> Iterator[Engine]:
    """An engine that evaluates permissions, so that a function can do nothing its role does not allow."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTH", "true")
        running = local_engine.start()
    with running:
        yield running


@pytest.fixture(scope="session")
def deployed(guarded_engine: Engine, assembly: Path) -> Deployed:
    engine = guarded_engine
    stack = Deployed(endpoint=engine.endpoint, outputs=deploy(assembly, stack=STACK, endpoint=engine.endpoint))
    for desk in (DESK, DEMO_DESK):
        out = io.StringIO()
        keys = {"AGENT_KEY": AGENT_KEY, "FRONT_DESK_KEY": AGENT_KEY}
        code = apply_file(desk, target=stack.target, environ=keys, dry_run=False, out=out)
        assert code == 0, out.getvalue()
    return stack
