"""Types in recipes are spelled so that every supported SQLAlchemy knows them, and are the types that they stand for."""

import pytest
import sqlalchemy as sa
from alembic import op  # noqa: F401  # loads the dialects, as a revision does
from sqlalchemy.dialects import postgresql

from migguard.changes import DataType, Engine
from migguard.rules.facts.advice.recipe_types import PLAIN
from migguard.rules.facts.schema.key_types import sqlalchemy_type

pytestmark = pytest.mark.thorough

SINCE_2_0 = ("sa.Uuid", "sa.UUID", "sa.Double", "sa.DOUBLE", "sa.DOUBLE_PRECISION")
SPELLED = {"double precision": "float(53)"}
"""What PostgreSQL takes for the same."""


@pytest.mark.parametrize("name", PLAIN)
def test_a_type_is_what_it_stands_for(name: str) -> None:
    """SQLAlchemy 1.4 has it, and PostgreSQL is told the type that is meant."""
    assert not PLAIN[name].startswith(SINCE_2_0)
    made: sa.types.TypeEngine[object] = eval(PLAIN[name], {"sa": sa})
    dialect: sa.Dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    assert made.compile(dialect=dialect).lower() == SPELLED.get(name, name)


def test_a_model_s_key_is_spelled_for_its_engine() -> None:
    """Only PostgreSQL's dialect has its own UUID."""
    uuid = DataType("uuid")
    assert sqlalchemy_type(uuid, Engine.POSTGRESQL) == "sa.dialects.postgresql.UUID()"
    assert sqlalchemy_type(uuid, Engine.MARIADB) == "sa.Uuid()"
