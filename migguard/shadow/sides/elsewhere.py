"""What a function outside of a revision's file makes of an answer that was guessed."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from types import FrameType, FunctionType, MappingProxyType, ModuleType
from typing import Any, NamedTuple

from migguard.shadow.known_libraries import KNOWN_LIBRARIES
from migguard.shadow.script import functions, tells
from migguard.shadow.sides import work
from migguard.shadow.sides.branches import Branch, branches_in
from migguard.shadow.sides.guessed import Asked, handed_on
from migguard.shadow.sides.row_writes import Function, Rows, of_core

LIBRARIES = {"migguard", "greenlet", *KNOWN_LIBRARIES, *sys.stdlib_module_names}
WORK = frozenset({"execute", "executemany", "exec_driver_sql", "scalar", "scalars", "run_sql"})
"""What is called for its work on the database, whatever it is that has it."""
(NOTHING,) = functions(ast.parse("def nothing(): pass")).values()
"""A function that does nothing."""
PLAIN = (str, int, float, type(None))
"""Values of arguments that are the same whenever they are looked at."""


class Call(NamedTuple):
    """A function that is running, and where in it; with the names of its module and its plain arguments."""

    file: str
    name: str
    line: int
    names: Mapping[str, Any] = MappingProxyType({})
    given: tuple[tuple[str, Any], ...] = ()
    speaking: frozenset[str] = frozenset()  # arguments that are functions which only speak to the reader


def between(frame: FrameType | None, file: str) -> list[Call]:
    """The calls of project code that a revision's file has made and that are running; empty where it runs itself."""
    found = []
    while frame is not None and frame.f_code.co_filename != file:
        if str(frame.f_globals.get("__name__", "")).partition(".")[0] not in LIBRARIES:
            code = frame.f_code
            place = code.co_filename, code.co_name, frame.f_lineno
            found.append(Call(*place, frame.f_globals, tuple(given(frame)), frozenset(spoken_by(frame))))
        frame = frame.f_back
    return found if frame is not None else []


def given(frame: FrameType) -> Iterator[tuple[str, Any]]:
    """The plain arguments of a function that is running."""
    yield from ((name, value) for name, value in arguments(frame) if isinstance(value, PLAIN))


def spoken_by(frame: FrameType) -> Iterator[str]:
    """The arguments of a function that is running by which it only speaks to the reader."""
    yield from (name for name, value in arguments(frame) if isinstance(value, FunctionType) and speaks(value))


def arguments(frame: FrameType) -> Iterator[tuple[str, Any]]:
    """The arguments of a function that is running."""
    code = frame.f_code
    names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    if names:
        held = frame.f_locals
        yield from ((name, held[name]) for name in names if name in held)


class Hanging(NamedTuple):
    """A function of another file of which a part hangs on what was guessed: the sides that did not run.

    They are None where there is no source to be read: then that cannot be told. `names` are those of its module and
    its arguments, as far as they are the same wherever the function has come to.
    """

    call: Call
    sides: list[Branch] | None
    names: Mapping[str, Any] = MappingProxyType({})


def hanging(calls: Iterable[Call], ran: set[tuple[str, int]]) -> list[Hanging]:
    """The functions whose work on the database hangs on answers that they asked for, with what they were given.

    `calls` are those that asked, and `ran` the lines of such functions that ran statements.
    """
    asked: dict[tuple[Any, ...], list[Call]] = {}
    for call in calls:
        asked.setdefault((call.file, call.name, repr(call.given)), []).append(call)
    found = (of_one(same, {line for file, line in ran if file == same[0].file}) for same in asked.values())
    return [one for one in found if one.sides is None or one.sides]


