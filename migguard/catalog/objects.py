"""Types, sequences, views, functions, triggers, schemas and what else a catalog keeps."""

from __future__ import annotations

import re
from dataclasses import replace

from migguard.catalog import type_names
from migguard.catalog.columns import resolved, sequence_state
from migguard.catalog.constraints import need_constraint, not_null_column
from migguard.catalog.defaults import nextval, relabelled, sequence_name
from migguard.catalog.drops import Fall, drop_column, drop_relation, drop_sequence, shown
from migguard.catalog.edit import Refused, put_sequence, put_table, put_view, remove_sequence, replace_column
from migguard.catalog.lookup import (
    TEMPORARY,
    relation_at,
    relation_key,
    sequence_key,
    table_key,
    type_key,
)
from migguard.catalog.naming import relation_taken
from migguard.catalog.rename import moved, names
from migguard.catalog.schema import (
    Catalog,
    Column,
    CompositeType,
    ConstraintKind,
    ConstraintState,
    DomainType,
    EnumType,
    Function,
    Key,
    RefusalKind,
    Table,
    TriggerState,
    UserType,
    View,
)
from migguard.catalog.tables import move, query_columns, schema_for
from migguard.changes import (
    AddEnumValue,
    AlterCompositeType,
    AlterDomain,
    AlterSequence,
    AlterTableObject,
    Check,
    Comment,
    CreateCompositeType,
    CreateDomain,
    CreateEnum,
    CreateFunction,
    CreatePolicy,
    CreateSequence,
    CreateTrigger,
    CreateView,
    DropFunction,
    DropPolicy,
    DropTrigger,
    DropType,
    Engine,
    Expression,
    Name,
    ObjectAction,
    OtherObject,
    RefreshMaterializedView,
    RenameEnumValue,
    RenameType,
    SequenceOptions,
)


def next_oid(catalog: Catalog) -> Catalog:
    """The catalog with one identity given away."""
    return replace(catalog, next_oid=catalog.next_oid + 1)


# --- types --------------------------------------------------------------------------------------------------------


def new_type_key(catalog: Catalog, name: Name) -> Key:
    """The key for a new type. Raises Refused where it is taken."""
    key = (schema_for(catalog, name), name.name)
    if key in catalog.types or key in catalog.tables or key in catalog.views:
        raise Refused(RefusalKind.DUPLICATE, f'a type "{name.name}" already exists', name.name)
    return key


def create_type(catalog: Catalog, change: CreateEnum | CreateDomain | CreateCompositeType) -> Catalog:
    """CREATE TYPE and CREATE DOMAIN."""
    made: UserType
    match change:
        case CreateEnum():
            made = EnumType(new_type_key(catalog, change.type), change.labels, oid=catalog.next_oid)
        case CreateDomain():
            key = new_type_key(catalog, change.domain)
            base = resolved(change.type, catalog)
            assert base is not None
            checks: tuple[ConstraintState, ...] = ()
            for check in change.checks:
                checks = (*checks, domain_check(key, check, checks))
            made = DomainType(key, base, change.not_null, change.default, checks, oid=catalog.next_oid)
        case CreateCompositeType():
            made = CompositeType(
                new_type_key(catalog, change.type), change.kind, change.attributes, oid=catalog.next_oid
            )
    return next_oid(replace(catalog, types=catalog.types.set(made.key, made)))


def domain_check(key: Key, check: Check, there: tuple[ConstraintState, ...]) -> ConstraintState:
    """A domain's CHECK, with the server's name where it has none."""
    name, number = check.name or f"{key[1]}_check", 0
    while check.name is None and any(c.name == name for c in there):
        number += 1
        name = f"{key[1]}_check{number}"
    return ConstraintState(
        name, ConstraintKind.CHECK, named=check.name is not None, expression=check.expression, valid=not check.not_valid
    )


def need_type(catalog: Catalog, name: Name) -> Key | None:
    """The key of a user type; None where it may be one that the history never made. Raises Refused."""
    key = type_key(catalog, name)
    if key is None and not (catalog.assumed or catalog.unread):
        raise Refused(RefusalKind.UNKNOWN_TYPE, f'the type "{name}" does not exist', str(name))
    return key


