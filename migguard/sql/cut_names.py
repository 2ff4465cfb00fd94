"""The names in a statement of which the server keeps only the beginning."""

from __future__ import annotations

import re

from migguard.changes import Engine
from migguard.sql.cursor import NAME_BYTES, Cursor
from migguard.sql.tokens import Unread


def cut_names(sql: str, engine: Engine) -> dict[str, str]:
    """What the server keeps of each name that is too long for it, and the name as it was written."""
    most = NAME_BYTES.get(engine)
    if most is None or len(sql) <= most or not may_be_cut(sql, most):
        return {}
    try:
        cursor = Cursor(sql, engine)
    except Unread:
        return {}
    long = (t for t in cursor.tokens if t.kind in ("word", "name") and len(t.text.encode()) > most)
    return {cursor.fold(t): t.text for t in long}


def may_be_cut(sql: str, most: int) -> bool:
    """Whether a text has a word or a quoted piece of such a length at all: that takes a tenth of cutting it up."""
    if not sql.isascii() or '""' in sql:
        return True
    return re.search(rf'[\w$]{{{most + 1},}}|"[^"]{{{most + 1},}}', sql) is not None
