"""Deployments under running code: the models it has, the revision that runs, the rows that it writes.

`schema` is SQL beside what the models themselves make. `first` are the rows that are there, `second` those that the old
code writes afterwards: values of each class (or plain table) by name. `codes` are the rules of MG6 that speak.
"""

from __future__ import annotations

import datetime
import decimal
import uuid
from dataclasses import dataclass, field
from typing import Any

Rows = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Rollout:
    models: str
    code: str
    first: Rows
    second: Rows
    codes: str = ""
    schema: str = ""
    after: str = ""  # SQL that runs when the models' tables are made, such as a column that they do not know
    order: tuple[str, ...] = field(default=())


def model(*lines: str, name: str = "Order", table: str = "orders", base: str = "Base") -> str:
    """The source of a mapped class with the key `id`."""
    body = ['__tablename__ = "' + table + '"', "id = sa.Column(sa.BigInteger, primary_key=True)", *lines]
    return f"class {name}({base}):\n" + "".join(f"    {line}\n" for line in body)


def one(
    column: str,
    code: str,
    codes: str = "",
    *,
    was: Any = None,
    writes: Any = None,
    after: str = "",
    schema: str = "",
    given: bool = True,
    more: tuple[str, ...] = (),
) -> Rollout:
    """One column `x` of `orders`, the value that is there and the one that is written."""
    first: dict[str, Any] = {"id": 1, "x": was} if given else {"id": 1}
    second: dict[str, Any] = {"id": 2, "x": writes if writes is not None else was} if given else {"id": 2}
    return Rollout(
        model(f"x = sa.Column({column})", *more), code, {"Order": first}, {"Order": second}, codes, schema, after
    )


def unknown(after: str, code: str, codes: str = "", schema: str = "") -> Rollout:
    """The model knows `id` and `note` alone; `after` adds what it does not know."""
    return Rollout(
        model("note = sa.Column(sa.Text)"),
        code,
        {"Order": {"id": 1, "note": "a"}},
        {"Order": {"id": 2, "note": "b"}},
        codes,
        schema,
        after,
    )


def sql(*statements: str) -> str:
    return "\n".join(f"op.execute({one!r})" for one in statements)


def alter(type_: str, using: str | None = None) -> str:
    return sql(f"ALTER TABLE orders ALTER COLUMN x TYPE {type_}" + (f" USING {using}" if using else ""))


NOW = datetime.datetime(2024, 5, 6, 7, 8, 9)
AWARE = NOW.replace(tzinfo=datetime.UTC)
D = decimal.Decimal
STATE = 'sa.Enum("new", "paid", "void", name="state")'
PLAIN = (
    'labels = sa.Table("labels", metadata, sa.Column("id", sa.BigInteger, primary_key=True), sa.Column("x", sa.Text))\n'
)
PLAIN_ROWS: tuple[Rows, Rows] = ({"labels": {"id": 1, "x": "a"}}, {"labels": {"id": 2, "x": "b"}})
TRIGGER = (
    "CREATE FUNCTION fill() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} RETURN NEW; END $$",
    "CREATE TRIGGER fill BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION fill()",
)
JOINED = model(
    'kind = sa.Column(sa.Text)\n    __mapper_args__ = {"polymorphic_on": "kind", "polymorphic_identity": "o"}'
) + (
    "class Gift(Order):\n"
    '    __tablename__ = "gifts"\n'
    '    id = sa.Column(sa.BigInteger, sa.ForeignKey("orders.id"), primary_key=True)\n'
    "    card = sa.Column(sa.Text)\n"
    '    __mapper_args__ = {"polymorphic_identity": "g"}\n'
)
SINGLE = model(
    'kind = sa.Column(sa.Text)\n    __mapper_args__ = {"polymorphic_on": "kind", "polymorphic_identity": "o"}'
) + ('class Gift(Order):\n    card = sa.Column(sa.Text)\n    __mapper_args__ = {"polymorphic_identity": "g"}\n')
GIFTS: tuple[Rows, Rows] = ({"Gift": {"id": 1, "card": "a"}}, {"Gift": {"id": 2, "card": "b"}})
MANY = (
    'tags = sa.Table("order_tags", metadata, '
    'sa.Column("order_id", sa.ForeignKey("orders.id"), primary_key=True), '
    'sa.Column("tag_id", sa.ForeignKey("tags.id"), primary_key=True))\n'
    + model(name="Tag", table="tags")
    + model('tags = orm.relationship("Tag", secondary=tags)')
)
MANY_ROWS: tuple[Rows, Rows] = (
    {"Tag": {"id": 1}, "Order": {"id": 1}, "order_tags": {"order_id": 1, "tag_id": 1}},
    {"Tag": {"id": 2}, "Order": {"id": 2}, "order_tags": {"order_id": 2, "tag_id": 2}},
)
DANCE = (
    "ALTER TYPE state RENAME TO state_old",
    "CREATE TYPE state AS ENUM ('new', 'paid')",
    "ALTER TABLE orders ALTER COLUMN x TYPE state USING x::text::state",
    "DROP TYPE state_old",
)

