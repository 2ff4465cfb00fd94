"""MG601: an existing table is renamed under the code that is running."""

from collections.abc import Iterator

from migguard.catalog.lookup import relation_key
from migguard.changes import RenameSchema, RenameTable, SetSchema
from migguard.findings import Finding, Severity
from migguard.rules.frame import Example, StepContext, rule
from migguard.rules.wording import label, python

GIVEN = "CREATE TABLE clients (id bigint PRIMARY KEY, name text)"
BAD = Example('op.rename_table("clients", "customers")', given=GIVEN)
GOOD = Example(
    """
    op.rename_table("clients", "customers")
    op.execute("CREATE VIEW clients AS SELECT * FROM customers")
    """,
    given=GIVEN,
)


@rule(
    "MG601",
    "rename-table",
    Severity.ERROR,
    "An existing table is renamed, and the running code still uses its old name.",
    bad=BAD,
    good=GOOD,
)
def rename_table(change: RenameTable | SetSchema | RenameSchema, ctx: StepContext) -> Iterator[Finding]:
    """## Why it matters
    Instances of the old code run on while the schema changes. From the rename until the last of them is replaced,
    every query of theirs on the old name fails.

    ## What is let through
    A view of the old name that this deployment creates: it keeps the old code working; tables that this deployment
    creates; SQLite's batch mode.
    """
    if ctx.step.refusal is not None:
        return
    if isinstance(change, RenameSchema):
        if any(t.key[0] == change.schema and ctx.deployment.existing(t.oid) for t in ctx.before.tables.values()):
            yield ctx.finding(
                f"Renaming the schema {change.schema} to {change.new} breaks every query of the running code "
                "on its tables.",
                advice="Create the new schema and move to it step by step, with views of the old names.",
            )
        return
    if isinstance(change, SetSchema) and change.kind not in ("table", "view", "materialized view"):
        return
    name = change.table if isinstance(change, RenameTable) else change.name
    key = relation_key(ctx.before, name)
    if key is None or not ctx.existing(key) or kept_by_view(key, ctx) or reused(key, ctx):
        return
    new = change.new.name if isinstance(change, RenameTable) else f"{change.schema}.{change.name.name}"
    old = label(key, ctx)
    yield ctx.finding(
        f"Renaming {old} to {new} breaks every query of the running code on {old} until it is replaced.",
        table=key,
        advice=(
            f"Keep the table's name and rename only the class (__tablename__ = {python(key[1])}), or leave a view of "
            "the old name for as long as old code runs, and drop it in a later deployment:\n"
            f"op.rename_table({python(key[1])}, {python(new)})\n"
            f"op.execute({python(f'CREATE VIEW {old} AS SELECT * FROM {new}')})"
        ),
        fixable=isinstance(change, RenameTable),
    )


def kept_by_view(key: tuple[str, str], ctx: StepContext) -> bool:
    """Whether the deployment leaves a view under the old name."""
    final = ctx.deployment.upgrades[-1].after
    return key in final.views


def reused(key: tuple[str, str], ctx: StepContext) -> bool:
    """Whether a table of the old name is there in the end: a swap, which other rules judge."""
    final = ctx.deployment.upgrades[-1].after
    return key in final.tables
