"""Constraints: adding, dropping, validating, renaming."""

from __future__ import annotations

from dataclasses import replace

from migguard.catalog import naming
from migguard.catalog.edit import Refused, put_index, put_table, replace_column, tell
from migguard.catalog.existence import need_referenced
from migguard.catalog.expression_rules import refuse_expression
from migguard.catalog.index_methods import refuse_classes, refuse_exclusion
from migguard.catalog.referable_types import refuse_pairs
from migguard.catalog.rename import mentions
from migguard.catalog.schema import Catalog, Column, ConstraintKind, ConstraintState, Index, Key, RefusalKind, Table
from migguard.changes import (
    AlterConstraint,
    Check,
    Constraint,
    Engine,
    Exclusion,
    Expression,
    ForeignKey,
    IndexElement,
    NotNull,
    PrimaryKey,
    Unique,
)

MYSQL = (Engine.MYSQL, Engine.MARIADB)


def need_column(table: Table, name: str, catalog: Catalog) -> Column | None:
    """The column of a table; None where the table is not wholly known. Raises Refused."""
    column = table.column(name)
    if column is None and catalog.server.engine not in (Engine.POSTGRESQL, Engine.ORACLE):
        column = next((c for c in table.columns if c.name.lower() == name.lower()), None)
    if column is None and table.complete:
        import difflib

        near = difflib.get_close_matches(name, [c.name for c in table.columns], 1)
        hint = f' (the nearest is "{near[0]}")' if near else ""
        raise Refused(RefusalKind.UNKNOWN_COLUMN, f'{table.key[1]} has no column "{name}"{hint}', name)
    return column


def columns_in(expression: Expression, table: Table) -> tuple[str, ...]:
    """The columns of a table that an expression names."""
    known = {c.name for c in table.columns}
    named = dict.fromkeys(r.name for r in expression.references if r.kind == "column")
    return tuple(n for n in named if n in known or not table.complete)


def refuse_duplicate(table: Table, name: str) -> None:
    """Raise Refused where a constraint of that name is there already."""
    if table.constraint(name) is not None:
        raise Refused(RefusalKind.DUPLICATE, f'{table.key[1]} already has a constraint "{name}"', name)


def add_constraint(catalog: Catalog, key: Key, constraint: Constraint, *, only: bool = False) -> Catalog:
    """The catalog with a constraint more on a table, and on what inherits it. Raises Refused."""
    table = catalog.tables[key]
    match constraint:
        case PrimaryKey() | Unique():
            catalog = add_key(catalog, table, constraint)
        case Check():
            catalog = add_check(catalog, table, constraint)
        case ForeignKey():
            catalog = add_foreign_key(catalog, table, constraint)
        case Exclusion():
            catalog = add_exclusion(catalog, table, constraint)
        case NotNull():
            return set_not_null(catalog, table, constraint)
    if not only:
        catalog = pass_on(catalog, key, constraint)
    return catalog


def pass_on(catalog: Catalog, key: Key, constraint: Constraint) -> Catalog:
    """Partitions get keys, CHECKs and foreign keys of their parent; inheriting tables CHECKs only."""
    made = catalog.tables[key].constraints[-1]
    for child_key in catalog.children.get(key, ()):
        child = catalog.tables.get(child_key)
        if child is None or (isinstance(constraint, Check) and constraint.no_inherit):
            continue
        if child.partition_of != key and not isinstance(constraint, Check):
            continue
        if child.constraint(made.name) is not None:
            continue
        if isinstance(constraint, (PrimaryKey, Unique, Exclusion)):
            catalog = add_constraint(catalog, child_key, replace(constraint, name=None))
            catalog = attached(catalog, child_key, (key[0], made.index or made.name))
        else:
            catalog = add_constraint(catalog, child_key, replace(constraint, name=made.name))
        table = catalog.tables[child_key]
        inherited = replace(table.constraints[-1], inherited=True)
        catalog = put_table(catalog, replace(table, constraints=(*table.constraints[:-1], inherited)))
    return catalog


