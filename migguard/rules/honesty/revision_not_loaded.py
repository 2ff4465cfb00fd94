"""MG001: a file in a version location that cannot be imported."""

from collections.abc import Iterator

from migguard.findings import Finding, Severity
from migguard.history import History
from migguard.rules.frame import Context, rule


@rule("MG001", "revision-not-loaded", Severity.ERROR, "A file in a version location cannot be imported.")
def revision_not_loaded(history: History, ctx: Context) -> Iterator[Finding]:
    """## Why it matters
    Alembic stops at the first file that it cannot import: no migration runs at all, not even the others. And nothing
    in this file was looked at.

    ## What is let through
    Files that are no revisions and that Alembic skips; modules that are merely not installed here (MG005).
    """
    for broken in history.broken:
        yield ctx.finding(
            f"{broken.origin.path.name} cannot be loaded: {broken.reason.removesuffix('.')}.",
            origin=broken.origin,
            revision=broken.revision,
            advice="Mend the file; Alembic stops at it, and nothing in it was checked.",
        )
