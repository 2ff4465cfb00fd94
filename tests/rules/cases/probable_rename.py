"""Cases of MG310."""

from migguard.rules.frame import Example

GIVEN = "CREATE TABLE people (id bigint PRIMARY KEY, surname varchar(60), born date)"
ADD = 'op.add_column("people", sa.Column("last_name", sa.String(60)))'
DROP = 'op.drop_column("people", "surname")'
TABLE = (
    'op.create_table("persons", sa.Column("id", sa.BigInteger(), primary_key=True), '
    'sa.Column("surname", sa.String(60)), sa.Column("born", sa.Date()))'
)
OTHER = "op.execute(\"COMMENT ON TABLE people IS 'old'\")"

REFERRED = (
    "CREATE TABLE towns (id bigint PRIMARY KEY);CREATE TABLE firms (id bigint PRIMARY KEY);"
    "CREATE TABLE people (id bigint PRIMARY KEY, town_id bigint REFERENCES towns)"
)
PLACE = 'op.add_column("people", sa.Column("place_id", sa.BigInteger()))'
REFER = (
    PLACE + '\nop.create_foreign_key("fk_people_place", "people", "{}", ["place_id"], ["id"])'
    '\nop.drop_column("people", "town_id")'
)


def body(*lines: str, **more: object) -> Example:
    return Example("\n".join(lines), **{"given": GIVEN, **more})  # type: ignore[arg-type]


