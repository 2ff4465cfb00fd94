"""A schema as facts that two sides can be held against: what a PostgreSQL server says, and what a Catalog says.

A fact is a name and a tuple of values. The catalog's side may say `ANYTHING` where it does not claim to know.
"""

from __future__ import annotations

from collections.abc import Mapping

from migguard.catalog.defaults import display
from migguard.catalog.schema import (
    Catalog,
    Column,
    CompositeType,
    ConstraintKind,
    ConstraintState,
    DomainType,
    EnumType,
    Index,
    Key,
    Table,
    View,
)
from migguard.catalog.types import format_type
from migguard.changes import Expression, ForeignKeyAction, Persistence

Facts = dict[tuple[str, ...], tuple[object, ...]]

LETTERS = {
    ConstraintKind.PRIMARY: "p",
    ConstraintKind.UNIQUE: "u",
    ConstraintKind.CHECK: "c",
    ConstraintKind.FOREIGN: "f",
    ConstraintKind.EXCLUSION: "x",
}
PERSISTENCE = {Persistence.PERMANENT: "p", Persistence.UNLOGGED: "u", Persistence.TEMPORARY: "t"}
ACTIONS = {
    ForeignKeyAction.NO_ACTION: "a",
    ForeignKeyAction.RESTRICT: "r",
    ForeignKeyAction.CASCADE: "c",
    ForeignKeyAction.SET_NULL: "n",
    ForeignKeyAction.SET_DEFAULT: "d",
}


class Anything:
    """Equal to whatever the other side says."""

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 0

    def __repr__(self) -> str:
        return "ANYTHING"


ANYTHING = Anything()


def disagreements(server: Mapping[tuple[str, ...], object], catalog: Mapping[tuple[str, ...], object]) -> list[str]:
    """Every fact on which the two sides differ, in words."""
    found = []
    for name in sorted(server.keys() | catalog.keys()):
        if name not in catalog:
            found.append(f"the catalog lacks {name}: {server[name]}")
        elif name not in server:
            found.append(f"the server has no {name}: {catalog[name]}")
        elif catalog[name] != server[name]:
            found.append(f"{name}: the server says {server[name]}, the catalog {catalog[name]}")
    return found


def spelled(key: Key) -> str:
    """A key as one word."""
    return f"{key[0]}.{key[1]}"


def catalog_facts(catalog: Catalog) -> Facts:
    """What a catalog says of a PostgreSQL schema."""
    facts: Facts = {}
    for schema in catalog.schemas:
        if schema != "pg_temp":
            facts["schema", schema] = ()
    for extension in catalog.extensions:
        facts["extension", extension] = ()
    for table in catalog.tables.values():
        table_facts(facts, table, catalog)
    for view in catalog.views.values():
        view_facts(facts, view, catalog)
    for sequence in catalog.sequences.values():
        owner = f"{spelled(sequence.owner[0])}.{sequence.owner[1]}" if sequence.owner is not None else None
        facts["sequence", spelled(sequence.key)] = (
            sequence.data_type, sequence.start, sequence.increment, sequence.minimum, sequence.maximum,
            sequence.cache, sequence.cycle, owner, sequence.internal, sequence.comment,
        )  # fmt: skip
    for key, made in catalog.types.items():
        match made:
            case EnumType():
                facts["type", spelled(key)] = ("enum", made.labels, made.comment)
            case DomainType():
                checks = tuple(sorted((c.name, c.valid) for c in made.checks))
                facts["type", spelled(key)] = (
                    "domain", format_type(made.base, catalog), made.not_null, made.default is not None, checks, made.comment,
                )  # fmt: skip
            case CompositeType():
                attributes = tuple((n, format_type(t, catalog)) for n, t in made.attributes)
                facts["type", spelled(key)] = (
                    made.kind,
                    attributes if made.kind == "composite" else ANYTHING,
                    made.comment,
                )
    for key, overloads in catalog.functions.items():
        facts["function", spelled(key)] = (len(overloads),)
    return facts


