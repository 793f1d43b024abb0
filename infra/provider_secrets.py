"""The businesses' secrets: one per business, written by `slotline apply`, read by every function.

The stack does not create them, because it does not know the businesses; it owns their common name prefix, the right to
read below it, and the key they are encrypted with.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import ArnFormat, Stack
from aws_cdk import aws_kms as kms
from constructs import Construct

from infra.checks import acknowledge

if TYPE_CHECKING:
    from infra.settings import Settings
    from infra.tool_function import ToolFunction


class ProviderSecrets(Construct):
    """Grants reading of `slotline/<stage>/*`, and of nothing else in Secrets Manager."""

    def __init__(self, scope: Construct, id_: str, *, settings: Settings, key: kms.IKey) -> None:
        super().__init__(scope, id_)
        self.prefix = settings.secrets_prefix
        self._key = key
        self._arns = Stack.of(self).format_arn(
            service="secretsmanager",
            resource="secret",
            resource_name=f"{self.prefix}*",
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )

    def grant_read(self, reader: ToolFunction) -> None:
        """Let a function read the value of any business's secret of this stage."""
        reader.allow("secretsmanager:GetSecretValue", on=[self._arns])
        reader.allow_key(self._key, "kms:Decrypt", through="secretsmanager")
        acknowledge(
            reader,
            {
                "AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:secretsmanager:<AWS::Region>:<AWS::AccountId>"
                f":secret:{self.prefix}*]": "Secrets are named after businesses, which come and go without a deployment"
                " and end in six characters that Secrets Manager chooses: this prefix is the narrowest name there is.",
            },
        )
