"""What a table is called whose model cannot be imported, and what is made of a name that nobody knows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from migguard.findings import Severity
from migguard.pipeline import Checked, run
from tests.shadow.project import Project, codes, sql, tables, upgrade

BROKEN = "from not_installed import Base, setting\nassert setting.broken > 3\n"
"""A module that cannot be imported here to its end."""
MADE = 'op.create_table(Order.__tablename__, sa.Column("id", sa.Integer(), primary_key=True))'


def since_first(project: Project) -> Checked:
    """The report on all but the first revision."""
    return run(replace(project.request(), everything=False, since="r1"))


@pytest.mark.parametrize(
    ("files", "used", "name"),
    [
        ({"shop/models.py": 'class Order(Base):\n    __tablename__ = "orders"\n'}, "Order.__tablename__", "orders"),
        (
            {"shop/models.py": 'class Order(Base):\n    __tablename__: str = "orders"\n'},
            "Order.__tablename__",
            "orders",
        ),
        ({"shop/models.py": 'class Order(Base):\n    __tablename__ = "orders"\n'}, "Order.__table__.name", "orders"),
        (
            {"shop/models.py": 'NAME = "orders"\nclass Order(Base):\n    __tablename__ = NAME\n'},
            "Order.__tablename__",
            "orders",
        ),
        ({"shop/models.py": "class Order(Base, table=True):\n    pass\n"}, "Order.__tablename__", "order"),
        (
            {"shop/models.py": 'class Order(Base):\n    __table__ = Table("orders", Base.metadata)\n'},
            "Order.__tablename__",
            "orders",
        ),
        (
            {
                "shop/models/__init__.py": "from .sales import Order\n",
                "shop/models/sales.py": 'class Order(Base):\n    __tablename__ = "orders"\n',
            },
            "Order.__tablename__",
            "orders",
        ),
        (
            {
                "shop/models/__init__.py": "from shop.models.sales import *\n",
                "shop/models/sales.py": 'class Order(Base):\n    __tablename__ = "orders"\n',
            },
            "Order.__tablename__",
            "orders",
        ),
        (
            {"shop/models.py": "class Order(Base):\n    __tablename__: str\n"},
            "Order.__tablename__",
            "«Order»",
        ),
        (
            {"shop/models.py": "from not_installed.models import Order\n"},
            "Order.__tablename__",
            "«Order»",
        ),
    ],
)
def test_a_table_is_called_as_the_source_of_a_model_says_that_cannot_be_imported(
    project: Project, files: dict[str, str], used: str, name: str
) -> None:
    project.file("shop/__init__.py", "")
    for path, text in files.items():
        project.file(path, BROKEN + text)
    project.revision(
        f'op.create_table({used}, sa.Column("id", sa.Integer(), primary_key=True))', top="from shop.models import Order"
    )
    assert tables(project.traced()) == {name}


def test_a_table_whose_name_nobody_knows_takes_no_name_from_another(project: Project) -> None:
    """Another revision calls the table by its name, and gives it the primary key that it had before."""
    project.revision(
        f"""
        op.create_table("parents", sa.Column("id", sa.Integer(), primary_key=True))
        {MADE.removesuffix(")")}, sa.Column("at", sa.Date()), sa.PrimaryKeyConstraint("at", name="order_pk"))
        op.create_index("ix_at", Order.__tablename__, ["at"])
        """,
        top="from shop.models import Order",
    )
    name = project.revision("""
        op.drop_constraint("order_pk", "orders", type_="primary")
        op.create_primary_key("order_pk", "orders", ["id", "at"])
        op.create_index("ix_at", "orders", ["at"])
        """)
    traced = project.traced()
    assert [s.refusal for s in upgrade(traced, name).steps()] == [None] * 3
    found = {f.code: f for f in since_first(project).report.findings}
    assert not found["MG407"].verified
    assert not found["MG401"].verified
    assert "MG706" not in found


def test_the_index_of_a_table_whose_name_nobody_knows_is_found_by_its_own_name(project: Project) -> None:
    project.revision(
        f'{MADE}\nop.create_index("ix_id", Order.__tablename__, ["id"])', top="from shop.models import Order"
    )
    name = project.revision('op.drop_index("ix_id")\nop.execute(f"ALTER TABLE {Order.__tablename__} ADD COLUMN a int")',
                            top="from shop.models import Order")  # fmt: skip
    traced = project.traced()
    assert [(s.refusal, s.verified) for s in upgrade(traced, name).steps()] == [(None, False)] * 2
    assert "«Order»" in sql(upgrade(traced, name))[1]


def test_what_is_refused_for_a_name_that_nobody_knows_is_told(project: Project) -> None:
    """Two models of one class name are two tables: what is refused of the second is nobody's mistake, and no secret."""
    project.revision(MADE, top="from shop.models import Order")
    project.revision(MADE, top="from house.models import Order")
    [found] = [f for f in since_first(project).report.findings if f.code == "MG706"]
    assert not found.verified
    assert found.severity is Severity.WARNING


def test_a_file_that_a_name_was_read_from_is_read_again_when_it_has_changed(project: Project) -> None:
    project.file("shop/__init__.py", "")
    for name in ("orders", "purchases"):
        project.file("shop/models.py", f'{BROKEN}class Order(Base):\n    __tablename__ = "{name}"\n')
        if name == "orders":
            project.revision(MADE, top="from shop.models import Order")
        assert tables(project.traced()) == {name}
    assert "MG005" in codes(project.checked())
