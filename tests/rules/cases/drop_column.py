"""Cases of MG302."""

from migguard.rules.frame import Example

GIVEN = (
    "CREATE TABLE orders (id bigint PRIMARY KEY, fax text, n int, twice int GENERATED ALWAYS AS (n * 2) STORED);"
    "CREATE INDEX ix_orders_fax ON orders (fax)"
)


def sql(text: str, **more: object) -> Example:
    return Example(f"op.execute({text!r})", **{"given": GIVEN, **more})  # type: ignore[arg-type]


CASES: dict[str, Example] = {
    "of a table that was emptied before": Example(
        'op.execute("DELETE FROM orders")\nop.drop_column("orders", "fax")', given=GIVEN
    ),
    "of a table that was truncated in an earlier revision": Example(
        'op.drop_column("orders", "fax")', given=GIVEN, earlier=('op.execute("TRUNCATE orders")',)
    ),
    "of a table that was emptied in part": Example(
        'op.execute("DELETE FROM orders WHERE n = 1")\nop.drop_column("orders", "fax")', given=GIVEN
    ),
    "of a table that was emptied and filled again": Example(
        """
        op.execute("CREATE TABLE copy AS SELECT id, fax FROM orders")
        op.execute("DELETE FROM orders")
        op.execute("INSERT INTO orders (id, fax) SELECT id, fax FROM copy")
        op.drop_column("orders", "fax")
        """,
        given=GIVEN,
    ),
    "of a table that is emptied after it": Example(
        'op.drop_column("orders", "fax")\nop.execute("DELETE FROM orders")', given=GIVEN
    ),
    "of a table beside one that was emptied": Example(
        'op.execute("DELETE FROM others")\nop.drop_column("orders", "fax")',
        given=GIVEN + ";CREATE TABLE others (id int)",
    ),
    "raw sql, two in one statement": sql("ALTER TABLE orders DROP COLUMN fax, DROP COLUMN n CASCADE", hits=2),
    "if exists of one that is there": sql("ALTER TABLE orders DROP COLUMN IF EXISTS fax"),
    "in batch mode": Example(
        'with op.batch_alter_table("orders") as batch:\n    batch.drop_column("fax")', given=GIVEN
    ),
    "a quoted and qualified name": Example(
        'op.drop_column("Order", "Fax", schema="shop")',
        given='CREATE SCHEMA shop;CREATE TABLE shop."Order" (id int, "Fax" text)',
    ),
    "a stored generated column": sql("ALTER TABLE orders DROP COLUMN twice"),
    "under a name that this deployment gave it": Example(
        'op.alter_column("orders", "fax", new_column_name="telefax")\nop.drop_column("orders", "telefax")', given=GIVEN
    ),
    "a table that the history never made": Example('op.drop_column("legacy", "fax")', runs=False),
    "a virtual generated column": sql(
        "ALTER TABLE orders DROP COLUMN twice", given=GIVEN.replace("STORED", "VIRTUAL"), server="postgresql 18", hits=0
    ),
    "if exists of one that is not there": sql("ALTER TABLE orders DROP COLUMN IF EXISTS nothing", hits=0),
    "one of this deployment under another name": Example(
        'op.alter_column("orders", "note", new_column_name="remark")\nop.drop_column("orders", "remark")',
        given=GIVEN,
        earlier=('op.add_column("orders", sa.Column("note", sa.Text()))',),
        hits=0,
    ),
    "a column of a table of this deployment": Example(
        'op.drop_column("notes", "text")',
        given=GIVEN,
        earlier=('op.create_table("notes", sa.Column("text", sa.Text()), sa.Column("n", sa.Integer()))',),
        hits=0,
    ),
}
