"""MG904: a live database is not where the history ends."""

from collections.abc import Iterator

from migguard.differences import SchemaDifference
from migguard.findings import Finding, Severity
from migguard.rules.facts.schema.model_difference import reported
from migguard.rules.frame import Context, rule


@rule(
    "MG904",
    "database-behind",
    Severity.WARNING,
    "A given database is not at head.",
)
def database_behind(difference: SchemaDifference, ctx: Context) -> Iterator[Finding]:
    """## Why it matters
    `migguard drift --url` reads the version table of the database. Revisions that it does not have are those that the
    next deploy runs there; whatever the models have through them, the running code may already ask for.

    ## What is let through
    A database whose version table names every head. One that names a revision that no file defines is not judged: that
    is a failure (exit code 3), since nobody knows what it should look like.
    """
    yield from reported(difference, ctx)
