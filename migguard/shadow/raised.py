"""What an exception of a script rests on: what the replay does not have, or the script alone."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

from sqlalchemy.exc import DBAPIError

from migguard.shadow import guard
from migguard.shadow.missing_modules import is_stand_in
from migguard.shadow.origin import place_of
from migguard.shadow.own_modules import short
from migguard.shadow.recording import Recording
from migguard.shadow.sides.elsewhere import LIBRARIES
from migguard.trace import Cause, Note, NoteKind


def note(error: Exception, recording: Recording, detail: str = "") -> Note:
    """The note on an exception of a script, at the line of the script that it passed through."""
    why = cause(error, recording)
    said = detail or told(error, recording, why)
    return Note(
        NoteKind.RAISED,
        place_of(error, recording.path),
        type(error).__name__,
        said,
        cause=why,
        refused=by_sqlalchemy(error, recording.path),
    )


def by_sqlalchemy(error: BaseException, path: Path) -> bool:
    """Whether it was SQLAlchemy that raised, at what a line of the file calls of it or of Alembic, or asks it for."""
    inside: list[str] = []
    trace = error.__traceback__
    while trace is not None:
        frame = trace.tb_frame
        inside = [] if frame.f_code.co_filename == str(path) else [*inside, str(frame.f_globals.get("__name__", ""))]
        trace = trace.tb_next
    if inside:
        return package(inside[0]) in ("sqlalchemy", "alembic") and package(inside[-1]) == "sqlalchemy"
    match error:
        case AttributeError(obj=ModuleType() as module):
            return package(module.__name__) == "sqlalchemy"
        case AttributeError(obj=thing):
            kind = thing if isinstance(thing, type) else type(thing)
            return package(kind.__module__) == "sqlalchemy"
        case ImportError(name=str() as name):
            return package(name) == "sqlalchemy"
        case _:
            return False


def package(name: str) -> str:
    """The package of a module."""
    return name.partition(".")[0]


def cause(error: BaseException, recording: Recording) -> Cause:
    """What may be why, the surest first. What the replay lacks comes before the script's own fault."""
    if isinstance(error, guard.Refused):
        return Cause.REFUSED
    if isinstance(error, DBAPIError):
        return Cause.STATEMENT
    if any(g.absent and g.doubted for g in recording.guesses):
        return Cause.TABLE
    if (recording.heard is not None and recording.heard.lines) or uses_stand_in(error):
        return Cause.MISSING
    if any(not g.absent for g in recording.guesses):
        return Cause.ROWS
    if recording.environment:
        return Cause.ENVIRONMENT
    if of_application(error, recording.path):
        return Cause.APPLICATION
    return Cause.SCRIPT


def of_application(error: BaseException, path: Path) -> bool:
    """Whether it is an error of the application's own, raised by its code and not by the script."""
    trace, file = error.__traceback__, ""
    while trace is not None:
        file, trace = trace.tb_frame.f_code.co_filename, trace.tb_next
    return file != str(path) and package(type(error).__module__) not in {"builtins", *LIBRARIES}


def uses_stand_in(error: BaseException) -> bool:
    """Whether a function that an exception passed through holds something of a module that is not installed."""
    trace = error.__traceback__
    while trace is not None:
        frame = trace.tb_frame
        names = (frame.f_globals.get(name) for name in frame.f_code.co_names)
        if any(is_stand_in(value) for value in (*names, *frame.f_locals.values())):
            return True
        trace = trace.tb_next
    return False


def told(error: BaseException, recording: Recording, why: Cause) -> str:
    """An exception in one line, with the tables of which the history knows too little."""
    tables = list(dict.fromkeys(g.table for g in recording.guesses if g.table))
    if why is not Cause.TABLE or not tables:
        return short(error)
    some = ", ".join(tables[:3]) + (f" and {len(tables) - 3} more" if len(tables) > 3 else "")
    one = len(tables) == 1
    return (
        f"{short(error).removesuffix('.')} (the history never made the table{'' if one else 's'} {some}, so the replay "
        f"does not know what {'it has' if one else 'they have'}: that may be why)"
    )
