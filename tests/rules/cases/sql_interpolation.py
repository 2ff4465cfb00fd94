"""Cases of MG801."""

from migguard.rules.frame import Example

GIVEN = "CREATE TABLE people (id bigint PRIMARY KEY, login text)"


def made(code: str, hits: int = 1, **more: object) -> Example:
    return Example(code, **{"given": GIVEN, "hits": hits, **more})  # type: ignore[arg-type]


CASES: dict[str, Example] = {
    "percent": made("name = input\nop.execute(\"UPDATE people SET login = '%s'\" % str(name))"),
    "format": made("import os\nop.execute(\"UPDATE people SET login = '{}'\".format(os.getcwd()))"),
    "plus": made('import os\nop.execute("UPDATE people SET login = \'" + os.getcwd() + "\'")'),
    "a bound parameter": made('op.get_bind().execute(sa.text("UPDATE people SET login = :l"), {"l": "x"})', 0),
    "a constant of the script": made('TABLE = "people"\nop.execute(f"UPDATE {TABLE} SET login = \'x\'")', 0),
    "literals as JSON": made(
        "import json\nop.execute(f\"UPDATE people SET note = '{json.dumps([1, 2])}'\")",
        0,
    ),
    "a value as JSON": made(
        "import json\nop.execute(f\"UPDATE people SET note = '{json.dumps(op.get_bind().engine.url.database)}'\")"
    ),
    "a loop over literals": made(
        'for column in ("a", "b"):\n    op.execute(f"ALTER TABLE people ADD COLUMN {column} text")', 0
    ),
    "a helper that is called with literals": made(
        """
        def add(column, kind="text"):
            op.execute(f"ALTER TABLE people ADD COLUMN {column} {kind}")

        def upgrade():
            add("a")
            add("b", kind="int")
        """,
        0,
    ),
}
