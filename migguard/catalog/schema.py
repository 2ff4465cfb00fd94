"""The state of a database's schema: frozen values, shared between the states before and after a change.

Keys are `(schema, name)`; engines without schemas inside a database use one schema name (`public`, `main`, the
database's own name on MySQL). Maps are persistent (`immutables.Map`): a change copies a path, not the catalog.
Types are stored as `DataType` with user types resolved to their schema; `DataType` formatting is in `types.py`.
"""

from __future__ import annotations

from dataclasses import field
from enum import StrEnum
from typing import Any

from immutables import Map

from migguard.changes import (
    Condition,
    DataType,
    Engine,
    Expression,
    ForeignKeyAction,
    IndexElement,
    Name,
    PartitionBound,
    PartitionBy,
    Persistence,
    Query,
)
from migguard.records import dataclass

Key = tuple[str, str]
"""A relation's or type's schema and name."""


@dataclass(frozen=True, slots=True)
class Server:
    """The server that the migration will meet. `version` as in `server_version_info`, such as (16,) or (8, 0, 36).

    `configured` is false where nobody said which it is, and the oldest that is supported is taken.
    """

    engine: Engine
    version: tuple[int, ...]
    sql_mode: tuple[str, ...] = ("STRICT_TRANS_TABLES",)
    timezone: str | None = None
    foreign_keys: bool = False  # SQLite: PRAGMA foreign_keys
    configured: bool = field(default=True, compare=False)

    def since(self, *version: int) -> bool:
        """Whether this server is of the given version or newer."""
        return self.version >= version


@dataclass(frozen=True, slots=True)
class SequenceState:
    """A sequence with every option decided. `owner` is (table key, column); `internal`: an identity column owns it."""

    key: Key
    data_type: str = "bigint"
    start: int = 1
    increment: int = 1
    minimum: int = 1
    maximum: int = 9223372036854775807
    cache: int = 1
    cycle: bool = False
    owner: tuple[Key, str] | None = None
    internal: bool = False
    comment: str | None = None
    oid: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Column:
    """A column. `default` and `generated` are expressions as the server would give them back where that is known.

    `identity` is None, `always` or `by default`; the options are those of the sequence it owns. `assumed` marks a
    column that was only inferred. `not_null_valid` is false for PostgreSQL 18's NOT NULL … NOT VALID.
    """

    name: str
    type: DataType | None
    nullable: bool = True
    default: Expression | None = None
    identity: str | None = None
    sequence: Key | None = None
    serial: bool = False
    generated: Expression | None = None
    stored: bool = False
    collation: str | None = None
    comment: str | None = None
    auto_increment: bool = False
    on_update: Expression | None = None
    charset: str | None = None
    not_null_name: str | None = None
    not_null_valid: bool = True
    inherited: bool = False
    invisible: bool = False
    local: bool = True  # defined here too, not only by a parent
    parents: int = field(default=0, compare=False)  # from how many parents it is inherited
    options: tuple[tuple[str, str], ...] = ()
    filled: bool = False  # rows were given a value by an UPDATE, or by a default since it was added
    assumed: bool = False
    oid: int = field(default=0, compare=False)


class ConstraintKind(StrEnum):
    """What kind of constraint, with PostgreSQL's letter being its first."""

    PRIMARY = "primary key"
    UNIQUE = "unique"
    CHECK = "check"
    FOREIGN = "foreign key"
    EXCLUSION = "exclusion"


@dataclass(frozen=True, slots=True)
class ConstraintState:
    """A constraint of a table. `name` is never empty: the server's choice where the user made none (`named` tells)."""

    name: str
    kind: ConstraintKind
    columns: tuple[str, ...] = ()
    named: bool = True
    expression: Expression | None = None
    references: Key | None = None
    references_columns: tuple[str, ...] = ()
    on_delete: ForeignKeyAction = ForeignKeyAction.NO_ACTION
    on_update: ForeignKeyAction = ForeignKeyAction.NO_ACTION
    match: str | None = None
    set_columns: tuple[str, ...] = ()
    valid: bool = True
    enforced: bool = True
    deferrable: bool = False
    initially_deferred: bool = False
    no_inherit: bool = False
    inherited: bool = False
    index: str | None = None  # the index that backs a primary key, unique or exclusion constraint
    comment: str | None = None
    local: bool = True  # defined here too, not only by a parent
    parents: int = field(default=0, compare=False)  # from how many parents it is inherited
    rests_on: int = field(default=0, compare=False)  # a foreign key: the oid of the referenced index, 0 if unknown
    oid: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Index:
    """An index of a table or materialized view. `constraint` names the constraint it backs."""

    name: str
    elements: tuple[IndexElement, ...]
    unique: bool = False
    primary: bool = False
    method: str = "btree"
    include: tuple[str, ...] = ()
    where: Expression | None = None
    nulls_not_distinct: bool = False
    valid: bool = True
    constraint: str | None = None
    parent: Key | None = None  # the partitioned index it is attached to
    kind: str | None = None  # fulltext, spatial
    options: tuple[tuple[str, str], ...] = ()
    comment: str | None = None
    named: bool = True
    oid: int = field(default=0, compare=False)

    @property
    def columns(self) -> tuple[str | None, ...]:
        """The key columns in order, None for an expression."""
        return tuple(e.column for e in self.elements)


