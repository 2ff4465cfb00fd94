"""Where a handler may have caught what only a stand-in raises, nobody knows what the upgrade has done."""

from __future__ import annotations

from pathlib import Path

import pytest

from migguard.findings import Severity
from migguard.rules.frame import Example
from tests.rules.test_fitting_advice import told

pytestmark = pytest.mark.thorough

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY, fax text)"
TRIED = """
{top}

def upgrade():
    try:
        assert models.names is None
        op.drop_column("orders", "fax")
    except Exception:
        pass

def downgrade():
    op.add_column("orders", sa.Column("fax", sa.Text()))
"""


@pytest.mark.parametrize(
    ("top", "severity"),
    [
        ("from house_database import models", Severity.WARNING),
        ("class models:\n    names = 1", Severity.ERROR),
    ],
    ids=["a stand-in", "what the script has itself"],
)
def test_a_downgrade_is_not_said_to_fail_on_what_a_handler_left(top: str, severity: Severity, tmp_path: Path) -> None:
    found = told("MG203", Example(TRIED.format(top=top), given=GIVEN), tmp_path)
    assert found.severity is severity
    assert found.verified is (severity is Severity.ERROR)
