"""MG924: an index that another one makes superfluous."""

from collections.abc import Iterator

from migguard.catalog.schema import Index, Table
from migguard.findings import Finding, Severity
from migguard.rules.facts.advice.index_cautions import made_before
from migguard.rules.facts.locks.held_until import place
from migguard.rules.facts.schema.index_mentions import along_with, as_made
from migguard.rules.facts.schema.introduced import Indexing, new_indexes
from migguard.rules.facts.schema.shared_columns import in_model
from migguard.rules.facts.schema.superfluous import instead_of_new, makes_superfluous
from migguard.rules.facts.schema.unknown_names import called
from migguard.rules.facts.scripts.index_sources import leave_out
from migguard.rules.frame import Example, StepContext, rule
from migguard.rules.wording import label

GIVEN = """
    CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, placed date);
    CREATE INDEX ix_orders_customer_placed ON orders (customer_id, placed)
"""
BAD = Example('op.create_index("ix_orders_customer", "orders", ["customer_id"])', given=GIVEN)
GOOD = Example('op.create_index("ix_orders_placed", "orders", ["placed"])', given=GIVEN)


@rule(
    "MG924",
    "redundant-index",
    Severity.WARNING,
    "A new index repeats another, or is the beginning of one.",
    bad=BAD,
    good=GOOD,
)
def redundant_index(change: Indexing, ctx: StepContext) -> Iterator[Finding]:
    """## Why it matters
    What the index finds, the other one finds as well. It takes space and is written at every INSERT and at
    every UPDATE of its columns, for nothing.

    ## What is let through
    Unique indexes beside plain ones, partial indexes beside whole ones, indexes of another method, operator
    class, collation or order; the one that stays when the deployment drops the other; one that takes the place of an
    index that was superfluous before and is dropped, as for another name. On MySQL and MariaDB
    the index that a foreign key made gives way by itself. An index that only a later revision of the deployment makes
    superfluous is told there.
    """
    for table, index in new_indexes(change, ctx):
        yield from (overtaken(old, index, table, ctx) for old in left_behind(index, table, ctx))
        other = instead_of_new(index, table, ctx)
        if other is None:
            continue
        same_length = len(other.elements) == len(index.elements)
        how = "repeats" if same_length else "is the beginning of"
        kind = "constraint" if index.constraint is not None else "index"
        name = label(table.key, ctx)
        mine, theirs = called(index, ctx), called(other, ctx)
        shown = f"The {kind} {mine}" if mine == index.name else f"T{mine[1:]}"
        yield ctx.finding(
            f"{shown} on {name} {how} {theirs}, which finds all that it finds; every "
            f"write to {name} keeps both up to date.",
            table=table.key,
            advice=f"{leave_out(*as_made(change, index, table, ctx), ctx)}{along_with(index, ctx)}, and "
            f"{in_model(index, table, ctx)}{instead(other, index, theirs, ctx)}.",
        )


def instead(other: Index, index: Index, called: str, ctx: StepContext) -> str:
    """What is to be done where the other one shall go; empty where it keeps values unique and this one does not."""
    if other.primary or (other.unique and not index.unique):
        return ""
    own = ctx.trace is not None and ctx.trace.before.next_oid <= other.oid
    return f"; if {called} shall go instead, {'leave that one out' if own else 'drop it here too'}"


def left_behind(index: Index, table: Table, ctx: StepContext) -> Iterator[Index]:
    """The indexes of earlier revisions of the deployment that the new one is the first to make superfluous."""
    start = ctx.trace.before.next_oid if ctx.trace is not None else 0
    for old in table.indexes:
        if old.parent is None and old.oid < start and not ctx.deployment.existing(old.oid):
            instead = [o for o in table.indexes if makes_superfluous(o, old, table, ctx)]
            if instead and min(instead, key=lambda o: o.oid) is index:
                yield old


def overtaken(old: Index, index: Index, table: Table, ctx: StepContext) -> Finding:
    """The finding that an index of an earlier revision does nothing more that the new one does not do."""
    how = "repeats" if len(old.elements) == len(index.elements) else "is the beginning of"
    made = made_before(old.name, table, ctx)
    instead = f", or leave it out in {place(made, ctx)} if nothing between needs it" if made is not None else ""
    name, kind = label(table.key, ctx), "constraint" if old.constraint is not None else "index"
    return ctx.finding(
        f"From here on the {kind} {called(old, ctx)} on {name} {how} {called(index, ctx)}, which finds all that it "
        f"finds; every write to {name} keeps both up to date.",
        table=table.key,
        advice=f"Drop {called(old, ctx)} once {called(index, ctx)} is there{instead}, and leave out "
        f"{in_model(old, table, ctx)}.",
    )