def attached(catalog: Catalog, key: Key, parent: Key) -> Catalog:
    """The catalog with the index of a partition's last constraint attached to the index of its parent."""
    table = catalog.tables[key]
    name = table.constraints[-1].index
    indexes = tuple(replace(i, parent=parent) if i.name == name else i for i in table.indexes)
    return put_table(catalog, replace(table, indexes=indexes))


def append(catalog: Catalog, table: Table, made: ConstraintState) -> Catalog:
    """The catalog with a constraint more on a table, which gets an identity."""
    made = replace(made, oid=catalog.next_oid)
    table = replace(table, constraints=(*table.constraints, made))
    return put_table(replace(catalog, next_oid=catalog.next_oid + 1), table)


# --- keys ---------------------------------------------------------------------------------------------------------


def add_key(catalog: Catalog, table: Table, key: PrimaryKey | Unique) -> Catalog:
    """A primary key or UNIQUE constraint with its index."""
    primary = isinstance(key, PrimaryKey)
    if primary and table.primary_key is not None:
        raise Refused(RefusalKind.DUPLICATE, f"{table.key[1]} already has a primary key", table.primary_key.name)
    if key.using_index is not None:
        return key_from_index(catalog, table, key, key.using_index)
    for column in (*key.columns, *key.include):
        if not any(e.expression is not None for e in key.elements):
            need_column(table, column, catalog)
    if catalog.server.engine is Engine.POSTGRESQL:
        refuse_beside_partitions(table, key.columns)
        refuse_classes(catalog, table, (IndexElement(c) for c in key.columns), "btree")
    repeated = next((c for c in key.columns if key.columns.count(c) > 1), None)
    if repeated is not None:
        message = f'the column "{repeated}" stands twice in a key of {table.key[1]}'
        raise Refused(RefusalKind.DUPLICATE, message, repeated)
    name = key.name or key_name(catalog, table, key)
    if key.name is not None:
        refuse_duplicate(table, name)
        if catalog.server.engine is Engine.POSTGRESQL and naming.relation_taken(catalog, table.key[0], name):
            raise Refused(RefusalKind.DUPLICATE, f'a relation "{name}" already exists', name)
    if primary:
        table = with_not_null(table, key.columns)
    index = Index(
        name,
        key.elements or tuple(IndexElement(c) for c in key.columns),
        unique=True,
        primary=primary,
        include=key.include,
        nulls_not_distinct=isinstance(key, Unique) and key.nulls_not_distinct,
        constraint=name,
        options=key.options,
        named=key.name is not None,
        oid=catalog.next_oid,
    )
    catalog = replace(catalog, next_oid=catalog.next_oid + 1)
    table = put_index(table, index)
    made = ConstraintState(
        name,
        ConstraintKind.PRIMARY if primary else ConstraintKind.UNIQUE,
        key.columns,
        named=key.name is not None,
        deferrable=key.deferrable,
        initially_deferred=key.initially_deferred,
        index=name,
    )
    return append(catalog, table, made)


def refuse_beside_partitions(table: Table, columns: tuple[str | None, ...]) -> None:
    """Raise Refused where a key of a partitioned table lacks a partition column, or that is an expression."""
    by = table.partition_by
    missing = [c for c in by.columns if c is None or c not in columns] if by is not None else []
    if None in missing:
        message = f"{table.key[1]} is partitioned by an expression, and so has no unique keys"
        raise Refused(RefusalKind.INVALID, message, table.key[1])
    if missing:
        listed = ", ".join(c for c in missing if c is not None)
        message = f"a key of the partitioned table {table.key[1]} must include its partition key ({listed})"
        raise Refused(RefusalKind.INVALID, message, missing[0])


def with_not_null(table: Table, columns: tuple[str, ...]) -> Table:
    """The table with columns made NOT NULL, as a primary key does."""
    wanted = set(columns)
    for name in columns if not table.complete else ():
        table = table if table.column(name) is not None else tell(table, name, nullable=False)
    if not any(c.name in wanted and c.nullable for c in table.columns):
        return table
    return replace(table, columns=tuple(replace(c, nullable=False) if c.name in wanted else c for c in table.columns))


