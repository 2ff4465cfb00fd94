"""Where Python imports from: whatever would come from the working tree comes from the checkout."""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from migguard.project.config import AlembicProject

LIBRARIES = ("site-packages", "dist-packages")


def moved(checkout: Path, repository: Path, paths: Sequence[str]) -> None:
    """Import from `paths` and by the finders of editable installs, both led from the working tree to the checkout."""

    def there(path: Any) -> Any:
        try:
            inside = Path(str(path)).resolve().relative_to(repository)
        except (ValueError, OSError):
            return path
        return type(path)(checkout / inside) if (checkout / inside).exists() else path

    sys.path[:] = [there(p) if p else str(Path.cwd()) for p in paths]
    for module in list(sys.modules.values()):
        if isinstance(module, ModuleType) and module.__name__.startswith("__editable__"):
            lead(getattr(module, "MAPPING", None), there)
            lead(getattr(module, "NAMESPACES", None), there)
    for finder in sys.meta_path:
        lead(getattr(finder, "_redirections", None), there)
        lead(getattr(finder, "known_source_files", None), there)
    sys.path_importer_cache.clear()
    importlib.invalidate_caches()


def lead(mapping: Any, there: Any) -> None:
    """Change the paths in a mapping from names of modules to a path or to several."""
    if isinstance(mapping, dict):
        for name, path in list(mapping.items()):
            mapping[name] = [there(p) for p in path] if isinstance(path, list) else there(path)


class CheckoutFinder(importlib.abc.MetaPathFinder):
    """Finds the project's own packages in the checkout, where a copy of them is installed as a library."""

    def __init__(self, owned: dict[str, str]) -> None:
        self._owned = owned

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """The spec of a package of the checkout."""
        del path
        root = self._owned.get(name)
        return importlib.machinery.PathFinder.find_spec(name, [root], target) if root is not None else None


@contextmanager
def from_checkout(project: AlembicProject, checkout: Path) -> Iterator[None]:
    """While the block runs, an installed copy of the project does not hide its checkout."""
    from migguard.shadow.own_modules import own_roots

    roots = [*own_roots(project), project.config_path.parent / "src", checkout / "src", checkout]
    finder = CheckoutFinder({n: str(r) for r in reversed(roots) for n in packages(r) if installed(n)})
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


def packages(root: Path) -> Iterator[str]:
    """The packages in a folder."""
    if root.is_dir():
        yield from (p.name for p in root.iterdir() if p.name.isidentifier() and (p / "__init__.py").is_file())


def installed(name: str) -> bool:
    """Whether a package that nothing has imported yet is there as a library."""
    if name in sys.modules or name in sys.stdlib_module_names:
        return False
    spec = importlib.machinery.PathFinder.find_spec(name)
    return spec is not None and spec.origin is not None and any(part in spec.origin for part in LIBRARIES)


def foreign(checkout: Path, repository: Path) -> str | None:
    """A module that was imported from the working tree all the same, libraries and Python's own aside."""
    own = [Path(p).resolve() for p in {*sysconfig.get_paths().values()} if p]
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if not isinstance(file, str) or any(part in file for part in LIBRARIES) or name.partition(".")[0] == "migguard":
            continue
        path = Path(file).resolve()
        if not path.is_relative_to(repository) or path.is_relative_to(checkout):
            continue
        if not any(path.is_relative_to(library) and library != repository for library in own):
            return name
    return None
