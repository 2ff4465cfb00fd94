"""Cases of MG507."""

from migguard.rules.frame import Example

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY, email text)"
ADD = 'op.add_column("orders", sa.Column("note", sa.Text()))\n'


def made(code: str, hits: int = 1, **more: object) -> Example:
    return Example(code, given=GIVEN, hits=hits, **more)  # type: ignore[arg-type]


CASES: dict[str, Example] = {
    "a backfill": made('op.execute("UPDATE orders SET email = lower(email)")'),
    "0 is none": made('op.execute("SET statement_timeout = 0")\n' + ADD),
    "two statements are one finding": made(ADD + 'op.drop_column("orders", "email")'),
    "set for the session": made("op.execute(\"SET statement_timeout = '1min'\")\n" + ADD, hits=0),
    "a concurrent build": made(
        "with op.get_context().autocommit_block():\n"
        '    op.create_index("ix", "orders", ["email"], postgresql_concurrently=True)',
        hits=0,
    ),
    "a new table": made('op.create_table("parts", sa.Column("id", sa.Integer()))', hits=0),
    "rows by key": made("op.execute(\"UPDATE orders SET email = '' WHERE id = 1\")", hits=0),
}
