"""MG308: DROP … CASCADE that takes other things along."""

from collections.abc import Iterator

from migguard.changes import (
    DropColumn,
    DropConstraint,
    DropExtension,
    DropFunction,
    DropIndex,
    DropSchema,
    DropSequence,
    DropTable,
    DropType,
    DropView,
)
from migguard.findings import Finding, Severity
from migguard.rules.facts.schema.fallen import Fallen, come_back, fallen
from migguard.rules.frame import POSTGRESQL, Example, StepContext, rule
from migguard.rules.wording import listed

GIVEN = "CREATE TABLE visits (id bigint PRIMARY KEY, page text);CREATE VIEW pages AS SELECT DISTINCT page FROM visits"
BAD = Example('op.execute("DROP TABLE visits CASCADE")', given=GIVEN)
GOOD = Example(
    """
    op.execute("DROP VIEW pages")
    op.drop_table("visits")
    """,
    given=GIVEN,
)
MOST = 24

Cascading = (
    DropTable
    | DropView
    | DropColumn
    | DropConstraint
    | DropIndex
    | DropSequence
    | DropType
    | DropFunction
    | DropExtension
    | DropSchema
)


@rule(
    "MG308",
    "drop-cascade",
    Severity.ERROR,
    "DROP … CASCADE takes other objects along that the script does not name.",
    engines=POSTGRESQL,
    bad=BAD,
    good=GOOD,
)
def drop_cascade(change: Cascading, ctx: StepContext) -> Iterator[Finding]:
    """## Why it matters
    CASCADE drops whatever depends on the object, and whatever depends on that: views, foreign keys, columns,
    whole tables. Which these are is decided on the day of the deployment and stands in no script.

    ## What is let through
    CASCADE where nothing depends on the object in the replayed schema, or only what this deployment itself
    created; what the same statement drops by name.
    """
    if not change.cascade or ctx.step.refusal is not None:
        return
    along = fallen(change, ctx)
    if not along:
        return
    names = [one.name(ctx.before) for one in along]
    shown = [*names[:MOST], *([f"{len(names) - MOST} more"] if len(names) > MOST else [])]
    tables = [one.key for one in along if one.part is None or one.kind == "column"]
    yield ctx.finding(
        f"Dropping {subject(change)} with CASCADE also drops {listed(shown)}.{come_back(along, ctx)}",
        table=tables[0] if tables else along[0].key,
        advice=advice(along, ctx),
    )


def subject(change: Cascading) -> str:
    """What is dropped, in words."""
    match change:
        case DropTable():
            return f"the table {change.table}"
        case DropView():
            return f"the view {change.view}"
        case DropColumn():
            return f"{change.table}.{change.column}"
        case DropConstraint():
            return f"the constraint {change.name} of {change.table}"
        case DropIndex():
            return f"the index {change.index}"
        case DropSequence():
            return f"the sequence {change.sequence}"
        case DropType():
            return f"the {change.kind} {change.type}"
        case DropFunction():
            return f"the {change.kind} {change.function}"
        case DropExtension():
            return f"the extension {change.name}"
        case DropSchema():
            return f"the schema {change.schema}"


def advice(along: list[Fallen], ctx: StepContext) -> str:
    """Each of them by name, the last first; then the drop without CASCADE."""
    calls = [one.statement(ctx.before) for one in reversed(along)]
    if len(calls) > MOST:
        calls = [*calls[:MOST], "..."]
    return (
        "Drop by name what is really meant to go, then the object without CASCADE: then the server refuses where "
        "anything else depends on it:\n" + "\n".join(calls)
    )
