"""MG407: a primary key that builds an index, or looks for NULLs, while nobody else can use the table."""

from collections.abc import Iterator

from migguard.catalog.schema import ConstraintKind, Table
from migguard.changes import AddColumn, AddConstraint, DropConstraint, PrimaryKey
from migguard.effects.model import Blocks
from migguard.findings import Finding, Severity
from migguard.rules.facts.advice.batches import by_key
from migguard.rules.facts.advice.fresh_names import built_before
from migguard.rules.facts.advice.given_names import UNKNOWN, given_name
from migguard.rules.facts.advice.recipes import add_column, advice, execute, set_not_null, using_index
from migguard.rules.facts.schema.alternative_names import renaming
from migguard.rules.facts.schema.replaced_keys import dropped_key, dropped_unseen, kept_key, only_renamed, resting_on
from migguard.rules.frame import Claim, Example, StepContext, rule
from migguard.rules.wording import and_parts, blocked, held_up, identifier, label, listed, sql_name, target, waiting

GIVEN = "CREATE TABLE orders (id bigint NOT NULL, code text)"
BAD = Example('op.create_primary_key("pk_orders", "orders", ["id"])', given=GIVEN)
GOOD = Example(
    """
    with op.get_context().autocommit_block():
        op.create_index("pk_orders", "orders", ["id"], unique=True, postgresql_concurrently=True)
    op.execute("ALTER TABLE orders ADD CONSTRAINT pk_orders PRIMARY KEY USING INDEX pk_orders")
    """,
    given=GIVEN,
    env=("transaction_per_migration",),
)


@rule(
    "MG407",
    "blocking-primary-key",
    Severity.ERROR,
    "A primary key is built, or its columns looked through for NULLs, under a blocking lock.",
    bad=BAD,
    good=GOOD,
    claim=Claim(Blocks.READS_AND_WRITES, scans=True),
)
def blocking_primary_key(change: AddConstraint | AddColumn | DropConstraint, ctx: StepContext) -> Iterator[Finding]:
    """## Why it matters
    PRIMARY KEY builds a unique index under ACCESS EXCLUSIVE, and looks through nullable columns for NULLs. On MySQL
    and MariaDB, dropping a primary key alone copies the table.

    ## What is let through
    `PRIMARY KEY USING INDEX` over columns that are NOT NULL already; tables that this deployment creates; a column
    whose addition rewrites the table anyway, which MG411 reports.
    """
    table = target(ctx, change.table)
    effect = ctx.effect
    slow = held_up(ctx, table.key, effect) if table is not None else []
    if table is None or not slow:
        return
    if isinstance(change, DropConstraint):
        if change.kind == "primary key":
            yield ctx.finding(
                f"Dropping the primary key of {label(table.key, ctx)} copies the table.",
                lock=waiting(ctx, table.key, effect),
                grows=True,
                table=table.key,
                advice="Drop it and add the new primary key in one ALTER TABLE, which rebuilds the table online.",
            )
        return
    key = primary_key(change)
    if key is None or (isinstance(change, AddColumn) and table.key in effect.rewrites):
        return
    called = key.name or f"{change.table.name}_pkey"
    shown = "the primary key" if key.name is None and ctx.deployment.environment.unknown_names else called
    yield ctx.finding(
        f"{'Looking for NULLs for' if key.using_index else 'Building'} {shown} blocks {blocked(ctx, slow[0], effect)} "
        f"{and_parts(ctx, table.key, slow)} until it ends.",
        lock=waiting(ctx, slow[0], effect),
        grows=True,
        table=table.key,
        advice=kept_key(change, table, ctx) or recipe(change, key, called, table, ctx),
    )


def recipe(change: AddConstraint | AddColumn, key: PrimaryKey, name: str, table: Table, ctx: StepContext) -> str:
    """NOT NULL by way of a CHECK, a unique index built concurrently, then the key, in the user's names."""
    index = table.index(key.using_index) if key.using_index else None
    columns = key.columns or ((change.column.name,) if isinstance(change, AddColumn) else ())
    columns = tuple(c for c in index.columns if c is not None) if index is not None else columns
    open_columns = [c.name for c in table.columns if c.name in columns and c.nullable]
    if table.partition_by is not None:
        return "PostgreSQL has no online way to give a partitioned table a primary key: plan a maintenance window."
    lines = []
    if isinstance(change, AddColumn):
        how = by_key(table, ctx.before, keyless=True)
        lines = [add_column(change, empty=True), f"# fill it in batches {how}; then, in a later revision:"]
        open_columns = list(columns)
    lines += [line for c in open_columns for line in set_not_null(change.table, c)]
    given = given_name(ConstraintKind.PRIMARY, key.name, name, columns, table, ctx)
    name = key.name if key.name is not None and given.name == UNKNOWN else given.name
    if (same := only_renamed(table, key, columns, ctx)) is not None:
        return renaming(change.table, same, name, table, ctx)
    old = dropped_key(table, ConstraintKind.PRIMARY, ctx)
    gone = old.name if old is not None else name if dropped_unseen(table, name, ctx) else None
    built = built_before(name if name != UNKNOWN else f"{change.table.name}_pkey", table, ctx)
    built = built_before(f"{name}_new", table, ctx) if built == gone else built
    made = using_index(change.table, name, key, columns, built)
    if index is not None:
        add = f"ALTER TABLE {sql_name(change.table)} ADD CONSTRAINT {identifier(name)} PRIMARY KEY "
        made = [execute(f"{add}USING INDEX {identifier(index.name)}")]
    if gone is not None:
        made[-1] = made[-1].replace(" ADD CONSTRAINT ", f" DROP CONSTRAINT {identifier(gone)}, ADD CONSTRAINT ", 1)
    resting = resting_on(old, table, ctx) if old is not None else []
    if resting:
        made.insert(-1, f"# {gone} cannot be dropped while foreign keys rest on it: drop {listed(resting)} before this")
    lines += made
    last = "add it" if gone is None else f"let it take the place of {gone}, which stays until then"
    sure = not open_columns and all(table.column(c) is not None for c in columns)
    first = "Build its index" if sure else "Make its columns NOT NULL without blocking, build its index"
    return advice(f"{first} concurrently, then {last}{given.lead}", lines)


def primary_key(change: AddConstraint | AddColumn) -> PrimaryKey | None:
    """The primary key that a change adds."""
    written = (change.constraint,) if isinstance(change, AddConstraint) else change.constraints
    return next((c for c in written if isinstance(c, PrimaryKey)), None)
