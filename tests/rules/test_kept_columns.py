"""An advice that keeps, moves or delays a statement says what of the script goes along with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from migguard.rules.frame import Example
from tests.rules.test_fitting_advice import told

pytestmark = pytest.mark.thorough

KEYED = "CREATE TABLE orders (id bigint DEFAULT 1 CONSTRAINT orders_pkey PRIMARY KEY, number bigint NOT NULL);"
INDEXED = "CREATE TABLE orders (id bigint PRIMARY KEY, fax text, mail text);CREATE INDEX by_fax ON orders (fax);"
DROP = 'op.drop_column("orders", "{}")\n'


@pytest.mark.parametrize(
    ("column", "given", "then", "recipe"),
    [
        ("id", KEYED, 'op.create_primary_key("orders_pkey", "orders", ["number"])',
         'op.drop_constraint(op.f("orders_pkey"), "orders", type_="primary")'),
        ("id", KEYED, 'op.create_primary_key("other", "orders", ["number"])',
         'op.drop_constraint(op.f("orders_pkey"), "orders", type_="primary")'),
        ("fax", INDEXED, 'op.create_index("by_fax", "orders", ["mail"])',
         'op.drop_index(op.f("by_fax"), table_name="orders")'),
        ("fax", INDEXED, 'op.create_index("by_mail", "orders", ["mail"])', ""),
        ("id", KEYED, "", ""),
    ],
)  # fmt: skip
def test_a_column_that_is_kept_gives_up_the_keys_that_are_made_anew(
    column: str, given: str, then: str, recipe: str, tmp_path: Path
) -> None:
    """A table has one primary key, and a name belongs to one index: with the column there, the script would stop."""
    about = told("MG302", Example(DROP.format(column) + then, given=given), tmp_path)
    assert "drop the column in the next deployment" in about.advice
    assert about.recipe.strip() == recipe


def test_a_column_of_an_emptied_table_is_not_kept_for_its_values(tmp_path: Path) -> None:
    code = 'op.execute("TRUNCATE orders")\n' + DROP.format("id") + 'op.add_column("orders", sa.Column("id", sa.Text()))'
    about = told("MG302", Example(code, given=KEYED), tmp_path)
    assert about.advice.startswith("Release code first that can do with the id of line ")
    assert "values" not in about.advice


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
