"""MG102: a new revision whose parent is no longer a head on the base branch."""

from collections.abc import Iterator

from migguard.findings import Finding, Severity
from migguard.history import History
from migguard.rules.frame import Context, rule
from migguard.rules.wording import listed, python


@rule("MG102", "stale-parent", Severity.ERROR, "A new revision's parent is not a head on the base branch.")
def stale_parent(history: History, ctx: Context) -> Iterator[Finding]:
    """## Why it matters
    Somebody else's revision was merged meanwhile on the same parent: after this merge there are two heads, and
    `alembic upgrade head` refuses to run.

    ## What is let through
    A parent that is a head on the base branch or new itself; a merge revision that joins the heads.
    """
    if history.base_heads is None:
        return
    heads = set(history.base_heads)
    joined = {p for r in history.revisions.values() if r.new for p in r.parents}
    for revision in history.revisions.values():
        if not revision.new or not revision.parents:
            continue
        stale = [p for p in revision.parents if p in history.base_revisions and p not in heads]
        if not stale or heads <= joined:
            continue
        current = listed(h for h in history.base_heads if h not in joined) or listed(history.base_heads)
        yield ctx.finding(
            f"{revision.revision} comes after {listed(stale)}, but the base branch has gone on to {current}: after the "
            "merge there will be two heads.",
            origin=revision.parents_origin,
            revision=revision.revision,
            advice="Bring the base branch in and put this revision behind its head: "
            f"down_revision = {python(history.base_heads[0])}",
            fixable=True,
        )
