"""Cases of MG707."""

from migguard.rules.frame import Example

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY, a int)"
LONG = "recalculated_delivery_date_of_the_last_shipment_as_announced_by_the_carrier"
FITS = LONG[:63]


def sql(text: str, hits: int = 1, **more: object) -> Example:
    return Example(f"op.execute({text!r})", **{"given": GIVEN, "hits": hits, **more})  # type: ignore[arg-type]


CASES: dict[str, Example] = {
    "a table and its columns": Example(
        f'op.create_table("{LONG}", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("x{LONG}", sa.Text()))',
        hits=2,
    ),
    "an index whose name SQLAlchemy does not render": Example(
        f'op.create_index("{LONG}", "orders", ["a"])', given=GIVEN
    ),
    "a constraint whose name SQLAlchemy does not render": Example(
        f'op.create_check_constraint("{LONG}", "orders", "a > 0")', given=GIVEN
    ),
    "an index whose name fits": Example(f'op.create_index("{FITS}", "orders", ["a"])', given=GIVEN, hits=0),
    "an index": sql(f"CREATE INDEX {LONG} ON orders (a)"),
    "a constraint": sql(f"ALTER TABLE orders ADD CONSTRAINT {LONG} CHECK (a > 0)"),
    "bytes, not letters": sql('ALTER TABLE orders ADD COLUMN "' + "ü" * 32 + '" int'),
    "a rename": sql(f"ALTER TABLE orders RENAME COLUMN a TO {LONG}"),
    "a sequence, a type, a view and a schema": Example(
        f"""
        op.execute("CREATE SEQUENCE {LONG}_s")
        op.execute("CREATE TYPE {LONG[:70]} AS ENUM ('a')")
        op.execute("CREATE SCHEMA x{LONG}")
        op.execute("CREATE VIEW v{LONG} AS SELECT 1 AS one")
        """,
        hits=4,
    ),
    "a function and a trigger": Example(
        f"""
        op.execute("CREATE FUNCTION {LONG}() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'")
        op.execute("CREATE TRIGGER {LONG} BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION {LONG}()")
        """,
        given=GIVEN,
        hits=2,
    ),
    "mysql refuses": sql(
        f"ALTER TABLE orders ADD COLUMN {LONG} int",
        given="CREATE TABLE orders (id int PRIMARY KEY)",
        server="mysql 8.0",
    ),
    "a name that just fits": sql(f"ALTER TABLE orders ADD COLUMN {FITS} int", 0),
    "a name that the server makes": sql(f"ALTER TABLE orders ADD COLUMN {FITS} int UNIQUE", 0),
    "a use of what is there": sql(f"ALTER TABLE orders DROP COLUMN IF EXISTS {LONG}", 0),
    "a long text is no name": sql(f"COMMENT ON TABLE orders IS '{LONG}'", 0),
}
