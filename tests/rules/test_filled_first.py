"""What is advised where a column is filled and made NOT NULL, with a commit between the two."""

from __future__ import annotations

from pathlib import Path

import pytest

from migguard.rules.frame import Example
from tests.rules.examples import check

pytestmark = pytest.mark.thorough

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY, email text)"
ADD = 'op.add_column("orders", sa.Column("mail", sa.Text()))\n'
FILL = 'op.execute("UPDATE orders SET mail = lower(email)")\n'
NEVER = 'op.alter_column("orders", "{}", nullable=False)\n'
DEFAULT = 'op.alter_column("orders", "mail", server_default="")\n'
RENAME = 'op.alter_column("orders", "mail", new_column_name="address")\n'


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (ADD + FILL + NEVER.format("mail"), "new rows mail first: at a NULL that the running code puts in between"),
        (ADD + FILL + RENAME + NEVER.format("address"), "new rows address first: "),
        (ADD + FILL, None),
        (ADD + FILL + NEVER.format("email"), None),
        (ADD + DEFAULT + FILL + NEVER.format("mail"), None),
        (ADD + FILL + DEFAULT + NEVER.format("mail"), None),
        (ADD + FILL.replace("lower(email)", "NULL") + NEVER.format("mail"), None),
        (ADD + NEVER.format("mail") + FILL, None),
    ],
    ids=[
        "made NOT NULL",
        "under another name",
        "left nullable",
        "another column",
        "a default",
        "a default after it",
        "no value",
        "before it",
    ],
)
@pytest.mark.parametrize("rule", ["MG503", "MG513", "MG514"])
def test_rows_are_to_have_a_value_before_the_fill_is_committed(
    rule: str, code: str, said: str | None, tmp_path: Path
) -> None:
    """The running code does not know the column: its rows are NULL there, and no second attempt fills them."""
    found = check(Example(code, given=GIVEN), rule, tmp_path, "postgresql").report.findings
    about = next(f for f in found if f.code == rule)
    assert ("give new rows" in about.advice) == (said is not None)
    assert said is None or said in about.advice


def test_the_revision_that_makes_it_not_null_is_named(tmp_path: Path) -> None:
    example = Example(NEVER.format("mail"), given=GIVEN, earlier=(ADD + FILL,))
    found = check(example, "MG513", tmp_path, "postgresql").report.findings
    [about] = [f for f in found if f.code == "MG513"]
    assert "puts in between, line " in about.advice
    assert " of revision " in about.advice.partition(" fails")[0]


@pytest.mark.parametrize(
    ("fill", "lets"),
    [
        ("UPDATE orders SET mail = 'none'", "Let a default or a trigger give new rows mail first"),
        ("UPDATE orders SET mail = lower(email)", "Let a trigger, or the application, give new rows mail first"),
    ],
)
def test_a_default_gives_no_value_that_comes_of_others(fill: str, lets: str, tmp_path: Path) -> None:
    example = Example(f'{ADD}op.execute("{fill}")\n{NEVER.format("mail")}', given=GIVEN)
    found = check(example, "MG514", tmp_path, "postgresql").report.findings
    assert any(f.code == "MG514" and f.advice.startswith(lets) for f in found)


@pytest.mark.parametrize(
    ("again", "said"),
    [
        ("UPDATE orders SET mail = '' WHERE mail IS NULL", False),
        ("UPDATE orders SET mail = ''", False),
        ("UPDATE orders SET mail = '' WHERE mail IS NULL AND id > 5", True),
        ("UPDATE orders SET mail = email WHERE mail IS NULL", True),
        ("UPDATE orders SET email = '' WHERE email IS NULL", True),
    ],
)
def test_a_revision_that_fills_what_is_left_itself_does_not_fail(again: str, said: bool, tmp_path: Path) -> None:
    last = f'op.execute("{again}")\n{NEVER.format("mail")}'
    example = Example(last, given=GIVEN, earlier=(ADD + FILL,), env=("transaction_per_migration",))
    found = check(example, "MG513", tmp_path, "postgresql").report.findings
    about = next(f for f in found if f.code == "MG513")
    assert ("give new rows mail" in about.advice) is said


TAKEN = 'op.execute("DELETE FROM orders WHERE {} IS NULL")\n'


@pytest.mark.parametrize("rule", ["MG503", "MG513", "MG514"])
@pytest.mark.parametrize(
    ("between", "deleted"),
    [(TAKEN.format("mail"), True), (TAKEN.format("email"), False), (TAKEN.format("mail") + RENAME, True)],
    ids=["without it", "without another", "renamed after it"],
)
def test_rows_without_a_value_that_are_deleted_fail_nothing(
    rule: str, between: str, deleted: bool, tmp_path: Path
) -> None:
    last = NEVER.format("address" if RENAME in between else "mail")
    found = check(Example(ADD + FILL + between + last, given=GIVEN), rule, tmp_path, "postgresql").report.findings
    about = next(f for f in found if f.code == rule and "give new rows" in f.advice)
    assert ("in between are deleted by line " in about.advice) == deleted
    assert ("at a NULL" in about.advice) != deleted


def test_what_comes_in_between_is_said_once(tmp_path: Path) -> None:
    fill = FILL.replace("lower(email)", "(SELECT max(email) FROM orders)").replace('")\n', ' WHERE mail IS NULL")\n')
    code = ADD + fill + NEVER.format("mail")
    found = check(Example(code, given=GIVEN), "MG514", tmp_path, "postgresql").report.findings
    [about] = [f for f in found if f.code == "MG514"]
    assert "at a NULL" in about.advice
    assert "meanwhile" not in about.recipe
