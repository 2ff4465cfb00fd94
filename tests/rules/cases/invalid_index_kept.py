"""Cases of MG510."""

from migguard.rules.frame import Example

GIVEN = 'CREATE SCHEMA s;CREATE TABLE s."T" (a int);CREATE TABLE orders (id bigint PRIMARY KEY, email text)'
BLOCK = "with op.get_context().autocommit_block():\n"
BUILD = '    op.execute("CREATE INDEX CONCURRENTLY IF NOT EXISTS ix ON orders (email)")\n'


def made(code: str, hits: int = 1, **more: object) -> Example:
    return Example(BLOCK + code, given=GIVEN, hits=hits, env=("transaction_per_migration",), **more)  # type: ignore[arg-type]


def mending(name: str) -> str:
    """A revision that builds an index again if the server says that it is invalid."""
    return f"""    index = op.get_bind().exec_driver_sql(
        "SELECT format('%I.%I', n.nspname, c.relname), i.indisvalid FROM pg_index i "
        "JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE c.relname = '{name}'"
    ).first()
    if index is not None and not index[1]:
        op.execute(f"REINDEX INDEX CONCURRENTLY {{index[0]}}")
"""


CASES: dict[str, Example] = {
    "in sql": made(BUILD),
    "a unique index": made('    op.execute("CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS ux ON orders (email)")'),
    "a quoted and qualified table": made(
        "    op.execute('CREATE INDEX CONCURRENTLY IF NOT EXISTS ix_t ON s.\"T\" (a)')"
    ),
    "another index is dropped before": made('    op.execute("DROP INDEX CONCURRENTLY IF EXISTS old")\n' + BUILD),
    "dropped after it": made(BUILD + '    op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix")\n'),
    "dropped before it": made('    op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix")\n' + BUILD, hits=0),
    "dropped before it, while it is invalid": made(
        '''
    op.execute("""
    DO $$ BEGIN
        IF EXISTS (SELECT 1 FROM pg_index WHERE indexrelid = to_regclass('ix') AND NOT indisvalid) THEN
            DROP INDEX ix;
        END IF;
    END $$
    """)
'''
        + BUILD,
        hits=0,
    ),
    "dropped if a query says that it is invalid": made(
        """    invalid = op.get_bind().exec_driver_sql(
        "SELECT 1 FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE c.relname = 'ix' AND NOT i.indisvalid"
    ).scalar()
    if invalid:
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix")
"""
        + BUILD,
        hits=0,
    ),
    "reindexed if a query says that it is invalid": made(
        """    query = (
        "SELECT i.indisvalid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE c.relname = 'ix'"
    )
    index = op.get_bind().exec_driver_sql(query).first()
    if index is None:
        op.execute("CREATE INDEX CONCURRENTLY IF NOT EXISTS ix ON orders (email)")
    elif not index[0]:
        op.execute("REINDEX INDEX CONCURRENTLY ix")
""",
        hits=0,
    ),
    "a later revision reindexes it where it is invalid": made(mending("ix"), earlier=(BLOCK + BUILD,), hits=0),
    "a later revision reindexes another": made(mending("ux"), earlier=(BLOCK + BUILD,)),
    "a later revision only asks": made(
        mending("ix").replace("REINDEX INDEX CONCURRENTLY", "SELECT * FROM"), earlier=(BLOCK + BUILD,)
    ),
    "another is dropped under a condition": made(
        """    if op.get_bind().exec_driver_sql("SELECT 1 FROM pg_class WHERE relname = 'other'").scalar():
        op.drop_index("other", "orders", postgresql_concurrently=True)
"""
        + BUILD
    ),
    "without if not exists": made('    op.execute("CREATE INDEX CONCURRENTLY ix ON orders (email)")', hits=0),
    "not concurrent": made('    op.execute("CREATE INDEX IF NOT EXISTS ix ON orders (email)")', hits=0),
    "a table of this deployment": made(
        '    op.execute("CREATE INDEX CONCURRENTLY IF NOT EXISTS ix ON parts (id)")',
        earlier=('op.create_table("parts", sa.Column("id", sa.Integer()))',),
        hits=0,
    ),
}
