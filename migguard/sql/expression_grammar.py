"""Whether a text is an expression of PostgreSQL's, from its first token to its last.

Expressions keep the user's own text, and what can be told of them comes from their tokens. So that no stray word hides
in such a text, it has to fit the grammar (`a_expr` in src/backend/parser/gram.y). Of the reading nothing is kept but
the names that are columns, and whether there is a query in it.
"""

from __future__ import annotations

from functools import lru_cache

from migguard.changes import Engine
from migguard.records import dataclass
from migguard.sql.cursor import Cursor
from migguard.sql.postgresql_types import read_type
from migguard.sql.postgresql_words import RESERVED
from migguard.sql.tokens import Unread

KEYWORD_FUNCTIONS = frozenset({"LEFT", "RIGHT", "OVERLAPS", "LIKE", "ILIKE"})
VALUES = frozenset([
    "CURRENT_TIMESTAMP", "CURRENT_DATE", "CURRENT_TIME", "LOCALTIME", "LOCALTIMESTAMP", "CURRENT_USER",
    "CURRENT_ROLE", "SESSION_USER", "SYSTEM_USER", "CURRENT_CATALOG", "CURRENT_SCHEMA", "USER", "NULL", "TRUE",
    "FALSE", "DEFAULT",
])  # fmt: skip
STRUCTURE = frozenset({"(", ")", "[", "]", ",", ";", ".", "::", ":", "=>", ":="})
"""Signs that are no operators."""
INFIX = frozenset({"=", "<", ">", "<=", ">=", "<>", "!=", "*", "/", "%", "||"})
"""Operators that stand before no operand alone."""
FIELDS = ("YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND")
QUERIES = ("SELECT", "WITH", "VALUES", "TABLE")


@dataclass(frozen=True, slots=True)
class Reading:
    """What in a text fits no expression, if anything; its columns as (qualifier or None, name); is there a query?"""

    fault: str | None
    columns: tuple[tuple[str | None, str], ...] = ()
    query: bool = False


@lru_cache(maxsize=4096)
def reading(text: str) -> Reading:
    """What a text is as an expression. The columns inside its queries, and of calls like EXTRACT, are left out."""
    try:
        cursor = Cursor(text, Engine.POSTGRESQL)
        grammar = Grammar(cursor)
        grammar.expression()
        cursor.finish()
    except Unread as error:
        return Reading(str(error))
    return Reading(None, tuple(dict.fromkeys(grammar.columns)), grammar.query)