DROPS = {
    "a mapped column goes": one("sa.Text", 'op.drop_column("orders", "x")', "MG603", was="a"),
    "a mapped column goes by sql": one("sa.Text", sql("ALTER TABLE orders DROP x"), "MG603", was="a"),
    "a column goes that no model knows": unknown("ALTER TABLE orders ADD x text", 'op.drop_column("orders", "x")'),
    "a required column goes that no model knows": unknown(
        "ALTER TABLE orders ADD x text NOT NULL DEFAULT 'a'", 'op.drop_column("orders", "x")'
    ),
    "a deferred column goes": Rollout(
        model("x = orm.deferred(sa.Column(sa.Text))"),
        'op.drop_column("orders", "x")',
        {"Order": {"id": 1, "x": "a"}},
        {"Order": {"id": 2}},
        "MG603",
    ),
    "a deferred column with a default goes": Rollout(
        model('x = orm.deferred(sa.Column(sa.Text, server_default="a"))'),
        'op.drop_column("orders", "x")',
        {"Order": {"id": 1}},
        {"Order": {"id": 2, "x": "b"}},
        "MG603",
    ),
    "a column goes that the mapper leaves out": Rollout(
        model("x = sa.Column(sa.Text)", '__mapper_args__ = {"exclude_properties": ["x"]}'),
        'op.drop_column("orders", "x")',
        {"Order": {"id": 1}},
        {"Order": {"id": 2}},
    ),
    "a column goes that the mapper leaves out and Python fills": Rollout(
        model('x = sa.Column(sa.Text, default="a")', '__mapper_args__ = {"exclude_properties": ["x"]}'),
        'op.drop_column("orders", "x")',
        {"Order": {"id": 1}},
        {"Order": {"id": 2}},
        "MG603",
    ),
    "a column goes that has another attribute": Rollout(
        model('fax_number = sa.Column("x", sa.Text)'),
        'op.drop_column("orders", "x")',
        {"Order": {"id": 1, "fax_number": "a"}},
        {"Order": {"id": 2, "fax_number": "b"}},
        "MG603",
    ),
    "a column goes and comes again with what it held": one(
        "sa.Text",
        sql(
            "ALTER TABLE orders ADD y text",
            "UPDATE orders SET y = x",
            "ALTER TABLE orders DROP x",
            "ALTER TABLE orders RENAME y TO x",
        ),
        was="a",
    ),
    "a generated column goes that a model reads": Rollout(
        model("a = sa.Column(sa.Integer)", 'x = sa.Column(sa.Integer, sa.Computed("a * 2"))'),
        'op.drop_column("orders", "x")',
        {"Order": {"id": 1, "a": 1}},
        {"Order": {"id": 2, "a": 2}},
        "MG603",
    ),
    "a column of a plain table goes": Rollout(PLAIN, 'op.drop_column("labels", "x")', *PLAIN_ROWS, "MG603"),
    "a column of a joined class goes": Rollout(JOINED, 'op.drop_column("gifts", "card")', *GIFTS, "MG603"),
    "a column of a single-table class goes": Rollout(SINGLE, 'op.drop_column("orders", "card")', *GIFTS, "MG603"),
    "a column goes with its type": one(STATE, sql("DROP TYPE state CASCADE"), "MG603", was="new"),
    "a table goes": Rollout(PLAIN, 'op.drop_table("labels")', *PLAIN_ROWS, "MG604"),
    "a mapped table goes": one("sa.Text", 'op.drop_table("orders")', "MG604", was="a"),
    "a table goes that no model knows": unknown("CREATE TABLE faxes (id int)", 'op.drop_table("faxes")'),
    "a table goes and comes again with its rows": one(
        "sa.Text",
        sql(
            "CREATE TABLE copy (id bigint PRIMARY KEY, x text)",
            "INSERT INTO copy SELECT * FROM orders",
            "DROP TABLE orders",
            "ALTER TABLE copy RENAME TO orders",
        ),
        was="a",
    ),
    "a schema goes with a mapped table": Rollout(
        'class Bill(Base):\n    __tablename__ = "bills"\n    __table_args__ = {"schema": "billing"}\n'
        "    id = sa.Column(sa.BigInteger, primary_key=True)\n",
        sql("DROP SCHEMA billing CASCADE"),
        {"Bill": {"id": 1}},
        {"Bill": {"id": 2}},
        "MG604",
        "CREATE SCHEMA billing",
    ),
    "a schema goes that no model knows": unknown(
        "CREATE SCHEMA old;CREATE TABLE old.t (id int)", sql("DROP SCHEMA old CASCADE")
    ),
    "a table goes whose model writes the schema public": Rollout(
        'class Bill(Base):\n    __tablename__ = "bills"\n    __table_args__ = {"schema": "public"}\n'
        "    id = sa.Column(sa.BigInteger, primary_key=True)\n",
        'op.drop_table("bills")',
        {"Bill": {"id": 1}},
        {"Bill": {"id": 2}},
        "MG604",
    ),
    "an association table goes": Rollout(MANY, 'op.drop_table("order_tags")', *MANY_ROWS, "MG604"),
    "a table becomes a view of another": one(
        "sa.Text",
        sql(
            "CREATE TABLE purchases (id bigint PRIMARY KEY, x text)",
            "INSERT INTO purchases SELECT * FROM orders",
            "DROP TABLE orders",
            "CREATE VIEW orders AS SELECT id, x FROM purchases",
        ),
        was="a",
    ),
}
RENAMES = {
    "a mapped table is renamed": one("sa.Text", 'op.rename_table("orders", "purchases")', "MG601", was="a"),
    "a table is renamed that no model knows": unknown("CREATE TABLE faxes (id int)", 'op.rename_table("faxes", "f")'),
    "a table is renamed and a view stays": one(
        "sa.Text",
        sql("ALTER TABLE orders RENAME TO purchases", "CREATE VIEW orders AS SELECT * FROM purchases"),
        was="a",
    ),
    "a table is renamed and the view lacks a column": one(
        "sa.Text",
        sql("ALTER TABLE orders RENAME TO purchases", "CREATE VIEW orders AS SELECT id FROM purchases"),
        "MG601",
        was="a",
    ),
    "a table is renamed and the view lacks what no model knows": unknown(
        "ALTER TABLE orders ADD x text",
        sql("ALTER TABLE orders RENAME TO purchases", "CREATE VIEW orders AS SELECT id, note FROM purchases"),
    ),
    "a table is renamed there and back": one(
        "sa.Text", 'op.rename_table("orders", "o")\nop.rename_table("o", "orders")', was="a"
    ),
    "a table is replaced by its copy": one(
        "sa.Text",
        sql(
            "CREATE TABLE fresh (LIKE orders INCLUDING ALL)",
            "INSERT INTO fresh SELECT * FROM orders",
            "ALTER TABLE orders RENAME TO stale",
            "ALTER TABLE fresh RENAME TO orders",
        ),
        was="a",
    ),
    "a mapped table moves to another schema": one(
        "sa.Text", sql("CREATE SCHEMA archive", "ALTER TABLE orders SET SCHEMA archive"), "MG601", was="a"
    ),
    "a table moves that no model knows": unknown(
        "CREATE TABLE faxes (id int);CREATE SCHEMA archive", sql("ALTER TABLE faxes SET SCHEMA archive")
    ),
    "a schema with a mapped table is renamed": Rollout(
        'class Bill(Base):\n    __tablename__ = "bills"\n    __table_args__ = {"schema": "billing"}\n'
        "    id = sa.Column(sa.BigInteger, primary_key=True)\n",
        sql("ALTER SCHEMA billing RENAME TO payments"),
        {"Bill": {"id": 1}},
        {"Bill": {"id": 2}},
        "MG601",
        "CREATE SCHEMA billing",
    ),
    "a schema is renamed that no model knows": unknown(
        "CREATE SCHEMA old;CREATE TABLE old.t (id int)", sql("ALTER SCHEMA old RENAME TO older")
    ),
    "an index, a constraint and a sequence are renamed": Rollout(
        "class Order(Base):\n"
        '    __tablename__ = "orders"\n'
        "    id = sa.Column(sa.BigInteger, primary_key=True)\n"
        "    x = sa.Column(sa.Text, index=True)\n",
        sql(
            "ALTER INDEX ix_orders_x RENAME TO ix_x",
            "ALTER TABLE orders RENAME CONSTRAINT orders_pkey TO pk",
            "ALTER SEQUENCE orders_id_seq RENAME TO ids",
        ),
        {"Order": {"x": "a"}},
        {"Order": {"x": "b"}},
    ),
    "a mapped column is renamed": one(
        "sa.Text", 'op.alter_column("orders", "x", new_column_name="y")', "MG602", was="a"
    ),
    "the key is renamed": one("sa.Text", 'op.alter_column("orders", "id", new_column_name="key")', "MG602", was="a"),
    "a column is renamed that no model knows": unknown(
        "ALTER TABLE orders ADD x text", 'op.alter_column("orders", "x", new_column_name="y")'
    ),
    "a column of a table that no model knows is renamed": unknown(
        "CREATE TABLE faxes (id int)", 'op.alter_column("faxes", "id", new_column_name="y")'
    ),
    "a column is renamed and its name is generated": one(
        "sa.Text",
        sql("ALTER TABLE orders RENAME x TO y", "ALTER TABLE orders ADD x text GENERATED ALWAYS AS (y) STORED"),
        "MG602",
        was="a",
    ),
    "a column that is only read is renamed and its name is generated": Rollout(
        model("a = sa.Column(sa.Integer)", 'x = sa.Column(sa.Integer, sa.Computed("a * 2"))'),
        sql(
            "ALTER TABLE orders RENAME x TO y",
            "ALTER TABLE orders ADD x integer GENERATED ALWAYS AS (a * 2) STORED",
        ),
        {"Order": {"id": 1, "a": 1}},
        {"Order": {"id": 2, "a": 2}},
    ),
    "a column is renamed and an empty one has its name": one(
        "sa.Text", sql("ALTER TABLE orders RENAME x TO y", "ALTER TABLE orders ADD x text"), "MG602", was="a"
    ),
    "a wider column takes the place of another": one(
        "sa.Integer",
        sql(
            "ALTER TABLE orders ADD big bigint",
            "UPDATE orders SET big = x",
            "ALTER TABLE orders RENAME x TO small",
            "ALTER TABLE orders RENAME big TO x",
        ),
        was=1,
    ),
}
REQUIRED = {
    "a required column comes": unknown(
        "",
        'op.add_column("orders", sa.Column("x", sa.Text(), nullable=False, server_default="a"))\n'
        'op.alter_column("orders", "x", server_default=None)',
        "MG605",
    ),
    "a required column comes with a default": unknown(
        "", 'op.add_column("orders", sa.Column("x", sa.Text(), nullable=False, server_default="a"))'
    ),
    "an optional column comes": unknown("", 'op.add_column("orders", sa.Column("x", sa.Text()))'),
    "a required column comes to a table that no model knows": unknown(
        "CREATE TABLE faxes (id int)", 'op.add_column("faxes", sa.Column("x", sa.Text(), nullable=False))'
    ),
    "an identity comes": unknown("", sql("ALTER TABLE orders ADD x bigint GENERATED ALWAYS AS IDENTITY")),
    "a serial comes": unknown("", sql("ALTER TABLE orders ADD x bigserial NOT NULL")),
    "a generated column comes": unknown(
        "", sql("ALTER TABLE orders ADD x bigint NOT NULL GENERATED ALWAYS AS (id * 2) STORED")
    ),
    "a required column comes that a trigger fills": unknown(
        "",
        sql(
            "ALTER TABLE orders ADD x text",
            "UPDATE orders SET x = 'a'",
            "ALTER TABLE orders ALTER x SET NOT NULL",
            TRIGGER[0].format(body="NEW.x := 'a';"),
            TRIGGER[1],
        ),
    ),
    "a column of a domain with a default comes": unknown(
        "",
        sql("CREATE DOMAIN code AS text DEFAULT 'a' NOT NULL", "ALTER TABLE orders ADD x code"),
    ),
    "an old column becomes required that no model knows": unknown(
        "ALTER TABLE orders ADD x text",
        sql("UPDATE orders SET x = 'a'", "ALTER TABLE orders ALTER x SET NOT NULL"),
        "MG605",
    ),
    "an old column with a default becomes required that no model knows": unknown(
        "ALTER TABLE orders ADD x text DEFAULT 'a'", sql("ALTER TABLE orders ALTER x SET NOT NULL")
    ),
    "a required column comes to a plain table": Rollout(
        PLAIN,
        sql("ALTER TABLE labels ADD y text NOT NULL DEFAULT 'a'", "ALTER TABLE labels ALTER y DROP DEFAULT"),
        *PLAIN_ROWS,
        "MG605",
    ),
    "a required column comes to a joined class": Rollout(
        JOINED,
        sql("ALTER TABLE gifts ADD y text NOT NULL DEFAULT 'a'", "ALTER TABLE gifts ALTER y DROP DEFAULT"),
        *GIFTS,
        "MG605",
    ),
    "a required column comes to an association table": Rollout(
        MANY,
        sql("ALTER TABLE order_tags ADD y int NOT NULL DEFAULT 1", "ALTER TABLE order_tags ALTER y DROP DEFAULT"),
        *MANY_ROWS,
        "MG605",
    ),
    "a column comes that a check demands": unknown(
        "",
        sql("ALTER TABLE orders ADD x text", "ALTER TABLE orders ADD CONSTRAINT c CHECK (x IS NOT NULL) NOT VALID"),
        "MG610",
    ),
}
NOT_NULL = 'op.alter_column("orders", "x", existing_type=sa.Text(), nullable=False)'
NULLS = {
    "a nullable column becomes required": one(
        "sa.Text", sql("UPDATE orders SET x = 'a'") + "\n" + NOT_NULL, "MG606", given=False
    ),
    "a column that the model requires becomes required": one(
        "sa.Text, nullable=False", NOT_NULL, was="a", after="ALTER TABLE orders ALTER x DROP NOT NULL"
    ),
    "a column that Python fills becomes required": one('sa.Text, default="a"', NOT_NULL, given=False),
    "a column with a declared default becomes required": one('sa.Text, server_default="a"', NOT_NULL, given=False),
    "a column with an undeclared default becomes required": one(
        "sa.Text",
        sql("UPDATE orders SET x = 'a'") + "\n" + NOT_NULL,
        "MG606",
        given=False,
        after="ALTER TABLE orders ALTER x SET DEFAULT 'a'",
    ),
    "a column with a declared default that is not there becomes required": one(
        'sa.Text, server_default="a"',
        sql("UPDATE orders SET x = 'a'") + "\n" + NOT_NULL,
        "MG606",
        given=False,
        after="ALTER TABLE orders ALTER x DROP DEFAULT",
    ),
    "a column becomes required and optional again": one(
        "sa.Text", NOT_NULL + "\n" + NOT_NULL.replace("False", "True"), was="a"
    ),
    "a column of a plain table becomes required and has a default": Rollout(
        PLAIN,
        sql("ALTER TABLE labels ALTER x SET NOT NULL"),
        {"labels": {"id": 1}},
        {"labels": {"id": 2}},
        after="ALTER TABLE labels ALTER x SET DEFAULT 'a'",
    ),
    "a column of a plain table becomes required": Rollout(
        PLAIN, sql("ALTER TABLE labels ALTER x SET NOT NULL"), PLAIN_ROWS[0], {"labels": {"id": 2}}, "MG606"
    ),
    "a required key comes": one(
        "sa.Text",
        sql("ALTER TABLE orders DROP CONSTRAINT orders_pkey", "ALTER TABLE orders ADD PRIMARY KEY (id, x)"),
        "MG606",
        was="a",
        writes=None,
    ),
}
NULLS["a required key comes"] = Rollout(
    NULLS["a required key comes"].models,
    NULLS["a required key comes"].code,
    {"Order": {"id": 1, "x": "a"}},
    {"Order": {"id": 2}},
    "MG606",
)
TYPES = {
    "an integer widens": one("sa.Integer", alter("bigint"), was=1),
    "an integer narrows": one("sa.BigInteger", alter("integer"), "MG607", was=1, writes=5_000_000_000),
    "an integer becomes small": one("sa.Integer", alter("smallint"), "MG607", was=1, writes=70_000),
    "an integer becomes text": one("sa.Integer", alter("text"), "MG607", was=1),
    "an integer becomes numeric": one("sa.Integer", alter("numeric"), "MG607", was=1),
    "an integer becomes boolean": one("sa.Integer", alter("boolean", "x > 0"), "MG607", was=1),
    "a string widens": one("sa.String(20)", alter("varchar(30)"), was="a"),
    "a string becomes text": one("sa.String(20)", alter("text"), was="a"),
    "a text gets room for less": one("sa.Text", alter("varchar(5)"), "MG607", was="a", writes="too long"),
    "a text gets room for what the model writes": one(
        "sa.String(20)", alter("varchar(30)"), was="a", after="ALTER TABLE orders ALTER x TYPE text"
    ),
    "a string without a length widens": one(
        "sa.String", alter("varchar(30)"), was="a", after="ALTER TABLE orders ALTER x TYPE varchar(20)"
    ),
    "a string is padded": one("sa.String(5)", alter("char(5)"), "MG607", was="a"),
    "a padded string becomes text": one("sa.CHAR(5)", alter("text"), was="abcde"),
    "a text becomes an integer": one("sa.Text", alter("integer", "x::integer"), "MG607", was="1"),
    "a text becomes an id": one("sa.Text", alter("uuid", "x::uuid"), "MG607", was=str(uuid.UUID(int=1))),
    "an id becomes text": one("sa.Uuid", alter("text"), "MG607", was=uuid.UUID(int=1)),
    "a text becomes bytes": one("sa.Text", alter("bytea", "x::bytea"), "MG607", was="a"),
    "a text becomes json": one("sa.Text", alter("jsonb", "x::jsonb"), "MG607", was='{"a": 1}'),
    "json becomes jsonb": one("sa.JSON", alter("jsonb"), was={"a": 1}),
    "json becomes text": one("sa.JSON", alter("text"), "MG607", was={"a": 1}),
    "a price gets more digits": one("sa.Numeric(10, 2)", alter("numeric(12, 2)"), was=D("1.25")),
    "a price loses its cents": one(
        "sa.Numeric(10, 2)", alter("numeric(10, 0)"), "MG607", was=D("1.00"), writes=D("1.25")
    ),
    "a price gets fewer digits": one(
        "sa.Numeric(10, 2)", alter("numeric(5, 2)"), "MG607", was=D("1.00"), writes=D("12345.00")
    ),
    "a price becomes an integer": one("sa.Numeric(10, 2)", alter("integer"), "MG607", was=D("1.00"), writes=D("1.25")),
    "a float becomes numeric": one("sa.Float", alter("numeric"), "MG607", was=1.5),
    "a price becomes double": one("sa.Numeric(10, 2)", alter("double precision"), "MG607", was=D("1.25")),
    "a real becomes double": one("sa.REAL", alter("double precision"), was=1.5),
    "a moment gets a time zone": one("sa.DateTime", alter("timestamptz", "x AT TIME ZONE 'UTC'"), "MG607", was=NOW),
    "a moment loses its time zone": one(
        "sa.DateTime(timezone=True)", alter("timestamp", "x AT TIME ZONE 'UTC'"), "MG607", was=AWARE
    ),
    "a moment becomes a date": one("sa.DateTime", alter("date"), "MG607", was=NOW),
    "a date becomes a moment": one("sa.Date", alter("timestamp"), "MG607", was=NOW.date()),
    "a boolean becomes an integer": one("sa.Boolean", alter("integer", "x::integer"), "MG607", was=True),
    "a list of integers widens": one("sa.ARRAY(sa.Integer)", alter("bigint[]"), was=[1, 2]),
    "an integer becomes a list": one("sa.Integer", alter("integer[]", "ARRAY[x]"), "MG607", was=1),
    "a text becomes an enum": one(
        "sa.Text", alter("state", "x::state"), "MG607", was="new", schema="CREATE TYPE state AS ENUM ('new', 'paid')"
    ),
    "an enum becomes text": one(STATE, alter("text"), was="new"),
    "an enum becomes text and its type goes": one(STATE, alter("text") + "\n" + sql("DROP TYPE state"), was="new"),
    "an enum gets another name": one(STATE, sql("ALTER TYPE state RENAME TO status"), was="new"),
    "an enum becomes another": one(
        STATE,
        sql("CREATE TYPE status AS ENUM ('new', 'paid', 'void')") + "\n" + alter("status", "x::text::status"),
        was="new",
    ),
    "a column changes its type that no model knows": unknown("ALTER TABLE orders ADD x integer", alter("text")),
    "a column comes again with another type": one(
        "sa.Integer", sql("ALTER TABLE orders DROP x", "ALTER TABLE orders ADD x text"), "MG607", was=1
    ),
}
ENUMS = {
    "a value is renamed": one(
        STATE, sql("ALTER TYPE state RENAME VALUE 'void' TO 'gone'"), "MG608", was="new", writes="void"
    ),
    "a value is renamed that no model has": one(
        'sa.Enum("new", "paid", name="state")',
        sql("ALTER TYPE state RENAME VALUE 'void' TO 'gone'"),
        was="new",
        after="ALTER TYPE state ADD VALUE 'void'",
    ),
    "a value of a column is renamed that no model knows": unknown(
        "ALTER TABLE orders ADD x state",
        sql("ALTER TYPE state RENAME VALUE 'void' TO 'gone'"),
        schema="CREATE TYPE state AS ENUM ('new', 'void')",
    ),
    "a value is renamed there and back": one(
        STATE,
        sql("ALTER TYPE state RENAME VALUE 'void' TO 'gone'", "ALTER TYPE state RENAME VALUE 'gone' TO 'void'"),
        was="void",
    ),
    "a value comes": one(STATE, sql("ALTER TYPE state ADD VALUE 'sent'"), was="new"),
    "a value is removed": one(STATE, sql(*DANCE), "MG608", was="new", writes="void"),
    "a value is removed that no model has": one(
        'sa.Enum("new", "paid", name="state")', sql(*DANCE), was="new", after="ALTER TYPE state ADD VALUE 'void'"
    ),
    "a value is removed by a type that takes the name": one(
        STATE,
        sql(
            "CREATE TYPE fresh AS ENUM ('new', 'paid')",
            "ALTER TABLE orders ALTER COLUMN x TYPE fresh USING x::text::fresh",
            "DROP TYPE state",
            "ALTER TYPE fresh RENAME TO state",
        ),
        "MG608",
        was="new",
        writes="void",
    ),
    "a type is built again with its values": one(
        STATE,
        sql(
            DANCE[0],
            "CREATE TYPE state AS ENUM ('void', 'paid', 'new', 'sent')",
            DANCE[2],
            DANCE[3],
        ),
        was="void",
    ),
}
DROP_DEFAULT = 'op.alter_column("orders", "x", server_default=None)'
DEFAULTS = {
    "a default goes that no model knows of": unknown(
        "ALTER TABLE orders ADD x text NOT NULL DEFAULT 'a'", DROP_DEFAULT, "MG609"
    ),
    "a default goes and the column is optional": unknown("ALTER TABLE orders ADD x text DEFAULT 'a'", DROP_DEFAULT),
    "a declared default goes": one('sa.Text, nullable=False, server_default="a"', DROP_DEFAULT, "MG609", given=False),
    "a default goes that the model does not need": one(
        "sa.Text, nullable=False", DROP_DEFAULT, was="b", after="ALTER TABLE orders ALTER x SET DEFAULT 'a'"
    ),
    "a default goes and Python has one": one(
        'sa.Text, nullable=False, default="b"',
        DROP_DEFAULT,
        given=False,
        after="ALTER TABLE orders ALTER x SET DEFAULT 'a'",
    ),
    "a default becomes another": one(
        'sa.Text, nullable=False, server_default="a"',
        'op.alter_column("orders", "x", server_default="b")',
        given=False,
    ),
    "a default goes before the column becomes required": one(
        'sa.Text, server_default="a"', DROP_DEFAULT + "\n" + NOT_NULL, "MG609", given=False
    ),
    "the key's sequence goes": Rollout(
        model("x = sa.Column(sa.Text)"),
        sql("ALTER TABLE orders ALTER id DROP DEFAULT"),
        {"Order": {"x": "a"}},
        {"Order": {"x": "b"}},
        "MG609",
    ),
    "the key's identity goes": Rollout(
        'class Order(Base):\n    __tablename__ = "orders"\n'
        "    id = sa.Column(sa.BigInteger, sa.Identity(), primary_key=True)\n    x = sa.Column(sa.Text)\n",
        sql("ALTER TABLE orders ALTER id DROP IDENTITY"),
        {"Order": {"x": "a"}},
        {"Order": {"x": "b"}},
        "MG609",
    ),
    "a default of a plain table goes": Rollout(
        PLAIN,
        sql("ALTER TABLE labels ALTER x DROP DEFAULT"),
        {"labels": {"id": 1}},
        {"labels": {"id": 2}},
        "MG609",
        after="ALTER TABLE labels ALTER x SET DEFAULT 'a', ALTER x SET NOT NULL",
    ),
}


