"""MG309 is a notice where no row holds the values any more when the type is built again."""

from pathlib import Path

import pytest

from migguard.findings import Severity
from migguard.rules.frame import Example
from tests.rules.cases.drop_type_or_value import DANCE, GIVEN
from tests.rules.examples import check

MOVED = {
    "by what it is": "UPDATE accounts SET plan = 'free' WHERE plan = 'trial'",
    "by what it is not": "UPDATE accounts SET plan = 'free' WHERE plan NOT IN ('free', 'paid')",
    "with another condition": "UPDATE accounts SET plan = 'free' WHERE plan = 'trial' OR plan = 'paid'",
    "all rows": "UPDATE accounts SET plan = 'paid'",
    "deleted": "DELETE FROM accounts WHERE plan IN ('trial', 'paid')",
    "through text": "ALTER TABLE accounts ALTER plan TYPE text; UPDATE accounts SET plan = 'free' WHERE plan <> 'paid'",
}
LEFT = {
    "some": "UPDATE accounts SET plan = 'free' WHERE plan = 'trial' AND id > 5",
    "others": "UPDATE accounts SET plan = 'free' WHERE plan = 'paid'",
    "to the value itself": "UPDATE accounts SET plan = 'trial' WHERE plan <> 'free'",
    "there and back": "UPDATE accounts SET plan = 'free' WHERE plan = 'trial'; UPDATE accounts SET plan = 'trial'",
}


@pytest.mark.parametrize(
    ("sql", "severity"),
    [(sql, Severity.NOTICE if held is MOVED else Severity.WARNING) for held in (MOVED, LEFT) for sql in held.values()],
    ids=[*MOVED, *LEFT],
)
def test_moved_rows_make_it_a_notice(sql: str, severity: Severity, tmp_path: Path) -> None:
    lines = "".join(f"op.execute({one.strip()!r})\n" for one in sql.split(";"))
    report = check(Example(lines + DANCE, given=GIVEN), "MG309", tmp_path, "postgresql").report
    assert [f.severity for f in report.findings if f.code == "MG309"] == [severity]