def table_facts(facts: Facts, table: Table, catalog: Catalog) -> None:
    """What a catalog says of one table."""
    name = spelled(table.key)
    facts["table", name] = (
        "p" if table.partition_by is not None else "r",
        PERSISTENCE[table.persistence],
        spelled(table.partition_of) if table.partition_of is not None else None,
        tuple(spelled(k) for k in table.inherits),
        table.row_security,
        table.comment,
    )
    if not table.complete:
        facts["columns", name] = (ANYTHING,)
    else:
        facts["columns", name] = (tuple(c.name for c in table.columns),)
    for column in table.columns:
        facts["column", name, column.name] = column_values(column, catalog)
        if catalog.server.since(18) and not column.nullable:
            facts["constraint", name, column.not_null_name or "UNNAMED"] = (
                "n", (column.name,), column.not_null_valid, ANYTHING, ANYTHING,
            )  # fmt: skip
    for constraint in table.constraints:
        facts["constraint", name, constraint.name] = constraint_values(constraint)
    for index in table.indexes:
        facts["index", f"{table.key[0]}.{index.name}"] = index_values(index, table.key)
    for trigger in table.triggers:
        facts["trigger", name, trigger.name] = ()
    for kind, one in table.policies:
        facts[kind, name, one] = ()


def column_values(column: Column, catalog: Catalog) -> tuple[object, ...]:
    """What a catalog says of a column."""
    return (
        format_type(column.type, catalog) if column.type is not None else ANYTHING,
        not column.nullable,
        column.identity,
        column.generated is not None,
        column.generated is not None and column.stored,
        default_value(column.default, catalog),
        column.collation,
        column.inherited,
        column.comment,
    )


def default_value(default: Expression | None, catalog: Catalog) -> object:
    """A default's text where the catalog claims to know it: literals and nextval()."""
    if default is None:
        return None
    if default.constant is not None or "nextval" in default.functions:
        return display(default, catalog)
    return ANYTHING


def constraint_values(constraint: ConstraintState) -> tuple[object, ...]:
    """What a catalog says of a constraint."""
    letter = LETTERS[constraint.kind]
    if letter == "f":
        assert constraint.references is not None
        return (
            "f", constraint.columns, constraint.valid, constraint.inherited, constraint.comment,
            spelled(constraint.references), constraint.references_columns, ACTIONS[constraint.on_delete],
            ACTIONS[constraint.on_update], constraint.deferrable, constraint.initially_deferred, constraint.enforced,
        )  # fmt: skip
    if letter == "c":
        columns = tuple(sorted(constraint.columns))
        return (
            "c",
            columns,
            constraint.valid,
            constraint.inherited,
            constraint.comment,
            constraint.no_inherit,
            constraint.enforced,
        )
    return (
        letter, constraint.columns if letter != "x" else ANYTHING, constraint.valid, constraint.inherited,
        constraint.comment, constraint.deferrable, constraint.initially_deferred, constraint.index,
    )  # fmt: skip


def index_values(index: Index, owner: Key) -> tuple[object, ...]:
    """What a catalog says of an index."""
    keys = tuple(
        (e.column or "expr", e.descending, e.descending if e.nulls_first is None else e.nulls_first, e.opclass)
        for e in index.elements
    )
    return (
        spelled(owner), keys, index.include, index.unique, index.primary, index.method, index.valid,
        index.where is not None, index.nulls_not_distinct, index.constraint,
        spelled(index.parent) if index.parent is not None else None, index.comment,
    )  # fmt: skip


def view_facts(facts: Facts, view: View, catalog: Catalog) -> None:
    """What a catalog says of a view."""
    name = spelled(view.key)
    columns: object = ANYTHING
    if view.complete:
        columns = tuple(
            (c.name, format_type(c.type, catalog) if c.type is not None else ANYTHING) for c in view.columns
        )
    facts["view", name] = (view.materialized, columns, view.populated if view.materialized else True, view.comment)
    for index in view.indexes:
        facts["index", f"{view.key[0]}.{index.name}"] = index_values(index, view.key)
