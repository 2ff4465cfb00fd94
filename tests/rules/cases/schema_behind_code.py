"""Cases of MG613."""

from migguard.rules.frame import Example

GIVEN = "CREATE TABLE people (id bigint PRIMARY KEY, mail text)"
FIRST = 'deploy = "code-first"'


def model(*lines: str, table: str = "people") -> str:
    body = [f"__tablename__ = {table!r}", "id = sa.Column(sa.BigInteger, primary_key=True)", *lines]
    return "class Person(Base):\n" + "".join(f"    {line}\n" for line in body)


def made(models: str, code: str, hits: int = 1, **more: object) -> Example:
    return Example(code, **{"given": GIVEN, "models": models, "settings": FIRST, "hits": hits, **more})  # type: ignore[arg-type]


ADD = 'op.add_column("people", sa.Column("age", sa.Integer()))'
NOT_NULL = "CREATE TABLE people (id bigint PRIMARY KEY, mail text NOT NULL)"
STATE = "CREATE TYPE state AS ENUM ('a');CREATE TABLE people (id bigint PRIMARY KEY, mail state)"
CASES: dict[str, Example] = {
    "rolling": made(model("age = sa.Column(sa.Integer)"), ADD, 0, settings=""),
    "without models": made("", ADD, 0),
    "a new column": made(model("age = sa.Column(sa.Integer)"), ADD),
    "a new column for later": made(model("mail = sa.Column(sa.Text)"), ADD, 0),
    "a new column that is gone at the end": made(
        model("age = sa.Column(sa.Integer)"), f'{ADD}\nop.drop_column("people", "age")', 0
    ),
    "a renamed column": made(
        model("post = sa.Column(sa.Text)"), 'op.alter_column("people", "mail", new_column_name="post")'
    ),
    "a new table": made(
        model(table="pets"), 'op.create_table("pets", sa.Column("id", sa.BigInteger(), primary_key=True))'
    ),
    "a column of a new table": made(
        model("age = sa.Column(sa.Integer)", table="pets"),
        'op.create_table("pets", sa.Column("id", sa.BigInteger(), primary_key=True))\n' + ADD.replace("people", "pets"),
    ),
    "a new table for later": made(
        model(), 'op.create_table("pets", sa.Column("id", sa.BigInteger(), primary_key=True))', 0
    ),
    "a renamed table": made(model(table="persons"), 'op.rename_table("people", "persons")'),
    "a value of an enum": made(
        model("mail = sa.Column(sa.Enum('a', 'b', name='state'))"),
        "op.execute(\"ALTER TYPE state ADD VALUE 'b'\")",
        given=STATE,
    ),
    "a value of an enum for later": made(
        model("mail = sa.Column(sa.Enum('a', name='state'))"),
        "op.execute(\"ALTER TYPE state ADD VALUE 'b'\")",
        0,
        given=STATE,
    ),
    "a column that may be null": made(
        model("mail = sa.Column(sa.Text)"), 'op.alter_column("people", "mail", nullable=True)', given=NOT_NULL
    ),
    "a column that may be null and that the code fills": made(
        model("mail = sa.Column(sa.Text, default='')"),
        'op.alter_column("people", "mail", nullable=True)',
        0,
        given=NOT_NULL,
    ),
    "a default": made(
        model("mail = sa.Column(sa.Text, nullable=True, server_default='')"),
        'op.alter_column("people", "mail", server_default="")',
        given=NOT_NULL,
    ),
}
