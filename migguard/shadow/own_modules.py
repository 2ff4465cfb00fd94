"""The project's own modules: found in its tree, and where one of them cannot be imported, stood in for."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from migguard.project.config import AlembicProject
from migguard.shadow.standins import StandInModule


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

    def __init__(self, inner: importlib.abc.Loader, note: Callable[[str], None]) -> None:
        self._inner = inner
        self._note = note

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        """As the module's own loader makes it."""
        return self._inner.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        """Run the module."""
        try:
            self._inner.exec_module(module)
        except Exception:  # noqa: BLE001 - whatever the project's module raises, its absence is noted
            name = module.__name__
            stand_in = StandInModule(name)
            stand_in.__dict__.update({k: v for k, v in vars(module).items() if not k.startswith("__")})
            stand_in.__path__ = list(getattr(module, "__path__", []))
            stand_in.__spec__, stand_in.__file__ = module.__spec__, getattr(module, "__file__", None)
            sys.modules[name] = stand_in
            self._note(name)


class OwnFinder(importlib.abc.MetaPathFinder):
    """Put first on sys.meta_path: wraps the loaders of modules that lie in the project's tree."""

    def __init__(self, roots: Sequence[Path], note: Callable[[str], None]) -> None:
        self._roots = tuple(f"{root}/" for root in roots)
        self._note = note

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> importlib.machinery.ModuleSpec | None:  # fmt: skip
        """The spec of a module of the project; None for all others."""
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is None or spec.loader is None or spec.origin is None:
            return None
        if not spec.origin.startswith(self._roots) or "site-packages" in spec.origin:
            return None
        spec.loader = Survivor(spec.loader, self._note)
        return spec


@contextmanager
def surviving(roots: Sequence[Path], note: Callable[[str], None], *, enabled: bool) -> Iterator[None]:
    """While the block runs, a module of the project that raises at import becomes a stand-in and is noted."""
    finder = OwnFinder(roots, note)
    if enabled:
        sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        if enabled:
            sys.meta_path.remove(finder)
