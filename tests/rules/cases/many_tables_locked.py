"""Cases of MG504."""

from migguard.rules.frame import Example

GIVEN = (
    "CREATE TABLE customers (id bigint PRIMARY KEY);CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint);"
    "CREATE TABLE parts (id bigint PRIMARY KEY);"
    "CREATE TABLE events (id bigint, at date) PARTITION BY RANGE (at);"
    "CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');"
    "CREATE VIEW seen AS SELECT id FROM parts"
)
ORDERS = 'op.add_column("orders", sa.Column("note", sa.Text()))\n'
PARTS = 'op.add_column("parts", sa.Column("note", sa.Text()))\n'
PER = ("transaction_per_migration",)


def made(code: str, hits: int = 1, **more: object) -> Example:
    return Example(code, given=GIVEN, hits=hits, **more)  # type: ignore[arg-type]


CASES: dict[str, Example] = {
    "two tables in one revision": made(ORDERS + PARTS),
    "in two revisions of one transaction": made(PARTS, earlier=(ORDERS,)),
    "three tables are one finding": made(ORDERS + PARTS + 'op.drop_table("customers")'),
    "a loop": made('for t in ("orders", "parts"):\n    op.add_column(t, sa.Column("note", sa.Text()))'),
    "batch mode": made(
        """
        for t in ("orders", "parts"):
            with op.batch_alter_table(t) as batch:
                batch.add_column(sa.Column("note", sa.Text()))
        """
    ),
    "indexes that block writes": made(
        'op.create_index("ix_a", "orders", ["customer_id"])\nop.create_index("ix_b", "parts", ["id"])'
    ),
    "new tables that lock two old ones": made(
        """
        for t in ("orders", "parts"):
            op.create_table(f"{t}_notes", sa.Column("id", sa.BigInteger(), sa.ForeignKey(f"{t}.id")))
        """
    ),
    "each in its own transaction": made(PARTS, earlier=(ORDERS,), env=PER, hits=0),
    "an autocommit block in between": made(
        ORDERS + "with op.get_context().autocommit_block():\n    op.execute('ANALYZE orders')\n" + PARTS,
        env=PER,
        hits=0,
    ),
    "two tables that one statement locks": made(
        'op.create_foreign_key("fk", "orders", "customers", ["customer_id"], ["id"], postgresql_not_valid=True)', hits=0
    ),
    "one table twice": made(ORDERS + 'op.drop_column("orders", "customer_id")', hits=0),
    "a parent and its partition": made(
        """
        op.add_column("events", sa.Column("note", sa.Text()))
        op.create_index("ix_at", "events_2024", ["at"])
        """,
        hits=0,
    ),
    "a table of this deployment": made(
        ORDERS + 'op.create_table("new", sa.Column("id", sa.BigInteger()))\nop.create_index("ix_new", "new", ["id"])',
        hits=0,
    ),
    "a lock that lets writes go on": made(
        ORDERS + 'op.execute("COMMENT ON TABLE parts IS \'x\'")\nop.execute("ANALYZE parts")', hits=0
    ),
    "a view": made(ORDERS + 'op.execute("CREATE OR REPLACE VIEW seen AS SELECT id FROM parts")', hits=0),
    "a rolled back savepoint": made(
        "nested = op.get_bind().begin_nested()\n" + ORDERS + "nested.rollback()\n" + PARTS, hits=0
    ),
    "rows": made(ORDERS + 'op.execute("INSERT INTO parts (id) VALUES (1)")', hits=0),
    "tables that the history never made, each locked twice": Example(
        """
        op.add_column("orders", sa.Column("a", sa.Integer()))
        op.add_column("customers", sa.Column("a", sa.Integer()))
        op.add_column("orders", sa.Column("b", sa.Integer()))
        op.add_column("customers", sa.Column("b", sa.Integer()))
        """,
        runs=False,
    ),
}
