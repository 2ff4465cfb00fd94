"""What is done to constraints and indexes."""

from __future__ import annotations

from migguard.changes.definitions import Constraint, IndexElement
from migguard.changes.names import Expression, Name
from migguard.records import dataclass


@dataclass(frozen=True, slots=True)
class AddConstraint:
    """ADD CONSTRAINT."""

    table: Name
    constraint: Constraint
    table_if_exists: bool = False
    only: bool = False


@dataclass(frozen=True, slots=True)
class DropConstraint:
    """DROP CONSTRAINT. `kind` is None, or what MySQL's syntax says: primary key, foreign key, check, unique."""

    table: Name
    name: str | None
    kind: str | None = None
    if_exists: bool = False
    cascade: bool = False
    table_if_exists: bool = False


@dataclass(frozen=True, slots=True)
class RenameConstraint:
    """RENAME CONSTRAINT."""

    table: Name
    name: str
    new: str


@dataclass(frozen=True, slots=True)
class ValidateConstraint:
    """VALIDATE CONSTRAINT."""

    table: Name
    name: str


@dataclass(frozen=True, slots=True)
class AlterConstraint:
    """ALTER CONSTRAINT, MySQL ALTER CHECK: deferrability, enforcement or inheritance; None where not written."""

    table: Name
    name: str
    deferrable: bool | None = None
    initially_deferred: bool | None = None
    enforced: bool | None = None
    inherit: bool | None = None


@dataclass(frozen=True, slots=True)
class CreateIndex:
    """CREATE INDEX, ADD INDEX. `name` is None where the server chooses; `kind` is MySQL's fulltext or spatial."""

    table: Name
    elements: tuple[IndexElement, ...]
    name: Name | None = None
    unique: bool = False
    concurrently: bool = False
    if_not_exists: bool = False
    or_replace: bool = False
    only: bool = False
    method: str | None = None
    include: tuple[str, ...] = ()
    where: Expression | None = None
    nulls_not_distinct: bool = False
    options: tuple[tuple[str, str], ...] = ()
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class DropIndex:
    """DROP INDEX. `table` is set where the syntax names it (MySQL, MSSQL); `stated` is the one that the operation of
    Alembic's names beside an index, whether or not the SQL does."""

    index: Name
    table: Name | None = None
    concurrently: bool = False
    if_exists: bool = False
    cascade: bool = False
    stated: Name | None = None


@dataclass(frozen=True, slots=True)
class RenameIndex:
    """ALTER INDEX … RENAME TO; MySQL RENAME INDEX names the table."""

    index: Name
    new: str
    table: Name | None = None
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class AttachIndex:
    """ALTER INDEX parent ATTACH PARTITION child."""

    index: Name
    child: Name


@dataclass(frozen=True, slots=True)
class Reindex:
    """REINDEX. `kind`: index, table, schema, database, system."""

    kind: str
    name: Name | None
    concurrently: bool = False
