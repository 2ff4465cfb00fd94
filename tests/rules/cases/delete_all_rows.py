"""Cases of MG305."""

from migguard.rules.frame import Example

GIVEN = (
    "CREATE TABLE users (id bigint PRIMARY KEY);"
    "CREATE TABLE sessions (id bigint PRIMARY KEY, user_id bigint, ended boolean)"
)


def sql(text: str, **more: object) -> Example:
    return Example(f"op.execute({text!r})", **{"given": GIVEN, **more})  # type: ignore[arg-type]


CASES: dict[str, Example] = {
    "twice, and once is said": Example(
        'op.execute("DELETE FROM sessions")\nop.execute("DELETE FROM sessions")', given=GIVEN
    ),
    "again after rows were put in": Example(
        """
        op.execute("DELETE FROM sessions")
        op.execute("INSERT INTO sessions SELECT id FROM users")
        op.execute("DELETE FROM sessions")
        """,
        given=GIVEN,
        hits=2,
    ),
    "a where that is always true": sql("DELETE FROM sessions WHERE true"),
    "a where of which one side is always true": sql("DELETE FROM sessions WHERE id = 1 OR TRUE"),
    "a where that denies what is never true": sql("DELETE FROM sessions AS s WHERE NOT (FALSE)"),
    "a where for a null and for anything else": sql(
        "DELETE FROM sessions WHERE user_id IS NULL OR NOT user_id IS NULL"
    ),
    "a where of two sides that rows escape": sql("DELETE FROM sessions WHERE user_id IS NULL OR id IN (1, 2)", hits=0),
    "a where that no row escapes": sql("DELETE FROM sessions WHERE id IS NOT NULL"),
    "sqlalchemy's delete": Example('op.execute(sa.table("sessions").delete())', given=GIVEN),
    "a join without a condition": sql("DELETE FROM sessions USING users"),
    "a quoted and qualified name": sql(
        'DELETE FROM shop."Order"', given='CREATE SCHEMA shop;CREATE TABLE shop."Order" (n int)'
    ),
    "a where on a column that can be null": sql("DELETE FROM sessions WHERE user_id IS NOT NULL", hits=0),
    "a join with a condition": sql("DELETE FROM sessions USING users WHERE users.id = user_id", hits=0),
    "a subquery": sql("DELETE FROM sessions WHERE user_id NOT IN (SELECT id FROM users)", hits=0),
    "a table of this deployment": Example(
        'op.execute("DELETE FROM notes")',
        given=GIVEN,
        earlier=('op.create_table("notes", sa.Column("n", sa.Integer()))',),
        hits=0,
    ),
}
