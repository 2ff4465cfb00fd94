"""Cases of MG704."""

from migguard.rules.frame import Example

GIVEN = (
    "CREATE TABLE parents (id bigint PRIMARY KEY);"
    "CREATE TABLE orders (id bigint PRIMARY KEY, total int, state text, parent_id bigint, "
    "CONSTRAINT ck_total CHECK (total > 0));"
    "CREATE TABLE children (parent_id bigint CONSTRAINT fk_parent REFERENCES parents ON DELETE CASCADE)"
)
ADD = 'op.add_column("orders", sa.Column("code", sa.Text()))\n'


def made(code: str, hits: int = 1, **more: object) -> Example:
    return Example(code, **{"given": GIVEN, "hits": hits, **more})  # type: ignore[arg-type]


def sql(text: str, hits: int = 1, **more: object) -> Example:
    return made(f"op.execute({text!r})", hits, **more)


CASES: dict[str, Example] = {
    "a foreign key": made('op.create_foreign_key("fk", "orders", "parents", ["parent_id"], ["id"])'),
    "several actions of one statement": sql(
        "ALTER TABLE orders ADD CHECK (total < 9), ADD FOREIGN KEY (parent_id) REFERENCES parents", 2
    ),
    "validated in this deployment": sql(
        "ALTER TABLE orders VALIDATE CONSTRAINT ck",
        earlier=('op.create_check_constraint("ck", "orders", "total < 9", postgresql_not_valid=True)',),
    ),
    "validated after its release": sql(
        "ALTER TABLE orders VALIDATE CONSTRAINT ck",
        given=GIVEN + ";ALTER TABLE orders ADD CONSTRAINT ck CHECK (total < 9) NOT VALID",
    ),
    "a quoted and qualified name": Example(
        'op.create_check_constraint("Ck", "T", sa.text(\'"A" > 0\'), schema="s")',
        given='CREATE SCHEMA s;CREATE TABLE s."T" ("A" int)',
    ),
    "a new column that was filled": made(
        ADD
        + "op.execute(\"UPDATE orders SET code = 'x'\")\n"
        + 'op.create_check_constraint("ck", "orders", "code = \'y\'")'
    ),
    "a new key column that was filled": made(
        'op.add_column("orders", sa.Column("p", sa.BigInteger()))\nop.execute("UPDATE orders SET p = id")\n'
        'op.create_foreign_key("fk", "orders", "parents", ["p"], ["id"])'
    ),
    "a new column must have a value": made(ADD + 'op.create_check_constraint("ck", "orders", "code IS NOT NULL")'),
    "a stricter check instead": made(
        'op.drop_constraint("ck_total", "orders")\nop.create_check_constraint("ck", "orders", "total > 9")'
    ),
    "an older check that was not valid": made(
        'op.create_check_constraint("ck2", "orders", "total < 10")',
        given=GIVEN + ";ALTER TABLE orders ADD CONSTRAINT ck CHECK (total < 9) NOT VALID",
    ),
    "not valid": made(
        'op.create_foreign_key("fk", "orders", "parents", ["parent_id"], ["id"], postgresql_not_valid=True)', 0
    ),
    "not enforced": sql(
        "ALTER TABLE orders ADD CONSTRAINT ck CHECK (total < 9) NOT ENFORCED", 0, server="postgresql 18"
    ),
    "validated a second time": sql("ALTER TABLE orders VALIDATE CONSTRAINT ck_total", 0),
    "a looser check instead": made(
        'op.drop_constraint("ck_total", "orders")\nop.create_check_constraint("ck", "orders", "total >= 0")', 0
    ),
    "the same foreign key with another action": made(
        """
        op.drop_constraint("fk_parent", "children")
        op.create_foreign_key("fk_parent", "children", "parents", ["parent_id"], ["id"])
        """,
        0,
    ),
    "new columns": made(
        ADD
        + """op.create_check_constraint("ck", "orders", "code IN ('a', 'b')")
op.add_column("orders", sa.Column("p", sa.BigInteger(), sa.ForeignKey("parents.id", name="fk")))""",
        0,
    ),
    "a new column with a default": sql(
        "ALTER TABLE orders ADD COLUMN code text DEFAULT 'a' CHECK (code IN ('a', 'b'))", 0
    ),
    "a new flag next to an old column": made(
        ADD + 'op.create_check_constraint("ck", "orders", "code IS NULL OR state = code")', 0
    ),
    "values that are there": made(
        "op.execute(\"UPDATE orders SET state = '' WHERE state IS NULL\")\n"
        'op.create_check_constraint("ck", "orders", "state IS NOT NULL AND id IS NOT NULL")',
        0,
    ),
    "the table is emptied": made(
        'op.execute("DELETE FROM orders")\nop.create_check_constraint("ck", "orders", "total < 9")', 0
    ),
    "a table of this deployment": made(
        """
        op.create_table("notes", sa.Column("id", sa.BigInteger(), primary_key=True), sa.Column("a", sa.BigInteger()))
        op.create_check_constraint("ck", "notes", "a > 0")
        op.create_foreign_key("fk", "notes", "parents", ["a"], ["id"])
        """,
        0,
    ),
}
