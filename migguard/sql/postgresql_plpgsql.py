"""PostgreSQL: the statements of a PL/pgSQL body, with the conditions, loops and handlers they stand in.

What a variable holds is followed where it is a constant or a query, so that `IF NOT FOUND` and `EXECUTE format(…)` can
be told; a statement put together from anything else is not seen, and the body is then not complete.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import field, replace
from itertools import pairwise

from migguard.changes import (
    Attempt,
    Choice,
    Execute,
    Grant,
    Insert,
    Inside,
    Maintain,
    Merge,
    Nothing,
    Opaque,
    Part,
    RefreshMaterializedView,
    Reindex,
    Repeat,
    Select,
    SetTableOption,
    SetVariable,
    Stop,
    Truncate,
    Unknown,
    Update,
)
from migguard.changes import Delete as DeleteRows
from migguard.records import dataclass
from migguard.sql.cursor import Cursor
from migguard.sql.postgresql_texts import UNKNOWN, Texts, cut, text_of_tokens
from migguard.sql.tokens import Token, Unread

SHAPELESS = (
    Select, Insert, Update, DeleteRows, Merge, Nothing, Grant, Maintain, Reindex, RefreshMaterializedView,
    SetTableOption, SetVariable, Truncate,
)  # fmt: skip
"""Changes that leave every table, column, constraint, index and type as they are."""

QUIET = frozenset({"NULL", "ASSERT", "GET", "OPEN", "FETCH", "CLOSE", "MOVE", "RAISE"})
"""PL/pgSQL statements that change no schema."""

MOST_ROUNDS = 200
"""How many rounds of a loop over constants are taken one by one."""


@dataclass(slots=True)
class Body:
    """What was read of a body.

    `complete` is false if something in it was not, `dynamic` if it runs text made at run time, `doubtful` if that may
    have changed the schema's shape.
    """

    parts: tuple[Part, ...] = ()
    complete: bool = True
    dynamic: bool = False
    doubtful: bool = False


def read_body(text: str, cursor_of: Callable[[str], Cursor]) -> Body:
    """What a PL/pgSQL body does. What could not be read to its end is not complete."""
    made = Body()
    try:
        reader = Reader(cursor_of(text), made)
        made.parts = reader.block()
        reader.cursor.accept(";")
        reader.cursor.finish()
    except Unread:
        made.complete, made.doubtful = False, True
    return made


def conditional(parts: tuple[Part, ...]) -> bool:
    """Whether some of a body runs under a condition."""
    return any(not isinstance(p, Inside | Stop | Execute) for p in parts)


def flat(parts: tuple[Part, ...]) -> Iterator[Inside]:
    """Every statement of a body, whatever it stands in."""
    for part in parts:
        match part:
            case Inside():
                yield part
            case Repeat():
                yield from flat(part.parts)
            case Choice():
                for _, arm in part.arms:
                    yield from flat(arm)
            case Attempt():
                yield from flat(part.parts)
                for _, handler in part.handlers:
                    yield from flat(handler)
            case Stop() | Execute():
                pass


@dataclass(slots=True)
class Reader:
    """One pass over a body. `found` is the query that FOUND speaks of."""

    cursor: Cursor
    made: Body
    texts: Texts = field(default_factory=Texts)
    found: str | None = None

    # --- blocks ---

    def block(self) -> tuple[Part, ...]:
        """[<<label>>] [DECLARE …] BEGIN … [EXCEPTION …] END [label]."""
        cursor = self.cursor
        self.label()
        if cursor.accept("DECLARE"):
            while not cursor.sees("BEGIN"):
                if not cursor.accept("DECLARE"):
                    self.declaration(self.until(";"))
        cursor.expect("BEGIN")
        parts = self.statements("END", "EXCEPTION")
        if cursor.accept("EXCEPTION"):
            handlers = []
            while cursor.accept("WHEN"):
                names = tuple(t.text.lower() for t in self.until("THEN") if t.kind == "word" and t.word != "OR")
                handlers.append((names, self.apart(lambda: self.statements("END", "WHEN"))))
            parts = (Attempt(parts, tuple(handlers)),)
        cursor.expect("END")
        if cursor.peek().kind in ("word", "name"):
            cursor.take()
        return parts

    def label(self) -> None:
        """<<label>>."""
        if self.cursor.accept("<", "<"):
            self.cursor.identifier()
            self.cursor.expect(">", ">")

    def declaration(self, tokens: list[Token]) -> None:
        """name [CONSTANT] type [:= value]."""
        if tokens and tokens[0].kind in ("word", "name"):
            self.texts.declared.add(self.cursor.fold(tokens[0]))
        place = next((i for i, t in enumerate(tokens) if t.word in (":=", "=", "DEFAULT")), None)
        if place is not None and tokens[0].kind in ("word", "name"):
            self.texts.assign(self.cursor.fold(tokens[0]), tokens[place + 1 :], self.cursor)

    def statements(self, *ends: str) -> tuple[Part, ...]:
        """Statements up to one of the words that end a list of them."""
        found: list[Part] = []
        while self.cursor.peek().word not in ends:
            found += self.statement()
        return tuple(found)

    def apart(self, read: Callable[[], tuple[Part, ...]]) -> tuple[Part, ...]:
        """Statements that may not run: what they assign is not known afterwards."""
        before, found = dict(self.texts.values), self.found
        parts = read()
        self.texts.values = {k: v for k, v in before.items() if self.texts.values.get(k) == v}
        self.found = found if self.found == found else None
        return parts

    def until(self, word: str) -> list[Token]:
        """Pass everything up to and with a word outside of parentheses and CASE; what was passed."""
        passed: list[Token] = []
        depth = 0
        while True:
            token = self.cursor.take()
            depth += (token.word in ("(", "[", "CASE")) - (
                token.word in (")", "]") or (token.word == "END" and depth > 0)
            )
            if depth == 0 and token.word == word:
                return passed
            passed.append(token)

    # --- statements ---

    def statement(self) -> list[Part]:
        """One statement with its semicolon."""
        cursor = self.cursor
        word = cursor.peek().word
        if word == "<" and cursor.sees("<", "<"):
            self.label()
            return self.statement()
        match word:
            case "BEGIN" | "DECLARE":
                parts = self.block()
                cursor.expect(";")
                return list(parts)
            case "IF":
                return [self.choice()]
            case "CASE":
                return [self.case()]
            case "FOR" | "FOREACH" | "WHILE" | "LOOP":
                return self.loop(word)
            case _:
                pass
        tokens = self.until(";")
        return self.plain(tokens) if tokens else []

    def plain(self, tokens: list[Token]) -> list[Part]:
        """A statement without a body of its own."""
        word, cursor = tokens[0].word, self.cursor
        if word == "RETURN":
            return [] if len(tokens) > 1 and tokens[1].word in ("NEXT", "QUERY") else [Stop()]
        if word in QUIET:
            return []
        if word in ("EXIT", "CONTINUE"):
            return []
        if word == "EXECUTE":
            return self.dynamic(tokens[1:])
        if word == "PERFORM":
            query = "SELECT " + self.text(tokens[1:])
            self.found = self.texts.put_in(tokens[1:], cursor, lead="SELECT ")
            return self.sql(query)
        if word in ("SELECT", "WITH") and (into := targets(tokens)) is not None:
            rest, names = into
            self.found = self.texts.put_in(rest, cursor)
            for name in names:
                self.texts.forget(cursor.fold(name))
            if len(names) == 1 and self.found is not None:
                self.texts.values[cursor.fold(names[0])] = f"({self.found})"
            return self.sql(text_of_tokens(rest, cursor))
        place = next((i for i, t in enumerate(tokens) if t.word in (":=", "=")), None)
        if place is not None and place <= last_of_target(tokens):
            self.texts.assign(cursor.fold(tokens[0]), tokens[place + 1 :] if place == 1 else [], cursor)
            return []
        return self.sql(self.text(without_into(tokens)), self.bound(without_into(tokens)))

    def text(self, tokens: list[Token]) -> str:
        """Tokens that stand together, as they are written."""
        return text_of_tokens(tokens, self.cursor)

    def bound(self, tokens: list[Token]) -> str:
        """UPDATE and DELETE with what variables hold taken as parameters: `id = r.id` picks one row."""
        text = self.text(tokens)
        if tokens[0].word not in ("UPDATE", "DELETE"):
            return text
        out, at, where = "", tokens[0].start, False
        for place, token in enumerate(tokens):
            after = tokens[place + 1].word if place + 1 < len(tokens) else ""
            where = where or token.word == "WHERE"
            field_of = place > 1 and tokens[place - 1].word == "." and self.variable(tokens[place - 2])
            alone = where and after not in (".", "(") and self.variable(token) and tokens[place - 1].word != "."
            if field_of or alone:
                start = tokens[place - 2].start if field_of else token.start
                out += self.cursor.sql[at:start] + ":held"
                at = token.end
        return out + self.cursor.sql[at : tokens[-1].end]

    def variable(self, token: Token) -> bool:
        """Whether a word names a variable."""
        return token.kind in ("word", "name") and self.cursor.fold(token) in self.texts.declared

    def sql(self, text: str, meant: str | None = None) -> list[Part]:
        """A statement as SQL; `meant` is how it is to be understood."""
        from migguard.sql.read import read_one

        changes = read_one(meant or text, self.cursor.engine)
        for change in changes:
            if isinstance(change, Unknown):
                self.made.complete, self.made.doubtful = False, True
                return []
            if isinstance(change, Opaque) and not change.complete and not change.calls:
                self.made.complete = False
        return [Inside(text, changes)]

    def dynamic(self, tokens: list[Token]) -> list[Part]:
        """EXECUTE: what is made of constants is read; else it is asked only whether it changes the schema's shape."""
        from migguard.sql.read import read

        place = next(
            (i for i, t in enumerate(tokens) if t.word in ("USING", "INTO") and at_top(tokens, i)), len(tokens)
        )
        value, whole = self.texts.value(tokens[:place], self.cursor)
        names = value.split("\0")[1::2]
        if whole and not names:
            return self.sql(value)
        self.made.dynamic = True
        shown = "".join(UNKNOWN if i % 2 else piece for i, piece in enumerate(value.split("\0")))
        changes = read(shown, self.cursor.engine) if shown else (Unknown("", "nothing of it is known"),)
        doubtful = not all(isinstance(c, SHAPELESS) for c in changes)
        if whole:
            held = tuple((n, self.texts.values[n]) for n in dict.fromkeys(names) if n in self.texts.values)
            return [Execute(value, held, doubtful)]
        self.made.complete, self.made.doubtful = False, self.made.doubtful or doubtful
        return []

    # --- conditions ---

    def choice(self) -> Choice:
        """IF … THEN … [ELSIF …] [ELSE …] END IF."""
        cursor = self.cursor
        cursor.expect("IF")
        arms: list[tuple[str | None, tuple[Part, ...]]] = []
        condition: str | None = self.condition(self.until("THEN"))
        while True:
            arms.append((condition, self.apart(lambda: self.statements("ELSIF", "ELSEIF", "ELSE", "END"))))
            if cursor.accept_any("ELSIF", "ELSEIF"):
                condition = self.condition(self.until("THEN"))
            elif cursor.accept("ELSE"):
                condition = None
            else:
                break
        cursor.expect("END", "IF")
        cursor.expect(";")
        return Choice(tuple(arms))

    def case(self) -> Choice:
        """CASE [value] WHEN … THEN … [ELSE …] END CASE."""
        cursor = self.cursor
        cursor.expect("CASE")
        subject = "" if cursor.sees("WHEN") else self.condition(self.until("WHEN"))
        arms: list[tuple[str | None, tuple[Part, ...]]] = []
        if not subject:
            cursor.expect("WHEN")
        while True:
            test = self.condition(self.until("THEN"))
            test = f"({subject}) IN ({test})" if subject else test
            arms.append((test, self.apart(lambda: self.statements("WHEN", "ELSE", "END"))))
            if not cursor.accept("WHEN"):
                break
        if cursor.accept("ELSE"):
            arms.append((None, self.apart(lambda: self.statements("END"))))
        cursor.expect("END", "CASE")
        cursor.expect(";")
        return Choice(tuple(arms))

    def condition(self, tokens: list[Token]) -> str:
        """A condition with what its variables, and FOUND, stand for."""
        there = f"(EXISTS ({self.found}))" if self.found is not None else None
        texts = replace(self.texts, values={**self.texts.values, **({"found": there} if there else {})})
        return texts.put_in(tokens, self.cursor)

    # --- loops ---

    def loop(self, word: str) -> list[Part]:
        """FOR, FOREACH, WHILE or LOOP. One over constants is taken round by round."""
        cursor = self.cursor
        cursor.take()
        head = self.until("LOOP") if word != "LOOP" else []
        place = next((i for i, t in enumerate(head) if t.word in ("IN", "SLICE")), 0) if word.startswith("FOR") else 0
        self.texts.declared |= {cursor.fold(t) for t in head[:place] if t.kind in ("word", "name")}
        start = cursor.at
        rounds = self.rounds(word, head)
        if rounds is not None and not self.leaves_early():
            name, values = rounds
            parts: list[Part] = []
            for value in values or [""]:
                cursor.at = start
                self.texts.values[name] = value
                parts += self.end_loop()
            self.texts.forget(name)
            return parts if values else []
        early = self.leaves_early()
        outside = dict(self.texts.values)
        query = self.query_of(word, head)
        self.texts.values = {}
        body = self.apart(self.end_loop)
        assigned = assigned_in(cursor.tokens[start : cursor.at], cursor)
        self.texts.values = {k: v for k, v in outside.items() if k not in assigned}
        self.found = None
        over = query[0] if query else None
        if early or not isinstance(over, Inside) or not isinstance(over.changes[0], Select):
            return [*query, Repeat(body)]
        return [*query, Repeat(body, cursor.fold(head[0]), over.sql)]

    def end_loop(self) -> tuple[Part, ...]:
        """The statements of a loop, and its end."""
        parts = self.statements("END")
        self.cursor.expect("END", "LOOP")
        if not self.cursor.sees(";"):
            self.cursor.identifier()
        self.cursor.expect(";")
        return parts

    def leaves_early(self) -> bool:
        """Whether a loop's statements have EXIT or CONTINUE in them."""
        depth = 0
        for place in range(self.cursor.at, len(self.cursor.tokens)):
            word = self.cursor.tokens[place].word
            if word == "LOOP":
                depth += 1 if self.cursor.tokens[place - 1].word != "END" else -1
                if depth < 0:
                    return False
            elif word in ("EXIT", "CONTINUE"):
                return True
        return False

    def rounds(self, word: str, head: list[Token]) -> tuple[str, list[str]] | None:
        """The variable of a loop over constants, and what it holds round by round, as SQL."""
        place = next((i for i, t in enumerate(head) if t.word == "IN"), None)
        if place != 1 or word not in ("FOR", "FOREACH"):
            return None
        name, rest = self.cursor.fold(head[0]), head[2:]
        if word == "FOREACH":
            values = self.texts.array(rest[1:], self.cursor) if rest and rest[0].word == "ARRAY" else None
        else:
            values = self.texts.numbers(rest, self.cursor)
        return (name, values) if values is not None and len(values) <= MOST_ROUNDS else None

    def query_of(self, word: str, head: list[Token]) -> list[Part]:
        """The query that a loop goes over."""
        place = next((i for i, t in enumerate(head) if t.word == "IN"), None)
        if word != "FOR" or place is None:
            return []
        rest = head[place + 1 :]
        if rest and rest[0].word == "EXECUTE":
            return self.dynamic(rest[1:])
        return self.sql(self.text(rest)) if rest and rest[0].word in ("SELECT", "WITH", "(") else []


