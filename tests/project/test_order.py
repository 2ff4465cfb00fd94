"""Revisions are replayed in the order in which Alembic runs them."""

from __future__ import annotations

import random

import pytest
from alembic.script.revision import Revision, RevisionMap

from migguard.project.order import deployment_order


def drawn(seed: int) -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    """A graph with branches, merges and a dependency here and there, its files in no order."""
    dice = random.Random(seed)
    parents: dict[str, tuple[str, ...]] = {}
    dependencies: dict[str, tuple[str, ...]] = {}
    for number in range(dice.randint(1, 30)):
        name = f"{dice.getrandbits(48):012x}"
        known = list(parents)
        fan = dice.choices((0, 1, 2, 3), (1, 12, 3, 1))[0] if number else 0
        parents[name] = tuple(dice.sample(known[-6:], min(fan, len(known[-6:]))))
        others = [k for k in known if k not in parents[name]]
        if others and dice.random() < 0.1:
            dependencies[name] = (dice.choice(others),)
    names = list(parents)
    dice.shuffle(names)
    return {name: parents[name] for name in names}, dependencies


def alembics(parents: dict[str, tuple[str, ...]], dependencies: dict[str, tuple[str, ...]]) -> list[str]:
    """The order in which `alembic upgrade heads` runs them."""
    map_ = RevisionMap(lambda: [Revision(n, p, dependencies=dependencies.get(n)) for n, p in parents.items()])
    return [r.revision for r in map_.iterate_revisions("heads", "base")][::-1]


@pytest.mark.parametrize("seed", range(300))
def test_the_order_is_alembics(seed: int) -> None:
    parents, dependencies = drawn(seed)
    assert deployment_order(parents, dependencies) == alembics(parents, dependencies)


def test_what_hangs_on_a_loop_comes_last() -> None:
    parents = {"e": ("d",), "a": (), "c": ("d",), "d": ("c",), "b": ("a",)}
    assert deployment_order(parents, {}) == ["a", "b", "e", "c", "d"]


def test_a_long_history_of_merges_is_sorted_at_once() -> None:
    parents: dict[str, tuple[str, ...]] = {"m0": ()}
    for number in range(1, 20_000):
        start, left, right = f"m{number - 1}", f"a{number}", f"b{number}"
        parents |= {left: (start,), right: (start,), f"m{number}": (right, left)}
    order = deployment_order(parents, {})
    assert order[:4] == ["m0", "a1", "b1", "m1"]
    assert len(order) == len(parents)
