"""MG007: an ignore comment without a reason, or one whose date has passed."""

import datetime
from collections.abc import Iterator

from migguard.findings import Finding, Severity
from migguard.rules.frame import Context, rule
from migguard.rules.suppression import Suppression


@rule(
    "MG007",
    "suppression-without-reason",
    Severity.OFF,
    "An ignore comment gives no reason, or its date has passed.",
)
def suppression_without_reason(comment: Suppression, ctx: Context) -> Iterator[Finding]:
    """## Why it matters
    Whoever reads it next cannot tell whether it still holds. A date that has passed no longer silences anything, and
    is always an error.

    ## What is let through
    `# migguard: ignore[MG401] -- why`, and dates in the future. Where neither this rule is selected nor
    `require_reason` set, only dates are looked at.
    """
    today = datetime.date.today()
    if comment.expired(today):
        when = comment.bad_date if comment.bad_date else comment.until
        what = "has no readable date" if comment.bad_date else f"ended on {when}"
        yield ctx.finding(
            f"ignore[{', '.join(comment.patterns)}] {what} and silences nothing any more.",
            origin=comment.origin,
            severity=Severity.ERROR,
            advice="Mend what it was written for, or give it a new date: until=2027-01-31.",
        )
    elif comment.reason is None and ctx.settings.require_reason:
        yield ctx.finding(
            f"ignore[{', '.join(comment.patterns)}] gives no reason.",
            origin=comment.origin,
            severity=Severity.WARNING,
            advice="Say why: # migguard: ignore[…] -- the table has 40 rows",
        )
