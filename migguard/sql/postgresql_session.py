"""PostgreSQL: session settings, transaction control and utility statements."""

from __future__ import annotations

from migguard.changes import (
    Change,
    LockTable,
    Maintain,
    Name,
    Nothing,
    Query,
    RefreshMaterializedView,
    Reindex,
    Select,
    SetVariable,
    TransactionAction,
    TransactionControl,
    Truncate,
)
from migguard.sql.cursor import Cursor
from migguard.sql.postgresql_columns import option_list
from migguard.sql.queries import read_query
from migguard.sql.tokens import Unread


def set_variable(cursor: Cursor) -> Change:
    """SET, from behind the word."""
    if cursor.accept("CONSTRAINTS"):
        if not cursor.accept("ALL"):
            cursor.names()
        if cursor.accept_any("DEFERRED", "IMMEDIATE") is None:
            raise cursor.unread("where DEFERRED or IMMEDIATE was expected")
        return Nothing("set constraints")
    if cursor.sees_any("TRANSACTION"):
        cursor.rest()
        return Nothing("set transaction")
    if cursor.accept("SESSION", "CHARACTERISTICS"):
        cursor.rest()
        return Nothing("set session characteristics")
    scope = cursor.accept_any("LOCAL", "SESSION") if not cursor.sees("SESSION", "AUTHORIZATION") else None
    local = scope == "LOCAL"
    if cursor.accept("TIME", "ZONE"):
        value = cursor.rest().strip("'\"")
        return SetVariable("timezone", value, local)
    if cursor.accept("SESSION", "AUTHORIZATION"):
        return SetVariable("session_authorization", cursor.scalar(), local)
    for word in ("ROLE", "NAMES", "SCHEMA"):
        if cursor.sees(word) and cursor.peek(1).word not in ("TO", "="):
            cursor.expect(word)
            value = cursor.scalar()
            name = {"ROLE": "role", "NAMES": "client_encoding", "SCHEMA": "search_path"}[word]
            return SetVariable(name, value, local, items=(value,))
    if cursor.accept("XML", "OPTION"):
        return SetVariable("xmloption", cursor.scalar(), local)
    name = cursor.identifier().lower()
    while cursor.accept("."):
        name += "." + cursor.identifier().lower()
    if cursor.accept_any("TO", "=") is None:
        raise cursor.unread("where TO or = was expected")
    if cursor.accept("DEFAULT"):
        return SetVariable(name, None, local)
    items = cursor.listed(lambda: item(cursor))
    return SetVariable(name, ", ".join(items), local, items=items)


def item(cursor: Cursor) -> str:
    """One member of a setting's value; names are folded, numbers may have a unit."""
    token = cursor.peek()
    if token.kind in ("word", "name") and not cursor.sees("-"):
        return cursor.identifier()
    value = cursor.scalar()
    if token.kind == "number" and cursor.peek().kind == "word":
        value += cursor.take().text
    return value


def reset(cursor: Cursor) -> Change:
    """RESET, from behind the word."""
    if cursor.accept("ALL"):
        return SetVariable("all", None)
    if cursor.accept("TIME", "ZONE"):
        return SetVariable("timezone", None)
    if cursor.accept("SESSION", "AUTHORIZATION"):
        return SetVariable("session_authorization", None)
    name = cursor.identifier().lower()
    while cursor.accept("."):
        name += "." + cursor.identifier().lower()
    return SetVariable(name, None)


def default_setting(cursor: Cursor) -> SetVariable | None:
    """What ALTER DATABASE, ROLE or SYSTEM sets for the sessions to come; None for a role that may be another's.

    The cursor stays where it is.
    """
    here = cursor.at
    try:
        kind = cursor.accept_any("DATABASE", "ROLE", "USER", "SYSTEM")
        if kind is None:
            return None
        if kind in ("ROLE", "USER") and cursor.sees_any("ALL", "CURRENT_USER", "CURRENT_ROLE", "SESSION_USER") is None:
            return None
        if kind != "SYSTEM":
            cursor.identifier()
        if cursor.accept("IN", "DATABASE"):
            cursor.identifier()
        made = set_variable(cursor) if cursor.accept("SET") else reset(cursor) if cursor.accept("RESET") else None
        if not isinstance(made, SetVariable):
            return None
        return SetVariable(made.name, made.value, is_global=True, items=made.items)
    except Unread:
        return None  # the statement is read as a whole elsewhere, which says what is not understood
    finally:
        cursor.at = here


