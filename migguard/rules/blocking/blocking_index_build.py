"""MG401: an index built under a lock that blocks writes."""

from collections.abc import Iterator

from migguard.catalog.lookup import table_key
from migguard.catalog.schema import Table
from migguard.changes import CreateIndex
from migguard.effects.model import Blocks
from migguard.findings import Finding, Safe, Severity
from migguard.rules.facts.advice.fresh_names import built_before, given_up
from migguard.rules.facts.advice.given_names import UNKNOWN, given_name
from migguard.rules.facts.advice.index_cautions import as_here, before_building, only_after
from migguard.rules.facts.advice.instead_of_imports import elsewhere
from migguard.rules.facts.advice.plain_index_drops import added_here, renamed, renaming, was_called
from migguard.rules.facts.advice.recipes import advice, create_index, drop_invalid, outside, partitioned_index
from migguard.rules.facts.locks.held_until import place
from migguard.rules.facts.schema.unknown_names import made_up, over
from migguard.rules.facts.scripts.index_sources import creating, for_all_engines, for_other_engines, script_of, to_bring
from migguard.rules.frame import Claim, Example, StepContext, rule
from migguard.rules.wording import and_parts, blocked, held_up, label, listed, python, waiting

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY, email text)"
BAD = Example('op.create_index("ix_orders_email", "orders", ["email"])', given=GIVEN)
GOOD = Example(
    """
    with op.get_context().autocommit_block():
        op.create_index("ix_orders_email", "orders", ["email"], postgresql_concurrently=True)
    """,
    given=GIVEN,
    env=("transaction_per_migration",),
)


@rule(
    "MG401",
    "blocking-index-build",
    Severity.ERROR,
    "An index is built on an existing table under a lock that blocks writes.",
    bad=BAD,
    good=GOOD,
    claim=Claim(Blocks.WRITES, scans=True),
)
def blocking_index_build(change: CreateIndex, ctx: StepContext) -> Iterator[Finding | Safe]:
    """## Why it matters
    A plain `CREATE INDEX` reads the whole table and holds a lock that every INSERT, UPDATE and DELETE waits for,
    from the first row to the last. On a large table that is minutes to hours in which the application cannot write.

    ## What is let through
    A concurrent build outside a transaction; an index on a table that this deployment creates; `ON ONLY` a
    partitioned table, which builds nothing; MySQL's and MariaDB's ordinary indexes, which are built online.
    """
    key = table_key(ctx.before, change.table)
    table = ctx.before.tables.get(key) if key is not None else None
    effect = ctx.effect
    if table is None or change.concurrently:
        if table is not None and ctx.existing(table.key) and ctx.step.statement.autocommit:
            how = "it is built concurrently, outside of a transaction"
            yield ctx.safe(f"{how}: {label(table.key, ctx)} is written to meanwhile")
        return
    slow = held_up(ctx, table.key, effect)
    if not slow:
        if effect.grows_with(table.key) and not ctx.existing(table.key):
            yield ctx.safe(f"this deployment creates {label(table.key, ctx)}, so there is nothing to index yet")
        return
    name = change.name.name if change.name else (effect.builds[0] if effect.builds else "the index")
    unseen = made_up(name, ctx)
    shown = name if not unseen else over(change.elements)
    old = was_called(name, table, ctx) if change.name else None
    yield ctx.finding(
        f"Building {shown} blocks {blocked(ctx, slow[0], effect)} {and_parts(ctx, table.key, slow)} until it ends.",
        lock=waiting(ctx, slow[0], effect),
        grows=True,
        table=table.key,
        advice=renaming(old, None if unseen else name, table, ctx)
        if old is not None
        else before_building(change, name, table, ctx, recipe(change, name, table, ctx)),
        fixable=table.partition_by is None and old is None,
    )


def recipe(change: CreateIndex, name: str, table: Table, ctx: StepContext) -> str:
    """The concurrent build in the user's names."""
    unseen = change.name is None or made_up(name, ctx)
    columns = [e.column for e in change.elements if e.column is not None]
    called = given_name(None, None, name, columns, table, ctx) if unseen else None
    name = called.name if called is not None else name
    if table.partition_by is not None:
        return advice(
            "PostgreSQL builds no index of a partitioned table concurrently. Create it on the table alone, build it "
            "concurrently on each partition, and attach those: it is valid when the last one is attached",
            partitioned_index(change, name, table, ctx.before),
        )
    anew = not unseen or (name != UNKNOWN and given_up(name, table, ctx) is not None)
    built = built_before(name, table, ctx) if anew else name
    others, keys = list(for_other_engines(name, ctx)), for_all_engines(name, ctx)
    kept = change.if_not_exists and built == name and not unseen
    texts, own = [o.text for o in others], (keys.text or None) if keys is not None else None
    line = create_index(change, built, change.table, unless_there=kept, others=texts, keys=own)
    line = line.replace(python(name), called.argument, 1) if called is not None and called.name == UNKNOWN else line
    bring = to_bring([*others, keys]) + as_here(creating(name, ctx), ctx, name)
    if anew and built != name and (late := only_after(change, table, bring, ctx)):
        return advice(late, outside(line.replace(python(built), python(name), 1)))
    if built == name:
        script = script_of(ctx)
        first = drop_invalid(name, change.table, dialects=script is not None and elsewhere(script)) if kept else []
        return advice(f"Build it concurrently, in a revision of its own{bring}", outside(*first, line))
    dropped = given_up(name, table, ctx)
    where = f" in {place(dropped, ctx)}" if dropped is not None else ""
    added = added_here(change, table, ctx)
    between = f" (and after one that adds {listed(added)})" if added else ""
    return advice(
        f"Build it concurrently under a name of its own, in a revision before this one{between}{bring}, where another "
        f"has the name {name} yet; here, once that is dropped{where}, only rename it, which is brief",
        [*outside(line), renamed(built, name, table, ctx)],
    )
