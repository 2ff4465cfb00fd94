"""What is to be dropped a release later can be left unused until then: the advice runs, and what follows it too."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from migguard.rules.frame import Example
from tests.rules.examples import check
from tests.rules.test_fitting_advice import told

pytestmark = pytest.mark.thorough

ORDERS = "CREATE TABLE orders (id bigint PRIMARY KEY, code {0})"
DROP = 'op.drop_column("orders", "code")'
FREE = 'op.alter_column("orders", "code", nullable=True)'
MODEL = """
class Order(Base):
    __tablename__ = "orders"
    id = sa.Column(sa.BigInteger, primary_key=True)
    code = sa.Column(sa.Text)
"""
COLUMNS = {
    "text NOT NULL": FREE,
    "text NOT NULL DEFAULT NULL": FREE,
    "text": "",
    "text NOT NULL DEFAULT ''": "",
    "bigserial": "",
    "bigint GENERATED ALWAYS AS IDENTITY": "",
    "checked": 'op.alter_column("orders", "code", server_default=...)',
}
CHECKED = "CREATE DOMAIN checked AS text NOT NULL"


@pytest.mark.parametrize(("kind", "recipe"), COLUMNS.items(), ids=list(COLUMNS))
def test_a_column_that_every_insert_has_to_name_is_freed_first(kind: str, recipe: str, tmp_path: Path) -> None:
    example = Example(DROP, given=f"{CHECKED};{ORDERS.format(kind)}", models=MODEL)
    assert told("MG302", replace(example, models=""), tmp_path / "unknown").recipe == recipe
    mapped = told("MG603", example, tmp_path / "mapped").recipe.splitlines()
    assert [line for line in mapped if not line.startswith("#")] == [*filter(None, [recipe]), DROP]


def test_a_column_of_the_key_cannot_be_left_empty(tmp_path: Path) -> None:
    given = "CREATE TABLE orders (id bigint, code text, PRIMARY KEY (id, code))"
    assert "server_default=..." in told("MG302", Example(DROP, given=given), tmp_path).recipe


@pytest.mark.parametrize("server", ["mysql 8.0.36", "sqlite"])
def test_other_engines_have_their_own_call(server: str, tmp_path: Path) -> None:
    given = ORDERS.format("int NOT NULL")
    [found] = [
        f
        for f in check(Example(DROP, given=given, server=server), "MG302", tmp_path, "postgresql").report.findings
        if f.code == "MG302"
    ]
    assert ("existing_type=..." if server[0] == "m" else "batch.alter_column") in found.recipe


FAMILY = (
    "CREATE TABLE parents (id bigint PRIMARY KEY);"
    "CREATE TABLE children (id bigint PRIMARY KEY, parent_id bigint REFERENCES parents)"
)
MODELS = """
class Child(Base):
    __tablename__ = "children"
    id = sa.Column(sa.BigInteger, primary_key=True)
"""
DROPS = 'op.drop_table("children")\nop.drop_table("parents")'


@pytest.mark.parametrize("code", ["MG301", "MG604"])
def test_a_table_that_stays_holds_no_other(code: str, tmp_path: Path) -> None:
    example = Example(DROPS, given=FAMILY, models=MODELS if code == "MG604" else "")
    report = check(example, code, tmp_path / "bad", "postgresql").report
    found = next(f for f in report.findings if f.code == code and f.table == "children")
    key = 'op.drop_constraint(op.f("children_parent_id_fkey"), "children", type_="foreignkey")'
    assert key in found.recipe.splitlines()
    taken = replace(example, code=found.recipe.replace('op.drop_table("children")', "") + '\nop.drop_table("parents")')
    said = {f.code for f in check(taken, code, tmp_path / "good", "postgresql").report.findings}
    assert not {"MG002", "MG706"} & said


@pytest.mark.parametrize(("keys", "dropped"), [
    ("parent_id bigint REFERENCES parents", ["children_parent_id_fkey"]),
    ("parent_id bigint REFERENCES parents ON DELETE CASCADE", ["children_parent_id_fkey"]),
    ("older bigint REFERENCES children", []),
    ("older bigint", []),
], ids=["a key", "one with CASCADE", "to itself", "no key"])  # fmt: skip
def test_the_copy_holds_no_row_of_what_stays(keys: str, dropped: list[str], tmp_path: Path) -> None:
    given = f"CREATE TABLE parents (id bigint PRIMARY KEY); CREATE TABLE children (id bigint PRIMARY KEY, {keys})"
    first, *rest = reversed(
        told("MG301", Example('op.drop_table("children")', given=given), tmp_path).recipe.split("\n")
    )
    assert first == 'op.rename_table("children", "children_old")'
    calls = [f'op.drop_constraint(op.f("{name}"), "children", type_="foreignkey")' for name in dropped]
    assert [line for line in rest if not line.startswith("#")] == calls
    assert any("a DELETE there would fail" in line for line in rest) is bool(dropped)


def test_a_key_that_would_have_gone_with_the_table_goes(tmp_path: Path) -> None:
    found = told("MG301", Example('op.execute("DROP TABLE parents CASCADE")', given=FAMILY), tmp_path)
    assert 'op.drop_constraint(op.f("children_parent_id_fkey"), "children", type_="foreignkey")' in found.recipe


AGAIN = 'op.add_column("orders", sa.Column("code", sa.Text(){0}))'
FILLED = AGAIN.format(', nullable=False, server_default="x"')
NEVER_MADE = {
    "nothing is known": ("pass", "not known here"),
    "it comes back NOT NULL": (AGAIN.format(", nullable=False"), "fails while it is NOT NULL"),
    "it comes back with a default for the old rows only": (
        FILLED + '\nop.alter_column("orders", "code", server_default=None)', "fails while it is NOT NULL"
    ),
    "it comes back with a default": (FILLED, ""),
    "it comes back nullable": (AGAIN.format(""), ""),
}  # fmt: skip


@pytest.mark.parametrize(("back", "lead"), NEVER_MADE.values(), ids=list(NEVER_MADE))
def test_a_column_that_no_revision_made_may_be_one_that_inserts_must_name(back: str, lead: str, tmp_path: Path) -> None:
    example = Example(DROP, downgrade=back)
    found = told("MG302", example, tmp_path)
    assert (found.recipe == FREE, lead in found.advice) == (bool(lead), True)
    assert lead or found.advice.startswith("Remove code")


def test_a_new_column_beside_one_that_no_revision_made_is_as_that_one_is(tmp_path: Path) -> None:
    code = 'op.execute("ALTER TABLE orders ALTER COLUMN code TYPE jsonb")'
    lines = told("MG409", Example(code), tmp_path).recipe.splitlines()
    assert lines[1].startswith("# NOT NULL and the default as the old column has them")
    assert any("without these lines if code may be NULL" in line for line in lines)
    assert lines[2] == 'op.alter_column("orders", "code_new", server_default=...)'
    assert 'op.alter_column("orders", "code_new", nullable=False)' in lines
    assert lines[-1] == 'op.alter_column("orders", "code_old", nullable=True)'
