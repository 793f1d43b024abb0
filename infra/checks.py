"""cdk-nag as a gate: every finding stops the synthesis unless it is acknowledged beside its resource, with a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
from cdk_nag import AwsSolutionsChecks, ServerlessChecks

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs import IConstruct


def check(app: cdk.App) -> None:
    """Run both rule packs when the app is synthesised."""
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app), ServerlessChecks(app))


def acknowledge(construct: IConstruct, reasons: Mapping[str, str]) -> None:
    """Accept findings on this construct and what it contains: rule id → the reason that convinces a stranger."""
    for rule, reason in reasons.items():
        # What `Validations.acknowledge` writes too; but that refuses ids with more than one "::", and a finding about
        # an ARN is called `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:…]`.
        construct.node.add_metadata(cdk.Validations.ACKNOWLEDGED_RULES_METADATA_KEY, {rule: reason})
