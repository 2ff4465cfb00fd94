"""MG414: REFRESH MATERIALIZED VIEW that makes readers wait."""

from collections.abc import Iterator

from migguard.catalog.lookup import relation_key
from migguard.catalog.schema import View
from migguard.changes import RefreshMaterializedView
from migguard.effects.model import Blocks
from migguard.findings import Finding, Severity
from migguard.rules.facts.advice.recipes import advice, execute, outside
from migguard.rules.frame import POSTGRESQL, Claim, Example, StepContext, rule
from migguard.rules.wording import label, python, schema_argument, sql_name, waiting

GIVEN = (
    "CREATE TABLE sales (id bigint PRIMARY KEY, day date, total int);"
    "CREATE MATERIALIZED VIEW daily AS SELECT day, sum(total) AS total FROM sales GROUP BY day;"
    "CREATE UNIQUE INDEX uq_daily_day ON daily (day)"
)
BAD = Example('op.execute("REFRESH MATERIALIZED VIEW daily")', given=GIVEN)
GOOD = Example('op.execute("REFRESH MATERIALIZED VIEW CONCURRENTLY daily")', given=GIVEN)


@rule(
    "MG414",
    "blocking-refresh",
    Severity.WARNING,
    "A materialized view is filled again while nobody can read it.",
    engines=POSTGRESQL,
    bad=BAD,
    good=GOOD,
    claim=Claim(Blocks.READS_AND_WRITES, rewrites=True, scans=True),
)
def blocking_refresh(change: RefreshMaterializedView, ctx: StepContext) -> Iterator[Finding]:
    """## Why it matters
    A plain REFRESH runs the view's query under ACCESS EXCLUSIVE: every query on the view waits until it has ended.

    ## What is let through
    REFRESH … CONCURRENTLY, which may stand in a transaction; a view that this deployment creates, or that was created
    WITH NO DATA and cannot be read yet.
    """
    key = relation_key(ctx.before, change.view)
    view = ctx.before.views.get(key) if key is not None else None
    lock = ctx.effect.lock_on(key) if key is not None else None
    if key is None or view is None or lock is None or lock.blocks is not Blocks.READS_AND_WRITES:
        return
    if not ctx.existing(key) or not view.populated:
        return
    name = label(key, ctx)
    yield ctx.finding(
        f"REFRESH makes every query on {name} wait until it is filled again."
        if change.with_data
        else f"REFRESH … WITH NO DATA empties {name}: queries on it wait, and then fail until it is filled again.",
        lock=waiting(ctx, key, ctx.effect),
        grows=change.with_data,
        table=key,
        advice=recipe(change, view),
    )


def recipe(change: RefreshMaterializedView, view: View) -> str:
    """CONCURRENTLY, and the unique index that it needs."""
    refresh = execute(f"REFRESH MATERIALIZED VIEW CONCURRENTLY {sql_name(change.view)}")
    if any(i.unique and i.valid and i.where is None and None not in i.columns for i in view.indexes):
        return advice("Refresh it concurrently: readers see the old rows until the new ones are there", [refresh])
    column = view.columns[0].name if view.columns else "key"
    index = f"op.create_index({python(f'uq_{change.view.name}_{column}'[:63])}, {python(change.view.name)}, "
    index += f"[{python(column)}], unique=True{schema_argument(change.view)}, postgresql_concurrently=True)"
    return advice(
        f"Give the view a unique index over the columns that tell its rows apart ({column} stands for them here), and "
        "refresh it concurrently from then on",
        [*outside(index), refresh],
    )
