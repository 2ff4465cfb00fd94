"""The foreign key of the released schema that a new one takes the place of: the same columns, whatever it is called."""

from collections.abc import Iterator, Sequence

from migguard.catalog.lookup import table_key
from migguard.catalog.schema import Catalog, ConstraintKind, ConstraintState, Table
from migguard.changes import AddConstraint, CreateTable, ForeignKey
from migguard.rules.facts.schema.deployment_end import final, released
from migguard.rules.facts.schema.introduced import original
from migguard.rules.frame import StepContext, table_at


def twins(table: Table, key: ConstraintState, ctx: StepContext) -> Iterator[tuple[Table, ConstraintState]]:
    """The released foreign keys between the same columns as one of the last schema, with their released table."""
    old, wanted = released(table, ctx), ends(table, key, final(ctx))
    for one in old.constraints if old is not None else ():
        if old is not None and one.kind is ConstraintKind.FOREIGN and ends(old, one, ctx.deployment.released) == wanted:
            yield old, one


def made_once_more(key: ConstraintState, end: Table, ctx: StepContext) -> bool:
    """Whether a later step of the deployment makes the foreign key again, on the table itself or on its batch copy."""
    later = False
    for step in ctx.deployment.steps():
        if later and step.refusal is None:
            match step.change:
                case AddConstraint(constraint=ForeignKey() as made):
                    there = table_at(table_key(step.after, step.change.table), step.after)
                    if there is not None and there.oid == end.oid and same_columns(made, key):
                        return True
                case CreateTable(table=name) if original((end.key[0], name.name)) == end.key != (end.key[0], name.name):
                    if any(same_columns(c, key) for c in step.change.constraints if isinstance(c, ForeignKey)):
                        return True
                case _:
                    pass
        later = later or step is ctx.step
    return False


def same_columns(made: ForeignKey, key: ConstraintState) -> bool:
    """Whether a foreign key is over the columns of another, and to the same table."""
    return made.columns == key.columns and key.references is not None and made.references.name == key.references[1]


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
