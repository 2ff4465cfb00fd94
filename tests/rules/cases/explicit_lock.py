"""Cases of MG418."""

from migguard.rules.frame import Example

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY);CREATE TABLE items (id bigint PRIMARY KEY)"


def sql(text: str, **more: object) -> Example:
    return Example(f"op.execute({text!r})", **{"given": GIVEN, **more})  # type: ignore[arg-type]


CASES: dict[str, Example] = {
    "no mode is the strongest": sql("LOCK TABLE orders"),
    "exclusive": sql("LOCK orders IN EXCLUSIVE MODE"),
    "without waiting": sql("LOCK TABLE orders IN ACCESS EXCLUSIVE MODE NOWAIT"),
    "two tables": sql("LOCK TABLE orders, items IN SHARE MODE", hits=2),
    "a quoted and qualified name": sql(
        'LOCK TABLE shop."Order"', given='CREATE SCHEMA shop;CREATE TABLE shop."Order" (id int)'
    ),
    "a mode that stops other schema changes": sql("LOCK TABLE orders IN SHARE UPDATE EXCLUSIVE MODE", hits=0),
    "a reader's mode": sql("LOCK TABLE orders IN ACCESS SHARE MODE", hits=0),
    "a table of this deployment": Example(
        'op.execute("LOCK TABLE notes")',
        given=GIVEN,
        earlier=('op.create_table("notes", sa.Column("n", sa.Integer()))',),
        hits=0,
    ),
}
