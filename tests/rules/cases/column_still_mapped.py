"""Cases of MG603."""

from migguard.rules.frame import Example

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY, fax text, note text)"
DROP = 'op.drop_column("orders", "fax")'


def model(*lines: str) -> str:
    body = ["__tablename__ = 'orders'", "id = sa.Column(sa.BigInteger, primary_key=True)", *lines]
    return "class Order(Base):\n" + "".join(f"    {line}\n" for line in body)


MAPPED = model("fax = sa.Column(sa.Text)")
EXCLUDED = model("fax = sa.Column(sa.Text)", "__mapper_args__ = {'exclude_properties': ['fax']}")


def drop(models: str = MAPPED, code: str = DROP, **more: object) -> Example:
    return Example(code, **{"given": GIVEN, "models": models, **more})  # type: ignore[arg-type]


BATCH = 'with op.batch_alter_table("orders") as batch:\n    batch.drop_column("fax")'
CASES: dict[str, Example] = {
    "without models": drop("", hits=0),
    "a deferred column": drop(model("fax = sa.orm.deferred(sa.Column(sa.Text))")),
    "a column that the mapper leaves out": drop(EXCLUDED, hits=0),
    "a column that the mapper leaves out and Python fills": drop(EXCLUDED.replace("sa.Text", "sa.Text, default='a'")),
    "a column that one of two mappers leaves out": drop(
        f"{EXCLUDED}\n\nclass Other(Base):\n    __table__ = Order.__table__\n"
    ),
    "a column of a plain table": drop(
        "sa.Table('orders', metadata, sa.Column('id', sa.BigInteger, primary_key=True), sa.Column('fax', sa.Text))"
    ),
    "under another attribute": drop(model("number = sa.Column('fax', sa.Text)")),
    "in the schema that the models write": drop(
        model("fax = sa.Column(sa.Text)", "__table_args__ = {'schema': 'public'}")
    ),
    "in another schema": drop(
        model("fax = sa.Column(sa.Text)", "__table_args__ = {'schema': 'crm'}"),
        'op.drop_column("orders", "fax", schema="crm")',
        given="CREATE SCHEMA crm;CREATE TABLE crm.orders (id bigint PRIMARY KEY, fax text)",
    ),
    "of the table of that name in another schema": drop(
        code='op.drop_column("orders", "fax", schema="crm")',
        given=f"{GIVEN};CREATE SCHEMA crm;CREATE TABLE crm.orders (id bigint PRIMARY KEY, fax text)",
        hits=0,
    ),
    "in a batch": drop(code=BATCH),
    "in a batch on sqlite": drop(code=BATCH, server="sqlite"),
    "a column that no model knows in a batch on sqlite": drop(model(), BATCH, server="sqlite", hits=0),
    "on mysql in other letters": drop(
        code='op.drop_column("orders", "FAX")',
        given="CREATE TABLE orders (id bigint PRIMARY KEY, FAX varchar(20))",
        server="mysql 8.0",
    ),
    "a column that this deployment adds": drop(
        model(),
        'op.drop_column("orders", "x")',
        earlier=('op.add_column("orders", sa.Column("x", sa.Text()))',),
        hits=0,
    ),
    "a name that is there again": drop(code=f'{DROP}\nop.add_column("orders", sa.Column("fax", sa.Text()))', hits=0),
    "with its table": drop(code=f'{DROP}\nop.drop_table("orders")', hits=0),
    "renamed by this deployment and dropped": drop(
        code='op.alter_column("orders", "fax", new_column_name="f")\nop.drop_column("orders", "f")'
    ),
    "of a parent that the models map": drop(
        model("fax = sa.Column(sa.Text)"),
        given="CREATE TABLE orders (id bigint, fax text) PARTITION BY RANGE (id);"
        "CREATE TABLE orders_1 PARTITION OF orders FOR VALUES FROM (1) TO (9)",
    ),
    "with its type": drop(
        model("state = sa.Column(sa.Enum('a', 'b', name='state'))"),
        "op.execute('DROP TYPE state CASCADE')",
        given="CREATE TYPE state AS ENUM ('a', 'b');CREATE TABLE orders (id bigint PRIMARY KEY, state state)",
    ),
    "that is not there": drop(code='op.execute("ALTER TABLE orders DROP COLUMN IF EXISTS nothing")', hits=0),
}
