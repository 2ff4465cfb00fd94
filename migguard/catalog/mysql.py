"""What MySQL and MariaDB do otherwise: definitions replaced whole, indexes made and shrunk behind the scenes."""

from __future__ import annotations

from dataclasses import replace

from migguard.catalog.columns import make_column, placed, rename_column
from migguard.catalog.constraints import add_constraint, need_column
from migguard.catalog.edit import Refused, put_table
from migguard.catalog.schema import Catalog, ConstraintKind, Index, Key, RefusalKind, Table
from migguard.changes import Engine, ForeignKey, IndexElement, ModifyColumn


def modify_column(catalog: Catalog, key: Key, change: ModifyColumn) -> Catalog:
    """MODIFY and CHANGE: the new definition replaces the old one whole; keys stay."""
    table = catalog.tables[key]
    old = need_column(table, change.column, catalog)
    if old is None:
        return catalog
    if change.definition.name.lower() != old.name.lower():
        catalog = rename_column(catalog, key, old.name, change.definition.name)
    made, catalog = make_column(catalog, key, change.definition)
    table = catalog.tables[key]
    primary = table.primary_key
    if primary is not None and made.name in primary.columns:
        made = replace(made, nullable=False)
    made = replace(made, oid=old.oid, filled=old.filled)
    if change.position is None:
        columns = tuple(made if c.name.lower() == made.name.lower() else c for c in table.columns)
    else:
        others = tuple(c for c in table.columns if c.name.lower() != made.name.lower())
        columns = placed(others, made, change.position)
    catalog = put_table(catalog, replace(table, columns=columns))
    for constraint in change.constraints:
        catalog = add_constraint(catalog, key, constraint)
    return catalog


def index_for_key(catalog: Catalog, table: Table, constraint: ForeignKey, name: str) -> tuple[Catalog, Table]:
    """A foreign key needs an index that begins with its columns; where there is none the server makes one."""
    wanted = tuple(c.lower() for c in constraint.columns)
    for index in table.indexes:
        if tuple((c or "").lower() for c in index.columns[: len(wanted)]) == wanted:
            return catalog, table
    made = Index(
        constraint.index_name or name,
        tuple(IndexElement(c) for c in constraint.columns),
        oid=catalog.next_oid,
        named=False,
    )
    return replace(catalog, next_oid=catalog.next_oid + 1), replace(table, indexes=(*table.indexes, made))


def without_column(table: Table, name: str, catalog: Catalog) -> Table:
    """The table without a column: MySQL takes it out of composite indexes; MariaDB refuses that for unique ones."""
    low = name.lower()
    indexes = []
    for index in table.indexes:
        if low not in [(c or "").lower() for c in index.columns]:
            indexes.append(index)
            continue
        left = tuple(e for e in index.elements if (e.column or "").lower() != low)
        if left and index.unique and catalog.server.engine is Engine.MARIADB:
            raise Refused(
                RefusalKind.DEPENDENTS,
                f"{table.key[1]}.{name} is part of the unique index {index.name}, which MariaDB does not shrink",
                name,
            )
        if left:
            indexes.append(replace(index, elements=left))
    names = {i.name for i in indexes}
    constraints = []
    for constraint in table.constraints:
        if constraint.kind is ConstraintKind.FOREIGN and any(c.lower() == low for c in constraint.columns):
            raise Refused(
                RefusalKind.DEPENDENTS, f"{table.key[1]}.{name} is needed in the foreign key {constraint.name}", name
            )
        if constraint.index is not None:
            if constraint.index in names:
                kept = tuple(c for c in constraint.columns if c.lower() != low)
                constraints.append(replace(constraint, columns=kept))
        elif constraint.kind is ConstraintKind.CHECK and any(c.lower() == low for c in constraint.columns):
            if len(constraint.columns) > 1:
                raise Refused(
                    RefusalKind.DEPENDENTS, f"{table.key[1]}.{name} is used by the CHECK {constraint.name}", name
                )
        else:
            constraints.append(constraint)
    columns = tuple(c for c in table.columns if c.name.lower() != low)
    return replace(table, columns=columns, indexes=tuple(indexes), constraints=tuple(constraints))
