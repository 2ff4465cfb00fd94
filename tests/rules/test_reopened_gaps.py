"""MG405 says that running code can write NULL again between the filling UPDATE and SET NOT NULL."""

from __future__ import annotations

from pathlib import Path

import pytest

from migguard.rules.frame import Example
from tests.rules.test_fitting_advice import told

pytestmark = pytest.mark.thorough

GIVEN = "CREATE TABLE t (id bigint PRIMARY KEY, a int, b int DEFAULT 3)"
FILL = 'op.execute("UPDATE t SET a = 0 WHERE a IS NULL")\n'
REQUIRE = 'op.alter_column("t", "a", nullable=False)\n'
ALTER = 'op.alter_column("t", "b", server_default=None)\n'
ADD = 'op.add_column("t", sa.Column("c", sa.Integer()))\n'
NEW = FILL.replace("a = 0 WHERE a", "c = 0 WHERE c") + REQUIRE.replace('"a"', '"c"')


def lock(mode: str) -> str:
    return f'op.execute("LOCK TABLE t IN {mode} MODE")\n'


OPEN: dict[str, tuple[tuple[str, ...], str]] = {
    "nothing locks the table": ((), FILL + REQUIRE),
    "a lock that lets writes through": ((), lock("ROW EXCLUSIVE") + FILL + REQUIRE),
    "a lock after the UPDATE": ((), FILL + ALTER + REQUIRE),
    "a lock that ended with its transaction": ((lock("SHARE ROW EXCLUSIVE") + FILL,), REQUIRE),
    "a new column, in another transaction": ((ADD,), NEW),
}
SHUT = {
    "LOCK TABLE": lock("SHARE ROW EXCLUSIVE") + FILL + REQUIRE,
    "an ALTER TABLE before": ALTER + FILL + REQUIRE,
    "a second UPDATE under the lock": FILL + ALTER + FILL + REQUIRE,
    "a new column": ADD + NEW,
    "nothing was filled": REQUIRE,
}


@pytest.mark.parametrize(("earlier", "code"), OPEN.values(), ids=list(OPEN))
def test_a_null_can_come_in_between(earlier: tuple[str, ...], code: str, tmp_path: Path) -> None:
    example = Example(code, given=GIVEN, earlier=earlier, env=("transaction_per_migration",))
    assert "nothing keeps it from that before this statement has its lock" in told("MG405", example, tmp_path).message


@pytest.mark.parametrize("code", SHUT.values(), ids=list(SHUT))
def test_no_null_can_come_in_between(code: str, tmp_path: Path) -> None:
    example = Example(code, given=GIVEN, env=("transaction_per_migration",))
    assert "nothing keeps" not in told("MG405", example, tmp_path).message


def test_the_check_that_refuses_them_comes_before_the_update(tmp_path: Path) -> None:
    advice = told("MG405", Example(FILL + REQUIRE, given=GIVEN), tmp_path).advice
    assert "fill what is left after the CHECK is there" in advice
