"""What the effects model says of a statement, in the words of an observation, so that the two can be compared.

`Foretold(version, setup).of(statement)` asks the model, with no server at hand.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from migguard.catalog.schema import Key, Server
from migguard.catalog.start import empty
from migguard.changes import Delete, Engine, Insert, Merge, Opaque, Select, Unknown, Update
from migguard.effects.dispatch import effect_of_statement
from migguard.effects.model import Effect, LockMode
from migguard.shadow.database import Database
from migguard.trace import Statement
from tests.live.observe import Observation, spelled


@dataclass(frozen=True, slots=True)
class Facts:
    """What an observation and a prediction have in common. Names are spelled as an observation spells them.

    `builds` are the indexes made or made again under their name or by REINDEX, without schema: an index of a
    partitioned table counts once, by its own name.
    """

    locks: dict[str, str]
    rewrites: frozenset[str] = frozenset()
    scans: frozenset[str] = frozenset()
    builds: frozenset[str] = frozenset()
    transaction_block: bool = True


@dataclass(frozen=True, slots=True)
class Prediction:
    """What the model says. `refusal` is the server's expected refusal; `known` is false where it does not know."""

    facts: Facts
    refusal: str | None
    known: bool
    understood: bool
    over_rows: bool
    effect: Effect


@dataclass(slots=True)
class Listener:
    """Keeps the statements that a shadow database runs."""

    statements: list[Statement] = field(default_factory=list)

    def origin(self) -> None:
        return None

    def record(self, statement: Statement) -> None:
        self.statements.append(statement)

    def guessed(self, sql: str, origin: object) -> None:
        pass

    def ended(self, *, committed: bool) -> None:
        pass


class Foretold:
    """A shadow database after a setup, and what the model says of statements on it."""

    def __init__(
        self, version: int, setup: Iterable[str], timezone: str | None = "UTC", *, strict: bool = True
    ) -> None:
        server = Server(Engine.POSTGRESQL, (version,), timezone=timezone)
        self.listener = Listener()
        self.database = Database(server, empty(server), self.listener)
        for sql in setup:
            self.run(sql)
        for statement in self.listener.statements if strict else ():
            for step in statement.steps:
                if step.refusal is not None or isinstance(step.change, Unknown):
                    raise AssertionError(f"the setup is not understood: {statement.sql!r}: {step.refusal}")

    def run(self, sql: str) -> list[Statement]:
        """The statements of a text, run: what comes after sees them."""
        already = len(self.listener.statements)
        self.database.execute(sql)
        return self.listener.statements[already:]

    def of(self, sql: str, session: Iterable[str] = ()) -> Prediction:
        """What the model says of a statement on the tables of the setup, which stay as they are."""
        state = self.database.fork()
        for setting in session:
            self.run(setting)
        [statement] = self.run(sql)
        self.database.restore(state)
        return prediction(statement)


def prediction(statement: Statement) -> Prediction:
    """What the model says of a statement that a shadow database ran."""
    effect = effect_of_statement(statement)
    refusals = [s.refusal.message for s in statement.steps if s.refusal is not None]
    if effect.refused is not None:
        refusals.append(effect.refused)
    said = Facts(
        locks=dict(sorted((name(lock.table), lock.mode.spelling) for lock in effect.locks if lock.mode)),
        rewrites=frozenset(name(k) for k in (*effect.rewrites, *effect.replaced)),
        scans=frozenset(name(k) for k in effect.scans),
        builds=frozenset((*effect.builds, *effect.rebuilds)),
        transaction_block=effect.transaction_block,
    )
    over_rows = all(isinstance(s.change, ROWS) for s in statement.steps)
    return Prediction(said, refusals[0] if refusals else None, effect.known, statement.understood, over_rows, effect)


def name(key: Key) -> str:
    """A relation's name as observations write it."""
    return spelled(*key)


def facts(observation: Observation) -> Facts:
    """What an observation says of what the model speaks of."""
    built = observation.builds | observation.recreated_indexes | observation.rebuilt_indexes
    return Facts(
        locks=dict(observation.locks),
        rewrites=observation.rewrites,
        scans=observation.scans,
        builds=frozenset(index.rpartition(".")[2] for index in built),
        transaction_block=observation.transaction_block,
    )


ROWS = (Select, Insert, Update, Delete, Merge, Opaque)
"""Changes of which it depends on the rows what is locked, and on the planner what is read."""


def disagreements(prediction: Prediction, observation: Observation, unseen: tuple[str, ...] = ()) -> list[str]:
    """In which facts prediction and observation differ, in words.

    They must be the same, but for three things. A statement over rows may touch fewer partitions and read less than
    foretold: rows and planner decide. What the model says not to know it need not tell. And the locks of `unseen`
    tables are not told by a schema; these are not allowed to block reads or writes.
    """
    if not prediction.known:
        return []
    said, seen = prediction.facts, facts(observation)
    found = [
        f"{name} is locked in {seen.locks[name]}, which was taken for nothing"
        for name in unseen
        if LockMode[seen.locks[name].replace(" ", "_")].blocks_writes
    ]
    for name in sorted({*said.locks, *seen.locks} - {*unseen}):
        foretold, held = said.locks.get(name), seen.locks.get(name)
        if foretold != held and not (prediction.over_rows and held is None):
            found.append(f"lock on {name}: foretold {foretold}, seen {held}")
    for what in ("rewrites", "scans", "builds"):
        told, shown = getattr(said, what), getattr(seen, what)
        if shown - told or (told - shown and not prediction.over_rows):
            found.append(f"{what}: foretold {sorted(told)}, seen {sorted(shown)}")
    if said.transaction_block != seen.transaction_block:
        found.append(f"runs in a transaction block: foretold {said.transaction_block}, seen {seen.transaction_block}")
    return found
