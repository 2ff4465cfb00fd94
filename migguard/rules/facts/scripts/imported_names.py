"""What a revision takes from the application, by what it is there and how it is used: each kind has another cure."""

import ast
import re
from collections.abc import Iterable, Iterator
from enum import Enum

from migguard.application_names import Defined, Known
from migguard.records import dataclass
from migguard.rules.facts.scripts.script_places import dotted
from migguard.rules.facts.scripts.script_reach import called
from migguard.source import Script


class Taken(Enum):
    """What an imported name stands for in the script, in the order in which it is spoken of."""

    BASE = "a base class of mapped ones"
    ROWS = "a mapped class of which the script has instances"
    METADATA = "the metadata of mapped classes"
    CREATED = "a table that the script creates"
    TABLE = "a table or model"
    NAME = "the name of a table"
    TYPE = "a column type"
    SQL = "an expression of SQL"
    LABELS = "the labels of an enum"
    MEMBER = "values of an enum or of a class's constants"
    ENUM = "an enum"
    VALUE = "a constant"
    SETTING = "a setting"
    VALIDATOR = "what checks values"
    METHOD = "a function of a class"
    FUNCTION = "a function"
    EXCEPTION = "an exception"
    LOGGER = "what tells"
    CLASS = "a class"
    DEFAULT = "a default of Python's in a table's definition"
    SESSION = "a session or engine"


@dataclass(frozen=True, slots=True)
class Import:
    """A name, as the script writes it. `written` are the expressions around it that a cure takes the place of."""

    name: str
    what: Taken
    written: tuple[str, ...] = ()
    known: Known | None = None
    stored: bool = False
    """Of a type: that the script reads or writes rows by it, so that its conversions are missed."""


SESSIONS = ("session", "engine", "connection")
SETTINGS = frozenset({"config", "conf", "cfg", "configuration", "settings", "environ", "credentials", "secrets"})
SECRETS = frozenset({"secret", "password", "passwd", "token", "key", "salt", "dsn", "url"})
"""What the name of a value ends with that nobody writes into a script."""
STATEMENTS = frozenset({"select", "insert", "update", "delete", "query", "get", "join", "select_from", "aliased"})
"""Calls that take a table or a mapped class."""
TYPED = frozenset({"Column", "column", "mapped_column", "cast", "type_coerce"})
"""Calls that take a column's type."""
OPERATIONS = frozenset({"create_table", "add_column", "alter_column"})
OF_A_TABLE = frozenset({"__table__", "__tablename__", "metadata", "query", "c", "columns", "objects"})
MAPPED = frozenset({"__table__", "__tablename__"})
OF_A_VALUE = frozenset({"value", "name", "__members__", "values", "items", "keys"})
FAILING = ("Error", "Exception")
READING = (ast.Subscript, ast.Assign)
CREATING = frozenset({"create", "create_all", "drop", "drop_all"})
WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
Above = dict[int, ast.AST]


def taken(script: Script, modules: Iterable[str], known: Iterable[Known] = ()) -> list[Import]:
    """The names that a script takes from these modules and uses, each with what it is."""
    wanted = set(modules)
    names: dict[str, str] = {}
    whole: dict[str, str] = {}
    for node in script.nodes:
        if isinstance(node, ast.ImportFrom) and not node.level and node.module in wanted:
            names.update({a.asname or a.name: a.name for a in node.names if a.name != "*"})
        elif isinstance(node, ast.Import):
            whole.update({a.asname or a.name: a.name for a in node.names if a.name in wanted})
    above = {id(child): node for node in script.nodes for child in ast.iter_child_nodes(node)}
    uses: dict[str, list[ast.expr]] = {}
    for node in script.nodes:
        if isinstance(node, ast.Name) and node.id in names:
            uses.setdefault(node.id, []).append(node)
        elif isinstance(node, ast.Attribute) and dotted(node.value, {}) in whole:
            uses.setdefault(node.attr, []).append(node)
    by_name = {one.name: one for one in known}
    found: dict[str, list[ast.expr]] = {}
    for name, places in uses.items():
        for part, nodes in within(name, places, above, by_name, called_so=names.get(name, name)):
            found.setdefault(part, []).extend(nodes)
    made = [described(names.get(name, name), places, above, by_name) for name, places in found.items()]
    types = [use for one, places in zip(made, found.values(), strict=True) if one.what is Taken.TYPE for use in places]
    gone = {id(n) for use in types for n in inside_call(use, above)}
    left: list[Import] = []
    for one, (name, places) in zip(made, found.items(), strict=True):
        kept = [use for use in places if one.what is Taken.TYPE or id(use) not in gone]
        if kept:
            left.append(one if kept == places else described(names.get(name, name), kept, above, by_name))
    return left


