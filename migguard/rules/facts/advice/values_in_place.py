"""An UPDATE that turns the values of a column into others of the same column: half of it is neither the old nor new."""

from migguard.changes import Update
from migguard.rules.facts.advice.batches import asks_for_written
from migguard.rules.wording import listed
from migguard.sql.inverses import steps_of
from migguard.trace import Step


def turned_in_place(step: Step) -> str | None:
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
    return (
        f"A commit in between, or batches, would leave rows of both kinds, and nothing tells a new value of {columns} "
        f"from an old one: fill a new column from {columns} instead, in batches, with a trigger for what is written "
        "meanwhile, and let the code change over to it; or stop what writes to the table, and leave this whole."
    )
