"""An expression without columns, as a default is one, in the spelling in which PostgreSQL gives it back.

The server keeps no text: it keeps what it has understood, and writes that out again (pg_get_expr, without pretty
printing). So this reads an expression with its types and writes it down the way get_rule_expr() does
(src/backend/utils/adt/ruleutils.c). What it does not know it does not guess: `spelled` gives None.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from migguard.catalog import literals, type_names
from migguard.catalog.copying import replace
from migguard.catalog.lookup import function_key, type_at, visible
from migguard.catalog.naming import quote
from migguard.catalog.schema import Catalog, DomainType
from migguard.catalog.server_functions import (
    DATE,
    DOUBLE,
    EXTENSIONS,
    INTERVAL,
    KEYWORD_CALLS,
    NUMBERS,
    PLAIN,
    PROMOTED,
    SIGNATURES,
    TEXT,
    ZONED,
    Signature,
)
from migguard.catalog.spelled_parts import NotForetoldError, Part, joined, listed, tokens
from migguard.catalog.types import format_type
from migguard.changes import DataType, Expression, Name, Reference

VALUES = {
    "current_timestamp": ZONED, "localtimestamp": PLAIN, "current_date": DATE, "current_time": "time with time zone",
    "localtime": "time without time zone", "current_user": "name", "session_user": "name", "current_role": "name",
    "user": "name", "current_catalog": "name", "current_schema": "name",
}  # fmt: skip
"""Functions that are called by a keyword, and the types of their values."""
TIMES = ("timestamp", "time")


UNKNOWN_RESULT = DataType("", builtin=False)
"""The type of what a user's function gives back."""


def spelled(expression: Expression, catalog: Catalog) -> Expression | None:
    """The expression as the server shows it; None where that cannot be foretold."""
    try:
        parser = Parser(tokens(expression.text), catalog)
        part = parser.expression()
        if parser.at < len(parser.tokens) or part.type is None:
            return None
    except NotForetoldError:
        return None
    return replace(expression, text=part.text, references=part.references)


