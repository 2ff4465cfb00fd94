"""What a branch would do that the replay could not take is checked like the rest."""

import textwrap
from dataclasses import replace
from pathlib import Path

import pytest

from tests.rules import examples
from tests.rules.test_examples import RULES, dialect

pytestmark = pytest.mark.thorough

ROWS = "CREATE TABLE measured (id bigint PRIMARY KEY)"
OTHERWISE = {
    "MG002": "a row that is missing raises where the branch is read, and MG008 says that it could not be read",
    "MG110": "the revision asks for rows, so it is not empty",
    "MG202": "the downgrade is replayed from where the upgrade really ended",
    "MG204": "the downgrade is replayed from where the upgrade really ended",
    "MG509": "it tells where a second run stops, and this one never began",
}
WRAPPED = {
    name: rule
    for name, rule in RULES.items()
    if rule.bad is not None
    and dialect(rule) == "postgresql"
    and rule.code not in OTHERWISE
    and not any(word in rule.bad.code for word in ("def upgrade", "import "))
}


@pytest.mark.parametrize("name", WRAPPED, ids=lambda name: f"{RULES[name].code}-{name}")
def test_a_bad_example_on_the_side_that_was_not_taken_is_flagged(name: str, tmp_path: Path) -> None:
    """Whether the branch is taken is up to production's rows: its silence would be a guess about them."""
    rule = RULES[name]
    assert rule.bad is not None
    code = 'if op.get_bind().execute(sa.text("SELECT count(*) FROM measured")).scalar() > 3:\n' + textwrap.indent(
        textwrap.dedent(rule.bad.code).strip("\n"), "    "
    )
    branched = replace(rule.bad, code=code, given=f"{rule.bad.given};{ROWS}" if rule.bad.given else ROWS)
    checked = examples.check(branched, rule.code, tmp_path, dialect(rule))
    assert rule.code in {f.code for f in checked.report.findings}


def test_what_a_revision_does_as_a_whole_is_said_once_of_its_branches(tmp_path: Path) -> None:
    """Two branches, each of which locks a second table, are one transaction too large."""
    rule = RULES["many_tables_locked"]
    assert rule.bad is not None
    branch = 'if op.get_bind().execute(sa.text("SELECT count(*) FROM measured")).scalar() > 3:\n'
    code = 'op.add_column("orders", sa.Column("a", sa.Text()))\n' + "".join(
        f'{branch}    op.add_column("customers", sa.Column("{name}", sa.Text()))\n' for name in "bc"
    )
    branched = replace(rule.bad, code=code, given=f"{rule.bad.given};{ROWS}")
    checked = examples.check(branched, rule.code, tmp_path, dialect(rule))
    assert [f.code for f in checked.report.findings].count("MG504") == 1
