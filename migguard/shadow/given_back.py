"""What a column was before a change, as the downgrade of the same revision gives it back.

It may be wrong, so it is believed only where nothing else tells it: of the columns of a table that no revision made,
and of a type that a stand-in gave, as what `stated_types` reads is.
"""

from __future__ import annotations

from migguard.catalog.copying import replace
from migguard.catalog.edit import put_table
from migguard.catalog.lookup import table_key, type_at
from migguard.catalog.schema import Catalog, Table
from migguard.changes import AlterColumnType, DataType, ModifyColumn, SetNullable
from migguard.shadow.stated_types import as_stated
from migguard.trace import Certainty, RevisionTrace, Step

Altering = AlterColumnType | ModifyColumn | SetNullable


def untold(upgrade: RevisionTrace) -> bool:
    """Whether an upgrade changes a column of which something is not known that its downgrade may tell."""
    return any(wanted(step) is not None for step in upgrade.steps())


def take_back(upgrade: RevisionTrace, downgrade: RevisionTrace) -> None:
    """Put what the downgrade tells into the steps of the upgrade; they are unverified then."""
    for statement in upgrade.statements:
        for number, step in enumerate(statement.steps):
            table = wanted(step)
            if table is not None:
                statement.steps[number] = told(step, table, downgrade)


def wanted(step: Step) -> Table | None:
    """The table of a column that a step changes, and of which the type or the nullability is not known."""
    change = step.change
    if not isinstance(change, Altering) or step.refusal is not None:
        return None
    table = step.before.tables.get(table_key(step.before, change.table) or ("", ""))
    if table is None:
        return None
    if isinstance(change, SetNullable):
        return table if table.never_null(change.column) is None else None
    return table if known_type(table, change.column, step.before) is None else None


def known_type(table: Table, column: str, catalog: Catalog) -> DataType | None:
    """The type of a column; None for one that only a stand-in names, too."""
    found = table.typed_column(column)
    kind = found.type if found is not None else None
    assumed = kind is not None and kind.name in catalog.assumed_types
    return kind if kind is not None and not (assumed and type_at(catalog, kind) is None) else None


def told(step: Step, table: Table, downgrade: RevisionTrace) -> Step:
    """The step on a column that is what the downgrade makes of it again; itself where that makes nothing else of it."""
    change, end = step.change, next((t for t in downgrade.after.tables.values() if t.oid == table.oid != 0), None)
    assert isinstance(change, Altering)
    if end is None:
        return step
    kind, nullable, name = None, None, change.column
    if isinstance(change, SetNullable):
        never = end.never_null(name)
        made = any(isinstance(s.change, SetNullable) and s.change.nullable is (not never) for s in ran(downgrade, end))
        nullable = not never if made and never is not None and (not never) is not change.nullable else None
    else:
        new = change.type if isinstance(change, AlterColumnType) else change.definition.type
        kind = known_type(end, name, downgrade.after)
        kind = kind if kind is not None and (kind.builtin or type_at(step.before, kind) is not None) else None
        kind = kind if kind != new and any(makes(s, kind, end) for s in ran(downgrade, end)) else None
    seen = as_stated(table, name, kind, nullable, step.before)
    if seen is table:
        return step
    return replace(step, before=put_table(step.before, seen), verified=False, by_downgrade=kind is not None)


def ran(downgrade: RevisionTrace, table: Table) -> list[Step]:
    """The steps of a downgrade that certainly alter a column of the table."""
    found = []
    for step in downgrade.steps():
        if isinstance(step.change, Altering) and not step.refusal and step.statement.certainty is Certainty.RAN:
            there = step.after.tables.get(table_key(step.after, step.change.table) or ("", ""))
            found += [step] if there is not None and there.oid == table.oid else []
    return found


def makes(step: Step, kind: DataType | None, table: Table) -> bool:
    """Whether a step gives a column of the table this type."""
    there = next((t for t in step.after.tables.values() if t.oid == table.oid), None)
    change = step.change
    if there is None or not isinstance(change, AlterColumnType | ModifyColumn):
        return False
    return kind is not None and known_type(there, change.column, step.after) == kind
