"""Cases of MG916."""

from migguard.rules.frame import Example

TABLE = 'op.create_table("orders", sa.Column("id", sa.BigInteger(), primary_key=True))'
STAMPED = "CREATE TABLE orders (id bigint PRIMARY KEY, created_at timestamptz, updated_at timestamptz)"

CASES: dict[str, Example] = {
    "one of two": Example('op.execute("CREATE TABLE orders (id bigint PRIMARY KEY, created_at timestamptz)")'),
    "names of the project": Example(TABLE, settings='audit_columns = ["made"]'),
    "names of the project that are there": Example(
        'op.execute("CREATE TABLE orders (id bigint PRIMARY KEY, made timestamptz)")',
        settings='audit_columns = ["made"]',
        hits=0,
    ),
    "no columns are asked for": Example(TABLE, settings="audit_columns = []", hits=0),
    "added in a later revision": Example(
        """
        op.add_column("orders", sa.Column("created_at", sa.DateTime(timezone=True)))
        op.add_column("orders", sa.Column("updated_at", sa.DateTime(timezone=True)))
        """,
        earlier=(TABLE,),
        hits=0,
    ),
    "an existing table": Example(
        'op.add_column("orders", sa.Column("note", sa.Text()))',
        given="CREATE TABLE orders (id bigint PRIMARY KEY)",
        hits=0,
    ),
    "a temporary table": Example('op.execute("CREATE TEMP TABLE scratch (id bigint)")', hits=0),
    "a table that is dropped again": Example('op.drop_table("orders")', earlier=(TABLE,), hits=0),
    "a partition": Example(
        'op.execute("CREATE TABLE days_1 PARTITION OF days FOR VALUES FROM (1) TO (9)")',
        given="CREATE TABLE days (id bigint) PARTITION BY RANGE (id)",
        hits=0,
    ),
    "LIKE takes the columns along": Example('op.execute("CREATE TABLE copied (LIKE orders)")', given=STAMPED, hits=0),
    "a batch copy": Example(
        """
        with op.batch_alter_table("orders") as batch:
            batch.alter_column("code", nullable=False)
        """,
        given="CREATE TABLE orders (id INTEGER PRIMARY KEY, code TEXT)",
        server="sqlite",
        hits=0,
    ),
}
