"""The names in a statement of which the server keeps only the beginning."""

from __future__ import annotations

from migguard.changes import Engine
from migguard.sql.cursor import NAME_BYTES, Cursor, Unread


def cut_names(sql: str, engine: Engine) -> dict[str, str]:
    """What the server keeps of each name that is too long for it, and the name as it was written."""
    most = NAME_BYTES.get(engine)
    if most is None or len(sql) <= most:
        return {}
    try:
        cursor = Cursor(sql, engine)
    except Unread:
        return {}
    long = (t for t in cursor.tokens if t.kind in ("word", "name") and len(t.text.encode()) > most)
    return {cursor.fold(t): t.text for t in long}