@dataclass(frozen=True, slots=True)
class TriggerState:
    """A trigger, as far as dependencies need it."""

    name: str
    function: Key | None = None
    events: tuple[str, ...] = ()
    timing: str = ""
    body: str = ""
    text: str = ""
    inherited: bool = False  # a partition's copy of its parent's row trigger
    each_row: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of a column that no revision made, by the statements on it or by their scripts; None: nothing."""

    name: str
    type: DataType | None = None
    nullable: bool | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A table with all that belongs to it; tuples keep the server's order.

    `complete` is false for a table that the history never created: it exists, its columns are unknown but for those
    that statements have mentioned. `partitions` are found through `Catalog.children`. `told` is what is told of
    its unknown columns.
    """

    key: Key
    columns: tuple[Column, ...] = ()
    constraints: tuple[ConstraintState, ...] = ()
    indexes: tuple[Index, ...] = ()
    persistence: Persistence = Persistence.PERMANENT
    partition_by: PartitionBy | None = None
    partition_of: Key | None = None
    bound: PartitionBound | None = None
    inherits: tuple[Key, ...] = ()
    triggers: tuple[TriggerState, ...] = ()
    policies: tuple[tuple[str, str], ...] = ()  # (kind, name)
    policy_columns: tuple[tuple[str, str, tuple[str, ...]], ...] = ()  # (kind, name, the columns it names)
    row_security: bool = False
    comment: str | None = None
    options: Map[str, str] = field(default_factory=lambda: Map())
    complete: bool = True
    oid: int = field(default=0, compare=False)
    told: tuple[Told, ...] = ()

    def column(self, name: str) -> Column | None:
        """The column of that name, or None."""
        return next((c for c in self.columns if c.name == name), None)

    def typed_column(self, name: str) -> Column | None:
        """The column of that name; where only its type is known, one with nothing else."""
        told = self.told_of(name)
        return self.column(name) or (Column(name, told.type) if told.type is not None else None)

    def told_of(self, name: str) -> Told:
        """What is told of a column of that name that no revision made."""
        return next((t for t in self.told if t.name == name), Told(name))

    def never_null(self, name: str) -> bool | None:
        """Whether the column of that name is NOT NULL, for all of its rows; None where that is not known."""
        column = self.column(name)
        if column is not None:
            return not column.nullable and column.not_null_valid
        nullable = self.told_of(name).nullable
        return None if nullable is None else not nullable

    def constraint(self, name: str) -> ConstraintState | None:
        """The constraint of that name, or None."""
        return next((c for c in self.constraints if c.name == name), None)

    def index(self, name: str) -> Index | None:
        """The index of that name, or None."""
        return next((i for i in self.indexes if i.name == name), None)

    @property
    def primary_key(self) -> ConstraintState | None:
        """The primary key constraint, or None."""
        return next((c for c in self.constraints if c.kind is ConstraintKind.PRIMARY), None)


@dataclass(frozen=True, slots=True)
class View:
    """A view or materialized view.

    `uses` are (relation, column): None for the relation itself, `*` for columns that could not be told.
    """

    key: Key
    query: Query
    columns: tuple[Column, ...] = ()
    uses: frozenset[tuple[Key, str | None]] = frozenset()
    materialized: bool = False
    temporary: bool = False
    indexes: tuple[Index, ...] = ()
    populated: bool = True
    comment: str | None = None
    complete: bool = True  # whether its columns could be told
    oid: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class EnumType:
    """An enum type with its labels in order."""

    key: Key
    labels: tuple[str, ...]
    comment: str | None = None
    oid: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class DomainType:
    """A domain over a base type."""

    key: Key
    base: DataType
    not_null: bool = False
    default: Expression | None = None
    checks: tuple[ConstraintState, ...] = ()
    collation: str | None = None
    comment: str | None = None
    oid: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class CompositeType:
    """A composite, range or base type: `kind`."""

    key: Key
    kind: str
    attributes: tuple[tuple[str, DataType], ...] = ()
    comment: str | None = None
    oid: int = field(default=0, compare=False)


UserType = EnumType | DomainType | CompositeType