def transaction(cursor: Cursor, word: str) -> Change:
    """BEGIN, COMMIT and their kin, from behind the first word."""
    if word == "START":
        cursor.expect("TRANSACTION")
        cursor.rest()
        return TransactionControl(TransactionAction.BEGIN)
    if word == "BEGIN":
        cursor.accept_any("WORK", "TRANSACTION")
        while cursor.sees_any("ISOLATION", "READ", "NOT", "DEFERRABLE", ","):
            cursor.accept(",")
            if cursor.accept("ISOLATION", "LEVEL"):
                cursor.take()
                cursor.accept_any("READ", "COMMITTED", "UNCOMMITTED")
            elif not (
                cursor.accept("READ", "ONLY") or cursor.accept("READ", "WRITE") or cursor.accept("NOT", "DEFERRABLE")
            ):
                cursor.expect("DEFERRABLE")
        return TransactionControl(TransactionAction.BEGIN)
    if word in ("COMMIT", "END", "ROLLBACK", "ABORT"):
        if cursor.accept("PREPARED"):
            cursor.string()
            return TransactionControl(TransactionAction.PREPARE)
        cursor.accept_any("WORK", "TRANSACTION")
        if word == "ROLLBACK" and cursor.accept("TO"):
            cursor.accept("SAVEPOINT")
            return TransactionControl(TransactionAction.ROLLBACK_TO, cursor.identifier())
        if cursor.accept("AND"):
            cursor.accept("NO")
            cursor.expect("CHAIN")
        done = TransactionAction.COMMIT if word in ("COMMIT", "END") else TransactionAction.ROLLBACK
        return TransactionControl(done)
    if word == "SAVEPOINT":
        return TransactionControl(TransactionAction.SAVEPOINT, cursor.identifier())
    cursor.accept("SAVEPOINT")
    return TransactionControl(TransactionAction.RELEASE, cursor.identifier())


def truncate(cursor: Cursor) -> tuple[Change, ...]:
    """TRUNCATE, from behind the word."""
    cursor.accept("TABLE")
    found: list[tuple[Name, bool]] = []
    while True:
        only = cursor.accept("ONLY")
        found.append((cursor.name(), only))
        cursor.accept("*")
        if not cursor.accept(","):
            break
    if cursor.accept_any("RESTART", "CONTINUE"):
        cursor.expect("IDENTITY")
    cascade = cursor.cascade()
    return tuple(
        Truncate(name, cascade, only, tuple(n for at, (n, _) in enumerate(found) if at != place))
        for place, (name, only) in enumerate(found)
    )


LOCK_MODES = (
    "ACCESS SHARE", "ROW SHARE", "ROW EXCLUSIVE", "SHARE UPDATE EXCLUSIVE", "SHARE ROW EXCLUSIVE", "SHARE", "EXCLUSIVE",
    "ACCESS EXCLUSIVE",
)  # fmt: skip


def lock_table(cursor: Cursor) -> tuple[Change, ...]:
    """LOCK, from behind the word."""
    cursor.accept("TABLE")
    found: list[tuple[Name, bool]] = []
    while True:
        only = cursor.accept("ONLY")
        found.append((cursor.name(), only))
        cursor.accept("*")
        if not cursor.accept(","):
            break
    mode = "ACCESS EXCLUSIVE"
    if cursor.accept("IN"):
        mode = next((m for m in LOCK_MODES if cursor.accept(*m.split(), "MODE")), "")
        if not mode:
            raise cursor.unread("where a lock mode was expected")
    nowait = cursor.accept("NOWAIT")
    return tuple(LockTable(name, mode, nowait, only) for name, only in found)


