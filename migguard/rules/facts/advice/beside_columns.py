"""A column of another type without a rewrite: an enum that only grows stays, any other gets a new column beside it."""

from collections.abc import Iterator
from itertools import dropwhile

from migguard.catalog.copying import replace
from migguard.catalog.lookup import type_at
from migguard.catalog.schema import Catalog, Column, ConstraintKind, EnumType, Key, Table
from migguard.changes import (
    AddColumn,
    AddConstraint,
    AlterColumnType,
    Check,
    ColumnDefinition,
    CreateIndex,
    DataType,
    ForeignKey,
    ModifyColumn,
    PrimaryKey,
    RenameColumn,
    Unique,
)
from migguard.rules.facts.advice.batches import by_key
from migguard.rules.facts.advice.left_unused import demands, left_out, unknown_rules
from migguard.rules.facts.advice.recipes import (
    add_column,
    advice,
    constant,
    execute,
    named,
    outside,
    set_not_null,
    text,
)
from migguard.rules.facts.advice.zoned_types import by_session_zone
from migguard.rules.facts.locks.held_until import place
from migguard.rules.facts.rows.emptied_for_columns import run_after
from migguard.rules.facts.rows.null_keys import null_in_all
from migguard.rules.facts.rows.nulls import is_of
from migguard.rules.facts.rows.restrictions import added_by
from migguard.rules.facts.schema.deployment_end import before_this, final, released, survivor
from migguard.rules.facts.schema.introduced import same
from migguard.rules.frame import MYSQL_FAMILY, StepContext
from migguard.rules.wording import identifier, listed, python, schema_argument, sql_name
from migguard.trace import Step

Retyping = AlterColumnType | ModifyColumn


def without_rewrite(change: Retyping, new: DataType | None, table: Table, ctx: StepContext) -> str:
    """The advice, in the user's names."""
    column = table.column(change.column)
    end = survivor(table, ctx)
    last = same(column, end.columns) if column is not None and end is not None else None
    grown = grown_enum(table, column, last, ctx) if column is not None and last is not None else None
    if grown is None and column is not None:
        grown = grown_here(change, new, column, ctx)
    if grown is not None:
        return advice(
            "The type only gets more values: add them to it as it is, which rewrites nothing, in the place of the type "
            "that is made anew and of this change. They can be used once that is committed: in a revision of its own",
            grown,
        )
    anew = made_anew(change, new, table, column, ctx) if column is not None else ""
    if found := anew or by_session_zone(change, table, over(table, change.column), ctx):
        return found
    return advice(
        "Add a column of the new type beside it, keep it filled by a trigger or by the application, fill the old rows "
        "in batches, then swap the names in one short transaction, in a revision of its own",
        beside(change, new, table, column, last or column, ctx),
    )


def made_anew(change: Retyping, new: DataType | None, table: Table, column: Column, ctx: StepContext) -> str:
    """The advice for a column that this deployment adds and nothing has filled yet; empty for any other."""
    added = added_by(column, ctx)
    if added is None or not isinstance(change, AlterColumnType) or not column.nullable or column.default is not None:
        return ""
    if not null_in_all(column, table, ctx):
        return ""
    name, called = change.table, change.column
    lines = [f"op.drop_column({python(name.name)}, {python(called)}{schema_argument(name)})"]
    lines.append(add_column(AddColumn(name, ColumnDefinition(renamed_with(column, table, ctx) or called, new))))
    if keys := over(table, called):
        lines.append(f"# and make what was over it again: {listed(keys)}")
    first = f"give it its type in {place(added[0], ctx)}, which adds it, or "
    return advice(
        f"No row has a value in it yet: {'' if keyed_since(column, added[0], ctx) else first}drop it and add it anew "
        "here, which rewrites nothing",
        lines,
    )


def renamed_with(column: Column, table: Table, ctx: StepContext) -> str | None:
    """The name that the same call gives the column; None where it keeps its own."""
    for step in run_after(ctx.step, ctx.known):
        if step.statement.origin is None or step.statement.origin != ctx.step.statement.origin:
            return None
        done = step.change
        if isinstance(done, RenameColumn) and done.column == column.name and is_of(done.table, table, step):
            return done.new
    return None


