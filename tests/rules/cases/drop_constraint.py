"""Cases of MG311."""

from migguard.rules.frame import Example

USERS = (
    "CREATE TABLE users (id bigint, email text, age int, tenant int, CONSTRAINT pk_users PRIMARY KEY (id), "
    "CONSTRAINT uq_email UNIQUE (email), CONSTRAINT ck_age CHECK (age > 0), "
    "CONSTRAINT ck_email CHECK (email IS NOT NULL));"
    "CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint CONSTRAINT fk_user REFERENCES users)"
)
DROP_UNIQUE = 'op.drop_constraint("uq_email", "users")\n'
DROP_CHECK = 'op.drop_constraint("ck_age", "users")\n'
DROP_KEY = 'op.drop_constraint("fk_user", "orders")\n'


def made(code: str, hits: int = 1, **more: object) -> Example:
    return Example(code, given=USERS, hits=hits, **more)  # type: ignore[arg-type]


def unknown(name: str, code: str, hits: int, downgrade: str = "pass") -> Example:
    """Of a table that no revision made."""
    return Example(f'op.drop_constraint("{name}", "legacy")\n{code}', downgrade=downgrade, hits=hits, runs=False)


NAMED, OTHER = "uq_legacy_name_place", 'op.create_index("ux", "legacy", ["code"], unique=True)'
BY_NAME = 'op.create_index("ux", "legacy", ["name"], unique=True)'
GOES = 'op.drop_column("legacy", "place")'
BACK = 'op.create_unique_constraint("rule", "legacy", ["name", "place"])'


