"""Cases of MG204."""

from migguard.rules.frame import Example

GIVEN = "CREATE TABLE members (id bigint PRIMARY KEY, fax text, phone text)"
BATCH = 'with op.batch_alter_table("members") as batch:\n    batch.'
DROP = 'op.drop_column("members", "fax")'
BACK = 'op.add_column("members", sa.Column("fax", sa.Text()))'
TABLE = 'op.create_table("members", sa.Column("id", sa.BigInteger(), primary_key=True))'
KEEP = """
op.add_column("members", sa.Column("telefax", sa.Text()))
conn = op.get_bind()
for row in conn.execute(sa.text("SELECT id, fax FROM members")):
    conn.execute(sa.text("UPDATE members SET telefax = :f WHERE id = :i"), {"f": row.fax, "i": row.id})
op.drop_column("members", "fax")
"""


def looped(body: str, hits: int = 0, upgrade: str = KEEP) -> Example:
    """The values are kept row by row, and the downgrade does that."""
    return Example(upgrade, given=GIVEN, downgrade=f"{BACK}\nconn = op.get_bind()\n{body}", hits=hits)


ORDERS = "CREATE TABLE orders (id bigint PRIMARY KEY, code text)"
SWAPPED = """
op.add_column("orders", sa.Column("code_v2", sa.Integer()))
op.execute("UPDATE orders SET code_v2 = code::int")
op.drop_column("orders", "code")
op.alter_column("orders", "code_v2", new_column_name="code")
"""


CASES: dict[str, Example] = {
    "of a table that was emptied before": Example(
        'op.execute("DELETE FROM members")\n' + DROP, given=GIVEN, downgrade=BACK, hits=0
    ),
    "of a table that is emptied after it": Example(
        DROP + '\nop.execute("DELETE FROM members")', given=GIVEN, downgrade=BACK
    ),
    "a table that was truncated in an earlier revision": Example(
        'op.drop_table("members")', given=GIVEN, earlier=('op.execute("TRUNCATE members")',), downgrade=TABLE, hits=0
    ),
    "the downgrade fills it row by row": looped("""
for row in conn.execute(sa.text("SELECT id, telefax FROM members")):
    conn.execute(sa.text("UPDATE members SET fax = :f WHERE id = :i"), {"f": row.telefax, "i": row.id})
"""),
    "row by row, by a statement made before the loop": looped("""
stmt = sa.text("UPDATE members SET fax = :f WHERE id = :i")
rows = conn.execute(sa.text("SELECT id, telefax FROM members")).fetchall()
for row in rows:
    conn.execute(stmt, {"f": row.telefax, "i": row.id})
"""),
    "row by row, by sqlalchemy's update": looped("""
members = sa.table("members", sa.column("id"), sa.column("fax"), sa.column("telefax"))
for row in conn.execute(sa.select(members)):
    conn.execute(members.update().where(members.c.id == row.id).values(fax=row.telefax))
"""),
    "row by row, by the attributes of instances": looped("""
from sqlalchemy.orm import Session, declarative_base
Base = declarative_base()
class Member(Base):
    __tablename__ = "members"
    id = sa.Column(sa.BigInteger, primary_key=True)
    fax = sa.Column(sa.Text)
    telefax = sa.Column(sa.Text)
session = Session(bind=conn)
for member in session.query(Member):
    member.fax = member.telefax
session.commit()
"""),
    "the downgrade fills another column row by row": looped(
        """
for row in conn.execute(sa.text("SELECT id, telefax FROM members")):
    conn.execute(sa.text("UPDATE members SET phone = :f WHERE id = :i"), {"f": row.telefax, "i": row.id})
""",
        1,
    ),
    "the downgrade fills another table row by row": looped(
        """
for row in conn.execute(sa.text("SELECT id, telefax FROM people")):
    conn.execute(sa.text("UPDATE people SET fax = :f WHERE id = :i"), {"f": row.telefax, "i": row.id})
""",
        1,
    ),
    "by the script's own function, which is given the names": Example(
        """
        def move(table, source, target):
            conn = op.get_bind()
            for row in conn.execute(sa.text(f"SELECT id, {source} AS value FROM {table}")):
                conn.execute(sa.text(f"UPDATE {table} SET {target} = :v WHERE id = :i"), {"v": row.value, "i": row.id})

        def upgrade():
            op.add_column("members", sa.Column("telefax", sa.Text()))
            move("members", "fax", "telefax")
            op.drop_column("members", "fax")

        def downgrade():
            op.add_column("members", sa.Column("fax", sa.Text()))
            move("members", "telefax", "fax")
            op.drop_column("members", "telefax")
        """,
        given=GIVEN,
        hits=0,
    ),
    "the downgrade adds a row without a value for it": Example(
        DROP, given=GIVEN, downgrade=BACK + '\nop.execute("INSERT INTO members (id, phone) VALUES (0, 1)")'
    ),
    "only the upgrade has a loop": looped("", 1),
    "the downgrade fills the table row by row": Example(
        """
        conn = op.get_bind()
        op.execute("CREATE TABLE people (id bigint)")
        for row in conn.execute(sa.text("SELECT id FROM members")):
            conn.execute(sa.text("INSERT INTO people VALUES (:i)"), {"i": row.id})
        op.drop_table("members")
        """,
        given=GIVEN,
        downgrade="members = "
        + TABLE
        + """
conn = op.get_bind()
op.bulk_insert(members, [{"id": row.id} for row in conn.execute(sa.text("SELECT id FROM people"))])
op.drop_table("people")
""",
        hits=0,
    ),
    "the downgrade puts one value into all rows": Example(
        DROP, given=GIVEN, downgrade=f"""{BACK}\nop.execute("UPDATE members SET fax = 'none'")"""
    ),
    "one value wherever there is none, and no NULL any more": Example(
        DROP,
        given=GIVEN,
        downgrade=f"""{BACK}
op.execute("UPDATE members SET fax = '' WHERE fax IS NULL")
op.alter_column("members", "fax", nullable=False)""",
    ),
    "one of several values, told by what was kept": Example(
        DROP, given=GIVEN, downgrade=f"""{BACK}\nop.execute("UPDATE members SET fax = 'a' WHERE phone = 'b'")""", hits=0
    ),
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
    "what the downgrade fills under another name": Example(
        SWAPPED, given=ORDERS, downgrade=SWAPPED.replace("sa.Integer", "sa.Text"), hits=0
    ),
    "what the downgrade makes under another name, and does not fill": Example(
        SWAPPED, given=ORDERS, downgrade=SWAPPED.replace('op.execute("UPDATE orders SET code_v2 = code::int")', "pass")
    ),
    "what the downgrade fills with one value, under another name": Example(
        SWAPPED, given=ORDERS, downgrade=SWAPPED.replace("= code::int", "= 1")
    ),
}
