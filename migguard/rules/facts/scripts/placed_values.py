"""Where in the text of a statement a value is put, and what can be done there instead."""

import ast
from collections.abc import Iterator
from string import Formatter

DDL = {"ALTER", "COMMENT", "CREATE", "DROP", "GRANT", "REINDEX", "REVOKE", "SET", "TRUNCATE"}
BINDING = 'Bind it: op.get_bind().execute(sa.text("… WHERE id = :id"), {"id": value})'
UNQUOTED = (
    'Bind it, without the quotes around it: op.get_bind().execute(sa.text("… WHERE name = :name"), {"name": value})'
)
WHOLE = (
    "Inside a string literal nothing is bound. Bind the whole literal, with a cast as CAST(:text AS …): "
    'op.get_bind().execute(sa.text("… = :text"), {"text": f"…{value}…"})'
)
DEFINING = (
    "Such a statement takes no bound parameters. Use the call of op.* that makes it, or quote the value: a name with "
    "op.get_bind().dialect.identifier_preparer.quote(name), a string with "
    'sa.literal(value).compile(dialect=op.get_bind().dialect, compile_kwargs={"literal_binds": True}); '
    "of a list each value by itself"
)
NAMING = (
    "A name cannot be bound. Build the statement of sa.table and sa.column, or quote the name with "
    "op.get_bind().dialect.identifier_preparer.quote(name)"
)
EITHER = (
    'A value is bound: op.get_bind().execute(sa.text("SELECT :value, … FROM …"), {"value": value}). '
    "The name of a column cannot be: build the statement of sa.table and sa.column then, or quote the name with "
    "op.get_bind().dialect.identifier_preparer.quote(name)"
)
PIECE = (
    "A part of a statement cannot be bound. Take it from texts that the script spells out, and bind the values in it: "
    'op.get_bind().execute(sa.text("… WHERE id = :id"), {"id": value})'
)
BEFORE_VALUES = frozenset(
    {"LIKE", "ILIKE", "IN", "BETWEEN", "LIMIT", "OFFSET", "THEN", "ELSE", "WHEN", "CASE", "VALUES", "INTERVAL", "IS",
     "FROM", "TO", "ESCAPE", "RETURN"}
)  # fmt: skip
"""Words after which a statement has a value, where it has no name there."""
BEFORE_NAMES = frozenset(
    {"FROM", "INTO", "UPDATE", "JOIN", "TABLE", "ONLY", "SET", "SELECT", "USING", "BY", "DISTINCT"}
)
LISTS_OF_NAMES = frozenset({"FROM", "INTO", "SELECT", "BY", "UPDATE"})
CLAUSES = LISTS_OF_NAMES | {"VALUES", "WHERE", "IN", "SET", "AND", "OR", "ON", "HAVING", "LIMIT", "OFFSET"}
COMPARING = ("=", "<", ">", "!", "IS ", "IN ", "IN(", "NOT ", "LIKE ", "ILIKE ", "BETWEEN ")


def instead(node: ast.expr, culprit: ast.expr) -> str:
    """What to do with a value of a text instead of putting it there: what that place of the statement can take."""
    before, after = around(node, culprit)
    if before.split()[:1] and before.split()[0].upper() in DDL:
        return DEFINING
    if before.count("'") % 2:
        return UNQUOTED if before.endswith("'") and after.startswith("'") else WHOLE
    if names_something(before, after):
        return EITHER if in_list(before, after) else NAMING
    return BINDING if takes_value(before) else PIECE


def names_something(before: str, after: str) -> bool:
    """Whether a statement has the name of a table or column there."""
    if before[-1:] in ('"', "`", ".") or after[:1] in ('"', "`", "."):
        return True
    if of_a_word(before[-1:]) or of_a_word(after[:1]):
        return True  # a part of a name
    said = before.rstrip()
    words = said.upper().replace("(", " ").replace(",", " ").split()
    if said[-1:] in (",", "("):
        return next((w for w in reversed(words) if w in CLAUSES), "") in LISTS_OF_NAMES
    if not before[-1:].isspace() or said[-1:] in tuple("=<>|+-*/~"):
        return False
    return bool(words) and (words[-1] in BEFORE_NAMES or after.lstrip().upper().startswith(COMPARING))


