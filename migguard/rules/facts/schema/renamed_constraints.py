"""A foreign key or CHECK that a revision drops and adds again under another name: nothing has to be looked at again."""

from dataclasses import replace
from itertools import takewhile

from migguard.catalog.lookup import relation_key
from migguard.catalog.meant_names import kind_said
from migguard.catalog.schema import Column, ConstraintKind, ConstraintState, Index, Table
from migguard.changes import AddColumn, AddConstraint, DropConstraint, Engine, PrimaryKey, Unique
from migguard.rules.facts.advice.plain_index_drops import made_again as index_made_again
from migguard.rules.facts.advice.plain_index_drops import renamed as index_renamed
from migguard.rules.facts.rows.restrictions import former
from migguard.rules.facts.schema.alternative_names import renamed, renaming
from migguard.rules.facts.schema.deployment_end import final, released
from migguard.rules.facts.schema.needless_drops import as_it_was, left_in_place
from migguard.rules.facts.schema.replaced_keys import only_renamed
from migguard.rules.frame import StepContext, table_at
from migguard.trace import Certainty

BENEATH = "# with {}, which it rests on: that cannot be dropped under it"


def or_renamed(advice: str, change: AddConstraint | AddColumn, table: Table, ctx: StepContext) -> str:
    """An advice on how to add a constraint, or the one to rename what the revision drops for it, or to leave that."""
    instead = to_leave(change, table, ctx) or to_rename(change, table, ctx)
    if instead is not None:
        return instead
    name = change.constraint.name if isinstance(change, AddConstraint) else None
    gone = dropped_unseen(table, ctx)
    again = added_names(table, ctx)
    unseen = next((n for n in reversed(gone) if n not in again), None)
    if name is None or unseen is None or name in gone:
        return advice
    lead, _, code = advice.partition("\n")
    call = renamed(change.table, unseen, name).partition("\n")[2]
    hint = f"If {unseen}, which the revision drops, differs in its name alone, rename it: {call}"
    return f"{lead.removesuffix(':')}. {hint}\n{code}"


def to_leave(change: AddConstraint | AddColumn, table: Table, ctx: StepContext) -> str | None:
    """The advice to leave a constraint that is dropped and added again as it was, and what it rests on as well."""
    old = as_it_was(change, table, ctx) if isinstance(change, AddConstraint) else None
    if old is None or not isinstance(change, AddConstraint):
        return None
    instead = left_in_place(change, table, ctx)
    if instead is None or (old.kind is ConstraintKind.FOREIGN and not old.rests_on):
        return None
    key = dropped_beneath(old, ctx)
    if key is None:
        return instead
    again = made_again(*key, ctx)
    lead = f"{instead.removesuffix('.')}, where what it rests on is renamed and not dropped:"
    return f"{lead}\n{again}" if again is not None else None


def to_rename(change: AddConstraint | AddColumn, table: Table, ctx: StepContext) -> str | None:
    """The advice to rename the released constraint that the added one is but for its name; None where none is known."""
    then = ctx.after.tables.get(table.key)
    if not isinstance(change, AddConstraint) or change.constraint.name is None or then is None:
        return None
    new = then.constraint(change.constraint.name)
    old = old_one(new, table, ctx) if new is not None and new.valid else None
    if old is None:
        return None
    instead = renaming(change.table, old, change.constraint.name, table, ctx)
    key = dropped_beneath(old, ctx)
    if key is None:
        return instead
    again = made_again(*key, ctx)
    return f"{instead}\n{again}" if again is not None else None


def dropped_beneath(old: ConstraintState, ctx: StepContext) -> tuple[Table, Index] | None:
    """The released key that a foreign key rests on, with its table, where the deployment drops it.

    The server refuses to drop it under a foreign key that stays (https://www.postgresql.org/docs/current/ddl-depend.html).
    """
    tables = ctx.deployment.released.tables.values()
    found = [(t, i) for t in tables for i in t.indexes if i.oid == old.rests_on != 0]
    left = {i.oid for t in final(ctx).tables.values() for i in t.indexes}
    return found[0] if found and found[0][1].oid not in left else None


