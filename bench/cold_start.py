"""A cold start in a process of its own: `python -I -S cold_start.py` with a job as JSON on standard input.

It sees what Lambda sees: the search path of the job and nothing of this checkout, so it imports neither the product
nor the bench at its own beginning. Prints a line of JSON with what it found.
"""

from __future__ import annotations

import importlib
import json
import sys
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from types import CodeType


def stub_http(replies: Mapping[str, str]) -> None:
    """Answer botocore's requests by the operation they name; what it does before and after is really done."""
    from botocore.awsrequest import AWSResponse
    from botocore.compat import HTTPHeaders
    from botocore.httpsession import URLLib3Session

    class Body:
        def __init__(self, text: str) -> None:
            self._text = text

        def stream(self) -> Iterable[bytes]:
            yield self._text.encode()

    def send(_session: object, request: Any) -> Any:
        target = request.headers["X-Amz-Target"]
        operation = (target if isinstance(target, str) else target.decode()).rpartition(".")[2]
        return AWSResponse(request.url, 200, HTTPHeaders(), Body(replies[operation]))

    setattr(URLLib3Session, "send", send)  # noqa: B010  (mypy lets nobody assign to a method)


class _Invocation:
    """What Lambda tells a handler."""

    function_name = "cold"
    memory_limit_in_mb = 1024
    invoked_function_arn = "arn:aws:lambda:us-east-1:000000000000:function:cold"
    aws_request_id = "00000000-0000-0000-0000-000000000000"

    def get_remaining_time_in_millis(self) -> int:
        return 12_000


def _client() -> dict[str, Any]:
    """The unit of measure: boto3 makes a client."""
    import boto3

    boto3.client("dynamodb")
    return {}


def _init(handler: str, job: Mapping[str, Any]) -> dict[str, Any]:
    """What must happen before a function can look at its first event: imports, and the collaborators made."""
    module, _, name = handler.rpartition(".")
    entry = getattr(importlib.import_module(module), name)
    importlib.import_module("slotline.bootstrap").house()
    found: dict[str, Any] = {"modules": len(sys.modules)}
    if "event" in job:
        stub_http(job["replies"])
        found["reply"] = entry(job["event"], _Invocation())
    return found


class _Watched(SourceFileLoader):
    """Python's own loader, which says whether it had to compile."""

    compiled = False

    def source_to_code(self, data: Any, path: Any = "<string>", **options: Any) -> CodeType:  # type: ignore[override]  # typeshed has it static
        self.compiled = True
        code: CodeType = super().source_to_code(data, path, **options)
        return code

    def set_data(self, *_arguments: Any, **_options: Any) -> None:
        """Lambda's file system cannot be written to either."""


def _bytecode(folders: Iterable[str]) -> dict[str, Any]:
    """Whether Python takes the bytecode that lies beside each source, by asking it for each."""
    sources = [path for folder in folders for path in Path(folder).rglob("*.py")]
    rejected = []
    for number, path in enumerate(sources):
        loader = _Watched(f"module{number}", str(path))
        loader.get_code(f"module{number}")
        if loader.compiled:
            rejected.append(str(path))
    return {"sources": len(sources), "rejected": rejected}


def main() -> None:
    job = json.load(sys.stdin)
    sys.path[:0] = job["path"]
    if "handler" in job:
        found = _init(job["handler"], job)
    elif "bytecode" in job:
        found = _bytecode(job["bytecode"])
    else:
        found = _client()
    print(json.dumps(found))


if __name__ == "__main__":
    main()
