"""Cases of MG503."""

from migguard.rules.frame import Example

GIVEN = (
    "CREATE TABLE customers (id bigint PRIMARY KEY, name text);"
    "CREATE TABLE orders (id bigint PRIMARY KEY, email text, customer_id bigint)"
)
ADD = 'op.add_column("orders", sa.Column("note", sa.Text()))\n'
FILL = 'op.execute("UPDATE orders SET note = email")\n'
INDEX = 'op.create_index("ix_name", "customers", ["name"])\n'
BUILD = 'op.create_index("ix_name", "customers", ["name"], postgresql_concurrently=True)\n'
REQUIRED = 'op.add_column("orders", sa.Column("state", sa.Integer(), nullable=False))\n'
PER = ("transaction_per_migration",)


def made(code: str, hits: int = 1, **more: object) -> Example:
    return Example(code, given=GIVEN, hits=hits, **more)  # type: ignore[arg-type]


CASES: dict[str, Example] = {
    "a backfill of a column that is new": made(ADD + FILL),
    "a backfill in the next revision of one transaction": made(FILL, earlier=(ADD,)),
    "a backfill of what is null": made(ADD + "op.execute(\"UPDATE orders SET note = '' WHERE note IS NULL\")"),
    "an index on another table": made(ADD + INDEX),
    "an index on the same table, which reads go on during": made(
        ADD + 'op.create_index("ix_email", "orders", ["email"])'
    ),
    "a query over a whole table": made(
        ADD + 'for row in op.get_bind().execute(sa.text("SELECT id, name FROM customers")): pass'
    ),
    "after a foreign key": made(
        """
        op.create_foreign_key("fk", "orders", "customers", ["customer_id"], ["id"], postgresql_not_valid=True)
        op.execute("UPDATE orders SET email = lower(email)")
        """
    ),
    "in one text": made(
        'op.execute("ALTER TABLE orders ADD COLUMN note text; UPDATE orders SET note = email; SELECT 1")'
    ),
    "on a partitioned table": Example(
        """
        op.add_column("events", sa.Column("note", sa.Text()))
        op.execute("UPDATE events SET note = ''")
        """,
        given=(
            "CREATE TABLE events (id bigint, at date) PARTITION BY RANGE (at);"
            "CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')"
        ),
    ),
    "a savepoint that is kept": made("with op.get_bind().begin_nested():\n    " + ADD + FILL),
    "a savepoint that is rolled back": made(
        """
        nested = op.get_bind().begin_nested()
        op.add_column("customers", sa.Column("note", sa.Text()))
        nested.rollback()
        op.execute("UPDATE orders SET email = lower(email)")
        """,
        hits=0,
    ),
    "in another transaction": made(FILL, earlier=(ADD,), env=PER, hits=0),
    "in an autocommit block": made(ADD + "with op.get_context().autocommit_block():\n    " + FILL, env=PER, hits=0),
    "the work comes first": made('op.execute("UPDATE orders SET email = lower(email)")\n' + ADD, hits=0),
    "a statement that cannot run in a transaction, and fails at once": made(ADD + BUILD, runs=False, hits=0),
    "after such a statement, which nobody reaches with a lock held": made(ADD + BUILD + FILL, runs=False, hits=0),
    "a lock taken after such a statement": made(BUILD + ADD + FILL, runs=False),
    "a table that the transaction drops suffers nothing": made(
        'op.add_column("orders", sa.Column("note", sa.Text()))\n' + INDEX + 'op.drop_table("orders")', hits=0
    ),
    "nor one that a later revision of the transaction drops": made(
        'op.drop_table("orders")', earlier=(ADD + INDEX,), hits=0
    ),
    "one that is dropped in another transaction does": made('op.drop_table("orders")', earlier=(ADD + INDEX,), env=PER),
    "another table is dropped": made(ADD + FILL + 'op.drop_table("customers")'),
    "work of several revisions under the lock of an earlier one": made(
        'op.execute("UPDATE customers SET name = lower(name)")', earlier=(ADD, FILL, INDEX)
    ),
    "work of several revisions, one of them under a lock of its own": made(
        'op.execute("UPDATE customers SET name = lower(name)")',
        earlier=(ADD, FILL, 'op.add_column("customers", sa.Column("note", sa.Text()))\n' + INDEX),
        hits=2,
    ),
    "work in several transactions": made(ADD.replace("note", "more") + FILL, earlier=(ADD + FILL,), env=PER, hits=2),
    "an index on a table that must be empty by then": made(
        REQUIRED + 'op.create_index("ix_email", "orders", ["email"])', hits=0
    ),
    "a foreign key of such a table": made(
        REQUIRED + 'op.create_foreign_key("fk", "orders", "customers", ["customer_id"], ["id"])', hits=0
    ),
    "an index on another table than the empty one": made(REQUIRED + INDEX),
    "a table that is filled before": made(
        REQUIRED
        + 'op.execute("INSERT INTO orders SELECT id, name, id, 1 FROM customers")\n'
        + 'op.create_index("ix_email", "orders", ["email"])',
        runs=False,
    ),
    "a required column in another transaction": made(
        ADD + 'op.create_index("ix_email", "orders", ["email"])', earlier=(REQUIRED,), env=PER
    ),
    "two brief changes": made(ADD + 'op.add_column("customers", sa.Column("note", sa.Text()))', hits=0),
    "rows by key": made(ADD + "op.execute(\"UPDATE orders SET note = '' WHERE id = 1\")", hits=0),
    "a batch by key": made(ADD + "op.execute(\"UPDATE orders SET note = '' WHERE id BETWEEN 1 AND 1000\")", hits=0),
    "a statement whose own lock stops as much": made(
        ADD + 'op.alter_column("orders", "email", existing_type=sa.Text(), nullable=False)', hits=0
    ),
    "the validation that another rule reports": made(
        """
        op.create_check_constraint("ck", "orders", "id > 0", postgresql_not_valid=True)
        op.execute("ALTER TABLE orders VALIDATE CONSTRAINT ck")
        """,
        hits=0,
    ),
    "a table of this deployment": made(
        ADD
        + 'op.create_table("parts", sa.Column("id", sa.BigInteger()))\nop.create_index("ix_parts", "parts", ["id"])',
        hits=0,
    ),
    "a foreign key of a table of this deployment": made(
        ADD
        + """
op.create_table("notes", sa.Column("order_id", sa.BigInteger()), sa.Column("customer_id", sa.BigInteger()))
op.create_foreign_key("fk", "notes", "customers", ["customer_id"], ["id"])
""",
        hits=0,
    ),
    "the lock is on a table of this deployment": made(
        """
        op.create_table("parts", sa.Column("id", sa.BigInteger()))
        op.add_column("parts", sa.Column("note", sa.Text()))
        op.execute("UPDATE orders SET email = lower(email)")
        """,
        hits=0,
    ),
    "a temporary table": made(
        ADD + 'op.execute("CREATE TEMPORARY TABLE t (id int)")\nop.execute("UPDATE t SET id = 1")', hits=0
    ),
    "after an index build, which lets reads go on": made(
        INDEX + 'op.execute("UPDATE orders SET email = lower(email)")', hits=0
    ),
}
