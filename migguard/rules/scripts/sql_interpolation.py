"""MG801: a value that is no literal of the script is put into SQL text."""

import ast
from collections.abc import Iterator

from migguard.findings import Finding, Severity
from migguard.rules.frame import Context, Example, RevisionScript, rule
from migguard.rules.script_values import Constants, may_interpolate
from migguard.source import Origin

GIVEN = "CREATE TABLE people (id bigint PRIMARY KEY, login text)"
BAD = Example(
    """
    for row in op.get_bind().execute(sa.text("SELECT id, login FROM people")):
        op.execute(f"UPDATE people SET login = '{row.login}' WHERE id = {row.id}")
    """,
    given=GIVEN,
)
GOOD = Example(
    """
    table = "people"
    op.execute(f"ALTER TABLE {table} ADD COLUMN note text")
    """,
    given=GIVEN,
)
SQL_CALLS = {"execute", "text", "exec_driver_sql", "scalar", "scalars", "DDL"}


@rule(
    "MG801",
    "sql-interpolation",
    Severity.WARNING,
    "A value that is no literal of the script is put into SQL text.",
    bad=BAD,
    good=GOOD,
    guideline=True,
)
def sql_interpolation(subject: RevisionScript, ctx: Context) -> Iterator[Finding]:
    """## Why it matters
    A value from the data or the environment that holds a quote breaks the statement, or does something else than was
    meant. Bound parameters cannot.

    ## What is let through
    Constants of the script, also through names, loops over literal lists and simple helpers; bound parameters; names
    that come from the schema.
    """
    if not may_interpolate(subject.script.text):
        return
    constants: Constants | None = None
    for call in (n for n in subject.script.nodes if isinstance(n, ast.Call)):
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        if name not in SQL_CALLS or not call.args or isinstance(call.args[0], ast.Constant):
            continue
        if constants is None:
            constants = Constants(subject.script.nodes)
        culprit = constants.interpolated(call.args[0])
        if culprit is None:
            continue
        node = call.args[0]
        yield ctx.finding(
            f"The value of {ast.unparse(culprit)} is put into the text of a statement.",
            origin=Origin(
                subject.script.path, node.lineno, node.col_offset + 1, node.end_lineno, (node.end_col_offset or 0) + 1
            ),
            advice='Bind it: op.get_bind().execute(sa.text("… WHERE id = :id"), {"id": value})',
        )
