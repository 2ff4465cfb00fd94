"""Cases of MG406."""

from migguard.rules.frame import Example

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY, code text, shop int)"
PARTS = (
    "CREATE TABLE events (n int, at date NOT NULL) PARTITION BY RANGE (at);"
    "CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')"
)


def sql(*texts: str, **more: object) -> Example:
    code = "\n".join(f"op.execute({t!r})" for t in texts)
    return Example(code, **{"given": GIVEN, **more})  # type: ignore[arg-type]


CASES: dict[str, Example] = {
    "raw sql without a name": sql("ALTER TABLE orders ADD UNIQUE (code)"),
    "everything that it can have": sql(
        "ALTER TABLE orders ADD CONSTRAINT uq_code UNIQUE NULLS NOT DISTINCT (code, shop) INCLUDE (id) "
        "WITH (fillfactor = 80) DEFERRABLE INITIALLY DEFERRED",
        server="postgresql 16",
    ),
    "on a new column": sql("ALTER TABLE orders ADD COLUMN token text CONSTRAINT uq_token UNIQUE"),
    "on a new column of a type of one's own": sql(
        "ALTER TABLE orders ADD COLUMN mood mood UNIQUE", given=GIVEN + ";CREATE TYPE mood AS ENUM ('good', 'bad')"
    ),
    "alembic adds the column and says unique": Example(
        'op.add_column("orders", sa.Column("token", sa.String(40), unique=True))', given=GIVEN
    ),
    "in batch mode": Example(
        'with op.batch_alter_table("orders") as batch:\n    batch.create_unique_constraint("uq_code", ["code"])',
        given=GIVEN,
    ),
    "replaced in one statement under its name": sql(
        "ALTER TABLE orders DROP CONSTRAINT uq, ADD CONSTRAINT uq UNIQUE (code, shop)",
        given=GIVEN + ";ALTER TABLE orders ADD CONSTRAINT uq UNIQUE (code)",
    ),
    "renamed by making it anew": sql(
        "ALTER TABLE orders DROP CONSTRAINT uq, ADD CONSTRAINT uq_code UNIQUE (code)",
        given=GIVEN + ";ALTER TABLE orders ADD CONSTRAINT uq UNIQUE (code)",
    ),
    "a name that something else has": sql(
        "ALTER TABLE orders ADD UNIQUE (code)", given=GIVEN + ";CREATE TABLE orders_code_key (id int)"
    ),
    "a quoted and qualified name": Example(
        'op.create_unique_constraint("uq_Code", "Order", ["Code"], schema="shop")',
        given='CREATE SCHEMA shop;CREATE TABLE shop."Order" (id int PRIMARY KEY, "Code" text)',
    ),
    "a partitioned table": sql("ALTER TABLE events ADD CONSTRAINT uq_events UNIQUE (n, at)", given=PARTS),
    "using an index that is there": sql(
        "ALTER TABLE orders ADD CONSTRAINT uq_code UNIQUE USING INDEX ix_code",
        given=GIVEN + ";CREATE UNIQUE INDEX ix_code ON orders (code)",
        hits=0,
    ),
    "a table of this deployment": Example(
        'op.create_unique_constraint("uq", "notes", ["text"])',
        given=GIVEN,
        earlier=('op.create_table("notes", sa.Column("text", sa.Text()))',),
        hits=0,
    ),
    "with the table": sql("CREATE TABLE notes (id int PRIMARY KEY, code text UNIQUE)", hits=0),
}
