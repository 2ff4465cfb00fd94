"""MG901: the models have what no revision makes."""

from collections.abc import Iterator

from migguard.differences import SchemaDifference
from migguard.findings import Finding, Severity
from migguard.rules.facts.schema.model_difference import reported
from migguard.rules.frame import Context, rule


@rule(
    "MG901",
    "model-not-migrated",
    Severity.ERROR,
    "The models have a table, column, index or constraint that the migrations do not create.",
)
def model_not_migrated(difference: SchemaDifference, ctx: Context) -> Iterator[Finding]:
    """## Why it matters
    The code that is deployed with these models asks for what the database does not have: the first query that names
    the column fails. Usually a revision was forgotten, or autogenerate ran before the last change of the models.

    ## What is let through
    What Alembic's own comparison lets through with the options that env.py gives it (`include_object`, `compare_type`,
    …). Where the history could not be replayed in full, a difference that may rest on it is a warning, *unverified*.
    Models that cannot be imported are not compared; `drift = "required"` makes that an error.
    """
    yield from reported(difference, ctx)
