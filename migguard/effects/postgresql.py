"""What a change costs on PostgreSQL 11 to 18.

Facts are those of the server's own sources (`AlterTableGetLockLevel` and `ATRewriteTables` in
src/backend/commands/tablecmds.c, `DefineIndex` in indexcmds.c …) and of the manual's chapter on explicit locking;
the test suite holds every branch against live servers.
"""

from __future__ import annotations

from typing import assert_never

from migguard.catalog.existence import SYSTEM_SCHEMAS, with_assumed
from migguard.catalog.lookup import index_key, relation_key, sequence_key
from migguard.catalog.met import met_before
from migguard.catalog.schema import Catalog
from migguard.changes import (
    AddColumn,
    AddConstraint,
    AddEnumValue,
    AlterAlgorithm,
    AlterColumnType,
    AlterCompositeType,
    AlterConstraint,
    AlterDomain,
    AlterSequence,
    AlterTableObject,
    AttachIndex,
    AttachPartition,
    Comment,
    CreateCompositeType,
    CreateDomain,
    CreateEnum,
    CreateExtension,
    CreateFunction,
    CreateIndex,
    CreatePolicy,
    CreateSchema,
    CreateSequence,
    CreateTable,
    CreateTrigger,
    CreateView,
    Delete,
    DetachPartition,
    DropColumn,
    DropConstraint,
    DropExtension,
    DropFunction,
    DropIndex,
    DropPolicy,
    DropSchema,
    DropSequence,
    DropTable,
    DropTrigger,
    DropType,
    DropView,
    Grant,
    Insert,
    LockTable,
    Maintain,
    Merge,
    ModifyColumn,
    Name,
    Nothing,
    Opaque,
    OtherObject,
    RefreshMaterializedView,
    Reindex,
    RenameColumn,
    RenameConstraint,
    RenameEnumValue,
    RenameIndex,
    RenameSchema,
    RenameSequence,
    RenameTable,
    RenameType,
    Select,
    SetColumnOption,
    SetDefault,
    SetGenerated,
    SetIdentity,
    SetInheritance,
    SetNullable,
    SetSchema,
    SetTableOption,
    SetVariable,
    TransactionControl,
    Truncate,
    Unknown,
    Update,
    ValidateConstraint,
)
from migguard.effects import postgresql_alter as alter
from migguard.effects import postgresql_columns as columns
from migguard.effects import postgresql_constraints as constraints
from migguard.effects import postgresql_data as data
from migguard.effects import postgresql_indexes as indexes
from migguard.effects import postgresql_objects as objects
from migguard.effects import postgresql_partitions as partitions
from migguard.effects.cost import Cost
from migguard.effects.model import Effect
from migguard.trace import Statement, Step

OTHER_RELATIONS = frozenset({"index", "sequence", "type"})
"""What ALTER TABLE may be about besides tables and views: locks on these are not counted."""


def effect_of_step(step: Step) -> Effect:
    """What one change costs; what the other actions of its ALTER TABLE decide is taken into account."""
    cost = Cost(start_of(step.statement) if step.statement.steps else step.before)
    if step.refusal is None:
        charge(step, cost)
        name = not_found(step)
        if name is not None and not cost.locks:
            cost.known = False
            cost.reasons[f"{name} is not in the schema, so nothing is known about what is done to it"] = None
    return cost.effect()


def start_of(statement: Statement) -> Catalog:
    """The schema before a statement, with the tables that only a later part of it showed to have been there."""
    first, last = statement.steps[0].before, statement.steps[-1]
    for step in statement.steps[1:] if last.before.tables is not first.tables else ():
        first = with_assumed(first, frozenset(met_before(first, step.before)))
    return first


def not_found(step: Step) -> Name | None:
    """The relation that a change is about, where the schema does not have it and it is not said to be optional."""
    change, catalog = step.change, step.before
    name = getattr(change, "view" if isinstance(change, RefreshMaterializedView) else "table", None)
    made = isinstance(change, (CreateTable, Comment, RenameColumn)) or getattr(change, "kind", "") in OTHER_RELATIONS
    missing = getattr(change, "if_exists", False) or getattr(change, "table_if_exists", False)
    if not isinstance(name, Name) or made or missing or name.name == catalog.version_table:
        return None
    if name.schema in SYSTEM_SCHEMAS or any(
        found(catalog, name) is not None for found in (relation_key, index_key, sequence_key)
    ):
        return None
    return name


