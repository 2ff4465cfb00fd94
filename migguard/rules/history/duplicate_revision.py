"""MG104: two files that define one revision id."""

from collections.abc import Iterator

from migguard.findings import Finding, Severity
from migguard.history import History
from migguard.rules.frame import Context, rule
from migguard.rules.wording import listed


@rule("MG104", "duplicate-revision", Severity.ERROR, "Two files define one revision id.")
def duplicate_revision(history: History, ctx: Context) -> Iterator[Finding]:
    """## Why it matters
    Alembic warns, takes one of the two and forgets the other: which one depends on the order of the files.

    ## What is let through
    One file for each id.
    """
    for revision, origins in history.duplicates.items():
        yield ctx.finding(
            f"{listed(o.path.name for o in origins)} all define the revision {revision}."
            if len(origins) > 2
            else f"{listed(o.path.name for o in origins)} both define the revision {revision}.",
            origin=origins[-1],
            revision=revision,
            related=origins[:-1],
            advice="Give the newer one an id of its own, and put it behind the other by its down_revision.",
        )
