"""A type's text, as a model has it compiled, read into a data type."""

from __future__ import annotations

from functools import lru_cache

from migguard.changes import DataType, Engine
from migguard.sql.cursor import Cursor
from migguard.sql.tokens import Unread


@lru_cache(maxsize=1024)
def data_type(text: str, engine: Engine) -> DataType | None:
    """The type that a text spells; None where it is not read whole."""
    try:
        cursor = Cursor(text, engine)
        if engine is Engine.POSTGRESQL:
            from migguard.sql.postgresql_types import read_type

            made = read_type(cursor).type
        elif engine in (Engine.MYSQL, Engine.MARIADB):
            from migguard.sql.mysql_columns import read_type as read_mysql_type

            made = read_mysql_type(cursor)
        else:
            from migguard.sql.generic import read_type as read_other_type

            made = read_other_type(cursor)
        cursor.finish()
    except Unread:
        return None
    return made
