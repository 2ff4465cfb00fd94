"""MG003: SQL that no reader here understands."""

from collections.abc import Iterator

from migguard.changes import Change, Unknown
from migguard.findings import Finding, Severity
from migguard.rules.facts.schema.unknown_values import unknown_names, unknown_values
from migguard.rules.frame import Example, StepContext, rule
from migguard.rules.wording import listed
from migguard.trace import Step

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY)"
BAD = Example('op.execute("ALTER TABEL orders ADD COLUMN note text")', given=GIVEN, runs=False)
GOOD = Example('op.execute("ALTER TABLE orders ADD COLUMN note text")', given=GIVEN)


@rule("MG003", "statement-not-understood", Severity.WARNING, "A statement could not be understood.", bad=BAD, good=GOOD)
def statement_not_understood(step: Step, ctx: StepContext) -> Iterator[Finding]:
    """## Why it matters
    What it locks, loses or changes is unknown, and what later statements rest on it is unverified. It may be a syntax
    error, in which case the server will refuse it. A check, a default or a label whose value is that of a module which
    is not installed is not understood either, and neither is a column, an index or a constraint with such a name.

    ## What is let through
    Everything that was read to its last token; values of a missing module that are put into rows.
    """
    change = step.change
    if not isinstance(change, Unknown):
        if "«" in step.statement.sql:
            yield from not_known(change, ctx)
        return
    yield ctx.finding(
        f"This statement could not be understood ({change.why}): its lock and what it changes are unknown.",
        advice="Check the spelling. If the server takes it, look at it by hand and say so: "
        "# migguard: ignore[MG003] -- why",
    )


def not_known(change: Change, ctx: StepContext) -> Iterator[Finding]:
    """What stands in a statement for something of a module that is not installed."""
    values = unknown_values(change)
    unknown = tuple(dict.fromkeys((*values, *unknown_names(change))))
    if not unknown:
        return
    told = "what it checks, fills in or allows" if values else "what it works on or makes"
    verb = "stand" if len(unknown) > 1 else "stands"
    yield ctx.finding(
        f"What {listed(unknown[:3])} {verb} for in this statement is not known, since its module is not installed "
        f"here: {told} was not understood.",
        advice="Install the application beside migguard, or write the values out in the revision.",
        verified=False,
    )
