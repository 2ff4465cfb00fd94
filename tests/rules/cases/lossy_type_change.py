"""Cases of MG307."""

from migguard.rules.frame import Example

GIVEN = (
    "CREATE TYPE mood AS ENUM ('good', 'bad');"
    "CREATE TABLE orders (id bigint PRIMARY KEY, code varchar(80), note text, n int, total numeric(10, 2), "
    "free numeric, at timestamptz, local timestamp(3), f double precision, mood mood)"
)


def to(column: str, kind: str, hits: int = 1) -> Example:
    text = f"ALTER TABLE orders ALTER COLUMN {column} TYPE {kind}"
    return Example(f"op.execute({text!r})", given=GIVEN, hits=hits)


CASES: dict[str, Example] = {
    "what the server refuses on every database": Example(
        "op.execute('ALTER TABLE orders ALTER COLUMN note TYPE integer')", given=GIVEN, hits=0, runs=False
    ),
    "of a table that was emptied before": Example(
        'op.execute("DELETE FROM orders")\nop.execute("ALTER TABLE orders ALTER COLUMN n TYPE smallint")',
        given=GIVEN,
        hits=0,
    ),
    "of a table that was emptied in part": Example(
        'op.execute("DELETE FROM orders WHERE n = 1")\nop.execute("ALTER TABLE orders ALTER COLUMN n TYPE smallint")',
        given=GIVEN,
    ),
    "text to a limited string": to("note", "varchar(100)"),
    "a smaller integer": to("n", "smallint"),
    "bigint to integer": to("id", "integer"),
    "fewer digits": to("total", "numeric(8, 2)"),
    "fewer places": to("total", "numeric(10, 1)"),
    "more places but less room before them": to("total", "numeric(10, 3)"),
    "an unlimited numeric to a limited one": to("free", "numeric(12, 2)"),
    "numeric to integer": to("total", "integer"),
    "fewer fractions of a second": to("local", "timestamp(0)"),
    "without the time zone": to("at", "timestamp USING at AT TIME ZONE 'UTC'"),
    "without the time of day": to("at", "date"),
    "text to an integer": to("note", "integer USING note::integer"),
    "text to json": to("note", "jsonb USING note::jsonb"),
    "text to an enum": to("note", "mood USING note::mood"),
    "single precision": to("f", "real"),
    "a shorter string of a quoted and qualified name": Example(
        'op.alter_column("Order", "Code", type_=sa.String(10), schema="shop")',
        given='CREATE SCHEMA shop;CREATE TABLE shop."Order" (id int, "Code" varchar(20))',
    ),
    "a longer string": to("code", "varchar(100)", 0),
    "an unlimited string": to("code", "text", 0),
    "a larger integer": to("n", "bigint", 0),
    "an integer to a numeric with room": to("n", "numeric(12, 2)", 0),
    "more digits": to("total", "numeric(12, 2)", 0),
    "more digits and places": to("total", "numeric(12, 3)", 0),
    "more fractions of a second": to("local", "timestamp(6)", 0),
    "an enum to text": to("mood", "text", 0),
    "the type it has": to("n", "integer", 0),
    "a column of this deployment": Example(
        'op.alter_column("orders", "memo", type_=sa.String(10))',
        given=GIVEN,
        earlier=('op.add_column("orders", sa.Column("memo", sa.Text()))',),
        hits=0,
    ),
    "a table of this deployment": Example(
        'op.alter_column("notes", "memo", type_=sa.String(10))',
        given=GIVEN,
        earlier=('op.create_table("notes", sa.Column("memo", sa.Text()))',),
        hits=0,
    ),
    "an enum without a value that this deployment has added": Example(
        """
        op.execute("ALTER TYPE plan RENAME TO plan_old")
        op.execute("CREATE TYPE plan AS ENUM ('free', 'paid')")
        op.execute("ALTER TABLE accounts ALTER COLUMN plan TYPE plan USING plan::text::plan")
        """,
        given="CREATE TYPE plan AS ENUM ('free', 'paid');CREATE TABLE accounts (id bigint PRIMARY KEY, plan plan)",
        earlier=("op.execute(\"ALTER TYPE plan ADD VALUE 'max'\")",),
        env=("transaction_per_migration",),
        hits=0,
    ),
}
