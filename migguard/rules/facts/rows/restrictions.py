"""What a step newly forbids to the rows of an existing table, and what an older restriction forbade already."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from migguard.catalog.copying import replace
from migguard.catalog.lookup import table_key
from migguard.catalog.rename import in_constraint, in_index
from migguard.catalog.schema import Catalog, Column, ConstraintKind, ConstraintState, Index, Table
from migguard.changes import (
    AddColumn,
    Condition,
    DropColumn,
    Engine,
    Expression,
    ForeignKeyAction,
    IndexElement,
    Name,
    Update,
)
from migguard.rules.facts.rows.implication import Rows, lets_in, selects_within
from migguard.rules.facts.schema.deployment_end import before_this, released
from migguard.rules.facts.schema.introduced import Indexing, at_end, same_one, table_after, table_before
from migguard.rules.frame import StepContext
from migguard.trace import Step

NOTHING_ELSE = (ForeignKeyAction.NO_ACTION, ForeignKeyAction.RESTRICT)


def changed_table(change: Indexing | DropColumn, ctx: StepContext) -> tuple[Table, Table] | None:
    """The table before and after the step, if it was there before the deployment; a batch copy is its table."""
    after = table_after(change, ctx)
    before = table_before(after, ctx) if after is not None else None
    if after is None or before is None or not ctx.deployment.existing(before.oid):
        return None
    return before, after


def new_unique(change: Indexing | DropColumn, ctx: StepContext) -> Iterator[tuple[Table, Index]]:
    """The unique indexes that forbid what no older one did, each with its table before the step."""
    found = changed_table(change, ctx)
    for index in found[1].indexes if found is not None else ():
        assert found is not None
        before, after = found
        there = same_one(index, before.indexes, after, before)
        if not index.unique or index.parent is not None or not index.elements:
            continue
        if there is not None and there.unique and keys(there.elements) == keys(index.elements):
            continue
        older = [*former(before, after, ctx).indexes, *(i for i in before.indexes if i is not there)]
        if not any(as_strict(old, index, before, ctx.before.server.engine) for old in older):
            yield after, index


def new_constraints(change: Indexing, ctx: StepContext) -> Iterator[tuple[Table, Table, ConstraintState]]:
    """The checks, foreign keys and exclusions that the step makes, with their table before and after it."""
    found = changed_table(change, ctx)
    for constraint in found[1].constraints if found is not None else ():
        assert found is not None
        before, after = found
        if constraint.kind in (ConstraintKind.PRIMARY, ConstraintKind.UNIQUE) or constraint.inherited:
            continue
        if constraint.enforced and same_one(constraint, before.constraints, after, before) is None:
            yield before, after, constraint


def former(before: Table, now: Table, ctx: StepContext) -> Table:
    """The table as it was before the deployment, its columns called as they are now, and so the tables it refers to."""
    old = released(before, ctx) or before
    engine = ctx.before.server.engine
    constraints = [c for one in old.constraints if (c := followed(one, ctx)) is not None]
    indexes = list(old.indexes)
    for column in old.columns:
        today = next((c for c in (*now.columns, *before.columns) if c.oid == column.oid != 0), None)
        if today is None:
            if any(c.name == column.name and c.oid for c in before.columns) and column.oid:  # another one by now
                constraints = [c for c in constraints if column.name not in c.columns]
                indexes = [i for i in indexes if column.name not in (*i.columns, *mentioned(i))]
        elif today.name != column.name:
            constraints = [in_constraint(c, column.name, today.name, engine) for c in constraints]
            indexes = [in_index(i, column.name, today.name, engine) for i in indexes]
    return replace(old, columns=before.columns, constraints=tuple(constraints), indexes=tuple(indexes))


def followed(constraint: ConstraintState, ctx: StepContext) -> ConstraintState | None:
    """A constraint of the released schema with today's name of what it refers to; None where that is gone."""
    was = ctx.deployment.released.tables.get(constraint.references) if constraint.references is not None else None
    if was is None or not was.oid:
        return constraint
    now = next((t for t in ctx.before.tables.values() if t.oid == was.oid), None)
    if now is None:
        return None
    today = {c.oid: c.name for c in now.columns if c.oid}
    columns = [(name, was.column(name)) for name in constraint.references_columns]
    if any(c is not None and c.oid and c.oid not in today for _, c in columns):
        return None
    names = tuple(today.get(c.oid, name) if c is not None else name for name, c in columns)
    return replace(constraint, references=now.key, references_columns=names)


def mentioned(index: Index) -> set[str]:
    """The columns in the expressions of an index."""
    texts = [*(e.expression for e in index.elements), index.where]
    return {r.name for text in texts if text is not None for r in text.references if r.kind == "column"}


def kept(constraint: ConstraintState | Index, table: Table, ctx: StepContext) -> bool:
    """Whether the deployment leaves a constraint or index of the table in force."""
    end = at_end(table, ctx)
    if end is None:
        return False
    if isinstance(constraint, Index):
        left = same_one(constraint, end.indexes, table, end)
        return left is not None and left.unique
    return same_one(constraint, end.constraints, table, end) is not None


# --- columns ------------------------------------------------------------------------------------------------------


def is_new(column: Column | None, ctx: StepContext) -> bool:
    """Whether a column came with this deployment."""
    return column is not None and not ctx.deployment.existing(column.oid)


def made_with(column: Column, ctx: StepContext) -> Expression | None:
    """The default that filled a new column of the rows that were there; one set or dropped later changes none of them.

    For any other column, its default.
    """
    added = added_by(column, ctx)
    return added[1].default if added is not None else column.default


