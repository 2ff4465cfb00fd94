"""What scripts do with modules that are not installed, and that nothing of it is silent."""

from __future__ import annotations

from dataclasses import replace

import pytest

from migguard.findings import Finding
from migguard.pipeline import run
from migguard.trace import Certainty, NoteKind, Outcome
from tests.shadow.project import Project, codes, notes, sql, summary, tables, upgrade

pytestmark = pytest.mark.thorough

CREATE = 'op.create_table("a", sa.Column("id", sa.Integer, primary_key=True))'


@pytest.mark.parametrize(
    ("top", "body"),
    [
        ("import shop.tools", CREATE),
        ("from shop.models import Base\nclass User(Base):\n    pass", CREATE),
        ("from shop.models import A, B\nclass User(A, B):\n    pass", CREATE),
        ("from shop.models import Base\nimport abc\nclass User(Base, abc.ABC):\n    pass", CREATE),
        ("from shop.conf import NAMES\nassert len(NAMES) == 0 and not all(list(NAMES))", CREATE),
        ("from shop.conf import SIZE\nTWICE = 2 * SIZE + 1 - SIZE / 2", CREATE),
        ("from shop.tools import locked\nwith locked('x'):\n    pass", CREATE),
        ("from shop.tools import retry\n@retry\ndef make():\n    " + CREATE, "make()"),
        ("from shop.tools import retry\n@retry(times=3)\ndef make():\n    " + CREATE, "make()"),
        (
            "from shop.errors import ShopError\ntry:\n    raise ShopError('x', code=1)\nexcept ShopError:\n    pass",
            CREATE,
        ),
        ("from shop.kinds import Kind\nassert not isinstance(1, Kind)", CREATE),
        ("import shop\ndef f(x: shop.Kind | None) -> shop.Kind | None: ...", CREATE),
        ("from typing import Optional\nfrom shop import Kind\ndef f(x: Optional[Kind[int, 'str']]): ...", CREATE),
        (
            "from typing import List, Union\nimport shop",
            'Union[shop.Kind, shop.other.Kind]; List[shop.sizes()[0]]; List["shop.Kind"]; ' + CREATE,
        ),
        ("import shop", CREATE + '; sa.ForeignKey(column="a.id", name="fk")'),
        ("from shop.kinds import Kind", 'op.create_table("a", sa.Column("k", sa.Enum(Kind, name="kind")))'),
        (
            "from shop.kinds import Kind",
            'op.create_table("a", sa.Column("k", sa.Enum(*[k.value for k in Kind], name="k")))',
        ),
        ("from shop.types import MoneyType", 'op.create_table("a", sa.Column("k", MoneyType(precision=2)))'),
        ("from shop.types import Price\nclass Own(Price):\n    pass", 'op.create_table("a", sa.Column("k", Own))'),
        (
            "from lazy_object_proxy import Proxy\nT = Proxy(lambda: sa.String)",
            'op.create_table("a", sa.Column("k", T(9)))',
        ),
    ],
)
def test_a_script_that_uses_what_is_not_installed_is_replayed_and_says_so(
    project: Project, top: str, body: str
) -> None:
    name = project.revision(body, top=top)
    traced = project.traced()
    assert summary(traced, name).outcome is Outcome.FULL
    assert tables(traced) == {"a"}
    assert notes(upgrade(traced, name), NoteKind.STUBBED)


def test_a_module_that_was_stood_in_for_is_mg005(project: Project) -> None:
    project.revision(CREATE, top="import shop.tools")
    assert "MG005" in codes(project.checked())


def test_an_import_that_another_engine_comes_to_is_not_told(project: Project) -> None:
    other = "if op.get_bind().dialect.name == 'mysql':\n    fill()\n"
    project.revision("pass")
    project.revision(other + "op.execute('SELECT 1')", top="def fill():\n    import keymaker\n    keymaker.make()")
    last = project.revision("op.execute('SELECT 2')", top="import keymaker")
    [found] = [f for f in since_first(project) if f.code == "MG005"]
    assert (found.revision, "more revision" in found.advice) == (last, False)


