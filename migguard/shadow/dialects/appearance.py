"""What class a shadow dialect passes for: scripts ask for the engine by `isinstance` too."""

from __future__ import annotations

import importlib
from functools import lru_cache

from sqlalchemy.engine.url import URL


class Appearing:
    """Passes for the engine's own dialect, and for that of the driver that its URL names."""

    _url: URL | None = None

    @property  # type: ignore[misc]  # `isinstance` looks at it where the type itself is not enough
    def __class__(self) -> type:
        """The shadow's own class, below those that it stands for."""
        drivername = self._url.drivername if self._url is not None else getattr(type(self), "name", "")
        return appearance(type(self), drivername)  # type: ignore[arg-type]  # a type is hashable


@lru_cache(maxsize=32)
def appearance(kind: type, drivername: str) -> type:
    """A class that is below a shadow dialect's and below the real ones: `postgresql.dialect`, the driver's."""
    backend, _, driver = drivername.partition("+")
    backend = {"postgres": "postgresql", "mariadb": "mysql"}.get(backend, backend)
    real = []
    for name in (f"sqlalchemy.dialects.{backend}", f"sqlalchemy.dialects.{backend}.{driver}" if driver else ""):
        try:
            found = getattr(importlib.import_module(name), "dialect", None) if name else None
        except ImportError:  # a driver that SQLAlchemy knows nothing of
            continue
        if isinstance(found, type) and found not in real:
            real.append(found)
    try:
        return type(kind.__name__, (kind, *reversed(real)), {"supports_statement_cache": True})
    except TypeError:  # classes that cannot have one below all of them: the shadow passes for itself
        return kind
