"""What the effects model says of a statement, in the words of an observation, so that the two can be compared.

`Foretold.after(version, setup)` reads a setup into a schema; `.effect(statement)` asks the model, with no server at hand.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from migguard.catalog.apply import apply
from migguard.catalog.schema import Catalog, Key, Server
from migguard.catalog.start import empty
from migguard.catalog.together import together
from migguard.changes import Engine, Unknown
from migguard.effects.dispatch import effect_of_statement
from migguard.effects.model import Effect
from migguard.sql.read import read
from migguard.trace import Statement, Step
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


class Foretold:
    """A schema, and what the model says of statements on it."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog

    @classmethod
    def after(cls, version: int, setup: Iterable[str], timezone: str | None = "UTC") -> Foretold:
        """The schema that a setup makes on a server of that version. Every statement of it must be understood."""
        catalog = empty(Server(Engine.POSTGRESQL, (version,), timezone=timezone))
        for sql in setup:
            statement, catalog = run(catalog, sql)
            for step in statement.steps:
                if step.refusal is not None or isinstance(step.change, Unknown):
                    raise AssertionError(f"the setup is not understood: {sql!r}: {step.refusal or step.change}")
        return cls(catalog)

    def of(self, sql: str) -> Prediction:
        """What the model says of a statement."""
        statement, _ = run(self.catalog, sql)
        effect = effect_of_statement(statement)
        refusals = [s.refusal.message for s in statement.steps if s.refusal is not None]
        if effect.refused is not None:
            refusals.append(effect.refused)
        facts = Facts(
            locks=dict(sorted((name(lock.table), lock.mode.spelling) for lock in effect.locks if lock.mode)),
            rewrites=frozenset(name(k) for k in (*effect.rewrites, *effect.replaced)),
            scans=frozenset(name(k) for k in effect.scans),
            builds=frozenset((*effect.builds, *effect.rebuilds)),
            transaction_block=effect.transaction_block,
        )
        return Prediction(facts, refusals[0] if refusals else None, effect.known, statement.understood, effect)


def run(catalog: Catalog, sql: str) -> tuple[Statement, Catalog]:
    """A text read and applied, step by step, as the shadow database does it."""
    statement = Statement(sql, None, 1)
    for change in together(catalog, read(sql, Engine.POSTGRESQL)):
        made = apply(catalog, change)
        statement.steps.append(Step(statement, change, catalog, made.catalog, made.refusal, made.verified))
        catalog = made.catalog
    return statement, catalog


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
