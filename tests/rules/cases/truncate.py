"""Cases of MG304."""

from migguard.rules.frame import Example

GIVEN = "CREATE TABLE users (id bigint PRIMARY KEY);CREATE TABLE sessions (user_id bigint REFERENCES users)"


def sql(text: str, **more: object) -> Example:
    return Example(f"op.execute({text!r})", **{"given": GIVEN, **more})  # type: ignore[arg-type]


CASES: dict[str, Example] = {
    "emptied before": Example(
        'op.execute("DELETE FROM sessions")\nop.execute("TRUNCATE sessions")', given=GIVEN, hits=0
    ),
    "emptied before, but others go along": Example(
        'op.execute("DELETE FROM users")\nop.execute("TRUNCATE users CASCADE")', given=GIVEN
    ),
    "several tables": sql("TRUNCATE TABLE users, sessions RESTART IDENTITY", hits=2),
    "cascade": sql("TRUNCATE users CASCADE"),
    "a quoted and qualified name": sql(
        'TRUNCATE shop."Order"', given='CREATE SCHEMA shop;CREATE TABLE shop."Order" (n int)'
    ),
    "inside of a do block": sql("DO $$ BEGIN TRUNCATE sessions; END $$"),
    "a table that is not there": sql("TRUNCATE nothing", hits=0, runs=False),
    "a temporary table": Example(
        'op.execute("CREATE TEMP TABLE work (n int)")\nop.execute("TRUNCATE work")', given=GIVEN, hits=0
    ),
}
