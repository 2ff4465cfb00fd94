"""What a statement does to a database, as typed values: the vocabulary between reading SQL and everything after.

Names are folded as the engine folds them (PostgreSQL: unquoted to lower case, cut to 63 bytes) and otherwise kept
as written: whether `orders` means `public.orders` is for the catalog to say. Expressions keep the user's own text.
`Change` is a closed union: a variant added here makes mypy fail in `catalog` and `effects` until both handle it.
"""

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


# --- constraints and columns -------------------------------------------------------------------------------------


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


@dataclass(frozen=True, slots=True)
class Query:
    """A SELECT (or what feeds an INSERT, a view, a CREATE TABLE AS), as far as the tree tells.

    `relations` are read whole or in part, `locked` those under FOR UPDATE/SHARE (`lock_strength` as written),
    `columns` the output names (None where unknown or `*`), `filtered` says that there is a WHERE or LIMIT on it.
    `columns_used` are (relation or None, column) pairs for dependency tracking. `constant` is true if no relation is
    read at all.
    """

    text: str
    relations: tuple[Name, ...] = ()
    columns: tuple[str | None, ...] = ()
    columns_used: tuple[tuple[str | None, str], ...] = ()
    functions: tuple[str, ...] = ()
    star: bool = False
    filtered: bool = False
    locked: tuple[Name, ...] = ()
    lock_strength: str | None = None
    readable: bool = True
    strings: tuple[str, ...] = ()  # the string literals in it
    scope: Scope | None = None  # None where it was not read for its names


