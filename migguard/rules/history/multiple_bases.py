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
    edits them any more. Where a merge revision joins what begins at them, `alembic upgrade head` runs them all: a
    notice.
    """
    loose = [b for b in history.bases if history.revisions[b].new and not history.revisions[b].labels]
    if len(history.bases) > 1 and loose:
        newest = loose[-1]
        joined = meet(history)
        yield ctx.finding(
            f"There are {len(history.bases)} revisions without a parent: {listed(history.bases)}"
            f"{f', which {joined} joins' if joined is not None else ''}.",
            severity=Severity.NOTICE if joined is not None else None,
            origin=history.revisions[newest].parents_origin,
            revision=newest,
            advice="Give it a down_revision, or a branch label if it starts a branch of its own."
            + (" If it is one of two histories that were put together, that is as it should be." if joined else ""),
        )


def meet(history: History) -> str | None:
    """The first merge that has all the bases behind it, where the history has one head: it runs them all."""
    if len({head for group in history.heads.values() for head in group}) != 1:
        return None
    merges = {r: behind(r, history) for r, known in history.revisions.items() if len(known.parents) > 1}
    joining = [r for r, found in merges.items() if found.issuperset(history.bases)]
    return min(joining, key=lambda r: len(merges[r]), default=None)


def behind(revision: str, history: History) -> set[str]:
    """The revisions that run before one."""
    found, waiting = set[str](), [revision]
    while waiting:
        known = history.revisions.get(waiting.pop())
        fresh = [p for p in known.parents if p not in found] if known is not None else []
        found.update(fresh)
        waiting += fresh
    return found
