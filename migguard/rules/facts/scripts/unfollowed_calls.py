"""Calls of a script to functions of other modules that may write rows where the replay saw none: it has no rows."""

import ast
from collections.abc import Iterable, Iterator

from migguard.changes import Select
from migguard.rules.facts.scripts.filling_loops import reading_of
from migguard.source import Origin, Script
from migguard.trace import Note, NoteKind, RevisionTrace

FOREIGN = (NoteKind.APP_IMPORT, NoteKind.STUBBED)

TELLING = frozenset({"logger", "log", "logging", "LOG", "LOGGER", "_LOG", "warnings", "console"})
"""What a script calls for its reader."""


def unfollowed(
    script: Script, trace: RevisionTrace, line: int, notes: Iterable[Note] = ()
) -> tuple[str, Origin] | None:
    """The first call below a line whose result nobody takes, to what the application or a missing module brings.

    One that sent anything but queries in the replay was followed. `notes` are those of the script's other direction.
    """
    call = next((c for c in calls(script, trace, notes) if c.lineno > line), None)
    return (ast.unparse(call.func), Origin(script.path, call.lineno, call.col_offset + 1)) if call is not None else None


def calls(script: Script, trace: RevisionTrace, notes: Iterable[Note] = ()) -> Iterator[ast.Call]:
    """All calls of that kind."""
    if script.tree is None:
        return
    modules = {n.subject for n in (*trace.notes, *notes) if n.kind in FOREIGN}
    names = set(brought(script.tree, modules)) - TELLING if modules else set()
    busy = {
        s.origin.line for s in trace.statements if s.origin and any(not isinstance(t.change, Select) for t in s.steps)
    }
    for node in reading_of(script.tree, trace.direction.value).nodes() if names else ():
        if not isinstance(node, ast.Expr) or not isinstance(node.value, ast.Call):
            continue
        call, root = node.value, node.value.func
        while isinstance(root, ast.Attribute):
            root = root.value
        if isinstance(root, ast.Name) and root.id in names and not busy & {*range(call.lineno, last(call) + 1)}:
            yield call


def brought(tree: ast.Module, modules: set[str]) -> Iterator[str]:
    """The names under which a script has what comes from these modules."""
    for node in ast.walk(tree):
        match node:
            case ast.ImportFrom(module=str() as module):
                if any(below(module, m) or below(m, module) for m in modules):
                    yield from (a.asname or a.name for a in node.names)
            case ast.Import():
                for one in node.names:
                    if any(below(one.name, m) for m in modules):
                        yield one.asname or one.name.split(".")[0]
            case _:
                pass


def below(name: str, module: str) -> bool:
    """Whether a module is that one, or in it."""
    return name == module or name.startswith(f"{module}.")


def last(node: ast.expr) -> int:
    """The last line of an expression."""
    return node.end_lineno or node.lineno
