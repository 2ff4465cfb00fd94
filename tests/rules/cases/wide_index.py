"""Cases of MG925."""

from migguard.rules.frame import Example

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY, a int, b int, c int, d int)"

CASES: dict[str, Example] = {
    "with an expression": Example(
        'op.execute("CREATE INDEX ix ON orders (a, b, c, (d + 1))")',
        given=GIVEN,
    ),
    "of a new table": Example(
        'op.create_index("ix", "visits", ["a", "b", "c", "d"])',
        earlier=('op.execute("CREATE TABLE visits (a int, b int, c int, d int)")',),
    ),
    "in a MySQL table": Example(
        'op.execute("CREATE TABLE visits (id BIGINT PRIMARY KEY, a INT, b INT, c INT, d INT, KEY k (a, b, c, d))")',
        server="mysql 8.0.36",
    ),
    "a unique index": Example(
        'op.create_index("uq", "orders", ["a", "b", "c", "d"], unique=True)', given=GIVEN, hits=0
    ),
    "a unique constraint": Example(
        'op.create_unique_constraint("uq", "orders", ["a", "b", "c", "d"])', given=GIVEN, hits=0
    ),
    "columns in INCLUDE": Example(
        'op.create_index("ix", "orders", ["a"], postgresql_include=["b", "c", "d"])', given=GIVEN, hits=0
    ),
    "dropped again": Example(
        'op.drop_index("ix", table_name="orders")',
        given=GIVEN,
        earlier=('op.create_index("ix", "orders", ["a", "b", "c", "d"])',),
        hits=0,
    ),
}
