"""Which restriction on rows a drop takes away, and whether the deployment puts another in its place."""

from collections.abc import Iterable

from migguard.catalog.lookup import relation_key, table_of_index, type_at
from migguard.catalog.schema import Column, ConstraintKind, ConstraintState, Index, Table
from migguard.changes import DropConstraint, DropIndex, ForeignKeyAction
from migguard.records import dataclass
from migguard.rules.facts.schema.deployment_end import final, released, survivor
from migguard.rules.facts.schema.unknown_restrictions import as_made_back, dropped_columns, new_keys, tells_of
from migguard.rules.frame import StepContext
from migguard.rules.wording import listed


@dataclass(frozen=True, slots=True)
class Restriction:
    """A constraint or unique index that was there before the deployment; `state` is None if unknown."""

    name: str
    table: Table
    columns: frozenset[str] = frozenset()
    state: ConstraintState | Index | None = None


def restriction(change: DropConstraint | DropIndex, ctx: StepContext) -> Restriction | None:
    """What a drop takes away: nothing where it is not there, new in this deployment, or never held."""
    if isinstance(change, DropIndex):
        key = table_of_index(ctx.before, change.index, change.table)
        table = ctx.before.tables.get(key) if key is not None else None
        index = table.index(change.index.name) if table is not None else None
        if table is None or index is None or not index.unique or not index.valid or not ctx.existing(table.key):
            return None
        return Restriction(index.name, table, of_index(index), index) if ctx.deployment.existing(index.oid) else None
    key = relation_key(ctx.before, change.table)
    table = ctx.before.tables.get(key) if key is not None else None
    if table is None or not ctx.existing(table.key) or any(c.not_null_name == change.name for c in table.columns):
        return None
    if change.name is None:
        state = table.primary_key if change.kind == "primary key" else None
    else:
        state = table.constraint(change.name)
    if state is None:
        known = table.complete or change.if_exists or change.name is None
        if known:
            return None
        back = as_made_back(change.name or "", table, ctx)
        return Restriction(change.name or "", table, frozenset(back.columns if back is not None else ()), back)
    if not ctx.deployment.existing(state.oid) or not state.enforced:
        return None
    return Restriction(state.name, table, frozenset(state.columns), state)


def of_index(index: Index) -> frozenset[str]:
    """The columns that the keys of an index are made of."""
    inside = (
        r.name
        for e in index.elements
        if e.expression is not None
        for r in e.expression.references
        if r.kind == "column"
    )
    return frozenset({c for c in index.columns if c is not None} | set(inside))


def missed(gone: Restriction, ctx: StepContext) -> bool:
    """Whether nothing takes the place of a dropped restriction, though what it was about is still there."""
    end = survivor(gone.table, ctx)
    if end is None:
        return False
    before = released(gone.table, ctx) or gone.table
    columns = [c for c in gone.table.columns if c.name in gone.columns]
    now = [same(c, end) for c in columns]
    if any(c is None for c in now):
        return False  # the column goes, and MG302 speaks
    unseen = gone.columns - {c.name for c in columns}  # of a table that no revision made
    if dropped_columns(unseen, gone.table, ctx):
        return False
    names = frozenset(c.name for c in now if c is not None) | unseen
    state = gone.state
    if isinstance(state, Index) or (
        state is not None and state.kind in (ConstraintKind.PRIMARY, ConstraintKind.UNIQUE)
    ):
        primary = isinstance(state, ConstraintState) and state.kind is ConstraintKind.PRIMARY
        return not (primary and end.primary_key is not None) and not unique_over(names, state, end, ctx)
    if state is None:
        instead = any(tells_of(gone.name, i.columns, gone.table) for i in new_keys(gone.name, gone.table, ctx))
        return not instead and not any(
            c.name == gone.name or not ctx.deployment.existing(c.oid) for c in end.constraints
        )
    others = [c for c in end.constraints if c.enforced and (not names or not c.columns or names & set(c.columns))]
    new = [c for c in others if not ctx.deployment.existing(c.oid)]
    if state.kind is ConstraintKind.FOREIGN:
        if state.references not in final(ctx).tables and state.references in ctx.before.tables:
            return False  # what it refers to goes, and MG301 speaks
        return all(c.kind is not ConstraintKind.FOREIGN for c in others)
    if state.kind is ConstraintKind.EXCLUSION:
        return all(c.kind not in (ConstraintKind.EXCLUSION, ConstraintKind.UNIQUE, ConstraintKind.PRIMARY) for c in new)
    if any(c.kind in (ConstraintKind.CHECK, ConstraintKind.FOREIGN, ConstraintKind.EXCLUSION) for c in new):
        return False
    return not implied(state, end) and not retyped(columns, before, end, ctx)


def same(column: Column, end: Table) -> Column | None:
    """The column at the end, under whatever name."""
    if column.oid:
        return next((c for c in end.columns if c.oid == column.oid), None)
    return end.column(column.name)


def unique_over(names: frozenset[str], gone: ConstraintState | Index, end: Table, ctx: StepContext) -> bool:
    """Whether rows are still told apart: by a new key over some of the columns, or an old one."""
    own = gone.index if isinstance(gone, ConstraintState) else gone.name
    for index in end.indexes:
        if not index.unique or (index.name == own and ctx.deployment.existing(index.oid)):
            continue
        columns = of_index(index)
        if not ctx.deployment.existing(index.oid) and (columns & names or not names):
            return True
        if index.where is None and columns <= names:
            return True
    return False


def implied(state: ConstraintState, end: Table) -> bool:
    """Whether a check says no more than NOT NULL of its columns does, or than another check."""
    expression = state.expression
    if expression is None:
        return False
    if any(c.expression is not None and c.expression.text == expression.text for c in end.constraints):
        return True
    parts = expression.conditions if expression.conjunctive else ()
    filled = {c.name for c in end.columns if not c.nullable}
    return bool(parts) and all(p.operator == "is not null" and p.column in filled for p in parts)


def retyped(columns: Iterable[Column], before: Table, end: Table, ctx: StepContext) -> bool:
    """Whether a column gets a type that may say what the check said: an enum, a domain, boolean."""
    for column in columns:
        now, was = same(column, end), next((c for c in before.columns if c.oid == column.oid), column)
        if now is None or now.type is None or now.type == was.type:
            continue
        if now.type.name == "boolean" or type_at(final(ctx), now.type) is not None:
            return True
    return False


def no_longer(state: ConstraintState | Index | None) -> str:
    """What a foreign key did by itself, in brackets."""
    if not isinstance(state, ConstraintState) or state.kind is not ConstraintKind.FOREIGN or state.references is None:
        return ""
    columns, there = listed(state.columns), state.references[1]
    match state.on_delete:
        case ForeignKeyAction.CASCADE:
            return f" (the rows of a deleted row of {there} stay)"
        case ForeignKeyAction.SET_NULL | ForeignKeyAction.SET_DEFAULT:
            return f" (when a row of {there} is deleted, {columns} keeps its value)"
        case _:
            return f" (rows of {there} that are referred to can be deleted)"
