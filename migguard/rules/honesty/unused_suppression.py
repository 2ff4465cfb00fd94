"""MG006: an ignore comment that silences nothing. The pipeline finds them when all findings are known."""

from collections.abc import Iterator

from migguard.findings import Finding, Severity
from migguard.known_findings import Known
from migguard.rules.frame import Context, rule
from migguard.rules.suppression import Suppression


@rule("MG006", "unused-suppression", Severity.WARNING, "An ignore comment or baseline entry silences nothing.")
def unused_suppression(comment: Suppression | Known, ctx: Context) -> Iterator[Finding]:
    """## Why it matters
    The reason it was written for is gone, and one day it will silence something that it was not meant for.

    ## What is let through
    Comments each of whose codes silences at least one finding; codes of rules that are switched off here; baseline
    entries of revisions that are not checked in this run.
    """
    if isinstance(comment, Known):
        yield ctx.finding(
            f"The baseline entry {comment.fingerprint[:8]} for {comment.code} silences nothing any more.",
            revision=comment.revision,
            advice="Remove such entries: migguard baseline --prune",
            fixable=True,
        )
        return
    unused = [p for p in comment.patterns if p not in comment.used]
    if unused:
        yield ctx.finding(
            f"ignore[{', '.join(unused)}] silences nothing here.",
            origin=comment.origin,
            advice="Remove it.",
            fixable=True,
        )
