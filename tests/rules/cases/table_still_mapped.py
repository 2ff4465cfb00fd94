"""Cases of MG604."""

from migguard.rules.frame import Example

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY)"
MODEL = "class Order(Base):\n    __tablename__ = 'orders'\n    id = sa.Column(sa.BigInteger, primary_key=True)\n"
OTHER = MODEL.replace("orders", "others")
DROP = 'op.drop_table("orders")'


def drop(models: str = MODEL, code: str = DROP, **more: object) -> Example:
    return Example(code, **{"given": GIVEN, "models": models, **more})  # type: ignore[arg-type]


CASES: dict[str, Example] = {
    "without models": drop("", hits=0),
    "a table that no model maps": drop(OTHER, hits=0),
    "a plain table": drop("sa.Table('orders', metadata, sa.Column('id', sa.BigInteger, primary_key=True))"),
    "a view that a model maps": drop(
        code="op.execute('DROP VIEW orders')", given="CREATE VIEW orders AS SELECT 1::bigint AS id"
    ),
    "with its schema": drop(
        MODEL + "    __table_args__ = {'schema': 'crm'}\n",
        "op.execute('DROP SCHEMA crm CASCADE')",
        given="CREATE SCHEMA crm;CREATE TABLE crm.orders (id bigint PRIMARY KEY)",
    ),
    "a schema without tables of the models": drop(
        code="op.execute('DROP SCHEMA crm CASCADE')",
        given="CREATE SCHEMA crm;CREATE TABLE crm.orders (id bigint PRIMARY KEY)",
        hits=0,
    ),
    "made again": drop(code=f'{DROP}\nop.create_table("orders", sa.Column("id", sa.BigInteger()))', hits=0),
    "a view takes its place": drop(code=f'{DROP}\nop.execute("CREATE VIEW orders AS SELECT 1 AS id")', hits=0),
    "a table of this deployment": drop(
        OTHER + MODEL, earlier=('op.create_table("orders", sa.Column("id", sa.BigInteger()))',), given="", hits=0
    ),
    "renamed by this deployment and dropped": drop(code='op.rename_table("orders", "o")\nop.drop_table("o")', hits=0),
    "a partition of what the models map": drop(
        code='op.drop_table("orders_1")',
        given="CREATE TABLE orders (id bigint) PARTITION BY RANGE (id);"
        "CREATE TABLE orders_1 PARTITION OF orders FOR VALUES FROM (1) TO (9)",
        hits=0,
    ),
    "in a batch on sqlite": drop(
        code='with op.batch_alter_table("orders", recreate="always") as batch:\n'
        '    batch.add_column(sa.Column("x", sa.Text()))',
        server="sqlite",
        hits=0,
    ),
    "on mysql": drop(given="CREATE TABLE orders (id int PRIMARY KEY)", server="mysql 8.0"),
    "if it is there": drop(code="op.execute('DROP TABLE IF EXISTS nothing')", hits=0),
}
