"""An advice that keeps, moves or delays a statement says what of the script goes along with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from migguard.rules.frame import Example
from tests.rules.test_fitting_advice import told

pytestmark = pytest.mark.thorough

DROP = 'op.drop_column("orders", "{}")\n'
KEYED = "CREATE TABLE orders (id bigint DEFAULT 1 CONSTRAINT orders_pkey PRIMARY KEY, number bigint NOT NULL);"


@pytest.mark.parametrize("locks", [True, False])
def test_an_emptied_table_is_locked_before_its_rows_go(locks: bool, tmp_path: Path) -> None:
    """A column that is nullable or has a default would only move the failure to the key that is made of it."""
    lock = 'op.drop_column("orders", "number")\n' if locks else ""
    add = 'op.add_column("orders", sa.Column("code", sa.Text(), nullable=False))'
    about = told("MG701", Example(f'op.execute("DELETE FROM orders")\n{lock}{add}', given=KEYED), tmp_path)
    moved = "Take the rows out under that lock: move line "
    assert about.advice.startswith(moved if locks else "Keep the running code out from before line ")
    assert ("LOCK TABLE orders IN ACCESS EXCLUSIVE MODE" in about.recipe) is not locks


@pytest.mark.parametrize("keyed", [True, False])
def test_a_column_that_was_part_of_a_key_is_not_given_another_type_where_it_is_added(
    keyed: bool, tmp_path: Path
) -> None:
    """The key was made with the first type, which the other side of it may need."""
    add = 'op.add_column("orders", sa.Column("team", sa.BigInteger()))\n'
    key = 'op.create_foreign_key("fk", "orders", "teams", ["team"], ["id"])\nop.drop_constraint("fk", "orders")\n'
    change = 'op.alter_column("orders", "team", type_=sa.Text(), postgresql_using="team::text")'
    given = f"{KEYED}CREATE TABLE teams (id bigint PRIMARY KEY);"
    about = told("MG409", Example(add + (key if keyed else "") + change, given=given), tmp_path)
    assert "drop it and add it anew here" in about.advice
    assert ("give it its type in line" in about.advice) is not keyed


@pytest.mark.parametrize("freed", [True, False])
def test_a_foreign_key_stays_together_with_the_drop_that_it_stands_in_the_way_of(freed: bool, tmp_path: Path) -> None:
    given = (
        "CREATE TABLE customers (id bigint PRIMARY KEY, code text CONSTRAINT uq UNIQUE);"
        "CREATE TABLE orders (code text CONSTRAINT fk REFERENCES customers (code));"
    )
    drop = 'op.drop_constraint("uq", "customers")\n' if freed else ""
    long = 'op.execute("UPDATE customers SET code = lower(code)")\n'
    code = f'op.drop_constraint("fk", "orders", type_="foreignkey")\n{drop}{long}'
    about = told("MG417", Example(code, given=given), tmp_path)
    assert ("which cannot run before it" in about.advice) is freed


def test_a_value_twice_in_a_downgrades_enum_is_to_be_written_once(tmp_path: Path) -> None:
    """Neither the names nor the order of the statements is what is wrong with it."""
    code = 'op.execute("DROP TYPE state")'
    back = "op.execute(\"CREATE TYPE state AS ENUM ('open', 'open')\")"
    about = told("MG203", Example(code, given="CREATE TYPE state AS ENUM ('open')", downgrade=back), tmp_path)
    assert about.advice == "Write each value of the type once, and in at most 63 bytes."


@pytest.mark.parametrize("goes", [True, False])
def test_a_key_that_goes_with_its_column_does_not_stay_until_the_next_one_is_there(goes: bool, tmp_path: Path) -> None:
    drop = DROP.format("id") if goes else 'op.drop_constraint("orders_pkey", "orders", type_="primary")\n'
    code = f'{drop}op.create_primary_key("orders_pkey", "orders", ["number"])'
    about = told("MG407", Example(code, given=KEYED), tmp_path)
    assert ("which stays until then" in about.advice) is not goes
    assert ("DROP CONSTRAINT orders_pkey" in about.recipe) is not goes


def test_all_columns_that_must_get_values_first_are_named(tmp_path: Path) -> None:
    code = (
        'op.add_column("orders", sa.Column("a", sa.Text()))\nop.add_column("orders", sa.Column("b", sa.Text()))\n'
        "op.execute(\"UPDATE orders SET a = 'x', b = 'y'\")\n"
        'op.alter_column("orders", "a", nullable=False)\nop.alter_column("orders", "b", nullable=False)'
    )
    about = told("MG514", Example(code, given=KEYED), tmp_path)
    assert about.advice.startswith("Let a default or a trigger give new rows a and b first: ")


def test_a_table_called_revision_hides_no_caution(tmp_path: Path) -> None:
    """What a recipe does before its block is committed by it, whatever the user's tables are called."""
    told_of = {}
    for name in ("revision", "orders"):
        (tmp_path / name).mkdir()
        code = f'op.execute("ALTER TABLE {name} ADD COLUMN code text UNIQUE")'
        example = Example(code, given=f"CREATE TABLE {name} (id bigint PRIMARY KEY)")
        told_of[name] = told("MG406", example, tmp_path / name / "p").recipe
    assert "a second run meets it again" in told_of["orders"]
    assert told_of["revision"] == told_of["orders"].replace("orders", "revision")


def test_of_two_columns_one_may_be_deleted_without_and_the_other_fail(tmp_path: Path) -> None:
    code = (
        'op.add_column("orders", sa.Column("a", sa.Text()))\nop.add_column("orders", sa.Column("b", sa.Text()))\n'
        "op.execute(\"UPDATE orders SET a = 'x', b = 'y'\")\n"
        'op.execute("DELETE FROM orders WHERE a IS NULL")\n'
        'op.alter_column("orders", "a", nullable=False)\nop.alter_column("orders", "b", nullable=False)'
    )
    about = told("MG503", Example(code, given=KEYED), tmp_path)
    assert about.advice.startswith(
        "Let a default or a trigger give new rows a and b first: those that the running code"
    )
    assert "without it in between are deleted by line " in about.advice
    assert ", and at a NULL that the running code puts in between, line " in about.advice
