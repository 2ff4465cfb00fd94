"""Models as plain values: what code that runs with them asks of the database, and gives to it."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

import msgspec

from migguard.source import Origin


def place(path: str | None, line: int | None) -> Origin | None:
    """Where a model is written, as findings name it; None where that is not known."""
    return Origin(Path(path), line or 1) if path is not None else None


class ModelColumn(msgspec.Struct, frozen=True):
    """A column as a model declares it.

    `type` is its type as SQL of the project's dialect, None where it has none of its own. `filled` says that an INSERT
    of a mapped object always gives it a value or a default of Python's; `server_default` that the database is meant to.
    `mapped` says that every SELECT of a mapped class names it (deferred columns are left out), `used` that some
    statement may: a deferred column is still written. `labels` are those of an enum; `line` and `path` where it is
    written, relative to the repository. `cast` says that the driver has values cast to the type, so that the server
    takes them for no other.
    """

    name: str
    type: str | None = None
    nullable: bool = True
    filled: bool = False
    server_default: bool = False
    generated: bool = False
    primary_key: bool = False
    mapped: bool = True
    used: bool = True
    cast: bool = True
    labels: tuple[str, ...] = ()
    enum: str | None = None
    path: str | None = None
    line: int | None = None


class Relationship(msgspec.Struct, frozen=True):
    """A relationship of a mapped class: which table it leads to, and whether deleting its owner deletes there.

    `children` says that the foreign key is on the other side, whose `on_delete` it then is. `deletes` is the cascade in
    Python, `passive` leaves it to the database.
    """

    name: str
    owner: str
    target: str
    columns: tuple[str, ...] = ()
    children: bool = False
    on_delete: str | None = None
    deletes: bool = False
    passive: bool = False
    dynamic: bool = False
    path: str | None = None
    line: int | None = None


class ModelClass(msgspec.Struct, frozen=True):
    """A mapped class. `named` says that it, or a class it inherits from, writes `__tablename__` out.

    `declarative_base` says that it comes from a subclass of DeclarativeBase; `untyped` are its own attributes for
    columns and relationships that are not annotated with `Mapped[...]`.
    """

    name: str
    named: bool = True
    declarative_base: bool = True
    untyped: tuple[str, ...] = ()
    path: str | None = None
    line: int | None = None


class Declared(msgspec.Struct, frozen=True):
    """A restriction that a model declares.

    `kind` is `primary key`, `unique` (an index as well), `check`, `foreign key` or `exclusion`. `columns` are its
    columns, or the text of an expression that an index has as key; `condition` a check's, or that of a partial index.
    `target` and `target_columns` are what a foreign key leads to.
    """

    kind: str
    columns: tuple[str, ...] = ()
    condition: str | None = None
    target: str | None = None
    target_columns: tuple[str, ...] = ()


class ModelTable(msgspec.Struct, frozen=True, dict=True):
    """A table as the models declare it. `classes` are those mapped to it, none for a plain Table."""

    name: str
    schema: str | None = None
    columns: tuple[ModelColumn, ...] = ()
    classes: tuple[ModelClass, ...] = ()
    relationships: tuple[Relationship, ...] = ()
    restrictions: tuple[Declared, ...] = ()
    path: str | None = None
    line: int | None = None

    @cached_property
    def by_name(self) -> dict[str, ModelColumn]:
        """The columns by name."""
        return {column.name: column for column in self.columns}

    def column(self, name: str) -> ModelColumn | None:
        """The column of that name."""
        return self.by_name.get(name)


class Written(msgspec.Struct, frozen=True):
    """A table that stands in a file which env.py did not import: it exists, and no more is known of it."""

    name: str
    path: str
    line: int


class Models(msgspec.Struct, frozen=True, dict=True):
    """All models of a commit, or of the working tree where `commit` is empty.

    `missing` are modules that were stood in for, `unseen` tables in files that were not imported.
    """

    commit: str = ""
    tables: tuple[ModelTable, ...] = ()
    missing: tuple[str, ...] = ()
    unseen: tuple[Written, ...] = ()

    @cached_property
    def by_name(self) -> dict[tuple[str | None, str], tuple[ModelTable, ...]]:
        """The tables by schema and name; several where two sets of models have one, and do not agree on it."""
        found: dict[tuple[str | None, str], tuple[ModelTable, ...]] = {}
        for table in self.tables:
            known = found.get((table.schema, table.name), ())
            found[table.schema, table.name] = known if table in known else (*known, table)
        return found

    @cached_property
    def unseen_names(self) -> frozenset[str]:
        """The names of tables of which no more is known."""
        return frozenset(one.name for one in self.unseen)

    def named(self, schema: str, name: str, default_schema: str) -> tuple[ModelTable, ...]:
        """The tables of a key of the catalog, however the models write the default schema."""
        found = self.by_name.get((schema, name), ())
        return found if found or schema != default_schema else self.by_name.get((None, name), ())

    def table(self, schema: str, name: str, default_schema: str) -> ModelTable | None:
        """The table of a key of the catalog; None where there is none, or more than one."""
        found = self.named(schema, name, default_schema)
        return found[0] if len(found) == 1 else None
