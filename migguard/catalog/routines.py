"""Functions, and the triggers, policies and rules of tables."""

from __future__ import annotations

import re
from dataclasses import replace

from migguard.catalog import type_names
from migguard.catalog.drops import Fall, drop_column, shown
from migguard.catalog.edit import Refused, put_table
from migguard.catalog.lookup import (
    relation_key,
)
from migguard.catalog.partition_triggers import partitions, renamed_trigger, with_trigger, without_trigger
from migguard.catalog.rename import names
from migguard.catalog.schema import (
    Catalog,
    Function,
    Key,
    RefusalKind,
    Table,
    TriggerState,
)
from migguard.catalog.tables import schema_for
from migguard.changes import (
    AlterTableObject,
    CreateFunction,
    CreatePolicy,
    CreateTrigger,
    DropFunction,
    DropPolicy,
    DropTrigger,
    Name,
)


def create_function(catalog: Catalog, change: CreateFunction) -> Catalog:
    """CREATE FUNCTION and PROCEDURE; overloads are told apart by their arguments."""
    key = (schema_for(catalog, change.function), change.function.name)
    made = Function(key, change.kind, change.arguments, change.language, change.volatility, change.body, change.returns)
    wanted = argument_types(change.arguments)
    others = tuple(f for f in catalog.functions.get(key, ()) if argument_types(f.arguments) != wanted)
    if not change.or_replace and len(others) != len(catalog.functions.get(key, ())):
        raise Refused(RefusalKind.DUPLICATE, f"a {change.kind} {key[1]}({change.arguments}) already exists", key[1])
    schemas = catalog.schemas | {key[0]}
    return replace(catalog, functions=catalog.functions.set(key, (*others, made)), schemas=schemas)


def argument_types(arguments: str) -> tuple[str, ...]:
    """The types in a list of arguments, by which overloads are told apart: without names, modes and defaults."""
    found, depth, part = [], 0, ""
    for char in f"{arguments},":
        depth += (char in "([") - (char in ")]")
        if char == "," and depth <= 0:
            if part.strip():
                found.append(argument_type(part))
            part = ""
        else:
            part += char
    return tuple(f for f in found if f is not None)


def argument_type(argument: str) -> str | None:
    """The type of one argument, as the server names it; None for an OUT argument."""
    text = re.split(r"\s+default\s+|:?=", argument.strip(), maxsplit=1, flags=re.IGNORECASE)[0]
    words = text.split()
    mode = words.pop(0).lower() if words and words[0].lower() in ("in", "out", "inout", "variadic") else "in"
    if mode == "out":
        return None
    whole = type_names.named(" ".join(words))
    if whole is None or (not whole.builtin and len(words) > 1):
        whole = type_names.named(" ".join(words[1:])) or whole
    return f"{whole.schema or ''}.{whole.name}{'[]' * whole.dimensions}" if whole is not None else " ".join(words)


def drop_function(fall: Fall, change: DropFunction) -> None:
    """DROP FUNCTION: triggers that call it are dependents."""
    key = next(
        (
            (s, change.function.name)
            for s in ([change.function.schema] if change.function.schema else fall.catalog.search_path)
            if (s, change.function.name) in fall.catalog.functions
        ),
        None,
    )
    if key is None:
        return  # it may be an extension's, or have been made where the replay does not see it
    there = fall.catalog.functions[key]
    if change.arguments is not None:
        wanted = argument_types(change.arguments)
        going = tuple(f for f in there if argument_types(f.arguments) == wanted)
        if not going:
            if change.if_exists:
                return
            message = f"the function {key[1]}({change.arguments}) does not exist"
            raise Refused(RefusalKind.UNKNOWN_OBJECT, message, key[1])
        if len(going) < len(there):
            left = tuple(f for f in there if f not in going)
            fall.catalog = replace(fall.catalog, functions=fall.catalog.functions.set(key, left))
            return
    elif len(there) > 1:
        raise Refused(RefusalKind.INVALID, f"there are several functions {key[1]}: name the arguments", key[1])
    users = [(t.key, g.name) for t in fall.catalog.tables.values() for g in t.triggers if g.function == key]
    fall.refuse(f"the function {key[1]}", (f"the trigger {g} of {shown(t, fall.catalog)}" for t, g in users))
    drop_uses_of_function(fall, key)
    for table_at, trigger in users:
        table = fall.catalog.tables[table_at]
        fall.took("trigger", f"{shown(table_at, fall.catalog)}.{trigger}")
        kept = tuple(g for g in table.triggers if g.name != trigger)
        fall.catalog = put_table(fall.catalog, replace(table, triggers=kept))
    fall.catalog = replace(fall.catalog, functions=fall.catalog.functions.delete(key))


