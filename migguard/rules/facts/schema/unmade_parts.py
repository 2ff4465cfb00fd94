"""What a downgrade drops and no revision made, before a statement that is refused for what it may have meant."""

from migguard.catalog.lookup import relation_key
from migguard.catalog.schema import ConstraintKind, Key, RefusalKind, Table
from migguard.changes import DropColumn, DropConstraint, DropTable
from migguard.rules.facts.scripts.script_places import line_of
from migguard.rules.frame import display
from migguard.rules.wording import listed
from migguard.trace import RevisionTrace, Step

Part = tuple[Step, Table, str]
"""A step, the table that it works on, and the name of the column or constraint of it that nobody knows."""


def unmade_before(step: Step, down: RevisionTrace) -> Part | None:
    """The statement before a table's refused DROP that drops what is not known from a table that refers to it.

    No revision made that table: it may have a column or constraint of that name, or the statement fails first; and
    with the name that is meant the foreign key would be gone.
    """
    kind = step.refusal.kind if step.refusal is not None else None
    if kind is not RefusalKind.DEPENDENTS or not isinstance(step.change, DropTable):
        return None
    dropped = relation_key(step.before, step.change.table)
    referring = step.before.referenced_by.get(dropped, frozenset()) if dropped is not None else frozenset[Key]()
    for other in down.steps():
        if other is step:
            return None
        change = other.change
        if isinstance(change, DropColumn | DropConstraint) and other.refusal is None and not change.if_exists:
            key = relation_key(other.before, change.table)
            table = other.before.tables.get(key) if key is not None else None
            name = change.column if isinstance(change, DropColumn) else change.name
            if key in referring and table is not None and not table.complete and name is not None:
                of_column = isinstance(change, DropColumn)
                known = table.column(name) if of_column else table.constraint(name)
                if known is None:
                    return other, table, name
    return None


def may_fail_first(part: Part) -> str:
    """A sentence about that statement."""
    step, table, name = part
    what = "column" if isinstance(step.change, DropColumn) else "constraint"
    line = line_of(step.statement.origin, "", None)
    shown = display(table.key, step.before)
    return f"{line[0].upper()}{line[1:]} fails before it, unless {shown}, which no revision made, has a {what} {name}"


def name_there(part: Part, refused: Step) -> str:
    """The advice to name there what the upgrade made."""
    step, table, _ = part
    of_column = isinstance(step.change, DropColumn)
    there = refused.before.tables.get(table.key, table)
    dropped = relation_key(refused.before, refused.change.table) if isinstance(refused.change, DropTable) else None
    found = [c for c in there.constraints if c.kind is ConstraintKind.FOREIGN and c.references == dropped]
    names = listed(dict.fromkeys(n for c in found for n in (c.columns if of_column else (c.name,))))
    with_it = "; the foreign key goes with it" if of_column else ""
    return f"Name in {line_of(step.statement.origin, '', None)} what the upgrade made there, which is {names}{with_it}."
