"""MG601: an existing table is renamed under the code that is running."""

from collections.abc import Iterator

from migguard.catalog.lookup import relation_key
from migguard.catalog.schema import Key
from migguard.changes import RenameSchema, RenameTable, SetSchema
from migguard.findings import Finding, Safe, Severity
from migguard.rules.facts.schema.deployment_end import as_it_is, final, released
from migguard.rules.facts.schema.renamed import as_released, renamed_along, unwritten
from migguard.rules.facts.schema.running_code import OldTable, at_key, missing_from
from migguard.rules.frame import Example, StepContext, rule
from migguard.rules.wording import label, listed, python

GIVEN = "CREATE TABLE clients (id bigint PRIMARY KEY, name text)"
BAD = Example('op.rename_table("clients", "customers")', given=GIVEN)
GOOD = Example(
    """
    op.rename_table("clients", "customers")
    op.execute("CREATE VIEW clients AS SELECT * FROM customers")
    """,
    given=GIVEN,
)
Renaming = RenameTable | SetSchema | RenameSchema


@rule(
    "MG601",
    "rename-table",
    Severity.ERROR,
    "An existing table is renamed, and the running code still uses its old name.",
    bad=BAD,
    good=GOOD,
)
def rename_table(change: Renaming, ctx: StepContext) -> Iterator[Finding | Safe]:
    """## Why it matters
    Instances of the old code run on while the schema changes. From the rename until the last of them is replaced,
    every query of theirs on the old name fails.

    ## What is let through
    A view of the old name that this deployment creates, with every column that the old code knows; tables that this
    deployment creates; SQLite's batch mode. Where the models of the running code are known: what they do not map.
    """
    if ctx.step.refusal is not None:
        return
    if isinstance(change, RenameSchema):
        inside = [t.key for t in ctx.before.tables.values() if t.key[0] == change.schema]
        named = [k for k in inside if ctx.existing(k) and k in ctx.deployment.released.tables]
        if any(ctx.existing(k) and (k not in named or not unknown_to(k, ctx)) for k in inside):
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
    if key is None or not ctx.existing(key) or renamed_before(key, ctx):
        return
    old_code = at_key(key, ctx)
    if old_code is not None and old_code.model is None:
        yield ctx.safe(f"No model of the running code maps {label(key, ctx)}.")
        return
    lacking = lacks(key, old_code, ctx)
    if lacking is None:
        return
    new = change.new.name if isinstance(change, RenameTable) else f"{change.schema}.{change.name.name}"
    old = label(key, ctx)
    because = f": {old_code.said()} maps it" if old_code is not None else ""
    if lacking and old_code is not None:
        because = f": the view of that name lacks {listed(lacking)}, which {old_code.said()} maps"
    yield ctx.finding(
        f"Renaming {old} to {new} breaks every query of the running code on {old} until it is replaced{because}.",
        table=key,
        advice=advice(key, old, new, ctx, kept=as_it_is(key, ctx)),
        fixable=isinstance(change, RenameTable) and as_it_is(key, ctx),
    )


def advice(key: Key, old: str, new: str, ctx: StepContext, *, kept: bool) -> str:
    """Keep the name, or a view of it where nothing that comes later in the deployment needs to drop what it shows."""
    along = renamed_along(key, ctx)
    those = f" and those of its columns ({listed(along)})" if along else ""
    keep = f"Keep the table's name{those} and rename only the class (__tablename__ = {python(key[1])})"
    if not kept:
        return f"{keep}. A view of the old name would be in the way of what this deployment drops or alters later."
    later = f"and drop it in a later deployment{unwritten(key, ctx)}"
    return (
        f"{keep}, or leave a view of the old name for as long as old code runs, {later}:\n"
        f"op.rename_table({python(key[1])}, {python(new)})\n"
        f"op.execute({python(f'CREATE VIEW {old} AS SELECT {as_released(key, ctx)} FROM {new}')})"
    )


def renamed_before(key: Key, ctx: StepContext) -> bool:
    """Whether an earlier step took the name away under which the running code knows a table."""
    table = ctx.before.tables.get(key)
    was = released(table, ctx) if table is not None else None
    return was is not None and was.key != key


def unknown_to(key: Key, ctx: StepContext) -> bool:
    """Whether the running code is known not to map a table."""
    return (known := at_key(key, ctx)) is not None and known.model is None


def lacks(key: Key, old: OldTable | None, ctx: StepContext) -> list[str] | None:
    """What the running code misses in a view that the deployment leaves under the old name.

    None where nothing is amiss, also where a table has that name: a swap, which other rules judge.
    """
    end = final(ctx)
    if key in end.tables:
        return None
    if key not in end.views:
        return []
    used = [c.name for c in old.model.columns if c.used] if old is not None and old.model is not None else []
    return missing_from(key, used, end) or None
