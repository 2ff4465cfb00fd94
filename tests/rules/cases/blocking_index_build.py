"""Cases of MG401."""

from migguard.rules.frame import Example

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY, email text, placed date, total int, data jsonb)"
SHOP = 'CREATE SCHEMA shop;CREATE TABLE shop."Order" (id bigint PRIMARY KEY, "Code" text)'
PARTS = (
    "CREATE TABLE events (id bigint, at date NOT NULL, kind text) PARTITION BY RANGE (at);"
    "CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');"
    "CREATE TABLE events_2025 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')"
)
NESTED = (
    PARTS + ";CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01') "
    "PARTITION BY LIST (kind);"
    "CREATE TABLE events_2026_click PARTITION OF events_2026 FOR VALUES IN ('click')"
)


def sql(*texts: str, **more: object) -> Example:
    code = "\n".join(f"op.execute({t!r})" for t in texts)
    return Example(code, **{"given": GIVEN, **more})  # type: ignore[arg-type]


CASES: dict[str, Example] = {
    "raw sql": sql("CREATE INDEX ix_orders_email ON orders (email)"),
    "no name of its own": sql("CREATE INDEX ON orders (email, placed)"),
    "a unique index": Example('op.create_index("uq_orders_email", "orders", ["email"], unique=True)', given=GIVEN),
    "everything that an index can have": sql(
        "CREATE UNIQUE INDEX ix_orders_all ON orders USING btree (lower(email), placed DESC NULLS LAST, "
        'email COLLATE "C" text_pattern_ops) INCLUDE (total) WITH (fillfactor = 70) '
        "WHERE total > 0 AND email <> 'a:b'"
    ),
    "another method": sql("CREATE INDEX ix_orders_data ON orders USING gin (data jsonb_path_ops)"),
    "nulls not distinct": sql(
        "CREATE UNIQUE INDEX ix_orders_placed ON orders (placed) NULLS NOT DISTINCT", server="postgresql 16"
    ),
    "a name that is a reserved word": sql(
        'CREATE INDEX ix_user ON "user" ("order")', given='CREATE TABLE "user" (id int PRIMARY KEY, "order" int)'
    ),
    "a quoted and qualified name": sql('CREATE INDEX "ix_Code" ON shop."Order" ("Code")', given=SHOP),
    "through a helper and a loop": Example(
        """
        def upgrade():
            def index(table, *columns):
                op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns))

            for name in ("email", "placed"):
                index("orders", name)

        def downgrade():
            pass
        """,
        given=GIVEN,
        hits=2,
    ),
    "in batch mode": Example(
        'with op.batch_alter_table("orders") as batch:\n    batch.create_index("ix_orders_email", ["email"])',
        given=GIVEN,
    ),
    "where the script looks whether it is there": Example(
        """
        indexes = {i["name"] for i in sa.inspect(op.get_bind()).get_indexes("orders")}
        if "ix_orders_email" not in indexes:
            op.create_index("ix_orders_email", "orders", ["email"])
        """,
        given=GIVEN,
    ),
    "where the script sees that it is there": Example(
        """
        indexes = {i["name"] for i in sa.inspect(op.get_bind()).get_indexes("orders")}
        if "ix_orders_email" not in indexes:
            op.create_index("ix_orders_email", "orders", ["email"])
        """,
        given=GIVEN + ";CREATE INDEX ix_orders_email ON orders (email)",
        hits=0,
    ),
    "if not exists of one that is there": sql(
        "CREATE INDEX IF NOT EXISTS ix_orders_email ON orders (email)",
        given=GIVEN + ";CREATE INDEX ix_orders_email ON orders (placed)",
        hits=0,
    ),
    "if not exists of one that is not there": sql("CREATE INDEX IF NOT EXISTS ix_orders_email ON orders (email)"),
    "a partitioned table with its partitions": sql("CREATE INDEX ix_events_kind ON events (kind)", given=PARTS),
    "partitions of partitions": sql("CREATE INDEX ix_events_kind ON events (kind)", given=NESTED),
    "the partitioned table alone": sql("CREATE INDEX ix_events_kind ON ONLY events (kind)", given=PARTS, hits=0),
    "a partitioned table whose partitions are new": sql(
        "CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')",
        "CREATE INDEX ix_events_kind ON events (kind)",
        given="CREATE TABLE events (id bigint, at date NOT NULL, kind text) PARTITION BY RANGE (at)",
        hits=0,
    ),
    "an inheriting table gets none": sql(
        "CREATE INDEX ix_new_email ON fresh (email)",
        given=GIVEN + ";CREATE TABLE fresh (email text)",
        earlier=('op.execute("ALTER TABLE orders INHERIT fresh")',),
    ),
    "a table of this deployment": Example(
        """
        op.create_table("notes", sa.Column("id", sa.BigInteger(), primary_key=True), sa.Column("text", sa.Text()))
        op.create_index("ix_notes_text", "notes", ["text"])
        """,
        given=GIVEN,
        hits=0,
    ),
    "a table of an earlier revision of this deployment": Example(
        'op.create_index("ix_notes_text", "notes", ["text"])',
        given=GIVEN,
        earlier=('op.create_table("notes", sa.Column("text", sa.Text()))',),
        hits=0,
    ),
    "a table of this deployment under a new name": Example(
        'op.create_index("ix_remarks_text", "remarks", ["text"])',
        given=GIVEN,
        earlier=('op.create_table("notes", sa.Column("text", sa.Text()))', 'op.rename_table("notes", "remarks")'),
        hits=0,
    ),
    "an existing table under a new name": Example(
        'op.rename_table("orders", "sales")\nop.create_index("ix_sales_email", "sales", ["email"])', given=GIVEN
    ),
    "a temporary table": sql("CREATE TEMP TABLE work (x int)", "CREATE INDEX ix_work ON work (x)", hits=0),
    "a table that the history never made": Example('op.create_index("ix_legacy", "legacy", ["x"])', runs=False),
    "concurrently": Example(
        """
        with op.get_context().autocommit_block():
            op.create_index("ix_orders_email", "orders", ["email"], postgresql_concurrently=True)
        """,
        given=GIVEN,
        hits=0,
    ),
    "a materialized view has no writers": sql(
        "CREATE INDEX ix_daily ON daily (placed)",
        given=GIVEN + ";CREATE MATERIALIZED VIEW daily AS SELECT placed, count(*) FROM orders GROUP BY placed",
        hits=0,
    ),
    "inside of a do block": sql("DO $$ BEGIN CREATE INDEX ix_orders_email ON orders (email); END $$"),
}
