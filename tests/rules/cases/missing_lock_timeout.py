"""Cases of MG505."""

from migguard.rules.frame import Example

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY, email text)"
ADD = 'op.add_column("orders", sa.Column("note", sa.Text()))\n'
PER = ("transaction_per_migration",)


def made(code: str, hits: int = 1, **more: object) -> Example:
    return Example(code, given=GIVEN, hits=hits, **more)  # type: ignore[arg-type]


CASES: dict[str, Example] = {
    "each revision that waits": made(ADD, earlier=('op.drop_column("orders", "email")',), env=PER, hits=2),
    "a lock that the transaction holds": made(ADD, earlier=('op.drop_column("orders", "email")',), hits=1),
    "a plain index": made('op.create_index("ix", "orders", ["email"])'),
    "a statement timeout is none": made("op.execute(\"SET statement_timeout = '5s'\")\n" + ADD),
    "a timeout of a released revision is gone": made(ADD, released=("op.execute(\"SET lock_timeout = '5s'\")",)),
    "a timeout that was rolled back to a savepoint": made(
        "nested = op.get_bind().begin_nested()\nop.execute(\"SET lock_timeout = '2s'\")\nnested.rollback()\n" + ADD,
    ),
    "set local": made("op.execute(\"SET LOCAL lock_timeout = '2s'\")\n" + ADD, hits=0),
    "set config": made("op.execute(\"SELECT set_config('lock_timeout', '2s', true)\")\n" + ADD, hits=0),
    "set config of several": made(
        "op.execute(\"SELECT set_config('statement_timeout', '9s', true), set_config('lock_timeout', '2s', true)\")\n"
        + ADD,
        hits=0,
    ),
    "set for the session, in an earlier revision": made(
        ADD, earlier=("op.execute(\"SET lock_timeout = '2s'\")",), env=PER, hits=0
    ),
    "milliseconds": made('op.execute("SET lock_timeout TO 2000")\n' + ADD, hits=0),
    "the database's own": made(ADD, released=("op.execute(\"ALTER DATABASE app SET lock_timeout = '5s'\")",), hits=0),
    "every role's own": made(ADD, released=("op.execute(\"ALTER ROLE ALL SET lock_timeout = '5s'\")",), hits=0),
    "another role's own": made(ADD, released=("op.execute(\"ALTER ROLE app SET lock_timeout = '5s'\")",), runs=False),
    "the database's own is for the next session": made(
        "op.execute(\"ALTER DATABASE app SET lock_timeout = '5s'\")\n" + ADD, runs=False
    ),
    "set elsewhere": made(ADD, settings="lock_timeout_set_elsewhere = true", hits=0),
    "nowait": made('op.execute("LOCK TABLE orders IN ACCESS EXCLUSIVE MODE NOWAIT")\n' + ADD, hits=0),
    "a concurrent build": made(
        "with op.get_context().autocommit_block():\n"
        '    op.create_index("ix", "orders", ["email"], postgresql_concurrently=True)',
        hits=0,
    ),
    "a table of this deployment": made(
        'op.create_table("parts", sa.Column("id", sa.Integer()))\nop.add_column("parts", sa.Column("n", sa.Integer()))',
        hits=0,
    ),
    "rows": made("op.execute(\"UPDATE orders SET email = '' WHERE id = 1\")", hits=0),
    "a limit that is set to 0 is another rule's": made('op.execute("SET lock_timeout = 0")\n' + ADD, hits=0),
}
