"""Cases of MG511."""

from migguard.rules.frame import Example

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY, email text);CREATE INDEX ix_old ON orders (email)"
BLOCK = "with op.get_context().autocommit_block():\n"
BUILD = '    op.create_index("ix", "orders", ["email"], postgresql_concurrently=True)\n'


def sets(name: str, value: str) -> str:
    return f'    op.execute("SET {name} = {value}")\n'


def made(code: str, hits: int = 1, **more: object) -> Example:
    return Example(code, given=GIVEN, hits=hits, env=("transaction_per_migration",), **more)  # type: ignore[arg-type]


CASES: dict[str, Example] = {
    "a statement timeout": made(BLOCK + sets("statement_timeout", "'30s'") + BUILD),
    "both are one finding": made(BLOCK + sets("lock_timeout", "5000") + sets("statement_timeout", "'30s'") + BUILD),
    "a reindex": made(
        BLOCK + sets("lock_timeout", "'5s'") + '    op.execute("REINDEX INDEX CONCURRENTLY ix_old")', hits=1
    ),
    "set in an earlier revision of the session": made(
        BLOCK + BUILD, earlier=("op.execute(\"SET lock_timeout = '3s'\")",)
    ),
    "under a limit of the project's": made(
        BLOCK + sets("lock_timeout", "'2min'") + BUILD, settings='min_build_timeout = "5min"'
    ),
    "0 in the block": made(
        "op.execute(\"SET lock_timeout = '2s'\")\n" + BLOCK + sets("lock_timeout", "0") + BUILD, hits=0
    ),
    "a long one": made(BLOCK + sets("lock_timeout", "'1min'") + BUILD, hits=0),
    "set local ended with its transaction": made(
        "op.execute(\"SET LOCAL lock_timeout = '2s'\")\n" + BLOCK + BUILD, hits=0
    ),
    "no limit": made(BLOCK + BUILD, hits=0),
    "a plain build": made(
        "op.execute(\"SET lock_timeout = '2s'\")\nop.create_index('ix', 'orders', ['email'])", hits=0
    ),
    "a table of this deployment": made(
        BLOCK + sets("lock_timeout", "'2s'") + '    op.create_index("ix", "new", ["id"], postgresql_concurrently=True)',
        earlier=('op.create_table("new", sa.Column("id", sa.Integer()))',),
        hits=0,
    ),
}
