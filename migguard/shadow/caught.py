"""Whether the running code stands ready for a statement that the server refuses, and which refusals it got over."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from types import FrameType
from typing import Any

from migguard.shadow.origin import stacks
from migguard.trace import Statement

LIBRARIES = ("sqlalchemy", "alembic", "migguard", "contextlib", "greenlet")
"""Whose own handlers pass an error on."""


def expected(path: Path) -> bool:
    """Whether a script, or a function that it calls, would catch the error of a statement that is refused now."""
    inside = False
    for frame in reversed([*running(sys._getframe(1))]):
        inside = inside or frame.f_code.co_filename == str(path)
        module = str(frame.f_globals.get("__name__", ""))
        if inside and module.partition(".")[0] not in LIBRARIES:
            found = handlers(frame.f_code.co_filename, frame.f_lineno)
            if any(catches(handler, frame) for handler in found):
                return True
    return False


def running(start: FrameType) -> Iterator[FrameType]:
    """The frames of the stack, and of those that it was started from, the innermost first."""
    for innermost in stacks(start):
        frame: FrameType | None = innermost
        while frame is not None:
            yield frame
            frame = frame.f_back


def got_over(raised: list[tuple[Exception, Statement]], failure: BaseException | None) -> None:
    """Mark the statements whose refusal was raised and has not ended the script."""
    ended = set()
    while failure is not None and id(failure) not in ended:
        ended.add(id(failure))
        failure = failure.__cause__ or failure.__context__
    for error, statement in raised:
        if id(error) not in ended:
            statement.steps = [replace(s, caught=s.refusal is not None) for s in statement.steps]


def handlers(file: str, line: int) -> Iterator[ast.expr | None]:
    """What is caught around a line of a file: the types of its handlers, None for a bare `except`."""
    for node in guards(file):
        if node.body[0].lineno <= line <= (node.body[-1].end_lineno or line):
            if isinstance(node, ast.Try):
                yield from (handler.type for handler in node.handlers)
            else:
                yield from (argument for item in node.items for argument in suppressed(item.context_expr))


def guards(file: str) -> tuple[ast.Try | ast.With, ...]:
    """The blocks of a file that can keep an exception from its caller."""
    try:
        tree = ast.parse(Path(file).read_bytes())
    except (OSError, SyntaxError, ValueError):
        return ()  # no file of Python's: what runs there was not written down
    return tuple(
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Try)
        or (isinstance(node, ast.With) and any(suppressed(i.context_expr) for i in node.items))
    )


def suppressed(context: ast.expr) -> list[ast.expr]:
    """The types that `contextlib.suppress(...)` keeps from its caller."""
    match context:
        case ast.Call(func=ast.Name(id="suppress") | ast.Attribute(attr="suppress")):
            return context.args
        case _:
            return []


def catches(kind: ast.expr | None, frame: FrameType) -> bool:
    """Whether a handler's type is that of a refused statement's error, or one that it is a kind of."""
    match kind:
        case None:
            return True
        case ast.Tuple():
            return any(catches(element, frame) for element in kind.elts)
        case _:
            found = value(kind, frame)
            return isinstance(found, type) and any(c is found for c in error_types())


@lru_cache(maxsize=1)
def error_types() -> tuple[type, ...]:
    """The type of the error that SQLAlchemy raises, and all that it is a kind of."""
    from sqlalchemy.exc import ProgrammingError

    return ProgrammingError.__mro__


def value(expression: ast.expr, frame: FrameType) -> Any:
    """What a dotted name means in a frame; None where it means nothing."""
    match expression:
        case ast.Name(id=name):
            return frame.f_locals.get(name, frame.f_globals.get(name, frame.f_builtins.get(name)))
        case ast.Attribute(value=inner, attr=name):
            return getattr(value(inner, frame), name, None)
        case _:
            return None
