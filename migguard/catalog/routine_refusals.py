"""PostgreSQL: functions that cannot be replaced, and triggers that cannot be made or are not there.

Sources: ProcedureCreate() in src/backend/catalog/pg_proc.c, and CreateTriggerFiringOn() in
src/backend/commands/trigger.c.
"""

from __future__ import annotations

import re

from migguard.catalog import type_names
from migguard.catalog.believed import WITHOUT_RELATIONS, just_so, whole
from migguard.catalog.edit import Refused, nearest
from migguard.catalog.lookup import function_key, relation_key
from migguard.catalog.routines import argument_types
from migguard.catalog.schema import Catalog, Function, RefusalKind, Table
from migguard.catalog.tables import schema_for
from migguard.changes import (
    AlterTableObject,
    Change,
    CreateFunction,
    CreatePolicy,
    CreateTrigger,
    Name,
    SetTableOption,
    TableAction,
)
from migguard.records import dataclass

PSEUDO = frozenset({"trigger", "event_trigger", "void", "record"})
"""Types that are none of a column's."""

GIVEN = frozenset(
    {"autoinc", "check_foreign_key", "check_primary_key", "insert_username", "lo_manage", "moddatetime",
     "suppress_redundant_updates_trigger", "triggered_change_notification", "tsvector_update_trigger",
     "tsvector_update_trigger_column", "unique_key_recheck"}
)  # fmt: skip
"""Trigger functions of the server and its extensions."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """An input parameter of a function."""

    name: str | None
    default: bool


def refuse_routine(catalog: Catalog, change: Change) -> None:
    """Raise Refused for a function, trigger or policy that the server would not make or find."""
    match change:
        case CreateFunction(or_replace=True):
            refuse_replacing(catalog, change)
        case CreateTrigger():
            refuse_trigger(catalog, change)
        case CreatePolicy(kind="policy"):
            key = relation_key(catalog, change.table)
            if key is not None and key in catalog.views:
                raise Refused(RefusalKind.INVALID, f"{key[1]} is a view, and has no policies", key[1])
        case AlterTableObject():
            refuse_unknown(catalog, change.table, change.kind, change.name)
        case SetTableOption(action=TableAction.ENABLE_TRIGGER | TableAction.DISABLE_TRIGGER, value=str() as value):
            if value.lower() not in ("all", "user") and not value.startswith("RI_"):
                refuse_unknown(catalog, change.table, "trigger", value)
        case SetTableOption(action=TableAction.ENABLE_RULE | TableAction.DISABLE_RULE, value=str() as value):
            refuse_unknown(catalog, change.table, "rule", value)
        case _:
            pass


# --- functions ----------------------------------------------------------------------------------------------------


def refuse_replacing(catalog: Catalog, change: CreateFunction) -> None:
    """Raise Refused where CREATE OR REPLACE would change what callers of a function rely on."""
    if None in catalog.unread:
        return
    key = (schema_for(catalog, change.function), change.function.name)
    wanted = argument_types(change.arguments)
    old = next((f for f in catalog.functions.get(key, ()) if argument_types(f.arguments) == wanted), None)
    if old is None:
        return
    if {old.kind, change.kind} == {"function", "procedure"}:
        raise Refused(RefusalKind.INVALID, f"{key[1]} is a {old.kind}, and OR REPLACE cannot change that", key[1])
    before, after = result(old.returns), result(change.returns)
    if before is not None and after is not None and before != after:
        message = f"OR REPLACE cannot change what {key[1]} returns ({old.returns}) to {change.returns}: drop it first"
        raise Refused(RefusalKind.INVALID, message, key[1])
    for one, other in zip(parameters(old.arguments) or (), parameters(change.arguments) or (), strict=False):
        if one.name is not None and one.name != other.name:
            message = f"OR REPLACE cannot rename the parameter {one.name} of {key[1]}: drop it first"
            raise Refused(RefusalKind.INVALID, message, one.name)
        if one.default and not other.default:
            message = f"OR REPLACE cannot take the default of a parameter of {key[1]} away: drop it first"
            raise Refused(RefusalKind.INVALID, message, key[1])


def result(text: str | None) -> tuple[str, bool, bool] | None:
    """What a function returns: type, whether an array, whether a set of it. None where that is not certain."""
    words = (text or "").split()
    many = bool(words) and words[0].lower() == "setof"
    if not words or "%" in (text or "") or words[0].lower().startswith("table"):
        return None
    found = type_names.named(" ".join(words[many:]))
    if found is None or not (found.builtin or (found.schema is None and found.name in PSEUDO)):
        return None
    return found.name, bool(found.dimensions), many


def parameters(arguments: str) -> list[Parameter] | None:
    """The input parameters of a function as they are written; None where they could not be told apart."""
    found, depth, part = list[Parameter](), 0, ""
    for char in f"{arguments},":
        depth += (char in "([") - (char in ")]")
        if char != "," or depth > 0:
            part += char
            continue
        if part.strip() and (one := parameter(part)) is not None:
            found.append(one)
        part = ""
    return found if not re.search(r"['\"$]", arguments) else None


def parameter(text: str) -> Parameter | None:
    """One parameter; None for one that is only given back."""
    declared, *default = re.split(r"\s+default\s+|:?=", text.strip(), maxsplit=1, flags=re.IGNORECASE)
    words = declared.split()
    mode = words.pop(0).lower() if words and words[0].lower() in ("in", "out", "inout", "variadic") else "in"
    if mode == "out":
        return None
    whole_type = type_names.named(" ".join(words))
    named = len(words) > 1 and (whole_type is None or not whole_type.builtin)
    return Parameter(words[0].lower() if named else None, bool(default))


# --- triggers -----------------------------------------------------------------------------------------------------


def refuse_trigger(catalog: Catalog, change: CreateTrigger) -> None:
    """Raise Refused for a trigger that its relation cannot have, or whose function is none for triggers."""
    key = relation_key(catalog, change.table)
    view = catalog.views.get(key) if key is not None else None
    instead = change.timing == "instead"
    why = None
    if view is not None and view.materialized:
        why = "a materialized view has no triggers"
    elif view is not None and not instead and (change.each_row or "truncate" in change.events):
        why = "a view has no BEFORE or AFTER triggers for each row, and none for TRUNCATE"
    elif view is None and key is not None and instead:
        why = "only a view has INSTEAD OF triggers"
    elif instead and not change.each_row:
        why = "INSTEAD OF triggers are FOR EACH ROW"
    elif change.each_row and "truncate" in change.events:
        why = "triggers for TRUNCATE are FOR EACH STATEMENT"
    if why is not None:
        raise Refused(RefusalKind.INVALID, f"{why}: {change.trigger.name} on {change.table}", change.trigger.name)
    if change.function is not None and None not in catalog.unread:
        refuse_function(catalog, change.function)


def refuse_function(catalog: Catalog, name: Name) -> None:
    """Raise Refused where a trigger's function is not there, or returns something else."""
    key = function_key(catalog, name)
    if key is None:
        elsewhere = name.schema is not None and name.schema not in catalog.schemas
        brought = catalog.extensions - WITHOUT_RELATIONS
        if catalog.functions and whole(catalog) and not (elsewhere or brought or name.name.lower() in GIVEN):
            hint = nearest(name.name, (k[1] for k in catalog.functions))
            message = f'the function "{name}" does not exist{hint}'
            raise Refused(RefusalKind.UNKNOWN_OBJECT, message, str(name))
        return
    fitting = [f for f in catalog.functions[key] if not argument_types(f.arguments)]
    if not fitting:
        raise Refused(RefusalKind.UNKNOWN_OBJECT, f"there is no function {name} without arguments", str(name))
    wrong = next((f for f in fitting if not gives_trigger(f)), None)
    if wrong is not None:
        raise Refused(RefusalKind.INVALID, f"{name} returns {wrong.returns or 'nothing'}, and no trigger", str(name))


def gives_trigger(function: Function) -> bool:
    """Whether a function may be one for triggers."""
    returned = result(function.returns)
    return function.kind == "function" and (returned is None or returned[0] == "trigger")


def refuse_unknown(catalog: Catalog, name: Name, kind: str, wanted: str) -> None:
    """Raise Refused where a table has no trigger, policy or rule of that name."""
    key = relation_key(catalog, name)
    table: Table | None = catalog.tables.get(key) if key is not None else None
    if table is None or not just_so(catalog, table):
        return
    there = [t.name for t in table.triggers] if kind == "trigger" else [n for k, n in table.policies if k == kind]
    if wanted not in there:
        hint = nearest(wanted, there)
        raise Refused(RefusalKind.UNKNOWN_OBJECT, f'{table.key[1]} has no {kind} "{wanted}"{hint}', wanted)
