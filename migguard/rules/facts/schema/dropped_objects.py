"""Which object beside tables a DROP takes away for good: not one that comes back, or that is new."""

from collections.abc import Iterable

from migguard.catalog.lookup import function_key, relation_key, sequence_key
from migguard.catalog.schema import Key, Table, TriggerState
from migguard.changes import (
    Change,
    CreatePolicy,
    CreateTrigger,
    DropExtension,
    DropFunction,
    DropPolicy,
    DropSequence,
    DropTrigger,
    DropView,
    ObjectAction,
    OtherObject,
)
from migguard.records import dataclass
from migguard.rules.facts.schema.deployment_end import final, released, survivor
from migguard.rules.frame import StepContext
from migguard.rules.wording import identifier, label, sql_name


@dataclass(frozen=True, slots=True)
class Dropped:
    """An object that is gone. `owner` is the table of a trigger or policy, `sql` its own name in SQL."""

    kind: str
    name: str
    sql: str
    table: Key | None = None
    owner: str = ""


def dropped(
    change: DropView | DropSequence | DropFunction | DropTrigger | DropExtension | DropPolicy,
    ctx: StepContext,
) -> Dropped | None:
    """The object that a drop takes away, if it was there before the deployment and does not come back."""
    match change:
        case DropView():
            return view(change, ctx)
        case DropSequence():
            return sequence(change, ctx)
        case DropFunction():
            return function(change, ctx)
        case DropTrigger():
            return trigger(change, ctx)
        case DropPolicy():
            return policy(change, ctx)
        case DropExtension():
            return extension(change, ctx)


def view(change: DropView, ctx: StepContext) -> Dropped | None:
    """A view; a table or view that has its name at the end answers in its place."""
    key = relation_key(ctx.before, change.view)
    if key is None:
        known = None if change.if_exists else (change.view.schema or ctx.before.default_schema, change.view.name)
        if known is None or known in final(ctx).views:
            return None
    elif not ctx.existing(key) or key in final(ctx).views or key in final(ctx).tables:
        return None
    kind = "materialized view" if change.materialized else "view"
    return Dropped(kind, label(key, ctx) if key else str(change.view), sql_name(change.view), key)


def sequence(change: DropSequence, ctx: StepContext) -> Dropped | None:
    """A sequence; a new one of its name does not know its number."""
    key = sequence_key(ctx.before, change.sequence)
    if key is None:
        return None if change.if_exists else Dropped("sequence", str(change.sequence), sql_name(change.sequence))
    if not ctx.deployment.existing(ctx.before.sequences[key].oid):
        return None
    return Dropped("sequence", label(key, ctx), sql_name(change.sequence))


def function(change: DropFunction, ctx: StepContext) -> Dropped | None:
    """A function or one of its kin; what has its name at the end is its successor."""
    key = function_key(ctx.before, change.function)
    if key is not None:
        if key not in ctx.deployment.released.functions or key in final(ctx).functions:
            return None
    elif change.if_exists or function_key(final(ctx), change.function) is not None or made_here(change, ctx):
        return None
    kind = "function" if change.kind == "routine" else change.kind
    return Dropped(kind, label(key, ctx) if key else str(change.function), sql_name(change.function))


def made_here(change: DropFunction, ctx: StepContext) -> bool:
    """Whether this deployment made what the schema does not show: an aggregate, or one already dropped."""
    for step in ctx.deployment.steps():
        key = function_key(step.before, change.function)
        if key is not None and key not in ctx.deployment.released.functions:
            return True
        other = step.change
        if not isinstance(other, OtherObject) or other.action is not ObjectAction.CREATE:
            continue
        if (other.kind, other.name) == (change.kind, change.function):
            return True
    return False


def trigger(change: DropTrigger, ctx: StepContext) -> Dropped | None:
    """A trigger of a table that stays and that no other trigger takes over from."""
    name = change.trigger.name
    key = relation_key(ctx.before, change.table) if change.table is not None else owner_of(name, ctx)
    table = ctx.before.tables.get(key) if key is not None else None
    if table is None:
        if change.if_exists or (key is not None and not ctx.existing(key)) or recreated_trigger(name, ctx):
            return None
    else:
        old, end = next((t for t in table.triggers if t.name == name), None), survivor(table, ctx)
        there = released(table, ctx)
        if (old is None and (change.if_exists or table.complete)) or end is None or there is None:
            return None
        if old is not None and all(t.name != name for t in there.triggers):
            return None
        if succeeded(old, name, end, {t.name for t in there.triggers}):
            return None
    owner = label(key, ctx) if key is not None else "its table"
    return Dropped("trigger", name, identifier(name), key, owner)


def succeeded(old: TriggerState | None, name: str, end: Table, known: Iterable[str]) -> bool:
    """Whether a trigger of that name, or a new one that calls the same function, is there at the end."""
    new = [t for t in end.triggers if t.name not in known]
    return any(t.name == name for t in end.triggers) or (
        old is not None and any(t.function == old.function and (t.function or t.body == old.body) for t in new)
    )


def owner_of(trigger: str, ctx: StepContext) -> Key | None:
    """The table that has a trigger of that name, where the statement does not say."""
    return next((t.key for t in ctx.before.tables.values() if any(g.name == trigger for g in t.triggers)), None)


def recreated_trigger(name: str, ctx: StepContext) -> bool:
    """Whether the deployment creates a trigger of that name: a view's triggers are not kept in the schema."""
    made = (s.change for s in ctx.deployment.steps() if s.refusal is None)
    return any(isinstance(c, CreateTrigger) and c.trigger.name == name for c in made)


def policy(change: DropPolicy, ctx: StepContext) -> Dropped | None:
    """A policy or rule of a table that stays, where the deployment gives the table no other of its kind."""
    key = relation_key(ctx.before, change.table)
    table = ctx.before.tables.get(key) if key is not None else None
    if key is None or not ctx.existing(key):
        return None
    if table is not None:
        there = (change.kind, change.name)
        if there not in table.policies and (change.if_exists or table.complete):
            return None
        old, end = released(table, ctx), survivor(table, ctx)
        if end is None or old is None or (there in table.policies and there not in old.policies):
            return None
    made = [s for s in ctx.deployment.steps() if s.refusal is None]
    if any(relation_key(s.before, c.table) == key for s in made if (c := new_policy(s.change, change.kind))):
        return None
    return Dropped(change.kind, change.name, identifier(change.name), key, label(key, ctx))


def new_policy(change: Change, kind: str) -> CreatePolicy | None:
    """The change, if it makes a policy (or rule)."""
    return change if isinstance(change, CreatePolicy) and change.kind == kind else None


def extension(change: DropExtension, ctx: StepContext) -> Dropped | None:
    """An extension; one that the history never made is taken as there, but for IF EXISTS."""
    was = change.name in ctx.deployment.released.extensions
    if change.name in final(ctx).extensions or (not was and (change.if_exists or change.name in ctx.before.extensions)):
        return None
    return Dropped("extension", change.name, identifier(change.name))