@dataclass(frozen=True, slots=True)
class Function:
    """A function or procedure; overloads of one name are kept apart by `arguments`."""

    key: Key
    kind: str = "function"
    arguments: str = ""
    language: str | None = None
    volatility: str = "volatile"
    body: str = ""
    returns: str | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Catalog:
    """A whole schema at one moment.

    Relations (tables, views, sequences) and, on PostgreSQL, indexes share one namespace per schema: `index_owner`
    finds the table of an index. `referenced_by`, `children`, `type_users` and `view_users` are reverse maps kept by
    `apply`: tables whose foreign keys refer to a key; partitions and inheriting tables; tables that use a user type;
    views that use a relation. `variables` are session settings (lower case) with `local_variables` above them until
    the transaction ends. `assumed` are keys that the history never created but used; `stamped` is set
    where its first revision makes nothing, as that of a database that was there before. `rows` keeps what a script
    inserted itself where that is cheap, for it to read back. `unread` counts the Unknown changes applied so far, by
    the relation concerned where one is known (key None: the whole catalog is in doubt). `version_table` is there
    although no revision makes it. `constraint_names` counts, on PostgreSQL, the constraints of a name in a schema.
    `unknown_names` is set where a naming convention that nobody knows has named constraints and indexes; `in_doubt` are
    the oids of tables of which one of them was changed, and nobody knows which. `beyond` are tables that no revision
    makes, as the revisions leave them in a database that has them: what their scripts do where they find one. It is
    None for one that they drop.
    """

    server: Server
    default_schema: str
    schemas: frozenset[str]
    search_path: tuple[str, ...]
    tables: Map[Key, Table] = field(default_factory=lambda: Map())
    views: Map[Key, View] = field(default_factory=lambda: Map())
    sequences: Map[Key, SequenceState] = field(default_factory=lambda: Map())
    types: Map[Key, UserType] = field(default_factory=lambda: Map())
    functions: Map[Key, tuple[Function, ...]] = field(default_factory=lambda: Map())
    index_owner: Map[Key, Key] = field(default_factory=lambda: Map())
    referenced_by: Map[Key, frozenset[Key]] = field(default_factory=lambda: Map())
    children: Map[Key, tuple[Key, ...]] = field(default_factory=lambda: Map())
    type_users: Map[Key, frozenset[Key]] = field(default_factory=lambda: Map())
    view_users: Map[Key, frozenset[Key]] = field(default_factory=lambda: Map())
    extensions: frozenset[str] = frozenset()
    others: frozenset[tuple[str, str]] = frozenset()  # (kind, name) of objects kept only by name
    statistics: Map[str, frozenset[int]] = field(default_factory=lambda: Map())  # of which table and columns, by oid
    variables: Map[str, str] = field(default_factory=lambda: Map())
    local_variables: Map[str, str] = field(default_factory=lambda: Map())
    defaults: Map[str, str] = field(default_factory=lambda: Map())  # what RESET goes back to: the connection's own
    coming_defaults: Map[str, str] = field(default_factory=lambda: Map())  # what the next session will start with
    assumed: frozenset[Key] = frozenset()
    assumed_schemas: frozenset[str] = frozenset()  # that the history works in and never made
    stamped: bool = False
    assumed_types: frozenset[str] = frozenset()  # types of modules that are not there, whose names stand in SQL
    stood_in: frozenset[str] = frozenset()  # other texts of such modules (shadow/rendered_types.py)
    dropped: frozenset[Key] = frozenset()  # relations that once were here and are gone or renamed
    rows: Map[Key, tuple[Map[str, Any], ...]] = field(default_factory=lambda: Map())
    unread: Map[Key | None, int] = field(default_factory=lambda: Map())
    next_oid: int = 1
    version_table: str = "alembic_version"
    constraint_names: Map[Key, int] = field(default_factory=lambda: Map())
    unknown_names: bool = False
    in_doubt: frozenset[int] = frozenset()
    beyond: Map[Key, Table | None] = field(default_factory=lambda: Map())


class RefusalKind(StrEnum):
    """Why the server would refuse a change."""

    UNKNOWN_RELATION = "unknown relation"
    UNKNOWN_COLUMN = "unknown column"
    UNKNOWN_CONSTRAINT = "unknown constraint"
    UNKNOWN_INDEX = "unknown index"
    UNKNOWN_TYPE = "unknown type"
    UNKNOWN_VALUE = "unknown enum value"
    UNKNOWN_OBJECT = "unknown object"
    UNKNOWN_SCHEMA = "unknown schema"
    DUPLICATE = "already exists"
    DEPENDENTS = "other objects depend on it"
    INVALID = "not allowed"
    VERSION = "not in this version"
    TOO_LONG = "too long a name"  # which SQLAlchemy does not send


@dataclass(frozen=True, slots=True)
class Refusal:
    """What the server would say. `message` is in our words with the names; the change has then not been applied."""

    kind: RefusalKind
    message: str
    object: str | None = None


@dataclass(frozen=True, slots=True)
class Applied:
    """A catalog after a change. `verified` is false where the result rests on something assumed or unread.

    `cascaded` are descriptions of what went along with a drop, such as ("view", "public.v"), ("foreign key", "t.fk").
    """

    catalog: Catalog
    refusal: Refusal | None = None
    verified: bool = True
    cascaded: tuple[tuple[str, str], ...] = ()


__all__ = [
    "Applied",
    "Catalog",
    "Column",
    "CompositeType",
    "Condition",
    "ConstraintKind",
    "ConstraintState",
    "DomainType",
    "EnumType",
    "Function",
    "Index",
    "Key",
    "Name",
    "Refusal",
    "RefusalKind",
    "SequenceState",
    "Server",
    "Table",
    "TriggerState",
    "UserType",
    "View",
]
