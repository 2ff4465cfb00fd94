"""A constraint of a table that no revision made, which the history does not know: what its way back and name tell."""

from collections.abc import Iterable, Iterator

from migguard.catalog.lookup import table_key
from migguard.catalog.meant_names import kind_said, words
from migguard.catalog.schema import ConstraintKind, ConstraintState, Index, Table
from migguard.changes import DropColumn
from migguard.rules.facts.advice.given_names import without
from migguard.rules.facts.schema.deployment_end import survivor
from migguard.rules.facts.schema.shown_backwards import made_back
from migguard.rules.frame import StepContext

KEYS = (ConstraintKind.UNIQUE, ConstraintKind.PRIMARY)


def as_made_back(name: str, table: Table, ctx: StepContext) -> ConstraintState | None:
    """The unique key of that name that the revision's way back makes again."""
    found = [c for c in made_back(table, ctx)[0] if f"_{name}".endswith(f"_{c.name}")]
    return found[0] if len(found) == 1 and found[0].kind in KEYS else None


def dropped_columns(names: Iterable[str], table: Table, ctx: StepContext) -> bool:
    """Whether the deployment drops one of these columns, which the table is not known to have."""
    wanted = set(names)
    for step in ctx.deployment.steps() if wanted else ():
        change = step.change
        if isinstance(change, DropColumn) and change.column in wanted and step.refusal is None:
            key = table_key(step.before, change.table)
            there = step.before.tables.get(key) if key is not None else None
            if there is not None and (there.oid or there.key) == (table.oid or table.key):
                return True
    return False


def new_keys(name: str, table: Table, ctx: StepContext) -> Iterator[Index]:
    """The new unique indexes of the table, one of which may take the place of the constraint of that name."""
    end = survivor(table, ctx)
    if end is not None and kind_said(name) in (None, *KEYS):
        yield from (i for i in end.indexes if i.unique and not ctx.deployment.existing(i.oid))


def tells_of(name: str, columns: Iterable[str | None], table: Table) -> bool:
    """Whether all of these columns stand in a name, beside the table's."""
    rest = words(name)
    rest = without(rest, words(table.key[1])) or rest
    listed = list(columns)
    for column in sorted((c for c in listed if c is not None), key=len, reverse=True):
        left = without(rest, words(column))
        if left is None:
            return False
        rest = left
    return bool(listed) and None not in listed
