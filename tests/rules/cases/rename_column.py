"""Cases of MG602."""

from migguard.rules.frame import Example

GIVEN = "CREATE TABLE people (id bigint PRIMARY KEY, mail text, age int)"


def sql(text: str, **more: object) -> Example:
    return Example(f"op.execute({text!r})", **{"given": GIVEN, **more})  # type: ignore[arg-type]


CASES: dict[str, Example] = {
    "sql": sql("ALTER TABLE people RENAME mail TO email"),
    "a quoted and qualified name": sql(
        'ALTER TABLE crm."Person" RENAME COLUMN "Mail" TO "E-Mail"',
        given='CREATE SCHEMA crm;CREATE TABLE crm."Person" (id bigint, "Mail" text)',
    ),
    "in a batch": Example(
        """
        with op.batch_alter_table("people") as batch:
            batch.alter_column("mail", new_column_name="email")
        """,
        given=GIVEN,
    ),
    "under a condition on the schema": Example(
        """
        if "mail" in {c["name"] for c in sa.inspect(op.get_bind()).get_columns("people")}:
            op.alter_column("people", "mail", new_column_name="email")
        """,
        given=GIVEN,
    ),
    "of a partitioned table": sql(
        "ALTER TABLE logs RENAME COLUMN a TO b",
        given="CREATE TABLE logs (a int, day date) PARTITION BY RANGE (day);"
        "CREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')",
    ),
    "the old name as an ordinary new column": Example(
        """
        op.alter_column("people", "mail", new_column_name="email")
        op.add_column("people", sa.Column("mail", sa.Text()))
        """,
        given=GIVEN,
    ),
    "the old name as a column of another type, and the renamed one dropped": Example(
        """
        op.alter_column("people", "age", new_column_name="age_old")
        op.add_column("people", sa.Column("age", sa.Text(), nullable=True))
        op.execute("UPDATE people SET age = age_old::text")
        op.drop_column("people", "age_old")
        """,
        given=GIVEN,
    ),
    "the old name as a generated column": sql(
        "ALTER TABLE people ADD COLUMN mail text GENERATED ALWAYS AS (email) STORED",
        earlier=('op.alter_column("people", "mail", new_column_name="email")',),
        hits=0,
    ),
    "a swap": Example(
        """
        op.add_column("people", sa.Column("age_big", sa.BigInteger()))
        op.execute("ALTER TABLE people RENAME COLUMN age TO age_old")
        op.execute("ALTER TABLE people RENAME COLUMN age_big TO age")
        """,
        given=GIVEN,
        hits=0,
    ),
    "a column of this deployment": Example(
        'op.alter_column("people", "post", new_column_name="address")',
        given=GIVEN,
        earlier=('op.add_column("people", sa.Column("post", sa.Text()))',),
        hits=0,
    ),
    "a table of this deployment": Example(
        """
        op.create_table("guests", sa.Column("id", sa.BigInteger(), primary_key=True), sa.Column("a", sa.Text()))
        op.alter_column("guests", "a", new_column_name="b")
        """,
        hits=0,
    ),
    "of a table that is renamed": Example(
        'op.alter_column("people", "mail", new_column_name="email")\nop.rename_table("people", "persons")',
        given=GIVEN,
        hits=0,
    ),
    "of a table that is renamed, and dropped under its new name": Example(
        'op.alter_column("people", "mail", new_column_name="email")\nop.rename_table("people", "persons")\n'
        'op.drop_table("persons")',
        given=GIVEN,
        hits=0,
    ),
    "of a table that is renamed, with a view of its old name": Example(
        'op.alter_column("people", "mail", new_column_name="email")\nop.rename_table("people", "persons")\n'
        'op.execute("CREATE VIEW people AS SELECT * FROM persons")',
        given=GIVEN,
    ),
    "of a table that is renamed, and back": Example(
        'op.rename_table("people", "persons")\nop.alter_column("persons", "mail", new_column_name="email")\n'
        'op.rename_table("persons", "people")',
        given=GIVEN,
    ),
    "a column that is not there": sql("ALTER TABLE people RENAME COLUMN nothing TO x", hits=0, runs=False),
    "mysql's change": sql(
        "ALTER TABLE people CHANGE mail email varchar(20)",
        given="CREATE TABLE people (id int PRIMARY KEY, mail varchar(20))",
        server="mysql 8.0",
    ),
    "mysql's modify renames nothing": sql(
        "ALTER TABLE people MODIFY mail varchar(30)",
        given="CREATE TABLE people (id int PRIMARY KEY, mail varchar(20))",
        server="mysql 8.0",
        hits=0,
    ),
}
