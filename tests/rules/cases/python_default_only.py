"""Cases of MG807."""

from migguard.rules.frame import Example

GIVEN = "CREATE TABLE people (id bigint PRIMARY KEY)"
ADD = 'op.add_column("people", sa.Column("active", sa.Boolean(), default=True))\n'


def made(code: str, hits: int = 1, **more: object) -> Example:
    return Example(code, **{"given": GIVEN, "hits": hits, **more})  # type: ignore[arg-type]


CASES: dict[str, Example] = {
    "not null too": made('op.add_column("people", sa.Column("n", sa.Integer(), nullable=False, default=0))', 0),
    "not null on mysql": made(
        'op.add_column("people", sa.Column("n", sa.Integer(), nullable=False, default=7))', server="mysql 8.0"
    ),
    "not null on mysql, and the same as mysql's own": made(
        'op.add_column("people", sa.Column("n", sa.Integer(), nullable=False, default=0))', 0, server="mysql 8.0"
    ),
    "not null later": made(ADD + 'op.alter_column("people", "active", nullable=False)'),
    "of a table that was emptied": made('op.execute("DELETE FROM people")\n' + ADD, 0),
    "of a table that was emptied in part": made('op.execute("DELETE FROM people WHERE id = 1")\n' + ADD),
    "filled in a loop": made(
        ADD
        + """conn = op.get_bind()
for row in conn.execute(sa.text("SELECT id FROM people")):
    conn.execute(sa.text("UPDATE people SET active = true WHERE id = :i"), {"i": row.id})
""",
        0,
    ),
    "filled by the script's own function in a loop": made(
        """
        def fill(table, column):
            conn = op.get_bind()
            for row in conn.execute(sa.text(f"SELECT id FROM {table}")):
                conn.execute(sa.text(f"UPDATE {table} SET {column} = true WHERE id = :i"), {"i": row.id})

        def upgrade():
            op.add_column("people", sa.Column("active", sa.Boolean(), default=True))
            fill("people", column="active")
        """,
        0,
    ),
    "another column filled by the script's own function": made(
        """
        def fill(table, column):
            conn = op.get_bind()
            for row in conn.execute(sa.text(f"SELECT id FROM {table}")):
                conn.execute(sa.text(f"UPDATE {table} SET {column} = true WHERE id = :i"), {"i": row.id})

        def upgrade():
            op.add_column("people", sa.Column("active", sa.Boolean(), default=True))
            fill("people", "id")
        """
    ),
    "a callable": made('import uuid\nop.add_column("people", sa.Column("u", sa.Uuid(), default=uuid.uuid4))'),
    "in a batch": made(
        'with op.batch_alter_table("people") as batch:\n    batch.add_column(sa.Column("n", sa.Integer(), default=0))'
    ),
    "from a list of columns": made(
        """
        COLUMNS = [sa.Column("a", sa.Integer(), default=1), sa.Column("b", sa.Integer(), server_default="1")]

        def upgrade():
            for column in COLUMNS:
                op.add_column("people", column)
        """
    ),
    "a quoted and qualified name": Example(
        'op.add_column("T", sa.Column("A", sa.Integer(), default=1), schema="s")',
        given='CREATE SCHEMA s;CREATE TABLE s."T" (b int)',
    ),
    "both": made('op.add_column("people", sa.Column("n", sa.Integer(), default=0, server_default="0"))', 0),
    "none": made('op.add_column("people", sa.Column("n", sa.Integer(), default=None))', 0),
    "a server default later": made(ADD + 'op.alter_column("people", "active", server_default=sa.true())', 0),
    "filled later": made(ADD + 'op.execute("UPDATE people SET active = true")', 0),
    "in create_table": made(
        'op.create_table("t", sa.Column("id", sa.BigInteger(), primary_key=True), '
        'sa.Column("n", sa.Integer(), default=0))',
        0,
    ),
    "a table of this deployment": made(
        'op.create_table("t", sa.Column("id", sa.BigInteger(), primary_key=True))\n'
        'op.add_column("t", sa.Column("n", sa.Integer(), default=0))',
        0,
    ),
    "of another column of that name": made(
        """
        op.add_column("people", sa.Column("n", sa.Integer()))
        op.create_table("t", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("n", sa.Integer(), default=0))
        """,
        0,
    ),
}
