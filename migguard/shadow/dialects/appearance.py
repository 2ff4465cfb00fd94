"""What class a shadow dialect passes for: scripts ask for the engine by `isinstance` too."""

from __future__ import annotations

import importlib
from functools import lru_cache

from sqlalchemy.engine.url import URL

BACKENDS = {"postgres": "postgresql", "mariadb": "mysql"}
PLAIN = {"postgresql": "psycopg2"}
"""SQLAlchemy's choice before 2.1, for which most histories were written: a script that asks means that one."""


class Appearing:
    """Passes for the engine's own dialect, and for that of the driver that its URL names."""

    _url: URL | None = None

    @property  # type: ignore[misc]  # `isinstance` looks at it where the type itself is not enough
    def __class__(self) -> type:
        """The shadow's own class, below those that it stands for."""
        drivername = self._url.drivername if self._url is not None else getattr(type(self), "name", "")
        return appearance(type(self), drivername)  # type: ignore[arg-type]  # a type is hashable


def driver_of(drivername: str) -> str:
    """The driver that a URL names, else the one that SQLAlchemy takes for its engine."""
    backend, _, driver = drivername.partition("+")
    backend = BACKENDS.get(backend, backend)
    plain = getattr(real_dialect(f"sqlalchemy.dialects.{backend}"), "driver", "")
    return driver or PLAIN.get(backend, str(plain))


@lru_cache(maxsize=32)
def real_dialect(module: str) -> type | None:
    """The dialect of one of SQLAlchemy's modules; None where it has none of that name."""
    try:
        found = getattr(importlib.import_module(module), "dialect", None)
    except ImportError:
        return None
    return found if isinstance(found, type) else None


@lru_cache(maxsize=32)
def appearance(kind: type, drivername: str) -> type:
    """A class that is below a shadow dialect's and below the real ones: `postgresql.dialect`, the driver's."""
    backend, _, driver = drivername.partition("+")
    module = f"sqlalchemy.dialects.{BACKENDS.get(backend, backend)}"
    found = (real_dialect(name) for name in (module, f"{module}.{driver}" if driver else module))
    real = list(dict.fromkeys(one for one in found if one is not None))
    try:
        return type(kind.__name__, (kind, *reversed(real)), {"supports_statement_cache": True})
    except TypeError:  # classes that cannot have one below all of them: the shadow passes for itself
        return kind
