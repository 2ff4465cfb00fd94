"""Cases of MG308."""

from migguard.rules.frame import Example

VIEW = "CREATE TABLE visits (id bigint PRIMARY KEY, page text);CREATE VIEW pages AS SELECT page FROM visits"
KEYS = (
    "CREATE TABLE customers (id bigint PRIMARY KEY);"
    "CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint CONSTRAINT fk_customer REFERENCES "
    "customers)"
)
ENUM = "CREATE TYPE mood AS ENUM ('good', 'bad');CREATE TABLE people (id bigint PRIMARY KEY, mood mood)"
TRIGGER = (
    "CREATE TABLE visits (id bigint PRIMARY KEY);"
    "CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';"
    "CREATE TRIGGER stamped BEFORE INSERT ON visits FOR EACH ROW EXECUTE FUNCTION stamp()"
)


def sql(text: str, given: str, **more: object) -> Example:
    return Example(f"op.execute({text!r})", given=given, **more)  # type: ignore[arg-type]


CASES: dict[str, Example] = {
    "a foreign key to the table": sql("DROP TABLE customers CASCADE", KEYS),
    "if exists": sql("DROP TABLE IF EXISTS customers CASCADE", KEYS),
    "a foreign key to the primary key": sql("ALTER TABLE customers DROP CONSTRAINT customers_pkey CASCADE", KEYS),
    "a foreign key to the column": sql("ALTER TABLE customers DROP COLUMN id CASCADE", KEYS),
    "a view on the column": sql("ALTER TABLE visits DROP COLUMN page CASCADE", VIEW),
    "a view on the view": sql("DROP VIEW pages CASCADE", VIEW + ";CREATE VIEW first AS SELECT page FROM pages LIMIT 1"),
    "a materialized view": sql(
        "DROP TABLE visits CASCADE",
        "CREATE TABLE visits (id bigint, page text);CREATE MATERIALIZED VIEW pages AS SELECT page FROM visits",
    ),
    "the columns of a type": sql("DROP TYPE mood CASCADE", ENUM),
    "the defaults that draw from a sequence": sql(
        "DROP SEQUENCE numbers CASCADE",
        "CREATE SEQUENCE numbers;CREATE TABLE t (id bigint DEFAULT nextval('numbers'), x int)",
    ),
    "the triggers of a function": sql("DROP FUNCTION stamp() CASCADE", TRIGGER),
    "what is in a schema": sql("DROP SCHEMA log CASCADE", "CREATE SCHEMA log;CREATE TABLE log.days (id bigint)"),
    "columns of an extension's type": sql(
        "DROP EXTENSION citext CASCADE", "CREATE EXTENSION citext;CREATE TABLE u (id int, email citext)"
    ),
    "another schema": sql(
        "DROP TABLE shop.visits CASCADE",
        'CREATE SCHEMA shop;CREATE TABLE shop.visits (id bigint);CREATE VIEW "All" AS SELECT id FROM shop.visits',
    ),
    "an inheriting table": sql(
        "DROP TABLE base CASCADE", "CREATE TABLE base (id bigint);CREATE TABLE more (x int) INHERITS (base)"
    ),
    "nothing depends on it": sql("DROP TABLE orders CASCADE", KEYS, hits=0),
    "no cascade": Example('op.execute("DROP VIEW pages")\nop.drop_table("visits")', given=VIEW, hits=0),
    "if exists of nothing": sql("DROP TABLE IF EXISTS nothing CASCADE", VIEW, hits=0),
    "indexes and own keys go with the table anyway": sql(
        "DROP TABLE t CASCADE",
        "CREATE TABLE t (id bigint PRIMARY KEY, parent bigint REFERENCES t, x int);CREATE INDEX ix ON t (x)",
        hits=0,
    ),
    "partitions go with their parent anyway": sql(
        "DROP TABLE days CASCADE",
        "CREATE TABLE days (d date) PARTITION BY RANGE (d);CREATE TABLE d1 PARTITION OF days DEFAULT",
        hits=0,
    ),
    "what depends on it is new": Example(
        'op.execute("DROP TABLE visits CASCADE")',
        given="CREATE TABLE visits (id bigint PRIMARY KEY)",
        earlier=('op.execute("CREATE VIEW latest AS SELECT max(id) AS id FROM visits")',),
        hits=0,
    ),
    "the statement names it too": sql("DROP TABLE customers, orders CASCADE", KEYS, hits=0),
    "a view on a view that the statement names too": sql(
        "DROP VIEW pages, first CASCADE",
        VIEW + ";CREATE VIEW first AS SELECT page FROM pages LIMIT 1",
        hits=0,
    ),
    "all of it is new": Example(
        """
        op.execute("CREATE TABLE a (id bigint PRIMARY KEY)")
        op.execute("CREATE VIEW va AS SELECT id FROM a")
        op.execute("DROP TABLE a CASCADE")
        """,
        hits=0,
    ),
    "a foreign key of this deployment": Example(
        """
        op.execute("CREATE TABLE regions (id bigint PRIMARY KEY)")
        op.add_column("orders", sa.Column("region_id", sa.BigInteger()))
        op.create_foreign_key("fk_region", "orders", "regions", ["region_id"], ["id"])
        op.execute("DROP TABLE regions CASCADE")
        """,
        given=KEYS,
        hits=0,
    ),
}
