"""Whether a history is run without a connection too (`alembic upgrade --sql`): its scripts ask whether they are.

What env.py asks is no sign: Alembic's templates have it there
(https://alembic.sqlalchemy.org/en/latest/offline.html).
"""

import ast
from collections.abc import Iterable
from functools import partial
from pathlib import Path

from migguard.history import Late
from migguard.project.graph import Revision
from migguard.source import nodes_of

ASKED = ("is_offline_mode", "as_sql")
"""`context.is_offline_mode()` and `op.get_context().as_sql`."""


def for_offline(revisions: Iterable[Revision]) -> Late[str]:
    """What shows that the history runs offline too, looked for when it is asked for: one sign, or nothing."""
    known = list(revisions)
    return Late(partial(signs, [r.path for r in known]), " ".join(r.digest for r in known))


def signs(paths: Iterable[Path]) -> tuple[str, ...]:
    """The first sign that is found; a comment is none."""
    for path in paths:
        try:
            source = path.read_bytes()
            tree = ast.parse(source) if any(word.encode() in source for word in ASKED) else None
        except (OSError, SyntaxError, ValueError):
            continue
        names = (getattr(n, "attr", getattr(n, "id", "")) for n in nodes_of(tree)) if tree is not None else ()
        if (first := next((name for name in names if name in ASKED), "")) != "":
            return (first,)
    return ()
