"""Who of a group is asked first."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence

from slotline.domain.business import StaffMember
from slotline.domain.errors import ConfigError

NEVER = -1
"""Stands for the last booking of somebody who has had none."""

USUAL_WEIGHT = 100
CATCH_UP = 480.0
"""How far behind the one who is farthest ahead somebody counts at most, in minutes of work at the usual weight.

Otherwise a newcomer, or somebody back from holidays, would be given everything until they had caught up.
"""


def pick(
    rule: str,
    candidates: Sequence[StaffMember],
    *,
    positions: Mapping[str, float],
    last_booked: Mapping[str, float],
    seed: str,
) -> list[StaffMember]:
    """Everybody in the order in which they should be asked; ConfigError when the rule is not one of the three.

    priority      the highest number first; among equals whoever was booked longest ago
    weighted      whoever is farthest behind by position (see `position_after`); among equals a draw in which a double
                  weight comes first twice as often
    least_recent  whoever was booked longest ago, somebody never booked first of all

    `last_booked` is in epoch seconds by staff key; whoever is missing was never booked. What is then still equal is
    settled by a draw that depends on the seed and the keys alone: the same seed gives the same order.
    """

    def longest_ago(member: StaffMember) -> tuple[float, float]:
        return last_booked.get(member.key, NEVER), _draw(member, seed)

    def by_priority(member: StaffMember) -> tuple[float, ...]:
        return -member.priority, *longest_ago(member)

    def by_share(member: StaffMember) -> tuple[float, ...]:
        if member.weight <= 0:  # only when nobody else can
            return math.inf, _draw(member, seed)
        return _position(member, positions), _draw(member, seed) / member.weight

    rules: dict[str, Callable[[StaffMember], tuple[float, ...]]] = {
        "priority": by_priority,
        "weighted": by_share,
        "least_recent": longest_ago,
    }
    if rule not in rules:
        raise ConfigError(f"staff.pick: unknown rule {rule!r}; choose one of {', '.join(rules)}")
    return sorted(candidates, key=rules[rule])


def position_after(member: StaffMember, minutes: int, *, positions: Mapping[str, float]) -> float:
    """Where somebody stands after a booking: farther on by its length, and half as far with a double weight.

    `positions` are those of the whole group, by staff key. Who is always asked from the back keeps all in step, so that
    everybody works in proportion to their weight.
    """
    return _position(member, positions) + minutes * USUAL_WEIGHT / max(member.weight, 1)


def _position(member: StaffMember, positions: Mapping[str, float]) -> float:
    nearest = max(positions.values(), default=0.0) - CATCH_UP
    return max(positions.get(member.key, 0.0), nearest)


def _draw(member: StaffMember, seed: str) -> float:
    """An exponential variate. Divided by weights, the smallest of several falls on each in proportion to its weight."""
    digest = hashlib.sha256(f"{seed}\0{member.key}".encode()).digest()
    return -math.log((int.from_bytes(digest[:8]) + 1) / (1 << 64))