def keyed_since(column: Column, added: Step, ctx: StepContext) -> bool:
    """Whether a key, a check or an index was over the column since it was added, which may need the type it had."""
    since = dropwhile(lambda step: step is not added, before_this(ctx))
    tables = (t for step in (*since, ctx.step) for t in step.before.tables.values())
    return any(over(table, c.name) for table in tables for c in table.columns if c.oid == column.oid)


def grown_enum(table: Table, column: Column, last: Column, ctx: StepContext) -> list[str] | None:
    """ALTER TYPE … ADD VALUE, where all that the deployment does to the column's enum is to give it more values."""
    was, end = released(table, ctx), final(ctx)
    first = same(column, was.columns) if was is not None else None
    before = ctx.deployment.released
    if first is None or first.oid != column.oid or first.type is None or last.type is None:
        return None
    old, new = type_at(before, first.type), type_at(end, last.type)
    if not isinstance(old, EnumType) or not isinstance(new, EnumType):
        return None
    kept = [label for label in new.labels if label in old.labels]
    left = any(t.oid == old.oid for t in end.types.values())
    if tuple(kept) != old.labels or kept == [*new.labels] or (left and new.oid != old.oid):
        return None
    return growth(old, new, old.key, before)


def grown_here(change: Retyping, new: DataType | None, column: Column, ctx: StepContext) -> list[str] | None:
    """ALTER TYPE … ADD VALUE, where this change alone gives the column's enum more values, and that one is given up.

    It is called as it was before the revision moved it out of the way.
    """
    target = type_at(ctx.before, new) if new is not None else None
    old = type_at(ctx.before, column.type) if column.type is not None else None
    if not isinstance(old, EnumType) or not isinstance(target, EnumType) or not set(old.labels) < set(target.labels):
        return None
    plain = isinstance(change, AlterColumnType) and (change.using is None or change.using.cast_of == change.column)
    if not plain or not in_order(old, target) or any(t.oid == old.oid for t in final(ctx).types.values()):
        return None
    start = ctx.trace.before if ctx.trace is not None else ctx.before
    return growth(old, target, next((t.key for t in start.types.values() if t.oid == old.oid), old.key), ctx.before)


def in_order(old: EnumType, new: EnumType) -> bool:
    """Whether the old values stand in the same order among the new ones."""
    return tuple(v for v in new.labels if v in old.labels) == old.labels


def growth(old: EnumType, new: EnumType, key: Key, catalog: Catalog) -> list[str]:
    """ALTER TYPE … ADD VALUE of every new value, and the new name if it is to have one."""
    name = named(key, catalog)
    lines = outside(*(execute(f"ALTER TYPE {sql_name(name)} ADD VALUE {v}") for v in values(old, new)))
    if new.key != key:
        lines.append(execute(f"ALTER TYPE {sql_name(name)} RENAME TO {identifier(new.key[1])}"))
    return lines


def values(old: EnumType, new: EnumType) -> Iterator[str]:
    """The added values, each where it stands in the new order."""
    for at, label in enumerate(new.labels):
        if label in old.labels:
            continue
        after = [one for one in new.labels[at:] if one in old.labels]
        if not after:
            yield constant(label)
        elif at:
            yield f"{constant(label)} AFTER {constant(new.labels[at - 1])}"
        else:
            yield f"{constant(label)} BEFORE {constant(after[0])}"


