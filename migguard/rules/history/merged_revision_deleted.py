"""MG107: a revision that the base branch has is gone."""

from collections.abc import Iterator

from migguard.findings import Finding, Severity
from migguard.history import History
from migguard.rules.frame import Context, rule


@rule("MG107", "merged-revision-deleted", Severity.ERROR, "A revision that is on the base branch is gone.")
def merged_revision_deleted(history: History, ctx: Context) -> Iterator[Finding]:
    """## Why it matters
    A database that stands at it cannot go on: Alembic does not find its revision.

    ## What is let through
    Squashing, with `allow_squash = true`.
    """
    if ctx.settings.allow_squash:
        return
    for changed in history.changed:
        if changed.kind == "deleted":
            yield ctx.finding(
                f"{changed.revision} is on the base branch and gone here: a database that stands at it cannot go on.",
                origin=changed.origin,
                revision=changed.revision,
                advice="Restore the file. If old revisions are squashed on purpose, say so: allow_squash = true.",
            )
