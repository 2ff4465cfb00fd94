"""Whether revisions ask the server which indexes are valid, and so know what a failed build has left."""

from migguard.changes import Select
from migguard.rules.facts.rows.enum_uses import given
from migguard.rules.facts.scripts.index_drops import rebuilds_index
from migguard.rules.frame import StepContext
from migguard.trace import Step


def asks_validity(ctx: StepContext) -> bool:
    """Whether the revision asks the server which indexes are valid, and so knows what an earlier attempt left."""
    return any(asks(step) for step in (ctx.trace.steps() if ctx.trace is not None else ()))


def rebuilt_later(name: str, ctx: StepContext) -> bool:
    """Whether a later revision of the deployment asks whether this index is valid, and drops or reindexes it."""
    engine, here = ctx.before.server.engine, False
    for trace in ctx.deployment.upgrades:
        script = ctx.known.scripts.get(trace.revision)
        if here and script is not None and any(asks(step) and named(name, step) for step in trace.steps()):
            return rebuilds_index(script, name, engine)
        here = here or trace is ctx.trace
    return False


def asks(step: Step) -> bool:
    """Whether a step is a query about the validity of indexes."""
    return isinstance(step.change, Select) and any(c == "indisvalid" for _, c in step.change.query.columns_used)


def named(name: str, step: Step) -> bool:
    """Whether a query names something, in its text or in a value that it is given."""
    strings = step.change.query.strings if isinstance(step.change, Select) else ()
    return name in strings or any(value == name for value in given(step.statement.parameters))
