"""MG403: a foreign key whose rows are checked while writes to both tables wait."""

from collections.abc import Iterator

from migguard.catalog.lookup import table_key
from migguard.changes import AddColumn, AddConstraint, ForeignKey
from migguard.effects.model import Blocks
from migguard.findings import Finding, Severity
from migguard.rules.frame import Claim, Example, StepContext, rule
from migguard.rules.wording import blocks, label, python, quoted, target, waiting

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
def blocking_foreign_key(change: AddConstraint | AddColumn, ctx: StepContext) -> Iterator[Finding]:
    """## Why it matters
    Adding a foreign key reads the referencing table and looks up every value in the referenced one. On PostgreSQL
    it holds SHARE ROW EXCLUSIVE on *both* tables until the last row is checked; MySQL copies the table.

    ## What is let through
    NOT VALID, and VALIDATE CONSTRAINT in a later transaction (it lets writes through); a foreign key of a table, or
    on a column without a default, that this deployment adds; tables that this deployment creates.
    """
    key = foreign_key(change)
    table = target(ctx, change.table)
    if key is None or table is None:
        return
    effect = ctx.statement_effect if isinstance(change, AddColumn) else ctx.effect
    if not effect.grows_with(table.key) or not blocks(effect, table.key):
        return
    if stays_null(change):
        return
    other = table_key(ctx.before, key.references)
    both = [k for k in dict.fromkeys((table.key, other)) if k is not None and effect.lock_on(k) is not None]
    names = " and ".join(label(k, ctx) for k in both)
    named = key.name or f"the foreign key of {label(table.key, ctx)} to {key.references}"
    yield ctx.finding(
        f"Adding {named} checks every row of {label(table.key, ctx)} while writes to {names} wait.",
        lock="; ".join(waiting(ctx, k, effect) for k in both),
        grows=True,
        table=table.key,
        advice=advice(change, key),
        fixable=isinstance(change, AddConstraint) and key.name is not None,
    )


def foreign_key(change: AddConstraint | AddColumn) -> ForeignKey | None:
    """The foreign key that a change adds and validates."""
    written = (change.constraint,) if isinstance(change, AddConstraint) else change.constraints
    found = next((c for c in written if isinstance(c, ForeignKey)), None)
    return found if found is not None and not found.not_valid and found.enforced else None


def stays_null(change: AddConstraint | AddColumn) -> bool:
    """Whether the referencing column is added by this change and stays NULL: there is nothing to look up."""
    if not isinstance(change, AddColumn):
        return False
    default = change.column.default
    return (default is None or default.is_null) and change.column.identity is None and not change.column.serial


def advice(change: AddConstraint | AddColumn, key: ForeignKey) -> str:
    """NOT VALID first, VALIDATE in a later transaction, in the user's names."""
    table, name = change.table, key.name or f"fk_{change.table.name}_{'_'.join(key.columns)}"
    schemas = f", source_schema={python(table.schema)}" if table.schema else ""
    schemas += f", referent_schema={python(key.references.schema)}" if key.references.schema else ""
    columns = quoted(key.references_columns) or "…"
    first = (
        f"op.create_foreign_key({python(name)}, {python(table.name)}, {python(key.references.name)}, "
        f"[{quoted(key.columns)}], [{columns}]{schemas}, postgresql_not_valid=True)"
    )
    lead = "Add the column without the foreign key, then add it" if isinstance(change, AddColumn) else "Add it"
    return (
        f"{lead} NOT VALID, and validate it in a later transaction, which lets writes through:\n"
        f"{first}\n"
        "with op.get_context().autocommit_block():\n"
        f"    op.execute('ALTER TABLE {table} VALIDATE CONSTRAINT {name}')"
    )
