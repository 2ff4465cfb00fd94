"""Cases of MG513."""

from migguard.rules.frame import Example

GIVEN = (
    "CREATE TABLE customers (id bigint PRIMARY KEY, name text);CREATE TABLE orders (id bigint PRIMARY KEY, email text)"
)
ADD = 'op.add_column("orders", sa.Column("note", sa.Text()))\n'
FILL = 'op.execute("UPDATE orders SET email = lower(email)")\n'
PER = ("transaction_per_migration",)


def made(code: str, hits: int = 1, **more: object) -> Example:
    return Example(code, given=GIVEN, hits=hits, **more)  # type: ignore[arg-type]


CASES: dict[str, Example] = {
    "rows first": made(FILL + ADD),
    "rows of another table": made(ADD + 'op.execute("DELETE FROM customers WHERE name IS NULL")'),
    "several statements over one table": made(ADD + FILL + FILL.replace("lower", "trim")),
    "before and after the change": made(FILL + ADD + FILL.replace("lower", "trim"), 2),
    "of two tables, which may differ in size": made(
        ADD + FILL + 'op.execute("DELETE FROM customers WHERE name IS NULL")', 2
    ),
    "copied into a new table": made(
        """
        op.create_table("mails", sa.Column("email", sa.Text()))
        op.execute("INSERT INTO mails SELECT email FROM orders")
        op.drop_column("orders", "email")
        """
    ),
    "two revisions of one transaction": made(FILL, earlier=(ADD,)),
    "in another transaction": made(FILL, earlier=(ADD,), env=PER, hits=0),
    "in an autocommit block": made(ADD + "with op.get_context().autocommit_block():\n    " + FILL, env=PER, hits=0),
    "rows alone": made(FILL, hits=0),
    "rows by key": made(ADD + "op.execute(\"UPDATE orders SET note = 'x' WHERE id = 1\")", hits=0),
    "rows by a key of other rows": made(
        ADD + "op.execute(\"UPDATE orders SET note = v.n FROM (VALUES (1, 'a')) AS v (id, n) WHERE orders.id = v.id\")",
        hits=0,
    ),
    "batches of one transaction": made(
        ADD
        + """while True:
    done = op.get_bind().execute(sa.text(
        "UPDATE orders SET note = email WHERE id IN (SELECT id FROM orders WHERE note IS NULL LIMIT 1000)"
    ))
    if not done.rowcount:
        break
"""
    ),
    "batches that are transactions of their own": made(
        ADD
        + """with op.get_context().autocommit_block():
    while True:
        done = op.get_bind().execute(sa.text(
            "UPDATE orders SET note = email WHERE id IN (SELECT id FROM orders WHERE note IS NULL LIMIT 1000)"
        ))
        if not done.rowcount:
            break
""",
        env=PER,
        hits=0,
    ),
    "values": made(ADD + 'op.execute("INSERT INTO orders (id) VALUES (1), (2)")', hits=0),
    "rows of a new table": made(
        ADD + 'op.create_table("parts", sa.Column("id", sa.Integer()))\nop.execute("UPDATE parts SET id = 1")', hits=0
    ),
    "changes of new tables": made('op.create_table("parts", sa.Column("id", sa.Integer()))\n' + FILL, hits=0),
    "a change that blocks nobody": made("op.execute(\"COMMENT ON TABLE customers IS 'x'\")\n" + FILL, hits=0),
}
