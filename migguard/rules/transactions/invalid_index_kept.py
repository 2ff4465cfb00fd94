"""MG510: a concurrent build that an invalid index of an earlier attempt makes a no-op."""

from collections.abc import Iterator

from migguard.changes import Change, CreateIndex, DropIndex, Opaque
from migguard.findings import Finding, Severity
from migguard.rules.facts.locks.second_run import refused_again, schema_changes
from migguard.rules.facts.scripts.index_drops import drops_index_above
from migguard.rules.facts.scripts.index_validity import asks_validity, rebuilt_later
from migguard.rules.facts.scripts.schema_conditions import Conditions
from migguard.rules.frame import POSTGRESQL, Example, StepContext, rule
from migguard.rules.wording import label, python, schema_argument, sql_name, target
from migguard.sql.postgresql_plpgsql import flat
from migguard.trace import Certainty, Step

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY, email text)"
BUILD = 'op.create_index("ix_orders_email", "orders", ["email"], if_not_exists=True, postgresql_concurrently=True)'
BAD = Example(
    f"""
    with op.get_context().autocommit_block():
        {BUILD}
    """,
    given=GIVEN,
    env=("transaction_per_migration",),
)
GOOD = Example(
    f"""
    with op.get_context().autocommit_block():
        op.drop_index("ix_orders_email", "orders", if_exists=True, postgresql_concurrently=True)
        {BUILD}
    """,
    given=GIVEN,
    env=("transaction_per_migration",),
)


@rule(
    "MG510",
    "invalid-index-kept",
    Severity.WARNING,
    "CREATE INDEX CONCURRENTLY IF NOT EXISTS keeps the invalid index of a failed attempt.",
    engines=POSTGRESQL,
    bad=BAD,
    good=GOOD,
)
def invalid_index_kept(change: CreateIndex, ctx: StepContext) -> Iterator[Finding]:
    """## Why it matters
    A concurrent build that fails (a deadlock, a timeout, a duplicate in a unique index) leaves an INVALID index behind.
    With IF NOT EXISTS the next attempt finds its name taken and does nothing: the revision succeeds, the index is never
    used, costs every write, and a unique one enforces nothing on what was there.

    ## What is let through
    A DROP INDEX of the same index before it in the revision, under a condition too; a script that asks for
    `indisvalid`, and a later one of the deployment that asks so for this index, by its name, and reindexes or drops it;
    an index on a table that this deployment creates; a build that is not concurrent, which leaves nothing behind.
    """
    table = target(ctx, change.table)
    if table is None or change.name is None or not (change.concurrently and change.if_not_exists):
        return
    if ctx.effect.refused is not None or any(drops(s, change) for s in before(ctx)):
        return
    if asks_validity(ctx) or rebuilt_later(change.name.name, ctx):
        return
    origin, script = ctx.step.statement.origin, ctx.known.scripts.get(ctx.trace.revision if ctx.trace else "")
    engine = ctx.before.server.engine
    if script and origin and drops_index_above(script, change.name.name, origin.line, engine):
        return
    name, where = change.name.name, label(table.key, ctx)
    stops = stops_before(ctx, Conditions(script) if script is not None else None)
    place = f"line {stops.statement.origin.line}" if stops is not None and stops.statement.origin else "what is before"
    later = f", once {place} can be run again," if stops is not None else ""
    yield ctx.finding(
        f"If building {name} on {where} fails once, its invalid remains are kept and{later} the next attempt does "
        "nothing.",
        table=table.key,
        advice=(
            "Drop what an earlier attempt may have left, then build:\n"
            "with op.get_context().autocommit_block():\n"
            f"    op.drop_index({python(name)}, {python(change.table.name)}{schema_argument(change.table)}, "
            "if_exists=True, postgresql_concurrently=True)\n"
            "    op.create_index(..., postgresql_concurrently=True)"
        ),
        probe=(
            "SELECT indexrelid::regclass FROM pg_index WHERE NOT indisvalid "
            f"AND indrelid = '{sql_name(change.table)}'::regclass"
        ),
        fixable=True,
    )


def stops_before(ctx: StepContext, conditions: Conditions | None) -> Step | None:
    """What was committed before the build and stops the next attempt above it."""
    sent = dict.fromkeys(s.statement for s in before(ctx) if s.statement.certainty is not Certainty.OTHER_BRANCH)
    return refused_again([s for one in sent for s in schema_changes(one)], ctx.before, conditions)


def before(ctx: StepContext) -> Iterator[Step]:
    """The steps of the revision before this one."""
    for step in ctx.trace.steps() if ctx.trace is not None else ():
        if step is ctx.step:
            return
        yield step


def drops(step: Step, change: CreateIndex) -> bool:
    """Whether a step drops an index of that name, under whatever condition a block puts it."""
    made: list[Change] = [step.change]
    if isinstance(step.change, Opaque):
        made += [c for part in flat(step.change.inside) for c in part.changes]
    return any(isinstance(c, DropIndex) and change.name is not None and c.index.name == change.name.name for c in made)
