"""The conditions and loops of a script that hang on a guessed answer, and what did not run for it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Literal, NamedTuple

from migguard.records import dataclass
from migguard.shadow.directions import backwards
from migguard.shadow.script import functions
from migguard.shadow.sides.guessed import Asked, asks, handed_on, held, sends, taint, uses, values_of
from migguard.shadow.sides.row_writes import Function, Rows, bound_by, bound_from, of_core
from migguard.shadow.sides.work import matters

Kind = Literal["branch", "loop"]


def lines_of(node: ast.stmt) -> range:
    """The lines of a condition or loop without its body."""
    asked = node.iter if isinstance(node, ast.For) else getattr(node, "test", node)
    return range(node.lineno, (asked.end_lineno or asked.lineno) + 1)


@dataclass(frozen=True, slots=True, eq=False)
class Branch:
    """A condition that rests on rows or, without `rows`, on a stand-in; and what the side not taken would run.

    `given` are the lines in which the function gives its names their values.
    """

    node: ast.stmt
    statements: list[ast.stmt]
    held: Rows
    given: Mapping[str, Set[int]]
    rows: bool = True

    @property
    def kind(self) -> Kind:
        """What it is, in a word."""
        return "loop" if isinstance(self.node, ast.For) else "branch"

    @property
    def condition(self) -> ast.AST:
        """What it asks, or goes over."""
        return self.node.iter if isinstance(self.node, ast.For) else getattr(self.node, "test", self.node)

    @property
    def asking(self) -> Set[int]:
        """The lines of its condition, and those that give the names in it their values."""
        first = getattr(self.condition, "lineno", self.node.lineno)
        names = {n.id for n in ast.walk(self.condition) if isinstance(n, ast.Name)}
        named = (line for name in names for line in self.given.get(name, ()))
        return {*range(first, (getattr(self.condition, "end_lineno", None) or first) + 1), *named}

    def reason(self, stood: Mapping[int, str], absent: Sequence[tuple[int, Absent]], rows: Set[int]) -> str:
        """What it depends on.

        `stood` are the lines that asked a stand-in, with its name, `absent` those that asked for a table that the
        history never makes, and `rows` those that asked for rows.
        """
        if self.rows:
            own = {t for line, t in absent if line in self.asking}
            earlier = set() if rows or self.of_an_object else {t for _, t in absent}
            tables = sorted(own or earlier)
            if tables:
                return whether_there(tables)
            return "rows, of which the replay has none"
        lines = {getattr(n, "lineno", None) for n in ast.walk(self.condition)}
        names = {name for line, name in stood.items() if line in lines}
        return f"{', '.join(sorted(names))}, which the replay does not have"

    @property
    def of_an_object(self) -> bool:
        """Whether it asks for what an object has that the function is given: a row, and no list of names."""
        held = (n.value for n in ast.walk(self.condition) if isinstance(n, ast.Attribute))
        return any(isinstance(one, ast.Name) and one.id not in self.given for one in held)

    def among(self, lines: Mapping[int, str]) -> list[str]:
        """What is said of the lines of its condition."""
        return sorted({said for line, said in lines.items() if line in self.asking})


def branches(
    tree: ast.Module, asked: Asked, ran: Set[int], stood: Set[int] = frozenset(), back: Set[str] | None = None
) -> Iterator[Branch]:
    """The conditions that depend on an answer that was guessed, with what the other side would do.

    `ran` are the lines that ran statements; `stood` those that asked a stand-in; `back` the functions to look at, where
    not at all but those that only the downgrade comes to. The functions that `asked` knows are those of other files.
    """
    if not asked.lines and not stood:
        return
    known = functions(tree)
    asked = asked._replace(known={**asked.known, **known}, core=of_core(tree))
    asking = {name for name, f in known.items() if any(f.lineno <= g <= (f.end_lineno or 0) for g in asked.lines)}
    top = held(tree, asked)
    asked = asked._replace(functions=asking)
    chosen = known.keys() - backwards(tree) if back is None else back
    looked_at = {name: function for name, function in known.items() if name in chosen}
    given = handed_on(looked_at, asked, top)
    for name, function in looked_at.items():
        yield from branches_in(function, asked, ran, stood, top | given.get(name, set()))


class Absent(NamedTuple):
    """A table that was asked for and not found: whether it is there or, with `parts`, what it has.

    The history never makes it or, with `made`, only where it finds other such tables.
    """

    table: str
    parts: bool = False
    made: bool = False


def whether_there(asked: Sequence[Absent]) -> str:
    """What hangs on tables that the history never makes."""
    there = [a.table for a in asked if not a.parts][:3]
    partly = [a.table for a in asked if a.parts][:3]
    said = [f"whether the table {' or '.join(there)} is there"] if there else []
    said += [f"which columns, keys and indexes the table {' or '.join(partly)} has"] if partly else []
    how = "makes only where it finds others" if all(a.made for a in asked) else "has not made"
    return f"{' and '.join(said)}, which this history {how}"


def branches_in(
    function: Function, asked: Asked, ran: Set[int], stood: Set[int] = frozenset(), top: Set[str] = frozenset()
) -> Iterator[Branch]:
    """Those in a function. `top` are names of the script that hold guessed answers."""
    tainted = taint(function, asked, top)
    nested = {n.name: n for n in ast.walk(function) if isinstance(n, Function) and n is not function}
    asked = asked._replace(known={**asked.known, **nested})
    if tainted is not None or stood:
        yield from in_body(function.body, Known(tainted or set(), asked, ran, stood, values_of(function)))


class Known(NamedTuple):
    """What is known of a function's conditions: names that hold guesses, and lines by what they did."""

    tainted: set[str]
    asked: Asked
    ran: Set[int]
    stood: Set[int]
    given: Mapping[str, Set[int]]

    def on_rows(self, node: ast.expr) -> bool:
        """Whether a condition rests on an answer that was guessed."""
        return uses(node, self.tainted) or asks(node, self.asked)

    def on_stand_in(self, node: ast.expr) -> bool:
        """Whether a condition asked a stand-in."""
        return any(getattr(part, "lineno", None) in self.stood for part in ast.walk(node))


