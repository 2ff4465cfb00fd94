"""What is said of indexes and keys whose names nobody knows, where the MetaData could not be imported."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from migguard.findings import Finding
from migguard.pipeline import run
from tests.shadow.project import ONLINE, Project

pytestmark = pytest.mark.thorough

UNKNOWN = ONLINE + (
    'from shop.models import Base\nrun(sa.create_engine("postgresql://"), target_metadata=Base.metadata)\n'
)
GIVEN = 'op.execute("CREATE TABLE orders (id bigint PRIMARY KEY, code text, total int)")'
FLAG = 'op.add_column("orders", sa.Column("state", sa.Text(), index=True, server_default="new"))'
UNIQUE = 'op.add_column("orders", sa.Column("state", sa.Text(), index=True, unique=True, server_default="new"))'
WORK = 'op.add_column("orders", sa.Column("state", sa.Text()))\nop.create_index(None, "orders", ["state"])'
TOTAL = 'op.create_unique_constraint("uq_orders_total", "orders", ["total"])'


def said(root: Path, code: str, body: str, env: str, back: str = "pass", given: str = GIVEN) -> list[Finding]:
    project = Project(root)
    project.env(env)
    released = project.revision(given)
    project.revision(body, back)
    report = run(replace(project.request(), everything=False, since=released)).report
    return [f for f in report.findings if f.code == code]


def told(root: Path, code: str, body: str, env: str = UNKNOWN, back: str = "pass") -> Finding:
    [found] = said(root, code, body, env, back)
    return found


@pytest.mark.parametrize(
    ("code", "body", "hedged", "certain"),
    [
        ("MG401", FLAG, "Building the index over state", "Building ix_orders_state"),
        ("MG610", UNIQUE, "the unique index orders", "the unique index ix_orders_state orders"),
        ("MG924", "op.create_index(None, 'orders', ['code'])\nop.create_index('ix_whole', 'orders', ['code'])",
         "repeats the index over code", "repeats ix_orders_code"),
        ("MG503", WORK, "CREATE INDEX … ON orders (state)", "CREATE INDEX ix_orders_state ON orders (state)"),
        ("MG610", "op.create_check_constraint('positive', 'orders', 'total > 0')",
         "With the check orders refuses", "With the check positive orders refuses"),
    ],
)  # fmt: skip
def test_a_name_that_a_convention_may_make_is_not_told(
    tmp_path: Path, code: str, body: str, hedged: str, certain: str
) -> None:
    assert hedged in told(tmp_path / "unknown", code, body).message
    assert certain in told(tmp_path / "known", code, body, ONLINE + 'run(sa.create_engine("postgresql://"))\n').message


def test_a_whole_name_of_a_check_is_told(tmp_path: Path) -> None:
    finding = told(tmp_path, "MG610", "op.create_check_constraint(op.f('positive'), 'orders', 'total > 0')")
    assert "With the check positive orders refuses" in finding.message


def test_a_name_that_the_script_gives_is_told(tmp_path: Path) -> None:
    finding = told(tmp_path, "MG401", 'op.create_index("ix_orders_code", "orders", ["code"])')
    assert "Building ix_orders_code" in finding.message


MOVED = (
    'old = "ix_orders_code"\nop.drop_index(old, "orders")\n'
    'op.create_index(old.replace("code", "sku"), "orders", ["code"])'
)


def test_what_is_built_again_is_to_be_renamed_whatever_its_name(tmp_path: Path) -> None:
    given = GIVEN + '\nop.execute("CREATE INDEX ix_orders_code ON orders (code)")'
    [found] = said(tmp_path, "MG401", MOVED, UNKNOWN, given=given)
    assert found.advice.startswith("Only its name changes: rename ix_orders_code in the place of its drop")
    assert not found.recipe
    assert not found.fixable


KNOWN = ONLINE + 'run(sa.create_engine("postgresql://"))\n'
POSITIVE = 'op.create_check_constraint("positive", "orders", "total > 0")'
ENUM = (
    'op.add_column("orders", sa.Column("kind", sa.Enum("a", "b", native_enum=False, create_constraint=True, '
    'name="valid_kind"), nullable=False, server_default="a"))'
)
UNNAMED = 'op.create_unique_constraint(None, "orders", ["code", "total"])'
REFERRING = 'op.create_foreign_key(None, "orders", "orders", ["total"], ["id"])'


@pytest.mark.parametrize(
    ("code", "body", "back", "said", "unsaid"),
    [
        ("MG401", FLAG, "", 'op.create_index(None, "orders", ["state"]', "ix_orders_state"),
        ("MG403", REFERRING, "", 'op.create_foreign_key(None, "orders"', "fk_orders"),
        ("MG403", REFERRING, "fk_orders_total_orders", "VALIDATE CONSTRAINT fk_orders_total_orders", "…"),
        ("MG404", POSITIVE, "", 'op.create_check_constraint("positive", "orders"', 'op.f("positive")'),
        ("MG404", POSITIVE, "", 'VALIDATE CONSTRAINT "…"', "VALIDATE CONSTRAINT positive"),
        ("MG404", POSITIVE, "ck_orders_positive", 'op.f("ck_orders_positive"), "orders"', 'op.f("positive")'),
        ("MG404", POSITIVE, "ck_orders_positive", "VALIDATE CONSTRAINT ck_orders_positive", "…"),
        ("MG404", POSITIVE.replace('"positive"', 'op.f("positive")'), "", 'op.f("positive")', "…"),
        ("MG404", "name = 'positive'\n" + POSITIVE.replace('"positive"', "op.f(name)"), "", 'op.f("positive")', "…"),
        ("MG404", "name: str = 'positive'\nwhole = op.f(name)\n" + POSITIVE.replace('"positive"', "whole"), "",
         'op.f("positive")', "…"),
        ("MG404", "for name in ('positive',):\n    " + POSITIVE.replace('"positive"', "op.f(name)"), "",
         "VALIDATE CONSTRAINT positive", "…"),
        ("MG404", "op.create_check_constraint(constraint_name=op.f('positive'.lower()), table_name='orders', "
         "condition='total > 0')", "", 'op.f("positive")', "…"),
        ("MG404", 'op.execute("ALTER TABLE orders ADD CONSTRAINT positive CHECK (total > 0)")', "",
         "VALIDATE CONSTRAINT positive", "…"),
        ("MG406", UNNAMED, "", 'UNIQUE USING INDEX "…"', "orders_code_total_key"),
        ("MG406", UNNAMED, "uq_orders_code_total", "UNIQUE USING INDEX uq_orders_code_total", "…"),
        ("MG406", UNNAMED, "uq_orders_code", 'UNIQUE USING INDEX "…"', "ADD CONSTRAINT uq_orders_code "),
        ("MG406", UNNAMED, "uq_orders_code_total_id", 'UNIQUE USING INDEX "…"', "uq_orders_code_total"),
        ("MG406", TOTAL, "", "UNIQUE USING INDEX uq_orders_total", "…"),
    ],
)  # fmt: skip
def test_a_recipe_calls_nothing_by_a_name_that_a_convention_changes(
    tmp_path: Path, code: str, body: str, back: str, said: str, unsaid: str
) -> None:
    finding = told(tmp_path, code, body, back=f'op.drop_constraint("{back}", "orders")' if back else "pass")
    assert said in finding.recipe
    assert unsaid not in finding.recipe + finding.advice


@pytest.mark.parametrize("env", [UNKNOWN, KNOWN], ids=["unknown", "known"])
def test_a_check_that_a_type_makes_is_left_out_of_the_column(tmp_path: Path, env: str) -> None:
    finding = told(tmp_path, "MG404", ENUM, env)
    assert "a type that makes no CHECK of its own" in finding.advice
    assert 'op.add_column("orders", sa.Column("kind", sa.String(1), server_default=' in finding.recipe
    assert 'op.f("valid_kind")' in finding.recipe or env == UNKNOWN


@pytest.mark.parametrize("code", ["MG610", "MG703"])
@pytest.mark.parametrize(
    ("dropped", "certain"),
    [
        ('op.drop_constraint("uq_nobody", "orders", type_="unique")', False),
        ('op.drop_index("uq_orders_nobody", "orders")', False),
        ('op.drop_index("uq_orders_nobody")', False),
        ('op.drop_constraint("fk_nobody", "orders", type_="foreignkey")', True),
    ],
)
def test_a_key_that_follows_an_unknown_one_is_not_surely_stricter(
    tmp_path: Path, code: str, dropped: str, certain: bool
) -> None:
    finding = told(tmp_path, code, f"{dropped}\n{TOTAL}")
    assert ("is dropped before and is not known" in finding.message) is not certain
    assert certain or not finding.verified


@pytest.mark.parametrize("broken", [False, True])
def test_that_names_are_not_known_is_said_of_env_py_once(tmp_path: Path, broken: bool) -> None:
    env = UNKNOWN + ("raise RuntimeError('no')\n" if broken else "")
    env = env.replace("from shop", "raise RuntimeError('no')\nfrom shop") if broken else env
    finding = told(tmp_path, "MG010" if broken else "MG005", 'op.execute("SELECT 1")', env)
    assert "naming convention calls" in finding.message
    assert ("only inside the application" in finding.advice) is not broken
    assert finding.origin is not None
    assert finding.origin.path.name == "env.py"


def test_nothing_is_said_of_an_env_py_whose_metadata_is_there(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="unpack"):
        told(tmp_path, "MG005", 'op.execute("SELECT 1")', ONLINE + 'run(sa.create_engine("postgresql://"))\n')


FAMILY = """
op.execute("CREATE TABLE parents (id bigint PRIMARY KEY)")
op.execute("CREATE TABLE children (id bigint, parent bigint{0} REFERENCES parents)")
"""
KNOWN = ONLINE + 'run(sa.create_engine("postgresql://"))\n'
PRIMARY = 'op.create_primary_key({0}, "children", ["id"])'
DROPS = 'op.drop_table("children")\nop.drop_table("parents")'


@pytest.mark.parametrize(
    ("env", "name", "recipe"),
    [
        (UNKNOWN, None, 'ADD CONSTRAINT "…" PRIMARY KEY'),
        (UNKNOWN, "pk_c", "ADD CONSTRAINT pk_c PRIMARY KEY"),
        (KNOWN, None, "ADD CONSTRAINT children_pkey PRIMARY KEY"),
    ],
    ids=["a convention that nobody could read", "a name of the script", "no convention"],
)
def test_a_primary_key_has_the_name_that_is_known(env: str, name: str | None, recipe: str, tmp_path: Path) -> None:
    [found] = said(tmp_path, "MG407", PRIMARY.format(repr(name)), env, given=FAMILY.format(""))
    assert recipe in found.recipe
    assert ("children_pkey" in found.message) is (env is KNOWN)


@pytest.mark.parametrize(
    ("env", "given", "recipe"),
    [
        (UNKNOWN, "", 'op.drop_constraint("…", "children"'),
        (UNKNOWN, " CONSTRAINT fk_c", 'op.drop_constraint(op.f("fk_c"), "children"'),
        (KNOWN, "", 'op.drop_constraint(op.f("children_parent_fkey"), "children"'),
    ],
    ids=["a convention that nobody could read", "a name of the script", "no convention"],
)
def test_a_key_to_be_dropped_has_the_name_that_is_known(env: str, given: str, recipe: str, tmp_path: Path) -> None:
    found = said(tmp_path, "MG301", DROPS, env, given=FAMILY.format(given))
    assert any(recipe in one.recipe for one in found)


def test_the_name_of_what_was_dropped_before_is_not_that_of_the_new_one(tmp_path: Path) -> None:
    body = 'op.drop_index("idx_orders_code", "orders")\nop.create_index(None, "orders", ["code"], unique=True)'
    given = GIVEN + '\nop.execute("CREATE INDEX idx_orders_code ON orders (code)")'
    for number, (back, name) in enumerate(
        {"pass": "None", "op.drop_index('ix_uq_orders_code')": '"ix_uq_orders_code"'}.items()
    ):
        [found] = said(tmp_path / str(number), "MG401", body, UNKNOWN, back, given)
        assert f"op.create_index({name}," in (found.recipe or "")


def test_a_key_that_is_to_be_dropped_is_told_by_its_columns_and_a_query_for_its_name(tmp_path: Path) -> None:
    given = (
        'op.execute("CREATE TABLE orders (id bigint PRIMARY KEY)")\n'
        'op.create_table("lines", sa.Column("id", sa.BigInteger(), primary_key=True), '
        'sa.Column("order_id", sa.BigInteger(), sa.ForeignKey("orders.id")))'
    )
    [unknown] = said(tmp_path / "unknown", "MG301", 'op.drop_table("lines")', UNKNOWN, given=given)
    assert 'op.drop_constraint("…", "lines", type_="foreignkey")  # over order_id\n' in unknown.recipe
    assert "contype = 'f' AND conrelid = 'lines'::regclass" in unknown.recipe
    [known] = said(tmp_path / "known", "MG301", 'op.drop_table("lines")', KNOWN, given=given)
    assert 'op.drop_constraint(op.f("lines_order_id_fkey"), "lines", type_="foreignkey")\n' in known.recipe
    assert "pg_constraint" not in known.recipe


def test_an_index_that_is_called_as_the_one_dropped_before_it_is_built_under_a_name_of_its_own(tmp_path: Path) -> None:
    """The name is what the downgrade calls it; until the old one is dropped, the new one cannot have it."""
    drop = 'op.drop_index("uq_orders_total", table_name="orders")'
    finding = told(tmp_path, "MG401", f'{drop}\nop.create_index(None, "orders", ["total"], unique=True)', back=drop)
    assert 'op.create_index("uq_orders_total_new", "orders", ["total"], unique=True' in finding.recipe
    assert "ALTER INDEX uq_orders_total_new RENAME TO uq_orders_total" in finding.recipe


def test_an_index_of_an_unknown_name_may_have_that_of_the_one_in_whose_place_it_comes(tmp_path: Path) -> None:
    """Built first it would then fail, unless it is given another."""
    given = f"{GIVEN}\nop.create_index('ix_old', 'orders', ['code'])"
    body = "op.drop_index('ix_old', 'orders')\nop.create_index(None, 'orders', ['code', 'total'])"
    [unknown] = said(tmp_path / "unknown", "MG503", body, UNKNOWN, given=given)
    [known] = said(tmp_path / "known", "MG503", body, ONLINE + 'run(sa.create_engine("postgresql://"))\n', given=given)
    assert "Build it first, under a name that is free, and drop ix_old after the commit" in unknown.advice
    assert "Build it first, and drop ix_old after the commit" in known.advice
