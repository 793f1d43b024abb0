"""What is uploaded: valid bytecode for every module, no leftovers, and the same name on every run."""

from __future__ import annotations

import importlib.util
import marshal
import re
import zipfile
from typing import TYPE_CHECKING

import pytest

from infra.bytecode import compile_sources, content_hash, copy_sources
from infra.dependencies import AWS_SERVICES, LANGUAGES
from tests.infra.synthesis import FUNCTIONS, ROOT, Assembly

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import CodeType

pytestmark = pytest.mark.infra

FLAGS_OF_UNCHECKED_HASH = 0b01  # PEP 552: by hash, and the source is not looked at
MEGABYTE = 1_000_000


@pytest.fixture(scope="module")
def unzipped(prod: Assembly, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Every asset as Lambda unpacks it: zipped with the dates of 1980, and unzipped again."""
    folders = []
    for key, source in prod.assets().items():
        archive = tmp_path_factory.mktemp("zips") / key
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as zipped:
            for file in source.rglob("*"):
                if file.is_file():
                    zipped.writestr(zipfile.ZipInfo(str(file.relative_to(source))), file.read_bytes())
        folder = archive.with_suffix("")
        with zipfile.ZipFile(archive) as zipped:
            zipped.extractall(folder)
        folders.append(folder)
    return folders


def test_every_module_has_bytecode_that_python_3_13_accepts_without_looking(unzipped: list[Path]) -> None:
    modules = [module for folder in unzipped for module in folder.rglob("*.py")]

    refused = [module for module in modules if not _accepted(module)]

    assert len(modules) > 1000
    assert refused == []


def test_no_bytecode_is_without_its_module(unzipped: list[Path]) -> None:
    orphans = [
        bytecode
        for folder in unzipped
        for bytecode in folder.rglob("*.pyc")
        if not (bytecode.parent.parent / f"{bytecode.name.split('.')[0]}.py").exists()
    ]

    assert orphans == []


def test_tracebacks_name_the_place_where_lambda_puts_the_code(prod: Assembly) -> None:
    places = {
        prod.function_asset("booking")
        / "functions"
        / "booking"
        / "__init__.py": "/var/task/functions/booking/__init__.py",
        **{
            layer / "python" / name / "__init__.py": f"/opt/python/{name}/__init__.py"
            for layer in prod.layer_assets()
            for name in ("slotline", "httpx")
            if (layer / "python" / name).exists()
        },
    }

    assert len(places) == 3
    assert {module: _code(module).co_filename for module in places} == places


@pytest.mark.parametrize("tool", FUNCTIONS)
def test_a_function_carries_none_of_its_neighbours(prod: Assembly, tool: str) -> None:
    folders = {entry.name for entry in (prod.function_asset(tool) / "functions").iterdir() if entry.is_dir()}

    assert folders == {tool, "__pycache__"}


def test_the_shared_layer_is_the_package_and_nothing_else(prod: Assembly) -> None:
    (shared,) = [layer for layer in prod.layer_assets() if (layer / "python" / "slotline").exists()]
    source = ROOT / "layers" / "shared" / "python"

    shipped = {str(file.relative_to(shared / "python")) for file in shared.rglob("*") if file.suffix != ".pyc"}
    written = {str(file.relative_to(source)) for file in source.rglob("*") if file.suffix != ".pyc"}

    assert {name for name in shipped if "__pycache__" not in name} - {"."} == {
        name for name in written if "__pycache__" not in name
    }


def test_the_dependencies_are_slimmed(prod: Assembly) -> None:
    (layer,) = [layer / "python" for layer in prod.layer_assets() if (layer / "python" / "botocore").exists()]

    services = {entry.name for entry in (layer / "botocore" / "data").iterdir() if entry.is_dir()}
    locales = {entry.stem.split("_")[0] for entry in (layer / "babel" / "locale-data").glob("*.dat")}
    size = sum(file.stat().st_size for file in layer.rglob("*") if file.is_file())

    assert services == AWS_SERVICES
    assert locales == LANGUAGES
    assert size < 65 * MEGABYTE


def test_every_aws_client_that_the_code_opens_is_shipped() -> None:
    sources = [*(ROOT / "layers").rglob("*.py"), *(ROOT / "functions").rglob("*.py")]

    opened = {name for source in sources for name in re.findall(r"client\(\s*\"([a-z0-9-]+)\"", source.read_text())}

    assert opened <= AWS_SERVICES


def test_two_runs_agree_on_every_asset(dev: Assembly, prod: Assembly) -> None:
    assert dev.assets().keys() == prod.assets().keys()


def test_another_processor_gets_other_dependencies_and_the_same_code(dev: Assembly, other: Assembly) -> None:
    (different,) = other.assets().keys() - dev.assets().keys()

    (compiled,) = other.assets()[different].glob("python/pydantic_core/*.so")
    assert "x86_64" in compiled.name
    assert other.function("booking")["Architectures"] == ["x86_64"]


def test_leftovers_change_neither_the_hash_nor_the_copy(tmp_path: Path) -> None:
    package = _package(tmp_path / "package")
    before = content_hash([package])
    (package / "__pycache__").mkdir()
    (package / "__pycache__" / "old.cpython-39.pyc").write_bytes(b"stale")
    (package / ".hidden").write_text("notes")

    copy_sources(package, tmp_path / "copy")

    assert content_hash([package]) == before
    assert [file.name for file in (tmp_path / "copy").rglob("*")] == ["module.py"]


def test_any_change_of_a_source_changes_the_hash(tmp_path: Path) -> None:
    package = _package(tmp_path / "package")
    hashes = {content_hash([package]), content_hash([package], salt="other")}

    (package / "module.py").write_text("VALUE = 2\n")
    hashes.add(content_hash([package]))
    (package / "module.py").rename(package / "renamed.py")
    hashes.add(content_hash([package]))

    assert len(hashes) == 4


def test_a_module_that_does_not_compile_stops_the_build(tmp_path: Path) -> None:
    package = _package(tmp_path / "package")
    (package / "module.py").write_text("def broken(:\n")

    with pytest.raises(Exception, match=r"module\.py"):
        compile_sources(package, mounted_at="/opt/python")


def _package(folder: Path) -> Path:
    folder.mkdir()
    (folder / "module.py").write_text("VALUE = 1\n")
    return folder


def _bytecode(module: Path) -> bytes:
    (file,) = module.parent.joinpath("__pycache__").glob(f"{module.stem}.cpython-313.pyc")
    return file.read_bytes()


def _accepted(module: Path) -> bool:
    header = next(_headers(module), None)
    return header == (
        importlib.util.MAGIC_NUMBER,
        FLAGS_OF_UNCHECKED_HASH,
        importlib.util.source_hash(module.read_bytes()),
    )


def _headers(module: Path) -> Iterator[tuple[bytes, int, bytes]]:
    for file in module.parent.joinpath("__pycache__").glob(f"{module.stem}.cpython-313.pyc"):
        head = file.read_bytes()[:16]
        yield head[:4], int.from_bytes(head[4:8], "little"), head[8:]


def _code(module: Path) -> CodeType:
    code: CodeType = marshal.loads(_bytecode(module)[16:])  # noqa: S302 - our own compiler wrote it a moment ago
    return code
