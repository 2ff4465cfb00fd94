"""What this deployment has made true of all rows of a table before a step: by DELETE, UPDATE or a default."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import takewhile

from migguard.catalog.lookup import type_at
from migguard.catalog.naming import quote
from migguard.catalog.schema import Catalog, Column, ConstraintKind, ConstraintState, Table
from migguard.changes import (
    AddColumn,
    AlterColumnType,
    Condition,
    DataType,
    Delete,
    DropColumn,
    Engine,
    Expression,
    Insert,
    Merge,
    ModifyColumn,
    RenameColumn,
    Truncate,
    Unknown,
    Update,
)
from migguard.rules.facts.advice.probes import literals
from migguard.rules.facts.rows.every_row import every_row
from migguard.rules.facts.rows.implication import Rows, lets_in
from migguard.rules.facts.rows.nulls import is_of
from migguard.rules.facts.rows.restrictions import is_new, key_known, made_with, pairs, written_here
from migguard.rules.facts.schema.deployment_end import before_this
from migguard.rules.frame import StepContext
from migguard.sql.expressions import read_expression
from migguard.sql.idempotent import idempotent
from migguard.sql.orphans import Reference, takes_orphans
from migguard.trace import Certainty, Step

Writing = Delete | Insert | Merge | Truncate | Update


def writes_to(table: Table, ctx: StepContext) -> Iterator[tuple[Step, Writing]]:
    """The statements over rows of a table that ran before the step."""
    for step in before_this(ctx):
        done = step.change
        if isinstance(done, Writing) and step.refusal is None and is_of(done.table, table, step):
            yield step, done


def still(names: Iterable[str], step: Step, table: Table, now: Catalog, ctx: StepContext | None = None) -> bool:
    """Whether columns are called the same, and are of the same type, as when an earlier step ran.

    Those of a table that the history never made are where no statement in between is about them.
    """
    was = next((t for t in step.before.tables.values() if t.oid == table.oid), None)
    for name in names:
        before, after = was.column(name) if was is not None else None, table.column(name)
        if before is after is None and was is not None and not was.complete and not table.complete and ctx is not None:
            if any(alters(s, name, table) for s in since(step, ctx)):
                return False
            continue
        if before is None or after is None or before.oid != after.oid:
            return False
        if kind(before, step.before) != kind(after, now):
            return False
    return True


def since(step: Step, ctx: StepContext) -> Iterator[Step]:
    """The steps between an earlier one and this."""
    return takewhile(lambda s: s is not step, reversed(list(before_this(ctx))))


def alters(step: Step, column: str, table: Table) -> bool:
    """Whether a step makes, changes, renames or drops a column of that name."""
    done = step.change
    if not isinstance(done, AlterColumnType | ModifyColumn | RenameColumn | AddColumn | DropColumn):
        return isinstance(done, Unknown)
    named = {done.column.name} if isinstance(done, AddColumn) else {done.column}
    if isinstance(done, RenameColumn):
        named.add(done.new)
    if isinstance(done, ModifyColumn):
        named.add(done.definition.name)
    return column in named and is_of(done.table, table, step)


def kind(column: Column, catalog: Catalog) -> DataType | int | None:
    """What tells a column's type: of one that has a name of its own, under whatever name, its identity."""
    made = type_at(catalog, column.type) if column.type is not None and not column.type.dimensions else None
    return made.oid if made is not None else column.type


def columns_in(expression: Expression) -> set[str]:
    """The columns that an expression names."""
    return {r.name for r in expression.references if r.kind == "column"}


def sure(step: Step, done: Delete | Update) -> bool:
    """Whether a statement certainly reaches all rows that its WHERE is true of."""
    return step.statement.certainty is Certainty.RAN and not done.limited and alone(done)


def alone(done: Delete | Update) -> bool:
    """Whether a statement reads no other rows than those of its table."""
    return len(done.rows_of.sources) == 1 if done.rows_of is not None else not done.others


def true_of_rows(
    olds: Iterable[Expression], table: Table, ctx: StepContext, came: Iterable[Expression] = ()
) -> list[Expression]:
    """Checks that no row violates, after what the deployment wrote: of the older ones, and of its own statements.

    `came` is true of the rows that no statement has written since, and nothing sees to it in new ones. A DELETE leaves
    no row of which its WHERE is true, an UPDATE such rows with its constants only.
    """
    engine = ctx.before.server.engine
    old, made = list(olds), list(came)
    for step, done in writes_to(table, ctx):
        match done:
            case Delete():
                if (
                    done.where is not None
                    and sure(step, done)
                    and still(columns_in(done.where), step, table, ctx.before, ctx)
                ):
                    made.append(read_expression(f"NOT ({done.where.text})", engine))
            case Update():
                set_to = dict(done.assignments)
                parts = [written(c, v, engine) for c, v in set_to.items()]
                after = " AND ".join(p for p in parts if p is not None)
                constants = [c for (c, _), p in zip(set_to.items(), parts, strict=True) if p is not None]
                whole = after if after and still(constants, step, table, ctx.before, ctx) else None
                old, made = ([*either(some, set_to, whole, engine)] for some in (old, made))
                names = set_to.keys() | (columns_in(done.where) if done.where is not None else set())
                if not after or not sure(step, done) or not still(names, step, table, ctx.before, ctx):
                    continue
                spared = "" if every_row(done.where, table) or done.where is None else f"NOT ({done.where.text}) OR "
                made.append(read_expression(f"{spared}({after})", engine))
            case Insert() | Merge():
                made = []
            case Truncate():
                pass
    return [*old, *made]


