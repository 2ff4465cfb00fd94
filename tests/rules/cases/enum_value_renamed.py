"""Cases of MG608."""

from migguard.rules.frame import Example

TYPE = "CREATE TYPE state AS ENUM ('open', 'done')"
GIVEN = TYPE + ";CREATE TABLE tasks (id bigint PRIMARY KEY, state state)"
RENAME = "op.execute(\"ALTER TYPE state RENAME VALUE 'done' TO 'closed'\")\n"


def made(code: str, given: str = GIVEN, hits: int = 1, **more: object) -> Example:
    return Example(code, given=given, hits=hits, **more)  # type: ignore[arg-type]


def model(*lines: str, table: str) -> str:
    """The models of the running code: one class with the key `id`."""
    body = [f"__tablename__ = {table!r}", "id = sa.Column(sa.BigInteger, primary_key=True)", *lines]
    return "class Model(Base):\n" + "".join(f"    {line}\n" for line in body)


CASES: dict[str, Example] = {
    "in arrays": made(RENAME, TYPE + ";CREATE TABLE tasks (states state[])"),
    "through a domain": made(RENAME, TYPE + ";CREATE DOMAIN known AS state;CREATE TABLE tasks (state known)"),
    "a quoted and qualified name": made(
        "op.execute(\"ALTER TYPE s.\\\"State\\\" RENAME VALUE 'it''s' TO 'x'\")",
        "CREATE SCHEMA s;CREATE TYPE s.\"State\" AS ENUM ('it''s');CREATE TABLE s.t (a s.\"State\")",
    ),
    "in a loop, after the type was renamed": made(
        """
        op.execute("ALTER TYPE state RENAME TO phase")
        for old, new in (("open", "OPEN"), ("done", "DONE")):
            op.execute(f"ALTER TYPE phase RENAME VALUE '{old}' TO '{new}'")
        """,
        hits=2,
    ),
    "the old value added again": made(
        RENAME + "with op.get_context().autocommit_block():\n    op.execute(\"ALTER TYPE state ADD VALUE 'done'\")"
    ),
    "taken back": made(RENAME + "op.execute(\"ALTER TYPE state RENAME VALUE 'closed' TO 'done'\")", hits=0),
    "a type of this deployment": made(
        """
        op.execute("CREATE TYPE mood AS ENUM ('sad')")
        op.execute("ALTER TYPE mood RENAME VALUE 'sad' TO 'blue'")
        """,
        hits=0,
    ),
    "a value of this deployment": made(
        "op.execute(\"ALTER TYPE state RENAME VALUE 'new' TO 'fresh'\")",
        earlier=("with op.get_context().autocommit_block():\n    op.execute(\"ALTER TYPE state ADD VALUE 'new'\")",),
        hits=0,
    ),
    "a type that no column has": made(RENAME, TYPE + ";CREATE TABLE other (id int)", hits=0),
    "a type that only a new column has": made(
        'op.execute("ALTER TABLE other ADD COLUMN state state")\n' + RENAME,
        TYPE + ";CREATE TABLE other (id int)",
        hits=0,
    ),
    "a value that is not there": made("op.execute(\"ALTER TYPE state RENAME VALUE 'x' TO 'y'\")", hits=0, runs=False),
    "a value that the models have": Example(
        "op.execute(\"ALTER TYPE state RENAME VALUE 'done' TO 'closed'\")",
        given=GIVEN,
        models=model("state = sa.Column(sa.Enum('open', 'done', name='state'))", table="tasks"),
    ),
    "a value that the models do not have": Example(
        "op.execute(\"ALTER TYPE state RENAME VALUE 'done' TO 'closed'\")",
        given=GIVEN,
        models=model("state = sa.Column(sa.Enum('open', name='state'))", table="tasks"),
        hits=0,
    ),
    "a value of a column that the models read as text": Example(
        "op.execute(\"ALTER TYPE state RENAME VALUE 'done' TO 'closed'\")",
        given=GIVEN,
        models=model("state = sa.Column(sa.Text)", table="tasks"),
    ),
    "a member that mysql's enum loses and the models have": Example(
        "op.execute(\"ALTER TABLE tasks MODIFY state enum('open')\")",
        given="CREATE TABLE tasks (id int PRIMARY KEY, state enum('open', 'done'))",
        models=model("state = sa.Column(sa.Enum('open', 'done'))", table="tasks"),
        server="mysql 8.0",
    ),
    "a member that mysql's enum loses and the models do not have": Example(
        "op.execute(\"ALTER TABLE tasks MODIFY state enum('open')\")",
        given="CREATE TABLE tasks (id int PRIMARY KEY, state enum('open', 'done'))",
        models=model("state = sa.Column(sa.Enum('open'))", table="tasks"),
        server="mysql 8.0",
        hits=0,
    ),
    "a member that mysql's enum loses without models": Example(
        "op.execute(\"ALTER TABLE tasks MODIFY state enum('open')\")",
        given="CREATE TABLE tasks (id int PRIMARY KEY, state enum('open', 'done'))",
        server="mysql 8.0",
        hits=0,
    ),
}
