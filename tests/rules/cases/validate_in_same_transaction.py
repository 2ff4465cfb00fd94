"""Cases of MG502."""

from migguard.rules.frame import Example

GIVEN = (
    'CREATE SCHEMA s;CREATE TABLE s."Orders" (id bigint, total int);'
    "CREATE TABLE customers (id bigint PRIMARY KEY);CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint)"
)
ADD = 'op.create_check_constraint("ck", "orders", "id > 0", postgresql_not_valid=True)\n'
VALIDATE = 'op.execute("ALTER TABLE orders VALIDATE CONSTRAINT ck")\n'


def made(code: str, hits: int = 1, **more: object) -> Example:
    return Example(code, given=GIVEN, hits=hits, **more)  # type: ignore[arg-type]


CASES: dict[str, Example] = {
    "in one revision": made(ADD + VALIDATE),
    "in one revision, per migration": made(ADD + VALIDATE, env=("transaction_per_migration",)),
    "in one text": made(
        'op.execute("ALTER TABLE orders ADD CONSTRAINT ck CHECK (id > 0) NOT VALID; '
        'ALTER TABLE orders VALIDATE CONSTRAINT ck")'
    ),
    "a quoted and qualified table": made(
        """
        op.create_check_constraint("Ck", "Orders", "total > 0", schema="s", postgresql_not_valid=True)
        op.execute('ALTER TABLE s."Orders" VALIDATE CONSTRAINT "Ck"')
        """
    ),
    "renamed in between": made(
        ADD + 'op.rename_table("orders", "purchases")\nop.execute("ALTER TABLE purchases VALIDATE CONSTRAINT ck")'
    ),
    "under a name that the server chose": made(
        """
        op.execute("ALTER TABLE orders ADD CHECK (id > 0) NOT VALID")
        op.execute("ALTER TABLE orders VALIDATE CONSTRAINT orders_id_check")
        """
    ),
    "in a loop": made(
        """
        for table in ("orders", "customers"):
            op.execute(f"ALTER TABLE {table} ADD CONSTRAINT ck_{table} CHECK (id > 0) NOT VALID")
            op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT ck_{table}")
        """,
        hits=2,
    ),
    "validated in an autocommit block": made(
        ADD + "with op.get_context().autocommit_block():\n    " + VALIDATE, hits=0, env=("transaction_per_migration",)
    ),
    "added in an earlier deployment": made(VALIDATE, released=(ADD,), hits=0),
    "in another transaction of the deployment": made(
        VALIDATE, earlier=(ADD,), env=("transaction_per_migration",), hits=0
    ),
    "another constraint": made(
        ADD + 'op.execute("ALTER TABLE orders VALIDATE CONSTRAINT old")',
        released=('op.create_check_constraint("old", "orders", "id > 1", postgresql_not_valid=True)',),
        hits=0,
    ),
    "on a table of this deployment": made(
        """
        op.create_table("parts", sa.Column("id", sa.BigInteger()))
        op.create_check_constraint("ck", "parts", "id > 0", postgresql_not_valid=True)
        op.execute("ALTER TABLE parts VALIDATE CONSTRAINT ck")
        """,
        hits=0,
    ),
    "only added": made(ADD, hits=0),
}
