"""Whether the models of the running code keep a new restriction: they declare it, or never write its columns."""

from __future__ import annotations

from collections.abc import Iterator

from migguard.catalog.schema import ConstraintKind, ConstraintState, Index, Table
from migguard.changes import Condition, Expression
from migguard.models import Declared, ModelTable
from migguard.rules.facts.rows.dropped_restrictions import of_index
from migguard.rules.facts.rows.implication import Rows, lets_in
from migguard.rules.facts.schema.introduced import same
from migguard.rules.facts.schema.running_code import OldTable, old_table
from migguard.rules.frame import StepContext


def promised(restriction: ConstraintState | Index, table: Table, ctx: StepContext) -> bool:
    """Whether rows of the running code keep a new restriction of the table, as far as its models say so."""
    old = old_table(table, ctx)
    if old is None:
        return False
    if old.model is None or never_written(restriction, table, old):
        return True
    if isinstance(restriction, Index):
        return any(as_strict(d, restriction, table, old) for d in old.model.restrictions)
    match restriction.kind:
        case ConstraintKind.CHECK:
            return check_kept(restriction, table, old.model, old, ctx)
        case ConstraintKind.FOREIGN:
            return any(same_key(d, restriction, table, old, ctx) for d in old.model.restrictions)
        case kind:
            wanted = set(old_names(restriction.columns, table, old))
            return any(d.kind == kind.value and set(d.columns) == wanted for d in old.model.restrictions)


def old_names(names: tuple[str, ...], table: Table, old: OldTable) -> tuple[str, ...]:
    """Columns by the names that they had before the deployment."""
    found = []
    for name in names:
        column = table.column(name)
        was = same(column, old.was.columns) if column is not None and old.was is not None else None
        found.append(was.name if was is not None else name)
    return tuple(found)


def never_written(restriction: ConstraintState | Index, table: Table, old: OldTable) -> bool:
    """Whether the running code leaves every column of the restriction NULL, and NULLs are free to be there."""
    if isinstance(restriction, Index) and (restriction.primary or restriction.nulls_not_distinct):
        return False
    names = of_index(restriction) if isinstance(restriction, Index) else restriction.columns
    columns = [table.column(n) for n in names]
    if not columns or (not isinstance(restriction, Index) and restriction.kind is ConstraintKind.CHECK):
        return False
    return all(c is not None and c.default is None and c.generated is None and old.of(c) is None for c in columns)


def as_strict(declared: Declared, index: Index, table: Table, old: OldTable) -> bool:
    """Whether a declared key forbids all that a new unique index forbids."""
    if declared.kind not in ("unique", "primary key") or not declared.columns:
        return False
    keys = set(old_names(tuple(e.column for e in index.elements if e.column is not None), table, old))
    keys |= {plain(e.expression.text) for e in index.elements if e.expression is not None}
    where = plain(index.where.text) if index.where is not None else None
    mine = {c if c in keys else plain(c) for c in declared.columns}
    return mine <= keys and (declared.condition is None or plain(declared.condition) == where)


def plain(text: str) -> str:
    """An expression without spacing and the parentheses around it."""
    made = "".join(text.split()).lower()
    while made.startswith("(") and made.endswith(")") and closes_last(made):
        made = made[1:-1]
    return made


def closes_last(text: str) -> bool:
    """Whether the first parenthesis is closed by the last character."""
    depth = 0
    for place, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if depth == 0:
            return place == len(text) - 1
    return False


def same_key(declared: Declared, key: ConstraintState, table: Table, old: OldTable, ctx: StepContext) -> bool:
    """Whether a declared foreign key leads from the same columns to the same table."""
    if declared.kind != "foreign key" or key.references is None or declared.target is None:
        return False
    schema, _, name = declared.target.rpartition(".")
    there = ctx.before.tables.get(key.references)
    was = next(
        (t.key for t in ctx.deployment.released.tables.values() if there is not None and t.oid == there.oid), None
    )
    target = was or key.references
    if (schema or ctx.before.default_schema, name) != target:
        return False
    pairs = zip(old_names(key.columns, table, old), key.references_columns, strict=False)
    return set(pairs) == set(zip(declared.columns, declared.target_columns, strict=False))


def check_kept(check: ConstraintState, table: Table, model: ModelTable, old: OldTable, ctx: StepContext) -> bool:
    """Whether what the models declare implies a new CHECK: their own checks, enums, and columns that are never NULL."""
    if check.expression is None:
        return False
    declared = [Expression(d.condition) for d in model.restrictions if d.kind == "check" and d.condition is not None]
    rows = Rows(
        tuple(given(check, table, old)), frozenset(left_null(table, old)), frozenset(n for _, n in ctx.before.functions)
    )
    return lets_in(declared, check.expression, rows, ctx.before.server.engine)


def given(check: ConstraintState, table: Table, old: OldTable) -> Iterator[Condition]:
    """What the models promise of the columns in a check."""
    for column in table.columns:
        mapped = old.of(column) if column.name in check.columns else None
        if not column.nullable and column.not_null_valid:
            yield Condition(column.name, "is not null")
        if mapped is None:
            continue
        if column.nullable and not mapped.nullable:
            yield Condition(column.name, "is not null")
        if mapped.labels:
            yield Condition(column.name, "in", None, mapped.labels)


def left_null(table: Table, old: OldTable) -> Iterator[str]:
    """The columns that the running code leaves NULL: it does not know them, and the database has nothing for them."""
    for column in table.columns:
        nothing = column.default is None and column.generated is None and column.identity is None
        if nothing and column.nullable and old.of(column) is None:
            yield column.name