@pytest.mark.parametrize(
    ("top", "kind", "rendered"),
    [
        ("from sqlalchemy_utils import UUIDType", "UUIDType()", "UUID"),
        ("from sqlmodel.sql.sqltypes import AutoString", "AutoString(length=9)", "VARCHAR(9)"),
        ("import sqlmodel", "sqlmodel.AutoString()", "VARCHAR"),
        ("from pgvector.sqlalchemy import Vector", "Vector(3)", "VECTOR(3)"),
    ],
)
def test_types_of_well_known_libraries_are_known_without_them(
    project: Project, top: str, kind: str, rendered: str
) -> None:
    name = project.revision(f'op.create_table("a", sa.Column("k", {kind}))', top=top)
    assert f"k {rendered}" in sql(upgrade(project.traced(), name))[-1]


def test_sqlmodels_string_without_a_length_has_255_characters_on_mysql(project: Project) -> None:
    project.overrides["dialect"] = "mysql"
    name = project.revision('op.create_table("a", sa.Column("k", sqlmodel.AutoString()))', top="import sqlmodel")
    assert "k VARCHAR(255)" in sql(upgrade(project.traced(), name))[0]


def test_a_stand_in_inside_sql_is_never_taken_for_known(project: Project) -> None:
    project.revision(CREATE)
    name = project.revision(
        'op.execute(sa.delete(sa.table("a", sa.column("id"))).where(LIMIT < 3))', top="from shop.conf import LIMIT"
    )
    traced = project.traced()
    [statement] = upgrade(traced, name).statements
    assert not statement.understood
    assert "MG003" in codes(project.checked())


def test_a_branch_on_a_stand_in_has_its_other_side_read(project: Project) -> None:
    project.revision(CREATE)
    name = project.revision('if settings.SHOP_DROPS:\n    op.drop_table("a")', top="from shop.conf import settings")
    found = upgrade(project.traced(), name)
    assert [(s.sql.split()[0], s.certainty) for s in found.statements] == [("DROP", Certainty.OTHER_BRANCH)]
    assert {"MG008", "MG301"} & set(codes(project.checked())) == {"MG008"}  # the table is this deployment's own


def test_a_loop_over_a_stand_in_runs_for_one_that_nobody_knows(project: Project) -> None:
    """What it does is judged, as something done to a table of which only that is known."""
    project.revision(CREATE)
    name = project.revision("for table in OLD:\n    op.drop_table(table)", top="from shop.conf import OLD")
    assert sql(upgrade(project.traced(), name)) == ['DROP TABLE "«OLD»"']
    found = {f.code: f for f in since_first(project)}
    assert not found["MG301"].verified
    assert "Which table «OLD» stands for" in found["MG005"].message


def since_first(project: Project) -> list[Finding]:
    """The findings on all but the first revision."""
    return run(replace(project.request(), everything=False, since="r1")).report.findings


PARTS = "from shop.parts import COLUMNS, common, columns"


@pytest.mark.parametrize(
    "made",
    [
        'op.create_table("t", sa.Column("id", sa.Integer), *columns())',
        'op.create_table("t", sa.Column("id", sa.Integer), *common.COLUMNS)',
        'op.create_table("t", sa.Column("id", sa.Integer), columns("note"))',
        'op.create_table("t", *[sa.Column("id", sa.Integer)] + columns())',
        'op.create_table("t", *columns() + [sa.Column("id", sa.Integer)])',
        'op.create_table("t", sa.Column("id", sa.Integer), *(sa.Column(n, sa.Text) for n in COLUMNS))',
        'op.create_table("t", sa.Column("id", sa.Integer), *(sa.Column(n, t) for n, t in COLUMNS.items()))',
        'all = [sa.Column("id", sa.Integer)]\nall += columns()\nop.create_table("t", *all)',
        'all = [sa.Column("id", sa.Integer)]\nall.extend(columns())\nop.create_table("t", *all)',
        'all = [sa.Column("id", sa.Integer)]\nfor c in columns():\n    all.append(c)\nop.create_table("t", *all)',
        'op.create_table("t", sa.Column("id", sa.Integer))\nfor c in COLUMNS:\n    op.add_column("t", c)',
        'op.create_table("t", sa.Column("id", sa.Integer))\nop.add_column("t", columns("note"))',
        'op.create_table("t", sa.Column("id", sa.Integer))\n'
        'with op.batch_alter_table("t") as t:\n    t.add_column(common)',
        'sa.Table("t", sa.MetaData(), sa.Column("id", sa.Integer), *columns()).create(op.get_bind())',
    ],
)
def test_a_table_with_items_of_a_missing_module_may_have_any_column(project: Project, made: str) -> None:
    first = project.revision(made, top=PARTS)
    project.revision('op.drop_column("t", "note")\nop.alter_column("t", "more", nullable=False)')
    project.revision('op.create_index("ix", "t", ["other"])')
    table = upgrade(project.traced(), first).after.tables["public", "t"]
    assert (table.complete, table.column("id") is not None) == (False, "id" in made)
    found = {f.code: f for f in since_first(project)}
    assert "MG706" not in found
    assert not any(found[code].verified for code in ("MG302", "MG401", "MG405"))
    assert "MG003" in codes(project.checked())


