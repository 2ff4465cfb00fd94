"""Indexes that a revision drops and that the history never made: of which table they are, as far as the script says."""

from migguard.catalog.believed import just_so, whole
from migguard.catalog.lookup import table_key
from migguard.changes import DropIndex
from migguard.rules.facts.schema.unknown_drops import named_after
from migguard.rules.frame import POSTGRESQL, StepContext


def of_older_table(change: DropIndex, ctx: StepContext) -> str | None:
    """The table that an unknown index is dropped from, in words; None where there is none, or the table is new."""
    step, catalog = ctx.step, ctx.before
    if catalog.server.engine not in POSTGRESQL or step.refusal is not None or whole(catalog):
        return None
    written = change.stated
    if written is not None:
        key = table_key(catalog, written)
        known = key is not None and change.if_exists and just_so(catalog, catalog.tables[key])
        return str(written) if not known and (key is None or ctx.existing(key)) else None
    if change.if_exists and not (catalog.assumed or catalog.unread):
        return None
    new = [t for t in catalog.tables.values() if not ctx.deployment.existing(t.oid)]
    if catalog.unknown_names and any(named_after(change.index.name, t) for t in new):
        return None
    return "its table"
