"""What a name is that a script takes from the application: read from its source, which may not be importable."""

from __future__ import annotations

from enum import StrEnum

from migguard.records import dataclass


class Defined(StrEnum):
    """How the application makes what has the name."""

    MODULE = "module"
    FUNCTION = "function"
    MODEL = "mapped class"
    TABLE = "table"
    TYPE = "column type"
    ENUM = "enum"
    MEMBER = "member of an enum or constant of a class"
    SQL = "SQL expression"
    VALIDATOR = "pydantic model"
    EXCEPTION = "exception"
    CLASS = "class"
    LITERAL = "literal"
    OBJECT = "object"


@dataclass(frozen=True, slots=True)
class Known:
    """A name as the script writes it, and what it is.

    `needs` are the names of the application that a function or class uses itself; `text` is what a copy begins with: a
    function's arguments, a literal as Python, the name of a model's table; of a column type SQLAlchemy's own, without
    brackets where it is made with what the script gives. `by_server` says of a type that it chooses one by the server.
    """

    name: str
    what: Defined
    needs: tuple[str, ...] = ()
    text: str = ""
    by_server: bool = False


@dataclass(frozen=True, slots=True)
class Behind:
    """An import of the application in a helper module that lies beside the migrations."""

    helper: str
    line: int
    module: str
