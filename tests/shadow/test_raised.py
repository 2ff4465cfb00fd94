"""What is said of a script that raised: what the replay lacked for it, or that it lacked nothing."""

from __future__ import annotations

import pytest

from migguard.findings import Finding
from tests.shadow.project import Project, upgrade

KNOWN = 'op.create_table("a", sa.Column("id", sa.Integer(), primary_key=True))'
OLD = 'op.execute("ALTER TABLE legacy ADD COLUMN note text")'
"""A first revision that works on a table which it never made."""
REST = 'op.execute("ALTER TABLE a ADD COLUMN rest text")'


def told(project: Project) -> Finding:
    """The finding."""
    [found] = [f for f in project.checked().report.findings if f.code == "MG002"]
    return found


CASES = {
    "rows": ('row = op.get_bind().execute(sa.text("SELECT id FROM a")).fetchone()\nrow.id', "Guard what needs rows"),
    "a table's columns": (
        'old = sa.Table("legacy", sa.MetaData(), autoload_with=op.get_bind())\nold.c.code',
        "Give migguard the schema",
    ),
    "an inspector's columns": (
        'old = {c["name"]: c for c in sa.inspect(op.get_bind()).get_columns("legacy")}\nold["code"]',
        "Give migguard the schema",
    ),
    "a foreign key's name": (
        '[key] = sa.inspect(op.get_bind()).get_foreign_keys("legacy")\nop.drop_constraint(key["name"], "legacy")',
        "Give migguard the schema",
    ),
    "a missing module": ("from shop.tools import codes\n{}[codes.first]", "Install what is missing"),
    "the environment": ('import os\nos.environ["SHOP_CODE"]', "Set what it reads from the environment"),
    "a process": ('import subprocess\nsubprocess.run(["true"])', "Leave to another job"),
    "behind a refused statement": (
        'op.execute("ALTER TABLE a ADD COLUMN id int")\nraise ValueError',
        "It asked for nothing",
    ),
    "the script": ("import datetime\ndatetime.datetime.now()._replace(hour=1)", "It asked for nothing"),
}


@pytest.mark.parametrize("case", CASES)
def test_the_advice_is_about_what_the_script_raised_for(project: Project, case: str) -> None:
    body, advice = CASES[case]
    project.revision(f"{OLD}\n{KNOWN}")
    project.revision(f"{body}\n{REST}")
    assert told(project).advice.startswith(advice)


@pytest.mark.parametrize("case", ["a table's columns", "an inspector's columns", "a foreign key's name"])
def test_a_table_that_the_history_never_made_is_named_where_a_script_wants_what_it_has(
    project: Project, case: str
) -> None:
    project.revision(f"{OLD}\n{KNOWN}")
    name = project.revision(f"{CASES[case][0]}\n{REST}")
    assert "the history never made the table legacy, so the replay does not know what it has" in told(project).message
    assert upgrade(project.traced(), name).statements[-1].sql == "ALTER TABLE a ADD COLUMN rest text"


@pytest.mark.parametrize("dialect", ["postgresql", "mysql"])
def test_a_branch_on_the_columns_of_a_table_that_the_history_never_made_is_told(project: Project, dialect: str) -> None:
    project.overrides["dialect"] = dialect
    project.revision(OLD)
    project.revision("""
        names = [c["name"] for c in sa.inspect(op.get_bind()).get_columns("legacy")]
        if "code" in names:
            op.drop_column("legacy", "code")
        """)
    found = {f.code: f for f in project.checked().report.findings}
    assert "which columns, keys and indexes the table legacy has" in found["MG008"].message
    assert "MG302" in found


def test_the_columns_of_a_table_that_the_history_made_are_no_guess(project: Project) -> None:
    project.revision(KNOWN)
    project.revision("""
        if "code" in [c["name"] for c in sa.inspect(op.get_bind()).get_columns("a")]:
            op.drop_column("a", "code")
        """)
    assert not {"MG008", "MG002"} & {f.code for f in project.checked().report.findings}


def test_an_error_of_the_applications_own_rests_on_its_settings(project: Project) -> None:
    """Where it finds them it raises nothing: a downgrade that stops at them is not known to fail."""
    project.file("shop/__init__.py", "")
    project.file(
        "shop/conf.py", "class NotFound(Exception):\n    pass\n\ndef size():\n    raise NotFound('shop.cfg')\n"
    )
    project.revision(f"{OLD}\n{KNOWN}")
    project.revision(f"from shop.conf import size\nsize()\n{REST}", "from shop.conf import size\nsize()")
    assert told(project).advice.startswith("Run migguard where the application finds its settings")
    [back] = [f for f in project.checked().report.findings if f.code == "MG203"]
    assert back.message.endswith("Whether it fails is not known.")


def test_another_error_out_of_the_applications_code_is_one_everywhere(project: Project) -> None:
    project.file("shop/__init__.py", "")
    project.file("shop/tools.py", "def size():\n    return 1 / 0\n")
    project.revision(f"{OLD}\n{KNOWN}")
    project.revision(f"from shop.tools import size\nsize()\n{REST}")
    assert told(project).advice.startswith("It asked for nothing")
