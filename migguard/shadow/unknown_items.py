"""Columns and schemas that Alembic and SQLAlchemy are handed as stand-ins: in SQL they are placeholders."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, ForwardRef

import sqlalchemy as sa
from alembic.ddl.base import AlterTable
from alembic.operations.ops import AddColumnOp, CreateTableOp
from sqlalchemy.sql.schema import ColumnCollectionMixin

from migguard.placeholders import is_placeholder
from migguard.shadow.missing_modules import is_stand_in


def known_items(items: Iterable[Any]) -> list[Any]:
    """A table's items, with a column that nobody knows in the place of each stand-in.

    Libraries pass over what is no column and no constraint, and the table would seem to be complete.
    """
    given = list(items)
    names = {item.name for item in given if isinstance(item, sa.Column)}
    found: list[Any] = []
    for item in given:
        if not is_stand_in(item):
            found.append(item)
            unknown = [c for c in getattr(item, "_pending_colargs", ()) if isinstance(c, str) and is_placeholder(c)]
        else:
            unknown = [item]
        # a constraint may be over any of the columns, but SQLAlchemy wants one of that name
        found += [unknown_column(one) for one in unknown if str(one) not in names]
        names.update(map(str, unknown))
    return found


def unknown_column(item: Any) -> Any:
    """The column that a stand-in may be."""
    from migguard.shadow.standins import StandInType

    return sa.Column(str(item), StandInType(getattr(item, "_name", "unknown")))


def as_text(name: Any) -> Any:
    """A name; of a stand-in, its placeholder: libraries quote it, and ask whether a schema is given at all."""
    return str(name) if is_stand_in(name) else name


def referred(column: Any) -> Any:
    """What a foreign key refers to; of a stand-in, a table and a column that nobody knows."""
    return f"{column}.{column}" if is_stand_in(column) else column


def identifier(name: Any) -> Any:
    """What a type hint refers to by name: a placeholder is no expression."""
    return name._name if is_stand_in(name) else name


CHANGED: tuple[tuple[type, str, Callable[..., Iterable[Any]]], ...] = (
    (CreateTableOp, "__init__", lambda table, columns: (table, known_items(columns))),
    (AddColumnOp, "__init__", lambda table, column: (table, unknown_column(column) if is_stand_in(column) else column)),
    (AlterTable, "__init__", lambda *names: map(as_text, names)),
    (sa.Table, "_init_items", lambda *items: known_items(items)),
    (ColumnCollectionMixin, "__init__", lambda *columns: map(as_text, columns)),
    (sa.ForeignKey, "__init__", lambda *given: (*map(referred, given[:1]), *given[1:])),
    (ForwardRef, "__init__", lambda name, *more: (identifier(name), *more)),
)
"""Methods, with what they take instead of the arguments that are given by their places."""
NAMED: dict[str, Callable[[Any], Any]] = {"schema": as_text, "column": referred}
"""What they take instead of some that are given by name."""


@contextmanager
def told_as_unknown() -> Iterator[None]:
    """While the block runs, what is handed over as a stand-in is known as one."""
    with ExitStack() as stack:
        for owner, name, change in CHANGED:
            stack.enter_context(handed(owner, name, change))
        yield


@contextmanager
def handed(owner: type, name: str, change: Callable[..., Iterable[Any]]) -> Iterator[None]:
    """While the block runs, a method takes what `change` makes of its arguments."""
    method = getattr(owner, name)

    def called(self: Any, *arguments: Any, **given: Any) -> Any:
        named = {key: NAMED[key](value) if key in NAMED else value for key, value in given.items()}
        return method(self, *change(*arguments), **named)

    setattr(owner, name, called)
    try:
        yield
    finally:
        setattr(owner, name, method)
