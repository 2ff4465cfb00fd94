"""Cases of MG421."""

from migguard.rules.frame import Example

GIVEN = "CREATE DOMAIN amount AS numeric(12, 2);CREATE TABLE orders (id bigint PRIMARY KEY, total amount)"
ADD = "ALTER DOMAIN amount ADD CONSTRAINT ck_positive CHECK (VALUE >= 0)"


def sql(text: str, **more: object) -> Example:
    return Example(f"op.execute({text!r})", **{"given": GIVEN, **more})  # type: ignore[arg-type]


CASES: dict[str, Example] = {
    "several tables": sql(ADD, given=GIVEN + ";CREATE TABLE items (price amount)"),
    "not null": sql("ALTER DOMAIN amount SET NOT NULL"),
    "no name": sql("ALTER DOMAIN amount ADD CHECK (VALUE >= 0)"),
    "validated while writes wait": sql(
        "ALTER DOMAIN amount VALIDATE CONSTRAINT ck_positive", given=f"{GIVEN};{ADD} NOT VALID", server="postgresql 16"
    ),
    "a quoted and qualified name": sql(
        'ALTER DOMAIN shop."Amount" ADD CONSTRAINT ck CHECK (VALUE > 0)',
        given='CREATE SCHEMA shop;CREATE DOMAIN shop."Amount" AS int;CREATE TABLE shop."Order" (n shop."Amount")',
    ),
    "a default": sql("ALTER DOMAIN amount SET DEFAULT 0", hits=0),
    "a constraint dropped": sql("ALTER DOMAIN amount DROP CONSTRAINT ck_positive", given=f"{GIVEN};{ADD}", hits=0),
    "nobody uses it": sql(ADD, given="CREATE DOMAIN amount AS numeric(12, 2);CREATE TABLE orders (id int)", hits=0),
    "only a table of this deployment uses it": Example(
        f"op.execute({ADD!r})",
        given="CREATE DOMAIN amount AS numeric(12, 2)",
        earlier=('op.execute("CREATE TABLE notes (price amount)")',),
        hits=0,
    ),
}
