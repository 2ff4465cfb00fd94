"""Cases of MG201."""

from migguard.rules.frame import Example

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY)"
ADD = 'op.add_column("orders", sa.Column("note", sa.Text()))'
LOGGING = """
import logging
logger = logging.getLogger(__name__)

def upgrade():
    op.execute("UPDATE orders SET id = id + 1")

def downgrade():
    DOWN
"""


def back(downgrade: str, hits: int = 1) -> Example:
    return Example(ADD, given=GIVEN, downgrade=downgrade, hits=hits)


CASES: dict[str, Example] = {
    "of a revision that only asks": Example(
        'op.get_bind().execute(sa.text("SELECT id FROM orders")).all()', given=GIVEN, downgrade="pass", hits=0
    ),
    "of a revision that calls a function": Example(
        'op.execute("SELECT mend()")',
        given=f"{GIVEN};CREATE FUNCTION mend() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        downgrade="pass",
        hits=1,
    ),
    "only a docstring": back('"""There is no way back."""'),
    "only a message": back('print("There is no way back.")'),
    "only a message, and a return": back('"""No."""\nprint("There is no way back.")\nreturn'),
    "only what is logged": Example(LOGGING.replace("DOWN", 'logger.info("There is no way back.")'), given=GIVEN),
    "a message, and an exception": back('print("There is no way back.")\nraise NotImplementedError("no way back")'),
    "a message, and a statement": back('print("Undoing.")\nop.drop_column("orders", "note")', 0),
    "a message that asks the database": back('print(op.get_bind().execute(sa.text("SELECT 1")).scalar())', 0),
    "a function that is called": Example(
        LOGGING.replace("DOWN", "undo()").replace("def up", "def undo():\n    op.execute('SELECT 1')\n\ndef up"),
        given=GIVEN,
        hits=0,
    ),
}
