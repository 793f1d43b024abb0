from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.infra.synthesis import DIRECT, Assembly, run_app

if TYPE_CHECKING:
    from pathlib import Path


def _synthesise(folder: Path, stage: str, *more: str, validate: bool = False) -> Assembly:
    done = run_app(folder, f"stage={stage}", *more, validate=validate)
    assert done.returncode == 0, done.stdout + done.stderr
    return Assembly(folder, f"Slotline-{stage}")


@pytest.fixture(scope="session")
def prod(tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    """The production stage, with every check that can stop a synthesis."""
    return _synthesise(tmp_path_factory.mktemp("prod"), "prod", validate=True)


@pytest.fixture(scope="session")
def dev(tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    return _synthesise(tmp_path_factory.mktemp("dev"), "dev")


@pytest.fixture(scope="session")
def other(tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    """A stage that differs in all that may differ: processor, address, no reserved concurrency, direct callers."""
    direct = f"direct={json.dumps(DIRECT)}"
    choices = ("arch=x86_64", "public_url=https://desk.example/", "reconcile_concurrency=0", direct)
    return _synthesise(tmp_path_factory.mktemp("other"), "dev", *choices)
