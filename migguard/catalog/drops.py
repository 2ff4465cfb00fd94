"""Drops: what goes along, and what stands in the way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import field, replace

from immutables import Map

from migguard.catalog.constraints import depends_on, need_column, need_constraint, not_null_column
from migguard.catalog.defaults import sequence_name
from migguard.catalog.edit import (
    Refused,
    put_sequence,
    put_table,
    remove_sequence,
    remove_table,
    remove_view,
    replace_column,
)
from migguard.catalog.lookup import sequence_key
from migguard.catalog.rename import mentions
from migguard.catalog.schema import (
    Catalog,
    Column,
    ConstraintKind,
    ConstraintState,
    Index,
    Key,
    RefusalKind,
    SequenceState,
    Table,
)
from migguard.changes import Engine
from migguard.records import dataclass


@dataclass(slots=True)
class Fall:
    """A drop under way: the catalog so far, and what went along, as (kind, name)."""

    catalog: Catalog
    cascade: bool
    gone: list[tuple[str, str]] = field(default_factory=list)

    def took(self, kind: str, name: str) -> None:
        """Note what went along."""
        self.gone.append((kind, name))

    def refuse(self, what: str, dependents: Iterable[str]) -> None:
        """Raise Refused, naming what depends on it, unless CASCADE was written."""
        found = list(dict.fromkeys(dependents))
        if found and not self.cascade:
            listed = ", ".join(found[:5]) + (f" and {len(found) - 5} more" if len(found) > 5 else "")
            raise Refused(RefusalKind.DEPENDENTS, f"{what} cannot be dropped, because {listed} depends on it", what)


def shown(key: Key, catalog: Catalog) -> str:
    """A relation's name for a message."""
    return key[1] if key[0] == catalog.default_schema else f"{key[0]}.{key[1]}"


def strict(catalog: Catalog) -> bool:
    """Whether the engine refuses drops of what views and keys depend on (SQLite and MySQL leave views broken)."""
    return catalog.server.engine is Engine.POSTGRESQL


def drop_relation(fall: Fall, key: Key) -> None:
    """A table or view with all that is its own; what depends on it goes too, or is in the way."""
    if key in fall.catalog.views:
        drop_view(fall, key)
    else:
        drop_table(fall, key)


def drop_view(fall: Fall, key: Key) -> None:
    """A view, and the views upon it."""
    drop_views_on(fall, key, None)
    if key in fall.catalog.views:
        fall.catalog = remove_view(fall.catalog, key)


def drop_views_on(fall: Fall, key: Key, column: str | None) -> None:
    """The views that use a relation, or one column of it."""
    if not strict(fall.catalog):
        return
    users = [
        v
        for v in sorted(fall.catalog.view_users.get(key, frozenset()))
        if any(k == key and (column is None or c is None or c == column) for k, c in fall.catalog.views[v].uses)
    ]
    what = shown(key, fall.catalog) if column is None else f"{shown(key, fall.catalog)}.{column}"
    fall.refuse(what, (f"the view {shown(v, fall.catalog)}" for v in users))
    for view in users:
        if view in fall.catalog.views:
            kind = "materialized view" if fall.catalog.views[view].materialized else "view"
            fall.took(kind, shown(view, fall.catalog))
            drop_view(fall, view)


def drop_table(fall: Fall, key: Key) -> None:
    """A table: foreign keys that refer to it and views on it are dependents; partitions go without a word."""
    catalog = fall.catalog
    engine = catalog.server.engine
    referring = [k for k in sorted(catalog.referenced_by.get(key, frozenset())) if k != key]
    if engine is Engine.POSTGRESQL or (engine in (Engine.MYSQL, Engine.MARIADB) and foreign_keys_on(catalog)):
        family = set(descendants(catalog, key))
        outside = [k for k in referring if k not in family]
        fall.refuse(shown(key, catalog), (f"a foreign key of {shown(k, catalog)}" for k in outside))
    if engine is Engine.POSTGRESQL:
        for other in referring:
            drop_foreign_keys(fall, other, key, None)
    drop_views_on(fall, key, None)
    for child in catalog.children.get(key, ()):
        table = fall.catalog.tables.get(child)
        if table is None:
            continue
        if table.partition_of != key:
            fall.refuse(shown(key, catalog), [f"the inheriting table {shown(child, catalog)}"])
            fall.took("table", shown(child, catalog))
        drop_table(fall, child)
    if key in fall.catalog.tables:
        owned = [sequence for _, sequence in owned_by(fall.catalog, key)]
        fall.catalog = remove_table(fall.catalog, key)
        for sequence in owned:
            release(fall, sequence)


