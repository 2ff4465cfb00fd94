"""Adding up what a change costs, on the tables that were there before its statement."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import field

from migguard.catalog.schema import Catalog, Key
from migguard.effects.model import Blocks, Effect, LockMode, TableLock
from migguard.records import dataclass


def blocks_of(mode: LockMode) -> Blocks:
    """What the application cannot do while a lock of that mode is held."""
    if mode.blocks_reads:
        return Blocks.READS_AND_WRITES
    return Blocks.WRITES if mode.blocks_writes else Blocks.NOTHING


@dataclass(slots=True)
class Cost:
    """A sum under construction. `start` is the catalog before the statement: what came later is not counted.

    Locks are to be added in the order in which the server takes them.
    """

    start: Catalog
    locks: dict[Key, LockMode] = field(default_factory=dict)
    targets: set[Key] = field(default_factory=set)
    rewrites: dict[Key, None] = field(default_factory=dict)
    scans: dict[Key, None] = field(default_factory=dict)
    replaced: dict[Key, None] = field(default_factory=dict)
    builds: dict[str, None] = field(default_factory=dict)
    rebuilds: dict[str, None] = field(default_factory=dict)
    reasons: dict[str, None] = field(default_factory=dict)
    cites: dict[str, None] = field(default_factory=dict)
    transaction_block: bool = True
    refused: str | None = None
    known: bool = True

    def there(self, key: Key) -> bool:
        """Whether a relation was there before the statement."""
        return key in self.start.tables or key in self.start.views

    def stored(self, key: Key) -> bool:
        """Whether a relation has rows of its own: no view, no partitioned table, nothing made WITH NO DATA."""
        table = self.start.tables.get(key)
        if table is not None:
            return table.partition_by is None
        view = self.start.views.get(key)
        return view is not None and view.materialized and view.populated

    def lock(self, key: Key, mode: LockMode, *, target: bool = True) -> None:
        """Take a lock, or a stronger one."""
        if not self.there(key):
            return
        held = self.locks.get(key)
        if held is None or held.value < mode.value:
            self.locks[key] = mode
        if target:
            self.targets.add(key)

    def scan(self, key: Key, why: str | None = None) -> None:
        """Read a relation whole."""
        if self.stored(key):
            self.scans[key] = None
            if why:
                self.reasons[why] = None

    def rewrite(self, key: Key, why: str | None = None) -> None:
        """Write a relation again."""
        if self.stored(key):
            self.rewrites[key] = None
            self.scan(key, why)

    def build(self, name: str, key: Key) -> None:
        """Build an index, which reads its relation whole."""
        self.builds[name] = None
        self.scan(key, f"the index {name} is built from all of {key[1]}")

    def cite(self, *sources: str) -> None:
        """Name the source of a fact."""
        self.cites.update(dict.fromkeys(sources))

    def add(self, effect: Effect) -> None:
        """Add what another change of the statement costs."""
        for lock in effect.locks:
            if lock.mode is not None:
                self.lock(lock.table, lock.mode, target=lock.target)
        for mine, theirs in (
            (self.rewrites, effect.rewrites),
            (self.scans, effect.scans),
            (self.replaced, effect.replaced),
        ):
            mine.update(dict.fromkeys(k for k in theirs if self.there(k)))
        for names, more in ((self.builds, effect.builds), (self.rebuilds, effect.rebuilds)):
            names.update(dict.fromkeys(more))
        self.reasons.update(dict.fromkeys(effect.reasons))
        self.cite(*effect.cites)
        self.transaction_block = self.transaction_block and effect.transaction_block
        self.refused = self.refused or effect.refused
        self.known = self.known and effect.known

    def effect(self) -> Effect:
        """The sum."""
        return Effect(
            locks=tuple(
                TableLock(key, blocks_of(mode), mode, key in self.targets, self.oid(key))
                for key, mode in self.locks.items()
            ),
            rewrites=tuple(self.rewrites),
            scans=tuple(self.scans),
            replaced=tuple(self.replaced),
            builds=tuple(self.builds),
            rebuilds=tuple(self.rebuilds),
            reasons=tuple(self.reasons),
            transaction_block=self.transaction_block,
            known=self.known,
            refused=self.refused,
            cites=tuple(self.cites),
        )

    def oid(self, key: Key) -> int:
        """The identity of a relation."""
        relation = self.start.tables.get(key) or self.start.views.get(key)
        return relation.oid if relation is not None else 0


def descendants(catalog: Catalog, key: Key) -> Iterable[Key]:
    """The partitions and inheriting tables of a table, all levels."""
    for child in catalog.children.get(key, ()):
        yield child
        yield from descendants(catalog, child)


def tree(catalog: Catalog, key: Key) -> tuple[Key, ...]:
    """A table and everything below it."""
    return (key, *descendants(catalog, key))


def partitions(catalog: Catalog, key: Key) -> tuple[Key, ...]:
    """A table and, if it is partitioned, all its partitions: inheritance passes no indexes and foreign keys on."""
    table = catalog.tables.get(key)
    return tree(catalog, key) if table is not None and table.partition_by is not None else (key,)


UTC_NAMES = frozenset(
    f"{prefix}{name}"
    for prefix in ("", "ETC/")
    for name in ("UTC", "UCT", "ZULU", "UNIVERSAL", "GREENWICH", "GMT", "GMT0", "GMT+0", "GMT-0")
) | {"0", "+0", "-0", "+00", "-00", "+00:00", "00:00"}
"""Time zones that were never anything but UTC."""


def session_zone(catalog: Catalog) -> str | None:
    """The session's time zone, None where it is not known."""
    return catalog.local_variables.get("timezone") or catalog.variables.get("timezone") or catalog.server.timezone
