"""That a deployment works on a table which it drops later: what takes long there may be for nothing."""

from migguard.catalog.lookup import table_key
from migguard.catalog.schema import Catalog, Key
from migguard.changes import DropTable
from migguard.rules.facts.scripts.script_places import line_of
from migguard.trace import Certainty, Deployment, RevisionTrace


def dropped_later(key: Key, before: Catalog, deployment: Deployment, trace: RevisionTrace) -> list[str]:
    """The comment beside a recipe for a table that a later statement of the deployment drops."""
    table = before.tables.get(key)
    end = deployment.upgrades[-1].after if deployment.upgrades else before
    if table is None or not table.oid or any(t.oid == table.oid for t in end.tables.values()):
        return []
    for one in deployment.upgrades:
        for step in one.steps():
            if not isinstance(step.change, DropTable) or step.statement.certainty is Certainty.OTHER_BRANCH:
                continue
            there = step.before.tables.get(table_key(step.before, step.change.table) or ("", ""))
            if there is not None and there.oid == table.oid and step.refusal is None:
                where = line_of(step.statement.origin, one.revision, trace.revision, "a later statement")
                return [f"# {where} drops {key[1]} in this deployment: leave this out, if nothing before needs it."]
    return []