class Grammar:
    """Reads expressions off a cursor. How tightly an operator binds does not matter to whether they are well formed."""

    def __init__(self, cursor: Cursor) -> None:
        self.cursor = cursor
        self.columns: list[tuple[str | None, str]] = []
        self.query = False

    def expression(self, *, bounded: bool = False) -> None:
        """Operands with operators between them; `bounded`: an AND ends it, as that of BETWEEN does."""
        cursor = self.cursor
        while True:
            self.operand()
            while self.behind():
                pass
            if bounded and cursor.sees("AND"):
                return
            if not self.between():
                return

    def operand(self) -> None:
        """An operand with what stands before it."""
        cursor = self.cursor
        while cursor.accept("NOT") or (cursor.peek().word not in INFIX and self.operator()):
            pass
        self.primary()
        while self.indirection():
            pass

    def operator(self) -> bool:
        """An operator, of one sign or several, or OPERATOR(schema.sign)."""
        cursor = self.cursor
        if cursor.accept("OPERATOR", "("):
            while cursor.peek().kind in ("word", "name"):
                cursor.take()
                cursor.expect(".")
            if not self.operator():
                raise cursor.unread("where an operator was expected")
            cursor.expect(")")
            return True
        start = cursor.at
        while (token := cursor.peek()).kind == "operator" and token.word not in STRUCTURE:
            if (
                cursor.at > start
                and cursor.tokens[cursor.at - 1].end != token.start
                and token.word not in ("-", "+", "~")
            ):
                break
            cursor.at += 1
        return cursor.at > start

    def between(self) -> bool:
        """What stands between two operands; false where the expression ends."""
        cursor = self.cursor
        if cursor.accept_any("AND", "OR") is not None or cursor.accept("AT", "TIME", "ZONE"):
            return True
        if cursor.accept("IS", "NOT", "DISTINCT", "FROM") or cursor.accept("IS", "DISTINCT", "FROM"):
            return True
        if cursor.accept("OVERLAPS"):
            return True
        at = cursor.at
        cursor.accept("NOT")
        if cursor.accept_any("LIKE", "ILIKE") is not None or cursor.accept("SIMILAR", "TO"):
            self.quantified()
            return self.escaped()
        cursor.at = at
        if self.operator():
            self.quantified()
            return True
        return False

    def escaped(self) -> bool:
        """The pattern of LIKE, with its ESCAPE: what follows is another operator, or the end."""
        self.operand()
        if self.cursor.accept("ESCAPE"):
            self.operand()
        while self.behind():
            pass
        return self.between()

    def quantified(self) -> None:
        """ANY, ALL and SOME stand like functions before an array or a query."""
        if self.cursor.sees_any("ANY", "ALL", "SOME") is not None and self.cursor.peek(1).word == "(":
            self.cursor.at += 1

    def behind(self) -> bool:
        """What stands behind an operand; false where nothing of it comes."""
        cursor = self.cursor
        if cursor.accept_any("ISNULL", "NOTNULL") is not None or cursor.accept("AT", "LOCAL"):
            return True
        if cursor.accept("COLLATE"):
            cursor.name()
            return True
        if cursor.sees("IS") and not (cursor.peek(1).word == "DISTINCT" or cursor.peek(2).word == "DISTINCT"):
            cursor.accept("IS")
            cursor.accept("NOT")
            self.tested()
            return True
        at = cursor.at
        cursor.accept("NOT")
        if cursor.accept("BETWEEN"):
            cursor.accept_any("SYMMETRIC", "ASYMMETRIC")
            self.expression(bounded=True)
            cursor.expect("AND")
            self.operand()
            return True
        if cursor.accept("IN"):
            cursor.expect("(")
            self.listed_or_query()
            return True
        cursor.at = at
        return False

    def tested(self) -> None:
        """What follows IS [NOT]."""
        cursor = self.cursor
        if cursor.accept("JSON"):
            cursor.accept_any("VALUE", "ARRAY", "OBJECT", "SCALAR")
            if cursor.accept_any("WITH", "WITHOUT") is not None:
                cursor.expect("UNIQUE")
                cursor.accept("KEYS")
            return
        cursor.accept_any("NFC", "NFD", "NFKC", "NFKD")
        if cursor.accept_any("NULL", "TRUE", "FALSE", "UNKNOWN", "DOCUMENT", "NORMALIZED") is None:
            raise cursor.unread("after IS")

    def indirection(self) -> bool:
        """`::type`, `[index]` and `.field`."""
        cursor = self.cursor
        if cursor.accept("::"):
            read_type(cursor)
            return True
        if cursor.accept("["):
            if not cursor.sees(":"):
                self.expression()
            if cursor.accept(":") and not cursor.sees("]"):
                self.expression()
            cursor.expect("]")
            return True
        if cursor.accept("."):
            if not cursor.accept("*"):
                cursor.identifier()
            return True
        return False

    # --- primaries ---

    def primary(self) -> None:
        """A literal, a name, a call, parentheses, or one of the constructs that begin with a word."""
        cursor = self.cursor
        token = cursor.peek()
        if token.kind == "string":
            cursor.string()
            return
        if token.kind in ("number", "literal"):
            cursor.at += 1
            return
        if cursor.sees(".") and cursor.peek(1).kind == "number":
            cursor.at += 2
            return
        if cursor.accept("("):
            self.listed_or_query()
            return
        if cursor.accept(":"):
            cursor.identifier()
            return
        if token.kind == "name":
            self.named()
            return
        if token.kind != "word":
            raise cursor.unread("in an expression")
        self.worded(token.word)

    def worded(self, word: str) -> None:
        """What begins with an unquoted word."""
        cursor = self.cursor
        called = cursor.peek(1).word == "("
        if word == "CASE":
            self.case()
        elif word in ("CAST", "TREAT") and called:
            cursor.at += 2
            self.expression()
            cursor.expect("AS")
            read_type(cursor)
            cursor.expect(")")
        elif word == "ARRAY" and cursor.peek(1).word in ("[", "("):
            cursor.at += 1
            self.array()
        elif word == "EXISTS" and called:
            cursor.at += 1
            self.query = True
            cursor.parenthesised()
        elif word == "INTERVAL" and self.interval():
            return
        elif word in VALUES:
            cursor.at += 1
            if cursor.sees("("):
                cursor.parenthesised()
        elif word == "ARRAY" or (word in RESERVED and not (word in KEYWORD_FUNCTIONS and called)):
            raise cursor.unread("in an expression")
        elif called or cursor.peek(1).word == ".":
            self.named()
        elif self.typed_literal():
            return
        else:
            self.columns.append((None, cursor.identifier()))

    def typed_literal(self) -> bool:
        """`date '2020-01-01'`: a type before a string."""
        cursor = self.cursor
        at = cursor.at
        if cursor.peek(1).kind in ("word", "string", "operator"):
            try:
                read_type(cursor)
            except Unread:
                cursor.at = at
                return False
            if cursor.peek().kind == "string":
                cursor.string()
                return True
        cursor.at = at
        return False

    def interval(self) -> bool:
        """`INTERVAL '1' DAY`, `INTERVAL(3) '1 day'`."""
        cursor = self.cursor
        at = cursor.at
        cursor.at += 1
        if cursor.accept("("):
            cursor.integer()
            cursor.expect(")")
        if cursor.peek().kind != "string":
            cursor.at = at
            return False
        cursor.string()
        if cursor.accept_any(*FIELDS) is not None and cursor.accept("TO") and cursor.accept_any(*FIELDS) is None:
            raise cursor.unread("where a field of an interval was expected")
        return True

    def case(self) -> None:
        """CASE … END."""
        cursor = self.cursor
        cursor.expect("CASE")
        if not cursor.sees("WHEN"):
            self.expression()
        cursor.expect("WHEN")
        while True:
            self.expression()
            cursor.expect("THEN")
            self.expression()
            if not cursor.accept("WHEN"):
                break
        if cursor.accept("ELSE"):
            self.expression()
        cursor.expect("END")

    def array(self) -> None:
        """`[…]` or a query in parentheses, from behind ARRAY."""
        cursor = self.cursor
        if cursor.sees("("):
            self.query = True
            cursor.parenthesised()
            return
        cursor.expect("[")
        if cursor.accept("]"):
            return
        while True:
            if cursor.sees("["):
                self.array()
            else:
                self.expression()
            if not cursor.accept(","):
                cursor.expect("]")
                return

    def named(self) -> None:
        """A name, and the call of it where parentheses follow."""
        cursor = self.cursor
        first = cursor.peek()
        parts = [cursor.identifier()]
        while cursor.sees(".") and cursor.peek(1).kind in ("word", "name"):
            cursor.at += 1
            parts.append(cursor.identifier())
        if not cursor.sees("("):
            if cursor.peek().kind == "string" and first.kind == "name":
                cursor.string()
            elif len(parts) < 3 and not (cursor.sees(".") or cursor.peek().kind == "string"):
                self.columns.append((parts[0] if len(parts) == 2 else None, parts[-1]))
            return
        if first.word in SPECIAL or first.word.startswith(("XML", "JSON_")):
            cursor.parenthesised()
        else:
            cursor.at += 1
            self.arguments()
        if cursor.accept("WITHIN", "GROUP"):
            cursor.parenthesised()
        if cursor.accept("FILTER"):
            cursor.parenthesised()
        if cursor.accept("OVER") and not cursor.sees("("):
            cursor.identifier()
        elif cursor.tokens[cursor.at - 1].word == "OVER":
            cursor.parenthesised()

    def arguments(self) -> None:
        """The arguments of a call, up to the closing parenthesis."""
        cursor = self.cursor
        if cursor.accept(")") or cursor.accept("*", ")"):
            return
        cursor.accept_any("DISTINCT", "ALL")
        while True:
            cursor.accept("VARIADIC")
            if cursor.peek().kind in ("word", "name") and cursor.peek(1).word in ("=>", ":="):
                cursor.at += 2
            elif cursor.peek().kind in ("word", "name") and [cursor.peek(n).word for n in (1, 2)] == ["=", ">"]:
                cursor.at += 3
            self.expression()
            if not cursor.accept(","):
                break
        if cursor.accept("ORDER", "BY"):
            while not cursor.sees(")"):
                cursor.take()
        cursor.expect(")")

    def listed_or_query(self) -> None:
        """Expressions with commas between them, or a query, up to the closing parenthesis."""
        cursor = self.cursor
        if cursor.sees_any(*QUERIES) is not None:
            self.query = True
            cursor.at -= 1
            cursor.parenthesised()
            return
        if cursor.accept(")"):
            raise cursor.unread("where an expression was expected")
        while True:
            self.expression()
            if not cursor.accept(","):
                break
        cursor.expect(")")


SPECIAL = frozenset({"EXTRACT", "SUBSTRING", "TRIM", "POSITION", "OVERLAY", "NORMALIZE", "COLLATION"})
"""Functions whose arguments have words between them."""
