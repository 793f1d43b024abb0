"""The dependencies' build: from the index once, from the cache ever after, and never half."""

from __future__ import annotations

import gzip
import json
import re
import sys
from typing import TYPE_CHECKING

import pytest

from infra import dependencies
from infra.aws_models import slim_models
from infra.bytecode import BuildError
from infra.dependencies import build_dependencies, dependencies_hash
from tests.infra.synthesis import ROOT

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.infra

ENDPOINTS = {
    "partitions": [{"partition": "aws", "regions": {"eu-central-1": {}}, "services": {"dynamodb": {}, "ec2": {}}}]
}
MODEL = {"shapes": {"Page": {"documentation": "<p>…</p>", "members": {"documentation": {"shape": "Text"}}}}}


@pytest.fixture
def requirements(tmp_path: Path) -> Path:
    file = tmp_path / "runtime.txt"
    file.write_text("example==1.0\n")
    return file


def _installs(_requirements: Path, target: Path, *, cpu: str) -> None:
    for folder in ("botocore/data/dynamodb/1", "botocore/data/ec2", "boto3/data/ec2", "babel/locale-data", "bin"):
        (target / folder).mkdir(parents=True)
    for file in (
        "babel/locale-data/en_GB.dat",
        "babel/locale-data/ja.dat",
        "botocore/data/ec2/service-2.json",
        "bin/tool",
    ):
        (target / file).touch()
    (target / "botocore/data/endpoints.json").write_text(json.dumps(ENDPOINTS))
    (target / "botocore/data/dynamodb/1/service-2.json.gz").write_bytes(gzip.compress(json.dumps(MODEL).encode()))
    (target / "botocore/data/dynamodb/1/examples-1.json").touch()
    (target / "example.py").write_text("VALUE = 1\n")
    (target / "example.pyi").touch()
    (target / ".lock").touch()
    (target / "example-1.0.dist-info").mkdir()
    for note in ("METADATA", "LICENSE", "RECORD"):
        (target / "example-1.0.dist-info" / note).touch()


def _no_index(_requirements: Path, _target: Path, *, cpu: str) -> None:
    raise BuildError("no package index")


def test_a_build_is_slim_compiled_and_keeps_licences(
    requirements: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dependencies, "_install", _installs)

    built = build_dependencies(requirements, cpu="arm64", cache=tmp_path / "cache")

    assert sorted(str(file.relative_to(built)) for file in built.rglob("*") if file.is_file()) == [
        "__pycache__/example.cpython-313.pyc",
        "babel/locale-data/en_GB.dat",
        "botocore/data/dynamodb/1/service-2.json",
        "botocore/data/endpoints.json",
        "example-1.0.dist-info/LICENSE",
        "example-1.0.dist-info/METADATA",
        "example.py",
    ]


def test_a_client_reads_at_its_start_only_what_it_can_use(
    requirements: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dependencies, "_install", _installs)

    data = build_dependencies(requirements, cpu="arm64", cache=tmp_path / "cache") / "botocore" / "data"

    (partition,) = json.loads((data / "endpoints.json").read_text())["partitions"]
    assert partition == {"partition": "aws", "regions": {"eu-central-1": {}}, "services": {"dynamodb": {}}}
    model = json.loads((data / "dynamodb" / "1" / "service-2.json").read_text())
    assert model == {"shapes": {"Page": {"members": {"documentation": {"shape": "Text"}}}}}


def test_a_known_build_needs_no_package_index(
    requirements: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dependencies, "_install", _installs)
    built = build_dependencies(requirements, cpu="arm64", cache=tmp_path / "cache")
    monkeypatch.setattr(dependencies, "_install", _no_index)

    assert build_dependencies(requirements, cpu="arm64", cache=tmp_path / "cache") == built


def test_other_requirements_or_another_processor_are_another_build(requirements: Path, tmp_path: Path) -> None:
    arm, intel = (dependencies_hash(requirements, cpu=cpu) for cpu in ("arm64", "x86_64"))
    requirements.write_text("example==2.0\n")

    assert len({arm, intel, dependencies_hash(requirements, cpu="arm64")}) == 3


def test_a_failed_build_leaves_nothing_that_looks_finished(
    requirements: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dependencies, "_install", _no_index)

    with pytest.raises(BuildError, match="no package index"):
        build_dependencies(requirements, cpu="arm64", cache=tmp_path / "cache")

    assert list((tmp_path / "cache").iterdir()) == []


def _program(source: str) -> list[str]:
    return [sys.executable, "-c", source]


def test_where_one_installer_fails_the_next_one_begins_afresh(
    requirements: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "layer"
    half = _program(f"import os; os.makedirs({str(target / 'half')!r}); raise SystemExit('no such host')")
    whole = _program(f"import os; os.makedirs({str(target / 'whole')!r})")
    monkeypatch.setattr(dependencies, "_installers", lambda *_, **__: [half, whole])

    dependencies._install(requirements, target, cpu="arm64")

    assert [file.name for file in target.iterdir()] == ["whole"]


def test_when_every_installer_fails_all_of_them_are_heard(
    requirements: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing = [_program(f"raise SystemExit('{word}')") for word in ("no such host", "no such wheel")]
    monkeypatch.setattr(dependencies, "_installers", lambda *_, **__: failing)

    with pytest.raises(BuildError, match=r"(?s)no such host.*no such wheel"):
        dependencies._install(requirements, tmp_path / "layer", cpu="arm64")


def test_slimming_leaves_a_file_that_other_environments_share_as_it_was(tmp_path: Path) -> None:
    shared, data = tmp_path / "shared.json", tmp_path / "data"
    data.mkdir()
    shared.write_text(json.dumps({"partitions": [{"services": {"s3": {}, "dynamodb": {}}}]}))
    (data / "endpoints.json").hardlink_to(shared)  # as installers do

    slim_models(data, services={"dynamodb"})

    assert "s3" in shared.read_text()
    assert "s3" not in (data / "endpoints.json").read_text()


def test_every_service_that_the_code_opens_is_among_those_kept() -> None:
    source = (ROOT / "layers/shared/python/slotline/bootstrap/__init__.py").read_text()
    opened = set(re.findall(r'_client\("(\w+)"\)', source))

    assert "sqs" in opened
    assert opened <= dependencies.AWS_SERVICES
