"""A recipe that needs a connection says so where scripts of the history ask whether they have one."""

from pathlib import Path

import pytest

from migguard.project.offline_runs import signs
from migguard.rules.facts.advice.beside_offline import needs_answers
from migguard.rules.frame import Example
from tests.rules.examples import check

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY, code text)"
DELETE = 'op.execute("DELETE FROM orders WHERE code IS NULL")'
ASKED = "if not op.get_context().as_sql:\n    pass"


@pytest.mark.parametrize(
    ("code", "released", "said"),
    [
        (DELETE, (ASKED,), True),
        (DELETE, ("from alembic import context\ncontext.is_offline_mode()",), True),
        (f"{ASKED}\n{DELETE}", (), True),
        (DELETE, (), False),  # env.py asks, as that of Alembic's template does
        (DELETE, ("pass  # as_sql",), False),
    ],
)
@pytest.mark.thorough
def test_a_loop_over_batches_needs_a_connection(
    code: str, released: tuple[str, ...], said: bool, tmp_path: Path
) -> None:
    report = check(Example(code, given=GIVEN, released=released), "MG514", tmp_path, "postgresql").report
    [found] = [f for f in report.findings if f.code == "MG514"]
    assert found.recipe.count("# needs a connection: offline (--sql)") == said


@pytest.mark.parametrize(
    ("recipe", "needs"),
    [
        ('while op.get_bind().execute(sa.text("DELETE …")).rowcount:\n    pass', True),
        ('op.get_bind().execute(sa.text("DELETE …"))', False),
        ('op.execute("DELETE …")', False),
        ("# op.execute(…).rowcount", False),
        ("that is .execute( no Python", False),
    ],
)
def test_what_uses_an_answer(recipe: str, needs: bool) -> None:
    assert needs_answers(recipe) is needs


@pytest.mark.parametrize(
    ("code", "sign"),
    [
        ("from alembic.context import is_offline_mode\nx = is_offline_mode()", ("is_offline_mode",)),
        ("x = op.get_context().as_sql", ("as_sql",)),
        ('"""as_sql"""', ()),
        ("as_sql no Python", ()),
        ("if context.is_offline_mode():\n    raise Exception('only online')", ()),
        ("if op.get_context().as_sql:\n    print('no')\n    raise Exception", ()),
        ("if not context.is_offline_mode():\n    pass\nelse:\n    raise Exception", ()),
        ("assert not context.is_offline_mode()", ()),
        ("if context.is_offline_mode():\n    print('by hand')\n    return", ("is_offline_mode",)),
        ("if not context.is_offline_mode():\n    raise Exception", ("is_offline_mode",)),
        ("if context.is_offline_mode():\n    raise Exception\nif not op.get_context().as_sql:\n    x()", ("as_sql",)),
    ],
)
def test_a_script_shows_that_it_runs_offline(code: str, sign: tuple[str, ...], tmp_path: Path) -> None:
    script = tmp_path / "one.py"
    script.write_text(code)
    assert signs([tmp_path / "absent.py", script]) == sign