def test_a_table_whose_items_are_all_written_out_has_no_other_columns(project: Project) -> None:
    """Beside one that has others, and with labels, lengths and a constraint of a missing module."""
    project.revision(
        """
        op.create_table("other", *columns())
        op.create_table(
            "t",
            sa.Column("id", sa.Integer),
            sa.Column("kind", sa.Enum(*[k.value for k in common.Kind], name="kind")),
            sa.Column("name", sa.String(common.SIZE)),
        )
        """,
        top=PARTS,
    )
    project.revision('op.drop_column("t", "note")')
    [found] = [f for f in since_first(project) if f.code == "MG706"]
    assert found.verified


def test_what_a_revision_takes_from_a_table_of_unknown_columns_was_there(project: Project) -> None:
    project.revision('op.create_table("t", sa.Column("id", sa.Integer), *columns())', top=PARTS)
    project.revision('op.drop_column("t", "note")', 'op.add_column("t", sa.Column("note", sa.Text))')
    project.revision('op.alter_column("t", "a", new_column_name="b")', 'op.alter_column("t", "b", new_column_name="a")')
    project.revision('op.add_column("t", sa.Column("more", sa.Text))', 'op.execute("SELECT 1")')
    assert [f.message.partition(": ")[2] for f in since_first(project) if f.code == "MG202"] == [
        "the column t.more is left behind."
    ]


def test_one_value_of_a_missing_module_may_be_taken_apart(project: Project) -> None:
    name = project.revision(
        """
        first, *rest = common
        a, b = COLUMNS[0]
        op.create_table("t", sa.Column(first, sa.Text), sa.Column(f"{a}_{b}", sa.Text))
        options = {**common}
        op.create_table("u", sa.Column("id", sa.Integer), **common.options)
        assert not options
        """,
        top=PARTS,
    )
    assert summary(project.traced(), name).outcome is Outcome.FULL


def test_a_missing_helper_that_is_handed_the_connection_leaves_the_revision_partly_seen(project: Project) -> None:
    name = project.revision(f"{CREATE}\nadd_columns(op.get_bind(), 'a')", top="from shop.helpers import add_columns")
    found = upgrade(project.traced(), name)
    assert found.outcome is Outcome.PARTIAL
    assert "shop.helpers.add_columns()" in found.unseen
    assert "MG002" in codes(project.checked())


def test_a_statement_that_goes_to_a_missing_session_is_not_silent(project: Project) -> None:
    project.file("shop/__init__.py", "")
    project.file("shop/extensions.py", "from house_database import connect\nsession = connect()\n")
    name = project.revision(
        f'{CREATE}\nsession.execute(sa.text("DELETE FROM a"))', top="from shop.extensions import session"
    )
    found = upgrade(project.traced(), name)
    assert found.outcome is Outcome.PARTIAL
    assert notes(found, NoteKind.STUBBED) == ["house_database"]


def test_flask_sqlalchemys_session_runs_on_the_migrations_connection(project: Project) -> None:
    project.file("shop/__init__.py", "")
    project.file("shop/extensions.py", "from flask_sqlalchemy import SQLAlchemy\ndb = SQLAlchemy()\n")
    project.revision(CREATE)
    name = project.revision(
        'db.session.execute(db.text("DELETE FROM a"))\ndb.session.commit()', top="from shop.extensions import db"
    )
    assert sql(upgrade(project.traced(), name)) == ["DELETE FROM a"]


def test_a_statement_that_cannot_be_loaded_with_a_stand_in_leaves_the_rest_of_the_script(project: Project) -> None:
    """It would have worked with the module that is missing; what else raises at import is a mistake (MG001)."""
    top = "import logging\nfrom shop.conf import settings\nhandler = logging.StreamHandler()\n"
    name = project.revision(f"assert KEPT\n{CREATE}", top=top + "handler.setLevel(settings.LEVEL)\nKEPT = 1\n")
    broken = project.revision("pass", top=top + "handler.setLevel('no level')\n")
    traced = project.traced()
    assert (summary(traced, name).outcome, summary(traced, broken).outcome) == (Outcome.FULL, Outcome.FAILED)
    found = {f.code: f.message for f in project.checked().report.findings if f.revision == name}
    assert "could not be run when the script was loaded" in found["MG005"]


