"""Row triggers of a partitioned table, which stand on its partitions too (CloneRowTriggersToPartition)."""

from __future__ import annotations

from dataclasses import replace

from migguard.catalog.edit import put_table
from migguard.catalog.schema import Catalog, Key, TriggerState


def with_trigger(catalog: Catalog, key: Key, trigger: TriggerState) -> Catalog:
    """The catalog with a row trigger of a partitioned table on one of its partitions, and on those below."""
    table = catalog.tables[key]
    kept = tuple(t for t in table.triggers if t.name != trigger.name)
    catalog = put_table(catalog, replace(table, triggers=(*kept, replace(trigger, inherited=True))))
    for child in partitions(catalog, key):
        catalog = with_trigger(catalog, child, trigger)
    return catalog


def without_trigger(catalog: Catalog, key: Key, name: str) -> Catalog:
    """The catalog without a trigger that partitions got from above, on one of them and on those below."""
    table = catalog.tables[key]
    kept = tuple(t for t in table.triggers if t.name != name or not t.inherited)
    catalog = put_table(catalog, replace(table, triggers=kept))
    for child in partitions(catalog, key):
        catalog = without_trigger(catalog, child, name)
    return catalog


def partitions(catalog: Catalog, key: Key) -> list[Key]:
    """The partitions of a table, of the first level."""
    return [c for c in catalog.children.get(key, ()) if c in catalog.tables and catalog.tables[c].partition_of == key]


def renamed_trigger(catalog: Catalog, key: Key, old: str, new: str) -> Catalog:
    """The catalog with a trigger under another name; from PostgreSQL 15 on those of the partitions follow."""
    table = catalog.tables[key]
    triggers = tuple(replace(t, name=new) if t.name == old else t for t in table.triggers)
    catalog = put_table(catalog, replace(table, triggers=triggers))
    if catalog.server.since(15):
        for child in partitions(catalog, key):
            if any(t.name == old and t.inherited for t in catalog.tables[child].triggers):
                catalog = renamed_trigger(catalog, child, old, new)
    return catalog
