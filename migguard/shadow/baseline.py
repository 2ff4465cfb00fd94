"""The schema before the first revision, from a dump: `pg_dump -s` or `mysqldump --no-data`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from immutables import Map

from migguard.catalog.apply import apply, with_path
from migguard.catalog.schema import Catalog
from migguard.changes import Insert, Unknown
from migguard.errors import UsageError
from migguard.sql.read import read_one
from migguard.sql.split import split


def baseline(*candidates: Path) -> Callable[[Catalog], Catalog]:
    """What puts a dump into a catalog: the first of the files that is there. Raises UsageError."""
    path = next((p for p in candidates if p.is_file()), None)
    if path is None:
        raise UsageError(
            f"there is no baseline at {candidates[0]}", hint="write one with pg_dump -s or mysqldump --no-data"
        )
    text = path.read_text(encoding="utf-8", errors="replace")

    def load(catalog: Catalog) -> Catalog:
        for piece in split(text, catalog.server.engine):
            for change in read_one(piece.text, catalog.server.engine):
                if isinstance(change, Unknown):
                    raise UsageError(
                        f"{path}:{piece.line} could not be understood: {change.why}", hint="leave it out of the dump"
                    )
                if not isinstance(change, Insert):
                    catalog = apply(catalog, change).catalog
        bare = replace(catalog, variables=Map(), local_variables=Map(), dropped=frozenset())
        return with_path(bare)

    return load
