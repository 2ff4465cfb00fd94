"""What project code prints, warns and logs while it runs is caught: none of it is part of a report."""

from __future__ import annotations

import contextlib
import io
import logging
import logging.config
import os
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from migguard.shadow import guard


@contextmanager
def past_python(into: io.StringIO) -> Iterator[None]:
    """What is written to standard output past `sys.stdout`, by C code or to `sys.__stdout__`, goes there too."""
    plain = sys.__stdout__
    try:
        number = plain.fileno() if plain is not None else None
        kept = os.dup(number) if number is not None else None
    except (OSError, ValueError):  # there is none, as in a service
        kept = None
    if plain is None or number is None or kept is None:
        yield
        return
    plain.flush()
    with tempfile.TemporaryFile() as caught:
        os.dup2(caught.fileno(), number)
        try:
            yield
        finally:
            plain.flush()
            os.dup2(kept, number)
            os.close(kept)
            caught.seek(0)
            into.write(caught.read().decode(errors="replace"))


def unwritten(strict: Callable[[Any], Any]) -> Any:
    """How a log file is opened: not at all, but for a revision, whose files are looked at."""

    def opened(handler: logging.FileHandler) -> Any:
        if guard.in_revision():
            return strict(handler)
        return open(os.devnull, handler.mode, encoding=handler.encoding)

    return opened


@contextmanager
def quiet(into: io.StringIO) -> Iterator[None]:
    """What project code prints, warns and logs goes into a text of ours; it may not configure logging."""
    root = logging.getLogger()
    handlers, level, disabled = list(root.handlers), root.level, root.manager.disable
    kept = logging.config.fileConfig, logging.config.dictConfig, logging.basicConfig
    logging.config.fileConfig = logging.config.dictConfig = logging.basicConfig = lambda *_, **__: None
    logging.disable(logging.CRITICAL)
    set_level, open_log = logging.Logger.setLevel, logging.FileHandler._open
    logging.Logger.setLevel = lambda *_: None  # type: ignore[method-assign]  # levels may come from stand-ins
    logging.FileHandler._open = unwritten(open_log)  # type: ignore[method-assign]  # nothing is logged, see above
    try:
        with (
            past_python(into),
            contextlib.redirect_stdout(into),
            contextlib.redirect_stderr(into),
            warnings.catch_warnings(),
        ):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.config.fileConfig, logging.config.dictConfig, logging.basicConfig = kept
        logging.Logger.setLevel = set_level  # type: ignore[method-assign]
        logging.FileHandler._open = open_log  # type: ignore[method-assign]
        root.handlers[:] = handlers
        root.setLevel(level)
        logging.disable(disabled)
