"""The functions as Lambda unpacks them: synthesised for this machine's processor, zipped, unzipped, laid out.

Everything is kept under .cache/bench by the hashes that CDK gives the assets, so that only what changed is built anew.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import tempfile
import zipfile
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from infra.bytecode import target_python
from tests.infra.synthesis import ROOT, Assembly, run_app

CACHE = ROOT / ".cache" / "bench"
MACHINE = {"aarch64": "arm64", "arm64": "arm64"}.get(platform.machine().lower(), "x86_64")
PACKED_AT = (1980, 1, 1, 0, 0, 0)
"""The date that CDK's packager writes on every file: https://github.com/aws/aws-cdk-cli, cdk-assets, archive.ts."""

TOOLS = ("availability", "booking", "sms_confirm", "mcp")
"""Functions a caller waits for."""


class SynthesisError(Exception):
    """The stack cannot be synthesised on this machine."""


@dataclass(frozen=True, slots=True)
class Unpacked:
    """One function on disk, as it is seen under /var/task and /opt/python, and what it weighs in bytes."""

    tool: str
    handler: str
    task: Path
    layers: Path
    environment: dict[str, str]
    zipped: int
    unzipped: int

    @property
    def path(self) -> list[str]:
        return [str(self.task), str(self.layers)]


def synthesised() -> Assembly:
    """The stack's assembly for this machine; assets whose sources did not change are not built again."""
    folder = CACHE / "cdk.out"
    done = run_app(folder, "stage=dev", f"arch={MACHINE}", validate=False)
    if done.returncode != 0:
        raise SynthesisError(done.stderr[-2000:])
    return Assembly(folder, "Slotline-dev")


def unpacked(assembly: Assembly) -> list[Unpacked]:
    """Every tool function of the assembly, laid out as Lambda does."""
    packed = [_shipped(asset) for asset in assembly.layer_assets()]
    layers = _merged([folder / "python" for folder, _ in packed])
    found = []
    for tool in [tool for tool in TOOLS if tool in assembly.tools()]:
        function = assembly.function(tool)
        task, size = _shipped(assembly.function_asset(tool))
        found.append(
            Unpacked(
                tool,
                function["Handler"],
                task,
                layers,
                _environment(function["Environment"]["Variables"]),
                zipped=size + sum(size for _, size in packed),
                unzipped=_size(task) + _size(layers),
            )
        )
    return found


def with_fresh_bytecode(folder: Path) -> Path:
    """A copy whose bytecode was compiled here and now, checked by date: what any development machine has."""
    copy = CACHE / f"fresh-{folder.name}"
    if not copy.is_dir():
        with tempfile.TemporaryDirectory(dir=CACHE) as workshop:
            made = Path(workshop) / folder.name
            shutil.copytree(folder, made, ignore=shutil.ignore_patterns("__pycache__"))
            command = [target_python(), "-m", "compileall", "-q", "-j", "0", "--invalidation-mode", "timestamp"]
            subprocess.run([*command, str(made)], check=True)
            made.rename(copy)
    return copy


def _shipped(asset: Path) -> tuple[Path, int]:
    """The asset after its way through the zip, and the size of that zip. Kept by the hash in the asset's name."""
    there = CACHE / asset.name
    archive = CACHE / f"{asset.name}.zip"
    if not there.is_dir():
        _pack(asset, archive)
        with tempfile.TemporaryDirectory(dir=CACHE) as workshop:
            made = Path(workshop) / asset.name
            _unpack(archive, made)
            made.rename(there)
    return there, archive.stat().st_size


def _pack(folder: Path, archive: Path) -> None:
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for file in sorted(file for file in folder.rglob("*") if file.is_file()):
            entry = zipfile.ZipInfo(str(file.relative_to(folder)), PACKED_AT)
            entry.external_attr = file.stat().st_mode << 16
            packed.writestr(entry, file.read_bytes(), zipfile.ZIP_DEFLATED)


def _unpack(archive: Path, folder: Path) -> None:
    """With the dates that are in the archive, which bytecode checked by date would be held against."""
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(folder)
    for file in folder.rglob("*"):
        os.utime(file, (315_532_800, 315_532_800))  # 1980-01-01 in epoch seconds


def _merged(layers: list[Path]) -> Path:
    """The layers over each other, as under /opt/python."""
    names = sha256("".join(str(layer.parent.name) for layer in layers).encode()).hexdigest()[:16]
    there = CACHE / f"opt-{names}"
    if not there.is_dir():
        with tempfile.TemporaryDirectory(dir=CACHE) as workshop:
            made = Path(workshop) / there.name
            for layer in layers:
                shutil.copytree(layer, made, dirs_exist_ok=True)
            made.rename(there)
    return there


def _environment(variables: dict[str, Any]) -> dict[str, str]:
    """The function's own variables; what only CloudFormation knows (names, addresses) gets a name of no resource."""
    return {name: value if isinstance(value, str) else "placeholder" for name, value in variables.items()}


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
