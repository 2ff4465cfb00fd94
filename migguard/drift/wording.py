"""A difference as a sentence: what the models have, and what the migrations leave or the database has."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from migguard.drift.details import Detail

WORDS = {"fk": "foreign key", "table_comment": "comment", "constraint": "unique constraint"}


def worded(one: tuple[Any, ...], kind: str, table: str, name: str | None, *, live: bool) -> str:
    """A tuple of Alembic's; `live` where the other side is a database."""
    verb, _, what = kind.partition("_")
    thing = WORDS.get(what, what)
    if verb == "modify":
        old, new = (value_of(v) for v in one[-2:])
        is_ = "is" if what == "nullable" else f"has the {thing}"
        return f"{table}.{name} {is_} {old} {where(live)}, {new} in the models."
    subject = f"the {thing} {name} of {table}" if name else f"the table {table}"
    if name is None and what != "table":
        columns = [c.name for c in getattr(one[1], "columns", ())] if what in ("constraint", "fk") else []
        subject = f"a {thing} of {table}" + (f" on ({', '.join(columns)})" if columns else "")
    if verb == "add":
        return f"The models have {subject}, {missing(live)}."
    return f"{leaving(live)} {subject}, which no model has."


def said(one: Detail, *, live: bool) -> str:
    """What only the strict comparators see."""
    if not one.first:
        rest = f": {one.second}" if one.second != "one" else ""
        return f"The models have {one.what}{rest}, {missing(live)}."
    if not one.second:
        rest = f": {one.first}" if one.first != "one" else ""
        return f"{leaving(live)} {one.what}{rest}, which the models do not have."
    what = one.what[0].upper() + one.what[1:]
    return f"{what} is {one.first} {where(live)}, {one.second} in the models."


def where(live: bool) -> str:
    """The other side, as a place."""
    return "in the database" if live else "after the migrations"


def missing(live: bool) -> str:
    """That the other side has no such thing."""
    return "and the database does not" if live else "and no revision makes it"


def leaving(live: bool) -> str:
    """The other side, as what has more."""
    return "The database has" if live else "The migrations leave"


def value_of(value: Any) -> str:
    """A value of an entry as its users write it."""
    if isinstance(value, sa.DefaultClause):
        return str(getattr(value.arg, "text", value.arg))
    if isinstance(value, bool):
        return "nullable" if value else "NOT NULL"
    return "none" if value is None else str(value)
