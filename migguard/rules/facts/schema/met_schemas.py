"""Schemas that are refused as unknown, and that what the deployment does later shows to have been there."""

from migguard.catalog.schema import RefusalKind
from migguard.changes import CreateTable
from migguard.rules.frame import Context
from migguard.trace import Step


def was_there(step: Step, ctx: Context) -> bool:
    """Whether a step is refused for a schema in which a later revision works on a table that nobody made.

    A table whose creation was refused for the schema is none of those: it is only missing because of that.
    """
    if step.refusal is None or step.refusal.kind is not RefusalKind.UNKNOWN_SCHEMA or ctx.lookup is None:
        return False
    schema = step.refusal.object
    deployment = ctx.lookup.deployment
    refused = {
        (other.change.table.schema, other.change.table.name)
        for other in deployment.steps()
        if isinstance(other.change, CreateTable) and other.refusal is not None
    }
    last = deployment.upgrades[-1].after if deployment.upgrades else deployment.released
    met = last.assumed | (deployment.final.assumed if deployment.final is not None else frozenset())
    return any(key[0] == schema and key not in refused for key in met)
