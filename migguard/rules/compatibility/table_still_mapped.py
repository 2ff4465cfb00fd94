"""MG604: a table is dropped that the running code still maps."""

from collections.abc import Iterator

from migguard.catalog.lookup import relation_key
from migguard.catalog.schema import Key
from migguard.changes import DropSchema, DropTable, DropView
from migguard.findings import Finding, Severity
from migguard.rules.facts.advice.left_unused import holding
from migguard.rules.facts.schema.deployment_end import final
from migguard.rules.facts.schema.running_code import at_key
from migguard.rules.frame import Example, StepContext, rule
from migguard.rules.wording import label, python

GIVEN = "CREATE TABLE invoices (id bigint PRIMARY KEY);CREATE TABLE orders (id bigint PRIMARY KEY)"
MODEL = """
class {name}(Base):
    __tablename__ = "{table}"
    id = sa.Column(sa.BigInteger, primary_key=True)
"""
BAD = Example('op.drop_table("invoices")', given=GIVEN, models=MODEL.format(name="Invoice", table="invoices"))
GOOD = Example('op.drop_table("invoices")', given=GIVEN, models=MODEL.format(name="Order", table="orders"))


@rule(
    "MG604",
    "table-still-mapped",
    Severity.ERROR,
    "A table or view is dropped that the models of the running code map.",
    bad=BAD,
    good=GOOD,
)
def table_still_mapped(change: DropTable | DropView | DropSchema, ctx: StepContext) -> Iterator[Finding]:
    """## Why it matters
    Instances of the old code run on while the schema changes. From the drop until the last of them is replaced, every
    query of theirs on the table fails.

    ## What is let through
    Tables that no model at the base of the branch maps: dropping them is the last step. A table or view of that name
    that is there when the deployment ends; tables of this deployment. Where the models are not known, MG301 says what
    can be said.
    """
    end = final(ctx)
    for key in gone(change, ctx):
        old = at_key(key, ctx)
        if old is None or old.model is None or key in end.tables or key in end.views:
            continue
        name = label(key, ctx)
        yield ctx.finding(
            f"Dropping {name} breaks every query of the running code on it until that is replaced: {old.said()} "
            "maps it.",
            table=key,
            advice=(
                f"Take {name} out of the models, release that, and drop it in the deployment after it:\n"
                + "\n".join((*freed(key, ctx), f"op.drop_table({python(key[1])})"))
            ),
        )


def freed(key: Key, ctx: StepContext) -> list[str]:
    """What the table may hold no longer while it stays: other tables that this deployment drops."""
    table = ctx.before.tables.get(key)
    keys = holding(table, ctx) if table is not None else []
    return ["# in this deployment, or it cannot drop the other tables:", *keys, "# in the one after:"] if keys else []


def gone(change: DropTable | DropView | DropSchema, ctx: StepContext) -> Iterator[Key]:
    """The relations that the step takes away under the name that they had before the deployment."""
    released = ctx.deployment.released
    if ctx.step.refusal is not None:
        return
    if isinstance(change, DropSchema):
        inside = [k for k in (*ctx.before.tables, *ctx.before.views) if k[0] == change.schema]
        yield from (k for k in inside if k in released.tables or k in released.views)
        return
    key = relation_key(ctx.before, change.view if isinstance(change, DropView) else change.table)
    if key is not None and ctx.existing(key) and (key in released.tables or key in released.views):
        yield key
