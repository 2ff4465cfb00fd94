"""Whether the time of a change grows with its table only under a condition that nobody can tell from the history."""

from migguard.catalog.lookup import table_key
from migguard.catalog.postgresql_casts import cast_known
from migguard.changes import AddConstraint, AlterColumnType, Change, ModifyColumn, NotNull, SetNullable
from migguard.trace import Step


def doubt(step: Step, *, named: bool = False) -> str:
    """The condition as a clause that ends a sentence on what the step does, empty where it certainly does that; `named`
    where the sentence does not name the column."""
    match step.change:
        case AlterColumnType() | ModifyColumn() as change:
            return unless_stored(step, change, f"the type of {change.column}" if named else "its type")
        case SetNullable(nullable=False, column=column):
            return unless_never_null(step, column, column if named else "it")
        case AddConstraint(constraint=NotNull(column=column)):
            return unless_never_null(step, column, column if named else "it")
        case _:
            return ""


def unless_stored(step: Step, change: AlterColumnType | ModifyColumn, its: str) -> str:
    """Where a type change may take the values as they are stored."""
    table = step.before.tables.get(table_key(step.before, change.table) or ("", ""))
    column = table.typed_column(change.column) if table is not None else None
    new = change.type if isinstance(change, AlterColumnType) else change.definition.type
    if column is None or column.type is None or column.type.name in step.before.assumed_types:
        return f", unless {its}, which is not known here, holds the same values"
    sure = new is None or cast_known(column.type, new, step.before)
    if sure and step.by_downgrade:
        return f", unless {its} is another than downgrade() gives it back"
    return "" if sure else ", unless that cast of an extension's takes the values as they are"


def unless_never_null(step: Step, column: str, it: str) -> str:
    """Where a column may be NOT NULL already."""
    change: Change = step.change
    assert isinstance(change, SetNullable | AddConstraint)
    table = step.before.tables.get(table_key(step.before, change.table) or ("", ""))
    known = table is not None and table.never_null(column) is not None
    return "" if known else f", unless {it} is NOT NULL already, which is not known here"
