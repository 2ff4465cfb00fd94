"""What is done to the columns of a table."""

from __future__ import annotations

from migguard.changes.definitions import ColumnDefinition, Constraint, Identity
from migguard.changes.names import DataType, Expression, Name
from migguard.records import dataclass


@dataclass(frozen=True, slots=True)
class AddColumn:
    """ADD COLUMN with the constraints written on it. `position` is MySQL's: `first`, or `after name`."""

    table: Name
    column: ColumnDefinition
    constraints: tuple[Constraint, ...] = ()
    if_not_exists: bool = False
    table_if_exists: bool = False
    only: bool = False
    position: str | None = None


@dataclass(frozen=True, slots=True)
class DropColumn:
    """DROP COLUMN."""

    table: Name
    column: str
    if_exists: bool = False
    cascade: bool = False
    table_if_exists: bool = False


@dataclass(frozen=True, slots=True)
class RenameColumn:
    """RENAME COLUMN, of a table, a view or a composite type (`kind`)."""

    table: Name
    column: str
    new: str
    table_if_exists: bool = False
    kind: str = "table"


@dataclass(frozen=True, slots=True)
class AlterColumnType:
    """ALTER COLUMN … TYPE (PostgreSQL)."""

    table: Name
    column: str
    type: DataType
    collation: Name | None = None
    using: Expression | None = None
    table_if_exists: bool = False


@dataclass(frozen=True, slots=True)
class SetDefault:
    """SET DEFAULT, or DROP DEFAULT where `default` is None."""

    table: Name
    column: str
    default: Expression | None
    table_if_exists: bool = False


@dataclass(frozen=True, slots=True)
class SetNullable:
    """SET NOT NULL (`nullable` false) or DROP NOT NULL."""

    table: Name
    column: str
    nullable: bool
    table_if_exists: bool = False


@dataclass(frozen=True, slots=True)
class SetIdentity:
    """ADD GENERATED … AS IDENTITY (`action` add), SET GENERATED/options (alter), DROP IDENTITY (drop)."""

    table: Name
    column: str
    action: str
    identity: Identity | None = None
    always: bool | None = None  # alter: None if not written
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class SetGenerated:
    """SET EXPRESSION AS (…) or, where `expression` is None, DROP EXPRESSION."""

    table: Name
    column: str
    expression: Expression | None
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class SetColumnOption:
    """SET STATISTICS, STORAGE, COMPRESSION, SET (…), RESET (…); MySQL visibility. `option` in lower case."""

    table: Name
    column: str
    option: str
    value: str | None = None


@dataclass(frozen=True, slots=True)
class ModifyColumn:
    """MySQL/MariaDB MODIFY and CHANGE (`column` is the old name); MSSQL ALTER COLUMN. Replaces the definition whole."""

    table: Name
    column: str
    definition: ColumnDefinition
    constraints: tuple[Constraint, ...] = ()
    position: str | None = None
    if_exists: bool = False
