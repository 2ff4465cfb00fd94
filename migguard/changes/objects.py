"""What is done to types, sequences, views, routines and all other objects."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from migguard.changes.definitions import Check, NotNull, SequenceOptions
from migguard.changes.names import DataType, Expression, Name, Reference
from migguard.changes.rows import Query
from migguard.records import dataclass

if TYPE_CHECKING:
    from migguard.changes import Change


@dataclass(frozen=True, slots=True)
class CreateEnum:
    """CREATE TYPE … AS ENUM."""

    type: Name
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AddEnumValue:
    """ALTER TYPE … ADD VALUE. `neighbour` with `before` says where."""

    type: Name
    value: str
    if_not_exists: bool = False
    neighbour: str | None = None
    before: bool = False


@dataclass(frozen=True, slots=True)
class RenameEnumValue:
    """ALTER TYPE … RENAME VALUE."""

    type: Name
    value: str
    new: str


@dataclass(frozen=True, slots=True)
class CreateDomain:
    """CREATE DOMAIN."""

    domain: Name
    type: DataType
    not_null: bool = False
    default: Expression | None = None
    checks: tuple[Check, ...] = ()
    collation: Name | None = None


@dataclass(frozen=True, slots=True)
class AlterDomain:
    """ALTER DOMAIN. `action`: set or drop default or not null; add, drop, validate or rename constraint."""

    domain: Name
    action: str
    default: Expression | None = None
    constraint: Check | NotNull | None = None
    name: str | None = None
    new: str | None = None
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class CreateCompositeType:
    """CREATE TYPE … AS (…), AS RANGE, a base or shell type: `kind` composite, range, base or shell."""

    type: Name
    kind: str
    attributes: tuple[tuple[str, DataType], ...] = ()


@dataclass(frozen=True, slots=True)
class AlterCompositeType:
    """ALTER TYPE … ADD/DROP/ALTER ATTRIBUTE: `action` add, drop or alter."""

    type: Name
    action: str
    attribute: str
    data_type: DataType | None = None
    if_exists: bool = False
    cascade: bool = False


@dataclass(frozen=True, slots=True)
class DropType:
    """DROP TYPE, DROP DOMAIN (`kind`)."""

    type: Name
    if_exists: bool = False
    cascade: bool = False
    kind: str = "type"


@dataclass(frozen=True, slots=True)
class RenameType:
    """ALTER TYPE/DOMAIN … RENAME TO."""

    type: Name
    new: str


@dataclass(frozen=True, slots=True)
class CreateSequence:
    """CREATE SEQUENCE."""

    sequence: Name
    options: SequenceOptions = SequenceOptions()
    if_not_exists: bool = False
    temporary: bool = False


@dataclass(frozen=True, slots=True)
class AlterSequence:
    """ALTER SEQUENCE options."""

    sequence: Name
    options: SequenceOptions
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class RenameSequence:
    """ALTER SEQUENCE … RENAME TO."""

    sequence: Name
    new: str
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class DropSequence:
    """DROP SEQUENCE."""

    sequence: Name
    if_exists: bool = False
    cascade: bool = False


@dataclass(frozen=True, slots=True)
class CreateView:
    """CREATE [MATERIALIZED] VIEW. `columns` are the names in parentheses."""

    view: Name
    query: Query
    materialized: bool = False
    or_replace: bool = False
    if_not_exists: bool = False
    columns: tuple[str, ...] = ()
    temporary: bool = False
    with_data: bool = True


@dataclass(frozen=True, slots=True)
class DropView:
    """DROP [MATERIALIZED] VIEW."""

    view: Name
    materialized: bool = False
    if_exists: bool = False
    cascade: bool = False


@dataclass(frozen=True, slots=True)
class RefreshMaterializedView:
    """REFRESH MATERIALIZED VIEW."""

    view: Name
    concurrently: bool = False
    with_data: bool = True


@dataclass(frozen=True, slots=True)
class CreateFunction:
    """CREATE FUNCTION or PROCEDURE. `volatility`: immutable, stable, volatile. `body` as written, without quotes.

    `body_changes` is what could be read of a body in SQL or PL/pgSQL; `dynamic` says that some of it could not.
    """

    function: Name
    kind: str = "function"
    arguments: str = ""
    returns: str | None = None
    language: str | None = None
    volatility: str = "volatile"
    body: str = ""
    or_replace: bool = False
    body_changes: tuple[Change, ...] = ()
    dynamic: bool = False


@dataclass(frozen=True, slots=True)
class DropFunction:
    """DROP FUNCTION, PROCEDURE or AGGREGATE (`kind`)."""

    function: Name
    kind: str = "function"
    arguments: str | None = None
    if_exists: bool = False
    cascade: bool = False


@dataclass(frozen=True, slots=True)
class CreateTrigger:
    """CREATE TRIGGER. `body` on MySQL and SQLite, `function` on PostgreSQL."""

    trigger: Name
    table: Name
    timing: str = ""
    events: tuple[str, ...] = ()
    function: Name | None = None
    body: str = ""
    or_replace: bool = False
    if_not_exists: bool = False
    constraint: bool = False
    text: str = ""
    references: Name | None = None  # PostgreSQL's constraint triggers: FROM table
    each_row: bool = False


@dataclass(frozen=True, slots=True)
class DropTrigger:
    """DROP TRIGGER; PostgreSQL names the table."""

    trigger: Name
    table: Name | None = None
    if_exists: bool = False
    cascade: bool = False


@dataclass(frozen=True, slots=True)
class CreatePolicy:
    """CREATE POLICY, CREATE RULE (`kind`): objects of a table that are neither key nor trigger."""

    name: str
    table: Name
    kind: str = "policy"
    text: str = ""
    or_replace: bool = False
    references: tuple[Reference, ...] = ()


@dataclass(frozen=True, slots=True)
class DropPolicy:
    """DROP POLICY, DROP RULE (`kind`)."""

    name: str
    table: Name
    kind: str = "policy"
    if_exists: bool = False
    cascade: bool = False


@dataclass(frozen=True, slots=True)
class AlterTableObject:
    """ALTER TRIGGER/POLICY/RULE … ON table: a rename (`new`) or other options (`text`)."""

    kind: str
    name: str
    table: Name
    new: str | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class CreateExtension:
    """CREATE EXTENSION."""

    name: str
    schema: str | None = None
    if_not_exists: bool = False


@dataclass(frozen=True, slots=True)
class DropExtension:
    """DROP EXTENSION."""

    name: str
    if_exists: bool = False
    cascade: bool = False


@dataclass(frozen=True, slots=True)
class CreateSchema:
    """CREATE SCHEMA; on MySQL CREATE DATABASE."""

    schema: str
    if_not_exists: bool = False


@dataclass(frozen=True, slots=True)
class DropSchema:
    """DROP SCHEMA; on MySQL DROP DATABASE."""

    schema: str
    if_exists: bool = False
    cascade: bool = False


@dataclass(frozen=True, slots=True)
class RenameSchema:
    """ALTER SCHEMA … RENAME TO."""

    schema: str
    new: str


class ObjectAction(StrEnum):
    """What is done to an object that the catalog keeps only by name."""

    CREATE = "create"
    ALTER = "alter"
    DROP = "drop"


@dataclass(frozen=True, slots=True)
class OtherObject:
    """An object that the schema's shape does not depend on: publication, subscription, collation, role, database,
    tablespace, statistics, event trigger, operator, cast, aggregate, foreign server, text search …, ALTER FUNCTION,
    ALTER EXTENSION, ALTER DATABASE. `kind` in lower case; `tables` are existing relations that the statement names.
    """

    action: ObjectAction
    kind: str
    name: Name | None = None
    tables: tuple[Name, ...] = ()
    if_exists: bool = False
    if_not_exists: bool = False
    cascade: bool = False
    text: str = ""


@dataclass(frozen=True, slots=True)
class Comment:
    """COMMENT ON. `kind` in lower case; `table` is that of a column, constraint, trigger, policy. None removes it."""

    kind: str
    name: Name
    text: str | None
    column: str | None = None
    table: Name | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """GRANT and REVOKE. `relations` are the tables, views or sequences named."""

    revoke: bool
    relations: tuple[Name, ...] = ()
    text: str = ""
    kind: str = "table"
