"""MG111: a merge revision that also changes the schema."""

from collections.abc import Iterator

from migguard.findings import Finding, Severity
from migguard.rules.frame import Context, rule
from migguard.trace import RevisionTrace


@rule("MG111", "merge-with-operations", Severity.WARNING, "A merge revision also changes the schema.")
def merge_with_operations(trace: RevisionTrace, ctx: Context) -> Iterator[Finding]:
    """## Why it matters
    A merge revision is read as a mere knot in the graph: nobody looks for a lock or a drop in it, and it is often
    thrown away and made anew.

    ## What is let through
    Merge revisions that do nothing.
    """
    revision = ctx.history.revisions.get(trace.revision) if ctx.history else None
    if revision is not None and len(revision.parents) > 1 and trace.statements:
        first = trace.statements[0]
        yield ctx.finding(
            f"{trace.revision} merges {len(revision.parents)} revisions and also changes the schema.",
            origin=first.origin or revision.origin,
            sql=first.sql,
            advice="Move the operations into a revision of its own behind the merge.",
        )
