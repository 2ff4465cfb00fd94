"""Cases of MG008."""

from migguard.rules.frame import Example

LOOP = """
bind = op.get_bind()
for row in bind.execute(sa.text("SELECT id FROM people")):
    bind.execute(sa.text("UPDATE people SET age = :age WHERE id = :id"), {"age": 1, "id": row.id})
"""
MADE = 'op.create_table("people", sa.Column("id", sa.Integer, primary_key=True), sa.Column("age", sa.Integer))\n'
FILLED = 'op.execute("INSERT INTO people (id) SELECT i FROM generate_series(1, 9) i")\n'
GIVEN = "CREATE TABLE people (id bigint PRIMARY KEY, age int)"
OBJECTS = """
from sqlalchemy.orm import Session
people, session = sa.table("people", sa.column("id"), sa.column("age")), Session(bind=op.get_bind())
for row in (
    session.query(people.c.id)
    .filter(people.c.age == 1)
    .all()
):
    session.execute(sa.text("DELETE FROM people WHERE id = :id"), {"id": row.id})
"""
LATER = """
from sqlalchemy.orm import Session
session = Session(bind=op.get_bind())
query = session.query(sa.table("people", sa.column("id")).c.id)
for row in query:
    session.execute(sa.text("DELETE FROM people WHERE id = :id"), {"id": row.id})
"""
COPIED = """
copies = op.create_table("copies", sa.Column("person", sa.ForeignKey("people.id")))
bind = op.get_bind()
for row in bind.execute(sa.text("SELECT id FROM people")):
    bind.execute(copies.insert().values(person=row.id))
"""
PUT_IN = """
bind = op.get_bind()
for row in bind.execute(sa.text("SELECT id FROM owners")):
    bind.execute(sa.text("INSERT INTO people (id) VALUES (:id)"), {"id": row.id})
"""

CASES: dict[str, Example] = {
    "a loop over a table that was there": Example(LOOP, given=GIVEN),
    "a loop over a table that this revision makes": Example(MADE + LOOP, hits=0),
    "a loop over a table that an earlier revision of the deployment makes": Example(LOOP, earlier=(MADE,), hits=0),
    "a loop over a new table that was filled": Example(MADE + FILLED + LOOP),
    "a downgrade's loop over a table that this revision makes": Example(MADE, downgrade=LOOP),
    "a query of several lines over a new table": Example(MADE + OBJECTS, hits=0),
    "a query of several lines over a table that was there": Example(OBJECTS, given=GIVEN),
    "a query over a new table that the loop sends": Example(MADE + LATER, hits=0),
    "a query over a table that was there and that the loop sends": Example(LATER, given=GIVEN),
    "a list of a query over a table that was there": Example(LATER.replace("in query", "in list(query)"), given=GIVEN),
    "a query over a table that was there and that a comprehension sends": Example(
        LATER.replace("in query", "in [row for row in query]"), given=GIVEN
    ),
    "a new table of which an earlier loop has copied the rows": Example(MADE + COPIED + LOOP, hits=0),
    "a new table that an earlier loop fills": Example(
        MADE + PUT_IN + LOOP, given="CREATE TABLE owners (id bigint PRIMARY KEY)", hits=2
    ),
}
