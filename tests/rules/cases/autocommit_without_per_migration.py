"""Cases of MG515."""

from migguard.rules.frame import Example

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY, email text)"
ADD = 'op.add_column("orders", sa.Column("note", sa.Text()))\n'
BLOCK = (
    "with op.get_context().autocommit_block():\n"
    '    op.create_index("ix", "orders", ["email"], postgresql_concurrently=True)\n'
)
WRITE = 'op.get_bind().execute(sa.text("UPDATE orders SET email = :e WHERE id = :i"), {"e": row.email, "i": row.id})'
LOOP = f"""for row in op.get_bind().execute(sa.text("SELECT id, email FROM orders")):
    {WRITE}
"""


def made(code: str, hits: int = 1, **more: object) -> Example:
    return Example(code, given=GIVEN, hits=hits, **more)  # type: ignore[arg-type]


CASES: dict[str, Example] = {
    "schema changes of its own before the block": made(ADD + BLOCK),
    "an earlier revision": made(BLOCK, earlier=(ADD,)),
    "an earlier revision's rows": made(BLOCK, earlier=('op.execute("INSERT INTO orders (id) VALUES (1)")',)),
    "two blocks are one finding": made(
        ADD + BLOCK + 'op.drop_column("orders", "note")\n' + BLOCK.replace('"ix"', '"ix2"')
    ),
    "per migration": made(ADD + BLOCK, env=("transaction_per_migration",), hits=0),
    "the first thing that happens": made(BLOCK, hits=0),
    "schema changes after the block": made(BLOCK + ADD, hits=0),
    "an earlier revision that is released": made(BLOCK, released=(ADD,), hits=0),
    "an earlier revision that does nothing": made(BLOCK, earlier=("pass",), hits=0),
    "settings before the block": made("op.execute(\"SET lock_timeout = '2s'\")\n" + BLOCK, hits=0),
    "an earlier block has committed it": made(BLOCK.replace('"ix"', '"ix3"'), earlier=(ADD, BLOCK), hits=1),
    "an earlier revision that is a block itself": made(BLOCK.replace('"ix"', '"ix2"'), earlier=(BLOCK,), hits=0),
    "an earlier revision that writes a row for each row": made(BLOCK, earlier=(LOOP,)),
    "a row for each row before the block": made(LOOP + BLOCK),
    "an earlier revision that only reads rows": made(BLOCK, earlier=(LOOP.replace(WRITE, "print(row)"),), hits=0),
}
