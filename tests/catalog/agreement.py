"""Run a script on a PostgreSQL server and on a Catalog, and hold the two against each other after each statement."""

from __future__ import annotations

from typing import Any

import psycopg

from migguard.catalog.apply import apply
from migguard.catalog.schema import Catalog, Server
from migguard.catalog.start import empty
from migguard.catalog.together import together
from migguard.changes import Engine, Unknown
from migguard.sql.read import read
from tests.catalog.facts import Facts, catalog_facts, disagreements
from tests.catalog.reflection import reflect


def applied(catalog: Catalog, statement: str) -> tuple[Catalog, str | None]:
    """The catalog after a statement, and the refusal, if there was one."""
    before = catalog
    for change in together(catalog, read(statement, Engine.POSTGRESQL)):
        if isinstance(change, Unknown):
            return before, f"not read: {change.why}"
        made = apply(catalog, change)
        if made.refusal is not None:
            return before, f"{made.refusal.kind}: {made.refusal.message}"
        catalog = made.catalog
    return catalog, None


def without_not_null(facts: Facts) -> Facts:
    """Facts without NOT NULL as constraints: on PostgreSQL 18 the catalog names them only when asked."""
    return {name: value for name, value in facts.items() if not (name[0] == "constraint" and value[:1] == ("n",))}


def disagreement(connection: psycopg.Connection[Any], statements: list[str], version: tuple[int, ...]) -> list[str]:
    """What server and catalog do not agree on, statement by statement, up to the first statement where they differ.

    The connection is in autocommit; what the server refuses there leaves nothing behind.
    """
    catalog = empty(Server(Engine.POSTGRESQL, version, timezone="UTC"))
    for statement in statements:
        try:
            connection.execute(statement.encode())
            error = None
        except psycopg.Error as raised:
            error = str(raised).splitlines()[0]
        catalog, refusal = applied(catalog, statement)
        if (error is None) != (refusal is None):
            return [statement, f"the server says {error}, the catalog {refusal}"]
        found = disagreements(without_not_null(reflect(connection)), without_not_null(catalog_facts(catalog)))
        if found:
            return [statement, *found]
    return []
