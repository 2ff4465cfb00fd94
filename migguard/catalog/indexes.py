"""Indexes: building, renaming, attaching."""

from __future__ import annotations

from dataclasses import replace

from migguard.catalog import naming
from migguard.catalog.constraints import mysql_index_name, need_column, refuse_beside_partitions
from migguard.catalog.edit import Refused, put_index, put_table, put_view
from migguard.catalog.expression_rules import refuse_changing, refuse_expression
from migguard.catalog.index_methods import refuse_method
from migguard.catalog.lookup import index_key, table_of_index
from migguard.catalog.schema import Catalog, Index, Key, RefusalKind, Table
from migguard.changes import AttachIndex, CreateIndex, Engine, IndexElement, Name, RenameIndex
from migguard.placeholders import is_placeholder

MYSQL = (Engine.MYSQL, Engine.MARIADB)


def create_index(catalog: Catalog, key: Key, change: CreateIndex) -> Catalog:
    """CREATE INDEX on a table (and its partitions) or a materialized view."""
    schema = key[0]
    if change.name is not None and name_taken(catalog, key, change.name.name):
        if change.if_not_exists:
            return catalog
        if change.or_replace:
            from migguard.catalog.drops import Fall, drop_index

            fall = Fall(catalog, cascade=True)
            drop_index(fall, key, change.name.name)
            catalog = fall.catalog
        else:
            raise Refused(RefusalKind.DUPLICATE, f'a relation "{change.name.name}" already exists', change.name.name)
    view = catalog.views.get(key)
    if view is not None:
        if not view.materialized:
            raise Refused(RefusalKind.INVALID, f"{key[1]} is a view, and has no indexes", key[1])
        for element in change.elements:
            if element.column is not None and view.complete and all(c.name != element.column for c in view.columns):
                raise Refused(RefusalKind.UNKNOWN_COLUMN, f'{key[1]} has no column "{element.column}"', element.column)
        refuse_method(catalog, view, change)
        index = make_index(catalog, change, chosen(catalog, key, change))
        catalog = replace(catalog, next_oid=catalog.next_oid + 1)
        return put_view(catalog, replace(view, indexes=(*view.indexes, index)))
    table = catalog.tables[key]
    for element in change.elements:
        if element.column is not None:
            need_column(table, element.column, catalog)
        refuse_expression(catalog, table, element.expression, "an index")
        refuse_changing(catalog, element.expression, "an index")
    refuse_expression(catalog, table, change.where, "an index's WHERE")
    refuse_changing(catalog, change.where, "an index's WHERE")
    for column in change.include:
        need_column(table, column, catalog)
    if catalog.server.engine is Engine.POSTGRESQL and change.include and not catalog.server.since(11):
        raise Refused(RefusalKind.VERSION, "INCLUDE needs PostgreSQL 11")
    if catalog.server.engine is Engine.POSTGRESQL:
        refuse_method(catalog, table, change)
        if change.unique:
            refuse_beside_partitions(table, tuple(e.column for e in map(plain, change.elements)))
    index = make_index(catalog, change, chosen(catalog, key, change))
    if table.partition_by is not None and change.only and catalog.children.get(key):
        index = replace(index, valid=False)
    catalog = put_table(replace(catalog, next_oid=catalog.next_oid + 1), put_index(table, index))
    if not change.only and table.partition_by is not None:
        for child in catalog.children.get(key, ()):
            catalog = on_partition(catalog, child, change, (schema, index.name))
    return catalog


def on_partition(catalog: Catalog, child: Key, change: CreateIndex, parent: Key) -> Catalog:
    """The index of a partition that belongs to its parent's: one that is there already is taken."""
    table = catalog.tables.get(child)
    if table is None:
        return catalog
    twin = next(
        (
            i
            for i in table.indexes
            if i.parent is None
            and i.constraint is None
            and i.unique == change.unique
            and i.elements == change.elements
            and (i.where.text if i.where else None) == (change.where.text if change.where else None)
        ),
        None,
    )
    if twin is not None:
        return put_table(catalog, put_index(table, replace(twin, parent=parent)))
    before = {i.name for i in table.indexes}
    catalog = create_index(catalog, child, replace(change, name=None, if_not_exists=False))
    table = catalog.tables[child]
    indexes = tuple(replace(i, parent=parent) if i.name not in before else i for i in table.indexes)
    return put_table(catalog, replace(table, indexes=indexes))


def name_taken(catalog: Catalog, key: Key, name: str) -> bool:
    """Whether an index of that name is in the way: on the table (MySQL), or anything of the schema."""
    if catalog.server.engine in (*MYSQL, Engine.MSSQL):
        table = catalog.tables.get(key)
        return table is not None and any(i.name.lower() == name.lower() for i in table.indexes)
    if catalog.server.engine is Engine.POSTGRESQL:
        return naming.relation_taken(catalog, key[0], name)
    owner = catalog.index_owner.get((key[0], name))
    return owner is not None and not is_placeholder(owner[1])


def chosen(catalog: Catalog, key: Key, change: CreateIndex) -> str:
    """The index's name: the user's, or the server's choice."""
    if change.name is not None:
        return change.name.name
    if catalog.server.engine in MYSQL:
        return mysql_index_name(catalog.tables[key], tuple(e.column for e in change.elements))
    names = naming.element_names(change.elements)
    return naming.choose(
        key[1],
        naming.name_columns((*names, *change.include)),
        "idx",
        lambda n: naming.relation_taken(catalog, key[0], n),
    )


