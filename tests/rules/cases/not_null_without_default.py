"""Cases of MG701."""

from migguard.rules.frame import Example

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY)"
ADD = 'op.add_column("orders", sa.Column("state", sa.Text(), nullable=False))\n'


def made(code: str, hits: int = 1, **more: object) -> Example:
    return Example(code, **{"given": GIVEN, "hits": hits, **more})  # type: ignore[arg-type]


def sql(text: str, hits: int = 1, **more: object) -> Example:
    return made(f"op.execute({text!r})", hits, **more)


CASES: dict[str, Example] = {
    "sql": sql("ALTER TABLE orders ADD state text NOT NULL, ADD note text"),
    "a default of null": sql("ALTER TABLE orders ADD COLUMN state text DEFAULT NULL NOT NULL"),
    "in a batch": made(
        'with op.batch_alter_table("orders") as batch:\n    batch.add_column(sa.Column("a", sa.Date(), nullable=False))'
    ),
    "through a helper and a loop": made(
        """
        def columns():
            yield sa.Column("a", sa.Integer(), nullable=False)
            yield sa.Column("b", sa.Integer(), nullable=False)

        def upgrade():
            for column in columns():
                op.add_column("orders", column)
        """,
        2,
    ),
    "a primary key": sql("ALTER TABLE t ADD COLUMN id int PRIMARY KEY", given="CREATE TABLE t (a int)"),
    "a domain that is not null": sql(
        "ALTER TABLE orders ADD COLUMN state known", given=GIVEN + ";CREATE DOMAIN known AS text NOT NULL"
    ),
    "a quoted and qualified name": Example(
        'op.add_column("T", sa.Column("A", sa.Integer(), nullable=False), schema="s")',
        given='CREATE SCHEMA s;CREATE TABLE s."T" (b int)',
    ),
    "a partitioned table once": sql(
        "ALTER TABLE logs ADD COLUMN a int NOT NULL",
        given="CREATE TABLE logs (day date) PARTITION BY RANGE (day);"
        "CREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')",
    ),
    "a default": sql("ALTER TABLE orders ADD COLUMN state text NOT NULL DEFAULT ''", 0),
    "now as default": sql("ALTER TABLE orders ADD COLUMN at timestamptz NOT NULL DEFAULT now()", 0),
    "serial, identity and generated": made(
        """
        op.execute("ALTER TABLE orders ADD COLUMN a serial")
        op.execute("ALTER TABLE orders ADD COLUMN b int GENERATED ALWAYS AS IDENTITY")
        op.execute("ALTER TABLE orders ADD COLUMN c int GENERATED ALWAYS AS (id + 1) STORED NOT NULL")
        """,
        0,
        given="CREATE TABLE orders (id int PRIMARY KEY)",
    ),
    "a domain's default": sql(
        "ALTER TABLE orders ADD COLUMN state known", 0, given=GIVEN + ";CREATE DOMAIN known AS text NOT NULL DEFAULT ''"
    ),
    "nullable": sql("ALTER TABLE orders ADD COLUMN state text", 0),
    "there already": sql(
        "ALTER TABLE orders ADD COLUMN IF NOT EXISTS state text NOT NULL",
        0,
        given="CREATE TABLE orders (id bigint PRIMARY KEY, state text)",
    ),
    "emptied before, and the running code can write until the column is added": made(
        'op.execute("DELETE FROM orders")\n' + ADD + ADD.replace("state", "note")
    ),
    "emptied in a transaction before": made(
        'op.execute("TRUNCATE orders")\nwith op.get_context().autocommit_block():\n    op.execute("SELECT 1")\n' + ADD
    ),
    "emptied, and locked after that": made(
        'op.execute("DELETE FROM orders")\nop.execute("ALTER TABLE orders ADD COLUMN note text")\n' + ADD
    ),
    "emptied by TRUNCATE": made('op.execute("TRUNCATE orders")\n' + ADD, 0),
    "emptied under a lock": made(
        'op.execute("LOCK TABLE orders IN SHARE ROW EXCLUSIVE MODE")\nop.execute("DELETE FROM orders")\n' + ADD, 0
    ),
    "emptied on SQLite, where one writes at a time": made(
        'op.execute("DELETE FROM orders")\n' + ADD, 0, server="sqlite 3.40"
    ),
    "emptied before, and filled again": made(
        'op.execute("DELETE FROM orders")\nop.execute("INSERT INTO orders (id) VALUES (1)")\n' + ADD
    ),
    "emptied in part": made('op.execute("DELETE FROM orders WHERE id < 9")\n' + ADD),
    "a table of this deployment": made(
        """
        op.create_table("notes", sa.Column("id", sa.BigInteger(), primary_key=True))
        op.add_column("notes", sa.Column("text", sa.Text(), nullable=False))
        """,
        0,
    ),
    "mysql fills the rows": made(
        'op.add_column("orders", sa.Column("a", sa.Integer(), nullable=False))',
        0,
        given="CREATE TABLE orders (id int PRIMARY KEY)",
        server="mysql 8.0",
    ),
}
