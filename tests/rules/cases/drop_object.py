"""Cases of MG312."""

from migguard.rules.frame import Example

TABLE = "CREATE TABLE plans (code text PRIMARY KEY, title text);"
VIEW = TABLE + "CREATE VIEW titles AS SELECT title FROM plans"
MATERIALIZED = TABLE + "CREATE MATERIALIZED VIEW titles AS SELECT title FROM plans"
FUNCTION = TABLE + "CREATE FUNCTION twice(x int) RETURNS int LANGUAGE sql AS 'SELECT 2 * x'"
TRIGGER = (
    TABLE + "CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';"
    "CREATE TRIGGER stamped BEFORE UPDATE ON plans FOR EACH ROW EXECUTE FUNCTION stamp()"
)
POLICY = TABLE + "CREATE POLICY own ON plans USING (true)"
AGAIN = "CREATE TRIGGER {name} BEFORE INSERT ON plans FOR EACH ROW EXECUTE FUNCTION stamp()"


def sql(given: str, *texts: str, hits: int = 1, **more: object) -> Example:
    return Example("\n".join(f"op.execute({t!r})" for t in texts), given=given, hits=hits, **more)  # type: ignore[arg-type]


CASES: dict[str, Example] = {
    "a view": sql(VIEW, "DROP VIEW IF EXISTS titles"),
    "a materialized view": sql(MATERIALIZED, "DROP MATERIALIZED VIEW titles"),
    "a sequence": sql("CREATE SEQUENCE numbers", "DROP SEQUENCE numbers"),
    "sqlalchemy's own statement": Example(
        'op.execute(sa.schema.DropSequence(sa.Sequence("numbers")))', given="CREATE SEQUENCE numbers"
    ),
    "a sequence made again begins anew": sql(
        "CREATE SEQUENCE numbers", "DROP SEQUENCE numbers", "CREATE SEQUENCE numbers"
    ),
    "a function": sql(FUNCTION, "DROP FUNCTION twice(int)"),
    "a procedure": sql(TABLE + "CREATE PROCEDURE tidy() LANGUAGE sql AS 'DELETE FROM plans'", "DROP PROCEDURE tidy()"),
    "a trigger": sql(TRIGGER, "DROP TRIGGER stamped ON plans"),
    "a policy": sql(POLICY, "DROP POLICY own ON plans"),
    "an extension": sql("CREATE EXTENSION pg_trgm;" + TABLE, "DROP EXTENSION pg_trgm"),
    "an extension that no migration made": sql(TABLE, "DROP EXTENSION pg_trgm", runs=False),
    "another schema": sql("CREATE SCHEMA s;" + TABLE + 'CREATE VIEW s."V" AS SELECT 1 AS x', 'DROP VIEW s."V"'),
    "two in one statement": sql(
        VIEW + ";CREATE VIEW codes AS SELECT code FROM plans", "DROP VIEW titles, codes", hits=2
    ),
    "two in one statement of which one rests on the other": sql(
        VIEW + ";CREATE VIEW more AS SELECT title FROM titles", "DROP VIEW titles, more", hits=2
    ),
    "a view made again": sql(VIEW, "DROP VIEW titles", "CREATE VIEW titles AS SELECT code FROM plans", hits=0),
    "a view made again by a later revision": Example(
        "op.execute('CREATE VIEW titles AS SELECT code FROM plans')",
        given=VIEW,
        earlier=("op.execute('DROP VIEW titles')",),
        hits=0,
    ),
    "a table takes the view's place": sql(VIEW, "DROP VIEW titles", "CREATE TABLE titles (title text)", hits=0),
    "a materialized view instead of a view": sql(
        VIEW, "DROP VIEW titles", "CREATE MATERIALIZED VIEW titles AS SELECT title FROM plans", hits=0
    ),
    "replaced in place": sql(VIEW, "CREATE OR REPLACE VIEW titles AS SELECT title FROM plans WHERE true", hits=0),
    "if exists of nothing": sql(
        TABLE,
        "DROP VIEW IF EXISTS a",
        "DROP MATERIALIZED VIEW IF EXISTS b",
        "DROP SEQUENCE IF EXISTS c",
        "DROP FUNCTION IF EXISTS d(int)",
        "DROP TRIGGER IF EXISTS e ON plans",
        "DROP POLICY IF EXISTS f ON plans",
        "DROP EXTENSION IF EXISTS pg_trgm",
        "DROP TRIGGER IF EXISTS g ON nowhere",
        hits=0,
    ),
    "all of it is new": sql(
        TABLE,
        "CREATE VIEW v AS SELECT 1 AS x",
        "CREATE SEQUENCE q",
        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
        "CREATE TRIGGER g BEFORE UPDATE ON plans FOR EACH ROW EXECUTE FUNCTION f()",
        "CREATE POLICY p ON plans USING (true)",
        "CREATE EXTENSION pg_trgm",
        "CREATE AGGREGATE total(int) (sfunc = int4pl, stype = int)",
        "DROP VIEW v",
        "DROP SEQUENCE q",
        "DROP TRIGGER g ON plans",
        "DROP FUNCTION f()",
        "DROP POLICY p ON plans",
        "DROP EXTENSION pg_trgm",
        "DROP AGGREGATE total(int)",
        hits=0,
    ),
    "a function made again with another result": sql(
        FUNCTION,
        "DROP FUNCTION twice(int)",
        "CREATE FUNCTION twice(x int) RETURNS bigint LANGUAGE sql AS 'SELECT 2 * x'",
        hits=0,
    ),
    "a trigger made again": sql(TRIGGER, "DROP TRIGGER stamped ON plans", AGAIN.format(name="stamped"), hits=0),
    "a trigger under a new name": sql(TRIGGER, "DROP TRIGGER stamped ON plans", AGAIN.format(name="other"), hits=0),
    "a trigger of a table that goes": sql(TRIGGER, "DROP TRIGGER stamped ON plans", "DROP TABLE plans", hits=0),
    "a policy made again": sql(
        POLICY, "DROP POLICY own ON plans", "CREATE POLICY theirs ON plans USING (false)", hits=0
    ),
    "a policy of a table that goes": sql(POLICY, "DROP POLICY own ON plans", "DROP TABLE plans", hits=0),
    "a trigger of a new table": sql(
        TRIGGER,
        "CREATE TABLE extra (id int)",
        "CREATE TRIGGER t BEFORE UPDATE ON extra FOR EACH ROW EXECUTE FUNCTION stamp()",
        "DROP TRIGGER t ON extra",
        hits=0,
    ),
    "refused while something depends on it": sql(
        VIEW + ";CREATE VIEW two AS SELECT title FROM titles", "DROP VIEW titles", hits=0, runs=False
    ),
    "a view of mysql": sql(
        "CREATE TABLE plans (code int PRIMARY KEY);CREATE VIEW codes AS SELECT code FROM plans",
        "DROP VIEW codes",
        server="mysql 8.0",
    ),
    "a trigger of sqlite": sql(
        "CREATE TABLE plans (code int PRIMARY KEY);"
        "CREATE TRIGGER g AFTER INSERT ON plans BEGIN DELETE FROM plans WHERE code = 0; END",
        "DROP TRIGGER g",
        server="sqlite",
    ),
}
