"""Cases of MG512."""

from migguard.rules.frame import Example

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY)"


def made(code: str, hits: int = 1, **more: object) -> Example:
    return Example(code, given=GIVEN, hits=hits, **more)  # type: ignore[arg-type]


HANDLED = """
from sqlalchemy.orm import Session
session = Session(bind=op.get_bind())
try:
    session.execute(sa.text("UPDATE orders SET id = id + 1"))
except Exception:
    {handled}
"""

CASES: dict[str, Example] = {
    "begin": made('op.execute("BEGIN")'),
    "rollback": made('op.execute("ROLLBACK")'),
    "commit in a longer text": made('op.execute("ALTER TABLE orders ADD COLUMN a int; COMMIT; SELECT 1")'),
    "the connection's commit": made('op.get_bind().execute(sa.text("SELECT 1"))\nop.get_bind().commit()', runs=False),
    "a session's rollback in a handler that goes on": made(HANDLED.format(handled="session.rollback()")),
    "the connection's rollback in a handler that goes on": made(HANDLED.format(handled="op.get_bind().rollback()")),
    "a rollback in a handler that raises": made(HANDLED.format(handled="session.rollback()\n    raise"), 0),
    "a handler that only tells": made(HANDLED.format(handled="print('failed')"), 0),
    "a rollback of a session on its own connection": made(
        HANDLED.replace("op.get_bind()", "sa.create_engine('postgresql+psycopg://')").format(
            handled="session.rollback()"
        ),
        0,
        runs=False,
    ),
    "a rollback to a savepoint in a handler": made(
        """
        point = op.get_bind().begin_nested()
        try:
            op.execute("UPDATE orders SET id = id + 1")
            point.commit()
        except Exception:
            point.rollback()
        """,
        0,
    ),
    "savepoints": made('op.execute("SAVEPOINT a")\nop.execute("ROLLBACK TO SAVEPOINT a")', hits=0),
    "a nested transaction": made(
        'with op.get_bind().begin_nested():\n    op.execute("ALTER TABLE orders ADD COLUMN a int")', hits=0
    ),
    "an autocommit block": made(
        "with op.get_context().autocommit_block():\n    op.execute('VACUUM orders')",
        env=("transaction_per_migration",),
        hits=0,
    ),
    "a transaction inside an autocommit block": made(
        """
        with op.get_context().autocommit_block():
            op.execute("BEGIN")
            op.execute("ALTER TABLE orders ADD COLUMN a int")
            op.execute("COMMIT")
        """,
        env=("transaction_per_migration",),
        hits=0,
    ),
    "a procedure's body": made(
        'op.execute("CREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN COMMIT; END $$")', hits=0
    ),
}
