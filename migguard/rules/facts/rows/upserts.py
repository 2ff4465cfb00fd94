"""Upserts that need a key which a deployment drops: ON CONFLICT is refused where no key over its columns is left."""

from migguard.catalog.schema import ConstraintKind, ConstraintState, Table
from migguard.changes import Engine
from migguard.rules.facts.advice.probes import column
from migguard.rules.facts.rows.dropped_restrictions import Restriction
from migguard.rules.facts.rows.looser_keys import now_called
from migguard.rules.facts.schema.deployment_end import released, survivor
from migguard.rules.frame import StepContext

TAKING = frozenset({Engine.POSTGRESQL, Engine.SQLITE})
"""Engines with ON CONFLICT, which refuse it where they find no key."""

KEYS = (ConstraintKind.PRIMARY, ConstraintKind.UNIQUE)


def failing_upserts(gone: Restriction, ctx: StepContext) -> str:
    """A sentence on the upserts that name a dropped key; empty where there can be none, or another key takes them."""
    state, end = gone.state, survivor(gone.table, ctx)
    if state is None or end is None or ctx.before.server.engine not in TAKING:
        return ""
    if isinstance(state, ConstraintState) and (state.kind not in KEYS or state.deferrable):
        return ""  # a deferrable key takes none
    names = [c for c in state.columns if c is not None]
    if len(names) < len(state.columns):
        return " An upsert of the running code that names this key in ON CONFLICT fails from then on."
    now = now_called(gone, end)
    if any(i.unique and i.valid and i.where is None and now == frozenset(i.columns) for i in end.indexes):
        return ""
    listed = ", ".join(column(c, ctx.before) for c in as_running_code_knows(names, gone.table, ctx))
    return f" An upsert of the running code with ON CONFLICT ({listed}) fails from then on."


def as_running_code_knows(names: list[str], table: Table, ctx: StepContext) -> list[str]:
    """The columns by their released names, where the deployment has renamed them."""
    old = released(table, ctx)
    called = {c.oid: c.name for c in old.columns if c.oid} if old is not None else {}
    columns = ((name, table.column(name)) for name in names)
    return [called.get(there.oid, name) if there is not None else name for name, there in columns]
