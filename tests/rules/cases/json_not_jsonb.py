"""Cases of MG918."""

from migguard.rules.frame import Example

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY, payload jsonb, old json)"

GIVEN_OLD = "CREATE TABLE orders (id bigint PRIMARY KEY, old json)"
COPY = """
op.create_table("copy", sa.Column("id", sa.BigInteger(), primary_key=True), sa.Column("old", sa.JSON()))
op.drop_table("orders")
op.rename_table("copy", "orders")
"""

CASES: dict[str, Example] = {
    "in a new table": Example('op.execute("CREATE TABLE logs (id bigint PRIMARY KEY, payload json)")'),
    "a change of type": Example(
        'op.alter_column("orders", "payload", type_=sa.JSON(), postgresql_using="payload::json")', given=GIVEN
    ),
    "jsonb becomes of json": Example(
        'op.execute("ALTER TABLE orders ALTER COLUMN old TYPE jsonb USING old::jsonb")', given=GIVEN, hits=0
    ),
    "a variant for PostgreSQL": Example(
        """
        from sqlalchemy.dialects import postgresql
        op.add_column("orders", sa.Column("more", sa.JSON().with_variant(postgresql.JSONB(), "postgresql")))
        """,
        given=GIVEN,
        hits=0,
    ),
    "an old column": Example(
        'op.alter_column("orders", "old", existing_type=sa.JSON(), nullable=False)', given=GIVEN, hits=0
    ),
    "a type of the user's with that name": Example(
        "op.execute('CREATE TABLE logs (id bigint PRIMARY KEY, payload app.\"json\")')",
        given="CREATE SCHEMA app;CREATE DOMAIN app.json AS jsonb",
        hits=0,
    ),
    "MySQL's json is binary": Example(
        'op.create_table("logs", sa.Column("id", sa.BigInteger(), primary_key=True), sa.Column("p", sa.JSON()))',
        server="mysql 8.0.36",
        hits=0,
    ),
    "in a copy that takes the place of a table that had it": Example(COPY, given=GIVEN_OLD, hits=0),
    "in a copy of a table that had it as jsonb": Example(COPY, given=GIVEN_OLD.replace("old json", "old jsonb")),
    "in a copy that stays beside": Example(COPY.partition("op.drop_table")[0], given=GIVEN_OLD),
    "in another column of the copy": Example(COPY.replace('"old", sa.JSON', '"new", sa.JSON'), given=GIVEN_OLD),
}