def made_again(table: Table, index: Index, ctx: StepContext) -> str | None:
    """The lines that rename a released key which the deployment drops and builds again; None where it is no more."""
    for step in ctx.deployment.steps():
        change, there = step.change, None
        if isinstance(change, AddConstraint) and isinstance(change.constraint, PrimaryKey | Unique):
            there = table_at(relation_key(step.before, change.table), step.before)
        if there is None or there.oid != table.oid or not isinstance(change, AddConstraint) or step.refusal:
            continue
        key = change.constraint
        same = only_renamed(there, key, key.columns, ctx) if isinstance(key, PrimaryKey | Unique) else None
        if same is not None and key.name is not None and index.name in (same.index, same.name):
            lines = renamed(change.table, same.name, key.name).partition("\n")[2]
            return f"{BENEATH.format(same.name)}\n{lines}"
    now = next((t for t in ctx.before.tables.values() if t.oid == table.oid), None)
    new = index_made_again(index.name, table, ctx)
    if new is None or now is None:
        return None
    return f"{BENEATH.format(index.name)}\n{index_renamed(index.name, new, now, ctx)}"


def old_one(new: ConstraintState, table: Table, ctx: StepContext) -> ConstraintState | None:
    """The released constraint that the revision drops, and that says the same of the same columns."""
    if ctx.before.server.engine is not Engine.POSTGRESQL:
        return None
    was, end = released(table, ctx), ctx.trace.after.tables if ctx.trace is not None else {}
    left = next((t for t in end.values() if t.oid == table.oid), None)
    if was is None or left is None:
        return None
    for old in former(table, table, ctx).constraints:
        if old.name == new.name or any(c.oid == old.oid for c in left.constraints):
            continue
        if replace(old, name=new.name, named=new.named, comment=new.comment) != new or old.inherited:
            continue
        if old.columns or same_columns(tuple(c.name for c in was.columns), was, table):
            return old
    return None


def same_columns(names: tuple[str, ...], was: Table, table: Table) -> bool:
    """Whether columns are the ones that had those names."""
    pairs: list[tuple[Column | None, Column | None]] = [(was.column(n), table.column(n)) for n in names]
    return all(a is None or b is None or a.oid == b.oid for a, b in pairs)


def another_locked(table: Table, ctx: StepContext) -> str:
    """Words on a table that no revision tells of, and that a foreign key which was dropped before referred to.

    Dropping a foreign key locks both tables; that it was one, its name alone says.
    """
    gone = dropped_unseen(table, ctx)
    if not gone:
        return ""
    unseen = gone[-1]
    if kind_said(unseen) is ConstraintKind.FOREIGN:
        return f" (reads wait too for a table that {unseen}, dropped before, referred to)"
    return f" (if {unseen}, dropped before, was a foreign key, reads wait too for the table that it referred to)"


def dropped_unseen(table: Table, ctx: StepContext) -> list[str]:
    """The constraints that the revision drops before, of a table of which the history does not know them all.

    In the order in which they were dropped last.
    """
    found: dict[str, None] = {}
    if ctx.before.server.engine is not Engine.POSTGRESQL:
        return []
    for step in takewhile(lambda s: s is not ctx.step, ctx.trace.steps() if ctx.trace is not None else ()):
        change = step.change
        if not isinstance(change, DropConstraint) or step.refusal or step.statement.certainty is Certainty.OTHER_BRANCH:
            continue
        there = table_at(relation_key(step.before, change.table), step.before)
        name = change.name if there is not None and there.oid == table.oid and not there.complete else None
        if name is not None and there is not None and there.constraint(name) is None:
            found.pop(name, None)
            found[name] = None
    return list(found)


def added_names(table: Table, ctx: StepContext) -> set[str]:
    """The names of the constraints that the deployment adds to a table, also after this step."""
    found = set()
    for step in ctx.deployment.steps():
        change = step.change
        if isinstance(change, AddConstraint) and change.constraint.name is not None and not step.refusal:
            there = table_at(relation_key(step.before, change.table), step.before)
            if there is not None and there.oid == table.oid:
                found.add(change.constraint.name)
    return found