def foreign_keys_on(catalog: Catalog) -> bool:
    """Whether MySQL's foreign_key_checks is on."""
    return catalog.variables.get("foreign_key_checks", "1").lower() not in ("0", "off")


def descendants(catalog: Catalog, key: Key) -> Iterable[Key]:
    """Partitions and inheriting tables, all levels."""
    for child in catalog.children.get(key, ()):
        yield child
        yield from descendants(catalog, child)


def drop_foreign_keys(fall: Fall, table_key: Key, references: Key, columns: tuple[str, ...] | None) -> None:
    """The foreign keys of one table that refer to another (over certain columns)."""
    table = fall.catalog.tables.get(table_key)
    if table is None:
        return
    going = [
        c
        for c in table.constraints
        if c.kind is ConstraintKind.FOREIGN
        and c.references == references
        and (
            columns is None
            or set(c.references_columns) & set(columns)
            or sorted(c.references_columns) == sorted(columns)
        )
    ]
    for constraint in going:
        fall.took("foreign key", f"{shown(table_key, fall.catalog)}.{constraint.name}")
    kept = tuple(c for c in table.constraints if c not in going)
    fall.catalog = put_table(fall.catalog, replace(table, constraints=kept))


def drop_sequence(fall: Fall, key: Key) -> None:
    """A sequence; defaults that draw from it are dependents."""
    catalog = fall.catalog
    sequence = catalog.sequences.get(key)
    users = [(t.key, c.name) for t in catalog.tables.values() for c in drawing(t) if draws(catalog, c.default, key)]
    if sequence is not None and sequence.internal and sequence.owner is not None:
        whose = f"{shown(sequence.owner[0], catalog)}.{sequence.owner[1]}"
        raise Refused(RefusalKind.DEPENDENTS, f"the sequence {key[1]} belongs to the identity column {whose}", key[1])
    fall.refuse(f"the sequence {key[1]}", (f"the default of {shown(t, catalog)}.{c}" for t, c in users))
    for table_key, name in users:
        table = fall.catalog.tables[table_key]
        column = table.column(name)
        if column is not None:
            fall.took("default", f"{shown(table_key, catalog)}.{name}")
            made = replace(column, default=None, serial=False)
            fall.catalog = put_table(fall.catalog, replace_column(table, name, made))
    fall.catalog = remove_sequence(fall.catalog, key)


_drawing: dict[Key, tuple[Table, tuple[Column, ...]]] = {}
_owned: tuple[Map[Key, SequenceState], dict[Key, list[tuple[str, Key]]]] | None = None


def drawing(table: Table) -> tuple[Column, ...]:
    """The columns of a table whose defaults draw from sequences: kept, since every dropped sequence asks all tables."""
    known = _drawing.get(table.key)
    if known is None or known[0] is not table:
        found = tuple(c for c in table.columns if c.default is not None and "nextval" in c.default.functions)
        known = _drawing[table.key] = table, found
    return known[1]


def owned_by(catalog: Catalog, key: Key) -> list[tuple[str, Key]]:
    """The sequences that the columns of a table own, by column: put down once for the sequences as they are."""
    global _owned
    if _owned is None or _owned[0] is not catalog.sequences:
        found: dict[Key, list[tuple[str, Key]]] = {}
        for sequence in catalog.sequences.values():
            if sequence.owner is not None:
                found.setdefault(sequence.owner[0], []).append((sequence.owner[1], sequence.key))
        _owned = catalog.sequences, found
    return _owned[1].get(key, [])


def release(fall: Fall, key: Key) -> None:
    """A sequence whose column is gone; defaults elsewhere that draw from it are dependents."""
    made = replace(fall.catalog.sequences[key], owner=None, internal=False)
    fall.catalog = put_sequence(fall.catalog, made)
    drop_sequence(fall, key)


def draws(catalog: Catalog, default: object, key: Key) -> bool:
    """Whether a default draws from a sequence."""
    from migguard.changes import Expression

    assert isinstance(default, Expression)
    name = sequence_name(default)
    return name is not None and sequence_key(catalog, name) == key


# --- columns ------------------------------------------------------------------------------------------------------


