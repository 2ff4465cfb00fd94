"""A key that takes the place of a dropped one, and lets in more: rows with a NULL in it, or all if it is not made."""

from collections.abc import Iterator

from migguard.catalog.copying import replace
from migguard.catalog.schema import ConstraintKind, ConstraintState, Index, Table
from migguard.changes import AddColumn, AddConstraint, CreateIndex, Expression
from migguard.rules.facts.advice.fresh_names import free
from migguard.rules.facts.advice.probes import column
from migguard.rules.facts.rows.dropped_restrictions import Restriction, of_index, same
from migguard.rules.facts.schema.deployment_end import final, survivor
from migguard.rules.facts.schema.same_again import unique_again
from migguard.rules.facts.scripts.counted_rows import counted_few
from migguard.rules.frame import POSTGRESQL, StepContext
from migguard.rules.wording import label, listed


def looser(gone: Restriction, ctx: StepContext) -> str | None:
    """What is wrong with all that takes the place of a key, as the end of a sentence; None where nothing is."""
    end = survivor(gone.table, ctx)
    if end is None or gone.state is None or not is_key(gone.state):
        return None
    names = now_called(gone, end)
    found = list(instead(names, gone.state, end, ctx))
    if not found or not names:
        return None
    said: list[str] = []
    for index in found:
        empty = may_be_null(index, names, end)
        counted = made_if_counted(index, ctx)
        why: list[str] = []
        if empty:
            why.append(f"{listed(empty)} is NULL in them (NULLs count as distinct)")
        if counted is not None:
            why.append(f"it is not made, since the script counts the rows of {label(counted.key, ctx)} before")
        if not why:
            return None
        said.append(f"in spite of {index.name}, which replaces it, if {' or if '.join(why)}")
    return said[0]


def is_key(state: ConstraintState | Index) -> bool:
    """Whether it is a unique key."""
    return isinstance(state, Index) or state.kind is ConstraintKind.UNIQUE


def now_called(gone: Restriction, end: Table) -> frozenset[str]:
    """The columns of the key by the names that they have at the end."""
    columns = (same(c, end) for c in gone.table.columns if c.name in gone.columns)
    return frozenset(c.name for c in columns if c is not None)


def instead(names: frozenset[str], gone: ConstraintState | Index, end: Table, ctx: StepContext) -> Iterator[Index]:
    """The unique indexes at the end that tell rows apart by some of the columns."""
    own = gone.index if isinstance(gone, ConstraintState) else gone.name
    for index in end.indexes:
        old = ctx.deployment.existing(index.oid)
        if not index.unique or (old and index.name == own):
            continue
        if of_index(index) & names if not old else index.where is None and of_index(index) <= names:
            yield index


def may_be_null(index: Index, names: frozenset[str], end: Table) -> list[str]:
    """The further columns of an index that can be NULL, where NULLs differ."""
    if index.primary or index.nulls_not_distinct or index.where is not None:
        return []
    return [c.name for c in end.columns if c.name in of_index(index) - names and c.nullable]


def made_if_counted(index: Index, ctx: StepContext) -> Table | None:
    """The table on the number of whose rows it depends whether the index is made."""
    if ctx.deployment.existing(index.oid):
        return None
    for trace in ctx.deployment.upgrades:
        for step in trace.steps():
            if isinstance(step.change, CreateIndex | AddConstraint | AddColumn) and step.refusal is None:
                before = any(i.oid == index.oid for t in step.before.tables.values() for i in t.indexes)
                after = any(i.oid == index.oid for t in step.after.tables.values() for i in t.indexes)
                if after and not before:
                    return counted_few(replace(ctx, trace=trace, step=step))
    return None


def also(gone: Restriction, ctx: StepContext) -> list[str]:
    """A unique index over the same columns for the rows that the new key does not tell apart."""
    end = survivor(gone.table, ctx)
    state = gone.state
    index = state if isinstance(state, Index) else gone.table.index(state.index or "") if state is not None else None
    if end is None or state is None or index is None or index.where is not None:
        return []
    names = now_called(gone, end)
    empty = [c for i in instead(names, state, end, ctx) for c in may_be_null(i, names, end)][:1]
    if not empty or names != of_index(index) or ctx.before.server.engine not in POSTGRESQL:
        return []
    name = free(f"{gone.name}_no_{empty[0]}", gone.table, ctx.before, final(ctx))
    one = replace(index, where=Expression(f"{column(empty[0], ctx.before)} IS NULL"))
    return unique_again(one, name, gone.table, ctx.before, online=True)
