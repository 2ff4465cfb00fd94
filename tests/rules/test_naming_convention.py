"""The naming convention that env.py hands over with its MetaData reaches the rule that asks for it."""

from pathlib import Path

import pytest

from migguard.pipeline import Request, run
from migguard.rules.frame import Example
from tests.rules.examples import ENV, project

pytestmark = pytest.mark.thorough

GIVEN = "CREATE TABLE orders (id bigint CONSTRAINT pk_orders PRIMARY KEY, code text)"
BY_KIND = '{"uq": "uq_%(table_name)s_%(column_0_name)s", "short": lambda c, t: "x"}'
BY_CLASS = '{sa.UniqueConstraint: "uq_%(table_name)s_%(column_0_name)s"}'


def messages(root: Path, code: str, convention: str) -> list[str]:
    """What MG922 says about code under the MetaData with that convention."""
    since = project(Example(code, given=GIVEN), root, "postgresql")
    metadata = f"import sqlalchemy as sa\n\nTARGET = sa.MetaData(naming_convention={convention})\n"
    (root / "migrations" / "env.py").write_text(metadata + ENV.format(options=", target_metadata=TARGET"))
    overrides: dict[str, object] = {"dialect": "postgresql", "extend_select": ("MG922",)}
    checked = run(Request(config=root / "alembic.ini", overrides=overrides, here=root, cache=False, since=since))
    return [f.message for f in checked.report.findings if f.code == "MG922"]


@pytest.mark.parametrize("convention", [BY_KIND, BY_CLASS], ids=["by kind", "by class"])
def test_a_name_that_breaks_the_metadatas_convention_is_reported(tmp_path: Path, convention: str) -> None:
    code = 'op.execute("ALTER TABLE orders ADD CONSTRAINT orders_code UNIQUE (code)")'
    found = messages(tmp_path, code, convention)
    assert len(found) == 1
    assert "uq_orders_code" in found[0]


def test_a_name_that_the_metadata_made_is_right(tmp_path: Path) -> None:
    assert messages(tmp_path, 'op.create_unique_constraint(None, "orders", ["code"])', BY_KIND) == []


def test_sqlalchemys_own_convention_asks_for_nothing(tmp_path: Path) -> None:
    assert messages(tmp_path, 'op.create_index("odd", "orders", ["code"])', "None") == []
