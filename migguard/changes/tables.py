"""What is done to a table as a whole."""

from __future__ import annotations

from enum import StrEnum

from migguard.changes.definitions import ColumnDefinition, Constraint, Like, PartitionBound, PartitionBy, Persistence
from migguard.changes.keys import CreateIndex
from migguard.changes.names import Name
from migguard.changes.rows import Query
from migguard.records import dataclass


@dataclass(frozen=True, slots=True)
class CreateTable:
    """CREATE TABLE in all its forms."""

    table: Name
    columns: tuple[ColumnDefinition, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    indexes: tuple[CreateIndex, ...] = ()  # MySQL: KEY inside the parentheses
    if_not_exists: bool = False
    or_replace: bool = False
    persistence: Persistence = Persistence.PERMANENT
    partition_by: PartitionBy | None = None
    partition_of: Name | None = None
    bound: PartitionBound | None = None
    inherits: tuple[Name, ...] = ()
    likes: tuple[Like, ...] = ()
    query: Query | None = None
    with_data: bool = True
    options: tuple[
        tuple[str, str], ...
    ] = ()  # lower-case keys: engine, charset, collate, comment, fillfactor, tablespace, using, without rowid, strict …
    of_type: Name | None = None


@dataclass(frozen=True, slots=True)
class DropTable:
    """DROP TABLE of one table (a statement that names several gives several changes)."""

    table: Name
    if_exists: bool = False
    cascade: bool = False
    temporary: bool = False


@dataclass(frozen=True, slots=True)
class RenameTable:
    """ALTER TABLE … RENAME TO, RENAME TABLE. `kind`: table, view, materialized view, foreign table."""

    table: Name
    new: Name
    if_exists: bool = False
    kind: str = "table"


@dataclass(frozen=True, slots=True)
class SetSchema:
    """ALTER <kind> … SET SCHEMA; `kind` in lower case: table, materialized view, sequence, type, extension, …"""

    kind: str
    name: Name
    schema: str
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class AttachPartition:
    """ALTER TABLE parent ATTACH PARTITION."""

    table: Name
    partition: Name
    bound: PartitionBound


@dataclass(frozen=True, slots=True)
class DetachPartition:
    """ALTER TABLE parent DETACH PARTITION [CONCURRENTLY | FINALIZE]."""

    table: Name
    partition: Name
    concurrently: bool = False
    finalize: bool = False


@dataclass(frozen=True, slots=True)
class SetInheritance:
    """ALTER TABLE child [NO] INHERIT parent."""

    table: Name
    parent: Name
    inherit: bool


class TableAction(StrEnum):
    """An ALTER TABLE action that changes no column, key or index. The detail is in `SetTableOption.value`."""

    STORAGE_PARAMETERS = "storage parameters"  # SET (…), RESET (…)
    LOGGED = "set logged"
    UNLOGGED = "set unlogged"
    TABLESPACE = "set tablespace"
    ACCESS_METHOD = "set access method"
    CLUSTER_ON = "cluster on"
    WITHOUT_CLUSTER = "set without cluster"
    WITHOUT_OIDS = "set without oids"
    ENABLE_TRIGGER = "enable trigger"
    DISABLE_TRIGGER = "disable trigger"
    ENABLE_RULE = "enable rule"
    DISABLE_RULE = "disable rule"
    ROW_SECURITY = "row level security"  # value: enable, disable, force, no force
    REPLICA_IDENTITY = "replica identity"
    OWNER = "owner to"
    OF_TYPE = "of"
    NOT_OF_TYPE = "not of"
    # MySQL and MariaDB
    ENGINE = "engine"
    CONVERT_CHARSET = "convert to character set"
    DEFAULT_CHARSET = "default character set"
    COMMENT = "comment"
    AUTO_INCREMENT = "auto_increment"
    ROW_FORMAT = "row_format"
    FORCE = "force"
    ORDER_BY = "order by"
    PARTITIONING = "partitioning"  # value: the operation (add, drop, truncate, reorganize, partition by, remove …)
    KEYS = "keys"  # enable keys, disable keys
    TABLESPACE_FILE = "tablespace file"  # discard, import
    OTHER_OPTION = "option"


@dataclass(frozen=True, slots=True)
class SetTableOption:
    """One action of `TableAction` on a table (or index, view, materialized view, sequence: `kind`)."""

    table: Name
    action: TableAction
    value: str | None = None
    options: tuple[tuple[str, str], ...] = ()
    kind: str = "table"
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class AlterAlgorithm:
    """MySQL/MariaDB: `ALGORITHM=…`, `LOCK=…` written in a statement; applies to all changes of the statement."""

    table: Name
    algorithm: str | None = None
    lock: str | None = None
