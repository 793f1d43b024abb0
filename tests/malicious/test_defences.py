"""The judge can see: every defence, broken on purpose, is found out."""

from __future__ import annotations

import pytest

from tests.malicious.mutants import MUTANTS
from tests.malicious.siege import Siege

MOST_REQUESTS = 1_500


@pytest.mark.parametrize("name", MUTANTS)
def test_a_broken_defence_is_found_out(name: str) -> None:
    rule = MUTANTS[name].found_by

    with MUTANTS[name].applied():
        verdict = Siege(seed=5, until=rule).run(MOST_REQUESTS)

    assert rule in verdict.broken


def test_the_product_is_whole_again_after_a_mutant() -> None:
    with MUTANTS["any-credential"].applied():
        assert Siege(seed=5).run(200).findings

    assert Siege(seed=5).run(200).findings == []
