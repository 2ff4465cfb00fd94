"""A statement over all rows of a table, written so that it goes over them in batches."""

from migguard.catalog.schema import Key
from migguard.changes import Delete, Insert, Merge, Update
from migguard.rules.facts.advice.batches import (
    SIZE,
    asks_for_written,
    counted,
    filling,
    in_ranges,
    picked,
    repeats,
    rounds,
    settles,
    undone,
)
from migguard.rules.facts.advice.deleted_rows import how, not_by_itself
from migguard.rules.facts.advice.probes import column, relation
from migguard.rules.facts.rows.nulls import taken_out
from migguard.rules.frame import StepContext
from migguard.rules.wording import sql_name


def in_batches(key: Key, change: Update | Delete | Insert | Merge, ctx: StepContext) -> str:
    """A loop over batches by the table's own key, which ends."""
    lead = "Go over it in batches, each a transaction of its own, and let the application run on in between:\n"
    table = ctx.before.tables.get(key)
    if table is None:  # a view
        return lead.replace(":\n", ".")
    name, number = relation(key, ctx.before), counted(table)
    asked = isinstance(change, (Insert, Merge)) or change.where is not None
    match change:
        case Delete() if taken_out(ctx.step, table):
            lead = f"Delete them {how(table, ctx)}, and let the application run on in between:\n"
            several = rounds(f"DELETE FROM {name} WHERE {picked(table, 'true', ctx.before)}")
            return not_by_itself(key, ctx) or lead + several
        case Delete():
            return lead + rounds(f"DELETE FROM {name} WHERE {picked(table, '…' if asked else 'true', ctx.before)}")
        case Update() if (empty := filling(change)) is not None:
            where = f"{column(empty, ctx.before)} IS NULL"
            told = f"# the new {empty} must not be NULL, or this never ends\n"
            return lead + told + rounds(f"UPDATE {name} SET … WHERE {picked(table, where, ctx.before)}")
        case Update() if settles(change):
            where = f"{'… AND ' if asked else ''}{undone(change, table, ctx)}"
            return lead + rounds(f"UPDATE {name} SET … WHERE {picked(table, where, ctx.before)}")
        case Update() if number is None and repeats(change) and not asks_for_written(change):
            return (
                "Nothing in a row says that it is done, and a second round would change it again: run it as one "
                "statement in a revision of its own, or note in a new column which rows are done."
            )
        case Update() if number is None:
            told = "# with a condition that is false for rows that are done, or this never ends\n"
            return lead + told + rounds(f"UPDATE {name} SET … WHERE {picked(table, '…', ctx.before)}")
        case Update():
            work = f"UPDATE {name} SET … WHERE {{}}{' AND …' if asked else ''}"
            return lead + in_ranges(table, number or "", work, ctx.before)
        case Insert() | Merge():
            written = ", ".join(column(c, ctx.before) for c in change.columns) if isinstance(change, Insert) else ""
            listed = f" ({written})" if written else ""
            into = f"INSERT INTO {sql_name(change.table)}{listed} SELECT … FROM {name} … WHERE "
            if number is not None:
                return lead + in_ranges(table, number, f"{into}{{}} AND …", ctx.before, joined=True)
            missing = f"… AND NOT EXISTS (SELECT 1 FROM {sql_name(change.table)} WHERE …) LIMIT {SIZE}"
            return lead + rounds(into + missing)
