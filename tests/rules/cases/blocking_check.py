"""Cases of MG404."""

from migguard.rules.frame import Example

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY, total int, starts time, code text)"
PARTS = (
    "CREATE TABLE events (n int, at date NOT NULL) PARTITION BY RANGE (at);"
    "CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')"
)


def sql(*texts: str, **more: object) -> Example:
    code = "\n".join(f"op.execute({t!r})" for t in texts)
    return Example(code, **{"given": GIVEN, **more})  # type: ignore[arg-type]


CASES: dict[str, Example] = {
    "without a name, where the one that would be given is taken": sql(
        "ALTER TABLE orders ADD CHECK (total > 0)",
        given=GIVEN + ";ALTER TABLE orders ADD CONSTRAINT ck_orders_check CHECK (total > 1)"
        ";ALTER TABLE orders ADD CONSTRAINT ck_orders_total CHECK (total > 2)",
    ),
    "raw sql": sql("ALTER TABLE orders ADD CONSTRAINT ck_total CHECK (total >= 0)"),
    "no name": sql("ALTER TABLE orders ADD CHECK (total >= 0)"),
    "colons in the condition": sql(
        "ALTER TABLE orders ADD CONSTRAINT ck_starts CHECK (starts > '08:30'::time AND code <> 'a:b')"
    ),
    "not inherited": sql("ALTER TABLE orders ADD CONSTRAINT ck_total CHECK (total >= 0) NO INHERIT"),
    "on a new column that is null": sql("ALTER TABLE orders ADD COLUMN rate int CONSTRAINT ck_rate CHECK (rate > 0)"),
    "on a new column with a constant": sql("ALTER TABLE orders ADD COLUMN rate int DEFAULT 1 CHECK (rate > 0)"),
    "a quoted and qualified name": sql(
        'ALTER TABLE shop."Order" ADD CONSTRAINT "ck_Total" CHECK ("Total" > 0)',
        given='CREATE SCHEMA shop;CREATE TABLE shop."Order" (id int PRIMARY KEY, "Total" int)',
    ),
    "a partitioned table": sql("ALTER TABLE events ADD CONSTRAINT ck_n CHECK (n > 0)", given=PARTS),
    "a table with an inheriting one": sql(
        "ALTER TABLE parents ADD CONSTRAINT ck_n CHECK (n > 0)",
        given="CREATE TABLE parents (n int);CREATE TABLE children () INHERITS (parents)",
    ),
    "two in one statement": sql("ALTER TABLE orders ADD CHECK (total >= 0), ADD CHECK (code <> '')", hits=2),
    "not valid": sql("ALTER TABLE orders ADD CONSTRAINT ck_total CHECK (total >= 0) NOT VALID", hits=0),
    "not enforced": sql(
        "ALTER TABLE orders ADD CONSTRAINT ck_total CHECK (total >= 0) NOT ENFORCED", server="postgresql 18", hits=0
    ),
    "validated later": Example(
        'op.execute("ALTER TABLE orders VALIDATE CONSTRAINT ck_total")',
        given=GIVEN + ";ALTER TABLE orders ADD CONSTRAINT ck_total CHECK (total >= 0) NOT VALID",
        hits=0,
    ),
    "beside a rewrite": sql("ALTER TABLE orders ALTER COLUMN total TYPE bigint, ADD CHECK (total >= 0)", hits=0),
    "a table of this deployment": Example(
        'op.create_check_constraint("ck_n", "notes", "n > 0")',
        given=GIVEN,
        earlier=('op.create_table("notes", sa.Column("n", sa.Integer()))',),
        hits=0,
    ),
}
