"""Cases of MG410."""

from migguard.rules.frame import Example

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY, code varchar(20), total numeric(10, 2){})"


def to(column: str, kind: str, more: str = "", indexes: str = "", hits: int = 1) -> Example:
    text = f"ALTER TABLE orders ALTER COLUMN {column} TYPE {kind}"
    return Example(f"op.execute({text!r})", given=GIVEN.format(more) + indexes, hits=hits)


CASES: dict[str, Example] = {
    "a check on the column": to("code", "varchar(40)", ", CHECK (code <> '')"),
    "another collation rebuilds the index": to(
        "code", 'varchar(20) COLLATE "C"', indexes=";CREATE INDEX ix_code ON orders (code)"
    ),
    "an index over an expression": to("code", "varchar(40)", indexes=";CREATE INDEX ix_code ON orders (lower(code))"),
    "a partial index": to("code", "varchar(40)", indexes=";CREATE INDEX ix_code ON orders (id) WHERE code <> ''"),
    "a plain index is kept": to("code", "varchar(40)", indexes=";CREATE INDEX ix_code ON orders (code)", hits=0),
    "a check of another column": to("code", "varchar(40)", ", CHECK (total > 0)", hits=0),
    "a rewrite is told as such": to("total", "numeric(12, 3)", ", CHECK (total > 0)", hits=0),
    "nothing depends on it": to("code", "text", hits=0),
    "citext rebuilds the index": Example(
        'op.execute("ALTER TABLE orders ALTER COLUMN code TYPE citext")',
        given=GIVEN.format("") + ";CREATE INDEX ix_code ON orders (code);CREATE EXTENSION citext",
        runs=False,
    ),
    "citext without an index": Example(
        'op.execute("ALTER TABLE orders ALTER COLUMN code TYPE citext")',
        given=GIVEN.format("") + ";CREATE EXTENSION citext",
        hits=0,
        runs=False,
    ),
}
