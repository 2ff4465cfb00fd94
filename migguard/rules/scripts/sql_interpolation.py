"""MG801: a value that is no literal of the script is put into SQL text."""

import ast
from collections.abc import Iterator
from dataclasses import replace

from migguard.findings import Finding, Severity
from migguard.rules.frame import Context, Example, RevisionScript, rule
from migguard.rules.script_values import Constants, may_interpolate
from migguard.source import Origin
from migguard.trace import Direction

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
DDL = {"ALTER", "COMMENT", "CREATE", "DROP", "GRANT", "REINDEX", "REVOKE", "SET", "TRUNCATE"}
BINDING = 'Bind it: op.get_bind().execute(sa.text("… WHERE id = :id"), {"id": value})'
DEFINING = (
    "Such a statement takes no bound parameters. Use the call of op.* that makes it, or quote the value: a name with "
    "op.get_bind().dialect.identifier_preparer.quote(name), a string with "
    'sa.literal(value).compile(dialect=op.get_bind().dialect, compile_kwargs={"literal_binds": True})'
)

NAMING = (
    "A name cannot be bound. Build the statement of sa.table and sa.column, or quote the name with "
    "op.get_bind().dialect.identifier_preparer.quote(name)"
)
BEFORE_NAMES = frozenset(
    {"FROM", "INTO", "UPDATE", "JOIN", "TABLE", "ONLY", "SET", "SELECT", "USING", "BY", "DISTINCT"}
)


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
    Constants of the script, also through names, loops over literal lists and simple helpers; bound parameters; what
    SQLAlchemy's inspector and the server's own catalogs answer; numbers, times, UUIDs, and texts whose quotes were
    doubled; names quoted by SQLAlchemy's preparer.
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
            constants = Constants(subject.script.nodes, subject.trace.before.server.engine)
        culprit = constants.interpolated(call.args[0])
        if culprit is None:
            continue
        node = call.args[0]
        finding = ctx.finding(
            f"The value of {ast.unparse(culprit)} is put into the text of a statement.",
            origin=Origin(
                subject.script.path, node.lineno, node.col_offset + 1, node.end_lineno, (node.end_col_offset or 0) + 1
            ),
            advice=DEFINING if defines(node) else NAMING if names_something(node, culprit) else BINDING,
        )
        yield replace(finding, direction=Direction.DOWNGRADE.value) if id(call) in down else finding


def defines(node: ast.expr) -> bool:
    """Whether the text begins as a statement that takes no bound parameters."""
    first = next((n.value for n in leaves(node) if isinstance(n, ast.Constant) and isinstance(n.value, str)), "")
    return first.split(maxsplit=1)[:1] != [] and first.split(maxsplit=1)[0].upper() in DDL


def names_something(node: ast.expr, culprit: ast.expr) -> bool:
    """Whether the value stands where a statement has the name of a table or column."""
    before = ""
    for leaf in leaves(node):
        if any(leaf is part for part in ast.walk(culprit)):
            word = before.split()[-1:] if before[-1:].isspace() else []
            return before[-1:] in ('"', "`", ".") or (bool(word) and word[0].upper() in BEFORE_NAMES)
        before += leaf.value if isinstance(leaf, ast.Constant) and isinstance(leaf.value, str) else "x"
    return False


def leaves(node: ast.expr) -> Iterator[ast.expr]:
    """The parts of a text in the order in which they are written."""
    children = [c for c in ast.iter_child_nodes(node) if isinstance(c, ast.expr)]
    if not children:
        yield node
    for child in children:
        yield from leaves(child)