def effect_of_statement(statement: Statement) -> Effect:
    """What a statement costs: all of its changes together."""
    if not statement.steps:
        return Effect()
    if len(statement.steps) == 1:
        return effect_of_step(statement.steps[0])
    cost = Cost(start_of(statement))
    for step in statement.steps:
        cost.add(effect_of_step(step))
    for key in cost.rewrites:
        table = cost.start.tables.get(key)
        for index in table.indexes if table is not None else ():
            cost.builds.pop(index.name, None)  # made again with the whole table
    return cost.effect()


def charge(step: Step, cost: Cost) -> None:
    """Add one change to the sum."""
    change, before = step.change, step.before
    match change:
        case AddColumn():
            columns.add_column(step, change, cost)
        case DropColumn():
            columns.drop_column(step, change, cost)
        case AlterColumnType():
            columns.alter_type(step, change, cost)
        case SetNullable():
            columns.set_nullable(step, change, cost)
        case SetDefault():
            alter.recursing(step, change.table, cost)
        case SetIdentity():
            alter.identity(step, change, cost)
        case SetGenerated():
            columns.set_generated(step, change, cost)
        case SetColumnOption():
            alter.column_option(step, change, cost)
        case RenameColumn(kind="type"):
            objects.rename_attribute(step, change, cost)
        case RenameColumn():
            alter.recursing(step, change.table, cost)
        case AddConstraint():
            constraints.add(step, change, cost)
        case DropConstraint():
            constraints.drop(step, change, cost)
        case ValidateConstraint():
            constraints.validate(step, change, cost)
        case RenameConstraint() | AlterConstraint():
            alter.constraint_detail(step, change, cost)
        case SetTableOption():
            alter.table_option(step, change, cost)
        case RenameTable() | SetSchema() | SetInheritance():
            alter.relation(step, change, cost)
        case AttachPartition():
            partitions.attach(step, change, cost)
        case DetachPartition():
            partitions.detach(step, change, cost)
        case CreateTable():
            objects.create_table(step, change, cost)
        case DropExtension() if change.cascade:
            cost.known = False
            cost.reasons[f"what depends on the extension {change.name} is not known"] = None
        case DropTable() | DropView() | DropSchema() | DropType() | DropSequence() | DropFunction() | DropExtension():
            objects.drop(step, cost)
        case CreateIndex():
            indexes.create_index(step, change, cost)
        case DropIndex():
            indexes.drop_index(step, change, cost)
        case Reindex():
            indexes.reindex(step, change, cost)
        case AttachIndex():
            indexes.attach_index(step, change, cost)
        case CreateView():
            objects.create_view(step, change, cost)
        case RefreshMaterializedView():
            objects.refresh(step, change, cost)
        case CreateTrigger() | DropTrigger() | CreatePolicy() | DropPolicy() | AlterTableObject():
            objects.table_object(step, change, cost)
        case AddEnumValue():
            objects.add_enum_value(step, cost)
        case AlterDomain():
            objects.alter_domain(step, change, cost)
        case AlterCompositeType():
            objects.alter_composite(step, change, cost)
        case CreateSequence() | AlterSequence():
            objects.sequence(step, change, cost)
        case Comment():
            objects.comment(step, change, cost)
        case Grant():
            objects.grant(step, change, cost)
        case OtherObject():
            objects.other(step, change, cost)
        case Truncate():
            data.truncate(step, change, cost)
        case Insert() | Update() | Delete() | Merge():
            data.write(step, change, cost)
        case Select():
            data.read(before, change.query, cost)
        case LockTable():
            data.lock_table(step, change, cost)
        case Maintain():
            data.maintain(step, change, cost)
        case Opaque():
            opaque(change, cost)
        case Unknown():
            cost.known = False
            cost.reasons[f"the statement was not understood: {change.why}"] = None
        case (
            AlterAlgorithm()
            | ModifyColumn()
            | RenameIndex()
            | CreateEnum()
            | RenameEnumValue()
            | CreateDomain()
            | CreateCompositeType()
            | RenameType()
            | RenameSequence()
            | CreateFunction()
            | CreateExtension()
            | CreateSchema()
            | RenameSchema()
            | SetVariable()
            | TransactionControl()
            | Nothing()
        ):
            pass  # no lock on an existing table
        case _:
            assert_never(change)


def opaque(change: Opaque, cost: Cost) -> None:
    """A DO block or the like: its statements are steps of their own; what was not read in it is unknown."""
    if not change.complete:
        cost.known = False
        cost.reasons[f"the {change.kind} was only read in part"] = None
