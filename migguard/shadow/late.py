"""Do something with a module of a library once somebody imports it, so that nobody has to import it for that."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import ModuleType


class Followed(importlib.machinery.SourceFileLoader):
    """Loads a module, and then does something with it."""

    def __init__(self, name: str, path: str, after: Callable[[ModuleType], None]) -> None:
        super().__init__(name, path)
        self._after = after

    def exec_module(self, module: ModuleType) -> None:
        """Run the module, and what follows it."""
        super().exec_module(module)
        self._after(module)


class Finder(importlib.abc.MetaPathFinder):
    """Finds one module where it is, and gives it a loader that goes on."""

    def __init__(self, name: str, action: Callable[[ModuleType], None]) -> None:
        self._name = name
        self._action = action

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """The module's own spec; None for all other modules."""
        if name != self._name:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is not None and isinstance(spec.loader, importlib.machinery.SourceFileLoader):
            spec.loader = Followed(spec.loader.name, spec.loader.path, self._action)
        return spec


@contextmanager
def when_imported(name: str, action: Callable[[ModuleType], None]) -> Iterator[None]:
    """Do it at once where the module is loaded, else as soon as the block imports it."""
    known = sys.modules.get(name)
    if known is not None:
        action(known)
        yield
        return
    finder = Finder(name, action)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