def added_by(column: Column, ctx: StepContext) -> tuple[Step, Column] | None:
    """The step of this deployment, up to this one, that adds a column to a table that is there; and the column then."""
    for step in (*before_this(ctx), ctx.step) if column.oid and is_new(column, ctx) else ():
        if isinstance(step.change, AddColumn) and step.refusal is None:
            table = table_named(step.after, step.change.table)
            first = next((c for c in table.columns if c.oid == column.oid), None) if table is not None else None
            if first is not None:
                return step, first
    return None


def left_null(column: Column, ctx: StepContext) -> bool:
    """Whether the rows that were there got nothing when a new column was added."""
    return made_with(column, ctx) is None and column.generated is None and column.identity is None


def all_new(names: Iterable[str], table: Table, ctx: StepContext) -> bool:
    """Whether all of these columns came with this deployment: no old code writes them."""
    listed = list(names)
    return bool(listed) and all(is_new(table.column(n), ctx) for n in listed)


def left_out(index: Index, table: Table, ctx: StepContext) -> Iterator[str]:
    """The new columns by whose NULL or constant default a partial index leaves out all rows that are there."""
    where = index.where
    for column in table.columns if where is not None else ():
        if where is None or not is_new(column, ctx) or (column.default is not None and column.default.constant is None):
            continue
        value = column.default.constant if column.default is not None else None
        if where.cast_of == column.name and (value is None or value.lower() in ("false", "f", "0")):
            yield column.name
        for condition in where.conditions:
            if condition.column != column.name:
                continue
            if (condition.operator == "is not null" and value is None) or (
                condition.operator == "=" and condition.value is not None and condition.value != value
            ):
                yield column.name


def written_here(name: str, table: Table, ctx: StepContext) -> bool:
    """Whether an UPDATE of this deployment has put something into the column, before this step."""
    for step in before_this(ctx):
        if isinstance(step.change, Update) and any(c == name for c, _ in step.change.assignments):
            there = table_named(step.before, step.change.table)
            if there is not None and there.oid == table.oid:
                return True
    return False


def table_named(catalog: Catalog, name: Name) -> Table | None:
    """The table of that name."""
    key = table_key(catalog, name)
    return catalog.tables.get(key) if key is not None else None


# --- one restriction and another ----------------------------------------------------------------------------------


def keys(elements: Iterable[IndexElement]) -> frozenset[tuple[str | None, str | None, str | None]]:
    """What an index tells rows apart by."""
    return frozenset((e.column, spaced(e.expression.text) if e.expression else None, e.collation) for e in elements)


def spaced(text: str) -> str:
    """A text without its spacing."""
    return " ".join(text.split())


def as_strict(old: Index, new: Index, table: Table, engine: Engine) -> bool:
    """Whether an older index forbids all that a new one does: its keys are among the new one's, and its rows more."""
    if not old.unique or not old.valid or not old.elements or not keys(old.elements) <= keys(new.elements):
        return False
    if old.where is not None and (new.where is None or not within(new.where, old.where, engine)):
        return False
    certain = {c.name for c in table.columns if not c.nullable} | ({*old.columns} if old.primary else set())
    if new.nulls_not_distinct and not (old.nulls_not_distinct or old.primary):
        return all(e.column in certain for e in old.elements)
    if new.primary:
        return all(e.column in certain for e in new.elements)
    return True


def within(inner: Expression, outer: Expression, engine: Engine) -> bool:
    """Whether a partial index has no row that one with the outer predicate lacks."""
    return spaced(inner.text) == spaced(outer.text) or selects_within(inner, outer, engine)


def conditions_of(constraints: Iterable[ConstraintState]) -> list[Expression]:
    """What the checks among constraints ask for."""
    return [c.expression for c in constraints if c.kind is ConstraintKind.CHECK and c.expression is not None]


def check_known(
    new: ConstraintState,
    table: Table,
    olds: Iterable[Expression],
    empty: Iterable[str],
    catalog: Catalog,
    given: Iterable[Condition] = (),
) -> bool:
    """Whether a check forbids nothing that NOT NULL columns and older checks do not forbid.

    The columns in `empty` are NULL in every row that counts, and the `given` conditions true.
    """
    if new.expression is None:
        return False
    certain = tuple(Condition(c.name, "is not null") for c in table.columns if not c.nullable and c.not_null_valid)
    rows = Rows((*certain, *given), frozenset(empty), frozenset(name for _, name in catalog.functions))
    return lets_in(dict.fromkeys(olds), new.expression, rows, catalog.server.engine)


def key_known(new: ConstraintState, olds: Iterable[ConstraintState], *, rows: bool) -> bool:
    """Whether a foreign key forbids nothing that an older one does not forbid.

    With `rows` only what stands in the rows counts, and not what becomes of them when the other table's rows go.
    """
    return any(
        (old.kind, pairs(old), old.references) == (new.kind, pairs(new), new.references)
        and (old.match or "").upper() == (new.match or "").upper()
        and (rows or not tightened(old, new))
        for old in olds
    )


def tightened(old: ConstraintState, new: ConstraintState) -> bool:
    """Whether rows that are referred to could go, or change their key, with the older foreign key only."""
    return any(
        before not in NOTHING_ELSE and after in NOTHING_ELSE
        for before, after in ((old.on_delete, new.on_delete), (old.on_update, new.on_update))
    )


def pairs(key: ConstraintState) -> frozenset[tuple[str, str]]:
    """Which column refers to which."""
    return frozenset(zip(key.columns, key.references_columns, strict=False))
