"""The models of code that runs while an example's revisions do, described."""

from __future__ import annotations

import textwrap
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.orm import DeclarativeBase

from migguard.drift.describe import described
from migguard.drift.models import Places
from migguard.models import Models

COMMIT = "1a2b3c4d5e6f"


def declared(source: str, places: Places | None = None) -> dict[str, Any]:
    """Run the source of models, with a `Base` of their own; the names that it made."""
    metadata = sa.MetaData()
    base = type("Base", (DeclarativeBase,), {"metadata": metadata})
    names: dict[str, Any] = {"sa": sa, "orm": sa.orm, "Base": base, "metadata": metadata, "__name__": "models"}
    with (places or Places()).noting():
        exec(compile(textwrap.dedent(source), "models.py", "exec"), names)
    return names


def models(source: str, dialect: str, names: dict[str, Any] | None = None, places: Places | None = None) -> Models:
    """What a loader would say of them."""
    places = places or Places()
    names = names if names is not None else declared(source, places)
    made = make_url({"postgresql": "postgresql+psycopg"}.get(dialect, dialect) + "://").get_dialect()()
    return Models(COMMIT, tuple(described([names["metadata"]], places, made, None, made)))
