"""Cases of MG415."""

from migguard.rules.frame import Example

METRICS = "CREATE TABLE metrics (day date NOT NULL, value int) PARTITION BY RANGE (day)"
OLD = "CREATE TABLE metrics_2025 (day date NOT NULL, value int)"
LOOSE = "CREATE TABLE metrics_2025 (day date, value int)"
ATTACH = "ALTER TABLE metrics ATTACH PARTITION metrics_2025 FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')"
REGIONS = "CREATE TABLE sales (region text NOT NULL, n int) PARTITION BY LIST (region)"
NORTH = "CREATE TABLE sales_north (region text NOT NULL, n int)"
ATTACH_NORTH = "ALTER TABLE sales ATTACH PARTITION sales_north FOR VALUES IN ('n', 'ne')"


def check(table: str, condition: str, state: str = "") -> str:
    return f"ALTER TABLE {table} ADD CONSTRAINT ck_bounds CHECK ({condition}) {state}"


def sql(text: str, *given: str, **more: object) -> Example:
    return Example(f"op.execute({text!r})", given=";".join(given), **more)  # type: ignore[arg-type]


EXACT = "day >= '2025-01-01' AND day < '2026-01-01'"
DEFAULT = "CREATE TABLE metrics_rest PARTITION OF metrics DEFAULT"

CASES: dict[str, Example] = {
    "a list": sql(ATTACH_NORTH, REGIONS, NORTH),
    "a check that is not validated": sql(ATTACH, METRICS, OLD, check("metrics_2025", EXACT, "NOT VALID")),
    "a check that is too wide": sql(
        ATTACH, METRICS, OLD, check("metrics_2025", "day >= '2024-01-01' AND day < '2026-01-01'")
    ),
    "a check of one side": sql(ATTACH, METRICS, OLD, check("metrics_2025", "day >= '2025-01-01'")),
    "a key that can be null": sql(ATTACH, METRICS.replace(" NOT NULL", ""), LOOSE, check("metrics_2025", EXACT)),
    "the default partition is read for a new one": sql(
        "CREATE TABLE metrics_2026 PARTITION OF metrics FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
        METRICS,
        DEFAULT,
    ),
    "both are read": sql(ATTACH, METRICS, OLD, DEFAULT, hits=2),
    "a check of the same bounds": sql(ATTACH, METRICS, OLD, check("metrics_2025", EXACT), hits=0),
    "a check of narrower bounds": sql(
        ATTACH, METRICS, OLD, check("metrics_2025", "day >= '2025-02-01' AND day < '2025-03-01'"), hits=0
    ),
    "a check that says not null too": sql(
        ATTACH, METRICS, LOOSE, check("metrics_2025", f"day IS NOT NULL AND {EXACT}"), hits=0
    ),
    "a check of the listed values": sql(
        ATTACH_NORTH, REGIONS, NORTH, check("sales_north", "region IN ('n', 'ne')"), hits=0
    ),
    "a column named like a keyword": sql(
        ATTACH,
        METRICS.replace("day", "at"),
        OLD.replace("day", "at"),
        check("metrics_2025", EXACT.replace("day", "at")),
        hits=0,
    ),
    "a new partition": sql(
        "CREATE TABLE metrics_2026 PARTITION OF metrics FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
        METRICS,
        hits=0,
    ),
    "a table of this deployment": Example(
        f"op.execute({ATTACH!r})", given=METRICS, earlier=(f"op.execute({OLD!r})",), hits=0
    ),
    "the default partition itself, of this deployment": Example(
        "op.execute(\"CREATE TABLE metrics_26 PARTITION OF metrics FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')\")",
        given=METRICS,
        earlier=(f"op.execute({DEFAULT!r})",),
        hits=0,
    ),
}
