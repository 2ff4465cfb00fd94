"""Cases of MG417."""

from migguard.rules.frame import Example

GIVEN = (
    "CREATE TABLE customers (id bigint PRIMARY KEY, code text);"
    "CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint CONSTRAINT fk_customer REFERENCES customers)"
)
PER = ("transaction_per_migration",)


def sql(*texts: str, **more: object) -> Example:
    code = "\n".join(f"op.execute({t!r})" for t in texts)
    return Example(code, **{"given": GIVEN, **more})  # type: ignore[arg-type]


CASES: dict[str, Example] = {
    "a foreign key that is dropped": Example('op.drop_constraint("fk_customer", "orders")', given=GIVEN),
    "a child that is dropped": Example('op.drop_table("orders")', given=GIVEN),
    "a column of a foreign key that is dropped": Example('op.drop_column("orders", "customer_id")', given=GIVEN),
    "a foreign key that is not validated": sql(
        "ALTER TABLE customers ADD CONSTRAINT fk_order FOREIGN KEY (id) REFERENCES orders NOT VALID"
    ),
    "a foreign key of a new table, added after it": Example(
        """
        op.create_table("notes", sa.Column("customer_id", sa.BigInteger()))
        op.create_foreign_key("fk", "notes", "customers", ["customer_id"], ["id"])
        """,
        given=GIVEN,
    ),
    "truncate cascade": sql("TRUNCATE customers CASCADE"),
    "a type that the foreign key rests on": sql("ALTER TABLE customers ALTER COLUMN id TYPE int"),
    "a function that a default calls": sql(
        "DROP FUNCTION code() CASCADE",
        given=GIVEN + ";CREATE FUNCTION code() RETURNS text LANGUAGE sql AS 'SELECT 1::text';"
        "ALTER TABLE customers ALTER COLUMN code SET DEFAULT code()",
    ),
    "the columns of a type that is dropped": sql(
        "DROP TYPE mood CASCADE",
        given=GIVEN + ";CREATE TYPE mood AS ENUM ('a');ALTER TABLE customers ADD COLUMN mood mood",
    ),
    "a foreign key that is validated is told as such": sql(
        "ALTER TABLE customers ADD CONSTRAINT fk_order FOREIGN KEY (id) REFERENCES orders", hits=0
    ),
    "both tables are named": sql("DROP TABLE customers, orders", hits=0),
    "the referenced table is dropped as well": Example(
        'op.drop_constraint("fk_customer", "orders")\nop.drop_table("customers")', given=GIVEN, hits=0
    ),
    "the referenced table is dropped by a later revision of the transaction": Example(
        'op.drop_table("customers")', given=GIVEN, earlier=('op.drop_table("orders")',), hits=0
    ),
    "the referenced table is dropped by a later revision, in another transaction": Example(
        'op.drop_table("customers")', given=GIVEN, earlier=('op.drop_table("orders")',), env=PER
    ),
    "another table is dropped as well": Example(
        'op.drop_constraint("fk_customer", "orders")\nop.drop_table("parts")',
        given=GIVEN + ";CREATE TABLE parts (id bigint)",
    ),
    "the same call makes the foreign key again, which reads the rows": Example(
        """
        with op.batch_alter_table("orders") as batch:
            batch.drop_constraint("fk_customer", type_="foreignkey")
            batch.create_foreign_key("fk_customer", "customers", ["customer_id"], ["id"], ondelete="CASCADE")
        """,
        given=GIVEN,
        hits=0,
    ),
    "the same call makes it again without a look at the rows": Example(
        """
        with op.batch_alter_table("orders") as batch:
            batch.drop_constraint("fk_customer", type_="foreignkey")
            batch.create_foreign_key(
                "fk_customer", "customers", ["customer_id"], ["id"], ondelete="CASCADE", postgresql_not_valid=True
            )
        """,
        given=GIVEN,
    ),
    "the same call makes one to another table": Example(
        """
        with op.batch_alter_table("orders") as batch:
            batch.drop_constraint("fk_customer", type_="foreignkey")
            batch.create_foreign_key("fk_part", "parts", ["customer_id"], ["id"])
        """,
        given=GIVEN + ";CREATE TABLE parts (id bigint PRIMARY KEY)",
    ),
    "a table that refers to itself": sql(
        "ALTER TABLE customers ADD CONSTRAINT fk FOREIGN KEY (id) REFERENCES customers NOT VALID", hits=0
    ),
    "to a table of this deployment": Example(
        'op.create_table("notes", sa.Column("id", sa.Integer(), sa.ForeignKey("regions.id")))',
        given=GIVEN,
        earlier=('op.create_table("regions", sa.Column("id", sa.Integer(), primary_key=True))',),
        hits=0,
    ),
    "one that the transaction has locked as much already": Example(
        'op.add_column("customers", sa.Column("a", sa.Text()))\nop.drop_constraint("fk_customer", "orders")',
        given=GIVEN,
        hits=0,
    ),
    "a view that reads": sql("CREATE VIEW codes AS SELECT code FROM customers", hits=0),
}
