"""Table sizes and write rates of a live PostgreSQL database."""

from __future__ import annotations

import time
from collections import defaultdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from migguard.statistics import Statistics, TableStatistics

if TYPE_CHECKING:
    import psycopg

TABLES = """
SELECT c.oid, n.nspname, c.relname, c.reltuples, c.relkind = 'p',
       CASE WHEN c.relkind <> 'p' THEN pg_catalog.pg_table_size(c.oid) END,
       CASE WHEN c.relkind <> 'p' THEN pg_catalog.pg_indexes_size(c.oid) END
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'm') AND c.relpersistence <> 't'
      AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_toast%'
"""
"""`reltuples` is what VACUUM, ANALYZE and CREATE INDEX left, replicated with the catalog; -1 (0 before 14) if none of
them ever ran. `n_live_tup` of pg_stat_user_tables is not used: on a replica it is zero.
Source: https://www.postgresql.org/docs/current/catalog-pg-class.html"""

PARENTS = """
SELECT i.inhrelid, i.inhparent FROM pg_catalog.pg_inherits i
JOIN pg_catalog.pg_class p ON p.oid = i.inhparent WHERE p.relkind = 'p'
"""

WRITES = """
SELECT relid, n_tup_ins + n_tup_upd + n_tup_del FROM pg_catalog.pg_stat_user_tables
"""

SERVER = """
SELECT pg_catalog.current_database(), pg_catalog.current_setting('server_version_num')::int,
       pg_catalog.current_schema(), pg_catalog.pg_is_in_recovery()
"""


def snapshot(connection: psycopg.Connection[Any], seconds: float) -> Statistics:
    """Look at every table; where `seconds` is above 0, count the writes twice that far apart. Not on a replica."""
    [(database, number, schema, replica)] = connection.execute(SERVER).fetchall()
    rates = {} if replica or seconds <= 0 else writes_per_second(connection, seconds)
    rows = connection.execute(TABLES).fetchall()
    parents: dict[int, int] = dict(connection.execute(PARENTS).fetchall())
    own: dict[int, TableStatistics] = {}
    partitions: dict[int, list[TableStatistics]] = defaultdict(list)
    for oid, _, _, tuples, partitioned, size, indexes in rows:
        if partitioned:
            continue
        # 0 rows in a table that takes up space were never counted: releases before 14 say 0 where later ones say -1
        counted = tuples >= 0 and not (tuples == 0 and size and number < 140_000)
        own[oid] = TableStatistics(int(tuples) if counted else None, size, indexes, rates.get(oid))
        above = parents.get(oid)
        while above is not None:
            partitions[above].append(own[oid])
            above = parents.get(above)
    return Statistics(
        taken_at=datetime.now(UTC).isoformat(timespec="seconds"),
        database=database,
        server_version=str(number // 10_000),
        default_schema=schema or "public",
        replica=replica,
        tables={
            f"{namespace}.{name}": total(partitions[oid]) if partitioned else own[oid]
            for oid, namespace, name, _, partitioned, _, _ in rows
        },
    )


def writes_per_second(connection: psycopg.Connection[Any], seconds: float) -> dict[int, float]:
    """How many rows of each table were written in a second, between two looks (sessions report once a second)."""
    first, started = dict(connection.execute(WRITES).fetchall()), time.monotonic()
    time.sleep(seconds)
    second, elapsed = dict(connection.execute(WRITES).fetchall()), time.monotonic() - started
    return {oid: round(max(0, count - first.get(oid, 0)) / elapsed, 2) for oid, count in second.items()}


def total(parts: list[TableStatistics]) -> TableStatistics:
    """The sums of partitions; unknown where one of them is."""

    def added(name: str) -> Any:
        values = [getattr(one, name) for one in parts]
        return None if any(v is None for v in values) else sum(values)

    rate = added("writes_per_second")
    return TableStatistics(
        added("rows"), added("bytes"), added("index_bytes"), None if rate is None else round(rate, 2)
    )