def in_list(before: str, after: str) -> bool:
    """Whether it stands whole in a list of what a query gives back: a column, or a value for each row."""
    words = before.upper().replace("(", " ").replace(",", " ").split()
    said = before.rstrip()
    whole = (before[-1:].isspace() or said[-1:] == ",") and (not after[:1] or after[:1].isspace() or after[:1] == ",")
    return whole and next((w for w in reversed(words) if w in CLAUSES), "") == "SELECT"


def takes_value(before: str) -> bool:
    """Whether a statement has a value after that text, and not a condition, a clause or all that it says."""
    said = before.rstrip()
    words = said.upper().replace("(", " ").split()
    if not words or said[-1:] in tuple("=<>|+-*/~%(,[:"):
        return bool(words)
    if words[-1] == "AND":  # BETWEEN 1 AND 2
        return next((w for w in reversed(words[:-1]) if w in CLAUSES | {"BETWEEN"}), "") == "BETWEEN"
    return words[-1] in BEFORE_VALUES


def of_a_word(character: str) -> bool:
    """Whether a name goes on there."""
    return character.isalnum() or character == "_"


def around(node: ast.expr, culprit: ast.expr) -> tuple[str, str]:
    """The text before a value and the text after it, with a plain word for each other value."""
    found = list(pieces(node))
    inside = {id(n) for n in ast.walk(culprit)}
    for number, piece in enumerate(found):
        if isinstance(piece, ast.expr) and (id(piece) in inside or any(n is culprit for n in ast.walk(piece))):
            return plain(found[:number]), plain(found[number + 1 :])
    return plain(found), ""


def plain(found: list[str | ast.expr]) -> str:
    """Pieces of a text as one, with a plain word for each value."""
    return "".join(piece if isinstance(piece, str) else "x" for piece in found)


def pieces(node: ast.expr) -> Iterator[str | ast.expr]:
    """A text as it is put together: what is written, and the values between."""
    match node:
        case ast.Constant(value=str() as text):
            yield text
        case ast.JoinedStr(values=values):
            for value in values:
                yield from pieces(value.value if isinstance(value, ast.FormattedValue) else value)
        case ast.BinOp(op=ast.Add(), left=left, right=right):
            yield from pieces(left)
            yield from pieces(right)
        case ast.BinOp(op=ast.Mod(), left=left, right=right):
            yield from filled(plain(list(pieces(left))), right)
        case ast.Call(func=ast.Attribute(attr="format", value=ast.Constant(value=str() as text))):
            yield from formatted(text, node)
        case _:
            yield node


def filled(text: str, right: ast.expr) -> Iterator[str | ast.expr]:
    """The pieces of `text % right`."""
    named = dict(zip(map(key, right.keys), right.values, strict=True)) if isinstance(right, ast.Dict) else {}
    given = iter(right.elts if isinstance(right, ast.Tuple) else [right])
    rest = text
    while "%" in rest:
        head, _, rest = rest.partition("%")
        yield head
        if rest.startswith("%"):
            yield "%"
            rest = rest[1:]
        elif rest.startswith("("):
            name, _, rest = rest[1:].partition(")")
            yield named.get(name, right)
            rest = rest[1:]
        else:
            yield next(given, right)
            rest = rest.lstrip("-+ #0123456789.*")[1:]
    yield rest


def key(node: ast.expr | None) -> str:
    """The key of a dict, where it is a text."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def formatted(text: str, call: ast.Call) -> Iterator[str | ast.expr]:
    """The pieces of `text.format(…)`."""
    named = {k.arg: k.value for k in call.keywords if k.arg is not None}
    count = 0
    try:
        parsed = list(Formatter().parse(text))
    except ValueError:
        parsed = [(text, None, None, None)]
    for head, field, _, _ in parsed:
        yield head
        if field is not None:
            name = field.partition(".")[0].partition("[")[0]
            place = int(name) if name.isdecimal() else count
            count += 1
            yield named.get(name) or (call.args[place] if place < len(call.args) else call)
