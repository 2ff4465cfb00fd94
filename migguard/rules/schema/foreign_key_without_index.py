"""MG914: foreign key columns that no index helps to find."""

from collections.abc import Iterator

from migguard.catalog.schema import ConstraintState, Table
from migguard.changes import AddColumn, AddConstraint, CreateTable, Engine
from migguard.findings import Finding, Severity
from migguard.rules.facts.advice.fresh_names import free
from migguard.rules.facts.rows.emptied_for_columns import run_after
from migguard.rules.facts.schema.index_cover import narrowed, partly
from migguard.rules.facts.schema.introduced import new_constraints
from migguard.rules.facts.schema.key_twins import made_once_more, twins
from migguard.rules.facts.schema.unindexed_keys import Taking, lacks, robbed
from migguard.rules.frame import ALL_ENGINES, MYSQL_FAMILY, Example, StepContext, rule
from migguard.rules.wording import label, listed, python, quoted

Making = CreateTable | AddColumn | AddConstraint

GIVEN = "CREATE TABLE members (id bigint PRIMARY KEY)"
TABLE = """
    op.create_table(
        "payments",
        sa.Column("id", sa.BigInteger(), primary_key=True),
        sa.Column("member_id", sa.BigInteger(), sa.ForeignKey("members.id", name="fk_payments_member")),
    )
"""
BAD = Example(TABLE, given=GIVEN)
GOOD = Example(TABLE + '    op.create_index("ix_payments_member_id", "payments", ["member_id"])', given=GIVEN)


@rule(
    "MG914",
    "foreign-key-without-index",
    Severity.WARNING,
    "The columns of a foreign key are not the beginning of an index.",
    engines=ALL_ENGINES - MYSQL_FAMILY,
    bad=BAD,
    good=GOOD,
    guideline=True,
)
def foreign_key_without_index(change: Making | Taking, ctx: StepContext) -> Iterator[Finding]:
    """## Why it matters
    Every DELETE from the referenced table, and every UPDATE of its key, looks for the rows that refer to it.
    Without an index that reads the whole referencing table, once for each row, while the row's lock is held.
    Joins along the key read it whole as well. Where an index begins with one of several columns, it reads what that
    finds, where several do what one of them finds: a notice.

    ## What is let through
    Foreign keys whose columns begin a valid index when the deployment ends, in whatever order; a unique index over
    some of them, or any index over those that refer to a unique key, where the others are never NULL; a partial index
    counts if it leaves out only NULLs. Foreign keys that a partition takes from its
    parent, ones that are not enforced, and ones made anew that had no index before. MySQL and MariaDB, which make the
    index themselves.
    """
    for table, key in bare_keys(change, ctx):
        name = label(table.key, ctx)
        other = label(key.references, ctx) if key.references is not None else "the referenced table"
        columns = listed(key.columns)
        which = f"the foreign key {key.name}" if key.named else f"its foreign key to {other}"
        parts = narrowed(table.indexes, key.columns)
        same = "the same " + ", or with the same ".join(parts)
        comma = "," if len(parts) > 1 else ""
        read = f"looks through all of {name} with {same}{comma}" if parts else f"reads all of {name}"
        found = "finds all rows by" if partly(table.indexes, key.columns) else "begins with"
        yield ctx.finding(
            f"No index of {name} {found} {columns} of {which}: every DELETE from {other} {read} for rows that "
            "refer to it.",
            severity=Severity.NOTICE if parts else None,
            table=table.key,
            advice=advice(table, key, ctx),
        )


def bare_keys(change: Making | Taking, ctx: StepContext) -> Iterator[tuple[Table, ConstraintState]]:
    """The foreign keys that this step leaves without an index, to the end of the deployment."""
    if isinstance(change, Taking):
        yield from robbed(ctx)
        return
    for table, key in new_constraints(change, ctx, anew=True):
        lacked = any(lacks(old, one, ctx) for old, one in twins(table, key, ctx))
        if lacks(table, key, ctx) and not lacked and not made_once_more(key, table, ctx):
            yield table, key


def advice(table: Table, key: ConstraintState, ctx: StepContext) -> str:
    """The index, built without blocking where the table is in use."""
    schema, later = table.key[0], (s.after for s in run_after(ctx.step, ctx.known))
    name = python(free(f"ix_{table.key[1]}_{'_'.join(key.columns)}", table, ctx.after, *later))
    where = f", schema={python(schema)}" if label(table.key, ctx) != table.key[1] else ""
    call = f"op.create_index({name}, {python(table.key[1])}, [{quoted(key.columns)}]{where}"
    if ctx.after.server.engine is not Engine.POSTGRESQL or not ctx.deployment.existing(table.oid):
        return f"Make one, in the model too:\n{call})"
    return (
        "Build one without blocking writes, and have it in the model too:\n"
        f"with op.get_context().autocommit_block():\n    {call}, postgresql_concurrently=True)"
    )
