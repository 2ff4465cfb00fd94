"""The foreign key of the released schema that a new one takes the place of: the same columns, whatever it is called."""

from collections.abc import Iterator, Sequence

from migguard.catalog.schema import Catalog, ConstraintKind, ConstraintState, Table
from migguard.rules.deployment_end import final, released
from migguard.rules.frame import StepContext


def twins(table: Table, key: ConstraintState, ctx: StepContext) -> Iterator[tuple[Table, ConstraintState]]:
    """The released foreign keys between the same columns as one of the last schema, with their released table."""
    old, wanted = released(table, ctx), ends(table, key, final(ctx))
    for one in old.constraints if old is not None else ():
        if old is not None and one.kind is ConstraintKind.FOREIGN and ends(old, one, ctx.deployment.released) == wanted:
            yield old, one


def ends(table: Table, key: ConstraintState, catalog: Catalog) -> object:
    """Which column refers to which, by identity; by name where a table is not wholly known."""
    there = table if key.references == table.key else catalog.tables.get(key.references or ("", ""))
    if there is None:
        return (named(table, key.columns), key.references, key.references_columns)
    pairs = zip(named(table, key.columns), named(there, key.references_columns), strict=False)
    return (frozenset(pairs), there.oid)


def named(table: Table, names: Sequence[str]) -> tuple[int | str, ...]:
    """The columns of a table, by identity where they have one."""
    found = ((name, table.column(name)) for name in names)
    return tuple(column.oid if column is not None and column.oid else name for name, column in found)