def inside_call(use: ast.expr, above: Above) -> Iterator[ast.AST]:
    """All that a type is made with: it goes with the type."""
    call = above.get(id(use))
    if isinstance(call, ast.Call) and call.func is use:
        yield from (n for part in (*call.args, *call.keywords) for n in ast.walk(part))


def described(called_so: str, uses: list[ast.expr], above: Above, known: dict[str, Known]) -> Import:
    """A name with what it is."""
    one = known.get(dotted(uses[0], {}))
    what = kind(called_so, uses, above, one)
    members = whole_of(uses, above)
    if what is Taken.MEMBER:
        constant = known.get(members[0].removesuffix(".value"))
        plain = one is not None and one.what is not Defined.ENUM
        one = constant if members[0].endswith(".value") or plain else None
    elif what is Taken.LABELS:
        members = tuple(dict.fromkeys(of_labels(above.get(id(use)), use) for use in uses))
    name = dotted(uses[0], {}).rpartition(".")[2]
    stored = what is Taken.TYPE and any(not in_operation(use, above) for use in uses)
    return Import(spelled(uses[0]) if what is Taken.TYPE else name, what, members, one, stored)


def of_labels(call: ast.AST | None, use: ast.expr) -> str:
    """The call that makes a column type of an enum."""
    if not isinstance(call, ast.Call):
        return ast.unparse(use)
    more = ", …" if len(call.args) + len(call.keywords) > 1 else ""
    return f"{ast.unparse(call.func)}({ast.unparse(use)}{more})"


def whole_of(uses: list[ast.expr], above: Above) -> tuple[str, ...]:
    """The expressions that the uses of a name stand in: what is read of it, and what is called with that."""
    found: list[ast.expr] = []
    for use in uses:
        if not any(use is inner for one in found for inner in ast.walk(one)):
            node = use
            while True:
                outer = above.get(id(node))
                reads = isinstance(outer, ast.Attribute)
                if isinstance(outer, ast.expr) and (reads or (isinstance(outer, ast.Call) and outer.func is node)):
                    node = outer
                else:
                    break
            found.append(node)
    return tuple(dict.fromkeys(ast.unparse(one) for one in found))


def in_operation(use: ast.expr, above: Above) -> bool:
    """Whether a use stands in a call of an operation that makes or changes columns."""
    node: ast.AST | None = use
    while node is not None:
        if isinstance(node, ast.Call) and called(node) in OPERATIONS:
            return True
        node = above.get(id(node))
    return False


def spelled(use: ast.expr) -> str:
    """How a script writes what it uses, in full: a part of a factory says little without it."""
    return dotted(use, {}) or ast.unparse(use)


def within(
    name: str, places: list[ast.expr], above: Above, known: dict[str, Known], called_so: str
) -> Iterator[tuple[str, list[ast.expr]]]:
    """What a script uses of a name: of a module of the application's what it takes from that, else the name itself."""
    what = known[dotted(places[0], {})].what if dotted(places[0], {}) in known else None
    inside: dict[str, list[ast.expr]] = {}
    for place in places:
        outer = above.get(id(place))
        if isinstance(outer, ast.Attribute):
            inside.setdefault(outer.attr, []).append(outer)
            continue
        called_with = what is not Defined.MODULE and isinstance(outer, ast.Call)
        if called_with and (getattr(outer, "func", None) is place or any(told(place, above))):
            inside = {}
            break
    plain = name.islower() and not is_session(called_so) and what in (None, Defined.OBJECT)
    if not inside or MAPPED & inside.keys() or not (plain or what is Defined.MODULE):
        yield name, places
        return
    for part, nodes in inside.items():
        deeper = [above.get(id(node)) for node in nodes]
        if all(isinstance(o, ast.Attribute) and o.attr not in OF_A_TABLE | OF_A_VALUE for o in deeper):
            yield from within(part, nodes, above, known, part)
        else:
            yield part, nodes


def words(name: str) -> list[str]:
    """The words of a name."""
    return [word.lower() for word in WORD.findall(name)]


def is_session(name: str) -> bool:
    """Whether a name is called as sessions and engines are."""
    parts = words(name) or [""]
    return name == "db" or any(part.startswith(SESSIONS) for part in (parts[0], parts[-1]))