def need_enum(catalog: Catalog, name: Name) -> EnumType | None:
    """The enum of that name."""
    key = need_type(catalog, name)
    made = catalog.types.get(key) if key is not None else None
    if made is not None and not isinstance(made, EnumType):
        raise Refused(RefusalKind.INVALID, f"{name} is no enum", str(name))
    return made


def add_value(catalog: Catalog, change: AddEnumValue) -> Catalog:
    """ALTER TYPE … ADD VALUE."""
    enum = need_enum(catalog, change.type)
    if enum is None:
        return catalog
    if change.value in enum.labels:
        if change.if_not_exists:
            return catalog
        raise Refused(RefusalKind.DUPLICATE, f'{enum.key[1]} already has the value "{change.value}"', change.value)
    place = len(enum.labels)
    if change.neighbour is not None:
        if change.neighbour not in enum.labels:
            raise Refused(
                RefusalKind.UNKNOWN_VALUE, f'{enum.key[1]} has no value "{change.neighbour}"', change.neighbour
            )
        place = enum.labels.index(change.neighbour) + (0 if change.before else 1)
    labels = (*enum.labels[:place], change.value, *enum.labels[place:])
    return replace(catalog, types=catalog.types.set(enum.key, replace(enum, labels=labels)))


def rename_value(catalog: Catalog, change: RenameEnumValue) -> Catalog:
    """ALTER TYPE … RENAME VALUE."""
    enum = need_enum(catalog, change.type)
    if enum is None:
        return catalog
    if change.value not in enum.labels:
        raise Refused(RefusalKind.UNKNOWN_VALUE, f'{enum.key[1]} has no value "{change.value}"', change.value)
    if change.new in enum.labels:
        raise Refused(RefusalKind.DUPLICATE, f'{enum.key[1]} already has the value "{change.new}"', change.new)
    labels = tuple(change.new if v == change.value else v for v in enum.labels)
    catalog = replace(catalog, types=catalog.types.set(enum.key, replace(enum, labels=labels)))
    for user in catalog.type_users.get(enum.key, frozenset()):
        table = catalog.tables[user]
        columns = tuple(
            replace(c, default=relabelled(c.default, change.value, change.new, catalog, c.type))
            if c.type is not None and (c.type.schema, c.type.name) == enum.key
            else c
            for c in table.columns
        )
        catalog = put_table(catalog, replace(table, columns=columns))
    return catalog


def alter_domain(catalog: Catalog, change: AlterDomain) -> Catalog:
    """ALTER DOMAIN."""
    key = need_type(catalog, change.domain)
    domain = catalog.types.get(key) if key is not None else None
    if key is None or domain is None:
        return catalog
    if not isinstance(domain, DomainType):
        raise Refused(RefusalKind.INVALID, f"{change.domain} is no domain", str(change.domain))
    match change.action:
        case "set default" | "drop default":
            domain = replace(domain, default=change.default)
        case "set not null" | "drop not null":
            domain = replace(domain, not_null=change.action == "set not null")
        case "add constraint" if isinstance(change.constraint, Check):
            domain = replace(domain, checks=(*domain.checks, domain_check(key, change.constraint, domain.checks)))
        case "drop constraint" | "validate constraint" | "rename constraint":
            if not any(c.name == change.name for c in domain.checks) and not change.if_exists:
                raise Refused(
                    RefusalKind.UNKNOWN_CONSTRAINT, f'{key[1]} has no constraint "{change.name}"', change.name
                )
            checks = []
            for check in domain.checks:
                if check.name != change.name:
                    checks.append(check)
                elif change.action == "validate constraint":
                    checks.append(replace(check, valid=True))
                elif change.action == "rename constraint":
                    checks.append(replace(check, name=change.new or check.name))
            domain = replace(domain, checks=tuple(checks))
        case _:
            pass
    return replace(catalog, types=catalog.types.set(key, domain))


