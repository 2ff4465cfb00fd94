"""MG104: two files that define one revision id, or one branch label."""

from collections.abc import Iterator

from migguard.findings import Finding, Severity
from migguard.history import History, HistoryRevision
from migguard.rules.frame import Context, rule
from migguard.rules.wording import listed


@rule("MG104", "duplicate-revision", Severity.ERROR, "Two files define one revision id or branch label.")
def duplicate_revision(history: History, ctx: Context) -> Iterator[Finding]:
    """## Why it matters
    Alembic warns, takes one of the two and forgets the other: which one depends on the order of the files. With a
    branch label that is taken it stops.

    ## What is let through
    One file for each id and for each label.
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
    owners: dict[str, list[HistoryRevision]] = {}
    for one in history.revisions.values():
        for label in one.labels:
            owners.setdefault(label, []).append(one)
    for label, those in owners.items():
        taken = [*(history.revisions[i] for i in (label,) if i in history.revisions), *those]
        if len(taken) > 1:
            yield ctx.finding(
                f"{label} is the name of {listed(o.revision for o in taken)}: "
                "Alembic stops at a branch label that is taken.",
                origin=taken[-1].origin,
                revision=taken[-1].revision,
                advice="Label one of them otherwise; what comes after a labelled revision has the label anyway.",
            )
