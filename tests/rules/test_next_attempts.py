"""What the next attempt of a revision does with the invalid index of a failed one, and where it stops before."""

from pathlib import Path

import pytest

from migguard.rules.frame import Example
from tests.rules import examples

pytestmark = pytest.mark.thorough

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY, email text)"
BUILD = """
with op.get_context().autocommit_block():
    op.execute("CREATE INDEX CONCURRENTLY IF NOT EXISTS ix ON orders (email)")
"""
ADD = 'op.add_column("orders", sa.Column("note", sa.Text()))'
ONCE = "its invalid remains are kept and, once line "
ALWAYS = "its invalid remains are kept and the next attempt does nothing."


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (ADD + BUILD, ONCE),
        (BUILD, ALWAYS),
        (BUILD + ADD, ALWAYS),
        ('op.execute("ALTER TABLE orders ADD COLUMN IF NOT EXISTS note text")' + BUILD, ALWAYS),
    ],
    ids=["a column before", "alone", "a column after", "a column that may be there"],
)
def test_the_next_attempt_comes_to_the_index_only_past_what_is_committed(code: str, said: str, tmp_path: Path) -> None:
    report = examples.check(Example(code, given=GIVEN), "MG510", tmp_path, "postgresql").report
    [found] = [f for f in report.findings if f.code == "MG510"]
    assert said in found.message


WRITE = """
for name in ("invoices", "customers"):
    try:
        open(f"/somewhere/{name}.csv", "w")
    except OSError:
        pass
"""


def test_a_line_that_writes_several_files_is_told_once(tmp_path: Path) -> None:
    """With all their names; another line is another finding."""
    code = WRITE + 'open("/somewhere/c.csv", "w")'
    report = examples.check(Example(code, given=GIVEN), "MG803", tmp_path, "postgresql").report
    said = [f.message for f in report.findings if f.code == "MG803"]
    assert said == [
        "The script changes files (/somewhere/invoices.csv, /somewhere/customers.csv).",
        "The script changes files (/somewhere/c.csv).",
    ]
