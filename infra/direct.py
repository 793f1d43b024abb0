"""Who may invoke the direct function: each agent has an alias, and each alias names the one service that may use it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import CfnOutput
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

if TYPE_CHECKING:
    from collections.abc import Sequence

    from infra.settings import DirectCaller
    from infra.tool_function import ToolFunction

# Each of them is let in only for the one resource in `source_arn`. An AgentCore gateway comes as its own role instead.
_PRINCIPALS = {"connect": "connect.amazonaws.com", "lex": "lexv2.amazonaws.com", "bedrock": "bedrock.amazonaws.com"}


class DirectAccess(Construct):
    """The aliases and their permissions. Without callers there are none, and nobody can invoke the function."""

    def __init__(self, scope: Construct, id_: str, *, function: ToolFunction, callers: Sequence[DirectCaller]) -> None:
        super().__init__(scope, id_)
        self._function = function
        for alias_name in dict.fromkeys(caller.alias for caller in callers):
            alias = lambda_.Alias(
                self, alias_name, alias_name=alias_name, version=self._function.function.latest_version
            )
            CfnOutput(self, f"{alias_name}_arn", value=alias.function_arn, description=f"What invokes {alias_name}")
            for number, caller in enumerate(caller for caller in callers if caller.alias == alias_name):
                self._let_in(alias, caller, id_=f"{caller.service}{number}")

    def _let_in(self, alias: lambda_.Alias, caller: DirectCaller, *, id_: str) -> None:
        service = _PRINCIPALS.get(caller.service)
        if service is None:
            alias.add_permission(id_, principal=iam.ArnPrincipal(caller.source))
        else:
            alias.add_permission(
                id_,
                principal=iam.ServicePrincipal(service),
                source_arn=caller.source,
                source_account=caller.account,
            )
