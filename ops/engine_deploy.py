"""Deploy a synthesised stack to the local engine: what `cdk deploy` does, without the CDK command line and Node.

Also from the shell: `python -m ops.engine_deploy cdk.out Slotline-dev http://127.0.0.1:4566`.
"""

from __future__ import annotations

import io
import json
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, WaiterError

from ops.local.engine import EngineError
from ops.local.resources import KEY_ID, REGION, SECRET_KEY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_s3 import S3Client

BOOTSTRAP_VERSION = "/cdk-bootstrap/hnb659fds/version"  # the parameter every CDK template looks at first
NEWEST_BOOTSTRAP = "30"
ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)  # the CDK command line dates every file so, and so does this
_WAIT = {"Delay": 1, "MaxAttempts": 120}


def deploy(assembly: Path, *, stack: str, endpoint: str) -> Mapping[str, str]:
    """Upload the assets, create or update the stack, wait, and return its outputs; EngineError when it fails."""
    session = boto3.Session(aws_access_key_id=KEY_ID, aws_secret_access_key=SECRET_KEY, region_name=REGION)
    config = Config(retries={"mode": "standard", "total_max_attempts": 3})
    account = session.client("sts", endpoint_url=endpoint, config=config).get_caller_identity()["Account"]
    ssm = session.client("ssm", endpoint_url=endpoint, config=config)
    ssm.put_parameter(Name=BOOTSTRAP_VERSION, Value=NEWEST_BOOTSTRAP, Type="String", Overwrite=True)
    s3 = session.client("s3", endpoint_url=endpoint, config=config)
    addresses = {
        asset["source"]["path"]: _upload(s3, asset, assembly=assembly, account=account)
        for asset in _assets(assembly, stack)
    }
    cloudformation = session.client("cloudformation", endpoint_url=endpoint, config=config)
    # By address: a template of this size is refused in the request itself.
    _create_or_update(cloudformation, stack=stack, template=f"{endpoint}/{addresses[f'{stack}.template.json']}")
    return _outputs(cloudformation, stack)


def _assets(assembly: Path, stack: str) -> Iterator[Mapping[str, Any]]:
    manifest = json.loads((assembly / f"{stack}.assets.json").read_text())
    yield from manifest["files"].values()


def _upload(s3: S3Client, asset: Mapping[str, Any], *, assembly: Path, account: str) -> str:
    """Upload to the bucket that bootstrapping would have made, and return bucket and key."""
    source = assembly / asset["source"]["path"]
    body = _zipped(source) if asset["source"]["packaging"] == "zip" else source.read_bytes()
    (destination,) = asset["destinations"].values()
    bucket = destination["bucketName"].replace("${AWS::AccountId}", account).replace("${AWS::Region}", REGION)
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key=destination["objectKey"], Body=body)
    return f"{bucket}/{destination['objectKey']}"


def _zipped(folder: Path) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for file in sorted(entry for entry in folder.rglob("*") if entry.is_file()):
            entry = zipfile.ZipInfo(str(file.relative_to(folder)), ZIP_EPOCH)
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, file.read_bytes())
    return buffer.getvalue()


def _create_or_update(client: CloudFormationClient, *, stack: str, template: str) -> None:
    try:
        client.create_stack(StackName=stack, TemplateURL=template, Capabilities=["CAPABILITY_IAM"])
        _wait(client, "stack_create_complete", stack)
    except client.exceptions.AlreadyExistsException:
        try:
            client.update_stack(StackName=stack, TemplateURL=template, Capabilities=["CAPABILITY_IAM"])
        except ClientError as error:
            # CloudFormation has no error code of its own for "nothing to do".
            if "No updates are to be performed" not in str(error):
                raise
        else:
            _wait(client, "stack_update_complete", stack)


def _wait(client: CloudFormationClient, state: Any, stack: str) -> None:  # the stubs' waiter names are literals
    try:
        client.get_waiter(state).wait(StackName=stack, WaiterConfig=_WAIT)
    except WaiterError as error:
        events = client.describe_stack_events(StackName=stack)["StackEvents"]
        reasons = [
            f"{event.get('LogicalResourceId')}: {event.get('ResourceStatusReason')}"
            for event in events
            if event.get("ResourceStatus", "").endswith("FAILED")
        ]
        raise EngineError(f"the stack {stack} did not reach {state}:\n" + "\n".join(reasons)) from error


def _outputs(client: CloudFormationClient, stack: str) -> Mapping[str, str]:
    described = client.describe_stacks(StackName=stack)["Stacks"][0]
    return {output["OutputKey"]: output["OutputValue"] for output in described.get("Outputs", [])}


def main() -> None:
    assembly, stack, endpoint = sys.argv[1:]
    for name, value in deploy(Path(assembly), stack=stack, endpoint=endpoint).items():
        print(f"{name} {value}")


if __name__ == "__main__":
    main()
