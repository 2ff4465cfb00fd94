"""Cases of MG912."""

from migguard.rules.frame import Example

CASES: dict[str, Example] = {
    "in raw SQL": Example('op.execute("CREATE TABLE visits (page text)")'),
    "a table made of a query": Example(
        'op.execute("CREATE TABLE copied AS SELECT * FROM orders")',
        given="CREATE TABLE orders (id bigint PRIMARY KEY)",
    ),
    "a unique key is no primary key": Example('op.execute("CREATE TABLE visits (page text NOT NULL UNIQUE)")'),
    "in a schema of its own": Example(
        'op.create_table("visits", sa.Column("page", sa.Text()), schema="audit")', given="CREATE SCHEMA audit"
    ),
    "a partitioned table": Example('op.execute("CREATE TABLE days (at date NOT NULL) PARTITION BY RANGE (at)")'),
    "the primary key comes in a later revision": Example(
        'op.create_primary_key("pk_visits", "visits", ["page"])',
        earlier=('op.create_table("visits", sa.Column("page", sa.Text(), nullable=False))',),
        hits=0,
    ),
    "a temporary table": Example('op.execute("CREATE TEMPORARY TABLE visits (page text)")', hits=0),
    "a partition": Example(
        "op.execute(\"CREATE TABLE days_1 PARTITION OF days FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')\")",
        given="CREATE TABLE days (at date NOT NULL) PARTITION BY RANGE (at)",
        hits=0,
    ),
    "a table that becomes a partition": Example(
        """
        op.execute("CREATE TABLE days_1 (at date NOT NULL)")
        op.execute("ALTER TABLE days ATTACH PARTITION days_1 FOR VALUES FROM ('2026-1-1') TO ('2027-1-1')")
        """,
        given="CREATE TABLE days (at date NOT NULL) PARTITION BY RANGE (at)",
        hits=0,
    ),
    "a table that is dropped again": Example(
        """
        op.execute("CREATE TABLE scratch (page text)")
        op.drop_table("scratch")
        """,
        hits=0,
    ),
    "a table that is renamed later": Example(
        """
        op.execute("CREATE TABLE scratch (page text)")
        op.rename_table("scratch", "visits")
        """
    ),
    "a table that is there already": Example(
        'op.execute("CREATE TABLE IF NOT EXISTS visits (page text)")',
        given="CREATE TABLE visits (page text)",
        hits=0,
    ),
    "an existing table": Example(
        'op.add_column("visits", sa.Column("at", sa.Date()))', given="CREATE TABLE visits (page text)", hits=0
    ),
    "a batch copy of an existing table": Example(
        """
        with op.batch_alter_table("visits") as batch:
            batch.alter_column("page", nullable=False)
        """,
        given="CREATE TABLE visits (page TEXT)",
        server="sqlite",
        hits=0,
    ),
    "LIKE takes the key along": Example(
        'op.execute("CREATE TABLE copied (LIKE orders INCLUDING ALL)")',
        given="CREATE TABLE orders (id bigint PRIMARY KEY)",
        hits=0,
    ),
    "LIKE without the indexes does not": Example(
        'op.execute("CREATE TABLE copied (LIKE orders)")', given="CREATE TABLE orders (id bigint PRIMARY KEY)"
    ),
    "on MySQL": Example('op.create_table("visits", sa.Column("page", sa.Text()))', server="mysql 8.0.36"),
}
