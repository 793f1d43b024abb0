"""botocore's data, which its clients parse at every cold start, cut down to what the functions use.

As installed it describes every service in every region and explains each field: two thirds of the time that a client
takes to be made goes into reading it.
"""

from __future__ import annotations

import gzip
import json
import shutil
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Container
    from pathlib import Path


def slim_models(data: Path, *, services: Container[str]) -> None:
    """Leave out other services, and the texts that only documentation shows; `data` is the folder `botocore/data`."""
    for entry in list(data.iterdir()):
        if entry.is_dir() and entry.name not in services:
            shutil.rmtree(entry)
    _slim_endpoints(data / "endpoints.json", services=services)
    for packed in list(data.rglob("service-2.json.gz")):
        model = _without_explanations(json.loads(gzip.decompress(packed.read_bytes())))
        _write(packed.with_suffix(""), model)  # the asset is zipped as a whole
        packed.unlink()
    for examples in list(data.rglob("examples-1.json")):
        examples.unlink()


def _slim_endpoints(file: Path, *, services: Container[str]) -> None:
    """Regions and the default pattern of host names stay, so that a service without an entry is still found."""
    endpoints = json.loads(file.read_bytes())
    for partition in endpoints["partitions"]:
        partition["services"] = {name: entry for name, entry in partition["services"].items() if name in services}
    _write(file, endpoints)


def _without_explanations(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_explanations(item) for item in value]
    if not isinstance(value, dict):
        return value
    # A field that is itself called "documentation" is described by an object and stays.
    kept = {name: item for name, item in value.items() if not (name == "documentation" and isinstance(item, str))}
    return {name: _without_explanations(item) for name, item in kept.items()}


def _write(file: Path, value: object) -> None:
    # Installers share files between environments by hard links: put a new file in its place, never write into it.
    file.unlink(missing_ok=True)
    file.write_text(json.dumps(value, separators=(",", ":"), ensure_ascii=False), encoding="utf-8")