def is_setting(name: str) -> bool:
    """Whether what a script writes is of a configuration, or may be a secret."""
    parts = [words(part) for part in name.split(".")]
    return any(SETTINGS & {*part} for part in parts) or bool(parts[-1] and SECRETS & {parts[-1][-1]})


def may_be_secret(uses: list[ast.expr], above: Above, what: Defined | None) -> bool:
    """Whether a constant, or one of a class's, may be what nobody writes into a script."""
    if what in (Defined.LITERAL, Defined.MEMBER):
        return is_setting(spelled(uses[0]).rpartition(".")[2])
    if what not in (None, Defined.CLASS, Defined.VALIDATOR):
        return False
    return any(
        isinstance(outer := above.get(id(use)), ast.Attribute)
        and outer.attr.isupper()
        and is_setting(spelled(outer).removeprefix(spelled(use).rpartition(".")[0]))
        for use in uses
    )


OF_ITSELF = {
    Defined.TYPE: Taken.TYPE,
    Defined.SQL: Taken.SQL,
    Defined.VALIDATOR: Taken.VALIDATOR,
    Defined.MEMBER: Taken.MEMBER,
    Defined.LITERAL: Taken.VALUE,
    Defined.EXCEPTION: Taken.EXCEPTION,
}
CHECKING = frozenset(
    {"construct", "from_orm", "model_construct", "model_validate", "model_validate_json", "model_validate_strings",
     "parse_file", "parse_obj", "parse_raw", "validate"}
)  # fmt: skip
"""Methods of pydantic's by which a class checks values or makes an object of them."""
LOGGERS = frozenset({"get_logger", "getLogger", "get_run_logger"})


def kind(name: str, uses: list[ast.expr], above: Above, known: Known | None = None) -> Taken:
    """What a name stands for: by the application's source, by its uses, or else by how it is spelled."""
    what = known.what if known is not None else None
    if is_session(name) and what in (None, Defined.FUNCTION, Defined.OBJECT, Defined.CLASS):
        return Taken.SESSION
    if may_be_secret(uses, above, what):
        return Taken.SETTING
    if what is Defined.VALIDATOR and only_methods(uses, above):
        return Taken.METHOD
    if what is not None and what in OF_ITSELF:
        return OF_ITSELF[what]
    said = {one for use in uses for one in told(use, above)}
    if name in LOGGERS:
        return Taken.LOGGER
    if what in (Defined.MODEL, Defined.TABLE) or (what is None and Taken.TABLE in said and Taken.TYPE not in said):
        return of_table(uses, above)
    if Taken.TYPE in said and what is not Defined.ENUM:
        return Taken.TYPE
    if all(keyword(use, above) == "server_default" for use in uses) and what is not Defined.ENUM:
        return Taken.SQL
    if what in (None, Defined.ENUM, Defined.CLASS):
        found = of_class(name, uses, above, what, said)
        if found is not None:
            return found
    if what in (None, Defined.FUNCTION) and all(
        keyword(use, above) in ("default", "onupdate") and in_operation(use, above) for use in uses
    ):
        return Taken.DEFAULT
    if what in (None, Defined.OBJECT) and is_setting(spelled(uses[0])):
        return Taken.SETTING
    if what is Defined.OBJECT:
        return Taken.VALUE
    if what is not None:
        return Taken.CLASS if what is Defined.CLASS else Taken.FUNCTION
    if Taken.FUNCTION in said and Taken.VALUE not in said:
        return Taken.FUNCTION
    around = [above.get(id(use)) for use in uses]
    if any(isinstance(outer, (ast.Raise, ast.ExceptHandler)) for outer in around) or name.endswith(FAILING):
        return Taken.EXCEPTION
    if Taken.VALUE in said or name.isupper() or (name.islower() and any(isinstance(o, READING) for o in around)):
        return Taken.VALUE
    return Taken.TABLE if name[:1].isupper() else Taken.FUNCTION


def only_methods(uses: list[ast.expr], above: Above) -> bool:
    """Whether all that a script does with a class is to call methods of its own, and none that checks values."""
    read = [above.get(id(use)) for use in uses]
    return all(
        isinstance(one, ast.Attribute)
        and one.attr not in CHECKING
        and isinstance(call := above.get(id(one)), ast.Call)
        and call.func is one
        for one in read
    )


