"""What a revision imports: the application, or modules that had to be stood in for."""

from __future__ import annotations

import ast
import re
import sys
import sysconfig
from dataclasses import replace
from pathlib import Path
from types import FunctionType, ModuleType

from migguard.project.config import AlembicProject
from migguard.shadow.application_sources import known_names
from migguard.shadow.helper_modules import behind_helpers
from migguard.shadow.missing_modules import WHY, StandInModule, is_stand_in, missing_in, named_file
from migguard.shadow.own_modules import REFUSED, OwnFinder
from migguard.shadow.own_packages import nobody_else, own, unseen
from migguard.source import Origin, statements_of
from migguard.trace import Note, NoteKind

UNSEEN = "neither in this project nor a library that is known here"
STANDARD = sysconfig.get_path("stdlib")


def uses_application(path: Path, own: OwnFinder) -> bool:
    """Whether a revision's file imports modules of the project's tree."""
    if not own.enabled:
        return False
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError):
        return False  # it cannot be loaded in any way
    tops = {name.partition(".")[0] for name in own.loaded()}
    return any(name.partition(".")[0] in tops for node in statements_of(tree) for name in imported(node))


IMPORT = re.compile(rb"^.*\bimport\b.*$", re.MULTILINE)
PLAIN = re.compile(
    rb"\s*(?:from\s+(?P<source>[\w.]+)\s+import\s[^;\r]*|import\s+(?P<module>[\w.]+)(?:\s+as\s+\w+)?\s*(?:\#[^\r]*)?)\r?"
)


def plainly_imported(source: bytes) -> set[str] | None:
    """A set that has all modules which a file imports, read without its tree, which takes as long as to load it.

    None where a line with the word is not an import statement by itself, or may be only a part of one.
    """
    if b"\\\n" in source or b"\\\r" in source or b"coding" in source[:200]:
        return None
    names = set()
    for line in IMPORT.findall(source):
        found = PLAIN.fullmatch(line)
        if found is None:
            return None
        names.add((found["source"] or found["module"]).decode())
    return {name for name in names if not name.startswith(".")}


def notable(path: Path, project: AlembicProject, stubbed: set[str]) -> bool:
    """Whether there may be notes on the imports in a revision's file."""
    names = plainly_imported(path.read_bytes())
    if names is None:
        return True
    return any(n in stubbed or n.partition(".")[0] in stubbed or own(n, project) for n in names)


def application_imports(path: Path, tree: ast.Module, project: AlembicProject, stubbed: set[str]) -> list[Note]:
    """Notes on the imports in a revision's file: stood-in modules, and the application's own."""
    notes: list[Note] = []
    seen: set[tuple[NoteKind, str]] = set()
    for node in statements_of(tree):
        for name in imported(node):
            origin = Origin(path, node.lineno, node.col_offset + 1, node.end_lineno, (node.end_col_offset or 0) + 1)
            top = name.partition(".")[0]
            there = whole(name)
            stub = (name in stubbed or top in stubbed) and not there
            detail = why(name) if stub else ""
            details = {NoteKind.STUBBED: detail} if stub else {}
            if own(name, project) or (stub and not detail and nobody_else(name, project) and not only_types(tree, top)):
                details[NoteKind.APP_IMPORT] = UNSEEN if unseen(name, project) else ""
            for kind, said in details.items():
                if (kind, name) not in seen:
                    seen.add((kind, name))
                    notes.append(Note(kind, origin, name, said, at_import=True))
    first = next((n for n, note in enumerate(notes) if note.kind is NoteKind.APP_IMPORT), None)
    if first is not None:
        modules = {note.subject for note in notes if note.kind is NoteKind.APP_IMPORT}
        brings, behind = known_names(tree, modules, project), behind_helpers(tree, project)
        notes[first] = replace(notes[first], brings=brings, behind=behind)
    return notes


def only_types(tree: ast.Module, top: str) -> bool:
    """Whether what a script has of a package are types in its columns, and nothing else."""
    brought = {
        alias.asname or alias.name.partition(".")[0]
        for node in statements_of(tree)
        if isinstance(node, (ast.Import, ast.ImportFrom)) and any(n.partition(".")[0] == top for n in imported(node))
        for alias in node.names
    }
    columns = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and called(n) == "Column"]
    typed = {id(n) for call in columns for kind in call.args[1:2] for n in ast.walk(kind)}
    uses = [n for n in ast.walk(tree) if isinstance(n, ast.Name) and n.id in brought and isinstance(n.ctx, ast.Load)]
    return bool(uses) and all(id(n) in typed for n in uses)


def called(call: ast.Call) -> str:
    """The last word of what is called."""
    match call.func:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
        case _:
            return ""


def whole(name: str) -> bool:
    """Whether a module was loaded as it is, with all that it imports itself; or may yet be, its package being there."""
    module = sys.modules.get(name)
    if module is None:
        package = sys.modules.get(name.partition(".")[0])
        return package is not None and named_file(package) is not None
    return not isinstance(module, StandInModule) and not missing_in(module)


def why(name: str) -> str:
    """What is lacking of a module that is there; empty for one that is not."""
    module = sys.modules.get(name)
    if module is None or (isinstance(module, StandInModule) and not named_file(module)):
        return ""
    cause = vars(module).get(WHY, "")
    if cause == REFUSED:
        return f"{name} was stood in for: with its own code less of the script could be replayed."
    missing = missing_in(module)
    if missing:
        cause = f"it has names of {absent(missing, ', which ')}"
    elif cause:
        behind = missing_further(module)
        cause = f"{cause.removesuffix('.')} ({absent(behind)}, which may be why)" if behind else cause
    return f"{name} could not be imported completely: {cause.removesuffix('.')}." if cause else ""


def absent(names: list[str], joined: str = " ") -> str:
    """That libraries are not installed, in words."""
    some = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    return f"{some}{joined}{'is' if len(names) == 1 else 'are'} not installed here"


def missing_further(module: ModuleType) -> list[str]:
    """The libraries that are not installed and of which the modules hold something that a module has names from.

    The nearest ones: what lies further is looked at only where those lack nothing.
    """
    seen, layer = {module.__name__}, [module]
    while layer:
        following: dict[str, ModuleType] = {}
        for one in layer:
            for value in list(vars(one).values()):
                name = value.__name__ if isinstance(value, ModuleType) else vars_module(value)
                other = sys.modules.get(name) if name not in seen else None
                if other is not None and not library(other):
                    seen.add(name)
                    following[name] = other
        found = sorted({n for other in following.values() for n in missing_in(other)})
        if found:
            return found
        layer = list(following.values())
    return []


def vars_module(value: object) -> str:
    """The module that a class or a function is of, or that the class of any other value is; empty for a stand-in."""
    if is_stand_in(value):
        return ""
    kind = value if isinstance(value, type | FunctionType) else type(value)
    name = getattr(kind, "__module__", "")
    return name if isinstance(name, str) else ""


def library(module: ModuleType) -> bool:
    """Whether a module is none of the project's: of the standard library, or installed."""
    file = vars(module).get("__file__") or named_file(module) or ""
    return not file or "site-packages" in file or "dist-packages" in file or file.startswith(STANDARD)


def imported(node: ast.AST) -> list[str]:
    """The modules that an import statement names; relative ones are the migrations' own."""
    if isinstance(node, ast.Import):
        return [a.name for a in node.names]
    if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
        return [node.module]
    return []
