"""MG805: the ORM's Session in a revision."""

import ast
from collections.abc import Iterator

from migguard.findings import Finding, Severity
from migguard.rules.facts.scripts.built_queries import made_here, only_built
from migguard.rules.facts.scripts.filling_loops import method
from migguard.rules.facts.scripts.script_places import imports, place
from migguard.rules.facts.scripts.sessions import Sessions, Work, called_session, uses_session
from migguard.rules.frame import Context, Example, RevisionScript, rule

BAD = Example(
    """
    from sqlalchemy.orm import Session
    session = Session(bind=op.get_bind())
    session.execute(sa.text("SELECT 1"))
    """
)
GOOD = Example('op.get_bind().execute(sa.text("SELECT 1"))')

MADE = frozenset({"session.query", "Session", "sessionmaker", "scoped_session", "object_session"})
HARMLESS = frozenset({"query", "execute", "close", "connection", "get_bind"})
"""Methods of a session that write nothing by a flush of their own."""
CORE = """Use Core with a table that the script defines itself:
people = sa.table("people", sa.column("id", sa.BigInteger()), ...)"""
UPDATE = "op.get_bind().execute(people.update().where(...).values(...))"
SENT = "Send them by Alembic's connection, without a session and its commit:\nop.get_bind().execute(...)"
LEFT_OUT = "Leave it out, with its commit: what the revision does is in Alembic's transaction."
CHANGING = ", which go on changing,"
SELECT = "query = sa.select(people.c.id).where(...)"


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
    message, advice = said(what, Sessions(subject.script, used), only=only, own=own)
    yield ctx.finding(message, origin=place(subject.script, queries[0] if only else first), advice=advice)


def said(what: str, sessions: Sessions, *, only: bool, own: bool) -> tuple[str, str]:
    """What is said of a script's sessions, and what to do instead."""
    classes, work = "" if own else CHANGING, sessions.work()
    if only:
        return (
            f"The revision builds its SELECTs with the ORM (session.query): mapped classes{classes} decide what they "
            "ask for."
        ), f"{CORE}\n{SELECT}"
    match work:
        case Work.FLUSHES:
            return (
                f"The revision uses the ORM ({what}): {'' if own else 'mapped classes and '}flushes, not its own "
                "statements, decide what it writes and when."
            ), f"{CORE}\n{UPDATE}"
        case Work.HANDED_ON:
            return (
                f"The revision uses the ORM ({what}) and hands its session to {sessions.handed_to()}: what is written "
                "there, and when, is not among its own statements."
            ), f"{CORE}\n{UPDATE}"
        case Work.BULK:
            whose = "the classes that it maps itself" if own else f"mapped classes{CHANGING}"
            return f"The revision uses the ORM ({what}): {whose} decide what its bulk calls write.", f"{CORE}\n{UPDATE}"
        case Work.QUERIES:
            return (
                f"The revision uses the ORM's queries ({what}): mapped classes{classes} decide what they ask for, and "
                "what is written through them."
            ), f"{CORE}\n{SELECT}\n{UPDATE}"
        case Work.STATEMENTS:
            return f"The revision sends its own statements through the ORM ({what}), which has nothing to flush.", SENT
        case Work.NOTHING:
            return f"The revision makes a session of the ORM's ({what}), and sends nothing through it.", LEFT_OUT
