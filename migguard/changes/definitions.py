"""What tables and columns are declared with: constraints, defaults, partitions."""

from __future__ import annotations

from enum import StrEnum

from migguard.changes.names import DataType, Expression, Name
from migguard.records import dataclass


class ForeignKeyAction(StrEnum):
    """What happens to referencing rows."""

    NO_ACTION = "NO ACTION"
    RESTRICT = "RESTRICT"
    CASCADE = "CASCADE"
    SET_NULL = "SET NULL"
    SET_DEFAULT = "SET DEFAULT"


@dataclass(frozen=True, slots=True)
class IndexElement:
    """A key of an index: a column, or an expression. `prefix` is MySQL's key length."""

    column: str | None = None
    expression: Expression | None = None
    descending: bool = False
    nulls_first: bool | None = None
    opclass: str | None = None
    collation: str | None = None
    prefix: int | None = None
    operator: str | None = None  # exclusion constraints: the operator after WITH


@dataclass(frozen=True, slots=True)
class PrimaryKey:
    """PRIMARY KEY. `using_index` names an existing index (PostgreSQL)."""

    columns: tuple[str, ...]
    name: str | None = None
    include: tuple[str, ...] = ()
    using_index: str | None = None
    deferrable: bool = False
    initially_deferred: bool = False
    elements: tuple[IndexElement, ...] = ()
    options: tuple[tuple[str, str], ...] = ()
    conflict: str | None = None  # SQLite ON CONFLICT
    autoincrement: bool = False  # SQLite
    without_overlaps: bool = False
    misplaced: str | None = None  # words behind it that no key takes, such as NOT VALID


@dataclass(frozen=True, slots=True)
class Unique:
    """UNIQUE. `using_index` names an existing index (PostgreSQL). `index_name` is MySQL's `UNIQUE KEY name`."""

    columns: tuple[str, ...]
    name: str | None = None
    include: tuple[str, ...] = ()
    using_index: str | None = None
    nulls_not_distinct: bool = False
    deferrable: bool = False
    initially_deferred: bool = False
    elements: tuple[IndexElement, ...] = ()
    options: tuple[tuple[str, str], ...] = ()
    conflict: str | None = None
    without_overlaps: bool = False
    misplaced: str | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """CHECK. `column` is set when it was written on a column."""

    expression: Expression
    name: str | None = None
    not_valid: bool = False
    no_inherit: bool = False
    enforced: bool = True
    column: str | None = None
    misplaced: str | None = None


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """FOREIGN KEY. `references_columns` is empty where the primary key is meant. `index_name` is MySQL's."""

    columns: tuple[str, ...]
    references: Name
    references_columns: tuple[str, ...] = ()
    name: str | None = None
    on_delete: ForeignKeyAction = ForeignKeyAction.NO_ACTION
    on_update: ForeignKeyAction = ForeignKeyAction.NO_ACTION
    set_columns: tuple[str, ...] = ()
    match: str | None = None
    not_valid: bool = False
    enforced: bool = True
    deferrable: bool = False
    initially_deferred: bool = False
    index_name: str | None = None
    inline: bool = False  # written on a column
    period: bool = False
    misplaced: str | None = None


@dataclass(frozen=True, slots=True)
class Exclusion:
    """EXCLUDE (PostgreSQL)."""

    elements: tuple[IndexElement, ...]
    name: str | None = None
    method: str = "gist"
    where: Expression | None = None
    include: tuple[str, ...] = ()
    deferrable: bool = False
    initially_deferred: bool = False
    options: tuple[tuple[str, str], ...] = ()
    misplaced: str | None = None


@dataclass(frozen=True, slots=True)
class NotNull:
    """A named or NOT VALID not-null constraint (PostgreSQL 18; before, only a column flag)."""

    column: str
    name: str | None = None
    not_valid: bool = False
    no_inherit: bool = False
    misplaced: str | None = None


Constraint = PrimaryKey | Unique | Check | ForeignKey | Exclusion | NotNull


@dataclass(frozen=True, slots=True)
class SequenceOptions:
    """Options as written; None where not written. `owned_by` is (table, column); `owned_by_none` for OWNED BY NONE."""

    data_type: DataType | None = None
    start: int | None = None
    increment: int | None = None
    minimum: int | None = None
    maximum: int | None = None
    cache: int | None = None
    cycle: bool | None = None
    restart: bool = False
    restart_with: int | None = None
    owned_by: tuple[Name, str] | None = None
    owned_by_none: bool = False
    name: Name | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """GENERATED … AS IDENTITY."""

    always: bool
    options: SequenceOptions = SequenceOptions()


@dataclass(frozen=True, slots=True)
class Generated:
    """GENERATED ALWAYS AS (expression) STORED or VIRTUAL."""

    expression: Expression
    stored: bool


@dataclass(frozen=True, slots=True)
class ColumnDefinition:
    """A column as written in CREATE TABLE, ADD COLUMN, MODIFY or CHANGE, without its key and check constraints.

    `nullable` is None where nothing was written. `serial` is PostgreSQL's pseudo type (`type` is then the integer
    type beneath). `type` is None for SQLite columns without a type.
    """

    name: str
    type: DataType | None
    nullable: bool | None = None
    default: Expression | None = None
    identity: Identity | None = None
    generated: Generated | None = None
    serial: bool = False
    collation: Name | None = None
    comment: str | None = None
    auto_increment: bool = False
    on_update: Expression | None = None
    storage: str | None = None
    compression: str | None = None
    invisible: bool = False


class Persistence(StrEnum):
    """How a table is kept."""

    PERMANENT = "permanent"
    UNLOGGED = "unlogged"
    TEMPORARY = "temporary"


@dataclass(frozen=True, slots=True)
class PartitionBy:
    """PARTITION BY: `strategy` is range, list, hash or key; `columns` has None for an expression."""

    strategy: str
    columns: tuple[str | None, ...]
    text: str = ""


@dataclass(frozen=True, slots=True)
class PartitionBound:
    """FOR VALUES …, or DEFAULT. Constants are without quotes; `MINVALUE`/`MAXVALUE` appear as None."""

    default: bool = False
    lower: tuple[str | None, ...] = ()
    upper: tuple[str | None, ...] = ()
    values: tuple[str | None, ...] = ()
    modulus: int | None = None
    remainder: int | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Like:
    """CREATE TABLE (LIKE source INCLUDING …): `including` in lower case, `all` expanded as written."""

    source: Name
    including: tuple[str, ...] = ()
    excluding: tuple[str, ...] = ()
