"""MG905: a live database is not what its own revision makes."""

from collections.abc import Iterator

from migguard.differences import SchemaDifference
from migguard.findings import Finding, Severity
from migguard.rules.facts.schema.model_difference import reported
from migguard.rules.frame import Context, rule


@rule(
    "MG905",
    "database-drifted",
    Severity.ERROR,
    "A given database differs from what its own revision should have produced.",
)
def database_drifted(difference: SchemaDifference, ctx: Context) -> Iterator[Finding]:
    """## Why it matters
    Somebody changed the schema by hand, a revision was edited after it ran, or a run ended halfway. The next revision
    is written for a schema that is not there: it fails on the index that exists already, or passes over the constraint
    that does not.

    `migguard drift --url` replays the history up to the revision in the database's version table, reads the definitions
    from pg_catalog, and compares both part by part. Where two expressions are spelled differently, the server is asked
    (EXPLAIN, nothing is run) whether they are one.

    ## What is let through
    The order of columns; names of NOT NULL constraints and of sequences that columns own; partitions of a table that
    the history partitions; schemas that no revision makes; what belongs to an extension; what `include_name` in env.py
    hides. A difference in what rests on a revision that was not seen in full is a warning, *unverified*.
    """
    yield from reported(difference, ctx)
