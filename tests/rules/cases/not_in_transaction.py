"""Cases of MG501."""

from migguard.rules.frame import Example

GIVEN = (
    "CREATE TABLE orders (id bigint PRIMARY KEY, email text);CREATE INDEX ix_old ON orders (email);"
    "CREATE MATERIALIZED VIEW totals AS SELECT id FROM orders;CREATE UNIQUE INDEX ux_totals ON totals (id);"
    "CREATE TYPE state AS ENUM ('open');"
    "CREATE TABLE events (id bigint, at date) PARTITION BY RANGE (at);"
    "CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')"
)
BLOCK = "with op.get_context().autocommit_block():\n    "


def made(code: str, hits: int = 1, **more: object) -> Example:
    return Example(code, given=GIVEN, hits=hits, **more)  # type: ignore[arg-type]


CASES: dict[str, Example] = {
    "a concurrent drop": made('op.drop_index("ix_old", table_name="orders", postgresql_concurrently=True)', runs=False),
    "a concurrent reindex": made('op.execute("REINDEX INDEX CONCURRENTLY ix_old")', runs=False),
    "a concurrent detach": made(
        'op.execute("ALTER TABLE events DETACH PARTITION events_2024 CONCURRENTLY")', runs=False
    ),
    "vacuum": made('op.execute("VACUUM orders")', runs=False),
    "a new database": made('op.execute("CREATE DATABASE other")', runs=False),
    "alter system": made("op.execute(\"ALTER SYSTEM SET work_mem = '8MB'\")", runs=False),
    "a helper": made(
        """
def build(name):
    op.create_index(f"ix_{name}", "orders", [name], postgresql_concurrently=True)

def upgrade():
    build("email")

def downgrade():
    pass
""",
        runs=False,
    ),
    "after the block has ended": made(
        """
with op.get_context().autocommit_block():
    op.create_index("ix_a", "orders", ["email"], postgresql_concurrently=True)
op.create_index("ix_b", "orders", ["email"], postgresql_concurrently=True)
""",
        runs=False,
    ),
    "several statements of one text are a transaction": made(
        BLOCK + 'op.execute("SET lock_timeout = 0; CREATE INDEX CONCURRENTLY ix_a ON orders (email)")', runs=False
    ),
    "between a begin and a commit in autocommit": made(
        """
with op.get_context().autocommit_block():
    op.execute("BEGIN")
    op.execute("CREATE INDEX CONCURRENTLY ix_a ON orders (email)")
    op.execute("COMMIT")
""",
        runs=False,
    ),
    "after a commit in sql, where the driver asks the server": made(
        """
op.execute("COMMIT")
op.execute("CREATE INDEX CONCURRENTLY ix_a ON orders (email)")
""",
        runs=False,
    ),
    "a partitioned parent, also in autocommit": made(
        BLOCK + 'op.create_index("ix_at", "events", ["at"], postgresql_concurrently=True)', runs=False
    ),
    "an enum value before 12": made(
        "op.execute(\"ALTER TYPE state ADD VALUE 'closed'\")", server="postgresql 11", runs=False
    ),
    "an enum value since 12": made("op.execute(\"ALTER TYPE state ADD VALUE 'closed'\")", hits=0),
    "vacuum in autocommit": made(BLOCK + 'op.execute("VACUUM ANALYZE orders")', hits=0),
    "analyze alone": made('op.execute("ANALYZE orders")', hits=0),
    "a concurrent refresh": made('op.execute("REFRESH MATERIALIZED VIEW CONCURRENTLY totals")', hits=0),
    "a plain index": made('op.create_index("ix_a", "orders", ["email"])', hits=0),
    "a revision that shares its transaction": made(
        'op.create_index("ix_b", "orders", ["email"], postgresql_concurrently=True)',
        earlier=(BLOCK + 'op.create_index("ix_a", "orders", ["email"], postgresql_concurrently=True)',),
        runs=False,
    ),
}
