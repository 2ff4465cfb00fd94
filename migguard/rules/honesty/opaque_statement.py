"""MG004: a statement that hides what it does."""

from collections.abc import Iterator

from migguard.changes import CreateFunction, Opaque
from migguard.findings import Finding, Severity
from migguard.rules.frame import Example, StepContext, rule

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY, code text)"
BAD = Example(
    """
    op.execute("DO $$ BEGIN EXECUTE 'ALTER TABLE ' || 'orders' || ' ADD COLUMN note text'; END $$")
    """,
    given=GIVEN,
)
GOOD = Example('op.add_column("orders", sa.Column("note", sa.Text()))', given=GIVEN)


@rule("MG004", "opaque-statement", Severity.NOTICE, "A statement hides some of what it does.", bad=BAD, good=GOOD)
def opaque_statement(change: Opaque | CreateFunction, ctx: StepContext) -> Iterator[Finding]:
    """## Why it matters
    What can be read inside a DO block or a function is checked like the rest. A statement that is put together at run
    time, or that runs under a condition, can only be judged by a human.

    ## What is let through
    Functions whose bodies change no schema.
    """
    if isinstance(change, CreateFunction):
        if not change.dynamic and not change.body_changes:
            return
        yield ctx.finding(
            f"The body of {change.function} changes the schema whenever it is called, which the replay does not see.",
            advice="Look at what calls it, or move the schema changes into revisions.",
        )
        return
    seen = "; what could be read inside was checked" if change.inside else ""
    why = "runs under a condition" if change.conditional and change.complete else "was only read in part"
    if change.complete and not change.conditional and change.inside:
        why = "was read, but runs where no line of the script can be pointed at"
    yield ctx.finding(
        f"This {change.kind} {why}{seen}.",
        advice="Write the steps as operations of their own, or look at the block by hand.",
    )
