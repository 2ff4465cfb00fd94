"""Cases of MG607. Which pairs of types go together is held against a server by tests/live/test_running_code.py."""

from migguard.rules.frame import Example


def model(type_: str) -> str:
    return (
        "class Order(Base):\n    __tablename__ = 'orders'\n    id = sa.Column(sa.BigInteger, primary_key=True)\n"
        f"    code = sa.Column({type_})\n"
    )


def made(modelled: str, was: str, code: str, hits: int = 1, **more: object) -> Example:
    given = f"CREATE TABLE orders (id bigint PRIMARY KEY, code {was})"
    return Example(code, **{"given": given, "models": model(modelled), "hits": hits, **more})  # type: ignore[arg-type]


def sql(text: str) -> str:
    return f"op.execute({text!r})"


TEXT = sql("ALTER TABLE orders ALTER code TYPE text")
STATE = "CREATE TYPE state AS ENUM ('a', 'b');CREATE TABLE orders (id bigint PRIMARY KEY, code {})"
MODEL_STATE = "sa.Enum('a', 'b', name='state')"
CASES: dict[str, Example] = {
    "without models": made("sa.Integer", "integer", TEXT, 0, models=""),
    "a column that no model maps": made(
        "sa.Integer", "integer", TEXT, 0, models=model("sa.Integer").replace("code", "x")
    ),
    "wider": made("sa.Integer", "integer", sql("ALTER TABLE orders ALTER code TYPE bigint"), 0),
    "narrower than the model": made("sa.BigInteger", "bigint", sql("ALTER TABLE orders ALTER code TYPE integer")),
    "narrower than the column was and as wide as the model": made(
        "sa.Integer", "bigint", sql("ALTER TABLE orders ALTER code TYPE integer"), 0
    ),
    "shorter than the model": made("sa.String(50)", "text", sql("ALTER TABLE orders ALTER code TYPE varchar(20)")),
    "as long as the model": made("sa.String(50)", "text", sql("ALTER TABLE orders ALTER code TYPE varchar(50)"), 0),
    "what did not fit before either": made("sa.Integer", "varchar(5)", TEXT, 0),
    "and back": made(
        "sa.Integer", "integer", f"{TEXT}\n{sql('ALTER TABLE orders ALTER code TYPE integer USING 1')}", 0
    ),
    "gone at the end": made("sa.Integer", "integer", f'{TEXT}\nop.drop_column("orders", "code")', 0),
    "a column of this deployment": made(
        "sa.Integer",
        "integer",
        'op.alter_column("orders", "x", type_=sa.Text())',
        0,
        earlier=('op.add_column("orders", sa.Column("x", sa.Integer()))',),
    ),
    "a type that nobody knows": made(
        "sa.Integer", "integer", sql("ALTER TABLE orders ALTER code TYPE geometry USING NULL"), 0, runs=False
    ),
    "a domain over the same": made(
        "sa.Text",
        "text",
        sql("ALTER TABLE orders ALTER code TYPE name_of"),
        0,
        given="CREATE DOMAIN name_of AS text;CREATE TABLE orders (id bigint PRIMARY KEY, code text)",
    ),
    "a domain that refuses values": made(
        "sa.Text",
        "text",
        sql("ALTER TABLE orders ALTER code TYPE name_of"),
        given="CREATE DOMAIN name_of AS text CHECK (VALUE <> '');CREATE TABLE orders (id int PRIMARY KEY, code text)",
    ),
    "text to an enum": made(
        "sa.Text", "text", sql("ALTER TABLE orders ALTER code TYPE state USING code::state"), given=STATE.format("text")
    ),
    "an enum to text": made(MODEL_STATE, "state", TEXT, 0, given=STATE.format("state")),
    "an enum under another name that the driver does not cast to": made(
        MODEL_STATE, "state", sql("ALTER TYPE state RENAME TO status"), 0, given=STATE.format("state")
    ),
    "in another order": made(
        "sa.Integer",
        "integer",
        sql("ALTER TABLE orders DROP code, ADD code text"),
    ),
    "mysql's modify to text": made(
        "sa.Integer", "int", sql("ALTER TABLE orders MODIFY code varchar(20)"), server="mysql 8.0"
    ),
    "mysql's modify to a longer string": made(
        "sa.String(20)", "varchar(20)", sql("ALTER TABLE orders MODIFY code varchar(30)"), 0, server="mysql 8.0"
    ),
    "mysql's boolean becomes an integer": made(
        "sa.Boolean", "tinyint(1)", sql("ALTER TABLE orders MODIFY code int"), 0, server="mysql 8.0"
    ),
}
