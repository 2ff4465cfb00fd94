"""Types that users make: enums, domains, composites."""

from __future__ import annotations

from dataclasses import replace

from migguard.catalog.columns import resolved
from migguard.catalog.defaults import relabelled
from migguard.catalog.drops import Fall, drop_column, shown
from migguard.catalog.edit import Refused, put_table
from migguard.catalog.lookup import (
    type_key,
)
from migguard.catalog.rename import moved
from migguard.catalog.schema import (
    Catalog,
    CompositeType,
    ConstraintKind,
    ConstraintState,
    DomainType,
    EnumType,
    Key,
    RefusalKind,
    UserType,
)
from migguard.catalog.tables import schema_for
from migguard.changes import (
    AddEnumValue,
    AlterCompositeType,
    AlterDomain,
    Check,
    CreateCompositeType,
    CreateDomain,
    CreateEnum,
    DropType,
    Expression,
    Name,
    RenameEnumValue,
    RenameType,
)
from migguard.placeholders import is_placeholder

LABEL_BYTES = 63
"""The most that a label of an enum has in PostgreSQL (NAMEDATALEN - 1; pg_enum.c)."""


def next_oid(catalog: Catalog) -> Catalog:
    """The catalog with one identity given away."""
    return replace(catalog, next_oid=catalog.next_oid + 1)


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
            key = new_type_key(catalog, change.type)
            for number, text in enumerate(change.labels):
                need_label(text, change.labels[:number], key)
            made = EnumType(key, change.labels, oid=catalog.next_oid)
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
    types, schemas = catalog.types.set(made.key, made), catalog.schemas | {made.key[0]}
    return next_oid(replace(catalog, types=types, schemas=schemas))


def need_label(text: str, before: tuple[str, ...], key: Key) -> None:
    """Raises Refused where the server takes no such label: one that is there, or of more than 63 bytes."""
    if is_placeholder(text):
        return
    if text in before:
        raise Refused(RefusalKind.INVALID, f'the enum {key[1]} has the value "{text}" twice', text)
    short_label(text)


def short_label(text: str) -> None:
    """Raises Refused for a label of more than 63 bytes, which PostgreSQL does not cut as it does names."""
    if len(text.encode()) > LABEL_BYTES and not is_placeholder(text):
        raise Refused(RefusalKind.INVALID, f'the enum value "{text}" is longer than {LABEL_BYTES} bytes', text)


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
    short_label(change.value)
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
    short_label(change.new)
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


def set_type_schema(catalog: Catalog, change_name: Name, schema: str) -> Catalog:
    """ALTER TYPE/DOMAIN … SET SCHEMA."""
    key = need_type(catalog, change_name)
    return catalog if key is None else rename_type(catalog, key, (schema, key[1]))


def rename_type_to(catalog: Catalog, change: RenameType) -> Catalog:
    """ALTER TYPE/DOMAIN … RENAME TO."""
    key = need_type(catalog, change.type)
    return catalog if key is None else rename_type(catalog, key, (key[0], change.new))