CASES: dict[str, Example] = {
    "in two revisions of one deployment": body(DROP, earlier=(ADD,)),
    "dropped before it is added": body(DROP, ADD),
    "in batch mode": body(
        'with op.batch_alter_table("people") as batch:',
        '    batch.add_column(sa.Column("last_name", sa.String(60)))',
        '    batch.drop_column("surname")',
    ),
    "a constant is no copy": body(ADD, "op.execute(\"UPDATE people SET last_name = ''\")", DROP),
    "copied too late": body(DROP, ADD, "op.execute(\"UPDATE people SET last_name = upper('x')\")"),
    "a table": body(TABLE, 'op.drop_table("people")'),
    "a table, over two revisions": body('op.drop_table("people")', earlier=(TABLE,)),
    "a table, with another revision between": body('op.drop_table("people")', earlier=(TABLE, OTHER), hits=0),
    "a table with another key": body(
        TABLE.replace('sa.Column("born", sa.Date())', 'sa.Column("born", sa.Date(), primary_key=True)'),
        'op.drop_table("people")',
        hits=0,
    ),
    "a schema of its own": Example(
        'op.add_column("people", sa.Column("b", sa.Text()), schema="crm")\nop.drop_column("people", "a", schema="crm")',
        given="CREATE SCHEMA crm;CREATE TABLE crm.people (id int, a text)",
    ),
    "copied by sql": body(ADD, 'op.execute("UPDATE people SET last_name = surname")', DROP, hits=0),
    "copied with a change": body(
        ADD, "op.execute(\"UPDATE people SET last_name = coalesce(surname, '')\")", DROP, hits=0
    ),
    "copied in an earlier revision": body(
        DROP, earlier=(ADD, 'op.execute("UPDATE people SET last_name = surname WHERE last_name IS NULL")'), hits=0
    ),
    "copied by sqlalchemy": body(
        ADD,
        'people = sa.table("people", sa.column("last_name"), sa.column("surname"))',
        "op.execute(people.update().values(last_name=people.c.surname))",
        DROP,
        hits=0,
    ),
    "copied in a do block": body(
        ADD, 'op.execute("DO $$ BEGIN UPDATE people SET last_name = surname; END $$")', DROP, hits=0
    ),
    "another type": body('op.add_column("people", sa.Column("last_name", sa.Text()))', DROP, hits=0),
    "another table": Example(
        'op.add_column("others", sa.Column("last_name", sa.String(60)))\nop.drop_column("people", "surname")',
        given=GIVEN + ";CREATE TABLE others (id int)",
        hits=0,
    ),
    "a column of this deployment is dropped": body(
        'op.drop_column("people", "tried")',
        ADD,
        earlier=('op.add_column("people", sa.Column("tried", sa.String(60)))',),
        hits=0,
    ),
    "added in a released revision": body(DROP, released=(ADD,), hits=0),
    "a table whose rows are copied": body(
        TABLE, 'op.execute("INSERT INTO persons SELECT * FROM people")', 'op.drop_table("people")', hits=0
    ),
    "a table made of the old one": body(
        'op.execute("CREATE TABLE persons AS SELECT * FROM people")', 'op.drop_table("people")', hits=0
    ),
    "rows of another table are no copy": Example(
        f'{TABLE}\nop.execute("INSERT INTO persons SELECT * FROM strangers")\nop.drop_table("people")',
        given=GIVEN + ";CREATE TABLE strangers (id bigint, surname varchar(60), born date)",
    ),
    "a table with other columns": body(
        'op.create_table("persons", sa.Column("id", sa.BigInteger(), primary_key=True))',
        'op.drop_table("people")',
        hits=0,
    ),
    "made anew with another type": body(
        'op.drop_column("people", "surname")',
        'op.add_column("people", sa.Column("surname", sa.Text()))',
        'op.add_column("people", sa.Column("city", sa.String(60)))',
        hits=0,
    ),
    "made anew in a later revision": body(
        'op.add_column("people", sa.Column("surname", sa.String(80)))',
        earlier=(DROP, 'op.add_column("people", sa.Column("city", sa.String(60)))'),
        hits=0,
    ),
    "one made anew beside one that may be renamed": body(
        'op.drop_column("people", "nick")',
        'op.add_column("people", sa.Column("nick", sa.Text()))',
        DROP,
        ADD,
        given=GIVEN.replace("born", "nick varchar(60), born"),
    ),
    "all rows were deleted before": body('op.execute("DELETE FROM people")', DROP, ADD, hits=0),
    "truncated in an earlier revision": body(DROP, ADD, earlier=('op.execute("TRUNCATE people")',), hits=0),
    "some rows were deleted before": body('op.execute("DELETE FROM people WHERE id = 1")', DROP, ADD),
    "all rows are deleted after it": body(DROP, 'op.execute("DELETE FROM people")', ADD),
    "a table that was emptied": body('op.execute("DELETE FROM people")', TABLE, 'op.drop_table("people")', hits=0),
    "copied row by row": body(
        ADD,
        "conn = op.get_bind()",
        'stmt = sa.text("UPDATE people SET last_name = :n WHERE id = :i")',
        'for row in conn.execute(sa.text("SELECT id, surname FROM people")):',
        '    conn.execute(stmt, {"n": row.surname, "i": row.id})',
        DROP,
        hits=0,
    ),
    "a table whose rows are copied row by row": body(
        "persons = " + TABLE,
        "conn = op.get_bind()",
        'for row in conn.execute(sa.text("SELECT * FROM people")):',
        "    conn.execute(persons.insert().values(row._mapping))",
        'op.drop_table("people")',
        hits=0,
    ),
    "a name that is only a part of the other": body(
        'op.add_column("people", sa.Column("trigger_no", sa.BigInteger()))',
        'op.add_column("people", sa.Column("town", sa.BigInteger()))',
        'op.drop_column("people", "no")',
        given="CREATE TABLE people (id bigint PRIMARY KEY, no bigint)",
        hits=0,
    ),
    "id goes and a reference comes": body(
        'op.add_column("people", sa.Column("trigger_id", sa.BigInteger()))',
        'op.drop_column("people", "id")',
        hits=0,
    ),
    "a key goes and a key comes": body(
        'op.drop_column("people", "id")',
        'op.add_column("people", sa.Column("person_id", sa.BigInteger(), nullable=False))',
        'op.create_primary_key("people_pkey", "people", ["person_id"])',
    ),
    "two for two": body(
        ADD,
        'op.add_column("people", sa.Column("birthday", sa.Date()))',
        DROP,
        'op.drop_column("people", "born")',
        hits=2,
    ),
    "one of several, with a name like it": body(
        ADD, 'op.add_column("people", sa.Column("surnames", sa.String(60)))', DROP
    ),
    "one of several, with no name like it": body(
        'op.add_column("people", sa.Column("city", sa.String(60)))',
        'op.add_column("people", sa.Column("zip", sa.String(60)))',
        DROP,
        hits=0,
    ),
    "with another revision between": body(DROP, earlier=(ADD, OTHER), hits=0),
    "another dropped far away": body(
        ADD,
        DROP,
        earlier=('op.drop_column("people", "nick")', OTHER),
        given=GIVEN.replace("born", "nick varchar(60), born"),
    ),
    "filled by a default of its own": body(
        'op.add_column("people", sa.Column("last_name", sa.String(60), nullable=False, server_default=""))',
        DROP,
        hits=0,
    ),
    "required before, so that a default had to come with it": body(
        'op.add_column("people", sa.Column("last_name", sa.String(60), nullable=False, server_default=""))',
        DROP,
        given=GIVEN.replace("varchar(60)", "varchar(60) NOT NULL"),
    ),
    "with another default": body(
        'op.add_column("people", sa.Column("last_name", sa.String(60), server_default="new"))',
        DROP,
        given=GIVEN.replace("varchar(60)", "varchar(60) DEFAULT 'old'"),
        hits=0,
    ),
    "a reference to another table": Example(REFER.format("firms"), given=REFERRED, hits=0),
    "a reference becomes none": Example(PLACE + '\nop.drop_column("people", "town_id")', given=REFERRED, hits=0),
    "a reference to the same table": Example(REFER.format("towns"), given=REFERRED),
    "a reference to the same table, which is renamed": Example(
        'op.rename_table("towns", "places")\n' + REFER.format("places"), given=REFERRED
    ),
    "really renamed": body('op.alter_column("people", "surname", new_column_name="last_name")', hits=0),
    "a column that another takes the name of, and one of another revision": Example(
        """
        op.add_column("people", sa.Column("surname_v2", sa.Text()))
        op.execute("UPDATE people SET surname_v2 = lower(surname)")
        op.drop_column("people", "surname")
        op.alter_column("people", "surname_v2", new_column_name="surname")
        """,
        given="CREATE TABLE people (id bigint PRIMARY KEY, surname text)",
        earlier=('op.add_column("people", sa.Column("name", sa.Text()))',),
        hits=0,
    ),
    "a column that nothing takes the name of, and one of another revision": Example(
        'op.drop_column("people", "surname")',
        given="CREATE TABLE people (id bigint PRIMARY KEY, surname text)",
        earlier=('op.add_column("people", sa.Column("name", sa.Text()))',),
    ),
}
