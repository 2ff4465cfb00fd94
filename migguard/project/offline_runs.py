"""Whether a history is run without a connection too (`alembic upgrade --sql`): its scripts ask whether they are.

What env.py asks is no sign: Alembic's templates have it there
(https://alembic.sqlalchemy.org/en/latest/offline.html). Nor is a question by which a script refuses to run so.
"""

import ast
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

from migguard.history import Late
from migguard.project.graph import Revision
from migguard.source import nodes_of

ASKED = ("is_offline_mode", "as_sql")
"""`context.is_offline_mode()` and `op.get_context().as_sql`."""


def for_offline(revisions: Iterable[Revision]) -> Late[str]:
    """What shows that the history runs offline too, looked for when it is asked for: one sign, or nothing."""
    known = list(revisions)
    return Late(partial(signs, [r.path for r in known]), " ".join(r.digest for r in known))


def signs(paths: Iterable[Path]) -> tuple[str, ...]:
    """The first sign that is found; a comment is none."""
    for path in paths:
        try:
            source = path.read_bytes()
            tree = ast.parse(source) if any(word.encode() in source for word in ASKED) else None
        except (OSError, SyntaxError, ValueError):
            continue
        if tree is not None and (first := next(questions(tree), "")) != "":
            return (first,)
    return ()


def questions(tree: ast.AST) -> Iterator[str]:
    """What a script asks, by the names, without what it asks only to raise."""
    refused = {id(n) for node in nodes_of(tree) if refuses(node) for n in nodes_of(getattr(node, "test", node))}
    names = (getattr(n, "attr", getattr(n, "id", "")) for n in nodes_of(tree) if id(n) not in refused)
    yield from (name for name in names if name in ASKED)


def refuses(node: ast.AST) -> bool:
    """Whether a statement ends the run where there is no connection; a message before that changes nothing."""
    match node:
        case ast.Assert(test=ast.UnaryOp(op=ast.Not(), operand=asked)):
            return asks(asked)
        case ast.If(test=ast.UnaryOp(op=ast.Not(), operand=asked)):
            return asks(asked) and raised(node.orelse)
        case ast.If():
            return asks(node.test) and raised(node.body)
        case _:
            return False


def asks(test: ast.expr) -> bool:
    """Whether a test is the question and nothing else."""
    asked = test.func if isinstance(test, ast.Call) else test
    return getattr(asked, "attr", getattr(asked, "id", "")) in ASKED


def raised(side: Sequence[ast.stmt]) -> bool:
    """Whether a side ends with a raise, and only calls something before it."""
    return bool(side) and isinstance(side[-1], ast.Raise) and all(isinstance(s, ast.Expr) for s in side[:-1])
