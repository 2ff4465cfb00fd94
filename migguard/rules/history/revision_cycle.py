"""MG105: a loop in the history."""

from collections.abc import Iterator

from migguard.findings import Finding, Severity
from migguard.history import History
from migguard.rules.frame import Context, rule


@rule("MG105", "revision-cycle", Severity.ERROR, "The history has a loop.")
def revision_cycle(history: History, ctx: Context) -> Iterator[Finding]:
    """## Why it matters
    Alembic cannot put the revisions in an order: no migration runs.

    ## What is let through
    Any graph without a loop, with down_revision and depends_on taken together.
    """
    for cycle in history.cycles:
        newest = next((r for r in cycle if r in history.revisions and history.revisions[r].new), cycle[0])
        origin = history.revisions[newest].parents_origin if newest in history.revisions else None
        yield ctx.finding(
            f"The revisions go round in a loop: {' → '.join((*cycle, cycle[0]))}.",
            origin=origin,
            revision=newest,
            advice="Decide which of them comes first and correct the down_revision of the others.",
        )
