"""MG205: what the rules of MG3 to MG7 say about a downgrade's own statements."""

from collections.abc import Iterator

from migguard.findings import Finding, Severity
from migguard.rules.frame import Context, Example, rule
from migguard.trace import RevisionTrace

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY)"
SETTINGS = "check_downgrades = true\nlock_timeout_set_elsewhere = true"
BAD = Example(
    'op.add_column("orders", sa.Column("note", sa.Text()))',
    given=GIVEN,
    settings=SETTINGS,
    downgrade='op.drop_column("orders", "note")',
)
GOOD = Example(
    'op.add_column("orders", sa.Column("note", sa.Text()))',
    given=GIVEN,
    settings=SETTINGS,
    downgrade='op.alter_column("orders", "note", comment="not used any more")',
)


@rule(
    "MG205",
    "unsafe-downgrade",
    Severity.OFF,
    "A statement of the downgrade loses data, blocks the application or fails.",
    bad=BAD,
    good=GOOD,
)
def unsafe_downgrade(trace: RevisionTrace, ctx: Context) -> Iterator[Finding]:  # noqa: ARG001
    """## Why it matters
    A downgrade runs on the same full tables as the upgrade, and in a worse hour: an index built under a lock,
    or a column dropped that has been written to since, turns an outage into a longer one.

    ## What is let through
    What the rules of the families MG3 to MG7 let through, with the schema after the upgrade taken as
    released. The rule speaks where `check_downgrades = true`, with the message and the severity of the rule
    that found it.
    """
    yield from ()  # the rules themselves are run over the downgrade, see migguard/rules/run.py