def test_a_module_of_the_project_that_ends_the_process_at_import_is_stood_in(project: Project) -> None:
    """An application that exits without its secrets is an application that a check cannot import, no mistake of it."""
    project.file("app/__init__.py", "")
    project.file(
        "app/settings.py", "import sys\nPREFIX = 'a'\nsys.exit('SECRET_KEY is not set')\nNAME = PREFIX + 'b'\n"
    )
    name = project.revision(
        'op.create_table(settings.NAME, sa.Column("id", sa.Integer))', top="from app import settings"
    )
    traced = project.traced()
    assert summary(traced, name).outcome.value == "full"
    assert ("public", "ab") in (traced.deployments[0].final or traced.deployments[0].released).tables
    assert "MG001" not in codes(project.checked())


@pytest.mark.parametrize(
    "statement",
    [
        "t.update().values(x=constants.MODE)",
        "t.update().where(t.c.x == constants.MODE).values(x='a')",
        "t.insert().values(x=constants.MODE)",
        "t.insert().values([{'x': constants.MODE}, {'x': 'b'}])",
        "t.delete().where(t.c.x.in_([constants.MODE, 'b']))",
        "sa.text('UPDATE t SET x = :mode').bindparams(mode=constants.MODE)",
        "sa.select(t.c.x).where(t.c.x == constants.MODE)",
    ],
)
def test_a_constant_of_a_missing_module_is_a_value_of_a_statement(project: Project, statement: str) -> None:
    project.revision('op.create_table("t", sa.Column("x", sa.Text))')
    name = project.revision(
        f"""
        t = sa.table("t", sa.column("x", sa.Text))
        op.get_bind().execute({statement})
        """,
        top="from nowhere_to_be_found import constants",
    )
    [seen] = upgrade(project.traced(), name).statements
    assert seen.understood
    assert "«" not in seen.sql


@pytest.mark.parametrize(
    "asked",
    [
        "sa.select(constants.User.name)",
        "sa.select(constants.user.mail)",
        "sa.select(sa.func.max(constants.user.mail))",
        "sa.select(sa.func.count()).where(constants.User.mail == 'a')",
        "sa.select(t.c.x).where(t.c.x == constants.MODE)",
    ],
)
def test_what_is_asked_of_a_missing_modules_table_is_not_known(project: Project, asked: str) -> None:
    """The drop may run or not: it is found on the side of the branch that the replay did not take."""
    project.revision('op.create_table("t", sa.Column("x", sa.Text))')
    project.revision(
        f"""
        t = sa.table("t", sa.column("x", sa.Text))
        if op.get_bind().execute({asked}).scalar():
            op.drop_table("t")
        """,
        top="from nowhere_to_be_found import constants",
    )
    checked = run(replace(project.request(), everything=False, since="r1"))
    assert {"MG008", "MG301"} <= set(codes(checked))


def test_the_projects_own_module_is_used_as_far_as_it_can_be_imported(project: Project) -> None:
    project.file("shop/__init__.py", "")
    project.file(
        "shop/models.py",
        """
        import enum
        import nothing_installed

        class Color(enum.Enum):
            RED = "red"

        raise RuntimeError("no settings")

        class Size(enum.Enum):
            BIG = "big"
        """,
    )
    name = project.revision(
        "op.execute(f\"COMMENT ON TABLE a IS '{Color.RED.value} {Size.BIG.value}'\")",
        top="from shop.models import Color, Size",
    )
    found = upgrade(project.traced(), name)
    assert sql(found) == ["COMMENT ON TABLE a IS 'red big'"]
    assert notes(found, NoteKind.STUBBED) == ["shop.models"]


def test_with_the_application_there_nothing_is_stood_in_for(project: Project) -> None:
    project.file("shop/__init__.py", "LIMIT = 3\n")
    project.revision(
        'op.create_table("a", sa.Column("c", sa.Integer), sa.CheckConstraint(f"c < {LIMIT}"))',
        top="from shop import LIMIT",
    )
    assert "MG005" not in codes(project.checked())


def test_without_stand_ins_a_missing_module_is_mg001(project: Project) -> None:
    project.overrides["stub_missing_imports"] = False
    project.revision(CREATE, top="import shop.tools")
    checked = project.checked()
    assert "MG001" in codes(checked)
    assert checked.exit_code == 3


