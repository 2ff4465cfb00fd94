"""MG903: models and migrations define one thing in two ways."""

from collections.abc import Iterator

from migguard.differences import SchemaDifference
from migguard.findings import Finding, Severity
from migguard.rules.facts.schema.model_difference import reported
from migguard.rules.frame import Context, rule


@rule(
    "MG903",
    "definition-differs",
    Severity.ERROR,
    "Type, nullability, server default, comment, foreign key options or identity differ from the models.",
)
def definition_differs(difference: SchemaDifference, ctx: Context) -> Iterator[Finding]:
    """## Why it matters
    The code believes in what the models say: a column that is nullable in the database gives it NULLs that it does not
    expect, a shorter one refuses its texts. Tests that build their schema with `create_all()` do not notice.

    ## What is let through
    Differences that Alembic does not look for with the options of env.py, such as server defaults without
    `compare_server_default`; defaults that are written differently and mean the same.
    """
    yield from reported(difference, ctx)