def key_name(catalog: Catalog, table: Table, key: PrimaryKey | Unique) -> str:
    """The name that the server chooses for a key."""
    if catalog.server.engine in MYSQL:
        if isinstance(key, PrimaryKey):
            return "PRIMARY"
        return mysql_index_name(table, key.columns)
    if catalog.server.engine is Engine.SQLITE:
        number = 1 + sum(1 for i in table.indexes if i.name.startswith(naming.AUTOMATIC))
        return naming.automatic(table.key[1], number)
    label = "pkey" if isinstance(key, PrimaryKey) else "key"
    columns = None if isinstance(key, PrimaryKey) else naming.name_columns((*key.columns, *key.include))
    return naming.choose(
        table.key[1],
        columns,
        label,
        lambda n: (
            naming.key_name_taken(catalog, table.key[0], n) or table.index(n) is not None or bool(table.constraint(n))
        ),
    )


def mysql_index_name(table: Table, columns: tuple[str | None, ...]) -> str:
    """MySQL names an index after its first column, numbered from 2 where that is taken."""
    base = columns[0] if columns and columns[0] else "functional_index"
    taken = {i.name.lower() for i in table.indexes}
    if base.lower() not in taken and base.lower() != "primary":
        return base
    number = 2
    while f"{base}_{number}".lower() in taken:
        number += 1
    return f"{base}_{number}"


def key_from_index(catalog: Catalog, table: Table, key: PrimaryKey | Unique, index_name: str) -> Catalog:
    """UNIQUE or PRIMARY KEY USING INDEX: the index becomes the constraint's and takes its name."""
    index = table.index(index_name)
    if index is None:
        if table.complete:
            raise Refused(RefusalKind.UNKNOWN_INDEX, f'{table.key[1]} has no index "{index_name}"', index_name)
        index = Index(index_name, (), unique=True)
    if not index.unique or index.where is not None or any(e.expression is not None for e in index.elements):
        raise Refused(
            RefusalKind.INVALID,
            f'"{index_name}" is no unique index over plain columns, as USING INDEX needs',
            index_name,
        )
    if index.constraint is not None:
        raise Refused(RefusalKind.INVALID, f'"{index_name}" belongs to a constraint already', index_name)
    if any(e.descending or e.nulls_first or e.opclass or e.collation for e in index.elements):
        raise Refused(RefusalKind.INVALID, f'"{index_name}" does not sort as USING INDEX needs', index_name)
    name = key.name or index_name
    primary = isinstance(key, PrimaryKey)
    columns = tuple(c for c in index.columns if c is not None)
    made = replace(index, name=name, constraint=name, primary=primary)
    table = replace(table, indexes=tuple(made if i is index else i for i in table.indexes))
    if primary:
        table = with_not_null(table, columns)
    kind = ConstraintKind.PRIMARY if primary else ConstraintKind.UNIQUE
    return append(
        catalog,
        table,
        ConstraintState(
            name, kind, columns, deferrable=key.deferrable, initially_deferred=key.initially_deferred, index=name
        ),
    )


def add_exclusion(catalog: Catalog, table: Table, constraint: Exclusion) -> Catalog:
    """An exclusion constraint with its index."""
    if catalog.server.engine is Engine.POSTGRESQL:
        refuse_exclusion(catalog, table, constraint.elements, constraint.method)
    for element in constraint.elements:
        if element.column is not None:
            need_column(table, element.column, catalog)
    names = naming.element_names(constraint.elements)
    name = constraint.name or naming.choose(
        table.key[1], naming.name_columns(names), "excl", lambda n: naming.key_name_taken(catalog, table.key[0], n)
    )
    refuse_duplicate(table, name)
    if naming.relation_taken(catalog, table.key[0], name):
        raise Refused(RefusalKind.DUPLICATE, f'a relation "{name}" already exists', name)
    index = Index(
        name,
        constraint.elements,
        method=constraint.method,
        include=constraint.include,
        where=constraint.where,
        constraint=name,
        oid=catalog.next_oid,
    )
    catalog = replace(catalog, next_oid=catalog.next_oid + 1)
    columns = tuple(e.column for e in constraint.elements if e.column is not None)
    made = ConstraintState(
        name,
        ConstraintKind.EXCLUSION,
        columns,
        named=constraint.name is not None,
        deferrable=constraint.deferrable,
        initially_deferred=constraint.initially_deferred,
        index=name,
    )
    return append(catalog, put_index(table, index), made)


