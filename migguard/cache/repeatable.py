"""Whether a script can be passed over: whether loading and running it leaves nothing but its statements.

A replay that begins behind the released revisions does not load them. What loading does to others (a listener that is
registered, a module that is patched) would be missing then, so a script that might do so is none to pass over.
"""

from __future__ import annotations

import ast
import re

LOOKING = frozenset(
    {"exists", "lexists", "isfile", "is_file", "isdir", "is_dir", "stat", "lstat", "access", "getmtime", "getsize"}
)
"""What asks for a file without opening it, which nobody notices."""

FILES = frozenset({"os", "pathlib", "glob", "shutil"})
CLOCKS = frozenset({"datetime", "time", "calendar", "arrow", "pendulum"})


FIRST_FUNCTION = re.compile(rb"^def ", re.MULTILINE)
NO_PLAIN_FUNCTION = re.compile(rb"^(?!def |async def |#|[ \t\r\n]|\Z)|\bimport\b|\r(?!\n)|\f|;", re.MULTILINE)
LOOKING_WORD = re.compile(rb"\b(?:" + "|".join(sorted(LOOKING)).encode() + rb")\b")


class Verdict:
    """What is known of a script: `alone` if loading it touches nobody else, `clock` if it may read the time."""

    def __init__(self, source: bytes) -> None:
        self.alone = self.clock = self.looks = False
        self.imports: set[str] = set()
        tree = whole_or_head(source)
        if tree is None:
            return
        self.alone = all(harmless(s) for s in tree.body)
        names: set[str] = set()
        for node in ast.walk(tree):
            match node:
                case ast.Import():
                    self.imports |= {a.name for a in node.names}
                case ast.ImportFrom(module=str() as module):
                    self.imports |= {module, *(f"{module}.{a.name}" for a in node.names)}
                case ast.Attribute(attr=name) | ast.Name(id=name):
                    names.add(name)
                case _:
                    pass
        tops = {name.partition(".")[0] for name in self.imports}
        self.clock = bool(tops & CLOCKS)
        self.looks = bool(tops & FILES and (names & LOOKING or LOOKING_WORD.search(source)))

    @property
    def repeatable(self) -> bool:
        """Whether it does the same whenever what it opened is the same, and touches nobody else."""
        return self.alone and not self.looks


def whole_or_head(source: bytes) -> ast.Module | None:
    """The syntax tree, or that of the part above the functions where nothing but functions without imports follows."""
    first = FIRST_FUNCTION.search(source)
    try:
        if first is not None and not NO_PLAIN_FUNCTION.search(source, first.start()):
            return ast.parse(source[: first.start()])
    except (SyntaxError, ValueError):
        pass  # a line of a text looked like a function
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError):
        return None


def harmless(statement: ast.stmt) -> bool:
    """Whether a statement of a module's body makes nothing but names of that module, or imports."""
    match statement:
        case ast.Import() | ast.ImportFrom() | ast.Pass() | ast.ClassDef(decorator_list=[]):
            return True
        case ast.FunctionDef(decorator_list=[]) | ast.AsyncFunctionDef(decorator_list=[]):
            return True
        case ast.Expr(value=ast.Constant()):
            return True
        case ast.Assign(targets=targets):
            return all(plain(t) for t in targets)
        case ast.AnnAssign(target=target) | ast.AugAssign(target=target):
            return plain(target)
        case ast.If(body=body, orelse=orelse):
            return all(harmless(s) for s in (*body, *orelse))
        case ast.Try(body=body, handlers=handlers, orelse=orelse, finalbody=final):
            return all(harmless(s) for s in (*body, *(s for h in handlers for s in h.body), *orelse, *final))
        case _:
            return False


def plain(target: ast.expr) -> bool:
    """Whether an assignment's target is a name, or several."""
    if isinstance(target, (ast.Tuple, ast.List)):
        return all(plain(t) for t in target.elts)
    return isinstance(target, ast.Name)
