"""In: nothing; a statement's text is read by `sql`.

Out: what a statement does to a database, as typed values: the vocabulary between reading SQL and everything after.
Never: how a server does it, or whether it may.

Names are folded as the engine folds them (PostgreSQL: unquoted to lower case, cut to 63 bytes) and otherwise kept
as written: whether `orders` means `public.orders` is for the catalog to say. Expressions keep the user's own text.
`Change` is a closed union: a variant added here makes mypy fail in `catalog` and `effects` until both handle it.
"""

from migguard.changes.columns import (
    AddColumn,
    AlterColumnType,
    DropColumn,
    ModifyColumn,
    RenameColumn,
    SetColumnOption,
    SetDefault,
    SetGenerated,
    SetIdentity,
    SetNullable,
)
from migguard.changes.definitions import (
    Check,
    ColumnDefinition,
    Constraint,
    Exclusion,
    ForeignKey,
    ForeignKeyAction,
    Generated,
    Identity,
    IndexElement,
    Like,
    NotNull,
    PartitionBound,
    PartitionBy,
    Persistence,
    PrimaryKey,
    SequenceOptions,
    Unique,
)
from migguard.changes.keys import (
    AddConstraint,
    AlterConstraint,
    AttachIndex,
    CreateIndex,
    DropConstraint,
    DropIndex,
    Reindex,
    RenameConstraint,
    RenameIndex,
    ValidateConstraint,
)
from migguard.changes.names import Condition, DataType, Engine, Expression, Name, Reference
from migguard.changes.objects import (
    AddEnumValue,
    AlterCompositeType,
    AlterDomain,
    AlterSequence,
    AlterTableObject,
    Comment,
    CreateCompositeType,
    CreateDomain,
    CreateEnum,
    CreateExtension,
    CreateFunction,
    CreatePolicy,
    CreateSchema,
    CreateSequence,
    CreateTrigger,
    CreateView,
    DropExtension,
    DropFunction,
    DropPolicy,
    DropSchema,
    DropSequence,
    DropTrigger,
    DropType,
    DropView,
    Grant,
    ObjectAction,
    OtherObject,
    RefreshMaterializedView,
    RenameEnumValue,
    RenameSchema,
    RenameSequence,
    RenameType,
)
from migguard.changes.rows import (
    Cell,
    Delete,
    Given,
    Insert,
    Merge,
    Naming,
    Query,
    Scope,
    Select,
    Selection,
    Source,
    Truncate,
    Update,
)
from migguard.changes.session import (
    Attempt,
    Choice,
    Execute,
    Inside,
    LockTable,
    Maintain,
    Nothing,
    Opaque,
    Part,
    Repeat,
    SetVariable,
    Stop,
    TransactionAction,
    TransactionControl,
    Unknown,
)
from migguard.changes.tables import (
    AlterAlgorithm,
    AttachPartition,
    CreateTable,
    DetachPartition,
    DropTable,
    RenameTable,
    SetInheritance,
    SetSchema,
    SetTableOption,
    TableAction,
)

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

__all__ = [
    "AddColumn", "AddConstraint", "AddEnumValue", "AlterAlgorithm", "AlterColumnType", "AlterCompositeType",
    "AlterConstraint", "AlterDomain", "AlterSequence", "AlterTableObject", "AttachIndex", "AttachPartition",
    "Attempt", "Cell", "Change", "Check", "Choice", "ColumnDefinition", "Comment", "Condition", "Constraint",
    "CreateCompositeType", "CreateDomain", "CreateEnum", "CreateExtension", "CreateFunction", "CreateIndex",
    "CreatePolicy", "CreateSchema", "CreateSequence", "CreateTable", "CreateTrigger", "CreateView", "DataType",
    "Delete", "DetachPartition", "DropColumn", "DropConstraint", "DropExtension", "DropFunction", "DropIndex",
    "DropPolicy", "DropSchema", "DropSequence", "DropTable", "DropTrigger", "DropType", "DropView", "Engine",
    "Exclusion", "Execute", "Expression", "ForeignKey", "ForeignKeyAction", "Generated", "Given", "Grant", "Identity",
    "IndexElement", "Insert", "Inside", "Like", "LockTable", "Maintain", "Merge", "ModifyColumn", "Name", "Naming",
    "NotNull", "Nothing", "ObjectAction", "Opaque", "OtherObject", "Part", "PartitionBound", "PartitionBy",
    "Persistence", "PrimaryKey", "Query", "Reference", "RefreshMaterializedView", "Reindex", "RenameColumn",
    "RenameConstraint", "RenameEnumValue", "RenameIndex", "RenameSchema", "RenameSequence", "RenameTable",
    "RenameType", "Repeat", "Scope", "Select", "Selection", "SequenceOptions", "SetColumnOption", "SetDefault",
    "SetGenerated", "SetIdentity", "SetInheritance", "SetNullable", "SetSchema", "SetTableOption", "SetVariable",
    "Source", "Stop", "TableAction", "TransactionAction", "TransactionControl", "Truncate", "Unique", "Unknown",
    "Update", "ValidateConstraint",
]  # fmt: skip
