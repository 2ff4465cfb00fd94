"""MG803 is silent about a variable of the environment that changes nothing of what the script does."""

from pathlib import Path

import pytest

from tests.shadow.project import Project

pytestmark = pytest.mark.thorough

IDLE = {
    "printed": 'print(os.environ.get("WHERE"))',
    "decides what is printed": 'if os.getenv("LOUD") == "1":\n    print("begun")',
    "decides what is logged, by a name": (
        'loud = bool(os.environ.get("LOUD"))\nlogger = logging.getLogger("alembic")\n'
        'if loud and 1 < 2:\n    logger.info("begun")\nelse:\n    pass'
    ),
    "a size of batches": (
        'size = int(os.environ.get("SIZE", 100))\nids = [1]\nwhile ids:\n    ids = op.get_bind().execute('
        'sa.select(sa.column("id")).select_from(sa.table("orders")).limit(size)).fetchall()'
    ),
    "a size in SQL": (
        'size = int(os.environ.get("SIZE", 100))\nwhile op.get_bind().execute(sa.text('
        'f"DELETE FROM orders WHERE id IN (SELECT id FROM orders WHERE a = 1 LIMIT {size})")).rowcount > 0:\n    pass'
    ),
    "a size that is passed on": (
        'def move(rows, size=int(os.environ.get("SIZE", 100))):\n    for at in range(0, len(rows), size):\n'
        "        print(at)\nmove([])"
    ),
}
AT_WORK = {
    "decides what is done": 'if os.environ.get("WIDE"):\n    op.execute("ALTER TABLE orders ADD COLUMN wide int")',
    "is written": (
        'op.get_bind().execute(sa.text("UPDATE orders SET a = :a WHERE id = 1"), {"a": os.environ.get("A", 1)})'
    ),
    "is a name in SQL": 'name = os.getenv("NAME", "orders")\nop.execute(f"ALTER TABLE {name} ADD COLUMN b int")',
    "decides beside the printing": (
        'loud = os.environ.get("LOUD")\nif loud:\n    print(1)\n'
        'if not loud:\n    op.execute("ALTER TABLE orders ADD COLUMN wide int")'
    ),
    "bounds the rows without a loop": (
        "op.execute(f\"DELETE FROM orders WHERE id IN (SELECT id FROM orders LIMIT {int(os.environ.get('N', 5))})\")"
    ),
    "is given to a function that nobody knows": 'sa.text(os.environ.get("A", "x"))',
    "gives a way out": 'if os.environ.get("SKIP") == "1":\n    return',
}


@pytest.mark.parametrize(
    ("body", "hits"),
    [(body, int(held is AT_WORK)) for held in (IDLE, AT_WORK) for body in held.values()],
    ids=[*IDLE, *AT_WORK],
)
def test_what_decides_nothing_is_no_finding(tmp_path: Path, body: str, hits: int) -> None:
    """What is only shown, or bounds the turns of a loop, leaves the same database everywhere."""
    project = Project(tmp_path)
    project.revision('op.execute("CREATE TABLE orders (id bigint PRIMARY KEY, a int)")')
    project.revision(body, top="import logging, os")
    assert [f.code for f in project.checked().report.findings].count("MG803") == hits
