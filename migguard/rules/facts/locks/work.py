"""The existing tables that a step's time grows with, and the blocking locks that it takes on existing tables."""

from migguard.catalog.lookup import relation_key
from migguard.catalog.schema import Catalog, Key
from migguard.catalog.tables import BATCH_PREFIX
from migguard.changes import AddColumn, AddConstraint, Delete, Insert, Merge, Name, Update
from migguard.effects.model import Blocks, TableLock
from migguard.effects.rows import is_indexed, whole_tables
from migguard.rules.facts.locks.rounds import rows_in_rounds
from migguard.rules.facts.rows.temporary_sources import temporary_sources
from migguard.rules.frame import Lookup
from migguard.sql.alternatives import alternatives
from migguard.trace import Step

Writing = Insert | Update | Delete | Merge
"""Statements that change rows."""


def grows_with(step: Step, lookup: Lookup) -> tuple[Key, ...]:
    """The existing tables that the step reads, writes, builds or copies whole."""
    if step.refusal is not None:
        return ()
    if isinstance(step.change, Writing):
        return rows_of(step, lookup) or rows_in_rounds(step, lookup)
    if isinstance(step.change, (AddConstraint, AddColumn)) and not on_existing(step, step.change.table, lookup):
        return ()  # a foreign key of a table without rows asks nothing of those it refers to
    effect = lookup.effect(step)
    found = dict.fromkeys((*effect.rewrites, *effect.scans))
    return tuple(k for k in found if lookup.deployment.existing_table(k, step.before))


def on_existing(step: Step, name: Name, lookup: Lookup) -> bool:
    """Whether a table of that name was there before the deployment."""
    key = relation_key(step.before, name)
    return key is not None and lookup.deployment.existing_table(key, step.before)


def rows_of(step: Step, lookup: Lookup) -> tuple[Key, ...]:
    """The existing tables over all of whose rows a statement goes."""
    if step.refusal is not None or copies_in_batch(step):
        return ()
    found = whole_tables(step.change, step.before)
    return tuple(k for k in found if lookup.deployment.existing_table(k, step.before))


def by_index(step: Step) -> bool:
    """Whether an index may find the rows that the WHERE asks for: those of a value that many have, or without one.

    Where OR joins several conditions, one for each of them.
    """
    change = step.change
    if not isinstance(change, Update | Delete):
        return False
    sources = change.rows_of.sources if change.rows_of is not None else ()
    sides = alternatives(change.where.text, step.before.server.engine) if change.where is not None and sources else ()
    return bool(sides) and all(
        any(is_indexed(sources[0], c.column, step.before) for c in side.conditions) for side in sides
    )


def of_some(step: Step) -> bool:
    """Whether a statement may find its rows without going over all: by an index, or by those that it joins with, which
    may be few in a temporary table whatever statement reads it."""
    change = step.change
    joined = isinstance(change, Update | Delete) and change.rows_of is not None and len(change.rows_of.sources) > 1
    return joined or by_index(step) or bool(temporary_sources(step))


def copies_in_batch(step: Step) -> bool:
    """Whether a statement is the copy of a table that Alembic's batch mode makes: rules of their own speak of it."""
    return isinstance(step.change, Insert) and step.change.table.name.startswith(BATCH_PREFIX)


def blocking(step: Step, lookup: Lookup) -> tuple[TableLock, ...]:
    """The locks on existing tables for which the application's writes, or more, wait."""
    return tuple(
        lock
        for lock in lookup.effect(step).locks
        if lock.blocks is not Blocks.NOTHING and lookup.deployment.existing_table(lock.table, step.before)
    )


def root(key: Key, catalog: Catalog) -> Key:
    """The table at the top of a partition's or child's tree; any other table itself."""
    seen = {key}
    while (table := catalog.tables.get(key)) is not None:
        above = table.partition_of or next(iter(table.inherits), None)
        if above is None or above in seen:
            break
        seen.add(above)
        key = above
    return key
