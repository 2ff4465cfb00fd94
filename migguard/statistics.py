"""How large the tables of production are: the statistics file that `migguard stats` writes and a check reads."""

from __future__ import annotations

from pathlib import Path

import msgspec

from migguard.catalog.schema import Key
from migguard.errors import UsageError

SCHEMA_VERSION = 1

SMALL_ROWS, SMALL_BYTES = 100_000, 64 * 2**20
LARGE_ROWS, LARGE_BYTES = 10_000_000, 5 * 2**30
"""A table is small below both of the first, whatever is done to it takes well under a second; large from either of the
second on: reading it takes from many seconds to hours."""


class TableStatistics(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One table. `rows` is the server's own estimate, null where it has none; sizes are bytes on disk.

    A partitioned table has the sums of its partitions. `writes_per_second` counts rows inserted, updated and deleted;
    null where it could not be measured (on a replica, or without a second look).
    """

    rows: int | None = None
    bytes: int | None = None
    index_bytes: int | None = None
    writes_per_second: float | None = None

    @property
    def small(self) -> bool:
        """Whether work that grows with it is still over at once. Unknown rows or an unknown size are not small."""
        return self.rows is not None and self.bytes is not None and self.rows < SMALL_ROWS and self.bytes < SMALL_BYTES

    @property
    def large(self) -> bool:
        """Whether work that grows with it takes long."""
        return (self.rows or 0) >= LARGE_ROWS or (self.bytes or 0) >= LARGE_BYTES

    @property
    def words(self) -> str:
        """`about 41 M rows, 12 GB, 300 writes a second`; empty where nothing is known."""
        parts = []
        if self.rows is not None:
            parts.append(f"about {counted(self.rows)} row{'' if self.rows == 1 else 's'}")
        if self.bytes is not None:
            parts.append(sized(self.bytes))
        if self.writes_per_second is not None and self.writes_per_second >= 1:
            parts.append(f"{counted(round(self.writes_per_second))} writes a second")
        return ", ".join(parts)


class Statistics(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A snapshot. `tables` are by `schema.table`; `taken_at` is in UTC, ISO 8601; `replica` says where it was taken."""

    taken_at: str
    database: str
    server_version: str
    default_schema: str
    tables: dict[str, TableStatistics]
    replica: bool = False
    schema_version: int = SCHEMA_VERSION

    def of(self, key: Key) -> TableStatistics | None:
        """What is known of a table; None where the snapshot does not have it."""
        return self.tables.get(f"{key[0]}.{key[1]}")


def read_statistics(path: Path, beside: Path) -> Statistics:
    """The statistics file, looked for from the current directory and then beside the Alembic configuration.

    Raises UsageError where it is missing or is no statistics file.
    """
    found = next((p for p in (path, beside / path) if p.is_file()), None)
    if found is None:
        raise UsageError(
            f"the statistics file {path} is not there", hint="`migguard stats --url … -o …` writes one from a database"
        )
    try:
        statistics = msgspec.json.decode(found.read_bytes(), type=Statistics)
    except (msgspec.DecodeError, OSError) as error:
        raise UsageError(
            f"{found} is no statistics file: {error}", hint="`migguard stats` writes one; it is not edited by hand"
        ) from None
    if statistics.schema_version != SCHEMA_VERSION:
        raise UsageError(
            f"{found} has schema_version {statistics.schema_version}; this migguard reads {SCHEMA_VERSION}",
            hint="take it anew with `migguard stats`",
        )
    return statistics


def encoded(statistics: Statistics) -> bytes:
    """The file's content: sorted and indented, so that two snapshots can be compared line by line."""
    ordered = msgspec.structs.replace(statistics, tables=dict(sorted(statistics.tables.items())))
    return msgspec.json.format(msgspec.json.encode(ordered), indent=2) + b"\n"


def counted(number: int) -> str:
    """A number as one says it: `950`, `41 k`, `41 M`, `1.2 G`."""
    return scaled(number, 1000, ("", " k", " M", " G"))


def sized(number: int) -> str:
    """A size as one says it: `512 B`, `12 GB`."""
    return scaled(number, 1024, (" B", " kB", " MB", " GB", " TB"))


def scaled(number: int, step: int, units: tuple[str, ...]) -> str:
    """A number with its unit, two digits where it is below ten of it."""
    value, place = float(number), 0
    while value >= step and place < len(units) - 1:
        value, place = value / step, place + 1
    shown = f"{value:.1f}".removesuffix(".0") if value < 10 and place else f"{value:.0f}"
    return f"{shown}{units[place]}"