# --- checks -------------------------------------------------------------------------------------------------------


def add_check(catalog: Catalog, table: Table, check: Check) -> Catalog:
    """A CHECK; MySQL before 8.0.16 reads it and forgets it."""
    server = catalog.server
    if server.engine is Engine.MYSQL and not server.since(8, 0, 16):
        return catalog
    columns = columns_in(check.expression, table)
    refuse_expression(catalog, table, check.expression, "a CHECK")
    if table.complete and check.expression.readable and server.engine is not Engine.POSTGRESQL:
        for reference in check.expression.references:
            if reference.kind == "column" and reference.qualifier is None and not is_keyword(reference.name):
                need_column(table, reference.name, catalog)
    name = check.name or check_name(catalog, table, columns)
    refuse_duplicate(table, name)
    made = ConstraintState(
        name,
        ConstraintKind.CHECK,
        columns,
        named=check.name is not None,
        expression=check.expression,
        valid=not check.not_valid and check.enforced,
        enforced=check.enforced,
        no_inherit=check.no_inherit,
    )
    return append(catalog, table, made)


def is_keyword(name: str) -> bool:
    """Whether a reference may be a word of the grammar rather than a column."""
    return name.lower() in {"value", "epoch", "year", "month", "day", "hour", "minute", "second", "dow", "doy", "week"}


def check_name(catalog: Catalog, table: Table, columns: tuple[str, ...]) -> str:
    """The name that the server chooses for a CHECK."""
    if catalog.server.engine is Engine.MYSQL:
        return numbered(table, f"{table.key[1]}_chk_")
    if catalog.server.engine is Engine.MARIADB:
        return numbered(table, "CONSTRAINT_")
    second = columns[0] if len(columns) == 1 else None
    return naming.choose(table.key[1], second, "check", lambda n: naming.constraint_taken(catalog, table.key[0], n))


def numbered(table: Table, prefix: str) -> str:
    """MySQL's way: the highest number so far, plus one."""
    taken = [int(c.name.removeprefix(prefix)) for c in table.constraints if c.name.removeprefix(prefix).isdigit()]
    return f"{prefix}{max(taken, default=0) + 1}"


def set_not_null(catalog: Catalog, table: Table, constraint: NotNull) -> Catalog:
    """NOT NULL as a constraint: before PostgreSQL 18 only the column's flag is kept."""
    column = need_column(table, constraint.column, catalog)
    if column is None:
        return catalog if constraint.not_valid else put_table(catalog, tell(table, constraint.column, nullable=False))
    named = constraint.name if catalog.server.since(18) else None
    made = replace(column, nullable=False, not_null_name=named, not_null_valid=not constraint.not_valid)
    return put_table(catalog, replace_column(table, column.name, made))


# --- foreign keys -------------------------------------------------------------------------------------------------


