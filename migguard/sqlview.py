"""What each revision runs, statement by statement, with its lock: the value behind `migguard sql`."""

from __future__ import annotations

from collections.abc import Iterator

from migguard.catalog.schema import Catalog, Key
from migguard.effects.dispatch import effect_of_statement
from migguard.records import dataclass
from migguard.trace import Certainty, Deployment, RevisionTrace, Statement


@dataclass(frozen=True, slots=True)
class StatementView:
    """One statement as it will run. Tables are named as their users write them; `locks` are (table, mode)."""

    revision: str
    direction: str
    path: str | None
    line: int | None
    sql: str
    transaction: int
    understood: bool
    locks: tuple[tuple[str, str], ...]
    blocks: str
    rewrites: tuple[str, ...]
    scans: tuple[str, ...]
    builds: tuple[str, ...]
    algorithm: str | None
    lock: str | None
    autocommit: bool = False
    known: bool = True


def views(deployment: Deployment, *, downgrade: bool = False) -> Iterator[StatementView]:
    """The statements of the checked revisions in the order they run."""
    numbers: dict[int, int] = {}
    traces: list[RevisionTrace] = (
        [t for r in reversed(deployment.upgrades) if (t := deployment.downgrades.get(r.revision)) is not None]
        if downgrade
        else list(deployment.upgrades)
    )
    for trace in traces:
        for statement in trace.statements:
            if statement.certainty is Certainty.RAN:
                number = numbers.setdefault(statement.transaction, len(numbers) + 1)
                yield view(trace, statement, number)


def view(trace: RevisionTrace, statement: Statement, transaction: int) -> StatementView:
    """One statement with what it costs."""
    effect = effect_of_statement(statement)
    before = statement.steps[0].before if statement.steps else trace.before
    origin = statement.origin
    modes = (
        (shown(lock.table, before), lock.mode.spelling if lock.mode else lock.blocks.value) for lock in effect.locks
    )
    return StatementView(
        revision=trace.revision,
        direction=trace.direction.value,
        path=str(origin.path) if origin else None,
        line=origin.line if origin else None,
        sql=statement.sql.strip(),
        transaction=transaction,
        understood=statement.understood,
        locks=tuple(modes),
        blocks=effect.blocks.value,
        rewrites=tuple(shown(k, before) for k in (*effect.rewrites, *effect.replaced)),
        scans=tuple(shown(k, before) for k in effect.scans),
        builds=effect.builds,
        algorithm=effect.algorithm,
        lock=effect.lock,
        autocommit=statement.autocommit,
        known=effect.known,
    )


def shown(key: Key, catalog: Catalog) -> str:
    """A relation's name, with the schema only where the search path does not find it."""
    return key[1] if key[0] in (catalog.default_schema, *catalog.search_path) else f"{key[0]}.{key[1]}"
