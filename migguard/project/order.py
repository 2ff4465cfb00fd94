"""The order in which `alembic upgrade heads` runs revisions on an empty database.

Parents and dependencies come first, but that leaves room where branches run beside each other, and scripts may
hang on what Alembic does with it. So this walks as Alembic walks: from the heads down, along one branch until
another one still needs what would be next.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence

Edges = Mapping[str, Sequence[str]]


class Ancestors:
    """What lies above a revision, itself included, searched only as far as it is asked for."""

    def __init__(self, start: str, above: Edges, levels: Mapping[str, int]) -> None:
        self._above = above
        self._levels = levels
        self._seen = {start}
        self._waiting = [(-levels[start], start)]

    def __contains__(self, name: object) -> bool:
        if not isinstance(name, str):
            return False
        level = self._levels[name]
        while self._waiting and -self._waiting[0][0] > level:
            for up in self._above[heapq.heappop(self._waiting)[1]]:
                if up not in self._seen:
                    self._seen.add(up)
                    heapq.heappush(self._waiting, (-self._levels[up], up))
        return name in self._seen


def deployment_order(parents: Edges, dependencies: Edges) -> list[str]:
    """Every revision in order; what hangs on a loop comes last. `parents` has all of them, as files are read."""
    both = {name: tuple(dict.fromkeys((*ups, *dependencies.get(name, ())))) for name, ups in parents.items()}
    levels = leveled(both)
    below = {up for name in levels for up in both[name]}
    lower = {name: further(name, parents, dependencies) for name in levels}
    found = walked([name for name in parents if name in levels and name not in below], lower, both, levels)
    return [*reversed(found), *(name for name in parents if name not in levels)]


def leveled(above: Edges) -> dict[str, int]:
    """How far each revision is from the start, at most; none for what is on a loop or comes after one."""
    pending = {name: len(ups) for name, ups in above.items()}
    children: dict[str, list[str]] = {}
    for name, ups in above.items():
        for up in ups:
            children.setdefault(up, []).append(name)
    levels = {name: 0 for name, count in pending.items() if count == 0}
    ready = list(levels)
    for name in ready:  # it grows while it is walked
        for child in children.get(name, ()):
            pending[child] -= 1
            if pending[child] == 0:
                levels[child] = 1 + max(levels[up] for up in above[child])
                ready.append(child)
    return levels


def further(name: str, parents: Edges, dependencies: Edges) -> tuple[str, ...]:
    """Where the walk goes from a revision: to its parents, and the dependencies that no ancestor has as well."""
    own = dependencies.get(name, ())
    if not own:
        return tuple(parents[name])
    seen: set[str] = set()
    waiting = list(parents[name])
    while waiting:
        up = waiting.pop()
        if up not in seen:
            seen.add(up)
            waiting.extend(parents[up])
    shared = {d for up in seen for d in dependencies.get(up, ())}
    return tuple(dict.fromkeys((*parents[name], *(d for d in own if d not in shared))))


def walked(heads: Iterable[str], lower: Edges, above: Edges, levels: Mapping[str, int]) -> list[str]:
    """The revisions from the heads to the start."""
    current = list(heads)
    lines = [Ancestors(name, above, levels) for name in current]
    done: dict[str, None] = {}
    place = 0
    while current:
        candidate = current[place]
        other = next((n for n, line in enumerate(lines) if n != place and candidate in line), None)
        if other is not None:
            place = other
            continue
        done[candidate] = None
        more = [name for name in lower[candidate] if name not in done and name not in current]
        if not more:
            del current[place], lines[place]
            place = max(place - 1, 0)
            continue
        current[place], lines[place] = more[0], Ancestors(more[0], above, levels)
        current += more[1:]
        lines += [Ancestors(name, above, levels) for name in more[1:]]
    return list(done)
