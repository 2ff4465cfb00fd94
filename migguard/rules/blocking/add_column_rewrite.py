"""MG411: a new column whose values have to be written into every row."""

from collections.abc import Iterator

from migguard.catalog.copying import replace
from migguard.catalog.lookup import domain_of, table_key
from migguard.changes import AddColumn, Name, PrimaryKey
from migguard.effects.model import Blocks
from migguard.findings import Finding, Safe, Severity
from migguard.rules.facts.advice.batches import by_key
from migguard.rules.facts.advice.recipes import add_column, advice, constant, execute, text
from migguard.rules.facts.rows.demanded_values import needed_by
from migguard.rules.frame import Claim, Example, StepContext, rule
from migguard.rules.wording import (
    and_parts,
    blocked,
    held_up,
    identifier,
    label,
    python,
    schema_argument,
    sql_name,
    target,
    waiting,
)

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY)"
BAD = Example(
    'op.add_column("orders", sa.Column("token", sa.Uuid(), server_default=sa.text("gen_random_uuid()")))', given=GIVEN
)
GOOD = Example(
    'op.add_column("orders", sa.Column("placed_at", sa.DateTime(timezone=True), server_default=sa.func.now()))',
    given=GIVEN,
)


@rule(
    "MG411",
    "add-column-rewrite",
    Severity.ERROR,
    "A new column rewrites the table, because its value differs from row to row.",
    bad=BAD,
    good=GOOD,
    claim=Claim(Blocks.READS_AND_WRITES, rewrites=True, scans=True),
)
def add_column_rewrite(change: AddColumn, ctx: StepContext) -> Iterator[Finding | Safe]:
    """## Why it matters
    A default that is the same for every row is kept once, beside the table. A volatile one (`gen_random_uuid()`,
    `clock_timestamp()`, `nextval()`, a function that is not known to be stable), a serial or identity column, a stored
    generated column or a domain with constraints has to be written into every row: the table is rewritten under
    ACCESS EXCLUSIVE.

    ## What is let through
    Constants, `now()` and `CURRENT_TIMESTAMP` (they are stable: one value for the statement), no default at all;
    tables that this deployment creates.
    """
    table = target(ctx, change.table)
    effect = ctx.effect
    slow = [k for k in held_up(ctx, table.key, effect) if k in effect.rewrites] if table is not None else []
    if table is None or not slow:
        if table is not None and effect.known and change.column.default is not None and not effect.rewrites:
            yield ctx.safe(f"the default is kept once, beside {label(table.key, ctx)}: no row is written")
        return
    because = f" ({'; '.join(effect.reasons)})" if effect.reasons else ""
    yield ctx.finding(
        f"Adding {label(table.key, ctx)}.{change.column.name} rewrites {and_parts(ctx, table.key, slow)} while "
        f"{blocked(ctx, slow[0], effect)} it waits{because}.",
        lock=waiting(ctx, slow[0], effect),
        grows=True,
        table=table.key,
        advice=recipe(change, ctx),
        fixable=change.column.default is not None,
    )


def recipe(change: AddColumn, ctx: StepContext) -> str:
    """Nullable column, then default, then batched backfill, in the user's names."""
    table, column = change.table, change.column
    domain = domain_of(ctx.before, column.type) if column.type is not None else None
    if domain is not None and (domain.not_null or domain.checks) and domain.base.builtin:
        column = replace(column, type=domain.base)
    where = schema_argument(table)
    lines = [add_column(replace(change, column=replace(column, identity=None, generated=None)), empty=True)]
    default = text(column.default.text) if column.default is not None else None
    if column.serial or column.identity is not None:
        sequence = Name(f"{table.name}_{column.name}_seq"[:63], table.schema)
        owner = f"{sql_name(table)}.{identifier(column.name)}"
        lines.append(execute(f"CREATE SEQUENCE {sql_name(sequence)} OWNED BY {owner}"))
        default = text(f"nextval({constant(sql_name(sequence))})")
    if default is not None:
        lines.append(f"op.alter_column({python(table.name)}, {python(column.name)}, server_default={default}{where})")
    if column.generated is not None:
        lines.append("# keep it filled by a trigger that computes it for every INSERT and UPDATE")
    there = ctx.before.tables.get(table_key(ctx.before, table) or ("", ""))
    first = any(isinstance(c, PrimaryKey) for c in change.constraints)
    how = by_key(there, ctx.before, keyless=first) if there is not None else "by primary key"
    needed = needed_by(column.name, ctx)
    when = f"in a revision before {needed} demands a value" if needed else "in a later revision or a job"
    lines.append(f"# fill the old rows in batches {how}, {when}")
    if column.nullable is False or column.identity is not None or column.serial:
        lines.append("# when none is left without a value: NOT NULL, by way of a validated CHECK (MG405)")
    return advice("Add it empty, give new rows their value, and fill the old ones in batches", lines)
