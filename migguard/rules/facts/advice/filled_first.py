"""What has to give new rows a value where a column is filled, and made NOT NULL after a commit."""

from collections.abc import Iterator

from migguard.catalog.lookup import table_key
from migguard.changes import SetNullable, Update
from migguard.rules.facts.scripts.script_places import line_of
from migguard.rules.frame import Lookup, table_at
from migguard.trace import RevisionTrace, Step


def given_first(fill: Step, trace: RevisionTrace | None, lookup: Lookup) -> str:
    """A sentence, and the space after it, that stands before the advice to commit a fill: a row that the running code
    puts in without a value makes the SET NOT NULL fail that follows, at every attempt."""
    column, demand = next(demanded(fill, lookup), ("", None))
    if demand is None:
        return ""
    owner = lookup.transactions.revision(demand.statement)
    line = line_of(demand.statement.origin, owner, trace.revision if trace is not None else None)
    return (
        f"Let a default or a trigger give new rows {column} first: at a NULL that the running code puts in between, "
        f"{line} fails. "
    )


def demanded(fill: Step, lookup: Lookup) -> Iterator[tuple[str, Step]]:
    """The columns that an UPDATE gives values to and that have no default where a later step makes them NOT NULL."""
    change = fill.change
    table = table_at(table_key(fill.before, change.table), fill.before) if isinstance(change, Update) else None
    if not isinstance(change, Update) or table is None or fill.refusal is not None:
        return
    written = {name for name, value in change.assignments if not value.is_null}
    filled = {c.oid for c in table.columns if c.name in written and c.oid and c.nullable}
    past = False
    for step in lookup.deployment.steps() if filled else ():
        done = step.change
        if past and isinstance(done, SetNullable) and not done.nullable and step.refusal is None:
            there = table_at(table_key(step.before, done.table), step.before)
            column = there.column(done.column) if there is not None and there.oid == table.oid else None
            if column is not None and column.oid in filled and column.default is None:
                yield column.name, step
        past = past or step is fill
