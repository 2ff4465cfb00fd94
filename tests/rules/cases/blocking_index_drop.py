"""Cases of MG402."""

from migguard.rules.frame import Example

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY, email text);CREATE INDEX ix_orders_email ON orders (email)"
PARTS = (
    "CREATE TABLE events (id bigint, at date NOT NULL) PARTITION BY RANGE (at);"
    "CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');"
    "CREATE INDEX ix_events_at ON events (at)"
)
MET = "ALTER TABLE rooms ADD COLUMN note text"


def sql(*texts: str, **more: object) -> Example:
    code = "\n".join(f"op.execute({t!r})" for t in texts)
    return Example(code, **{"given": GIVEN, **more})  # type: ignore[arg-type]


CASES: dict[str, Example] = {
    "raw sql, which names no table": sql("DROP INDEX ix_orders_email"),
    "if exists of one that is there": sql("DROP INDEX IF EXISTS ix_orders_email"),
    "if exists of one that is not there": sql("DROP INDEX IF EXISTS ix_nothing", hits=0),
    "a quoted and qualified name": sql(
        'DROP INDEX shop."ix_Code"',
        given='CREATE SCHEMA shop;CREATE TABLE shop."Order" (id int, "Code" text);'
        'CREATE INDEX "ix_Code" ON shop."Order" ("Code")',
    ),
    "a partitioned index": sql("DROP INDEX ix_events_at", given=PARTS),
    "one that this deployment built on an existing table": Example(
        'op.drop_index("ix_orders_new", table_name="orders")',
        given=GIVEN,
        earlier=(
            'with op.get_context().autocommit_block():\n    op.create_index("ix_orders_new", "orders", ["email"], '
            "postgresql_concurrently=True)",
        ),
    ),
    "an index of a table of this deployment": Example(
        'op.drop_index("ix_notes_text", table_name="notes")',
        given=GIVEN,
        earlier=(
            'op.create_table("notes", sa.Column("text", sa.Text()))',
            'op.create_index("ix_notes_text", "notes", ["text"])',
        ),
        hits=0,
    ),
    "an index of a table that the revision drops": Example(
        """
        op.drop_index("ix_orders_email", table_name="orders")
        op.drop_table("orders")
        """,
        given=GIVEN,
        hits=0,
    ),
    "concurrently": Example(
        """
        with op.get_context().autocommit_block():
            op.drop_index("ix_orders_email", table_name="orders", postgresql_concurrently=True)
        """,
        given=GIVEN,
        hits=0,
    ),
    "one of a table that nobody made": Example(
        """
        op.add_column("rooms", sa.Column("note", sa.Text()))
        op.drop_index("ix_rooms_name", table_name="rooms")
        """,
        runs=False,
    ),
    "one that nobody made, in raw sql": sql("DROP INDEX ix_rooms_name", given=MET, runs=False),
    "one that nobody made, if it is there": sql("DROP INDEX IF EXISTS ix_rooms_name", given=MET, runs=False),
    "one that nobody made, concurrently": Example(
        """
        with op.get_context().autocommit_block():
            op.drop_index("ix_rooms_name", table_name="rooms", postgresql_concurrently=True)
        """,
        given=MET,
        hits=0,
        runs=False,
    ),
    "one that nobody made, of a table that this deployment makes": Example(
        """
        op.create_table("notes", sa.Column("id", sa.Integer()))
        op.drop_index("ix_notes_id", table_name="notes")
        """,
        given=MET,
        hits=0,
        runs=False,
    ),
    "one that is not there, of a table that is known": Example(
        'op.drop_index("ix_orders_code", table_name="orders", if_exists=True)', given=f"{GIVEN};{MET}", hits=0
    ),
}
