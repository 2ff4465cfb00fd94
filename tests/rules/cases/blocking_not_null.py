"""Cases of MG405."""

from migguard.rules.frame import Example

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY, email text, code text, total int)"
SET = 'op.alter_column("orders", "email", existing_type=sa.Text(), nullable=False)'
CHECK = "ALTER TABLE orders ADD CONSTRAINT ck_email CHECK ({}) {}"
PARTS = (
    "CREATE TABLE events (kind text, at date NOT NULL) PARTITION BY RANGE (at);"
    "CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')"
)


def sql(*texts: str, **more: object) -> Example:
    code = "\n".join(f"op.execute({t!r})" for t in texts)
    return Example(code, **{"given": GIVEN, **more})  # type: ignore[arg-type]


def proven(condition: str, state: str = "", **more: object) -> Example:
    return Example(SET, **{"given": f"{GIVEN};{CHECK.format(condition, state)}", "hits": 0, **more})  # type: ignore[arg-type]


CASES: dict[str, Example] = {
    "raw sql": sql("ALTER TABLE orders ALTER COLUMN email SET NOT NULL"),
    "in batch mode": Example(
        'with op.batch_alter_table("orders") as batch:\n    batch.alter_column("email", nullable=False)', given=GIVEN
    ),
    "through a helper": Example(
        """
        def upgrade():
            for column in ("email", "code"):
                required("orders", column)

        def required(table, column):
            op.alter_column(table, column, nullable=False)

        def downgrade():
            pass
        """,
        given=GIVEN,
        hits=2,
    ),
    "a quoted and qualified name": Example(
        'op.alter_column("Order", "Code", nullable=False, schema="shop")',
        given='CREATE SCHEMA shop;CREATE TABLE shop."Order" (id int PRIMARY KEY, "Code" text)',
    ),
    "a partitioned table": sql("ALTER TABLE events ALTER COLUMN kind SET NOT NULL", given=PARTS),
    "a table with an inheriting one": sql(
        "ALTER TABLE parents ALTER COLUMN n SET NOT NULL",
        given="CREATE TABLE parents (n int);CREATE TABLE children () INHERITS (parents)",
    ),
    "a new column of an existing table": Example(
        """
        op.add_column("orders", sa.Column("note", sa.Text()))
        op.alter_column("orders", "note", nullable=False)
        """,
        given=GIVEN,
    ),
    "a column that is so already": sql("ALTER TABLE orders ALTER COLUMN id SET NOT NULL", hits=0),
    "a column that is stated to be so already": Example(
        'op.alter_column("old", "a", existing_nullable=False, nullable=False)', released=("pass",), hits=0, runs=False
    ),
    "a column of an unknown table of which nothing is stated": Example(
        'op.alter_column("old", "a", nullable=False)', released=("pass",), runs=False
    ),
    "drop not null": sql("ALTER TABLE orders ALTER COLUMN email DROP NOT NULL", hits=0),
    "a released check proves it": proven("email IS NOT NULL"),
    "a released check among others proves it": proven("email IS NOT NULL AND total > 0"),
    "a released check of another column does not": proven("code IS NOT NULL", hits=1),
    "a released check with or does not": proven("email IS NOT NULL OR total > 0", hits=1),
    "a check that is not validated does not": proven("email IS NOT NULL", "NOT VALID", hits=1),
    "a check proves nothing before 12": proven("email IS NOT NULL", hits=1, server="postgresql 11"),
    "a check validated in an earlier released revision": Example(
        SET,
        given=GIVEN,
        released=(
            'op.create_check_constraint("ck_email", "orders", "email IS NOT NULL", postgresql_not_valid=True)',
            'op.execute("ALTER TABLE orders VALIDATE CONSTRAINT ck_email")',
        ),
        hits=0,
    ),
    "a check validated in an earlier new revision": Example(
        SET,
        given=GIVEN,
        earlier=(
            'op.create_check_constraint("ck_email", "orders", "email IS NOT NULL", postgresql_not_valid=True)',
            'op.execute("ALTER TABLE orders VALIDATE CONSTRAINT ck_email")',
        ),
        env=("transaction_per_migration",),
        hits=0,
    ),
    "a check that was dropped again does not": Example(
        SET,
        given=f"{GIVEN};{CHECK.format('email IS NOT NULL', '')}",
        earlier=('op.drop_constraint("ck_email", "orders", type_="check")',),
    ),
    "beside a rewrite": sql(
        "ALTER TABLE orders ALTER COLUMN total TYPE bigint, ALTER COLUMN total SET NOT NULL", hits=0
    ),
    "not valid": sql(
        "ALTER TABLE orders ADD CONSTRAINT nn_email NOT NULL email NOT VALID", server="postgresql 18", hits=0
    ),
    "not valid, then validated": Example(
        """
        op.execute("ALTER TABLE orders VALIDATE CONSTRAINT nn_email")
        """,
        given=GIVEN,
        earlier=('op.execute("ALTER TABLE orders ADD CONSTRAINT nn_email NOT NULL email NOT VALID")',),
        env=("transaction_per_migration",),
        server="postgresql 18",
        hits=0,
    ),
    "a constraint of its own": sql("ALTER TABLE orders ADD CONSTRAINT nn_email NOT NULL email", server="postgresql 18"),
    "a table of this deployment": Example(
        'op.alter_column("notes", "text", nullable=False)',
        given=GIVEN,
        earlier=('op.create_table("notes", sa.Column("text", sa.Text()))',),
        hits=0,
    ),
}
