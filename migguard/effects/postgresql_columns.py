"""PostgreSQL: what adding, dropping and changing columns costs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from migguard.catalog.lookup import domain_of, table_key
from migguard.catalog.schema import Catalog, Column, ConstraintKind, DomainType, Index, Key, Table
from migguard.changes import (
    AddColumn,
    AddConstraint,
    AlterColumnType,
    Check,
    DataType,
    DropColumn,
    DropConstraint,
    Exclusion,
    Expression,
    ForeignKey,
    NotNull,
    PrimaryKey,
    SetGenerated,
    SetNullable,
    Unique,
)
from migguard.effects.cost import UTC_NAMES, Cost, partitions, session_zone, tree
from migguard.effects.model import LockMode
from migguard.effects.postgresql_functions import volatile_call
from migguard.effects.postgresql_indexes import new_indexes, part_of
from migguard.trace import Step

ADD_COLUMN = "src/backend/commands/tablecmds.c: ATExecAddColumn, ATRewriteTables"
ALTER_TYPE = "src/backend/commands/tablecmds.c: ATColumnChangeRequiresRewrite, TryReuseIndex"
NOT_NULL = "src/backend/commands/tablecmds.c: NotNullImpliedByRelConstraints"


def add_column(step: Step, change: AddColumn, cost: Cost) -> None:
    """ACCESS EXCLUSIVE; a rewrite where the value differs from row to row or a domain has to be checked."""
    key = table_key(step.before, change.table)
    table = step.before.tables.get(key) if key is not None else None
    if key is None or table is None:
        return
    members = (key,) if change.only else tree(step.before, key)
    for one in members:
        cost.lock(one, LockMode.ACCESS_EXCLUSIVE)
    cost.cite(ADD_COLUMN)
    if change.if_not_exists and table.column(change.column.name) is not None:
        return
    why = rewrite_reason(change, step.before)
    for one in members:
        # A child that has a column of that name keeps it: the two are merged.
        if step.before.tables[one].column(change.column.name) is not None:
            continue
        if why is not None:
            cost.rewrite(one, why)
        elif change.column.generated is not None and change.column.nullable is False:
            cost.scan(one, f"{change.column.name} is computed for every row of {one[1]} to see that none is NULL")
    inline_constraints(step, change, key, members, cost)


def rewrite_reason(change: AddColumn, catalog: Catalog) -> str | None:
    """Why the new column has to be written into every row, or None where it is kept beside the table."""
    column = change.column
    if column.identity is not None:
        return "an identity column numbers every row"
    if column.serial:
        return "a serial column numbers every row"
    if column.generated is not None:
        return "a stored generated column is computed for every row" if column.generated.stored else None
    default = column.default
    # The constraints of a domain beneath a domain count too (DomainHasConstraints), those of an array's element do not.
    for domain in domains(column.type, catalog):
        if domain.not_null or domain.checks:
            return f"the constraints of the domain {domain.key[1]} are checked for every row"
        default = default if default is not None else domain.default
    if default is None or default.is_null:
        return None
    if not catalog.server.since(11):
        return "before PostgreSQL 11 any default is written into every row"
    culprit = volatile_call(default, catalog)
    return f"{culprit} is volatile or not known to be stable: it differs from row to row" if culprit else None


def domains(data_type: DataType | None, catalog: Catalog) -> Iterator[DomainType]:
    """The domain that a type is, and those beneath it."""
    while data_type is not None and not data_type.dimensions:
        domain = domain_of(catalog, data_type)
        if domain is None:
            return
        yield domain
        data_type = domain.base


def inline_constraints(step: Step, change: AddColumn, key: Key, members: tuple[Key, ...], cost: Cost) -> None:
    """The constraints written on the column: each costs what it would cost by itself, but for an empty foreign key."""
    new_indexes(step, partitions(step.before, key), cost)
    for constraint in change.constraints:
        match constraint:
            case Check():
                if constraint.enforced and not constraint.not_valid:
                    for one in (key,) if constraint.no_inherit else members:
                        cost.scan(one, f"the CHECK on {change.column.name} is verified for every row")
            case ForeignKey():
                inline_foreign_key(step, change, constraint, key, cost)
            case Unique() | PrimaryKey() | Exclusion() | NotNull():
                pass  # their indexes are built above; a new column's NULLs are seen while its value is decided
            case _:
                assert_never(constraint)


def inline_foreign_key(step: Step, change: AddColumn, constraint: ForeignKey, key: Key, cost: Cost) -> None:
    """REFERENCES on a new column: nothing is looked up where the column is NULL in every row."""
    other = table_key(step.before, constraint.references)
    if other is None:
        return
    referenced = partitions(step.before, other)
    for one in referenced:
        cost.lock(one, LockMode.SHARE_ROW_EXCLUSIVE, target=False)
    if not constraint.enforced or not validated_inline(step, change):
        return
    for one in partitions(step.before, key):
        cost.scan(one, f"every value of {change.column.name} is looked up in {other[1]}")
    if not all_null(step, key, (change.column.name,)):
        for one in referenced:
            cost.scan(one)


def all_null(step: Step, key: Key, columns: tuple[str, ...]) -> bool:
    """Whether one of the columns is as new as the statement and NULL in every row, so that nothing is looked up."""
    started, now = step.statement.steps[0].before.tables.get(key), step.after.tables.get(key)
    if started is None or now is None:
        return False
    added = {
        s.change.column.name
        for s in step.statement.steps
        if isinstance(s.change, AddColumn) and not s.change.if_not_exists and s.refusal is None
    }
    fresh = (now.column(c) for c in columns if started.column(c) is None and (started.complete or c in added))
    return any(
        c is not None and c.default is None and c.identity is None and not c.serial and c.generated is None
        for c in fresh
    )


def validated_inline(step: Step, change: AddColumn) -> bool:
    """Whether a foreign key on a new column is checked: where it has a default, or another foreign key is added too.

    Source: src/backend/parser/parse_utilcmd.c, transformAlterTableStmt (skipValidation).
    """
    if change.column.default is not None or change.column.serial:
        return True
    added = (s.change.constraint for s in step.statement.steps if isinstance(s.change, AddConstraint))
    return any(isinstance(constraint, ForeignKey) for constraint in added)


def drop_column(step: Step, change: DropColumn, cost: Cost) -> None:
    """ACCESS EXCLUSIVE on the table, on the other side of its foreign keys, and on what CASCADE takes along."""
    from migguard.effects.postgresql_objects import lost

    key = table_key(step.before, change.table)
    if key is None:
        return
    for one in tree(step.before, key):
        cost.lock(one, LockMode.ACCESS_EXCLUSIVE)
    cost.cite("https://www.postgresql.org/docs/current/sql-altertable.html")
    lost(step, (key,), cost)


def set_generated(step: Step, change: SetGenerated, cost: Cost) -> None:
    """SET EXPRESSION computes a stored column again; DROP EXPRESSION only forgets."""
    key = table_key(step.before, change.table)
    if key is None:
        return
    for one in tree(step.before, key):
        cost.lock(one, LockMode.ACCESS_EXCLUSIVE)
        table = step.before.tables.get(one)
        column = table.column(change.column) if table is not None else None
        if change.expression is not None and (column is None or column.stored):
            cost.rewrite(one, f"{change.column} is computed again for every row")


# --- NOT NULL -----------------------------------------------------------------------------------------------------


def set_nullable(step: Step, change: SetNullable, cost: Cost) -> None:
    """SET NOT NULL looks at every row, unless a valid CHECK proves the column (PostgreSQL 12)."""
    key = table_key(step.before, change.table)
    if key is None:
        return
    for one in tree(step.before, key):
        cost.lock(one, LockMode.ACCESS_EXCLUSIVE)
        table = step.before.tables.get(one)
        if not change.nullable and table is not None and not proven_not_null(table, change.column, step):
            cost.scan(one, f"no valid CHECK proves that {one[1]}.{change.column} holds no NULL")
    cost.cite(NOT_NULL)


def proven_not_null(table: Table, name: str, step: Step) -> bool:
    """Whether the server takes it on trust that a column holds no NULL.

    A CHECK that the same statement drops proves nothing: constraints are dropped first (AT_PASS_DROP).
    """
    if table.never_null(name):
        return True
    if not step.before.server.since(12):
        return False
    dropped = {s.change.name for s in step.statement.steps if isinstance(s.change, DropConstraint)}
    return any(
        condition.column == name and condition.operator == "is not null"
        for constraint in table.constraints
        if constraint.kind is ConstraintKind.CHECK and constraint.valid and constraint.enforced
        if constraint.name not in dropped
        for condition in (constraint.expression.conditions if constraint.expression is not None else ())
    )


# --- types --------------------------------------------------------------------------------------------------------


def alter_type(step: Step, change: AlterColumnType, cost: Cost) -> None:
    """ACCESS EXCLUSIVE; a rewrite where stored values change, else what depends on the column is looked at again."""
    key = table_key(step.before, change.table)
    if key is None:
        return
    cost.cite(ALTER_TYPE)
    for one in tree(step.before, key):
        cost.lock(one, LockMode.ACCESS_EXCLUSIVE)
        table = step.before.tables.get(one)
        column = table.typed_column(change.column) if table is not None else None
        if table is None:
            continue
        why = type_rewrite_reason(column, change, step)
        if why is not None:
            cost.rewrite(one, why)
        else:
            dependants_again(step, table, column, change, cost)
        foreign_keys_again(step, table, change, cost, rewritten=why is not None)


def type_rewrite_reason(column: Column | None, change: AlterColumnType, step: Step) -> str | None:
    """Why the stored values change, or None where they are taken as they are."""
    from migguard.catalog.types import format_type

    new, catalog = change.type, step.before
    if column is None or column.type is None:
        return "the column's type is not known, so a rewrite has to be expected"
    if column.generated is not None and not column.stored:
        return None  # a virtual column has no values to write
    shown = f"{format_type(column.type, catalog)} is stored otherwise than {format_type(new, catalog)}"
    chain: tuple[DataType, ...] = (new,)
    if change.using is not None:
        if change.using.cast_of != change.column:
            return "USING computes every value anew"
        chain = (*change.using.cast_types, new)
    current = column.type
    for target in chain:
        if not cast_is_free(current, target, catalog):
            return shown
        current = target
    return None


def cast_is_free(old: DataType, new: DataType, catalog: Catalog) -> bool:
    """Whether one cast leaves the stored bytes as they are: types of one representation, lengths that only grow."""
    from migguard.catalog.postgresql_casts import free_cast

    zone = session_zone(catalog)
    utc = zone is not None and zone.upper() in UTC_NAMES
    return free_cast(old, new, catalog, utc=utc and catalog.server.since(12))


def uses(expression: Expression | None, column: str) -> bool:
    """Whether an expression names a column."""
    return expression is not None and any(r.kind == "column" and r.name == column for r in expression.references)


def index_uses(index: Index, column: str) -> bool:
    """Whether an index depends on a column in any way."""
    if column in (*index.columns, *index.include) or uses(index.where, column):
        return True
    return any(uses(e.expression, column) for e in index.elements)


def dependants_again(step: Step, table: Table, column: Column | None, change: AlterColumnType, cost: Cost) -> None:
    """Without a rewrite: CHECKs on the column are verified again, indexes that cannot be kept are built again."""
    for constraint in table.constraints:
        if (
            constraint.kind is ConstraintKind.CHECK
            and change.column in constraint.columns
            and constraint.valid
            and constraint.enforced
        ):
            cost.scan(table.key, f"the CHECK {constraint.name} is verified again for every row")
    for index in table.indexes if cost.stored(table.key) else ():
        # A part of a partitioned table's index goes with that, which has nothing to be kept.
        part = part_of(step.before, table.key, index) is not None
        if index_uses(index, change.column) and (part or not kept(index, column, change, step.before)):
            cost.build(index.name, table.key)  # dropped and made anew, under the same name


def kept(index: Index, column: Column | None, change: AlterColumnType, catalog: Catalog) -> bool:
    """Whether an index stays as it is (CheckIndexCompatible): plain keys, the same collation and operator class."""
    if index.where is not None or any(e.expression is not None for e in index.elements):
        return False
    if change.column not in index.columns:
        return True
    before = column.collation if column is not None else None
    after = change.collation.name if change.collation is not None else None
    return before == after and same_operators(column.type if column is not None else None, change.type, catalog)


TEXTUAL = {"text", "character varying"}
NETWORK = {"inet", "cidr"}


def same_operators(old: DataType | None, new: DataType, catalog: Catalog) -> bool:
    """Whether two types share their default operator class; a domain has that of the type beneath."""
    from migguard.catalog.postgresql_casts import base

    if old is None:
        return False
    pair = {base(old, catalog).name, base(new, catalog).name}
    return len(pair) == 1 or pair <= TEXTUAL or pair <= NETWORK


def foreign_keys_again(step: Step, table: Table, change: AlterColumnType, cost: Cost, *, rewritten: bool) -> None:
    """Foreign keys over the column, on either side, are made again: the other table is locked, after a rewrite read."""
    for constraint in table.constraints:
        if constraint.kind is ConstraintKind.FOREIGN and change.column in constraint.columns and constraint.references:
            for one in partitions(step.before, constraint.references):
                cost.lock(one, LockMode.ACCESS_EXCLUSIVE, target=one == table.key)
                if rewritten and constraint.valid and constraint.enforced:
                    cost.scan(one)
    for other_key in step.before.referenced_by.get(table.key, frozenset()):
        other = step.before.tables.get(other_key)
        for constraint in other.constraints if other is not None else ():
            if constraint.references == table.key and change.column in constraint.references_columns:
                for one in partitions(step.before, other_key):
                    cost.lock(one, LockMode.ACCESS_EXCLUSIVE, target=False)
                    if rewritten and constraint.valid and constraint.enforced:
                        cost.scan(one, f"the foreign key {constraint.name} is checked again")
