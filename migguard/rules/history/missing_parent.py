"""MG103: a parent or dependency that no file defines."""

from collections.abc import Iterator

from migguard.findings import Finding, Severity
from migguard.history import History
from migguard.rules.frame import Context, rule


@rule("MG103", "missing-parent", Severity.ERROR, "down_revision or depends_on names a revision that no file defines.")
def missing_parent(history: History, ctx: Context) -> Iterator[Finding]:
    """## Why it matters
    Alembic cannot build the history at all: no migration runs.

    ## What is let through
    Parents in any of the version locations.
    """
    for missing in history.missing:
        near = f" Did you mean {missing.nearest}?" if missing.nearest else ""
        yield ctx.finding(
            f"{missing.attribute} of {missing.child} names {missing.missing}, which no file defines.{near}",
            origin=missing.origin,
            revision=missing.child,
            advice="Add the missing file (was it committed?), or name the revision that comes before this one.",
        )
