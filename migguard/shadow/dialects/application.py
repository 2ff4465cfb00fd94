"""The dialect that the application itself would use, for questions that the shadow's own does not answer."""

from __future__ import annotations

import importlib
from typing import Any

from sqlalchemy.engine import Dialect
from sqlalchemy.engine.url import URL


def application_dialect(url: URL | None) -> Dialect | None:
    """SQLAlchemy's dialect for the driver that a URL names; None where it has none of its own."""
    if url is None:
        return None
    backend, _, driver = url.drivername.partition("+")
    driver = driver.removesuffix("_async")
    try:
        module = importlib.import_module(f"sqlalchemy.dialects.{backend}{f'.{driver}' if driver else ''}")
        made: Any = module.dialect
        return made() if isinstance(made, type) and issubclass(made, Dialect) else None
    except (ImportError, AttributeError, TypeError):
        return None
