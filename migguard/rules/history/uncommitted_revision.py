"""MG109: a revision file that git does not know."""

from collections.abc import Iterator

from migguard.findings import Finding, Severity
from migguard.history import History
from migguard.rules.frame import Context, rule


@rule(
    "MG109",
    "uncommitted-revision",
    Severity.WARNING,
    "A revision file is not tracked by git, or ignored by it.",
    guideline=True,
)
def uncommitted_revision(history: History, ctx: Context) -> Iterator[Finding]:
    """## Why it matters
    It exists on this machine only: the deployment will not have it, and a revision that comes after it has no parent.

    ## What is let through
    Files that git tracks, committed or staged.
    """
    ignored = set(history.ignored)
    for revision in history.revisions.values():
        path = revision.origin.path
        if path in ignored or path in history.untracked:
            why = "git ignores it" if path in ignored else "git does not track it"
            yield ctx.finding(
                f"{path.name} exists on this machine only: {why}.",
                origin=revision.origin,
                revision=revision.revision,
                advice=f"git add {'--force ' if path in ignored else ''}{path.name}",
            )
