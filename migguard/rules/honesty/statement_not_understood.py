"""MG003: SQL that no reader here understands."""

from collections.abc import Iterator

from migguard.changes import Unknown
from migguard.findings import Finding, Severity
from migguard.rules.frame import Example, StepContext, rule

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY)"
BAD = Example('op.execute("ALTER TABEL orders ADD COLUMN note text")', given=GIVEN, runs=False)
GOOD = Example('op.execute("ALTER TABLE orders ADD COLUMN note text")', given=GIVEN)


@rule("MG003", "statement-not-understood", Severity.WARNING, "A statement could not be understood.", bad=BAD, good=GOOD)
def statement_not_understood(change: Unknown, ctx: StepContext) -> Iterator[Finding]:
    """## Why it matters
    What it locks, loses or changes is unknown, and what later statements rest on it is unverified. It may be a syntax
    error, in which case the server will refuse it.

    ## What is let through
    Everything that was read to its last token.
    """
    yield ctx.finding(
        f"This statement could not be understood ({change.why}): its lock and what it changes are unknown.",
        advice="Check the spelling. If the server takes it, look at it by hand and say so: "
        "# migguard: ignore[MG003] -- why",
    )
