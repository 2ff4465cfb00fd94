"""Which revision touched a table, and what is in it, last; and what of the schema rests on a guess."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from migguard.catalog.schema import Catalog, Key, Table

WORD = re.compile(r"\w+")


@dataclass(slots=True)
class Touched:
    """Filled revision by revision, from the catalogs before and after each.

    `doubted` are the words of the scripts of which a part was not seen or not understood: what they do not name, they
    cannot have touched.
    """

    tables: dict[Key, str] = field(default_factory=dict)
    objects: dict[tuple[Key, str], str] = field(default_factory=dict)
    unverified: set[Key] = field(default_factory=set)
    doubted: set[str] = field(default_factory=set)
    wanted: frozenset[str] = frozenset()
    catalogs: dict[str, Catalog] = field(default_factory=dict)

    def note(self, revision: str, before: Catalog, after: Catalog) -> None:
        """Compare the schema before and after a revision; keep the one after those that are `wanted`."""
        if revision in self.wanted:
            self.catalogs[revision] = after
        if before.types is not after.types:
            for key, made in after.types.items():
                if before.types.get(key) is not made:
                    self.objects[(key[0], ""), key[1]] = revision
        if before.tables is after.tables:
            return
        for key, table in after.tables.items():
            old = before.tables.get(key)
            if old is table:
                continue
            self.tables[key] = revision
            for name in changed(old, table):
                self.objects[key, name] = revision
            if not table.complete or key in after.assumed:
                self.unverified.add(key)
            else:
                self.unverified.discard(key)
        for key in before.tables:
            if key not in after.tables:
                self.tables[key] = revision

    def of_database(self) -> Touched:
        """The same revisions, for a schema that was read off a database: nothing of it rests on a guess."""
        return Touched(self.tables, self.objects)

    def after(self, revisions: frozenset[str], order: Sequence[str]) -> Catalog | None:
        """The schema after these revisions, where no other ran between them."""
        last = order[len(revisions) - 1]
        return self.catalogs.get(last) if set(order[: len(revisions)]) == revisions else None

    def kept(self) -> tuple[object, ...]:
        """What `take` takes in another run."""
        return dict(self.tables), dict(self.objects), frozenset(self.unverified)

    def take(self, kept: tuple[Any, ...]) -> None:
        """Go on where another run's stood."""
        tables, objects, unverified = kept
        self.tables, self.objects, self.unverified = dict(tables), dict(objects), set(unverified)

    def doubt(self, source: str) -> None:
        """A script of which not all was seen."""
        self.doubted.update(WORD.findall(source))

    def last(self, key: Key, name: str | None) -> str | None:
        """The revision that touched the object last, or its table where the object itself never was."""
        return self.objects.get((key, name or "")) or self.tables.get(key)

    def verified(self, key: Key) -> bool:
        """Whether all that the table's state rests on was seen."""
        return key not in self.unverified and not self.doubted & set(WORD.findall(key[1]))


def changed(old: Table | None, new: Table) -> Iterable[str]:
    """The columns, constraints and indexes that are new, gone or otherwise."""
    mine, theirs = parts(old), parts(new)
    return [name for name in mine.keys() | theirs.keys() if mine.get(name) != theirs.get(name)]


def parts(table: Table | None) -> dict[str, object]:
    """What a table holds, by name."""
    if table is None:
        return {}
    return {one.name: one for group in (table.columns, table.constraints, table.indexes) for one in group}
