"""MG806: a script that needs a live connection."""

import ast
from collections.abc import Iterator

from migguard.findings import Finding, Severity
from migguard.rules.facts.scripts.row_loops import Rows
from migguard.rules.facts.scripts.script_places import dotted, imports, place
from migguard.rules.frame import Context, Example, RevisionScript, rule

GIVEN = "CREATE TABLE people (id bigint PRIMARY KEY)"
BAD = Example(
    """
    if not sa.inspect(op.get_bind()).has_table("guests"):
        op.create_table("guests", sa.Column("id", sa.BigInteger(), primary_key=True))
    """,
    given=GIVEN,
)
GOOD = Example('op.execute("CREATE TABLE IF NOT EXISTS guests (id bigint PRIMARY KEY)")', given=GIVEN)

INSPECTING = frozenset({"sqlalchemy.inspect", "sqlalchemy.inspection.inspect"})
RESULTS = frozenset(
    {"fetchall", "fetchone", "fetchmany", "scalar", "scalar_one", "scalar_one_or_none", "scalars", "first", "one",
     "all", "one_or_none", "mappings", "rowcount", "keys", "partitions"}
)  # fmt: skip


@rule(
    "MG806",
    "offline-incompatible",
    Severity.OFF,
    "The script needs a live connection, so `alembic upgrade --sql` fails.",
    bad=BAD,
    good=GOOD,
)
def offline_incompatible(subject: RevisionScript, ctx: Context) -> Iterator[Finding]:
    """## Why it matters
    Where the SQL of a deployment is written to a file first, for a review or for a database that Alembic cannot reach,
    there is nobody to ask: `execute()` gives None, and `inspect()` raises.

    ## What is let through
    Statements whose answer the script does not use; scripts that ask `context.is_offline_mode()` or
    `op.get_context().as_sql`.
    """
    script = subject.script
    if "is_offline_mode" in script.text or "as_sql" in script.text or not may_ask(script.text):
        return
    known = imports(script.nodes)
    rows = Rows(script.nodes)
    for node in script.nodes:
        what = needs(node, known, rows)
        if what is not None and isinstance(node, (ast.expr, ast.stmt)):
            yield ctx.finding(
                f"`alembic upgrade --sql` fails here: {what} needs a live connection.",
                origin=place(script, node),
                advice=(
                    "Use IF [NOT] EXISTS and statements that need no answer, or say what is to happen without one: "
                    "`if op.get_context().as_sql`."
                ),
            )
            return


def may_ask(text: str) -> bool:
    """Whether the text of a script has a word that asks the database."""
    return any(
        word in text for word in ("inspect(", "execute(", "Inspector", ".query(", "autoload_with", "exec_driver")
    )


def needs(node: ast.AST, known: dict[str, str], rows: Rows) -> str | None:
    """Why a node cannot work without a connection, or None."""
    match node:
        case ast.Call():
            name = dotted(node.func, known)
            if name in INSPECTING or name.endswith("Inspector.from_engine"):
                return "inspect()"
            if any(k.arg == "autoload_with" for k in node.keywords):
                return "reflection"
        case ast.Attribute(attr=name, value=ast.Call() as owner) if name in RESULTS and rows.rows(owner):
            return f"the result of {name}"
        case ast.Attribute(attr=name, value=ast.Name() as owner) if name in RESULTS - {"all", "keys"} and rows.rows(
            owner
        ):
            return f"the result of {name}"
        case ast.For() | ast.AsyncFor() if rows.rows(node.iter):
            return "a loop over rows"
        case _:
            pass
    return None
