"""Cases of MG306."""

from migguard.rules.frame import Example

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY, status text, total int NOT NULL, note text)"
ITEMS = GIVEN + ";CREATE TABLE items (order_id bigint, price int)"


def sql(text: str, **more: object) -> Example:
    return Example(f"op.execute({text!r})", **{"given": GIVEN, **more})  # type: ignore[arg-type]


CASES: dict[str, Example] = {
    "a where that is always true": sql("UPDATE orders SET status = 'open' WHERE true"),
    "a where that no row escapes": sql("UPDATE orders SET status = 'open' WHERE id IS NOT NULL"),
    "a value made of the old one": sql("UPDATE orders SET status = lower(status)"),
    "null for all": sql("UPDATE orders SET note = NULL"),
    "a subquery is no condition": sql(
        "UPDATE orders SET total = (SELECT sum(price) FROM items WHERE order_id = orders.id)", given=ITEMS
    ),
    "sqlalchemy's update": Example(
        """
        orders = sa.table("orders", sa.column("status"))
        op.execute(orders.update().values(status="open"))
        """,
        given=GIVEN,
    ),
    "a quoted and qualified name": sql(
        'UPDATE shop."Order" SET "State" = 1',
        given='CREATE SCHEMA shop;CREATE TABLE shop."Order" (id int, "State" int)',
    ),
    "an old column beside a new one": Example(
        """
        op.add_column("orders", sa.Column("state", sa.Text()))
        op.execute("UPDATE orders SET state = status, status = 'moved'")
        """,
        given=GIVEN,
    ),
    "a column of this deployment": Example(
        'op.execute("UPDATE orders SET state = status")',
        given=GIVEN,
        earlier=('op.add_column("orders", sa.Column("state", sa.Text()))',),
        hits=0,
    ),
    "a column of this deployment under a new name": Example(
        """
        op.add_column("orders", sa.Column("state", sa.Text()))
        op.alter_column("orders", "state", new_column_name="phase")
        op.execute("UPDATE orders SET phase = status")
        """,
        given=GIVEN,
        hits=0,
    ),
    "a table of this deployment": Example(
        """
        op.execute("CREATE TABLE staging (id bigint, x int)")
        op.execute("UPDATE staging SET x = 0")
        """,
        given=GIVEN,
        hits=0,
    ),
    "a where": sql("UPDATE orders SET status = 'open' WHERE status = 'new'", hits=0),
    "a where on a column that can be null": sql("UPDATE orders SET status = 'open' WHERE note IS NOT NULL", hits=0),
    "only the gaps are filled": sql("UPDATE orders SET note = coalesce(note, '')", hits=0),
    "only the gaps are filled, from another column": sql(
        "UPDATE orders SET note = coalesce(orders.note, lower(status), '')", hits=0
    ),
    "coalesce of another column overwrites": sql("UPDATE orders SET note = coalesce(status, note)"),
    "the column itself": sql("UPDATE orders SET note = note", hits=0),
    "no such column": sql("UPDATE orders SET nothing = 1", hits=0, runs=False),
    "a table that the history never made": Example('op.execute("UPDATE legacy SET x = 1")', hits=0, runs=False),
    "a join picks the rows on mysql": sql(
        "UPDATE orders JOIN items ON items.order_id = orders.id SET orders.total = items.price",
        given=ITEMS.replace("text", "varchar(20)"),
        server="mysql 8.0",
        hits=0,
    ),
    "mysql without where": sql(
        "UPDATE orders SET total = 0", given=GIVEN.replace("text", "varchar(20)"), server="mysql 8.0"
    ),
    "mysql with limit": sql(
        "UPDATE orders SET total = 0 LIMIT 10",
        given=GIVEN.replace("text", "varchar(20)"),
        server="mysql 8.0",
        hits=0,
    ),
    "sqlite without where": sql("UPDATE orders SET total = 0", server="sqlite"),
}
