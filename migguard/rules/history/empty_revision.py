"""MG110: a revision that is no merge and does nothing."""

from collections.abc import Iterator

from migguard.findings import Finding, Severity
from migguard.rules.frame import Context, Example, RevisionScript, rule
from migguard.trace import Outcome

BAD = Example("pass", given="CREATE TABLE orders (id bigint PRIMARY KEY)")
GOOD = Example('op.create_table("orders", sa.Column("id", sa.BigInteger(), primary_key=True))')


@rule("MG110", "empty-revision", Severity.NOTICE, "A revision is no merge and does nothing.", bad=BAD, good=GOOD)
def empty_revision(subject: RevisionScript, ctx: Context) -> Iterator[Finding]:
    """## Why it matters
    Autogenerate found nothing, or what it found was removed again: mostly a model that was not imported.

    ## What is let through
    Merge revisions; the first revision of a history, which marks the database that it begins on; upgrades with any
    statement or code of their own; an upgrade that was emptied on purpose, as a downgrade that does something shows.
    """
    trace, down = subject.trace, subject.downgrade
    revision = ctx.history.revisions.get(trace.revision) if ctx.history else None
    if revision is None or len(revision.parents) != 1:
        return
    if down is not None and not (down.trivial or down.missing or down.explicit_irreversible):
        return
    if trace.trivial and not trace.statements and trace.outcome is Outcome.FULL:
        yield ctx.finding(
            f"{trace.revision} does nothing.",
            origin=revision.origin,
            advice="If it stands here on purpose, as one does whose work was taken out after databases had run it, "
            f"keep it and say so (# migguard: ignore[{ctx.rule.code}] -- why). If not, remove it, or see whether "
            "env.py imports the models that it was meant for.",
        )
