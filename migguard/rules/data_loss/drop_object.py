"""MG312: a view, sequence, function, trigger, extension or policy is dropped."""

from collections.abc import Iterator

from migguard.catalog.lookup import sequence_key
from migguard.changes import DropExtension, DropFunction, DropPolicy, DropSequence, DropTrigger, DropView
from migguard.findings import Finding, Severity
from migguard.rules.facts.schema.dropped_objects import Dropped, dropped
from migguard.rules.frame import Example, StepContext, rule
from migguard.rules.wording import python, sql_name

GIVEN = "CREATE TABLE plans (code text PRIMARY KEY, title text);CREATE VIEW titles AS SELECT title FROM plans"
BAD = Example('op.execute("DROP VIEW titles")', given=GIVEN)
GOOD = Example(
    """
    op.execute("DROP VIEW titles")
    op.execute("CREATE VIEW titles AS SELECT code, title FROM plans")
    """,
    given=GIVEN,
)


@rule(
    "MG312",
    "drop-object",
    Severity.WARNING,
    "An existing view, sequence, function, trigger, extension or policy is dropped.",
    bad=BAD,
    good=GOOD,
)
def drop_object(
    change: DropView | DropSequence | DropFunction | DropTrigger | DropExtension | DropPolicy,
    ctx: StepContext,
) -> Iterator[Finding]:
    """## Why it matters
    Running code may use it, and no table says so: queries fail without the view or function, a trigger's work
    is left undone without a word, a policy's rows are hidden from everybody or shown to all. A sequence
    forgets its number.

    ## What is let through
    What this deployment creates again under the same name (not a sequence: it begins anew), or created
    itself; triggers and policies of a table that goes too; `IF EXISTS` of what is not there.
    """
    if ctx.step.refusal is not None:
        return
    found = dropped(change, ctx)
    if found is None:
        return
    probe = None
    if isinstance(change, DropSequence) and sequence_key(ctx.before, change.sequence) is not None:
        probe = f"SELECT last_value FROM {sql_name(change.sequence)}"
    yield ctx.finding(
        f"Dropping the {found.kind} {found.name} {consequence(found)}.",
        table=found.table,
        probe=probe,
        advice=(
            f"Make sure that no running code needs {found.name} any more: stop using it in one release, and "
            "drop it in a "
            "later one. " + again(found)
        ),
    )


def consequence(found: Dropped) -> str:
    """What follows from the drop, in words."""
    match found.kind:
        case "view":
            return "makes every query on it fail"
        case "materialized view":
            return "makes every query on it fail, and its rows and indexes have to be built again"
        case "sequence":
            return "loses the number it had reached: a new one begins at its start value, and its numbers repeat"
        case "trigger":
            return f"leaves undone what it does for every write to {found.owner}"
        case "policy":
            return f"changes which rows of {found.owner} its users may see and write"
        case "rule":
            return f"changes what statements on {found.owner} do"
        case "extension":
            return "takes its types, functions and operators from everything that uses them"
        case _:
            return "makes every statement that calls it fail"


def again(found: Dropped) -> str:
    """How a script that means to change it says so."""
    match found.kind:
        case "view" | "function" | "procedure":
            statement = f"CREATE OR REPLACE {found.kind.upper()} {found.sql} ..."
            return f"To change it, replace it in place:\nop.execute({python(statement)})"
        case "sequence":
            return (
                "Where another takes over, let it go on from there before the drop:\n"
                f"op.execute(\"SELECT setval('<new sequence>', (SELECT last_value FROM {found.sql}))\")"
            )
        case _:
            return "In downgrade(), create it again as it was."
