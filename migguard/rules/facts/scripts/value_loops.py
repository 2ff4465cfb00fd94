"""Loops over the different values of a column: what they run is run once for a value, and not for each row."""

from migguard.catalog.lookup import relation_key
from migguard.catalog.schema import Table
from migguard.changes import Select
from migguard.rules.facts.scripts.empty_loops import asked
from migguard.rules.facts.scripts.row_loops import Loop, Rows
from migguard.rules.frame import RevisionScript
from migguard.trace import Step


def over_values(loop: Loop, rows: Rows, subject: RevisionScript) -> bool:
    """Whether each query of a loop gives the values of a column once each, where several rows can have the same."""
    found = asked(loop, rows, subject)
    return bool(found) and all(shared(step) for step in found)


def shared(step: Step) -> bool:
    """Whether a query asks for the different values of a column that is no key."""
    query = step.change.query if isinstance(step.change, Select) else None
    if query is None or not query.distinct or len(query.columns) != 1 or len(query.relations) != 1:
        return False
    key = relation_key(step.before, query.relations[0])
    table = step.before.tables.get(key) if key is not None else None
    return table is not None and query.columns[0] is not None and not unique(query.columns[0], table)


def unique(column: str, table: Table) -> bool:
    """Whether no two rows can have the same value in a column."""
    keys = [c.columns for c in table.constraints if c.index is not None]
    return (column,) in [*keys, *(i.columns for i in table.indexes if i.unique)]
