"""What stands in the new columns of an existing table when a step runs: what they were made with, and UPDATEs since."""

from __future__ import annotations

from collections.abc import Sequence

from migguard.catalog.copying import replace
from migguard.catalog.schema import Column, Table
from migguard.changes import Expression, Insert, Merge, Update
from migguard.records import dataclass
from migguard.rules.facts.rows.every_row import every_row
from migguard.rules.facts.rows.left_as_made import passes_as_made
from migguard.rules.facts.rows.mended_rows import columns_in, sure, writes_to
from migguard.rules.facts.rows.restrictions import is_new, made_with
from migguard.rules.facts.scripts.filling_loops import filled_in_a_loop
from migguard.rules.frame import StepContext
from migguard.trace import Step

MOST = 64
"""How many kinds of rows are told apart."""

NULL = Expression("NULL", is_null=True)

Values = dict[int, Expression]
"""By the column's identity, what it holds."""


def same_in_all(column: Column, table: Table, ctx: StepContext) -> Expression | None:
    """The constant that a new column holds in every row that was there; None where it is NULL, or not known."""
    found = {w.values[column.oid].text: w.values[column.oid] for w in kinds_of_rows([column], table, ctx) or ()}
    only = next(iter(found.values())) if len(found) == 1 else None
    return only if only is not None and only.constant is not None else None


@dataclass(frozen=True, slots=True)
class Kind:
    """Rows treated alike so far: what they hold, and which conditions choose them, with the columns of these."""

    values: Values
    chosen: dict[str, tuple[bool, frozenset[str]]]


def kinds_of_rows(columns: Sequence[Column], table: Table, ctx: StepContext) -> list[Kind] | None:
    """What the rows that were there can hold in new columns together; None where some value is no constant."""
    start: Values = {}
    for column in columns:
        made = made_with(column, ctx)
        if not column.oid or not is_new(column, ctx) or column.generated is not None or column.identity is not None:
            return None
        if not (made is None or made.is_null or made.constant is not None) or filled_in_a_loop(column.name, ctx):
            return None
        start[column.oid] = made if made is not None else NULL
    kinds = [Kind(start, {})]
    for step, done in writes_to(table, ctx):
        if isinstance(done, Insert | Merge):
            return None
        if isinstance(done, Update):
            kinds = [after for one in kinds for after in updated(one, done, step, table)]
            known = all(v.is_null or v.constant is not None for k in kinds for v in k.values.values())
            if len(kinds) > MOST or not known:
                return None
    return kinds


def updated(one: Kind, done: Update, step: Step, table: Table) -> list[Kind]:
    """The kinds that an UPDATE makes of one: rows that its WHERE chooses, and those that it leaves."""
    was = next((t for t in step.before.tables.values() if t.oid == table.oid), table)
    named = {c.name: c.oid for c in was.columns}
    touched = {c for c, _ in done.assignments}
    wrote = {named[c]: v for c, v in done.assignments if named.get(c) in one.values}
    kept = {text: known for text, known in one.chosen.items() if not known[1] & touched}
    if not wrote:
        return [Kind(one.values, kept)]
    where, certain = done.where, sure(step, done)
    if certain and (where is None or every_row(where, was)):
        return [Kind({**one.values, **wrote}, kept)]
    asks = frozenset(columns_in(where)) if where is not None else frozenset()
    plain = certain and where is not None and where.readable and not where.functions and not where.subquery
    key = " ".join(where.text.split()) if where is not None else ""
    both = [one.chosen[key][0]] if plain and key in one.chosen else [True, False]
    more = [{key: (hit, asks)} if plain and not asks & touched else {} for hit in both]
    return [
        Kind({**one.values, **wrote} if hit else one.values, {**kept, **m}) for hit, m in zip(both, more, strict=True)
    ]


def satisfied(check: Expression, columns: Sequence[Column], table: Table, ctx: StepContext) -> bool:
    """Whether what the deployment put into new columns passes a check over them alone."""
    kinds = kinds_of_rows(columns, table, ctx)
    engine = ctx.before.server.engine
    return kinds is not None and all(
        passes_as_made(check, [as_held(c, kind) for c in columns], engine) is True for kind in kinds
    )


def as_held(column: Column, kind: Kind) -> Column:
    """The column with what the rows hold as its default."""
    value = kind.values[column.oid]
    return replace(column, default=None if value.is_null else value)
