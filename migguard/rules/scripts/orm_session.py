"""MG805: the ORM's Session in a revision."""

import ast
from collections.abc import Iterator, Mapping

from migguard.findings import Finding, Severity
from migguard.rules.facts.scripts.built_queries import made_here, only_built
from migguard.rules.facts.scripts.filling_loops import method
from migguard.rules.facts.scripts.script_places import dotted, imports, place
from migguard.rules.frame import Context, Example, RevisionScript, rule

BAD = Example(
    """
    from sqlalchemy.orm import Session
    session = Session(bind=op.get_bind())
    session.execute(sa.text("SELECT 1"))
    """
)
GOOD = Example('op.get_bind().execute(sa.text("SELECT 1"))')

SESSIONS = frozenset(
    f"{module}.{name}"
    for module in (
        "sqlalchemy.orm",
        "sqlalchemy.orm.session",
        "sqlalchemy.ext.asyncio",
        "sqlmodel",
        "sqlmodel.orm.session",
    )
    for name in ("Session", "sessionmaker", "scoped_session", "AsyncSession", "async_sessionmaker", "object_session")
)
MADE = frozenset({"session.query", "Session", "sessionmaker", "scoped_session", "object_session"})
HARMLESS = frozenset({"query", "execute", "close", "connection", "get_bind"})
"""Methods of a session that write nothing by a flush of their own."""
TABLE = 'people = sa.table("people", sa.column("id", sa.BigInteger()), ...)'
UPDATE = "op.get_bind().execute(people.update().where(...).values(...))"
CHANGING = ", which go on changing,"
SELECT = "query = sa.select(people.c.id).where(...)"
LEGACY = frozenset(
    {"all", "filter", "filter_by", "get", "first", "count", "one", "one_or_none", "order_by", "delete", "update"}
)


@rule(
    "MG805",
    "orm-session",
    Severity.WARNING,
    "A revision works with the ORM's Session or the legacy Query.",
    bad=BAD,
    good=GOOD,
    guideline=True,
)
def orm_session(subject: RevisionScript, ctx: Context) -> Iterator[Finding]:
    """## Why it matters
    A Session writes when it pleases, through classes that will look otherwise when the revision runs next year, and
    its commit() ends the transaction that Alembic believes it holds.

    ## What is let through
    Core: `op.get_bind().execute(…)`, tables that the script defines itself; classes named Session that are not
    SQLAlchemy's and are handed no `bind`.
    """
    text = subject.script.text
    if not any(word in text for word in ("Session", "session", ".query")):
        return
    known = imports(subject.script.nodes)
    calls = [n for n in subject.script.nodes if isinstance(n, ast.Call)]
    used = [(call, what) for call in calls if (what := uses_session(call, known))]
    if not used:
        return
    (first, what), queries = used[0], [call for call, what in used if what == "session.query"]
    others = any(method(c) not in HARMLESS and isinstance(c.func, ast.Attribute) and called_session(c.func.value)
                 for c in calls)  # fmt: skip
    harmless = not others and all(what in MADE for _, what in used)
    only = bool(queries) and harmless and only_built(queries, subject.script.nodes)
    own = bool(queries) and made_here(queries, subject.script.nodes)
    yield ctx.finding(
        f"The revision builds its SELECTs with the ORM (session.query): mapped classes{'' if own else CHANGING} decide "
        "what they ask for."
        if only
        else f"The revision uses the ORM ({what}): {'' if own else 'mapped classes and '}flushes, not its own "
        "statements, decide what it writes and when.",
        origin=place(subject.script, queries[0] if only else first),
        advice=f"Use Core with a table that the script defines itself:\n{TABLE}\n{SELECT if only else UPDATE}",
    )


def uses_session(call: ast.Call, known: Mapping[str, str]) -> str | None:
    """What of the ORM a call is, or None."""
    name = dotted(call.func, dict(known))
    if name in SESSIONS or name.removeprefix("sa.") in ("orm.Session", "orm.sessionmaker"):
        return name.rpartition(".")[2]
    if name.rpartition(".")[2] == "Session" and any(k.arg == "bind" for k in call.keywords):
        return "Session"  # by a name of the project's own, such as db.Session
    if not isinstance(call.func, ast.Attribute):
        return None
    owner = call.func.value
    if call.func.attr == "query" and (call.args or call.keywords) and called_session(owner):
        return "session.query"
    if (
        call.func.attr in LEGACY
        and isinstance(owner, ast.Attribute)
        and owner.attr == "query"
        and class_like(owner.value)
    ):
        return ast.unparse(owner)
    if isinstance(owner, ast.Attribute) and owner.attr == "session" and isinstance(owner.value, ast.Name):
        return ast.unparse(owner)
    return None


def called_session(node: ast.expr) -> bool:
    """Whether an expression is called a session: `session`, `self.session`, `db.session`, `Session()`."""
    name = dotted(node.func if isinstance(node, ast.Call) else node, {}).rpartition(".")[2]
    return "session" in name.lower() or name == "s"


def class_like(node: ast.expr) -> bool:
    """Whether an expression is a class by the look of its name."""
    name = dotted(node, {}).rpartition(".")[2]
    return name[:1].isupper()
