"""What the code that runs during the deployment knows of a table, as far as its models tell.

Its models know the names of before the deployment. Where they could not be loaded, or speak of a table in a way that
is not known, the rules' defaults stand.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from migguard.catalog.schema import Catalog, Column, Key, Table
from migguard.changes import Engine
from migguard.models import ModelColumn, Models, ModelTable
from migguard.rules.facts.schema.deployment_end import released
from migguard.rules.facts.schema.introduced import same
from migguard.rules.frame import StepContext

CASELESS = frozenset({Engine.MYSQL, Engine.MARIADB, Engine.SQLITE, Engine.MSSQL})
"""Engines that find a column however its name is written."""


@dataclass(frozen=True, slots=True)
class OldTable:
    """A table as the running code knows it: under `key`, or not at all where `model` is None.

    `was` is the table before the deployment, None for a view.
    """

    models: Models
    model: ModelTable | None
    key: Key
    was: Table | None
    engine: Engine

    def column(self, name: str) -> ModelColumn | None:
        """The model's column of that name, if any statement of the running code may name it."""
        found = self.model.column(name) if self.model is not None else None
        if found is None and self.model is not None and self.engine in CASELESS:
            found = next((c for c in self.model.columns if c.name.lower() == name.lower()), None)
        return found if found is not None and found.used else None

    def of(self, column: Column) -> ModelColumn | None:
        """The model's column that stands for one of the table, under the name that it had before the deployment."""
        was = same(column, self.was.columns) if self.was is not None else None
        return self.column(was.name if was is not None else column.name)

    def said(self, column: ModelColumn | None = None) -> str:
        """Where the model, or one of its columns, is written: `app/models.py:17 at 1a2b3c4d`."""
        places = [column, self.model, *(self.model.classes if self.model is not None else ())]
        place = next((f"{p.path}:{p.line}" for p in places if p is not None and p.path is not None), "its model")
        return f"{place} at {self.models.commit[:8]}" if self.models.commit else place


def old_table(table: Table, ctx: StepContext) -> OldTable | None:
    """What the running code knows of a table, whatever it is called by now; None where that is not known.

    A partition or inheriting table that has no model of its own is known through its parent's.
    """
    was = released(table, ctx)
    found = at_key(was.key if was is not None else table.key, ctx, was)
    if found is None or found.model is not None:
        return found
    for key in (*([table.partition_of] if table.partition_of is not None else ()), *table.inherits):
        parent = ctx.before.tables.get(key)
        above = old_table(parent, ctx) if parent is not None else None
        if above is None or above.model is not None:
            return above
    return found


def at_key(key: Key, ctx: StepContext, was: Table | None = None) -> OldTable | None:
    """What the running code knows of the relation that had a key before the deployment."""
    models = ctx.running
    if models is None or key[1] in models.unseen_names:
        return None
    before = ctx.deployment.released
    found = models.named(*key, before.default_schema)
    if not found and before.server.engine in CASELESS:
        found = tuple(t for t in models.tables if t.name.lower() == key[1].lower() and t.schema in (None, key[0]))
    if len(found) > 1:
        return None
    return OldTable(models, found[0] if found else None, key, was, before.server.engine)


def unmapped(table: Table, ctx: StepContext, column: Column | None = None) -> bool:
    """Whether the running code is known to use neither the table nor, where one is given, the column."""
    old = old_table(table, ctx)
    if old is None:
        return False
    return old.model is None or (column is not None and old.of(column) is None)


def missing_from(key: Key, names: Iterable[str], catalog: Catalog) -> list[str]:
    """Those of the names that no column under a key has; all where nothing is there, or a view not understood."""
    relation = catalog.tables.get(key) or catalog.views.get(key)
    if relation is None or (not relation.complete and key in catalog.views):
        return list(names)
    fold = str.lower if catalog.server.engine in CASELESS else str
    there = {fold(c.name) for c in relation.columns}
    return [n for n in names if fold(n) not in there]
