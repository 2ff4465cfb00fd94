"""MG406: a UNIQUE constraint that builds its index under ACCESS EXCLUSIVE."""

from collections.abc import Iterator

from migguard.catalog.schema import ConstraintKind, Table
from migguard.changes import AddColumn, AddConstraint, CreateIndex, DropConstraint, IndexElement, Unique
from migguard.effects.model import Blocks
from migguard.findings import Finding, Safe, Severity
from migguard.rules.facts.advice.fresh_names import built_before, free, given_up
from migguard.rules.facts.advice.given_names import UNKNOWN, given_name
from migguard.rules.facts.advice.recipes import add_column, advice, partitioned_index, using_index
from migguard.rules.facts.locks.held_until import place
from migguard.rules.facts.schema.alternative_names import renaming
from migguard.rules.facts.schema.replaced_keys import kept_key, only_renamed
from migguard.rules.frame import Claim, Example, StepContext, rule
from migguard.rules.wording import and_parts, blocked, held_up, identifier, listed, target, waiting
from migguard.trace import Step

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY, code text)"
BAD = Example('op.create_unique_constraint("uq_orders_code", "orders", ["code"])', given=GIVEN)
GOOD = Example(
    """
    with op.get_context().autocommit_block():
        op.create_index("uq_orders_code", "orders", ["code"], unique=True, postgresql_concurrently=True)
    op.execute("ALTER TABLE orders ADD CONSTRAINT uq_orders_code UNIQUE USING INDEX uq_orders_code")
    """,
    given=GIVEN,
    env=("transaction_per_migration",),
)


@rule(
    "MG406",
    "blocking-unique",
    Severity.ERROR,
    "A UNIQUE constraint builds its index while nobody else can use the table.",
    bad=BAD,
    good=GOOD,
    claim=Claim(Blocks.READS_AND_WRITES, scans=True),
)
def blocking_unique(change: AddConstraint | AddColumn, ctx: StepContext) -> Iterator[Finding | Safe]:
    """## Why it matters
    A UNIQUE constraint builds its index inside `ALTER TABLE`, under ACCESS EXCLUSIVE: nobody reads or writes the
    table until the whole of it has been read and sorted.

    ## What is let through
    `UNIQUE USING INDEX` over an index that was built concurrently; tables that this deployment creates, or that must be
    empty.
    """
    unique = new_unique(change)
    table = target(ctx, change.table)
    effect = ctx.effect
    slow = held_up(ctx, table.key, effect) if table is not None else []
    if unique is not None and table is not None and unique.using_index and not slow:
        yield ctx.safe(f"it takes over the index {unique.using_index}, which is there already")
    if unique is None or table is None or unique.using_index or not slow:
        return
    columns = unique.columns or ((change.column.name,) if isinstance(change, AddColumn) else ())
    name = unique.name or f"{change.table.name}_{'_'.join(columns)}_key"[:63]
    known = unique.name is not None or not ctx.deployment.environment.unknown_names
    shown = name if known else f"the unique key over {listed(columns)}"
    yield ctx.finding(
        f"Building the index of {shown} blocks {blocked(ctx, slow[0], effect)} {and_parts(ctx, table.key, slow)} until "
        "it ends.",
        lock=waiting(ctx, slow[0], effect),
        grows=True,
        table=table.key,
        advice=kept_key(change, table, ctx) or recipe(change, unique, name, columns, table, ctx),
        fixable=isinstance(change, AddConstraint) and unique.name is not None and table.partition_by is None,
    )


def recipe(
    change: AddConstraint | AddColumn,
    unique: Unique,
    name: str,
    columns: tuple[str, ...],
    table: Table,
    ctx: StepContext,
) -> str:
    """A unique index built concurrently, made the constraint, in the user's names."""
    first = [add_column(change)] if isinstance(change, AddColumn) else []
    called = given_name(ConstraintKind.UNIQUE, unique.name, free(name, table, ctx.before), columns, table, ctx)
    name = unique.name if unique.name is not None and called.name == UNKNOWN else called.name
    if table.partition_by is not None:
        index = CreateIndex(change.table, tuple(IndexElement(c) for c in columns), unique=True)
        return advice(
            "PostgreSQL builds nothing of a partitioned table concurrently. Have the unique index alone, which refuses "
            "the same rows: on the table first, concurrently on each partition, then attached",
            [*first, *partitioned_index(index, name, table, ctx.before)],
        )
    same = only_renamed(table, unique, columns, ctx)
    if same is not None:
        return renaming(change.table, same, name, table, ctx)
    lead = "Add the column without it, build" if first else "Build"
    dropped = replaced(name, table, ctx)
    made = using_index(change.table, name, unique, columns, built_before(name, table, ctx))
    last = "then make it the constraint, which is brief"
    if dropped is not None:
        made[-1] = made[-1].replace(" ADD CONSTRAINT ", f" DROP CONSTRAINT {identifier(name)}, ADD CONSTRAINT ", 1)
        last = f"then let it take the place of the old {name}, which stays until then"
        last += f" (leave out its drop in {place(dropped, ctx)})" if dropped.statement is not ctx.step.statement else ""
    return advice(f"{lead} a unique index concurrently, {last}{called.lead}", [*first, *made])


def replaced(name: str, table: Table, ctx: StepContext) -> Step | None:
    """The step that drops the table's own constraint of the same name, which was there before the revision."""
    dropped = given_up(name, table, ctx)
    if dropped is None or not isinstance(dropped.change, DropConstraint):
        return None
    before = (ctx.deployment.released, ctx.trace.before) if ctx.trace is not None else (ctx.deployment.released,)
    there = (t for catalog in before for t in catalog.tables.values() if t.oid == table.oid)
    return dropped if not table.complete or any(t.constraint(name) is not None for t in there) else None


def new_unique(change: AddConstraint | AddColumn) -> Unique | None:
    """The UNIQUE constraint that a change adds."""
    written = (change.constraint,) if isinstance(change, AddConstraint) else change.constraints
    return next((c for c in written if isinstance(c, Unique)), None)