def drop_uses_of_function(fall: Fall, key: Key) -> None:
    """The defaults, generated columns, CHECKs and indexes that call a function."""
    for table in list(fall.catalog.tables.values()):
        where = shown(table.key, fall.catalog)
        defaults = [c.name for c in table.columns if names(c.default, "function", key)]
        generated = [c.name for c in table.columns if names(c.generated, "function", key)]
        checks = [c for c in table.constraints if names(c.expression, "function", key)]
        indexes = [
            i
            for i in table.indexes
            if names(i.where, "function", key) or any(names(e.expression, "function", key) for e in i.elements)
        ]
        used = [
            *(f"the default of {where}.{c}" for c in defaults),
            *(f"the generated column {where}.{c}" for c in generated),
            *(f"the check {c.name} of {where}" for c in checks),
            *(f"the index {i.name}" for i in indexes),
        ]
        if not used:
            continue
        fall.refuse(f"the function {key[1]}", used)
        for word in used:
            fall.took(*word.removeprefix("the ").split(" ", 1))
        kept = replace(
            table,
            columns=tuple(replace(c, default=None) if c.name in defaults else c for c in table.columns),
            constraints=tuple(c for c in table.constraints if c not in checks),
            indexes=tuple(i for i in table.indexes if i not in indexes),
        )
        fall.catalog = put_table(fall.catalog, kept)
        for name in generated:
            drop_column(fall, table.key, name)


def owner_table(catalog: Catalog, name: Name) -> Table | None:
    """The table that a trigger or policy belongs to. Raises Refused where it cannot be there."""
    key = relation_key(catalog, name)
    if key is not None:
        return catalog.tables.get(key)
    if catalog.assumed or catalog.unread or not catalog.tables:
        return None
    raise Refused(RefusalKind.UNKNOWN_RELATION, f'the relation "{name}" does not exist', str(name))


def create_trigger(catalog: Catalog, change: CreateTrigger) -> Catalog:
    """CREATE TRIGGER."""
    table = owner_table(catalog, change.table)
    if table is None:
        return catalog
    if any(t.name == change.trigger.name for t in table.triggers) and not change.or_replace:
        if change.if_not_exists:
            return catalog
        raise Refused(
            RefusalKind.DUPLICATE, f'{table.key[1]} already has a trigger "{change.trigger.name}"', change.trigger.name
        )
    function = change.function
    key = (function.schema or catalog.default_schema, function.name) if function is not None else None
    made = TriggerState(
        change.trigger.name, key, change.events, change.timing, change.body, change.text, each_row=change.each_row
    )
    kept = tuple(t for t in table.triggers if t.name != made.name)
    catalog = put_table(catalog, replace(table, triggers=(*kept, made)))
    if change.each_row and table.partition_by is not None:
        for child in partitions(catalog, table.key):
            catalog = with_trigger(catalog, child, made)
    return catalog


def drop_trigger(catalog: Catalog, change: DropTrigger) -> Catalog:
    """DROP TRIGGER."""
    if change.table is None:
        for table in catalog.tables.values():
            if any(t.name == change.trigger.name for t in table.triggers):
                kept = tuple(t for t in table.triggers if t.name != change.trigger.name)
                return put_table(catalog, replace(table, triggers=kept))
        return catalog
    if change.if_exists and relation_key(catalog, change.table) is None:
        return catalog
    found = owner_table(catalog, change.table)
    if found is None:
        return catalog
    if not any(t.name == change.trigger.name for t in found.triggers) and not change.if_exists and found.complete:
        raise Refused(
            RefusalKind.UNKNOWN_OBJECT, f'{found.key[1]} has no trigger "{change.trigger.name}"', change.trigger.name
        )
    there = next((t for t in found.triggers if t.name == change.trigger.name), None)
    if there is not None and there.inherited:
        message = f"the trigger {there.name} of {found.key[1]} is that of its partitioned table: drop it there"
        raise Refused(RefusalKind.DEPENDENTS, message, there.name)
    catalog = put_table(catalog, replace(found, triggers=tuple(t for t in found.triggers if t is not there)))
    for child in partitions(catalog, found.key):
        catalog = without_trigger(catalog, child, change.trigger.name)
    return catalog


def change_policy(catalog: Catalog, change: CreatePolicy | DropPolicy | AlterTableObject) -> Catalog:
    """Policies and rules, kept by name; triggers' renames."""
    if isinstance(change, DropPolicy) and change.if_exists and relation_key(catalog, change.table) is None:
        return catalog
    table = owner_table(catalog, change.table)
    if table is None:
        return catalog
    there = (change.kind, change.name)
    match change:
        case CreatePolicy():
            if there in table.policies and not change.or_replace:
                raise Refused(
                    RefusalKind.DUPLICATE, f'{table.key[1]} already has a {change.kind} "{change.name}"', change.name
                )
            policies = (*(p for p in table.policies if p != there), there)
            named = dict.fromkeys(r.name for r in change.references if r.kind == "column" and table.column(r.name))
            columns = (*(c for c in table.policy_columns if c[:2] != there), (*there, tuple(named)))
            return put_table(catalog, replace(table, policies=policies, policy_columns=columns))
        case DropPolicy():
            if there not in table.policies and not change.if_exists and table.complete:
                raise Refused(
                    RefusalKind.UNKNOWN_OBJECT, f'{table.key[1]} has no {change.kind} "{change.name}"', change.name
                )
            columns = tuple(c for c in table.policy_columns if c[:2] != there)
            policies = tuple(p for p in table.policies if p != there)
            return put_table(catalog, replace(table, policies=policies, policy_columns=columns))
        case AlterTableObject():
            if change.new is None:
                return catalog
            new = change.new
            policies = tuple((k, new) if (k, n) == there else (k, n) for k, n in table.policies)
            columns = tuple((k, new, c) if (k, n) == there else (k, n, c) for k, n, c in table.policy_columns)
            catalog = put_table(catalog, replace(table, policies=policies, policy_columns=columns))
            return renamed_trigger(catalog, table.key, change.name, new) if change.kind == "trigger" else catalog
