"""What differs from version to version, on those that no server was asked about as well: PostgreSQL 11 to 14, and 17.

Sources are the release notes of each version (https://www.postgresql.org/docs/release/) and the manual's pages on the
commands; 15, 16 and 18 are observed too, by `test_statements`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import pytest

from tests.live.predicted import Foretold, Prediction

VERSIONS = range(11, 19)

SETUP = (
    "CREATE TYPE mood AS ENUM ('sad', 'ok')",
    "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    "CREATE FUNCTION dice() RETURNS int LANGUAGE sql VOLATILE AS 'SELECT 4'",
    """CREATE TABLE orders (id int PRIMARY KEY, total int, at timestamp, moved timestamptz, mail varchar(40),
        CONSTRAINT orders_total_known CHECK (total IS NOT NULL))""",
    "CREATE TABLE lines (order_id int NOT NULL, label text)",
    "CREATE TABLE vehicles (id int NOT NULL, plate text)",
    "CREATE TABLE cars () INHERITS (vehicles)",
    "CREATE TABLE events (id int NOT NULL, day date NOT NULL, label text) PARTITION BY RANGE (day)",
    "CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')",
    "CREATE INDEX events_label ON events (label)",
    "CREATE TABLE events_2025 (id int NOT NULL, day date NOT NULL, label text)",
    "CREATE INDEX events_2025_label ON events_2025 (label)",
    "CREATE TRIGGER events_touch AFTER UPDATE ON events FOR EACH ROW EXECUTE FUNCTION touch()",
)


@dataclass(frozen=True, slots=True)
class Change:
    """A fact that holds from that version on, and not before. `fact` is asked of the prediction of the statement."""

    since: int
    statement: str
    fact: str

    def holds(self, prediction: Prediction) -> bool:
        """Whether the prediction has the fact, such as `scans orders`, `cars ACCESS EXCLUSIVE` or `refused`."""
        what, _, rest = self.fact.removeprefix("not ").partition(" ")
        facts = prediction.facts
        match what:
            case "refused":
                found = prediction.refusal is not None
            case "scans" | "rewrites" | "builds":
                found = rest in getattr(facts, what)
            case "block":
                found = facts.transaction_block
            case table:
                found = facts.locks.get(table) == (rest or None) if rest else table in facts.locks
        return found != self.fact.startswith("not ")


CHANGES = (
    # 12: NOT NULL is taken on trust where a CHECK proves it; ATTACH takes less; enum values inside a transaction block.
    Change(12, "ALTER TABLE orders ALTER COLUMN total SET NOT NULL", "not scans orders"),
    Change(12, "ALTER TABLE orders ALTER COLUMN at TYPE timestamptz", "not rewrites orders"),
    Change(12, "ALTER TABLE orders ALTER COLUMN moved TYPE timestamp", "not rewrites orders"),
    Change(12, "ALTER TYPE mood ADD VALUE 'fine'", "block"),
    Change(12, "REINDEX TABLE CONCURRENTLY orders", "not refused"),
    Change(
        12,
        "ALTER TABLE events ATTACH PARTITION events_2025 FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')",
        "events SHARE UPDATE EXCLUSIVE",
    ),
    # 14: partitions can be detached without stopping their table, and be indexed anew with it.
    Change(14, "ALTER TABLE events DETACH PARTITION events_2024 CONCURRENTLY", "not refused"),
    Change(14, "REINDEX TABLE events", "not refused"),
    Change(14, "REINDEX INDEX events_label", "not refused"),
    # 15: CLUSTER and a trigger's rename reach partitions.
    Change(15, "CLUSTER events USING events_label", "not refused"),
    Change(15, "ALTER TRIGGER events_touch ON events RENAME TO events_stamp", "events_2024 ACCESS EXCLUSIVE"),
    # 17: partitions share their table's identity columns.
    Change(17, "ALTER TABLE events ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY", "events_2024 ACCESS EXCLUSIVE"),
    # 18: constraints lock all that inherits; VACUUM and ANALYZE do it too; GRANT locks; NOT VALID on partitioned tables
    Change(18, "ALTER TABLE vehicles ADD UNIQUE (id)", "cars ACCESS EXCLUSIVE"),
    Change(18, "ALTER TABLE vehicles ADD CHECK (id > 0) NO INHERIT", "cars ACCESS EXCLUSIVE"),
    Change(18, "ALTER TABLE vehicles ADD FOREIGN KEY (id) REFERENCES orders (id)", "cars SHARE ROW EXCLUSIVE"),
    Change(18, "ALTER TABLE events ADD UNIQUE (id, day)", "events_2024 ACCESS EXCLUSIVE"),
    Change(18, "ALTER TABLE events ADD FOREIGN KEY (id) REFERENCES orders (id) NOT VALID", "not refused"),
    Change(18, "ANALYZE vehicles", "cars SHARE UPDATE EXCLUSIVE"),
    Change(18, "VACUUM vehicles", "cars SHARE UPDATE EXCLUSIVE"),
    Change(18, "VACUUM FULL vehicles", "rewrites cars"),
    Change(18, "GRANT SELECT ON orders TO CURRENT_USER", "orders ACCESS SHARE"),
)

ALWAYS = (
    ("ALTER TABLE orders ADD COLUMN fresh int NOT NULL DEFAULT 1", "not rewrites orders"),
    ("ALTER TABLE orders ADD COLUMN fresh int DEFAULT dice()", "rewrites orders"),
    ("ALTER TABLE orders ALTER COLUMN mail TYPE varchar(80)", "not rewrites orders"),
    ("ALTER TABLE orders ALTER COLUMN mail TYPE varchar(20)", "rewrites orders"),
    ("ALTER TABLE orders ALTER COLUMN mail SET NOT NULL", "scans orders"),
    ("ALTER TABLE orders ADD CHECK (id > 0)", "scans orders"),
    ("ALTER TABLE orders ADD CHECK (id > 0) NOT VALID", "not scans orders"),
    ("ALTER TABLE orders ADD CHECK (id > 0) NOT VALID", "orders ACCESS EXCLUSIVE"),
    ("ALTER TABLE lines ADD FOREIGN KEY (order_id) REFERENCES orders", "scans lines"),
    ("ALTER TABLE lines ADD FOREIGN KEY (order_id) REFERENCES orders", "orders SHARE ROW EXCLUSIVE"),
    ("ALTER TABLE lines ADD FOREIGN KEY (order_id) REFERENCES orders NOT VALID", "not scans lines"),
    ("ALTER TABLE lines ADD PRIMARY KEY (order_id)", "builds lines_pkey"),
    ("CREATE INDEX lines_label ON lines (label)", "lines SHARE"),
    ("CREATE INDEX CONCURRENTLY lines_label ON lines (label)", "lines SHARE UPDATE EXCLUSIVE"),
    ("CREATE INDEX CONCURRENTLY lines_label ON lines (label)", "not block"),
    ("CREATE INDEX CONCURRENTLY events_day ON events (day)", "refused"),
    ("DROP INDEX events_label", "events_2024 ACCESS EXCLUSIVE"),
    ("CREATE TABLE events_2030 PARTITION OF events FOR VALUES FROM ('2030-01-01') TO ('2031-01-01')",
     "events ACCESS EXCLUSIVE"),
    ("ALTER TABLE events DETACH PARTITION events_2024", "events ACCESS EXCLUSIVE"),
    ("CREATE TRIGGER late AFTER INSERT ON lines FOR EACH ROW EXECUTE FUNCTION touch()", "lines SHARE ROW EXCLUSIVE"),
    ("VACUUM FULL lines", "lines ACCESS EXCLUSIVE"),
    ("TRUNCATE lines", "lines ACCESS EXCLUSIVE"),
)  # fmt: skip
"""Facts that hold on every version."""


@cache
def foretold(version: int) -> Foretold:
    return Foretold(version, SETUP)


@pytest.mark.parametrize("change", CHANGES, ids=[f"{c.since}-{c.statement}" for c in CHANGES])
def test_a_fact_holds_from_its_version_on_and_not_before(change: Change) -> None:
    held = [version for version in VERSIONS if change.holds(foretold(version).of(change.statement))]
    assert held == [version for version in VERSIONS if version >= change.since]


@pytest.mark.parametrize(("statement", "fact"), ALWAYS, ids=[f"{s}-{f}" for s, f in ALWAYS])
def test_a_fact_holds_on_every_version(statement: str, fact: str) -> None:
    always = Change(0, statement, fact)
    assert [version for version in VERSIONS if not always.holds(foretold(version).of(statement))] == []
