"""Cases of MG414."""

from migguard.rules.frame import Example

SALES = "CREATE TABLE sales (id bigint PRIMARY KEY, day date, total int)"
VIEW = "CREATE MATERIALIZED VIEW {} AS SELECT day, sum(total) AS total FROM sales GROUP BY day{}"
GIVEN = f"{SALES};{VIEW.format('daily', '')}"


def sql(text: str, **more: object) -> Example:
    return Example(f"op.execute({text!r})", **{"given": GIVEN, **more})  # type: ignore[arg-type]


CASES: dict[str, Example] = {
    "a view without a unique index": sql("REFRESH MATERIALIZED VIEW daily"),
    "without data": sql("REFRESH MATERIALIZED VIEW daily WITH NO DATA"),
    "a quoted and qualified name": sql(
        'REFRESH MATERIALIZED VIEW shop."Daily"', given=f"{SALES};CREATE SCHEMA shop;" + VIEW.format('shop."Daily"', "")
    ),
    "a view that is not filled yet": sql(
        "REFRESH MATERIALIZED VIEW daily", given=f"{SALES};{VIEW.format('daily', ' WITH NO DATA')}", hits=0
    ),
    "a view that an earlier revision filled": Example(
        'op.execute("REFRESH MATERIALIZED VIEW daily")',
        given=f"{SALES};{VIEW.format('daily', ' WITH NO DATA')}",
        released=('op.execute("REFRESH MATERIALIZED VIEW daily")',),
    ),
    "a view of this deployment": Example(
        'op.execute("REFRESH MATERIALIZED VIEW weekly")',
        given=GIVEN,
        earlier=(f"op.execute({VIEW.format('weekly', '')!r})",),
        hits=0,
    ),
}
