"""Clauses of another engine in a statement over rows: sqlglot reads them for all, and the server refuses them."""

from __future__ import annotations

from typing import Any

from migguard.changes import Engine
from migguard.sql.cursor import Cursor
from migguard.sql.tokens import Unread

NAMES = {Engine.POSTGRESQL: "PostgreSQL", Engine.MYSQL: "MySQL", Engine.MARIADB: "MariaDB"}
LIMITS = (("order", "ORDER BY"), ("limit", "LIMIT"))


def refuse_foreign(tree: Any, text: str, engine: Engine) -> None:
    """Raise Unread for a statement that the engine's own grammar does not have."""
    from sqlglot import exp

    found: str | None = None
    if engine is Engine.POSTGRESQL and (isinstance(tree, exp.Insert) or tree.find(exp.Offset) is not None):
        found = by_tokens([token.word for token in Cursor(text, engine).tokens])
    writes = tree.find_all(exp.Insert, exp.Update, exp.Delete)
    for node in (
        n for n in writes if not isinstance(n.parent, exp.When)
    ):  # those of a MERGE have no table of their own
        if engine is Engine.POSTGRESQL:
            found = found or not_postgresql(node)
        elif engine in NAMES:
            found = found or not_mysql(node)
    if found is not None:
        raise Unread(f"{NAMES[engine]} has no {found}")


def by_tokens(words: list[str]) -> str | None:
    """What of a statement PostgreSQL does not have and the tree does not tell.

    https://www.postgresql.org/docs/current/sql-insert.html, https://www.postgresql.org/docs/current/sql-select.html
    """
    if any(word == "LIMIT" and words[at + 2 : at + 3] == [","] for at, word in enumerate(words)):
        return "LIMIT with two numbers"
    if words[:1] != ["INSERT"]:
        return None
    if words[1:2] != ["INTO"]:
        return "INSERT without INTO behind it"
    behind = 3
    while words[behind : behind + 1] == ["."]:
        behind += 2
    return "INSERT … SET" if words[behind : behind + 1] == ["SET"] else None


def not_postgresql(node: Any) -> str | None:
    """A clause of a writing statement that PostgreSQL does not have.

    https://www.postgresql.org/docs/current/sql-update.html, https://www.postgresql.org/docs/current/sql-delete.html
    """
    from sqlglot import exp

    kind, args = type(node).__name__.upper(), node.args
    if isinstance(node, exp.Insert):
        conflict = args.get("conflict")
        if conflict is not None and conflict.args.get("duplicate"):
            return "ON DUPLICATE KEY UPDATE"
        return "INSERT with PARTITION" if node.this.args.get("partition") else None
    if args.get("tables") or not isinstance(node.this, exp.Table):
        return "DELETE without FROM behind it"
    if node.this.args.get("joins"):
        return f"{kind} with more than one table before {'SET' if isinstance(node, exp.Update) else 'USING or WHERE'}"
    return next((f"{kind} with {name}" for key, name in LIMITS if args.get(key) is not None), None)


def not_mysql(node: Any) -> str | None:
    """A clause of a writing statement that neither MySQL nor MariaDB has.

    https://dev.mysql.com/doc/refman/8.4/en/insert.html, https://dev.mysql.com/doc/refman/8.4/en/update.html
    """
    from sqlglot import exp

    if isinstance(node, exp.Insert):
        conflict = node.args.get("conflict")
        return "ON CONFLICT" if conflict is not None and not conflict.args.get("duplicate") else None
    return (
        "UPDATE … FROM" if isinstance(node, exp.Update) and (node.args.get("from_") or node.args.get("from")) else None
    )
