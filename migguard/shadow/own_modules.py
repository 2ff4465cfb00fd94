"""The project's own modules: found in its tree, and where one of them cannot be imported, stood in for."""

from __future__ import annotations

import ast
import importlib.abc
import importlib.machinery
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from migguard.project.config import AlembicProject
from migguard.shadow.kept_aside import kept_aside
from migguard.shadow.missing_modules import WHY, StandInModule, is_stand_in
from migguard.shadow.program import chain
from migguard.trace import ITSELF

ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
REFUSED = "refused"
"""Why a module is stood in for that may be there whole: without it the script was seen further."""


def own_roots(project: AlembicProject) -> tuple[Path, ...]:
    """The folders that the project's packages lie in: its configuration's, and the one above its topmost package."""
    found = [*project.prepend_sys_path, project.config_path.parent]
    for location in (project.script_location, *project.version_locations):
        top = location
        while (top / "__init__.py").is_file() or (top.parent / "__init__.py").is_file():
            top = top.parent
        if top != location:
            found.append(top)
    return tuple(dict.fromkeys(found))


class Survivor(importlib.abc.Loader):
    """Loads a module of the project; where it raises, a stand-in takes its place."""

    def __init__(self, inner: importlib.abc.Loader, note: Callable[[str], None], raised: dict[str, str]) -> None:
        self._inner = inner
        self._note = note
        self._raised = raised

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        """As the module's own loader makes it."""
        return self._inner.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        """Run the module."""
        try:
            self._inner.exec_module(module)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever it raises, its absence is noted
            name = module.__name__
            self._raised[name] = told(module, error)
            go_on(module, error)
            stand_in = StandInModule(name)
            stand_in.__dict__.update({k: v for k, v in vars(module).items() if not k.startswith("__")})
            stand_in.__path__ = list(getattr(module, "__path__", []))
            stand_in.__dict__[WHY] = short(error)
            stand_in.__spec__, stand_in.__file__ = module.__spec__, getattr(module, "__file__", None)
            sys.modules[name] = stand_in
            self._note(name)


def told(module: ModuleType, error: BaseException) -> str:
    """What a module raised, and where, in one line."""
    file = getattr(module, "__file__", None)
    place = f"{file}:{line_in(file, error)}: " if file is not None else ""
    return place + short(error)


def short(error: BaseException) -> str:
    """An exception in one line, without the addresses of objects, which are others in every run."""
    text = ADDRESS.sub("", " ".join(str(error).split()))
    return f"{type(error).__name__}{f': {text[:200]}' if text else ''}"


def line_in(file: str | None, error: BaseException) -> int:
    """The line at the top of a module that an exception passed through; 0 where there is none."""
    line, trace = 0, error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if code.co_filename == file and code.co_name == "<module>":
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def go_on(module: ModuleType, error: BaseException) -> None:
    """Run what stands below the statement that raised, statement by statement; what one would have named is missing."""
    file = getattr(module, "__file__", None)
    line = line_in(file, error)
    if not line or file is None:
        return
    try:
        tree = ast.parse(Path(file).read_bytes())
    except (OSError, SyntaxError, ValueError):
        return
    for statement in tree.body:
        if (statement.end_lineno or statement.lineno) < line:
            continue
        try:
            if statement.lineno <= line:
                raise error
            exec(compile(ast.Module([statement], []), file, "exec", dont_inherit=True), vars(module))
        except (Exception, SystemExit):  # noqa: BLE001 - as above; the names stand for what is missing
            for name in names_of(statement):
                vars(module).setdefault(name, missing(f"{module.__name__}.{name}"))


def because_of(module: ModuleType, error: BaseException) -> tuple[int, str] | None:
    """The line at the top of a module that raised, and the stand-in that the statement there uses; None without one."""
    file = getattr(module, "__file__", None)
    line = line_in(file, error)
    if not line or file is None:
        return None
    for statement in ast.parse(Path(file).read_bytes()).body:
        if statement.lineno <= line <= (statement.end_lineno or statement.lineno):
            used = (vars(module).get(n.id) for n in ast.walk(statement) if isinstance(n, ast.Name))
            found = next((v for v in used if is_stand_in(v)), None)
            return (line, found._path) if found is not None else None
    return None