def add_foreign_key(catalog: Catalog, table: Table, constraint: ForeignKey) -> Catalog:
    """A foreign key; MySQL makes an index for it where none serves."""
    for column in constraint.columns:
        need_column(table, column, catalog)
    target_key, catalog = need_referenced(catalog, table, constraint.references)
    target = table if target_key == table.key else catalog.tables[target_key]
    columns = constraint.references_columns
    if not columns and target.complete:
        primary = target.primary_key
        if primary is None:
            raise Refused(RefusalKind.INVALID, f"{target.key[1]} has no primary key to refer to", target.key[1])
        columns = primary.columns
    if columns and len(columns) != len(constraint.columns):
        listed = f"({', '.join(constraint.columns)}) and ({', '.join(columns)})"
        raise Refused(RefusalKind.INVALID, f"a foreign key needs as many columns on both sides: {listed}", listed)
    for column in columns:
        need_column(target, column, catalog)
    refuse_unmatched(catalog, target, columns)
    if catalog.server.engine is Engine.POSTGRESQL:
        refuse_pairs(catalog, table, constraint.columns, target, columns)
    refuse_on_partitioned(catalog, table, constraint)
    name = constraint.name or foreign_key_name(catalog, table, constraint)
    refuse_duplicate(table, name)
    made = ConstraintState(
        name,
        ConstraintKind.FOREIGN,
        constraint.columns,
        named=constraint.name is not None,
        references=target_key,
        references_columns=columns,
        on_delete=constraint.on_delete,
        on_update=constraint.on_update,
        match=constraint.match,
        set_columns=constraint.set_columns,
        valid=not constraint.not_valid and constraint.enforced,
        enforced=constraint.enforced,
        deferrable=constraint.deferrable,
        initially_deferred=constraint.initially_deferred,
        rests_on=referenced_index(catalog, target, columns, primary=not constraint.references_columns),
    )
    if catalog.server.engine in MYSQL:
        from migguard.catalog.mysql import index_for_key

        catalog, table = index_for_key(catalog, table, constraint, name)
    return append(catalog, table, made)


def referenced_index(catalog: Catalog, target: Table, columns: tuple[str, ...], *, primary: bool) -> int:
    """The oid of the index that PostgreSQL lets a foreign key rest on (transformFkeyCheckAttrs); 0 if unknown."""
    if catalog.server.engine is not Engine.POSTGRESQL or not target.complete:
        return 0
    wanted = sorted(columns)
    deferrable = {c.index for c in target.constraints if c.deferrable}
    fitting = [
        i
        for i in sorted(target.indexes, key=lambda i: i.oid)
        if i.unique and i.where is None and i.name not in deferrable and sorted(c or "" for c in i.columns) == wanted
    ]
    chosen = next((i for i in fitting if i.primary), None) if primary else None
    return (chosen or fitting[0]).oid if fitting else 0


def refuse_unmatched(catalog: Catalog, target: Table, columns: tuple[str, ...]) -> None:
    """Raise Refused where PostgreSQL finds no unique key over the referenced columns."""
    if catalog.server.engine is not Engine.POSTGRESQL or not target.complete:
        return
    wanted = sorted(columns)
    deferrable = {c.index for c in target.constraints if c.deferrable}
    for index in target.indexes:
        if (
            index.unique
            and index.where is None
            and index.name not in deferrable
            and sorted(c or "" for c in index.columns) == wanted
        ):
            return
    listed = ", ".join(columns)
    raise Refused(RefusalKind.INVALID, f"{target.key[1]} has no unique constraint over ({listed}) to refer to", listed)


def refuse_on_partitioned(catalog: Catalog, table: Table, constraint: ForeignKey) -> None:
    """Raise Refused for NOT VALID on a partitioned table before PostgreSQL 18."""
    if table.partition_by is not None and constraint.not_valid and not catalog.server.since(18):
        raise Refused(
            RefusalKind.VERSION,
            f"a NOT VALID foreign key on the partitioned table {table.key[1]} needs PostgreSQL 18",
            constraint.name,
        )


def foreign_key_name(catalog: Catalog, table: Table, constraint: ForeignKey) -> str:
    """The name that the server chooses for a foreign key."""
    if catalog.server.engine in MYSQL:
        return numbered(table, f"{table.key[1]}_ibfk_")
    return naming.choose(
        table.key[1],
        naming.name_columns(constraint.columns),
        "fkey",
        lambda n: naming.constraint_taken(catalog, table.key[0], n),
    )


# --- changing what is there ---------------------------------------------------------------------------------------


def need_constraint(table: Table, name: str) -> ConstraintState | None:
    """The constraint of a table; None where the table is not wholly known. Raises Refused."""
    found = table.constraint(name)
    if found is None and table.complete:
        import difflib

        near = difflib.get_close_matches(name, [c.name for c in table.constraints], 1)
        hint = f' (the nearest is "{near[0]}")' if near else ""
        raise Refused(RefusalKind.UNKNOWN_CONSTRAINT, f'{table.key[1]} has no constraint "{name}"{hint}', name)
    return found


