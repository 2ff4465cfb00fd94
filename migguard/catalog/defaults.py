"""Defaults as the server gives them back: literals on a column of a type, and nextval()."""

from __future__ import annotations

import re
from dataclasses import replace

from migguard.catalog.lookup import visible
from migguard.catalog.naming import quote
from migguard.catalog.schema import Catalog, Key
from migguard.catalog.types import format_type
from migguard.changes import DataType, Engine, Expression, Name

TRUE = ("t", "true", "yes", "y", "on", "1")
FALSE = ("f", "false", "no", "n", "off", "0")
NUMBERS = ("smallint", "integer", "bigint", "numeric", "real", "double precision")


def stored(expression: Expression | None, data_type: DataType | None, catalog: Catalog) -> Expression | None:
    """A default as pg_get_expr() shows it; the user's text where that cannot be foretold."""
    if expression is None or expression.is_null:
        return None
    if catalog.server.engine is not Engine.POSTGRESQL or data_type is None:
        return expression
    text = expression.text
    if "nextval" in expression.functions:
        return of_sequence(expression, catalog)
    made = literal_text(expression, data_type, catalog)
    return expression if made is None or made == text else replace(expression, text=made, references=())


def literal_text(expression: Expression, data_type: DataType, catalog: Catalog) -> str | None:
    """The text of a literal default, or None for any other."""
    value = expression.constant
    text = outer(expression.text)
    if value is None:
        return "CURRENT_TIMESTAMP" if text.upper() == "CURRENT_TIMESTAMP" else None
    quoted = text[:1] in ("'", "E", "e", "$") and "'" in text or text[:1] == "$"
    shown = format_type(replace(data_type, arguments=(), dimensions=0), catalog) + ("[]" if data_type.dimensions else "")
    if data_type.dimensions or data_type.name == "character":
        shown = format_type(data_type, catalog).partition("(")[0] if data_type.name == "character" else shown
        shown = "bpchar" if data_type.name == "character" and not data_type.dimensions else shown
    if not quoted:
        if data_type.name == "boolean" and value.lower() in ("true", "false"):
            return value.lower()
        if re.fullmatch(r"-\d+(\.\d+)?", text):
            number = "integer" if "." not in text else "numeric"
            target = data_type.name if data_type.name in NUMBERS else number
            return f"'{value}'::{number if target in ('integer', 'smallint', 'bigint') else number}"
        return None
    if "::" in text and (cast := text.rpartition("::")[2].strip().lower()) not in ("text", "varchar", "unknown"):
        return None if cast != shown else text
    if data_type.name == "boolean" and not data_type.dimensions and value.strip().lower() in (*TRUE, *FALSE):
        return "true" if value.strip().lower() in TRUE else "false"
    if data_type.name in NUMBERS and not data_type.dimensions and re.fullmatch(r"\s*[-+]?\d+(\.\d+)?\s*", value):
        number = value.strip().lstrip("+")
        if data_type.name == "integer" and not number.startswith("-"):
            return number
        if data_type.name in ("real", "double precision") and "." in number:
            number = number.rstrip("0").rstrip(".")
        return f"'{number}'::{data_type.name}"
    return "'" + value.replace("'", "''") + f"'::{shown}"


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


def nextval(key: Key, catalog: Catalog) -> Expression:
    """The default of a serial column."""
    name = quote(key[1]) if visible(catalog, key) else f"{quote(key[0])}.{quote(key[1])}"
    return Expression("nextval('" + name.replace("'", "''") + "'::regclass)", functions=("nextval",))


SEQUENCE = re.compile(r"nextval\(\s*'((?:[^']|'')*)'(?:::[\w ]+)*\s*\)", re.IGNORECASE)


def sequence_name(expression: Expression) -> Name | None:
    """The sequence that a default draws from."""
    found = SEQUENCE.search(expression.text)
    if found is None:
        return None
    parts = re.findall(r'"((?:[^"]|"")*)"|([^."]+)', found[1].replace("''", "'"))
    names = [quoted.replace('""', '"') if quoted else plain.lower() for quoted, plain in parts]
    return Name(names[-1], names[-2] if len(names) > 1 else None) if names else None


def of_sequence(expression: Expression, catalog: Catalog) -> Expression:
    """A default that draws from a sequence, with the sequence's name as the server shows it."""
    from migguard.catalog.lookup import sequence_key

    name = sequence_name(expression)
    key = sequence_key(catalog, name) if name is not None else None
    whole = SEQUENCE.fullmatch(outer(expression.text))
    return nextval(key, catalog) if key is not None and whole else expression
