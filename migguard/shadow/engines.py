"""Which engine a project's history is for, as its configuration and its env.py say."""

from __future__ import annotations

from collections.abc import Iterable

from migguard.changes import Engine
from migguard.shadow.database import Database

ALIKE = frozenset({Engine.MYSQL, Engine.MARIADB})
"""Engines that one URL may mean: MariaDB is reached by MySQL's drivers too."""


def guess(url: str | None) -> Engine | None:
    """The engine that a URL names."""
    name = (url or "").partition(":")[0].partition("+")[0]
    name = {"postgres": "postgresql"}.get(name, name)
    return Engine(name) if name in {e.value for e in Engine} else None


def named_elsewhere(url: str | None, dialect: str | None, databases: Iterable[Database]) -> str:
    """The engine that the configuration's URL names, where no database of env.py's is of it; empty where one is, where
    the URL names none, and where the settings say which `dialect` to take."""
    named = guess(url) if dialect is None else None
    if named is None:
        return ""
    used = {database.server.engine for database in databases}
    return named.value if used.isdisjoint(ALIKE if named in ALIKE else {named}) else ""
