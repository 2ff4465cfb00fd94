"""Whether rows that the running code writes can violate a new restriction, and what it refuses, in words."""

from migguard.catalog.copying import replace
from migguard.catalog.lookup import relation_key
from migguard.catalog.schema import Column, ConstraintKind, ConstraintState, Index, Table
from migguard.changes import AddColumn
from migguard.rules.facts.rows.dropped_restrictions import of_index
from migguard.rules.facts.rows.left_as_made import passes_as_made
from migguard.rules.facts.rows.restrictions import (
    all_new,
    check_known,
    conditions_of,
    former,
    is_new,
    key_known,
    left_out,
)
from migguard.rules.facts.schema.deployment_end import before_this, released
from migguard.rules.facts.schema.shown_backwards import made_back
from migguard.rules.frame import StepContext
from migguard.rules.wording import label, listed

LONGEST = 140
"""How much of a condition a message shows."""


def forbidden(constraint: ConstraintState, before: Table, ctx: StepContext) -> str:
    """What a constraint refuses, in words."""
    columns = listed(constraint.columns)
    match constraint.kind:
        case ConstraintKind.FOREIGN:
            other = label(constraint.references, ctx) if constraint.references is not None else "the other table"
            if key_known(constraint, before_all(before, ctx), rows=True):
                return f"that a row of {other} goes, or gets another key, while rows refer to it"
            return f"values of {columns} that are not in {other}"
        case ConstraintKind.EXCLUSION:
            return f"a row that conflicts with another in {columns}" if columns else "a row that conflicts with another"
        case _:
            text = constraint.expression.text if constraint.expression is not None else "its condition"
            return f"rows that do not fulfil {shortened(text)}"


def shortened(text: str) -> str:
    """A condition on one line, cut where it goes on and on."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"


def keys(index: Index) -> str:
    """The keys of an index, in words."""
    return listed(e.column or (" ".join(e.expression.text.split()) if e.expression else "?") for e in index.elements)


def among(index: Index) -> str:
    """The rows that a partial index is about, in words."""
    return f" among those with {shortened(index.where.text)}" if index.where is not None else ""


def leaves_alone(index: Index, table: Table, ctx: StepContext) -> bool:
    """Whether old INSERTs cannot collide.

    A new key is NULL, and NULLs differ, or a partial index ignores it, or the server numbers it, or refuses the row.
    """
    if any(left_out(index, table, ctx)):
        return True
    named = [table.column(n) if table.complete else added_beside(n, table, ctx) for n in of_index(index)]
    new = [c for c in named if c is not None and (is_new(c, ctx) or unheard_of(c, table, ctx))]
    if any(numbered(c) or refused_without(c) for c in new):
        return True
    if index.primary or index.nulls_not_distinct:
        return False
    return any(c.default is None or c.default.constant is None for c in new)


def added_beside(name: str, table: Table, ctx: StepContext) -> Column | None:
    """The column of a table that no revision made; as an earlier side that was not taken adds it, if one does.

    Such a side stands beside the schema that the later ones run on, in which nothing is known of the column.
    """
    for step in before_this(ctx):
        change = step.change
        if isinstance(change, AddColumn) and change.column.name == name and step.refusal is None:
            made = step.after.tables.get(table.key)
            if relation_key(step.before, change.table) == table.key and made is not None:
                return made.column(name)
    return table.column(name)


def unheard_of(column: Column, table: Table, ctx: StepContext) -> bool:
    """Whether the deployment gives a column, which rows do without, a name that the running code does not know.

    What names it as it was called fails (MG602), and all else leaves it NULL.
    """
    was = released(table, ctx)
    old = next((c for c in was.columns if c.oid == column.oid), None) if was is not None and column.oid else None
    renamed = old is not None and old.name != column.name and was is not None and was.column(column.name) is None
    return renamed and column.nullable and column.default is None and column.generated is None


def numbered(column: Column) -> bool:
    """Whether the server gives each row a value of its own."""
    made = column.default.functions if column.default is not None else ()
    return column.identity is not None or made[:1] in (("nextval",), ("gen_random_uuid",), ("uuidv4",), ("uuidv7",))


def refused_without(column: Column) -> bool:
    """Whether a row that does not name the column is refused anyway: another rule says so (MG605)."""
    return not column.nullable and column.default is None and column.generated is None and column.identity is None


def as_written(table: Table, ctx: StepContext) -> Table:
    """The table with the columns NOT NULL that were so when the running code was released: it fills them."""
    was = released(table, ctx)
    filled = {c.oid for c in was.columns if not c.nullable and c.not_null_valid} if was is not None else set()
    return replace(table, columns=tuple(replace(c, nullable=c.nullable and c.oid not in filled) for c in table.columns))


def known(constraint: ConstraintState, before: Table, table: Table, ctx: StepContext) -> bool:
    """Whether an older constraint, or NOT NULL, forbids as much."""
    back, _ = made_back(before, ctx)
    olds = [c for c in (*former(before, table, ctx).constraints, *before.constraints, *back) if c.enforced]
    match constraint.kind:
        case ConstraintKind.CHECK:
            return check_known(
                constraint, as_written(before, ctx), conditions_of(olds), unwritten(constraint, table, ctx), ctx.before
            )
        case ConstraintKind.FOREIGN:
            return key_known(constraint, olds, rows=False)
        case _:
            same = [c for c in olds if c.kind is constraint.kind and c.columns == constraint.columns]
            return bool(same) and bool(constraint.columns)


def never_met(constraint: ConstraintState, table: Table, ctx: StepContext) -> bool:
    """Whether old code cannot violate it, because it leaves the columns as they are made."""
    match constraint.kind:
        case ConstraintKind.FOREIGN:
            columns = [c for n in constraint.columns if (c := table.column(n)) is not None]
            return any(is_new(c, ctx) or unheard_of(c, table, ctx) for c in columns)
        case ConstraintKind.CHECK:
            return all_new(constraint.columns, table, ctx) and passes(constraint, table, ctx)
        case _:
            return all_new(constraint.columns, table, ctx)


def passes(check: ConstraintState, table: Table, ctx: StepContext) -> bool:
    """Whether a check of new columns lets in rows that leave them all as they are made."""
    columns = [c for n in check.columns if (c := table.column(n)) is not None]
    told = passes_as_made(check.expression, columns, ctx.before.server.engine) if check.expression is not None else None
    return told if told is not None else not unwritten(check, table, ctx)


def unwritten(constraint: ConstraintState, table: Table, ctx: StepContext) -> list[str]:
    """The new columns of a constraint that old code leaves NULL."""
    columns = [c for n in constraint.columns if (c := table.column(n)) is not None and is_new(c, ctx)]
    return [c.name for c in columns if c.default is None and c.generated is None]


def before_all(table: Table, ctx: StepContext) -> list[ConstraintState]:
    """The constraints in force before the step, and before the deployment."""
    return [c for c in (*former(table, table, ctx).constraints, *table.constraints) if c.enforced]
