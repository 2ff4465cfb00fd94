"""What the servers showed for our statements, kept beside them, so that a test needs no server to know it.

`python -m tests.live.recorded` runs every statement on every server and writes `postgresql_observed.json`; with words
behind it, only what is not in the file yet, and statements with one of these words.
`recorded(version)` reads it back, and the live tests hold it against what the servers show today.

In the file, a key such as `15-18` stands for all the versions from the one to the other that were observed.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from tests.live.observe import Bench, Observation
from tests.live.servers import VERSIONS, running
from tests.live.statement import Statement
from tests.live.statements import SESSION, STATEMENTS, setup_for, statements_for

FILE = Path(__file__).with_name("postgresql_observed.json")

Value = TypeVar("Value")


def for_version(by_version: Mapping[str, Value], version: int) -> Value:
    """The value whose key, such as `15` or `15-18`, holds the version."""
    for key, value in by_version.items():
        first, _, last = key.partition("-")
        if int(first) <= version <= int(last or first):
            return value
    raise KeyError(f"nothing was observed on version {version}")


@cache
def recorded(version: int) -> Mapping[str, Observation]:
    """What each statement for that major version was seen to do, by its name."""
    statements = json.loads(FILE.read_text())["statements"]
    names = [s.name for s in statements_for(version) if s.name in statements]
    return {name: from_json(for_version(statements[name], version)) for name in names}


def to_json(observation: Observation) -> dict[str, Any]:
    """What was seen; what was not is left out."""
    values: dict[str, Any] = {
        "locks": dict(observation.locks),
        "rewrites": sorted(observation.rewrites),
        "rebuilt_indexes": sorted(observation.rebuilt_indexes),
        "recreated_indexes": sorted(observation.recreated_indexes),
        "builds": sorted(observation.builds),
        "scans": sorted(observation.scans),
        "messages": sorted(observation.messages),
        "error": observation.error,
    }
    seen = {name: value for name, value in values.items() if value}
    return seen if observation.transaction_block else {**seen, "transaction_block": False}


def from_json(values: Mapping[str, Any]) -> Observation:
    """The observation that `to_json` wrote."""
    return Observation(
        locks=values.get("locks", {}),
        rewrites=frozenset(values.get("rewrites", ())),
        rebuilt_indexes=frozenset(values.get("rebuilt_indexes", ())),
        recreated_indexes=frozenset(values.get("recreated_indexes", ())),
        builds=frozenset(values.get("builds", ())),
        scans=frozenset(values.get("scans", ())),
        messages=frozenset(values.get("messages", ())),
        transaction_block=values.get("transaction_block", True),
        error=values.get("error"),
    )


def observe_some(version: int, statements: Iterable[Statement]) -> dict[str, Observation]:
    """What statements do on a server of that major version, started for it."""
    with running(version) as server:
        bench = Bench(server, setup_for(version), SESSION)
        return {statement.name: bench.observe(statement.sql, statement.session) for statement in statements}


def grouped(by_version: Mapping[int, Any]) -> dict[str, Any]:
    """Neighbouring versions with the same value, under one key."""
    runs: list[tuple[int, int, Any]] = []
    for version, value in sorted(by_version.items()):
        if runs and runs[-1][2] == value:
            runs[-1] = (runs[-1][0], version, value)
        else:
            runs.append((version, version, value))
    return {str(first) if first == last else f"{first}-{last}": value for first, last, value in runs}


def main(words: list[str]) -> None:
    """Observe all statements, or those that are new or contain one of the words."""
    had = json.loads(FILE.read_text())["statements"] if words else {}
    observed: dict[int, dict[str, dict[str, Any]]] = {}
    for version in VERSIONS:
        known = {s.name: to_json(recorded(version)[s.name]) for s in statements_for(version) if s.name in had}
        wanted = [s for s in statements_for(version) if s.name not in known or any(word in s.name for word in words)]
        seen = observe_some(version, wanted) if wanted else {}
        observed[version] = {**known, **{name: to_json(one) for name, one in seen.items()}}
    statements = {
        statement.name: grouped({v: seen[statement.name] for v, seen in observed.items() if statement.since <= v})
        for statement in STATEMENTS
    }
    about = "What each statement did on PostgreSQL " + ", ".join(map(str, VERSIONS))
    lines = [f"  {json.dumps(name)}: {json.dumps(seen)}" for name, seen in statements.items()]
    body = ",\n".join(lines)
    FILE.write_text(f'{{"about": {json.dumps(about)}, "statements": {{\n{body}\n}}}}\n')


if __name__ == "__main__":
    main(sys.argv[1:])
