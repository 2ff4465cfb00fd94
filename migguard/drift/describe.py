"""Metadata and mappers reduced to plain values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
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
from sqlalchemy.orm.exc import UnmappedColumnError
from sqlalchemy.schema import Computed, Identity

from migguard.drift.models import Places
from migguard.models import Declared, ModelClass, ModelColumn, ModelTable, Relationship
from migguard.source import Origin


def described(
    metadata: Iterable[sa.MetaData],
    places: Places,
    dialect: Dialect,
    root: Path | None,
    driver: Dialect | None = None,
    *,
    related: bool = True,
) -> Iterator[ModelTable]:
    """Every table of the metadata objects; places are relative to `root`, or absolute without one.

    `driver` is the dialect that the application itself uses, where that is known. Classes and relationships are put
    down only where they are asked for: resolving them takes as long as importing the models.
    """
    if related:
        configured()
    for one in metadata:
        for table in one.tables.values():
            mappers = places.mappers.get(id(table), [])
            origin, attributes = places.of(table), Attributes.of(table, mappers)
            yield ModelTable(
                str(table.name),
                str(table.schema) if table.schema else None,
                tuple(column(c, attributes, places, dialect, root, driver) for c in table.columns),
                tuple(mapped_class(m, places, root, related=related) for m in mappers),
                tuple(relationships(mappers, places, root)) if related else (),
                tuple(restrictions(table, dialect)),
                *place(origin, root),
            )


def mapped_class(mapper: Mapper[Any], places: Places, root: Path | None, *, related: bool) -> ModelClass:
    """How a class declares itself; without `related` its name and place alone."""
    one = mapper.class_
    if not related:
        path, line = place(places.of_class(mapper), root)
        return ModelClass(one.__name__, path=path, line=line)
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
    path = below(origin.path, root)
    return (path, origin.line) if path is not None else (None, None)


@lru_cache(maxsize=4096)
def below(path: Path, root: Path) -> str | None:
    """A path relative to a folder, or None where it is not below it."""
    path, root = path.resolve(), root.resolve()
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else None


def column(
    one: sa.Column[Any],
    attributes: Attributes,
    places: Places,
    dialect: Dialect,
    root: Path | None,
    driver: Dialect | None,
) -> ModelColumn:
    """One column."""
    automatic = one.table is not None and one is one.table.autoincrement_column and one.default is None
    enum = one.type if isinstance(one.type, sa.Enum) else None
    always = one.default is not None or one.onupdate is not None
    return ModelColumn(
        str(one.name),
        spelled(one, dialect),
        bool(one.nullable),
        filled=one.default is not None or id(one) in attributes.filled,
        server_default=one.server_default is not None or automatic or isinstance(one.identity, Identity),
        generated=isinstance(one.computed, Computed),
        primary_key=one.primary_key,
        mapped=not attributes.some or id(one) in attributes.selected,
        used=not attributes.some or always or id(one) in attributes.named,
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


@dataclass(frozen=True, slots=True)
class Attributes:
    """Columns, by identity, of the classes mapped to one table.

    `named` have an attribute, `selected` are named by a SELECT, `filled` by the mapper itself. `some` says that there
    is such a class; whoever uses a plain Table may name any column.
    """

    some: bool
    named: frozenset[int]
    selected: frozenset[int]
    filled: frozenset[int]

    @classmethod
    def of(cls, table: sa.Table, mappers: list[Mapper[Any]]) -> Attributes:
        """Those of a table. Asked column by column, which does not have the relationships resolved."""
        named, selected = set[int](), set[int]()
        for mapper in mappers:
            for column in table.columns:
                try:
                    prop = mapper.get_property_by_column(column)
                except UnmappedColumnError:
                    continue
                named.add(id(column))
                if not prop.deferred:
                    selected.add(id(column))
        kinds = [m.polymorphic_on for m in mappers if m.polymorphic_on is not None]
        kinds = kinds if all(m.polymorphic_identity is not None for m in mappers) else []
        filled = frozenset(id(c) for c in (*kinds, *(m.version_id_col for m in mappers)))
        return cls(bool(mappers), frozenset(named), frozenset(selected), filled)


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
