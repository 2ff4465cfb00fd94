"""Cases of MG306."""

from migguard.rules.frame import Example

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY, status text, total int NOT NULL, note text)"
ITEMS = GIVEN + ";CREATE TABLE items (order_id bigint, price int)"


def sql(text: str, **more: object) -> Example:
    return Example(f"op.execute({text!r})", **{"given": GIVEN, **more})  # type: ignore[arg-type]


FLAG = "CREATE TABLE people (id bigint PRIMARY KEY, active boolean, n int, x double precision, name text, nick text)"
MYSQL = FLAG.replace("text", "varchar(20)")


def turned(value: str, hits: int = 0, column: str = "n", server: str = "", given: str = FLAG) -> Example:
    return sql(f"UPDATE people SET {column} = {value}", given=given, server=server, hits=hits)


ORM = """
from sqlalchemy.orm import Session, declarative_base
Base = declarative_base()

class Order(Base):
    __tablename__ = "orders"
    id = sa.Column(sa.BigInteger(), primary_key=True)
    {column}

def upgrade():
    session = Session(bind=op.get_bind())
    for order in session.query(Order).all():
        {done}
    session.commit()
"""


def loop(done: str, hits: int = 1, column: str = "state = sa.Column('status', sa.Text())", **more: object) -> Example:
    code = ORM.format(done=done.replace("\n", "\n        "), column=column)
    return Example(code, given=GIVEN, hits=hits, **more)  # type: ignore[arg-type]


CASES: dict[str, Example] = {
    "a loop that takes the value from each object": loop("order.state = None"),
    "a loop that gives each object one value": loop("order.state = 'open'"),
    "a loop that computes the value": loop("order.state = order.state.upper()", 0),
    "a loop that gives some objects a value": loop("if order.id > 9:\n    order.state = 'open'", 0),
    "a loop that stops": loop("if order.id > 9:\n    break\norder.state = 'open'", 0),
    "a loop that fills a column of this deployment": loop(
        "order.kind = 'web'",
        0,
        column="kind = sa.Column(sa.Text())",
        earlier=('op.add_column("orders", sa.Column("kind", sa.Text()))',),
    ),
    "a loop that sets what is no column": loop("order.seen = True", 0),
    "a flag is turned round": turned("NOT active", column="active"),
    "a flag is turned round by comparing it": turned("(people.active = false)", column="active"),
    "a flag is turned round on mysql": turned("NOT active", column="active", server="mysql 8.0", given=MYSQL),
    "not of a number on mysql": turned("NOT n", 1, server="mysql 8.0", given=MYSQL),
    "a sign is turned round": turned("-n"),
    "a constant is added": turned("n + 1"),
    "a constant is subtracted on sqlite": turned("(n - 10)", server="sqlite"),
    "a number is taken from a constant": turned("1 - n"),
    "a multiple": turned("n * 100"),
    "nothing is left of a number": turned("n * 0", 1),
    "a part of a number": turned("n / 100", 1),
    "a small number added to a float may be nothing": turned("x + 1", 1, column="x"),
    "a sign of a float": turned("-x", column="x"),
    "another column is added": turned("n + id", 1),
    "a text before it": turned("'/' || name", column="name"),
    "another column is turned round": turned("-n", 1, column="x"),
    "a sign of an unsigned number": turned("-n", 1, server="mysql 8.0", given=MYSQL.replace("n int", "n int unsigned")),
    "two columns exchange their values": turned("nick, nick = name", column="name"),
    "mysql assigns one after the other": turned("nick, nick = name", 1, "name", "mysql 8.0", MYSQL),
    "one column twice": turned("nick, nick = nick", 1, column="name"),
    "a constant is added by sqlalchemy": Example(
        """
        people = sa.table("people", sa.column("n", sa.Integer))
        op.execute(people.update().values(n=people.c.n + 1))
        """,
        given=FLAG,
        hits=0,
    ),
    "all rows were deleted before": Example(
        'op.execute("DELETE FROM orders")\nop.execute("UPDATE orders SET status = 1")', given=GIVEN, hits=0
    ),
    "some rows were deleted before": Example(
        'op.execute("DELETE FROM orders WHERE total = 0")\nop.execute("UPDATE orders SET status = 1")', given=GIVEN
    ),
    "under names that this deployment gave": Example(
        """
        op.alter_column("orders", "status", new_column_name="state")
        op.rename_table("orders", "purchases")
        op.execute("UPDATE purchases SET state = 'open'")
        """,
        given=GIVEN,
    ),
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
    "a table that the history never made": Example('op.execute("UPDATE legacy SET x = 1")', runs=False),
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
    "a flag of a table that nobody made is turned round": sql("UPDATE rooms SET closed = NOT closed", given="", hits=0),
    "a flag of such a table becomes that of another column": sql(
        "UPDATE rooms SET closed = NOT open", given="", runs=False
    ),
    "a flag of such a table is turned round and made one with another": sql(
        "UPDATE rooms SET closed = NOT closed AND open", given="", runs=False
    ),
    "a number of such a table is turned round on mysql": sql(
        "UPDATE rooms SET closed = NOT closed", given="", server="mysql 8.0"
    ),
    "what may be no number of such a table": sql("UPDATE rooms SET closed = closed + 1", given="", runs=False),
}
