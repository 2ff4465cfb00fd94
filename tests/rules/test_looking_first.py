"""What is said of rows that stand in the way today, where the deployment itself may mend them before."""

from __future__ import annotations

from pathlib import Path

import pytest

from migguard.findings import Finding
from migguard.rules.frame import Example
from tests.rules.examples import check

pytestmark = pytest.mark.thorough

GIVEN = (
    "CREATE TABLE rooms (id bigint PRIMARY KEY);"
    "CREATE TABLE seats (id bigint PRIMARY KEY, code text, size text, room_id bigint)"
)
ASK = 'op.get_bind().execute(sa.text("SELECT id, code FROM seats")).fetchall()'
CHECK = 'op.create_check_constraint("ck", "seats", "code NOT LIKE \'%.%\'")'
LOOP = f"""
for row in {ASK}:
    op.get_bind().execute(sa.text("UPDATE seats SET code = :c WHERE id = :i"), {{"c": row.code, "i": row.id}})
"""
KEPT = f"""
seats = sa.table("seats", sa.column("id"), sa.column("code"), sa.column("size"))
met = []
for row in {ASK}:
    key = {{"code": row.code}}
    if key in met:
        CALL
    met.append(key)
"""
UNIQUE = 'op.create_unique_constraint("uq", "seats", ["code"])'


def kept(call: str) -> str:
    return KEPT.replace("CALL", f"op.get_bind().execute({call})") + UNIQUE


BRANCH = f"""
if {ASK}:
    op.execute("UPDATE seats SET code = replace(code, '.', '_')")
"""


def told(code: str, rule: str, root: Path) -> Finding:
    found = check(Example(code, given=GIVEN), rule, root, "postgresql").report.findings
    [one] = [f for f in found if f.code == rule]
    return one


@pytest.mark.parametrize(
    ("code", "rule", "said"),
    [
        (LOOP + CHECK, "MG704", "the loop in line 9 writes code before this"),
        (BRANCH + CHECK, "MG704", "line 10 writes code before this"),
        (f'op.execute("DELETE FROM seats WHERE id = 7")\n{CHECK}', "MG704", "line 9 deletes rows before this"),
        (
            'op.execute("INSERT INTO rooms SELECT 7")\n'
            'op.create_foreign_key("fk", "seats", "rooms", ["room_id"], ["id"])',
            "MG704",
            "line 9 puts rows into rooms before this",
        ),
        (
            f'{LOOP}op.create_unique_constraint("uq", "seats", ["code"])',
            "MG703",
            "the loop in line 9 writes code before this",
        ),
        (
            kept("seats.delete().where(seats.c.id == row.id)"),
            "MG703",
            "the loop in line 11 deletes rows before this",
        ),
        (
            kept('sa.text("DELETE FROM seats WHERE id = :i"), {"i": row.id}'),
            "MG703",
            "the loop in line 11 deletes rows before this",
        ),
        (
            kept("seats.update().where(seats.c.id == row.id).values(code=None)"),
            "MG703",
            "the loop in line 11 writes code before this",
        ),
        (
            kept('sa.update(seats).values({"code": None})'),
            "MG703",
            "the loop in line 11 writes code before this",
        ),
        (
            kept("seats.update().where(seats.c.id == row.id).values(size='x')"),
            "MG703",
            "the loop in line 11 may write code before this",
        ),
        (
            kept("f\"UPDATE {'seats'} SET code = {row.id}\""),
            "MG703",
            "the loop in line 11 writes code before this",
        ),
        (
            "op.execute(\"UPDATE seats SET size = '7' WHERE size = 'x'\")\n"
            'op.alter_column("seats", "size", type_=sa.Integer(), postgresql_using="size::int")',
            "MG705",
            "line 9 writes size before this",
        ),
    ],
    ids=[
        "a loop",
        "a branch",
        "a delete",
        "the other table",
        "unique",
        "a loop that deletes",
        "a loop that deletes by a text",
        "a loop that updates",
        "a loop that updates by a dict",
        "a loop that names the column and updates another",
        "a loop that updates by a text with values in it",
        "a cast",
    ],
)
def test_what_the_deployment_may_mend_is_not_to_be_mended_by_hand(
    code: str, rule: str, said: str, tmp_path: Path
) -> None:
    found = told(code, rule, tmp_path)
    assert found.probe is not None
    assert found.advice.startswith(f"The query below finds such rows as they are today; {said}, and may change that:")
    assert "mend by hand only what it fails on" in found.advice


@pytest.mark.parametrize(
    "code",
    [
        CHECK,
        CHECK + LOOP,
        LOOP.replace("SET code", "SET size").replace("row.code", "1").replace("id, code", "id") + CHECK,
    ],
    ids=["nothing", "after it", "another column"],
)
def test_rows_that_nothing_mends_are_to_be_mended_first(code: str, tmp_path: Path) -> None:
    assert told(code, "MG704", tmp_path).advice.startswith(
        "Look for such rows in production before you deploy (the query below), and mend them first."
    )


def test_a_condition_on_a_new_column_that_is_true_of_all_rows_is_not_asked_for(tmp_path: Path) -> None:
    code = (
        'op.add_column("seats", sa.Column("state", sa.Text(), server_default="{}"))\n'
        'op.create_index("uq", "seats", ["code", "state"], unique=True, postgresql_where=sa.text("state = \'on\'"))'
    )
    query = "SELECT code, count(*) FROM seats WHERE code IS NOT NULL GROUP BY code HAVING count(*) > 1 LIMIT 20"
    assert told(code.format("on"), "MG703", tmp_path).probe == query