def test_a_call_that_is_made_for_its_work_is_not_passed_over(project: Project) -> None:
    """Nobody takes what the helper returns, so it is there to do something; what it does was not seen."""
    project.revision('add_index("ix_orders_email", "orders")', top="from shop.migrations import add_index")
    found = project.checked()
    assert "MG002" in codes(found)


def test_what_only_tells_or_makes_a_value_is_no_work(project: Project) -> None:
    """Loggers say something; a value goes into an operation that is seen."""
    project.revision(
        """
        log.info("adding")
        op.add_column("orders", sa.Column(slug("Note"), sa.Text()))
        """,
        top="from shop.logs import log\nfrom shop.text import slug",
    )
    assert "MG002" not in codes(project.checked())


def told(project: Project) -> list[str]:
    return [f.message for f in project.checked().report.findings if f.code == "MG005"]


def test_a_module_of_the_project_is_never_called_not_installed(project: Project) -> None:
    project.file("shop/__init__.py", "from house_logging import log\nname, rest = log.split(':')\n")
    project.file("shop/whole.py", "LIMIT = 3\n")
    project.file("shop/part.py", "from house_types import Money\nLIMIT = 3\n")
    project.revision(CREATE, top="from shop.whole import LIMIT")
    assert told(project) == []
    project.revision("pass", top="from shop.part import LIMIT")
    project.revision("pass", top="import shop\nimport house_types.money")
    assert told(project) == [
        "shop.part could not be imported completely: it has names of house_types, which is not installed here.",
        "house_types.money is not installed here and was stood in for. "
        "shop could not be imported completely: it has names of house_logging, which is not installed here.",
    ]


def test_a_part_of_a_class_is_no_module(project: Project) -> None:
    """Its class is there, and of which value its attribute is hangs on a library that is not."""
    project.file("shop/__init__.py", "")
    project.file(
        "shop/config.py",
        "from house_settings import Settings\nclass Config(Settings):\n    LIMIT = 3\nCONFIG = Config()\n",
    )
    project.revision(CREATE + "\nsa.text(CONFIG.security.key)", top="from shop.config import CONFIG")
    [said] = told(project)
    assert said.endswith("Config.security rests on what is not installed here, and was stood in for.")


def test_what_a_module_of_the_project_raised_is_told(project: Project) -> None:
    project.file("shop/__init__.py", "raise RuntimeError('There is no application.')\n")
    project.revision(CREATE, top="import shop")
    assert told(project) == ["shop could not be imported completely: RuntimeError: There is no application."]


def test_a_function_that_is_handed_to_a_missing_helper_is_not_taken_for_run(project: Project) -> None:
    name = project.revision(
        "def work():\n    op.drop_table('a')\nin_thread(work)", top="from shop.helpers import in_thread"
    )
    found = upgrade(project.traced(), name)
    assert found.outcome is Outcome.PARTIAL
    assert "shop.helpers.in_thread()" in found.unseen


def test_a_missing_helper_that_is_handed_a_session_may_write_with_it(project: Project) -> None:
    top = "from sqlalchemy.orm import Session\nfrom shop.helpers import moved"
    name = project.revision("count = moved(Session(bind=op.get_bind()))", top=top)
    assert "shop.helpers.moved()" in upgrade(project.traced(), name).unseen


@pytest.mark.parametrize(
    "call",
    [
        "importlib.import_module(settings.BACKEND)",
        'importlib.import_module(".".join(settings.BACKEND.split(".")[:-1]))',
        'importlib.import_module(".backend", package=settings.PACKAGE)',
        "__import__(settings.BACKEND)",
    ],
)
def test_a_module_whose_name_nobody_knows_is_stood_in_for(project: Project, call: str) -> None:
    name = project.revision(f"{call}\n{CREATE}", top="import importlib\nfrom shop.conf import settings")
    traced = project.traced()
    assert not [n for n in upgrade(traced, name).notes if n.kind is NoteKind.RAISED]
    assert tables(traced) == {"a"}


def test_what_is_missing_behind_a_module_that_raises_is_named(project: Project) -> None:
    """The module itself holds nothing of the library, only what it has from another module does."""
    project.file("shop/__init__.py", "")
    project.file("shop/kinds.py", "from house_kinds import Kind\nclass Own:\n    kinds = list(Kind)\n")
    project.file("shop/models.py", "from shop.kinds import Own\nFIRST = Own.kinds[1]\nclass Order:\n    pass\n")
    name = project.revision(CREATE, top="from shop.models import Order")
    [note] = [n for n in upgrade(project.traced(), name).notes if n.kind is NoteKind.STUBBED]
    assert "IndexError" in note.detail
    assert "house_kinds is not installed here" in note.detail


