"""Which desk the owner's commands speak to: the running `make serve`, or a deployed stage."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from slotline.domain.errors import SlotlineError

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_secretsmanager import SecretsManagerClient

SERVE_FILE = Path(__file__).resolve().parent.parent / ".local" / "serve.json"
"""Left by `make serve` while it runs, readable by its owner only."""

LOCAL_REGION = "us-east-1"
_LOCAL_KEY = "test"  # the local engine takes any


class TargetError(SlotlineError):
    """There is nothing to speak to; the message says what to start or to name."""


@dataclass(frozen=True, slots=True)
class Target:
    """One desk. With an `endpoint` it is the local stage, whose credentials are no secret."""

    name: str
    table: str
    secrets_prefix: str
    url: str = ""
    messages_queue: str = ""
    hints_queue: str = ""
    endpoint: str | None = None
    secrets_key: str | None = None  # ARN of the key that encrypts secrets; None: the account's default

    @property
    def is_local(self) -> bool:
        return self.endpoint is not None

    def __str__(self) -> str:
        return f"{self.name} ({self.url})" if self.url else self.name

    def dynamodb(self) -> DynamoDBClient:
        return _dynamodb(self.endpoint)

    def secrets_manager(self) -> SecretsManagerClient:
        return _secrets_manager(self.endpoint)

    def environment(self) -> dict[str, str]:
        """What the functions' own code reads, for commands that use it on this machine."""
        values = {
            "SLOTLINE_STAGE": self.name,
            "SLOTLINE_TABLE": self.table,
            "SLOTLINE_SECRETS": self.secrets_prefix,
            "SLOTLINE_MESSAGES_QUEUE": self.messages_queue,
            "SLOTLINE_HINTS_QUEUE": self.hints_queue,
            "SLOTLINE_PUBLIC_URL": self.url,
        }
        if self.endpoint is not None:
            values |= {
                "AWS_ENDPOINT_URL": self.endpoint,
                "AWS_ACCESS_KEY_ID": _LOCAL_KEY,
                "AWS_SECRET_ACCESS_KEY": _LOCAL_KEY,
                "AWS_REGION": LOCAL_REGION,
                "AWS_DEFAULT_REGION": LOCAL_REGION,
            }
        return values


def write_serve_file(target: Target, *, path: Path = SERVE_FILE) -> None:
    """Leave word of the running local stage, with this process's id."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(json.dumps(asdict(target) | {"pid": os.getpid()}), encoding="utf-8")


def find_target(stage: str | None, *, serve_file: Path = SERVE_FILE) -> Target:
    """The deployed stage of that name, or the running local stage; TargetError when there is none."""
    return _deployed(stage) if stage else _served(serve_file)


def _served(path: Path) -> Target:
    missing = TargetError("no `make serve` is running here: start one, or name a deployed stage with --stage NAME")
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        os.kill(values.pop("pid"), 0)  # signal 0 only asks whether the process is there
        return Target(**values)
    except PermissionError as exc:
        raise TargetError(f"{path} belongs to another user's `make serve`") from exc
    except (OSError, ValueError, KeyError, TypeError) as exc:
        raise missing from exc


def _deployed(stage: str) -> Target:
    try:
        client: CloudFormationClient = boto3.client("cloudformation", config=_patience(None))
        (stack,) = client.describe_stacks(StackName=f"Slotline-{stage}")["Stacks"]
    except ClientError as exc:
        raise TargetError(f"stage {stage}: {exc.response['Error'].get('Message', 'AWS refused')}") from exc
    except BotoCoreError as exc:
        raise TargetError(f"stage {stage}: AWS cannot be reached: {exc}") from exc
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
    try:
        return Target(
            name=stage,
            table=outputs["TableName"],
            secrets_prefix=outputs["SecretsPrefix"],
            url=outputs["ApiUrl"],
            messages_queue=outputs["MessagesQueueUrl"],
            hints_queue=outputs["HintsQueueUrl"],
            secrets_key=outputs.get("SecretsKeyArn"),
        )
    except KeyError as exc:
        raise TargetError(f"stage {stage}: its stack has no output {exc}; deploy it again") from exc


# Opening a client reads megabytes of service models: once per command is enough.


@cache
def _dynamodb(endpoint: str | None) -> DynamoDBClient:
    return _session(endpoint).client("dynamodb", endpoint_url=endpoint, config=_patience(endpoint))


@cache
def _secrets_manager(endpoint: str | None) -> SecretsManagerClient:
    return _session(endpoint).client("secretsmanager", endpoint_url=endpoint, config=_patience(endpoint))


@cache
def _session(endpoint: str | None) -> boto3.Session:
    if endpoint is None:
        return boto3.Session()
    return boto3.Session(aws_access_key_id=_LOCAL_KEY, aws_secret_access_key=_LOCAL_KEY, region_name=LOCAL_REGION)


def _patience(endpoint: str | None) -> Config:
    """Somebody waits at a prompt: say soon that nobody answers."""
    attempts = 3 if endpoint is None else 2
    return Config(connect_timeout=3, read_timeout=10, retries={"mode": "standard", "total_max_attempts": attempts})
