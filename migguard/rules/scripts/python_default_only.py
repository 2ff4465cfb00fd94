"""MG807: a Python-side default where the database needs one."""

import ast
from collections.abc import Iterator

from migguard.catalog.lookup import table_key
from migguard.changes import AddColumn
from migguard.findings import Finding, Severity
from migguard.rules.facts.rows.empty_tables import empty
from migguard.rules.facts.scripts.filling_loops import writes_in_loop
from migguard.rules.facts.scripts.python_defaults import added_columns, server_side
from migguard.rules.facts.scripts.script_places import place
from migguard.rules.facts.scripts.unfollowed_calls import unfollowed
from migguard.rules.frame import MYSQL_FAMILY, Context, Example, Lookup, RevisionScript, rule
from migguard.rules.wording import python, schema_argument
from migguard.trace import Step

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
    column, of which MG701 and MG605 speak, but on MySQL and MariaDB, where the rows get 0 or the like. Where a function
    of the application is called after it, which may fill the column, the finding says so.
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
        gets = gotten(step, change, ctx.lookup) if step.refusal is None else None
        if gets is None or writes_in_loop(script, subject.trace, (change.column.name,), change.table.name):
            continue
        seen.add(change.column.name)
        call = columns[change.column.name]
        value = next(k.value for k in call.keywords if k.arg == "default")
        if gets != "NULL" and isinstance(value, ast.Constant) and not value.value:
            continue  # the server's own value is the same
        origin = step.statement.origin or place(script, call)
        helper = unfollowed(script, subject.trace, origin.line if origin is not None else 0)
        unless = f", unless {helper[0]}() of line {helper[1].line} fills them" if helper is not None else ""
        yield ctx.finding(
            f"The database never sees default={ast.unparse(value)} of {change.table}.{change.column.name}: rows that "
            f"are there get {gets}{unless}.",
            origin=origin,
            verified=step.verified and helper is None,
            related=(helper[1],) if helper is not None else (),
            sql=step.statement.sql,
            table=str(change.table),
            advice=(
                "Give the database the value, and leave default= to the model:\n"
                f"op.add_column({python(change.table.name)}, sa.Column({python(change.column.name)}, ..., "
                f"server_default={server_side(value)}){schema_argument(change.table)})"
            ),
        )


def gotten(step: Step, change: AddColumn, lookup: Lookup) -> str | None:
    """What the rows of the table get; None where there are none, or the deployment gives the column its values."""
    key, deployment = table_key(step.before, change.table), lookup.deployment
    if key is None or not deployment.existing_table(key, step.before):
        return None
    made = step.after.tables[key].column(change.column.name) if key in step.after.tables else None
    if made is None or empty(step.before.tables[key], step, lookup):
        return None
    end = deployment.upgrades[-1].after.tables
    last = next((c for t in end.values() for c in t.columns if c.oid == made.oid != 0), None)
    if last is None or last.default is not None or last.filled:
        return None
    if made.nullable:
        return "NULL"
    return "a value of the server's own, such as 0 or ''" if step.before.server.engine in MYSQL_FAMILY else None
