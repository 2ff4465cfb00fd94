"""Type changes that PostgreSQL refuses whatever the rows are: a cast that has to be written, or is not there at all.

A default follows its column by an assignment cast only, also where USING converts the rows; without what PostgreSQL
put around it by itself (ATPrepAlterColumnType and ATExecAlterColumnType, strip_implicit_coercions). Among the actions
of one ALTER TABLE a DROP DEFAULT comes before the new type, a SET DEFAULT after it, wherever they stand.
"""

from collections.abc import Iterator, Mapping

from migguard.catalog.lookup import type_of_own_rows
from migguard.catalog.postgresql_assignment import Path, path
from migguard.catalog.schema import Column
from migguard.changes import AlterColumnType, DataType, Expression, SetDefault
from migguard.rules.facts.advice.blocking_types import spelled
from migguard.rules.facts.rows.restrictions import table_named
from migguard.trace import Step

RETURNS: Mapping[str, str] = {
    "nextval": "bigint",
    "gen_random_uuid": "uuid",
    "uuid_generate_v4": "uuid",
    "now": "timestamp with time zone",
    "current_timestamp": "timestamp with time zone",
    "current_date": "date",
    "localtimestamp": "timestamp without time zone",
}
"""The types of what usual defaults call."""


def refused_type_change(change: AlterColumnType, step: Step) -> str | None:
    """Why the server refuses a type change on every database, an empty one too, or None."""
    table = table_named(step.before, change.table)
    column = table.column(change.column) if table is not None else None
    if column is None or column.type is None or column.assumed:
        return None
    if type_of_own_rows(step.before, change.table, change.type):
        return None  # no USING would help: MG706
    return always_refused(change, column, change.type, step)


def always_refused(change: AlterColumnType, there: Column, new: DataType, step: Step) -> str | None:
    """Why the server refuses it whatever the rows are, or None."""
    assert there.type is not None
    source = converted(change, there.type)
    if source is not None:
        way = path(source, new, step.before)
        if way in (Path.EXPLICIT, Path.NONE):
            plain = change.using is None or not change.using.cast_types
            cast = "needs a cast that is written" if way is Path.EXPLICIT else "has no cast at all"
            what = "without USING it " if change.using is None else "what USING gives " if plain else "USING "
            return f"{what}{cast}"
        if any(path(a, b, step.before) is Path.NONE for a, b in steps(there.type, change)):
            return "there is no such cast"
    given = default_type(there.default, there.type) if default_kept(there, change, step) else None
    if given is not None and path(given, new, step.before) in (Path.EXPLICIT, Path.NONE):
        return f"its default cannot be cast to {spelled(new, step.before)} without being asked to"
    return None


def converted(change: AlterColumnType, old: DataType) -> DataType | None:
    """The type of what the column is given; None where USING is an expression whose type is not known here."""
    if change.using is None:
        return old
    if change.using.cast_of != change.column:
        return None
    return change.using.cast_types[-1] if change.using.cast_types else old


def steps(old: DataType, change: AlterColumnType) -> Iterator[tuple[DataType, DataType]]:
    """The casts that are written, one after the other."""
    chain = change.using.cast_types if change.using is not None else ()
    yield from zip((old, *chain), chain, strict=False)


def default_kept(there: Column, change: AlterColumnType, step: Step) -> bool:
    """Whether the column has a default while its type changes: in one ALTER a dropped one goes first."""
    dropped = any(
        isinstance(s.change, SetDefault) and s.change.column == change.column and s.change.default is None
        for s in step.statement.steps
    )
    return there.default is not None and not there.default.is_null and there.generated is None and not dropped


def default_type(default: Expression | None, of_column: DataType) -> DataType | None:
    """The type that a default has of itself; None where that is not known here."""
    if default is None or default.is_null:
        return None
    text = default.text.strip()
    if default.constant is None:
        known = RETURNS.get(default.functions[0]) if len(default.functions) == 1 and not default.cast_of else None
        return DataType(known) if known is not None and text.endswith((")", default.functions[0].upper())) else None
    if text.lower() in ("true", "false"):
        return DataType("boolean")
    if text[:1].isdigit() or text[:1] in ("-", "."):
        return DataType("integer" if text.lstrip("-").isdigit() else "numeric")
    return of_column
