"""MG913: a new primary key that runs out of numbers."""

from collections.abc import Iterator

from migguard.catalog.schema import Column, ConstraintKind, Table
from migguard.changes import AddColumn, AddConstraint, CreateTable, Engine
from migguard.findings import Finding, Severity
from migguard.rules.facts.advice.widened_keys import BITS, base_type, widened
from migguard.rules.facts.schema.introduced import new_constraints
from migguard.rules.frame import ALL_ENGINES, SQLITE, Example, StepContext, rule
from migguard.rules.wording import label

BAD = Example('op.create_table("orders", sa.Column("id", sa.Integer(), primary_key=True))')
GOOD = Example('op.create_table("orders", sa.Column("id", sa.BigInteger(), primary_key=True))')


@rule(
    "MG913",
    "narrow-primary-key",
    Severity.NOTICE,
    "A new primary key is an int or smallint.",
    engines=ALL_ENGINES - SQLITE - {Engine.ORACLE},
    bad=BAD,
    good=GOOD,
)
def narrow_primary_key(change: CreateTable | AddColumn | AddConstraint, ctx: StepContext) -> Iterator[Finding]:
    """## Why it matters
    An `integer` key ends at 2147483647, and numbers that a rolled-back INSERT took count as well. Widening it
    later rewrites the table, its indexes and every table that refers to it; now it costs four bytes a row.

    ## What is let through
    Keys of several columns; a key that refers to another table's and has its type from there; columns that
    were there before this deployment; partitions, whose parent decides; a key that a CHECK ties to one value. SQLite's
    INTEGER and Oracle's have 64 bits or more.
    """
    for table, constraint in new_constraints(change, ctx):
        if constraint.kind is not ConstraintKind.PRIMARY or len(constraint.columns) != 1 or table.partition_of:
            continue
        column = table.column(constraint.columns[0])
        if column is None or column.type is None or inherited_type(table, column) or single_row(table, column):
            continue
        if ctx.existing(table.key) and ctx.deployment.existing(column.oid):
            continue
        base = base_type(column.type, ctx.after)
        bits = BITS.get(base.name.lower())
        if bits is None or base.dimensions:
            continue
        last = 2**bits - 1 if "unsigned" in base.attributes else 2 ** (bits - 1) - 1
        name = label(table.key, ctx)
        yield ctx.finding(
            f"The primary key {name}.{column.name} is {base.name}: no row can be inserted after number {last}.",
            table=table.key,
            advice=widened(table, column, ctx),
        )


def inherited_type(table: Table, column: Column) -> bool:
    """Whether the column is a foreign key or comes from a parent table: its type is decided elsewhere."""
    return column.inherited or any(
        c.kind is ConstraintKind.FOREIGN and column.name in c.columns for c in table.constraints
    )


def single_row(table: Table, column: Column) -> bool:
    """Whether a CHECK lets the key have one value only."""
    checks = (c.expression for c in table.constraints if c.kind is ConstraintKind.CHECK and c.expression is not None)
    return any(
        e.conjunctive
        and any(p.column == column.name and p.operator == "=" and p.value is not None for p in e.conditions)
        for e in checks
    )
