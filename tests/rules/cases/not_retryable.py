"""Cases of MG509."""

from migguard.rules.frame import Example

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY, email text, code text)"
MYSQL = "CREATE TABLE orders (id int NOT NULL PRIMARY KEY, email varchar(60), code varchar(20))"
ADD = 'op.add_column("orders", sa.Column("phone", sa.Text()))\n'
SHORT = 'op.add_column("orders", sa.Column("phone", sa.String(20)))\n'
BLOCK = "with op.get_context().autocommit_block():\n"
BUILD = '    op.create_index("ix", "orders", ["email"], postgresql_concurrently=True)\n'
PER = ("transaction_per_migration",)


def made(code: str, hits: int = 1, **more: object) -> Example:
    return Example(code, given=GIVEN, hits=hits, env=PER, **more)  # type: ignore[arg-type]


def mysql(code: str, hits: int = 1, **more: object) -> Example:
    more.setdefault("server", "mysql 8.4")
    more.setdefault("given", MYSQL)
    return Example(code, hits=hits, **more)  # type: ignore[arg-type]


CASES: dict[str, Example] = {
    "two concurrent builds in one block": made(
        BLOCK + BUILD + '    op.create_index("ix2", "orders", ["code"], postgresql_concurrently=True)\n'
    ),
    "a new table before a block": made('op.create_table("parts", sa.Column("id", sa.Integer()))\n' + BLOCK + BUILD),
    "a drop before a block": made('op.drop_column("orders", "code")\n' + BLOCK + BUILD),
    "a batched backfill in autocommit": made(
        ADD + BLOCK + "    op.execute(\"UPDATE orders SET phone = '' WHERE id BETWEEN 1 AND 1000\")"
    ),
    "a condition on something else": made("if sa.__version__:\n    " + ADD + BLOCK + BUILD),
    "a concurrent drop before a build": made(
        BLOCK + '    op.drop_index("ix_code", "orders", postgresql_concurrently=True)\n' + BUILD,
        released=('op.create_index("ix_code", "orders", ["code"])',),
    ),
    "one concurrent build": made(BLOCK + BUILD, hits=0),
    "if not exists": made(
        'op.add_column("orders", sa.Column("phone", sa.Text()), if_not_exists=True)\n' + BLOCK + BUILD, hits=0
    ),
    "dropped before it is built": made(
        BLOCK
        + "".join(
            f'    op.drop_index("ix_{c}", "orders", if_exists=True, postgresql_concurrently=True)\n'
            f'    op.create_index("ix_{c}", "orders", ["{c}"], postgresql_concurrently=True)\n'
            for c in ("email", "code")
        ),
        hits=0,
    ),
    "a question to the schema": made(
        """
columns = {c["name"] for c in sa.inspect(op.get_bind()).get_columns("orders")}
if "phone" not in columns:
    op.add_column("orders", sa.Column("phone", sa.Text()))
"""
        + BLOCK
        + BUILD,
        hits=0,
    ),
    "a helper that asks the schema": made(
        f"""
def has(column):
    return column in [c["name"] for c in sa.inspect(op.get_bind()).get_columns("orders")]

def add(column):
    if has(column.name):
        return
    op.add_column("orders", column)

def upgrade():
    add(sa.Column("phone", sa.Text()))
    {BLOCK.strip()}
    {BUILD}
def downgrade():
    pass
""",
        hits=0,
    ),
    "changes that can be made twice": made(
        'op.alter_column("orders", "code", existing_type=sa.Text(), server_default="x")\n' + BLOCK + BUILD, hits=0
    ),
    "a block that guards itself": made(
        '''
op.execute("""
DO $$ BEGIN
    IF NOT EXISTS (SELECT 1 FROM information_schema.columns WHERE table_name = 'orders' AND column_name = 'phone') THEN
        ALTER TABLE orders ADD COLUMN phone text;
    END IF;
END $$
""")
'''
        + BLOCK
        + BUILD,
        hits=0,
    ),
    "a schema change after the block": made(BLOCK + BUILD + ADD, hits=0),
    "settings and questions in autocommit": made(ADD + BLOCK + '    op.execute("SET lock_timeout = 0")', hits=0),
    "no block at all": made(ADD + 'op.drop_column("orders", "code")', hits=0),
    "in another revision": made(BLOCK + BUILD, earlier=(ADD,), hits=0),
    "MySQL: two changes": mysql(SHORT + 'op.drop_column("orders", "code")'),
    "MySQL: a new table and a change": mysql('op.create_table("parts", sa.Column("id", sa.Integer()))\n' + SHORT),
    "MySQL: one change": mysql(SHORT, hits=0),
    "MySQL: new tables only": mysql(
        """
        op.create_table("parts", sa.Column("id", sa.Integer()), sa.Column("code", sa.String(9)))
        op.create_index("ix_code", "parts", ["code"])
        """,
        hits=0,
    ),
    "MySQL: a batch block is one": mysql(
        """
        with op.batch_alter_table("orders") as batch:
            batch.add_column(sa.Column("phone", sa.String(20)))
            batch.drop_column("code")
        """,
        hits=0,
    ),
    "MySQL: a change and rows": mysql(SHORT + "op.execute(\"UPDATE orders SET phone = '' WHERE id = 1\")", hits=0),
    "MySQL: changes that can be made twice": mysql(
        """
        op.execute("ALTER TABLE orders MODIFY code varchar(30)")
        op.execute("ALTER TABLE orders MODIFY email varchar(90)")
        """,
        hits=0,
    ),
    "MariaDB: if not exists": mysql(
        """
        op.execute("ALTER TABLE orders ADD COLUMN IF NOT EXISTS phone varchar(20)")
        op.execute("CREATE INDEX IF NOT EXISTS ix_phone ON orders (phone)")
        """,
        server="mariadb 10.11",
        hits=0,
    ),
    "SQLite: two batch blocks": mysql(
        """
        with op.batch_alter_table("orders") as batch:
            batch.alter_column("code", existing_type=sa.String(20), nullable=False)
        with op.batch_alter_table("orders") as batch:
            batch.add_column(sa.Column("phone", sa.String(20)))
        op.add_column("orders", sa.Column("fax", sa.String(20)))
        """,
        server="sqlite",
    ),
    "SQLite: one batch block": mysql(
        """
        with op.batch_alter_table("orders") as batch:
            batch.alter_column("code", existing_type=sa.String(20), nullable=False)
            batch.add_column(sa.Column("phone", sa.String(20)))
        """,
        server="sqlite",
        hits=0,
    ),
}
