"""What a session is given while a script runs: the flush that writes it may come lines later, or never."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def told_of_pending(tell: Callable[[], None]) -> Iterator[None]:
    """While the block runs, `tell` is called whenever an object comes into a session that will write it.

    It is called below the line that gives it. Where nobody has imported SQLAlchemy's ORM there are no sessions.
    """
    if "sqlalchemy.orm" not in sys.modules:
        yield
        return
    from sqlalchemy import event
    from sqlalchemy.orm import Session

    def given(session: Any, written: Any) -> None:
        del session, written
        tell()

    event.listen(Session, "transient_to_pending", given)
    try:
        yield
    finally:
        event.remove(Session, "transient_to_pending", given)
