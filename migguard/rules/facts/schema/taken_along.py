"""What is dropped by name after it went with its column or table."""

from migguard.catalog.lookup import table_key, table_of_index
from migguard.catalog.schema import Catalog
from migguard.changes import DropColumn, DropConstraint, DropIndex, DropTable
from migguard.rules.facts.scripts.script_places import line_of
from migguard.rules.frame import table_at
from migguard.trace import Certainty, RevisionTrace, Step


def taken_along(step: Step, trace: RevisionTrace | None) -> tuple[str, str] | None:
    """What to say, and what to do, of a refused drop of an index or constraint that an earlier step took along."""
    change = step.change
    if trace is None or step.refusal is None or not isinstance(change, DropIndex | DropConstraint):
        return None
    taker: Step | None = None
    for one in trace.steps():
        if one is step:
            break
        if one.change is not change and there(change, one.before) != there(change, one.after):
            taker = one
    if taker is None or taker.statement.certainty is not Certainty.RAN or there(change, taker.after):
        return None
    match taker.change:
        case DropColumn(column=column):
            whose = f"the column {column}"
        case DropTable():
            whose = "its table"
        case _:
            return None
    kind = "index" if isinstance(change, DropIndex) else "constraint"
    name = change.index.name if isinstance(change, DropIndex) else change.name
    place = line_of(taker.statement.origin, trace.revision, trace.revision, "an earlier statement")
    return (
        f"the {kind} {name} is gone: {place} has dropped it with {whose}",
        f"Leave it out, or drop the {kind} before {whose}.",
    )


def there(change: DropIndex | DropConstraint, catalog: Catalog) -> bool:
    """Whether what a change drops is there."""
    if isinstance(change, DropIndex):
        table = table_at(table_of_index(catalog, change.index, change.table), catalog)
        return table is not None and table.index(change.index.name) is not None
    table = table_at(table_key(catalog, change.table), catalog)
    return table is not None and change.name is not None and table.constraint(change.name) is not None