def none_left(column: str, values: Iterable[str], table: Table, ctx: StepContext) -> bool:
    """Whether what the deployment wrote leaves no row with one of the values in a column."""
    engine = ctx.before.server.engine
    wanted = read_expression(f"{quote(column, engine)} NOT IN ({literals(values)})", engine)
    return lets_in(true_of_rows((), table, ctx), wanted, Rows(), engine)


def either(
    checks: Iterable[Expression], names: Iterable[str], after: str | None, engine: Engine
) -> Iterator[Expression]:
    """The checks as an UPDATE of these columns leaves them: rows may be as it writes them instead."""
    touched = set(names)
    for one in checks:
        if not columns_in(one) & touched:
            yield one
        elif after is not None:
            yield read_expression(f"({one.text}) OR ({after})", engine)


def written(column: str, value: Expression, engine: Engine) -> str | None:
    """What an assignment makes true of a row; None where the value is no constant and changes when made again."""
    name = quote(column, engine)
    if value.is_null:
        return f"{name} IS NULL"
    if value.constant is not None:
        return f"{name} = {value.text}"
    return f"{value.text} = {name}" if idempotent(value.text, column, engine) else None


def by_default(table: Table, ctx: StepContext) -> Iterator[Condition]:
    """What the constant defaults of new columns say of every row, where nothing has been written into them."""
    for column in table.columns:
        made = made_with(column, ctx) if is_new(column, ctx) else None
        constant = made.constant if made is not None else None
        if constant is not None and is_new(column, ctx) and not written_here(column.name, table, ctx):
            yield Condition(column.name, "=", constant)


def extended(key: ConstraintState, olds: Iterable[ConstraintState], table: Table, ctx: StepContext) -> bool:
    """Whether a foreign key is an older one with more columns, which one default makes equal in both tables."""
    parent = ctx.before.tables.get(key.references) if key.references is not None else None
    if parent is None:
        return False
    mine, theirs = ({c.column: c.value for c in by_default(t, ctx)} for t in (table, parent))
    same = {(a, b) for a, b in pairs(key) if a in mine and b in theirs and mine[a] == theirs[b]}
    return any(
        old.kind is ConstraintKind.FOREIGN
        and old.references == key.references
        and bool(pairs(old))
        and pairs(old) < pairs(key)
        and pairs(key) - pairs(old) <= same
        for old in olds
    )


def leads_somewhere(key: ConstraintState, olds: Iterable[ConstraintState], table: Table, ctx: StepContext) -> bool:
    """Whether every reference in the rows is one of an older foreign key, or the others were taken out."""
    found = list(olds)
    return key_known(key, found, rows=True) or extended(key, found, table, ctx) or orphans_taken(key, table, ctx)


def orphans_taken(key: ConstraintState, table: Table, ctx: StepContext) -> bool:
    """Whether a DELETE, or an UPDATE to NULL, of this deployment took all rows that refer to nothing."""
    parent = ctx.before.tables.get(key.references) if key.references is not None else None
    if parent is None or len(key.columns) != len(key.references_columns):
        return False
    taken = False
    for step in before_this(ctx):
        done = step.change
        if not isinstance(done, Writing) or step.refusal is not None:
            continue
        if is_of(done.table, parent, step) and not isinstance(done, Insert):
            taken = (
                taken
                and isinstance(done, Update)
                and not {c for c, _ in done.assignments} & set(key.references_columns)
            )
        if not is_of(done.table, table, step):
            continue
        match done:
            case Delete() | Update():
                touched = dict(done.assignments) if isinstance(done, Update) else {}
                mine = {c: v for c, v in touched.items() if c in key.columns}
                nulls = bool(mine) and all(v.is_null for v in mine.values())
                whole = nulls and ((key.match or "").upper() != "FULL" or set(mine) == set(key.columns))
                if (isinstance(done, Delete) or whole) and sure(step, done) and done.where is not None:
                    taken = taken or reaches(done.where, key, table, parent, step, ctx.before)
                elif mine:
                    taken = taken and whole
            case Insert() | Merge():
                taken = False
            case Truncate():
                pass
    return taken


def reaches(where: Expression, key: ConstraintState, table: Table, parent: Table, step: Step, now: Catalog) -> bool:
    """Whether a WHERE is true of every row that refers to nothing."""
    if not still(key.columns, step, table, now) or not still(key.references_columns, step, parent, now):
        return False
    certain = [{c.name for c in t.columns if not c.nullable and c.not_null_valid} for t in (table, parent)]
    there = Reference(
        tuple(zip(key.columns, key.references_columns, strict=True)),
        table.key[1],
        parent.key[1],
        frozenset(c.name for c in parent.columns),
        frozenset(certain[0]),
        frozenset(certain[1]),
    )
    return takes_orphans(where.text, there, step.before.server.engine)