def not_null_column(catalog: Catalog, table: Table, name: str) -> Column | None:
    """The column whose NOT NULL has that name.

    From PostgreSQL 18 on each has one, after the names that table and column had when it was made.
    """
    named = next((c for c in table.columns if c.not_null_name == name), None)
    if named is not None or catalog.server.engine is not Engine.POSTGRESQL or not catalog.server.since(18):
        return named
    unnamed = [c for c in table.columns if not c.nullable and c.not_null_name is None]
    chosen = (c for c in unnamed if naming.object_name(table.key[1], c.name, "not_null") == name)
    return next(chosen, None) or next((c for c in unnamed if name.endswith(f"_{c.name}_not_null")), None)


def change_constraint(catalog: Catalog, key: Key, name: str, made: ConstraintState) -> Catalog:
    """The catalog with a constraint as it is now, on the table and on what inherits it."""
    for member in (key, *catalog.children.get(key, ())):
        table = catalog.tables.get(member)
        there = table.constraint(name) if table is not None else None
        if table is not None and there is not None and (member == key or there.inherited):
            kept = replace(made, inherited=there.inherited, index=there.index, oid=there.oid, columns=there.columns)
            constraints = tuple(kept if c is there else c for c in table.constraints)
            catalog = put_table(catalog, replace(table, constraints=constraints))
    return catalog


def validate(catalog: Catalog, key: Key, name: str) -> Catalog:
    """VALIDATE CONSTRAINT."""
    table = catalog.tables[key]
    column = not_null_column(catalog, table, name)
    if column is not None:
        return put_table(catalog, replace_column(table, column.name, replace(column, not_null_valid=True)))
    constraint = need_constraint(table, name)
    if constraint is None:
        return catalog
    if constraint.kind not in (ConstraintKind.CHECK, ConstraintKind.FOREIGN):
        raise Refused(
            RefusalKind.INVALID, f'"{name}" is neither a foreign key nor a CHECK, so there is nothing to validate', name
        )
    return change_constraint(catalog, key, name, replace(constraint, valid=True))


def alter(catalog: Catalog, key: Key, change: AlterConstraint) -> Catalog:
    """ALTER CONSTRAINT."""
    if not_null_column(catalog, catalog.tables[key], change.name) is not None:
        return catalog
    constraint = need_constraint(catalog.tables[key], change.name)
    if constraint is None:
        return catalog
    made = replace(
        constraint,
        deferrable=constraint.deferrable if change.deferrable is None else change.deferrable,
        initially_deferred=constraint.initially_deferred
        if change.initially_deferred is None
        else change.initially_deferred,
        enforced=constraint.enforced if change.enforced is None else change.enforced,
        no_inherit=constraint.no_inherit if change.inherit is None else not change.inherit,
    )
    return change_constraint(catalog, key, change.name, made)


def rename(catalog: Catalog, key: Key, old: str, new: str) -> Catalog:
    """RENAME CONSTRAINT, with the index it has."""
    table = catalog.tables[key]
    column = not_null_column(catalog, table, old)
    if column is not None:
        return put_table(catalog, replace_column(table, column.name, replace(column, not_null_name=new)))
    constraint = need_constraint(table, old)
    if constraint is None:
        return catalog
    refuse_duplicate(table, new)
    made = replace(constraint, name=new, named=True, index=new if constraint.index else None)
    constraints = tuple(made if c is constraint else c for c in table.constraints)
    indexes = tuple(replace(i, name=new, constraint=new) if i.constraint == old else i for i in table.indexes)
    catalog = put_table(catalog, replace(table, constraints=constraints, indexes=indexes))
    for child_key in catalog.children.get(key, ()):
        child = catalog.tables.get(child_key)
        there = child.constraint(old) if child is not None else None
        if there is not None and there.inherited and there.index is None:
            catalog = rename(catalog, child_key, old, new)
    return catalog


def depends_on(constraint: ConstraintState, column: str) -> bool:
    """Whether a constraint goes with a column."""
    return column in constraint.columns or mentions(constraint.expression, column)
