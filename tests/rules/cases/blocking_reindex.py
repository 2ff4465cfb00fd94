"""Cases of MG413."""

from migguard.rules.frame import Example

GIVEN = (
    "CREATE TABLE orders (id bigint PRIMARY KEY, email text);CREATE INDEX ix_orders_email ON orders (email);"
    'CREATE SCHEMA shop;CREATE TABLE shop."Order" (id int PRIMARY KEY)'
)
AUTOCOMMIT = 'with op.get_context().autocommit_block():\n    op.execute("{}")'


def sql(text: str, **more: object) -> Example:
    return Example(f"op.execute({text!r})", **{"given": GIVEN, **more})  # type: ignore[arg-type]


CASES: dict[str, Example] = {
    "a table": sql("REINDEX TABLE orders"),
    "with options": sql("REINDEX (VERBOSE) TABLE orders"),
    "a quoted and qualified name": sql('REINDEX TABLE shop."Order"'),
    "a schema": Example(AUTOCOMMIT.format("REINDEX SCHEMA shop"), given=GIVEN),
    "a table concurrently": Example(AUTOCOMMIT.format("REINDEX TABLE CONCURRENTLY orders"), given=GIVEN, hits=0),
    "concurrently as an option": Example(AUTOCOMMIT.format("REINDEX (CONCURRENTLY) TABLE orders"), given=GIVEN, hits=0),
    "a table without indexes": sql("REINDEX TABLE bare", given="CREATE TABLE bare (n int)", hits=0),
    "a table of this deployment": Example(
        'op.execute("REINDEX TABLE notes")',
        earlier=('op.create_table("notes", sa.Column("id", sa.Integer(), primary_key=True))',),
        given=GIVEN,
        hits=0,
    ),
}