def in_body(body: list[ast.stmt], known: Known) -> Iterator[Branch]:
    """The branches among statements."""
    for place, statement in enumerate(body):
        asked = (
            statement.test
            if isinstance(statement, (ast.If, ast.While))
            else statement.iter
            if isinstance(statement, ast.For)
            else None
        )
        rows = asked is not None and known.on_rows(asked) and not of_result(asked, body[:place])
        rows = rows or (isinstance(statement, ast.For) and sends(statement.iter, known.asked))
        if asked is not None and (rows or known.on_stand_in(asked)):
            yield from sides(statement, body[place + 1 :], known, rows=rows)
        for name in ("body", "orelse", "finalbody"):
            inner = getattr(statement, name, None)
            if (
                isinstance(inner, list)
                and inner
                and isinstance(inner[0], ast.stmt)
                and not isinstance(statement, (ast.FunctionDef, ast.ClassDef))
            ):
                yield from in_body(inner, known)


def of_result(asked: ast.expr, before: list[ast.stmt]) -> bool:
    """Whether a condition asks no more than that Alembic's connection gave a result: it is true without rows too.

    What another object's `execute()` gives back is not known: it may be a list of rows.
    """
    named: ast.expr = asked.operand if isinstance(asked, ast.UnaryOp) and isinstance(asked.op, ast.Not) else asked
    value = given_last(named, before)
    match value:
        case ast.Call(func=ast.Attribute(attr="execute", value=owner)):
            made = given_last(owner, before) or owner
            return isinstance(made, ast.Call) and isinstance(made.func, ast.Attribute) and made.func.attr == "get_bind"
        case _:
            return False


def given_last(name: ast.expr, before: list[ast.stmt]) -> ast.expr | None:
    """What the last of some statements that gives a name its value gives it; None where that is no plain assignment."""
    if not isinstance(name, ast.Name):
        return None
    for statement in reversed(before):
        given = {n.id for n in ast.walk(statement) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        if name.id in given:
            plain = isinstance(statement, ast.Assign) and given == {name.id}
            return statement.value if isinstance(statement, ast.Assign) and plain else None
    return None


def sides(statement: ast.stmt, following: list[ast.stmt], known: Known, *, rows: bool) -> Iterator[Branch]:
    """The sides of a condition, or the rounds of a loop, that did not run; what follows where the other leaves."""
    inner: list[ast.stmt] = getattr(statement, "body", [])
    found = [inner, getattr(statement, "orelse", [])]
    if isinstance(inner[-1], (ast.Return, ast.Raise)) and not found[1] and not isinstance(statement, ast.For):
        found.append(following)
    rounds = bound_by(statement.target) if isinstance(statement, ast.For) else set()
    names = Rows(bound_from(statement, known.tainted | rounds), known.asked.known, known.asked.core)
    for side in found:
        if any(s.lineno <= r <= (s.end_lineno or s.lineno) for s in side for r in known.ran):
            continue  # it was taken: what it makes and hands on by itself has no line that ran a statement
        untaken = [s for s in side if matters(s, names)]
        if untaken:
            yield Branch(statement, untaken, names, known.given, rows=rows)
