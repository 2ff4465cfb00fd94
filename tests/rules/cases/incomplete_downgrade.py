"""Cases of MG202."""

from migguard.rules.frame import Example

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY, total int)"
CHECK = "; ALTER TABLE orders ADD CONSTRAINT paid CHECK (total > 0)"

CASES: dict[str, Example] = {
    "a copy that takes the table's name, and with it the server's own names of keys": Example(
        """
        with op.batch_alter_table("users", recreate="always") as batch:
            batch.alter_column("note", type_=sa.String(80))
        """,
        given="CREATE TABLE users (id integer PRIMARY KEY, email text UNIQUE, note varchar(40))",
        downgrade="""
        with op.batch_alter_table("users", recreate="always") as batch:
            batch.alter_column("note", type_=sa.String(40))
        """,
        hits=0,
        server="sqlite",
    ),
    "an extension that may have been there": Example(
        'op.execute("CREATE EXTENSION IF NOT EXISTS pgcrypto")\nop.add_column("orders", sa.Column("a", sa.Text()))',
        given=GIVEN,
        downgrade='op.drop_column("orders", "a")',
        hits=0,
        runs=False,
    ),
    "an extension that was not there": Example(
        'op.execute("CREATE EXTENSION pgcrypto")\nop.add_column("orders", sa.Column("a", sa.Text()))',
        given=GIVEN,
        downgrade='op.drop_column("orders", "a")',
        runs=False,
    ),
    "an extension that may have been there beside what was not": Example(
        'op.execute("CREATE EXTENSION IF NOT EXISTS pgcrypto")\nop.add_column("orders", sa.Column("a", sa.Text()))',
        given=GIVEN,
        downgrade='op.execute("SELECT 1")',
        runs=False,
    ),
    "an extension that was there and is lost": Example(
        'op.execute("CREATE EXTENSION IF NOT EXISTS pgcrypto")',
        given=f"{GIVEN};CREATE EXTENSION pgcrypto",
        downgrade='op.execute("DROP EXTENSION pgcrypto")',
        runs=False,
    ),
    "a validated constraint may stay validated": Example(
        """
        op.execute("ALTER TABLE orders VALIDATE CONSTRAINT paid")
        op.add_column("orders", sa.Column("note", sa.Text()))
        """,
        given=f"{GIVEN}{CHECK} NOT VALID",
        downgrade='op.drop_column("orders", "note")',
        hits=0,
    ),
    "a constraint that comes back unvalidated is another one": Example(
        'op.drop_constraint("paid", "orders")',
        given=GIVEN + CHECK,
        downgrade='op.create_check_constraint("paid", "orders", "total > 0", postgresql_not_valid=True)',
    ),
    "a constraint that comes back under another name": Example(
        'op.drop_constraint("paid", "orders")',
        given=GIVEN + CHECK,
        downgrade='op.create_check_constraint("orders_paid", "orders", "total > 0")',
    ),
    "what is temporary goes with its session": Example(
        """
        op.execute("CREATE FUNCTION pg_temp.lower_all(a text) RETURNS text LANGUAGE sql AS 'SELECT lower(a)'")
        op.execute("CREATE TEMPORARY TABLE seen AS SELECT id FROM orders")
        op.add_column("orders", sa.Column("note", sa.Text()))
        """,
        given=GIVEN,
        downgrade='op.drop_column("orders", "note")',
        hits=0,
    ),
    "another order of an enum's values": Example(
        """
        op.execute("ALTER TABLE orders DROP COLUMN mood")
        op.execute("DROP TYPE mood")
        """,
        given=f"CREATE TYPE mood AS ENUM ('sad', 'ok'); {GIVEN}; ALTER TABLE orders ADD COLUMN mood mood",
        downgrade="""
        op.execute("CREATE TYPE mood AS ENUM ('ok', 'sad')")
        op.execute("ALTER TABLE orders ADD COLUMN mood mood")
        """,
    ),
    "a sequence of a column that was there, which is left behind": Example(
        """
        op.execute("CREATE SEQUENCE totals OWNED BY orders.total")
        op.add_column("orders", sa.Column("note", sa.Text()))
        """,
        given=GIVEN,
        downgrade='op.drop_column("orders", "note")',
    ),
    "a sequence that comes back with its column": Example(
        'op.drop_column("jobs", "number")',
        given="CREATE TABLE jobs (id bigint PRIMARY KEY, number bigserial)",
        downgrade='op.execute("ALTER TABLE jobs ADD COLUMN number bigserial")',
        hits=0,
    ),
}