def test_what_several_revisions_lack_is_said_once(project: Project) -> None:
    """At the first of them, with how many more there are; a fingerprint does not hang on that number."""
    first = project.revision(CREATE, top="import shop.tools")
    [alone] = [f for f in project.checked().report.findings if f.code == "MG005"]
    project.revision('op.drop_table("a")', top="import shop.tools")
    project.revision(CREATE, top="import shop.tools")
    [found] = [f for f in project.checked().report.findings if f.code == "MG005"]
    assert (found.revision, found.fingerprint) == (first, alone.fingerprint)
    assert "2 more revisions need" in found.advice


def test_a_part_of_a_package_that_is_missing_counts_as_the_package(project: Project) -> None:
    project.revision(CREATE, top="import shop")
    project.revision('op.drop_table("a")', top="from shop.kinds import Kind")
    [found] = [f for f in project.checked().report.findings if f.code == "MG005"]
    assert "1 more revision needs" in found.advice


def test_what_only_a_later_revision_lacks_is_said_there(project: Project) -> None:
    project.revision(CREATE, top="import shop.tools")
    second = project.revision('op.drop_table("a")', top="import shop.tools\nimport other.tools")
    found = [f for f in project.checked().report.findings if f.code == "MG005"]
    assert [f.revision for f in found][1:] == [second]
    assert "shop" in found[0].message
    assert "other" in found[1].message
    assert "shop" not in found[1].message


def test_each_table_that_nobody_knows_is_said_where_it_is_used(project: Project) -> None:
    for name in ("Order", "Person"):
        project.revision(
            f'op.create_table({name}.__tablename__, sa.Column("id", sa.Integer()))', top=f"from shop import {name}"
        )
    found = [f.message for f in project.checked().report.findings if f.code == "MG005"]
    assert ["«Order»" in one for one in found] == [True, False]
    assert ["«Person»" in one for one in found] == [False, True]


@pytest.mark.parametrize("lazily", [False, True], ids=["called", "behind a lazy object"])
def test_the_type_of_a_function_of_an_application_that_is_stood_in_for_is_known(project: Project, lazily: bool) -> None:
    """Its module could be imported; only what else the script takes of it keeps the script from its end."""
    project.file("shop/__init__.py", "")
    project.file(
        "shop/kinds.py",
        "import sqlalchemy as sa\n\ndef StringID(*, length=250):\n    return sa.String(length=length)\n\n"
        "class Own(sa.TypeDecorator):\n    impl = sa.Integer\n\ndef make_own():\n    return Own()\n\n"
        "def other(length):\n    raise ValueError(length)\n\n"
        "def ready():\n    raise RuntimeError('There is no application.')\n",
    )
    lazy = "from lazy_object_proxy import Proxy\nLazy = Proxy(lambda: StringID)"
    name = project.revision(
        "ready()\n"
        'op.create_table("a", sa.Column("b", Lazy(length=30)), sa.Column("c", Lazy()), sa.Column("d", make_own()), '
        'sa.Column("e", other(3)))',
        top=f"from shop.kinds import StringID, make_own, other, ready\n{lazy if lazily else 'Lazy = StringID'}",
    )
    [made] = sql(upgrade(project.traced(), name))
    assert " ".join(made.split()) == "CREATE TABLE a ( b VARCHAR(30), c VARCHAR(250), d make_own, e other )"


@pytest.mark.parametrize("asks", ["engine.dialect.name", "engine.bind.name", "engine.connect().engine.name"])
def test_a_connection_of_a_module_that_is_missing_has_the_dialect_that_is_replayed(project: Project, asks: str) -> None:
    """Which engine runs is known, whoever made the connection: the other engine's side is not looked at."""
    revision = project.revision(
        f'engine = facade.get_engine()\nif {asks} == "mysql":\n    op.execute("ALTER TABLE gone ENGINE=InnoDB")\n'
        'else:\n    op.execute("CREATE TABLE kept (id int)")',
        top="from not_installed_here import facade",
    )
    traced = project.traced()
    assert sql(upgrade(traced, revision)) == ["CREATE TABLE kept (id int)"]
    assert not notes(upgrade(traced, revision), NoteKind.BRANCH)
