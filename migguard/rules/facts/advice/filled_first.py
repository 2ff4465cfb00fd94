"""What has to give new rows a value where a column is filled, and made NOT NULL after a commit."""

from collections.abc import Iterator

from migguard.catalog.lookup import table_key
from migguard.catalog.schema import Column
from migguard.changes import Delete, SetNullable, Update
from migguard.rules.facts.advice.required_columns import told_apart
from migguard.rules.facts.rows.nulls import takes_nulls
from migguard.rules.facts.scripts.script_places import line_of
from migguard.rules.frame import Lookup, table_at
from migguard.rules.wording import listed
from migguard.trace import Certainty, RevisionTrace, Step


def given_first(fill: Step, trace: RevisionTrace | None, lookup: Lookup) -> str:
    """A sentence, and the space after it, that stands before the advice to commit a fill: a row that the running code
    puts in without a value makes the SET NOT NULL fail that follows, at every attempt, or a DELETE before it takes it.

    A default has one value for all rows: it gives none that comes of other columns or rows, or tells rows apart.
    """
    wanted = list(demanded(fill, lookup))
    if not wanted:
        return ""
    alike = all(one_for_all(fill, name, step) for name, step in wanted)
    who = "a default or a trigger" if alike else "a trigger, or the application,"
    lead = f"Let {who} give new rows {listed(dict.fromkeys(name for name, _ in wanted))} first: "
    here = trace.revision if trace is not None else None
    taken = [nulls_deleted(name, fill, step, lookup) for name, step in wanted]
    deleting = next((one for one in taken if one is not None), None)
    failing = next((step for (_, step), one in zip(wanted, taken, strict=True) if one is None), None)
    said = []
    if deleting is not None:
        line = line_of(deleting.statement.origin, lookup.transactions.revision(deleting.statement), here)
        said.append(f"those that the running code puts in without it in between are deleted by {line}")
    if failing is not None:
        line = line_of(failing.statement.origin, lookup.transactions.revision(failing.statement), here)
        said.append(f"at a NULL that the running code puts in between, {line} fails")
    return f"{lead}{', and '.join(said)}. "


def nulls_deleted(column: str, fill: Step, demand: Step, lookup: Lookup) -> Step | None:
    """The DELETE of the rows without a value in a column that runs after it is filled and before it is made NOT NULL;
    `column` is its name then."""
    wanted = demand.change
    table = table_at(table_key(demand.before, wanted.table), demand.before) if isinstance(wanted, SetNullable) else None
    made = table.column(column) if table is not None else None
    past = False
    for step in lookup.deployment.steps():
        if step is demand or table is None or made is None:
            return None
        if past and isinstance(step.change, Delete) and step.statement.certainty is Certainty.RAN:
            there = next((t for t in step.before.tables.values() if t.oid == table.oid), None)
            name = next((c.name for c in there.columns if c.oid == made.oid), "") if there is not None else ""
            if there is not None and takes_nulls(step.change, there, name, step):
                return step
        past = past or step is fill
    return None


def one_for_all(fill: Step, column: str, demand: Step) -> bool:
    """Whether an UPDATE gives all rows one value, and the column neither refers to others nor tells rows apart."""
    change, wanted = fill.change, demand.change
    if not isinstance(change, Update) or not isinstance(wanted, SetNullable):
        return False
    table, there = (
        table_at(table_key(s.before, n), s.before) for s, n in ((fill, change.table), (demand, wanted.table))
    )
    made = there.column(column) if there is not None else None
    was = (
        next((c.name for c in table.columns if made is not None and c.oid == made.oid), "") if table is not None else ""
    )
    value = dict(change.assignments).get(was)
    return value is not None and value.constant is not None and there is not None and not told_apart(column, there)


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
            wanted = column is not None and column.oid in filled and column.default is None
            if wanted and column is not None and not filled_again(column, fill, step, lookup):
                yield column.name, step
        past = past or step is fill


def filled_again(column: Column, fill: Step, demand: Step, lookup: Lookup) -> bool:
    """Whether the revision that makes a column NOT NULL fills it itself before, where it is NULL, after an earlier one
    has: then no row of the time between fails it."""
    owner, past = lookup.transactions.revision(demand.statement), False
    for step in lookup.deployment.steps():
        if step is demand:
            return False
        done = step.change
        if past and isinstance(done, Update) and step.refusal is None and step.statement.certainty is Certainty.RAN:
            table = table_at(table_key(step.before, done.table), step.before)
            there = next((c for c in table.columns if c.oid == column.oid), None) if table is not None else None
            value = dict(done.assignments).get(there.name) if there is not None else None
            if (
                there is not None
                and value is not None
                and value.constant is not None
                and lookup.transactions.revision(step.statement) == owner
                and reaches_nulls(done, there.name)
            ):
                return True
        past = past or step is fill
    return False


def reaches_nulls(change: Update, column: str) -> bool:
    """Whether an UPDATE leaves no row without a value in a column: it has no WHERE, or one that asks for just that."""
    if change.others or change.limited:
        return False
    where = change.where
    return where is None or (
        where.conjunctive and [(c.column, c.operator) for c in where.conditions] == [(column, "is null")]
    )
