"""What a change costs while it runs: the answer that rules and reports ask for."""

from __future__ import annotations

from enum import Enum, StrEnum

from migguard.catalog.schema import Key
from migguard.records import dataclass


class LockMode(Enum):
    """PostgreSQL's table-level lock modes, weakest first.

    Source: https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES
    """

    ACCESS_SHARE = 1
    ROW_SHARE = 2
    ROW_EXCLUSIVE = 3
    SHARE_UPDATE_EXCLUSIVE = 4
    SHARE = 5
    SHARE_ROW_EXCLUSIVE = 6
    EXCLUSIVE = 7
    ACCESS_EXCLUSIVE = 8

    @property
    def spelling(self) -> str:
        """As PostgreSQL writes it: `SHARE ROW EXCLUSIVE`."""
        return self.name.replace("_", " ")

    @property
    def blocks_writes(self) -> bool:
        """Whether INSERT, UPDATE and DELETE wait for it (they take ROW EXCLUSIVE)."""
        return self.value >= LockMode.SHARE.value

    @property
    def blocks_reads(self) -> bool:
        """Whether a plain SELECT waits for it (it takes ACCESS SHARE)."""
        return self is LockMode.ACCESS_EXCLUSIVE


class Blocks(StrEnum):
    """What the application cannot do meanwhile."""

    NOTHING = "nothing"
    WRITES = "writes"
    READS_AND_WRITES = "reads-and-writes"


@dataclass(frozen=True, slots=True)
class TableLock:
    """The strongest lock taken on one table or materialized view.

    `target` is false for a table that the statement does not name as its target. `mode` is PostgreSQL's; for the other
    engines `blocks` alone counts. `oid` is the relation's.
    """

    table: Key
    blocks: Blocks
    mode: LockMode | None = None
    target: bool = True
    oid: int = 0


@dataclass(frozen=True, slots=True)
class Effect:
    """What one change, or one statement, does while it runs, on tables that were there before it.

    `locks` are in the order in which the server asks for them. `rewrites` are tables rewritten, rebuilt or copied;
    `scans` those read whole (to validate, to build an index, or by DML); `replaced` those whose storage is replaced by
    an empty one, which takes no time; `builds` the indexes built, by name; `rebuilds` indexes built again. `reasons`
    say in words why, each with the table it speaks of.
    `transaction_block` is false for what cannot run inside a transaction. `algorithm` and `lock` are MySQL's and
    MariaDB's best. `known` is false where the change was not understood: then nothing else here may be taken for an
    all-clear. `cites` are the sources of the facts.
    """

    locks: tuple[TableLock, ...] = ()
    rewrites: tuple[Key, ...] = ()
    scans: tuple[Key, ...] = ()
    replaced: tuple[Key, ...] = ()
    builds: tuple[str, ...] = ()
    rebuilds: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    transaction_block: bool = True
    algorithm: str | None = None
    lock: str | None = None
    known: bool = True
    refused: str | None = None
    cites: tuple[str, ...] = ()

    @property
    def blocks(self) -> Blocks:
        """The worst that any of the locks does."""
        worst = [lock.blocks for lock in self.locks]
        if Blocks.READS_AND_WRITES in worst:
            return Blocks.READS_AND_WRITES
        return Blocks.WRITES if Blocks.WRITES in worst else Blocks.NOTHING

    def lock_on(self, table: Key) -> TableLock | None:
        """The lock on that table, or None."""
        return next((lock for lock in self.locks if lock.table == table), None)

    def grows_with(self, table: Key) -> bool:
        """Whether the time it takes grows with that table."""
        return table in self.rewrites or table in self.scans

    @property
    def grows(self) -> bool:
        """Whether the time it takes grows with any table."""
        return bool(self.rewrites or self.scans)
