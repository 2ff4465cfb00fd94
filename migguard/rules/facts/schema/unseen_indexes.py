"""Indexes that a revision drops and that the history never made: of which table they are, as far as the script says."""

import ast

from migguard.catalog.believed import just_so, whole
from migguard.catalog.lookup import table_key
from migguard.changes import DropIndex, Name
from migguard.rules.facts.schema.unknown_drops import named_after
from migguard.rules.frame import POSTGRESQL, StepContext


def of_older_table(change: DropIndex, ctx: StepContext) -> str | None:
    """The table that an unknown index is dropped from, in words; None where there is none, or the table is new."""
    step, catalog = ctx.step, ctx.before
    if catalog.server.engine not in POSTGRESQL or step.refusal is not None or whole(catalog):
        return None
    written = told_by_script(change, ctx)
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


def told_by_script(change: DropIndex, ctx: StepContext) -> Name | None:
    """The table that `op.drop_index` is given, which does not come to PostgreSQL."""
    origin = ctx.step.statement.origin
    script = ctx.known.scripts.get(ctx.trace.revision) if ctx.trace is not None else None
    if origin is None or script is None:
        return None
    for node in script.nodes:
        if isinstance(node, ast.Call) and node.lineno <= origin.line <= (node.end_lineno or node.lineno):
            values = {k.arg: k.value for k in node.keywords}
            first, table = (*node.args, None)[0], values.get("table_name") or (*node.args, None, None)[1]
            named = isinstance(node.func, ast.Attribute) and node.func.attr == "drop_index"
            ours = not isinstance(first, ast.Constant) or first.value == change.index.name
            if named and ours and isinstance(table, ast.Constant) and isinstance(table.value, str):
                return Name(table.value, change.index.schema)
    return None
