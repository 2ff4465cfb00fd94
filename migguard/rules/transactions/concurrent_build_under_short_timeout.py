"""MG511: a concurrent index build under a time limit that ends it half-way."""

from collections.abc import Iterator

from migguard.catalog.schema import Key
from migguard.changes import CreateIndex, Reindex
from migguard.findings import Finding, Severity
from migguard.rules.facts.advice.time_limits import LIMITS, put_back
from migguard.rules.frame import POSTGRESQL, Example, StepContext, rule
from migguard.rules.wording import label
from migguard.settings import milliseconds
from migguard.transactions import in_words, limit_in_force

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY, email text)"
BUILD = 'op.create_index("ix_orders_email", "orders", ["email"], postgresql_concurrently=True)'
BAD = Example(
    f"""
    op.execute("SET lock_timeout = '5s'")
    with op.get_context().autocommit_block():
        {BUILD}
    """,
    given=GIVEN,
    env=("transaction_per_migration",),
)
GOOD = Example(
    f"""
    with op.get_context().autocommit_block():
        op.execute("SET lock_timeout = 0")
        {BUILD}
    """,
    given=GIVEN,
    env=("transaction_per_migration",),
)


@rule(
    "MG511",
    "concurrent-build-under-short-timeout",
    Severity.WARNING,
    "A concurrent index build runs under a short lock or statement timeout.",
    engines=POSTGRESQL,
    bad=BAD,
    good=GOOD,
)
def concurrent_build_under_short_timeout(change: CreateIndex | Reindex, ctx: StepContext) -> Iterator[Finding]:
    """## Why it matters
    A concurrent build waits for every transaction that was there before it, twice, and a lock timeout counts while it
    waits; a statement timeout counts all of it. A limit that is right for other DDL ends the build half-way and leaves
    an INVALID index, which costs every write and is used by none. The build itself blocks nobody, so it can wait.

    ## What is let through
    0 or a limit of at least `min_build_timeout` (1min) around it; tables that this deployment creates.
    """
    if not change.concurrently or ctx.effect.refused is not None:
        return
    table = next(
        (lock.table for lock in ctx.effect.locks if ctx.existing(lock.table) and has_rows(lock.table, ctx)), None
    )
    if table is None:
        return
    least = milliseconds(ctx.settings.min_build_timeout)
    for name in LIMITS:
        limit = limit_in_force(ctx.before, name)
        if limit is None or limit.milliseconds is None or not 0 < limit.milliseconds < least:
            continue
        where = label(table, ctx)
        yield ctx.finding(
            f"The concurrent build on {where} runs under a {name} of {in_words(limit.milliseconds)}: a transaction "
            "that lasts longer ends it half-way, and an INVALID index stays behind.",
            table=table,
            advice=(
                "Lift the limit for the build, which blocks nobody, and put it back after it:\n"
                "with op.get_context().autocommit_block():\n"
                f'    op.execute("SET {name} = 0")\n'
                "    ...  # the build\n"
                f"    {put_back(name, ctx.before)}"
            ),
        )
        return


def has_rows(key: Key, ctx: StepContext) -> bool:
    """Whether it is a table, or a materialized view."""
    return key in ctx.before.tables or key in ctx.before.views
