"""Whether an UPDATE of all rows keeps what they held in another form: no two old values come to the same new one."""

from collections.abc import Mapping

from migguard.catalog.schema import Table
from migguard.changes import DataType, Expression, Update
from migguard.rules.frame import MYSQL_FAMILY, POSTGRESQL, StepContext
from migguard.sql.inverses import steps_of

INTEGERS = frozenset({"smallint", "integer", "bigint", "tinyint", "mediumint", "int"})
UNDONE: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(INTEGERS | {"numeric", "decimal"}, frozenset({"negate", "add", "times"})),
    **dict.fromkeys(("real", "double precision", "float", "double", "interval"), frozenset({"negate"})),
    "boolean": frozenset({"not"}),
    "date": frozenset({"add"}),
    **dict.fromkeys(("text", "character varying"), frozenset({"append"})),
}
"""What can be undone without loss on the values of a type."""


def kept(change: Update, table: Table, ctx: StepContext) -> set[str]:
    """The columns whose old values stay, or can be had from the new ones."""
    found = set(exchanged(change, table, ctx))
    for name, value in change.assignments:
        column = table.column(name)
        kind = column.type if column is not None else None
        if keeps(value, name) or undone(value, name, kind, change, ctx):
            found.add(name)
    return found


def keeps(value: Expression, column: str) -> bool:
    """Whether an assignment leaves what a row holds: the column itself, or coalesce() of it first."""
    if value.cast_of == column and not value.cast_types:
        return True
    if value.functions[:1] != ("coalesce",) or not value.references or value.references[0].start != 0:
        return False
    first = next((r for r in value.references[1:] if r.kind == "column"), None)
    if first is None or first.name != column:
        return False
    inside = value.references[0].end + 1
    return first.start == inside or (first.qualifier is not None and value.text[inside : first.start][-1:] == ".")


def undone(value: Expression, column: str, kind: DataType | None, change: Update, ctx: StepContext) -> bool:
    """Whether the old value can be had from the new: `NOT flag`, `-n`, `n + 1`.

    PostgreSQL negates nothing but booleans, so there the type of the column need not be known for that.
    """
    engine = ctx.before.server.engine
    if (kind is not None and kind.dimensions) or change.others or (kind is None and engine not in POSTGRESQL):
        return False
    parameters = ctx.step.statement.parameters
    given = parameters if isinstance(parameters, Mapping) else {}
    steps = steps_of(value.text, column, engine, given)
    if not steps:
        return False
    if kind is None:
        return steps == {"not"}
    allowed = UNDONE.get(kind.name.lower(), frozenset())
    if engine in MYSQL_FAMILY:
        if (kind.name, kind.arguments) == ("tinyint", ("1",)):
            allowed |= {"not"}
        if kind.name == "date":
            allowed = frozenset()  # a date plus a number is a number there
    if "unsigned" in kind.attributes:
        allowed -= {"negate"}
    return steps <= allowed


def exchanged(change: Update, table: Table, ctx: StepContext) -> frozenset[str]:
    """The columns that give their values to each other; MySQL assigns one after the other, and loses some."""
    if ctx.before.server.engine in MYSQL_FAMILY or change.others:
        return frozenset()
    taken = {c: value.cast_of for c, value in change.assignments if value.cast_of and not value.cast_types}
    types = {name: column.type for name in taken if (column := table.column(name)) is not None}
    kept = {c: source for c, source in taken.items() if source in types and types.get(c) == types[source]}
    return frozenset(kept) if set(kept) == set(kept.values()) else frozenset()