def alter_composite(catalog: Catalog, change: AlterCompositeType) -> Catalog:
    """ALTER TYPE … ATTRIBUTE."""
    key = need_type(catalog, change.type)
    made = catalog.types.get(key) if key is not None else None
    if key is None or not isinstance(made, CompositeType):
        return catalog
    there = any(a[0] == change.attribute for a in made.attributes)
    if made.kind == "composite" and there is (change.action == "add"):
        if change.if_exists:
            return catalog
        state = "already has" if there else "has no"
        kind = RefusalKind.DUPLICATE if there else RefusalKind.UNKNOWN_COLUMN
        raise Refused(kind, f'{key[1]} {state} an attribute "{change.attribute}"', change.attribute)
    attributes = [a for a in made.attributes if not (change.action == "drop" and a[0] == change.attribute)]
    if change.data_type is not None:
        if change.action == "add":
            attributes.append((change.attribute, change.data_type))
        else:
            attributes = [(n, change.data_type if n == change.attribute else t) for n, t in attributes]
    return replace(catalog, types=catalog.types.set(key, replace(made, attributes=tuple(attributes))))


def rename_attribute(catalog: Catalog, name: Name, old: str, new: str) -> Catalog:
    """ALTER TYPE … RENAME ATTRIBUTE."""
    key = need_type(catalog, name)
    made = catalog.types.get(key) if key is not None else None
    if key is None or not isinstance(made, CompositeType):
        return catalog
    if all(n != old for n, _ in made.attributes):
        raise Refused(RefusalKind.UNKNOWN_COLUMN, f'{key[1]} has no attribute "{old}"', old)
    if any(n == new for n, _ in made.attributes):
        raise Refused(RefusalKind.DUPLICATE, f'{key[1]} already has an attribute "{new}"', new)
    attributes = tuple((new if n == old else n, t) for n, t in made.attributes)
    return replace(catalog, types=catalog.types.set(key, replace(made, attributes=attributes)))


def rename_type(catalog: Catalog, old: Key, new: Key) -> Catalog:
    """A type under another key: columns of it follow."""
    if new in catalog.types:
        raise Refused(RefusalKind.DUPLICATE, f'a type "{new[1]}" already exists', new[1])
    made = replace(catalog.types[old], key=new)
    users = catalog.type_users.get(old, frozenset())
    types = catalog.types.delete(old).set(new, made)
    catalog = replace(catalog, types=types, dropped=(catalog.dropped | {old}) - {new})

    def followed(expression: Expression | None) -> Expression | None:
        return moved(expression, "type", old, new, catalog) if expression is not None else None

    for user in users:
        table = catalog.tables[user]
        columns = tuple(
            replace(
                c,
                type=replace(c.type, name=new[1], schema=new[0])
                if c.type is not None and not c.type.builtin and (c.type.schema, c.type.name) == old
                else c.type,
                default=followed(c.default),
                generated=followed(c.generated),
            )
            for c in table.columns
        )
        constraints = tuple(replace(c, expression=followed(c.expression)) for c in table.constraints)
        catalog = put_table(catalog, replace(table, columns=columns, constraints=constraints))
    using = catalog.type_users
    if old in using:
        using = using.delete(old).set(new, users)
    return replace(catalog, type_users=using)


def drop_type(fall: Fall, change: DropType) -> None:
    """DROP TYPE and DROP DOMAIN: columns of it are dependents."""
    key = type_key(fall.catalog, change.type)
    if key is None:
        if change.if_exists or fall.catalog.assumed or fall.catalog.unread:
            return
        raise Refused(RefusalKind.UNKNOWN_TYPE, f'the type "{change.type}" does not exist', str(change.type))
    users = [
        (t, c.name)
        for t in sorted(fall.catalog.type_users.get(key, frozenset()))
        for c in fall.catalog.tables[t].columns
        if c.type is not None and not c.type.builtin and (c.type.schema, c.type.name) == key
    ]
    fall.refuse(f"the type {key[1]}", (f"{shown(t, fall.catalog)}.{c}" for t, c in users))
    for table, column in users:
        if table in fall.catalog.tables and fall.catalog.tables[table].column(column) is not None:
            fall.took("column", f"{shown(table, fall.catalog)}.{column}")
            drop_column(fall, table, column)
    fall.catalog = replace(fall.catalog, types=fall.catalog.types.delete(key), dropped=fall.catalog.dropped | {key})


