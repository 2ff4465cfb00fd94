"""Defaults as the server gives them back (pg_get_expr): literals on a column of a type, nextval(), plain calls.

Sources: coerce_to_target_type() and get_const_expr() in PostgreSQL's src/backend/parser/parse_coerce.c and
src/backend/utils/adt/ruleutils.c.
"""

from __future__ import annotations

import re

from migguard.catalog import literals, type_names
from migguard.catalog.copying import replace
from migguard.catalog.edit import Refused
from migguard.catalog.lookup import domain_of, sequence_key, type_at
from migguard.catalog.rename import settled, shown, written
from migguard.catalog.schema import Catalog, EnumType, Key, RefusalKind
from migguard.catalog.spelling import spelled
from migguard.catalog.types import format_type
from migguard.changes import DataType, Engine, Expression, Name, Reference

NUMBER = re.compile(r"[-+]?\s*(\d[\d_]*)(\.\d*)?([eE][-+]?\d+)?\Z|[-+]?\s*\.\d+\Z")
BITS = re.compile(r"[bB]'[01]*'")
STRINGS = frozenset({"text", "character varying", "character", "bpchar", "name"})
NUMERIC_TARGETS = frozenset(
    {"smallint", "integer", "bigint", "numeric", "real", "double precision", "money", "oid", *STRINGS}
)


def stored(expression: Expression | None, data_type: DataType | None, catalog: Catalog) -> Expression | None:
    """A default as pg_get_expr() shows it; the user's text where that cannot be foretold. Raises Refused."""
    if expression is None:
        return None
    if catalog.server.engine is not Engine.POSTGRESQL or data_type is None:
        return None if expression.is_null else expression
    if expression.is_null:
        return null(expression, data_type, catalog)
    if "nextval" in expression.functions:
        return of_sequence(expression, catalog)
    made = literal(expression, data_type, catalog) if expression.constant is not None else None
    if made is None:
        made = spelled(expression, catalog)
    return made if made is not None else settled(expression, catalog)


def null(expression: Expression, data_type: DataType, catalog: Catalog) -> Expression | None:
    """DEFAULT NULL is nothing, but where a length has to be applied to it the server keeps the call that does it."""
    domain = domain_of(catalog, data_type)
    if domain is not None:
        return replace(expression, text=f"NULL::{format_type(domain.base, catalog)}", references=())
    if not data_type.arguments or data_type.dimensions:
        return None
    return replace(expression, text=f"NULL::{bare_type(data_type, catalog)}", references=())


def bare_type(data_type: DataType, catalog: Catalog) -> str:
    """A type as it labels a constant: without its length."""
    if data_type.name == "character" or data_type.name == "bpchar":
        return "bpchar" + ("[]" if data_type.dimensions else "")
    if data_type.name == "bit":
        return '"bit"' + ("[]" if data_type.dimensions else "")
    return format_type(replace(data_type, arguments=(), fields=None), catalog)


# --- literals -----------------------------------------------------------------------------------------------------


def literal(expression: Expression, data_type: DataType, catalog: Catalog) -> Expression | None:
    """The default that a literal makes, or None where that cannot be foretold. Raises Refused."""
    text = outer(expression.text)
    value = expression.constant
    assert value is not None
    if text.startswith("+"):
        return None
    if BITS.fullmatch(text):
        return replace(expression, text=f"'{text[2:-1]}'::\"bit\"", references=())
    if NUMBER.match(text):
        refuse_kind(text, data_type, NUMERIC_TARGETS, catalog)
        return plain_number(expression, text)
    if text.lower() in ("true", "false"):
        refuse_kind(text, data_type, STRINGS | {"boolean"}, catalog)
        return replace(expression, text=text.lower(), references=())
    quoted, cast = string_type(text)
    if not quoted:
        return None
    target = cast or data_type
    while (domain := domain_of(catalog, target)) is not None:
        target = domain.base
    try:
        shown_value = literals.written(value, target, catalog)
    except literals.Refusal:
        raise Refused(
            RefusalKind.INVALID, f"'{value}' is no value of the type {format_type(target, catalog)}", value
        ) from None
    known = shown_value is not None
    return labelled(expression, shown_value if shown_value is not None else value, target, catalog, known=known)


def refuse_kind(text: str, data_type: DataType, fitting: frozenset[str], catalog: Catalog) -> None:
    """Raise Refused where no cast leads from a number or a truth value to the column's type."""
    base = data_type
    while (domain := domain_of(catalog, base)) is not None:
        base = domain.base
    if base.dimensions or (base.builtin and base.name not in fitting and base.name in CLOSED):
        wanted = format_type(data_type, catalog)
        raise Refused(RefusalKind.INVALID, f"the default {text} does not fit the type {wanted}", text)
    if isinstance(type_at(catalog, base), EnumType):
        raise Refused(RefusalKind.INVALID, f"the default {text} is no value of the enum {base.name}", text)


CLOSED = frozenset(
    {"boolean", "smallint", "integer", "bigint", "numeric", "real", "double precision", "date", "uuid", "json", "jsonb",
     "timestamp without time zone", "timestamp with time zone", "time without time zone", "time with time zone",
     "interval", "bytea", "inet", "cidr"}
)  # fmt: skip
"""Types to which only casts lead that are listed here."""


def plain_number(expression: Expression, text: str) -> Expression | None:
    """A number without quotes: the server keeps the type that the number has of itself."""
    text = text.replace(" ", "").lstrip("+")
    if re.fullmatch(r"-?\d+", text):
        number = int(text)
        if abs(number) <= 2147483647:
            made = str(number) if number >= 0 else f"'{number}'::integer"
        elif abs(number) <= literals.BOUNDS["bigint"]:
            made = f"'{number}'::bigint"
        else:
            made = f"'{number}'::numeric"
        return replace(expression, text=made, references=())
    if re.fullmatch(r"-?\d*\.\d+", text):
        sign, digits = ("-", text[1:]) if text.startswith("-") else ("", text)
        digits = digits if not digits.startswith(".") else f"0{digits}"
        return replace(expression, text=f"'-{digits}'::numeric" if sign else digits, references=())
    return None