def of_one(calls: Sequence[Call], ran: set[int]) -> Hanging:
    """The sides of branches in one function, which asked in these lines."""
    call = calls[0]
    tree = parsed(call.file)
    if tree is None:
        return Hanging(call, None)
    lines = {c.line for c in calls}
    for node in ast.walk(tree):
        if (
            isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
            and node.name == call.name
            and node.lineno <= call.line <= (node.end_lineno or node.lineno)
        ):
            known = {n.name: n for n in ast.walk(tree) if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef))}
            asked = Asked(lines, frozenset(), lines, known)
            given = handed_on({**known, node.name: node}, asked)
            inner = [node, *(known[name] for name in given if name != node.name)]
            speaking = asked._replace(known=known | dict.fromkeys(silent_in(node, calls), NOTHING))
            found = (
                b
                for f in inner
                for b in branches_in(f, speaking if f is node else asked, ran, top=given.get(f.name, set()))
            )
            sides = [b for b in found if any(works(s, b.held) for s in b.statements)]
            bound = {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)}
            return Hanging(call, sides, {**call.names, **{k: v for k, v in call.given if k not in bound}})
    return Hanging(call, [])


def speaks(value: FunctionType) -> bool:
    """Whether a function is a lambda that only says something to its reader, as its source has it."""
    tree = parsed(value.__code__.co_filename)
    nodes = ast.walk(tree) if tree is not None and value.__code__.co_name == "<lambda>" else ()
    found = [n for n in nodes if isinstance(n, ast.Lambda) and n.lineno == value.__code__.co_firstlineno]
    return len(found) == 1 and tells(ast.Expr(found[0].body))


def silent_in(function: Function, calls: Sequence[Call]) -> Iterator[str]:
    """The parameters of a function that do nothing to a database when it calls them.

    In these calls they were given what only speaks to the reader; or a constant, where it puts a lambda in its place.
    """
    stored: dict[str, int] = {}
    lambdas: dict[str, int] = {}
    for node in ast.walk(function):
        match node:
            case ast.Name(id=name, ctx=ast.Store()):
                stored[name] = stored.get(name, 0) + 1
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Lambda(body=body)) if tells(ast.Expr(body)):
                lambdas[name] = lambdas.get(name, 0) + 1
            case _:
                pass
    parameters = function.args
    for name in {a.arg for a in (*parameters.posonlyargs, *parameters.args, *parameters.kwonlyargs)}:
        made = stored.get(name, 0)
        if made == lambdas.get(name, 0) and all(name in c.speaking or (made and name in dict(c.given)) for c in calls):
            yield name


def harmless(names: Mapping[str, Any]) -> dict[str, Function]:
    """The functions of the project's modules that a script has by its names and that do nothing to a database."""
    found: dict[str, Function] = {}
    for file in sorted({file for value in names.values() if (file := file_of(value)) is not None}):
        tree = parsed(file)
        if tree is not None:  # what is not known of them is not taken for harmless
            found |= harmless_in(tree)
    return found


def parsed(file: str) -> ast.Module | None:
    """The syntax tree of a module, which many revisions have; None where it cannot be read."""
    try:
        return tree_of(Path(file).read_bytes())
    except (OSError, SyntaxError, ValueError):
        return None


@lru_cache(maxsize=64)
def tree_of(source: bytes) -> ast.Module:
    """The syntax tree of a source."""
    return ast.parse(source)


@lru_cache(maxsize=64)
def harmless_in(tree: ast.Module) -> Mapping[str, Function]:
    """Those of one module."""
    known = functions(tree)
    rows = Rows(frozenset(), known, of_core(tree))
    return {name: function for name, function in known.items() if not work.does(function, rows)}


def file_of(value: Any) -> str | None:
    """Where a module of the project, or a function of one, is written."""
    module, file = "", None
    match value:
        case FunctionType():
            module, file = value.__module__ or "", value.__code__.co_filename
        case ModuleType():
            module, file = value.__name__, vars(value).get("__file__")
        case _:
            pass
    return file if file and module.partition(".")[0] not in LIBRARIES else None


def works(statement: ast.stmt, rows: Rows) -> bool:
    """Whether a statement of a helper works on the database."""
    return rows.written_by(statement) or any(
        isinstance(n, ast.Call)
        and (
            work.operation(n)
            or (isinstance(n.func, ast.Attribute) and n.func.attr in WORK)
            or work.works(n, statement, rows)
        )
        for n in ast.walk(statement)
    )
