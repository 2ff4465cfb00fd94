"""PostgreSQL: what adding, validating and dropping constraints costs."""

from __future__ import annotations

from typing import assert_never

from migguard.catalog.constraints import not_null_column
from migguard.catalog.lookup import table_key
from migguard.catalog.schema import Catalog, ConstraintKind, Key, Table
from migguard.changes import (
    AddConstraint,
    Check,
    DropConstraint,
    Exclusion,
    ForeignKey,
    NotNull,
    PrimaryKey,
    Unique,
    ValidateConstraint,
)
from migguard.effects.cost import Cost, partitions, tree
from migguard.effects.model import LockMode
from migguard.effects.postgresql_columns import all_null, proven_not_null
from migguard.effects.postgresql_indexes import new_indexes
from migguard.trace import Step

DOCS = "https://www.postgresql.org/docs/current/sql-altertable.html"


def add(step: Step, change: AddConstraint, cost: Cost) -> None:
    """ADD CONSTRAINT of every kind.

    From PostgreSQL 18 on the tables below are locked for every kind of constraint, whether or not it reaches them:
    ATPrepCmd finds all inheritors with the lock of the table itself.
    """
    key = table_key(step.before, change.table)
    if key is None:
        return
    cost.cite(DOCS)
    constraint = change.constraint
    if change.only:
        members: tuple[Key, ...] = (key,)
    elif isinstance(constraint, (Check, NotNull)):
        members = (key,) if constraint.no_inherit else tree(step.before, key)
    else:
        members = partitions(step.before, key)
    if step.before.server.since(18) and not change.only:
        mode = LockMode.SHARE_ROW_EXCLUSIVE if isinstance(constraint, ForeignKey) else LockMode.ACCESS_EXCLUSIVE
        cost.cite("src/backend/commands/tablecmds.c: ATPrepCmd, AT_AddConstraint")
        for one in tree(step.before, key):
            cost.lock(one, mode)
    match constraint:
        case ForeignKey():
            foreign_key(step, constraint, members, cost)
        case Check():
            for one in members:
                cost.lock(one, LockMode.ACCESS_EXCLUSIVE)
                if not constraint.not_valid and constraint.enforced:
                    cost.scan(one, f"every row of {one[1]} is checked")
        case NotNull():
            for one in members:
                cost.lock(one, LockMode.ACCESS_EXCLUSIVE)
                if not constraint.not_valid:
                    nulls_looked_for(step, one, constraint.column, cost)
        case PrimaryKey() | Unique():
            key_constraint(step, constraint, key, members, cost)
        case Exclusion():
            for one in members:
                cost.lock(one, LockMode.ACCESS_EXCLUSIVE)
            new_indexes(step, members, cost)
        case _:
            assert_never(constraint)


def nulls_looked_for(step: Step, key: Key, column: str, cost: Cost) -> None:
    """A table is read for NULLs unless something proves that there are none, or the column is filled anew."""
    table = step.before.tables.get(key)
    if table is not None and not proven_not_null(table, column, step):
        cost.scan(key, f"{key[1]} is read to see that {column} holds no NULL")


def key_constraint(step: Step, constraint: PrimaryKey | Unique, key: Key, members: tuple[Key, ...], cost: Cost) -> None:
    """A primary key or UNIQUE constraint: an index build unless there is one, a look for NULLs unless proven."""
    cost.lock(key, LockMode.ACCESS_EXCLUSIVE)
    columns = constraint.columns
    if constraint.using_index:
        table = step.before.tables.get(key)
        index = table.index(constraint.using_index) if table is not None else None
        if index is None:
            cost.scan(key, f"the index {constraint.using_index} is not known, nor whether its columns are NOT NULL")
        else:
            columns = tuple(c for c in index.columns if c is not None)
    else:
        new_indexes(step, members, cost)
    for one in members:
        if one != key:
            cost.lock(one, LockMode.SHARE)
    table = step.before.tables[key]
    known = (table.column(c) for c in columns)
    if isinstance(constraint, PrimaryKey) and not all(c is not None and not c.nullable for c in known):
        # The columns are made NOT NULL, on all tables below too.
        for one in tree(step.before, key):
            cost.lock(one, LockMode.ACCESS_EXCLUSIVE)
            for column in columns:
                nulls_looked_for(step, one, column, cost)