def drop_column(fall: Fall, key: Key, name: str) -> None:
    """A column with its indexes and constraints; views, foreign keys to it and generated columns are dependents."""
    table = fall.catalog.tables[key]
    if need_column(table, name, fall.catalog) is None:
        if table.told:
            fall.catalog = put_table(fall.catalog, replace(table, told=tuple(t for t in table.told if t.name != name)))
        return
    column = need_column(table, name, fall.catalog)
    assert column is not None
    name = column.name
    if strict(fall.catalog):
        drop_views_on(fall, key, name)
        drop_generated(fall, key, name)
        drop_policies_on(fall, key, name)
        for other in sorted(fall.catalog.referenced_by.get(key, frozenset())):
            there = fall.catalog.tables[other]
            over = [c for c in there.constraints if c.references == key and name in c.references_columns]
            if over and not (other == key and all(name in c.columns for c in over)):
                fall.refuse(
                    f"{shown(key, fall.catalog)}.{name}",
                    (f"the foreign key {c.name} of {shown(other, fall.catalog)}" for c in over),
                )
                drop_foreign_keys(fall, other, key, (name,))
    table = fall.catalog.tables[key]
    if fall.catalog.server.engine in (Engine.MYSQL, Engine.MARIADB):
        from migguard.catalog.mysql import without_column

        fall.catalog = put_table(fall.catalog, without_column(table, name, fall.catalog))
        return
    constraints = tuple(c for c in table.constraints if not depends_on(c, name))
    gone = {c.name for c in table.constraints} - {c.name for c in constraints}
    indexes = tuple(i for i in table.indexes if not index_uses(i, name) and i.constraint not in gone)
    columns = tuple(c for c in table.columns if c.name != name)
    owned = [sequence for column_name, sequence in owned_by(fall.catalog, key) if column_name == name]
    fall.catalog = put_table(fall.catalog, replace(table, columns=columns, constraints=constraints, indexes=indexes))
    for sequence in owned:
        release(fall, sequence)
    for child in fall.catalog.children.get(key, ()):
        below = fall.catalog.tables.get(child)
        if below is None or below.column(name) is None:
            continue
        others = [k for k in below.inherits if k != key and k in fall.catalog.tables]
        if not any(fall.catalog.tables[k].column(name) is not None for k in others):
            drop_column(fall, child, name)


def drop_generated(fall: Fall, key: Key, name: str) -> None:
    """The generated columns of a table that are computed from a column."""
    table = fall.catalog.tables[key]
    computed = [c.name for c in table.columns if c.generated is not None and mentions(c.generated, name)]
    fall.refuse(f"{shown(key, fall.catalog)}.{name}", (f"the generated column {c}" for c in computed))
    for one in computed:
        fall.took("column", f"{shown(key, fall.catalog)}.{one}")
        drop_column(fall, key, one)


def drop_policies_on(fall: Fall, key: Key, name: str) -> None:
    """The policies of a table that name a column."""
    table = fall.catalog.tables[key]
    naming = [(kind, policy) for kind, policy, columns in table.policy_columns if name in columns]
    fall.refuse(f"{shown(key, fall.catalog)}.{name}", (f"the {kind} {policy}" for kind, policy in naming))
    for kind, policy in naming:
        fall.took(kind, f"{shown(key, fall.catalog)}.{policy}")
    if naming:
        policies = tuple(p for p in table.policies if p not in naming)
        columns = tuple(c for c in table.policy_columns if c[:2] not in naming)
        fall.catalog = put_table(fall.catalog, replace(table, policies=policies, policy_columns=columns))


def index_uses(index: Index, column: str) -> bool:
    """Whether an index goes with a column."""
    if column in (*index.columns, *index.include) or mentions(index.where, column):
        return True
    return any(mentions(e.expression, column) for e in index.elements)


# --- constraints and indexes --------------------------------------------------------------------------------------


def drop_constraint(fall: Fall, key: Key, name: str) -> None:
    """A constraint with its index; foreign keys that rest on a key are dependents."""
    table = fall.catalog.tables[key]
    column = not_null_column(fall.catalog, table, name)
    if column is not None:
        fall.catalog = put_table(
            fall.catalog, replace_column(table, column.name, replace(column, nullable=True, not_null_name=None))
        )
        return
    constraint = need_constraint(table, name)
    if constraint is None:
        return
    if constraint.inherited:
        raise Refused(
            RefusalKind.INVALID, f'the constraint "{name}" of {table.key[1]} is inherited from its parent', name
        )
    if constraint.kind in (ConstraintKind.PRIMARY, ConstraintKind.UNIQUE):
        drop_references_to_key(fall, key, constraint)
    remove_constraint(fall, key, constraint)
    for child in fall.catalog.children.get(key, ()):
        below = fall.catalog.tables.get(child)
        for twin in below.constraints if below is not None else ():
            if twin.inherited and same_constraint(twin, constraint):
                table = fall.catalog.tables[child]
                own = replace(twin, inherited=False)
                constraints = tuple(own if c is twin else c for c in table.constraints)
                fall.catalog = put_table(fall.catalog, replace(table, constraints=constraints))
                drop_constraint(fall, child, own.name)