def of_table(uses: list[ast.expr], above: Above) -> Taken:
    """What of a table or a mapped class a script uses."""
    around = [above.get(id(use)) for use in uses]
    if all(isinstance(outer, ast.Attribute) and outer.attr == "__tablename__" for outer in around):
        return Taken.NAME
    if any(isinstance(outer, ast.ClassDef) for outer in around):
        return Taken.BASE
    if all(isinstance(outer, ast.Attribute) and outer.attr in ("metadata", "registry") for outer in around):
        deeper = [getattr(above.get(id(outer)), "attr", "") for outer in around]
        if not CREATING & {*deeper}:
            return Taken.METADATA
    for outer in around:
        beyond = above.get(id(outer))
        if (
            isinstance(outer, ast.Attribute)
            and isinstance(beyond, ast.Call)
            and beyond.func is outer
            and made_by(outer)
        ):
            return Taken.METHOD
    for use, outer in zip(uses, around, strict=True):
        node: ast.AST | None = outer
        while isinstance(node, ast.Attribute):
            if node.attr in CREATING:
                return Taken.CREATED
            node = above.get(id(node))
        if isinstance(outer, ast.Call) and (outer.func is use or called(outer) in ("query", "get")):
            return Taken.ROWS
    return Taken.TABLE


def made_by(read: ast.Attribute) -> bool:
    """Whether what is called of a class is its own, and not of the tables that it may be."""
    upper = dotted(read.value, {}).rpartition(".")[2][:1].isupper()
    return upper and read.attr not in OF_A_TABLE | STATEMENTS | CREATING | {"alias", "label", "join", "outerjoin"}


def of_class(name: str, uses: list[ast.expr], above: Above, what: Defined | None, said: set[Taken]) -> Taken | None:
    """What an enum, or a class of constants, is used for; None where it is used as neither."""
    around = [above.get(id(use)) for use in uses]
    if not name[:1].isupper() or (name.isupper() and what is None):
        return None
    calls = [o for u, o in zip(uses, around, strict=True) if isinstance(o, ast.Call) and o.func is not u]
    if any("enum" in called(call).lower() for call in calls):
        plain = len(calls) == len(uses) and all(called(call) in ("Enum", "ENUM") for call in calls)
        return Taken.LABELS if plain else Taken.ENUM
    reads = all(isinstance(outer, ast.Attribute) for outer in around)
    if reads and (what is Defined.ENUM or Taken.VALUE in said):
        return Taken.MEMBER
    return Taken.ENUM if what is Defined.ENUM or (what is None and Taken.VALUE in said) else None


def keyword(use: ast.expr, above: Above) -> str:
    """The keyword that a name, or a call of it, is the value of."""
    node = above.get(id(use))
    if isinstance(node, ast.Call) and node.func is use:
        node = above.get(id(node))
    return node.arg or "" if isinstance(node, ast.keyword) else ""


def told(use: ast.expr, above: Above) -> Iterator[Taken]:
    """What one use tells of a name."""
    around = above.get(id(use))
    made: ast.AST | None = around if isinstance(around, ast.Call) and around.func is use else use
    beyond = above.get(id(made))
    call = above.get(id(beyond)) if isinstance(beyond, ast.keyword) else beyond
    if isinstance(call, ast.Call) and call is not around:
        typed = isinstance(beyond, ast.keyword) and beyond.arg in ("type_", "existing_type")
        if typed or (called(call) in TYPED and made in call.args):
            yield Taken.TYPE
    if isinstance(around, ast.Call) and around.func is use:
        if not (dotted(use, {}).rpartition(".")[2])[:1].isupper():
            yield Taken.FUNCTION
    elif isinstance(around, ast.Call):
        if called(around) in STATEMENTS:
            yield Taken.TABLE
        elif called(around) in TYPED and isinstance(use, ast.Name) and not use.id.isupper():
            yield Taken.TYPE
        elif called(around) in ("Enum", "ENUM", "list", "tuple", "sorted", "len"):
            yield Taken.VALUE
    elif isinstance(around, ast.keyword) and around.arg in ("astext_type", "impl", "item_type"):
        yield Taken.TYPE
    elif isinstance(around, ast.Attribute):
        outer = above.get(id(around))
        if around.attr in OF_A_TABLE:
            yield Taken.TABLE
        elif around.attr.isupper() or OF_A_VALUE & {around.attr, getattr(outer, "attr", "")}:
            yield Taken.VALUE
    elif isinstance(around, (ast.For, ast.comprehension)) and around.iter is use:
        yield Taken.VALUE
