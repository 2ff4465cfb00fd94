"""Cases of MG403."""

from migguard.rules.frame import Example

GIVEN = (
    "CREATE TABLE customers (id bigint PRIMARY KEY, parent_id bigint);"
    "CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint)"
)
PARTS = (
    "CREATE TABLE customers (id bigint PRIMARY KEY);"
    "CREATE TABLE events (customer_id bigint, at date NOT NULL) PARTITION BY RANGE (at);"
    "CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')"
)
ADD = "ALTER TABLE orders ADD CONSTRAINT fk_customer FOREIGN KEY (customer_id) REFERENCES customers"


def sql(*texts: str, **more: object) -> Example:
    code = "\n".join(f"op.execute({t!r})" for t in texts)
    return Example(code, **{"given": GIVEN, **more})  # type: ignore[arg-type]


CASES: dict[str, Example] = {
    "raw sql without the referenced columns": sql(ADD),
    "everything that a foreign key can have": sql(
        f"{ADD} (id) MATCH FULL ON UPDATE CASCADE ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED"
    ),
    "no name": sql("ALTER TABLE orders ADD FOREIGN KEY (customer_id) REFERENCES customers ON DELETE CASCADE"),
    "a table that refers to itself": Example(
        'op.create_foreign_key("fk_parent", "customers", "customers", ["parent_id"], ["id"])', given=GIVEN
    ),
    "quoted and qualified names": Example(
        """
        op.create_foreign_key(
            "fk_Customer", "Order", "Customer", ["CustomerId"], ["Id"], source_schema="shop", referent_schema="crm",
            ondelete="CASCADE",
        )
        """,
        given='CREATE SCHEMA shop;CREATE SCHEMA crm;CREATE TABLE crm."Customer" ("Id" bigint PRIMARY KEY);'
        'CREATE TABLE shop."Order" (id bigint PRIMARY KEY, "CustomerId" bigint)',
    ),
    "a partitioned table": Example(
        'op.create_foreign_key("fk_customer", "events", "customers", ["customer_id"], ["id"])',
        given=PARTS,
        server="postgresql 16",
    ),
    "in batch mode": Example(
        """
        with op.batch_alter_table("orders") as batch:
            batch.create_foreign_key("fk_customer", "customers", ["customer_id"], ["id"])
        """,
        given=GIVEN,
    ),
    "on a new column with a default": sql(
        "ALTER TABLE orders ADD COLUMN owner_id bigint DEFAULT 1 CONSTRAINT fk_owner REFERENCES customers (id)"
    ),
    "on a new column that is null": sql("ALTER TABLE orders ADD COLUMN owner_id bigint REFERENCES customers", hits=0),
    "on a new column that is null, which alembic adds in a statement of its own": Example(
        'op.add_column("orders", sa.Column("owner_id", sa.BigInteger(), sa.ForeignKey("customers.id")))', given=GIVEN
    ),
    "on a new column, in a statement of its own": Example(
        """
        op.add_column("orders", sa.Column("owner_id", sa.BigInteger()))
        op.create_foreign_key("fk_owner", "orders", "customers", ["owner_id"], ["id"])
        """,
        given=GIVEN,
    ),
    "not valid": Example(
        'op.create_foreign_key("fk", "orders", "customers", ["customer_id"], ["id"], postgresql_not_valid=True)',
        given=GIVEN,
        hits=0,
    ),
    "validated in an earlier released revision's place": Example(
        'op.execute("ALTER TABLE orders VALIDATE CONSTRAINT fk")',
        given=GIVEN,
        released=(
            'op.create_foreign_key("fk", "orders", "customers", ["customer_id"], ["id"], postgresql_not_valid=True)',
        ),
        hits=0,
    ),
    "a referencing table of this deployment": Example(
        'op.create_foreign_key("fk", "notes", "customers", ["customer_id"], ["id"])',
        given=GIVEN,
        earlier=('op.create_table("notes", sa.Column("customer_id", sa.BigInteger()))',),
        hits=0,
    ),
    "to a table of this deployment": Example(
        'op.create_foreign_key("fk", "orders", "regions", ["customer_id"], ["id"])',
        given=GIVEN,
        earlier=('op.create_table("regions", sa.Column("id", sa.BigInteger(), primary_key=True))',),
    ),
    "on a new column that is null, of a table that nobody made": sql(
        "ALTER TABLE visits ADD COLUMN owner_id bigint REFERENCES customers", hits=0, given="", runs=False
    ),
    "on a column that may have been there, of a table that nobody made": sql(
        "ALTER TABLE visits ADD COLUMN IF NOT EXISTS owner_id bigint, ADD FOREIGN KEY (owner_id) REFERENCES customers",
        given="",
        runs=False,
    ),
}
