"""Probes run before the deployment: they ask for no column that it adds."""

from pathlib import Path

import pytest

from migguard.rules.frame import Example
from tests.rules import examples

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
