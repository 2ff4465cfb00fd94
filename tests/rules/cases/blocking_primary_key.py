"""Cases of MG407."""

from migguard.rules.frame import Example

GIVEN = "CREATE TABLE orders (id bigint NOT NULL, code text)"


def sql(*texts: str, **more: object) -> Example:
    code = "\n".join(f"op.execute({t!r})" for t in texts)
    return Example(code, **{"given": GIVEN, **more})  # type: ignore[arg-type]


CASES: dict[str, Example] = {
    "columns that can be null": sql("ALTER TABLE orders ADD PRIMARY KEY (id, code)"),
    "using an index over a column that can be null": sql(
        "ALTER TABLE orders ADD CONSTRAINT pk_orders PRIMARY KEY USING INDEX ix_code",
        given=GIVEN + ";CREATE UNIQUE INDEX ix_code ON orders (code)",
    ),
    "using an index over columns that cannot": sql(
        "ALTER TABLE orders ADD CONSTRAINT pk_orders PRIMARY KEY USING INDEX ix_id",
        given=GIVEN + ";CREATE UNIQUE INDEX ix_id ON orders (id)",
        hits=0,
    ),
    "using an index over a column that a check proves": sql(
        "ALTER TABLE orders ADD CONSTRAINT pk_orders PRIMARY KEY USING INDEX ix_code",
        given=GIVEN + ";CREATE UNIQUE INDEX ix_code ON orders (code);"
        "ALTER TABLE orders ADD CONSTRAINT ck CHECK (code IS NOT NULL)",
        hits=0,
    ),
    "replaced in one statement": sql(
        "ALTER TABLE orders DROP CONSTRAINT pk, ADD CONSTRAINT pk_new PRIMARY KEY (id)",
        given="CREATE TABLE orders (id bigint NOT NULL, code text CONSTRAINT pk PRIMARY KEY)",
    ),
    "replaced in one statement under its name": sql(
        "ALTER TABLE orders DROP CONSTRAINT pk, ADD CONSTRAINT pk PRIMARY KEY (id)",
        given="CREATE TABLE orders (id bigint NOT NULL, code text CONSTRAINT pk PRIMARY KEY)",
    ),
    "renamed by making it anew": sql(
        "ALTER TABLE orders DROP CONSTRAINT pk, ADD CONSTRAINT pk_orders PRIMARY KEY (id)",
        given="CREATE TABLE orders (id bigint CONSTRAINT pk PRIMARY KEY, code text)",
    ),
    "a quoted and qualified name": Example(
        'op.create_primary_key("pk_Order", "Order", ["Id"], schema="shop")',
        given='CREATE SCHEMA shop;CREATE TABLE shop."Order" ("Id" int NOT NULL)',
    ),
    "a new column that numbers the rows": sql("ALTER TABLE orders ADD COLUMN key bigserial PRIMARY KEY", hits=0),
    "a new column with a constant": sql(
        "ALTER TABLE orders ADD COLUMN key int DEFAULT 1 CONSTRAINT pk_orders PRIMARY KEY", runs=False
    ),
    "a table of this deployment": Example(
        'op.create_primary_key("pk", "notes", ["id"])',
        given=GIVEN,
        earlier=('op.create_table("notes", sa.Column("id", sa.BigInteger(), nullable=False))',),
        hits=0,
    ),
    "dropped": sql(
        "ALTER TABLE orders DROP CONSTRAINT orders_pkey", given="CREATE TABLE orders (id int PRIMARY KEY)", hits=0
    ),
}
