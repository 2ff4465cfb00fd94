"""What a script has in the place of what it imports from the application."""

import ast
from collections.abc import Iterable

from migguard.application_names import Defined, Known
from migguard.rules.facts.scripts.imported_names import Import, Taken, is_setting, words
from migguard.rules.facts.scripts.script_places import imports
from migguard.rules.facts.scripts.script_reach import called
from migguard.source import Script

OTHERS = frozenset({"sqlite", "mysql", "mariadb", "mssql", "oracle"})
ROWS_OF_ORM = frozenset({"query", "add", "add_all", "merge", "scalars", "Session"})
LENT = frozenset(
    {"func", "text", "select", "insert", "update", "delete", "and_", "or_", "not_", "case", "cast", "desc"}
)
"""What an extension's object passes on from SQLAlchemy to who writes rows with it."""
SHOWN = 60
"""Of so many characters an expression is shown whole."""
MOST_NEEDS = 3
JSONB = "sa.dialects.postgresql.JSONB()"
OWN = "sa.dialects.postgresql."


def instead(script: Script, one: Import, seen: str | None = None) -> str:
    """Python that takes the place of an imported name; `seen` is the type that its columns got in the replay."""
    name, known = one.name.rpartition(".")[2], one.known
    text = known.text if known is not None else ""
    table = text or '"…"'
    match one.what:
        case Taken.BASE:
            return f"{name} = declarative_base()  # from sqlalchemy.orm import declarative_base: no columns in common"
        case Taken.ROWS:
            return (
                "Base = declarative_base()  # from sqlalchemy.orm import declarative_base\n"
                f"class {name}(Base):\n"
                f"    __tablename__ = {table}\n"
                "    id = sa.Column(primary_key=True)  # and the other columns that the script uses"
            )
        case Taken.CREATED:
            return f'op.create_table({table}, sa.Column("…", ...), ...)  # in the place of {name}, as it is today'
        case Taken.TABLE:
            return f'{name} = sa.table({table}, sa.column("…"), ...)  # its columns are {name}.c.…'
        case Taken.METADATA:
            return f"sa.MetaData()  # in the place of {shown(one)}"
        case Taken.NAME:
            return f"{table}  # in the place of {name}.__tablename__"
        case Taken.TYPE:
            return own_type(script, one, seen)
        case Taken.SQL if known is not None and known.what is Defined.SQL:
            return f"class {name}(FunctionElement): ...  # a copy with its @compiles functions, one for each server"
        case Taken.SQL:
            return f'sa.text("…")  # in the place of {shown(one)}: the SQL that it compiles to'
        case Taken.LABELS:
            return (
                f'sa.Enum("…", ..., name="…")  # in the place of {shown(one)}: labels and name as the database has them'
            )
        case Taken.MEMBER:
            more = "; and so for its other values" if len(one.written) > 1 else ""
            return f"{text or '...'}  # in the place of {shown(one)}: the value itself, as it is today{more}"
        case Taken.ENUM:
            return f"class {name}(enum.Enum): ...  # import enum; its members as they are today"
        case Taken.VALUE if text and not is_setting(one.name):
            return f"{name} = {text}"
        case Taken.VALUE:
            return f"{name} = ...  # {'the value as it is today' if known is not None else 'its value there'}"
        case Taken.SETTING:
            number = 'int(context.config.get_main_option("…", "…"))'  # None, where nothing is set, would be no number
            option = number if name == "getint" else 'context.config.get_main_option("…")'
            return (
                f"{option}  # from alembic import context; in the place of "
                f"{shown(one)}: a setting of the migrations' own, if one is needed; a secret never stands in the script"
            )
        case Taken.VALIDATOR:
            own = "_".join(words(name)) if name.isalpha() else name.lower()
            return f"def checked_{own}(values): ...  # in the place of {name}: its keys and checks that are needed here"
        case Taken.METHOD:
            called_so = next((w for w in one.written if "(" in w), name).partition("(")[0]
            own = "_".join(words(called_so.replace(".", "_")))
            where = "" if known is not None and known.what is Defined.VALIDATOR else ", on tables of the script's own"
            return f"def {own}(*args, **kwargs): ...  # a copy of what {called_so} does{where}"
        case Taken.EXCEPTION:
            return f"...  # in the place of {name}: an exception of Python's own, or of the library that raises it"
        case Taken.LOGGER:
            return f"logging.getLogger(__name__)  # import logging; in the place of {shown(one)}"
        case Taken.FUNCTION:
            own = called_as(one)
            of, plain = (own, f"; to be called as {name}(…)") if own != name else ("it", "")
            return f"def {name}{text or '(*args, **kwargs)'}: ...  # a copy of {of} as it is today{needs(known)}{plain}"
        case Taken.CLASS:
            return f"class {name}: ...  # a copy of it as it is today{needs(known)}"
        case Taken.DEFAULT:
            return f"# without {name}: a default of Python's is no part of the table"
        case Taken.SESSION if any(called(n) in ROWS_OF_ORM for n in script.nodes if isinstance(n, ast.Call)):
            return (
                f"Session(bind=op.get_bind())  # from sqlalchemy.orm import Session; and not {name}{lent(script, name)}"
            )
        case Taken.SESSION if handed_over(script, name):
            return f"op.get_bind()  # in the place of {name}; what it is handed to has to take a connection then"
        case Taken.SESSION:
            return f"op.get_bind().execute(...)  # and not {name}: it is Alembic's connection that the revision has"