STRING = re.compile(
    r"(?:[eE]?'(?:[^']|'')*'|(?P<tag>\$\w*\$).*?(?P=tag))(?:\s*::\s*(?P<type>[^:()']+(?:\([\d\s,]*\))?[^:()']*))?\Z",
    re.DOTALL,
)
CAST = re.compile(r"cast\s*\(\s*'(?:[^']|'')*'\s+as\s+(?P<type>[^:']+)\)\Z", re.IGNORECASE)
TYPED = re.compile(r"(?P<type>[a-z][a-z ]*?)\s*'(?:[^']|'')*'\Z", re.IGNORECASE)


def string_type(text: str) -> tuple[bool, DataType | None]:
    """Whether the text is one quoted literal, and the type that it is cast to, where one is written."""
    for shape in (STRING, CAST, TYPED):
        found = shape.match(text)
        if found is not None:
            if found["type"] is None:
                return True, None
            cast = type_names.named(found["type"])
            return cast is not None and not cast.arguments, cast
    return False, None


def labelled(expression: Expression, value: str, data_type: DataType, catalog: Catalog, *, known: bool) -> Expression:
    """A constant with the label of its type, where the server writes one."""
    if data_type.builtin and not data_type.dimensions and known:
        if data_type.name == "boolean":
            return replace(expression, text=value, constant=value, references=())
        if data_type.name == "integer" and not value.startswith("-"):
            return replace(expression, text=value, references=())
        if data_type.name == "numeric" and not value.startswith("-") and "." in value:
            return replace(expression, text=value, references=())
    quoted = "'" + value.replace("'", "''") + "'"
    label = bare_type(data_type, catalog)
    references: tuple[Reference, ...] = ()
    if not data_type.builtin:
        end = len(quoted) + 2 + len(label) - (2 if data_type.dimensions else 0)
        key = known_key(data_type, catalog)
        references = (Reference(len(quoted) + 2, end, key[1], "type", key[0]),) if key is not None else ()
    return replace(expression, text=f"{quoted}::{label}", references=references)


def known_key(data_type: DataType, catalog: Catalog) -> Key | None:
    """The key of a user type."""
    found = type_at(catalog, data_type)
    return found.key if found is not None else None


def outer(text: str) -> str:
    """A text without parentheses around all of it."""
    text = text.strip()
    while text.startswith("(") and text.endswith(")") and balanced(text[1:-1]):
        text = text[1:-1].strip()
    return text


def balanced(text: str) -> bool:
    """Whether parentheses close in order."""
    depth = 0
    for char in text:
        depth += (char == "(") - (char == ")")
        if depth < 0:
            return False
    return depth == 0


def relabelled(
    default: Expression | None, old: str, new: str, catalog: Catalog, data_type: DataType
) -> Expression | None:
    """A default after a value of its enum was renamed."""
    if default is None or default.constant is None:
        return default
    if data_type.dimensions:
        inside = default.constant.strip()[1:-1]
        value = "{" + ",".join(new if one == old else one for one in inside.split(",")) + "}"
    elif default.constant == old:
        value = new
    else:
        return default
    return labelled(replace(default, constant=value), value, data_type, catalog, known=True)


# --- sequences ----------------------------------------------------------------------------------------------------


def nextval(key: Key, catalog: Catalog) -> Expression:
    """The default of a serial column."""
    name = written(key, "relation", catalog)
    start = len("nextval('")
    reference = Reference(start, start + len(name), key[1], "relation", key[0])
    return Expression(f"nextval('{name}'::regclass)", (reference,), functions=("nextval",))


SEQUENCE = re.compile(r"(?:pg_catalog\.)?nextval\(\s*'((?:[^']|'')*)'(?:::regclass)?\s*\)\Z", re.IGNORECASE)


def sequence_name(expression: Expression) -> Name | None:
    """The sequence that a default draws from."""
    for reference in expression.references:
        if reference.kind == "relation" and "nextval" in expression.functions:
            return Name(reference.name, reference.qualifier)
    found = SEQUENCE.match(outer(expression.text))
    if found is None:
        return None
    parts = re.findall(r'"((?:[^"]|"")*)"|([^."]+)', found[1].replace("''", "'"))
    names = [quoted.replace('""', '"') if quoted else plain.lower() for quoted, plain in parts]
    return Name(names[-1], names[-2] if len(names) > 1 else None) if names else None


def of_sequence(expression: Expression, catalog: Catalog) -> Expression:
    """A default that draws from a sequence, with the sequence's name as the server shows it. Raises Refused."""
    name = sequence_name(expression)
    if name is None:
        return expression
    key = sequence_key(catalog, name)
    if key is not None:
        return nextval(key, catalog)
    from migguard.catalog.existence import uncertain

    if not uncertain(catalog) and catalog.server.engine is Engine.POSTGRESQL:
        raise Refused(RefusalKind.UNKNOWN_RELATION, f'the sequence "{name}" does not exist', str(name))
    return expression


def draws(default: Expression | None, key: Key) -> bool:
    """Whether a stored default draws from a sequence."""
    if default is None or "nextval" not in default.functions:
        return False
    name = sequence_name(default)
    return name is not None and name.name == key[1] and name.schema in (None, key[0])


def display(default: Expression | None, catalog: Catalog) -> str | None:
    """A stored default as the server shows it to a session with the search path of now."""
    return None if default is None else shown(default, catalog).text
