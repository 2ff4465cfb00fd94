"""What a revision has of the application is told by the application's source, installed or not."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from migguard.findings import Finding
from tests.shadow.project import PLAIN, Project

SOURCES = {
    "shop/__init__.py": "",
    "shop/kinds.py": """
        import enum
        import sqlalchemy as sa
        from sqlalchemy.dialects import mysql, postgresql
        from sqlalchemy.ext.compiler import compiles
        from sqlalchemy.sql.expression import FunctionElement
        from house_checks import BaseModel

        LIMIT = 250
        API_KEY = "zzz"

        class Config:
            SECRET = "zzz"

        class Documents(sa.types.TypeDecorator):
            impl = sa.JSON
            cache_ok = True
            def load_dialect_impl(self, dialect):
                return dialect.type_descriptor(postgresql.JSONB() if dialect.name == "postgresql" else sa.JSON())

        class Moment(sa.types.TypeDecorator):
            impl = sa.TIMESTAMP(timezone=True)
            cache_ok = True

        class Instant(Moment, sa.types.TypeDecorator):
            cache_ok = True

        class Precise(sa.types.TypeDecorator):
            impl = sa.TIMESTAMP(timezone=True)
            cache_ok = True
            def load_dialect_impl(self, dialect):
                if dialect.name == "mysql":
                    return mysql.TIMESTAMP(fsp=6)
                return super().load_dialect_impl(dialect)

        def made(size=8):
            return sa.String(size)

        def long_text() -> sa.types.TypeEngine[str]:
            '''MySQL's TEXT is short.'''
            return sa.Text().with_variant(mysql.MEDIUMTEXT(), "mysql", "mariadb")

        class Key(sa.types.TypeDecorator):
            impl = sa.TypeEngine
            cache_ok = True
            def load_dialect_impl(self, dialect):
                if dialect.name == "postgresql":
                    return dialect.type_descriptor(postgresql.UUID())
                elif dialect.name in ("mysql", "mariadb"):
                    return dialect.type_descriptor(mysql.BINARY(16))
                else:
                    return dialect.type_descriptor(sa.CHAR(36))

        class Sized(sa.types.TypeDecorator):
            impl = sa.Text
            cache_ok = True
            def load_dialect_impl(self, dialect):
                size = 20 if dialect.name == "mysql" else None
                return dialect.type_descriptor(sa.String(size))

        class Codes(sa.types.TypeDecorator[str]):
            impl = sa.Text
            cache_ok = True
            def __init__(self, of=None):
                super().__init__()

        class State(str, enum.Enum):
            NEW = "new"
            OLD = "old"

        class stamp(FunctionElement):
            type = sa.DateTime()
            inherit_cache = True

        @compiles(stamp)
        def stamped(element, compiler, **_):
            return "CURRENT_TIMESTAMP"

        class Order(BaseModel):
            name: str

        class ShopError(Exception):
            pass
        """,
    "shop/models.py": """
        from sqlalchemy.orm import declarative_base
        import sqlalchemy as sa
        Base = declarative_base()

        class Order(Base):
            __tablename__ = "orders"
            id = sa.Column(sa.Integer, primary_key=True)

            @classmethod
            def parents(cls, key):
                return [key]
        """,
    "shop/text.py": """
        import re
        WORDS = re.compile("[a-z]+")

        def first(text):
            return WORDS.search(text)

        def slug(text: str, sep: str = "-") -> str:
            return sep.join([first(text)])
        """,
}
STORED = "the type as the database has it; where it converts values, the script has to do so itself then"
ADD = 'op.add_column("orders", sa.Column("d", {}))'


def told(root: Path, top: str, body: str, sources: dict[str, str]) -> Finding:
    """What MG802 says of a revision that imports this and does that."""
    project = Project(root)
    for name, text in sources.items():
        project.file(name, text)
    project.revision('op.create_table("orders", sa.Column("id", sa.Integer, primary_key=True))')
    project.revision(body, top=top)
    [found] = [f for f in project.checked().report.findings if f.code == "MG802"]
    ast.parse(found.recipe)
    return found


def recipe(root: Path, top: str, body: str, sources: dict[str, str]) -> str:
    """The recipe of MG802 for a revision that imports this and does that."""
    return told(root, top, body, sources).recipe


TAKEN = {
    "a type that is another one on other servers": (
        "from shop.kinds import Documents",
        ADD.format("Documents()"),
        'sa.JSON().with_variant(postgresql.JSONB(), "postgresql")  # in the place of Documents(); '
        "from sqlalchemy.dialects import postgresql",
    ),
    "a type in a script that imports that server's": (
        "from shop.kinds import Documents\nfrom sqlalchemy.dialects import postgresql",
        ADD.format("Documents()"),
        'sa.JSON().with_variant(postgresql.JSONB(), "postgresql")  # in the place of Documents()',
    ),
    "a type": (
        "from shop.kinds import Codes",
        ADD.format("Codes()"),
        "sa.Text()  # in the place of Codes()",
    ),
    "a type that is its impl on all servers, whatever the replayed one makes of that": (
        "from shop.kinds import Moment",
        ADD.format("Moment(timezone=True)"),
        "sa.TIMESTAMP(timezone=True)  # in the place of Moment(timezone=True)",
    ),
    "a type that is its impl on all other servers": (
        "from shop.kinds import Precise\nfrom sqlalchemy.dialects import mysql",
        ADD.format("Precise"),
        'sa.TIMESTAMP(timezone=True).with_variant(mysql.TIMESTAMP(fsp=6), "mysql")  # in the place of Precise',
    ),
    "a type that is made of another one of the application's": (
        "from shop.kinds import Instant",
        ADD.format("Instant()"),
        "sa.DateTime(timezone=True)  # in the place of Instant()",
    ),
    "a function that makes a type": (
        "from shop.kinds import made",
        ADD.format("made()"),
        "sa.String(8)  # in the place of made()",
    ),
    "a function that gives a type and its variants": (
        "from shop.kinds import long_text",
        ADD.format("long_text()"),
        'sa.Text().with_variant(mysql.MEDIUMTEXT(), "mysql", "mariadb")  # in the place of long_text(); '
        "from sqlalchemy.dialects import mysql",
    ),
    "a type that names several servers": (
        "from shop.kinds import Key",
        ADD.format("Key()"),
        'sa.CHAR(36).with_variant(postgresql.UUID(), "postgresql").with_variant(mysql.BINARY(16), "mysql")'
        '.with_variant(mysql.BINARY(16), "mariadb")  # in the place of Key(); from sqlalchemy.dialects import mysql, '
        "postgresql",
    ),
    "a type that chooses in another way": (
        "from shop.kinds import Sized",
        ADD.format("Sized()"),
        "sa.String()  # in the place of Sized(); so on this server: its load_dialect_impl() may give others another",
    ),
    "a type that rows are read by": (
        "from shop.kinds import Codes",
        't = sa.table("orders", sa.column("d", Codes()))',
        f"...  # in the place of Codes(): {STORED}",
    ),
    "what a type is made with": (
        "from shop.kinds import Codes, State",
        ADD.format("Codes(State)"),
        "sa.Text()  # in the place of Codes(State)",
    ),
    "a type that is not read as one by its use": (
        "from shop.kinds import Documents",
        "KINDS = {'a': Documents}",
        'sa.JSON().with_variant(postgresql.JSONB(), "postgresql")  # in the place of Documents; from '
        f"sqlalchemy.dialects import postgresql; {STORED.partition('; ')[2]}",
    ),
    "a type where other servers are spoken of": (
        "from shop.kinds import Codes",
        "if op.get_bind().dialect.name != 'mysql':\n    " + ADD.format("Codes()"),
        "sa.Text()  # in the place of Codes(); other servers may have another type there",
    ),
    "the labels of an enum": (
        "from shop.kinds import State",
        ADD.format("sa.Enum(State)"),
        'sa.Enum("…", ..., name="…")  # in the place of sa.Enum(State): labels and name as the database has them',
    ),
    "the labels of an enum under a name": (
        "from shop.kinds import State",
        ADD.format("sa.Enum(State, name='state')"),
        'sa.Enum("…", ..., name="…")  # in the place of sa.Enum(State, …): labels and name as the database has them',
    ),
    "a number of the configuration": (
        "from shop.conf import conf",
        "print(conf.getint('a', 'size'))",
        'int(context.config.get_main_option("…", "…"))  # from alembic import context; in the place of '
        "conf.getint('a', 'size'): a setting of the migrations' own, if one is needed; a secret never stands in the "
        "script",
    ),
    "a value of an enum": (
        "from shop.kinds import State",
        "op.execute(f\"SELECT '{State.NEW.value}'\")",
        '"new"  # in the place of State.NEW.value: the value itself, as it is today',
    ),
    "an enum that is walked": (
        "from shop.kinds import State",
        "for one in State:\n    print(one)",
        "class State(enum.Enum): ...  # import enum; its members as they are today",
    ),
    "an expression of SQL": (
        "from shop.kinds import stamp",
        "op.execute(sa.select(stamp()))",
        "class stamp(FunctionElement): ...  # a copy with its @compiles functions, one for each server",
    ),
    "what checks values": (
        "from shop.kinds import Order",
        "print(Order(name='a'))",
        "def checked_order(values): ...  # in the place of Order: its keys and checks that are needed here",
    ),
    "a method of what checks values": (
        "from shop.kinds import Order",
        "print(Order._checksum('a'))",
        "def order_checksum(*args, **kwargs): ...  # a copy of what Order._checksum does",
    ),
    "what checks values by a method": (
        "from shop.kinds import Order",
        "print(Order.model_validate({}))",
        "def checked_order(values): ...  # in the place of Order: its keys and checks that are needed here",
    ),
    "a constant": ("from shop.kinds import LIMIT", "print(LIMIT)", "LIMIT = 250"),
    "an exception": (
        "from shop.kinds import ShopError",
        "def check():\n    raise ShopError('a')",
        "...  # in the place of ShopError: an exception of Python's own, or of the library that raises it",
    ),
    "a table's name": (
        "from shop.models import Order",
        "print(Order.__tablename__)",
        '"orders"  # in the place of Order.__tablename__',
    ),
    "a table": (
        "from shop.models import Order",
        "op.execute(sa.select(Order.id))",
        'Order = sa.table("orders", sa.column("…"), ...)  # its columns are Order.c.…',
    ),
    "a function of a mapped class": (
        "from shop.models import Order",
        "print(Order.parents('a'))",
        "def order_parents(*args, **kwargs): ...  # a copy of what Order.parents does, on tables of the script's own",
    ),
    "a function and what it calls": (
        "from shop.text import slug",
        "print(slug('a'))",
        "def slug(text, sep='-'): ...  # a copy of it as it is today, with what it uses there, and what that uses: "
        "first",
    ),
    "a function of a module": (
        "from shop import text",
        "print(text.first('a'))",
        "def first(text): ...  # a copy of text.first as it is today, with what it uses there, and what that uses: "
        "WORDS; to be called as first(…)",
    ),
}


@pytest.mark.parametrize(("top", "body", "line"), TAKEN.values(), ids=list(TAKEN))
def test_what_takes_the_place_of_a_name_fits_what_it_is(top: str, body: str, line: str, tmp_path: Path) -> None:
    assert recipe(tmp_path, top, body, SOURCES) == line


def test_the_source_is_read_where_python_does_not_find_it(tmp_path: Path) -> None:
    sources = {f"backend/src/{name}": text for name, text in SOURCES.items()}
    assert recipe(tmp_path, "from shop.kinds import LIMIT", "print(LIMIT)", sources) == "LIMIT = 250"


@pytest.mark.parametrize(
    ("top", "use"),
    [
        ("from shop.kinds import API_KEY", "API_KEY"),
        ("from shop.kinds import Config", "Config.SECRET"),
        ("from shop import kinds", "kinds.Config.SECRET"),
        ("from shop.gone import Settings", "Settings.PASSWORD"),
    ],
)
def test_what_may_be_a_secret_is_written_into_no_script(top: str, use: str, tmp_path: Path) -> None:
    text = recipe(tmp_path, top, f"print({use})", SOURCES)
    assert "zzz" not in text
    assert text.startswith('context.config.get_main_option("…")')


def test_three_names_are_spelled_out(tmp_path: Path) -> None:
    top = "from shop.kinds import LIMIT, State\nfrom shop.text import slug, first"
    body = "print(LIMIT, State.NEW.value, slug('a'), first('a'))"
    assert recipe(tmp_path, top, body, SOURCES).splitlines()[-1] == "# and so that it does without first too"


def test_what_is_not_to_be_copied_is_spelled_out_beside_them(tmp_path: Path) -> None:
    top = "from shop.kinds import LIMIT, State\nfrom shop.text import slug, first\nfrom shop.base import db"
    body = "print(LIMIT, State.NEW.value, slug('a'), first('a'))\nsession = db.Session(bind=op.get_bind())\n"
    lines = recipe(tmp_path, top, f"{body}session.query(sa.text('1')).all()", SOURCES).splitlines()
    assert lines[-2].startswith("Session(bind=op.get_bind())")
    assert lines[-1] == "# and so that it does without first too"


def test_what_an_object_passes_on_from_sqlalchemy_is_missed_without_it(tmp_path: Path) -> None:
    body = "session = db.Session(bind=op.get_bind())\nprint(session.query(sa.table('orders')).filter({}).all())"
    top = "from shop.base import db"
    plain = recipe(tmp_path / "plain", top, body.format("sa.func.now()"), SOURCES)
    passed = recipe(tmp_path / "passed", top, body.format("db.func.now()"), SOURCES)
    assert plain.endswith("; and not db")
    assert passed.endswith("; and not db; sa.func in the place of db.func")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("print(sa.inspect(db))", "op.get_bind()  # in the place of db; "),
        ("print(sa.inspect(db))\ndb.engine.execute(sa.text('SELECT 1'))", "op.get_bind().execute(...)  # and not db"),
        ("print(db().execute(sa.text('SELECT 1')))", "op.get_bind().execute(...)  # and not db"),
    ],
)
def test_what_is_only_handed_over_is_replaced_as_it_is(body: str, expected: str, tmp_path: Path) -> None:
    assert recipe(tmp_path, "from shop.base import db", body, SOURCES).startswith(expected)


def test_the_base_of_mapped_classes_is_made_once(tmp_path: Path) -> None:
    both = {**SOURCES, "shop/more.py": SOURCES["shop/models.py"].replace("Order", "Visit").replace("orders", "visits")}
    top = "from shop.models import Order\nfrom shop.more import Visit"
    text = recipe(tmp_path, top, "print(Order(id=1), Visit(id=1))", both)
    assert text.count("declarative_base()") == 1
    assert [line.strip() for line in text.splitlines() if "__tablename__" in line] == [
        '__tablename__ = "orders"',
        '__tablename__ = "visits"',
    ]


def test_an_import_of_which_nothing_is_used_is_left_out(tmp_path: Path) -> None:
    assert recipe(tmp_path, "from shop.kinds import LIMIT", "pass", SOURCES) == ""


STORE = {
    **SOURCES,
    "shop/store.py": """
        SETTINGS = {}

        class Store:
            def put(self, key): ...

        def get_store():
            return Store(SETTINGS)

        def in_loop(work):
            return work
        """,
}


def test_what_the_application_does_is_to_be_moved_out(tmp_path: Path) -> None:
    """And what it is handed goes along; a helper whose result is a value does not."""
    top = "from shop.store import get_store, in_loop\nfrom shop.kinds import Order\nfrom shop.text import slug"
    body = (
        "store = get_store()\ndef puts():\n    store.put_away(Order(name='a'))\nin_loop(puts())\n"
        "name = slug('a')\nprint(name.upper())"
    )
    found = told(tmp_path, top, body, STORE)
    assert found.advice.startswith("Move out of the migration what get_store is called for, ")
    assert found.recipe == TAKEN["a function and what it calls"][2]
    alone = told(tmp_path / "alone", top, body.partition("name = ")[0], STORE)
    assert (alone.advice.endswith("keep only SQL here."), alone.recipe) == (True, "")


def test_no_two_stubs_have_one_name(tmp_path: Path) -> None:
    more = {**SOURCES, "shop/more.py": SOURCES["shop/kinds.py"].replace("class Order(", "class OrderLine(")}
    top = "from shop.kinds import Order\nfrom shop.more import OrderLine"
    text = recipe(tmp_path, top, "print(Order(name='a'), OrderLine(name='a'))", more)
    assert [line.partition("(")[0] for line in text.splitlines()] == ["def checked_order", "def checked_order_line"]


def test_helper_modules_that_import_the_application_are_named(tmp_path: Path) -> None:
    helpers = {
        **SOURCES,
        "migrations/__init__.py": "",
        "migrations/shared/__init__.py": "from .steps import *",
        "migrations/shared/steps.py": (
            "from typing import TYPE_CHECKING\nfrom migrations.shared import plain\nif TYPE_CHECKING:\n"
            "    from shop.models import Order\n\n\ndef work():\n    from shop.text import slug\n"
        ),
        "migrations/shared/plain.py": "import re",
    }
    top = "from shop.kinds import LIMIT\nfrom migrations.shared import work"
    said = "comes to, whatever becomes of its own imports: migrations.shared.steps (shop.text in line 8)."
    assert told(tmp_path / "helped", top, "print(LIMIT)", helpers).message.endswith(said)
    assert "helper" not in told(tmp_path / "alone", "from shop.kinds import LIMIT", "print(LIMIT)", helpers).message


def test_what_lies_nowhere_is_not_called_the_application(tmp_path: Path) -> None:
    """env.py has its tables from there: that may be the base of a library."""
    project = Project(tmp_path)
    project.env("from house.base import Base\ntarget_metadata = Base.metadata\n" + PLAIN)
    project.revision(
        'op.create_table("a", sa.Column("id", sa.String(sizes.LONG), primary_key=True))',
        top="from house import sizes",
    )
    [found] = [f for f in project.checked().report.findings if f.code == "MG802"]
    assert found.message == (
        "This revision imports house, which is neither in this project nor a library that is known here: if that is "
        "the application's, tomorrow's code runs in yesterday's migration."
    )
    assert "LONG = ...  # its value there" in found.recipe