def at_top(tokens: list[Token], place: int) -> bool:
    """Whether a token stands outside of all parentheses."""
    return sum((t.word in ("(", "[")) - (t.word in (")", "]")) for t in tokens[:place]) == 0


def targets(tokens: list[Token]) -> tuple[list[Token], list[Token]] | None:
    """A SELECT without its INTO, and the variables named there; None where it has none."""
    place = next((i for i, t in enumerate(tokens) if t.word == "INTO" and at_top(tokens, i)), None)
    if place is None:
        return None
    at = place + 1 + (tokens[place + 1].word == "STRICT")
    names = []
    while at < len(tokens) and tokens[at].kind in ("word", "name"):
        names.append(tokens[at])
        at += 1
        while at + 1 < len(tokens) and tokens[at].word == ".":
            at += 2
        if at >= len(tokens) or tokens[at].word != ",":
            break
        at += 1
    return tokens[:place] + tokens[at:], names


def without_into(tokens: list[Token]) -> list[Token]:
    """INSERT, UPDATE or DELETE without the INTO behind RETURNING."""
    returning = next((i for i, t in enumerate(tokens) if t.word == "RETURNING" and at_top(tokens, i)), None)
    if returning is None:
        return tokens
    place = next((i for i, t in enumerate(tokens) if i > returning and t.word == "INTO"), len(tokens))
    return tokens[:place]


def last_of_target(tokens: list[Token]) -> int:
    """How far the target of an assignment reaches: a variable, its fields and subscripts."""
    at = 1 if tokens[0].kind in ("word", "name") else 0
    while at and at + 1 < len(tokens) and tokens[at].word in (".", "["):
        if tokens[at].word == ".":
            at += 2
        else:
            at = next((i + 1 for i in range(at, len(tokens)) if tokens[i].word == "]"), 0)
    return at


def assigned_in(tokens: list[Token], cursor: Cursor) -> set[str]:
    """The variables that a stretch of a body gives another value."""
    names = {cursor.fold(a) for a, b in pairwise(tokens) if b.word in (":=", "=")}
    for piece in cut(tokens, ";"):
        into = targets(piece)
        names |= {cursor.fold(t) for t in into[1]} if into is not None else set()
    return names
