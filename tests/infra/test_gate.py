"""The gate holds: rule packs, CDK's validation and cfn-lint find nothing, and would find something."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.infra.synthesis import ROOT

if TYPE_CHECKING:
    from tests.infra.synthesis import Assembly

pytestmark = pytest.mark.infra

BAD_STACK = """
import sys
from aws_cdk import aws_dynamodb as dynamodb, aws_sqs as sqs
import app
made = app.build({"stage": "dev"}, output=sys.argv[1])
stack = made.node.find_child("Slotline-dev")
sqs.Queue(stack, "Open")
key = dynamodb.Attribute(name="k", type=dynamodb.AttributeType.STRING)
dynamodb.Table(stack, "Bad", partition_key=key).add_global_secondary_index(index_name="ab", partition_key=key)
made.synth()
"""

REFUSED = """
from infra.settings import Settings
for wrong in (
    {"stage": "Prod"},
    {"stage": "a-stage-name-too-long"},
    {"stage": "dev", "cpu": "mips"},
    {"stage": "dev", "public_url": "http://desk.example"},
    {"stage": "dev", "reconcile_concurrency": -1},
):
    try:
        print(Settings(**wrong))
    except ValueError as error:
        print(str(error).split(": ")[0])
"""


@pytest.fixture(scope="module")
def bad_stack(tmp_path_factory: pytest.TempPathFactory) -> subprocess.CompletedProcess[str]:
    """What happens to our stack with an open queue and an index whose name AWS refuses."""
    folder = tmp_path_factory.mktemp("bad")
    return subprocess.run(
        [sys.executable, "-c", BAD_STACK, str(folder)], cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_production_passes_both_rule_packs_and_cdks_own_validation(prod: Assembly) -> None:
    report = json.loads((prod.folder / "validation-report.json").read_text())

    assert (
        report["pluginReports"] == []
    )  # a pack that finds nothing reports nothing: the next tests show that they look


@pytest.mark.parametrize(
    "finding",
    [
        "AwsSolutions::AwsSolutions-DDB3",
        "Serverless::Serverless-SQSRedrivePolicy",
        "ERROR GlobalSecondaryIndexes.0.IndexName: length 2",
    ],
)
def test_what_is_wrong_is_not_let_through(bad_stack: subprocess.CompletedProcess[str], finding: str) -> None:
    assert bad_stack.returncode != 0
    assert finding in bad_stack.stdout + bad_stack.stderr


def test_templates_pass_cfn_lint(prod: Assembly, dev: Assembly) -> None:
    linter = Path(sys.executable).with_name("cfn-lint")
    # W3005: CDK writes DependsOn where a reference already says so.
    command = [str(linter), "-i", "W3005", "--", str(prod.template_file), str(dev.template_file)]

    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (0, "")


def test_settings_that_cannot_be_meant_are_refused() -> None:
    done = subprocess.run([sys.executable, "-c", REFUSED], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.stdout.splitlines() == [
        "stage 'Prod'",
        "stage 'a-stage-name-too-long'",
        "arch 'mips'",
        "public_url 'http://desk.example'",
        "reconcile_concurrency",
    ]


def test_the_owners_domain_replaces_the_apis_own_address(other: Assembly) -> None:
    addresses = {other.function(tool)["Environment"]["Variables"]["SLOTLINE_PUBLIC_URL"] for tool in other.tools()}

    assert other.template["Outputs"]["ApiUrl"]["Value"] == "https://desk.example"
    assert addresses == {"https://desk.example"}


def test_an_account_without_spare_concurrency_can_reserve_none(other: Assembly) -> None:
    assert "ReservedConcurrentExecutions" not in other.function("reconcile")
