"""PostgreSQL: what adding, validating and dropping constraints costs."""

from __future__ import annotations

from typing import assert_never

from migguard.catalog.lookup import table_key
from migguard.catalog.schema import Catalog, ConstraintKind, Key
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
from migguard.effects.cost import Cost, tree
from migguard.effects.model import LockMode
from migguard.effects.postgresql_columns import proven_not_null
from migguard.trace import Step

DOCS = "https://www.postgresql.org/docs/current/sql-altertable.html"


def add(step: Step, change: AddConstraint, cost: Cost) -> None:
    """ADD CONSTRAINT of every kind."""
    key = table_key(step.before, change.table)
    if key is None:
        return
    cost.cite(DOCS)
    constraint = change.constraint
    members = (key,) if change.only else tree(step.before, key)
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
                table = step.before.tables.get(one)
                if table is None or constraint.not_valid:
                    continue
                if not proven_not_null(table, constraint.column, step.before):
                    cost.scan(one, f"every row of {one[1]} is looked at for a NULL")
        case PrimaryKey() | Unique():
            key_constraint(step, constraint, key, members, cost)
        case Exclusion():
            for one in members:
                cost.lock(one, LockMode.ACCESS_EXCLUSIVE)
                cost.scan(one, "its index is built")
            cost.builds[constraint.name or f"{key[1]}_excl"] = None
        case _:
            assert_never(constraint)


def key_constraint(step: Step, constraint: PrimaryKey | Unique, key: Key, members: tuple[Key, ...], cost: Cost) -> None:
    """A primary key or UNIQUE constraint: an index build unless there is one, a look for NULLs unless proven."""
    cost.lock(key, LockMode.ACCESS_EXCLUSIVE)
    for one in members[1:]:
        cost.lock(one, LockMode.ACCESS_EXCLUSIVE if isinstance(constraint, PrimaryKey) else LockMode.SHARE)
    columns = constraint.columns
    if constraint.using_index:
        table = step.before.tables.get(key)
        index = table.index(constraint.using_index) if table is not None else None
        columns = tuple(c for c in index.columns if c is not None) if index is not None else ()
    else:
        suffix = "pkey" if isinstance(constraint, PrimaryKey) else f"{'_'.join(columns)}_key"
        cost.builds[constraint.name or f"{key[1]}_{suffix}"] = None
        for one in members:
            cost.scan(one, f"an index is built on {one[1]}")
    if isinstance(constraint, PrimaryKey):
        for one in members:
            table = step.before.tables.get(one)
            for column in columns:
                if table is not None and not proven_not_null(table, column, step.before):
                    cost.scan(one, f"{one[1]}.{column} is looked through for NULLs")


def foreign_key(step: Step, constraint: ForeignKey, members: tuple[Key, ...], cost: Cost) -> None:
    """SHARE ROW EXCLUSIVE on both tables and their partitions; both are read unless NOT VALID."""
    other = table_key(step.before, constraint.references)
    for one in members:
        cost.lock(one, LockMode.SHARE_ROW_EXCLUSIVE)
    if other is None:
        return
    for one in tree(step.before, other):
        cost.lock(one, LockMode.SHARE_ROW_EXCLUSIVE, target=one in members)
    if constraint.not_valid or not constraint.enforced:
        return
    for one in (*members, *tree(step.before, other)):
        cost.scan(one, f"every row of {members[0][1]} is looked up in {other[1]}")


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
    if constraint is None and table.complete and not any(c.not_null_name == change.name for c in table.columns):
        return
    for one in tree(step.before, key):
        cost.lock(one, LockMode.SHARE_UPDATE_EXCLUSIVE)
        cost.scan(one, f"every row of {one[1]} is checked")
    if constraint is not None and constraint.references is not None:
        for one in tree(step.before, constraint.references):
            cost.lock(one, LockMode.ROW_SHARE, target=False)
            cost.scan(one)


def drop(step: Step, change: DropConstraint, cost: Cost) -> None:
    """ACCESS EXCLUSIVE, also on the other side of every foreign key that goes."""
    from migguard.effects.postgresql_objects import lost

    key = table_key(step.before, change.table)
    if key is None:
        return
    for one in tree(step.before, key):
        cost.lock(one, LockMode.ACCESS_EXCLUSIVE)
    cost.cite(DOCS)
    lost(step, (key,), cost)


def referenced_tables(catalog: Catalog, key: Key) -> tuple[Key, ...]:
    """The tables that a table's foreign keys refer to."""
    table = catalog.tables.get(key)
    constraints = table.constraints if table is not None else ()
    return tuple(
        dict.fromkeys(
            c.references for c in constraints if c.kind is ConstraintKind.FOREIGN and c.references is not None
        )
    )
