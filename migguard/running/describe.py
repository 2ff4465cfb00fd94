"""Metadata and mappers reduced to plain values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import ColumnProperty, Mapper, RelationshipProperty, configure_mappers
from sqlalchemy.schema import Computed, Identity

from migguard.drift.models import Places
from migguard.models import ModelColumn, ModelTable, Relationship
from migguard.source import Origin


def tables(metadata: Iterable[sa.MetaData], places: Places, dialect: Dialect, root: Path) -> Iterator[ModelTable]:
    """Every table of the metadata objects."""
    configured()
    for one in metadata:
        for table in one.tables.values():
            mappers = places.mappers.get(id(table), [])
            origin = places.of(table)
            yield ModelTable(
                str(table.name),
                str(table.schema) if table.schema else None,
                tuple(column(c, mappers, places, dialect, root) for c in table.columns),
                tuple(m.class_.__name__ for m in mappers),
                tuple(relationships(mappers, places, root)),
                *place(origin, root),
            )


def configured() -> None:
    """Resolve the relationships. One that cannot be resolved fails at the application's first query, not here."""
    try:
        configure_mappers()
    except SQLAlchemyError:
        return  # the tables and columns are known all the same


def place(origin: Origin | None, root: Path) -> tuple[str | None, int | None]:
    """A place as a path relative to the repository, and a line."""
    if origin is None:
        return None, None
    try:
        return origin.path.resolve().relative_to(root.resolve()).as_posix(), origin.line
    except ValueError:
        return None, None


def column(
    one: sa.Column[Any], mappers: list[Mapper[Any]], places: Places, dialect: Dialect, root: Path
) -> ModelColumn:
    """One column."""
    automatic = one.table is not None and one is one.table.autoincrement_column and one.default is None
    enum = one.type if isinstance(one.type, sa.Enum) else None
    return ModelColumn(
        str(one.name),
        spelled(one, dialect),
        bool(one.nullable),
        filled=one.default is not None,
        server_default=one.server_default is not None or automatic or isinstance(one.identity, Identity),
        generated=isinstance(one.computed, Computed),
        primary_key=one.primary_key,
        mapped=selected(one, mappers),
        labels=tuple(enum.enums) if enum is not None else (),
        enum=str(enum.name) if enum is not None and enum.name else None,
        path=(found := place(places.of(one.table, one.name), root))[0],
        line=found[1],
    )


def spelled(one: sa.Column[Any], dialect: Dialect) -> str | None:
    """The type as SQL."""
    try:
        return str(one.type.compile(dialect))
    except SQLAlchemyError:
        return None  # a type that this dialect does not have, or a column whose type its foreign key gives


def selected(one: sa.Column[Any], mappers: list[Mapper[Any]]) -> bool:
    """Whether a SELECT of the mapped classes names the column. Whoever uses a plain Table may name any."""
    if not mappers:
        return True
    for mapper in mappers:
        for prop in mapper.attrs:
            if isinstance(prop, ColumnProperty) and one in prop.columns and not prop.deferred:
                return True
    return False


def relationships(mappers: list[Mapper[Any]], places: Places, root: Path) -> Iterator[Relationship]:
    """The relationships of the classes mapped to one table."""
    for mapper in mappers:
        for prop in mapper.attrs:
            if isinstance(prop, RelationshipProperty) and prop.parent is mapper:
                path, line = place(places.attribute(mapper, prop.key), root)
                yield Relationship(
                    prop.key,
                    mapper.class_.__name__,
                    str(getattr(prop.mapper.local_table, "name", "")),
                    tuple(sorted(str(c.name) for c in prop.remote_side if isinstance(c, sa.Column))),
                    deletes="delete" in prop.cascade,
                    passive=bool(prop.passive_deletes),
                    dynamic=prop.lazy == "dynamic",
                    path=path,
                    line=line,
                )
