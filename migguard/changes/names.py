"""What every change is told in: engines, names, types, expressions and what they refer to."""

from __future__ import annotations

from dataclasses import field
from enum import StrEnum

from migguard.records import dataclass


class Engine(StrEnum):
    """A database engine, spelled as SQLAlchemy spells its dialect, with MariaDB apart."""

    POSTGRESQL = "postgresql"
    MYSQL = "mysql"
    MARIADB = "mariadb"
    SQLITE = "sqlite"
    MSSQL = "mssql"
    ORACLE = "oracle"


@dataclass(frozen=True, slots=True)
class Name:
    """A name with the schema written before it, if one was."""

    name: str
    schema: str | None = None

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}" if self.schema else self.name


@dataclass(frozen=True, slots=True)
class DataType:
    """A column type in the engine's own canonical spelling.

    `name` is canonical for built-in types (`character varying`, `integer`, `timestamp with time zone`; on MySQL
    `varchar`, `int`, `bigint`), otherwise the user type's name. `arguments` are the texts between the parentheses
    (`("10", "2")`; an enum's labels unquoted on MySQL). `dimensions` counts array brackets (0 or 1 is enough: the
    server keeps no more). `fields` are interval fields (`day to second`). `attributes` are MySQL's (`unsigned`,
    `zerofill`). `builtin` is false for a name that has to be looked up (enum, domain, composite, extension type).
    """

    name: str
    arguments: tuple[str, ...] = ()
    schema: str | None = None
    dimensions: int = 0
    fields: str | None = None
    attributes: tuple[str, ...] = ()
    charset: str | None = None
    builtin: bool = True


@dataclass(frozen=True, slots=True)
class Reference:
    """An identifier inside an expression: `text[start:end]` spells `name` (folded). `quoted` as written.

    `kind` is `column` (may be qualified: `qualifier`), `function`, `type` or `relation`.
    """

    start: int
    end: int
    name: str
    kind: str = "column"
    qualifier: str | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """One part of a conjunction that could be understood: `column operator value`.

    `operator` is one of `=`, `<>`, `<`, `<=`, `>`, `>=`, `in`, `is null`, `is not null`; `value` is the constant
    without quotes and casts (for `in` the constants joined are in `values`), None for the null tests.
    """

    column: str
    operator: str
    value: str | None = None
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression in the user's own text, with what a reader could tell about it.

    `constant` is the value of a literal (also `'x'::t`, `CAST('x' AS t)`, signed numbers, `TRUE`; never NULL) and
    `is_null` says that the expression is NULL, cast or not. `functions` are the functions called, folded, with
    keyword functions such as `current_timestamp` included. `conditions` are the members of the top-level
    conjunction that could be understood; `conjunctive` is true if they are all of it. `cast_of` names the column
    when the whole expression is that column or casts of it and nothing else, `cast_types` are the types of those
    casts, innermost first. `always_true` is for WHERE: `1 = 1`, `true`. `readable` is false if the tree could not be
    read, in which case only `text` and token-based `references` can be relied on. `named` are the columns, as
    (qualifier or None, name), that its grammar is sure about, as long as nothing in it has been renamed; `subquery`
    says that there is a query in it.
    """

    text: str
    references: tuple[Reference, ...] = ()
    functions: tuple[str, ...] = ()
    constant: str | None = None
    is_null: bool = False
    conditions: tuple[Condition, ...] = ()
    conjunctive: bool = False
    cast_of: str | None = None
    cast_types: tuple[DataType, ...] = ()
    always_true: bool = False
    readable: bool = True
    strings: tuple[str, ...] = ()  # the string literals in it
    named: tuple[tuple[str | None, str], ...] = field(default=(), compare=False)
    subquery: bool = field(default=False, compare=False)
