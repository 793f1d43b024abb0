"""A rule of the product broken on purpose. A check that no mutant can trip is no check.

Each mutant replaces a few functions of the product while a test runs; nothing of it is in the product.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from slotline.use_cases import answers
from tests.patches import Patches, applied
from tests.simulation.scenes import SCENES
from tests.simulation.trial import Trial


@dataclass(frozen=True, slots=True)
class Mutant:
    """One broken rule. `kinds`: o, a, b or a mix; `late`: longest late execution in seconds, 0 for less than Q.

    `scene` names the directed story in which the rule decides, where random ones meet it too rarely.
    """

    name: str
    rule: str
    patches: Callable[[], Patches]
    kinds: str = "a"
    late: float = 0.0
    scene: str | None = None

    def trial(self, seed: int) -> Trial:
        """A run in which it can be found out."""
        if self.scene is not None:
            return Trial(seed, flow=self.scene, late=SCENES[self.scene].late)
        return Trial(seed, self.kinds, self.late)

    def applied(self) -> AbstractContextManager[None]:
        """While this lasts, the product has the fault."""
        return applied(self.patches())


class Register(Protocol):
    """Names a function that gives the patches of a mutant."""

    def __call__(
        self, name: str, rule: str, *, kinds: str = "a", late: float = 0.0, scene: str | None = None
    ) -> Callable[[Callable[[], Patches]], None]: ...


def registrar(into: dict[str, Mutant]) -> Register:
    """A decorator that files what it decorates."""

    def mutant(
        name: str, rule: str, *, kinds: str = "a", late: float = 0.0, scene: str | None = None
    ) -> Callable[[Callable[[], Patches]], None]:
        def add(patches: Callable[[], Patches]) -> None:
            into[name] = Mutant(name, rule, patches, kinds, late, scene)

        return add

    return mutant


def everywhere(name: str, value: object) -> Patches:
    """Patch a function of answers in every module that took it in by name."""
    real = vars(answers)[name]
    users = [module for at, module in sys.modules.items() if at.startswith("slotline.use_cases.")]
    return [(module, name, value) for module in users if vars(module).get(name) is real]