def beside(
    change: Retyping, new: DataType | None, table: Table, column: Column | None, last: Column | None, ctx: StepContext
) -> list[str]:
    """The new column with what the old one has, the rows that are to be filled, and the swap."""
    name, called, where = change.table, change.column, schema_argument(change.table)
    other, old = f"{called}_new"[:63], f"{called}_old"[:63]
    lines = [add_column(AddColumn(name, ColumnDefinition(other, new)))]
    if last is not None and last.default is not None and last.generated is None:
        default = text(last.default.text)
        lines.append(f"op.alter_column({python(name.name)}, {python(other)}, server_default={default}{where})")
    unknown, filled = unknown_rules(column, table), table.never_null(called)
    if unknown:
        lines.append(
            f"# NOT NULL and the default as the old column has them: whether {called} has any is not known here"
            if filled is None
            else f"# the default as the old column has it: whether {called} has one is not known here"
        )
        lines.append(f"op.alter_column({python(name.name)}, {python(other)}, server_default=...{where})")
    lines.append(
        f"# fill it in batches {by_key(table, ctx.before)}, outside of this transaction; then, in a later revision:"
    )
    required = (unknown and filled is not False) or (last is not None and not last.nullable)
    more = ", existing_type=..." if ctx.before.server.engine in MYSQL_FAMILY else ""
    if unknown and filled is None:
        lines.append(f"# NOT NULL as the old column has it: without these lines if {called} may be NULL")
    if required:
        lines += set_not_null(name, other) if not more else [f"# make {other} NOT NULL, and:"]
    keys = over(table, called)
    if keys:
        lines.append(f"# build what is over it ({listed(keys)}) over the new one too, concurrently; then:")
    elif not table.complete:
        lines.append("# keys, CHECKs and indexes over it are not known here: make them over the new one too, before")
    lines.append("# in one transaction, and without the trigger from then on, if one has filled the new column:")
    lines += [
        f"op.alter_column({python(name.name)}, {python(called)}, new_column_name={python(old)}{more}{where})",
        f"op.alter_column({python(name.name)}, {python(other)}, new_column_name={python(called)}{more}{where})",
    ]
    if column is not None and (later := made_later(table, column, ctx)):
        lines.append(f"# what the deployment makes over it later ({listed(later)}) comes behind that")
    if column is not None and column.sequence is not None and column.serial:
        owner = f"{sql_name(name)}.{identifier(called)}"
        lines.append(execute(f"ALTER SEQUENCE {sql_name(named(column.sequence, ctx.before))} OWNED BY {owner}"))
    elif column is not None and column.identity is not None:
        lines.append("# make it an identity column again, which starts above the largest value")
    if (unknown and filled is not False) or (column is not None and demands(column, ctx)):
        gone = replace(column, name=old) if column is not None else Column(old, None)
        lines.append(left_out(table, gone, ctx))
    if column is not None and type_goes(column, ctx):
        lines.append("# before its type is dropped:")
        lines.append(f"op.drop_column({python(name.name)}, {python(old)}{where})")
    return lines


def over(table: Table, column: str) -> list[str]:
    """The keys, checks and indexes over a column."""
    parts = [c.name for c in table.constraints if column in c.columns and c.kind is not ConstraintKind.EXCLUSION]
    backing = {c.index for c in table.constraints}
    parts += [i.name for i in table.indexes if column in (*i.columns, *i.include) and i.name not in backing]
    return list(dict.fromkeys(parts))


def made_later(table: Table, column: Column, ctx: StepContext) -> list[str]:
    """Where the deployment makes a key, a CHECK or an index over the column after this step: made before the columns
    change their names, it would be over the one that goes."""
    found = []
    for step in run_after(ctx.step, ctx.known):
        change = step.change
        there = next((t for t in step.before.tables.values() if t.oid == table.oid != 0), None)
        name = next((c.name for c in there.columns if c.oid == column.oid), None) if there is not None else None
        match change:
            case AddConstraint(constraint=Check(expression=expression)):
                names: set[str | None] = {r.name for r in expression.references if r.kind == "column"}
            case AddConstraint(constraint=PrimaryKey() | Unique() | ForeignKey() as key):
                names = {*key.columns}
            case CreateIndex():
                names = {*(e.column for e in change.elements), *change.include}
            case _:
                continue
        if name in names and is_of(change.table, table, step):
            found.append(place(step, ctx))
    return list(dict.fromkeys(found))


def type_goes(column: Column, ctx: StepContext) -> bool:
    """Whether the deployment drops the type that the column has now."""
    made = type_at(ctx.before, column.type) if column.type is not None else None
    return made is not None and made.oid != 0 and all(t.oid != made.oid for t in final(ctx).types.values())
