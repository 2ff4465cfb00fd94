"""What env.py hands to Alembic as the models."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from migguard.shadow.missing_modules import NamesOnly


def metadatas(given: Any) -> list[sa.MetaData]:
    """The metadata objects of `target_metadata`, which is one or a sequence of them; not what has no models at all."""
    listed = given if isinstance(given, (list, tuple)) else [given]
    return [m for m in listed if isinstance(m, sa.MetaData) and not isinstance(m, NamesOnly)]