@dataclass(slots=True)
class Parser:
    """Reads tokens and writes them as the server does; one method for each level of binding."""

    tokens: list[tuple[str, str]]
    catalog: Catalog
    at: int = 0

    # --- tokens ---

    def next_is(self, *texts: str) -> bool:
        """Whether these words or signs follow."""
        found = self.tokens[self.at : self.at + len(texts)]
        return [t.lower() for k, t in found if k in ("word", "sign")] == list(texts)

    def accept(self, *texts: str) -> bool:
        """Pass these words or signs, if they follow."""
        if self.next_is(*texts):
            self.at += len(texts)
            return True
        return False

    def expect(self, text: str) -> None:
        """Pass that word or sign."""
        if not self.accept(text):
            raise NotForetoldError

    def take(self) -> tuple[str, str]:
        """The next token."""
        if self.at >= len(self.tokens):
            raise NotForetoldError
        self.at += 1
        return self.tokens[self.at - 1]

    # --- operators ---

    def expression(self) -> Part:
        """Any expression: `||` binds weaker than arithmetic."""
        left = self.sum()
        while self.accept("||"):
            left = self.concatenated(left, self.sum())
        return left

    def sum(self) -> Part:
        """Sums."""
        left = self.product()
        while self.next_is("+") or self.next_is("-"):
            sign = self.take()[1]
            left = self.computed(left, sign, self.product())
        return left

    def product(self) -> Part:
        """Products."""
        left = self.zoned()
        while self.next_is("*") or self.next_is("/") or self.next_is("%"):
            sign = self.take()[1]
            left = self.computed(left, sign, self.zoned())
        return left

    def zoned(self) -> Part:
        """`x AT TIME ZONE y`."""
        left = self.signed()
        while self.accept("at", "time", "zone"):
            zone = self.signed()
            name = left.type.name if left.type is not None and not left.type.dimensions else ""
            result = {ZONED: PLAIN, PLAIN: ZONED, "time with time zone": "time with time zone"}.get(name)
            if result is None:
                raise NotForetoldError
            zone = zone if zone.type is not None and zone.type.name == INTERVAL else self.fitted(zone, TEXT)
            made = DataType(result)
            if self.catalog.server.version >= (14,):
                left = joined("(", left, " AT TIME ZONE ", zone, ")", type=made)
            else:
                left = joined("timezone(", zone, ", ", left, ")", type=made)
        return left

    def signed(self) -> Part:
        """Signs. A number that stands behind its sign is a constant."""
        for sign in ("-", "+"):
            if not self.next_is(sign):
                continue
            self.at += 1
            number = self.at < len(self.tokens) and self.tokens[self.at][0] == "number"
            cast = self.tokens[self.at + 1 : self.at + 2] == [("sign", "::")]
            if sign == "-" and number and not cast:
                return self.number(f"-{self.take()[1]}")
            inner = self.signed()
            if inner.type is None or inner.type.name not in NUMBERS:
                raise NotForetoldError
            return joined(f"({sign} ", inner, ")", type=inner.type)
        return self.cast()

    def computed(self, left: Part, sign: str, right: Part) -> Part:
        """A sum, difference, product or quotient."""
        if left.type is None and right.type is None:
            raise NotForetoldError
        a, b = (p.type.name if p.type is not None and not p.type.dimensions else "" for p in (left, right))
        if a in NUMBERS and b in NUMBERS:
            wide = max(a, b, key=NUMBERS.index)
            left, right = self.fitted(left, wide), self.fitted(right, wide)
            return joined("(", left, f" {sign} ", right, ")", type=DataType(wide))
        if a in (ZONED, PLAIN) and sign == "+" and right.type is None:
            right, b = self.fitted(right, INTERVAL), INTERVAL
        result = None
        if sign in "+-" and b == INTERVAL:
            result = {ZONED: ZONED, PLAIN: PLAIN, INTERVAL: INTERVAL, DATE: PLAIN}.get(a)
        elif sign in "+-" and a == DATE and b == "integer":
            result = DATE
        elif sign in "*/" and a == INTERVAL and b in NUMBERS:
            result, right = INTERVAL, self.fitted(right, DOUBLE)
        if result is None:
            raise NotForetoldError
        return joined("(", left, f" {sign} ", right, ")", type=DataType(result))

    def concatenated(self, left: Part, right: Part) -> Part:
        """`a || b` of texts."""
        left, right = self.fitted(left, TEXT), self.fitted(right, TEXT)
        return joined("(", left, " || ", right, ")", type=DataType(TEXT))

    # --- casts ---

    def cast(self) -> Part:
        """`x::type`, as often as it is written."""
        part = self.primary()
        while self.accept("::"):
            part = self.converted(part, self.type())
        return part

    def converted(self, part: Part, target: DataType) -> Part:
        """An explicit cast."""
        bare = replace(target, arguments=())
        if part.elements is not None and target.dimensions and target == bare:
            return self.array(tuple(self.converted(e, replace(target, dimensions=0)) for e in part.elements), target)
        if part.type is UNKNOWN_RESULT or isinstance(type_at(self.catalog, target), DomainType):
            raise NotForetoldError
        if part.type is None:
            made = self.constant(part, bare)
            return made if bare == target else self.counted(made, target)
        if part.type == target:
            return part
        return self.labelled(joined("(", part, ")::", type=target), target)

    def counted(self, part: Part, target: DataType) -> Part:
        """A constant cast to a text of some length, which the server does not work out beforehand."""
        if target.name not in ("character varying", "character") or target.dimensions:
            raise NotForetoldError
        return Part(f"{part.text.rpartition('::')[0]}::{format_type(target, self.catalog)}", target)

    def labelled(self, part: Part, target: DataType) -> Part:
        """The part with the type's name behind it."""
        name = format_type(target, self.catalog)
        known = type_at(self.catalog, target)
        references = part.references
        if known is not None:
            start = len(part.text)
            end = start + len(name) - (2 if target.dimensions else 0)
            references += (Reference(start, end, known.key[1], "type", known.key[0]),)
        elif not target.builtin:
            raise NotForetoldError
        return Part(part.text + name, target, references=references)

    def constant(self, part: Part, target: DataType) -> Part:
        """A literal that is read as of that type."""
        from migguard.catalog.defaults import labelled

        if part.value is None:
            return self.labelled(Part("NULL::", target), target)
        try:
            written = literals.written(part.value, target, self.catalog)
        except literals.Refusal:
            raise NotForetoldError from None
        if written is None:
            raise NotForetoldError
        made = labelled(Expression(""), written, target, self.catalog, known=True)
        return Part(made.text, target, references=made.references)

    def fitted(self, part: Part, wanted: str) -> Part:
        """The part as an argument of that type: what the server casts by itself it shows too."""
        target = of_name(wanted)
        if part.type is None:
            return self.constant(part, target)
        if part.type == target:
            return part
        if (part.type.name, wanted) not in PROMOTED or part.type.dimensions:
            raise NotForetoldError
        return joined("(", part, f")::{wanted}", type=target)

    # --- primaries ---

    def primary(self) -> Part:
        """Literals, calls, parentheses, arrays."""
        kind, text = self.take()
        if kind == "string":
            return self.string(text)
        if kind == "number":
            return self.number(text)
        if text == "(":
            inner = self.expression()
            self.expect(")")
            return inner
        if kind == "quoted":
            return self.call(text[1:-1].replace('""', '"'))
        if kind != "word":
            raise NotForetoldError
        return self.worded(text.lower())

    def worded(self, word: str) -> Part:
        """What begins with a word."""
        if word in ("true", "false"):
            return Part(word, DataType("boolean"))
        if word == "null":
            return Part("NULL", None)
        if word == "cast" and self.accept("("):
            inner = self.expression()
            self.expect("as")
            target = self.type()
            self.expect(")")
            return self.converted(inner, target)
        if word == "array" and self.accept("["):
            return self.written_array()
        if word == "extract" and self.accept("("):
            return self.extracted()
        if word in ("coalesce", "greatest", "least", "nullif") and self.accept("("):
            return self.alike(word)
        if word in VALUES and not (word == "current_schema" and self.next_is("(")):
            return self.value_function(word)
        if self.tokens[self.at : self.at + 1] and self.tokens[self.at][0] == "string":
            return self.converted(self.string(self.take()[1]), self.known_type(word))
        return self.call(word)

    def string(self, text: str) -> Part:
        """A string that has no type yet."""
        return Part(text, None, text[1:-1].replace("''", "'"))

    def number(self, text: str) -> Part:
        """A number: its size says of which type it is."""
        if re.fullmatch(r"-?\d+", text):
            size = abs(int(text))
            name = "integer" if size <= 2147483647 else "bigint" if size <= literals.BOUNDS["bigint"] else "numeric"
            bare = name == "integer" and not text.startswith("-")
            return Part(str(int(text)) if bare else f"'{int(text)}'::{name}", DataType(name))
        if "_" in text:
            raise NotForetoldError
        written = literals.numeric(text) or ""
        bare = "." in written and not written.startswith("-")
        return Part(written if bare else f"'{written}'::numeric", DataType("numeric"))

    def value_function(self, word: str) -> Part:
        """`CURRENT_TIMESTAMP` and its like, with their digits."""
        digits = ""
        if self.accept("("):
            digits = f"({self.digits()})"
            self.expect(")")
        return Part(word.upper() + digits, DataType(VALUES[word]))

    def digits(self) -> str:
        """A whole number."""
        kind, text = self.take()
        if kind != "number" or not text.isdigit():
            raise NotForetoldError
        return text

    def written_array(self) -> Part:
        """`ARRAY[…]`."""
        elements: list[Part] = []
        while not self.accept("]"):
            if elements:
                self.expect(",")
            elements.append(self.expression())
        if self.next_is("::"):
            return Part("", UNKNOWN_RESULT, elements=tuple(elements))
        if not elements:
            raise NotForetoldError
        kinds = {e.type for e in elements if e.type is not None}
        if len(kinds) > 1:
            raise NotForetoldError
        kind = kinds.pop() if kinds else DataType(TEXT)
        made = tuple(e if e.type is not None else self.constant(e, kind) for e in elements)
        return self.array(made, replace(kind, dimensions=1))

    def array(self, elements: tuple[Part, ...], target: DataType) -> Part:
        """An array of elements that have their type; an empty one bears a label."""
        made = joined("ARRAY[", listed(elements), "]", type=target)
        return made if elements else self.labelled(joined(made, "::", type=target), target)

    def extracted(self) -> Part:
        """`EXTRACT(field FROM x)`."""
        field = self.take()[1].lower().strip("'")
        self.expect("from")
        inner = self.expression()
        self.expect(")")
        if inner.type is None or inner.type.name not in (ZONED, PLAIN, DATE, INTERVAL):
            raise NotForetoldError
        if self.catalog.server.version >= (14,):
            return joined(f"EXTRACT({field} FROM ", inner, ")", type=DataType("numeric"))
        return joined(f"date_part('{field}'::text, ", inner, ")", type=DataType(DOUBLE))

    def alike(self, word: str) -> Part:
        """COALESCE and its like: their arguments are of one type."""
        arguments = self.arguments()
        kinds = {a.type for a in arguments if a.type is not None}
        if len(kinds) > 1 or UNKNOWN_RESULT in kinds:
            raise NotForetoldError
        kind = kinds.pop() if kinds else DataType(TEXT)
        made = listed(a if a.type is not None else self.constant(a, kind) for a in arguments)
        return joined(f"{word.upper()}(", made, ")", type=kind)

    def arguments(self) -> list[Part]:
        """Arguments up to the closing parenthesis."""
        found: list[Part] = []
        while not self.accept(")"):
            if found:
                self.expect(",")
            found.append(self.expression())
        return found

    def call(self, name: str) -> Part:
        """A call of a function."""
        schema = None
        if self.accept("."):
            schema = name
            kind, text = self.take()
            name = text[1:-1].replace('""', '"') if kind == "quoted" else text.lower()
        self.expect("(")
        arguments = self.arguments()
        key = function_key(self.catalog, Name(name, schema)) if schema != "pg_catalog" else None
        if key is not None:
            if arguments:
                raise NotForetoldError
            shown = quote(name) if visible(self.catalog, key) else f"{quote(key[0])}.{quote(name)}"
            reference = Reference(0, len(shown), name, "function", key[0])
            return Part(f"{shown}()", UNKNOWN_RESULT, references=(reference,))
        if not arguments and name not in SIGNATURES:
            return self.foreign(name, schema)
        if schema not in (None, "pg_catalog") and name not in EXTENSIONS:
            raise NotForetoldError
        signature, fitting = self.chosen(name, arguments)
        shown = f'"{name}"' if name in KEYWORD_CALLS else quote(name)
        if schema is not None and schema != "pg_catalog" and not visible(self.catalog, (schema, name)):
            shown = f"{quote(schema)}.{shown}"
        return joined(f"{shown}(", listed(fitting), ")", type=of_name(signature.result))

    def foreign(self, name: str, schema: str | None) -> Part:
        """A call without arguments of a function that is not known here, such as an extension's."""
        shown = quote(name)
        if schema not in (None, "pg_catalog") and not visible(self.catalog, (schema or "", name)):
            shown = f"{quote(schema or '')}.{shown}"
        return Part(f"{shown}()", UNKNOWN_RESULT, references=(Reference(0, len(shown), name, "function", schema),))

    def chosen(self, name: str, arguments: list[Part]) -> tuple[Signature, list[Part]]:
        """The overload that the server takes for these arguments, and the arguments as it then shows them."""
        known = SIGNATURES.get(name, [])
        for signature in known:
            if signature.any_types:
                return signature, arguments
            wanted = [of_name(a) for a in signature.arguments]
            if len(wanted) == len(arguments) and all(
                a.type in (None, w) for a, w in zip(arguments, wanted, strict=True)
            ):
                return signature, [self.fitted(a, w) for a, w in zip(arguments, signature.arguments, strict=True)]
        for signature in known:
            if len(signature.arguments) == len(arguments):
                try:
                    return signature, [self.fitted(a, w) for a, w in zip(arguments, signature.arguments, strict=True)]
                except NotForetoldError:
                    continue
        raise NotForetoldError

    # --- types ---

    def type(self) -> DataType:
        """The type that is named here."""
        kind, text = self.take()
        if kind not in ("word", "quoted"):
            raise NotForetoldError
        if self.accept("."):
            text += f".{self.take()[1]}"
        for more in (("varying",), ("precision",)):
            if self.accept(*more):
                text += f" {more[0]}"
        if self.accept("("):
            text += f"({','.join(self.numbers())})"
        if text.lower().partition("(")[0] in TIMES:
            for zone in (("with", "time", "zone"), ("without", "time", "zone")):
                if self.accept(*zone):
                    text += f" {' '.join(zone)}"
        while self.accept("["):
            self.expect("]")
            text += "[]"
        return self.known_type(text)

    def numbers(self) -> list[str]:
        """Numbers up to the closing parenthesis."""
        found: list[str] = []
        while not self.accept(")"):
            if found:
                self.expect(",")
            found.append(self.take()[1])
        return found

    def known_type(self, text: str) -> DataType:
        """A type by its name."""
        found = type_names.named(text)
        if found is None or not (found.builtin or type_at(self.catalog, found) is not None):
            raise NotForetoldError
        return found


def of_name(text: str) -> DataType:
    """A type of the server's own, by the name that it shows."""
    return DataType(text.removesuffix("[]"), dimensions=int(text.endswith("[]")))
