"""Cases of MG612."""

from migguard.rules.frame import Example

GIVEN = (
    "CREATE TABLE users (id bigint PRIMARY KEY, email text, nick text, "
    "low text GENERATED ALWAYS AS (lower(nick)) STORED);"
    "CREATE VIEW contacts AS SELECT id, email FROM users"
)
TRIGGER = (
    ";CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.nick := lower(NEW.nick); RETURN NEW; END'"
    ";CREATE TRIGGER touch BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION touch()"
)
COUNTING = (
    ";CREATE FUNCTION counted() RETURNS bigint LANGUAGE plpgsql AS "
    "'BEGIN RETURN (SELECT count(*) FROM users WHERE nick IS NOT NULL); END'"
)
PLAIN = "CREATE TABLE users (id bigint PRIMARY KEY, email text, nick text)"


def made(code: str, hits: int = 1, given: str = GIVEN, **more: object) -> Example:
    return Example(code, given=given, hits=hits, **more)  # type: ignore[arg-type]


CASES: dict[str, Example] = {
    "a table under a view": made('op.drop_table("users")', runs=False),
    "a view under a view": made(
        'op.execute("DROP VIEW contacts")', given=GIVEN + ";CREATE VIEW ids AS SELECT id FROM contacts", runs=False
    ),
    "a materialized view": made(
        'op.drop_column("t", "a")',
        given="CREATE TABLE t (a int, b int);CREATE MATERIALIZED VIEW m AS SELECT a FROM t",
        runs=False,
    ),
    "a generated column": made('op.drop_column("users", "nick")', runs=False),
    "a policy": made(
        'op.drop_column("t", "owner")',
        given="CREATE TABLE t (id int, owner text);CREATE POLICY own ON t FOR SELECT USING (owner = current_user)",
        runs=False,
    ),
    "a trigger's condition": made(
        'op.drop_column("users", "email")',
        given=PLAIN
        + ";CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'"
        + ";CREATE TRIGGER g BEFORE UPDATE ON users FOR EACH ROW WHEN (OLD.email IS DISTINCT FROM NEW.email) "
        + "EXECUTE FUNCTION f()",
        runs=False,
    ),
    "a trigger's function": made('op.execute("DROP FUNCTION touch()")', given=PLAIN + TRIGGER, runs=False),
    "a quoted and qualified name": made(
        'op.drop_column("T", "A", schema="s")',
        given='CREATE SCHEMA s;CREATE TABLE s."T" ("A" int, b int);CREATE VIEW s.v AS SELECT "A" FROM s."T"',
        runs=False,
    ),
    "a trigger function names the column": made('op.drop_column("users", "nick")', given=PLAIN + TRIGGER),
    "a trigger function after a rename": made(
        'op.alter_column("users", "nick", new_column_name="alias")', given=PLAIN + TRIGGER
    ),
    "a function reads the column": made('op.drop_column("users", "nick")', given=PLAIN + COUNTING),
    "a function reads the table": made('op.rename_table("users", "people")', given=PLAIN + COUNTING),
    "a function of sql": made(
        'op.drop_table("users")',
        given=PLAIN
        + ";CREATE FUNCTION one() RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint'"
        + ";CREATE FUNCTION n() RETURNS bigint LANGUAGE plpgsql AS 'BEGIN DELETE FROM users; RETURN 1; END'",
    ),
    "the function is replaced": made(
        """
        op.drop_column("users", "nick")
        op.execute("CREATE OR REPLACE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'")
        """,
        0,
        given=PLAIN + TRIGGER,
    ),
    "the trigger goes first": made(
        """
        op.execute("DROP TRIGGER touch ON users")
        op.execute("DROP FUNCTION touch()")
        op.drop_column("users", "nick")
        """,
        0,
        given=PLAIN + TRIGGER,
    ),
    "the function is dropped in a later revision": made(
        'op.execute("DROP FUNCTION counted()")',
        0,
        given=PLAIN + COUNTING,
        earlier=('op.drop_column("users", "nick")',),
    ),
    "another table's column of that name": made(
        'op.drop_column("pets", "nick")', 0, given=PLAIN + COUNTING + ";CREATE TABLE pets (id int, nick text)"
    ),
    "a view of the old name": made(
        'op.rename_table("users", "people")\nop.execute("CREATE VIEW users AS SELECT * FROM people")',
        0,
        given=PLAIN + COUNTING,
    ),
    "a rename that the view follows": made(
        """
        op.alter_column("users", "email", new_column_name="mail")
        op.rename_table("users", "people")
        """,
        0,
    ),
    "cascade": made('op.execute("ALTER TABLE users DROP COLUMN email CASCADE")', 0),
    "a column that nothing uses": made(
        'op.drop_column("users", "email")', 0, given=PLAIN + ";CREATE VIEW names AS SELECT id, nick FROM users"
    ),
    "a policy of another table's column": made(
        'op.drop_column("t", "owner")',
        0,
        given="CREATE TABLE t (id int, owner text);CREATE TABLE o (owner text);"
        "CREATE POLICY own ON t USING (EXISTS (SELECT 1 FROM o WHERE o.owner = current_user))",
    ),
    "mysql's view": made(
        'op.drop_column("users", "email")',
        given="CREATE TABLE users (id int PRIMARY KEY, email varchar(9));CREATE VIEW v AS SELECT email FROM users",
        server="mysql 8.0",
    ),
    "mysql's view dropped first": made(
        'op.execute("DROP VIEW v")\nop.drop_column("users", "email")',
        0,
        given="CREATE TABLE users (id int PRIMARY KEY, email varchar(9));CREATE VIEW v AS SELECT email FROM users",
        server="mysql 8.0",
    ),
    "mysql's trigger": made(
        'op.drop_column("users", "email")',
        given="CREATE TABLE users (id int PRIMARY KEY, email varchar(9));"
        "CREATE TRIGGER g BEFORE INSERT ON users FOR EACH ROW SET NEW.email = lower(NEW.email)",
        server="mysql 8.0",
    ),
    "a table under sqlite's view": made(
        'op.drop_table("archive")',
        given="CREATE TABLE archive (id integer PRIMARY KEY);CREATE VIEW v AS SELECT id FROM archive",
        server="sqlite",
    ),
}
