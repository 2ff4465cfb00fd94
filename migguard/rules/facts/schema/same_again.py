"""A constraint or unique index as a script makes another like it: with all that the old one has, but for its name."""

from migguard.catalog.schema import Catalog, ConstraintKind, ConstraintState, Index, Key, Table
from migguard.changes import Check, CreateIndex, ForeignKey, IndexElement, Unique
from migguard.rules.facts.advice.constraint_calls import operation
from migguard.rules.facts.advice.recipes import (
    add_check,
    add_foreign_key,
    create_index,
    named,
    outside,
    partitioned_index,
    using_index,
)
from migguard.rules.wording import python


def spelled(state: ConstraintState, name: str, key: Key, catalog: Catalog, *, later: bool) -> list[str]:
    """A foreign key or check; `later` is it NOT VALID. Nothing where it is not known what it says."""
    table = named(key, catalog)
    if state.kind is ConstraintKind.FOREIGN and state.references is not None:
        if not later:
            return [operation(state, name, key, catalog)]
        there = ForeignKey(
            state.columns,
            named(state.references, catalog),
            state.references_columns,
            on_delete=state.on_delete,
            on_update=state.on_update,
            set_columns=state.set_columns,
            match=state.match,
            deferrable=state.deferrable,
            initially_deferred=state.initially_deferred,
        )
        return [add_foreign_key(table, name, there, state.columns, catalog)]
    if state.kind is ConstraintKind.CHECK and state.expression is not None:
        check = Check(state.expression, no_inherit=state.no_inherit)
        return [add_check(table, name, check) if later else operation(state, name, key, catalog)]
    return []


def unique_again(
    state: ConstraintState | Index, name: str, table: Table, catalog: Catalog, *, online: bool
) -> list[str]:
    """A unique index like that of a key; `online` is it built concurrently, and made the constraint that it was."""
    where = named(table.key, catalog)
    index = state if isinstance(state, Index) else table.index(state.index or "")
    if isinstance(state, ConstraintState) and not online:
        return [operation(state, name, table.key, catalog)]
    made = CreateIndex(
        where,
        index.elements if index is not None else tuple(IndexElement(c) for c in state.columns),
        unique=True,
        method=index.method if index is not None and online else None,
        include=index.include if index is not None else (),
        where=index.where if index is not None else None,
        nulls_not_distinct=index is not None and index.nulls_not_distinct,
        options=index.options if index is not None else (),
    )
    if isinstance(state, ConstraintState) and state.kind is ConstraintKind.UNIQUE and state.deferrable:
        key = Unique(
            state.columns,
            include=made.include,
            nulls_not_distinct=made.nulls_not_distinct,
            deferrable=True,
            initially_deferred=state.initially_deferred,
            options=made.options,
        )
        return using_index(where, name, key, state.columns)
    if table.partition_by is not None and online:
        return partitioned_index(made, name, table, catalog)
    begin = f"op.create_index({python(name)}"
    call = create_index(made, name, where, concurrently=online)
    call = call.replace(begin, f"op.create_index(op.f({python(name)})", 1)  # the name is whole, as in all the others
    return outside(call) if online else [call]