CASES: dict[str, Example] = {
    "of which nothing is known": unknown("rule", "pass", 1),
    "of which nothing is known, beside a new key": unknown("rule", BY_NAME, 1),
    "of a name with the columns of a new key": unknown(NAMED, BY_NAME, 0),
    "of a name with the columns of a new index": unknown(NAMED, BY_NAME.replace("True", "False"), 1),
    "of a name with other columns": unknown(NAMED, OTHER, 1),
    "of a foreign key's name": unknown("fk_legacy_name", BY_NAME, 1),
    "made again on the way back": unknown("rule", "pass", 1, BACK),
    "made again on the way back, over the columns of a new key": unknown("rule", BY_NAME, 0, BACK),
    "made again on the way back, over other columns": unknown("rule", OTHER, 1, BACK),
    "made again on the way back, over a column that goes": unknown("rule", GOES, 0, BACK),
    "made again on the way back, where another column goes": unknown("rule", GOES.replace("place", "code"), 1, BACK),
    "a unique constraint": made(DROP_UNIQUE),
    "a check": made(DROP_CHECK),
    "a foreign key": made(DROP_KEY),
    "a primary key": made(DROP_KEY + 'op.drop_constraint("pk_users", "users")', hits=2),
    "sql with if exists": made('op.execute("ALTER TABLE IF EXISTS users DROP CONSTRAINT IF EXISTS ck_age")'),
    "an exclusion": Example(
        'op.drop_constraint("apart", "bookings")',
        given="CREATE TABLE bookings (span int4range, CONSTRAINT apart EXCLUDE USING gist (span WITH &&))",
    ),
    "a unique index": Example(
        'op.drop_index("ux", table_name="t")', given="CREATE TABLE t (a int);CREATE UNIQUE INDEX ux ON t (a)"
    ),
    "a quoted and qualified name": Example(
        'op.drop_constraint("Ck", "T", schema="s")',
        given='CREATE SCHEMA s;CREATE TABLE s."T" (a int, CONSTRAINT "Ck" CHECK (a > 0))',
    ),
    "an unrelated constraint replaces nothing": made(
        DROP_CHECK + 'op.create_unique_constraint("uq_tenant", "users", ["tenant"])'
    ),
    "replaced by a constraint of the same name": made(
        'op.alter_column("users", "tenant", nullable=False)\n'
        + DROP_UNIQUE
        + 'op.create_unique_constraint("uq_email", "users", ["email", "tenant"])',
        hits=0,
    ),
    "replaced by a key with a new column that may be NULL": made(
        'op.add_column("users", sa.Column("shop", sa.Text()))\n'
        + DROP_UNIQUE
        + 'op.create_unique_constraint("uq_shop", "users", ["email", "shop"])'
    ),
    "replaced by such a key, in another revision": made(
        DROP_UNIQUE,
        earlier=(
            'op.add_column("users", sa.Column("shop", sa.Text()))\n'
            'op.create_index("ux", "users", ["email", "shop"], unique=True)',
        ),
    ),
    "replaced by a key with a new column that is never NULL": made(
        'op.add_column("users", sa.Column("shop", sa.Text(), nullable=False, server_default=""))\n'
        + DROP_UNIQUE
        + 'op.create_unique_constraint("uq_shop", "users", ["email", "shop"])',
        hits=0,
    ),
    "replaced by a key for which NULLs are alike": made(
        'op.add_column("users", sa.Column("shop", sa.Text()))\n'
        + DROP_UNIQUE
        + 'op.execute("ALTER TABLE users ADD UNIQUE NULLS NOT DISTINCT (email, shop)")',
        hits=0,
    ),
    "replaced by such a key, and one for the rest": made(
        'op.add_column("users", sa.Column("shop", sa.Text()))\n'
        + DROP_UNIQUE
        + 'op.create_unique_constraint("uq_shop", "users", ["email", "shop"])\n'
        + 'op.create_index("ux", "users", ["email"], unique=True, postgresql_where=sa.text("shop IS NULL"))',
        hits=0,
    ),
    "replaced only where there are few rows": made(
        DROP_UNIQUE
        + """
count = op.get_bind().execute(sa.text("SELECT COUNT(*) FROM users")).scalar()
if count < 1000000:
    op.create_index("ux", "users", ["email"], unique=True)
"""
    ),
    "replaced where a table is there": made(
        DROP_UNIQUE
        + """
if sa.inspect(op.get_bind()).has_table("users"):
    op.create_index("ux", "users", ["email"], unique=True)
""",
        hits=0,
    ),
    "replaced by an index, in another revision": Example(
        DROP_UNIQUE,
        given=USERS,
        earlier=('op.create_index("ux", "users", ["email"], unique=True)',),
        hits=0,
    ),
    "an older index says the same": Example(
        DROP_UNIQUE, given=USERS + ";CREATE UNIQUE INDEX ux ON users (email)", hits=0
    ),
    "one unique index for another": Example(
        """
        op.create_index("ux2", "t", [sa.text("lower(a)")], unique=True)
        op.drop_index("ux", table_name="t")
        """,
        given="CREATE TABLE t (a text);CREATE UNIQUE INDEX ux ON t (a)",
        hits=0,
    ),
    "an index that is not unique": Example(
        'op.drop_index("ix", table_name="t")', given="CREATE TABLE t (a int);CREATE INDEX ix ON t (a)", hits=0
    ),
    "another foreign key of the column": made(
        DROP_KEY + 'op.create_foreign_key("fk2", "orders", "users", ["user_id"], ["id"], ondelete="CASCADE")',
        hits=0,
    ),
    "another check of the column": made(
        DROP_CHECK + 'op.create_check_constraint("ck2", "users", "age > 18", postgresql_not_valid=True)',
        hits=0,
    ),
    "not null instead of a check": made(
        """
        op.alter_column("users", "email", existing_type=sa.Text(), nullable=False)
        op.drop_constraint("ck_email", "users")
        """,
        hits=0,
    ),
    "an enum instead of a check": Example(
        """
        op.drop_constraint("ck", "t")
        op.execute("CREATE TYPE hue AS ENUM ('red')")
        op.execute("ALTER TABLE t ALTER COLUMN c TYPE hue USING c::hue")
        """,
        given="CREATE TABLE t (c text, CONSTRAINT ck CHECK (c IN ('red')))",
        hits=0,
    ),
    "another primary key": Example(
        """
        op.drop_constraint("pk", "t")
        op.create_primary_key("pk2", "t", ["b"])
        """,
        given="CREATE TABLE t (a int, b int NOT NULL, CONSTRAINT pk PRIMARY KEY (a))",
        hits=0,
    ),
    "the column goes too": made(DROP_CHECK + 'op.drop_column("users", "age")', hits=0),
    "the table goes too": made(DROP_KEY + 'op.drop_table("orders")', hits=0),
    "the referenced table goes too": made(DROP_KEY + 'op.drop_table("users")', hits=0),
    "a constraint of this deployment": made(
        """
        op.create_check_constraint("later", "users", "tenant > 0")
        op.drop_constraint("later", "users")
        """,
        hits=0,
    ),
    "a renamed column keeps its replacement": made(
        """
        op.alter_column("users", "email", new_column_name="mail")
        op.create_index("ux", "users", ["mail"], unique=True)
        op.drop_constraint("uq_email", "users")
        """,
        hits=0,
    ),
    "if exists of nothing": made('op.execute("ALTER TABLE users DROP CONSTRAINT IF EXISTS nothing")', hits=0),
    "a constraint that is not there": made('op.drop_constraint("nothing", "users")', hits=0, runs=False),
    "renamed is not dropped": made('op.execute("ALTER TABLE users RENAME CONSTRAINT ck_age TO ck_years")', hits=0),
    "mysql's unique is an index": Example(
        'op.drop_constraint("uq", "t", type_="unique")',
        given="CREATE TABLE t (id int PRIMARY KEY, a int, CONSTRAINT uq UNIQUE (a))",
        server="mysql 8.0",
    ),
    "mysql's foreign key": Example(
        'op.drop_constraint("fk", "b", type_="foreignkey")',
        given="CREATE TABLE a (id int PRIMARY KEY);"
        "CREATE TABLE b (id int PRIMARY KEY, a int, CONSTRAINT fk FOREIGN KEY (a) REFERENCES a (id))",
        server="mysql 8.0",
    ),
    "mysql's primary key replaced": Example(
        'op.execute("ALTER TABLE t DROP PRIMARY KEY, ADD PRIMARY KEY (id, a)")',
        given="CREATE TABLE t (id int NOT NULL, a int NOT NULL, PRIMARY KEY (id))",
        server="mysql 8.0",
        hits=0,
    ),
}
