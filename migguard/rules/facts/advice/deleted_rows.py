"""Where rows are best deleted that all go, and what to do where something that comes later wants the table empty."""

from migguard.catalog.schema import Key, Table
from migguard.changes import AddColumn
from migguard.rules.facts.advice.batches import row_key
from migguard.rules.facts.locks.held_until import place
from migguard.rules.facts.rows.emptied_for_columns import columns_after, demand_after, keys_after
from migguard.rules.facts.rows.kept_copies import kept
from migguard.rules.facts.rows.nulls import taken_out
from migguard.rules.frame import Lookup, StepContext
from migguard.rules.wording import listed, python, schema_argument
from migguard.trace import Step

BATCHES = "in batches, each a transaction of its own, from a job or in a revision of its own"
"""How all rows of a table are deleted."""
LATER = "in batches, each a transaction of its own, in a later deployment"
"""The same where they were copied: until then it can be seen whether all is there."""


def how(table: Table, ctx: StepContext) -> str:
    """How this statement's rows are deleted in batches."""
    return LATER if kept(table, None, ctx) else BATCHES


def for_columns(table: Table, but: str, ctx: StepContext) -> str | None:
    """The advice where they only go because columns are added that they have no value for; `but` is what would not do,
    as the clause before a colon, and what row is then there."""
    later = columns_after(table, ctx.step, ctx.known)
    made = [s.change for s in later if isinstance(s.change, AddColumn)]
    if not later:
        return None
    places: dict[str, list[str]] = {}
    for step, change in zip(later, made, strict=True):
        places.setdefault(place(step, ctx), []).append(change.column.name)
    adds = listed(f"{where} adds {listed(names)}" for where, names in places.items())
    taken = {c.name for c in table.columns}
    calls = "\n".join(
        f"op.add_column({python(change.table.name)}, sa.Column({python(beside(change.column.name, taken))}, ..., "
        f"nullable=True){schema_argument(change.table)})"
        + ("  # until its own name is free" if change.column.name in taken else "")
        for change in made
    )
    keep = f"Keep the rows{differing(table, ctx)}: add what is new nullable"
    return (
        f"{but}, {adds} as NOT NULL without a default, which fails. {keep}, give it values, "
        f"and make it NOT NULL then. If they may go, stop what writes to the table first:\n{calls}"
    )


def beside(name: str, taken: set[str]) -> str:
    """A name for a column that is to stand beside an older one of its name."""
    return f"{name}_new" if name in taken else name


def differing(table: Table, ctx: StepContext) -> str:
    """What rows that are kept have to differ in, for the unique keys that come later."""
    own = row_key(table)
    keys = [
        f"{listed(columns)} (a unique key of {place(step, ctx)})"
        for step, columns in keys_after(table, ctx.step, ctx.known)
        if not own or not {*own} <= {*columns}
    ]
    return f" if they can differ in {listed(keys)}" if keys else ""


def wanted_by(key: Key, step: Step, lookup: Lookup) -> Step | None:
    """The later step for which a step takes all rows out of a table."""
    table = step.before.tables.get(key)
    if table is None or not taken_out(step, table):
        return None
    return next(iter(columns_after(table, step, lookup)), None) or demand_after(table, step, lookup)


def not_by_itself(key: Key, ctx: StepContext) -> str | None:
    """The advice where this statement takes all rows out for something later, and so must not be committed before it:
    what the running code puts in between is in the way of that, also of a second run, which starts behind it."""
    table = ctx.before.tables.get(key)
    later = wanted_by(key, ctx.step, ctx.known)
    if table is None or later is None:
        return None
    but = "A commit between would not do: with a row that the application puts in meanwhile"
    return for_columns(table, but, ctx) or (
        f"{but}, {place(later, ctx)} can fail, and a second run starts behind the commit. Stop what writes to the "
        "table first, or mend the rows in the place of deleting them."
    )
