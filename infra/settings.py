"""Everything that differs between one deployment and another, in one frozen value."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Self, get_args

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs

if TYPE_CHECKING:
    from constructs import Node

type Cpu = Literal["arm64", "x86_64"]

DIRECT_SERVICES = ("connect", "lex", "bedrock", "agentcore")

METRICS_NAMESPACE = "Slotline"
RUNTIME = lambda_.Runtime.PYTHON_3_13

TOOL_TIMEOUT = Duration.seconds(12)  # the longest any voice platform waits for a tool, with room for the last write
RECONCILE_TIMEOUT = Duration.seconds(60)
MEMORY_MB = 1024  # CPU grows with memory: below this, one TLS handshake costs more than the rest of the call


@dataclass(frozen=True, slots=True)
class Throttle:
    """Requests per second, and how many may come at once."""

    rate: int
    burst: int


@dataclass(frozen=True, slots=True)
class DirectCaller:
    """An AWS service that may make the tool calls of one agent by invoking our function.

    `source` is the ARN of what may do so: a Connect instance, a Lex bot alias, a Bedrock agent, or an AgentCore
    gateway's role.
    """

    business: str
    agent: str
    service: str
    source: str

    def __post_init__(self) -> None:
        for name, value in (("business", self.business), ("agent", self.agent)):
            if not re.fullmatch(r"[a-z0-9-]{1,40}", value):
                raise ValueError(f"direct.{name} {value!r}: the key as it stands in the desk file")
        if self.service not in DIRECT_SERVICES:
            raise ValueError(f"direct.service {self.service!r}: one of {', '.join(DIRECT_SERVICES)}")
        if not re.fullmatch(r"arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:[0-9]{12}:[^*?]+", self.source):
            raise ValueError(f"direct.source {self.source!r}: one whole ARN, with its account and no wildcard")

    @property
    def alias(self) -> str:
        """The function's alias for this agent, which the function reads out of the ARN that was invoked."""
        return f"{self.business}_{self.agent}"

    @property
    def account(self) -> str:
        return self.source.split(":")[4]


@dataclass(frozen=True, slots=True)
class Settings:
    """One deployment. `stage` names it; `prod` is the stage whose data outlives the stack."""

    stage: str
    cpu: Cpu = "arm64"
    public_url: str | None = None  # the owner's own domain in front of the API; None = the API's own address
    direct: tuple[DirectCaller, ...] = ()  # nobody, unless named here
    reconcile_concurrency: int = 4  # 0 = reserve nothing: accounts whose whole limit is 10 can reserve none

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z][a-z0-9-]{0,15}", self.stage):
            raise ValueError(f"stage {self.stage!r}: one to sixteen of a-z, 0-9 and -, beginning with a letter")
        if self.cpu not in get_args(Cpu.__value__):
            raise ValueError(f"arch {self.cpu!r}: arm64 or x86_64")
        if self.public_url is not None and not self.public_url.startswith("https://"):
            raise ValueError(f"public_url {self.public_url!r}: must begin with https://")
        if self.reconcile_concurrency < 0:
            raise ValueError("reconcile_concurrency: 0 or more")

    @classmethod
    def from_context(cls, node: Node) -> Self:
        """The settings as given with `-c stage=… -c arch=… -c public_url=… -c reconcile_concurrency=… -c direct=…`.

        `direct` is a list of callers, as JSON text or, in cdk.json, as it is.
        """
        public_url = node.try_get_context("public_url")
        direct = node.try_get_context("direct") or []
        return cls(
            stage=str(node.try_get_context("stage") or "dev"),
            cpu=node.try_get_context("arch") or "arm64",
            public_url=str(public_url).rstrip("/") if public_url else None,
            direct=tuple(
                DirectCaller(**caller) for caller in (json.loads(direct) if isinstance(direct, str) else direct)
            ),
            reconcile_concurrency=int(_or_default(node.try_get_context("reconcile_concurrency"), default=4)),
        )

    @property
    def stack_name(self) -> str:
        return f"Slotline-{self.stage}"

    @property
    def production(self) -> bool:
        return self.stage == "prod"

    @property
    def secrets_prefix(self) -> str:
        """Every business's secret is called this plus its key."""
        return f"slotline/{self.stage}/"

    @property
    def removal_policy(self) -> RemovalPolicy:
        """What becomes of data when its resource leaves the stack."""
        return RemovalPolicy.RETAIN if self.production else RemovalPolicy.DESTROY

    @property
    def log_retention(self) -> logs.RetentionDays:
        """Logs hold no personal data, and are of no use once a complaint can no longer come."""
        return logs.RetentionDays.THREE_MONTHS if self.production else logs.RetentionDays.TWO_WEEKS

    @property
    def api_throttle(self) -> Throttle:
        """For all routes together: a hundred calls at once ask far less often than this."""
        return Throttle(rate=100, burst=200) if self.production else Throttle(rate=50, burst=100)

    @property
    def tool_throttle(self) -> Throttle:
        """For one tool's route."""
        return Throttle(rate=50, burst=100) if self.production else Throttle(rate=25, burst=50)

    @property
    def public_throttle(self) -> Throttle:
        """For routes that ask for no credential."""
        return Throttle(rate=5, burst=10)

    @property
    def architecture(self) -> lambda_.Architecture:
        return lambda_.Architecture.ARM_64 if self.cpu == "arm64" else lambda_.Architecture.X86_64

    def service_name(self, tool: str) -> str:
        """What a function calls itself in logs and metrics: stages in one account must not share a metric."""
        return f"{tool}-{self.stage}"


def _or_default(value: object, *, default: int) -> str:
    return str(default if value is None else value)
