"""What is uploaded: the shared package, the dependencies and each function, built here and never with Docker."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import aws_cdk as cdk
import jsii
from aws_cdk import aws_lambda as lambda_

from infra.bytecode import TARGET_VERSION, compile_sources, content_hash, copy_sources
from infra.dependencies import build_dependencies, dependencies_hash

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from infra.settings import Cpu

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "requirements" / "runtime.txt"
DEPENDENCIES_CACHE = ROOT / ".cache" / "dependencies"

_RECIPES = [Path(__file__), Path(__file__).with_name("bytecode.py")]


@jsii.implements(cdk.ILocalBundling)
class _Build:
    """Hands CDK's bundling over to a function that fills the output folder."""

    def __init__(self, fill: Callable[[Path], None]) -> None:
        self._fill = fill

    def try_bundle(self, output_dir: str, *_options: object, **_more: object) -> bool:
        self._fill(Path(output_dir))
        return True  # False would send CDK to Docker


def shared_package() -> lambda_.Code:
    """Build our own package as a layer: `python/slotline`."""
    source = ROOT / "layers" / "shared" / "python"
    return _sources({Path("python") / package.name: package for package in _packages(source)}, mounted_at="/opt")


def dependencies(cpu: Cpu) -> lambda_.Code:
    """Build the third-party packages as a layer."""

    def fill(output: Path) -> None:
        built = build_dependencies(REQUIREMENTS, cpu=cpu, cache=DEPENDENCIES_CACHE)
        shutil.copytree(built, output / "python", dirs_exist_ok=True)

    return _bundle(REQUIREMENTS.parent, fill, asset_hash=dependencies_hash(REQUIREMENTS, cpu=cpu))


def function(tool: str) -> lambda_.Code:
    """Build one function: `functions/<tool>` and nothing of its neighbours, importable as `functions.<tool>`."""
    functions = ROOT / "functions"
    parts = {
        Path("functions") / "__init__.py": functions / "__init__.py",
        Path("functions") / tool: functions / tool,
    }
    return _sources(parts, mounted_at="/var/task")


def _packages(folder: Path) -> list[Path]:
    return sorted(entry for entry in folder.iterdir() if (entry / "__init__.py").exists())


def _sources(parts: Mapping[Path, Path], *, mounted_at: str) -> lambda_.Code:
    def fill(output: Path) -> None:
        for place, source in parts.items():
            if source.is_dir():
                copy_sources(source, output / place)
            else:
                (output / place).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, output / place)
        compile_sources(output, mounted_at=mounted_at)

    salt = f"{mounted_at} {TARGET_VERSION} {sorted(map(str, parts))}"
    return _bundle(ROOT / "functions", fill, asset_hash=content_hash([*parts.values(), *_RECIPES], salt=salt))


def _bundle(source: Path, fill: Callable[[Path], None], *, asset_hash: str) -> lambda_.Code:
    # The hash is of the sources, not of the output: a known hash is not built again, and two runs agree.
    return lambda_.Code.from_asset(
        str(source),
        asset_hash=asset_hash,
        asset_hash_type=cdk.AssetHashType.CUSTOM,
        bundling=cdk.BundlingOptions(image=cdk.DockerImage.from_registry("never-used"), local=_Build(fill)),
    )
