"""Keys that a deployment drops and that nobody knows: what takes their place may be no stricter."""

from migguard.catalog.lookup import table_key, table_of_index
from migguard.catalog.meant_names import kind_said
from migguard.catalog.schema import ConstraintKind, Key, Table
from migguard.changes import DropConstraint, DropIndex
from migguard.rules.facts.schema.deployment_end import before_this
from migguard.rules.frame import StepContext
from migguard.trace import Step

KEYS = (None, ConstraintKind.UNIQUE, ConstraintKind.PRIMARY)
"""What the name of a constraint may say that it is; of many a name says nothing."""


def unless_dropped(table: Table, ctx: StepContext) -> str:
    """Words about a key of the table that an earlier step drops, and whose columns are not known; else nothing."""
    for step in before_this(ctx):
        name = unknown_key(step, table)
        if name is not None:
            return f", unless {name}, which is dropped before and is not known, kept them out already"
    return ""


def unless_kept(table: Table, ctx: StepContext) -> str:
    """The same, and words about the keys of a table that no revision made; else nothing."""
    unknown = ", unless a key of the table that is not known here keeps them out already" if not table.complete else ""
    return unless_dropped(table, ctx) or unknown


def unknown_key(step: Step, table: Table) -> str | None:
    """The name of the index or constraint that a step drops, where the schema does not say what it is."""
    change = step.change
    if step.refusal is not None or getattr(change, "if_exists", False):
        return None
    if isinstance(change, DropConstraint):
        there = at(step, table_key(step.before, change.table))
        known = there is None or change.name is None or there.constraint(change.name) is not None
        if known or there is None or there.oid != table.oid or kind_said(change.name or "") not in KEYS:
            return None
        filled = any(c.not_null_name == change.name for c in there.columns)
        return change.name if not filled else None
    if isinstance(change, DropIndex):
        key = table_of_index(step.before, change.index, change.table)
        there = at(step, key)
        if there is None:
            return change.index.name if named_after(change.index.name, table) and key is None else None
        return change.index.name if there.oid == table.oid and there.index(change.index.name) is None else None
    return None


def at(step: Step, key: Key | None) -> Table | None:
    """The table before a step."""
    return step.before.tables.get(key) if key is not None else None


def named_after(name: str, table: Table) -> bool:
    """Whether the name of an index has the table's in it, in whole words."""
    return f"_{table.key[1]}_".lower() in f"_{name}_".lower()