# --- sequences ----------------------------------------------------------------------------------------------------


def create_sequence(catalog: Catalog, change: CreateSequence) -> Catalog:
    """CREATE SEQUENCE."""
    key = (schema_for(catalog, change.sequence, temporary=change.temporary), change.sequence.name)
    if relation_taken(catalog, *key):
        if change.if_not_exists:
            return catalog
        raise Refused(RefusalKind.DUPLICATE, f'a relation "{key[1]}" already exists', key[1])
    made = replace(sequence_state(key, change.options), oid=catalog.next_oid)
    return own(next_oid(put_sequence(catalog, made)), key, change.options)


def own(catalog: Catalog, key: Key, options: SequenceOptions) -> Catalog:
    """OWNED BY: the sequence goes with its column from now on."""
    sequence = catalog.sequences[key]
    if sequence.owner is not None and (options.owned_by is not None or options.owned_by_none):
        table = catalog.tables.get(sequence.owner[0])
        column = table.column(sequence.owner[1]) if table is not None else None
        if table is not None and column is not None and column.sequence == key:
            catalog = put_table(catalog, replace_column(table, column.name, replace(column, sequence=None)))
        catalog = put_sequence(catalog, replace(sequence, owner=None))
    if options.owned_by is None:
        return catalog
    table_at = table_key(catalog, options.owned_by[0])
    table = catalog.tables.get(table_at) if table_at is not None else None
    column = table.column(options.owned_by[1]) if table is not None else None
    if table is None or column is None:
        if (table is not None and not table.complete) or catalog.assumed:
            return catalog
        raise Refused(
            RefusalKind.UNKNOWN_COLUMN, f"there is no column {options.owned_by[0]}.{options.owned_by[1]}", key[1]
        )
    catalog = put_sequence(catalog, replace(catalog.sequences[key], owner=(table.key, column.name)))
    return put_table(catalog, replace_column(catalog.tables[table.key], column.name, replace(column, sequence=key)))


def need_sequence(catalog: Catalog, name: Name, *, if_exists: bool) -> Key | None:
    """The key of a sequence. Raises Refused where it is not there."""
    key = sequence_key(catalog, name)
    if key is None and not if_exists and not (catalog.assumed or catalog.unread):
        raise Refused(RefusalKind.UNKNOWN_RELATION, f'the sequence "{name}" does not exist', str(name))
    return key


def alter_sequence(catalog: Catalog, change: AlterSequence) -> Catalog:
    """ALTER SEQUENCE."""
    key = need_sequence(catalog, change.sequence, if_exists=change.if_exists)
    if key is None:
        return catalog
    made = sequence_state(key, change.options, catalog.sequences[key])
    return own(put_sequence(catalog, made), key, change.options)


def move_sequence(catalog: Catalog, old: Key, new: Key) -> Catalog:
    """A sequence under another key: defaults that draw from it follow."""
    if relation_taken(catalog, *new):
        raise Refused(RefusalKind.DUPLICATE, f'a relation "{new[1]}" already exists', new[1])
    sequence = replace(catalog.sequences[old], key=new)
    drawing = [
        (t, c)
        for t in catalog.tables.values()
        for c in t.columns
        if c.sequence == old or (c.default is not None and "nextval" in c.default.functions and drawn(catalog, c, old))
    ]
    catalog = put_sequence(remove_sequence(catalog, old), sequence)
    for table, column in drawing:
        default = (
            nextval(new, catalog)
            if column.default is not None and "nextval" in column.default.functions
            else column.default
        )
        made = replace(column, default=default, sequence=new if column.sequence == old else column.sequence)
        catalog = put_table(catalog, replace_column(catalog.tables[table.key], column.name, made))
    return catalog


def drawn(catalog: Catalog, column: Column, key: Key) -> bool:
    """Whether a column's default draws from a sequence."""
    name = sequence_name(column.default) if column.default is not None else None
    return name is not None and sequence_key(catalog, name) == key


# --- views --------------------------------------------------------------------------------------------------------


