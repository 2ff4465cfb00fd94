"""Cases of MG305."""

from migguard.rules.frame import Example

GIVEN = (
    "CREATE TABLE users (id bigint PRIMARY KEY);"
    "CREATE TABLE sessions (id bigint PRIMARY KEY, user_id bigint, ended boolean)"
)

ORM = """
from sqlalchemy.orm import Session, declarative_base
Base = declarative_base()

class Visit(Base):
    __tablename__ = "{table}"
    id = sa.Column(sa.BigInteger(), primary_key=True)

def upgrade():
    session = Session(bind=op.get_bind())
    {loop}
"""


def loop(text: str, hits: int = 1, table: str = "sessions", **more: object) -> Example:
    return Example(ORM.format(loop=text.replace("\n", "\n    "), table=table), given=GIVEN, hits=hits, **more)  # type: ignore[arg-type]


def sql(text: str, **more: object) -> Example:
    return Example(f"op.execute({text!r})", **{"given": GIVEN, **more})  # type: ignore[arg-type]


CASES: dict[str, Example] = {
    "twice, and once is said": Example(
        'op.execute("DELETE FROM sessions")\nop.execute("DELETE FROM sessions")', given=GIVEN
    ),
    "again after rows were put in": Example(
        """
        op.execute("DELETE FROM sessions")
        op.execute("INSERT INTO sessions SELECT id FROM users")
        op.execute("DELETE FROM sessions")
        """,
        given=GIVEN,
        hits=2,
    ),
    "a where that is always true": sql("DELETE FROM sessions WHERE true"),
    "a where of which one side is always true": sql("DELETE FROM sessions WHERE id = 1 OR TRUE"),
    "a where that denies what is never true": sql("DELETE FROM sessions AS s WHERE NOT (FALSE)"),
    "a where for a null and for anything else": sql(
        "DELETE FROM sessions WHERE user_id IS NULL OR NOT user_id IS NULL"
    ),
    "a where of two sides that rows escape": sql("DELETE FROM sessions WHERE user_id IS NULL OR id IN (1, 2)", hits=0),
    "a where that no row escapes": sql("DELETE FROM sessions WHERE id IS NOT NULL"),
    "sqlalchemy's delete": Example('op.execute(sa.table("sessions").delete())', given=GIVEN),
    "a join without a condition": sql("DELETE FROM sessions USING users"),
    "a quoted and qualified name": sql(
        'DELETE FROM shop."Order"', given='CREATE SCHEMA shop;CREATE TABLE shop."Order" (n int)'
    ),
    "a where on a column that can be null": sql("DELETE FROM sessions WHERE user_id IS NOT NULL", hits=0),
    "a join with a condition": sql("DELETE FROM sessions USING users WHERE users.id = user_id", hits=0),
    "a subquery": sql("DELETE FROM sessions WHERE user_id NOT IN (SELECT id FROM users)", hits=0),
    "a loop that deletes each object": loop("for visit in session.query(Visit).all():\n    session.delete(visit)"),
    "a loop over a query that is kept in a name": loop(
        "visits = session.scalars(sa.select(Visit))\nfor visit in visits:\n    print(visit)\n    session.delete(visit)"
    ),
    "a loop that takes each object out of what is no session": loop(
        "for visit in session.query(Visit).all():\n    cache.delete(visit)", 0
    ),
    "a loop over some objects": loop(
        "for visit in session.query(Visit).filter_by(id=1):\n    session.delete(visit)", 0
    ),
    "a loop over a select with a condition": loop(
        "for visit in session.scalars(sa.select(Visit).where(Visit.id > 9)):\n    session.delete(visit)", 0
    ),
    "a loop that deletes some": loop(
        "for visit in session.query(Visit):\n    if visit.id > 9:\n        session.delete(visit)", 0
    ),
    "a loop that leaves some out": loop(
        "for visit in session.query(Visit):\n    if visit.id > 9:\n        continue\n    session.delete(visit)", 0
    ),
    "a loop that deletes others": loop(
        "other = session.query(Visit).first()\nfor visit in session.query(Visit):\n    session.delete(other)", 0
    ),
    "a loop over a table of this deployment": loop(
        "for visit in session.query(Visit).all():\n    session.delete(visit)",
        0,
        table="notes",
        earlier=('op.create_table("notes", sa.Column("id", sa.BigInteger(), primary_key=True))',),
    ),
    "a table of this deployment": Example(
        'op.execute("DELETE FROM notes")',
        given=GIVEN,
        earlier=('op.create_table("notes", sa.Column("n", sa.Integer()))',),
        hits=0,
    ),
}
