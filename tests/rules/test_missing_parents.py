"""A foreign key to a table that the deployment leaves without rows lets no value through."""

from __future__ import annotations

from pathlib import Path

import pytest

from migguard.findings import Finding
from migguard.rules.frame import Example
from tests.rules import examples

pytestmark = pytest.mark.thorough

GIVEN = (
    "CREATE TABLE shelves (id bigint PRIMARY KEY);"
    "CREATE TABLE books (id bigint PRIMARY KEY, place bigint, spot bigint NOT NULL)"
)
MAKE = 'op.create_table("rooms", sa.Column("id", sa.BigInteger(), primary_key=True))\n'
MOVED = 'op.alter_column("books", "place", new_column_name="room")\n'
ROOM = 'op.create_foreign_key("fk", "books", "rooms", ["room"], ["id"])\n'
SHELF = 'op.create_foreign_key("fk", "books", "shelves", ["place"], ["id"])\n'


def told(code: str, tmp_path: Path) -> Finding:
    report = examples.check(Example(code, given=GIVEN), "MG704", tmp_path, "postgresql").report
    [found] = [f for f in report.findings if f.code == "MG704"]
    return found


def test_any_value_is_in_the_way_of_a_key_to_a_table_that_was_just_made(tmp_path: Path) -> None:
    found = told(MAKE + MOVED + ROOM, tmp_path)
    assert "fails if books has a row whose room is not NULL: line " in found.message
    assert "has made rooms, and this deployment puts no row into it before the key." in found.message
    assert found.advice == "Put into rooms what room of books refers to before the key is added, or set room to NULL."
    assert found.probe == "SELECT 1 FROM books WHERE place IS NOT NULL LIMIT 1"


def test_so_it_is_where_the_rows_of_the_other_table_are_taken_out(tmp_path: Path) -> None:
    assert "has emptied shelves, and" in told(f'op.execute("TRUNCATE shelves")\n{SHELF}', tmp_path).message


def test_a_column_that_must_have_a_value_is_not_to_be_set_to_null(tmp_path: Path) -> None:
    found = told(f'{MAKE}op.create_foreign_key("fk", "books", "rooms", ["spot"], ["id"])', tmp_path)
    assert found.advice.endswith("before the key is added.")


@pytest.mark.parametrize(
    "between",
    [
        'op.execute("INSERT INTO rooms (id) SELECT DISTINCT room FROM books")\n',
        "for row in op.get_bind().execute(sa.text('SELECT room FROM books')):\n"
        "    op.execute(sa.text('INSERT INTO rooms (id) VALUES (:id)').bindparams(id=row.room))\n",
    ],
    ids=["a statement", "a loop over rows"],
)
def test_what_puts_rows_in_before_may_put_the_right_ones_in(between: str, tmp_path: Path) -> None:
    assert "whose room is not in rooms" in told(MAKE + MOVED + between + ROOM, tmp_path).message


def test_a_table_that_may_have_been_there_may_have_rows(tmp_path: Path) -> None:
    make = 'op.execute("CREATE TABLE IF NOT EXISTS rooms (id bigint PRIMARY KEY)")\n'
    assert "is not in rooms" in told(make + MOVED + ROOM, tmp_path).message


KINDS = """
kinds = op.create_table("kinds", sa.Column("code", sa.Text(), primary_key=True))
op.bulk_insert(kinds, [{{"code": {}}}, {{"code": "other"}}])
op.add_column("books", sa.Column("kind", sa.Text(), sa.ForeignKey("kinds.code"), server_default="none"))
"""


@pytest.mark.parametrize(("code", "hits"), [('"none"', 0), ('"some"', 1)])
def test_a_row_that_is_put_there_by_parameters_is_there(code: str, hits: int, tmp_path: Path) -> None:
    report = examples.check(Example(KINDS.format(code), given=GIVEN), "MG704", tmp_path, "postgresql").report
    found = [f for f in report.findings if f.code == "MG704"]
    assert len(found) == hits
    assert all(f.message.endswith("and may put that row there before the key.") for f in found)


def test_a_condition_that_nobody_knows_is_not_said_to_be_asked(tmp_path: Path) -> None:
    code = 'from stock import limits\nop.create_check_constraint("ck", "books", f"spot > {limits.LEAST}")'
    found = told(code, tmp_path)
    assert found.probe is None
    assert "query" not in found.advice
