"""Fixtures of the functional tests that several modules share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.engine import EngineTable
    from tests.functional.calendar_lines import Line


@pytest.fixture
def line(request: pytest.FixtureRequest, table: EngineTable, tmp_path: Path) -> Iterator[Line]:
    """A desk with the calendar that the test is parametrised by; see `on_every_calendar`."""
    from tests.functional.calendar_lines import open_line  # every fake server, which few tests need

    with open_line(request.param, table, tmp_path) as opened:
        yield opened
