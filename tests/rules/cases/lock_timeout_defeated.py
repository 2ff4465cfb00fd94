"""Cases of MG506."""

from migguard.rules.frame import Example

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY, email text);CREATE TABLE parts (id bigint PRIMARY KEY)"
ADD = 'op.add_column("orders", sa.Column("note", sa.Text()))\n'
PART = 'op.add_column("parts", sa.Column("note", sa.Text()))\n'
BUILD = '    op.create_index("ix", "orders", ["email"], postgresql_concurrently=True)\n'
BLOCK = "with op.get_context().autocommit_block():\n"
ELSEWHERE = "lock_timeout_set_elsewhere = true"
PER = ("transaction_per_migration",)


def sets(value: str, scope: str = "") -> str:
    return f'op.execute("SET {scope}lock_timeout = {value}")\n'


def made(code: str, hits: int = 1, **more: object) -> Example:
    return Example(code, given=GIVEN, hits=hits, **more)  # type: ignore[arg-type]


CASES: dict[str, Example] = {
    "0, also where the server sets one": made(sets("0") + ADD, settings=ELSEWHERE),
    "0 as text": made(sets("'0'", "LOCAL ") + ADD),
    "0 for two statements is one finding": made(sets("0") + ADD + PART),
    "0 for a later revision is the earlier one's": made(ADD, earlier=(sets("0") + PART,), env=PER),
    "above the maximum": made(sets("'1min'") + ADD),
    "above the maximum in milliseconds": made(sets("60000") + ADD),
    "above a maximum of the project's": made(sets("'5s'") + ADD, settings='max_lock_timeout = "2s"'),
    "set local in another transaction": made(
        sets("'2s'", "LOCAL ") + BLOCK + "    op.execute('ANALYZE orders')\n" + ADD, env=PER
    ),
    "set local in another transaction, where the server sets one": made(
        sets("'2s'", "LOCAL ") + BLOCK + "    op.execute('ANALYZE orders')\n" + ADD, env=PER, settings=ELSEWHERE
    ),
    "set local in an autocommit block": made(
        BLOCK + "    " + sets("'2s'", "LOCAL ") + "    op.execute('ALTER TABLE orders ADD COLUMN n int')", env=PER
    ),
    "set after the lock was taken": made(ADD + sets("'2s'") + PART),
    "set after the lock was taken, where the server sets one": made(ADD + sets("'2s'") + PART, settings=ELSEWHERE),
    "reset, where nothing outside sets one": made(sets("'2s'") + PART + 'op.execute("RESET lock_timeout")\n' + ADD),
    "reset of everything": made(sets("'2s'") + PART + 'op.execute("RESET ALL")\n' + ADD),
    "reset, where the server sets one": made(
        sets("'2s'") + PART + 'op.execute("RESET lock_timeout")\n' + ADD, settings=ELSEWHERE, hits=0
    ),
    "reset when all is done": made(sets("'2s'") + ADD + 'op.execute("RESET lock_timeout")', hits=0),
    "0 around a concurrent build": made(BLOCK + "    " + sets("0") + BUILD, env=PER, hits=0),
    "0 around a concurrent build, then back": made(
        BLOCK + "    " + sets("0") + BUILD + "    " + sets("'2s'") + ADD, env=PER, hits=0
    ),
    "a long one around a concurrent build": made(BLOCK + "    " + sets("'1h'") + BUILD, env=PER, hits=0),
    "a long one for a build after a brief change": made(
        sets("'2s'") + ADD + sets("'1h'") + BLOCK + BUILD, env=PER, hits=0
    ),
    "0 for tables of this deployment": made(
        sets("0") + 'op.create_table("new", sa.Column("id", sa.Integer()))', hits=0
    ),
    "changed while the lock is held": made(sets("'2s'") + ADD + sets("'4s'") + PART, hits=0),
    "a short one": made(sets("'10s'", "LOCAL ") + ADD, hits=0),
    "a value that is not known": made(
        "op.get_bind().execute(sa.text(\"SELECT set_config('lock_timeout', :t, true)\"), {'t': '2s'})\n" + ADD, hits=0
    ),
}