def refreshed(catalog: Catalog, change: RefreshMaterializedView) -> Catalog:
    """REFRESH MATERIALIZED VIEW fills a view, or empties it."""
    key = relation_key(catalog, change.view)
    view = catalog.views.get(key) if key is not None else None
    if key is None and catalog.tables and not (catalog.assumed or catalog.unread):
        raise Refused(RefusalKind.UNKNOWN_RELATION, f'the view "{change.view}" does not exist', str(change.view))
    if key is not None and (view is None or not view.materialized):
        raise Refused(RefusalKind.INVALID, f'"{change.view}" is no materialized view', str(change.view))
    if key is None or view is None or view.populated is change.with_data:
        return catalog
    return replace(catalog, views=catalog.views.set(key, replace(view, populated=change.with_data)))


def create_view(catalog: Catalog, change: CreateView) -> Catalog:
    """CREATE [OR REPLACE] [MATERIALIZED] VIEW."""
    key = (schema_for(catalog, change.view, temporary=change.temporary), change.view.name)
    old = catalog.views.get(key)
    if (old is None and relation_taken(catalog, *key)) or (old is not None and not change.or_replace):
        if change.if_not_exists:
            return catalog
        raise Refused(RefusalKind.DUPLICATE, f'a relation "{key[1]}" already exists', key[1])
    if change.temporary:
        catalog = replace(catalog, schemas=catalog.schemas | {TEMPORARY})
    uses: set[tuple[Key, str | None]] = set()
    for name in change.query.relations:
        used = relation_key(catalog, name)
        if used is None:
            known = catalog.server.engine is Engine.POSTGRESQL and not (catalog.assumed or catalog.unread)
            if known and not name.schema and not name.name.startswith(("pg_", "generate_")):
                raise Refused(RefusalKind.UNKNOWN_RELATION, f'the relation "{name}" does not exist', str(name))
            continue
        relation = relation_at(catalog, name)
        told = relation is not None and relation.complete
        uses.add((used, None) if change.query.star and not told else (used, ""))
        columns = {c.name for c in relation.columns} if relation is not None else set()
        for owner, column in change.query.columns_used:
            if (owner == name.name or owner is None) and column in columns:
                uses.add((used, column))
        if change.query.star:
            uses |= {(used, c) for c in columns}
    columns_made, complete = query_columns(catalog, change.query)
    if change.columns:
        pairs = zip(
            change.columns, (*columns_made, *[Column("", None, assumed=True)] * len(change.columns)), strict=False
        )
        columns_made, complete = [replace(c, name=n) for n, c in pairs], True
    made = View(
        key,
        change.query,
        tuple(replace(c, oid=0, sequence=None, default=None, nullable=True) for c in columns_made),
        frozenset(uses),
        materialized=change.materialized,
        temporary=change.temporary,
        populated=change.with_data,
        complete=complete,
        oid=old.oid if old is not None else catalog.next_oid,
        comment=old.comment if old is not None else None,
    )
    if old is not None:
        refuse_replacing(old, made)
    return put_view(next_oid(catalog) if old is None else catalog, made)


def refuse_replacing(old: View, new: View) -> None:
    """Raise Refused where CREATE OR REPLACE would drop, rename or change a column of a view."""
    if not (old.complete and new.complete):
        return
    if len(new.columns) < len(old.columns):
        raise Refused(RefusalKind.INVALID, f"the view {old.key[1]} cannot lose a column by OR REPLACE", old.key[1])
    for before, after in zip(old.columns, new.columns, strict=False):
        if before.name != after.name:
            message = f"OR REPLACE cannot rename the column {before.name} of the view {old.key[1]} to {after.name}"
            raise Refused(RefusalKind.INVALID, message, before.name)
        if before.type is not None and after.type is not None and before.type != after.type:
            message = f"OR REPLACE cannot change the type of the column {before.name} of the view {old.key[1]}"
            raise Refused(RefusalKind.INVALID, message, before.name)


# --- functions, triggers, policies --------------------------------------------------------------------------------


