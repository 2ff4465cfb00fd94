"""A live database held against what its own revision makes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from alembic.autogenerate.api import AutogenContext
from alembic.runtime.migration import MigrationContext

from migguard.catalog.schema import Catalog, Key
from migguard.differences import SchemaDifference
from migguard.drift.details import Detail, Pair, Same, shown
from migguard.drift.sides import (
    function_details,
    guard_details,
    present,
    schema_details,
    sequence_details,
    table_details,
    type_details,
    view_details,
)
from migguard.drift.touched import Touched
from migguard.findings import Severity
from migguard.live.schema import LiveSchema
from migguard.project.graph import Graph
from migguard.report import Failure

SHOWN = 5
"""Missing revisions that are named."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a database stands: `has` are the revisions that it has run; `unknown` are rows that no file defines."""

    rows: tuple[str, ...]
    has: frozenset[str]
    unknown: tuple[str, ...]


def standing(live: LiveSchema, context: MigrationContext, graph: Graph) -> Standing:
    """What the version table says."""
    key = (context.version_table_schema or live.catalog.default_schema, context.version_table)
    rows = live.versions.get(key, ())
    known = [r for r in rows if r in graph.revisions]
    return Standing(rows, frozenset(graph.walk(known, "up")), tuple(r for r in rows if r not in graph.revisions))


def behind(where: Standing, graph: Graph) -> Iterator[SchemaDifference]:
    """MG904, where revisions are missing."""
    missing = [r for r in graph.order if r not in where.has]
    if where.unknown or not missing:
        return
    names = ", ".join(missing[:SHOWN]) + (f" and {len(missing) - SHOWN} more" if len(missing) > SHOWN else "")
    at = f"at {', '.join(where.rows)}" if where.rows else "at no revision"
    yield SchemaDifference(
        code="MG904",
        kind="database_behind",
        schema=None,
        table="",
        object=None,
        message=f"The database is {at}; it lacks {names}.",
        revision=missing[0],
        weight=Severity.WARNING,
    )


def unknown(where: Standing) -> list[Failure]:
    """Rows of the version table that say nothing."""
    if not where.unknown:
        return []
    names = ", ".join(where.unknown)
    return [
        Failure(
            f"the database is at {names}, which no file here defines, so what it should look like is not known",
            "run migguard on the code that was deployed there",
        )
    ]


@dataclass(slots=True)
class Drifted:
    """The comparison of a live database with the replayed schema of its revision."""

    live: LiveSchema
    expected: Catalog
    where: Standing
    touched: Touched
    context: MigrationContext
    same: Same

    def differences(self) -> Iterator[SchemaDifference]:
        """MG905, one for each part that differs."""
        pair = Pair(self.live.catalog, self.expected, self.same)
        for detail in list(self.details(pair)):
            schema = None if detail.key[0] == self.expected.default_schema else detail.key[0]
            yield SchemaDifference(
                code="MG905",
                kind=detail.kind,
                schema=schema,
                table=detail.key[1] if detail.inside else "",
                object=detail.object,
                message=self.said(detail),
                revision=self.touched.last(detail.key if detail.inside else (detail.key[0], ""), detail.object),
                verified=detail.key not in pair.unsure and self.touched.verified(detail.key),
                weight=detail.severity,
            )

    def details(self, pair: Pair) -> Iterator[Detail]:
        """Everything that the history is answerable for."""
        live, expected = pair.first, pair.second
        versions = set(self.live.versions)
        tables = {k for k in set(live.tables) | set(expected.tables) if self.answerable(k) and k not in versions}
        for key in sorted(tables):
            if key in expected.assumed or (key in expected.tables and not expected.tables[key].complete):
                continue
            if key in live.tables and key in expected.tables:
                yield from table_details(key, pair)
                yield from guard_details(key, pair)
            elif key in expected.tables or live.tables[key].partition_of not in expected.tables:
                name = f"the table {shown(key, expected)}"
                yield present(name, "table", key in live.tables, key in expected.tables, key, None)
        for find, mine, theirs in (
            (type_details, live.types, expected.types),
            (sequence_details, live.sequences, expected.sequences),
            (view_details, live.views, expected.views),
            (function_details, live.functions, expected.functions),
        ):
            keys: set[Key] = {k for k in set(mine) | set(theirs) if self.answerable(k)}
            yield from find(keys, pair)
        for detail in schema_details(pair):
            if not detail.first:  # what the history makes and the database lacks; more of them are others'
                yield detail

    def answerable(self, key: Key) -> bool:
        """Whether it lies in a schema that the history makes, and env.py does not hide it."""
        if key[0] not in self.expected.schemas or key[0] == "pg_temp":
            return False
        filters = AutogenContext(self.context, autogenerate=False)
        schema = None if key[0] == self.expected.default_schema else key[0]
        return filters.run_name_filters(key[1], "table", {"schema_name": schema})

    def said(self, detail: Detail) -> str:
        """The difference as a sentence."""
        at = ", ".join(self.where.rows)
        if not detail.first:
            rest = f": {detail.second}" if detail.second != "one" else ""
            return f"The database lacks {detail.what}{rest}, which the revisions up to {at} make."
        if not detail.second:
            rest = f": {detail.first}" if detail.first != "one" else ""
            return f"The database has {detail.what}{rest}, which no revision up to {at} makes."
        what = detail.what[0].upper() + detail.what[1:]
        return f"{what} is {detail.first} in the database, {detail.second} after the revisions up to {at}."
