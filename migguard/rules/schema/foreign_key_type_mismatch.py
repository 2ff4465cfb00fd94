"""MG915: a foreign key column of another type than the one it refers to."""

from collections.abc import Iterator

from migguard.catalog.lookup import table_key
from migguard.catalog.schema import Catalog, ConstraintKind, ConstraintState, Table
from migguard.changes import AddColumn, AddConstraint, AlterColumnType, CreateTable, ModifyColumn
from migguard.findings import Finding, Severity
from migguard.rules.facts.schema.deployment_end import final
from migguard.rules.facts.schema.introduced import at_end, new_constraints, same_one
from migguard.rules.facts.schema.key_twins import twins
from migguard.rules.facts.schema.key_types import KeyDifference, key_type_difference, one_type
from migguard.rules.frame import Example, StepContext, rule
from migguard.rules.wording import label

GIVEN = "CREATE TABLE members (id bigint PRIMARY KEY)"
BAD = Example(
    """
    op.create_table(
        "payments",
        sa.Column("id", sa.BigInteger(), primary_key=True),
        sa.Column("member_id", sa.Integer(), sa.ForeignKey("members.id"), index=True),
    )
    """,
    given=GIVEN,
)
GOOD = Example(BAD.code.replace("sa.Integer()", "sa.BigInteger()"), given=GIVEN)


@rule(
    "MG915",
    "foreign-key-type-mismatch",
    Severity.WARNING,
    "A foreign key column differs in type from the column that it refers to.",
    bad=BAD,
    good=GOOD,
)
def foreign_key_type_mismatch(
    change: CreateTable | AddColumn | AddConstraint | AlterColumnType | ModifyColumn, ctx: StepContext
) -> Iterator[Finding]:
    """## Why it matters
    A key that does not fit the column which refers to it cannot be inserted there: the day members.id passes
    2147483647, payments fail. And where the types differ, comparing them may convert every row and use no
    index; PostgreSQL's integers do use it, there a wider column says only that the key will run out first.

    ## What is let through
    Types that hold the same values: text and varchar of at least the length, a domain and the type beneath,
    SQLite's types of one affinity. Foreign keys whose columns differed so before this deployment, or that it
    mends before it ends.
    """
    end = final(ctx)
    for table, key in judged(change, ctx):
        found = mismatch(table, key, end)
        if found is None:
            continue
        column, other, difference = found
        name = label(table.key, ctx)
        target = end.tables.get(key.references) if key.references is not None else None
        referred = f"{label(target.key, ctx)}.{other}" if target is not None else other
        oid = target.oid if target is not None else table.oid
        yield ctx.finding(
            f"{name}.{column} refers to {referred} but differs from it: {difference.why}.",
            table=table.key,
            advice=one_type(column, other, referred, difference, released=ctx.deployment.existing(oid)),
        )


def judged(
    change: CreateTable | AddColumn | AddConstraint | AlterColumnType | ModifyColumn, ctx: StepContext
) -> Iterator[tuple[Table, ConstraintState]]:
    """The foreign keys that the change makes, and those from and to a column whose type it changes."""
    if not isinstance(change, (AlterColumnType, ModifyColumn)):
        for table, key in new_constraints(change, ctx, anew=True):
            made = ctx.after.tables.get(table.key)
            begun = same_one(key, made.constraints, table, made) if made is not None else None
            later = made is not None and begun is not None and mismatch(made, begun, ctx.after) is None
            if (
                key.kind is ConstraintKind.FOREIGN and not later and not differed(table, key, ctx)
            ):  # else the change that comes then is told
                yield table, key
        return
    if ctx.step.refusal is not None or (where := table_key(ctx.after, change.table)) is None:
        return
    for near in sorted({where, *ctx.after.referenced_by.get(where, frozenset())}):
        now = ctx.after.tables.get(near)
        end = at_end(now, ctx) if now is not None else None
        if now is None or end is None:
            continue
        before = ctx.before.tables.get(near)
        for key in now.constraints:
            if key.kind is not ConstraintKind.FOREIGN or key.inherited or mismatch(now, key, ctx.after) is None:
                continue
            old = same_one(key, before.constraints, now, before) if before is not None else None
            kept = same_one(key, end.constraints, now, end)
            if kept is not None and (before is None or old is None or mismatch(before, old, ctx.before) is None):
                yield end, kept


def differed(table: Table, key: ConstraintState, ctx: StepContext) -> bool:
    """Whether the foreign key is made anew, and its columns differed in the same way before the deployment."""
    now, old = mismatch(table, key, final(ctx)), ctx.deployment.released
    return now is not None and any(mismatch(was, one, old) == now for was, one in twins(table, key, ctx))


def mismatch(table: Table, key: ConstraintState, catalog: Catalog) -> tuple[str, str, KeyDifference] | None:
    """The first pair of columns that differ, and how."""
    if key.references is None or key.inherited:
        return None
    target = table if key.references == table.key else catalog.tables.get(key.references)
    if target is None:
        return None
    for name, other in zip(key.columns, key.references_columns, strict=False):
        column, referred = table.column(name), target.column(other)
        if column is None or referred is None:
            continue
        difference = key_type_difference(table, column, target, referred, catalog)
        if difference is not None:
            return name, other, difference
    return None