def plain(element: IndexElement) -> IndexElement:
    """A column in parentheses is that column, and no expression."""
    expression = element.expression
    if expression is None or expression.cast_of is None or expression.cast_types:
        return element
    return replace(element, column=expression.cast_of, expression=None)


def make_index(catalog: Catalog, change: CreateIndex, name: str) -> Index:
    """The index of a CREATE INDEX."""
    return Index(
        name,
        tuple(plain(e) for e in change.elements),
        unique=change.unique,
        method=(change.method or "btree").lower(),
        include=change.include,
        where=change.where,
        nulls_not_distinct=change.nulls_not_distinct,
        kind=change.kind,
        options=change.options,
        named=change.name is not None,
        oid=catalog.next_oid,
    )


def need_index(catalog: Catalog, name: Name, table: Name | None) -> Key | None:
    """The relation that an index belongs to; None where its table may not be wholly known. Raises Refused."""
    key = table_of_index(catalog, name, table)
    relation = catalog.tables.get(key) or catalog.views.get(key) if key is not None else None
    if relation is not None and any(
        i.name == name.name or i.name.lower() == name.name.lower() for i in relation.indexes
    ):
        return key
    if isinstance(relation, Table) and not relation.complete:
        return None
    if relation is None and catalog.assumed:
        return None
    import difflib

    among = [i.name for i in relation.indexes] if relation is not None else [k[1] for k in catalog.index_owner]
    near = difflib.get_close_matches(name.name, among, 1)
    hint = f' (the nearest is "{near[0]}")' if near else ""
    raise Refused(RefusalKind.UNKNOWN_INDEX, f'there is no index "{name}"{hint}', name.name)


def rename_index(catalog: Catalog, change: RenameIndex) -> Catalog:
    """ALTER INDEX … RENAME TO, with the constraint it backs."""
    if change.if_exists and table_of_index(catalog, change.index, change.table) is None:
        return catalog
    key = need_index(catalog, change.index, change.table)
    if key is None:
        return catalog
    if name_taken(catalog, key, change.new):
        raise Refused(RefusalKind.DUPLICATE, f'a relation "{change.new}" already exists', change.new)
    old = change.index.name
    relation = catalog.tables.get(key) or catalog.views.get(key)
    assert relation is not None
    indexes = tuple(
        replace(i, name=change.new, named=True, constraint=change.new if i.constraint == old else i.constraint)
        if i.name.lower() == old.lower()
        else i
        for i in relation.indexes
    )
    if isinstance(relation, Table):
        constraints = tuple(
            replace(c, name=change.new, named=True, index=change.new) if c.index == old else c
            for c in relation.constraints
        )
        catalog = put_table(catalog, replace(relation, indexes=indexes, constraints=constraints))
        return reparented(catalog, key, (key[0], old), (key[0], change.new))
    return put_view(catalog, replace(relation, indexes=indexes))


def reparented(catalog: Catalog, key: Key, old: Key, new: Key) -> Catalog:
    """The partitions' indexes after the index that they belong to got another name."""
    for child in catalog.children.get(key, ()):
        table = catalog.tables.get(child)
        if table is not None and any(i.parent == old for i in table.indexes):
            indexes = tuple(replace(i, parent=new) if i.parent == old else i for i in table.indexes)
            catalog = put_table(catalog, replace(table, indexes=indexes))
    return catalog


def refuse_attaching(catalog: Catalog, change: AttachIndex, parent_owner: Key | None, child_owner: Key | None) -> None:
    """Raise Refused where an index cannot become a part of another: of another table, over other columns, unlike it."""
    parent, child = catalog.tables.get(parent_owner or ("", "")), catalog.tables.get(child_owner or ("", ""))
    if parent is None or child is None or not (parent.complete and child.complete):
        return
    above, below = parent.index(change.index.name), child.index(change.child.name)
    if above is None or below is None or below.parent == (parent.key[0], above.name):
        return
    alike = (
        below.elements == above.elements
        and below.unique == above.unique
        and below.method == above.method
        and (below.where.text if below.where else None) == (above.where.text if above.where else None)
        and not (above.constraint is not None and below.constraint is None)
    )
    taken = any(i.parent == (parent.key[0], above.name) for i in child.indexes)
    if child.partition_of != parent.key or not alike or taken or below.parent is not None:
        message = f'"{change.child}" cannot be attached to "{change.index}": it is no such index of a partition'
        raise Refused(RefusalKind.INVALID, message, str(change.child))


def attach_index(catalog: Catalog, change: AttachIndex) -> Catalog:
    """ALTER INDEX parent ATTACH PARTITION child; the parent is valid once every partition has its index."""
    parent_owner, child_owner = need_index(catalog, change.index, None), need_index(catalog, change.child, None)
    parent_key = index_key(catalog, change.index)
    refuse_attaching(catalog, change, parent_owner, child_owner)
    if parent_owner is None or child_owner is None or parent_key is None:
        return catalog
    table = catalog.tables[child_owner]
    indexes = tuple(replace(i, parent=parent_key) if i.name == change.child.name else i for i in table.indexes)
    catalog = put_table(catalog, replace(table, indexes=indexes))
    whole = all(
        any(i.parent == parent_key for i in catalog.tables[c].indexes)
        for c in catalog.children.get(parent_owner, ())
        if c in catalog.tables
    )
    if whole:
        above = catalog.tables[parent_owner]
        indexes = tuple(replace(i, valid=True) if i.name == change.index.name else i for i in above.indexes)
        catalog = put_table(catalog, replace(above, indexes=indexes))
    return catalog