@dataclass(frozen=True, slots=True)
class Given:
    """What FROM gives a query: a relation, or what another query gives back; neither where nothing is known of it.

    `alias` is what it goes by. `renamed` are the names of its first columns, as in `FROM t AS a (x, y)`.
    """

    alias: str | None
    relation: Name | None = None
    rows: Scope | None = None
    renamed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scope:
    """One level of a query, or a statement over rows: which names it uses, and what they can mean.

    `used` are (qualifier or None, column). `outputs` are (None, name), (None, None) for a column of another name, or
    (alias or None, "*"); None where they cannot be told. `inner` are queries that see what this one is given, `apart`
    those that see only what the ones around it are. `compared` are (qualifier or None, column, string literal).
    """

    given: tuple[Given, ...] = ()
    used: tuple[tuple[str | None, str], ...] = ()
    outputs: tuple[tuple[str | None, str | None], ...] | None = None
    inner: tuple[Scope, ...] = ()
    apart: tuple[Scope, ...] = ()
    compared: tuple[tuple[str | None, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Cell:
    """What a column is given: a string literal's text, DEFAULT, or something else. `part`: only one element of it."""

    text: str | None = None
    default: bool = False
    part: bool = False


@dataclass(frozen=True, slots=True)
class Naming:
    """The names that a statement over rows uses. `scope` is its own, with those of its queries inside.

    For INSERT `columns` are those it names (None where it names none), `rows` what VALUES gives them (at most a
    hundred), `source` the query that gives them instead. `assigned` are those of SET. `conflict` are the columns of ON
    CONFLICT, where these are all of it, with `conflict_where` for its predicate; `constraint` is ON CONSTRAINT.
    """

    scope: Scope | None
    columns: tuple[str, ...] | None = None
    rows: tuple[tuple[Cell, ...], ...] = ()
    source: Scope | None = None
    assigned: tuple[tuple[str, Cell], ...] = ()
    conflict: tuple[str, ...] = ()
    conflict_where: bool = False
    constraint: str | None = None


# --- tables ------------------------------------------------------------------------------------------------------


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


# --- columns -----------------------------------------------------------------------------------------------------


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


# --- constraints and indexes -------------------------------------------------------------------------------------


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


# --- types, sequences and other objects --------------------------------------------------------------------------


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


# --- data --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Source:
    """What rows come from: a relation, or a query (`rows`); neither for VALUES and functions, which give few."""

    alias: str | None = None
    relation: Name | None = None
    rows: Selection | None = None


@dataclass(frozen=True, slots=True)
class Selection:
    """Which rows a statement works on, as far as its shape tells; the target of UPDATE and DELETE is the first source.

    Columns are (alias or None, name). `conditions` compare one with what is the same for all rows; `equal` are
    directed: few rows on the left mean few on the right, if the right column is a key. `members` are columns that must
    be among a query's rows. `limited` is LIMIT.
    """

    sources: tuple[Source, ...] = ()
    conditions: tuple[tuple[str | None, Condition], ...] = ()
    equal: tuple[tuple[tuple[str | None, str], tuple[str | None, str]], ...] = ()
    members: tuple[tuple[str | None, str, Selection], ...] = ()
    limited: bool = False


@dataclass(frozen=True, slots=True)
class Truncate:
    """TRUNCATE of one table; `along` are the others of the same statement."""

    table: Name
    cascade: bool = False
    only: bool = False
    along: tuple[Name, ...] = ()


@dataclass(frozen=True, slots=True)
class Insert:
    """INSERT, REPLACE, COPY … FROM. `query` where rows come from a SELECT; `rows` counts VALUES (None if unknown)."""

    table: Name
    columns: tuple[str, ...] = ()
    query: Query | None = None
    rows: int | None = None
    values: tuple[tuple[str | None, ...], ...] = ()  # constant cells; None where not a constant
    on_conflict: bool = False
    returning: bool = False
    replace: bool = False
    rows_of: Selection | None = None
    naming: Naming | None = None


@dataclass(frozen=True, slots=True)
class Update:
    """UPDATE. `assignments` are (column, expression); `where` None is every row; `others` the relations also read."""

    table: Name
    assignments: tuple[tuple[str, Expression], ...] = ()
    where: Expression | None = None
    others: tuple[Name, ...] = ()
    limited: bool = False
    returning: bool = False
    rows_of: Selection | None = None
    naming: Naming | None = None


@dataclass(frozen=True, slots=True)
class Delete:
    """DELETE."""

    table: Name
    where: Expression | None = None
    others: tuple[Name, ...] = ()
    limited: bool = False
    returning: bool = False
    rows_of: Selection | None = None
    naming: Naming | None = None


@dataclass(frozen=True, slots=True)
class Merge:
    """MERGE INTO."""

    table: Name
    others: tuple[Name, ...] = ()
    naming: Naming | None = None


@dataclass(frozen=True, slots=True)
class Select:
    """SELECT, VALUES, TABLE, SHOW, EXPLAIN, COPY … TO, PRAGMA that reads."""

    query: Query


@dataclass(frozen=True, slots=True)
class LockTable:
    """LOCK TABLE: `mode` in the engine's spelling (`ACCESS EXCLUSIVE`, MySQL `READ`/`WRITE`)."""

    table: Name
    mode: str
    nowait: bool = False
    only: bool = False


@dataclass(frozen=True, slots=True)
class Maintain:
    """VACUUM, ANALYZE, CLUSTER, CHECKPOINT, OPTIMIZE TABLE …: `action` in lower case; `options` such as `full`."""

    action: str
    table: Name | None = None
    options: tuple[str, ...] = ()
    index: str | None = None
    only: bool = False


# --- session -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SetVariable:
    """SET, RESET (`value` None), `set_config()`, MySQL SET, SQLite PRAGMA. `name` in lower case, `value` unquoted."""

    name: str
    value: str | None
    local: bool = False
    is_global: bool = False
    items: tuple[str, ...] = ()  # the members of a list value, such as search_path


class TransactionAction(StrEnum):
    """Transaction control in SQL text."""

    BEGIN = "begin"
    COMMIT = "commit"
    ROLLBACK = "rollback"
    SAVEPOINT = "savepoint"
    RELEASE = "release"
    ROLLBACK_TO = "rollback to"
    PREPARE = "prepare transaction"


@dataclass(frozen=True, slots=True)
class TransactionControl:
    """BEGIN, COMMIT, … as SQL."""

    action: TransactionAction
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Inside:
    """A statement in a block or function body."""

    sql: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """IF and CASE in a body: the first arm whose condition holds runs. A condition of None is ELSE."""

    arms: tuple[tuple[str | None, tuple[Part, ...]], ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """A loop in a body. `query` gives the rows it goes over, one after the other in `target`, where it is over rows."""

    parts: tuple[Part, ...]
    target: str | None = None
    query: str | None = None


@dataclass(frozen=True, slots=True)
class Execute:
    """EXECUTE of a text that is put together while the body runs.

    `template` has `\\0name\\0` for what a variable holds; `held` are the queries that some of them come from.
    `doubtful` says that it may change the schema's shape.
    """

    template: str
    held: tuple[tuple[str, str], ...] = ()
    doubtful: bool = True


@dataclass(frozen=True, slots=True)
class Attempt:
    """A block with EXCEPTION: `handlers` are condition names in lower case, and what runs for them."""

    parts: tuple[Part, ...]
    handlers: tuple[tuple[tuple[str, ...], tuple[Part, ...]], ...]


@dataclass(frozen=True, slots=True)
class Stop:
    """RETURN in a body: nothing after it runs."""


Part = Inside | Execute | Choice | Repeat | Attempt | Stop
"""What a body consists of."""


@dataclass(frozen=True, slots=True)
class Opaque:
    """A DO block, CALL, EXECUTE, or a SELECT of a function that may change the schema.

    `inside` is what could be read in it, in order; `calls` are the functions whose bodies it runs; `conditional` says
    that some of it runs under a condition; `complete` says that nothing else is in it. What is not complete needs a
    human (MG004), and with `doubtful` may have changed the schema's shape.
    """

    kind: str
    text: str
    inside: tuple[Part, ...] = ()
    conditional: bool = False
    complete: bool = False
    calls: tuple[Name, ...] = ()
    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class Nothing:
    """A statement known to change no schema, data or lock that matters: NOTIFY, DISCARD, PREPARE, an empty one."""

    what: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """A statement, or part of one, that no reader understood. `why` names the first token left unread."""

    sql: str
    why: str
    table: Name | None = None


Change = (
    CreateTable
    | DropTable
    | RenameTable
    | SetSchema
    | AttachPartition
    | DetachPartition
    | SetInheritance
    | SetTableOption
    | AlterAlgorithm
    | AddColumn
    | DropColumn
    | RenameColumn
    | AlterColumnType
    | SetDefault
    | SetNullable
    | SetIdentity
    | SetGenerated
    | SetColumnOption
    | ModifyColumn
    | AddConstraint
    | DropConstraint
    | RenameConstraint
    | ValidateConstraint
    | AlterConstraint
    | CreateIndex
    | DropIndex
    | RenameIndex
    | AttachIndex
    | Reindex
    | CreateEnum
    | AddEnumValue
    | RenameEnumValue
    | CreateDomain
    | AlterDomain
    | CreateCompositeType
    | AlterCompositeType
    | DropType
    | RenameType
    | CreateSequence
    | AlterSequence
    | RenameSequence
    | DropSequence
    | CreateView
    | DropView
    | RefreshMaterializedView
    | CreateFunction
    | DropFunction
    | CreateTrigger
    | DropTrigger
    | CreatePolicy
    | DropPolicy
    | AlterTableObject
    | CreateExtension
    | DropExtension
    | CreateSchema
    | DropSchema
    | RenameSchema
    | OtherObject
    | Comment
    | Grant
    | Truncate
    | Insert
    | Update
    | Delete
    | Merge
    | Select
    | LockTable
    | Maintain
    | SetVariable
    | TransactionControl
    | Opaque
    | Nothing
    | Unknown
)
"""Everything a statement can do."""
