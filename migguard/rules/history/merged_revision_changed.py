"""MG106: a revision that the base branch has was edited."""

from collections.abc import Iterator

from migguard.findings import Finding, Severity
from migguard.history import History
from migguard.rules.frame import Context, rule

WHAT = {
    "edited": "was edited: databases that have run it will not run it again",
    "reparented": "has another parent now: databases that have run it will not run it again",
    "renamed": "has the id {0.revision} now: databases that have run it do not know where they stand",
}


@rule("MG106", "merged-revision-changed", Severity.ERROR, "A revision that is on the base branch was changed.")
def merged_revision_changed(history: History, ctx: Context) -> Iterator[Finding]:
    """## Why it matters
    Databases that have run it will not run it again: they keep the old form, new ones get the new form, and the two
    differ for ever.

    ## What is let through
    Comments, docstrings and formatting; a file that was only moved or renamed, and says the same id.
    """
    for changed in history.changed:
        if changed.kind not in WHAT:
            continue
        yield ctx.finding(
            f"{changed.before or changed.revision} is on the base branch and {WHAT[changed.kind].format(changed)}.",
            origin=changed.origin,
            revision=changed.revision,
            advice="Restore it, and write what is new as a revision of its own.",
        )
