"""MG412: a statement that writes the whole table again, for another reason than a column's type or value."""

from collections.abc import Iterator

from migguard.catalog.lookup import relation_key
from migguard.catalog.schema import Key
from migguard.changes import Insert, Maintain, SetGenerated, SetTableOption, TableAction
from migguard.effects.model import Blocks
from migguard.findings import Finding, Severity
from migguard.rules.facts.advice.recipes import execute, outside
from migguard.rules.facts.locks.batch_copies import copied, copy_finding
from migguard.rules.frame import Claim, Example, StepContext, rule
from migguard.rules.wording import and_parts, blocked, held_up, label, sql_name, waiting

GIVEN = "CREATE UNLOGGED TABLE visits (id bigint PRIMARY KEY, page text)"
BAD = Example('op.execute("ALTER TABLE visits SET LOGGED")', given=GIVEN)
GOOD = Example(
    'op.execute("ALTER TABLE visits SET LOGGED")',
    given="CREATE TABLE visits (id bigint PRIMARY KEY, page text)",
)

Rewriting = SetTableOption | Maintain | SetGenerated


@rule(
    "MG412",
    "table-rewrite",
    Severity.ERROR,
    "A table is written again as a whole while nobody else can use it.",
    bad=BAD,
    good=GOOD,
    claim=Claim(Blocks.READS_AND_WRITES, rewrites=True, scans=True),
)
def table_rewrite(change: Rewriting | Insert, ctx: StepContext) -> Iterator[Finding]:
    """## Why it matters
    SET LOGGED and UNLOGGED, another tablespace or access method, VACUUM FULL, CLUSTER and a new expression of a stored
    generated column copy every row and build every index again. All that time nobody reads or writes the table, the
    copy needs as much disk as the table has, and replicas fall behind by as much. A batch with `recreate="always"`
    copies it too, and where nothing locks the table first, rows that are written meanwhile are lost.

    ## What is let through
    What changes nothing: SET LOGGED of a logged table, the tablespace that it is in. Plain VACUUM; tables that this
    deployment creates.
    """
    if isinstance(change, Insert):
        copy = copied(change, ctx)
        if copy is not None:
            yield copy_finding(copy, ctx)
        return
    effect = ctx.effect
    for key in rewritten(change, ctx):
        slow = [k for k in held_up(ctx, key, effect) if k in effect.rewrites]
        if not slow:
            continue
        yield ctx.finding(
            f"{what(change)} writes all of {and_parts(ctx, key, slow)} again while {blocked(ctx, slow[0], effect)} it "
            "waits.",
            lock=waiting(ctx, slow[0], effect),
            grows=True,
            table=key,
            advice=advice(change, label(key, ctx)),
        )


def rewritten(change: Rewriting, ctx: StepContext) -> list[Key]:
    """The relation that the statement names, or all that it rewrites where it names none."""
    if change.table is None:
        return list(ctx.effect.rewrites)
    key = relation_key(ctx.before, change.table)
    return [key] if key is not None else []


def what(change: Rewriting) -> str:
    """The statement in words."""
    match change:
        case Maintain():
            return "VACUUM FULL" if change.action == "vacuum" else change.action.upper()
        case SetGenerated():
            return f"A new expression for {change.column}"
        case SetTableOption():
            value = f" {change.value}" if change.value and change.action is not TableAction.CONVERT_CHARSET else ""
            return f"{change.action.value.upper()}{value}"


def advice(change: Rewriting, name: str) -> str:
    """The way that lets the application go on, where there is one."""
    match change:
        case Maintain() if change.action == "vacuum" and change.table is not None:
            lines = "\n".join(outside(execute(f"VACUUM (ANALYZE) {sql_name(change.table)}")))
            return (
                "A plain VACUUM makes the space of dead rows usable again without stopping anybody; to give it back to "
                f"the system online, run pg_repack or pg_squeeze outside of the migrations:\n{lines}"
            )
        case Maintain():
            return (
                f"Bring {name} into order online with pg_repack, outside of the migrations, or in a maintenance window."
            )
        case SetGenerated():
            return (
                f"Keep the values in an ordinary column that a trigger fills, fill the old rows of {name} in batches, "
                "and let the application read that one; or plan a maintenance window."
            )
        case SetTableOption() if change.action is TableAction.TABLESPACE:
            return f"Move {name} online with pg_repack --tablespace, or in a maintenance window, not in a deployment."
        case SetTableOption():
            return (
                f"There is no online way. Plan a maintenance window, or create a new table that is so from the start, "
                f"keep it filled by a trigger, copy the rows of {name} in batches, and swap the two names."
            )
