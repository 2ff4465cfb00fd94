"""MG801: a value that is no literal of the script is put into SQL text."""

import ast
from collections.abc import Iterator
from dataclasses import replace

from migguard.findings import Finding, Severity
from migguard.rules.facts.scripts.placed_values import instead
from migguard.rules.facts.scripts.script_values import Constants, may_interpolate
from migguard.rules.frame import Context, Example, RevisionScript, rule
from migguard.source import Origin
from migguard.trace import Direction, NoteKind

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
    Constants of the script, also through names, loops over literal lists and simple helpers; literals that it imports
    from another module of the project; names that an
    `if name not in LIST: raise` has let through; bound parameters; what SQLAlchemy's inspector and the server's own
    catalogs answer; numbers, times, UUIDs, and texts whose quotes were doubled; names quoted by SQLAlchemy's preparer
    (`quoted_name` quotes nothing in a text). What a function of another module gives is reported, not verified.
    """
    if not may_interpolate(subject.script.text):
        return
    constants: Constants | None = None
    functions = (n for n in subject.script.nodes if isinstance(n, ast.FunctionDef) and n.name == "downgrade")
    down = {id(n) for function in functions for n in ast.walk(function)}
    for call in (n for n in subject.script.nodes if isinstance(n, ast.Call)):
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        if name not in SQL_CALLS or not call.args or isinstance(call.args[0], ast.Constant):
            continue
        if constants is None:
            literals = [n.subject for n in subject.trace.notes if n.kind is NoteKind.CONSTANT]
            constants = Constants(subject.script.nodes, subject.trace.before.server.engine, literals)
        culprit = constants.interpolated(call.args[0])
        if culprit is None:
            continue
        node, foreign = call.args[0], constants.foreign(culprit)
        unknown = ", which another module gives and may hold a quote," if foreign else ""
        finding = ctx.finding(
            f"The value of {ast.unparse(culprit)}{unknown} is put into the text of a statement.",
            origin=Origin(
                subject.script.path, node.lineno, node.col_offset + 1, node.end_lineno, (node.end_col_offset or 0) + 1
            ),
            verified=not foreign,
            advice=instead(node, culprit),
        )
        yield replace(finding, direction=Direction.DOWNGRADE.value) if id(call) in down else finding
