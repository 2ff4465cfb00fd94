"""MG924 says what else names the index that is to be left out, by the line in which the name stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from migguard.models import ModelColumn, Models, ModelTable
from migguard.pipeline import Request, run
from migguard.rules.frame import Example
from tests.rules.examples import project
from tests.rules.test_fitting_advice import told

pytestmark = pytest.mark.thorough

TABLE = "CREATE TABLE orders (id bigint PRIMARY KEY, a bigint, b bigint, c text)"
WIDE = f"{TABLE};CREATE INDEX ix_ab ON orders (a, b)"
NARROW = 'op.create_index("ix_a", "orders", ["a"])'
SCRIPT = """
NAMES = (
    "ix_a",
    "ix_c",
)

def upgrade():
    op.create_index("ix_a", "orders", ["a"])
    op.create_index("ix_c", "orders", ["c"])

def gone(name):
    op.drop_index(name, "orders")

def downgrade():
"""
FIRST = 'op.create_index("ix_a", "orders", ["a"])\nop.create_index("ix_c", "orders", ["c"])'


def line_of(text: str, script: str) -> int:
    """The line of the script's file that has a text last."""
    return max(n for n, one in enumerate(script.splitlines(), 1) if text in one and "create_index" not in one)


WAYS = {
    "a loop": ('for name in (\n    "ix_c",\n    "ix_a",\n):\n    op.drop_index(name, "orders")', '    "ix_a",'),
    "a loop over a constant": ('for name in NAMES:\n    op.drop_index(name, "orders")', '    "ix_a",'),
    "a helper": ('gone("ix_c")\ngone("ix_a")', 'gone("ix_a")'),
    "a batch": (
        'with op.batch_alter_table("orders") as batch:\n    batch.drop_index("ix_c")\n    batch.drop_index(\n'
        '        batch.f("ix_a"),\n    )',
        "batch.drop_index(",
    ),
    "SQL": ('op.execute("DROP INDEX ix_c")\nop.execute("DROP INDEX ix_a")', "DROP INDEX ix_a"),
}


@pytest.mark.parametrize(("back", "named"), WAYS.values(), ids=list(WAYS))
def test_the_line_is_that_which_has_the_name(back: str, named: str, tmp_path: Path) -> None:
    script = SCRIPT + "\n".join(f"    {one}" for one in back.splitlines())
    about = told("MG924", Example(script, given=WIDE), tmp_path)
    file = (tmp_path / "migrations" / "versions" / "r2_revision.py").read_text()
    of = "for" if "NAMES" in back else "of"
    assert f"names it later: line {line_of(named, file)} {of} downgrade()," in about.advice


def test_a_name_that_is_put_together_is_a_part_of_what_its_line_does(tmp_path: Path) -> None:
    back = 'for name in ("c", "a"):\n    op.drop_index("ix_" + name, "orders")'
    about = told("MG924", Example(FIRST, given=WIDE, downgrade=back), tmp_path)
    assert "names it later: its part in line" in about.advice


@pytest.mark.parametrize("other", ["ix_a", "ix_other"])
def test_a_revision_after_the_deployment_that_drops_it_is_named(other: str, tmp_path: Path) -> None:
    """It fails where the index was not made."""
    drop = f'op.rename_table("orders", "sales")\nop.drop_index("{other}", "sales")'
    project(Example(drop, given=WIDE, earlier=(NARROW,)), tmp_path, "postgresql")
    overrides: dict[str, object] = {"dialect": "postgresql"}
    request = Request(
        config=tmp_path / "alembic.ini", revisions=("r2",), overrides=overrides, here=tmp_path, cache=False
    )
    [found] = [f for f in run(request).report.findings if f.code == "MG924"]
    assert ("names it later: line 10 of revision r3" in found.advice) is (other == "ix_a")


UNIQUE = 'op.create_unique_constraint("uq_ab", "orders", ["a", "b"])'
OTHERS = {
    "of this revision": (TABLE, f'{NARROW}\nop.create_index("ix_ab", "orders", ["a", "b"])', "leave that one out"),
    "of before": (WIDE, NARROW, "drop it here too"),
    "unique, of this revision": (TABLE, f"{NARROW}\n{UNIQUE}", None),
    "unique, of before": (f"{TABLE};CREATE UNIQUE INDEX uq_ab ON orders (a, b)", NARROW, None),
}


@pytest.mark.parametrize(("given", "code", "instead"), OTHERS.values(), ids=list(OTHERS))
def test_what_is_to_be_done_with_the_other_one(given: str, code: str, instead: str | None, tmp_path: Path) -> None:
    """One that keeps values unique does not go."""
    advice = told("MG924", Example(code, given=given), tmp_path).advice
    assert "shall go instead" not in advice if instead is None else f"shall go instead, {instead}." in advice


def sales(line: int) -> ModelTable:
    """A model of another table whose column of the same name is written in a line."""
    return ModelTable("sales", columns=(ModelColumn("a", path="models.py", line=line),), path="models.py", line=20)


MODELS = {
    "of its own": (12, "what makes it in the model: index=True of the column or an Index of its own."),
    "of a class that others share": (3, "of its own (of this model alone: other models share the column)."),
    "written somewhere else": (10, "(of this model alone, where a base class gives it to others too)"),
}


@pytest.mark.parametrize(("line", "words"), MODELS.values(), ids=list(MODELS))
def test_a_mark_that_other_models_share_stays_theirs(
    line: int, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A column has the line of its table where no class that the model inherits from says where it is written."""
    mine = ModelTable("orders", columns=(ModelColumn("a", path="models.py", line=line),), path="models.py", line=10)
    monkeypatch.setattr("tests.rules.examples.models", lambda *_: Models("abc", (mine, sales(3))))
    given = f"{TABLE};CREATE UNIQUE INDEX uq_a ON orders (a)"
    assert words in told("MG924", Example(NARROW, given=given, models="known"), tmp_path).advice


def test_a_mark_of_models_that_nobody_loaded_is_told_with_care(tmp_path: Path) -> None:
    about = told("MG924", Example(NARROW, given=f"{TABLE};CREATE UNIQUE INDEX uq_a ON orders (a)"), tmp_path)
    assert about.advice.endswith("(of this model alone, where a base class gives it to others too).")
