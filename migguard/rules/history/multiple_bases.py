"""MG108: more than one revision without a parent."""

from collections.abc import Iterator

from migguard.findings import Finding, Severity
from migguard.history import History
from migguard.rules.frame import Context, rule
from migguard.rules.wording import listed


@rule("MG108", "multiple-bases", Severity.WARNING, "The history has more than one base.")
def multiple_bases(history: History, ctx: Context) -> Iterator[Finding]:
    """## Why it matters
    A second revision without a parent starts a history of its own. Mostly somebody forgot the down_revision.

    ## What is let through
    Bases with branch labels of their own, and those that are released: databases are stamped with them, and nobody
    edits them any more.
    """
    loose = [b for b in history.bases if history.revisions[b].new and not history.revisions[b].labels]
    if len(history.bases) > 1 and loose:
        newest = loose[-1]
        yield ctx.finding(
            f"There are {len(history.bases)} revisions without a parent: {listed(history.bases)}.",
            origin=history.revisions[newest].parents_origin,
            revision=newest,
            advice="Give it a down_revision, or a branch label if it starts a branch of its own.",
        )
