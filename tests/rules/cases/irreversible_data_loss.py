"""Cases of MG204."""

from migguard.rules.frame import Example

GIVEN = "CREATE TABLE members (id bigint PRIMARY KEY, fax text, phone text)"
BATCH = 'with op.batch_alter_table("members") as batch:\n    batch.'
DROP = 'op.drop_column("members", "fax")'
BACK = 'op.add_column("members", sa.Column("fax", sa.Text()))'
TABLE = 'op.create_table("members", sa.Column("id", sa.BigInteger(), primary_key=True))'

CASES: dict[str, Example] = {
    "a table": Example('op.drop_table("members")', given=GIVEN, downgrade=TABLE),
    "a table in raw sql": Example(
        'op.execute("DROP TABLE members")',
        given=GIVEN,
        downgrade='op.execute("CREATE TABLE members (id bigint)")',
    ),
    "several columns are one finding": Example(
        DROP + '\nop.drop_column("members", "phone")',
        given=GIVEN,
        downgrade=BACK + '\nop.add_column("members", sa.Column("phone", sa.Text()))',
    ),
    "a default is not what was there": Example(
        DROP,
        given=GIVEN,
        downgrade='op.add_column("members", sa.Column("fax", sa.Text(), server_default=""))',
    ),
    "another schema": Example(
        'op.drop_column("t", "a", schema="s")',
        given="CREATE SCHEMA s;CREATE TABLE s.t (id int, a int)",
        downgrade='op.add_column("t", sa.Column("a", sa.Integer()), schema="s")',
    ),
    "sqlite's batch mode": Example(
        BATCH + 'drop_column("fax")',
        given=GIVEN,
        downgrade=BATCH + 'add_column(sa.Column("fax", sa.Text()))',
        server="sqlite",
    ),
    "a column of mysql": Example(DROP, given=GIVEN, downgrade=BACK, server="mysql 8.0"),
    "batch mode that only changes a column": Example(
        BATCH + 'alter_column("fax", nullable=False)',
        given=GIVEN,
        downgrade=BATCH + 'alter_column("fax", nullable=True)',
        server="sqlite",
        hits=0,
    ),
    "the downgrade fills it": Example(
        """
        op.add_column("members", sa.Column("telefax", sa.Text()))
        op.execute("UPDATE members SET telefax = fax WHERE fax IS NOT NULL")
        op.drop_column("members", "fax")
        """,
        given=GIVEN,
        downgrade=f"""
        {BACK}
        op.execute("UPDATE members SET fax = telefax WHERE telefax IS NOT NULL")
        op.drop_column("members", "telefax")
        """,
        hits=0,
    ),
    "the downgrade fills the table": Example(
        'op.execute("CREATE TABLE people AS SELECT * FROM members")\nop.drop_table("members")',
        given=GIVEN,
        downgrade=TABLE + '\nop.execute("INSERT INTO members SELECT id FROM people")',
        hits=0,
    ),
    "the downgrade copies the table": Example(
        'op.execute("CREATE TABLE people AS SELECT * FROM members")\nop.drop_table("members")',
        given=GIVEN,
        downgrade='op.execute("CREATE TABLE members AS SELECT * FROM people")',
        hits=0,
    ),
    "renamed and back": Example(
        'op.alter_column("members", "fax", new_column_name="telefax")\nop.rename_table("members", "people")',
        given=GIVEN,
        downgrade='op.rename_table("people", "members")\nop.alter_column("members", "telefax", new_column_name="fax")',
        hits=0,
    ),
    "a column of this deployment": Example(
        'op.drop_column("members", "note")',
        given=GIVEN,
        earlier=('op.add_column("members", sa.Column("note", sa.Text()))',),
        downgrade='op.add_column("members", sa.Column("note", sa.Text()))',
        hits=0,
    ),
    "a table of this deployment": Example(
        'op.drop_table("scratch")',
        given=GIVEN,
        earlier=('op.create_table("scratch", sa.Column("id", sa.Integer()))',),
        downgrade='op.create_table("scratch", sa.Column("id", sa.Integer()))',
        hits=0,
    ),
    "a generated column is computed anew": Example(
        'op.drop_column("t", "b")',
        given="CREATE TABLE t (a int, b int GENERATED ALWAYS AS (a + 1) STORED)",
        downgrade='op.execute("ALTER TABLE t ADD COLUMN b int GENERATED ALWAYS AS (a + 1) STORED")',
        hits=0,
    ),
    "no downgrade": Example(DROP, given=GIVEN, hits=0),
    "a downgrade that leaves it away": Example(
        DROP, given=GIVEN, downgrade='op.execute("COMMENT ON TABLE members IS NULL")', hits=0
    ),
    "the family is off": Example(DROP, given=GIVEN, downgrade=BACK, settings='downgrade = "never"', hits=0),
    "nothing is dropped": Example(
        BACK.replace("fax", "note"), given=GIVEN, downgrade=DROP.replace("fax", "note"), hits=0
    ),
}
