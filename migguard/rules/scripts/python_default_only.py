"""MG807: a Python-side default where the database needs one."""

import ast
from collections.abc import Iterable, Iterator
from itertools import takewhile

from migguard.catalog.lookup import table_key
from migguard.changes import AddColumn
from migguard.findings import Finding, Severity
from migguard.rules.filling_loops import writes_in_loop
from migguard.rules.frame import Context, Example, RevisionScript, rule
from migguard.rules.nulls import empty
from migguard.rules.script_places import place
from migguard.rules.wording import python
from migguard.trace import Deployment, Step

GIVEN = "CREATE TABLE people (id bigint PRIMARY KEY)"
BAD = Example('op.add_column("people", sa.Column("active", sa.Boolean(), default=True))', given=GIVEN)
GOOD = Example('op.add_column("people", sa.Column("active", sa.Boolean(), server_default=sa.true()))', given=GIVEN)


@rule(
    "MG807",
    "python-default-only",
    Severity.WARNING,
    "ADD COLUMN with default= and no server_default: the database never sees the value.",
    bad=BAD,
    good=GOOD,
)
def python_default_only(subject: RevisionScript, ctx: Context) -> Iterator[Finding]:
    """## Why it matters
    `default=` is for INSERTs that SQLAlchemy makes from a model. ADD COLUMN leaves it out: the rows that are there get
    NULL, and so do INSERTs of everybody else.

    ## What is let through
    `default=None`; a `server_default` beside it, or given later in the deployment; an UPDATE of the deployment that
    fills the column, or a loop that does so row by row; new tables, and emptied ones, which have no rows; a NOT NULL
    column, of which MG701 and MG605 speak.
    """
    script = subject.script
    if "default" not in script.text or "add_column" not in script.text:
        return
    columns = added_columns(script.nodes)
    seen: set[str] = set()
    for step in subject.trace.steps() if columns else ():
        change = step.change
        if not isinstance(change, AddColumn) or change.column.name not in columns or change.column.name in seen:
            continue
        if change.column.default is not None or change.column.identity is not None or ctx.lookup is None:
            continue
        if step.refusal is not None or not gets_null(step, change, ctx.lookup.deployment):
            continue
        if writes_in_loop(script, subject.trace, (change.column.name,), change.table.name):
            continue
        seen.add(change.column.name)
        call = columns[change.column.name]
        value = next(k.value for k in call.keywords if k.arg == "default")
        yield ctx.finding(
            f"The database never sees default={ast.unparse(value)} of {change.table}.{change.column.name}: rows that "
            "are there get NULL.",
            origin=step.statement.origin or place(script, call),
            sql=step.statement.sql,
            table=str(change.table),
            advice=(
                "Give the database the value, and leave default= to the model:\n"
                f"op.add_column({python(change.table.name)}, sa.Column({python(change.column.name)}, ..., "
                f"server_default={server_side(value)}))"
            ),
        )


def added_columns(nodes: Iterable[ast.AST]) -> dict[str, ast.Call]:
    """The columns with a Python-side default alone that the script makes, but for those of new tables."""
    calls = [n for n in nodes if isinstance(n, ast.Call)]
    tables = [
        c for c in calls if getattr(c.func, "attr", getattr(c.func, "id", "")) in ("create_table", "Table", "table")
    ]
    elsewhere = {id(n) for table in tables for n in ast.walk(table)}
    return {name: call for call in calls if id(call) not in elsewhere and (name := python_default(call))}


def python_default(call: ast.Call) -> str | None:
    """The name of the column that a call makes, if it has a Python-side default alone."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    given = {k.arg: k.value for k in call.keywords}
    first = call.args[0] if call.args else given.get("name")
    if not name.endswith("Column") or not isinstance(first, ast.Constant) or not isinstance(first.value, str):
        return None
    if "server_default" in given or "default" not in given or "identity" in given:
        return None
    value = given["default"]
    return None if isinstance(value, ast.Constant) and value.value is None else first.value


def gets_null(step: Step, change: AddColumn, deployment: Deployment) -> bool:
    """Whether the table has rows, and the column neither a default nor values when the deployment ends."""
    key = table_key(step.before, change.table)
    if key is None or not deployment.existing_table(key, step.before):
        return False
    made = step.after.tables[key].column(change.column.name) if key in step.after.tables else None
    if made is None or not made.nullable:
        return False
    if empty(step.before.tables[key], takewhile(lambda one: one is not step, deployment.steps())):
        return False
    end = deployment.upgrades[-1].after.tables
    last = next((c for t in end.values() for c in t.columns if c.oid == made.oid != 0), None)
    return last is not None and last.default is None and not last.filled


def server_side(value: ast.expr) -> str:
    """The server default that says the same, where that is plain."""
    match value:
        case ast.Constant(value=bool() as truth):
            return f"sa.{str(truth).lower()}()"
        case ast.Constant(value=int() | float() as number):
            return python(str(number))
        case ast.Constant(value=str() as text):
            return python(text)
        case _:
            return "..."
