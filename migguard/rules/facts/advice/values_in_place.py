"""An UPDATE that turns the values of a column into others of the same column: half of it is neither the old nor new."""

from itertools import takewhile

from migguard.changes import RenameColumn, Update
from migguard.rules.facts.advice.batches import asks_for_written
from migguard.rules.facts.rows.restrictions import table_named
from migguard.rules.frame import Lookup
from migguard.rules.wording import listed
from migguard.source import Origin
from migguard.sql.inverses import steps_of
from migguard.trace import Step


def turned_in_place(step: Step, lookup: Lookup) -> str | None:
    """What to do rather than to commit in between; None for what is not such an UPDATE.

    A second run would turn the rows back, or further, that the first one has done, and the code that runs reads rows
    of both kinds until the last one is done.
    """
    change = step.change
    if not isinstance(change, Update) or asks_for_written(change):
        return None
    engine = step.before.server.engine
    turned = [name for name, value in change.assignments if steps_of(value.text, name, engine, {})]
    if not turned:
        return None
    columns = listed(turned)
    renamed = renamed_before(change, turned, step, lookup)
    instead = f"fill a new column from {columns} instead"
    if renamed is not None:
        line = f" of line {renamed[1].line}" if renamed[1] is not None else ""
        instead = f"leave out the rename{line}, add {columns} as a new column, and fill it from {renamed[0]}"
    return (
        f"A commit in between, or batches, would leave rows of both kinds, and nothing tells a new value of {columns} "
        f"from an old one: {instead}, in batches, with a trigger for what is written meanwhile, and let the code "
        "change over to it; or stop what writes to the table, and leave this whole."
    )


def renamed_before(change: Update, columns: list[str], step: Step, lookup: Lookup) -> tuple[str, Origin | None] | None:
    """What the deployment has renamed to the one column that is turned, and where."""
    table = table_named(step.before, change.table)
    before = takewhile(lambda one: one is not step, lookup.deployment.steps())
    for earlier in before if table is not None and len(columns) == 1 else ():
        done = earlier.change
        if isinstance(done, RenameColumn) and done.new == columns[0] and earlier.refusal is None:
            there = table_named(earlier.before, done.table)
            if there is not None and table is not None and there.oid == table.oid != 0:
                return done.column, earlier.statement.origin
    return None
