"""Cases of MG402."""

from migguard.rules.frame import Example

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY, email text);CREATE INDEX ix_orders_email ON orders (email)"
PARTS = (
    "CREATE TABLE events (id bigint, at date NOT NULL) PARTITION BY RANGE (at);"
    "CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');"
    "CREATE INDEX ix_events_at ON events (at)"
)
TWO = (
    "CREATE TABLE orders (id bigint PRIMARY KEY, email text, code text);"
    "CREATE INDEX ix_orders_email ON orders (email);CREATE INDEX ix_orders_code ON orders (code)"
)
ADD = 'op.add_column("orders", sa.Column("a", sa.Text()))\n'
FIRST = 'op.drop_index("ix_orders_email", table_name="orders")\n'
SECOND = 'op.drop_index("ix_orders_code", table_name="orders")\n'
PER = ("transaction_per_migration",)
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
    "several indexes of a table are told once": Example(FIRST + SECOND, given=TWO),
    "an index of another table is told too": Example(
        FIRST + 'op.drop_index("ix_parts", table_name="parts")',
        given=GIVEN + ";CREATE TABLE parts (id bigint);CREATE INDEX ix_parts ON parts (id)",
        hits=2,
    ),
    "several in transactions of their own": Example(SECOND, given=TWO, earlier=(FIRST,), env=PER, hits=2),
    "under a lock of an earlier revision, which a block would end": Example(FIRST, given=GIVEN, earlier=(ADD,)),
    "under a lock that the revision has taken already": Example(ADD + FIRST, given=GIVEN, hits=0),
    "one that the revision built itself, under its lock": Example(
        ADD + 'op.create_index("ix_tmp", "orders", ["email"])\nop.drop_index("ix_tmp", table_name="orders")',
        given=GIVEN,
        hits=0,
    ),
    "one that the revision built itself, under a lock that lets reads go on": Example(
        'op.create_index("ix_tmp", "orders", ["email"])\nop.drop_index("ix_tmp", table_name="orders")', given=GIVEN
    ),
    "after a weaker lock": Example('op.create_index("ix_id", "orders", ["id"])\n' + FIRST, given=GIVEN),
    "after a lock that was given up": Example(
        "nested = op.get_bind().begin_nested()\n" + ADD + "nested.rollback()\n" + FIRST, given=GIVEN
    ),
    "after a lock on another table": Example(
        'op.add_column("parts", sa.Column("a", sa.Text()))\n' + FIRST, given=GIVEN + ";CREATE TABLE parts (id bigint)"
    ),
    "with the column that it is on": Example(FIRST + 'op.drop_column("orders", "email")', given=GIVEN, hits=0),
    "with another column": Example(FIRST + 'op.drop_column("orders", "code")', given=TWO),
    "with a column of that name of another table": Example(
        FIRST + 'op.drop_column("parts", "email")', given=GIVEN + ";CREATE TABLE parts (email text)"
    ),
    "several that only get another name": Example(
        FIRST
        + SECOND
        + """
op.create_index("ix_email", "orders", ["email"])
op.create_index("ix_code", "orders", ["code"])
""",
        given=TWO,
        hits=2,
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
