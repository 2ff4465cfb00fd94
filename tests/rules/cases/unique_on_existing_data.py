"""Cases of MG703."""

from migguard.rules.frame import Example

GIVEN = (
    "CREATE TABLE people (id bigint PRIMARY KEY, email text, tenant int, login text NOT NULL, "
    "CONSTRAINT uq_login UNIQUE (login))"
)
UNIQUE = 'op.create_unique_constraint("uq", "people", ["email"])\n'
ADD = 'op.add_column("people", sa.Column("code", sa.Text()))\n'
CODE = 'op.create_unique_constraint("uq", "people", ["code"])\n'


def made(code: str, hits: int = 1, **more: object) -> Example:
    return Example(code, **{"given": GIVEN, "hits": hits, **more})  # type: ignore[arg-type]


def after(text: str, hits: int = 0) -> Example:
    return made(f"op.execute({text!r})\n{UNIQUE}", hits)


CASES: dict[str, Example] = {
    "an index": made('op.create_index("ux", "people", ["email", "tenant"], unique=True)'),
    "an index built concurrently": made(
        "with op.get_context().autocommit_block():\n"
        '    op.create_index("ux", "people", ["email"], unique=True, postgresql_concurrently=True)'
    ),
    "an expression and a condition": made(
        'op.execute("CREATE UNIQUE INDEX ON people (lower(email)) WHERE tenant = 1")'
    ),
    "a primary key": made('op.create_primary_key("pk", "t", ["a"])', given="CREATE TABLE t (a int)"),
    "a quoted and qualified name": Example(
        'op.create_unique_constraint("Uq", "T", ["A"], schema="s")',
        given='CREATE SCHEMA s;CREATE TABLE s."T" ("A" int)',
    ),
    "a partitioned table once": Example(
        'op.create_unique_constraint("uq", "logs", ["day"])',
        given="CREATE TABLE logs (a int, day date) PARTITION BY RANGE (day);"
        "CREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')",
    ),
    "a new column with one value in all rows": made(
        'op.add_column("people", sa.Column("code", sa.Text(), server_default=""))\n' + CODE
    ),
    "inline on a new column with one value": made(
        "op.execute(\"ALTER TABLE people ADD COLUMN code text DEFAULT '' UNIQUE\")"
    ),
    "fewer columns than an older key": made(
        'op.drop_constraint("uq", "t")\nop.create_unique_constraint("uq", "t", ["a"])',
        given="CREATE TABLE t (a int, b int, CONSTRAINT uq UNIQUE (a, b))",
    ),
    "nulls become equal": made(
        'op.execute("ALTER TABLE t DROP CONSTRAINT uq, ADD CONSTRAINT uq UNIQUE NULLS NOT DISTINCT (a)")',
        given="CREATE TABLE t (a int, CONSTRAINT uq UNIQUE (a))",
    ),
    "an update that says nothing of other rows": after("UPDATE people SET email = lower(email)", 1),
    "an update under sqlalchemy's qualified names": made(
        """
        people = sa.table("people", sa.column("id"), sa.column("email"))
        op.execute(people.update().where(people.c.id > 5).values(email=sa.func.lower(people.c.email)))
        op.create_unique_constraint("uq", "people", ["email"])
        """
    ),
    "an update of a column that is no key": after(
        "UPDATE people SET tenant = 1 WHERE id IN (SELECT max(id) FROM people)", 1
    ),
    "mysql shrinks a key with its column": made(
        'op.drop_column("t", "b")',
        given="CREATE TABLE t (id int PRIMARY KEY, a int, b int, UNIQUE KEY uq (a, b))",
        server="mysql 8.0",
    ),
    "more columns than a dropped key": made(
        'op.drop_constraint("uq_login", "people")\nop.create_unique_constraint("uq", "people", ["tenant", "login"])', 0
    ),
    "more columns than the primary key": made('op.create_unique_constraint("uq", "people", ["id", "email"])', 0),
    "more columns than a key of this deployment, which alone is flagged": made(
        'op.drop_constraint("uq", "people")\nop.create_unique_constraint("uq2", "people", ["email", "tenant"])',
        1,
        earlier=(UNIQUE,),
    ),
    "nulls become equal where there are none": made(
        'op.execute("CREATE UNIQUE INDEX ux ON people (login) NULLS NOT DISTINCT")', 0
    ),
    "a new column": made(ADD + CODE, 0),
    "a new column inline": made('op.execute("ALTER TABLE people ADD COLUMN code text UNIQUE")', 0),
    "a new column that numbers the rows": made(
        'op.execute("ALTER TABLE t ADD COLUMN id bigserial PRIMARY KEY")', 0, given="CREATE TABLE t (a int)"
    ),
    "a new column with a value of its own for each row": made(
        'op.add_column("people", sa.Column("code", sa.Uuid(), server_default=sa.func.gen_random_uuid()))\n' + CODE, 0
    ),
    "a new column that was filled": made(ADD + 'op.execute("UPDATE people SET code = id::text")\n' + CODE, 0),
    "a new empty column beside an old one": made(
        ADD + 'op.create_unique_constraint("uq", "people", ["tenant", "code"])', 0
    ),
    "an index that is there already": made(
        'op.execute("ALTER TABLE people ADD CONSTRAINT uq UNIQUE USING INDEX ux")',
        0,
        given=GIVEN + ";CREATE UNIQUE INDEX ux ON people (email)",
    ),
    "twins deleted": after("DELETE FROM people a USING people b WHERE a.email = b.email AND a.id > b.id"),
    "all but the first deleted": after(
        "DELETE FROM people WHERE id NOT IN (SELECT min(id) FROM people GROUP BY email)"
    ),
    "twins told apart": after(
        "UPDATE people SET email = email || id FROM (SELECT email AS e FROM people GROUP BY 1 HAVING count(*) > 1) d "
        "WHERE email = d.e"
    ),
    "the primary key put behind a separator": after("UPDATE people SET email = email || '_' || id"),
    "the primary key put in front": after("UPDATE people SET email = id::text || '-' || email"),
    "the primary key by concat": after("UPDATE people SET email = concat('user', id, '@example.org')"),
    "the primary key in rows that have one": after("UPDATE people SET email = email || '_' || id WHERE id IS NOT NULL"),
    "a uuid is as long in every row": made(
        'op.execute("UPDATE t SET a = a || id")\nop.create_unique_constraint("uq", "t", ["a"])',
        0,
        given="CREATE TABLE t (id uuid PRIMARY KEY, a text)",
    ),
    "the primary key run together with a text": after("UPDATE people SET email = email || id", 1),
    "the primary key run together by concat": after("UPDATE people SET email = concat(email, id)", 1),
    "the primary key behind what may be its sign": after("UPDATE people SET email = email || '-' || id", 1),
    "the primary key cut off": after("UPDATE people SET email = email || '_' || id::varchar(3)", 1),
    "the primary key in some rows": after("UPDATE people SET email = email || '_' || id WHERE tenant = 1", 1),
    "the primary key, and overwritten": made(
        "op.execute(\"UPDATE people SET email = email || '_' || id\")\n"
        f"op.execute(\"UPDATE people SET email = '' WHERE tenant = 1\")\n{UNIQUE}"
    ),
    "the primary key, and rows put in": made(
        "op.execute(\"UPDATE people SET email = email || '_' || id\")\n"
        f"op.execute(\"INSERT INTO people SELECT id + 9, email, 1, login || 'x' FROM people\")\n{UNIQUE}"
    ),
    "a column that is no key": after("UPDATE people SET email = email || '_' || tenant", 1),
    "the table is emptied": after("TRUNCATE people"),
    "an index that is not unique": made('op.create_index("ix", "people", ["email"])', 0),
    "a table of this deployment": made(
        """
        op.create_table("notes", sa.Column("id", sa.BigInteger(), primary_key=True), sa.Column("a", sa.Integer()))
        op.create_index("ux", "notes", ["a"], unique=True)
        """,
        0,
    ),
    "a unique key that becomes citext": made(
        'op.execute("ALTER TABLE people ALTER COLUMN login TYPE citext")',
        given=f"{GIVEN};CREATE EXTENSION citext",
        runs=False,
    ),
    "a unique key that is kept in lower case too": made(
        'op.execute("ALTER TABLE people ALTER COLUMN login TYPE citext")',
        0,
        given=f"{GIVEN};CREATE EXTENSION citext;CREATE UNIQUE INDEX ux ON people (lower(login))",
        runs=False,
    ),
    "citext without a key": made(
        'op.execute("ALTER TABLE people ALTER COLUMN email TYPE citext")',
        0,
        given=f"{GIVEN};CREATE EXTENSION citext",
        runs=False,
    ),
}
