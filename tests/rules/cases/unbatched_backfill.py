"""Cases of MG514."""

from migguard.rules.frame import Example

GIVEN = (
    "CREATE TABLE customers (id bigint PRIMARY KEY, name text);"
    "CREATE TABLE roles (id int PRIMARY KEY, name text UNIQUE);"
    "CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint REFERENCES customers, status text, "
    "code text UNIQUE, at timestamptz, note text);"
    "CREATE INDEX ix_at ON orders (at);CREATE INDEX ix_status ON orders (status);"
    "CREATE TABLE role_users (role_id int REFERENCES roles, user_id int, PRIMARY KEY (role_id, user_id));"
    "CREATE TABLE events (id bigint, at date) PARTITION BY RANGE (at);"
    "CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');"
    'CREATE SCHEMA s;CREATE TABLE s."T" (id int PRIMARY KEY, "A" text)'
)


def made(sql: str, hits: int = 1, **more: object) -> Example:
    return Example(f"op.execute({sql!r})", given=GIVEN, hits=hits, **more)  # type: ignore[arg-type]


def set_note(where: str, hits: int = 0) -> Example:
    return made(f"UPDATE orders SET note = 'x' WHERE {where}", hits)


def code(text: str, hits: int = 1, **more: object) -> Example:
    return Example(text, given=GIVEN, hits=hits, **more)  # type: ignore[arg-type]


def unknown(where: str, hits: int) -> Example:
    """A statement on a table that no revision made, but for one column."""
    column = 'op.add_column("people", sa.Column("kind", sa.Integer()))'
    return Example(f'op.execute("UPDATE people SET note = 1 WHERE {where}")', released=(column,), hits=hits)


CASES: dict[str, Example] = {
    "a column of an unknown table, which may be a key": unknown("slug = 'a'", 0),
    "what many rows of an unknown table hold": unknown("slug = ''", 1),
    "a flag of an unknown table": unknown("active = false", 1),
    "a column that a revision added to an unknown table": unknown("kind = 3 AND NOT note > 5", 1),
    "without where": made("UPDATE orders SET note = 'x'"),
    "what is null": set_note("note IS NULL", 1),
    "an indexed column that is no key": set_note("status = 'new'", 1),
    "a key with one end": set_note("id >= 0", 1),
    "a subquery without limit": set_note("id IN (SELECT id FROM orders WHERE note IS NULL)", 1),
    "a key or something else": set_note("id = 1 OR note IS NULL", 1),
    "a delete": made("DELETE FROM orders WHERE at < '2020-01-01'"),
    "a delete of everything": made("DELETE FROM orders"),
    "matched with a whole table": made(
        "UPDATE orders SET note = c.name FROM customers c WHERE c.id = orders.customer_id"
    ),
    "copied from a table": made("INSERT INTO roles (id, name) SELECT id, name FROM customers WHERE name IS NOT NULL"),
    "copied into a new table": code(
        """
        op.create_table("names", sa.Column("name", sa.Text()))
        op.execute("INSERT INTO names SELECT name FROM customers")
        """
    ),
    "a column of this deployment": code(
        """
        op.add_column("orders", sa.Column("total", sa.Integer()))
        op.execute("UPDATE orders SET total = 0")
        """
    ),
    "Core": code(
        """
        orders = sa.table("orders", sa.column("note"), sa.column("status"))
        op.execute(orders.update().where(orders.c.note.is_(None)).values(note=orders.c.status))
        """
    ),
    "a partitioned table": made("UPDATE events SET id = 1"),
    "a quoted and qualified table": made('UPDATE s."T" SET "A" = \'x\''),
    "one key": set_note("id = 5"),
    "some keys": set_note("id IN (1, 2, 3)"),
    "one key or another": set_note("id = 1 OR id = 2"),
    "a unique code": set_note("code = 'x'"),
    "a foreign key": set_note("customer_id = 7"),
    "a range of keys": set_note("id BETWEEN 1 AND 1000 AND note IS NULL"),
    "a half-open range of keys": set_note("id > 1000 AND id <= 2000"),
    "a range of an indexed column": set_note("at >= '2024-01-01' AND at < '2024-01-02'"),
    "a batch by limit": set_note("id IN (SELECT id FROM orders WHERE note IS NULL LIMIT 1000)"),
    "a batch by row position": set_note(
        "ctid = ANY (ARRAY(SELECT ctid FROM orders WHERE note IS NULL LIMIT 1000 FOR UPDATE SKIP LOCKED))"
    ),
    "a batch by a named query": made(
        "WITH batch AS (SELECT id FROM orders WHERE note IS NULL LIMIT 100) "
        "UPDATE orders SET note = 'x' FROM batch WHERE batch.id = orders.id",
        0,
    ),
    "parameters of a loop": code(
        """
        bind, last = op.get_bind(), 0
        while True:
            done = bind.execute(
                sa.text("UPDATE orders SET note = 'x' WHERE id > :last AND id <= :last + 1000"), {"last": last}
            )
            last += 1000
            if not done.rowcount:
                break
        """,
        hits=0,
    ),
    "one row for each parameter set": code(
        """
        orders = sa.table("orders", sa.column("id"), sa.column("note"))
        op.get_bind().execute(
            orders.update().where(orders.c.id == sa.bindparam("key")).values(note=sa.bindparam("text")),
            [{"key": 1, "text": "a"}, {"key": 2, "text": "b"}],
        )
        """,
        hits=0,
    ),
    "matched with values": made(
        "UPDATE orders SET note = v.n FROM (VALUES (1, 'a'), (2, 'b')) AS v (id, n) WHERE orders.id = v.id", 0
    ),
    "matched with one row": made(
        "DELETE FROM role_users USING roles r WHERE r.id = role_users.role_id AND r.name = 'admin'", 0
    ),
    "a subquery of one row": made(
        "DELETE FROM role_users WHERE role_id = (SELECT id FROM roles WHERE name = 'admin')", 0
    ),
    "a row that is not there yet": made(
        "INSERT INTO roles (id, name) SELECT 1, 'x' WHERE NOT EXISTS (SELECT 1 FROM roles WHERE name = 'x')", 0
    ),
    "values are rows of the script": made("INSERT INTO roles (id, name) VALUES (1, 'x'), (2, 'y')", 0),
    "a table of this deployment": code(
        """
        op.create_table("parts", sa.Column("id", sa.Integer()))
        op.execute("UPDATE parts SET id = 1")
        """,
        hits=0,
    ),
    "a temporary table": code(
        """
        op.execute("CREATE TEMPORARY TABLE moved (id int)")
        op.execute("UPDATE moved SET id = 1")
        """,
        hits=0,
    ),
    "truncate": made("TRUNCATE orders", 0),
    "SQLite's batch copy": Example(
        """
        with op.batch_alter_table("t") as batch:
            batch.alter_column("a", existing_type=sa.Integer(), nullable=False)
        """,
        given="CREATE TABLE t (a int)",
        server="sqlite",
        hits=0,
    ),
    "MySQL with limit": Example(
        "op.execute('UPDATE t SET a = 1 WHERE a IS NULL LIMIT 1000')",
        given="CREATE TABLE t (id int PRIMARY KEY, a int)",
        server="mysql 8.4",
        hits=0,
    ),
    "MySQL without": Example(
        "op.execute('UPDATE t SET a = 1 WHERE a IS NULL')",
        given="CREATE TABLE t (id int PRIMARY KEY, a int)",
        server="mysql 8.4",
    ),
}
