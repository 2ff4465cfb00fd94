"""Metadata and mappers reduced to plain values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.engine.interfaces import BindTyping
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import (
    ColumnProperty,
    DeclarativeBase,
    DeclarativeBaseNoMeta,
    Mapper,
    RelationshipDirection,
    RelationshipProperty,
    configure_mappers,
)
from sqlalchemy.schema import Computed, Identity

from migguard.drift.models import Places
from migguard.models import Declared, ModelClass, ModelColumn, ModelTable, Relationship
from migguard.source import Origin


def described(
    metadata: Iterable[sa.MetaData], places: Places, dialect: Dialect, root: Path | None, driver: Dialect | None = None
) -> Iterator[ModelTable]:
    """Every table of the metadata objects; places are relative to `root`, or absolute without one.

    `driver` is the dialect that the application itself uses, where that is known.
    """
    configured()
    for one in metadata:
        for table in one.tables.values():
            mappers = places.mappers.get(id(table), [])
            origin = places.of(table)
            yield ModelTable(
                str(table.name),
                str(table.schema) if table.schema else None,
                tuple(column(c, mappers, places, dialect, root, driver) for c in table.columns),
                tuple(mapped_class(m, places, root) for m in mappers),
                tuple(relationships(mappers, places, root)),
                tuple(restrictions(table, dialect)),
                *place(origin, root),
            )


def mapped_class(mapper: Mapper[Any], places: Places, root: Path | None) -> ModelClass:
    """How a class declares itself."""
    one = mapper.class_
    lineage = [c for c in one.__mro__ if c is not object]
    written = [c.__dict__["__tablename__"] for c in lineage if "__tablename__" in c.__dict__]
    typed = {name for c in lineage for name in vars(c).get("__annotations__", {})}
    own = [p.key for p in mapper.attrs if isinstance(p, (ColumnProperty, RelationshipProperty)) and p.parent is mapper]
    declared = "__table__" not in one.__dict__ or bool(written)
    path, line = place(places.of_class(mapper), root)
    return ModelClass(
        one.__name__,
        named=not declared or (bool(written) and isinstance(written[0], str)),
        declarative_base=any(c is DeclarativeBase or c is DeclarativeBaseNoMeta for c in lineage),
        untyped=tuple(key for key in own if key not in typed) if declared else (),
        path=path,
        line=line,
    )


def configured() -> None:
    """Resolve the relationships. One that cannot be resolved fails at the application's first query, not here."""
    try:
        configure_mappers()
    except SQLAlchemyError:
        return  # the tables and columns are known all the same


def place(origin: Origin | None, root: Path | None) -> tuple[str | None, int | None]:
    """A place as a path and a line; nothing for what is outside `root`."""
    if origin is None or root is None:
        return (str(origin.path), origin.line) if origin is not None else (None, None)
    try:
        return origin.path.resolve().relative_to(root.resolve()).as_posix(), origin.line
    except ValueError:
        return None, None


def column(
    one: sa.Column[Any],
    mappers: list[Mapper[Any]],
    places: Places,
    dialect: Dialect,
    root: Path | None,
    driver: Dialect | None,
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
        used=named(one, mappers),
        cast=cast(one, driver),
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


def cast(one: sa.Column[Any], dialect: Dialect | None) -> bool:
    """Whether the driver has values of the column cast to its type; true where the driver is not known."""
    if dialect is None:
        return True
    return bool(dialect.bind_typing is BindTyping.RENDER_CASTS and one.type.dialect_impl(dialect).render_bind_cast)


def selected(one: sa.Column[Any], mappers: list[Mapper[Any]]) -> bool:
    """Whether a SELECT of the mapped classes names the column. Whoever uses a plain Table may name any."""
    if not mappers:
        return True
    for mapper in mappers:
        for prop in mapper.attrs:
            if isinstance(prop, ColumnProperty) and one in prop.columns and not prop.deferred:
                return True
    return False


def named(one: sa.Column[Any], mappers: list[Mapper[Any]]) -> bool:
    """Whether some statement of the mapped classes may name the column: an attribute, deferred or not, or a default."""
    if not mappers or one.default is not None or one.onupdate is not None:
        return True
    return any(one in p.columns for m in mappers for p in m.attrs if isinstance(p, ColumnProperty))


def restrictions(table: sa.Table, dialect: Dialect) -> Iterator[Declared]:
    """The keys, checks, foreign keys and unique indexes that a table declares."""
    for one in table.constraints:
        columns = tuple(str(c.name) for c in getattr(one, "columns", ()))
        match one:
            case sa.PrimaryKeyConstraint():
                yield Declared("primary key", columns)
            case sa.UniqueConstraint():
                yield Declared("unique", columns)
            case sa.CheckConstraint():
                yield Declared("check", columns, condition(one.sqltext, dialect))
            case sa.ForeignKeyConstraint():
                ends = [e.target_fullname.rpartition(".") for e in one.elements]
                yield Declared("foreign key", columns, None, ends[0][0], tuple(e[2] for e in ends))
            case _ if one.__visit_name__ == "exclude_constraint":
                yield Declared("exclusion", columns)
            case _:
                continue
    for index in table.indexes:
        if index.unique:
            keys = [str(e.name) if isinstance(e, sa.Column) else condition(e, dialect) for e in index.expressions]
            where = (
                index.dialect_options[dialect.name].get("where") if dialect.name in ("postgresql", "sqlite") else None
            )
            if all(keys):
                yield Declared(
                    "unique", tuple(map(str, keys)), condition(where, dialect) if where is not None else None
                )


def condition(one: Any, dialect: Dialect) -> str | None:
    """An expression as SQL; None where the dialect cannot spell it."""
    try:
        compiler: Any = dialect.ddl_compiler(dialect, None)  # type: ignore[arg-type]  # as SQLAlchemy's own DDL does
        clause = sa.text(one) if isinstance(one, str) else one
        return str(compiler.sql_compiler.process(clause, include_table=False, literal_binds=True))
    except SQLAlchemyError:
        return None


def relationships(mappers: list[Mapper[Any]], places: Places, root: Path | None) -> Iterator[Relationship]:
    """The relationships of the classes mapped to one table."""
    for mapper in mappers:
        for prop in mapper.attrs:
            if isinstance(prop, RelationshipProperty) and prop.parent is mapper:
                path, line = place(places.attribute(mapper, prop.key), root)
                children = prop.direction is RelationshipDirection.ONETOMANY
                remote = [c for c in prop.remote_side if isinstance(c, sa.Column)]
                actions = {k.ondelete for c in remote for k in c.foreign_keys if k.column.table is mapper.local_table}
                yield Relationship(
                    prop.key,
                    mapper.class_.__name__,
                    str(getattr(prop.mapper.local_table, "name", "")),
                    tuple(sorted(str(c.name) for c in remote)),
                    children=children,
                    on_delete=next(iter(actions), None) if children else None,
                    deletes="delete" in prop.cascade,
                    passive=bool(prop.passive_deletes),
                    dynamic=prop.lazy == "dynamic",
                    path=path,
                    line=line,
                )
