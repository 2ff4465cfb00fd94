"""Cases of MG911."""

from migguard.rules.frame import Example

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY, code text)"
CAPITALS = 'CREATE TABLE "Orders" (id bigint PRIMARY KEY, "Code" text)'

CASES: dict[str, Example] = {
    "a column with a capital": Example(
        'op.add_column("orders", sa.Column("customerId", sa.BigInteger()))', given=GIVEN
    ),
    "an index with a hyphen": Example('op.create_index("ix-orders-code", "orders", ["code"])', given=GIVEN),
    "a constraint with a capital": Example('op.create_unique_constraint("UQ_orders", "orders", ["code"])', given=GIVEN),
    "a renamed column": Example('op.alter_column("orders", "code", new_column_name="orderCode")', given=GIVEN),
    "a renamed table": Example('op.rename_table("orders", "Orders")', given=GIVEN),
    "a renamed constraint": Example(
        "op.execute('ALTER TABLE orders RENAME CONSTRAINT orders_pkey TO \"PK_orders\"')", given=GIVEN
    ),
    "a renamed index": Example(
        "op.execute('ALTER INDEX ix_code RENAME TO \"ixCode\"')",
        given=f"{GIVEN};CREATE INDEX ix_code ON orders (code)",
    ),
    "all names of one table in one finding": Example(
        'op.create_table("Visits", sa.Column("visitId", sa.BigInteger(), primary_key=True))'
    ),
    "capitals without quotes are folded": Example("op.execute('CREATE TABLE Visits (Id bigint PRIMARY KEY)')", hits=0),
    "names that were there before": Example(
        'op.add_column("Orders", sa.Column("note", sa.Text()))', given=CAPITALS, hits=0
    ),
    "a name that the server makes of an old one": Example(
        'op.execute(\'ALTER TABLE "Orders" ADD UNIQUE ("Code")\')', given=CAPITALS, hits=0
    ),
    "a batch copy keeps the names that were there": Example(
        """
        with op.batch_alter_table("orders") as batch:
            batch.alter_column("customerId", nullable=False)
        """,
        given='CREATE TABLE orders (id INTEGER PRIMARY KEY, "customerId" INTEGER)',
        server="sqlite",
        hits=0,
    ),
    "a batch copy adds a name": Example(
        """
        with op.batch_alter_table("orders", recreate="always") as batch:
            batch.add_column(sa.Column("customerId", sa.Integer()))
        """,
        given="CREATE TABLE orders (id INTEGER PRIMARY KEY)",
        server="sqlite",
    ),
    "a partition has its parent's names": Example(
        "op.execute(\"CREATE TABLE days_1 PARTITION OF days FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')\")",
        given='CREATE TABLE days (at date NOT NULL, "dayName" text) PARTITION BY RANGE (at)',
        hits=0,
    ),
    "a table that is there already": Example(
        "op.execute('CREATE TABLE IF NOT EXISTS \"Orders\" (id bigint PRIMARY KEY)')", given=CAPITALS, hits=0
    ),
}