def create_function(catalog: Catalog, change: CreateFunction) -> Catalog:
    """CREATE FUNCTION and PROCEDURE; overloads are told apart by their arguments."""
    key = (schema_for(catalog, change.function), change.function.name)
    made = Function(key, change.kind, change.arguments, change.language, change.volatility, change.body, change.returns)
    wanted = argument_types(change.arguments)
    others = tuple(f for f in catalog.functions.get(key, ()) if argument_types(f.arguments) != wanted)
    if not change.or_replace and len(others) != len(catalog.functions.get(key, ())):
        raise Refused(RefusalKind.DUPLICATE, f"a {change.kind} {key[1]}({change.arguments}) already exists", key[1])
    return replace(catalog, functions=catalog.functions.set(key, (*others, made)))


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
    made = TriggerState(change.trigger.name, key, change.events, change.timing, change.body, change.text)
    kept = tuple(t for t in table.triggers if t.name != made.name)
    catalog = put_table(catalog, replace(table, triggers=(*kept, made)))
    return on_partitions(catalog, table.key, made) if change.each_row and table.partition_by is not None else catalog


def on_partitions(catalog: Catalog, key: Key, trigger: TriggerState) -> Catalog:
    """A row trigger of a partitioned table stands on each partition too."""
    for child in catalog.children.get(key, ()):
        table = catalog.tables.get(child)
        if table is not None and table.partition_of == key:
            kept = tuple(t for t in table.triggers if t.name != trigger.name)
            made = replace(table, triggers=(*kept, replace(trigger, inherited=True)))
            catalog = on_partitions(put_table(catalog, made), child, trigger)
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
    kept = tuple(t for t in found.triggers if t.name != change.trigger.name)
    return put_table(catalog, replace(found, triggers=kept))


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
            triggers = tuple(
                replace(t, name=new) if change.kind == "trigger" and t.name == change.name else t
                for t in table.triggers
            )
            return put_table(catalog, replace(table, policies=policies, policy_columns=columns, triggers=triggers))


# --- schemas and the rest -----------------------------------------------------------------------------------------


def drop_schema(fall: Fall, name: str, *, if_exists: bool) -> None:
    """DROP SCHEMA: all that is in it is dependent."""
    catalog = fall.catalog
    if name not in catalog.schemas:
        if if_exists or catalog.assumed or catalog.unread:
            return
        raise Refused(RefusalKind.UNKNOWN_SCHEMA, f'the schema "{name}" does not exist', name)
    inside = [k for k in (*catalog.tables, *catalog.views) if k[0] == name]
    rest = [k for k in (*catalog.types, *catalog.sequences, *catalog.functions) if k[0] == name]
    fall.refuse(f"the schema {name}", (shown(k, catalog) for k in (*inside, *rest)))
    for key in inside:
        if key in fall.catalog.tables or key in fall.catalog.views:
            fall.took("table" if key in fall.catalog.tables else "view", shown(key, catalog))
            drop_relation(fall, key)
    for key in [k for k in fall.catalog.types if k[0] == name]:
        drop_type(fall, DropType(Name(key[1], key[0]), cascade=True))
    for key in [k for k in fall.catalog.sequences if k[0] == name]:
        drop_sequence(fall, key)
    for key in [k for k in fall.catalog.functions if k[0] == name]:
        fall.catalog = replace(fall.catalog, functions=fall.catalog.functions.delete(key))
    fall.catalog = replace(fall.catalog, schemas=fall.catalog.schemas - {name})


def rename_schema(catalog: Catalog, old: str, new: str) -> Catalog:
    """ALTER SCHEMA … RENAME TO: everything in it moves."""
    if old not in catalog.schemas:
        raise Refused(RefusalKind.UNKNOWN_SCHEMA, f'the schema "{old}" does not exist', old)
    if new in catalog.schemas:
        raise Refused(RefusalKind.DUPLICATE, f'a schema "{new}" already exists', new)
    catalog = replace(catalog, schemas=(catalog.schemas - {old}) | {new})
    for key in [k for k in catalog.types if k[0] == old]:
        catalog = rename_type(catalog, key, (new, key[1]))
    for key in [k for k in (*catalog.tables, *catalog.views) if k[0] == old]:
        catalog = move(catalog, key, (new, key[1]))
    for key in [k for k in catalog.sequences if k[0] == old]:
        catalog = move_sequence(catalog, key, (new, key[1]))
    for key in [k for k in catalog.functions if k[0] == old]:
        functions = tuple(replace(f, key=(new, key[1])) for f in catalog.functions[key])
        catalog = replace(catalog, functions=catalog.functions.delete(key).set((new, key[1]), functions))
    return catalog


