"""Probes run before the deployment: they ask for no column that it adds."""

from pathlib import Path

import pytest

from migguard.rules.frame import Example
from tests.rules import examples

pytestmark = pytest.mark.thorough

GIVEN = "CREATE TABLE parents (id bigint PRIMARY KEY);CREATE TABLE people (id bigint PRIMARY KEY, name text, up bigint)"
TENANT = 'op.add_column("people", sa.Column("tenant", sa.Text(), nullable=False, server_default="main"))\n'
CASES = {
    "a key of an old column and one of one value": (
        "MG703",
        TENANT + 'op.create_unique_constraint("uq", "people", ["tenant", "name"])',
        "SELECT name, count(*) FROM people WHERE name IS NOT NULL GROUP BY name HAVING count(*) > 1 LIMIT 20",
    ),
    "a key of one value only": ("MG703", TENANT + 'op.create_unique_constraint("uq", "people", ["tenant"])', None),
    "a check that names a new column": (
        "MG704",
        TENANT + 'op.create_check_constraint("ck", "people", "tenant = \'other\' OR up > 0")',
        None,
    ),
    "a foreign key to a new column": (
        "MG704",
        'op.add_column("parents", sa.Column("no", sa.BigInteger(), server_default=sa.text("7")))\n'
        'op.create_unique_constraint("uq", "parents", ["no", "id"])\n'
        'op.create_foreign_key("fk", "people", "parents", ["up", "id"], ["no", "id"])',
        None,
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_probe_asks_for_what_is_there_before(case: str, tmp_path: Path) -> None:
    """New columns of one value are left out; where that leaves nothing to ask, there is no probe."""
    code, script, probe = CASES[case]
    checked = examples.check(Example(script, given=GIVEN), code, tmp_path, "postgresql")
    assert [f.probe for f in checked.report.findings if f.code == code] == [probe]


MARKED = (
    "CREATE TABLE people (id bigint PRIMARY KEY, kind text NOT NULL, email text NOT NULL, nick text, "
    "CONSTRAINT ck_kind CHECK (kind IN ('own', 'guest')))"
)
NULLABLE = 'op.alter_column("people", "email", nullable=True)\n'
GUESTS = "op.execute(\"UPDATE people SET email = NULL WHERE email LIKE '-%'\")\n"
NICKS = "op.execute(\"UPDATE people SET nick = NULL WHERE nick LIKE '-%'\")\n"
CODE = 'op.add_column("people", sa.Column("code", sa.Text()))\nop.execute("UPDATE people SET code = email")\n'
OWN = {
    "a value that was never missing": (NULLABLE + GUESTS, "kind = 'guest' OR email IS NOT NULL", True),
    "a new column that it fills": (CODE, "kind <> 'guest' OR code IS NULL", True),
    "a value that may have been missing before": (NICKS, "kind = 'guest' OR nick IS NOT NULL", False),
    "a new column that must have a value": (CODE, "kind <> 'guest' OR code IS NOT NULL", False),
    "an old column beside a new one": (CODE, "nick = 'a' OR code IS NOT NULL", False),
}


@pytest.mark.parametrize("case", OWN)
def test_rows_that_only_the_deployment_can_make_are_not_looked_for_before_it(case: str, tmp_path: Path) -> None:
    """The released schema let no such row in: a probe there finds none; the deployment's statements are to blame."""
    script, check, own = OWN[case]
    script += f'op.create_check_constraint("ck", "people", "{check}")'
    checked = examples.check(Example(script, given=MARKED), "MG704", tmp_path, "postgresql")
    [finding] = [f for f in checked.report.findings if f.code == "MG704"]
    assert ("Only what this deployment itself writes" in finding.advice) == own
    assert finding.probe is None or not own
