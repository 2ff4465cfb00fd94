"""MG403: a foreign key whose rows are checked while writes to both tables wait."""

from collections.abc import Iterator

from migguard.catalog.lookup import leaves, table_key
from migguard.catalog.schema import ConstraintKind, Table
from migguard.changes import AddColumn, AddConstraint, ForeignKey, Name
from migguard.effects.model import Blocks
from migguard.effects.postgresql_offers import partitioned_not_valid
from migguard.findings import Finding, Safe, Severity
from migguard.rules.facts.advice import recipes
from migguard.rules.facts.advice.dropped_alongside import dropped_alongside
from migguard.rules.facts.advice.fresh_names import free, suggested
from migguard.rules.facts.advice.given_names import by_its_column, given_name, servers_own
from migguard.rules.facts.rows.null_keys import looked_up
from migguard.rules.facts.schema.name_templates import Named
from migguard.rules.facts.schema.renamed_constraints import another_locked, or_renamed
from migguard.rules.frame import Claim, Example, StepContext, rule
from migguard.rules.wording import and_parts, held_up, kept_waiting, label, target, waiting

GIVEN = "CREATE TABLE customers (id bigint PRIMARY KEY);CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint)"
BAD = Example(
    'op.create_foreign_key("fk_orders_customer", "orders", "customers", ["customer_id"], ["id"])', given=GIVEN
)
GOOD = Example(
    """
    op.create_foreign_key(
        "fk_orders_customer", "orders", "customers", ["customer_id"], ["id"], postgresql_not_valid=True
    )
    with op.get_context().autocommit_block():
        op.execute("ALTER TABLE orders VALIDATE CONSTRAINT fk_orders_customer")
    """,
    given=GIVEN,
    env=("transaction_per_migration",),
)


@rule(
    "MG403",
    "blocking-foreign-key",
    Severity.ERROR,
    "A foreign key checks every row while writes to both tables wait.",
    bad=BAD,
    good=GOOD,
    claim=Claim(Blocks.WRITES, scans=True),
)
def blocking_foreign_key(change: AddConstraint | AddColumn, ctx: StepContext) -> Iterator[Finding | Safe]:
    """## Why it matters
    Adding a foreign key reads the referencing table and looks up every value in the referenced one. On PostgreSQL
    it holds SHARE ROW EXCLUSIVE on *both* tables until the last row is checked; MySQL copies the table.

    ## What is let through
    NOT VALID, and VALIDATE CONSTRAINT in a later transaction (it lets writes through); a foreign key on a new column
    that is NULL in every row, written with the column; tables that this deployment creates, or that must be empty.
    """
    key = foreign_key(change)
    table = target(ctx, change.table)
    if key is None or table is None:
        return
    effect, other = ctx.effect, table_key(ctx.before, key.references)
    slow = held_up(ctx, table.key, effect)
    if key.not_valid or not key.enforced:
        if not slow:
            yield ctx.safe(f"it is NOT VALID: no row of {label(table.key, ctx)} is looked at")
        return
    if not slow or (isinstance(change, AddColumn) and not looked_up(change, other, table, effect)):
        return
    both = [k for k in dict.fromkeys((table.key, other)) if k is not None and effect.lock_on(k) and ctx.existing(k)]
    named = key.name or f"the foreign key of {label(table.key, ctx)} to {key.references}"
    reads = f"checks every row of {and_parts(ctx, table.key, slow)} while {kept_waiting(ctx, both, effect)} wait"
    yield ctx.finding(
        f"Adding {named} {reads}.",
        lock="; ".join(waiting(ctx, k, effect) for k in dict.fromkeys((slow[0], *both)) if effect.lock_on(k))
        + another_locked(table, ctx),
        grows=True,
        table=table.key,
        advice=or_renamed(recipe(change, key, table, ctx), change, table, ctx),
        fixable=isinstance(change, AddConstraint) and key.name is not None and table.partition_by is None,
    )


def foreign_key(change: AddConstraint | AddColumn) -> ForeignKey | None:
    """The foreign key that a change adds."""
    written = (change.constraint,) if isinstance(change, AddConstraint) else change.constraints
    return next((c for c in written if isinstance(c, ForeignKey)), None)


def recipe(change: AddConstraint | AddColumn, key: ForeignKey, table: Table, ctx: StepContext) -> str:
    """NOT VALID first, VALIDATE in a later transaction, in the user's names."""
    columns = key.columns or ((change.column.name,) if isinstance(change, AddColumn) else ())
    others = (key.references.name, *recipes.referenced_columns(key, ctx.before))
    own = servers_own(ConstraintKind.FOREIGN, columns, table, ctx)
    own = own or suggested("fk", Named(table.key[1], columns, others[0], others[1:]), ctx)
    ours = key.name or free(own, table, ctx.before)
    called = given_name(ConstraintKind.FOREIGN, key.name, ours, columns, table, ctx, others)

    def added(at: Name) -> str:
        return recipes.add_foreign_key(at, called.name, key, columns, ctx.before, called.argument)

    made = change if isinstance(change, AddColumn) else by_its_column(table, ctx)
    first = [recipes.add_column(made)] if made is not None else []
    dropped = dropped_alongside(columns, table.oid, ctx) if made is None else []
    if table.partition_by is not None and not partitioned_not_valid(ctx.before.server):
        parts = [recipes.named(k, ctx.before) for k in leaves(ctx.before, table.key)]
        lines = [line for p in parts for line in recipes.proved_later(p, called.name, [added(p)])]
        return recipes.advice(
            "Add it NOT VALID to each partition and validate it there; then the partitioned table takes those over "
            "without reading a row, and only this last step is left to be locked for",
            [*first, *dropped, *lines, added(change.table).replace(", postgresql_not_valid=True", "")],
        )
    lead = "Add the column without the foreign key, then add it" if made is not None else "Add it"
    return recipes.advice(
        f"{lead} NOT VALID, and validate it in a later transaction, which lets writes through{called.lead}",
        [*dropped, *recipes.proved_later(change.table, called.name, [*first, added(change.table)])],
    )
