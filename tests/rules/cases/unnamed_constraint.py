"""Cases of MG709."""

from migguard.rules.frame import Example

GIVEN = (
    "CREATE TABLE people (id bigint PRIMARY KEY, email text);"
    "CREATE TABLE notes (id bigint PRIMARY KEY, person_id bigint)"
)


def made(code: str, hits: int = 1, **more: object) -> Example:
    return Example(code, **{"given": GIVEN, "hits": hits, **more})  # type: ignore[arg-type]


CASES: dict[str, Example] = {
    "a foreign key": made('op.create_foreign_key(None, "notes", "people", ["person_id"], ["id"])'),
    "sql": made('op.execute("ALTER TABLE people ADD CHECK (id > 0), ADD UNIQUE (email)")', 2),
    "inline flags of a new table, in one finding": made(
        """
        op.create_table(
            "guests",
            sa.Column("id", sa.BigInteger(), primary_key=True),
            sa.Column("email", sa.Text(), unique=True),
            sa.Column("person_id", sa.BigInteger(), sa.ForeignKey("people.id")),
            sa.CheckConstraint("id > 0"),
        )
        """
    ),
    "an inline flag of a new column": made('op.execute("ALTER TABLE people ADD COLUMN code text UNIQUE")'),
    "dropped without a name": made('op.drop_constraint(None, "notes", type_="foreignkey")', runs=False),
    "dropped without a name in the downgrade": made(
        'op.create_foreign_key("fk", "notes", "people", ["person_id"], ["id"])',
        downgrade='op.drop_constraint(None, "notes", type_="foreignkey")',
    ),
    "dropped without a name in a batch": made(
        'with op.batch_alter_table("notes") as batch:\n    batch.drop_constraint(constraint_name=None, type_="check")',
        runs=False,
    ),
    "mysql": made(
        'op.create_unique_constraint(None, "people", ["email"])',
        given="CREATE TABLE people (id int PRIMARY KEY, email varchar(9))",
        server="mysql 8.0",
    ),
    "a name": made('op.create_foreign_key("fk", "notes", "people", ["person_id"], ["id"])', 0),
    "a name that comes later": made(
        """
        op.execute("ALTER TABLE people ADD UNIQUE (email)")
        op.execute("ALTER TABLE people RENAME CONSTRAINT people_email_key TO uq_people_email")
        """,
        0,
    ),
    "a name that comes later, by way of its index": made(
        """
        op.execute("ALTER TABLE people ADD UNIQUE (email)")
        op.execute("ALTER INDEX people_email_key RENAME TO uq_people_email")
        """,
        0,
    ),
    "a name that another one gets later, by way of its index": made(
        """
        op.execute("ALTER TABLE people ADD UNIQUE (email), ADD UNIQUE (email, id)")
        op.execute("ALTER INDEX people_email_key RENAME TO uq_people_email")
        """
    ),
    "gone again": made(
        'op.execute("ALTER TABLE people ADD CHECK (id > 0)")\nop.drop_constraint("people_id_check", "people")', 0
    ),
    "gone again, and another one made under its name": made(
        """
        op.execute("ALTER TABLE people ADD CHECK (id > 0)")
        op.drop_constraint("people_id_check", "people")
        op.execute("ALTER TABLE people ADD CHECK (id > 1)")
        """
    ),
    "a primary key": made('op.create_table("t", sa.Column("id", sa.BigInteger(), primary_key=True))', 0),
    "a partition's": made(
        "op.execute(\"CREATE TABLE l1 PARTITION OF l FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')\")",
        0,
        given="CREATE TABLE l (a date UNIQUE, CHECK (a > '2020-01-01')) PARTITION BY RANGE (a)",
    ),
    "dropped by its name": made(
        'op.drop_constraint("ck", "t")', 0, given="CREATE TABLE t (a int, CONSTRAINT ck CHECK (a > 0))"
    ),
}