def names_of(statement: ast.stmt) -> Iterator[str]:
    """The names that a statement at the top of a module would have bound."""
    match statement:
        case ast.ClassDef() | ast.FunctionDef() | ast.AsyncFunctionDef():
            yield statement.name
        case ast.Import() | ast.ImportFrom():
            yield from (a.asname or a.name.partition(".")[0] for a in statement.names if a.name != "*")
        case ast.Assign() | ast.AnnAssign():
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            yield from (n.id for t in targets for n in ast.walk(t) if isinstance(n, ast.Name))
        case _:
            return


def missing(path: str) -> Any:
    """A stand-in."""
    from migguard.shadow.standins import StandIn

    return StandIn(path)


class OwnFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Put first on sys.meta_path: wraps the loaders of modules that lie in the project's tree.

    `raised` says why each one that raised did.

    While `refusing`, those outside of the migrations' own folders are stood in for, whether or not they could be
    imported.
    """

    def __init__(self, project: AlembicProject, note: Callable[[str], None]) -> None:
        self._roots = tuple(f"{root}/" for root in own_roots(project))
        self._migrations = tuple(f"{p}/" for p in (project.script_location, *project.version_locations))
        self._note = note
        self.raised: dict[str, str] = {}
        self.refusing = False
        self.enabled = False

    def own(self, file: str | None) -> bool:
        """Whether a file lies in the project's tree."""
        return file is not None and file.startswith(self._roots) and "site-packages" not in file

    def application(self, file: str | None) -> bool:
        """Whether a file is the application's, and not one of the migrations' own."""
        return file is not None and self.own(file) and not file.startswith(self._migrations)

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """The spec of a module of the project; None for all others."""
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is None or spec.loader is None or not self.own(spec.origin):
            return None
        if self.refusing and self.application(spec.origin):
            made = importlib.machinery.ModuleSpec(name, self, origin=spec.origin, is_package=True)
            made.submodule_search_locations = list(spec.submodule_search_locations or [])
            return made
        spec.loader = Survivor(spec.loader, self._note, self.raised)
        return spec

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        """A stand-in."""
        self._note(spec.name)
        made = StandInModule(spec.name)
        made.__dict__[WHY] = REFUSED
        return made

    def exec_module(self, module: ModuleType) -> None:
        """Its submodules may still be the migrations' own."""
        assert module.__spec__ is not None
        module.__path__ = list(module.__spec__.submodule_search_locations or [])

    def loaded(self) -> dict[str, ModuleType]:
        """The project's modules that are imported now."""
        return {n: m for n, m in list(sys.modules.items()) if self.own(file_of(m))}

    @contextmanager
    def replaced(self) -> Iterator[None]:
        """While the block runs, the application's modules are stand-ins; afterwards they are what they were."""
        before = self.loaded()
        for name in before:
            del sys.modules[name]
        self.refusing = True
        try:
            with kept_aside(before):
                yield
        finally:
            self.refusing = False
            for name, module in list(sys.modules.items()):
                spec = getattr(module, "__dict__", {}).get("__spec__")
                if self.own(file_of(module)) or getattr(spec, "loader", None) is self:
                    del sys.modules[name]
            sys.modules.update(before)


def itself(error: BaseException, own: OwnFinder | None) -> tuple[str, ...]:
    """The application, as what to install, where a module of the project has no `__version__` or the like: that comes
    of what an installation writes."""
    lacking = [e.obj for e in chain(error) if isinstance(e, AttributeError) and str(e.name).startswith("__")]
    found = own is not None and any(isinstance(m, ModuleType) and own.own(file_of(m)) for m in lacking)
    return (ITSELF,) if found else ()


def file_of(module: ModuleType) -> str | None:
    """A module's file, without asking a module that answers for what it does not have."""
    file = getattr(module, "__dict__", {}).get("__file__")
    return file if isinstance(file, str) else None


@contextmanager
def surviving(project: AlembicProject, note: Callable[[str], None], *, enabled: bool) -> Iterator[OwnFinder]:
    """While the block runs, a module of the project that raises at import becomes a stand-in and is noted."""
    finder = OwnFinder(project, note)
    finder.enabled = enabled
    if enabled:
        sys.meta_path.insert(0, finder)
    try:
        yield finder
    finally:
        if enabled:
            sys.meta_path.remove(finder)
