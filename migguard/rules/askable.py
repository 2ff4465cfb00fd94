"""What can be asked of a database that the deployment has not reached yet: probes run there."""

from collections.abc import Iterable

from migguard.catalog.copying import replace
from migguard.catalog.schema import Table
from migguard.rules.deployment_end import released
from migguard.rules.frame import StepContext


def askable(table: Table, columns: Iterable[str], ctx: StepContext) -> Table | None:
    """The table as it is called before the deployment; None where one of the columns is not there, or called otherwise.

    A table that the history never made is what it is.
    """
    was = released(table, ctx)
    if was is None:
        return None if table.complete else table
    for name in columns:
        now, then = table.column(name), was.column(name)
        if now is not None and (then is None or then.oid != now.oid) and (was.complete or then is not None):
            return None
    return replace(table, key=was.key)
