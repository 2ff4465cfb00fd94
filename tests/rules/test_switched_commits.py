"""A commit that runs only if the environment says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from migguard.findings import Severity
from tests.rules.test_own_transactions import HANDED, ORDERS, PARTS, SET, found
from tests.shadow.project import PLAIN

pytestmark = pytest.mark.thorough

SWITCH = 'import os\nif os.environ.get("SHOP_ONE_BY_ONE") == "yes":\n    op.get_bind().connection.commit()\n'
ALWAYS = "op.get_bind().connection.commit()\n"
INDEX = 'op.create_index("ix", "orders", ["a"], if_not_exists=True)\n'
DROP = 'op.drop_index("iy", "orders", if_exists=True)\n'


@pytest.mark.parametrize(
    ("upgrade", "severity"),
    [
        (SWITCH + INDEX + DROP, Severity.WARNING),
        (SWITCH + INDEX + ORDERS, Severity.ERROR),
        (SWITCH + INDEX + 'op.execute("UPDATE orders SET a = a + 1")', Severity.ERROR),
        (INDEX + SWITCH + DROP, Severity.ERROR),
        (ALWAYS + INDEX + DROP, Severity.ERROR),
    ],
    ids=["first, and repeatable", "a change that fails again", "rows written twice", "not first", "in any case"],
)
def test_a_switched_commit_before_what_can_be_repeated_is_a_warning(
    tmp_path: Path, upgrade: str, severity: Severity
) -> None:
    [finding] = [f for f in found(tmp_path, PLAIN, upgrade) if f.code == "MG512"]
    assert finding.severity is severity
    assert ("depends on the environment (SHOP_ONE_BY_ONE)" in finding.message) == (SWITCH in upgrade)


@pytest.mark.parametrize(("env", "earlier"), [(PLAIN, True), (SET, False)], ids=["one transaction", "one each"])
def test_a_commit_takes_the_earlier_revisions_of_its_transaction_along(tmp_path: Path, env: str, earlier: bool) -> None:
    [finding] = [f for f in found(tmp_path, env, PARTS, SWITCH + INDEX) if f.code == "MG512"]
    assert ("Earlier pending revisions are committed with it" in finding.message) == earlier


def test_a_commit_does_nothing_on_a_connection_in_autocommit(tmp_path: Path) -> None:
    [finding] = [f for f in found(tmp_path, HANDED, ALWAYS + ORDERS) if f.code == "MG512"]
    assert "unless the program hands env.py a connection in autocommit" in finding.message
    assert (finding.severity, finding.verified) == (Severity.WARNING, False)
