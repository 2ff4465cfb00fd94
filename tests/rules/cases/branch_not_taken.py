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

CASES: dict[str, Example] = {
    "a loop over a table that was there": Example(LOOP, given=GIVEN),
    "a loop over a table that this revision makes": Example(MADE + LOOP, hits=0),
    "a loop over a table that an earlier revision of the deployment makes": Example(LOOP, earlier=(MADE,), hits=0),
    "a loop over a new table that was filled": Example(MADE + FILLED + LOOP),
}
