"""Ten thousand forgeries per verifier: none is accepted, and the honest requests they were made from all are."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace

import pytest

from slotline.platforms.table import PLATFORMS
from tests.fakes import A_MONDAY_NOON_UTC as NOW
from tests.unit import hook_verifiers, voice_verifiers
from tests.unit.forgeries import KINDS, Forgery, Honest
from tests.unit.verifiers import Verifier

VERIFIERS = {**voice_verifiers.VERIFIERS, **hook_verifiers.VERIFIERS}

FORGERIES = 10_000
BATCH = 400
"""Forgeries of one honest request, before another key, body and moment are taken."""

SIGNED_BODY = {"body: a bit", "body: cut or longer", "body: rewritten", "body: another"}


def kinds_for(verifier: Verifier) -> set[str]:
    """The kinds of forgery that this verifier has to stand."""
    kinds = set(KINDS)
    kinds -= set() if verifier.signs_body else SIGNED_BODY
    kinds -= set() if verifier.window else {"time: too late or early"}
    kinds -= set() if verifier.signs_address else {"elsewhere"}
    seed = bytes(range(32))
    is_stamped = verifier.headers(b"", NOW, seed) != verifier.headers(b"", NOW + 1, seed)
    return kinds - (set() if is_stamped else {"time: renewed"})


def honest_request(verifier: Verifier, dice: random.Random) -> Honest:
    at = float(int(NOW + dice.uniform(-1e6, 1e6)))
    seed = dice.randbytes(32)
    request = verifier.request(verifier.body(f"Zoë {dice.random()}", at), at, seed)
    return Honest(verifier, request, seed, at)


def is_honest(forgery: Forgery, honest: Honest) -> bool:
    """Whether nothing that counts was changed."""
    kept = forgery.seed == honest.seed and forgery.now == honest.at
    return kept and honest.verifier.same(forgery.request, honest.request)


@pytest.mark.parametrize("name", VERIFIERS)
def test_ten_thousand_forgeries_are_all_refused(name: str) -> None:
    verifier, dice = VERIFIERS[name], random.Random(name)
    kinds = sorted(kinds_for(verifier))
    tried: Counter[str] = Counter()
    rounds = 0
    while tried.total() < FORGERIES:
        honest = honest_request(verifier, dice)
        assert verifier.accepts(honest.request, honest.seed, honest.at)
        for _ in range(BATCH):
            kind = dice.choice(kinds)
            forgery = KINDS[kind](dice, honest)
            if forgery is None or is_honest(forgery, honest):
                continue
            tried[kind] += 1
            assert not verifier.accepts(forgery.request, forgery.seed, forgery.now), (kind, forgery, honest)
        assert verifier.accepts(honest.request, honest.seed, honest.at)
        rounds += 1
        assert rounds < 4 * FORGERIES // BATCH, f"too little to forge: {tried}"

    assert set(tried) == set(kinds)
    assert min(tried.values()) > FORGERIES // 500, tried


@pytest.mark.parametrize("name", [name for name, verifier in VERIFIERS.items() if verifier.window])
def test_a_recording_is_good_inside_its_window_only(name: str) -> None:
    """What comes again inside the window is a repeat, which the desk knows by its id or its wish."""
    verifier = VERIFIERS[name]
    honest = honest_request(verifier, random.Random(name))
    assert verifier.window is not None
    old, early = verifier.window
    inside = [0.0, old - 2, *([-(early - 2)] if early else [])]
    outside = [old + 1, *([-(early + 1)] if early else [])]

    def accepted(late: float) -> bool:
        return verifier.accepts(honest.request, honest.seed, honest.at + late)

    assert [late for late in inside if not accepted(late)] == []
    assert [late for late in outside if accepted(late)] == []


def test_the_same_request_is_recognised_in_another_spelling() -> None:
    """Otherwise a forgery that is none would count as one, or an accepted one go unseen."""
    verifier = VERIFIERS["vapi, bearer"]
    honest = honest_request(verifier, random.Random(1))
    given = honest.request.headers["authorization"]

    for spelled in (given.replace("Bearer", "bEARER"), given.replace(" ", "  ")):
        again = Forgery(replace(honest.request, headers={"authorization": spelled}), honest.seed, honest.at)
        assert is_honest(again, honest)
        assert verifier.accepts(again.request, again.seed, again.now)


def test_every_platform_has_its_verifiers_here() -> None:
    assert {name.partition(",")[0] for name in VERIFIERS} == {
        *PLATFORMS, "mcp", "calcom", "calendly", "gohighlevel", "google", "microsoft", "twilio",
    }  # fmt: skip
