"""Cases of MG411."""

from migguard.rules.frame import Example

GIVEN = (
    "CREATE TABLE orders (id bigint PRIMARY KEY, price int, amount int);"
    "CREATE DOMAIN positive AS int CHECK (VALUE > 0);CREATE DOMAIN plain AS text;"
    "CREATE DOMAIN required AS text NOT NULL DEFAULT '';"
    "CREATE FUNCTION steady() RETURNS int LANGUAGE sql STABLE AS 'SELECT 1';"
    "CREATE FUNCTION moving() RETURNS int LANGUAGE sql AS 'SELECT 1'"
)
PARTS = (
    "CREATE TABLE events (n int, at date NOT NULL) PARTITION BY RANGE (at);"
    "CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')"
)


def add(column: str, hits: int = 1, **more: object) -> Example:
    text = f"ALTER TABLE orders ADD COLUMN {column}"
    return Example(f"op.execute({text!r})", **{"given": GIVEN, "hits": hits, **more})  # type: ignore[arg-type]


CASES: dict[str, Example] = {
    "a clock": add("seen timestamptz DEFAULT clock_timestamp()"),
    "a random number": add("luck double precision NOT NULL DEFAULT random()"),
    "a sequence": add("number bigint DEFAULT nextval('orders_seq')", given=GIVEN + ";CREATE SEQUENCE orders_seq"),
    "a function of one's own that says nothing": add("x int DEFAULT moving()"),
    "a function that nobody knows": add("x uuid DEFAULT uuid_generate_v7()", runs=False),
    "inside of an expression": add("code text DEFAULT 'x' || substr(gen_random_uuid()::text, 1, 8)"),
    "inside of a type's input function": add("token uuid DEFAULT uuid_in(md5(random()::text)::cstring)"),
    "a type's input function over a constant": add("token uuid DEFAULT uuid_in(md5('x')::cstring)", hits=0),
    "serial": add("number bigserial"),
    "an identity": add("number bigint GENERATED ALWAYS AS IDENTITY"),
    "stored generated": add("total int GENERATED ALWAYS AS (price * amount) STORED"),
    "a domain with a check": add("size positive"),
    "a domain that is not null": add("label required", given=GIVEN.replace("orders (", "orders (")),
    "any default before 11": add("x int DEFAULT 0", server="postgresql 10", runs=False),
    "sqlalchemy's identity": Example(
        'op.add_column("orders", sa.Column("number", sa.BigInteger(), sa.Identity()))', given=GIVEN
    ),
    "in batch mode": Example(
        """
        with op.batch_alter_table("orders") as batch:
            batch.add_column(sa.Column("token", sa.Uuid(), server_default=sa.text("gen_random_uuid()")))
        """,
        given=GIVEN,
    ),
    "a quoted and qualified name": Example(
        """
        token = sa.Column("Token", sa.Uuid(), server_default=sa.text("gen_random_uuid()"))
        op.add_column("Order", token, schema="shop")
        """,
        given='CREATE SCHEMA shop;CREATE TABLE shop."Order" (id int PRIMARY KEY)',
    ),
    "a partitioned table": Example(
        'op.execute("ALTER TABLE events ADD COLUMN token uuid DEFAULT gen_random_uuid()")', given=PARTS
    ),
    "a constant": add("x int NOT NULL DEFAULT 0", 0),
    "a constant with a cast": add("data jsonb NOT NULL DEFAULT '{}'::jsonb", 0),
    "now()": add("at timestamptz NOT NULL DEFAULT now()", 0),
    "current_timestamp": add("at timestamptz DEFAULT CURRENT_TIMESTAMP", 0),
    "a stable function of one's own": add("x int DEFAULT steady()", 0),
    "no default": add("x int", 0),
    "null": add("x int DEFAULT NULL", 0),
    "virtual generated": add("total int GENERATED ALWAYS AS (price * amount) VIRTUAL", 0, server="postgresql 18"),
    "a domain without constraints": add("label plain", 0),
    "a default of python": Example(
        'import uuid\n\ndef upgrade():\n    op.add_column("orders", sa.Column("token", sa.Uuid(), default=uuid.uuid4))'
        "\n\ndef downgrade():\n    pass",
        given=GIVEN,
        hits=0,
    ),
    "a default set later": Example(
        """
        op.add_column("orders", sa.Column("token", sa.Uuid()))
        op.alter_column("orders", "token", server_default=sa.text("gen_random_uuid()"))
        """,
        given=GIVEN,
        hits=0,
    ),
    "by one line, for several tables that no revision made": Example(
        """
        def there(table):
            return sa.inspect(op.get_bind()).has_table(table)

        def number(table):
            op.add_column(table, sa.Column("id", sa.BigInteger(), primary_key=True))

        def upgrade():
            number("orders")
            if there("legacy"):
                number("legacy")
            if there("older"):
                number("older")
        """,
        released=("op.execute('UPDATE orders SET n = 1')",),
        hits=3,
        runs=False,
    ),
    "if not exists of one that is there": Example(
        'op.execute("ALTER TABLE orders ADD COLUMN IF NOT EXISTS price bigserial")', given=GIVEN, hits=0
    ),
    "a table of this deployment": Example(
        'op.add_column("notes", sa.Column("token", sa.Uuid(), server_default=sa.text("gen_random_uuid()")))',
        earlier=('op.create_table("notes", sa.Column("n", sa.Integer()))',),
        given=GIVEN,
        hits=0,
    ),
}
