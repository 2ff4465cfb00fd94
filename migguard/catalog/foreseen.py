"""One change to a catalog, which shows what was there all along though the history did not make it, or not so named."""

from __future__ import annotations

from dataclasses import replace

from migguard.catalog.apply import apply
from migguard.catalog.existence import uncertain, with_assumed, with_schemas
from migguard.catalog.lookup import TEMPORARY, relation_key, table_of_index
from migguard.catalog.meant_names import as_meant, left_open, out_of_the_way
from migguard.catalog.met import has_moved, with_met
from migguard.catalog.schema import Applied, Catalog, RefusalKind
from migguard.catalog.unknown_parts import as_far_as_known
from migguard.changes import Change, CreateSchema, DropIndex, DropSchema, Name, RenameIndex, RenameSchema
from migguard.placeholders import is_placeholder


def foreseen(catalog: Catalog, change: Change, *, ran: bool = False) -> tuple[Catalog, Applied]:
    """The catalog before a change, with the tables that the change shows to have been there all along; and after it.

    `ran` is set for a released revision: it has run in production, so the tables that it names were there. Where names
    are not known, the same is so of constraints and indexes that it names.
    """
    if catalog.unknown_names:
        catalog = as_meant(catalog, change)
    made = apply(catalog, change)
    if catalog.unknown_names and made.refusal is not None:
        moved = out_of_the_way(catalog, change, made)
        if moved is not None:
            catalog, made = moved, apply(moved, change)
        made = left_open(catalog, change, made) or made
    lacking = made.refusal is not None and made.refusal.kind is RefusalKind.UNKNOWN_RELATION
    if lacking and (ran or uncertain(catalog) or is_placeholder((made.refusal and made.refusal.object) or "")):
        catalog, made = with_what_it_needs(catalog, change, made)
    if made.refusal is not None and made.refusal.kind is RefusalKind.UNKNOWN_SCHEMA and made.refusal.object:
        catalog, made = with_its_schema(catalog, change, made, made.refusal.object, ran=ran)
    if made.refusal is None:
        known = with_met(catalog, change)
        if known is not catalog:
            catalog, made = known, apply(known, change)
    found = {k for k in made.catalog.assumed - catalog.assumed if not has_moved(catalog, made.catalog.tables.get(k))}
    if found:
        catalog = with_assumed(catalog, frozenset(found))
        made = apply(catalog, change)
    if isinstance(change, DropIndex | RenameIndex) and table_of_index(catalog, change.index) in catalog.assumed:
        made = replace(made, verified=False)
    if made.catalog.schemas != catalog.schemas and not isinstance(change, CreateSchema | RenameSchema | DropSchema):
        catalog, made = with_met_schemas(catalog, made)
    catalog, made = as_far_as_known(catalog, change, made)
    return catalog, with_unknown_identity(catalog, made)


def with_its_schema(
    catalog: Catalog, change: Change, refused: Applied, schema: str, *, ran: bool
) -> tuple[Catalog, Applied]:
    """The catalog with the schema that a change is refused for, and after it; as it was where nothing shows it there.

    What a released revision works in was there, and so was the schema of a table that the change takes as existing.
    """
    known = with_schemas(catalog, frozenset({schema}))
    made = apply(known, change)
    shows = ran or is_placeholder(schema) or any(key[0] == schema for key in made.catalog.assumed - catalog.assumed)
    return (known, made) if made.refusal is None and shows else (catalog, refused)


def with_met_schemas(catalog: Catalog, made: Applied) -> tuple[Catalog, Applied]:
    """Before and after a change, with the schemas that it works in and that nobody made: they were there before it."""
    met = made.catalog.schemas - catalog.schemas - {TEMPORARY}
    if not met:
        return catalog, made
    known = with_schemas(catalog, met)
    return known, replace(made, catalog=replace(made.catalog, assumed_schemas=known.assumed_schemas))


def with_unknown_identity(before: Catalog, made: Applied) -> Applied:
    """A table whose name is not known may be any, now or from any revision on: nothing about it is verified."""
    if made.catalog.tables is before.tables:
        return made
    unknown = {k for k in made.catalog.tables if k not in made.catalog.assumed and is_placeholder(k[1])}
    if not unknown:
        return made
    catalog = replace(made.catalog, assumed=made.catalog.assumed | unknown)
    return replace(made, catalog=catalog, verified=False)


def with_what_it_needs(catalog: Catalog, change: Change, refused: Applied) -> tuple[Catalog, Applied]:
    """The catalog with the tables that a change is refused for, and after it; as it was where that does not help."""
    known, made = catalog, refused
    while made.refusal is not None and made.refusal.kind is RefusalKind.UNKNOWN_RELATION and made.refusal.object:
        schema, _, name = made.refusal.object.rpartition(".")
        key = (schema or catalog.default_schema, name)
        if key in known.dropped or relation_key(known, Name(name, schema or None)) is not None:
            break
        known = with_assumed(known, frozenset({key}))
        made = apply(known, change)
    return (known, made) if made.refusal is None else (catalog, refused)