MAINTENANCE = frozenset(
    {"full", "freeze", "verbose", "analyze", "disable_page_skipping", "skip_locked", "index_cleanup", "process_main",
     "process_toast", "truncate", "parallel", "skip_database_stats", "only_database_stats", "buffer_usage_limit",
     "concurrently"}
)  # fmt: skip
"""The options of VACUUM, ANALYZE and CLUSTER."""


def maintain(cursor: Cursor, word: str) -> tuple[Change, ...]:
    """VACUUM, ANALYZE and CLUSTER, from behind the word."""
    options: list[str] = []
    if cursor.sees("(") and word in ("VACUUM", "ANALYZE", "CLUSTER"):

        def one() -> None:
            option = cursor.identifier().lower()
            if option not in MAINTENANCE:
                raise cursor.unread(f"behind an unknown option of {word}")
            value = cursor.scalar().lower() if cursor.peek().word not in (",", ")") else "true"
            if value not in ("false", "off", "0"):
                options.append(option)

        cursor.in_parentheses(one)
    while (more := cursor.accept_any("FULL", "FREEZE", "VERBOSE", "ANALYZE")) is not None:
        options.append(more.lower())
    names: list[Name] = []
    only: list[bool] = []
    index: str | None = None
    while not cursor.done and not cursor.sees(";"):
        only.append(cursor.accept("ONLY"))
        names.append(cursor.name())
        if cursor.sees("("):
            cursor.identifiers()
        if word == "CLUSTER" and cursor.accept("USING"):
            index = cursor.identifier()
        elif word == "CLUSTER" and cursor.accept("ON"):
            index, names = names[-1].name, [cursor.name()]
        if not cursor.accept(","):
            break
        if cursor.done:
            raise cursor.unread("where a name was expected")
    if not names:
        return (Maintain(word.lower(), None, tuple(options), index),)
    return tuple(Maintain(word.lower(), n, tuple(options), index, o) for n, o in zip(names, only, strict=True))


def reindex(cursor: Cursor) -> Change:
    """REINDEX, from behind the word."""
    concurrently = False
    if cursor.sees("("):
        options = dict(option_list(cursor))
        if not options.keys() <= {"concurrently", "tablespace", "verbose"}:
            raise cursor.unread("behind an unknown option of REINDEX")
        concurrently = options.get("concurrently", "false").lower() in ("true", "on", "1")
    kind = cursor.accept_any("INDEX", "TABLE", "SCHEMA", "DATABASE", "SYSTEM")
    if kind is None:
        raise cursor.unread("after REINDEX")
    concurrently = cursor.accept("CONCURRENTLY") or concurrently
    name = None if cursor.done or cursor.sees(";") else cursor.name()
    return Reindex(kind.lower(), name, concurrently)


def refresh(cursor: Cursor) -> Change:
    """REFRESH MATERIALIZED VIEW, from behind REFRESH."""
    cursor.expect("MATERIALIZED", "VIEW")
    concurrently = cursor.accept("CONCURRENTLY")
    name = cursor.name()
    data = not cursor.accept("WITH", "NO", "DATA")
    cursor.accept("WITH", "DATA")
    return RefreshMaterializedView(name, concurrently, data)


def show(cursor: Cursor) -> Change:
    """SHOW, from behind the word."""
    text = cursor.rest()
    return Select(Query(f"SHOW {text}", columns=(text.lower(),)))


def explain(cursor: Cursor) -> tuple[Change, ...]:
    """EXPLAIN: without ANALYZE nothing runs; with it the statement does."""
    analyze = cursor.accept("ANALYZE")
    if cursor.sees("("):
        start, end = cursor.skip_parentheses()
        analyze = "ANALYZE" in cursor.sql[start:end].upper()
    cursor.accept("VERBOSE")
    if analyze:
        from migguard.sql.read import read_one

        return read_one(cursor.rest(), cursor.engine)
    return (Select(read_query(cursor.rest(), cursor.engine)),)
