"""What env.py hands to Alembic as the models."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa


def metadatas(given: Any) -> list[sa.MetaData]:
    """The metadata objects of `target_metadata`, which is one or a sequence of them."""
    listed = given if isinstance(given, (list, tuple)) else [given]
    return [m for m in listed if isinstance(m, sa.MetaData)]
