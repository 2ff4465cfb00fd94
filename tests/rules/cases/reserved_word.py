"""Cases of MG923."""

from migguard.rules.frame import Example

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY, code text)"


def column(name: str, server: str = "", *, hits: int = 1, runs: bool = True) -> Example:
    """A new column of that name."""
    return Example(
        f'op.add_column("orders", sa.Column("{name}", sa.Integer()))',
        given=GIVEN,
        hits=hits,
        server=server,
        runs=runs,
    )


CASES: dict[str, Example] = {
    "a column": column("user"),
    "a column and its table in one finding": Example(
        'op.create_table("group", sa.Column("end", sa.BigInteger(), primary_key=True))'
    ),
    "in capitals": column("Order"),
    "in raw SQL": Example("op.execute('CREATE TABLE \"table\" (id bigint PRIMARY KEY)')"),
    "a view": Example("op.execute('CREATE VIEW \"all\" AS SELECT 1 AS one')"),
    "a sequence": Example("op.execute('CREATE SEQUENCE \"from\"')"),
    "a type": Example("op.execute('CREATE TYPE \"desc\" AS ENUM (\\'a\\')')"),
    "a renamed column": Example('op.alter_column("orders", "code", new_column_name="default")', given=GIVEN),
    "a renamed table": Example('op.rename_table("orders", "order")', given=GIVEN),
    "an index": Example('op.create_index("unique", "orders", ["code"])', given=GIVEN),
    "a keyword that is not reserved": column("name", hits=0),
    "value is free as well": column("value", hits=0),
    "a word in a longer name": column("user_id", hits=0),
    "a table that was there": Example(
        'op.add_column("order", sa.Column("note", sa.Text()))',
        given='CREATE TABLE "order" (id bigint PRIMARY KEY)',
        hits=0,
    ),
    "reserved since 16": column("system_user", "postgresql 16", runs=False),
    "free before 16": column("system_user", "postgresql 15", hits=0),
    "MySQL 8 reserves rank": column("rank", "mysql 8.0.36"),
    "MySQL 5.7 does not": column("rank", "mysql 5.7.44", hits=0),
    "MySQL 8.4 reserves manual": column("manual", "mysql 8.4.0", runs=False),
    "MySQL 8.0 does not": column("manual", "mysql 8.0.36", hits=0),
    "MySQL reserves key": column("key", "mysql 8.0.36"),
    "PostgreSQL does not": column("key", hits=0),
    "MySQL does not reserve user": column("user", "mysql 8.0.36", hits=0),
    "MariaDB does not reserve rank": column("rank", "mariadb 10.6.12", hits=0),
    "MariaDB 10.6 reserves offset": column("offset", "mariadb 10.6.12"),
    "SQLite reserves order": column("order", "sqlite"),
    "SQLite does not reserve user": column("user", "sqlite", hits=0),
    "a batch copy keeps the columns that were there": Example(
        """
        with op.batch_alter_table("orders") as batch:
            batch.alter_column("code", nullable=False)
        """,
        given='CREATE TABLE orders (id INTEGER PRIMARY KEY, code TEXT, "order" INTEGER)',
        server="sqlite",
        hits=0,
    ),
}
