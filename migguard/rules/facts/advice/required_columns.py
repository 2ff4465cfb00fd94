"""How a new column goes on without a value from the code that does not know it."""

from migguard.catalog.schema import Column, ConstraintKind, Table
from migguard.changes import Name
from migguard.rules.facts.rows.inserts import filled_for
from migguard.rules.facts.rows.restrictions import is_new
from migguard.rules.facts.schema.deployment_end import survivor
from migguard.rules.frame import StepContext
from migguard.rules.wording import python, schema_argument

KEYS = (ConstraintKind.FOREIGN, ConstraintKind.UNIQUE)


def told_apart(column: str, table: Table) -> bool:
    """Whether no one value does for all rows: the column refers to others, or tells rows apart by a key or index."""
    keys = any(column in c.columns and c.kind in KEYS for c in table.constraints)
    return keys or any(i.unique and column in i.columns for i in table.indexes if not i.primary)


def kept_fillable(table: Name, column: Column, last: Column, end: Table, *, added: bool) -> str:
    """Keep a default for as long as old code runs; no one value does for what refers to others, or tells rows apart.

    A primary key makes its columns NOT NULL, and none of them can be made nullable under it
    (https://www.postgresql.org/docs/current/sql-altertable.html). `column` is as it is after the step, and `last`
    as the deployment leaves it. Where the step is what adds it (`added`), that is what has to read otherwise: over
    rows it fails as it is, and nothing behind it is reached.
    """
    keyed = told_apart(last.name, end)
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
    what, where = "nullable=True" if keyed else "server_default=...", schema_argument(table)
    call = (
        f"op.add_column({python(table.name)}, sa.Column({python(column.name)}, ..., {what}){where})"
        if added
        else f"op.alter_column({python(table.name)}, {python(column.name)}, {what}{where})"
    )
    return f"{then} later deployment:\n{call}"


def filled_first(column: Column | None, table: Table, ctx: StepContext, *, again: bool) -> str:
    """What has to come before the CHECK, which refuses at once the rows of code that does not know the column or that
    goes on writing NULL."""
    if again and column is not None and not is_new(column, ctx):
        return (
            f"Release first what writes no NULL into {column.name}, and fill what is left after the CHECK is there: "
            "from then on no new NULL gets in. "
        )
    if column is None or not is_new(column, ctx) or column.default is not None or filled_for(table, column, ctx.before):
        return ""
    if column.generated is not None or column.identity is not None or column.auto_increment:
        return ""
    end = survivor(table, ctx) or table
    taken = name_of_another(column, end, ctx)
    if taken is not None:
        return (
            f"The running code writes {taken} as the column that it knows, and fails once this one has that name, "
            f"whatever fills it: let {column.name} keep a name of its own until that code is gone. "
        )
    who = "a trigger" if told_apart(column.name, end) else "a trigger or a default"
    return (
        f"Let {who} fill {column.name} first, for as long as code runs that does not know it: the "
        "CHECK refuses its INSERTs from the moment it is there, NOT VALID or not. "
    )


def name_of_another(column: Column, end: Table, ctx: StepContext) -> str | None:
    """The name that a new column ends with, where a column that was there before the deployment had it."""
    last = next((c.name for c in end.columns if c.oid == column.oid != 0), column.name)
    was = next((t for t in ctx.deployment.released.tables.values() if t.oid == end.oid != 0), None)
    other = was.column(last) if was is not None else None
    return last if last != column.name and other is not None and other.oid != column.oid else None
