"""Drivers that connect in C, where the interpreter sees no socket: their connect() is refused like one."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import ModuleType
from typing import Any

CONNECTING = {
    "psycopg": ("connect", "Connection.connect", "AsyncConnection.connect"),
    "psycopg2": ("connect",),
    "psycopg2cffi": ("connect",),
    "pgdb": ("connect",),
    "MySQLdb": ("connect", "Connect", "Connection"),
    "mysql.connector": ("connect",),
    "mariadb": ("connect",),
    "pyodbc": ("connect",),
    "pymssql": ("connect",),
    "oracledb": ("connect", "connect_async", "create_pool", "create_pool_async"),
    "cx_Oracle": ("connect", "Connection", "SessionPool"),
    "ibm_db": ("connect", "pconnect"),
    "snowflake.connector": ("connect",),
    "duckdb": ("connect",),
}
"""Their ways to a connection, by module."""

Refuse = Callable[[str], Any]


class Loading(importlib.abc.Loader):
    """Loads a module as its own loader does, and then refuses its connections."""

    def __init__(self, inner: importlib.abc.Loader, after: Callable[[ModuleType], None]) -> None:
        self._inner = inner
        self._after = after

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        """As the module's own loader makes it."""
        return self._inner.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        """Run the module."""
        self._inner.exec_module(module)
        self._after(module)


class Drivers(importlib.abc.MetaPathFinder):
    """Replaces what connects, in drivers that are imported already and in those that will be."""

    def __init__(self, refuse: Refuse) -> None:
        self._refuse = refuse
        self._kept: list[tuple[Any, str, Any]] = []
        for name in CONNECTING:
            module = sys.modules.get(name)
            if isinstance(module, ModuleType) and getattr(module, "__file__", None):
                self.replace(module)

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """The spec of a driver; None for all other modules."""
        if name not in CONNECTING:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = Loading(spec.loader, self.replace)
        return spec

    def replace(self, module: ModuleType) -> None:
        """Refuse a driver's connections."""
        for path in CONNECTING[module.__name__]:
            owner: Any = module
            *above, name = path.split(".")
            for part in above:
                owner = getattr(owner, part, None)
            before = vars(owner).get(name) if owner is not None else None
            if before is None:
                continue
            refused = self.refusing(f"{module.__name__}.{path}")
            self._kept.append((owner, name, before))
            setattr(owner, name, staticmethod(refused) if isinstance(owner, type) else refused)

    def refusing(self, path: str) -> Callable[..., Any]:
        """What stands in a function's place."""

        def connect(*_: Any, **__: Any) -> Any:
            """Refused."""
            return self._refuse(path)

        return connect

    def undo(self) -> None:
        """As it was."""
        for owner, name, before in reversed(self._kept):
            setattr(owner, name, before)


@contextmanager
def refused(refuse: Refuse) -> Iterator[None]:
    """While the block runs, no driver connects; `refuse` is told which would."""
    drivers = Drivers(refuse)
    sys.meta_path.insert(0, drivers)
    try:
        yield
    finally:
        sys.meta_path.remove(drivers)
        drivers.undo()