def foreign_key(step: Step, constraint: ForeignKey, members: tuple[Key, ...], cost: Cost) -> None:
    """SHARE ROW EXCLUSIVE on both tables and their partitions; both are read unless NOT VALID."""
    other = table_key(step.before, constraint.references)
    for one in members:
        cost.lock(one, LockMode.SHARE_ROW_EXCLUSIVE)
    if other is None:
        return
    referenced = partitions(step.before, other)
    for one in referenced:
        cost.lock(one, LockMode.SHARE_ROW_EXCLUSIVE, target=one in members)
    if constraint.not_valid or not constraint.enforced:
        return
    checked = [m for m in members if not checked_already(step.before.tables.get(m), constraint, other, step.before)]
    for one in checked:
        cost.scan(one, f"every row of {members[0][1]} is looked up in {other[1]}")
    if any(cost.stored(m) for m in checked) and not all_null(step, members[0], constraint.columns):
        for one in referenced:
            cost.scan(one)


def checked_already(table: Table | None, constraint: ForeignKey, other: Key, catalog: Catalog) -> bool:
    """Whether a partition has the same foreign key, validated: its parent's takes it over without reading a row.

    Source: src/backend/commands/tablecmds.c, tryAttachPartitionForeignKey.
    """
    if table is None or table.partition_of is None:
        return False
    referenced = catalog.tables.get(other)
    primary = referenced.primary_key if referenced is not None else None
    columns = constraint.references_columns or (primary.columns if primary is not None else ())
    return any(
        c.kind is ConstraintKind.FOREIGN
        and c.valid
        and (c.columns, c.references, c.references_columns) == (constraint.columns, other, columns)
        and (c.on_delete, c.on_update, c.deferrable)
        == (constraint.on_delete, constraint.on_update, constraint.deferrable)
        for c in table.constraints
    )


def validate(step: Step, change: ValidateConstraint, cost: Cost) -> None:
    """SHARE UPDATE EXCLUSIVE, ROW SHARE on a referenced table; every row is read, reads and writes go on."""
    key = table_key(step.before, change.table)
    table = step.before.tables.get(key) if key is not None else None
    if key is None or table is None:
        return
    cost.lock(key, LockMode.SHARE_UPDATE_EXCLUSIVE)
    cost.cite(DOCS)
    constraint = table.constraint(change.name)
    if constraint is not None and constraint.valid:
        return
    column = not_null_column(step.before, table, change.name)
    if constraint is None and column is None and table.complete:
        return
    if column is not None and column.not_null_valid:
        return
    foreign = constraint is not None and constraint.references is not None
    for one in partitions(step.before, key) if foreign else tree(step.before, key):
        cost.lock(one, LockMode.SHARE_UPDATE_EXCLUSIVE)
        cost.scan(one, f"every row of {one[1]} is checked")
    if constraint is not None and constraint.references is not None:
        for one in partitions(step.before, constraint.references):
            cost.lock(one, LockMode.ROW_SHARE, target=False)
            cost.scan(one)


def drop(step: Step, change: DropConstraint, cost: Cost) -> None:
    """ACCESS EXCLUSIVE, also on the other side of every foreign key that goes and where the constraint is inherited."""
    from migguard.effects.postgresql_objects import lost

    key = table_key(step.before, change.table)
    if key is None:
        return
    constraint = step.before.tables[key].constraint(change.name) if change.name is not None else None
    if constraint is None or (constraint.kind is ConstraintKind.CHECK and not constraint.no_inherit):
        members = tree(step.before, key)
    else:
        members = partitions(step.before, key)
    for one in members:
        cost.lock(one, LockMode.ACCESS_EXCLUSIVE)
    cost.cite(DOCS)
    lost(step, (key,), cost)
