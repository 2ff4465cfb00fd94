"""MG918: json where jsonb would do."""

import ast
from collections.abc import Iterator

from migguard.catalog.schema import Table
from migguard.findings import Finding, Severity
from migguard.rules.facts.advice.recipes import typed
from migguard.rules.facts.schema.deployment_end import survivor
from migguard.rules.facts.schema.introduced import Typing, new_columns
from migguard.rules.facts.scripts.script_places import dotted, imports
from migguard.rules.frame import POSTGRESQL, Example, StepContext, rule
from migguard.rules.wording import label

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY)"
BAD = Example('op.add_column("orders", sa.Column("payload", sa.JSON()))', given=GIVEN)
GOOD = Example(
    """
    from sqlalchemy.dialects import postgresql
    op.add_column("orders", sa.Column("payload", postgresql.JSONB()))
    """,
    given=GIVEN,
)

PORTABLE = frozenset({"sqlalchemy.JSON", "sqlalchemy.types.JSON", "sqlmodel.JSON", "sqlmodel.types.JSON"})


@rule(
    "MG918",
    "json-not-jsonb",
    Severity.NOTICE,
    "A column is json, not jsonb.",
    engines=POSTGRESQL,
    bad=BAD,
    good=GOOD,
)
def json_not_jsonb(change: Typing, ctx: StepContext) -> Iterator[Finding]:
    """## Why it matters
    `json` is text that is parsed again at every look inside. It has no equality, so SELECT DISTINCT, UNION
    and GROUP BY over it fail, and no GIN index helps to search it. `jsonb` has all of that; only the order of
    keys, repeated keys and white space are not kept, and it refuses the character `\\u0000`.

    ## What is let through
    Columns that were json before this deployment, also where a new table takes the place of the one that had them.
    """
    for table, column, data_type in new_columns(change, ctx):
        if data_type.name != "json" or not data_type.builtin or was_json(table, column.name, ctx):
            continue
        name = label(table.key, ctx)
        yield ctx.finding(
            f"{name}.{column.name} is json: the column can be neither compared nor indexed as it is, and every query "
            "that looks inside parses it again.",
            table=table.key,
            advice="Make it jsonb, in the model too, unless the exact text matters or \\u0000 may be in it:\n"
            "from sqlalchemy.dialects import postgresql\n" + typed(change, column.name, spelled(ctx), converts=True),
        )


def was_json(table: Table, column: str, ctx: StepContext) -> bool:
    """Whether the released table whose name this one ends with had that column as json: its values are copied."""
    end = survivor(table, ctx)
    old = ctx.deployment.released.tables.get(end.key) if end is not None else None
    had = old.column(column) if old is not None else None
    return had is not None and had.type is not None and (had.type.name, had.type.builtin) == ("json", True)


def spelled(ctx: StepContext) -> str:
    """The type: a variant where the script names SQLAlchemy's own JSON, which other engines know as well."""
    script = ctx.known.scripts.get(ctx.trace.revision) if ctx.trace is not None else None
    known = imports(script.nodes) if script is not None else {}
    names = (n for n in (script.nodes if script is not None else ()) if isinstance(n, (ast.Attribute, ast.Name)))
    if any(dotted(name, known) in PORTABLE for name in names):
        return 'sa.JSON().with_variant(postgresql.JSONB(), "postgresql")'
    return "postgresql.JSONB()"
