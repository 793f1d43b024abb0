"""The third-party packages of the functions: installed for Lambda's processor without Docker, slimmed, compiled, kept.

A build is kept under `.cache/dependencies/<hash>` and used again as long as the requirements and this recipe stay the
same, so that only the first synthesis needs a package index.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING

from infra.aws_models import slim_models
from infra.bytecode import TARGET_VERSION, BuildError, compile_sources, content_hash

if TYPE_CHECKING:
    from infra.settings import Cpu

MOUNT = "/opt/python"  # where Lambda finds a layer's `python` folder

AWS_SERVICES = frozenset({"dynamodb", "lambda", "secretsmanager", "sqs"})  # the API models botocore can load
LANGUAGES = frozenset({"root", "en", "es", "de", "fr"})  # the locales Babel can speak

_VERSION = ".".join(map(str, TARGET_VERSION))
_JUNK = ("*.pyi", "*.pyx", "*.pxd", "*.c", "*.h", "*.so.debug", ".lock")
_INSTALLER_NOTES = ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json")


def dependencies_hash(requirements: Path, *, cpu: Cpu) -> str:
    """Changes whenever the built layer would: with the requirements, the processor or the recipe."""
    recipe = [Path(__file__).with_name(name) for name in ("aws_models.py", "bytecode.py", "dependencies.py")]
    return content_hash([requirements, *recipe], salt=f"{cpu} {_VERSION}")


def build_dependencies(requirements: Path, *, cpu: Cpu, cache: Path) -> Path:
    """The folder with everything installed, from the cache or built now; BuildError when it can be neither."""
    built = cache / dependencies_hash(requirements, cpu=cpu)[:32]
    if built.is_dir():
        return built
    cache.mkdir(parents=True, exist_ok=True)
    # Beside its final place, so that the last step is one rename: a build that was cut short is never taken for whole.
    with tempfile.TemporaryDirectory(dir=cache, prefix="building-") as workshop:
        folder = Path(workshop) / "layer"
        _install(requirements, folder, cpu=cpu)
        slim(folder)
        compile_sources(folder, mounted_at=MOUNT)
        try:
            folder.rename(built)
        except OSError:  # another process built the same meanwhile
            if not built.is_dir():
                raise
    return built


def slim(folder: Path) -> None:
    """Leave out what no function can use. Metadata and licences stay: code reads the one, authors ask for the other."""
    slim_models(folder / "botocore" / "data", services=AWS_SERVICES)
    _keep_only_languages(folder / "babel" / "locale-data")
    for unused in ("bin", "boto3/data", "boto3/examples"):  # boto3's data describes resources, which nobody here opens
        shutil.rmtree(folder / unused, ignore_errors=True)
    for file in [file for file in folder.rglob("*") if file.is_file() and _is_junk(file)]:
        file.unlink()
    for bytecode in list(folder.rglob("__pycache__")):
        shutil.rmtree(bytecode)


def _is_junk(file: Path) -> bool:
    if file.parent.suffix == ".dist-info":
        return file.name in _INSTALLER_NOTES
    return any(fnmatch(file.name, pattern) for pattern in _JUNK)


def _keep_only_languages(folder: Path) -> None:
    """Delete the locales of languages nobody speaks here: `ja.dat`, but not `en_GB.dat`."""
    for file in folder.glob("*.dat"):
        if file.stem.split("_")[0] not in LANGUAGES:
            file.unlink()


def _install(requirements: Path, target: Path, *, cpu: Cpu) -> None:
    """Take the first installer that succeeds; BuildError with what each of them said when none does."""
    said = []
    for command in _installers(requirements, target, cpu=cpu):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return
        said.append(f"{done.stdout}{done.stderr}")
        shutil.rmtree(target, ignore_errors=True)
    raise BuildError(f"installing {requirements} for {cpu} failed:\n" + "\n".join(said))


def _installers(requirements: Path, target: Path, *, cpu: Cpu) -> list[list[str]]:
    """Uv, which takes seconds; then pip, for only pip reads the settings with which some networks reach an index."""
    machine = {"arm64": "aarch64", "x86_64": "x86_64"}[cpu]
    common = ["--only-binary", ":all:", "--python-version", _VERSION, "--require-hashes", "--no-deps"]
    common += ["--target", str(target), "--requirement", str(requirements)]
    # Lambda's Amazon Linux 2023 has glibc 2.34, so wheels for 2.28 run there too.
    platforms = ["--platform", f"manylinux2014_{machine}", "--platform", f"manylinux_2_28_{machine}"]
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-compile", "--implementation", "cp"]
    installers = [[*pip, *platforms, *common]]
    uv = Path(sys.executable).with_name("uv")
    if uv.exists():
        platform = f"{machine}-manylinux2014"
        command = [str(uv), "pip", "install", "--quiet", "--python-platform", platform, "--link-mode=copy"]
        installers.insert(0, [*command, *common])
    return installers
