"""Where a step makes the server read a value of an enum: literals in rows, conditions, defaults, checks and indexes."""

import enum
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from migguard.catalog.lookup import relation_key
from migguard.catalog.schema import Catalog, EnumType, Key, Table
from migguard.changes import (
    AddColumn,
    AddConstraint,
    AlterColumnType,
    Check,
    Constraint,
    CreateIndex,
    CreateTable,
    CreateView,
    DataType,
    Delete,
    Expression,
    Insert,
    Name,
    Query,
    Select,
    SetDefault,
    Update,
)
from migguard.trace import Statement, Step

TEXT = frozenset({"text", "varchar", "character", "char", "bpchar", "name"})


def enum_of(oid: int, catalog: Catalog) -> Key | None:
    """The name that an enum type has at that moment."""
    return next((k for k, t in catalog.types.items() if isinstance(t, EnumType) and t.oid == oid), None)


def uses_value(step: Step, oid: int, value: str) -> bool:
    """Whether the step makes the server turn that text into a value of the enum."""
    key = enum_of(oid, step.before)
    if key is None or step.refusal is not None:
        return False
    look = Look(step.before, step.after, key, value)
    match step.change:
        case Insert() as change:
            return look.insert(change, step.statement)
        case Update() as change:
            columns = look.columns(change.table, *change.others)
            written = any(
                (column in columns and (value in e.strings or bound(step.statement, value)))
                or look.expression(e, columns)
                for column, e in change.assignments
            )
            return written or look.where(change.where, columns, step.statement)
        case Delete() as change:
            return look.where(change.where, look.columns(change.table, *change.others), step.statement)
        case Select(query) | CreateView(query=query):
            return look.query(query)
        case SetDefault() as change:
            return (
                change.default is not None and change.column in look.columns(change.table) and look.has(change.default)
            )
        case AddColumn() as change:
            default = change.column.default
            filled = default is not None and look.typed(change.column.type) and look.has(default)
            return filled or look.constraints(change.constraints, change.table)
        case CreateTable() as change:
            defaults = ((c.type, c.default) for c in change.columns)
            filled = any(d is not None and look.typed(t) and look.has(d) for t, d in defaults)
            return filled or look.constraints(change.constraints, change.table)
        case AddConstraint() as change:
            return look.constraints((change.constraint,), change.table)
        case CreateIndex() as change:
            columns = look.columns(change.table)
            found = [change.where, *(e.expression for e in change.elements)]
            return any(e is not None and look.expression(e, columns) for e in found)
        case AlterColumnType() as change:
            using = change.using
            return using is not None and look.typed(change.type) and look.has(using)
        case _:
            return False


class Look:
    """Looks for one value of one enum."""

    def __init__(self, before: Catalog, after: Catalog, key: Key, value: str) -> None:
        self.before, self.after, self.key, self.value = before, after, key, value

    def has(self, expression: Expression) -> bool:
        """Whether the value stands in an expression that is of the enum."""
        return self.value in expression.strings

    def typed(self, kind: DataType | None) -> bool:
        """Whether a type is the enum, under the name that the user or the catalog gives it."""
        if kind is None or kind.builtin or kind.name != self.key[1]:
            return False
        return kind.schema in (None, self.key[0])

    def columns(self, *names: Name) -> frozenset[str]:
        """The columns of that enum in relations."""
        return frozenset(c.name for n in names for t in self.tables(n) for c in t.columns if self.typed(c.type))

    def tables(self, name: Name) -> Iterator[Table]:
        """The table of a name, after the step or before it."""
        for catalog in (self.after, self.before):
            key = relation_key(catalog, name)
            if key is not None and key in catalog.tables:
                yield catalog.tables[key]
                return

    def expression(self, expression: Expression, columns: frozenset[str]) -> bool:
        """Whether a condition or the like compares a column of the enum with the value, or casts the value to it."""
        if self.value not in expression.strings:
            return False
        types = {r.name for r in expression.references if r.kind == "type"}
        if self.key[1] in types:
            return True
        return not types & TEXT and any(r.kind == "column" and r.name in columns for r in expression.references)

    def where(self, where: Expression | None, columns: frozenset[str], statement: Statement) -> bool:
        """Whether a WHERE does, with the value in its text or as a parameter."""
        if where is None:
            return False
        compared = any(
            c.column in columns and c.value is None and c.operator in ("=", "<>", "in") for c in where.conditions
        )
        return self.expression(where, columns) or (compared and bound(statement, self.value))

    def constraints(self, constraints: Iterable[Constraint], table: Name) -> bool:
        """Whether a CHECK does."""
        columns = self.columns(table)
        return any(isinstance(c, Check) and self.expression(c.expression, columns) for c in constraints)

    def query(self, query: Query) -> bool:
        """Whether a query names the value beside a column of the enum."""
        columns = self.columns(*query.relations)
        return self.value in query.strings and any(column in columns for _, column in query.columns_used)

    def insert(self, change: Insert, statement: Statement) -> bool:
        """Whether rows with the value are inserted."""
        columns = self.columns(change.table)
        every = change.columns or tuple(c.name for t in self.tables(change.table) for c in t.columns)
        places = [i for i, name in enumerate(every) if name in columns]
        if not places:
            return False
        if any(i < len(row) and row[i] == self.value for row in change.values for i in places):
            return True
        if change.query is not None:
            return self.value in change.query.strings
        return any(row[i] is None for row in change.values for i in places if i < len(row)) and bound(
            statement, self.value
        )


def bound(statement: Statement, value: str) -> bool:
    """Whether a value is among a statement's parameters, as text or as a member of a Python enum."""
    return any(
        v == value or (isinstance(v, enum.Enum) and value in (v.name, v.value)) for v in given(statement.parameters)
    )


def given(parameters: Any) -> Iterator[Any]:
    """The values that the driver was given."""
    if isinstance(parameters, Mapping):
        yield from parameters.values()
    elif isinstance(parameters, (list, tuple)):
        for one in parameters:
            if isinstance(one, (Mapping, list, tuple)):
                yield from given(one)
            else:
                yield one
