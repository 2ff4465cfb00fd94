"""Values as bytes: pickles of what the catalog is made of, and of nothing else."""

from __future__ import annotations

import io
import pickle
from enum import EnumType
from typing import Any

SAFE = {
    ("builtins", "frozenset"),
    ("builtins", "set"),
    ("builtins", "bytearray"),
    ("builtins", "complex"),
    ("immutables._map", "Map"),
    ("immutables.map", "Map"),
    ("immutables", "Map"),
    ("datetime", "date"),
    ("datetime", "datetime"),
    ("datetime", "time"),
    ("datetime", "timedelta"),
    ("datetime", "timezone"),
    ("decimal", "Decimal"),
    ("uuid", "UUID"),
    ("pathlib", "PosixPath"),
    ("pathlib", "WindowsPath"),
    ("pathlib._local", "PosixPath"),
    ("pathlib._local", "WindowsPath"),
    ("migguard.shadow.database", "State"),
    ("migguard.shadow.sqlite_database", "SqliteState"),
}
OWN = (
    "migguard.catalog.schema",
    "migguard.trace",
    "migguard.source",
    "migguard.findings",
    "migguard.shadow.memory",
    "migguard.shadow.ending",
    "migguard.project.header",
)
"""Modules of nothing but values."""
CHANGES = "migguard.changes."
"""The package of which all modules are so."""


class Reader(pickle.Unpickler):
    """Makes instances of our own values and of plain ones; a pickle that asks for more is none of ours."""

    def find_class(self, module: str, name: str) -> Any:
        """The class, if it may be made."""
        if (module, name) == ("builtins", "getattr"):
            return member  # so Python 3.11.0 to 3.11.3 write the members of an enum
        if "." in name or not (of_values(module) or (module, name) in SAFE):
            raise pickle.UnpicklingError(f"{module}.{name} has no business here")
        found = super().find_class(module, name)
        if not isinstance(found, type):
            raise pickle.UnpicklingError(f"{module}.{name} is no class")
        return found


def of_values(module: str) -> bool:
    """Whether a module of ours has nothing but values."""
    return module in OWN or module.startswith(CHANGES)


def member(kind: Any, name: str) -> Any:
    """A member of an enum of ours. Raises UnpicklingError for any other attribute of anything."""
    if not isinstance(kind, EnumType) or not of_values(kind.__module__):
        raise pickle.UnpicklingError(f"{name} of {kind!r} has no business here")
    return kind[name]


def packed(value: Any) -> bytes | None:
    """A value as bytes; None where it holds anything that cannot be read back."""
    try:
        content = pickle.dumps(value, protocol=5)
    except Exception:  # noqa: BLE001 - a script's own values may be anything; then there is no entry
        return None
    return content


def unpacked(content: bytes) -> Any:
    """The value of bytes that `packed` made; None where they cannot be read."""
    try:
        return Reader(io.BytesIO(content)).load()
    except Exception:  # noqa: BLE001 - whatever is wrong with an entry, it is as good as not there
        return None