def check(condition: str, valid: bool = False) -> str:
    return sql(f"ALTER TABLE orders ADD CONSTRAINT c CHECK ({condition}){'' if valid else ' NOT VALID'}")


PARENT = model(name="Shop", table="shops")
RESTRICTIONS = {
    "a check comes": one("sa.Integer", check("x < 100"), "MG610", was=1, writes=500),
    "a validated check comes": one("sa.Integer", check("x < 100", valid=True), "MG610", was=1, writes=500),
    "a check comes that the model declares": one(
        "sa.Integer",
        check("x < 100"),
        was=1,
        more=('__table_args__ = (sa.CheckConstraint("x < 100", name="d"),)',),
        after="ALTER TABLE orders DROP CONSTRAINT d",
    ),
    "a looser check comes than the model declares": one(
        "sa.Integer",
        check("x < 200"),
        was=1,
        more=('__table_args__ = (sa.CheckConstraint("x < 100", name="d"),)',),
        after="ALTER TABLE orders DROP CONSTRAINT d",
    ),
    "a check comes that an enum fulfils": one(
        'sa.Enum("new", "paid", name="state", native_enum=False)', check("x IN ('new', 'paid', 'void')"), was="new"
    ),
    "a check comes that an enum does not fulfil": one(
        'sa.Enum("new", "paid", name="state", native_enum=False)',
        check("x IN ('new', 'void')"),
        "MG610",
        was="new",
        writes="paid",
    ),
    "a check for values comes where the model requires one": one(
        "sa.Text, nullable=False", check("x IS NOT NULL"), was="a", after="ALTER TABLE orders ALTER x DROP NOT NULL"
    ),
    "a check for values comes where the model does not": one("sa.Text", check("x IS NOT NULL"), "MG610", given=False),
    "a check comes on what no model knows": unknown("ALTER TABLE orders ADD x int", check("x > 0")),
    "a check comes on a default that no model knows": unknown(
        "ALTER TABLE orders ADD x int DEFAULT 0", check("x > 0"), "MG610"
    ),
    "a check comes to a table that no model knows": unknown(
        "CREATE TABLE faxes (id int)", sql("ALTER TABLE faxes ADD CONSTRAINT c CHECK (id > 0)")
    ),
    "a unique constraint comes": one(
        "sa.Text", 'op.create_unique_constraint("u", "orders", ["x"])', "MG610", was="a", writes="a"
    ),
    "a unique index comes": one(
        "sa.Text", 'op.create_index("u", "orders", ["x"], unique=True)', "MG610", was="a", writes="a"
    ),
    "a partial unique index comes": one(
        "sa.Text", sql("CREATE UNIQUE INDEX u ON orders (x) WHERE id > 0"), "MG610", was="a", writes="a"
    ),
    "a unique index over an expression comes": one(
        "sa.Text", sql("CREATE UNIQUE INDEX u ON orders (lower(x))"), "MG610", was="a", writes="A"
    ),
    "a unique index over an expression comes that the model declares": one(
        "sa.Text",
        sql("CREATE UNIQUE INDEX u ON orders (lower(x))"),
        was="a",
        writes="b",
        more=('__table_args__ = (sa.Index("u", sa.text("lower(x)"), unique=True),)',),
        after="DROP INDEX u",
    ),
    "a unique constraint comes that the model declares": one(
        "sa.Text, unique=True",
        'op.create_unique_constraint("u", "orders", ["x"])',
        was="a",
        writes="b",
        after="ALTER TABLE orders DROP CONSTRAINT orders_x_key",
    ),
    "a unique constraint comes over more than the model declares": one(
        "sa.Text, unique=True",
        'op.create_unique_constraint("u", "orders", ["x", "y"])',
        was="a",
        writes="b",
        more=("y = sa.Column(sa.Text)",),
        after="ALTER TABLE orders DROP CONSTRAINT orders_x_key",
    ),
    "a unique constraint comes on what no model knows": unknown(
        "ALTER TABLE orders ADD x int", 'op.create_unique_constraint("u", "orders", ["x"])'
    ),
    "a unique constraint comes on a default that no model knows": unknown(
        "ALTER TABLE orders ADD x int DEFAULT 0", 'op.create_unique_constraint("u", "orders", ["x"])', "MG610"
    ),
    "a foreign key comes": Rollout(
        PARENT + model("x = sa.Column(sa.BigInteger)"),
        'op.create_foreign_key("f", "orders", "shops", ["x"], ["id"])',
        {"Shop": {"id": 1}, "Order": {"id": 1, "x": 1}},
        {"Shop": {"id": 2}, "Order": {"id": 2, "x": 7}},
        "MG610",
    ),
    "a foreign key comes that the model declares": Rollout(
        PARENT + model('x = sa.Column(sa.BigInteger, sa.ForeignKey("shops.id"))'),
        'op.create_foreign_key("f", "orders", "shops", ["x"], ["id"])',
        {"Shop": {"id": 1}, "Order": {"id": 1, "x": 1}},
        {"Shop": {"id": 2}, "Order": {"id": 2, "x": 1}},
        after="ALTER TABLE orders DROP CONSTRAINT orders_x_fkey",
    ),
    "a foreign key comes on what no model knows": unknown(
        "ALTER TABLE orders ADD x bigint;CREATE TABLE shops (id bigint PRIMARY KEY)",
        'op.create_foreign_key("f", "orders", "shops", ["x"], ["id"])',
    ),
    "an exclusion comes": one(
        "sa.Integer",
        sql("ALTER TABLE orders ADD CONSTRAINT e EXCLUDE USING gist (int4range(x, x + 5) WITH &&)"),
        "MG610",
        was=1,
        writes=2,
    ),
    "a trigger's function names a column that goes": unknown(
        ";".join(("ALTER TABLE orders ADD x text", TRIGGER[0].format(body="NEW.x := 'a';"), TRIGGER[1])),
        'op.drop_column("orders", "x")',
        "MG612",
    ),
    "a trigger's function is replaced before a column goes": unknown(
        ";".join(("ALTER TABLE orders ADD x text", TRIGGER[0].format(body="NEW.x := 'a';"), TRIGGER[1])),
        sql("DROP TRIGGER fill ON orders", "DROP FUNCTION fill()") + '\nop.drop_column("orders", "x")',
    ),
}
ROLLOUTS = DROPS | RENAMES | REQUIRED | NULLS | TYPES | ENUMS | DEFAULTS | RESTRICTIONS
