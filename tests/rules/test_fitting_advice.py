"""An advice fits what it is about: the work, the lock, the script and the names that it meets."""

from __future__ import annotations

from pathlib import Path

import pytest

from migguard.findings import Finding
from migguard.rules.frame import Example
from tests.rules.examples import check

TABLES = "CREATE TABLE orders (id bigint PRIMARY KEY, email text);CREATE TABLE people (id bigint PRIMARY KEY, age int)"
COLUMN = 'op.add_column("people", sa.Column("note", sa.Text()))\n'
INDEX = 'op.create_index("ix_people_age", "people", ["age"])\n'


def told(code: str, example: Example, root: Path) -> Finding:
    """The one finding of a rule."""
    [found] = [f for f in check(example, code, root, "postgresql").report.findings if f.code == code]
    return found


WORK = {
    "rows": ('op.execute("UPDATE orders SET email = lower(email)")', True),
    "an index": ('op.create_index("ix_orders_email", "orders", ["email"])', False),
    "a check": ('op.execute("ALTER TABLE orders VALIDATE CONSTRAINT ck")', False),
}


@pytest.mark.parametrize(("work", "batches"), WORK.values(), ids=list(WORK))
def test_only_rows_are_to_be_written_in_batches(work: str, batches: bool, tmp_path: Path) -> None:
    given = f"{TABLES};ALTER TABLE orders ADD CONSTRAINT ck CHECK (id > 0) NOT VALID"
    found = told("MG503", Example(COLUMN + work, given=given), tmp_path)
    assert found.advice.startswith("Commit in between: a revision of its own")
    assert ("batches" in found.advice, bool(found.recipe)) == (batches, batches)


HELD = {
    "nobody reads": (COLUMN, "queries on each of them queue up"),
    "reads go on": (INDEX, "writes to each of them (reads go on) queue up"),
}


@pytest.mark.parametrize(("first", "words"), HELD.values(), ids=list(HELD))
def test_who_waits_is_said_by_the_lock(first: str, words: str, tmp_path: Path) -> None:
    code = f'{first}op.create_index("ix_orders_email", "orders", ["email"])'
    assert words in told("MG504", Example(code, given=TABLES), tmp_path).message
