"""What the effects model says of a statement, in the words of an observation, so that the two can be compared.

`Foretold(version, setup).of(statement)` asks the model, with no server at hand.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from migguard.catalog.schema import Key, Server
from migguard.catalog.start import empty
from migguard.changes import Engine, Unknown
from migguard.effects.dispatch import effect_of_statement
from migguard.effects.model import Effect
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

    def __init__(self, version: int, setup: Iterable[str], timezone: str | None = "UTC") -> None:
        server = Server(Engine.POSTGRESQL, (version,), timezone=timezone)
        self.listener = Listener()
        self.database = Database(server, empty(server), self.listener)
        for sql in setup:
            self.run(sql)
        for statement in self.listener.statements:
            for step in statement.steps:
                if step.refusal is not None or isinstance(step.change, Unknown):
                    raise AssertionError(f"the setup is not understood: {statement.sql!r}: {step.refusal}")

    def run(self, sql: str) -> list[Statement]:
        """The statements of a text, run: what comes after sees them."""
        already = len(self.listener.statements)
        self.database.execute(sql)
        return self.listener.statements[already:]

    def of(self, sql: str) -> Prediction:
        """What the model says of a statement on the tables of the setup, which stay as they are."""
        state = self.database.fork()
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
    return Prediction(said, refusals[0] if refusals else None, effect.known, statement.understood, effect)


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
