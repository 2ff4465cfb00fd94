"""What a refused statement of a downgrade should be instead: of another name, or not there."""

from migguard.catalog.apply import apply
from migguard.catalog.lookup import relation_key, table_of_index
from migguard.catalog.schema import Catalog, RefusalKind
from migguard.changes import (
    AddColumn,
    AddConstraint,
    AddEnumValue,
    AlterColumnType,
    Change,
    CreateEnum,
    CreateIndex,
    CreateTable,
    Name,
    RenameEnumValue,
)
from migguard.rules.facts.advice.blocking_types import spelled
from migguard.rules.facts.advice.probes import column
from migguard.rules.facts.rows.refused_casts import refused_type_change
from migguard.rules.facts.schema.taken_along import taken_along
from migguard.rules.wording import python
from migguard.trace import RevisionTrace, Step

IN_ORDER = "Name what the upgrade made, in the reverse order."
GENERIC = {
    **dict.fromkeys(("datetime", "smalldatetime", "datetime2"), "sa.DateTime()"),
    **dict.fromkeys(("tinyint", "mediumint"), "sa.Integer()"),
    **dict.fromkeys(("tinytext", "mediumtext", "longtext", "clob", "nclob", "ntext"), "sa.Text()"),
    **dict.fromkeys(("nvarchar", "varchar2", "nvarchar2"), "sa.String()"),
    **dict.fromkeys(("blob", "tinyblob", "mediumblob", "longblob", "binary", "varbinary"), "sa.LargeBinary()"),
    "double": "sa.Float(53)",
    "number": "sa.Numeric()",
    "uniqueidentifier": "sa.Uuid()",
}
"""What SQLAlchemy has in the place of other servers' types, by their lower case names
(https://docs.sqlalchemy.org/en/20/core/type_basics.html#generic-camelcase-types)."""
MISSING = (
    RefusalKind.UNKNOWN_RELATION,
    RefusalKind.UNKNOWN_COLUMN,
    RefusalKind.UNKNOWN_CONSTRAINT,
    RefusalKind.UNKNOWN_INDEX,
    RefusalKind.UNKNOWN_TYPE,
    RefusalKind.UNKNOWN_OBJECT,
)


def name_or_leave(step: Step, upgrade: RevisionTrace, downgrade: RevisionTrace | None) -> str:
    """The advice for a statement that the server refuses."""
    along = taken_along(step, downgrade)
    if along is not None:
        return along[1]
    kind = step.refusal.kind if step.refusal is not None else None
    if kind is None and isinstance(step.change, AlterColumnType):
        cast = f"{column(step.change.column, step.before)}::{spelled(step.change.type, step.before)}"
        return f"Say how the old values become new ones: postgresql_using={python(cast)}."
    if kind is RefusalKind.DUPLICATE:
        there = identity(step.change, step.before)
        if there and there == identity(step.change, upgrade.before):
            return (
                "Leave this out: what it makes was there before the upgrade, which left it alone. What another "
                "revision drops, the downgrade of that one brings back."
            )
    elif kind is RefusalKind.UNKNOWN_TYPE and isinstance(step.change, CreateTable | AddColumn | AlterColumnType):
        return other_type(step, upgrade)
    elif kind in MISSING and all(refused_alike(step, c) for c in (upgrade.before, upgrade.after)):
        return (
            f"{IN_ORDER} Where this is about something that the upgrade did not make, leave it out: the downgrade of "
            "the revision that made it takes it away."
        )
    elif kind is RefusalKind.INVALID and isinstance(step.change, CreateEnum | AddEnumValue | RenameEnumValue):
        return "Write each value of the type once, and in at most 63 bytes."
    return IN_ORDER


def other_type(step: Step, upgrade: RevisionTrace) -> str:
    """The advice for columns of a type that is not there: the type is to be made before them, or is no one's here."""
    name = (step.refusal.object if step.refusal is not None else None) or ""
    if any(key[1] == name for key in (*upgrade.before.types, *upgrade.after.types)):
        return f"Make the type {name} before this: it is not there then."
    generic = GENERIC.get(name.lower())
    such = f", such as {generic}," if generic is not None else ""
    return (
        f"Give the columns a type that the server has: it has no {name}. "
        f"SQLAlchemy's generic ones{such} become what each server has."
    )


def why_refused(step: Step, downgrade: RevisionTrace | None = None) -> str | None:
    """What the server says to a statement whatever the rows are, and where in the downgrade it comes of; None where it
    takes it."""
    if step.refusal is not None and step.fails:
        along = taken_along(step, downgrade)
        if along is not None:
            return along[0]
        return step.refusal.message
    match step.change:
        case AlterColumnType() as change if (why := refused_type_change(change, step)) is not None:
            return f"the type of {change.table}.{change.column} does not change: {why}"
        case _:
            return None


def refused_alike(step: Step, catalog: Catalog) -> bool:
    """Whether the statement would be refused as it is in another state of the schema too."""
    refusal = apply(catalog, step.change).refusal
    return refusal is not None and step.refusal is not None and refusal.kind is step.refusal.kind


def identity(change: Change, catalog: Catalog) -> int:
    """Which one it is that has the name of what a change makes; 0 where that is not known."""
    match change:
        case CreateTable():
            key = relation_key(catalog, change.table)
            table = catalog.tables.get(key) if key is not None else None
            return table.oid if table is not None else 0
        case CreateIndex(name=Name() as name):
            key = table_of_index(catalog, name)
            table = catalog.tables.get(key) if key is not None else None
            index = table.index(name.name) if table is not None else None
            return index.oid if index is not None else 0
        case AddColumn() | AddConstraint():
            key = relation_key(catalog, change.table)
            table = catalog.tables.get(key) if key is not None else None
            if table is None:
                return 0
            if isinstance(change, AddColumn):
                column = table.column(change.column.name)
                return column.oid if column is not None else 0
            constraint = table.constraint(change.constraint.name or "")
            return constraint.oid if constraint is not None else 0
        case _:
            return 0