def comment(catalog: Catalog, change: Comment) -> Catalog:
    """COMMENT ON."""
    if change.kind in ("type", "domain"):
        key = type_key(catalog, change.name)
        made = catalog.types.get(key) if key is not None else None
        if key is None or made is None:
            return catalog
        return replace(catalog, types=catalog.types.set(key, replace(made, comment=change.text)))
    if change.kind == "sequence":
        found = sequence_key(catalog, change.name)
        return (
            catalog if found is None else put_sequence(catalog, replace(catalog.sequences[found], comment=change.text))
        )
    if change.kind == "index":
        return comment_index(catalog, change)
    name = change.table or change.name
    key = relation_key(catalog, name)
    if key is None:
        if (
            change.kind in ("table", "view", "materialized view", "column", "constraint")
            and not catalog.assumed
            and catalog.tables
        ):
            raise Refused(RefusalKind.UNKNOWN_RELATION, f'the relation "{name}" does not exist', str(name))
        return catalog
    view = catalog.views.get(key)
    kinds = {"table": False, "view": True, "materialized view": True}
    if change.kind in kinds and kinds[change.kind] is (view is None):
        raise Refused(RefusalKind.INVALID, f"{key[1]} is no {change.kind}", key[1])
    if view is not None:
        return put_view(catalog, replace(view, comment=change.text)) if change.column is None else catalog
    table = catalog.tables[key]
    if change.column is not None:
        column = table.column(change.column)
        if column is None:
            if table.complete:
                raise Refused(RefusalKind.UNKNOWN_COLUMN, f'{key[1]} has no column "{change.column}"', change.column)
            return catalog
        return put_table(catalog, replace_column(table, column.name, replace(column, comment=change.text)))
    if change.kind == "constraint":
        if table.complete and not_null_column(catalog, table, change.name.name) is None:
            need_constraint(table, change.name.name)
        constraints = tuple(
            replace(c, comment=change.text) if c.name == change.name.name else c for c in table.constraints
        )
        return put_table(catalog, replace(table, constraints=constraints))
    return (
        put_table(catalog, replace(table, comment=change.text))
        if change.kind in ("table", "foreign table")
        else catalog
    )


def comment_index(catalog: Catalog, change: Comment) -> Catalog:
    """COMMENT ON INDEX."""
    from migguard.catalog.lookup import table_of_index

    key = table_of_index(catalog, change.name)
    table = catalog.tables.get(key) if key is not None else None
    if key is None and catalog.tables and not (catalog.assumed or catalog.unread):
        raise Refused(RefusalKind.UNKNOWN_INDEX, f'there is no index "{change.name}"', str(change.name))
    if table is None:
        return catalog
    indexes = tuple(replace(i, comment=change.text) if i.name == change.name.name else i for i in table.indexes)
    return put_table(catalog, replace(table, indexes=indexes))


def other(catalog: Catalog, change: OtherObject) -> Catalog:
    """Objects that are kept by name."""
    if change.name is None:
        return catalog
    there = (change.kind, str(change.name))
    if change.action is ObjectAction.CREATE:
        return replace(catalog, others=catalog.others | {there})
    if change.action is ObjectAction.DROP:
        return replace(catalog, others=catalog.others - {there})
    return catalog


def set_type_schema(catalog: Catalog, change_name: Name, schema: str) -> Catalog:
    """ALTER TYPE/DOMAIN … SET SCHEMA."""
    key = need_type(catalog, change_name)
    return catalog if key is None else rename_type(catalog, key, (schema, key[1]))


def rename_type_to(catalog: Catalog, change: RenameType) -> Catalog:
    """ALTER TYPE/DOMAIN … RENAME TO."""
    key = need_type(catalog, change.type)
    return catalog if key is None else rename_type(catalog, key, (key[0], change.new))
