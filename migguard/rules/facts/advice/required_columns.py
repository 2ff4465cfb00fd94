"""How a new column goes on without a value from the code that does not know it."""

from migguard.catalog.schema import Column, ConstraintKind, Table
from migguard.changes import Name
from migguard.rules.wording import python, schema_argument

KEYS = (ConstraintKind.FOREIGN, ConstraintKind.UNIQUE)


def kept_fillable(table: Name, column: Column, last: Column, end: Table) -> str:
    """Keep a default for as long as old code runs; no one value does for what refers to others, or tells rows apart.

    A primary key makes its columns NOT NULL, and none of them can be made nullable under it
    (https://www.postgresql.org/docs/current/sql-altertable.html). `column` is as it is after the step, and `last`
    as the deployment leaves it.
    """
    keyed = any(last.name in c.columns and c.kind in KEYS for c in end.constraints)
    primary = next((c.columns for c in end.constraints if c.kind is ConstraintKind.PRIMARY), ())
    if last.name in primary and (keyed or len(primary) == 1):
        return (
            f"No one value does for a primary key, and under one no column can be nullable: leave {column.name} out of "
            "the primary key, and nullable, for as long as old code runs, and change the key in a later deployment."
        )
    nullable = "Let the column be nullable for as long as old code runs, "
    then = (
        "Leave the database a default for as long as old code runs, and drop that in a"
        if last.name in primary
        else f"{nullable}and make it NOT NULL in a"
        if keyed
        else f"{nullable}or leave the database a default, and drop that in a"
    )
    return (
        f"{then} later deployment:\n"
        f"op.alter_column({python(table.name)}, {python(column.name)}, "
        f"{'nullable=True' if keyed else 'server_default=...'}{schema_argument(table)})"
    )
