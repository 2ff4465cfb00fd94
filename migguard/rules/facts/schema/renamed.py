"""What a renaming step renames, and which columns of a table are renamed with it."""

from migguard.catalog.lookup import table_key, table_of_index
from migguard.catalog.naming import relation_taken
from migguard.catalog.schema import Catalog, ConstraintState, Index, Key, Table
from migguard.changes import RenameConstraint, RenameIndex
from migguard.rules.facts.advice.probes import column
from migguard.rules.facts.schema.deployment_end import final, released, survivor
from migguard.rules.frame import Lookup, StepContext, display
from migguard.rules.wording import listed


def renamed_part(
    change: RenameConstraint | RenameIndex, ctx: StepContext
) -> tuple[Table, ConstraintState | Index] | None:
    """The constraint or index under its new name, with its table; an index that backs a constraint is that
    constraint."""
    if ctx.step.refusal is not None:
        return None
    if isinstance(change, RenameConstraint):
        key = table_key(ctx.after, change.table)
    else:
        key = table_of_index(ctx.before, change.index, change.table)
    table = ctx.after.tables.get(key) if key is not None else None
    if table is None:
        return None
    part = table.constraint(change.new) or table.index(change.new)
    return (table, part) if part is not None else None


def new_name(key: Key, catalog: Catalog, lookup: Lookup) -> str:
    """A sentence on who still comes to a table that has its name only since this deployment; else nothing.

    Views, rules and foreign keys keep to the table, whatever it is called; a query asks for the name. It is not said of
    a name that the running models know, or where something has the old name.
    """
    table = catalog.tables.get(key)
    released = lookup.deployment.released
    was = next((t for t in released.tables.values() if table is not None and t.oid == table.oid != 0), None)
    if was is None or was.key[1] == key[1] or relation_taken(catalog, was.key[0], was.key[1]):
        return ""
    models = lookup.running
    if models is not None and (key[1] in models.unseen_names or models.named(*key, released.default_schema)):
        return ""
    return (
        f" {display(key, catalog)} was {display(was.key, released)} before this deployment: only views, foreign keys "
        "and code that knows its new name come to it."
    )


def as_released(key: Key, ctx: StepContext) -> str:
    """What a view selects from a table so that it shows its columns by their released names."""
    table = ctx.before.tables.get(key)
    was = released(table, ctx) if table is not None else None
    if table is None or was is None or not renamed_columns(table, was):
        return "*"
    now = {c.oid: c.name for c in table.columns}
    pairs = [(column(now[c.oid], ctx.before), column(c.name, ctx.before)) for c in was.columns if c.oid in now]
    return ", ".join(new if new == old else f"{new} AS {old}" for new, old in pairs)


def renamed_along(key: Key, ctx: StepContext) -> list[str]:
    """The released names of the table's columns that the deployment renames too."""
    table = ctx.before.tables.get(key)
    was, end = (released(table, ctx), survivor(table, ctx)) if table is not None else (None, None)
    return sorted({*renamed_columns(table, was), *renamed_columns(end, was)})


def renamed_columns(table: Table | None, was: Table | None) -> list[str]:
    """The columns of a table that are called otherwise in another state of it, by their names there."""
    now = {c.oid: c.name for c in table.columns} if table is not None else {}
    return [c.name for c in (was.columns if was is not None else ()) if c.oid and now.get(c.oid, c.name) != c.name]


def called_before(table: Table, ctx: StepContext) -> str:
    """A clause on the names that columns have until this revision renames them, for what is done in one before it."""
    there = ctx.trace.before.tables.values() if ctx.trace is not None else ()
    names = renamed_columns(table, next((t for t in there if t.oid == table.oid != 0), None))
    return (
        f" (in a revision before this one over {listed(names)}, as it is called there)"
        if len(names) == 1
        else (" (in a revision before this one by the names that columns have there)" if names else "")
    )


def unwritten(key: Key, ctx: StepContext) -> str:
    """A clause on what old code cannot write through a view of the table's old name: the values of a foreign key to a
    table that is new, and that old code does not fill."""
    table = ctx.before.tables.get(key)
    was, end = (released(table, ctx), survivor(table, ctx)) if table is not None else (None, None)
    if was is None or end is None:
        return ""
    there = {c.oid: c.name for c in was.columns}
    for key_to in end.constraints:
        other = final(ctx).tables.get(key_to.references) if key_to.references is not None else None
        columns = [c for c in end.columns if c.name in key_to.columns and c.oid in there]
        if other is None or ctx.deployment.existing(other.oid) or len(columns) < len(key_to.columns):
            continue
        names = listed(there[c.oid] for c in columns)
        return f"; old code can read it, but not write {names} through it, which has to be in {other.key[1]}, new here"
    return ""