def lent(script: Script, name: str) -> str:
    """What a script has of SQLAlchemy through an object of the application, and has not without that."""
    names = sorted(reached_into(script, name) & LENT)
    return f"; sa.{names[0]} in the place of {name}.{names[0]}{', and so on' if names[1:] else ''}" if names else ""


def reached_into(script: Script, name: str) -> set[str]:
    """The attributes of an object that a script asks for."""
    got = (n for n in script.nodes if isinstance(n, ast.Attribute))
    return {n.attr for n in got if isinstance(n.value, ast.Name) and n.value.id == name}


def handed_over(script: Script, name: str) -> bool:
    """Whether all that a script does with an object is to give it to functions."""
    calls = [n for n in script.nodes if isinstance(n, ast.Call)]
    given = (v for c in calls for v in (*c.args, *(k.value for k in c.keywords)))
    made = any(isinstance(c.func, ast.Name) and c.func.id == name for c in calls)
    return not made and not reached_into(script, name) and any(isinstance(v, ast.Name) and v.id == name for v in given)


def own_type(script: Script, one: Import, seen: str | None) -> str:
    """SQLAlchemy's own type: one for all engines, as a type of the application's is."""
    stored = "; where it converts values, the script has to do so itself then" if one.stored else ""
    if "enum" in one.name.lower():
        stored = f"; with the CHECK that it makes, if it makes one{stored}"
    written = of_source(one)
    if written is not None:
        brought = sorted({n.id for n in ast.walk(ast.parse(written)) if isinstance(n, ast.Name)} - {"sa"})
        missing = [name for name in brought if name not in imports(script.nodes)]
        more = f"; from sqlalchemy.dialects import {', '.join(missing)}" if missing else ""
        return f"{written}  # in the place of {shown(one)}{more}{stored}"
    if seen is not None and one.known is not None and one.known.by_server:
        stored = f"; so on this server: its load_dialect_impl() may give others another{stored}"
    elif seen == JSONB:
        seen = 'sa.JSON().with_variant(postgresql.JSONB(), "postgresql")'
        if "postgresql" not in imports(script.nodes):
            stored = f"; from sqlalchemy.dialects import postgresql{stored}"
    elif seen is not None and seen.startswith(OWN) and elsewhere(script):
        seen = None
    elif seen is not None and elsewhere(script):
        stored = f"; other servers may have another type there{stored}"
    if seen is not None:
        return f"{seen}  # in the place of {shown(one)}{stored}"
    return f"...  # in the place of {shown(one)}: the type as the database has it{stored}"


def of_source(one: Import) -> str | None:
    """The type on all servers, by the class's source; None where that is not written there, or hangs on arguments."""
    text = one.known.text if one.known is not None and one.known.what is Defined.TYPE else ""
    if text.endswith(")"):
        return text
    bare = bool(one.written) and all(w.endswith("()") or "(" not in w for w in one.written)
    return f"{text}()" if text and bare else None


def elsewhere(script: Script) -> bool:
    """Whether a script says that it runs on other servers too."""
    return any(
        (isinstance(n, ast.Constant) and n.value in OTHERS) or (isinstance(n, ast.Call) and called(n) == "with_variant")
        for n in script.nodes
    )


def shown(one: Import) -> str:
    """The first expression that a cure takes the place of."""
    first = one.written[0] if one.written else one.name
    short = len(first) <= SHOWN and "\n" not in first
    return first if short else f"{first.partition('(')[0]}(…)" if "(" in first else one.name


def called_as(one: Import) -> str:
    """A name as a script calls it: with the module that it has it of."""
    written = one.written[0].partition("(")[0] if one.written else ""
    return written if written.endswith(f".{one.name}") and one.what is Taken.FUNCTION else one.name


def needs(known: Known | None) -> str:
    """What a copy does not run without."""
    if known is None:
        return ", with what it uses there"
    return f", with what it uses there, and what that uses: {some(known.needs)}" if known.needs else ""


def some(names: Iterable[str]) -> str:
    """A few names."""
    listed = list(names)
    more = len(listed) - MOST_NEEDS
    return ", ".join(listed[:MOST_NEEDS]) + (f" and {more} more" if more > 0 else "")
