"""Cases of MG203."""

from migguard.rules.frame import Example

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY)"

CASES: dict[str, Example] = {
    "a type that only a written cast gives": Example(
        'op.alter_column("notes", "state", type_=sa.Text())',
        given="CREATE TYPE state AS ENUM ('open', 'done');CREATE TABLE notes (state state)",
        downgrade='op.alter_column("notes", "state", type_=sa.Enum("open", "done", name="state"))',
    ),
    "a type with its cast": Example(
        'op.alter_column("notes", "state", type_=sa.Text())',
        given="CREATE TYPE state AS ENUM ('open', 'done');CREATE TABLE notes (state state)",
        downgrade='op.alter_column("notes", "state", type_=sa.Enum("open", "done", name="state"), '
        'postgresql_using="state::state")',
        hits=0,
    ),
    "a statement that fails before a constraint without a name": Example(
        'op.create_unique_constraint("uq", "orders", ["id"])',
        given=GIVEN,
        downgrade='op.execute("ALTER INDEX uq_orders RENAME TO uq")\n'
        'op.drop_constraint(None, "orders", type_="unique")',
    ),
    "a statement that fails before an exception, which is told once": Example(
        'op.add_column("orders", sa.Column("note", sa.Text()))',
        given=GIVEN,
        downgrade='op.execute("ALTER TABLE orders DROP COLUMN notes")\nraise ValueError("There is no way back.")',
    ),
    "an exception behind a message": Example(
        'op.add_column("orders", sa.Column("note", sa.Text()))',
        given=GIVEN,
        downgrade='print("There is no way back.")\nraise ValueError("There is no way back.")',
        hits=0,
    ),
    "an exception behind other steps": Example(
        'op.add_column("orders", sa.Column("note", sa.Text()))',
        given=GIVEN,
        downgrade="""
        op.drop_column("orders", "note")
        raise ValueError("There is no way back.")
        """,
    ),
    "an exception alone": Example(
        'op.add_column("orders", sa.Column("note", sa.Text()))',
        given=GIVEN,
        downgrade='raise ValueError("There is no way back.")',
        hits=0,
    ),
    "an enum with a value twice": Example(
        "op.execute('DROP TYPE mood')",
        given="CREATE TYPE mood AS ENUM ('sad', 'ok')",
        downgrade="""op.execute("CREATE TYPE mood AS ENUM ('sad', 'ok', 'sad')")""",
    ),
    "a constraint without a name, which is told at its line": Example(
        'op.create_unique_constraint("uq", "orders", ["id"])',
        given=GIVEN,
        downgrade='op.drop_constraint(None, "orders", type_="unique")',
        hits=0,
    ),
    "a name that is None only in the end": Example(
        'op.create_unique_constraint("uq", "orders", ["id"])',
        given=GIVEN,
        downgrade='name = None\nop.drop_constraint(name, "orders", type_="unique")',
    ),
    "a function that fails in both directions, which is told once": Example(
        """
        def fail():
            raise ValueError("not today")

        def upgrade():
            op.add_column("orders", sa.Column("note", sa.Text()))
            fail()

        def downgrade():
            op.drop_column("orders", "note")
            fail()
        """,
        given=GIVEN,
        hits=0,
        runs=False,
    ),
}