def same_constraint(a: ConstraintState, b: ConstraintState) -> bool:
    """Whether a child's constraint is the one inherited from a parent's."""
    if a.kind is not b.kind:
        return False
    return a.columns == b.columns if a.kind is not ConstraintKind.CHECK else a.name == b.name


def remove_constraint(fall: Fall, key: Key, constraint: ConstraintState) -> None:
    """Take a constraint and its index out of a table."""
    table = fall.catalog.tables[key]
    made = replace(
        table,
        constraints=tuple(c for c in table.constraints if c.name != constraint.name),
        indexes=tuple(i for i in table.indexes if constraint.index is None or i.constraint != constraint.name),
    )
    fall.catalog = put_table(fall.catalog, made)


def drop_references_to_key(fall: Fall, key: Key, constraint: ConstraintState) -> None:
    """The foreign keys that rest on a primary key or UNIQUE constraint and on no other."""
    table = fall.catalog.tables[key]
    index = table.index(constraint.index or constraint.name)
    if index is not None:
        drop_references_to_index(fall, key, index, f"the constraint {constraint.name}")


def drop_references_to_index(fall: Fall, key: Key, index: Index, what: str) -> None:
    """The foreign keys that rest on an index; of one that is not known to rest on another, those over its columns."""
    table = fall.catalog.tables[key]
    wanted = sorted(c or "" for c in index.columns)
    if not index.unique:
        return
    others = [i for i in table.indexes if i.unique and i.where is None and i is not index]
    replaced = any(sorted(c or "" for c in i.columns) == wanted for i in others)
    for other in sorted(fall.catalog.referenced_by.get(key, frozenset())):
        there = fall.catalog.tables[other]
        resting = [
            c
            for c in there.constraints
            if c.references == key
            and (c.rests_on == index.oid if c.rests_on else sorted(c.references_columns) == wanted and not replaced)
        ]
        if resting:
            fall.refuse(what, (f"the foreign key {c.name} of {shown(other, fall.catalog)}" for c in resting))
            for gone in resting:
                fall.took("foreign key", f"{shown(other, fall.catalog)}.{gone.name}")
            kept = tuple(c for c in there.constraints if c not in resting)
            fall.catalog = put_table(fall.catalog, replace(there, constraints=kept))


def drop_index(fall: Fall, key: Key, name: str, *, within: bool = False) -> None:
    """An index of a table or materialized view; one that backs a constraint stays. `within`: its parent goes too."""
    relation = fall.catalog.tables.get(key) or fall.catalog.views.get(key)
    if relation is None:
        return
    index = next((i for i in relation.indexes if i.name == name), None)
    if index is None:
        return
    if index.constraint is not None and strict(fall.catalog):
        raise Refused(
            RefusalKind.DEPENDENTS, f'the index "{name}" belongs to the constraint {index.constraint}: drop that', name
        )
    if index.parent is not None and index.parent in fall.catalog.index_owner and not within:
        message = f'the index "{name}" belongs to the partitioned index {index.parent[1]}: drop that'
        raise Refused(RefusalKind.DEPENDENTS, message, name)
    if isinstance(relation, Table) and strict(fall.catalog):
        drop_references_to_index(fall, key, index, f"the index {name}")
        relation = fall.catalog.tables[key]
    if isinstance(relation, Table):
        kept = tuple(i for i in relation.indexes if i.name != name)
        constraints = tuple(c for c in relation.constraints if c.index != name)
        fall.catalog = put_table(fall.catalog, replace(relation, indexes=kept, constraints=constraints))
    else:
        from migguard.catalog.edit import put_view

        kept = tuple(i for i in relation.indexes if i.name != name)
        fall.catalog = put_view(fall.catalog, replace(relation, indexes=kept))
    for child in fall.catalog.children.get(key, ()):
        below = fall.catalog.tables.get(child)
        for twin in below.indexes if below is not None else ():
            if twin.parent == (key[0], name):
                drop_index(fall, child, twin.name, within=True)
