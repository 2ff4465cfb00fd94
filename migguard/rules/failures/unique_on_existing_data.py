"""MG703: a unique index or constraint over columns that were not unique before."""

from collections.abc import Iterator

from migguard.catalog.schema import Index, Table
from migguard.changes import AddColumn, AddConstraint, AlterColumnType, CreateIndex, CreateTable, DropColumn
from migguard.findings import Finding, Severity
from migguard.rules.facts.advice.askable import askable, named, telling
from migguard.rules.facts.advice.looking_first import look_first, mended_before
from migguard.rules.facts.advice.probes import duplicates
from migguard.rules.facts.rows.keyed_values import keyed, run_together
from migguard.rules.facts.rows.nulls import emptied
from migguard.rules.facts.rows.old_writes import shortened
from migguard.rules.facts.rows.restrictions import as_strict, new_unique
from migguard.rules.facts.rows.row_twins import apart, once_there, sorted_out
from migguard.rules.facts.schema.folded_keys import folded, in_lower_case
from migguard.rules.facts.schema.introduced import original
from migguard.rules.facts.schema.shown_backwards import was_there
from migguard.rules.facts.schema.unknown_drops import unless_kept
from migguard.rules.facts.scripts.unread_branches import unread_before
from migguard.rules.frame import Example, StepContext, rule
from migguard.rules.wording import label, listed

GIVEN = "CREATE TABLE people (id bigint PRIMARY KEY, email text UNIQUE, tenant int)"
BAD = Example('op.create_unique_constraint("uq_people_tenant", "people", ["tenant"])', given=GIVEN)
GOOD = Example('op.create_unique_constraint("uq_people_email_tenant", "people", ["email", "tenant"])', given=GIVEN)

APART = "mend them, and let the application keep them apart from then on"

Uniting = AddConstraint | CreateIndex | AddColumn | CreateTable | DropColumn | AlterColumnType


@rule(
    "MG703",
    "unique-on-existing-data",
    Severity.WARNING,
    "A unique index or constraint fails if rows that are there share a key.",
    bad=BAD,
    good=GOOD,
)
def unique_on_existing_data(change: Uniting, ctx: StepContext) -> Iterator[Finding]:
    """## Why it matters
    Nothing has kept the keys apart so far. The build finds the first two rows with the same key after it has read the
    table, and fails; built CONCURRENTLY, it leaves an invalid index behind. Development databases have no such rows.

    ## What is let through
    Keys that contain those of an older unique index or constraint, one that this deployment drops included; columns
    that this deployment adds and that no constant default makes equal; a DELETE or UPDATE before it that compares the
    rows with each other, or writes the primary key into each value so that it can be read out of it (after a `_`, not
    after a digit); an index that is there already (USING INDEX); tables that this deployment creates or empties.
    """
    if isinstance(change, AlterColumnType):
        yield from in_any_case(change, ctx)
        return
    for table, index in new_unique(change, ctx):
        if apart(index, table, ctx) or emptied(table, ctx) or sorted_out(index, table, ctx) or keyed(index, table, ctx):
            continue
        olds, engine = once_there(table, ctx), ctx.before.server.engine
        if was_there(index, table, ctx) or any(as_strict(old, index, table, engine) for old in olds):
            continue
        name = label(key := original(table.key), ctx)
        keys = listed(
            e.column or (" ".join(e.expression.text.split()) if e.expression else "?") for e in index.elements
        )
        what = f"The {'primary key' if index.primary else 'unique key'} over {keys}"
        also = ", or a NULL in them" if index.primary and any_nullable(index, key, ctx) else ""
        told_by = telling(index, table, ctx)
        there = askable(probed(table, ctx), named(told_by), ctx) if told_by.elements else None
        where = f" with {shortened(index.where.text)}" if index.where is not None else ""
        unread = unread_before((key[1],), ctx)
        unseen = f", unless {unread.called} that could not be read (MG008) mends them" if unread else ""
        unless = unless_kept(table, ctx) + unseen
        side = f"{unread.called} that could not be read may write {keys} or delete rows" if unread is not None else None
        mends = mended_before(named(index), table, ctx) or side
        yield ctx.finding(
            f"{what} cannot be made if two rows of {name}{where} have the same {keys}{also}{unless}.",
            table=key,
            verified=ctx.step.verified and not unless,
            related=(unread.origin,) if unread is not None else (),
            advice=look_first(
                f"{APART}; the index shows new ones only when it is there.", mends, query=there is not None
            )
            + run_together(index, table, ctx),
            probe=duplicates(there, told_by, ctx.before) if there is not None else None,
        )


def in_any_case(change: AlterColumnType, ctx: StepContext) -> Iterator[Finding]:
    """Keys that become citext, which compares without case."""
    for table, index in folded(change, ctx):
        if emptied(table, ctx):
            continue
        name, there = label(table.key, ctx), askable(table, named(index), ctx)
        lower = in_lower_case(index, change.column)
        yield ctx.finding(
            f"As citext {change.column} tells no case apart: the unique key over {listed(named(index))} cannot be made "
            f"again if two rows of {name} differ in case alone.",
            table=table.key,
            advice=look_first(f"{APART}.", mended_before(named(index), table, ctx), query=there is not None),
            probe=duplicates(there, lower, ctx.before) if there is not None else None,
        )


def probed(table: Table, ctx: StepContext) -> Table:
    """The table that a batch copy stands for; any other as it is."""
    return ctx.before.tables.get(original(table.key), table)


def any_nullable(index: Index, key: tuple[str, str], ctx: StepContext) -> bool:
    """Whether a key of a new primary key may be NULL in a row."""
    columns = ctx.before.tables[key].columns if key in ctx.before.tables else ()
    return any(c.nullable for c in columns if c.name in index.columns)
