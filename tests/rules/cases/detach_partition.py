"""Cases of MG416."""

from migguard.rules.frame import Example

METRICS = (
    "CREATE TABLE metrics (day date NOT NULL) PARTITION BY RANGE (day);"
    "CREATE TABLE metrics_2023 PARTITION OF metrics FOR VALUES FROM ('2023-01-01') TO ('2024-01-01')"
)
DETACH = "ALTER TABLE metrics DETACH PARTITION metrics_2023"

CASES: dict[str, Example] = {
    "beside a default partition": Example(
        f'op.execute("{DETACH}")', given=METRICS + ";CREATE TABLE metrics_rest PARTITION OF metrics DEFAULT"
    ),
    "a quoted and qualified name": Example(
        'op.execute(\'ALTER TABLE shop."Metric" DETACH PARTITION shop."Metric_2023"\')',
        given='CREATE SCHEMA shop;CREATE TABLE shop."Metric" (day date NOT NULL) PARTITION BY RANGE (day);'
        'CREATE TABLE shop."Metric_2023" PARTITION OF shop."Metric" '
        "FOR VALUES FROM ('2023-01-01') TO ('2024-01-01')",
    ),
    "a server that has no other way": Example(f'op.execute("{DETACH}")', given=METRICS, server="postgresql 13", hits=0),
    "a partition of this deployment still locks the table": Example(
        'op.execute("ALTER TABLE metrics DETACH PARTITION metrics_2030")',
        given=METRICS,
        earlier=(
            "op.execute(\"CREATE TABLE metrics_2030 PARTITION OF metrics FOR VALUES FROM ('2030-01-01') "
            "TO ('2031-01-01')\")",
        ),
    ),
    "a partitioned table of this deployment": Example(
        f'op.execute("{DETACH}")',
        given="CREATE TABLE others (n int)",
        earlier=tuple(f'op.execute("{one}")' for one in METRICS.split(";")),
        hits=0,
    ),
}
